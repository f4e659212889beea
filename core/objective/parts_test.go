package objective_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

// slopes are ψ's derivatives by the parts' definition.
func (p *objective.Parts) slopes(x, y float64) (dx, dy float64) {
	chosen, rejected := objective.Part{Height: x, Slope: 1}, objective.Part{Height: y, Slope: 1}
	if p.Chosen != nil {
		chosen, rejected = p.Chosen(x), p.Chosen(y)
		rejected.Alone = 0
	}
	if p.Rejected != nil {
		rejected = p.Rejected(y)
	}
	dx, dy = chosen.Alone, rejected.Alone
	if p.Link.Slope != nil {
		link := p.Link.Slope(chosen.Height - rejected.Height)
		dx += link * chosen.Slope
		dy -= link * rejected.Slope
	}
	return dx, dy
}

func TestPartsMakeThePair(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	in := 0
	for i := range objective.All() {
		o := &objective.All()[i]
		for range 300 {
			l := o.With(randomHypers(o, r))
			if l.Parts == nil {
				continue
			}
			x, tokens := randomPair(r), float64(1+r.IntN(4))
			a, b := o.Score(x[0], x[2], tokens), o.Score(x[1], x[3], tokens)
			_, wantX, wantY := l.Pair(a, b)
			gotX, gotY := l.Parts.slopes(a, b)
			size := 1 + math.Abs(wantX) + math.Abs(wantY)
			if !(math.Abs(gotX-wantX) <= 1e-12*size) || !(math.Abs(gotY-wantY) <= 1e-12*size) {
				t.Errorf("%s, %+v at %v, %v: %v, %v, want %v, %v", o.Key, l.Params, a, b, gotX, gotY, wantX, wantY)
			}
			in++
		}
	}
	if in < 20*300 {
		t.Errorf("only %d losses are in parts", in)
	}
}

// TestSharedWorkIsThatOfPairs: a step in parts is the step pair by pair, of all
// votes or some, also where parts overflow.
func TestSharedWorkIsThatOfPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(83, 84))
	for i := range objective.All() {
		o := &objective.All()[i]
		for turn := range 40 {
			p := coretest.RichProblem(r, 3, 6, 14, 2)
			cfg := train.Config{Objective: o, HyperParams: randomHypers(o, r), Rate: 0.1, Batch: turn % 2 * 5}
			shared, apiece := train.NewTrainer(p, cfg), train.NewTrainer(p, cfg)
			if shared.Way != train.byParts {
				continue
			}
			apiece.Way = train.byPair
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
		run := train.NewTrainer(data.NewProblem(d), train.Config{Objective: o, HyperParams: h, Rate: 0.1})
		if g := make([]float64, 5); true {
			if coretest.AddGradient(run, g); g[4] != 0 || g[0] == 0 {
				t.Errorf("%s: at the start the gradient is %v", key, g)
			}
		}
	}
}

// TestSamplesInOrder: the order does not depend on where it comes from.
func TestSamplesInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(85, 86))
	var kept train.sample
	for range 300 {
		if len(kept.value) == 0 || r.IntN(20) == 0 {
			kept.value = make([]float64, 1+r.IntN(60))
		}
		size := math.Exp(3 * r.NormFloat64())
		for i := range kept.value {
			kept.value[i] = math.Round(8*(kept.value[i]+size*r.NormFloat64())) / 8
		}
		kept.sort()
		fresh := train.sample{value: kept.value}
		fresh.sortAnew()
		if !slices.Equal(kept.order, fresh.order) || !slices.Equal(kept.sorted, fresh.sorted) || !slices.IsSorted(kept.sorted) {
			t.Fatalf("%v are put in order %v, want %v", kept.value, kept.order, fresh.order)
		}
		for i := range kept.order[1:] {
			if a, b := kept.order[i], kept.order[i+1]; kept.value[a] == kept.value[b] && a > b {
				t.Fatalf("equal ones are swapped: %v", kept.order)
			}
		}
	}
	kept.value[0] = math.NaN()
	kept.sort()
	fresh := train.sample{value: kept.value}
	if fresh.sortAnew(); !slices.Equal(kept.order, fresh.order) {
		t.Error("a NaN makes the order depend on the last one")
	}
}
