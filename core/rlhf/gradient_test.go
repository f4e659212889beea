package rlhf_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/rlhf"
	"dpoplayground/internal/oracle"
)

// TestExactGradientVanishesAtTheOptimum: π_ref·e^(r/β)/Z maximises J, at the value
// β log Z.
func TestExactGradientVanishesAtTheOptimum(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	for range 50 {
		n, beta := 2+r.IntN(6), math.Exp(r.NormFloat64())
		ref, rewards, z := make([]float64, n), make([]float64, n), make([]float64, n)
		for k := range ref {
			ref[k], rewards[k] = r.NormFloat64(), r.NormFloat64()
			z[k] = ref[k] + rewards[k]/beta + 3 // the 3 is lost in the softmax
		}
		rlhf := coretest.AtLogits(z, ref, rewards, beta, rlhf.LeashInReward)
		for k, d := range coretest.Slopes(rlhf) {
			if math.Abs(d) > 1e-14 {
				t.Errorf("∂J/∂z[%d] = %v at the optimum", k, d)
			}
		}
		want := 0.0
		for k := range ref {
			want += math.Exp(oracle.LogNormalised(ref)[k] + rewards[k]/beta)
		}
		got := rlhf.Objective() + oracle.Sum(rewards)/float64(n) // rewards are centred
		if want = beta * math.Log(want); math.Abs(got-want) > 1e-13*(1+math.Abs(want)) {
			t.Errorf("J = %v at the optimum, want β log Z = %v", got, want)
		}
	}
}

// TestExactGradientAgainstDifferences compares the gradient under each leash with
// central differences of the objective. k₃ as a loss goes down the forward
// divergence.
func TestExactGradientAgainstDifferences(t *testing.T) {
	z, ref, rewards := []float64{0.3, -1, 2, 0}, []float64{0, 0.5, 0.5, -2}, []float64{1, -2, 0.5, 3}
	const h = 1e-5
	for name, c := range map[string]struct {
		rewards []float64
		beta    float64
		leash   rlhf.Leash
	}{
		"E[r]":              {rewards, 0, rlhf.LeashInReward},
		"KL":                {make([]float64, 4), 1, rlhf.LeashInReward},
		"fwd":               {make([]float64, 4), 1, rlhf.LeashK3Loss},
		"J":                 {rewards, 0.7, rlhf.LeashInReward},
		"J with k3 as loss": {rewards, 0.7, rlhf.LeashK3Loss},
	} {
		value := func() float64 { return coretest.AtLogits(z, ref, c.rewards, c.beta, c.leash).Objective() }
		got := coretest.Slopes(coretest.AtLogits(z, ref, c.rewards, c.beta, c.leash))
		for k := range z {
			at := z[k]
			z[k] = at + h
			up := value()
			z[k] = at - h
			want := (up - value()) / (2 * h)
			if z[k] = at; math.Abs(got[k]-want) > 1e-8 {
				t.Errorf("∂%s/∂z[%d] = %v, central difference %v", name, k, got[k], want)
			}
		}
	}
}

// TestExactGradientAtExtremes: a reply that the policy all but never gives has a
// finite gradient.
func TestExactGradientAtExtremes(t *testing.T) {
	for _, z := range [][]float64{{0, -800, 2000}, {-1e6, 0, 0}, {5, 5, 5}} {
		for _, leash := range []rlhf.Leash{rlhf.LeashInReward, rlhf.LeashK3Loss} {
			r := coretest.AtLogits(z, []float64{0, 0, -50}, []float64{1, 2, -3}, 0.1, leash)
			for _, v := range append(coretest.Slopes(r), r.Objective()) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("at %v: gradient %v, objective %v", z, coretest.Slopes(r), r.Objective())
				}
			}
			oracle.NoAllocations(t, "the exact gradient", r.ExactGradient)
		}
	}
}
