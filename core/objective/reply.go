package objective

import "dpoplayground/core/num"

// Losses of single replies with a thumb up or down. Data that comes as pairs
// gives each chosen reply a thumb up and each rejected one a thumb down.

// ktoLoss is Kahneman–Tversky optimisation, with s = log π − log π_ref and a
// baseline z₀:
//
//	good  χ = λ_D (1 − σ(β(s − z₀))),   χ′ = −λ_D β σ(t)σ(−t)
//	bad   χ = λ_U (1 − σ(β(z₀ − s))),   χ′ = +λ_U β σ(t)σ(−t),   t = β(s − z₀)
//
// Ethayarajh et al. 2024, eq. 7–8. z₀ estimates KL(π‖π_ref) from below by 0 and
// is not differentiated; see KTOBaseline. With z₀ = 0 this is apo_zero_unpaired.
func ktoLoss(p HyperParams) ReplyLoss {
	beta, good, bad := p.Beta, p.Desirable, p.Undesirable
	return ReplyLoss{
		Good: func(score, baseline float64) (loss, slope float64) {
			t := float64(beta * (score - baseline))
			return good * num.Sigmoid(-t), -good * beta * num.SigmoidSlope(t)
		},
		Bad: func(score, baseline float64) (loss, slope float64) {
			t := float64(beta * (score - baseline))
			return bad * num.Sigmoid(t), bad * beta * num.SigmoidSlope(t)
		},
	}
}

// KTOBaseline returns KTO's z₀ = max(0, mean log-ratio). The mean is over
// replies that stand for what the policy says, each paired in the original with
// a prompt that it was not an answer to. A bandit with one prompt has no such
// replies: either the examples of the batch stand in for them, or
// KL(π‖π_ref), their mean's expectation, is given in place of the mean.
func KTOBaseline(meanLogRatio float64) float64 { return max(0, meanLogRatio) }
