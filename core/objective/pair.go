package objective

import (
	"math"

	"dpoplayground/core/num"
)

// Losses of the scores of both replies of a pair, which the difference alone
// does not decide. Where the reference counts, x = log π(w) − log π_ref(w) and
// y = log π(l) − log π_ref(l); a = βx and b = βy are the implicit rewards. Each
// function returns the loss and its derivatives with respect to x and y.

// ncaLoss is noise-contrastive alignment:
//
//	ψ = −log σ(a) − ½ log σ(−a) − ½ log σ(−b)
//	∂ψ/∂x = β(½σ(a) − σ(−a)),   ∂ψ/∂y = ½β σ(b)
//
// Chen et al. 2024.
func ncaLoss(p HyperParams) PairLoss {
	beta, parts := p.Beta, ncaParts(p)
	return func(x, y float64) (loss, dx, dy float64) {
		a, b := float64(beta*x), float64(beta*y)
		loss = num.Softplus(-a) + float64(0.5*(num.Softplus(a)+num.Softplus(b)))
		return loss, parts.Chosen(x).Alone, parts.Rejected(y).Alone
	}
}

func ncaParts(p HyperParams) Parts {
	beta := p.Beta
	return separate(
		func(x float64) float64 {
			a := float64(beta * x)
			return beta * (float64(0.5*num.Sigmoid(a)) - num.Sigmoid(-a))
		},
		func(y float64) float64 { return 0.5 * beta * num.Sigmoid(float64(beta*y)) })
}

// separate returns the parts of a loss whose two replies have nothing to do with
// each other, from the derivatives of the chosen and of the rejected reply's.
func separate(chosen, rejected func(score float64) float64) Parts {
	return Parts{
		Chosen:   func(x float64) Part { return Part{Alone: chosen(x)} },
		Rejected: func(y float64) Part { return Part{Alone: rejected(y)} },
	}
}

// bcoLoss trains a classifier of good and bad whose logit is the implicit
// reward less δ:
//
//	ψ = −log σ(a−δ) − log σ(−(b−δ))
//	∂ψ/∂x = −β σ(δ−a),   ∂ψ/∂y = β σ(b−δ)
//
// Jung et al. 2024. δ is a constant; in the paper a running mean of rewards.
func bcoLoss(p HyperParams) PairLoss {
	beta, delta, parts := p.Beta, p.Delta, bcoParts(p)
	return func(x, y float64) (loss, dx, dy float64) {
		a, b := float64(beta*x)-delta, float64(beta*y)-delta
		return num.Softplus(-a) + num.Softplus(b), parts.Chosen(x).Alone, parts.Rejected(y).Alone
	}
}

func bcoParts(p HyperParams) Parts {
	beta, delta := p.Beta, p.Delta
	return separate(
		func(x float64) float64 { return -beta * num.Sigmoid(delta-float64(beta*x)) },
		func(y float64) float64 { return beta * num.Sigmoid(float64(beta*y)-delta) })
}

// sppoLoss is self-play preference optimisation with hard labels:
//
//	ψ = (x − 1/(2β))² + (y + 1/(2β))²
//	∂ψ/∂x = 2(x − 1/(2β)),   ∂ψ/∂y = 2(y + 1/(2β))
//
// Wu et al. 2024.
func sppoLoss(p HyperParams) PairLoss {
	target := 1 / (2 * p.Beta)
	return func(x, y float64) (loss, dx, dy float64) {
		up, down := x-target, y+target
		return float64(up*up) + float64(down*down), 2 * up, 2 * down
	}
}

func sppoParts(p HyperParams) Parts {
	target := 1 / (2 * p.Beta)
	return separate(
		func(x float64) float64 { return 2 * (x - target) },
		func(y float64) float64 { return 2 * (y + target) })
}

// apoZeroLoss is anchored preference optimisation for replies that are better
// than the model's own: it raises the chosen and lowers the rejected one.
//
//	ψ = 1 − σ(a) + σ(b)
//	∂ψ/∂x = −β σ(a)σ(−a),   ∂ψ/∂y = β σ(b)σ(−b)
//
// D'Oosterlinck et al. 2024.
func apoZeroLoss(p HyperParams) PairLoss {
	beta := p.Beta
	return func(x, y float64) (loss, dx, dy float64) {
		a, b := float64(beta*x), float64(beta*y)
		return num.Sigmoid(-a) + num.Sigmoid(b), -beta * num.SigmoidSlope(a), beta * num.SigmoidSlope(b)
	}
}

func apoZeroParts(p HyperParams) Parts {
	beta := p.Beta
	return separate(
		func(x float64) float64 { return -beta * num.SigmoidSlope(float64(beta*x)) },
		func(y float64) float64 { return beta * num.SigmoidSlope(float64(beta*y)) })
}

// apoDownLoss is for chosen replies that are worse than the policy's own: it asks for
// a low log-ratio of the chosen reply and a large gap to the rejected one.
//
//	ψ = σ(a) + 1 − σ(a−b)
//	∂ψ/∂x = β[σ(a)σ(−a) − σ(a−b)σ(b−a)],   ∂ψ/∂y = β σ(a−b)σ(b−a)
//
// D'Oosterlinck et al. 2024.
func apoDownLoss(p HyperParams) PairLoss {
	beta := p.Beta
	return func(x, y float64) (loss, dx, dy float64) {
		a, u := float64(beta*x), float64(beta*(x-y))
		slope := num.SigmoidSlope(u)
		return num.Sigmoid(a) + num.Sigmoid(-u), beta * (num.SigmoidSlope(a) - slope), beta * slope
	}
}

func apoDownParts(p HyperParams) Parts {
	beta := p.Beta
	return Parts{
		Chosen: func(x float64) Part { return Part{x, 1, beta * num.SigmoidSlope(float64(beta*x))} },
		Link: MarginLoss{
			Slope: func(m float64) float64 { return -beta * num.SigmoidSlope(float64(beta*m)) },
			push: func(x, g []float64, votes []Duel, gain float64) { // φ′(−m) = φ′(m)
				for i := range votes {
					q := &votes[i]
					u := math.Abs(float64(beta * (x[q.A] - x[q.B])))
					if u < num.ExpRange {
						e := num.ExpWithin(-u)
						s := 1 / (1 + e)
						f := float64(beta * e * s * s * (q.Na - q.Nb))
						g[q.A] += f
						g[q.B] -= f
					}
				}
			},
		},
	}
}

// dpopLoss is DPO-Positive: DPO with a penalty on a chosen reply that has become
// less probable than under the reference.
//
//	ψ = −log σ(u),   u = β(x − y − λ max(0, −x))
//	∂ψ/∂x = −β σ(−u)(1 + λ[x < 0]),   ∂ψ/∂y = β σ(−u)
//
// Pal et al. 2024, eq. 3.
func dpopLoss(p HyperParams) PairLoss {
	beta, lambda := p.Beta, p.Lambda
	return func(x, y float64) (loss, dx, dy float64) {
		u, gain := x-y, 1.0
		if x < 0 {
			u += float64(lambda * x)
			gain += lambda
		}
		loss, slope := SigmoidLoss(float64(beta*u), 1, 0)
		s := -beta * slope
		return loss, -s * gain, s
	}
}

// dpopParts has f(x) = x + λ min(0, x) and g(y) = y.
func dpopParts(p HyperParams) Parts {
	lambda := p.Lambda
	return Parts{
		Chosen: func(x float64) Part {
			if x < 0 {
				return Part{Height: x + float64(lambda*x), Slope: 1 + lambda}
			}
			return Part{Height: x, Slope: 1}
		},
		Rejected: func(y float64) Part { return Part{Height: y, Slope: 1} },
		Link:     dpoLoss(p),
	}
}

// orpoLoss is ORPO, which has no reference: x and y are log π per token, and β
// is the paper's λ.
//
//	ψ = −x − β log σ(L),   L = log odds(x) − log odds(y),   odds(x) = e^x/(1 − e^x)
//	∂ψ/∂x = −1 − β σ(−L)/(1 − e^x),   ∂ψ/∂y = β σ(−L)/(1 − e^y)
//
// Hong et al. 2024, eq. 6–7. A probability that rounds to 1 has infinite odds,
// but where the chosen reply has it, σ(−L)/(1 − e^x) stays finite: with q = 1 − e^x
// and r = 1 − e^y the two quotients are taken as 1/(q + e^(x−y) r) and q/r times
// that.
func orpoLoss(p HyperParams) PairLoss {
	beta := p.Beta
	return func(x, y float64) (loss, dx, dy float64) {
		q, r := -num.Expm1(x), -num.Expm1(y)
		odds := (x - y) - (num.Log(q) - num.Log(r))
		s := 1 / (q + float64(num.Exp(x-y)*r))
		return float64(beta*num.Softplus(-odds)) - x, -1 - float64(beta*s), beta * (q / r * s)
	}
}

// orpoParts has f(x) = log odds(x), f′(x) = 1/(1 − e^x).
func orpoParts(p HyperParams) Parts {
	return Parts{
		Chosen: func(x float64) Part {
			q := -num.Expm1(x)
			return Part{Height: x - num.Log(q), Slope: 1 / q, Alone: -1}
		},
		Link: logisticLoss(1, 0, p.Beta, 0),
	}
}

// sftLoss is supervised fine-tuning on the chosen replies: no reference, and
// the rejected reply and β play no part.
//
//	ψ = −log π(w)
//	∂ψ/∂x = −1,   ∂ψ/∂y = 0
func sftLoss(HyperParams) PairLoss {
	return func(x, _ float64) (loss, dx, dy float64) { return -x, -1, 0 }
}

func sftParts(HyperParams) Parts {
	return separate(func(float64) float64 { return -1 }, func(float64) float64 { return 0 })
}
