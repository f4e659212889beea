package landscape

import (
	"dpoplayground/core/landscape"
	"dpoplayground/scenes/picture"
)

// A levelTracer finds level lines. It cuts the triangle into levelSteps² small
// ones and takes the square of the scale, which has no root where the loss is
// least, to be linear in each, so that a level crosses a small
// triangle in one straight piece or not at all. From one it follows the line
// over the edges, to both its ends or once around.
type levelTracer struct {
	t       []float64 // the square of the field's place on the scale, row by row from the top
	band    []uint8   // how many levels are below it
	visited []uint16  // by facet: bit n tells that its line of level n is there already
}

// levelSteps is how many small triangles lie along a side. It divides
// landscape.FieldSteps.
const levelSteps = landscape.FieldSteps / 2

// A facet is a small triangle: in row i from the top the j-th that points up, or
// the j-th that points down. Its corners go round as follows, and edge n is
// between corners n and n+1:
//
//	up    (i, j), (i+1, j), (i+1, j+1)
//	down  (i, j), (i, j+1), (i+1, j+1)
type facet struct {
	i, j int
	down bool
}

// beyond returns the facet on the other side of an edge, and which edge of that
// it is.
func (f facet) beyond(edge int) (facet, int) {
	across := [3]int{1, 0, 2}[edge]
	if f.down {
		return [3]facet{{f.i - 1, f.j, false}, {f.i, f.j + 1, false}, {f.i, f.j, false}}[edge], across
	}
	return [3]facet{{f.i, f.j - 1, true}, {f.i + 1, f.j, true}, {f.i, f.j, true}}[edge], across
}

func (f facet) isInside() bool {
	if f.down {
		return f.i > 0 && f.i < levelSteps && f.j >= 0 && f.j < f.i
	}
	return f.i >= 0 && f.i < levelSteps && f.j >= 0 && f.j <= f.i
}

func (f facet) index() int {
	n := f.i*f.i + 2*f.j
	if f.down {
		n++
	}
	return n
}

// corner returns the row and the place in it of a corner.
func (f facet) corner(n int) (i, j int) {
	i, j = f.i, f.j
	switch {
	case n == 2:
		return i + 1, j + 1
	case n == 1 && f.down:
		return i, j + 1
	case n == 1:
		return i + 1, j
	}
	return i, j
}

// sample reads the field where the small triangles meet.
func (w *levelTracer) sample(f *landscape.Field, s *reliefScale) {
	w.t, w.band = w.t[:0], w.band[:0]
	for i := range levelSteps + 1 {
		row, first := 2*i, levelSteps-i
		for j := range i + 1 {
			t := s.place(f.Loss[row*landscape.FieldSide+first+2*j])
			w.t, w.band = append(w.t, t*t), append(w.band, bandOf(t))
		}
	}
	if w.visited == nil {
		w.visited = make([]uint16, levelSteps*levelSteps)
	}
}

// bandOf returns how many levels, levels−1 at most, are below a place on the
// scale.
func bandOf(t float64) uint8 {
	n := int(t * levels)
	if float64(n)/levels >= t && n > 0 {
		n-- // it lies on a level
	}
	return uint8(min(n, levels-1))
}

func vertex(i, j int) int { return i*(i+1)/2 + j }

// span returns the least and the greatest band of a facet's corners.
func (w *levelTracer) span(f facet) (low, high uint8) {
	a, b, c := w.band[vertex(f.corner(0))], w.band[vertex(f.corner(1))], w.band[vertex(f.corner(2))]
	return min(a, b, c), max(a, b, c)
}

// crossings returns the two edges that a level crosses, if it does.
func (w *levelTracer) crossings(f facet, level uint8) (a, b int, ok bool) {
	var above [3]bool
	for n := range above {
		above[n] = w.band[vertex(f.corner(n))] >= level
	}
	if above[0] == above[1] && above[1] == above[2] {
		return 0, 0, false
	}
	for n := range above { // the corner that stands alone
		if above[n] != above[(n+1)%3] && above[n] != above[(n+2)%3] {
			return n, (n + 2) % 3, true
		}
	}
	return 0, 0, false
}

// trace adds the lines of all levels.
func (w *levelTracer) trace(r *relief) {
	clear(w.visited)
	for i := range levelSteps {
		for j := range i + 1 {
			w.traceThrough(r, facet{i, j, false})
			if j < i {
				w.traceThrough(r, facet{i, j, true})
			}
		}
	}
}

// traceThrough adds the lines that cross a facet.
func (w *levelTracer) traceThrough(r *relief, f facet) {
	low, high := w.span(f)
	for level := low + 1; level <= high; level++ {
		w.traceFrom(r, f, level)
	}
}

// traceFrom adds the line through a facet, unless it is there already.
func (w *levelTracer) traceFrom(r *relief, f facet, level uint8) {
	back, out, ok := w.crossings(f, level)
	if !ok || w.visited[f.index()]>>level&1 == 1 {
		return
	}
	start, closed := f, false
	for { // to one end
		next, edge := start.beyond(back)
		if !next.isInside() {
			break
		}
		a, b, _ := w.crossings(next, level)
		start, back, out = next, a+b-edge, edge
		if closed = start == f; closed {
			break
		}
	}
	from := len(r.points)
	r.points = append(r.points, w.crossing(start, back, level))
	for f, edge := start, out; ; {
		r.points = append(r.points, w.crossing(f, edge, level))
		w.visited[f.index()] |= 1 << level
		next, in := f.beyond(edge)
		if !next.isInside() || w.visited[next.index()]>>level&1 == 1 {
			break
		}
		a, b, _ := w.crossings(next, level)
		f, edge = next, a+b-in
	}
	r.lines = append(r.lines, levelLine{float64(level) / levels, from, len(r.points)})
}

// crossing is where a level crosses an edge.
func (w *levelTracer) crossing(f facet, edge int, level uint8) picture.Point {
	ai, aj := f.corner(edge)
	bi, bj := f.corner((edge + 1) % 3)
	a, b := w.t[vertex(ai, aj)], w.t[vertex(bi, bj)]
	at := float64(level) / levels
	u := float32((at*at - a) / (b - a))
	p, q := latticePoint(ai, aj), latticePoint(bi, bj)
	return picture.Point{picture.Mix(p.X, q.X, u), picture.Mix(p.Y, q.Y, u)}
}

func latticePoint(i, j int) picture.Point {
	y := float32(i) / levelSteps
	return picture.Point{(1-y)/2 + float32(j)/levelSteps, y}
}
