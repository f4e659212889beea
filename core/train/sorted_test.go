package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSamplesInOrder: the order does not depend on where it comes from.
func TestSamplesInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(85, 86))
	var kept sample
	for range 300 {
		if len(kept.value) == 0 || r.IntN(20) == 0 {
			kept.value = make([]float64, 1+r.IntN(60))
		}
		size := math.Exp(3 * r.NormFloat64())
		for i := range kept.value {
			kept.value[i] = math.Round(8*(kept.value[i]+size*r.NormFloat64())) / 8
		}
		kept.sort()
		fresh := sample{value: kept.value}
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
	fresh := sample{value: kept.value}
	if fresh.sortAnew(); !slices.Equal(kept.order, fresh.order) {
		t.Error("a NaN makes the order depend on the last one")
	}
}
