package coretest

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// What the tests have in one go, where the program works in slices.

// FitScores fits scores; see NewFit.
func FitScores(k int, votes []data.Pair, eps float64) *scores.Scores {
	f := scores.NewFit(k, votes, eps)
	for !f.Work(math.MaxInt) {
	}
	return f.Scores()
}

// FindDestination works a destination out; see NewHeading.
func FindDestination(c optimum.Course) *optimum.Destination {
	h := optimum.NewHeading(c)
	for !h.Work(math.MaxInt) {
	}
	return h.Destination()
}

// AddGradient adds the full-batch gradient of the loss with respect to the logits
// to dst, one entry an arm.
func AddGradient(t *train.Trainer, dst []float64) {
	t.Descend(t.Duels, t.ThumbMarks...)
	for i, k := range t.Arms {
		dst[k] -= t.G[i]
		t.G[i] = 0
	}
}

// AddWeightGradient adds the full-batch gradient of the loss with respect to the
// weights of a linear policy to dst, one entry a weight.
func AddWeightGradient(t *train.Trainer, dst []float64) {
	t.Descend(t.Duels, t.ThumbMarks...)
	t.Linear.ToWeights(t)
	for j, g := range t.Linear.Grad {
		dst[j] -= g
		t.Linear.Grad[j] = 0
	}
}

// StandAt puts RLHF's policy, which is a table, at log-ratios to the reference.
func StandAt(r *rlhf.RLHF, logRatio []float64) {
	state := r.Save(nil)
	copy(state[1:], logRatio) // the step comes first
	r.Restore(state)
}
