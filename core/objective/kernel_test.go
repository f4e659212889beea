package objective_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// arena returns n duels between k arms with seeded weights, and offsets d of the given size.
func arena(k, n int, size float64) (d, g []float64, duels []objective.Duel) {
	r := rand.New(rand.NewPCG(uint64(k), uint64(n)))
	d, g = make([]float64, k), make([]float64, k)
	for i := range d {
		d[i] = size * r.NormFloat64()
	}
	for range n {
		a := r.IntN(k - 1)
		b := a + 1 + r.IntN(k-1-a)
		duels = append(duels, objective.Duel{uint32(a), uint32(b), r.Float64() / float64(n), r.Float64() / float64(n)})
	}
	return d, g, duels
}

// TestClimbAgainstBig compares with the formula evaluated by math/big.
func TestClimbAgainstBig(t *testing.T) {
	o := oracle.New()
	for _, size := range []float64{0, 0.5, 20, 500} {
		for _, n := range []int{0, 1, 2, 7, 40} {
			d, g, duels := arena(9, n, size)
			want := make([]float64, len(d))
			objective.PushLogistic(d, g, duels, 1.5)
			for _, q := range duels {
				u := 1.5 * (d[q.A] - d[q.B])
				up, _ := o.Sigmoid(-u).Float64()
				down, _ := o.Sigmoid(u).Float64()
				want[q.A] += q.Na*up - q.Nb*down
				want[q.B] -= q.Na*up - q.Nb*down
			}
			for k := range g {
				if math.Abs(g[k]-want[k]) > 1e-15 {
					t.Errorf("size %v, %d duels: g[%d] = %v, want %v", size, n, k, g[k], want[k])
				}
			}
		}
	}
}

// On one-sided votes the force is na·σ(−u), and it must stay right when it is
// far below the rounding of 1: margins grow like log t on it.
func TestForceInTheTails(t *testing.T) {
	o := oracle.New()
	for _, u := range []float64{-1e308, -740, -701, -700, -699.9, -40, 0, 40, 699.9, 700, 701, 740, 1e308} {
		for _, f := range []struct {
			got, u float64
		}{{objective.Force(u, 1, 0), -u}, {-objective.Force(u, 0, 1), u}} {
			want := 1.0
			if f.u < -1000 {
				want = 0
			}
			if math.Abs(f.u) > 1000 {
				if f.got != want {
					t.Errorf("σ(%v) as a force = %v, want %v", f.u, f.got, want)
				}
			} else if over := oracle.Excess(f.got, o.Sigmoid(f.u), 7e-16); over > 1 {
				t.Errorf("σ(%v) as a force = %v is %.2f times the bound off", f.u, f.got, over)
			}
		}
	}
}

// The ways to −log σ(u) and its slope that share an exponential give what
// sigmoidLoss gives.
func TestSigmoidLossOneByOne(t *testing.T) {
	votes := [][2]float64{{1, 0}, {0, 1}, {0.9, 0.1}, {0.5, 0.5}, {3, 7}}
	for _, u := range []float64{-1e300, -740, -701, -40, -3, -1e-9, 0, 1e-9, 0.3, 2, 40, 699.9, 701, 1e300} {
		right, wrong := train.SigmoidLosses(u)
		for _, n := range votes {
			loss, slope := objective.SigmoidLoss(u, n[0], n[1])
			want := n[0]*right + n[1]*wrong
			oracle.Near(t, fmt.Sprintf("loss of %v at %v", n, u), loss, want, 1e-15*want)
			oracle.Near(t, fmt.Sprintf("slope of %v at %v", n, u), slope, -objective.Force(u, n[0], n[1]), 1e-15*(n[0]*num.Sigmoid(-u)+n[1]*num.Sigmoid(u)))
		}
	}
}

// A far pair sends its neighbour through force; the neighbour's bits must not change.
func TestClimbDoesNotDependOnNeighbours(t *testing.T) {
	duels := []objective.Duel{{0, 1, 0.3, 0.1}, {2, 3, 0.2, 0.7}}
	for _, far := range []float64{3, 699, 701, 1e308, -1e308} {
		d, g := []float64{0.25, -0.5, far / 2, -far / 2}, make([]float64, 4)
		objective.PushLogistic(d, g, duels, 1)
		alone := make([]float64, 4)
		objective.PushLogistic(d, alone, duels[:1], 1)
		objective.PushLogistic(d, alone, duels[1:], 1)
		for k := range g {
			if g[k] != alone[k] || math.IsNaN(g[k]) {
				t.Errorf("far %v: g[%d] = %v, one by one %v", far, k, g[k], alone[k])
			}
		}
	}
}

// One one-sided pair in small steps follows u + e^u = 1 + 2ηβ²t.
func TestClimbFollowsTheFlow(t *testing.T) {
	const beta, rate, steps = 0.5, 1e-3, 200000
	d, g := make([]float64, 2), make([]float64, 2)
	duels := []objective.Duel{{0, 1, beta, 0}}
	for range steps {
		objective.PushLogistic(d, g, duels, beta)
		for k := range d {
			d[k] += rate * g[k]
			g[k] = 0
		}
	}
	u := beta * (d[0] - d[1])
	if got, want := u+math.Exp(u), 1+2*rate*beta*beta*steps; math.Abs(got-want) > 1e-3*want {
		t.Errorf("u + e^u = %v after time %v, want %v", got, rate*steps, want)
	}
}

func TestClimbKeepsNaN(t *testing.T) {
	d, g := []float64{math.NaN(), 0, 0, 0}, make([]float64, 4)
	objective.PushLogistic(d, g, []objective.Duel{{0, 1, 1, 1}, {2, 3, 1, 0}}, 1)
	if !math.IsNaN(g[0]) || !math.IsNaN(g[1]) || g[2] != 0.5 {
		t.Errorf("g = %v, want NaN, NaN, 0.5, -0.5", g)
	}
}

func TestClimbDoesNotAllocate(t *testing.T) {
	d, g, duels := arena(64, 1023, 1)
	if n := testing.AllocsPerRun(10, func() { objective.PushLogistic(d, g, duels, 0.1) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkClimb(b *testing.B) {
	for _, size := range [][2]int{{8, 32}, {64, 1024}, {1024, 65536}, {2048, 1024}} {
		b.Run(fmt.Sprintf("arms=%d/duels=%d", size[0], size[1]), func(b *testing.B) {
			d, g, duels := arena(size[0], size[1], 0)
			b.ReportAllocs()
			for b.Loop() {
				objective.PushLogistic(d, g, duels, 0.1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size[1]), "ns/duel")
		})
	}
}
