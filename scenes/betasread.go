package scenes

import (
	"math"

	"dpoplayground/core"
)

// Read reads the runs that stand side by side, by rising β, and the lead's
// sweep. The replies that are shown are chosen by the caller. anew says that it
// is another experiment than at the last Read: the axes then begin anew.
func (s *Betas) Read(labs []*core.Lab, lead *core.Lab, shown *Shown, anew bool) {
	if anew {
		s.Peak, s.KL.Low, s.KL.High, s.Reward.Low, s.Reward.High = 0, 0, 0, 0, 0
	}
	s.Step, s.Rewarded = int(lead.Experiment.Settings[core.Step]), lead.Data.Rewarded
	if lead.Converging() || !lead.Settled() {
		s.Step = lead.Run.StepCount()
	}
	s.readReplies(lead, shown)
	for len(s.Columns) < len(labs) {
		s.Columns = append(s.Columns, BetasColumn{})
	}
	s.Columns = s.Columns[:len(labs)]
	for i, l := range labs {
		c := &s.Columns[i]
		c.read(l, lead, shown)
		for _, p := range c.Policy {
			s.Peak = max(s.Peak, p)
		}
	}
	s.readSweep(lead)
}

func (s *Betas) readReplies(lead *core.Lab, shown *Shown) {
	replies := lead.Problem.Prompts[lead.Prompt()].Replies
	s.Replies = s.Replies[:0]
	rest := BetasReply{Rest: true, RestCount: shown.Rest, Reference: 1}
	for _, k := range shown.Arms {
		r := BetasReply{Text: replies[k].Text, Reference: core.Exp(lead.Reference()[k])}
		rest.Reference = max(0, rest.Reference-r.Reference)
		s.Replies = append(s.Replies, r)
	}
	if shown.Rest > 0 {
		s.Replies = append(s.Replies, rest)
	}
}

// read reads one run. One that rests keeps step with the clock all the same.
func (c *BetasColumn) read(l, lead *core.Lab, shown *Shown) {
	l.Meter.Look(l.Run.Policy(), l.Prompt())
	c.Beta, c.Present, c.Reached, c.Arrived = l.Beta(), l == lead, ReachedBy(l), -1
	if a := l.Arrival(); a >= 0 && l.Run.StepCount() >= a {
		c.Arrived = a
	}
	c.Policy = shown.shares(c.Policy[:0], l.Policy())
	c.KL, c.Expected = l.Now(), expected(l, l.Policy())
	c.Optimum, c.KLOptimum, c.ExpectedOptimum = c.Optimum[:0], math.NaN(), math.NaN()
	if c.Reached != Unknown {
		c.Optimum = shown.shares(c.Optimum, l.Optimum.LogPi)
		c.KLOptimum, c.ExpectedOptimum = l.Optimum.KL, expected(l, l.Optimum.LogPi)
	}
}

// shares appends the probabilities of the replies that are shown, and of the
// rest together.
func (v *Shown) shares(dst, logPi []float64) []float64 {
	rest := 1.0
	for _, k := range v.Arms {
		p := core.Exp(logPi[k])
		rest -= p
		dst = append(dst, p)
	}
	if v.Rest > 0 {
		dst = append(dst, max(0, rest))
	}
	return dst
}

// expected is the expected true reward of a policy for the shown prompt: NaN
// where there is none.
func expected(l *core.Lab, logPi []float64) float64 {
	sum := 0.0
	for k, r := range l.Problem.Prompts[l.Prompt()].Replies {
		if p := core.Exp(logPi[k]); p > 0 {
			sum += p * r.Reward
		}
	}
	return sum
}

// readSweep reads β swept: the curves are the sweep's own.
func (s *Betas) readSweep(lead *core.Lab) {
	kl, reward := &s.KL, &s.Reward
	kl.read(lead, SweepKL)
	reward.read(lead, SweepReward)
	if lead.Sweep != nil {
		s.Version = lead.Sweep.Version
	}
	kl.grow()
	reward.grow()
}

// ReadSweep returns a lab's sweep of KL as a picture of its own.
func ReadSweep(l *core.Lab) *Sweep {
	s := &Sweep{}
	s.read(l, SweepKL)
	if l.Settled() && l.Run.StepCount() == s.Steps {
		s.PresentAfter = l.Now()
	}
	if l.HasOptimum() {
		s.PresentOptimum = l.Optimum.KL
	}
	return s
}

// read takes over what a lab's sweep has worked out as yet.
func (s *Sweep) read(l *core.Lab, measure SweepMeasure) {
	*s = Sweep{Measure: measure, Marks: s.Marks, Low: s.Low, High: s.High, Reached: Unknown,
		Steps: l.Run.StepCount(), Present: l.Beta(), Baseline: math.NaN()}
	if measure == SweepReward {
		s.Baseline = expected(l, l.Reference())
	}
	w := l.Sweep
	if w == nil {
		return
	}
	s.Beta = w.Betas
	after, optimum := w.KL, w.AtOptimum
	if measure == SweepReward {
		after, optimum = w.Reward, w.RewardAtOptimum
	}
	if w.Trained {
		s.After, s.Steps = after, w.Step
		if star, ok := w.Peak(); ok && w.Step > 0 && measure == SweepKL {
			s.Star = star
		}
	}
	if optimum == nil {
		return
	}
	if s.Reached = ReachedBy(l); s.Reached == Unknown {
		s.Reached = Reachable
	}
	s.Optimum = optimum
	if w.Every > 1 {
		s.thin(w.Every)
	}
}

// thin keeps the points of the optimum that were worked out.
func (s *Sweep) thin(every int) {
	all := s.Optimum
	s.OptimumBeta, s.Optimum = nil, nil
	for i := 0; i < len(all); i += every {
		s.OptimumBeta, s.Optimum = append(s.OptimumBeta, s.Beta[i]), append(s.Optimum, all[i])
	}
}

// grow keeps what the axis has held, so that it never shrinks.
func (s *Sweep) grow() {
	s.Low, s.High = s.Range()
}
