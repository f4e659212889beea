package facts_test

import (
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
)

// TestRecentStepsAreThoseOfTheRun: whatever way a lab came to a step, forwards, back
// or to convergence, in slices of any size, what it keeps of the steps before is what
// another lab shows there.
func TestRecentStepsAreThoseOfTheRun(t *testing.T) {
	set := map[core.Param]float64{core.Batch: 1, core.Steps: 1000}
	there := coretest.NewLab(t, "noise", set)
	at := func(step int) []float64 {
		there.Seek(step)
		coretest.SettleLab(there, 1<<14)
		return there.Logits(nil)
	}
	r := rand.New(rand.NewPCG(1, 2))
	l, step := coretest.NewLab(t, "noise", set), 0
	for range 60 {
		switch r.IntN(4) {
		case 0:
			step = r.IntN(1000)
		case 1:
			step = max(0, step-r.IntN(3))
		case 2:
			l.Converge(700)
			l.Work(r.IntN(200))
			fallthrough
		default:
			step = min(1000, step+r.IntN(80))
		}
		l.Seek(step)
		coretest.SettleLab(l, 1+r.IntN(100))
		if want := min(step, core.RecentSteps); l.Recent() != want {
			t.Fatalf("%d steps before step %d are kept, want %d", l.Recent(), step, want)
		}
		for range 5 {
			back := r.IntN(l.Recent() + 1)
			for k, z := range at(step - back) {
				if l.LogitsBefore(back)[k] != z {
					t.Fatalf("%d steps before step %d logit %d is %v, want %v", back, step, k, l.LogitsBefore(back)[k], z)
				}
			}
		}
		for k, z := range at(max(0, step-1)) {
			if l.Before[k] != z {
				t.Fatalf("before step %d logit %d is %v, want %v", step, k, l.Before[k], z)
			}
		}
	}
}
