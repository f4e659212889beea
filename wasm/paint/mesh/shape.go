package mesh

import (
	"math"

	"dpoplayground/scenes/picture"
)

// shape fills the path, a polygon, or strokes its outline.
func (m *Mesh) shape(mark *picture.Mark, inset, coverage float32) {
	switch {
	case len(m.path) < 3:
	case mark.Stroke > 0:
		m.outline(mark.Stroke*m.scale, mark.Dash*m.scale)
	default:
		m.fill(m.path, inset, coverage)
	}
}

// rect paints a rectangle. Its upright edges lie on device pixels, and so does
// all of it if it is rounded or stroked: then it is furniture, and crisp. The
// level edges of a plain bar are exact, so that it grows smoothly.
func (m *Mesh) rect(mark *picture.Mark) {
	if mark.W <= 0 || mark.H <= 0 {
		return
	}
	x0, y0, x1, y1 := m.Box(mark)
	switch {
	case mark.Stroke > 0:
		w := max(round(mark.Stroke*m.scale), 1)
		top, left := m.to(point{X: mark.X, Y: mark.Y}), m.to(point{X: mark.X + mark.W, Y: mark.Y + mark.H})
		m.roundedRect(centred(top.X, w), centred(top.Y, w), centred(left.X, w), centred(left.Y, w), mark.R*m.scale)
		m.outline(w, mark.Dash*m.scale)
	case mark.R > 0:
		m.roundedRect(x0, y0, max(x1, x0+1), max(y1, y0+1), mark.R*m.scale)
		m.fill(m.path, feather, 1)
	default:
		m.bar(x0, mark.Y*m.scale+m.dy, max(x1, x0+1), (mark.Y+mark.H)*m.scale+m.dy)
	}
}

// centred moves v so that a stroke of w whole pixels around it has crisp edges.
func centred(v, w float32) float32 {
	if int(w)%2 == 1 {
		return float32(math.Floor(float64(v))) + 0.5
	}
	return round(v)
}

// bar is a box whose top and bottom are feathered.
func (m *Mesh) bar(x0, y0, x1, y1 float32) {
	if round(y0) == y0 && round(y1) == y1 {
		m.box(x0, y0, x1, y1)
		return
	}
	inset := min(feather, (y1-y0)/2)
	coverage := min(y1-y0, 1)
	outset := feather
	if inset < feather { // thinner than a pixel: a ridge one pixel to either side of its middle
		outset = 1 - inset
	}
	i := uint32(len(m.Vertices))
	for _, row := range [...][2]float32{{y0 - outset, 0}, {y0 + inset, coverage}, {y1 - inset, coverage}, {y1 + outset, 0}} {
		m.vertex(x0, row[0], row[1])
		m.vertex(x1, row[0], row[1])
	}
	for row := i; row < i+6; row += 2 {
		m.quad(row, row+1, row+3, row+2)
	}
}

// roundedRect makes the path of a rectangle, clockwise from the start of its top edge.
func (m *Mesh) roundedRect(x0, y0, x1, y1, r float32) {
	m.path = m.path[:0]
	r = max(min(r, (x1-x0)/2, (y1-y0)/2), 0)
	m.reach(point{X: x0 + r, Y: y0})
	m.arc(x1-r, y0+r, r, 0, -1)
	m.arc(x1-r, y1-r, r, 1, 0)
	m.arc(x0+r, y1-r, r, 0, 1)
	m.arc(x0+r, y0+r, r, -1, 0)
	if n := len(m.path); same(m.path[0], m.path[n-1]) {
		m.path = m.path[:n-1]
	}
}

// arc adds a quarter turn, clockwise from the direction (dx, dy).
func (m *Mesh) arc(x, y, r, dx, dy float32) {
	steps := (sides(r) + 3) / 4
	sin, cos := math.Sincos(math.Pi / 2 / float64(steps))
	s, c := float32(sin), float32(cos)
	for range steps + 1 {
		m.reach(point{X: x + r*dx, Y: y + r*dy})
		dx, dy = dx*c-dy*s, dx*s+dy*c
	}
}

// sides is how many a polygon needs to be within a tenth of a pixel of a
// circle of radius r: one of n sides is off by r(1 − cos π/n) ≈ rπ²/2n².
func sides(r float32) int {
	return min(max(int(7.1*math.Sqrt(float64(r))+0.999), 8), 256)
}

// disc paints a circle. One smaller than a pixel is a cone, whose paint
// πr²·coverage it shares out over a radius of r + ½.
func (m *Mesh) disc(mark *picture.Mark) {
	r := mark.R * m.scale
	if r <= 0 {
		return
	}
	m.circle(m.to(point{X: mark.X, Y: mark.Y}), r)
	coverage := float32(1)
	if r < feather {
		coverage = 3 * r * r / ((r + feather) * (r + feather))
	}
	m.shape(mark, min(feather, r), coverage)
}

func (m *Mesh) circle(centre point, r float32) {
	m.path = m.path[:0]
	n := sides(r)
	sin, cos := math.Sincos(2 * math.Pi / float64(n))
	s, c := float32(sin), float32(cos)
	dx, dy := r, float32(0)
	for range n {
		m.path = append(m.path, point{X: centre.X + dx, Y: centre.Y + dy})
		dx, dy = dx*c-dy*s, dx*s+dy*c
	}
}

func (m *Mesh) diamond(mark *picture.Mark) {
	r := mark.R * m.scale
	if r <= 0 {
		return
	}
	p := m.to(point{X: mark.X, Y: mark.Y})
	m.path = append(m.path[:0], point{X: p.X, Y: p.Y - r}, point{X: p.X + r, Y: p.Y}, point{X: p.X, Y: p.Y + r}, point{X: p.X - r, Y: p.Y})
	m.shape(mark, min(feather, r/math.Sqrt2), 1)
}

// particles paints squares centred on the points. Sides and corners are whole
// device pixels: all grains look alike, and none flickers as it moves.
func (m *Mesh) particles(points []point, size float32) {
	side := max(round(size*m.scale), 1)
	half := side / 2
	first := uint32(len(m.Vertices))
	count := 0
	v := m.room(4 * len(points))
	for _, p := range points {
		p = m.to(p)
		if !near(p.X) || !near(p.Y) {
			continue
		}
		q := v[4*count : 4*count+4]
		x, y := round(p.X-half), round(p.Y-half)
		m.set(&q[0], x, y, 1)
		m.set(&q[1], x+side, y, 1)
		m.set(&q[2], x+side, y+side, 1)
		m.set(&q[3], x, y+side, 1)
		count++
	}
	m.Vertices = m.Vertices[:int(first)+4*count]
	for i := first; i < first+uint32(4*count); i += 4 {
		m.quad(i, i+1, i+2, i+3)
	}
}
