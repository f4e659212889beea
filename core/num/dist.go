package num

import "math"

// LogSumExp returns log Σ e^x, without overflow. It is −Inf for no values.
func LogSumExp(x []float64) float64 {
	max := math.Inf(-1)
	for _, v := range x {
		if v > max {
			max = v
		}
	}
	if math.IsInf(max, 0) {
		return max
	}
	return max + Log(sumExp(x, max))
}

// LogSoftmax sets dst to log π for the given logits:
//
//	log π_k = z_k − log Σ e^z
//
// dst and logits have one entry per reply and may be the same slice.
func LogSoftmax(dst, logits []float64) {
	z := LogSumExp(logits)
	for k, v := range logits {
		dst[k] = v - z
	}
}

// Softmax sets dst to π = e^z/Σe^z for the given logits. dst and logits may be
// the same slice. The probabilities sum to 1 up to rounding.
func Softmax(dst, logits []float64) {
	max := math.Inf(-1)
	for _, v := range logits {
		if v > max {
			max = v
		}
	}
	sum := ExpSum(dst[:len(logits)], logits, max)
	for k := range dst[:len(logits)] {
		dst[k] /= sum
	}
}

// KL returns the Kullback–Leibler divergence, in nats, of two distributions
// given by their log-probabilities:
//
//	KL(p‖q) = Σ p (log p − log q)
//
// Terms with p = 0 count as 0. It is +Inf where q is 0 and p is not. Each term
// is taken as p·(x − 1 + e^−x), x = log p − log q, which sums to the same value
// and is never negative, so rounding cannot make the divergence negative.
func KL(logP, logQ []float64) float64 {
	sum := 0.0
	for k, lp := range logP {
		p := Exp(lp)
		if p == 0 {
			// The dropped term would be q: p·(x−1+q/p).
			sum += Exp(logQ[k])
			continue
		}
		sum += klTerm(p, logQ[k], lp-logQ[k])
	}
	return sum
}

// klTerm returns p·(x − 1 + e^−x). For small x the difference cancels, so the
// series x²/2 − x³/6 + … stands in; where e^−x is beyond all bounds, e^log q.
func klTerm(p, logQ, x float64) float64 {
	if math.IsInf(x, 1) {
		return x
	}
	if math.Abs(x) < 0.01 {
		c := 1.0/120 - float64(x*(1.0/720-x/5040))
		c = 1.0/24 - float64(x*c)
		c = 1.0/6 - float64(x*c)
		c = 0.5 - float64(x*c)
		return p * x * x * c
	}
	if x < -ExpRange {
		return float64(p*(x-1)) + Exp(logQ)
	}
	return p * (x - 1 + Exp(-x))
}

// Entropy returns −Σ p log p in nats, for log-probabilities.
func Entropy(logP []float64) float64 {
	sum := 0.0
	for _, lp := range logP {
		if p := Exp(lp); p > 0 {
			sum -= float64(p * lp)
		}
	}
	return sum
}

// Expect returns Σ p·f for log-probabilities logP. Terms with p = 0 count as 0.
func Expect(logP, f []float64) float64 {
	sum := 0.0
	for k, lp := range logP {
		if p := Exp(lp); p > 0 {
			sum += float64(p * f[k])
		}
	}
	return sum
}

// SampleIndex returns the index that a uniform number u in [0, 1) draws from
// the probabilities p.
func SampleIndex(p []float64, u float64) int {
	for k, v := range p {
		if u < v {
			return k
		}
		u -= v
	}
	// Rounding left u just above the sum: the last reply that can be said.
	for k := len(p) - 1; k > 0; k-- {
		if p[k] > 0 {
			return k
		}
	}
	return 0
}
