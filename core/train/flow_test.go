package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/internal/oracle"
)

// Flows are antisymmetric, sum to Δπ, and vanish when nothing moves, be it
// because no logit does or because all do alike. Moves of up to 20,000 nats
// occur: the learning rate goes up to 1000 and β up to 5.
func TestFlowProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var f Flow
	for n := range 600 {
		k := 2 + r.IntN(11)
		z0, z1 := oracle.RandomLogits(r, k), make([]float64, k)
		size := math.Pow(10, 7*r.Float64()-3)
		for i := range z1 {
			z1[i] = z0[i]
			if n%3 > 0 || i < 2 {
				z1[i] += size * (2*r.Float64() - 1)
			}
		}
		checkFlow(t, &f, z0, z1)
		if t.Failed() {
			t.Fatalf("moves of up to %.3g nats from %v", size, z0)
		}
	}
}

func checkFlow(t *testing.T, f *Flow, z0, z1 []float64) {
	t.Helper()
	k := len(z0)
	f.Between(z0, z1)
	before, after := oracle.Exps(oracle.LogNormalised(z0)), oracle.Exps(oracle.LogNormalised(z1))
	for i := range z0 {
		oracle.Near(t, "what came to a reply", f.Gained(i), after[i]-before[i], 1e-10)
		for j := range z0 {
			if f.Net[i*k+j] != -f.Net[j*k+i] {
				t.Errorf("net(%d→%d) = %v, back %v", i, j, f.Net[i*k+j], f.Net[j*k+i])
			}
			// Mass goes to the logit that rises more.
			if g := (z1[j] - z0[j]) - (z1[i] - z0[i]); g*f.Net[i*k+j] < 0 {
				t.Errorf("net(%d→%d) = %v where the logits move apart by %v", i, j, f.Net[i*k+j], g)
			}
		}
	}
}

func TestFlowOfNothing(t *testing.T) {
	var f Flow
	f.Between([]float64{1, 2, 3}, []float64{1, 2, 3})
	f.Between([]float64{1, 2, 4}, []float64{3, 4, 6})
	for _, x := range f.Net {
		if x != 0 {
			t.Errorf("a common shift moves mass: %v", f.Net)
		}
	}
	if _, _, ok := f.MainGain(); ok {
		t.Error("somebody gained from nothing")
	}
}

// With two replies everything goes from one to the other.
func TestFlowOfTwo(t *testing.T) {
	var f Flow
	f.Between([]float64{0, 0}, []float64{1, -1})
	oracle.Near(t, "net(1→0)", f.Net[2], 1/(1+math.Exp(-2))-0.5, 1e-10)
	if gainer, giver, ok := f.MainGain(); gainer != 0 || giver != 1 || !ok {
		t.Errorf("%d gained from %d (%v), want 0 from 1", gainer, giver, ok)
	}
}
