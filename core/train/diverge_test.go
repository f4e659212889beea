package train_test

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
)

// Runs that used to leave all numbers behind: what is read off them stays finite,
// they are said to have diverged, and a step is the same whichever way it is reached.
func TestDivergingRunsAreStopped(t *testing.T) {
	presets := coretest.TestPresets()
	for _, address := range []string{
		"preset=minority&obj=ipo&step=1000", "preset=rate&obj=ipo&step=200", "preset=greedy&obj=ipo&lr=0.6&steps=100000&step=100000",
		"preset=onesided&lr=3&step=1000", "preset=tyre&obj=ipo&lr=5&steps=20000&step=20000", "preset=unseen&obj=ipo&lr=1&steps=100000&step=100000",
		"preset=tyre&lr=1000&step=1000&obj=sppo_hard", "preset=tyre&lr=1000&step=1000&obj=orpo&beta=5", "preset=tyre&lr=1000&step=1000&obj=fdiv_forward_kl&beta=5",
		"preset=displacement&obj=ipo&lr=1000&step=1000", "preset=three&obj=ipo&lr=20&step=1000", "preset=tyre&how=rlhf&est=exact&leash=loss&lr=1000&step=1000",
		"preset=tyre&how=online&lr=1000&step=1000", "preset=tyre&lr=1000&step=1000",
	} {
		e, complaints := link.Parse(address, presets)
		if len(complaints) > 0 {
			t.Fatalf("%s: %v", address, complaints[0])
		}
		l, c := core.NewLab(presets, e)
		if c != nil {
			t.Fatalf("%s: %v", address, c)
		}
		for l.Work(10_000) {
		}
		sum := 0.0
		for k, lp := range l.Policy() {
			sum += math.Exp(lp)
			if lp != lp || lp > 1e-6 {
				t.Errorf("%s: log π of reply %d is %v", address, k, lp)
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%s: probabilities sum to %v", address, sum)
		}
		for i := range l.History.Measures {
			if m := &l.History.Measures[i]; m.KL-m.KL != 0 || m.Entropy-m.Entropy != 0 || m.Gap-m.Gap != 0 {
				t.Fatalf("%s: measures %+v at step %d", address, *m, l.History.Steps[i])
			}
		}
		there := append([]float64(nil), l.Logits(nil)...)
		l.Seek(3)
		for l.Work(10_000) {
		}
		l.Seek(int(e.Settings[core.Step]))
		for l.Work(777) {
		}
		for k, z := range l.Logits(nil) {
			if z != there[k] {
				t.Errorf("%s: on another way logit %d is %v, not %v", address, k, z, there[k])
			}
		}
	}
}

// One pair under IPO: beyond a rate of ½ each step overshoots further, below it
// arrives, whatever β is (see the curvature in LargestStableRate). Two pairs that
// share no reply halve each other's weight, and so allow twice the rate.
func TestIPODivergesBeyondItsRate(t *testing.T) {
	for _, beta := range []float64{0.05, 0.5, 5} {
		for _, c := range []struct {
			rate     float64
			given    []data.Pair
			diverges bool
		}{
			{0.49, []data.Pair{{0, 0, 1, 7}}, false}, {0.51, []data.Pair{{0, 0, 1, 7}}, true},
			{0.98, []data.Pair{{0, 0, 1, 7}, {0, 2, 3, 7}}, false}, {1.02, []data.Pair{{0, 0, 1, 7}, {0, 2, 3, 7}}, true},
		} {
			l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Beta: beta, core.Rate: c.rate, core.Source: core.FromGiven, core.Steps: 20_000, core.Step: 20_000})
			e := l.Experiment
			e.Settings, e.Given = e.Settings.Choose("ipo"), c.given
			if c := l.Set(e); c != nil {
				t.Fatal(c)
			}
			for l.Work(10_000) {
			}
			if l.Run.Diverged() != c.diverges || l.Overshoots() != c.diverges {
				t.Errorf("β %v, rate %v, %d pairs: diverged %v, said to overshoot %v", beta, c.rate, len(c.given), l.Run.Diverged(), l.Overshoots())
			}
		}
	}
}
