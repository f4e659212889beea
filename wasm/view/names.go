//go:build js

package view

import (
	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// RunName says which run a lab's is: what it learns by, and its β.
func RunName(l *core.Lab, w words.Words) string {
	return w.Say("versus.run", "method", methodName(l, w), "beta", words.Decimal(l.Beta()))
}

func methodName(l *core.Lab, words words.Words) string {
	switch s := &l.Experiment.Settings; s[core.How] {
	case core.LearnByRLHF:
		return words.Say("versus.rlhf")
	case core.LearnOnline:
		return words.Say("versus.online")
	default:
		return words.Say("objective." + s.Objective().Key)
	}
}

// laneTitle says which run it is, how far it has strayed and where it is headed.
func laneTitle(l *core.Lab, w words.Words) string {
	key := "versus.lane.unknown"
	switch reached := read.ReachedBy(l); {
	case l.KLVeiled():
	case reached == picture.Reachable:
		key = "versus.lane"
	case reached == picture.NeverReached:
		key = "versus.lane.never"
	}
	return w.Say(key, "run", RunName(l, w), "kl", words.Fixed(l.Now(), 3), "optimum", words.Fixed(l.Optimum.KL, 3))
}

// mostListed is how many replies a list of the page offers.
const mostListed = 200

// Quoted writes replies for a list of the page, as many as it offers.
func Quoted(replies []data.Reply) []string {
	texts := make([]string, min(len(replies), mostListed))
	for i := range texts {
		texts[i] = read.Quoted(read.Told(replies, i))
	}
	return texts
}
