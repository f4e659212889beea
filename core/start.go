package core

import (
	"math"
	"slices"
	"strconv"

	"dpoplayground/core/data"
	"dpoplayground/core/train"
)

// Where a run starts, if not at the reference.

// MostStart bounds |z − log π_ref| of a reply where a run starts.
const MostStart = 50.0

// CanStartElsewhere says why a run cannot start elsewhere than at the
// reference, or returns nil. A linear policy is counted from the reference in
// weights that all replies share: its start would add a term that no weights
// reach. RLHF and online DPO begin at the reference, before anything is
// generated. replies is the number of replies to the shown prompt.
func (s *Settings) CanStartElsewhere(replies int) *data.Complaint {
	switch {
	case s[How] != LearnDirectly:
		info := &params[How]
		return &data.Complaint{Code: "start.how", Field: "at", Value: info.Choices[int(s[How])], Allowed: info.Choices[LearnDirectly]}
	case s[PolicyChoice] != train.TabularPolicy:
		info := &params[PolicyChoice]
		return &data.Complaint{Code: "start.policy", Field: "at", Value: info.Choices[train.LinearPolicy], Allowed: info.Choices[train.TabularPolicy]}
	case replies > data.MaxLinkReplies:
		return &data.Complaint{Code: "start.many", Field: "at", Value: strconv.Itoa(replies), Allowed: strconv.Itoa(data.MaxLinkReplies)}
	}
	return nil
}

// CheckStart says what is wrong with where the run starts, or returns nil.
func (e *Experiment) CheckStart(replies int) *data.Complaint {
	if e.Start == nil {
		return nil
	}
	if c := e.Settings.CanStartElsewhere(replies); c != nil {
		return c
	}
	if n := len(e.Start); n != replies {
		return &data.Complaint{Code: "start", Field: "at", Value: strconv.Itoa(n), Allowed: strconv.Itoa(replies)}
	}
	for _, d := range e.Start {
		if !(math.Abs(d) <= MostStart) {
			return &data.Complaint{Code: "range", Field: "at", Value: data.FormatNumber(d),
				Min: data.FormatNumber(-MostStart), Max: data.FormatNumber(MostStart)}
		}
	}
	return nil
}

// dropStart takes back a start that was carried along from an experiment that
// shows other replies: it says nothing of these.
func (e *Experiment) dropStart(old *Experiment) {
	carried := len(e.Start) > 0 && len(old.Start) == len(e.Start) && &old.Start[0] == &e.Start[0]
	found := old.AwaitsFile() && !e.AwaitsFile() // the file that the start was named with
	other := old.Preset != e.Preset || !samePrompts(old.Prompts, e.Prompts) || old.Settings[ShownPrompt] != e.Settings[ShownPrompt]
	if carried && other && !found {
		e.Start = nil
	}
}

// StartPlace rounds log-ratios to what a link spells out, and puts them where
// the mean is 0, as a common shift moves nothing. Those beyond the limits are
// brought to them.
func StartPlace(logRatio []float64) []float64 {
	mean := 0.0
	for _, d := range logRatio {
		mean += d / float64(len(logRatio))
	}
	start := make([]float64, len(logRatio))
	for k, d := range logRatio {
		d = math.Round(1000*(d-mean)) / 1000
		start[k] = max(-MostStart, min(MostStart, d)) + 0 // not −0
	}
	return start
}

// start returns the log-ratios that the run starts at, one for each arm of the
// problem, or nil where it starts at the reference.
func (l *Lab) start() []float64 {
	if l.Experiment.Start == nil || l.Experiment.AwaitsFile() {
		return nil
	}
	start := make([]float64, l.Problem.Arms())
	from, _ := l.Problem.Range(l.Prompt())
	copy(start[from:], l.Experiment.Start)
	return start
}

// Config returns what the lab's run is made of, at a given β.
func (l *Lab) Config(beta float64) train.Config {
	c := l.Experiment.Settings.Config(beta)
	c.Start = l.start()
	return c
}

// startDecides tells that where DPO is headed depends, beside the votes, on
// where it started: the logits' sum over each component stays, and so does what
// is left of the start where several replies rise for ever.
func (l *Lab) startDecides() bool {
	s := l.Scores
	return l.start() != nil && s.Computed && !(s.Finite && s.Unique) && !(!s.Finite && len(s.Survivors) == 1)
}

// sameStart tells whether two experiments start in the same place.
func sameStart(a, b *Experiment) bool {
	return (a.Start == nil) == (b.Start == nil) && slices.Equal(a.Start, b.Start)
}
