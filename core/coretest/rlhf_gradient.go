package coretest

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/rlhf"
	"dpoplayground/internal/oracle"
)

// atLogits returns RLHF of a given reward at a policy. Logits need not be
// normalised.
func AtLogits(logits, refLogits, rewards []float64, beta float64, leash rlhf.Leash) *rlhf.RLHF {
	p := datatest.Bandit(oracle.Exps(oracle.LogNormalised(refLogits)))
	r := rlhf.New(p, nil, rlhf.Config{Beta: beta, Leash: leash, Rule: SgdRule(1), Custom: rewards}, data.Annotators{})
	d := make([]float64, len(logits))
	for k := range d {
		d[k] = logits[k] - p.LogRef[k]
	}
	StandAt(r, d)
	return r
}

// slopes returns a copy of the exact gradient of RLHF's objective in the logits.
func Slopes(r *rlhf.RLHF) []float64 {
	r.ExactGradient()
	return append([]float64(nil), r.Grad...)
}

// plainGradient returns the gradients of E_π[r], KL(π‖π_ref) and KL(π_ref‖π) in
// the logits, as the books write them.
func PlainGradient(logits, refLogits, rewards []float64) (ofReward, ofKL, ofForward []float64) {
	logPi, logRef := oracle.LogNormalised(logits), oracle.LogNormalised(refLogits)
	expected, kl := 0.0, 0.0
	for k, lp := range logPi {
		expected += math.Exp(lp) * rewards[k]
		kl += math.Exp(lp) * (lp - logRef[k])
	}
	for k, lp := range logPi {
		ofReward = append(ofReward, math.Exp(lp)*(rewards[k]-expected))
		ofKL = append(ofKL, math.Exp(lp)*(lp-logRef[k]-kl))
		ofForward = append(ofForward, math.Exp(lp)-math.Exp(logRef[k]))
	}
	return ofReward, ofKL, ofForward
}
