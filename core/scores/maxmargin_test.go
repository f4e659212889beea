package scores

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMarginsMeetTheirConditions checks what characterises the answer: margins
// of at least 1, loads that are not negative, no load where there is slack, and
// loads that add up to mass × v.
func TestMarginsMeetTheirConditions(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, k := range []int{2, 3, 5, 8, 20, 100, 400} {
		for range 3 + 600/k {
			var arcs []Spring
			for len(arcs) == 0 {
				for range 1 + rng.IntN(3*k) {
					if a, b := rng.IntN(k), rng.IntN(k); a < b {
						arcs = append(arcs, Spring{A: a, B: b})
					}
				}
			}
			mass := make([]float64, k)
			for i := range mass {
				mass[i] = float64(1 + rng.IntN(3))
			}
			m := newMargins(mass, arcs, new(Pace))
			if !m.solve() {
				t.Fatal("gave up")
			}
			net := make([]float64, k)
			for e, arc := range arcs {
				if s := m.slack(e); s < -1e-9 || arc.Down < 0 || (s > 1e-9 && arc.Down != 0) {
					t.Errorf("k = %d: arc %v has slack %v", k, arc, s)
				}
				net[arc.A] += arc.Down
				net[arc.B] -= arc.Down
			}
			for i, f := range net {
				if math.Abs(f-mass[i]*m.v[i]) > 1e-9*float64(k) {
					t.Errorf("k = %d: node %d has v = %v but is drawn by %v", k, i, m.v[i], f)
				}
			}
		}
	}
}
