package core

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A Spread trains the same votes in minibatches from many seeds, to show what
// of a run is the luck of the draw: at each of its steps, the least and the
// largest KL(π‖π_ref) that any seed had. It looks at some steps and goes through the
// others at full speed; a race's Heat, which tells when runs arrive, looks at each.
type Spread struct {
	Steps     []int
	Low, High []float64
	start     []float64 // where every run starts, as in a Config

	problem  *data.Problem
	settings Settings
	prompt   int
	meter    *train.Meter
	trainer  *train.Trainer // of the seed at hand
	seed     int            // how many seeds are done
	next     int            // the step of Steps that the trainer goes to
}

// SpreadSeeds is how many seeds a spread tries; spreadPoints at how many steps
// it looks.
const (
	SpreadSeeds  = 20
	spreadPoints = 64
)

// NewSpread returns a spread for one prompt over the settings' timeline. The
// votes stay those of the settings' own seed; the batches are drawn from
// SpreadSeeds others, 1, 2 and so on above it.
func NewSpread(p *data.Problem, s Settings, prompt int) *Spread {
	w := &Spread{problem: p, settings: s, prompt: prompt, meter: train.NewMeter(p)}
	end := int(s[Steps])
	points := min(spreadPoints, end)
	for i := 0; i <= points; i++ {
		w.Steps = append(w.Steps, i*end/points)
		w.Low, w.High = append(w.Low, math.Inf(1)), append(w.High, math.Inf(-1))
	}
	return w
}

// Work takes about n steps and tells whether all seeds are done.
func (w *Spread) Work(n int) (done bool) {
	for ops := scores.WorkBudget; n > 0 && ops > 0 && w.seed < SpreadSeeds; {
		if w.trainer == nil {
			cfg := w.settings.Config(w.settings[Beta])
			cfg.Seed += uint64(w.seed) + 1
			cfg.Start = w.start
			w.trainer, w.next = train.NewTrainer(w.problem, cfg), 0
		}
		step := w.trainer.StepCount()
		ops = train.AdvanceWithin(w.trainer, min(n, w.Steps[w.next]-step), ops)
		n -= w.trainer.StepCount() - step + 1
		if w.trainer.StepCount() == w.Steps[w.next] {
			w.readKL()
		}
	}
	return w.Done()
}

// Done tells whether all seeds are in.
func (w *Spread) Done() bool { return w.seed == SpreadSeeds }

// readKL takes in the trainer's KL at a step that is looked at.
func (w *Spread) readKL() {
	w.meter.ReadPrompt(w.trainer, w.prompt)
	from, to := w.problem.Range(w.prompt)
	kl := num.KL(w.meter.LogPi[from:to], w.problem.LogRef[from:to])
	w.Low[w.next], w.High[w.next] = math.Min(w.Low[w.next], kl), math.Max(w.High[w.next], kl)
	if w.next++; w.next == len(w.Steps) {
		w.trainer = nil
		w.seed++
	}
}
