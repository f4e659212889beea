package betas

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/num"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// Read reads the runs that stand side by side, by rising β, and the lead's
// sweep. The replies that are shown are chosen by the caller. anew says that it
// is another experiment than at the last Read: the axes then begin anew.
func (s *Betas) Read(labs []*core.Lab, lead *core.Lab, shown *read.Shown, anew bool) {
	if anew {
		s.Peak, s.KL.Low, s.KL.High, s.Reward.Low, s.Reward.High = 0, 0, 0, 0, 0
	}
	s.Step, s.Rewarded = int(lead.Experiment.Settings[core.Step]), lead.Data.Rewarded
	if lead.Converging() || !lead.Settled() {
		s.Step = lead.Run.StepCount()
	}
	s.readReplies(lead, shown)
	for len(s.Columns) < len(labs) {
		s.Columns = append(s.Columns, Column{})
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

func (s *Betas) readReplies(lead *core.Lab, shown *read.Shown) {
	replies := lead.Problem.Prompts[lead.Prompt()].Replies
	s.Replies = s.Replies[:0]
	rest := Reply{Rest: true, RestCount: shown.Rest, Reference: 1}
	for _, k := range shown.Arms {
		r := Reply{Text: replies[k].Text, Reference: num.Exp(lead.Reference()[k])}
		rest.Reference = max(0, rest.Reference-r.Reference)
		s.Replies = append(s.Replies, r)
	}
	if shown.Rest > 0 {
		s.Replies = append(s.Replies, rest)
	}
}

// read reads one run. One that rests keeps step with the clock all the same.
func (c *Column) read(l, lead *core.Lab, shown *read.Shown) {
	l.Meter.Look(l.Run.Policy(), l.Prompt())
	c.Beta, c.Present, c.Reached, c.Arrived = l.Beta(), l == lead, read.ReachedBy(l), -1
	if a := l.Arrival(); facts.Finite(l) == facts.Yes && a >= 0 && l.Run.StepCount() >= a {
		c.Arrived = a
	}
	c.Policy = shown.Shares(c.Policy[:0], l.Policy())
	c.KL, c.Expected = l.Now(), chart.Expected(l, l.Policy())
	c.Optimum, c.KLOptimum, c.ExpectedOptimum = c.Optimum[:0], math.NaN(), math.NaN()
	if c.Reached != picture.Unknown {
		c.Optimum = shown.Shares(c.Optimum, l.Optimum.LogPi)
		c.KLOptimum, c.ExpectedOptimum = l.Optimum.KL, chart.Expected(l, l.Optimum.LogPi)
	}
}

// readSweep reads β swept: the curves are the sweep's own.
func (s *Betas) readSweep(lead *core.Lab) {
	kl, reward := &s.KL, &s.Reward
	kl.Read(lead, chart.SweepKL)
	reward.Read(lead, chart.SweepReward)
	if lead.Sweep != nil {
		s.Version = lead.Sweep.Version
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
	if l.HasOptimum() {
		s.PresentOptimum = l.Optimum.KL
	}
	return s
}
