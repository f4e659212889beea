package data

import "dpoplayground/core/num"

// Annotators choose between two replies by their true rewards.
type Annotators struct {
	Sharpness float64 // κ, by which they feel a difference of rewards
	Flip      float64 // f, the share of answers that are turned round
}

// Agreement returns the probability that one vote sides with reply i against
// reply j, given their true rewards: Bradley–Terry on the difference times the
// sharpness, then flips.
//
//	P(i ≻ j) = (1−f)·σ(κ(r_i − r_j)) + f·σ(κ(r_j − r_i))
func (a Annotators) Agreement(ri, rj float64) float64 {
	u := a.Sharpness * (ri - rj)
	return float64((1-a.Flip)*num.Sigmoid(u)) + float64(a.Flip*num.Sigmoid(-u))
}
