package objective

// Losses that add terms of either reply alone to a logistic loss of the pair. x and
// y are the scores of the chosen and the rejected reply.

// calDPOLoss is Cal-DPO, which adds a target for each reply's log-ratio to a
// logistic loss without β:
//
//	ψ = −log σ(x − y) + (x − 1/(2β))² + (y + 1/(2β))²
//	∂ψ/∂x = −σ(y − x) + 2(x − 1/(2β)),   ∂ψ/∂y = σ(y − x) + 2(y + 1/(2β))
//
// Xiao et al. 2024, as in the authors' code. The logistic term pushes the
// log-ratios beyond the targets, and a policy can have x only where π_ref(w)·e^x < 1.
func calDPOLoss(p HyperParams) PairLoss {
	target := 1 / (2 * p.Beta)
	return func(x, y float64) (loss, dx, dy float64) {
		loss, slope := SigmoidLoss(x-y, 1, 0)
		up, down := x-target, y+target
		return loss + float64(up*up) + float64(down*down), slope + float64(2*up), float64(2*down) - slope
	}
}

func calDPOParts(p HyperParams) Parts {
	target := 1 / (2 * p.Beta)
	return Parts{
		Chosen:   func(x float64) Part { return Part{Height: x, Slope: 1, Alone: 2 * (x - target)} },
		Rejected: func(y float64) Part { return Part{Height: y, Slope: 1, Alone: 2 * (y + target)} },
		Link:     logisticLoss(1, 0, 1, 0),
	}
}

// rpoLoss is DPO and κ times maximum likelihood of the chosen reply:
//
//	ψ = −log σ(u) − κx,   u = β(x − y)
//	∂ψ/∂x = −βσ(−u) − κ,   ∂ψ/∂y = βσ(−u)
//
// With log-ratios as scores it is RPO, Pang et al. 2024, where −κ log π(w) is
// counted from the reference: less the constant −κ log π_ref(w), which no gradient
// sees. With log-probabilities it is CPO, Xu et al. 2024. Neither divides
// log π by the reply's length here.
func rpoLoss(p HyperParams) PairLoss {
	beta, kappa := p.Beta, p.NLL
	return func(x, y float64) (loss, dx, dy float64) {
		loss, slope := SigmoidLoss(float64(beta*(x-y)), 1, 0)
		return loss - float64(kappa*x), float64(beta*slope) - kappa, -beta * slope
	}
}

func rpoParts(p HyperParams) Parts {
	kappa := p.NLL
	return Parts{
		Chosen: func(x float64) Part { return Part{Height: x, Slope: 1, Alone: -kappa} },
		Link:   dpoLoss(p),
	}
}

// mpoLoss is mixed preference optimisation: DPO on the pair, BCO on each reply, and
// maximum likelihood of the chosen one, with the weights 1 − ρ, ρ and κ:
//
//	ψ = −(1−ρ) log σ(a−b) − ρ[log σ(a−δ) + log σ(δ−b)] − κx,   a = βx, b = βy
//	∂ψ/∂x = −β[(1−ρ)σ(b−a) + ρσ(δ−a)] − κ,   ∂ψ/∂y = β[(1−ρ)σ(b−a) + ρσ(b−δ)]
//
// Wang et al. 2024; their weights .8, .2 and 1 are ρ = .2, κ = 1. As in rpoLoss,
// −κ log π(w) is counted from the reference.
func mpoLoss(p HyperParams) PairLoss {
	beta, kappa, rho, alone := p.Beta, p.NLL, p.BCO, bcoLoss(p)
	return func(x, y float64) (loss, dx, dy float64) {
		loss, slope := SigmoidLoss(float64(beta*(x-y)), 1-rho, 0)
		each, ex, ey := alone(x, y)
		return loss + float64(rho*each) - float64(kappa*x),
			float64(beta*slope) + float64(rho*ex) - kappa, float64(rho*ey) - float64(beta*slope)
	}
}

func mpoParts(p HyperParams) Parts {
	kappa, rho, alone := p.NLL, p.BCO, bcoParts(p)
	return Parts{
		Chosen: func(x float64) Part {
			return Part{Height: x, Slope: 1, Alone: float64(rho*alone.Chosen(x).Alone) - kappa}
		},
		Rejected: func(y float64) Part {
			return Part{Height: y, Slope: 1, Alone: rho * alone.Rejected(y).Alone}
		},
		Link: logisticLoss(p.Beta, 0, 1-rho, 0),
	}
}
