package optimum

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"

	"dpoplayground/core/num"
	"dpoplayground/core/scores"
	"dpoplayground/internal/oracle"
)

// Whether there is an optimum is a linear programme: some v has a·v ≥ 0 for all
// votes, and Σ a·v = 1. It is put to gonum's simplex method.
func TestWidestDirections(t *testing.T) {
	r := rand.New(rand.NewPCG(93, 94))
	seen := map[bool]int{}
	for turn := range 300 {
		dim := 1 + turn%5
		c := cone{dim: dim, pace: new(scores.Pace)}
		for range 1 + r.IntN(3*dim) {
			a := make([]float64, dim)
			for j := range a {
				if a[j] = r.NormFloat64(); turn%3 == 0 {
					a[j] = float64(r.IntN(3) - 1)
				}
			}
			if length(a) > 0 {
				c.asks = append(c.asks, a)
			}
		}
		if len(c.asks) == 0 || len(c.span(func(int) bool { return true })) < dim {
			continue // gonum wants all variables to matter
		}
		c.split()
		want, err := programme(c.asks)
		if err != nil {
			continue // degenerate for gonum
		}
		if seen[want]++; c.anyFree() != want {
			t.Errorf("%v: a direction exists: %v, by the simplex method %v", c.asks, c.anyFree(), want)
		}
		if !c.anyFree() {
			continue
		}
		v := c.widest()
		least := math.Inf(1)
		for i, a := range c.asks {
			if c.free[i] {
				least = min(least, num.Dot(a, v))
			} else {
				oracle.Near(t, "a tied margin", num.Dot(a, v), 0, 1e-6*length(v))
			}
		}
		oracle.Near(t, "the least margin", least, 1, 1e-6)
		if dim == 2 && !slices.Contains(c.free, false) {
			oracle.Near(t, "margin for its length", 1/length(v), bestOfAngles(&c), 1e-3)
		}
	}
	if seen[true] < 40 || seen[false] < 40 {
		t.Errorf("one-sided: %v", seen)
	}
}

// programme tells whether the linear programme has a solution.
func programme(asks [][]float64) (is bool, err error) {
	dim, n := len(asks[0]), len(asks)
	// Variables v⁺, v⁻, slacks and, to have a start, t with Σ a·v + t = 1, t minimal.
	m := mat.NewDense(n+1, 2*dim+n+1, nil)
	b, cost := make([]float64, n+1), make([]float64, 2*dim+n+1)
	for i, a := range asks {
		for j, x := range a {
			m.Set(i, j, x)
			m.Set(i, dim+j, -x)
			m.Set(n, j, m.At(n, j)+x)
			m.Set(n, dim+j, m.At(n, dim+j)-x)
		}
		m.Set(i, 2*dim+i, -1)
	}
	m.Set(n, 2*dim+n, 1)
	b[n], cost[2*dim+n] = 1, 1
	start := make([]int, 0, n+1)
	for i := range n + 1 {
		start = append(start, 2*dim+i)
	}
	least, _, err := lp.Simplex(cost, m, b, 1e-10, start)
	return least < 0.5, err
}

// bestOfAngles is the largest least margin of a unit vector, by trying many.
func bestOfAngles(c *cone) (best float64) {
	for i := range 20_000 {
		angle := float64(i) * 2 * math.Pi / 20_000
		v, least := []float64{math.Cos(angle), math.Sin(angle)}, math.Inf(1)
		for _, a := range c.asks {
			least = min(least, num.Dot(a, v))
		}
		best = max(best, least)
	}
	return best
}
