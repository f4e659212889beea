package core

// A PolicyGradient is the objective of RLHF at a policy, and its exact gradient
// with respect to the logits: what REINFORCE and PPO estimate from samples. For
// π = softmax(z), π_ref = softmax(z_ref) and rewards r,
//
//	J = E_π[r] − β KL(π‖π_ref)
//	∂E_π[r]/∂z_k = π_k (r_k − E_π[r])
//	∂KL(π‖π_ref)/∂z_k = π_k (log(π_k/π_ref,k) − KL(π‖π_ref))
//	∂KL(π_ref‖π)/∂z_k = π_k − π_ref,k
//
// All slices have one entry a reply and are overwritten by the next Set.
type PolicyGradient struct {
	Expected  float64 // E_π[r]
	KL        float64 // KL(π‖π_ref), nats
	ForwardKL float64 // KL(π_ref‖π), nats
	Objective float64 // J

	OfExpected, OfKL, OfForwardKL, OfObjective []float64
	// OfK3 is the expectation, over replies drawn from π, of the gradient of
	// Schulman's estimator k₃ = π_ref/π − log(π_ref/π) − 1 used as a loss. It is
	// the gradient of KL(π_ref‖π), not of the KL(π‖π_ref) that k₃ estimates.
	OfK3 []float64

	logPi, logRef []float64
}

// Set computes all of it. logits, refLogits and rewards have one entry a reply;
// logits need not be normalised.
func (g *PolicyGradient) Set(logits, refLogits, rewards []float64, beta float64) {
	g.resize(len(logits))
	LogSoftmax(g.logPi, logits)
	LogSoftmax(g.logRef, refLogits)
	g.Expected = Expect(g.logPi, rewards)
	g.KL, g.ForwardKL = KL(g.logPi, g.logRef), KL(g.logRef, g.logPi)
	g.Objective = g.Expected - float64(beta*g.KL)
	for k, logPi := range g.logPi {
		pi, ref := Exp(logPi), Exp(g.logRef[k])
		g.OfExpected[k] = float64(pi * (rewards[k] - g.Expected))
		g.OfKL[k] = float64(pi * (logPi - g.logRef[k] - g.KL))
		g.OfForwardKL[k] = pi - ref
		g.OfObjective[k] = g.OfExpected[k] - float64(beta*g.OfKL[k])
	}
	g.ofK3()
}

// ofK3 sums π_a ∂k₃(a)/∂log π_a ∂log π_a/∂z_k, where π ∂k₃/∂log π = π(1 − π_ref/π)
// = π − π_ref and ∂log π_a/∂z_k = [a = k] − π_k.
func (g *PolicyGradient) ofK3() {
	sum := 0.0
	for k, logPi := range g.logPi {
		g.OfK3[k] = Exp(logPi) - Exp(g.logRef[k])
		sum += g.OfK3[k]
	}
	for k, logPi := range g.logPi {
		g.OfK3[k] -= float64(Exp(logPi) * sum)
	}
}

func (g *PolicyGradient) resize(n int) {
	for _, s := range []*[]float64{&g.OfExpected, &g.OfKL, &g.OfForwardKL, &g.OfObjective, &g.OfK3, &g.logPi, &g.logRef} {
		if cap(*s) < n {
			*s = make([]float64, n)
		}
		*s = (*s)[:n]
	}
}
