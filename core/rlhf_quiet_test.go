package core

import (
	"math"
	"testing"

	"dpoplayground/internal/full"
)

// Where the noise of drawn replies is said to die the run comes to its optimum to
// many digits, on one prompt or on three; where not, it is seen to stay away.
func TestQuietens(t *testing.T) {
	t.Parallel()
	settings := []map[Param]float64{{}, {Normalise: 0}, {ValueRate: 0}, {LeashChoice: float64(LeashK3Loss)}}
	for _, preset := range []string{"same", "three"} {
		for how := Reinforce; how <= PPO; how++ {
			for _, set := range settings[:full.Or(1, len(settings))] {
				l := newLab(t, preset, map[Param]float64{Source: FromPopulation, How: LearnByRLHF, EstimatorChoice: float64(how), Steps: 8000, Rate: 0.6})
				e := l.Experiment
				for p, x := range set {
					e.Settings[p] = x
				}
				if c := l.Set(e); c != nil {
					t.Fatal(c)
				}
				settleLab(l, 4096)
				cfg := l.RLHF().Config()
				quiet, most := cfg.Quietens(len(l.Problem.Prompts)), 0.0
				for step := 7900; step <= 8000; step += 20 {
					l.Seek(step)
					settleLab(l, 4096)
					for k, lp := range l.Policy() {
						most = math.Max(most, math.Abs(Exp(lp)-Exp(l.Optimum.LogPi[k])))
					}
				}
				if quiet && most > 5e-5 || !quiet && most < 1e-3 {
					t.Errorf("%s by estimator %d with %v: quiet %v, yet %v away", preset, how, set, quiet, most)
				}
			}
		}
	}
}
