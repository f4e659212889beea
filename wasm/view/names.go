//go:build js

package view

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// RunName says which run a lab's is: what it learns by, and its β.
func RunName(l *core.Lab, words scenes.Words) string {
	return words.Say("versus.run", "method", methodName(l, words), "beta", scenes.Decimal(l.Beta()))
}

func methodName(l *core.Lab, words scenes.Words) string {
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
func laneTitle(l *core.Lab, words scenes.Words) string {
	key := "versus.lane.unknown"
	switch scenes.ReachedBy(l) {
	case scenes.Reachable:
		key = "versus.lane"
	case scenes.NeverReached:
		key = "versus.lane.never"
	}
	return words.Say(key, "run", RunName(l, words), "kl", scenes.Fixed(l.Now(), 3), "optimum", scenes.Fixed(l.Optimum.KL, 3))
}

// WorkedPair returns the pair being worked: the user's, or else the one with the
// clearest votes.
func WorkedPair(l *core.Lab) [2]int {
	if v := l.Experiment.View.Pair; v[0] != v[1] && max(v[0], v[1]) < l.Arms() {
		return v
	}
	from, _ := l.Problem.Range(l.Prompt())
	best, pair := -1.0, [2]int{0, min(1, l.Arms()-1)}
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		if d := math.Abs(t.ForA - t.ForB); d > best {
			best, pair = d, [2]int{t.A - from, t.B - from}
			if t.ForB > t.ForA {
				pair[0], pair[1] = pair[1], pair[0]
			}
		}
	}
	return pair
}

// mostListed is how many replies a list of the page offers.
const mostListed = 200

// Quoted writes replies for a list of the page, as many as it offers.
func Quoted(replies []core.Reply) []string {
	texts := make([]string, min(len(replies), mostListed))
	for i := range texts {
		texts[i] = scenes.Quoted(scenes.Told(replies, i))
	}
	return texts
}
