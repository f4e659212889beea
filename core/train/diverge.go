package train

import "math"

// farthest is how far a log-ratio d = z − log π_ref may go, in nats. A run that
// goes beyond has diverged: it stands still from there on, so that what is read
// off it are numbers. No run comes near that settles, or drifts off at a learning
// rate of use.
const farthest = 1e9

// Diverged tells whether the run has gone so far that it was stopped.
func (t *Trainer) Diverged() bool { return t.halted }

// IsFar tells whether some log-ratio has gone too far, or is not a number.
func IsFar(d []float64) bool {
	for _, x := range d {
		if !(x < farthest && x > -farthest) {
			return true
		}
	}
	return false
}

// reach is where what has gone too far is brought back to: still too far, for all
// rounding.
const reach = 2 * farthest

// Rein brings back what is beyond reach. What is not a number counts as far below.
func Rein(x []float64) {
	for i, v := range x {
		switch {
		case v > reach:
			x[i] = reach
		case !(v >= -reach):
			x[i] = -reach
		}
	}
}

// watchEvery is how many steps of a loss whose slope is bounded pass between two
// looks at how far it has gone: it cannot go far in so few.
const watchEvery = 64

// stopDiverged stops the trainer where its log-ratios have gone too far.
func (t *Trainer) stopDiverged() {
	if t.Way == ByLogistic && t.Step%watchEvery != 0 {
		return
	}
	if t.halted = IsFar(t.d); !t.halted {
		return
	}
	Rein(t.Params)
	if t.Linear != nil {
		t.Linear.ToLogits(t)
		Shrink(t.Params, t.d)
		t.Linear.ToLogits(t)
	}
}

// Shrink scales weights so that the log-ratios that they make are within reach.
func Shrink(weights, d []float64) {
	most := 0.0
	for _, x := range d {
		most = math.Max(most, math.Abs(x))
	}
	if most > reach {
		for j := range weights {
			weights[j] *= reach / most
		}
	}
}
