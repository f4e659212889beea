package ledger

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
)

// everyone keeps each reply by itself.
func everyone(dst, logits []float64) []float64 { return append(dst[:0], logits...) }

// The accounts of a span add up to what the probabilities changed by, whatever
// the run learns by, and what one reply gave another got.
func TestLedgerBalances(t *testing.T) {
	for name, set := range map[string]map[core.Param]float64{
		"dpo": {}, "adam": {core.Optimizer: train.Adam, core.Rate: 0.05}, "batch": {core.Batch: 16}, "fast": {core.Rate: 50},
		"rlhf": {core.How: core.LearnByRLHF}, "online": {core.How: core.LearnOnline},
	} {
		l := coretest.NewLab(t, "tyre", set)
		g := New(l, 20, everyone)
		at := func(step int) []float64 {
			l.Seek(step)
			for l.Work(1000) {
			}
			p := make([]float64, l.Arms())
			for k, x := range l.Policy() {
				p[k] = math.Exp(x)
			}
			return p
		}
		before := at(20)
		for _, step := range []int{150, 60, 20, 61, 5} { // 5 lies before the span
			g.Seek(step)
			for !g.Work(7) {
			}
			after := at(max(step, 20))
			for k := range after {
				if d := g.Gained(k) - (after[k] - before[k]); math.Abs(d) > 1e-9 {
					t.Errorf("%s, step %d: the account of reply %d is off by %g", name, step, k, d)
				}
				for j := range after {
					if g.Net[j*g.K+k] != -g.Net[k*g.K+j] {
						t.Errorf("%s: %d gave %d other than that got", name, j, k)
					}
				}
			}
		}
	}
}

// Two replies of equal standing beside a third that only loses: what it gives
// is split evenly, by symmetry.
func TestLedgerOfSymmetricWinners(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Source: core.FromGiven, core.Reference: core.ReferenceUniform, core.Step: 100})
	e := l.Experiment
	e.Given = []data.Pair{{0, 0, 2, 3}, {0, 1, 2, 3}}
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	g := New(l, 0, everyone)
	g.Seek(100)
	for !g.Work(1000) {
	}
	a, b := g.Net[2*g.K+0], g.Net[2*g.K+1]
	if !(a > 0) || math.Abs(a-b) > 1e-12 || math.Abs(g.Net[1]) > 1e-12 {
		t.Errorf("the loser gave %v and %v, and the winners %v to each other", a, b, g.Net[1])
	}
}
