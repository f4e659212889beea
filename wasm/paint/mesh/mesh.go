// Package mesh turns the marks of a picture into triangles.
//
// Edges are smoothed by geometry: a shape is painted in full up to half a
// device pixel inside its edge and fades to nothing half a device pixel
// outside it, so that what a pixel gets is close to the part of it that is
// covered, and the paint laid down adds up to the area of the shape. That
// takes one draw call for a whole picture and no off-screen pass.
//
// Nothing here knows the graphics library, so that all of it can be tested
// without one. It may import scenes/picture.
package mesh

import (
	"math"

	"dpoplayground/scenes/picture"
)

// A Mesh is a list of triangles in device pixels; y grows downwards. Its
// slices and its scratch space are reused from picture to picture.
type Mesh struct {
	Vertices []Vertex
	Indices  []uint32 // three to a triangle

	scale  float32    // device pixels per page pixel
	dy     float32    // device pixels from the top of the target to the top of the picture
	colour [4]float32 // premultiplied

	path []point // the mark at hand, in device pixels
	run  []point // one dash of it
	hole []point // its polygon, inset by the feather
	ears []int   // what is left of that polygon to cut
}

// A Vertex is one corner of a triangle: a position, a place in the white
// source image, and a colour with premultiplied alpha. Its fields are those of
// the graphics library's vertex, so that a slice of one can be handed over as
// a slice of the other.
type Vertex struct {
	DstX, DstY                         float32
	SrcX, SrcY                         float32
	ColorR, ColorG, ColorB, ColorA     float32
	Custom0, Custom1, Custom2, Custom3 float32
}

// white is where, in both directions, every vertex samples the source image,
// which must be white around it.
const white = 1.5

// feather is how far an edge fades to either side, in device pixels.
const feather float32 = 0.5

// farthest is the greatest coordinate that is drawn, in device pixels: beyond
// it a mark is a mistake, and a dash along it would take for ever.
const farthest = 1 << 20

type point = picture.Point

// Begin empties the mesh for a picture drawn at scale device pixels per page
// pixel, its top edge dy device pixels below the top of the target.
func (m *Mesh) Begin(scale, dy float32) {
	m.scale, m.dy = scale, dy
	m.Flush()
}

// Flush empties the mesh and keeps its scale.
func (m *Mesh) Flush() {
	m.Vertices, m.Indices = m.Vertices[:0], m.Indices[:0]
}

// Paper covers the device pixels of a target of size w×h with the colour of paper.
func (m *Mesh) Paper(theme *picture.Theme, w, h float32) {
	m.ink(theme[picture.InkPaper], 1)
	m.box(0, 0, w, h)
}

// Add appends the triangles of one mark of p. A mark with a coordinate that is
// not a number, or is absurdly far away, is left out, and so is such a point
// of a line. A grid has no triangles: see [Mesh.Box].
func (m *Mesh) Add(p *picture.Picture, mark *picture.Mark, theme *picture.Theme) {
	if mark.Ink == picture.InkNone || !(mark.Alpha > 0) || !m.drawable(mark) {
		return
	}
	m.ink(theme[mark.Ink], min(mark.Alpha, 1))
	switch mark.Kind {
	case picture.KindRect:
		m.rect(mark)
	case picture.KindLine:
		m.line(p.Points[mark.From:mark.To], mark)
	case picture.KindArea:
		m.trace(p.Points[mark.From:mark.To], true)
		m.shape(mark, feather, 1)
	case picture.KindDisc:
		m.disc(mark)
	case picture.KindDiamond:
		m.diamond(mark)
	case picture.KindParticles:
		m.particles(p.Points[mark.From:mark.To], mark.R)
	}
}

// Box is the region of a mark in whole device pixels; an empty one if the mark
// cannot be drawn.
func (m *Mesh) Box(mark *picture.Mark) (x0, y0, x1, y1 float32) {
	if !m.drawable(mark) {
		return 0, 0, 0, 0
	}
	x0, y0 = round(mark.X*m.scale), round(mark.Y*m.scale+m.dy)
	x1, y1 = round((mark.X+mark.W)*m.scale), round((mark.Y+mark.H)*m.scale+m.dy)
	return x0, y0, x1, y1
}

func (m *Mesh) drawable(mark *picture.Mark) bool {
	for _, v := range [...]float32{mark.X, mark.Y, mark.W, mark.H, mark.R, mark.Stroke, mark.Dash} {
		if !near(v * m.scale) {
			return false
		}
	}
	return true
}

// near is false for what is not a number, too.
func near(v float32) bool { return v >= -farthest && v <= farthest }

func (m *Mesh) ink(rgb uint32, alpha float32) {
	k := alpha / 255
	m.colour = [4]float32{float32(rgb>>16&255) * k, float32(rgb>>8&255) * k, float32(rgb&255) * k, alpha}
}

// to is a point of the page in device pixels.
func (m *Mesh) to(p point) point { return point{X: p.X * m.scale, Y: p.Y*m.scale + m.dy} }

// room makes n more vertices and returns them. Whatever is not position or
// colour is the same in all vertices and is set when memory is made.
func (m *Mesh) room(n int) []Vertex {
	have := len(m.Vertices)
	if have+n > cap(m.Vertices) {
		more := make([]Vertex, max(2*cap(m.Vertices), have+n, 1024))
		for i := range more {
			more[i].SrcX, more[i].SrcY = white, white
		}
		copy(more, m.Vertices)
		m.Vertices = more
	}
	m.Vertices = m.Vertices[:have+n]
	return m.Vertices[have:]
}

// vertex appends one vertex; coverage is the part of the colour it has.
func (m *Mesh) vertex(x, y, coverage float32) {
	m.set(&m.room(1)[0], x, y, coverage)
}

func (m *Mesh) set(v *Vertex, x, y, coverage float32) {
	v.DstX, v.DstY = x, y
	v.ColorR, v.ColorG = m.colour[0]*coverage, m.colour[1]*coverage
	v.ColorB, v.ColorA = m.colour[2]*coverage, m.colour[3]*coverage
}

// quad appends the two triangles of the corners a, b, c, d in order around.
func (m *Mesh) quad(a, b, c, d uint32) {
	m.Indices = append(m.Indices, a, b, c, a, c, d)
}

// box paints a rectangle with hard edges.
func (m *Mesh) box(x0, y0, x1, y1 float32) {
	i := uint32(len(m.Vertices))
	v := m.room(4)
	m.set(&v[0], x0, y0, 1)
	m.set(&v[1], x1, y0, 1)
	m.set(&v[2], x1, y1, 1)
	m.set(&v[3], x0, y1, 1)
	m.quad(i, i+1, i+2, i+3)
}

// trace makes the path of points in device pixels, without those that cannot
// be drawn and those that repeat the one before. The last point of a closed
// path does not repeat the first.
func (m *Mesh) trace(points []point, closed bool) {
	m.path = m.path[:0]
	for _, p := range points {
		if p = m.to(p); near(p.X) && near(p.Y) {
			m.reach(p)
		}
	}
	if n := len(m.path); closed && n > 1 && same(m.path[0], m.path[n-1]) {
		m.path = m.path[:n-1]
	}
}

// reach appends a point to the path unless it is there already.
func (m *Mesh) reach(p point) {
	if n := len(m.path); n == 0 || !same(m.path[n-1], p) {
		m.path = append(m.path, p)
	}
}

// same is whether two points are less than a thirty-second of a pixel apart.
func same(a, b point) bool {
	dx, dy := a.X-b.X, a.Y-b.Y
	return dx*dx+dy*dy < 1.0/1024
}

func round(v float32) float32 { return float32(math.Floor(float64(v) + 0.5)) }

func distance(a, b point) float32 {
	dx, dy := b.X-a.X, b.Y-a.Y
	return float32(math.Sqrt(float64(dx*dx + dy*dy)))
}

// towards is the direction from a to b; nowhere if they are one point.
func towards(a, b point) point {
	d := distance(a, b)
	if d == 0 {
		return point{}
	}
	return point{X: (b.X - a.X) / d, Y: (b.Y - a.Y) / d}
}

// along is the point at distance d from p in direction t.
func along(p, t point, d float32) point { return point{X: p.X + t.X*d, Y: p.Y + t.Y*d} }

// aside is the direction to the left of t, as one looks along it on the screen.
func aside(t point) point { return point{X: t.Y, Y: -t.X} }
