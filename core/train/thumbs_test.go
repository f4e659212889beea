package train

import (
	"math"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/internal/oracle"
)

// An epoch of minibatches goes through every vote and thumb that the loss reads
// once, and a batch's weights sum to 1.
func TestThumbsAreDealt(t *testing.T) {
	set := datatest.Thumbed(true, true)
	p := data.NewProblem(set)
	for key, n := range map[string]int{"kto": 6 + 13, "sft": 6 + 7, "dpo": 6} {
		trainer := NewTrainer(p, Config{Objective: objective.Named(key), HyperParams: objective.Named(key).Defaults(0.5), Rate: 0.1, Batch: 1, Seed: 3})
		if int(trainer.Votes.Total) != n {
			t.Fatalf("%s reads %v, want %d", key, trainer.Votes.Total, n)
		}
		seen := map[[2]int]float64{}
		for i := range n {
			entry, first := trainer.Votes.At(trainer.Position(uint64(i)))
			side := 1
			if first {
				side = 0
			}
			seen[[2]int{entry, side}]++
		}
		for i, tally := range p.Tallies {
			oracle.Near(t, key+": votes for A", seen[[2]int{i, 0}], tally.ForA, 0)
			oracle.Near(t, key+": votes for B", seen[[2]int{i, 1}], tally.ForB, 0)
		}
		up, down := trainer.loss.Objective.Worth()
		for i, thumb := range p.Thumbs {
			oracle.Near(t, key+": up", seen[[2]int{len(p.Tallies) + i, 0}], thumb.Up*math.Ceil(up), 0)
			oracle.Near(t, key+": down", seen[[2]int{len(p.Tallies) + i, 1}], thumb.Down*math.Ceil(down), 0)
		}
	}
	trainer := NewTrainer(p, Config{Objective: objective.Named("kto"), HyperParams: objective.Named("kto").Defaults(0.5), Rate: 0.1, Batch: 7, Seed: 3})
	for range 40 {
		trainer.Advance(1)
		sum := 0.0
		for _, q := range trainer.hand {
			sum += q.Na + q.Nb
		}
		for _, m := range trainer.thumbHand {
			sum += m.up + m.dn
		}
		oracle.Near(t, "a batch's weights", sum, 1, 1e-12)
	}
	allocations := func() { trainer.Advance(50) }
	if n := testing.AllocsPerRun(20, allocations); n != 0 {
		t.Errorf("a step of a minibatch allocates %v times", n)
	}
	full := NewTrainer(p, Config{Objective: objective.Named("kto"), HyperParams: objective.Named("kto").Defaults(0.5), Rate: 0.1})
	if n := testing.AllocsPerRun(20, func() { full.Advance(5); full.Pushing(0, 3) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}
