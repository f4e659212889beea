package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
)

// TestSharedWorkIsThatOfPairs: a step in parts is the step pair by pair, of all
// votes or some, also where parts overflow.
func TestSharedWorkIsThatOfPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(83, 84))
	for i := range objective.All() {
		o := &objective.All()[i]
		for turn := range 40 {
			p := datatest.Rich(r, 3, 6, 14, 2)
			cfg := Config{Objective: o, HyperParams: randomHypers(o, r), Rate: 0.1, Batch: turn % 2 * 5}
			shared, apiece := NewTrainer(p, cfg), NewTrainer(p, cfg)
			if shared.Way != byParts {
				continue
			}
			apiece.Way = byPair
			start := make([]float64, p.Arms())
			for k := range start {
				start[k] = math.Pow(10, float64(turn%4)) * r.NormFloat64()
			}
			shared.StartAt(start)
			apiece.StartAt(start)
			shared.Advance(1)
			apiece.Advance(1)
			for k := range shared.d {
				got, want := shared.d[k], apiece.d[k]
				if far := turn%4 > 1 || turn%4 > 0 && o.Key == "orpo"; far && (got-got == 0) == (want-want == 0) {
					continue // slopes of 1e30 that cancel leave different noise
				}
				if size := math.Abs(want) + math.Abs(start[shared.Arms[k]]) + 1; !(math.Abs(got-want) <= 1e-11*size) {
					t.Errorf("%s, %+v: d[%d] goes from %v to %v, pair by pair to %v", o.Key, cfg.HyperParams, k, start[k], got, want)
				}
			}
		}
	}
}

// TestSharedWorkLeavesOthersAlone: where the pushes of a prompt cancel, a reply
// that nobody compared has no gradient, not even by rounding.
func TestSharedWorkLeavesOthersAlone(t *testing.T) {
	d := &data.Dataset{Prompts: []data.Prompt{{Replies: make([]data.Reply, 5), Reference: []float64{0.1, 0.2, 0.3, 0.15, 0.25}}},
		Pairs: []data.Pair{{0, 0, 1, 3}, {0, 1, 2, 7}, {0, 2, 0, 5}, {0, 3, 1, 11}}}
	for key, alpha := range map[string]float64{"fdiv_js": 0, "fdiv_forward_kl": 0, "fdiv_alpha": 1, "chi_po": 0} {
		o := objective.Named(key)
		h := o.Defaults(0.7)
		h.Alpha = alpha
		run := NewTrainer(data.NewProblem(d), Config{Objective: o, HyperParams: h, Rate: 0.1})
		if g := make([]float64, 5); true {
			if addGradient(run, g); g[4] != 0 || g[0] == 0 {
				t.Errorf("%s: at the start the gradient is %v", key, g)
			}
		}
	}
}
