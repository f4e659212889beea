package slowmotion

import (
	"reflect"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
)

// A long step taken apart in slices comes to what it comes to at once, and leaves
// the run where it stands.
func TestLongStepsAreTakenApartInSlices(t *testing.T) {
	for _, address := range []string{"est=ppo&replies=600&epochs=3&minibatches=20&valuerate=0.5", "est=grpo&replies=600&group=60&epochs=2", "est=rloo&replies=500&group=5"} {
		e, complaints := link.Parse("v=1&how=rlhf&rmfit=none&preset=tyre&"+address, coretest.TestPresets())
		if len(complaints) > 0 {
			t.Fatalf("%s: %v", address, complaints[0])
		}
		l, c := core.NewLab(coretest.TestPresets(), e)
		if c != nil {
			t.Fatal(c)
		}
		coretest.SettleLab(l, 100)
		before := l.Run.Save(nil)
		var whole, sliced SlowMotion
		whole.Read(l, 0, 1)
		slices := 1
		for ; !sliced.ReadWithin(l, 0, 1, 3000); slices++ {
			l.Run.Save(nil)
		}
		if slices < 3 {
			t.Errorf("%s: only %d slices", address, slices)
		}
		if !reflect.DeepEqual(whole.Rows, sliced.Rows) || !reflect.DeepEqual(whole.Replies, sliced.Replies) || whole.Sides != sliced.Sides || !reflect.DeepEqual(whole.Stages, sliced.Stages) {
			t.Errorf("%s: in slices the step comes to\n%+v\nat once to\n%+v", address, sliced.Replies, whole.Replies)
		}
		if !reflect.DeepEqual(before, l.Run.Save(nil)) {
			t.Errorf("%s: the run was moved", address)
		}
		if at, n := sliced.apart.policy.Cost().PolicyUpdates, whole.Replies.Updates; at != n {
			t.Errorf("%s: %d updates were taken apart, want %d", address, at, n)
		}
	}
}
