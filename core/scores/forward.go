package scores

import (
	"math"

	"dpoplayground/core/num"
)

// SetForward computes the optimum under the forward divergence,
//
//	max_π E_π[s] − β KL(π_ref‖π),   π_k = β π_ref,k/(λ − s_k),
//
// where λ > max s is such that Σ π = 1. That is where a policy is headed whose
// leash is the k₃ estimate used as a loss, or the log-loss of the reference's
// replies. It falls off like 1/s and not exponentially: every reply keeps mass,
// and the best cannot win more than its share for long. LogZ is not set. Scores
// must be finite.
func (t *Tilt) SetForward(logRef, scores []float64, beta float64) {
	t.LogPi = append(t.LogPi[:0], logRef...)
	top := math.Inf(-1)
	for _, s := range scores {
		top = math.Max(top, s)
	}
	// With λ = max s + βx: Σ π_ref/(x + (max s − s)/β) = 1. The sum falls and is
	// convex, at least 1 at x = Σ π_ref of the best replies and at most 1 at 1, so
	// Newton's steps from the left stay on the left.
	x := 0.0
	for k, s := range scores {
		if s == top {
			x += num.Exp(logRef[k])
		}
	}
	for range 100 {
		sum, slope := -1.0, 0.0
		for k, s := range scores {
			q := x + (top-s)/beta
			pi := num.Exp(logRef[k]) / q
			sum += pi
			slope -= pi / q
		}
		step := sum / slope
		if x -= step; math.Abs(step) <= 1e-16*x {
			break
		}
	}
	for k, s := range scores {
		t.LogPi[k] -= num.Log(x + (top-s)/beta)
	}
	t.LogZ = math.NaN()
	t.moments(logRef, scores)
}

// moments sets KL, Expected and Variance from LogPi.
func (t *Tilt) moments(logRef, scores []float64) {
	t.KL = num.KL(t.LogPi, logRef)
	t.Expected = num.Expect(t.LogPi, scores)
	t.Variance = 0
	for k, lp := range t.LogPi {
		dev := scores[k] - t.Expected
		t.Variance += float64(float64(num.Exp(lp)*dev) * dev)
	}
}
