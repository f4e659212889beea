package landscape

import (
	"math"

	"dpoplayground/core/landscape"
	"dpoplayground/core/num"
	"dpoplayground/scenes/picture"
)

// A relief is a field made ready to be drawn: its colours, level lines and
// arrows. It is made anew when the field changes, and not for every frame.
//
// Its points are of a triangle 1 wide and 1 high: x from the left corner to the
// right one, y from the top down.
type relief struct {
	scale  reliefScale
	cells  []uint32 // landscape.FieldSide rows of as many colours
	lines  []levelLine
	points []picture.Point // of the lines
	arrows []flowArrow

	colours *picture.ColourMap
	tracer  levelTracer
}

// A levelLine is one piece of a level line.
type levelLine struct {
	at       float64 // the level, as a place on the scale of colours
	from, to int     // of the points
}

// A flowArrow is where plain descent goes from a point.
type flowArrow struct {
	at     picture.Point
	dx, dy float32 // a direction in the triangle; 1 long at the fastest
	shade  float64 // the place on the scale of colours there
}

// levels is how many steps of colour the level lines part.
const levels = 12

func newRelief() *relief {
	return &relief{colours: picture.NewColourMap(picture.Viridis[:]), cells: make([]uint32, landscape.FieldSide*landscape.FieldSide)}
}

// make takes over a field. The scale only grows, unless it is begun anew.
func (r *relief) make(f *landscape.Field, arrows int, anew bool) {
	r.scale.take(f, anew)
	r.paint(f)
	r.lines, r.points = r.lines[:0], r.points[:0]
	r.tracer.sample(f, &r.scale)
	r.tracer.trace(r)
	r.arrows = r.arrows[:0]
	if arrows > 0 {
		r.point(f, arrows)
	}
}

// paint colours the cells of the triangle and those beside it, which smoothing
// looks at.
func (r *relief) paint(f *landscape.Field) {
	for row := range landscape.FieldSide {
		from, to := landscape.FieldRow(row)
		from, to = max(from-2, 0), min(to+2, landscape.FieldSteps)
		line := r.cells[row*landscape.FieldSide : (row+1)*landscape.FieldSide]
		loss := f.Loss[row*landscape.FieldSide : (row+1)*landscape.FieldSide]
		for column := from; column <= to; column++ {
			line[column] = r.colours.At(r.scale.place(loss[column]))
		}
	}
}

// point makes the arrows, n in a row along each side.
func (r *relief) point(f *landscape.Field, n int) {
	var p, dp [3]float64
	most := float32(0)
	for i := range n {
		for j := range n - i {
			p[0], p[1] = (float64(i)+1.0/3)/float64(n), (float64(j)+1.0/3)/float64(n)
			p[2] = 1 - p[0] - p[1]
			loss := f.Flow(dp[:], p[:])
			a := flowArrow{at: triangular(p), dx: float32(dp[2] + dp[0]/2), dy: -float32(dp[0]) * sine60, shade: r.scale.place(loss)}
			size := float32(math.Hypot(float64(a.dx), float64(a.dy)))
			if size-size == 0 {
				r.arrows = append(r.arrows, a)
				most = max(most, size)
			}
		}
	}
	for i := range r.arrows {
		a := &r.arrows[i]
		if most > 0 {
			a.dx, a.dy = a.dx/most, a.dy/most
		}
	}
}

// sine60 is the height of an equilateral triangle of side 1.
const sine60 = 0.8660254

// triangular places shares of three replies in the triangle.
func triangular(p [3]float64) picture.Point {
	return picture.Point{float32(p[2] + p[0]/2), float32(1 - p[0])}
}

// shares are the shares of a place in the triangle. Outside of it some are
// negative.
func shares(q picture.Point) [3]float64 {
	p0 := 1 - float64(q.Y)
	p2 := float64(q.X) - p0/2
	return [3]float64{p0, 1 - p0 - p2, p2}
}

// A reliefScale puts losses on a scale of colours from 0 to 1:
//
//	t = √(log(1 + x/m) / log(1 + high/m)),   x = loss − low
//
// with m the median of x. Near the least loss, where it grows like a square,
// level lines are then evenly spaced; and where it runs away towards an edge the
// logarithm holds it. 0 and 1 stand for what lies beyond as well.
type reliefScale struct {
	low, middle, high float64
	span              float64 // log(1 + high/m)
	made              bool
}

func (s *reliefScale) take(f *landscape.Field, anew bool) {
	if anew || !s.made {
		*s = reliefScale{low: f.Low, middle: f.Middle, high: f.High, made: true}
	}
	s.low, s.high = math.Min(s.low, f.Low), math.Max(s.high, f.High)
	s.span = num.Log(1 + (s.high-s.low)/s.unit())
}

// unit is m. A flat field has none of its own.
func (s *reliefScale) unit() float64 {
	if m := s.middle - s.low; m > 0 {
		return m
	}
	return math.Max(s.high-s.low, 1e-12)
}

// isFlat tells that the loss is the same everywhere, but for rounding.
func (s *reliefScale) isFlat() bool {
	return !(s.high-s.low > 1e-12*math.Max(1, math.Abs(s.high)))
}

func (s *reliefScale) place(loss float64) float64 {
	switch x := loss - s.low; {
	case s.isFlat():
		return 0.5
	case !(x > 0): // also what is not a number
		return 0
	default:
		return math.Sqrt(math.Min(num.Log(1+x/s.unit())/s.span, 1))
	}
}

// loss undoes place.
func (s *reliefScale) loss(t float64) float64 {
	return s.low + s.unit()*(num.Exp(t*t*s.span)-1)
}
