package mesh

import "dpoplayground/scenes/picture"

// A pen is a stroke's cross-section: full coverage up to inner pixels from the
// middle, none from outer pixels on. One thinner than a pixel is a ridge that
// lays down as much paint.
type pen struct {
	half, inner, outer, coverage float32
}

func newPen(width float32) pen {
	if width < 1 {
		return pen{width / 2, 0, 1, width}
	}
	return pen{width / 2, width/2 - feather, width/2 + feather, 1}
}

// line strokes a polyline. A level or upright line of two points lies on
// device pixels, so that axes and grids are crisp.
func (m *Mesh) line(points []point, mark *picture.Mark) {
	width := mark.Stroke * m.scale
	m.trace(points, false)
	if len(m.path) < 2 || width <= 0 {
		return
	}
	if len(m.path) == 2 && upright(m.path[0], m.path[1]) && !mark.Arrow {
		width = max(round(width), 1)
		snap(m.path, width)
	}
	if mark.Arrow {
		m.arrow(points, mark.Stroke)
	}
	m.dashes(m.path, width, mark.Dash*m.scale)
}

// upright tells whether a segment is level or upright.
func upright(a, b point) bool {
	return max(a.X-b.X, b.X-a.X) < 1.0/64 || max(a.Y-b.Y, b.Y-a.Y) < 1.0/64
}

// snap moves a level or upright segment across itself onto device pixels.
func snap(segment []point, width float32) {
	a, b := &segment[0], &segment[1]
	if max(a.X-b.X, b.X-a.X) < 1.0/64 {
		a.X = centred(a.X, width)
		b.X = a.X
		return
	}
	a.Y = centred(a.Y, width)
	b.Y = a.Y
}

// outline strokes the path, a polygon, from its first corner around.
func (m *Mesh) outline(width, dash float32) {
	if dash >= feather {
		m.path = append(m.path, m.path[0])
		m.dashes(m.path, width, dash)
		return
	}
	p := newPen(width)
	n := len(m.path)
	first := uint32(len(m.Vertices))
	for i := range n {
		m.section(m.path[i], mitre(m.path[(i+n-1)%n], m.path[i], m.path[(i+1)%n]), p, p.coverage)
		if i > 0 {
			m.join(uint32(len(m.Vertices))-8, uint32(len(m.Vertices))-4)
		}
	}
	m.join(uint32(len(m.Vertices))-4, first)
}

// dashes strokes every other stretch of the given length of an open path,
// beginning with a dash. Less than half a pixel, or 0, means a solid line.
func (m *Mesh) dashes(path []point, width, dash float32) {
	if dash < feather {
		m.stretch(path, width)
		return
	}
	left, on := dash, true // how much of the present dash or gap is to come
	m.run = append(m.run[:0], path[0])
	for i := 1; i < len(path); i++ {
		t, rest := towards(path[i-1], path[i]), distance(path[i-1], path[i])
		for at := path[i-1]; rest > left; {
			at, rest = along(at, t, left), rest-left
			if on {
				m.run = append(m.run, at)
				m.stretch(m.run, width)
			}
			m.run = append(m.run[:0], at)
			left, on = dash, !on
		}
		left -= rest
		if on {
			m.run = append(m.run, path[i])
		}
	}
	if on && len(m.run) > 1 {
		m.stretch(m.run, width)
	}
}

// stretch strokes one open run of points. At a turn too sharp for a mitre it
// ends, half the width beyond, and begins anew.
func (m *Mesh) stretch(run []point, width float32) {
	if len(run) == 2 && upright(run[0], run[1]) && round(width) == width {
		m.slat(run[0], run[1], width/2)
		return
	}
	p := newPen(width)
	from, before := 0, float32(0)
	for i := 1; i+1 < len(run); i++ {
		if sharp(run[i-1], run[i], run[i+1]) {
			m.strip(run[from:i+1], p, before, p.half)
			from, before = i, p.half
		}
	}
	m.strip(run[from:], p, before, 0)
}

// sharp is a turn of more than about 110°.
func sharp(a, b, c point) bool {
	t, u := towards(a, b), towards(b, c)
	return t.X*u.X+t.Y*u.Y < -0.34
}

// slat is a level or upright stroke with hard edges.
func (m *Mesh) slat(a, b point, half float32) {
	if max(a.X-b.X, b.X-a.X) < 1.0/64 {
		m.box(a.X-half, min(a.Y, b.Y), a.X+half, max(a.Y, b.Y))
		return
	}
	m.box(min(a.X, b.X), a.Y-half, max(a.X, b.X), a.Y+half)
}

// strip strokes a run without sharp turns, with feathered ends that reach the
// given distances beyond the first point and the last.
func (m *Mesh) strip(run []point, p pen, before, after float32) {
	n := len(run)
	if n < 2 || n == 2 && same(run[0], run[1]) {
		return
	}
	t, u := towards(run[0], run[1]), towards(run[n-2], run[n-1])
	startIn := min(feather-before, distance(run[0], run[1])/2)
	endIn := min(feather-after, distance(run[n-2], run[n-1])/2)
	m.section(along(run[0], t, -before-feather), aside(t), p, 0)
	m.next(along(run[0], t, startIn), aside(t), p, p.coverage)
	for i := 1; i+1 < n; i++ {
		m.next(run[i], mitre(run[i-1], run[i], run[i+1]), p, p.coverage)
	}
	m.next(along(run[n-1], u, -endIn), aside(u), p, p.coverage)
	m.next(along(run[n-1], u, after+feather), aside(u), p, 0)
}

// section appends the four vertices of a cross-section at c; side points to its left.
func (m *Mesh) section(c, side point, p pen, coverage float32) {
	v := m.room(4)
	m.set(&v[0], c.X-side.X*p.outer, c.Y-side.Y*p.outer, 0)
	m.set(&v[1], c.X-side.X*p.inner, c.Y-side.Y*p.inner, coverage)
	m.set(&v[2], c.X+side.X*p.inner, c.Y+side.Y*p.inner, coverage)
	m.set(&v[3], c.X+side.X*p.outer, c.Y+side.Y*p.outer, 0)
}

// next appends a cross-section and joins it to the one before.
func (m *Mesh) next(c, side point, p pen, coverage float32) {
	m.section(c, side, p, coverage)
	n := uint32(len(m.Vertices))
	m.join(n-8, n-4)
}

// join spans the cross-sections that begin at the vertices a and b.
func (m *Mesh) join(a, b uint32) {
	for range 3 {
		m.quad(a, a+1, b+1, b)
		a, b = a+1, b+1
	}
}

// arrow paints a head at the end of a line and shortens the path to end at its
// base: within the head a translucent line would show.
func (m *Mesh) arrow(points []point, stroke float32) {
	tip, left, right, _ := picture.ArrowHead(points, stroke)
	tip, left, right = m.to(tip), m.to(left), m.to(right)
	stop := point{X: (left.X + right.X) / 2, Y: (left.Y + right.Y) / 2}
	if !near(tip.X) || !near(tip.Y) || same(tip, stop) {
		return
	}
	n := len(m.path) - 1
	for n > 1 && distance(m.path[n-1], tip) < distance(stop, tip) {
		n--
	}
	m.path = append(m.path[:n], stop)
	m.fill([]point{tip, right, left}, feather, 1)
}
