package core

import "math"

// A Run is a trainer with a memory: any step can be reached again. It keeps a
// bounded number of checkpoints, evenly spaced, and recomputes the rest, which
// gives the same bits because a step is a pure function of the state before it.
//
// Where the votes are not trained on directly, a stepper does the steps, once
// it is ready, and the trainer stands at step 0 for DPO beside it.
type Run struct {
	*Trainer
	stepper Stepper
	waiting *waiting // what is due before the first step; nil for nothing
	ahead   Stepper  // takes a long step bit by bit while stepper shows the last whole one; nil at first
	begun   bool     // and has begun it
	room    []float64
	scout   *RLHF // has been through RLHF's first stage; nil if that tells nothing
	target  int
	stride  int
	marks   []checkpoint
	free    []checkpoint // room of checkpoints that were thinned out
	most    int          // checkpoints kept at most
}

// A checkpoint is all that a step depends on: what is trained, what the
// optimiser remembers, and where the reference is.
type checkpoint struct {
	step         int
	params, m, v []float64
	decay        [2]float64
	reference    []float64
	moved        bool
	halted       bool
	state        []float64 // of a stepper
}

// checkpointBytes bounds the memory of a run's checkpoints.
const checkpointBytes = 32 << 20

// NewRun returns a run at step 0.
func NewRun(p *Problem, cfg Config) *Run {
	t := NewTrainer(p, cfg)
	r := &Run{Trainer: t, stride: 1, most: 64}
	r.limitMarks(t.stateBytes())
	r.marks = append(r.marks, checkpoint{})
	r.save(&r.marks[0])
	return r
}

// limitMarks bounds the checkpoints, each of so many bytes.
func (r *Run) limitMarks(size int) {
	if size > 0 {
		r.most = min(r.most, max(2, checkpointBytes/size))
	}
}

func (r *Run) save(c *checkpoint) {
	if r.stepper == nil {
		r.Trainer.save(c)
		return
	}
	c.step, c.state = r.stepper.StepCount(), r.stepper.Save(c.state[:0])
}

func (r *Run) restore(c *checkpoint) {
	if r.stepper == nil {
		r.Trainer.restore(c)
		return
	}
	r.begun = false
	r.stepper.Restore(c.state)
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
		r.restore(&r.marks[i])
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
		ops = r.advanceWithin(min(n, r.target-step, toMark), ops)
		n -= r.StepCount() - step
		if r.StepCount() > step && r.StepCount()%r.stride == 0 {
			r.mark()
		}
	}
	return ops
}

// advanceWithin takes steps bit by bit.
func (r *Run) advanceWithin(n, ops int) (left int) {
	switch {
	case r.stepper == nil:
		return advanceWithin(r.Trainer, n, ops)
	case !r.begun && r.stepper.StepCost() < longStep:
		return advanceWithin(r.stepper, n, ops)
	case r.ahead == nil:
		r.ahead = r.stepper.Twin()
	}
	if !r.begun {
		r.room = r.stepper.Save(r.room[:0])
		r.ahead.Restore(r.room)
		r.begun = true
	}
	ops = r.ahead.Proceed(ops)
	if r.ahead.StepCount() > r.stepper.StepCount() {
		r.stepper, r.ahead, r.begun = r.ahead, r.stepper, false
	}
	return ops
}

// mark keeps a checkpoint of the present step; when there are too many, every
// second one goes and the stride doubles.
func (r *Run) mark() {
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
	r.save(&c)
	r.marks = append(r.marks, c)
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

func (t *Trainer) stateBytes() int {
	n := len(t.params) + len(t.updater.m) + len(t.updater.v)
	if t.follower != nil {
		n += len(t.follower.params)
	}
	return 8 * n
}

func (t *Trainer) save(c *checkpoint) {
	c.step, c.decay, c.halted = t.step, t.updater.decay, t.halted
	c.params = append(c.params[:0], t.params...)
	c.m = append(c.m[:0], t.updater.m...)
	c.v = append(c.v[:0], t.updater.v...)
	if t.follower != nil {
		c.reference, c.moved = append(c.reference[:0], t.follower.params...), t.follower.moved
	}
}

func (t *Trainer) restore(c *checkpoint) {
	t.step, t.updater.decay, t.dealt = c.step, c.decay, t.dealt[:0]
	copy(t.params, c.params)
	copy(t.updater.m, c.m)
	copy(t.updater.v, c.v)
	if t.linear != nil {
		t.linear.place(t)
	}
	t.halted = c.halted
	if t.follower != nil {
		copy(t.follower.params, c.reference)
		t.follower.moved = c.moved
		t.follower.place(t)
	}
}
