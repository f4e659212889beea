package core

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"dpoplayground/internal/oracle"
)

// Which pairs are compared, as drawn.
func TestCoverage(t *testing.T) {
	s := DefaultSettings()
	for _, row := range []struct {
		coverage float64
		k        int
		want     [][2]int
	}{
		{CoverAll, 3, [][2]int{{0, 1}, {0, 2}, {1, 2}}},
		{CoverChain, 4, [][2]int{{0, 1}, {1, 2}, {2, 3}}},
		{CoverFirst, 4, [][2]int{{0, 1}, {0, 2}, {0, 3}}},
		{CoverSeen, 4, [][2]int{{0, 1}, {0, 2}, {1, 2}}},
		{CoverSeen, 2, [][2]int{{0, 1}}},
		{CoverHalf, 2, [][2]int{{0, 1}}},
	} {
		s[Coverage] = row.coverage
		if got := compared(row.k, 0, &s); !slices.Equal(got, row.want) {
			t.Errorf("coverage %v of %d replies compares %v, want %v", row.coverage, row.k, got, row.want)
		}
	}
	s[Coverage] = CoverHalf
	times := map[[2]int]int{}
	for seed := range 400 {
		s[Seed] = float64(seed)
		half := compared(5, 0, &s)
		if len(half) != 5 {
			t.Fatalf("half of 10 pairs are %v", half)
		}
		for _, pair := range half {
			times[pair]++
		}
	}
	for pair, n := range times {
		oracle.Near(t, fmt.Sprint(pair, " in 400 draws of half"), float64(n), 200, 5*math.Sqrt(400*0.25))
	}
	if len(times) != 10 {
		t.Errorf("only %d pairs were ever drawn", len(times))
	}
}
