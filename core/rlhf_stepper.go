package core

// A Stepper trains a policy step by step. What a step does is a pure function
// of the state and of the step's number, so a run can keep states and come back
// to any step. Trainer, RLHF and OnlineDPO are steppers.
type Stepper interface {
	// Advance takes n steps.
	Advance(n int)
	// StepCount returns the number of steps taken.
	StepCount() int
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
	// state to one that Save gave, of a stepper made in the same way.
	Save(dst []float64) []float64
	Restore(src []float64)

	beta() float64
}

// atRest is the largest entry of a gradient, as a share of its scale, that counts
// as standing still.
const atRest = 1e-9
