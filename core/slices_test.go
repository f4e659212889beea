package core_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A step that is taken bit by bit, given up and taken again, or taken by a twin,
// leads to the same bits as one taken at once.
func TestStepsTakenBitByBit(t *testing.T) {
	for name, start := range coretest.EveryStepper() {
		r := rand.New(rand.NewPCG(7, 11))
		whole, bits := start(), start()
		saved := bits.Save(nil)
		for range 60 {
			whole.Advance(1)
			for step := bits.StepCount(); bits.StepCount() == step; {
				if bits.Proceed(1 + r.IntN(40)); bits.StepCount() == step && r.IntN(50) == 0 {
					twin := bits.Twin()
					twin.Restore(saved)
					bits = twin
				}
			}
			saved = bits.Save(saved[:0])
			if want := whole.Save(nil); !slices.EqualFunc(saved, want, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
				t.Fatalf("%s, step %d: bit by bit it comes to\n%v, at once to\n%v", name, whole.StepCount(), saved, want)
			}
		}
	}
}

// longLinks are experiments with the longest steps that a link can ask for.
func longLinks() map[string]string {
	replies := make([]string, 400)
	for k := range replies {
		replies[k] = "a=" + strconv.Itoa(k%7) + "__r" + strconv.Itoa(k)
	}
	question := "&q=Many&" + strings.Join(replies, "&") + "&pairs=0-1_1-2_3-4"
	fewer := "&q=Many&" + strings.Join(replies[:300], "&") + "&pairs=0-1_1-2_3-4"
	return map[string]string{
		"ppo":       "how=rlhf&est=ppo&rmfit=none&replies=10000&epochs=100&minibatches=10000" + question,
		"grpo":      "how=rlhf&est=grpo&rmfit=none&replies=10000&group=10000&epochs=100",
		"reinforce": "how=rlhf&est=reinforce&rmfit=none&replies=10000" + question,
		"refitted":  "how=rlhf&est=rloo&replies=8&fresh=1&judged=10000&refit=10000&rmfit=steps&rmsteps=1" + fewer,
		"penalised": "how=rlhf&est=exact&fresh=1&judged=10000&rml2=0.001&rmfit=end" + fewer,
		"online":    "how=online&judged=10000&every=1" + question,
		"batch":     "batch=10000",
		"sorted":    "batch=10000&obj=aot",
		"thumbs":    "batch=10000&obj=kto",
	}
}

// inside returns a field of a struct of another package: how far a step under way
// has got is nobody's business but this test's.
func inside(of any, field string) reflect.Value { return reflect.ValueOf(of).Elem().FieldByName(field) }

// workCount counts what a run has done by now, that of the step under way
// included, in looks at a reply: a lower bound that no bookkeeping of the work
// itself goes into.
func workCount(r *train.Run) int {
	count := func(s train.Stepper) int {
		c := s.Cost()
		n := c.Replies + c.RewardCalls
		switch s := s.(type) {
		case *rlhf.RLHF:
			size := s.Cfg.Batch
			if s.Cfg.Clipped() {
				size /= s.Cfg.Minibatches
			}
			if s.Model != nil {
				n += c.RewardUpdates * len(s.Model.Duels)
				if newton := inside(s.Model, "newton"); newton.FieldByName("solving").Bool() {
					n += int(newton.FieldByName("turns").Int()) * len(s.Model.Duels)
				}
			}
			return n + c.PolicyUpdates*(size+s.P.Arms())
		case *rlhf.OnlineDPO:
			return n + c.PolicyUpdates*(len(s.Pairs)+s.P.Arms())
		}
		return n
	}
	switch {
	case r.Stepper == r.Trainer:
		return r.Trainer.Step*r.Trainer.Cfg.Batch + inside(r.Trainer, "dealt").Len()
	case inside(r, "begun").Bool():
		ahead := (*train.Stepper)(unsafe.Pointer(inside(r, "ahead").UnsafeAddr()))
		return count(*ahead)
	}
	return count(r.Stepper)
}

// No slice of work is longer for what a link asks: not one holds more than about
// a budget of work, be it a run's, the ledger's or a race's. And however it is
// cut, what comes of it is the same.
func TestSlicesAreBounded(t *testing.T) {
	presets := coretest.TestPresets()
	for name, address := range longLinks() {
		e, complaints := link.Parse("v=1&steps=30&"+address, presets)
		for _, c := range complaints {
			t.Fatalf("%s: the link is refused: %+v", name, c)
		}
		l, c := core.NewLab(presets, e)
		if c != nil {
			t.Fatalf("%s: the lab refuses: %+v", name, c)
		}
		for !l.WorkOut() {
		}
		l.Seek(3)
		slices, most, step, before := 0, 0, l.Run.StepCount(), workCount(l.Run)
		for !l.Settled() && slices < 400 {
			l.Work(1 << 20)
			if now := workCount(l.Run); l.Run.StepCount() >= step {
				most = max(most, now-before)
				before, step = now, l.Run.StepCount()
			}
			slices++
		}
		if most > 2*scores.WorkBudget {
			t.Errorf("%s: one slice holds the work of %d looks at a reply, and is to hold about %d", name, most, scores.WorkBudget)
		}
		t.Logf("%s: %d slices, of at most %d looks", name, slices, most)
	}
}
