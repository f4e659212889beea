package optimum

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
)

// A Destination says where full-batch gradient descent on one prompt's votes is
// headed from the start, which is the reference if nothing is said, with steps
// small enough to follow the gradient.
type Destination struct {
	Kind DestinationKind
	// LogPi is log π there, one entry a reply: −Inf for a probability that tends
	// to 0. It is nil if the kind is Unknown or Endless.
	LogPi []float64
	// Finite tells that finite logits are arrived at. If it is false the place is
	// approached for ever.
	Finite bool
	// Closed tells that LogPi comes from a closed form or from a fit of the
	// votes, and not from following the descent.
	Closed bool
	// Gradient is max |∂L/∂z_k| at LogPi, which checks the answer. Where L has a
	// kink it is that of the subgradient nearest to 0.
	Gradient float64
	// Within estimates the largest error of a probability.
	Within float64
	// Loss is the mean loss at LogPi, −Inf if it is Unbounded. KL is KL(π‖π_ref), nats.
	Loss, KL float64
	// Shared tells that replies share weights.
	Shared bool
	// Bent tells that the loss has a kink at LogPi, which is arrived at: steps of
	// one size jump to and fro across it.
	Bent bool
	// FromStart tells that another start may lead elsewhere, whether or not the kind
	// says so: without a reference that counts, the start still fixes what votes leave
	// open.
	FromStart bool
	// Clipped tells that at LogPi some compared pair's margin is at χPO's clip, ±2R, or
	// beyond, where it is pushed no more.
	Clipped bool
}

// A DestinationKind says what sort of place a destination is.
type DestinationKind string

// The kinds.
const (
	// KindUnique is the only place where the loss is flat: descent gets there
	// from anywhere.
	KindUnique DestinationKind = "optimum"
	// KindFamily has flat directions, because not every reply was compared with
	// every other, not even by way of others. LogPi is the member that descent
	// from the start reaches.
	KindFamily DestinationKind = "family"
	// KindLimit has no minimum at finite logits. LogPi is the limit of π.
	KindLimit DestinationKind = "limit"
	// KindUnbounded has a loss that tends to −∞.
	KindUnbounded DestinationKind = "unbounded"
	// KindStart has a loss that is not convex, or flat in places: another start
	// may lead elsewhere.
	KindStart DestinationKind = "start"
	// KindUnanchored has no reference that counts: only the votes fix the place,
	// and the start, if they leave something open. Finite tells whether it is
	// arrived at.
	KindUnanchored DestinationKind = "unanchored"
	// KindEndless has no minimum at finite logits, and the limit of π was not
	// computed.
	KindEndless DestinationKind = "endless"
	// KindUnknown was not computed.
	KindUnknown DestinationKind = "unknown"
)

// onEdge is how far apart, in probability, two ways of following the descent
// end where the answer hangs on less than is computed.
const onEdge = 0.02

// A Course is all that a destination depends on.
type Course struct {
	Loss *objective.Loss
	// LogRef is log π_ref of each reply. It is also the start, of objectives
	// without a reference too, unless Start is given.
	LogRef []float64
	// Start holds log-ratios z − log π_ref to start at; nil means the reference.
	Start []float64
	// Tokens are the replies' lengths; nil means 1 each. Only objectives per
	// token read them.
	Tokens []float64
	// Votes are the prompt's own; their Prompt field is not read.
	Votes []data.Pair
	// Thumbs are the prompt's own, beside those of the votes, where the objective
	// reads them; their Prompt field is not read either.
	Thumbs   []data.Thumb
	Baseline BaselineRule
}

// A BaselineRule says what stands for KTO's z₀; see KTOBaseline.
type BaselineRule int

// The rules: the mean log-ratio over the examples of all votes, or KL(π‖π_ref).
// Both are at least 0 and constant for the derivative.
const (
	BatchBaseline BaselineRule = iota
	ExactBaseline
)

// A Heading works out a Destination a slice at a time:
//
//	h := NewHeading(course)
//	for !h.Work(WorkBudget) { /* let the page breathe */ }
//	d := h.Destination()
//
// The answer depends on the course alone, not on the slices. A heading that is
// dropped unfinished must be stopped with Stop.
type Heading struct {
	course Course
	land   func() *weightland // what is descended on where it is not one table's loss; else nil
	task   scores.Task
	answer Destination
}

// NewHeading prepares the work. The course must not change until it is done.
// NewHeading panics unless there is a reply, the lengths are positive, and the
// votes are as NewFit wants them.
func NewHeading(c Course) *Heading {
	if len(c.LogRef) == 0 {
		panic("core: a destination needs at least one reply")
	}
	for i := range c.Votes {
		data.CheckVote(len(c.LogRef), &c.Votes[i])
	}
	for i := range c.Thumbs {
		data.CheckThumb(len(c.LogRef), &c.Thumbs[i])
	}
	for _, n := range c.Tokens {
		if !(n > 0) {
			panic(fmt.Sprintf("core: a reply's length must be positive, not %v", n))
		}
	}
	return &Heading{course: c}
}

// Work goes on for about ops units (see WorkBudget) and reports whether the
// answer is there.
func (h *Heading) Work(ops int) bool { return h.task.Advance(ops, h.solve) }

// Stop abandons unfinished work and frees what it holds.
func (h *Heading) Stop() { h.task.Stop() }

// Destination returns the answer. It panics before Work has reported that it
// is there.
func (h *Heading) Destination() *Destination {
	if !h.task.Done {
		panic("core: Destination was asked of a heading that is not done")
	}
	return &h.answer
}

// A route is what is known of an objective beyond its functions. Of one without
// a route nothing is taken for granted, and its descent is followed.
type route struct {
	// sole tells that there is one place of rest, but for flat directions: the
	// loss is convex in the logits, or a function of f(x_w) − f(x_l) that is
	// convex; see coordinate.
	sole bool
	// separable tells that the loss is a sum of convex functions of the replies'
	// log-probabilities; see kindOfRest.
	separable bool
	// coordinate is that f, where shortcut asks for it.
	coordinate func(objective.HyperParams) coordinate
	// shortcut finds the answer without following the descent, or returns false.
	shortcut func(*Heading) bool
}

func routeOf(key string) route {
	switch key {
	case "dpo", "cdpo", "sigmoid_norm", "dpo_reference_free", "simpo":
		return route{sole: true, coordinate: plainCoordinate, shortcut: (*Heading).byVotes}
	case "fdiv_js":
		return route{sole: true, coordinate: jensenShannonCoordinate, shortcut: (*Heading).byVotes}
	case "fdiv_forward_kl", "fdiv_alpha":
		return route{sole: true, coordinate: alphaCoordinate, shortcut: (*Heading).byVotes}
	case "chi_po": // flat where its margins are clipped
		return route{coordinate: chiCoordinate, shortcut: (*Heading).byVotes}
	case "ipo", "ipo_norm":
		return route{sole: true, shortcut: (*Heading).byTargets}
	case "exo_pair":
		return route{shortcut: (*Heading).byTargetsOfTree}
	case "sft":
		return route{shortcut: (*Heading).byFrequency}
	case "hinge":
		return route{shortcut: (*Heading).byEvents}
	case "rdpo", "dpop", "rpo", "cpo":
		return route{sole: true}
	case "nca_pair", "bco_pair", "sppo_hard":
		return route{separable: true}
	}
	return route{}
}

func (h *Heading) solve() {
	h.answer = Destination{Kind: KindUnknown}
	if h.land != nil {
		h.followWeights()
	} else {
		h.findTable()
	}
	h.answer.Bent = h.answer.Finite && h.course.bent(h.answer.LogPi)
	h.answer.Clipped = h.course.clipped(h.answer.LogPi)
}

// bent tells that the loss has a kink at a policy: always where the hinge stops,
// and for DPOP where a reply is as likely as in the reference.
func (c *Course) bent(logPi []float64) bool {
	if c.Loss.Objective.Key == "hinge" {
		return true
	}
	for k, l := range logPi {
		if kinked(c.Loss) && math.Abs(l-c.LogRef[k]) <= 10*softest {
			return true
		}
	}
	return false
}

// clipped tells that χPO's margin of some compared pair has reached ±2R at a policy.
func (c *Course) clipped(logPi []float64) bool {
	if c.Loss.Objective.Key != "chi_po" || logPi == nil {
		return false
	}
	y := make([]float64, len(logPi))
	for k, l := range logPi {
		x := l - c.LogRef[k]
		y[k] = x + num.Exp(x)
	}
	return clips(c, y)
}

// findTable answers for one prompt's table.
func (h *Heading) findTable() {
	c := &h.course
	known := h.total() == 0 && h.stayAtStart()
	if shortcut := routeOf(c.Loss.Objective.Key).shortcut; !known && shortcut != nil {
		known = shortcut(h)
	}
	if !known {
		h.follow()
	}
}

// total returns the number of votes and of thumbs that are read.
func (h *Heading) total() (n float64) {
	for _, v := range h.course.Votes {
		n += v.Count
	}
	up, down := h.course.Loss.Objective.Worth()
	for _, t := range h.course.Thumbs {
		n += up*t.Up + down*t.Down
	}
	return n
}

// stayAtStart is the answer where there are no votes: everything is an optimum.
func (h *Heading) stayAtStart() bool {
	h.answerWith(h.course.start(), KindFamily, true)
	h.answer.Closed = true
	return true
}

// arrive fills in the answer for logits (−Inf allowed) of a kind. Without a
// reference a place is unanchored, whatever else it is, unless the loss goes
// down for ever.
func (h *Heading) answerWith(logits []float64, kind DestinationKind, finite bool) {
	a, c := &h.answer, &h.course
	a.FromStart = kind == KindFamily || kind == KindStart
	if !c.Loss.Objective.Reference && kind != KindUnbounded {
		kind = KindUnanchored
	}
	a.Kind, a.Finite = kind, finite
	a.LogPi = append(a.LogPi[:0], logits...)
	num.LogSoftmax(a.LogPi, a.LogPi)
	a.KL = num.KL(a.LogPi, c.LogRef)
	var l Landscape
	l.Survey(c, a.LogPi)
	a.Gradient = l.SlopeAt(a.LogPi, nil)
	a.Loss = l.Value
	if kind == KindUnbounded {
		a.Loss = math.Inf(-1)
	}
}

// oneLength returns the length that all replies share as far as the objective
// can tell, or false.
func (c *Course) oneLength() (float64, bool) {
	if !c.Loss.Objective.Lengths {
		return 1, true
	}
	return data.OneLength(c.Tokens)
}

// follow answers by following the descent. Where the loss may have several
// places, or the way there matters, it is followed twice more, less closely and
// from beside the reference on either side: if that leads elsewhere, the answer
// hangs on less than is computed, as where replies start in a balance that the
// slightest difference upsets.
func (h *Heading) follow() {
	const (
		mostReplies = 256 // beyond, each step takes too long
		tolerance   = 1e-3
		finely      = 1e-9
		aside       = 1e-5
	)
	c := &h.course
	if len(c.LogRef) > mostReplies {
		return
	}
	d, z, sure := h.pursue(tolerance, 0, false)
	if z == nil && !d.drifts { // perhaps in a balance that does not hold
		d, z, sure = h.pursue(tolerance, aside, false)
	}
	fine := h.hangsOnTheWay(d, sure)
	if kinked(c.Loss) && (d.k <= fewToFollow || d.state == resting) && !(sure && h.connected()) {
		if e, y, is := h.followCreases(finely); y != nil {
			d, z, sure = e, y, is
		}
	} else if fine {
		if e, y, is := h.pursue(finely, 0, true); y != nil {
			d, z, sure = e, y, is
			d.within = max(d.within, d.strayed)
		} else {
			fine, d.within = false, max(d.within, d.strayed)
		}
	}
	switch {
	case d.drifts:
		h.answer.Kind = KindEndless
		return
	case z == nil:
		return
	case d.state == resting || d.state == moving && h.votesHold() && !slices.Contains(z, math.Inf(-1)):
		h.answerWith(z, h.kindOfRest(d), true)
	case d.state == falling:
		h.answerLimit(d, z, KindUnbounded)
	default:
		h.answerLimit(d, z, KindLimit)
	}
	h.answer.Within = d.within
	switch {
	case d.creases != nil:
		h.answer.Gradient = d.slope
	case kinked(c.Loss):
		h.answer.Gradient, h.answer.Within = d.slope, max(d.within, 10*sharpest)
	}
	if a := &h.answer; a.Kind == KindLimit && !(a.Gradient <= 1e-3*max(1, c.Loss.Params.Beta)) {
		*a = Destination{Kind: KindUnknown} // it does not hold
		return
	}
	r := routeOf(c.Loss.Objective.Key)
	if d.creases != nil || sure && (r.sole || h.answer.Kind == KindUnique) {
		return
	}
	loosely := 30 * tolerance
	if fine {
		loosely = 30 * finely
	}
	for _, side := range [2]float64{aside, -aside} {
		if _, other, _ := h.pursue(loosely, side, fine); other != nil {
			h.answer.Within = max(h.answer.Within, Apart(z, other))
		} else {
			h.answer.Within = 1
		}
	}
	if h.answer.Within > onEdge && !r.sole && h.answer.Kind != KindUnanchored {
		h.answer.Kind, h.answer.FromStart = KindStart, true
	}
}

// fewToFollow bounds the replies of a descent without an end that is followed once
// more, closely: with 200 of them that takes a minute.
const fewToFollow = 64

// hangsOnTheWay tells that where a descent ended up is one place of many beside each
// other, so that each error made on the way is still in it. Losses of margins keep the
// sum of the logits of the replies that comparisons join, however they are
// followed, and that fixes the place.
func (h *Heading) hangsOnTheWay(d *pursuit, sure bool) bool {
	switch {
	case d.state == lost || d.state == falling:
		return false
	case kinked(h.course.Loss): // see followCreases
		return false
	case d.state == moving:
		return !sure && d.k <= fewToFollow
	}
	d.g.SlopeAt(d.z, nil)
	return !d.g.margins && h.isFlat(d)
}

// pursue follows the descent to logits, or nil, from a little aside of the
// reference. sure tells that they are more exact than the way there.
func (h *Heading) pursue(tolerance, aside float64, fine bool) (d *pursuit, logits []float64, sure bool) {
	d = newPursuit(&h.course, &h.task.Pace, fine)
	for k := range d.z {
		d.z[k] += aside * math.Sin(float64(k+1))
	}
	d.run(tolerance)
	switch d.state {
	case resting:
		return d, d.z, d.within < d.tolerance
	case lost:
		return d, nil, false
	}
	logits, sure = d.survivors()
	return d, logits, sure
}

// end answers with logits that are never reached.
func (h *Heading) answerLimit(d *pursuit, logits []float64, kind DestinationKind) {
	h.answerWith(logits, kind, false)
	if h.answer.Gradient != h.answer.Gradient { // sorting replies that are all at −∞
		h.answer.Gradient = d.slope
	}
	if kind != KindUnbounded {
		h.answer.Loss = d.value
	}
}

// Apart returns the largest difference of probability between logits.
func Apart(a, b []float64) (most float64) {
	p, q := make([]float64, len(a)), make([]float64, len(b))
	num.Softmax(p, a)
	num.Softmax(q, b)
	for k := range p {
		most = max(most, math.Abs(p[k]-q[k]))
	}
	return most
}

// kindOfRest tells what kind of place a descent came to rest at.
//
// Where the loss is a sum of convex functions G_k of the replies' x_k = log π_k,
// a place of rest has G_k′ = Sπ_k. If S ≤ 0 no x_k is beyond where its G_k is
// least, and the place is the minimum over the convex set Σ e^x ≤ 1. No place of
// rest with S > 0 exists beside it: there every x_k would be beyond, and Σ e^x
// greater. If S > 0 there may be several.
func (h *Heading) kindOfRest(d *pursuit) DestinationKind {
	if d.creases != nil {
		if d.creases.flat() {
			return KindFamily
		}
		return KindUnique
	}
	r := routeOf(h.course.Loss.Objective.Key)
	d.g.SlopeAt(d.z, d.down)
	switch {
	case !r.sole && !(r.separable && d.g.sum <= 1e-9*floats.Norm(d.g.slope, 1)):
		return KindStart
	case h.isFlat(d):
		return KindFamily
	}
	return KindUnique
}

// isFlat tells that there are directions, beside the logits' common shift, in
// which the loss does not change.
func (h *Heading) isFlat(d *pursuit) bool {
	if d.g.loss.Objective.Margin != nil {
		return !h.connected()
	}
	n := settler{d: d, z: d.z}
	return n.rank() < d.k-1
}

// votesHold tells that preferences lead both ways between all replies that comparisons
// join, so that a logistic loss of margins has a minimum at finite logits, though the
// clock may end before descent is there.
func (h *Heading) votesHold() bool {
	m := &h.course.Loss.Margin
	if !m.Logistic || m.Own < 0 || m.Other < 0 {
		return false
	}
	k, p := len(h.course.LogRef), &h.task.Pace
	pairs := scores.Aggregate(k, h.course.Votes, m.Other/(m.Own+m.Other), p)
	return scores.StrongSets(k, pairs, p).Count == scores.Connect(k, pairs, p).Count
}

// connected tells that comparisons join all replies.
func (h *Heading) connected() bool {
	k := len(h.course.LogRef)
	return scores.Connect(k, scores.Aggregate(k, h.course.Votes, 0, &h.task.Pace), &h.task.Pace).Count == 1
}

// start returns the logits that descent starts at.
func (c *Course) start() []float64 {
	z := append([]float64(nil), c.LogRef...)
	for k, d := range c.Start {
		z[k] += d
	}
	return z
}

// shift returns, for each reply, the mean of the start's log-ratios over its
// component: descent on margins keeps it.
func (c *Course) shift(component []int) []float64 {
	shift := make([]float64, len(c.LogRef))
	if c.Start == nil {
		return shift
	}
	sum, n := make([]float64, len(shift)), make([]float64, len(shift))
	for k, of := range component {
		sum[of] += c.Start[k]
		n[of]++
	}
	for k, of := range component {
		shift[k] = sum[of] / n[of]
	}
	return shift
}
