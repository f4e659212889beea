package objective

import "dpoplayground/core/num"

// DPO returns the loss of one pair and its derivative with respect to the
// margin u = β[(log π(w) − log π_ref(w)) − (log π(l) − log π_ref(l))]:
//
//	loss  = −(1−ε) log σ(u) − ε log σ(−u)
//	slope = −(1−ε) σ(−u) + ε σ(u)
//
// ε = 0 is DPO (Rafailov et al. 2023, eq. 7). ε > 0 is conservative DPO
// (Mitchell 2023): ε is the assumed probability that a label is flipped. The
// derivative with respect to log π(w) is β·slope, to log π(l) it is −β·slope.
func DPO(u, smoothing float64) (loss, slope float64) {
	return SigmoidLoss(u, 1-smoothing, smoothing)
}

// SigmoidLoss returns what votes for a margin u and votes against it lose
// together, and its derivative with respect to u:
//
//	loss  = −own·log σ(u) − other·log σ(−u)
//	slope = −own·σ(−u) + other·σ(u)
//
// Where there are many to add up, force gives the slope alone for one exponential,
// and sigmoidLosses both logarithms.
func SigmoidLoss(u, own, other float64) (loss, slope float64) {
	wrong, loss := num.SigmoidSoftplus(-u)
	loss, slope = float64(own*loss), -float64(own*wrong)
	if other != 0 {
		right, flipped := num.SigmoidSoftplus(u)
		loss += float64(other * flipped)
		slope += float64(other * right)
	}
	return loss, slope
}
