package core

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A Sweep trains the same problem at many β at once, to show what a run of a
// given number of steps makes of each: what β does after these steps, beside
// what it does at the optimum.
type Sweep struct {
	Betas []float64
	// KL is KL(π‖π_ref) of the prompt after Step steps, one for each β, and Reward
	// the expected true reward then, NaN where replies have none. They hold once
	// Trained.
	KL, Reward []float64
	Step       int
	Trained    bool
	// AtOptimum and RewardAtOptimum are the same where each β is headed: NaN where
	// that is not worked out. They are nil where it is not known how to.
	AtOptimum, RewardAtOptimum []float64
	// Every tells that the optimum is worked out for each Every-th β alone, the
	// first among them.
	Every int
	// Unfollowed tells that they are not, for replies are too many for the descent
	// to be followed at each β.
	Unfollowed bool
	// Version counts the changes of what is above.
	Version int

	problem *data.Problem
	prompt  int
	truth   []float64 // true rewards of the prompt's replies
	meter   *train.Meter

	make    func(beta float64) sweeper // nil where steps are not swept
	runs    []sweeper
	check   []int        // for each of runs, the next step at which it may be seen to stand still; −1 once it was
	trained [2][]float64 // KL and Reward of the pass under way
	offset  int          // steps before the first of a sweeper
	target  int          // of that pass
	wanted  int
	next    int // the first β that has not reached the target

	tilt    func(t *scores.Tilt, beta float64) // the optimum, where it has a closed form,
	course  func(beta float64) optimum.Course  // or what it follows from
	heading *optimum.Heading
	optimum int // the next β whose optimum is worked out
}

// A sweeper is what a sweep trains at one β.
type sweeper interface {
	train.Policy
	train.Stepping
}

// SweepPoints is how many values of β a sweep tries, evenly spaced in log β
// from the least to the greatest that is allowed.
const SweepPoints = 49

// Of objectives whose descent has to be followed, one optimum is worked out for
// each sweepEvery points, and none at all of prompts with more replies than
// MostFollowed.
const (
	sweepEvery   = 4
	MostFollowed = 64
)

func newSweep(p *data.Problem, prompt int) *Sweep {
	w := &Sweep{problem: p, prompt: prompt, meter: train.NewMeter(p), Betas: make([]float64, SweepPoints),
		KL: make([]float64, SweepPoints), Reward: make([]float64, SweepPoints), Every: 1, runs: make([]sweeper, SweepPoints), check: make([]int, SweepPoints)}
	w.trained = [2][]float64{make([]float64, SweepPoints), make([]float64, SweepPoints)}
	low, high := num.Log(params[Beta].Min), num.Log(params[Beta].Max)
	for i := range w.Betas {
		w.Betas[i] = num.Exp(low + (high-low)*float64(i)/(SweepPoints-1))
	}
	for _, r := range p.Prompts[prompt].Replies {
		w.truth = append(w.truth, r.Reward)
	}
	return w
}

// headFor says how the optima are had: by a closed form or, where that is nil,
// by following the descent.
func (w *Sweep) headFor(tilt func(*scores.Tilt, float64), course func(float64) optimum.Course) {
	w.tilt, w.course = tilt, course
	w.AtOptimum, w.RewardAtOptimum = make([]float64, SweepPoints), make([]float64, SweepPoints)
	for i := range w.AtOptimum {
		w.AtOptimum[i], w.RewardAtOptimum[i] = math.NaN(), math.NaN()
	}
}

// sweepOf returns a lab's sweep. Under RLHF the steps are swept where they take
// the exact gradient of a reward that stays as it is: it is the same at every β.
// Where steps depend on samples they are not, for one draw makes no curve; nor
// where there is so much data that they would take minutes and much room.
func sweepOf(l *Lab) *Sweep {
	s := l.Experiment.Settings
	w := newSweep(l.Problem, l.Prompt())
	scout := l.Scout()
	switch {
	case l.Large():
	case s[How] == LearnDirectly:
		w.make = func(beta float64) sweeper { return train.NewTrainer(l.Problem, l.Config(beta)) }
	case scout != nil && scout.Cfg.How == rlhf.ExactGradient:
		w.offset = scout.First
		w.make = func(beta float64) sweeper { return scout.At(beta) }
	}
	switch ref, values := l.Reference(), l.True(); {
	case l.KLVeiled():
	case l.Scores != nil && l.Scores.Computed:
		values = l.Scores.Score
		fallthrough
	case l.HeadedForTruth():
		w.headFor(func(t *scores.Tilt, beta float64) { t.Set(ref, values, beta) }, nil)
	case l.headedForTilt():
		w.headFor(func(t *scores.Tilt, beta float64) { scout.OptimumAt(t, w.prompt, beta) }, nil)
	case s[PolicyChoice] == train.LinearPolicy && l.headedByMargins():
		values = nil
		for k, lp := range l.Destination.LogPi {
			values = append(values, l.Beta()*(lp-ref[k]))
		}
		w.headFor(func(t *scores.Tilt, beta float64) { t.Set(ref, values, beta) }, nil)
	case s.headedAlone(len(l.Problem.Prompts)):
		votes := l.Problem.VotesOf(w.prompt)
		w.headFor(nil, func(beta float64) optimum.Course { return l.Course(votes, beta) })
	}
	return w
}

// Sweeps tells whether runs of some steps are swept, and not the optima alone.
func (w *Sweep) Sweeps() bool { return w.make != nil }

// Seek asks for what is so after the given number of steps. Work goes there: a
// pass towards an earlier step is ended first.
func (w *Sweep) Seek(step int) {
	w.wanted = step
	if step < w.target || w.next == 0 || w.next == len(w.Betas) {
		w.beginPass()
	}
}

// beginPass begins a pass to the wanted step, unless that is where the last one
// ended.
func (w *Sweep) beginPass() {
	w.target, w.next = w.wanted, 0
	if w.Trained && w.Step == w.target {
		w.next = len(w.Betas)
	}
}

// done tells whether everything is worked out, for the steps last asked for.
func (w *Sweep) done() bool {
	return (w.make == nil || w.Trained && w.Step == w.wanted) && !w.owesOptimum()
}

func (w *Sweep) owesOptimum() bool { return w.AtOptimum != nil && w.optimum < len(w.Betas) }

// Work takes at most n steps in all, or works out optima about as long, and
// tells whether everything is done. Optima that take long come last.
func (w *Sweep) Work(n int) (done bool) {
	if w.tilt != nil && w.owesOptimum() {
		w.workOptimum(n)
		return w.done()
	}
	if w.make != nil && !(w.Trained && w.Step == w.wanted) {
		w.trainPass(n)
		return w.done()
	}
	if w.owesOptimum() {
		w.workOptimum(n)
	}
	return w.done()
}

func (w *Sweep) trainPass(n int) {
	for ops := scores.WorkBudget; n > 0 && ops > 0 && w.next < len(w.Betas); {
		i, end := w.next, max(0, w.target-w.offset)
		t := w.runAt(i)
		step := t.StepCount()
		ops = train.AdvanceWithin(t, min(n, w.stopOf(i, end)-step), ops)
		n -= t.StepCount() - step + 1
		if t.StepCount() == end || w.rests(i) {
			w.readRun(i)
			w.next++
		}
	}
	if w.next == len(w.Betas) {
		w.KL, w.trained[0] = w.trained[0], w.KL
		w.Reward, w.trained[1] = w.trained[1], w.Reward
		w.Step, w.Trained = w.target, true
		w.Version++
		w.beginPass()
	}
}

// runAt returns what trains the β with the given index, not beyond the target.
func (w *Sweep) runAt(i int) sweeper {
	if t := w.runs[i]; t == nil || t.StepCount() > max(0, w.target-w.offset) {
		w.runs[i], w.check[i] = w.make(w.Betas[i]), 1<<10
	}
	return w.runs[i]
}

// stopOf is how far a run goes in one go: to the end, or to where it may be seen
// to stand still.
func (w *Sweep) stopOf(i, end int) int {
	step := w.runs[i].StepCount()
	switch {
	case w.check[i] < 0:
		return step
	case w.check[i] > step:
		return min(end, w.check[i])
	}
	return end
}

// rests tells whether a run stands still, as Lab.Arrived does: going on would
// only take time. Full-batch descent alone does.
func (w *Sweep) rests(i int) bool {
	t, ok := w.runs[i].(*train.Trainer)
	switch {
	case w.check[i] < 0:
		return true
	case w.runs[i].StepCount() != w.check[i]:
		return false
	case !ok || t.Cfg.Batch > 0 || t.Cfg.Optimizer != train.SGD:
		w.check[i] = nextCheck(w.check[i])
		return false
	}
	w.check[i] = nextCheck(w.check[i])
	if t.AtRest() {
		w.check[i] = -1
	}
	return w.check[i] < 0
}

func (w *Sweep) readRun(i int) {
	from, to := w.problem.Range(w.prompt)
	w.meter.ReadPrompt(w.runs[i], w.prompt)
	logPi := w.meter.LogPi[from:to]
	w.trained[0][i] = num.KL(logPi, w.problem.LogRef[from:to])
	w.trained[1][i] = num.Expect(logPi, w.truth)
}

// workOptimum works on the optima: at about n replies in all where they have a
// closed form, else on the descent at one β.
func (w *Sweep) workOptimum(n int) {
	var t scores.Tilt
	for ; w.tilt != nil && n > 0 && w.owesOptimum(); n -= len(w.truth) {
		w.tilt(&t, w.Betas[w.optimum])
		w.enterOptimum(t.KL, t.LogPi)
	}
	switch {
	case w.tilt != nil:
	case len(w.truth) > MostFollowed:
		w.optimum, w.Unfollowed = len(w.Betas), true
		w.Version++
	case w.heading == nil:
		w.heading = optimum.NewHeading(w.course(w.Betas[w.optimum]))
	case w.heading.Work(scores.WorkBudget):
		d := w.heading.Destination()
		if w.heading = nil; w.optimum == 0 && !d.Closed {
			w.Every = sweepEvery
		}
		w.enterOptimum(d.KL, d.LogPi)
	}
}

// enterOptimum takes down where the β at hand is headed, if that is known.
func (w *Sweep) enterOptimum(kl float64, logPi []float64) {
	if logPi != nil {
		w.AtOptimum[w.optimum], w.RewardAtOptimum[w.optimum] = kl, num.Expect(logPi, w.truth)
	}
	w.optimum += w.Every
	w.Version++
}

// abandonHeading gives up what is being worked out.
func (w *Sweep) abandonHeading() {
	if w != nil && w.heading != nil {
		w.heading.Stop()
		w.heading = nil
	}
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
