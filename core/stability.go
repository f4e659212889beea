package core

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// LargestStableRate returns the learning rate beyond which full-batch SGD
// cannot settle at the shown prompt's optimum but swings around it: 2/λ, where
// λ is the largest curvature of the loss there,
//
//	H = (β²/N) Σ n σ(u)σ(−u) (e_a − e_b)(e_a − e_b)ᵀ
//
// For one balanced pair that is 4/β². The curvature of IPO is everywhere
//
//	H = (2/N) Σ n (e_a − e_b)(e_a − e_b)ᵀ
//
// which makes ½ for one pair, and beyond it the run does not swing but diverges.
// The rate is +Inf where the optimum is not finite, for there the curvature fades,
// and where it is not known. λ is found by power iteration from a fixed start, to
// three digits: gonum's eigendecomposition would want H as a matrix, for as many replies
// as there are.
func (l *Lab) LargestStableRate() float64 {
	if !l.quadratic() && (l.Scores == nil || !l.Scores.Finite) {
		return math.Inf(1)
	}
	if s := &l.stable; s.rate == 0 || s.quadratic != l.quadratic() || s.problem != l.Problem || s.prompt != l.Prompt() || s.scores != l.Scores || s.beta != l.Beta() {
		*s = stability{l.quadratic(), l.Problem, l.Prompt(), l.Scores, l.Beta(), l.largestStableRate()}
	}
	return l.stable.rate
}

// Overshoots tells that the run is one of SGD at a rate at which it cannot settle.
func (l *Lab) Overshoots() bool {
	s := &l.Experiment.Settings
	return s[Optimizer] == train.SGD && s.EffectiveRate(l.Beta()) > l.LargestStableRate()
}

// quadratic tells that the loss is IPO's in the logits of a table.
func (l *Lab) quadratic() bool {
	s := &l.Experiment.Settings
	return s.Objective().Key == "ipo" && s[PolicyChoice] == train.TabularPolicy && s[RefEvery] == 0 && s[How] == LearnDirectly
}

// stability keeps the answer for as long as it holds.
type stability struct {
	quadratic bool
	problem   *data.Problem
	prompt    int
	scores    *scores.Scores
	beta      float64
	rate      float64
}

func (l *Lab) largestStableRate() float64 {
	springs := l.springs()
	x, y := make([]float64, l.Arms()), make([]float64, l.Arms())
	for k := range x {
		x[k] = math.Sin(float64(k + 1)) // no eigenvector of a graph looks like this
	}
	lambda := 0.0
	for i := 0; i < 60; i++ {
		lambda = stretch(y, x, springs)
		if lambda == 0 {
			return math.Inf(1)
		}
		for k := range x {
			x[k] = y[k] / lambda
		}
	}
	return 2 / lambda
}

type springAt struct {
	a, b int
	k    float64
}

// springs returns the curvature of the loss along each compared pair, at the
// optimum.
func (l *Lab) springs() []springAt {
	from, _ := l.Problem.Range(l.Prompt())
	beta := l.Beta()
	var out []springAt
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		if l.quadratic() {
			out = append(out, springAt{t.A - from, t.B - from, 2 * (t.ForA + t.ForB) / l.Problem.Total})
			continue
		}
		s := num.Sigmoid(l.Scores.Score[t.A-from] - l.Scores.Score[t.B-from])
		n := (t.ForA + t.ForB) / l.Problem.Total
		out = append(out, springAt{t.A - from, t.B - from, beta * beta * n * s * (1 - s)})
	}
	return out
}

// stretch sets y = Hx and returns |y|₂/|x|₂.
func stretch(y, x []float64, springs []springAt) float64 {
	for k := range y {
		y[k] = 0
	}
	for _, s := range springs {
		f := s.k * (x[s.a] - x[s.b])
		y[s.a] += f
		y[s.b] -= f
	}
	nx, ny := 0.0, 0.0
	for k := range y {
		nx += x[k] * x[k]
		ny += y[k] * y[k]
	}
	return math.Sqrt(ny / nx)
}
