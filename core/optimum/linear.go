package optimum

import (
	"math"
	"slices"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A SharedCourse is all that a destination depends on where the votes of all
// prompts count together: because a linear policy's weights are shared, or because
// the loss couples its examples.
type SharedCourse struct {
	Problem *data.Problem
	// Config is the run's. The destination is that of small steps on the full
	// batch: its rate, optimiser and batch are not read.
	Config train.Config
	Prompt int // whose policy is asked for
}

// NewSharedHeading prepares to work out where gradient descent is headed from its
// start, on a linear policy's weights or a table of several prompts, as NewHeading
// does for the table of one.
func NewSharedHeading(c SharedCourse) *Heading {
	from, to := c.Problem.Range(c.Prompt)
	loss := c.Config.TrainedAs().With(c.Config.HyperParams)
	return &Heading{course: Course{Loss: loss, LogRef: c.Problem.LogRef[from:to]}, land: func() *weightland { return newWeightland(&c) }}
}

// NewRewardHeading prepares to work out where RLHF of a linear policy is headed
// from the reference, with its reward as it is now.
func NewRewardHeading(r *rlhf.RLHF, prompt int) *Heading {
	from, to := r.P.Range(prompt)
	loss := objective.Named("dpo").With(objective.HyperParams{Beta: r.Cfg.Beta}) // for the scale of β
	return &Heading{course: Course{Loss: loss, LogRef: r.P.LogRef[from:to]}, land: func() *weightland { return newRewardland(r, prompt) }}
}

// A weightland is a loss over what is trained, measured in such units that a step
// of 1 moves logits by about 1: the mean loss of all votes, or minus the objective
// of RLHF.
type weightland struct {
	problem *data.Problem
	prompt  int
	policy  interface{ AddLogRatios(dst []float64, from int) }
	params  []float64        // of the policy
	place   func()           // makes the policy that of its parameters
	slope   func() []float64 // minus the gradient there, to be set to 0
	value   func() float64   // the loss there
	trainer *train.Trainer   // of a loss of votes; else nil

	unit     float64   // the largest feature in size, or 1
	width    float64   // of differences
	widest   float64   // the same where no kinks are rounded
	soft     float64   // the width over which they are; else 0
	start, x []float64 // where the descent starts, and the place last looked at
	up, down []float64
	pace     *scores.Pace
	spent    int
}

// patience is what is spent on one destination at most, in the units of a pace:
// a few seconds in a browser.
const patience = 500_000_000

// fewEnough bounds replies and pairs: beyond, following a descent takes too long.
const fewEnough = 20_000

func newWeightland(c *SharedCourse) *weightland {
	if c.Problem.Arms()+len(c.Problem.Tallies) > fewEnough {
		return nil
	}
	cfg := c.Config
	cfg.Batch, cfg.Optimizer, cfg.RefEvery = 0, train.SGD, 0
	cfg.Objective = rounded(cfg.TrainedAs())
	t, meter := train.NewTrainer(c.Problem, cfg), train.NewMeter(c.Problem)
	w := &weightland{problem: c.Problem, prompt: c.Prompt, policy: t, params: t.Params, trainer: t,
		value: func() float64 { return meter.Read(t, c.Prompt).Loss }}
	w.place = func() {
		if t.Linear != nil {
			t.Linear.ToLogits(t)
		}
	}
	w.slope = func() []float64 {
		t.Descend(t.Duels, t.ThumbMarks...)
		if t.Linear != nil {
			t.Linear.ToWeights(t)
		}
		return t.Down
	}
	scale := min(1, 1/cfg.Beta)
	if tau := t.Loss().Params.Tau; tau > 0 {
		scale *= min(1, tau)
	}
	return w.setUnits(t.Linear != nil, scale)
}

func newRewardland(r *rlhf.RLHF, prompt int) *weightland {
	if r.P.Arms() > fewEnough {
		return nil
	}
	r = r.At(r.Cfg.Beta)
	w := &weightland{problem: r.P, prompt: prompt, policy: r, params: r.Params(), place: r.FollowWeights,
		slope: func() []float64 { r.ExactGradient(); return r.ToParams(r.Grad) },
		value: func() float64 { return -r.Objective() }}
	return w.setUnits(r.Linear != nil, min(1, 1/r.Cfg.Beta))
}

// measure sets the units, the width of differences, and the start.
func (w *weightland) setUnits(linear bool, scale float64) *weightland {
	if linear {
		for _, f := range w.problem.Features {
			w.unit = max(w.unit, math.Abs(f))
		}
	}
	if w.unit == 0 {
		w.unit = 1
	}
	w.widest, w.start = 1e-5*scale, slices.Clone(w.params)
	if w.width = w.widest; w.softened() {
		w.soft = softest
	}
	n := len(w.start)
	w.x, w.up, w.down = make([]float64, n), make([]float64, n), make([]float64, n)
	return w
}

// linear tells that replies share weights.
func (w *weightland) linear() bool { return w.trainer == nil || w.trainer.Linear != nil }

// rounded returns an objective with its kinks rounded over softest, so that
// descent does not jump across them.
func rounded(o *objective.Objective) *objective.Objective {
	r := *o
	switch o.Key {
	case "dpop":
		r.Parts, r.Pair = nil, func(p objective.HyperParams) objective.PairLoss { return roundedDPOP(p, softest) }
	case "chi_po":
		r.Parts, r.Pair = nil, roundedChiPO
	case "hinge":
		r.Margin = func(p objective.HyperParams) objective.MarginLoss { return roundedHinge(p, softest) }
	default:
		return o
	}
	return &r
}

// roundedHinge is hingeLoss with its bend at u = 1 spread evenly from 1 − w to 1 + w.
func roundedHinge(p objective.HyperParams, w float64) objective.MarginLoss {
	inside := func(m float64) float64 { return min(2*w, max(0, 1+w-p.Beta*m)) }
	return objective.MarginLoss{
		Loss: func(m float64) float64 {
			x := inside(m)
			return x*x/(4*w) + max(0, 1-w-p.Beta*m)
		},
		Slope: func(m float64) float64 { return -p.Beta * inside(m) / (2 * w) },
	}
}

// goTo puts the policy at a place.
func (w *weightland) goTo(x []float64) {
	for j, v := range x {
		w.params[j] = v / w.unit
	}
	w.place()
}

func (w *weightland) SlopeAt(x, downhill []float64) (steepest float64) {
	w.spent += w.cost()
	w.pace.Spend(w.cost())
	copy(w.x, x)
	w.goTo(x)
	slope := w.slope()
	for j, g := range slope {
		g /= w.unit
		if steepest = max(steepest, math.Abs(g)); downhill != nil {
			downhill[j] = g
		}
		slope[j] = 0
	}
	return steepest
}

// curve takes central differences: there is not much that is trained.
func (w *weightland) curve(dst []float64) {
	n := len(w.x)
	at := append([]float64(nil), w.x...)
	for j := range at {
		x := at[j]
		at[j] = x + w.width
		w.SlopeAt(at, w.up)
		at[j] = x - w.width
		w.SlopeAt(at, w.down)
		at[j] = x
		for i := range n {
			dst[i*n+j] = difference(w.down[i], w.up[i], w.width)
		}
	}
	for i := range n {
		for j := range i {
			mean := (dst[i*n+j] + dst[j*n+i]) / 2
			dst[i*n+j], dst[j*n+i] = mean, mean
		}
	}
	w.SlopeAt(at, nil)
}

func (w *weightland) height() float64 { return w.value() }

func (w *weightland) wayApart(x []float64) float64 {
	way := make([]float64, w.problem.Arms())
	w.goTo(w.start)
	w.policy.AddLogRatios(way, 0)
	for k := range way {
		way[k] *= -1
	}
	w.goTo(x)
	w.policy.AddLogRatios(way, 0)
	return slices.Max(way) - slices.Min(way)
}

func (w *weightland) soften(width float64) {
	if w.kinked() {
		l := w.trainer.Loss()
		l.Pair = roundedDPOP(l.Params, width)
		w.soft, w.width = width, min(w.widest, width/100)
	}
}

func (w *weightland) rounding() float64 {
	if w.kinked() {
		return w.soft
	}
	return 0
}

// kinked tells that the loss has kinks that are rounded ever less. The hinge's are
// not: where all its votes have let go there is no slope to go on along.
func (w *weightland) kinked() bool { return w.trainer != nil && kinked(w.trainer.Loss()) }

func (w *weightland) tired() bool { return w.spent > patience }

func (w *weightland) cost() int {
	return 12*len(w.problem.Tallies) + 2*w.problem.Arms()*(len(w.params)+6)
}

// logits writes those of the shown prompt at x to dst.
func (w *weightland) logits(dst, x []float64) []float64 {
	from, to := w.problem.Range(w.prompt)
	dst = append(dst[:0], w.problem.LogRef[from:to]...)
	w.goTo(x)
	w.policy.AddLogRatios(dst, from)
	return dst
}

// followWeights answers where the votes of all prompts count together.
func (h *Heading) followWeights() {
	const (
		mostWeights = 64
		tolerance   = 1e-3
		aside       = 1e-5
	)
	w, a := h.land(), &h.answer
	if w == nil || len(w.start) > mostWeights {
		return
	}
	w.pace, a.Shared = &h.task.Pace, w.linear()
	switch {
	case w.trainer != nil && len(w.trainer.Duels) == 0 && len(w.trainer.ThumbMarks) == 0:
		h.settleAt(w, w.start, KindFamily)
		a.Closed = true
		return
	case h.oneWay(w):
		return
	}
	d := h.pursueWeights(w, tolerance, 0)
	if d.state == lost && !w.tired() { // perhaps in a balance that does not hold
		d = h.pursueWeights(w, tolerance, aside)
	}
	if !h.endOf(w, d) || w.convex() {
		return
	}
	place := slices.Clone(a.LogPi)
	for _, side := range [2]float64{aside, -aside} {
		other, _ := w.limitLogits(h.pursueWeights(w, 30*tolerance, side))
		off := 1.0
		if other != nil {
			off = Apart(place, other)
		}
		a.Within = max(a.Within, off)
	}
	if a.Within > onEdge && a.Kind != KindUnanchored {
		a.Kind = KindStart
	}
}

// pursueWeights follows the descent from a little aside of the start.
func (h *Heading) pursueWeights(w *weightland, tolerance, aside float64) *pursuit {
	d := &pursuit{course: &h.course, pace: &h.task.Pace, ground: w, saddles: !w.convex(), k: len(w.start), z: slices.Clone(w.start)}
	d.makeRoom()
	w.soften(softest)
	for j := range d.z {
		d.z[j] += aside * math.Sin(float64(j+1))
	}
	d.run(tolerance)
	return d
}

// endOf answers with where a descent ended, and tells whether that is known.
func (h *Heading) endOf(w *weightland, d *pursuit) bool {
	a := &h.answer
	switch d.state {
	case lost:
		return false
	case resting:
		h.settleAt(w, d.z, h.kindOfWeights(w))
		a.Within, a.Closed = d.within, a.Shared && w.convex() && !w.softened() // a fit of the votes
		a.Within = max(a.Within, 10*w.soft)
		return true
	}
	kind := KindLimit
	if d.state == falling {
		kind = KindUnbounded
	}
	logits, within := w.limitLogits(d)
	if logits == nil {
		a.Kind = KindEndless
		return false
	}
	h.settleAt(w, d.z, kind)
	a.Within = max(within, 10*w.soft)
	h.answerPolicy(logits)
	return true
}

// settleAt fills in the answer for weights of a kind.
func (h *Heading) settleAt(w *weightland, x []float64, kind DestinationKind) {
	a := &h.answer
	a.Finite = kind != KindLimit && kind != KindUnbounded
	if a.Kind = kind; !h.course.Loss.Objective.Reference && kind != KindUnbounded {
		a.Kind = KindUnanchored
	}
	a.Gradient = w.SlopeAt(x, nil)
	if a.Loss = w.height(); kind == KindUnbounded {
		a.Loss = math.Inf(-1)
	}
	h.answerPolicy(w.logits(nil, x))
}

// place sets the policy that the answer gives.
func (h *Heading) answerPolicy(logits []float64) {
	a := &h.answer
	a.LogPi = append(a.LogPi[:0], logits...)
	num.LogSoftmax(a.LogPi, a.LogPi)
	a.KL = num.KL(a.LogPi, h.course.LogRef)
}

// end returns the logits that a descent leads to, −Inf for replies that lose all
// probability, and how much may be left to come; nil where that was not found out.
func (w *weightland) limitLogits(d *pursuit) (logits []float64, within float64) {
	switch d.state {
	case lost:
		return nil, 1
	case resting:
		return w.logits(nil, d.z), d.within
	}
	if d.half == nil {
		return nil, 1
	}
	logits, gone := d.fading(w.logits(nil, d.z), w.logits(nil, d.half))
	switch {
	case gone == len(logits)-1:
		return logits, 0
	case d.late[0] == nil || d.late[1] == nil: // falling
		return nil, 1
	}
	within, ok := settles(logits, w.logits(nil, d.late[1]), w.logits(nil, d.late[0]))
	if !ok {
		return nil, within
	}
	return logits, within
}

// oneWay answers, where it can, for losses that push the margin of every vote for
// ever: if some direction widens margins and shrinks none, descent goes that
// way, and the reply that is furthest along it gets all.
func (h *Heading) oneWay(w *weightland) bool {
	if w.trainer == nil || !w.linear() || w.trainer.Way > train.ByMargin {
		return false
	}
	if l := &w.trainer.Loss().Margin; !l.Logistic || l.Other != 0 {
		return false
	}
	c := cone{dim: len(w.x), asks: w.wantedMargins(), pace: &h.task.Pace}
	if c.split(); !c.anyFree() {
		return false
	}
	along, p := c.widest(), w.problem
	from, to := p.Range(w.prompt)
	best, second, size := from, math.Inf(-1), 0.0
	reach := func(k int) float64 { return num.Dot(p.Features[k*p.Dim:(k+1)*p.Dim], along) }
	for k := from; k < to; k++ {
		size = max(size, math.Abs(reach(k)))
		if k > from && reach(k) > reach(best) {
			best, second = k, reach(best)
		} else if k > from {
			second = max(second, reach(k))
		}
	}
	if to-from > 1 && !(reach(best)-second > negligibleShare*size) {
		return false
	}
	logits := make([]float64, to-from)
	for k := range logits {
		if from+k != best {
			logits[k] = math.Inf(-1)
		}
	}
	d := h.pursueWeights(w, 0.03, 0) // for what the loss tends to
	h.settleAt(w, d.z, KindLimit)
	h.answer.Closed, h.answer.Within = true, 1e-12
	h.answerPolicy(logits)
	return true
}

// wantedMargins lists what each vote asks the weights for: the chosen reply's features
// less the rejected one's, where they differ.
func (w *weightland) wantedMargins() (asks [][]float64) {
	p := w.problem
	for _, t := range p.Tallies {
		a, b := make([]float64, p.Dim), make([]float64, p.Dim)
		for j := range a {
			a[j] = (p.Features[t.A*p.Dim+j] - p.Features[t.B*p.Dim+j]) / w.unit
			b[j] = -a[j]
		}
		if t.ForA > 0 && length(a) > 0 {
			asks = append(asks, a)
		}
		if t.ForB > 0 && length(b) > 0 {
			asks = append(asks, b)
		}
	}
	return asks
}

// convex tells that the loss is convex in the weights.
func (w *weightland) convex() bool {
	if w.trainer == nil {
		return false
	}
	switch w.trainer.Loss().Objective.Key {
	case "sft":
		return true
	case "ipo", "ipo_norm", "hinge":
		return w.trainer.Way <= train.ByMargin
	}
	return w.trainer.Way <= train.ByMargin && w.trainer.Loss().Margin.Logistic
}

func (w *weightland) softened() bool {
	if w.trainer == nil {
		return false
	}
	key := w.trainer.Loss().Objective.Key
	return rounded(objective.Named(key)) != objective.Named(key)
}

// kindOfWeights tells what kind of place of rest weights are in. Where the votes
// leave directions open in which the prompt's policy changes, there are many.
func (h *Heading) kindOfWeights(w *weightland) DestinationKind {
	if !w.convex() || w.softened() {
		return KindStart
	}
	asks := w.wantedMargins()
	if w.trainer.Loss().Objective.Key == "sft" {
		asks = w.differences()
	}
	c := cone{dim: len(w.x), asks: asks}
	basis, p := c.span(func(int) bool { return true }), w.problem
	from, to := p.Range(w.prompt)
	for k := from; k < to; k++ {
		f := make([]float64, p.Dim)
		for j := range f {
			f[j] = (p.Features[k*p.Dim+j] - p.Features[from*p.Dim+j]) / w.unit
		}
		if length(outside(f, basis)) > negligibleShare*length(f) {
			return KindFamily
		}
	}
	return KindUnique
}

// rank returns the number of directions of the weights in which policies change.
func (w *weightland) rank() int {
	c := cone{dim: len(w.x), asks: w.differences()}
	return len(c.span(func(int) bool { return true }))
}

// differences lists the features of the replies of each prompt that the loss
// moves, less the first one's.
func (w *weightland) differences() (all [][]float64) {
	p := w.problem
	for _, b := range w.trainer.Blocks {
		first := w.trainer.Arms[b.From]
		for i := b.From + 1; i < b.To; i++ {
			f := make([]float64, p.Dim)
			for j := range f {
				f[j] = (p.Features[w.trainer.Arms[i]*p.Dim+j] - p.Features[first*p.Dim+j]) / w.unit
			}
			if length(f) > 0 {
				all = append(all, f)
			}
		}
	}
	return all
}
