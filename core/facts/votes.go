package facts

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
)

// Parts returns into how many groups the comparisons split the shown prompt's
// replies: two replies are in one group if a chain of compared pairs joins them.
func Parts(l *core.Lab) int {
	return scores.Connect(l.Arms(), compared(l), new(scores.Pace)).Count
}

// compared lists the shown prompt's compared pairs, and the preferences each way.
func compared(l *core.Lab) (pairs []scores.Spring) {
	from, _ := l.Problem.Range(l.Prompt())
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		pairs = append(pairs, scores.Spring{A: t.A - from, B: t.B - from, Up: t.ForA, Down: t.ForB})
	}
	return pairs
}

// Disagree tells that on some compared pair, of any prompt, there are preferences
// both ways.
func Disagree(p *data.Problem) bool {
	return slices.ContainsFunc(p.Tallies, func(t data.Tally) bool { return t.ForA > 0 && t.ForB > 0 })
}

// OneSided returns the pair with the most preferences of those that leave a
// logistic loss of margins without a finite optimum: all preferences choose the
// first reply, and no chain of preferences leads from the second back to it. ok
// is false where there is none.
func OneSided(l *core.Lab) (chosen, rejected int, ok bool) {
	pairs := compared(l)
	strong := scores.StrongSets(l.Arms(), pairs, new(scores.Pace))
	most := 0.0
	for _, p := range pairs {
		a, b, n := p.A, p.B, p.Up
		if p.Up == 0 {
			a, b, n = b, a, p.Down
		}
		if n > most && strong.Of[a] != strong.Of[b] {
			chosen, rejected, ok, most = a, b, true, n
		}
	}
	return chosen, rejected, ok
}

// EndsInLimit tells why a loss has no finite optimum, where that is known: it is
// logistic in margins and only pairs of votes pull, so that a finite optimum
// exists if and only if preferences lead both ways within each group of compared
// replies. The loss must count each vote for its own side alone (no smoothing).
func EndsInLimit(l *core.Lab) bool {
	t := l.Run.Trainer
	return l.Heard() && t.Linear == nil && t.Loss().Margin.Logistic && t.Loss().Margin.Other == 0 &&
		t.Loss().Objective.Sorted == objective.Unsorted && Finite(l) == No
}

// Leading returns the reply with the highest probability at the optimum or limit,
// and that probability. ok is false where neither is computed.
func Leading(l *core.Lab) (reply int, share float64, ok bool) {
	if !l.HasOptimum() {
		return 0, 0, false
	}
	for k, lp := range l.Optimum.LogPi {
		if p := num.Exp(lp); p > share {
			reply, share = k, p
		}
	}
	return reply, share, true
}

// Agreement returns the share of the preferences that are there, on all prompts,
// which choose the reply of the higher true reward. It is NaN where there are no
// preferences or a compared reply has no reward.
func Agreement(p *data.Problem) float64 {
	right, all := 0.0, 0.0
	for i := range p.Prompts {
		from, _ := p.Range(i)
		for _, t := range p.TalliesOf(i) {
			a, b := p.Prompts[i].Replies[t.A-from].Reward, p.Prompts[i].Replies[t.B-from].Reward
			all += t.ForA + t.ForB
			switch {
			case a > b:
				right += t.ForA
			case a < b:
				right += t.ForB
			case math.IsNaN(a) || math.IsNaN(b):
				return math.NaN()
			}
		}
	}
	return right / all
}
