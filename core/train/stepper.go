package train

import (
	"math"

	"dpoplayground/core/scores"
)

// A Stepper trains a policy step by step. What a step does is a pure function
// of the state and of the step's number, so a run can keep states and come back
// to any step. Trainer, RLHF and OnlineDPO are steppers.
type Stepper interface {
	Stepping
	// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
	// from the arm with the given index on.
	AddLogRatios(dst []float64, from int)
	// Weights returns θ − θ₀ of a linear policy, or nil. It is the stepper's own.
	Weights() []float64
	// Cost returns what the training has taken so far.
	Cost() Cost
	// AtRest tells that the gradient of what is trained is 0 to within atRest of
	// the size that it has where there is a push in earnest. It is false where a step
	// depends on samples: such a run does not come to stand still.
	AtRest() bool
	// Diverged tells whether training has gone so far that it was stopped.
	Diverged() bool
	// Save appends the state to dst, always as many numbers; Restore sets the
	// state to one that Save gave, of a stepper made in the same way, and gives up
	// the step that is under way.
	Save(dst []float64) []float64
	Restore(src []float64)
	// Twin returns a stepper made in the same way, which shares nothing that a step
	// changes.
	Twin() Stepper

	Beta() float64
}

// What takes steps can take them bit by bit.
type Stepping interface {
	// Advance takes n steps. One that is under way counts.
	Advance(n int)
	// StepCount returns the number of steps taken.
	StepCount() int
	// StepCost returns what a step may take, in units of WorkBudget.
	StepCost() int
	// Proceed goes on with the step under way, or begins one, for about ops units,
	// and returns what is left of them. StepCount tells when the step is whole.
	Proceed(ops int) (left int)
}

// AdvanceWhole takes n steps.
func AdvanceWhole(s Stepping, n int) {
	for end := s.StepCount() + n; s.StepCount() < end; {
		s.Proceed(math.MaxInt)
	}
}

// AdvanceWithin takes at most n steps, for about ops units of work, and returns
// what is left of them. It may leave a step half way, if steps are long.
func AdvanceWithin(s Stepping, n, ops int) (left int) {
	for end := s.StepCount() + n; s.StepCount() < end && ops > 0; {
		if cost := s.StepCost(); cost < longStep {
			k := min(end-s.StepCount(), max(1, ops/cost))
			s.Advance(k)
			ops -= k * cost
		} else {
			ops = s.Proceed(ops)
		}
	}
	return ops
}

// longStep is what a step must cost to be taken bit by bit: about a fifth of a
// millisecond.
const longStep = scores.WorkBudget / 8

// AtRest is the largest entry of a gradient, as a share of its scale, that counts
// as standing still.
const AtRest = 1e-9
