package optimum

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"dpoplayground/core/num"
	"dpoplayground/core/scores"
)

// A pursuit follows gradient descent with vanishing steps to its end,
//
//	dz/dt = −∂L/∂z,   z(0) = log π_ref, or the course's start.
//
// What is slow there is slow like 1/t, so time is measured by s = log(1 + t/t₀):
// then a limit is approached at constant speed and a place of rest ever faster.
// On that clock the motion is stiff; it is integrated by ode23s, a Rosenbrock
// method (Shampine and Reichelt 1997, §3.1), until it is close enough to a place
// of rest for Newton's method. gonum has no integrator of differential equations.
type pursuit struct {
	course    *Course
	pace      *scores.Pace
	ground    terrain
	g         Landscape // that ground, where z are the logits of a table
	k         int
	tolerance float64 // of log π, in each step

	z     []float64 // logits, or weights that logits share
	time  float64   // t + t₀
	s     float64
	half  []float64 // z at about half of s
	halfS float64
	late  [2][]float64 // z at two times near the end of the clock, as far apart as the last is from the end
	down  []float64    // −∂L/∂z at z
	curve []float64    // its derivative, negated

	state   restState
	drifts  bool    // moving, and the replies that keep probability trade it to the end
	within  float64 // of the last step of Newton's method
	strayed float64 // the sum of the steps' errors
	slope   float64 // max |∂L/∂z| after it
	value   float64 // the loss at the end of the clock

	creases           *creases // that ground, where kinks are followed and not rounded; else nil
	saddles           bool     // the loss may bend downwards
	fine              bool     // the way counts, not just where it leads; see stride
	columns           [order][]float64
	solver            linearSystem
	k1, k2, k3        []float64
	f0, f1, f2, trial []float64
}

// A terrain is a loss over what is trained.
type terrain interface {
	// SlopeAt goes to x. It returns the largest entry of the slope, in absolute value,
	// and, unless downhill is nil, sets it to minus the slope.
	SlopeAt(x, downhill []float64) (steepest float64)
	// curve sets dst to minus the derivative of downhill at the place last looked at.
	curve(dst []float64)
	// height returns the loss at the place last looked at.
	height() float64
	// wayApart returns the largest difference of two log-ratios' ways from the start.
	wayApart(x []float64) float64
	// soften rounds the kinks of the loss over a width; 0 undoes it.
	soften(width float64)
	// rounding is that width, or 0 where there are no kinks that are rounded by it.
	rounding() float64
	// cost is that of one SlopeAt, in the units of a pace.
	cost() int
	// tired tells that looking on would take too long.
	tired() bool
}

// A restState says how a pursuit ended.
type restState int

const (
	moving  restState = iota // still on its way at the end of the clock
	resting                  // at a place of rest
	falling                  // down a slope without end
	lost                     // out of steps
)

func newPursuit(c *Course, p *scores.Pace, fine bool) *pursuit {
	d := &pursuit{course: c, pace: p, k: len(c.LogRef), z: c.start(), fine: fine}
	d.ground, d.saddles = &d.g, !routeOf(c.Loss.Objective.Key).sole
	d.makeRoom()
	d.g.Survey(c, d.z)
	d.g.soften(softest)
	return d
}

func (d *pursuit) makeRoom() {
	d.curve = make([]float64, d.k*d.k)
	for _, v := range []*[]float64{&d.down, &d.k1, &d.k2, &d.k3, &d.f0, &d.f1, &d.f2, &d.trial} {
		*v = make([]float64, d.k)
	}
	if d.fine {
		for j := range d.columns {
			d.columns[j] = make([]float64, d.k)
		}
	}
}

// tabular tells that z are logits.
func (d *pursuit) tabular() bool { return d.ground == terrain(&d.g) }

// The widths to which kinks are rounded while the descent is followed, and in
// the end.
const softest, sharpest = 1e-3, 1e-7

// scale is the distance of log-probabilities over which a loss changes its
// slope.
func (c *Course) scale() float64 {
	p := &c.Loss.Params
	scale := min(1, 1/p.Beta)
	if p.Tau > 0 {
		scale *= min(1, p.Tau)
	}
	return scale
}

// run follows the descent to its end.
func (d *pursuit) run(tolerance float64) {
	const (
		mostSteps   = 5000
		mostStrides = 1500
		lastS       = 24 // rounding, e^24 times as large, is still small
	)
	d.tolerance = tolerance * d.course.scale()
	steepest := d.readSlope()
	d.time = 1 / max(d.steepestCurve(), steepest*max(1, d.course.Loss.Params.Beta), 1e-300)
	tried, again, far, step := math.Inf(1), 2.0, 60.0, 0.05
	for at := range mostSteps {
		if d.fine && at == mostStrides {
			break
		}
		speed := d.time * steepest
		if d.creases != nil {
			if d.slope = steepest; steepest <= 1e-14*d.creases.stiffest() && speed <= 1e-4 {
				d.state = resting
				return
			}
			d.tolerance = max(d.tolerance, 1e-16*d.time*d.creases.stiffest()) // rounding, as it grows
		} else if speed <= 0.05*d.course.scale() && speed <= tried/2 || d.s >= again {
			if tried, again = speed, 1.5*d.s+1; d.rest() {
				d.state = resting
				return
			}
		}
		if steepest == 0 {
			d.state, d.within = resting, d.tolerance
			return
		}
		if d.creases == nil && d.ground.wayApart(d.z)*d.course.Loss.Params.Beta > far {
			if far *= 2; d.falls() {
				d.state = falling
				return
			}
		}
		if d.s >= lastS {
			return
		}
		if d.s >= 2*d.halfS+1 || d.half == nil {
			d.half, d.halfS = append(d.half[:0], d.z...), d.s
		}
		for i := range d.late {
			if d.late[i] == nil && d.s >= lastS-float64(2-i)*lastS/7 {
				d.late[i] = slices.Clone(d.z)
			}
		}
		if step = d.step(min(step, lastS-d.s+1e-9)); step == 0 || d.ground.tired() {
			break
		}
		steepest = d.readSlope()
	}
	d.state = lost
}

// look sets down and curve at z.
func (d *pursuit) readSlope() (steepest float64) {
	steepest = d.ground.SlopeAt(d.z, d.down)
	d.ground.curve(d.curve)
	d.pace.Spend(5*d.ground.cost() + 8*d.k*d.k)
	return steepest
}

func (d *pursuit) steepestCurve() float64 { return floats.Norm(d.curve, math.Inf(1)) }

// hold stiffens the matrix, factor times the curvature, against the logits'
// common shift, in which the loss is flat: rounding would else decide whether it
// bends up or down there. Nothing pushes that way, so nothing else changes. Of z
// only replies with a finite logit count; nil counts all.
func (d *pursuit) hold(m []float64, factor float64, z []float64) {
	if !d.tabular() {
		return
	}
	stiff := factor * d.steepestCurve() / float64(d.k)
	for i := range d.k {
		for j := range d.k {
			if z == nil || !math.IsInf(z[i], -1) && !math.IsInf(z[j], -1) {
				m[i*d.k+j] += stiff
			}
		}
	}
}

func (g *Landscape) wayApart(logits []float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for k, z := range logits {
		way := z - g.course.LogRef[k]
		if g.course.Start != nil {
			way -= g.course.Start[k]
		}
		low, high = min(low, way), max(high, way)
	}
	return high - low
}

func (g *Landscape) height() float64 { return g.Value }

func (g *Landscape) tired() bool { return false }

func (g *Landscape) rounding() float64 { return g.soft }

// step goes on by a step of s, or a smaller one, that keeps to the tolerance. It
// returns the next to try, or 0 if there is none.
func (d *pursuit) step(h float64) (next float64) {
	const (
		least = 1e-9
		most  = 0.4 // beyond, what is stiff grows from step to step as t does
	)
	for {
		err := d.tryStep(h)
		ok := err <= d.tolerance || h <= least && err-err == 0
		grow := 0.25
		if err-err == 0 {
			grow = min(5, max(0.2, 0.8*d.root(d.tolerance/max(err, 1e-300))))
		}
		if ok && d.creases != nil && d.creases.crossed(d.trial) {
			return d.stopAtCrease(h)
		}
		if ok {
			copy(d.z, d.trial)
			d.strayed += err
			d.time *= num.Exp(h)
			d.s += h
			return min(most, max(least, h*grow))
		}
		if h *= grow; h < least/8 {
			return 0
		}
	}
}

// stopAtCrease takes so much of a step of h that ends beyond a kink as leads just
// into it, and returns the next step to try.
func (d *pursuit) stopAtCrease(h float64) (next float64) {
	low := 0.0
	for mid := h / 2; low < mid && mid < h; mid = low + (h-low)/2 {
		if d.tryStep(mid); d.creases.crossed(d.trial) {
			h = mid
		} else {
			low = mid
		}
	}
	d.strayed += d.tryStep(h)
	d.creases.crossed(d.trial)
	copy(d.z, d.trial)
	d.time *= num.Exp(h)
	d.s += h
	d.creases.chooseSides(d.z)
	return 0.05
}

// tryStep sets trial to where a step of h leads, and returns its error.
func (d *pursuit) tryStep(h float64) float64 {
	if d.fine {
		return d.stride(h)
	}
	const (
		gamma = 0.2928932188134525 // 1/(2 + √2)
		e32   = 7.414213562373095  // 6 + √2
	)
	n := d.k
	m := d.solver.room(n)
	for i, c := range d.curve {
		m[i] = gamma * h * d.time * c
	}
	d.hold(m, gamma*h*d.time, nil)
	for i := range n {
		m[i*n+i]++
	}
	if d.saddles && d.backwards(m) {
		return math.Inf(1)
	}
	for i := range n {
		d.f0[i] = d.time * d.down[i]
		d.k1[i] = d.f0[i] * (1 + gamma*h)
	}
	d.solver.factor(d.pace)
	d.pace.Spend(3 * n * n)
	d.solver.solve(d.k1)
	d.lookAhead(d.f1, d.k1, h/2)
	for i := range n {
		d.k2[i] = d.f1[i] - d.k1[i]
	}
	d.solver.solve(d.k2)
	for i := range n {
		d.k2[i] += d.k1[i]
	}
	d.lookAhead(d.f2, d.k2, h)
	for i := range n {
		d.k3[i] = d.f2[i] - e32*(d.k2[i]-d.f1[i]) - 2*(d.k1[i]-d.f0[i]) + gamma*h*d.f0[i]
	}
	d.solver.solve(d.k3)
	err := 0.0
	for i := range n {
		e := math.Abs(d.k1[i]-2*d.k2[i]+d.k3[i]) * h / 6
		if !(e <= err) {
			err = e
		}
	}
	return err
}

// root is that of an error which grows like the length of a step.
func (d *pursuit) root(x float64) float64 {
	if d.fine {
		return math.Pow(x, 1.0/order)
	}
	return math.Cbrt(x)
}

// order is that of the extrapolation of a stride.
const order = 6

// stride is a step of the linearly implicit Euler rule with 1, 2, 3, … parts,
// extrapolated to infinitely many (Deuflhard 1985). Where the loss is flat in some
// directions nothing corrects the errors made along them, and ode23s, whose errors
// fade more slowly as steps become shorter, would take thousands of steps.
func (d *pursuit) stride(h float64) float64 {
	n, t := d.k, d.time*num.Expm1(h)
	for j := range d.columns {
		moved, part := d.columns[j], t/float64(j+1)
		if !d.stiffen(part) && j == 0 {
			return math.Inf(1)
		}
		clear(moved) // how far from z: places would lose digits to the extrapolation
		for i := range j + 1 {
			if copy(d.k1, d.down); i > 0 {
				d.lookFrom(moved)
			}
			floats.Scale(part, d.k1)
			d.solver.solve(d.k1)
			floats.Add(moved, d.k1)
		}
	}
	d.pace.Spend(2 * n * n * order * order)
	err := scores.Extrapolate(d.columns[:])
	floats.AddTo(d.trial, d.z, d.columns[order-1])
	return err
}

// stiffen factors 1 + part·curve. It returns false if a step so long would go uphill.
func (d *pursuit) stiffen(part float64) bool {
	m := d.solver.room(d.k)
	for i, c := range d.curve {
		m[i] = part * c
	}
	d.hold(m, part, nil)
	for i := range d.k {
		m[i*d.k+i]++
	}
	uphill := d.saddles && d.backwards(m)
	d.solver.factor(d.pace)
	return !uphill
}

// lookFrom sets k1 to the speed at a distance from z.
func (d *pursuit) lookFrom(moved []float64) {
	floats.AddTo(d.trial, d.z, moved)
	d.ground.SlopeAt(d.trial, d.k1)
	d.pace.Spend(d.ground.cost())
}

// backwards tells that a step would be so long that, where the loss bends
// downwards, it would go uphill: to a saddle and not off it.
func (d *pursuit) backwards(m []float64) bool {
	n := d.k
	symmetric := make([]float64, n*n)
	for i := range n {
		for j := range n {
			symmetric[i*n+j] = (m[i*n+j] + m[j*n+i]) / 2
		}
	}
	positive, _ := pivots(symmetric, n, d.pace)
	return positive < n
}

// lookAhead sets f to the speed after a step of h along k, and trial to the
// place.
func (d *pursuit) lookAhead(f, k []float64, h float64) {
	floats.AddScaledTo(d.trial, d.z, h, k)
	d.ground.SlopeAt(d.trial, f)
	d.pace.Spend(d.ground.cost())
	floats.Scale(d.time*num.Exp(h), f)
}

// rest looks for a place of rest close by, and goes there.
func (d *pursuit) rest() bool {
	n, near := d.settle()
	if d.fine && near {
		_, _, n.flat = n.inertia()
		n.knownFlat = true
		copy(n.z, d.z)
		near = n.refine() && n.off() <= closeBy*d.course.scale()
	}
	if near = near && (n.attracts() || d.s == 0 && n.off() <= 1e-6*d.course.scale()); !near {
		d.ground.soften(softest)
		d.readSlope()
		return false
	}
	if d.fine {
		d.strayed += n.off() * n.off() / d.course.scale()
	}
	copy(d.z, n.z)
	d.within, d.slope = n.within, n.steepest
	return true
}

// closeBy is the distance, of log π by the loss's scale, from which Newton's method
// and descent end as good as at one place, even if there are others beside it: they
// part by about the square.
const closeBy = 1e-4

// settle goes from z to a place of rest, and tells whether there is one near by.
func (d *pursuit) settle() (n *settler, near bool) {
	n = &settler{d: d, z: slices.Clone(d.z)}
	return n, n.refine() && n.off() <= 0.5*d.course.scale()
}

// falls tells that the loss goes down for ever along the present motion: over
// far and equal distances by equal amounts.
func (d *pursuit) falls() bool {
	reach := 1e6 / d.course.Loss.Params.Beta / max(floats.Norm(d.down, math.Inf(1)), 1e-300)
	var value [3]float64
	for i := range value {
		floats.AddScaledTo(d.trial, d.z, float64(i)*reach, d.down)
		d.ground.SlopeAt(d.trial, nil)
		value[i] = d.ground.height()
	}
	first, second := value[0]-value[1], value[1]-value[2]
	return first > 1 && math.Abs(first-second) < 1e-3*first
}

// settles tells whether the replies that keep probability, at the end of the
// clock, a while ago and as long before that, have all but stopped trading it, or
// will soon at the rate at which the trade fades; and how much may be left to
// come. Trade that fades like 1/s is not over.
func settles(now, ago, before []float64) (within float64, ok bool) {
	const still = 2e-3
	masked := func(z []float64) []float64 {
		z = slices.Clone(z)
		for k := range z {
			if math.IsInf(now[k], -1) {
				z[k] = now[k]
			}
		}
		return z
	}
	if ago == nil || before == nil {
		return 1, false
	}
	first, last := Apart(masked(before), masked(ago)), Apart(masked(ago), now)
	if last >= 0.5*first {
		return 4 * last, last <= still/4
	}
	within = last * last / (first - last)
	return within, within <= still
}

// fading returns logits now, with −Inf for each reply whose probability has kept
// shrinking since then, over the last half of the clock, and how many those are.
func (d *pursuit) fading(now, then []float64) (logits []float64, gone int) {
	pi, way := make([]float64, len(now)), make([]float64, len(now))
	num.Softmax(pi, now)
	floats.SubTo(way, now, then)
	moved := floats.Dot(pi, way) // by the replies that keep probability, on the mean
	still := max(0.02*d.course.scale()*(d.s-d.halfS), 1e-3*floats.Norm(way, math.Inf(1)))
	logits = slices.Clone(now)
	for k, w := range way {
		if w-moved < -still {
			logits[k] = math.Inf(-1)
			gone++
		}
	}
	return logits, gone
}

// survivors returns logits with −Inf for each reply whose probability has kept
// shrinking over the last half of the clock, the others being where their own
// votes leave them, which sure tells, or where the way has led them. It returns nil
// where they are still on it.
func (d *pursuit) survivors() (logits []float64, sure bool) {
	d.readSlope()
	logits, gone := d.fading(d.z, d.half)
	d.slope = d.g.SlopeAt(d.z, nil)
	d.within, d.value = 0, d.g.Value
	switch gone {
	case 0: // or what shrinks is too little to be told
		return logits, d.state == moving && d.slope <= 1e-8*max(1, d.course.Loss.Params.Beta)
	case d.k:
		return nil, false
	case d.k - 1:
		return logits, true
	}
	n := settler{d: d, z: append([]float64(nil), logits...)}
	d.g.Survey(d.course, logits)
	ok := n.refine() && n.rank() == d.k-gone-1
	for k, z := range n.z {
		ok = ok && (math.IsInf(z, -1) || math.Abs(z-logits[k]) < d.course.scale())
	}
	if ok {
		logits, d.within, d.slope = n.z, n.within, n.steepest
	} else if d.state == moving {
		if d.within, ok = settles(logits, d.late[1], d.late[0]); !ok {
			d.drifts, logits = true, nil
		}
		ok = false
	}
	d.g.Survey(d.course, d.z)
	d.g.soften(softest)
	return logits, ok
}
