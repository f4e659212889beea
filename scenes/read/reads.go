// Package read turns a lab into what several views show and say alike: which replies,
// which pair, what the objective reads, what the last step did and where the run is
// headed. It may import core, core/facts and scenes/words.
package read

import (
	"dpoplayground/core"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/words"
)

// Reads says what an objective reads of the votes and thumbs that there are, and
// which z₀ it counts from; "" where that goes without saying.
func Reads(l *core.Lab, w words.Words) string {
	s, p := &l.Experiment.Settings, l.Problem
	o := s.Objective()
	up, down := o.Worth()
	key := ""
	switch votes, thumbs := p.Total > 0, len(p.Thumbs) > 0; {
	case s[core.How] != core.LearnDirectly || up == 0 && !thumbs:
		return ""
	case up == 0:
		key = "reads.pairs"
	case votes && thumbs:
		key = "reads.both"
	case thumbs:
		key = "reads.thumbs"
	case down > 0:
		key = "reads.votes"
	default:
		key = "reads.chosen"
	}
	if up > 0 && down == 0 {
		switch key {
		case "reads.both":
			key = "reads.both.ups"
		case "reads.thumbs":
			key = "reads.ups"
		}
	}
	text := w.Say(key, "votes", words.Count(p.Total), "up", words.Count(p.Ups), "down", words.Count(p.Downs))
	if !o.Baseline {
		return text
	}
	if s[core.Baseline] == core.BaselineKL {
		return text + " " + w.Say("reads.z0.kl")
	}
	return text + " " + w.Say("reads.z0.batch")
}

// NameObjectives lets an objective that the catalogue has no words for go by its
// key, and its paper stand for the sentence.
func NameObjectives(w words.Words) {
	for _, o := range objective.All() {
		key := "objective." + o.Key
		if w[key] == "" {
			w[key] = o.Key
		}
		if w[key+".note"] == "" {
			w[key+".note"] = o.Paper
		}
	}
}
