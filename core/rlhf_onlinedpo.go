package core

// An OnlineDPO trains by DPO on pairs of the policy's own replies, which
// annotators judge on the way (Guo et al. 2024, arXiv:2402.04792). It starts at
// the reference and reads no votes. There is no reward model: an annotator's
// choice goes straight into the loss.
//
// A step is a pure function of the state before it and of the step's number.
type OnlineDPO struct {
	sampler
	cfg     OnlineDPOConfig
	judges  Annotators
	step    int
	grad    []float64 // minus the gradient; zero between steps
	updater *Updater
	// pairs are the arms chosen and rejected. Twice the same reply teaches
	// nothing, but counts in the mean.
	pairs  [][2]int
	at     int // of these, how many have been judged for the step under way
	stream Stream
	cost   Cost
}

// An OnlineDPOConfig is what online DPO is made of.
type OnlineDPOConfig struct {
	Beta, Smoothing float64
	Rule            UpdateRule
	Pairs           int // judged at a time; the loss is their mean
	Every           int // steps before new ones are judged
	Seed            uint64
	Policy          int // TabularPolicy or LinearPolicy
}

// Check says what of a configuration is not allowed, or nil.
func (c *OnlineDPOConfig) Check() *Complaint {
	if bad := checkRule(c.Beta, c.Rule); bad != nil {
		return bad
	}
	switch {
	case !(c.Smoothing >= 0 && c.Smoothing <= 0.5):
		return &Complaint{Code: "range", Field: "eps", Value: formatNumber(c.Smoothing), Min: "0", Max: "0.5"}
	case c.Pairs < 1 || c.Pairs > 10_000:
		return outOf("judged", c.Pairs, 1, 10_000)
	case c.Every < 1:
		return outOf("every", c.Every, 1, 10_000)
	}
	return nil
}

// NewOnlineDPO returns online DPO at step 0, where the policy is the reference.
// The configuration must have passed Check. The judges go by the true rewards of
// the problem's replies.
func NewOnlineDPO(p *Problem, cfg OnlineDPOConfig, judges Annotators) *OnlineDPO {
	n := p.Arms()
	o := &OnlineDPO{sampler: newSampler(p, cfg.Seed, cfg.Policy), cfg: cfg, judges: judges,
		grad: make([]float64, n), pairs: make([][2]int, cfg.Pairs)}
	o.updater = NewUpdater(cfg.Rule, len(o.params()))
	o.cost.Models = PolicyHeld | ReferenceHeld
	return o
}

// StepCount returns the number of steps taken.
func (o *OnlineDPO) StepCount() int { return o.step }

// Cost returns what it has taken.
func (o *OnlineDPO) Cost() Cost { return o.cost }

// AtRest is false: every step depends on samples.
func (o *OnlineDPO) AtRest() bool { return false }

func (o *OnlineDPO) beta() float64 { return o.cfg.Beta }

// Advance takes n steps. It allocates nothing.
func (o *OnlineDPO) Advance(n int) { advanceWhole(o, n) }

// Proceed goes on with the step under way, or begins one: see RLHF.Proceed.
func (o *OnlineDPO) Proceed(ops int) (left int) {
	if o.step%o.cfg.Every == 0 {
		for ; o.at < len(o.pairs); o.at++ {
			if ops <= 0 {
				return ops
			}
			ops -= o.consult(uint64(o.step / o.cfg.Every))
		}
	}
	o.at = 0
	o.descend()
	o.step++
	return ops - o.updateCost()
}

// descend moves the policy down the loss of the pairs.
func (o *OnlineDPO) descend() {
	scale := o.cfg.Beta / float64(len(o.pairs))
	for _, pair := range o.pairs {
		if w, l := pair[0], pair[1]; w != l {
			_, slope := DPO(float64(o.cfg.Beta*(o.d[w]-o.d[l])), o.cfg.Smoothing)
			force := float64(scale * -slope)
			o.grad[w] += force
			o.grad[l] -= force
		}
	}
	o.climb(o.updater, o.grad)
	o.cost.PolicyUpdates++
}

func (o *OnlineDPO) updateCost() int { return 4*len(o.pairs) + 2*len(o.d) }

// StepCost returns what a step may take, in units of WorkBudget.
func (o *OnlineDPO) StepCost() int {
	return o.updateCost() + 2*len(o.pairs)*(drawCost+o.longest/4) + (lookCost+1)*len(o.d)
}

// Twin returns online DPO made in the same way.
func (o *OnlineDPO) Twin() Stepper { return NewOnlineDPO(o.p, o.cfg, o.judges) }

// consult has the next of a round's new pairs drawn and judged.
func (o *OnlineDPO) consult(round uint64) (spent int) {
	if o.at == 0 {
		o.stream = NewStream(o.cfg.Seed, purposeJudges, round)
	}
	prompt := o.prompt(round*uint64(len(o.pairs)) + uint64(o.at))
	spent = 2 * o.drawCost(prompt)
	w, l, told := o.judge(&o.stream, prompt, o.judges)
	o.pairs[o.at] = [2]int{w, l}
	o.cost.Replies += 2
	if told {
		o.cost.Votes++
	}
	return spent
}

// Save appends the state to dst: all that a step depends on, and the counters.
// Restore reads it back, on the same problem and configuration.
func (o *OnlineDPO) Save(dst []float64) []float64 {
	dst = append(dst, float64(o.step))
	dst = o.sampler.save(dst)
	dst = o.updater.save(dst)
	dst = o.cost.save(dst)
	for _, pair := range o.pairs {
		dst = append(dst, float64(pair[0]), float64(pair[1]))
	}
	return dst
}

// Restore sets the state to one that Save gave.
func (o *OnlineDPO) Restore(src []float64) {
	o.step, src = int(src[0]), src[1:]
	src = o.sampler.restore(src)
	src = o.updater.restore(src)
	src = o.cost.restore(src)
	for i := range o.pairs {
		o.pairs[i] = [2]int{int(src[2*i]), int(src[2*i+1])}
	}
	o.at = 0
	o.moved()
}
