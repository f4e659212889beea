package core

// A Run is a stepper with a memory: any step can be reached again. It keeps a
// bounded number of checkpoints, evenly spaced, and recomputes the rest, which
// gives the same bits because a step is a pure function of the state before it.
type Run struct {
	Stepper
	// Trainer does the steps where the votes are trained on directly. Elsewhere it
	// stands at step 0 for DPO, beside the stepper.
	Trainer *Trainer
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
func NewRun(p *Problem, cfg Config) *Run {
	r := &Run{Trainer: NewTrainer(p, cfg)}
	r.follow(r.Trainer)
	return r
}

// follow lets a stepper at step 0 do the steps.
func (r *Run) follow(s Stepper) {
	r.Stepper, r.stride = s, 1
	start := checkpoint{state: s.Save(nil)}
	r.marks = append(r.marks[:0], start)
	r.most = min(64, max(2, checkpointBytes/(8*len(start.state))))
}

// Policy returns what a Meter reads.
func (r *Run) Policy() Policy { return r.Stepper }

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
	for n > 0 && r.StepCount() < r.target {
		toMark := r.stride - r.StepCount()%r.stride
		k := min(n, r.target-r.StepCount(), toMark)
		r.Advance(k)
		n -= k
		if r.StepCount()%r.stride == 0 {
			r.mark()
		}
	}
	return r.StepCount() == r.target
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
	dst = append(dst, float64(t.step), zeroOrOne(t.halted))
	dst = append(dst, t.params...)
	dst = t.updater.save(dst)
	if t.follower != nil {
		dst = append(dst, zeroOrOne(t.follower.moved))
		dst = append(dst, t.follower.params...)
	}
	return dst
}

// Restore sets the state to one that Save gave.
func (t *Trainer) Restore(src []float64) {
	t.step, t.halted = int(src[0]), src[1] != 0
	src = take(t.params, src[2:])
	src = t.updater.restore(src)
	if t.linear != nil {
		t.linear.place(t)
	}
	if t.follower != nil {
		t.follower.moved = src[0] != 0
		take(t.follower.params, src[1:])
		t.follower.place(t)
	}
}

func zeroOrOne(set bool) float64 {
	if set {
		return 1
	}
	return 0
}
