package core

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
	beta := p.Beta
	return func(x, y float64) (loss, dx, dy float64) {
		a, b := float64(beta*x), float64(beta*y)
		loss = Softplus(-a) + float64(0.5*(Softplus(a)+Softplus(b)))
		return loss, beta * (float64(0.5*Sigmoid(a)) - Sigmoid(-a)), 0.5 * beta * Sigmoid(b)
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
	beta, delta := p.Beta, p.Delta
	return func(x, y float64) (loss, dx, dy float64) {
		a, b := float64(beta*x)-delta, float64(beta*y)-delta
		return Softplus(-a) + Softplus(b), -beta * Sigmoid(-a), beta * Sigmoid(b)
	}
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
		return Sigmoid(-a) + Sigmoid(b), -beta * sigmoidSlope(a), beta * sigmoidSlope(b)
	}
}

// apoDownLoss is the same for replies that are worse than the model's own: it
// lowers both, the rejected one more.
//
//	ψ = σ(a) + 1 − σ(a−b)
//	∂ψ/∂x = β[σ(a)σ(−a) − σ(a−b)σ(b−a)],   ∂ψ/∂y = β σ(a−b)σ(b−a)
//
// D'Oosterlinck et al. 2024.
func apoDownLoss(p HyperParams) PairLoss {
	beta := p.Beta
	return func(x, y float64) (loss, dx, dy float64) {
		a, u := float64(beta*x), float64(beta*(x-y))
		slope := sigmoidSlope(u)
		return Sigmoid(a) + Sigmoid(-u), beta * (sigmoidSlope(a) - slope), beta * slope
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
		u = float64(beta * u)
		s := beta * Sigmoid(-u)
		return Softplus(-u), -s * gain, s
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
		q, r := -expm1(x), -expm1(y)
		odds := (x - y) - (Log(q) - Log(r))
		s := 1 / (q + float64(Exp(x-y)*r))
		return float64(beta*Softplus(-odds)) - x, -1 - float64(beta*s), beta * (q / r * s)
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
