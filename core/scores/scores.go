package scores

import (
	"fmt"
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
)

// Scores says where full-batch gradient descent on the DPO loss of one prompt
// is headed, for every β and every reference at once:
//
//	π∞(k) ∝ π_ref(k)·exp(Score[k]/β)
//
// (Tilt works it out). The votes alone fix the scores, because y = β(z − log π_ref) follows
//
//	dy/dt ∝ Σ n(w,l)·σ(−(y_w − y_l))·(e_w − e_l),   y(0) = 0,
//
// in which neither β nor the reference appears: they only set the clock.
type Scores struct {
	// Score has one entry for each reply, in nats of preference. It is −Inf for
	// a reply whose probability tends to 0 and NaN for a survivor whose share
	// was not computed. If Finite, it is the Bradley–Terry maximum-likelihood
	// fit and sums to 0 over each component; otherwise its maximum is 0.
	Score []float64
	// Finite tells that the loss has a minimum at finite logits: in every
	// component any reply can be reached from any other along
	// "was preferred to". If it is false the limit is never reached.
	Finite bool
	// Unique tells that one component holds every reply. Otherwise the optimum
	// is a family, and this is the member that gradient descent picks from the
	// reference (it keeps the sum of the logits in each component).
	Unique bool
	// Computed is false where the limit was too costly to compute. RunsAway
	// then names only what is certain: the replies beaten without revenge.
	Computed bool
	// Component numbers, for each reply, the set of replies it is tied to by
	// comparisons, from 0 in order of first appearance. A reply never compared
	// is a component of its own.
	Component []int
	// Converges tells for each component whether it has a finite optimum.
	Converges []bool
	// Survivors are the replies that keep probability, RunsAway those that
	// lose all of it; both in ascending order.
	Survivors, RunsAway []int
}

// WorkBudget is a budget for one call of Fit.Work that keeps the call to one or
// two milliseconds in a browser. The unit is roughly one look at one
// comparison.
const WorkBudget = 200_000

// A Fit computes Scores a slice at a time, so that a page can stay responsive:
//
//	f := NewFit(k, votes, eps)
//	for !f.Work(WorkBudget) { /* let the page breathe */ }
//	s := f.Scores()
//
// The result does not depend on how the work was sliced. A Fit may be used
// again with Reset; one that is dropped unfinished must be stopped with Stop.
type Fit struct {
	// OneOfMany tells that many questions are fitted in a row, so that their graphs had
	// better be searched over arrays than by gonum.
	OneOfMany bool

	k     int
	votes []data.Pair
	eps   float64

	task   Task
	pace   *Pace // which solveLarge spends
	scores Scores
}

// NewFit prepares a fit of the votes on one prompt with k replies. Each vote
// counts 1−eps times in its own direction and eps times in the other (label
// smoothing). The Prompt field of the votes is not read, and the votes must
// not change until the fit is done. NewFit panics unless k ≥ 1,
// 0 ≤ eps ≤ 1/2, the replies are two different ones of the k, and every count
// is finite and not negative.
func NewFit(k int, votes []data.Pair, eps float64) *Fit {
	f := new(Fit)
	f.Reset(k, votes, eps)
	return f
}

// Reset prepares f for other votes, as NewFit does, reusing its memory. Scores
// got from f before change with it.
func (f *Fit) Reset(k int, votes []data.Pair, eps float64) {
	f.Stop()
	if k < 1 {
		panic(fmt.Sprintf("core: a prompt needs at least one reply, not %d", k))
	}
	if !(eps >= 0 && eps <= 0.5) {
		panic(fmt.Sprintf("core: label smoothing must lie between 0 and 0.5, not %v", eps))
	}
	for i := range votes {
		data.CheckVote(k, &votes[i])
	}
	f.k, f.votes, f.eps, f.task = k, votes, eps, Task{}
	f.pace = &f.task.Pace
}

// Work advances the fit by about ops units (see WorkBudget) and reports
// whether it is done.
func (f *Fit) Work(ops int) bool {
	if f.k <= 2 {
		f.solveSmall()
		return true
	}
	return f.task.Advance(ops, f.solve)
}

// Stop abandons an unfinished fit and frees what it holds.
func (f *Fit) Stop() { f.task.Stop() }

// Scores returns the result. It panics before Work has reported that the fit
// is done.
func (f *Fit) Scores() *Scores {
	if !f.task.Done {
		panic("core: Scores was asked of a fit that is not done")
	}
	return &f.scores
}

// FitWithin returns what a Fit comes to, as part of other work that is done at a pace.
func FitWithin(p *Pace, k int, votes []data.Pair, eps float64) *Scores {
	f := NewFit(k, votes, eps)
	f.pace = p
	f.solve()
	return &f.scores
}

func (f *Fit) solve() {
	if f.k <= 2 {
		f.solveSmall()
		return
	}
	f.solveLarge()
	f.scores.list()
}

// solveSmall is the closed form for one or two replies: ŝ = ±½ log(n01/n10).
func (f *Fit) solveSmall() {
	var n [2]float64 // n[w]: votes for w
	for i := range f.votes {
		v := &f.votes[i]
		n[v.Chosen] += (1 - f.eps) * v.Count
		n[v.Rejected] += f.eps * v.Count
	}
	s := &f.scores
	s.reset(f.k)
	compared := n[0] > 0 || n[1] > 0
	s.Finite = !compared || (n[0] > 0 && n[1] > 0)
	s.Unique = f.k == 1 || compared
	s.Converges = append(s.Converges, s.Finite)
	switch {
	case f.k == 1:
	case !compared:
		s.Component[1] = 1
		s.Converges = append(s.Converges, true)
	case !s.Finite:
		loser := 0
		if n[1] == 0 {
			loser = 1
		}
		s.Score[loser] = math.Inf(-1)
	default:
		s.Score[0] = (num.Log(n[0]) - num.Log(n[1])) / 2
		s.Score[1] = -s.Score[0]
	}
	s.list()
	f.task.Done = true
}

// solveLarge fits three replies or more: each strongly connected set of
// replies settles on its own Bradley–Terry fit; if some set only ever wins
// against, or loses to, another, those offsets are the start of the limit.
func (f *Fit) solveLarge() {
	p, s := f.pace, &f.scores
	pairs := Aggregate(f.k, f.votes, f.eps, p)
	connect, strongly := Connect, StrongSets
	if f.OneOfMany {
		connect, strongly = connectLinearly, strongSetsLinearly
	}
	components, strong := connect(f.k, pairs, p), strongly(f.k, pairs, p)
	s.reset(f.k)
	copy(s.Component, components.Of)
	s.Unique = components.Count == 1
	s.Converges = converging(components, strong, s.Converges)
	s.Finite = strong.Count == components.Count
	ok := Settle(s.Score, nil, strong, pairs, voteLaw{}, p)
	if s.Finite && ok {
		return
	}
	limit := limit{k: f.k, pairs: pairs, components: components, strong: strong, pace: p}
	if !ok {
		limit.giveUp(s.Score)
		s.Computed = false
		return
	}
	s.Computed = limit.solve(s.Score)
}

// converging tells which components are strongly connected.
func converging(components, strong sets, dst []bool) []bool {
	first := make([]int, components.Count)
	for c := range first {
		first[c] = -1
		dst = append(dst, true)
	}
	for k, c := range components.Of {
		if first[c] < 0 {
			first[c] = strong.Of[k]
		}
		dst[c] = dst[c] && first[c] == strong.Of[k]
	}
	return dst
}

// reset empties s for k replies, with all scores and components 0.
func (s *Scores) reset(k int) {
	s.Score = append(s.Score[:0], make([]float64, k)...)
	s.Component = append(s.Component[:0], make([]int, k)...)
	s.Converges = s.Converges[:0]
	s.Survivors, s.RunsAway = s.Survivors[:0], s.RunsAway[:0]
	s.Computed = true
}

// list names the survivors and those that run away.
func (s *Scores) list() {
	for k, score := range s.Score {
		if math.IsInf(score, -1) {
			s.RunsAway = append(s.RunsAway, k)
		} else {
			s.Survivors = append(s.Survivors, k)
		}
	}
}
