package rlhf

import (
	"slices"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/random"
	"dpoplayground/core/train"
)

// OnlinePapers names the papers that online DPO is from.
const OnlinePapers = "Guo et al. 2024, arXiv:2402.04792; the loss: Rafailov et al. 2023, arXiv:2305.18290"

// An OnlineDPO trains by DPO on pairs of the policy's own replies, which
// annotators judge on the way (Guo et al. 2024, arXiv:2402.04792). It starts at
// the reference and reads no votes. There is no reward model: an annotator's
// choice goes straight into the loss.
//
// A step is a pure function of the state before it and of the step's number.
type OnlineDPO struct {
	Sampler
	Cfg     OnlineDPOConfig
	judges  data.Annotators
	Step    int
	grad    []float64 // minus the gradient; zero between steps
	Updater *train.Updater
	// Pairs are the arms chosen and rejected. Twice the same reply teaches
	// nothing, but counts in the mean.
	Pairs  [][2]int
	at     int // of these, how many have been judged for the step under way
	stream random.Stream
	cost   train.Cost
}

// An OnlineDPOConfig is what online DPO is made of.
type OnlineDPOConfig struct {
	Beta, Smoothing float64
	Rule            train.UpdateRule
	Pairs           int // judged at a time; the loss is their mean
	Every           int // steps before new ones are judged
	Seed            uint64
	Policy          int // TabularPolicy or LinearPolicy
}

// Check says what of a configuration is not allowed, or nil.
func (c *OnlineDPOConfig) Check() *data.Complaint {
	if bad := checkRule(c.Beta, c.Rule); bad != nil {
		return bad
	}
	switch {
	case !(c.Smoothing >= 0 && c.Smoothing <= 0.5):
		return &data.Complaint{Code: "range", Field: "eps", Value: data.FormatNumber(c.Smoothing), Min: "0", Max: "0.5"}
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
func NewOnlineDPO(p *data.Problem, cfg OnlineDPOConfig, judges data.Annotators) *OnlineDPO {
	n := p.Arms()
	o := &OnlineDPO{Sampler: newSampler(p, cfg.Seed, cfg.Policy), Cfg: cfg, judges: judges,
		grad: make([]float64, n), Pairs: make([][2]int, cfg.Pairs)}
	o.Updater = train.NewUpdater(cfg.Rule, len(o.Params()))
	o.cost.Models = train.PolicyHeld | train.ReferenceHeld
	return o
}

// StepCount returns the number of steps taken.
func (o *OnlineDPO) StepCount() int { return o.Step }

// Cost returns what it has taken.
func (o *OnlineDPO) Cost() train.Cost { return o.cost }

// AtRest is false: every step depends on samples.
func (o *OnlineDPO) AtRest() bool { return false }

func (o *OnlineDPO) Beta() float64 { return o.Cfg.Beta }

// Advance takes n steps. It allocates nothing.
func (o *OnlineDPO) Advance(n int) { train.AdvanceWhole(o, n) }

// Proceed goes on with the step under way, or begins one: see RLHF.Proceed.
func (o *OnlineDPO) Proceed(ops int) (left int) {
	if o.Step%o.Cfg.Every == 0 {
		for ; o.at < len(o.Pairs); o.at++ {
			if ops <= 0 {
				return ops
			}
			ops -= o.drawPairs(uint64(o.Step / o.Cfg.Every))
		}
	}
	o.at = 0
	o.descend()
	o.Step++
	return ops - o.updateCost()
}

// descend moves the policy down the loss of the pairs.
func (o *OnlineDPO) descend() {
	scale := o.Cfg.Beta / float64(len(o.Pairs))
	for _, pair := range o.Pairs {
		if w, l := pair[0], pair[1]; w != l {
			_, slope := objective.DPO(float64(o.Cfg.Beta*(o.d[w]-o.d[l])), o.Cfg.Smoothing)
			force := float64(scale * -slope)
			o.grad[w] += force
			o.grad[l] -= force
		}
	}
	o.ascend(o.Updater, o.grad)
	o.cost.PolicyUpdates++
}

func (o *OnlineDPO) updateCost() int { return 4*len(o.Pairs) + 2*len(o.d) }

// StepCost returns what a step may take, in units of WorkBudget.
func (o *OnlineDPO) StepCost() int {
	return o.updateCost() + 2*len(o.Pairs)*(drawCost+o.longest/4) + (LookCost+1)*len(o.d)
}

// Twin returns online DPO made in the same way.
func (o *OnlineDPO) Twin() train.Stepper { return NewOnlineDPO(o.P, o.Cfg, o.judges) }

// drawPairs has the next of a round's new pairs drawn and judged.
func (o *OnlineDPO) drawPairs(round uint64) (spent int) {
	if o.at == 0 {
		o.stream = random.NewStream(o.Cfg.Seed, random.PurposeJudges, round)
	}
	prompt := o.prompt(round*uint64(len(o.Pairs)) + uint64(o.at))
	spent = 2 * o.drawCost(prompt)
	w, l, told := o.askJudge(&o.stream, prompt, o.judges)
	o.Pairs[o.at] = [2]int{w, l}
	o.cost.Replies += 2
	if told {
		o.cost.Votes++
	}
	return spent
}

// Save appends the state to dst: all that a step depends on, and the counters.
// Restore reads it back, on the same problem and configuration.
func (o *OnlineDPO) Save(dst []float64) []float64 {
	dst = append(dst, float64(o.Step))
	dst = o.Sampler.save(dst)
	dst = o.Updater.Save(dst)
	dst = o.cost.Save(dst)
	for _, pair := range o.Pairs {
		dst = append(dst, float64(pair[0]), float64(pair[1]))
	}
	return dst
}

// Restore sets the state to one that Save gave.
func (o *OnlineDPO) Restore(src []float64) {
	o.Step, src = int(src[0]), src[1:]
	src = o.Sampler.restore(src)
	src = o.Updater.Restore(src)
	src = o.cost.Restore(src)
	for i := range o.Pairs {
		o.Pairs[i] = [2]int{int(src[2*i]), int(src[2*i+1])}
	}
	o.at = 0
	o.moved()
}

// Judgments adds up the pairs of one prompt that were judged last.
func (o *OnlineDPO) Judgments(dst []data.Tally, prompt int) []data.Tally {
	from, to := o.P.Range(prompt)
	for _, pair := range o.Pairs {
		w, l := pair[0], pair[1]
		switch {
		case w == l || w < from || w >= to || o.Step == 0:
		case w < l:
			dst = append(dst, data.Tally{A: w, B: l, ForA: 1})
		default:
			dst = append(dst, data.Tally{A: l, B: w, ForB: 1})
		}
	}
	slices.SortStableFunc(dst, func(s, t data.Tally) int {
		if s.A != t.A {
			return s.A - t.A
		}
		return s.B - t.B
	})
	return data.Merge(dst)
}
