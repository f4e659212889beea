package core

// A Stepper trains a policy step by step. What a step does is a pure function
// of the state and of the step's number, so a run can keep states and come back
// to any step. RLHF and OnlineDPO are steppers.
type Stepper interface {
	// Advance takes n steps.
	Advance(n int)
	// StepCount returns the number of steps taken.
	StepCount() int
	// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
	// from the arm with the given index on.
	AddLogRatios(dst []float64, from int)
	// LogRatio returns d of one arm.
	LogRatio(arm int) float64
	// Cost returns what the training has taken so far.
	Cost() Cost
	// Save appends the state to dst, always as many numbers; Restore sets the
	// state to one that Save gave, of a stepper made in the same way.
	Save(dst []float64) []float64
	Restore(src []float64)

	beta() float64
}
