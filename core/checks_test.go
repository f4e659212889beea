package core

import (
	"testing"
)

// A run through 10 million steps that depend on nothing leaves bounded memory.
func TestChecksAndRecordsAreBounded(t *testing.T) {
	for step, n := 0, 0; step < 10_000_000; n++ {
		if step = nextCheck(step); n > 128+18*128 {
			t.Fatalf("%d checks up to step %d", n, step)
		}
	}
	for _, step := range []int{0, 1, 126, 127, 128, 129, 255, 256, 1000} {
		if next := nextCheck(step); next <= step || next > step+max(1, step/64) {
			t.Errorf("after step %d the next check is at %d", step, next)
		}
	}
}
