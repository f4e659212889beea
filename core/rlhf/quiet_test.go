package rlhf_test

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/internal/full"
)

// Where the noise of drawn replies is said to die the run comes to its optimum to
// many digits, on one prompt or on three; where not, it is seen to stay away.
func TestQuietens(t *testing.T) {
	t.Parallel()
	settings := []map[core.Param]float64{{}, {core.Normalise: 0}, {core.ValueRate: 0}, {core.LeashChoice: float64(rlhf.LeashK3Loss)}}
	for _, preset := range []string{"same", "three"} {
		for how := rlhf.Reinforce; how <= rlhf.PPO; how++ {
			for _, set := range settings[:full.Or(1, len(settings))] {
				l := coretest.NewLab(t, preset, map[core.Param]float64{core.Source: core.FromPopulation, core.How: core.LearnByRLHF, core.EstimatorChoice: float64(how), core.Steps: 8000, core.Rate: 0.6})
				e := l.Experiment
				for p, x := range set {
					e.Settings[p] = x
				}
				if c := l.Set(e); c != nil {
					t.Fatal(c)
				}
				coretest.SettleLab(l, 4096)
				cfg := l.RLHF().Config()
				quiet, most := cfg.Quietens(len(l.Problem.Prompts)), 0.0
				for step := 7900; step <= 8000; step += 20 {
					l.Seek(step)
					coretest.SettleLab(l, 4096)
					for k, lp := range l.Policy() {
						most = math.Max(most, math.Abs(num.Exp(lp)-num.Exp(l.Optimum.LogPi[k])))
					}
				}
				if quiet && most > 5e-5 || !quiet && most < 1e-3 {
					t.Errorf("%s by estimator %d with %v: quiet %v, yet %v away", preset, how, set, quiet, most)
				}
			}
		}
	}
}
