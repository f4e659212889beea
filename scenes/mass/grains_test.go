package mass

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// held counts the grains of each bar from the grains themselves.
func held(g *Grains) []int {
	out := make([]int, len(g.stacks))
	for i := range g.grains {
		out[g.grains[i].bar]++
	}
	return out
}

// check holds the grains to what must be true at every moment: the counts are
// the policy's within a grain, they add up, slots are taken once, and each
// count rounded by largest remainder is a neighbour of the exact share.
func check(t *testing.T, g *Grains, policy []float64) {
	t.Helper()
	sum, m := 0, scenetest.Total(policy)
	for k, n := range held(g) {
		sum += n
		if exact := grainCount * policy[k] / m; math.Abs(float64(n)-exact) >= 1 {
			t.Fatalf("bar %d holds %d grains for %g", k, n, exact)
		}
		if n != len(g.stacks[k]) {
			t.Fatalf("bar %d: %d grains in it, %d in its stack", k, n, len(g.stacks[k]))
		}
		for slot, i := range g.stacks[k] {
			if q := g.grains[i]; int(q.bar) != k || int(q.slot) != slot {
				t.Fatalf("grain %d thinks that it is at %d/%d, not %d/%d", i, q.bar, q.slot, k, slot)
			}
		}
	}
	if sum != grainCount {
		t.Fatalf("%d grains", sum)
	}
}

func TestGrainsAreConservedAndYoung(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, k := range []int{1, 2, 6, 12, 40} {
		g, bars := NewGrains(), columns(k)
		policy := scenetest.RandomSimplex(r, k)
		g.Reset(policy)
		check(t, g, policy)
		now, dst := 1000.0, []picture.Point(nil)
		for frame := range 400 {
			var flow []float64
			size := []float64{0.01, 0.1, 2}[frame/100%3]
			policy, flow = drift(r, policy, size)
			if frame%7 == 0 {
				flow = nil
			}
			g.Move(policy, flow, now)
			check(t, g, policy)
			dst, _ = g.place(dst[:0], bars, now)
			if len(dst) != grainCount {
				t.Fatalf("%d grains placed", len(dst))
			}
			for i := range g.grains {
				if q := &g.grains[i]; q.end > now && q.end-q.left > 300+1e-6 {
					t.Fatalf("grain %d left its bar %g ms ago and needs %g more", i, now-q.left, q.end-now)
				}
			}
			now += 5 + 30*r.Float64()
		}
		if _, flying := g.place(nil, bars, now+300); flying != 0 || g.Moving(now+300) {
			t.Errorf("%d grains fly 300 ms after the last move", flying)
		}
	}
}

// A grain goes the way that the flow says, also by way of a third bar, and
// even when the bars' heights do not change.
func TestGrainsFollowTheFlow(t *testing.T) {
	home := func(g *Grains) (was [grainCount]uint16) {
		for i := range g.grains {
			was[i] = g.grains[i].bar
		}
		return was
	}
	went := func(g *Grains, was [grainCount]uint16) (n [3][3]int) {
		for i := range g.grains {
			n[was[i]][g.grains[i].bar]++
		}
		return n
	}
	g := NewGrains()
	g.Reset([]float64{.5, .25, .25})
	was := home(g)
	// 0 gives .1 to 1, 1 gives .1 to 2.
	g.Move([]float64{.4, .25, .35}, []float64{0, .1, 0, -.1, 0, .1, 0, -.1, 0}, 0)
	if n := went(g, was); n[0][1]+n[0][2] != 200 || n[1][2]+n[0][2] != 200 || n[0][1] < 150 {
		t.Errorf("by way of bar 1: %v", n)
	}
	was = home(g)
	// A round of .05 that leaves the policy as it is.
	g.Move([]float64{.4, .25, .35}, []float64{0, .05, 0, 0, 0, .05, .05, 0, 0}, 0)
	if n := went(g, was); n[0][1] < 90 || n[1][2] < 90 || n[2][0] < 90 {
		t.Errorf("a round: %v", n)
	}
}

func TestDegeneratePolicies(t *testing.T) {
	g := NewGrains()
	for _, policy := range [][]float64{{1}, {1, 0, 0}, {1e-300, 1, 1e-300}, {1e-300, 1e-300}, {0, 0, 5e-324}, {1. / 3, 1. / 3, 1. / 3}} {
		g.Reset(policy)
		check(t, g, policy)
		points, _ := g.place(nil, make([]picture.Bar, len(policy)), 0)
		g.Move(policy, make([]float64, len(policy)*len(policy)), 16)
		check(t, g, policy)
		points, _ = g.place(points, columns(len(policy)), 16)
		for _, q := range points {
			if q.X != q.X || q.Y != q.Y {
				t.Fatalf("%v: a grain is nowhere", policy)
			}
		}
	}
}

func TestNoPolicyNoGrains(t *testing.T) {
	for _, policy := range [][]float64{{0, 0}, {math.NaN(), 1}, {-1, 2}, {math.Inf(1), 0}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was taken for a policy", policy)
				}
			}()
			NewGrains().Reset(policy)
		}()
	}
}

func TestReducedMotionJumps(t *testing.T) {
	g := NewGrains()
	g.Jump = true
	g.Reset([]float64{1, 0})
	g.place(nil, columns(2), 0)
	g.Move([]float64{0, 1}, nil, 10)
	if _, flying := g.place(nil, columns(2), 10); flying != 0 || g.Moving(10) {
		t.Errorf("%d grains fly", flying)
	}
}

func TestMovingUntilAllIsDrawnAtRest(t *testing.T) {
	g := NewGrains()
	g.Reset([]float64{1, 0})
	g.place(nil, columns(2), 0)
	if g.Moving(0) {
		t.Error("grains at rest move")
	}
	g.Move([]float64{0, 1}, nil, 10)
	if _, flying := g.place(nil, columns(2), 20); flying != grainCount || !g.Moving(20) {
		t.Errorf("%d grains fly", flying)
	}
	if !g.Moving(400) {
		t.Error("the grains have landed but have not been drawn there")
	}
	g.place(nil, columns(2), 400)
	if g.Moving(400) {
		t.Error("grains drawn at rest still move")
	}
}

// Grains lie evenly: each ninth of a bar holds its share within a third.
func TestGrainsLieEvenly(t *testing.T) {
	for _, n := range []int{90, 450, 2000} {
		var cells [9]int
		for i := range n {
			q := slotPlace(i)
			cells[min(int(3*q.X), 2)*3+min(int(3*q.Y), 2)]++
		}
		for _, c := range cells {
			if share := float64(n) / 9; math.Abs(float64(c)-share) > share/3 {
				t.Errorf("%d grains: %v", n, cells)
			}
		}
	}
}

func TestWarmGrainsAllocateNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	policy := scenetest.RandomSimplex(r, 6)
	next, flow := drift(r, policy, 0.1)
	g, bars := NewGrains(), columns(6)
	g.Reset(policy)
	dst, now := make([]picture.Point, 0, grainCount), 0.0
	if n := testing.AllocsPerRun(100, func() {
		g.Move(next, flow, now)
		dst, _ = g.place(dst[:0], bars, now)
		policy, next = next, policy
		now += 16
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// drift is a random walk of logits and the flows between two of its policies,
// which are the antisymmetric part that adds up to the change exactly:
// mass goes from losers to winners in proportion.
func drift(r *rand.Rand, policy []float64, size float64) (next, flow []float64) {
	k := len(policy)
	next, flow = make([]float64, k), make([]float64, k*k)
	for i, p := range policy {
		next[i] = p * math.Exp(size*r.NormFloat64())
	}
	sum := scenetest.Total(next)
	won := 0.0
	for i := range next {
		next[i] /= sum
		won += max(next[i]-policy[i], 0)
	}
	for j := range k {
		for i := range k {
			lost, gained := max(policy[j]-next[j], 0), max(next[i]-policy[i], 0)
			if won > 0 {
				flow[j*k+i] += lost * gained / won
				flow[i*k+j] -= lost * gained / won
			}
		}
	}
	return next, flow
}

func columns(k int) []picture.Bar {
	bars := make([]picture.Bar, k)
	for i := range bars {
		bars[i] = picture.Bar{float32(100 * i), 50, 70, 300}
	}
	return bars
}
