package scenetest

import (
	"math"
	"math/rand/v2"

	"dpoplayground/scenes/picture"
)

// drift is a random walk of logits and the flows between two of its policies,
// which are the antisymmetric part that adds up to the change exactly:
// mass goes from losers to winners in proportion.
func Drift(r *rand.Rand, policy []float64, size float64) (next, flow []float64) {
	k := len(policy)
	next, flow = make([]float64, k), make([]float64, k*k)
	for i, p := range policy {
		next[i] = p * math.Exp(size*r.NormFloat64())
	}
	sum := Total(next)
	won := 0.0
	for i := range next {
		next[i] /= sum
		won += max(next[i]-policy[i], 0)
	}
	for j := range k {
		for i := range k {
			lost, gained := max(policy[j]-next[j], 0), max(next[i]-policy[i], 0)
			if won > 0 {
				flow[j*k+i] += lost * gained / won
				flow[i*k+j] -= lost * gained / won
			}
		}
	}
	return next, flow
}

func Columns(k int) []picture.Bar {
	bars := make([]picture.Bar, k)
	for i := range bars {
		bars[i] = picture.Bar{float32(100 * i), 50, 70, 300}
	}
	return bars
}
