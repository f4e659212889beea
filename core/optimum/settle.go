package optimum

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"dpoplayground/core/scores"
)

// A settler looks for a place of rest of a descent by Newton's method. Replies
// whose logit is −Inf stay there. gonum's optimize, which runs its methods on
// goroutines, could not be paused.
type settler struct {
	d *pursuit
	z []float64
	// flat is the number of directions in which the loss is flat, if that is known.
	flat      int
	knownFlat bool

	within   float64 // the last step
	steepest float64 // max |∂L/∂z|
}

// refine goes to the place of rest, for a loss with kinks to those of ever less
// rounded ones, and reports whether it got there.
func (n *settler) refine() bool {
	width := softest
	for {
		n.d.ground.soften(width)
		if !n.converge() {
			return false
		}
		if !kinked(n.d.course.Loss) || !n.d.tabular() || width <= sharpest {
			return true
		}
		n.sharpen(width, width/2)
		width /= 2
	}
}

// sharpen moves the replies that are held in a rounded kink, at a distance from
// the reference that goes as its width, to where the next width will hold them.
func (n *settler) sharpen(width, next float64) {
	d := n.d
	for k, z := range n.z {
		if x := d.g.logPi[k] - d.course.LogRef[k]; math.Abs(x) < 8*width {
			n.z[k] = z - x*(1-next/width)
		}
	}
}

// converge takes full steps, or halves of halves of them that leave less of a
// slope, until they are as small as rounding.
func (n *settler) converge() bool {
	const mostSteps = 60
	d := n.d
	steepest, last, enough := d.ground.SlopeAt(n.z, d.down), math.Inf(1), 1e-8
	for range mostSteps {
		p := n.step()
		size := floats.Norm(p, math.Inf(1))
		if size-size != 0 || size > 0.5*d.course.scale() && (d.g.soft == 0 || d.g.soft == softest) {
			return false // there is none close by
		}
		n.within, n.steepest = size, steepest
		if size <= 1e-14 || size <= 1e-6 && steepest <= 1e-15 || size <= 1e-9 && size >= last/2 || steepest == 0 {
			return true
		}
		last = size
		if enough = 1e-8; d.g.soft > 0 {
			enough = d.g.soft / 100
		}
		t, lower := n.shorten(p, steepest)
		if t == 0 {
			return size <= enough
		}
		steepest = lower
	}
	return n.within <= enough
}

// shorten takes the step, or a part of it after which the slope is less than
// before, and returns that part and the slope.
func (n *settler) shorten(p []float64, steepest float64) (t, lower float64) {
	d := n.d
	for t = 1; t > 1e-6; t /= 2 {
		floats.AddScaledTo(d.trial, n.z, t, p)
		d.pace.Spend(d.ground.cost())
		if lower = d.ground.SlopeAt(d.trial, d.down); lower < steepest {
			copy(n.z, d.trial)
			return t, lower
		}
	}
	d.ground.SlopeAt(n.z, d.down)
	return 0, steepest
}

// step returns Newton's step among the replies that are left, orthogonal to the
// directions in which the loss is flat. Where the loss has a slope in those, and
// only too little of a curvature to be told, there is no step: it is NaN.
func (n *settler) step() []float64 {
	d := n.d
	d.ground.curve(d.curve)
	d.pace.Spend(5*d.ground.cost() + 8*d.k*d.k)
	b := n.bending()
	if b == nil || d.skewed() {
		return n.heldStep()
	}
	flat := n.flat
	if !n.knownFlat {
		flat = b.flatness()
	}
	along, slope := b.newton(d.k1, d.down, flat), length(d.down)
	if slope > 1e-10*max(1, d.course.Loss.Params.Beta) && along > 1e-6*slope && !n.knownFlat {
		for i := range d.k1 {
			d.k1[i] = math.NaN()
		}
	}
	return d.k1
}

// bending decomposes the curvature just worked out, or returns nil.
func (n *settler) bending() *bending {
	return newBending(n.d.curve, n.d.k, n.left, n.d.pace)
}

// left tells that a reply is left.
func (n *settler) left(i int) bool { return !math.IsInf(n.z[i], -1) }

// skewed tells that the curvature is not that of any loss: a baseline moves, and is
// constant for the derivative.
func (d *pursuit) skewed() bool {
	return d.tabular() && d.g.loss.Objective.Baseline && d.g.baseline > 0
}

// heldStep is Newton's step where directions in which the loss is flat are held by
// next to nothing.
func (n *settler) heldStep() []float64 {
	d := n.d
	m := d.solver.room(d.k)
	copy(m, d.curve)
	d.hold(m, 1, n.z)
	least := 1e-12*d.steepestCurve() + 1e-300
	p := d.k1
	for i := range d.k {
		p[i] = d.down[i]
		m[i*d.k+i] += 1e-8*math.Abs(d.curve[i*d.k+i]) + least
		if !math.IsInf(n.z[i], -1) {
			continue
		}
		p[i] = 0
		for j := range d.k {
			m[i*d.k+j], m[j*d.k+i] = 0, 0
		}
		m[i*d.k+i] = 1
	}
	d.solver.factor(d.pace)
	d.solver.solve(p)
	return p
}

// off is how far a place of rest is from where the descent was.
func (n *settler) off() float64 { return floats.Distance(n.z, n.d.z, math.Inf(1)) }

// flatness returns the number of directions that bend the loss only in others' company.
func (n *settler) flatness() int {
	n.d.ground.SlopeAt(n.z, n.d.down)
	n.d.ground.curve(n.d.curve)
	if b := n.bending(); b != nil {
		return b.flatness()
	}
	return 1
}

// attracts tells that the loss bends upwards, or not at all, in all directions.
func (n *settler) attracts() bool {
	_, negative := n.inertia()
	return negative == 0
}

// rank returns the number of directions in which the loss is not flat.
func (n *settler) rank() int {
	positive, negative := n.inertia()
	return positive + negative
}

// inertia counts the directions in which the loss bends upwards and downwards.
func (n *settler) inertia() (positive, negative int) {
	d := n.d
	d.ground.SlopeAt(n.z, d.down)
	d.ground.curve(d.curve)
	if b := n.bending(); b != nil {
		return b.inertia()
	}
	return pivots(n.scaled())
}

// scaled returns the symmetric part of the curvature, each reply measured by
// its own, and the replies that have any.
func (n *settler) scaled() (m []float64, size int, p *scores.Pace) {
	d := n.d
	var keep []int
	for i := range d.k {
		if n.left(i) && d.curve[i*d.k+i] != 0 {
			keep = append(keep, i)
		}
	}
	for _, i := range keep {
		for _, j := range keep {
			unit := math.Sqrt(math.Abs(d.curve[i*d.k+i])) * math.Sqrt(math.Abs(d.curve[j*d.k+j]))
			m = append(m, (d.curve[i*d.k+j]+d.curve[j*d.k+i])/(2*unit))
		}
	}
	return m, len(keep), d.pace
}

// pivots counts the pivots of a symmetric matrix, which it uses up, that are
// not 0, by sign. The largest on the diagonal goes first. Unlike an
// eigendecomposition it can be paused.
func pivots(m []float64, n int, p *scores.Pace) (positive, negative int) {
	done := make([]bool, n)
	for range n {
		at := -1
		for i := range n {
			if !done[i] && (at < 0 || math.Abs(m[i*n+i]) > math.Abs(m[at*n+at])) {
				at = i
			}
		}
		pivot := m[at*n+at]
		if math.Abs(pivot) <= negligibleBend {
			return positive, negative
		}
		done[at] = true
		if pivot > 0 {
			positive++
		} else {
			negative++
		}
		for i := range n {
			if done[i] {
				continue
			}
			f := m[i*n+at] / pivot
			for j := range n {
				m[i*n+j] -= f * m[at*n+j]
			}
		}
		p.Spend(n * n)
	}
	return positive, negative
}
