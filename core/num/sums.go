package num

import "slices"

// Total returns the sum of the weights of n things, which is n if they are nil.
func Total(weight []float64, n int) float64 {
	if weight == nil {
		return float64(n)
	}
	sum := 0.0
	for _, w := range weight {
		sum += w
	}
	return sum
}

// At returns x[i], or what stands for it where x is nil.
func At(x []float64, i int, otherwise float64) float64 {
	if x == nil {
		return otherwise
	}
	return x[i]
}

// Dot returns Σ a_k b_k.
func Dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}

// Centre sets dst to x less its mean: what a list of rewards of the replies to
// one prompt says, for only differences mean anything. dst and x have one
// length and may be the same slice.
func Centre(dst, x []float64) {
	mean := 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for k, v := range x {
		dst[k] = v - mean
	}
}

// Take fills dst from the front of src and returns the rest.
func Take(dst, src []float64) []float64 {
	copy(dst, src[:len(dst)])
	return src[len(dst):]
}

// Top returns the indices of the n largest values, earlier ones first among
// equals, in one pass.
func Top(x []float64, n int) []int {
	top := make([]int, 0, n+1)
	for k, v := range x {
		if len(top) == n && (n == 0 || v <= x[top[n-1]]) {
			continue
		}
		i := len(top)
		for i > 0 && v > x[top[i-1]] {
			i--
		}
		top = slices.Insert(top, i, k)[:min(len(top)+1, n)]
	}
	return top
}
