package core

import "math"

// A Sweep trains the same problem at many β at once, to show what a run of a
// given number of steps makes of each: what β does after these steps, beside
// what it does at the optimum.
type Sweep struct {
	Betas []float64
	// KL is KL(π‖π_ref) of the prompt after the target's steps, one for each β;
	// AtOptimum where that β is headed.
	KL, AtOptimum []float64

	problem  *Problem
	settings Settings
	prompt   int
	trainers []*Trainer
	meter    *Meter
	target   int
	next     int // the first β that has not reached the target
}

// SweepPoints is how many values of β a sweep tries, evenly spaced in log β
// from the least to the greatest that is allowed.
const SweepPoints = 49

// NewSweep returns a sweep at step 0. scores are those of the prompt, or nil
// where the optimum is not known.
func NewSweep(p *Problem, s Settings, prompt int, scores []float64) *Sweep {
	w := &Sweep{problem: p, settings: s, prompt: prompt, meter: NewMeter(p),
		Betas: make([]float64, SweepPoints), KL: make([]float64, SweepPoints),
		trainers: make([]*Trainer, SweepPoints)}
	low, high := Log(params[Beta].Min), Log(params[Beta].Max)
	for i := range w.Betas {
		w.Betas[i] = Exp(low + (high-low)*float64(i)/(SweepPoints-1))
	}
	if scores != nil {
		w.optima(scores)
	}
	return w
}

func (w *Sweep) optima(scores []float64) {
	w.AtOptimum = make([]float64, SweepPoints)
	from, to := w.problem.Range(w.prompt)
	var t Tilt
	for i, beta := range w.Betas {
		t.Set(w.problem.LogRef[from:to], scores, beta)
		w.AtOptimum[i] = t.KL
	}
}

// Seek asks for the divergences after the given number of steps. Work goes
// there.
func (w *Sweep) Seek(step int) {
	if step != w.target {
		w.next = 0
	}
	w.target = step
}

// Target returns the number of steps that was last asked for.
func (w *Sweep) Target() int { return w.target }

// Done tells whether KL is that after the target's steps at every β.
func (w *Sweep) Done() bool { return w.next == len(w.Betas) }

// Work takes at most n steps in all and tells whether every β is at the target.
func (w *Sweep) Work(n int) (arrived bool) {
	for n > 0 && w.next < len(w.Betas) {
		t := w.trainer(w.next)
		k := min(n, w.target-t.step)
		t.Advance(k)
		n -= k + 1
		if t.step == w.target {
			w.read(w.next)
			w.next++
		}
	}
	return w.Done()
}

// trainer returns a trainer for the β with the given index that is not beyond
// the target.
func (w *Sweep) trainer(i int) *Trainer {
	if t := w.trainers[i]; t == nil || t.step > w.target {
		w.trainers[i] = NewTrainer(w.problem, w.settings.Config(w.Betas[i]))
	}
	return w.trainers[i]
}

func (w *Sweep) read(i int) {
	from, to := w.problem.Range(w.prompt)
	w.meter.Look(w.trainers[i], w.prompt)
	w.KL[i] = KL(w.meter.LogPi[from:to], w.problem.LogRef[from:to])
}

// Peak returns β*, the β at which the divergence after these steps is largest:
// the vertex of the parabola through the three highest neighbours in log β. ok
// is false when the largest is at an end, so that no peak lies within.
func (w *Sweep) Peak() (beta float64, ok bool) {
	best := 0
	for i, kl := range w.KL {
		if kl > w.KL[best] {
			best = i
		}
	}
	if best == 0 || best == len(w.KL)-1 {
		return w.Betas[best], false
	}
	l, c, r := w.KL[best-1], w.KL[best], w.KL[best+1]
	shift := 0.0
	if bend := l - 2*c + r; bend < 0 {
		shift = 0.5 * (l - r) / bend
	}
	spacing := math.Log(w.Betas[best+1] / w.Betas[best])
	return w.Betas[best] * math.Exp(shift*spacing), true
}
