package optimum

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The eigenvalues and eigenvectors are those of gonum's mat.EigenSym.
func TestEigenIsThatOfMat(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 7))
	for n := range 300 {
		k := 1 + n%inOneCall
		s, sym := make([]float64, k*k), mat.NewSymDense(k, nil)
		for i := range k {
			for j := range i + 1 {
				x := r.NormFloat64()
				if n%3 == 0 && r.IntN(3) > 0 {
					x = 0 // many coordinates apart, several eigenvalues alike
				}
				s[i*k+j] = x
				sym.SetSym(i, j, x)
			}
		}
		var want mat.EigenSym
		if !want.Factorize(sym, true) {
			t.Fatal("mat finds no eigenvalues")
		}
		values, along := eigen(s, k)
		for v, x := range want.Values(nil) {
			if math.Abs(values[v]-x) > 1e-12*float64(k) {
				t.Fatalf("%d×%d: eigenvalue %d is %v, want %v", k, k, v, values[v], x)
			}
			for i := range k { // S v = λ v, and the vectors are orthonormal
				sum := 0.0
				for j := range k {
					sum += sym.At(i, j) * along[v][j]
				}
				if math.Abs(sum-x*along[v][i]) > 1e-12*float64(k*k) {
					t.Fatalf("%d×%d: vector %d is none", k, k, v)
				}
			}
			for u := range v + 1 {
				dot := 0.0
				for i := range k {
					dot += along[u][i] * along[v][i]
				}
				if want := map[bool]float64{u == v: 1}[true]; math.Abs(dot-want) > 1e-12*float64(k) {
					t.Fatalf("%d×%d: vectors %d and %d have the product %v", k, k, u, v, dot)
				}
			}
		}
	}
}
