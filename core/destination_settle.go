package core

import "math"

// A settler looks for a place of rest of a descent by Newton's method. Replies
// whose logit is −Inf stay there.
type settler struct {
	d        *pursuit
	z        []float64
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
	steepest, last, enough := d.ground.look(n.z, d.down), math.Inf(1), 1e-8
	for range mostSteps {
		p := n.step()
		size := 0.0
		for _, v := range p {
			if !(math.Abs(v) <= size) {
				size = math.Abs(v)
			}
		}
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
		for i, v := range p {
			d.trial[i] = n.z[i] + t*v
		}
		d.pace.spend(d.ground.cost())
		if lower = d.ground.look(d.trial, d.down); lower < steepest {
			copy(n.z, d.trial)
			return t, lower
		}
	}
	d.ground.look(n.z, d.down)
	return 0, steepest
}

// step solves for Newton's step among the replies that are left. Directions in
// which the loss is flat are held by next to nothing.
func (n *settler) step() []float64 {
	d := n.d
	d.ground.curve(d.curve)
	d.pace.spend(5*d.ground.cost() + 8*d.k*d.k + d.k*d.k*d.k/3)
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
	d.solver.factor()
	d.solver.solve(p)
	if !d.tabular() {
		d.keepOut(p)
	}
	return p
}

// keepOut takes out of a step what goes where the loss is flat: descent does not,
// for it has no slope there.
func (d *pursuit) keepOut(step []float64) {
	c := cone{dim: d.k}
	for i := range d.k {
		c.asks = append(c.asks, d.curve[i*d.k:(i+1)*d.k])
	}
	basis := c.span(func(int) bool { return true })
	slope := length(d.down)
	if slope > 1e-10*max(1, d.course.Loss.Params.Beta) && length(outside(d.down, basis)) > 1e-6*slope {
		return // it has a slope, and only too little of a curvature to be told
	}
	for i, x := range outside(step, basis) {
		step[i] -= x
	}
}

// scaled returns the symmetric part of the curvature, each reply measured by
// its own, and the replies that have any.
func (n *settler) scaled() (m []float64, size int) {
	d := n.d
	d.ground.look(n.z, d.down)
	d.ground.curve(d.curve)
	var keep []int
	for i := range d.k {
		if !math.IsInf(n.z[i], -1) && d.curve[i*d.k+i] != 0 {
			keep = append(keep, i)
		}
	}
	for _, i := range keep {
		for _, j := range keep {
			unit := math.Sqrt(math.Abs(d.curve[i*d.k+i])) * math.Sqrt(math.Abs(d.curve[j*d.k+j]))
			m = append(m, (d.curve[i*d.k+j]+d.curve[j*d.k+i])/(2*unit))
		}
	}
	return m, len(keep)
}

// attracts tells that the loss bends upwards, or not at all, in all directions.
func (n *settler) attracts() bool {
	m, size := n.scaled()
	_, negative := pivots(m, size)
	return negative == 0
}

// rank returns the number of directions in which the loss is not flat.
func (n *settler) rank() int {
	m, size := n.scaled()
	positive, negative := pivots(m, size)
	return positive + negative
}

// pivots counts the pivots of a symmetric matrix, which it uses up, that are
// not 0, by sign. The largest on the diagonal goes first.
func pivots(m []float64, n int) (positive, negative int) {
	const zero = 1e-7
	done := make([]bool, n)
	for range n {
		at := -1
		for i := range n {
			if !done[i] && (at < 0 || math.Abs(m[i*n+i]) > math.Abs(m[at*n+at])) {
				at = i
			}
		}
		p := m[at*n+at]
		if math.Abs(p) <= zero {
			return positive, negative
		}
		done[at] = true
		if p > 0 {
			positive++
		} else {
			negative++
		}
		for i := range n {
			if done[i] {
				continue
			}
			f := m[i*n+at] / p
			for j := range n {
				m[i*n+j] -= f * m[at*n+j]
			}
		}
	}
	return positive, negative
}

// An elimination solves systems of linear equations by elimination with row exchanges.
type elimination struct {
	n     int
	m     []float64
	order []int
}

// room returns the n×n matrix to be filled in and factored.
func (s *elimination) room(n int) []float64 {
	if s.n != n {
		s.n, s.m, s.order = n, make([]float64, n*n), make([]int, n)
	}
	return s.m
}

func (s *elimination) factor() {
	n, m := s.n, s.m
	for k := range n {
		at := k
		for i := k + 1; i < n; i++ {
			if math.Abs(m[i*n+k]) > math.Abs(m[at*n+k]) {
				at = i
			}
		}
		s.order[k] = at
		pivot, row := m[k*n:(k+1)*n], m[at*n:(at+1)*n]
		if at != k {
			for j := range pivot {
				pivot[j], row[j] = row[j], pivot[j]
			}
		}
		for i := k + 1; i < n; i++ {
			row := m[i*n : (i+1)*n]
			f := row[k] / pivot[k]
			if row[k] = f; f == 0 {
				continue
			}
			for j := k + 1; j < n; j++ {
				row[j] -= f * pivot[j]
			}
		}
	}
}

// solve turns b into the solution.
func (s *elimination) solve(b []float64) {
	n, m := s.n, s.m
	for k, at := range s.order {
		b[k], b[at] = b[at], b[k]
	}
	for i := range n {
		for j := range i {
			b[i] -= m[i*n+j] * b[j]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			b[i] -= m[i*n+j] * b[j]
		}
		b[i] /= m[i*n+i]
	}
}
