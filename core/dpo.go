package core

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
	wrong, loss := SigmoidSoftplus(-u)
	slope = -wrong
	if smoothing != 0 {
		right, flipped := SigmoidSoftplus(u)
		loss = float64((1-smoothing)*loss) + float64(smoothing*flipped)
		slope = float64((1-smoothing)*slope) + float64(smoothing*right)
	}
	return loss, slope
}
