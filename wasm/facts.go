//go:build js

package main

import (
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
)

// A fact is something that the page tells of and that can change by itself. Each
// setting is one.
type fact = core.Param

// The facts that are not settings.
const (
	theData     fact = core.ParamCount + iota // prompts and replies, votes and thumbs
	theRun                                    // another run has begun
	theName                                   // which preset or file the data is of, or that it is the user's own
	theStart                                  // whether the run starts elsewhere than at the reference
	thePair                                   // the pair being worked
	theOpen                                   // which panels are open
	theCompared                               // which runs are compared
	factCount
)

// A moment is what the facts are taken from.
type moment struct {
	experiment core.Experiment
	lab        *core.Lab
	data       *data.Dataset
	problem    *data.Problem
	run        *train.Run
}

// take takes a lab's moment and tells which facts are others than before.
func (m *moment) take(l *core.Lab) (changed [factCount]bool) {
	old := *m
	*m = moment{l.Experiment, l, l.Data, l.Problem, l.Run}
	e, was, other := &m.experiment, &old.experiment, m.lab != old.lab
	for p := range core.ParamCount {
		changed[p] = e.Settings[p] != was.Settings[p]
	}
	changed[theData] = m.data != old.data || m.problem != old.problem
	changed[theRun] = m.run != old.run
	changed[theName] = e.Preset != was.Preset || e.File != was.File || (e.Prompts == nil) != (was.Prompts == nil)
	changed[theStart] = (e.Start == nil) != (was.Start == nil)
	changed[thePair] = e.View.Pair != was.View.Pair
	changed[theOpen] = !slices.Equal(e.View.Open, was.View.Open)
	changed[theCompared] = !slices.Equal(e.Versus, was.Versus)
	for f := range changed {
		changed[f] = changed[f] || other
	}
	return changed
}
