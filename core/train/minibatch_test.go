package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/internal/oracle"
)

// An epoch of minibatches deals every vote exactly once, whether or not the
// batch divides the number of votes.
func TestMinibatchesDealEveryVoteOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 6))
	for range 60 {
		p := datatest.Random(r, 1+r.IntN(3), 6, 1+r.IntN(20))
		run := NewTrainer(p, Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1 + r.IntN(7), Seed: r.Uint64()})
		n := uint64(p.Total)
		for epoch := range uint64(3) {
			dealt := make([]data.Tally, len(p.Tallies))
			for i := epoch * n; i < (epoch+1)*n; i++ {
				if tally, forA := run.Votes.At(run.Position(i)); forA {
					dealt[tally].ForA++
				} else {
					dealt[tally].ForB++
				}
			}
			for i, want := range p.Tallies {
				if dealt[i].ForA != want.ForA || dealt[i].ForB != want.ForB {
					t.Fatalf("epoch %d, pair %d: dealt %v and %v of %v and %v", epoch, i, dealt[i].ForA, dealt[i].ForB, want.ForA, want.ForB)
				}
			}
		}
	}
}

// Epochs differ in their order, and so do seeds.
func TestMinibatchesAreShuffled(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 500}, data.Pair{0, 1, 0, 500})
	run := NewTrainer(p, Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1, Seed: 1})
	other := NewTrainer(p, Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1, Seed: 2})
	epochs, seeds := 0, 0
	for i := range uint64(1000) {
		a, b, c := run.Position(i), run.Position(1000+i), other.Position(i)
		if a == b {
			epochs++
		}
		if a == c {
			seeds++
		}
	}
	// Two random orders of n things agree in 1 place on average, Poisson.
	if epochs > 12 || seeds > 12 {
		t.Errorf("orders agree in %d places across epochs, %d across seeds", epochs, seeds)
	}
}

// From the exact population, votes are drawn as often as they count.
func TestPopulationMinibatchesAreDrawn(t *testing.T) {
	p := datatest.Bandit([]float64{1, 1, 1}, data.Pair{0, 0, 1, 0.75}, data.Pair{0, 1, 0, 0.25}, data.Pair{0, 0, 2, 0.5})
	run := NewTrainer(p, Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1, Seed: 3})
	const n = 30_000
	var drawn [3]float64
	for i := range uint64(n) {
		switch tally, forA := run.Votes.At(run.Position(i)); {
		case tally == 1:
			drawn[2]++
		case forA:
			drawn[0]++
		default:
			drawn[1]++
		}
	}
	for i, share := range []float64{0.5, 1.0 / 6, 1.0 / 3} {
		oracle.Near(t, "share", drawn[i]/n, share, 5*math.Sqrt(share*(1-share)/n))
	}
}
