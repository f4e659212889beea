// Package facts states what holds of a run at the step it stands at. Sentences are
// chosen by facts and by nothing else. A fact is computed, proved or measured on
// the run's last steps; what is not established is Unknown, and nothing is said.
package facts

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// An Answer to a question about a run.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// answer turns a truth into an answer.
func answer(is bool) Answer {
	if is {
		return Yes
	}
	return No
}

const (
	// least is the fewest steps that something is measured over.
	least = 8
	// visible is a change of probability that a student can see: half of the last
	// digit shown, .1 %.
	visible = 0.0005
	// same is the relative size of a rounding error that is no change.
	same = 1e-6
)

// Diverged tells that the logits passed all bounds and the run was stopped.
func Diverged(l *core.Lab) bool { return l.Run.Diverged() }

// Finite tells whether the loss has an optimum at finite logits. It is Unknown
// where no optimum was computed, and where that is hidden.
func Finite(l *core.Lab) Answer {
	switch d := l.Destination; {
	case l.WorkingOut(), l.Veiled():
		return Unknown
	case l.HasOptimum():
		return answer(l.CanArrive())
	case l.Scores != nil, d != nil && d.Kind == optimum.KindEndless:
		return No // and the limit was too much to compute
	}
	return Unknown
}

// Converged tells whether the policy shows the digits of the optimum: KL to .001
// nats, and each probability to .1 % and to 1 %, at the present step and at the 8
// steps before it (fewer near the start). Rounding alone decides.
func Converged(l *core.Lab) Answer {
	if !l.Settled() || Finite(l) != Yes {
		return Unknown
	}
	pi := make([]float64, l.Arms())
	for back := 0; back <= min(least, l.Recent()); back++ {
		num.LogSoftmax(pi, l.LogitsBefore(back))
		if !sameDigits(pi, l.Optimum.LogPi) || rounded(num.KL(pi, l.Reference()), 1000) != rounded(l.Optimum.KL, 1000) {
			return No
		}
	}
	return Yes
}

func sameDigits(logPi, other []float64) bool {
	for k := range logPi {
		p, q := num.Exp(logPi[k]), num.Exp(other[k])
		if rounded(p, 1000) != rounded(q, 1000) || rounded(p, 100) != rounded(q, 100) {
			return false
		}
	}
	return true
}

func rounded(x, scale float64) float64 { return math.Round(x * scale) }

// Rests tells that the gradient is 0 to within 1e-9 of its scale and the optimum
// is finite: the run stands at an optimum, be it the one shown or another.
func Rests(l *core.Lab) bool { return l.Settled() && Finite(l) == Yes && l.Arrived() }

// Samples tells whether a step depends on anything drawn: a minibatch of votes,
// or replies.
func Samples(l *core.Lab) bool {
	s := &l.Experiment.Settings
	switch s[core.How] {
	case core.LearnDirectly:
		return s[core.Batch] > 0
	case core.LearnByRLHF:
		return s[core.EstimatorChoice] != float64(rlhf.ExactGradient)
	}
	return true
}

// Motion is how the policy moved over the last steps, in total variation
// ½ Σ|Δπ|, which is the probability that changed hands.
type Motion struct {
	Steps int     // how many are measured
	Path  float64 // the sum over the steps
	Net   float64 // from the first to the last
	// early and late are the largest step of the first half and of the second.
	early, late float64
	// turns is how often the reply that moved most changed its direction.
	turns int
	// Closer tells that every step brought the policy closer to the optimum.
	Closer bool
}

// Measured returns the motion over the last steps, at most core.RecentSteps.
func Measured(l *core.Lab) (m Motion) {
	if m.Steps = l.Recent(); m.Steps == 0 {
		return m
	}
	states := make([][]float64, m.Steps+1)
	for i := range states {
		states[i] = make([]float64, l.Arms())
		num.Softmax(states[i], l.LogitsBefore(m.Steps-i))
	}
	for i := 1; i < len(states); i++ {
		step := apart(states[i-1], states[i])
		if m.Path += step; i <= m.Steps/2 {
			m.early = max(m.early, step)
		} else {
			m.late = max(m.late, step)
		}
	}
	m.Net = apart(states[0], states[m.Steps])
	m.turns = turns(states)
	if Finite(l) == Yes {
		m.Closer = closer(states, l.Optimum.LogPi)
	}
	return m
}

// apart returns the total variation between two policies.
func apart(p, q []float64) (sum float64) {
	for k := range p {
		sum += math.Abs(p[k]-q[k]) / 2
	}
	return sum
}

// turns counts how often the reply of the longest path turned back.
func turns(states [][]float64) (n int) {
	longest, reply := -1.0, 0
	for k := range states[0] {
		path := 0.0
		for i := 1; i < len(states); i++ {
			path += math.Abs(states[i][k] - states[i-1][k])
		}
		if path > longest {
			longest, reply = path, k
		}
	}
	for i := 2; i < len(states); i++ {
		if (states[i][reply]-states[i-1][reply])*(states[i-1][reply]-states[i-2][reply]) < 0 {
			n++
		}
	}
	return n
}

func closer(states [][]float64, logPi []float64) bool {
	goal, before := make([]float64, len(logPi)), math.Inf(1)
	for k, lp := range logPi {
		goal[k] = num.Exp(lp)
	}
	for _, p := range states {
		now := apart(p, goal)
		if !(now < before) {
			return false
		}
		before = now
	}
	return true
}

// Oscillates tells whether a run that draws nothing goes to and fro and does not
// settle: over at least 8 steps the reply that moves most turned at every fourth
// step or more often, and the largest step, which can be seen, was no smaller in
// the second half than in the first. Else it is Unknown: it may begin to.
func (m *Motion) Oscillates(l *core.Lab) Answer {
	if Samples(l) || m.Steps < least || m.turns < m.Steps/4 || m.late < visible || m.late < m.early*(1-same) {
		return Unknown
	}
	return Yes
}

// Jitters tells whether a run goes to and fro, evenly or not: over at least 8
// steps the path is at least 4 times the net move, a step moves visibly on the
// average, and the largest step was at least half as large in the second half as
// in the first. Else it is Unknown.
func (m *Motion) Jitters() Answer {
	if m.Steps < least || m.Path < 4*m.Net || m.Path < visible*float64(m.Steps) || m.late < m.early/2 {
		return Unknown
	}
	return Yes
}

// Approaches tells whether every one of the last steps, at least 8 of them, came
// closer to the optimum in total variation, and all of them by something that can
// be seen.
func (m *Motion) Approaches() Answer {
	if m.Steps < least || !m.Closer || m.Net < visible {
		return Unknown
	}
	return Yes
}

// SettlesBelow returns the learning rate below which full-batch SGD on the votes
// is proved to converge to a finite optimum, if there is one, from every start: 2/C,
// where C is a bound on the curvature of a convex loss of margins everywhere. As a
// weighted graph has no eigenvalue above the largest sum of the weights at the two
// ends of an edge (Anderson and Morley 1985),
//
//	C = c·max (n_a + n_b)/N,   c = β²/4·(own + other) for a logistic loss, 2 for IPO
//
// where n_a counts the votes on reply a. It is 0 where nothing is proved.
func SettlesBelow(l *core.Lab) float64 {
	s := &l.Experiment.Settings
	t := l.Run.Trainer
	if s[core.How] != core.LearnDirectly || s[core.Optimizer] != train.SGD || s[core.Batch] > 0 || s[core.RefEvery] > 0 ||
		s[core.PolicyChoice] != train.TabularPolicy || t.Way > train.ByMargin {
		return 0
	}
	gain := t.Beta() / t.Cfg.Beta
	c := 0.0
	switch loss := t.Loss(); {
	case loss.Margin.Logistic:
		c = loss.Margin.Beta * loss.Margin.Beta * (loss.Margin.Own + loss.Margin.Other) / 4
	case loss.Objective.Key == "ipo" || loss.Objective.Key == "ipo_norm":
		c = 2
	}
	if c *= gain * gain * heaviest(l) / l.Problem.Total; !(c > 0) {
		return 0
	}
	return 2 / c
}

// heaviest returns the largest number of votes on the two replies of a pair.
func heaviest(l *core.Lab) (most float64) {
	votes := make([]float64, l.Problem.Arms())
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		votes[t.A] += t.ForA + t.ForB
		votes[t.B] += t.ForA + t.ForB
	}
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		most = max(most, votes[t.A]+votes[t.B])
	}
	return most
}

// Converges tells whether the run is proved to converge to a finite optimum at its
// learning rate; see SettlesBelow. Else it is Unknown.
func Converges(l *core.Lab) Answer {
	if Finite(l) == Yes && l.Experiment.Settings.EffectiveRate(l.Beta()) < SettlesBelow(l) {
		return Yes
	}
	return Unknown
}
