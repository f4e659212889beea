package scores

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// TestMeshSolves compares with gonum's dense solver.
func TestMeshSolves(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for n := 2; n < 20; n++ {
		var links []link
		for a := range n {
			for b := range n {
				if a != b && (b == a+1 || rng.IntN(3) == 0) {
					links = append(links, link{a, b, rng.Float64(), rng.NormFloat64()})
				}
			}
		}
		h, f := mat.NewDense(n-1, n-1, nil), mat.NewVecDense(n-1, nil)
		add := func(i, j int, w float64) {
			if i < n-1 && j < n-1 {
				h.Set(i, j, h.At(i, j)+w)
			}
		}
		for _, l := range links {
			add(l.a, l.a, l.w)
			add(l.b, l.b, l.w)
			add(l.a, l.b, -l.w)
			add(l.b, l.a, -l.w)
			if l.a < n-1 {
				f.SetVec(l.a, f.AtVec(l.a)+l.f)
			}
			if l.b < n-1 {
				f.SetVec(l.b, f.AtVec(l.b)-l.f)
			}
		}
		var want mat.VecDense
		if err := want.SolveVec(h, f); err != nil {
			t.Fatal(err)
		}
		var dense mesh
		var sparse gradients
		x, z := make([]float64, n), make([]float64, n)
		dense.solve(x, links, new(Pace))
		sparse.solve(z, links, 1e-14, new(Pace))
		for i := range n - 1 {
			if math.Abs(x[i]-want.AtVec(i)) > 1e-9 || math.Abs(z[i]-z[n-1]-want.AtVec(i)) > 1e-9 {
				t.Errorf("n = %d: x[%d] = %v by mesh, %v by gradients, want %v", n, i, x[i], z[i]-z[n-1], want.AtVec(i))
			}
		}
	}
}

// TestMeshKeepsWeakLinks: a stiff clump of three, pushed from inside by forces
// that cancel, hangs on one weak link that bears a weak force.
func TestMeshKeepsWeakLinks(t *testing.T) {
	links := []link{{0, 1, 1e30, 1e30}, {1, 2, 1e30, 1e30}, {2, 0, 1e30, 1e30}, {1, 3, 1e-20, 3e-20}}
	x := make([]float64, 4)
	new(mesh).solve(x, links, new(Pace))
	for i := range 3 {
		if math.Abs(x[i]-3) > 1e-12 {
			t.Errorf("x = %v, want 3, 3, 3, 0", x)
			break
		}
	}
}
