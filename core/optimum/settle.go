package optimum

import (
	"math"
	"slices"

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
	// rounder is the place of rest that was found before, of rounderWidth.
	rounder      []float64
	rounderWidth float64

	within   float64 // the last step
	steepest float64 // max |∂L/∂z|
}

// refine goes to the place of rest, for a loss with kinks to those of ever less
// rounded ones, and reports whether it got there. Of shared weights it keeps the last
// one that it got to.
func (n *settler) refine() bool {
	ground := n.d.ground
	ground.soften(softest)
	if !n.converge() {
		return false
	}
	width, next := softest, softest/2
	if !n.d.tabular() {
		next = 0.9 * softest // for where weights go from there
	}
	for ; n.sharpens() && width > sharpest; width, next = next, next/2 {
		last := *n
		last.z = slices.Clone(n.z)
		n.sharpen(width, next)
		n.rounder, n.rounderWidth = last.z, width
		ground.soften(next)
		if n.converge() {
			continue
		}
		if n.d.tabular() {
			return false
		}
		*n = last
		ground.soften(width)
		break
	}
	return true
}

// sharpens tells that the loss has kinks, and that those of less width lead to a place
// near by. On shared weights they do not where the loss is flat in some direction in
// which policies change: where that comes to rest depends on the way there.
func (n *settler) sharpens() bool {
	w, shared := n.d.ground.(*weightland)
	return n.d.ground.rounding() > 0 && (!shared || n.rank() == w.rank())
}

// sharpen moves a place of rest from that of one width towards that of the next. On a
// table the replies that are held in a rounded kink are at a distance from the
// reference that goes as its width; weights go on as from the width before.
func (n *settler) sharpen(width, next float64) {
	d := n.d
	if !d.tabular() {
		for i, x := range n.rounder {
			n.z[i] += (n.z[i] - x) * (width - next) / (n.rounderWidth - width)
		}
		return
	}
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
	d, rounding := n.d, n.d.ground.rounding()
	steepest, last, enough := d.ground.SlopeAt(n.z, d.down), math.Inf(1), 1e-8
	for range mostSteps {
		p := n.step()
		size := floats.Norm(p, math.Inf(1))
		if size-size != 0 || size > 0.5*d.course.scale() && (rounding == 0 || rounding == softest) {
			return false // there is none close by
		}
		n.within, n.steepest = size, steepest
		if size <= 1e-14 || size <= 1e-6 && steepest <= 1e-15 || size <= 1e-9 && size >= last/2 || steepest == 0 {
			return true
		}
		last = size
		if rounding > 0 {
			enough = rounding / 100
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
		return n.boundStep()
	}
	flat := n.flat
	if !n.knownFlat {
		flat = b.flatness()
	}
	if n.slopesAlong(b.newton(d.k1, d.down, flat), length(d.down)) {
		d.k1[0] = math.NaN()
	}
	return d.k1
}

// slopesAlong tells that too much of a slope is along directions that count as flat.
// Those of shared weights come from differences, and are less exact.
func (n *settler) slopesAlong(along, slope float64) bool {
	share := 1e-3
	if n.d.tabular() {
		share = 1e-6
	}
	return slope > 1e-10*max(1, n.d.course.Loss.Params.Beta) && along > share*slope && !n.knownFlat
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

// boundStep is step where an eigendecomposition is not to be had, or would not do. Of
// all p with curve·p = down it is the one orthogonal to the directions w with
// wᵀ·curve = 0, along which nothing moves: (curve + Σ wwᵀ)·p = down.
func (n *settler) boundStep() []float64 {
	d := n.d
	at, flat := n.flatDirections()
	m, p, k := d.solver.room(len(at)), make([]float64, len(at)), len(at)
	for r, i := range at {
		p[r] = d.down[i]
		for c, j := range at {
			m[r*k+c] = d.curve[i*d.k+j]
		}
	}
	slope, along, stiff := length(p), 0.0, d.steepestCurve()
	for _, w := range flat {
		along = math.Hypot(along, floats.Dot(w, p))
		for r, x := range w {
			floats.AddScaled(m[r*k:(r+1)*k], stiff*x, w)
		}
		d.pace.Spend(k * k)
	}
	d.solver.factor(d.pace)
	d.solver.solve(p)
	clear(d.k1)
	if n.slopesAlong(along, slope) {
		p[0] = math.NaN()
	}
	for r, x := range outside(p, flat) {
		d.k1[at[r]] = x
	}
	return d.k1
}

// off is how far a place of rest is from where the descent was.
func (n *settler) off() float64 { return floats.Distance(n.z, n.d.z, math.Inf(1)) }

// attracts tells that the loss bends upwards, or not at all, in all directions.
func (n *settler) attracts() bool {
	_, negative, _ := n.inertia()
	return negative == 0
}

// rank returns the number of directions in which the loss is not flat.
func (n *settler) rank() int {
	positive, negative, _ := n.inertia()
	return positive + negative
}

// inertia counts the directions in which the loss bends upwards and downwards, and
// those that bend it only in others' company.
func (n *settler) inertia() (positive, negative, flat int) {
	d := n.d
	d.ground.SlopeAt(n.z, d.down)
	d.ground.curve(d.curve)
	if b := n.bending(); b != nil {
		positive, negative = b.inertia()
		return positive, negative, b.flatness()
	}
	m, at := n.scaled()
	k := len(at)
	for i := range k {
		for j := range i {
			mean := (m[i*k+j] + m[j*k+i]) / 2
			m[i*k+j], m[j*k+i] = mean, mean
		}
	}
	positive, negative = pivots(m, k, d.pace)
	return positive, negative, k - positive - negative
}

// scaled returns the curvature, each reply measured by its own, and the replies that
// have any.
func (n *settler) scaled() (m []float64, at []int) {
	d := n.d
	for i := range d.k {
		if n.left(i) && d.curve[i*d.k+i] != 0 {
			at = append(at, i)
		}
	}
	units := make([]float64, len(at))
	for r, i := range at {
		units[r] = n.unit(i)
	}
	for r, i := range at {
		for c, j := range at {
			m = append(m, d.curve[i*d.k+j]/(units[r]*units[c]))
		}
	}
	return m, at
}

// unit is what a reply's curvature is measured by.
func (n *settler) unit(i int) float64 { return math.Sqrt(math.Abs(n.d.curve[i*n.d.k+i])) }

// flatDirections returns an orthonormal basis of the w with wᵀ·curve = 0, over the
// replies that have a curvature: what elimination with complete pivoting leaves of the
// identity beside rows that have become 0.
func (n *settler) flatDirections() (at []int, flat [][]float64) {
	m, at := n.scaled()
	k := len(at)
	rows := make([][]float64, k)
	for i := range rows {
		rows[i] = make([]float64, 2*k)
		copy(rows[i], m[i*k:(i+1)*k])
		rows[i][k+i] = 1
	}
	for range k {
		row, column := largest(rows, k)
		if n.knownFlat && len(rows) == n.flat || len(rows) == 0 || !(math.Abs(rows[row][column]) > negligibleBend) {
			break
		}
		pivot := rows[row]
		rows = slices.Delete(rows, row, row+1)
		for _, r := range rows {
			floats.AddScaled(r, -r[column]/pivot[column], pivot)
			r[column] = 0
		}
		n.d.pace.Spend(3 * k * len(rows))
	}
	for _, r := range rows {
		w := r[k:]
		for i := range w {
			w[i] /= n.unit(at[i])
		}
		flat = append(flat, w)
	}
	return at, orthonormal(flat, n.d.pace)
}

// largest finds the entry of the rows' first k that is largest in size.
func largest(rows [][]float64, k int) (row, column int) {
	for i, r := range rows {
		for j, x := range r[:k] {
			if math.Abs(x) > math.Abs(rows[row][column]) {
				row, column = i, j
			}
		}
	}
	return row, column
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
