package coretest

import (
	"fmt"
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/train"
)

// Accuracy compares the share of votes whose chosen reply has the greater
// reward. Where the two agree up to rounding, the sign of their difference is
// rounding noise in the vectors (some show 0.125 at the reference itself): such
// votes may fall either way.
func (c *GoldenResult) Accuracy(step int, p *data.Problem, t *train.Trainer, got, want Numbers) {
	if want["accuracy"] == nil {
		return
	}
	open, m := 0.0, train.NewMeter(p)
	m.Read(t, 0)
	for _, tally := range p.Tallies {
		if math.Abs(m.Reward(t.Loss(), tally.A)-m.Reward(t.Loss(), tally.B)) <= 1e-8*t.Cfg.Beta {
			open += (tally.ForA + tally.ForB) / p.Total
		}
	}
	g, w := got["accuracy"][0], want["accuracy"][0]
	if !(math.Abs(g-w) <= open+1e-9) {
		c.Wrong = append(c.Wrong, fmt.Sprintf("step %d accuracy = %v, want %v within %v", step, g, w, open))
	}
	got["accuracy"][0] = w
}
