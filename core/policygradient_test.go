package core

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPolicyGradientVanishesAtTheOptimum: π_ref·e^(r/β)/Z maximises J, at the
// value β log Z.
func TestPolicyGradientVanishesAtTheOptimum(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	var g PolicyGradient
	for range 50 {
		n, beta := 2+r.IntN(6), math.Exp(r.NormFloat64())
		ref, rewards, z := make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range ref {
			ref[k], rewards[k] = r.NormFloat64(), r.NormFloat64()
			z[k] = ref[k] + rewards[k]/beta + 3 // the 3 is lost in the softmax
		}
		g.Set(z, ref, rewards, beta)
		for k, d := range g.OfObjective {
			if math.Abs(d) > 1e-14 {
				t.Errorf("∂J/∂z[%d] = %v at the optimum", k, d)
			}
		}
		want := 0.0
		for k := range ref {
			want += math.Exp(logNormalised(ref)[k] + rewards[k]/beta)
		}
		if want = beta * math.Log(want); math.Abs(g.Objective-want) > 1e-13*(1+math.Abs(want)) {
			t.Errorf("J = %v at the optimum, want β log Z = %v", g.Objective, want)
		}
	}
}

// TestPolicyGradientAgainstDifferences compares each gradient with central
// differences of the quantity it belongs to.
func TestPolicyGradientAgainstDifferences(t *testing.T) {
	z, ref, rewards := []float64{0.3, -1, 2, 0}, []float64{0, 0.5, 0.5, -2}, []float64{1, -2, 0.5, 3}
	const h, beta = 1e-5, 0.7
	var g, up, down PolicyGradient
	g.Set(z, ref, rewards, beta)
	for k := range z {
		at := z[k]
		z[k] = at + h
		up.Set(z, ref, rewards, beta)
		z[k] = at - h
		down.Set(z, ref, rewards, beta)
		z[k] = at
		for name, pair := range map[string][2]float64{
			"E[r]": {g.OfExpected[k], (up.Expected - down.Expected) / (2 * h)},
			"KL":   {g.OfKL[k], (up.KL - down.KL) / (2 * h)},
			"fwd":  {g.OfForwardKL[k], (up.ForwardKL - down.ForwardKL) / (2 * h)},
			"J":    {g.OfObjective[k], (up.Objective - down.Objective) / (2 * h)},
			// k₃ as a loss goes down the forward divergence.
			"k3": {g.OfK3[k], (up.ForwardKL - down.ForwardKL) / (2 * h)},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-8 {
				t.Errorf("∂%s/∂z[%d] = %v, central difference %v", name, k, pair[0], pair[1])
			}
		}
	}
}

// TestPolicyGradientAtExtremes: a reply that the policy all but never gives has
// a finite gradient.
func TestPolicyGradientAtExtremes(t *testing.T) {
	var g PolicyGradient
	for _, z := range [][]float64{{0, -800, 2000}, {-1e6, 0, 0}, {5, 5, 5}} {
		g.Set(z, []float64{0, 0, -50}, []float64{1, 2, -3}, 0.1)
		for k := range z {
			for _, v := range []float64{g.OfExpected[k], g.OfKL[k], g.OfForwardKL[k], g.OfObjective[k], g.OfK3[k]} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("at %v: gradients %v", z, g)
				}
			}
		}
	}
	if n := testing.AllocsPerRun(5, func() { g.Set([]float64{1, 2, 3}, []float64{0, 0, 0}, []float64{1, 2, 3}, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
