package objective

import "dpoplayground/core/num"

// Losses that put another divergence in the place of KL(π‖π_ref): DPO with the
// log-ratio x replaced by f(x), where f is the derivative of the divergence's
// generator taken at π/π_ref = e^x. Constants of f cancel between w and l. x and
// y are the log-ratios of the chosen and the rejected reply.
//
//	ψ = −log σ(u),   u = β(f(x) − f(y))
//	∂ψ/∂x = −β σ(−u) f′(x),   ∂ψ/∂y = β σ(−u) f′(y)

// divergenceLoss returns ψ and its derivatives from f(x) − f(y), f′(x) and f′(y).
func divergenceLoss(beta, gap, slopeX, slopeY float64) (loss, dx, dy float64) {
	loss, slope := SigmoidLoss(float64(beta*gap), 1, 0)
	s := -beta * slope
	return loss, -num.Product(s, slopeX), num.Product(s, slopeY)
}

// jensenShannonLoss has the Jensen–Shannon divergence:
//
//	f(x) = log σ(x),   f′(x) = σ(−x)
//
// Wang et al. 2023, table 1.
func jensenShannonLoss(p HyperParams) PairLoss {
	beta := p.Beta
	return func(x, y float64) (loss, dx, dy float64) {
		return divergenceLoss(beta, num.Softplus(-y)-num.Softplus(-x), num.Sigmoid(-x), num.Sigmoid(-y))
	}
}

func jensenShannonParts(p HyperParams) Parts {
	return Parts{Link: dpoLoss(p), Chosen: func(x float64) Part {
		slope, minus := num.SigmoidSoftplus(-x)
		return Part{Height: -minus, Slope: slope}
	}}
}

// forwardKLLoss has KL(π_ref‖π), the α-divergence of α = 0:
//
//	f(x) = −e^−x,   f′(x) = e^−x
//
// Wang et al. 2023, table 1.
func forwardKLLoss(p HyperParams) PairLoss {
	p.Alpha = 0
	return alphaLoss(p)
}

func forwardKLParts(p HyperParams) Parts {
	p.Alpha = 0
	return alphaParts(p)
}

// alphaLoss has an α-divergence. α = 1 is KL(π‖π_ref), and so DPO itself.
//
//	f(x) = e^((α−1)x)/(α−1),   f′(x) = e^((α−1)x)
//
// Wang et al. 2023, table 1, α being 1 less theirs.
func alphaLoss(p HyperParams) PairLoss {
	beta, k := p.Beta, p.Alpha-1
	return func(x, y float64) (loss, dx, dy float64) {
		if k == 0 {
			return divergenceLoss(beta, x-y, 1, 1)
		}
		kx, ky := float64(k*x), float64(k*y)
		return divergenceLoss(beta, num.ExpGap(kx, ky)/k, num.Exp(kx), num.Exp(ky))
	}
}

// alphaParts has (e^(kx) − 1)/k for f, to keep its digits where k is small.
func alphaParts(p HyperParams) Parts {
	k := p.Alpha - 1
	if k == 0 {
		return Parts{Link: dpoLoss(p)}
	}
	return Parts{Link: dpoLoss(p), Chosen: func(x float64) Part {
		grown := num.Expm1(float64(k * x))
		return Part{Height: grown / k, Slope: 1 + grown}
	}}
}

// ChiPOLoss is χPO: DPO with KL and the χ²-divergence together, and the margin
// clipped to ±2R.
//
//	f(x) = e^x + x,   f′(x) = e^x + 1,   no derivative where |u| > 2R
//
// Huang et al. 2024, algorithm 1.
func ChiPOLoss(p HyperParams) PairLoss {
	beta, most := p.Beta, 2*p.RMax
	return func(x, y float64) (loss, dx, dy float64) {
		gap := num.ExpGap(x, y) + (x - y)
		if u := float64(beta * gap); u > most || u < -most {
			return num.Softplus(-max(-most, min(most, u))), 0, 0
		}
		return divergenceLoss(beta, gap, num.Exp(x)+1, num.Exp(y)+1)
	}
}

// chiPOParts has e^x − 1 + x for f.
func chiPOParts(p HyperParams) Parts {
	beta, most := p.Beta, 2*p.RMax
	link := dpoLoss(p)
	link.push = nil
	link.Slope = func(m float64) float64 {
		if u := float64(beta * m); u > most || u < -most {
			return 0
		}
		return -beta * num.Sigmoid(float64(-beta*m))
	}
	return Parts{Link: link, Reach: most / beta, Chosen: func(x float64) Part {
		grown := num.Expm1(x)
		return Part{Height: grown + x, Slope: grown + 2}
	}}
}
