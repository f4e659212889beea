package data_test

import (
	"slices"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/internal/oracle"
)

// Votes on the same pair add up, either way round, and parts of votes anywhere
// make the counts expectations.
func TestTalliesAddUp(t *testing.T) {
	p := datatest.Bandit([]float64{1, 1, 1}, data.Pair{0, 2, 0, 1}, data.Pair{0, 0, 1, 2}, data.Pair{0, 0, 2, 5}, data.Pair{0, 2, 0, 3})
	if want := []data.Tally{{0, 1, 2, 0}, {0, 2, 5, 4}}; !slices.Equal(p.Tallies, want) || p.Total != 11 || p.Fractional {
		t.Errorf("%+v, %v in all", p.Tallies, p.Total)
	}
	if got := p.VotesOf(0); !slices.Equal(got, []data.Pair{{0, 0, 1, 2}, {0, 0, 2, 5}, {0, 2, 0, 4}}) {
		t.Errorf("VotesOf gives %v", got)
	}
	if p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 0.5}, data.Pair{0, 1, 0, 2}); !p.Fractional {
		t.Error("half a vote is an expectation")
	}
}
