package scores

import "dpoplayground/core/num"

// A Tilt is the reference policy tilted by scores: the optimum of
//
//	max_π E_π[s] − β KL(π‖π_ref),   π(y) = π_ref(y) exp(s(y)/β) / Z
//
// (Rafailov et al. 2023, eq. 4). With the true reward for s it is RLHF's
// optimum; with the Bradley–Terry scores of the votes it is DPO's.
type Tilt struct {
	LogPi    []float64
	LogZ     float64 // log Σ π_ref exp(s/β)
	KL       float64 // KL(π‖π_ref), nats
	Expected float64 // E_π[s] over replies with π > 0
	Variance float64 // Var_π(s)
}

// Set computes the tilt. logRef and scores have one entry a reply; a score may
// be −Inf, and its reply then has probability 0. It allocates only when the
// number of replies grows.
func (t *Tilt) Set(logRef, scores []float64, beta float64) {
	t.LogPi = append(t.LogPi[:0], logRef...)
	for k, s := range scores {
		t.LogPi[k] += s / beta
	}
	t.LogZ = num.LogSumExp(t.LogPi)
	for k := range t.LogPi {
		t.LogPi[k] -= t.LogZ
	}
	t.KL = num.KL(t.LogPi, logRef)
	t.Expected = num.Expect(t.LogPi, scores)
	t.Variance = 0
	for k, lp := range t.LogPi {
		if p := num.Exp(lp); p > 0 {
			dev := scores[k] - t.Expected
			t.Variance += float64(float64(p*dev) * dev)
		}
	}
}

// Objective returns the objective's value at the optimum, β log Z.
func (t *Tilt) Objective(beta float64) float64 { return beta * t.LogZ }

// KLSlope returns dKL/dβ = −Var_π(s)/β³.
func (t *Tilt) KLSlope(beta float64) float64 { return -t.Variance / (beta * beta * beta) }

// RewardSlope returns dE_π[s]/dβ = −Var_π(s)/β².
func (t *Tilt) RewardSlope(beta float64) float64 { return -t.Variance / (beta * beta) }
