package num

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTop holds Top to a stable sort of all.
func TestTop(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		x, all := make([]float64, r.IntN(30)), []int{}
		for k := range x {
			x[k], all = float64(r.IntN(8)), append(all, k)
		}
		slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(x[b], x[a]) })
		n := r.IntN(len(x) + 1)
		if got := Top(x, n); !slices.Equal(got, all[:n]) {
			t.Fatalf("the top %d of %v are %v, not %v", n, x, got, all[:n])
		}
	}
}
