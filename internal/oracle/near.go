package oracle

import (
	"encoding/binary"
	"hash"
	"math"
	"math/rand/v2"
	"sort"
	"testing"
)

func AddBits(h hash.Hash, x ...float64) {
	var b [8]byte
	for _, v := range x {
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
		h.Write(b[:])
	}
}

func SortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Logs returns the logarithms of weights, normalised.
func Logs(weights []float64) []float64 {
	x := make([]float64, len(weights))
	for k, w := range weights {
		x[k] = math.Log(w)
	}
	return LogNormalised(x)
}

func LogNormalised(logits []float64) []float64 {
	top, sum := math.Inf(-1), 0.0
	for _, z := range logits {
		top = math.Max(top, z)
	}
	for _, z := range logits {
		sum += math.Exp(z - top)
	}
	out := make([]float64, len(logits))
	for k, z := range logits {
		out[k] = z - top - math.Log(sum)
	}
	return out
}

func Exps(logs []float64) []float64 {
	p := make([]float64, len(logs))
	for k, x := range logs {
		p[k] = math.Exp(x)
	}
	return p
}

func Near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.9g, want %.9g within %.2g", what, got, want, tol)
	}
}

func NearAll(t *testing.T, what string, got, want []float64, tol float64) {
	t.Helper()
	for k := range want {
		if len(got) != len(want) || !(math.Abs(got[k]-want[k]) <= tol) {
			t.Errorf("%s = %.6v, want %.6v within %.2g", what, got, want, tol)
			return
		}
	}
}

var Uniform2 = []float64{1, 1}

func Sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}

// NoAllocations wants f to allocate nothing once warm.
func NoAllocations(t *testing.T, what string, f func()) {
	t.Helper()
	f()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s: %v allocations, want 0", what, n)
	}
}

func Mean(pi, x []float64) float64 {
	sum := 0.0
	for k := range pi {
		sum += pi[k] * x[k]
	}
	return sum
}

// RandomLogits returns k logits, of a size that varies from draw to draw.
func RandomLogits(r *rand.Rand, k int) []float64 {
	size := math.Exp(r.Float64()*8 - 4)
	z := make([]float64, k)
	for i := range z {
		z[i] = size * r.NormFloat64()
	}
	return z
}

// MaxAbs returns the largest size of an entry.
func MaxAbs(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = math.Max(most, math.Abs(v))
	}
	return most
}
