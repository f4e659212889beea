package objective

import (
	"math"

	"dpoplayground/core/num"
)

// Losses of the margin m = s(w) − s(l) alone. With the log-ratio as score, m is
// the h of the derivation and βm its u. Forward and backward stand side by side:
// Slope is the derivative of Loss with respect to m.

// logisticLoss returns the loss that the DPO family shares:
//
//	φ  = own·log(1 + e^−u) + other·log(1 + e^u),   u = βm − shift
//	φ′ = β(other·σ(u) − own·σ(−u))
func logisticLoss(beta, shift, own, other float64) MarginLoss {
	return MarginLoss{
		Loss: func(m float64) float64 {
			loss, _ := SigmoidLoss(float64(beta*m)-shift, own, other)
			return loss
		},
		Slope:    func(m float64) float64 { return -beta * Force(float64(beta*m)-shift, own, other) },
		Logistic: true, Beta: beta, Own: own, Other: other, Shift: shift,
		push: func(x, g []float64, votes []Duel, gain float64) {
			for i := range votes {
				q := &votes[i]
				m, f := gain*(x[q.A]-x[q.B]), 0.0
				if q.Na != 0 {
					f += float64(q.Na * (beta * Force(float64(beta*m)-shift, own, other)))
				}
				if q.Nb != 0 {
					f -= float64(q.Nb * (beta * Force(float64(beta*-m)-shift, own, other)))
				}
				f = float64(f * gain)
				g[q.A] += f
				g[q.B] -= f
			}
		},
	}
}

// dpoLoss is DPO:
//
//	φ = −log σ(βm),   φ′ = −β σ(−βm)
//
// Rafailov et al. 2023, eq. 7. Per token it is sigmoid_norm, without the
// reference dpo_reference_free.
func dpoLoss(p HyperParams) MarginLoss { return logisticLoss(p.Beta, 0, 1, 0) }

// cdpoLoss is conservative DPO, where a label is flipped with probability ε:
//
//	φ  = −(1−ε) log σ(u) − ε log σ(−u),   u = βm
//	φ′ = −β((1−ε) σ(−u) − ε σ(u))
//
// Mitchell 2023. Over sorted batches it is aot and aot_unpaired.
func cdpoLoss(p HyperParams) MarginLoss { return logisticLoss(p.Beta, 0, 1-p.Epsilon, p.Epsilon) }

// rdpoLoss is robust DPO, an unbiased estimate of the DPO loss on clean labels
// from labels that were flipped with probability ε < ½:
//
//	φ  = [−(1−ε) log σ(u) + ε log σ(−u)] / (1−2ε),   u = βm
//	φ′ = −β [(1−ε) σ(−u) + ε σ(u)] / (1−2ε)
//
// Ray Chowdhury et al. 2024. The negative weight is meant: the loss has no
// lower bound.
func rdpoLoss(p HyperParams) MarginLoss {
	eps := p.Epsilon
	return logisticLoss(p.Beta, 0, (1-eps)/(1-float64(2*eps)), -eps/(1-float64(2*eps)))
}

// simpoLoss is SimPO, with log π per token as score:
//
//	φ  = −(1−ε) log σ(u) − ε log σ(−u),   u = βm − γ
//	φ′ = −β((1−ε) σ(−u) − ε σ(u))
//
// Meng et al. 2024, eq. 6 (ε = 0). γ is theirs; their code takes γ/β.
func simpoLoss(p HyperParams) MarginLoss {
	return logisticLoss(p.Beta, p.Gamma, 1-p.Epsilon, p.Epsilon)
}

// ipoLoss is IPO, β being the paper's τ:
//
//	φ = (m − 1/(2β))²,   φ′ = 2(m − 1/(2β))
//
// Azar et al. 2023, eq. 17. Per token it is ipo_norm.
func ipoLoss(p HyperParams) MarginLoss {
	target := 1 / (2 * p.Beta)
	return MarginLoss{
		Loss:  func(m float64) float64 { return (m - target) * (m - target) },
		Slope: func(m float64) float64 { return 2 * (m - target) },
		push: func(x, g []float64, votes []Duel, gain float64) {
			for i := range votes {
				q := &votes[i]
				m, f := float64(gain*(x[q.A]-x[q.B])), 0.0
				if q.Na != 0 {
					f -= float64(q.Na * (2 * (m - target)))
				}
				if q.Nb != 0 {
					f += float64(q.Nb * (2 * (-m - target)))
				}
				f = float64(f * gain)
				g[q.A] += f
				g[q.B] -= f
			}
		},
	}
}

// hingeLoss is SLiC's hinge on log-ratios:
//
//	φ = max(0, 1 − βm),   φ′ = −β where βm < 1, else 0
//
// Zhao et al. 2023; Liu et al. 2023, eq. 11.
func hingeLoss(p HyperParams) MarginLoss {
	beta := p.Beta
	return MarginLoss{
		Loss: func(m float64) float64 { return max(0, 1-float64(beta*m)) },
		Slope: func(m float64) float64 {
			if float64(beta*m) < 1 {
				return -beta
			}
			return 0
		},
		push: func(x, g []float64, votes []Duel, gain float64) {
			for i := range votes {
				q := &votes[i]
				m, f := gain*(x[q.A]-x[q.B]), 0.0
				if q.Na != 0 && float64(beta*m) < 1 {
					f += float64(q.Na * beta)
				}
				if q.Nb != 0 && float64(beta*-m) < 1 {
					f -= float64(q.Nb * beta)
				}
				f = float64(f * gain)
				g[q.A] += f
				g[q.B] -= f
			}
		},
	}
}

// exoLoss is EXO for a pair, the reverse of cDPO's divergence:
//
//	φ  = KL(q ‖ 1−ε) = q log(q/(1−ε)) + (1−q) log((1−q)/ε),   q = σ(u), u = βm
//	φ′ = β q(1−q)(u − log((1−ε)/ε))
//
// Ji et al. 2024. It needs ε > 0.
func exoLoss(p HyperParams) MarginLoss {
	beta, logWin, logLose := p.Beta, num.Log(1-p.Epsilon), num.Log(p.Epsilon)
	return MarginLoss{
		Loss: func(m float64) float64 {
			u := float64(beta * m)
			return float64(num.Sigmoid(u)*(-num.Softplus(-u)-logWin)) + float64(num.Sigmoid(-u)*(-num.Softplus(u)-logLose))
		},
		Slope: func(m float64) float64 {
			u := float64(beta * m)
			e := num.Exp(-math.Abs(u))
			right := 1 / (1 + e)
			wrong := float64(e * right)
			if u < 0 {
				right, wrong = wrong, right
			}
			return beta * right * wrong * (u - (logWin - logLose))
		},
		push: func(x, g []float64, votes []Duel, gain float64) {
			goal := logWin - logLose
			for i := range votes {
				q := &votes[i]
				u, f := float64(beta*float64(gain*(x[q.A]-x[q.B]))), 0.0
				var e float64
				if v := math.Abs(u); v < num.ExpRange {
					e = num.ExpWithin(-v)
				} else {
					e = num.Exp(-v)
				}
				right := 1 / (1 + e)
				wrong := float64(e * right)
				if u < 0 {
					right, wrong = wrong, right
				}
				if q.Na != 0 {
					f -= float64(q.Na * (beta * right * wrong * (u - goal)))
				}
				if q.Nb != 0 {
					f += float64(q.Nb * (beta * wrong * right * (-u - goal)))
				}
				f = float64(f * gain)
				g[q.A] += f
				g[q.B] -= f
			}
		},
	}
}

// discoPOPLoss blends the logistic with the exponential loss, by a weight that
// a language model came up with:
//
//	φ  = −log σ(u)·σ(−v) + e^−u·σ(v),   u = βm, v = u/τ
//	φ′ = β[−σ(−u)σ(−v) + log σ(u)·σ(v)σ(−v)/τ + e^−u σ(v)(σ(−v)/τ − 1)]
//
// Lu et al. 2024. e^−u σ(v) is taken as e^(min(v,0)−u) σ(|v|), which overflows
// only where the loss does.
func discoPOPLoss(p HyperParams) MarginLoss {
	beta, tau := p.Beta, p.Tau
	exponential := func(u, v float64) float64 { return float64(num.Exp(min(v, 0)-u) * num.Sigmoid(max(v, -v))) }
	return MarginLoss{
		Loss: func(m float64) float64 {
			u := float64(beta * m)
			v := u / tau
			return float64(num.Softplus(-u)*num.Sigmoid(-v)) + exponential(u, v)
		},
		Slope: func(m float64) float64 { return discoPOPSlope(beta, tau, m) },
		push: func(x, g []float64, votes []Duel, gain float64) {
			for i := range votes {
				q := &votes[i]
				m, f := gain*(x[q.A]-x[q.B]), 0.0
				if q.Na != 0 {
					f -= float64(q.Na * discoPOPSlope(beta, tau, m))
				}
				if q.Nb != 0 {
					f += float64(q.Nb * discoPOPSlope(beta, tau, -m))
				}
				f = float64(f * gain)
				g[q.A] += f
				g[q.B] -= f
			}
		},
	}
}

func discoPOPSlope(beta, tau, m float64) float64 {
	u := float64(beta * m)
	v := u / tau
	e, f := -math.Abs(u), -math.Abs(v)
	if f > -num.ExpRange && e > -num.ExpRange {
		e, f = num.ExpWithin(e), num.ExpWithin(f)
	} else {
		e, f = num.Exp(e), num.Exp(f)
	}
	s := 1 / (1 + f) // σ(|v|)
	steep := float64(f * s * s)
	if u < 0 {
		logistic := float64(-1/(1+e)*s) - num.SoftplusGiven(-u, e)*steep/tau
		return beta * (logistic + float64(float64(num.Exp(v-u)*s)*(s/tau-1)))
	}
	f *= s
	logistic := float64(-e*(1/(1+e))*f) - num.SoftplusGiven(-u, e)*steep/tau
	return beta * (logistic + float64(float64(e*s)*(f/tau-1)))
}
