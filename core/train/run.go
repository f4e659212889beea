package train

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
)

// A Run is a stepper with a memory: any step can be reached again. It keeps a
// bounded number of checkpoints, evenly spaced, and recomputes the rest, which
// gives the same bits because a step is a pure function of the state before it.
type Run struct {
	Stepper
	// Trainer does the steps where the votes are trained on directly. Elsewhere it
	// stands at step 0 for DPO, beside the stepper.
	Trainer *Trainer
	ahead   Stepper // takes a long step bit by bit while Stepper shows the last whole one; nil at first
	begun   bool    // and has begun it
	room    []float64
	target  int
	stride  int
	marks   []checkpoint
	free    []checkpoint // room of checkpoints that were thinned out
	most    int          // checkpoints kept at most
}

// A checkpoint is a step and what the stepper saves there.
type checkpoint struct {
	step  int
	state []float64
}

// checkpointBytes bounds the memory of a run's checkpoints.
const checkpointBytes = 32 << 20

// NewRun returns a run at step 0 that trains on the votes.
func NewRun(p *data.Problem, cfg Config) *Run {
	r := &Run{Trainer: NewTrainer(p, cfg)}
	r.StepBy(r.Trainer)
	return r
}

// StepBy lets a stepper at step 0 do the steps.
func (r *Run) StepBy(s Stepper) {
	r.Stepper, r.ahead, r.begun, r.stride = s, nil, false, 1
	start := checkpoint{state: s.Save(nil)}
	r.marks = append(r.marks[:0], start)
	r.most = min(64, max(2, checkpointBytes/(8*len(start.state))))
}

// Policy returns what a Meter reads.
func (r *Run) Policy() Policy { return r.Stepper }

// Advance takes n steps and keeps no checkpoints; see Work.
func (r *Run) Advance(n int) {
	r.begun = false
	r.Stepper.Advance(n)
}

// Restore sets the state to one that Save gave.
func (r *Run) Restore(state []float64) {
	r.begun = false
	r.Stepper.Restore(state)
}

// Seek asks for a step. Work goes there, from where the run stands or from a
// checkpoint, whichever is nearer.
func (r *Run) Seek(step int) {
	r.target = step
	i := len(r.marks) - 1
	for r.marks[i].step > step {
		i--
	}
	if step < r.StepCount() || r.marks[i].step > r.StepCount() {
		r.Restore(r.marks[i].state)
	}
}

// Work takes at most n steps towards the target and tells whether it is there.
func (r *Run) Work(n int) (arrived bool) {
	r.WorkWithin(n, math.MaxInt)
	return r.StepCount() == r.target
}

// WorkWithin takes at most n steps towards the target, for about ops units of work
// (see WorkBudget), and returns what is left of these. A long step is taken in
// several calls; until it is whole, the run shows the state before it.
func (r *Run) WorkWithin(n, ops int) (left int) {
	for n > 0 && ops > 0 && r.StepCount() < r.target {
		step := r.StepCount()
		toMark := r.stride - step%r.stride
		ops = r.AdvanceWithin(min(n, r.target-step, toMark), ops)
		n -= r.StepCount() - step
		if r.StepCount() > step && r.StepCount()%r.stride == 0 {
			r.keepCheckpoint()
		}
	}
	return ops
}

// AdvanceWithin takes steps bit by bit. A trainer needs no other beside it, as its
// policy does not move before its step is whole.
func (r *Run) AdvanceWithin(n, ops int) (left int) {
	switch {
	case r.Stepper == r.Trainer, !r.begun && r.StepCost() < longStep:
		return AdvanceWithin(r.Stepper, n, ops)
	case r.ahead == nil:
		r.ahead = r.Twin()
	}
	if !r.begun {
		r.room = r.Save(r.room[:0])
		r.ahead.Restore(r.room)
		r.begun = true
	}
	ops = r.ahead.Proceed(ops)
	if r.ahead.StepCount() > r.StepCount() {
		r.Stepper, r.ahead, r.begun = r.ahead, r.Stepper, false
	}
	return ops
}

// keepCheckpoint keeps a checkpoint of the present step; when there are too many, every
// second one goes and the stride doubles.
func (r *Run) keepCheckpoint() {
	if last := r.marks[len(r.marks)-1].step; r.StepCount() <= last {
		return
	}
	if len(r.marks) == r.most {
		r.thin()
		if r.StepCount()%r.stride != 0 {
			return
		}
	}
	var c checkpoint
	if n := len(r.free); n > 0 {
		c, r.free = r.free[n-1], r.free[:n-1]
	}
	r.marks = append(r.marks, checkpoint{r.StepCount(), r.Save(c.state[:0])})
}

func (r *Run) thin() {
	kept := r.marks[:0]
	r.stride *= 2
	for _, c := range r.marks {
		if c.step%r.stride == 0 {
			kept = append(kept, c)
		} else {
			r.free = append(r.free, c)
		}
	}
	r.marks = kept
}

// Save appends all that a step depends on to dst: what is trained, what the
// optimiser remembers, and where the reference is. Restore reads it back.
func (t *Trainer) Save(dst []float64) []float64 {
	dst = append(dst, float64(t.Step), zeroOrOne(t.halted))
	dst = append(dst, t.Params...)
	dst = t.Updater.Save(dst)
	if t.follower != nil {
		dst = append(dst, zeroOrOne(t.follower.moved))
		dst = append(dst, t.follower.params...)
	}
	return dst
}

// Restore sets the state to one that Save gave, and gives up the minibatch that is
// being dealt.
func (t *Trainer) Restore(src []float64) {
	t.Step, t.halted, t.dealt = int(src[0]), src[1] != 0, t.dealt[:0]
	src = num.Take(t.Params, src[2:])
	src = t.Updater.Restore(src)
	if t.Linear != nil {
		t.Linear.ToLogits(t)
	}
	if t.follower != nil {
		t.follower.moved = src[0] != 0
		num.Take(t.follower.params, src[1:])
		t.follower.placeReference(t)
	}
}

func zeroOrOne(set bool) float64 {
	if set {
		return 1
	}
	return 0
}
