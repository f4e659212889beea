package core_test

import (
	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// sweepTo returns a sweep at step 0 on the votes. scores are those of the prompt,
// or nil where the optimum is not known.
func sweepTo(p *data.Problem, s core.Settings, prompt int, values []float64) *core.Sweep {
	w := core.newSweep(p, prompt)
	w.make = func(beta float64) core.sweeper { return train.NewTrainer(p, s.Config(beta)) }
	if values != nil {
		from, to := p.Range(prompt)
		w.headFor(func(t *scores.Tilt, beta float64) { t.Set(p.LogRef[from:to], values, beta) }, nil)
	}
	return w
}

// workOthers gives each of a panel's others its share of about n training steps,
// and tells whether anything is left to do.
func workOthers(p *core.Panel, n int) (busy bool) {
	for i := range p.Others {
		busy = p.WorkOn(i, max(1, n/len(p.Others))) || busy
	}
	return busy
}
