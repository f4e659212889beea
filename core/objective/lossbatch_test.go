package objective_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// randomBatch draws n pairs near the reference, weighted or not.
func randomBatch(r *rand.Rand, n int, weighted bool) *objective.LossBatch {
	b := &objective.LossBatch{}
	for range n {
		x := randomPair(r)
		for i, s := range []*objective.Side{&b.Chosen, &b.Rejected} {
			s.LogPi, s.LogRef = append(s.LogPi, x[i]-0.1), append(s.LogRef, x[2+i])
			s.Tokens = append(s.Tokens, float64(1+r.IntN(9)))
		}
		if weighted {
			b.Chosen.Weight = append(b.Chosen.Weight, float64(1+r.IntN(4)))
		}
	}
	b.Rejected.Weight = b.Chosen.Weight
	return b
}

// TestBatchGradient compares the gradient of every objective with central
// differences of its own mean loss.
func TestBatchGradient(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	for i := range objective.All() {
		o := &objective.All()[i]
		l := o.With(o.Defaults(0.3))
		for range 20 {
			b := randomBatch(r, 1+r.IntN(6), r.IntN(2) == 0)
			b.Mean(l, 0.2)
			for _, s := range []*objective.Side{&b.Chosen, &b.Rejected} {
				want := slices.Clone(s.Grad)
				for k := range s.LogPi {
					const h = 1e-6
					at := s.LogPi[k]
					s.LogPi[k] = at + h
					up := b.Mean(l, 0.2)
					s.LogPi[k] = at - h
					down := b.Mean(l, 0.2)
					s.LogPi[k] = at
					got := (up - down) / (2 * h)
					if math.Abs(got-want[k]) > 1e-6*(1+math.Abs(want[k])+math.Abs(up)) {
						t.Errorf("%s: gradient %v, central difference %v", o.Key, want[k], got)
					}
				}
			}
		}
	}
}

// TestBatchWeightsAreRepetitions: a weight of n is n times the same example.
func TestBatchWeightsAreRepetitions(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 54))
	for i := range objective.All() {
		o := &objective.All()[i]
		l := o.With(o.Defaults(0.3))
		b := randomBatch(r, 5, true)
		long := &objective.LossBatch{Chosen: repeated(&b.Chosen), Rejected: repeated(&b.Rejected)}
		mean, want := b.Mean(l, b.Baseline()), long.Mean(l, long.Baseline())
		if math.Abs(mean-want) > 1e-13*(1+math.Abs(want)) {
			t.Errorf("%s: weighted mean %v, repeated %v", o.Key, mean, want)
		}
		at := 0
		for k, w := range b.Chosen.Weight {
			sum := 0.0
			for range int(w) {
				sum += long.Chosen.Grad[at]
				at++
			}
			if math.Abs(sum-b.Chosen.Grad[k]) > 1e-13*(1+math.Abs(sum)) {
				t.Errorf("%s: weighted gradient %v, repeated %v", o.Key, b.Chosen.Grad[k], sum)
			}
		}
	}
}

func repeated(s *objective.Side) (out objective.Side) {
	for i, w := range s.Weight {
		for range int(w) {
			out.LogPi, out.LogRef = append(out.LogPi, s.LogPi[i]), append(out.LogRef, s.LogRef[i])
			out.Tokens = append(out.Tokens, s.Tokens[i])
		}
	}
	return out
}

func TestBatchCorners(t *testing.T) {
	for i := range objective.All() {
		l := objective.All()[i].With(objective.All()[i].Defaults(1))
		if mean := (&objective.LossBatch{}).Mean(l, 0); mean != 0 {
			t.Errorf("%s: an empty batch has loss %v", objective.All()[i].Key, mean)
		}
	}
	kto := objective.Named("kto").With(objective.HyperParams{Beta: 2, Desirable: 3, Undesirable: 5})
	bad := &objective.LossBatch{Rejected: objective.Side{LogPi: []float64{-1}, LogRef: []float64{-1}}}
	if mean := bad.Mean(kto, 0); mean != 2.5 || bad.Rejected.Grad[0] != 5*2*0.25 {
		t.Errorf("one thumb down: loss %v, gradient %v, want 2.5 and 2.5", mean, bad.Rejected.Grad)
	}
	if z := bad.Baseline(); z != 0 {
		t.Errorf("baseline %v, want 0", z)
	}
	up := &objective.LossBatch{Chosen: objective.Side{LogPi: []float64{-1, -1}, LogRef: []float64{-4, -2}, Weight: []float64{1, 3}}}
	if z := up.Baseline(); z != 1.5 {
		t.Errorf("baseline of log-ratios 3 and 1, 1, 1 is %v, want 1.5", z)
	}
}

func TestBatchAllocatesNothing(t *testing.T) {
	b := randomBatch(rand.New(rand.NewPCG(55, 56)), 40, true)
	for i := range objective.All() {
		l := objective.All()[i].With(objective.All()[i].Defaults(0.3))
		b.Mean(l, 0.1)
		if n := testing.AllocsPerRun(10, func() { b.Mean(l, b.Baseline()) }); n != 0 {
			t.Errorf("%s allocates %v times a step", objective.All()[i].Key, n)
		}
	}
}

// TestCouplingIsOptimal compares the matches with all permutations: none has a
// smaller convex cost.
func TestCouplingIsOptimal(t *testing.T) {
	r := rand.New(rand.NewPCG(57, 58))
	var c data.Coupling
	for range 50 {
		x, y := make([]float64, 5), make([]float64, 5)
		for i := range x {
			x[i], y[i] = float64(r.IntN(6)), r.NormFloat64()
		}
		cost, matched := 0.0, map[[2]int]bool{}
		for _, m := range c.Match(x, y, nil, nil) {
			d := x[m.X] - y[m.Y]
			cost += m.Weight * d * d
			matched[[2]int{m.X, -1}], matched[[2]int{-1, m.Y}] = true, true
		}
		if len(matched) != 10 {
			t.Fatalf("%d numbers are matched, want 10", len(matched))
		}
		best := math.Inf(1)
		permute([]int{0, 1, 2, 3, 4}, 0, func(p []int) {
			total := 0.0
			for i, j := range p {
				total += (x[i] - y[j]) * (x[i] - y[j])
			}
			best = min(best, total)
		})
		if cost > best+1e-12 {
			t.Errorf("cost %v, the best permutation has %v", cost, best)
		}
	}
}

func permute(p []int, from int, f func([]int)) {
	if from == len(p) {
		f(p)
	}
	for i := from; i < len(p); i++ {
		p[from], p[i] = p[i], p[from]
		permute(p, from+1, f)
		p[from], p[i] = p[i], p[from]
	}
}

// TestCouplingOfUnequalTotals: each of two numbers has 3 to send and each of
// three takes 2.
func TestCouplingOfUnequalTotals(t *testing.T) {
	var c data.Coupling
	got := c.Match([]float64{5, 4}, []float64{1, 2, 3}, nil, nil)
	want := []data.Match{{1, 0, 2}, {1, 1, 1}, {0, 1, 1}, {0, 2, 2}}
	if !slices.Equal(got, want) {
		t.Errorf("matches %v, want %v", got, want)
	}
	if none := c.Match([]float64{1}, nil, nil, nil); len(none) != 0 {
		t.Errorf("matches with nothing: %v", none)
	}
}

// TestCouplingKeepsWeights: what leaves and what arrives is the samples' own.
func TestCouplingKeepsWeights(t *testing.T) {
	wx, wy := []float64{0, 2.5, 1, 0, 0.5}, []float64{1, 3}
	gone, come := make([]float64, 5), make([]float64, 2)
	var c data.Coupling
	last := math.Inf(-1)
	x, y := []float64{9, 3, 3, -1, 2}, []float64{1, 0}
	for _, m := range c.Match(x, y, wx, wy) {
		gone[m.X] += m.Weight
		come[m.Y] += m.Weight
		if m.Weight <= 0 || x[m.X] < last {
			t.Errorf("match %+v is empty or out of order", m)
		}
		last = x[m.X]
	}
	if !slices.Equal(gone, wx) || !slices.Equal(come, wy) {
		t.Errorf("matched %v to %v, want %v to %v", gone, come, wx, wy)
	}
}
