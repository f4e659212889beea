package betas

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/num"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// mostRows is how many replies have a row; where there are more, the last row stands
// for all others.
const mostRows = 4

// Read reads the runs that stand side by side, by rising β, and the lead's
// sweep. anew says that it is another experiment than at the last Read: the axes
// then begin anew.
func (s *Betas) Read(labs []*core.Lab, lead *core.Lab, anew bool) {
	if anew {
		s.kl.Low, s.kl.High, s.reward.Low, s.reward.High = 0, 0, 0, 0
	}
	s.step, s.rewarded = int(lead.Experiment.Settings[core.Step]), lead.Data.Rewarded
	if lead.Converging() || !lead.Settled() {
		s.step = lead.Run.StepCount()
	}
	s.readReplies(lead)
	s.veiled = lead.KLVeiled()
	for len(s.columns) < len(labs) {
		s.columns = append(s.columns, column{})
	}
	s.columns = s.columns[:len(labs)]
	for i, l := range labs {
		s.columns[i].read(l, lead, &s.shown)
	}
	s.readSweep(lead)
}

// readReplies chooses the rows: the most probable replies at the optimum, or of the
// reference where no optimum is known, in their order.
func (s *Betas) readReplies(lead *core.Lab) {
	replies, by := lead.Problem.Prompts[lead.Prompt()].Replies, lead.Reference()
	if lead.HasOptimum() {
		by = lead.Optimum.LogPi
	}
	most := mostRows
	if len(by) > most {
		most--
	}
	s.shown.Arms = num.Top(by, most)
	slices.Sort(s.shown.Arms)
	s.shown.Rest = len(by) - len(s.shown.Arms)
	s.replies = s.replies[:0]
	rest := reply{rest: true, restCount: s.shown.Rest, reference: 1}
	for _, k := range s.shown.Arms {
		r := reply{text: replies[k].Text, reference: num.Exp(lead.Reference()[k])}
		rest.reference = max(0, rest.reference-r.reference)
		s.replies = append(s.replies, r)
	}
	if s.shown.Rest > 0 {
		s.replies = append(s.replies, rest)
	}
}

// read reads one run. One that rests keeps step with the clock all the same.
func (c *column) read(l, lead *core.Lab, shown *read.Shown) {
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	c.beta, c.present, c.reached, c.arrived = l.Beta(), l == lead, read.ReachedBy(l), -1
	if l.KLVeiled() {
		c.reached = picture.Unknown
	}
	if a := l.Arrival(); facts.Finite(l) == facts.Yes && a >= 0 && l.Run.StepCount() >= a {
		c.arrived = a
	}
	c.policy = shown.Shares(c.policy[:0], l.Policy())
	c.kl, c.expected = l.Now(), chart.Expected(l, l.Policy())
	c.optimum, c.klOptimum, c.expectedOptimum = c.optimum[:0], math.NaN(), math.NaN()
	if c.reached != picture.Unknown {
		c.optimum = shown.Shares(c.optimum, l.Optimum.LogPi)
		c.klOptimum, c.expectedOptimum = l.Optimum.KL, chart.Expected(l, l.Optimum.LogPi)
	}
}

// readSweep reads β swept: the curves are the sweep's own.
func (s *Betas) readSweep(lead *core.Lab) {
	kl, reward := &s.kl, &s.reward
	kl.Read(lead, chart.SweepKL)
	reward.Read(lead, chart.SweepReward)
	if lead.Sweep != nil {
		s.version = lead.Sweep.Version
	}
	kl.Grow()
	reward.Grow()
}

// ReadSweep returns a lab's sweep of KL as a picture of its own.
func ReadSweep(l *core.Lab) *chart.Sweep {
	s := &chart.Sweep{}
	s.Read(l, chart.SweepKL)
	if l.Settled() && l.Run.StepCount() == s.Steps {
		s.PresentAfter = l.Now()
	}
	if l.HasOptimum() && !l.KLVeiled() {
		s.PresentOptimum = l.Optimum.KL
	}
	return s
}
