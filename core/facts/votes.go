package facts

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
)

// Parts returns into how many groups the comparisons split the shown prompt's
// replies: two replies are in one group if a chain of compared pairs joins them.
func Parts(l *core.Lab) int {
	from, to := l.Problem.Range(l.Prompt())
	root := make([]int, to-from)
	for k := range root {
		root[k] = k
	}
	lead := func(k int) int {
		for root[k] != k {
			root[k] = root[root[k]]
			k = root[k]
		}
		return k
	}
	parts := to - from
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		if a, b := lead(t.A-from), lead(t.B-from); a != b {
			root[a] = b
			parts--
		}
	}
	return parts
}

// Connected tells that a chain of compared pairs joins all replies.
func Connected(l *core.Lab) bool { return Parts(l) == 1 }

// EveryReplyCompared tells that each reply stands in a compared pair.
func EveryReplyCompared(l *core.Lab) bool {
	from, to := l.Problem.Range(l.Prompt())
	seen, n := make([]bool, to-from), 0
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		for _, k := range [2]int{t.A - from, t.B - from} {
			if !seen[k] {
				seen[k], n = true, n+1
			}
		}
	}
	return n == to-from
}

// Unanimous tells that on each compared pair of the shown prompt all preferences
// choose the same reply. It is false where nothing is compared.
func Unanimous(l *core.Lab) bool {
	tallies := l.Problem.TalliesOf(l.Prompt())
	for i := range tallies {
		if tallies[i].ForA > 0 && tallies[i].ForB > 0 {
			return false
		}
	}
	return len(tallies) > 0
}

// Disagree tells that on some compared pair, of any prompt, there are preferences
// both ways.
func Disagree(p *data.Problem) bool {
	return slices.ContainsFunc(p.Tallies, func(t data.Tally) bool { return t.ForA > 0 && t.ForB > 0 })
}

// Unbeaten lists the replies that are never rejected, and are compared.
func Unbeaten(l *core.Lab) (replies []int) {
	from, to := l.Problem.Range(l.Prompt())
	won, lost := make([]bool, to-from), make([]bool, to-from)
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		won[t.A-from] = won[t.A-from] || t.ForA > 0
		won[t.B-from] = won[t.B-from] || t.ForB > 0
		lost[t.A-from] = lost[t.A-from] || t.ForB > 0
		lost[t.B-from] = lost[t.B-from] || t.ForA > 0
	}
	for k := range won {
		if won[k] && !lost[k] {
			replies = append(replies, k)
		}
	}
	return replies
}

// OneSided returns the pair with the most preferences of those that leave a
// logistic loss of margins without a finite optimum: all preferences choose the
// first reply, and no chain of preferences leads from the second back to it. ok
// is false where there is none.
func OneSided(l *core.Lab) (chosen, rejected int, ok bool) {
	from, to := l.Problem.Range(l.Prompt())
	g := newPreferred(to-from, l.Problem.TalliesOf(l.Prompt()), from)
	most := 0.0
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		a, b, n := t.A-from, t.B-from, t.ForA
		if t.ForA == 0 {
			a, b, n = b, a, t.ForB
		}
		if n > most && t.ForA*t.ForB == 0 && !g.leads(b, a) {
			chosen, rejected, ok, most = a, b, true, n
		}
	}
	return chosen, rejected, ok
}

// preferred is the graph "was preferred to".
type preferred [][]int

func newPreferred(k int, tallies []data.Tally, from int) preferred {
	g := make(preferred, k)
	for _, t := range tallies {
		if t.ForA > 0 {
			g[t.A-from] = append(g[t.A-from], t.B-from)
		}
		if t.ForB > 0 {
			g[t.B-from] = append(g[t.B-from], t.A-from)
		}
	}
	return g
}

// leads tells whether a chain of preferences leads from one reply to another.
func (g preferred) leads(from, to int) bool {
	seen, open := make([]bool, len(g)), []int{from}
	for len(open) > 0 {
		k := open[len(open)-1]
		open = open[:len(open)-1]
		if k == to {
			return true
		}
		if !seen[k] {
			seen[k] = true
			open = append(open, g[k]...)
		}
	}
	return false
}

// EndsInLimit tells why a loss has no finite optimum, where that is known: it is
// logistic in margins and only pairs of votes pull, so that a finite optimum
// exists if and only if preferences lead both ways within each group of compared
// replies. The loss must count each vote for its own side alone (no smoothing).
func EndsInLimit(l *core.Lab) bool {
	t := l.Run.Trainer
	return l.Heard() && t.Linear == nil && t.Loss().Margin.Logistic && t.Loss().Margin.Other == 0 && Finite(l) == No
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
