package loss

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"dpoplayground/core/objective"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// curveParts is how many pieces a curve is drawn with.
const curveParts = 140

// curves draws the present curve and those beside it, and writes at their ends
// what they are.
func (l *layout) curves(p *picture.Picture, words words.Words, m *Loss) {
	if !m.curved() {
		return
	}
	var room [chart.MaxNames]curveEnd
	ends := room[:0]
	for i := range m.others {
		if len(ends) == chart.MaxNames-1 {
			break
		}
		o := &m.others[i]
		style := picture.Mark{Ink: picture.InkSoft, Alpha: 0.5, Stroke: 1}
		if !m.scaled {
			style = picture.Mark{Ink: picture.InkPolicy, Alpha: 0.7, Stroke: 1, Dash: 5}
		}
		end := l.trace(p, func(h float64) float64 { return o.at(&m.curve, h) }, style)
		ends = append(ends, curveEnd{picture.Label{Text: o.name, Size: l.size, Ink: style.Ink}, end})
		l.pushes(p, &o.curve, o.scale, style)
	}
	l.pushes(p, &m.curve, 1, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1.6})
	end := l.trace(p, func(h float64) float64 { loss, _ := m.curve.At(h); return loss }, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 2.2 * min(l.unit, 1.4)})
	ends = append(ends, curveEnd{picture.Label{Text: m.name, Size: l.size, Ink: picture.InkText, Bold: true}, end})
	l.nameEnds(p, l.alike(words, ends))
}

// A curveEnd is where a curve ends at the right, and its name.
type curveEnd struct {
	label picture.Label
	end   picture.Point
}

// alike leaves of three or more curves that end at one place one name, the
// present loss's if it is among them, and how many there are besides.
func (l *layout) alike(words words.Words, ends []curveEnd) []curveEnd {
	slices.SortStableFunc(ends, func(a, b curveEnd) int {
		return cmp.Or(cmp.Compare(a.end.Y, b.end.Y), cmp.Compare(a.end.X, b.end.X))
	})
	var left []curveEnd
	for len(ends) > 0 {
		n, named := 1, 0
		for n < len(ends) && ends[n].end.Y-ends[n-1].end.Y < 0.3*l.line && ends[n].end.X-ends[n-1].end.X < 2 && ends[n-1].end.X-ends[n].end.X < 2 {
			if ends[n].label.Bold {
				named = n
			}
			n++
		}
		if n < 3 {
			left = append(left, ends[:n]...)
		} else {
			others := ends[named]
			others.label.Text, others.label.Bold, others.label.Ink = words.Say("loss.alike", "n", strconv.Itoa(n-1)), false, picture.InkSoft
			left = append(left, ends[named], others)
		}
		ends = ends[n:]
	}
	return left
}

// trace draws a function of h as far as it is inside the plot, and returns the
// point at the right where it ends or leaves the plot.
func (l *layout) trace(p *picture.Picture, f func(h float64) float64, style picture.Mark) (end picture.Point) {
	from := len(p.Points)
	end.X = -1
	lastH, last := 0.0, math.NaN()
	for i := range curveParts + 1 {
		h := l.span.h * (2*float64(i)/curveParts - 1)
		v := f(h)
		if i > 0 {
			a, b, ok := l.within(lastH, last, h, v)
			if ok && (len(p.Points) == from || p.Points[len(p.Points)-1] != a) {
				p.Piece(from, style)
				from = len(p.Points)
				p.Points = append(p.Points, a)
			}
			if ok {
				p.Points = append(p.Points, b)
				end = b
			}
		}
		lastH, last = h, v
	}
	p.Piece(from, style)
	return end
}

// within cuts a piece of a curve to the plot.
func (l *layout) within(h0, v0, h1, v1 float64) (a, b picture.Point, ok bool) {
	low, high := l.low, l.span.high
	if !chart.Legible(v0) || !chart.Legible(v1) || max(v0, v1) < low || min(v0, v1) > high {
		return a, b, false
	}
	cut := func(h, v, otherH, other float64) picture.Point {
		bound := min(max(v, low), high)
		if bound != v {
			h += (bound - v) / (other - v) * (otherH - h)
		}
		return picture.Point{l.x(h), l.y(bound)}
	}
	return cut(h0, v0, h1, v1), cut(h1, v1, h0, v0), true
}

// pushes draws −scale·dφ/dh in the strip, if there is one.
func (l *layout) pushes(p *picture.Picture, c *objective.LossCurve, scale float64, style picture.Mark) {
	if l.strip.H == 0 {
		return
	}
	from := len(p.Points)
	for i := range curveParts + 1 {
		h := l.span.h * (2*float64(i)/curveParts - 1)
		_, slope := c.At(h)
		if push := -scale * slope; chart.Legible(push) && push >= l.span.pushLow && push <= l.span.pushHigh {
			p.Points = append(p.Points, picture.Point{l.x(h), l.pushY(push)})
			continue
		}
		p.Piece(from, style)
		from = len(p.Points)
	}
	p.Piece(from, style)
}

// nameEnds writes the names of curves: beside the plot where they end there, and
// else next to where they leave it.
func (l *layout) nameEnds(p *picture.Picture, ends []curveEnd) {
	var room [chart.MaxNames]chart.LineName
	names := room[:0]
	right := l.plot.X + l.plot.W
	for i := range ends {
		if ends[i].end.X > right-1 {
			names = append(names, chart.LineName{Line: i, End: ends[i].end})
		}
	}
	chart.SortNames(names)
	chart.Spread(names, l.line, l.plot.Y-l.line/2, l.plot.Y+l.plot.H)
	for _, n := range names {
		t := ends[n.Line].label
		if n.At < l.plot.Y-l.line { // no room for all
			continue
		}
		p.Segment(n.End.X+1, n.End.Y, right+9, n.At, picture.Mark{Ink: t.Ink, Alpha: 0.5, Stroke: 0.8})
		t.X, t.Y, t.W = right+12, n.At-l.line/2, max(l.gutter-8, 10)
		p.Text(t)
	}
	for i := range ends {
		if e := &ends[i]; e.end.X >= 0 && e.end.X <= right-1 {
			l.nameExit(p, e)
		}
	}
}

// nameExit writes the name of a curve that leaves the plot through its top or
// bottom, where that covers nothing.
func (l *layout) nameExit(p *picture.Picture, e *curveEnd) {
	t := e.label
	t.W = picture.TextWidth(t.Text, t.Size, t.Bold) + 2
	for row := range 2 {
		t.Y = e.end.Y + 2 + float32(row)*l.line
		if e.end.Y > l.plot.Y+l.plot.H/2 {
			t.Y = e.end.Y - 2 - float32(row+1)*l.line
		}
		for _, x := range [2]float32{e.end.X + 5, e.end.X - 5 - t.W} {
			if t.X = x; x >= l.plot.X && x+t.W <= l.plot.X+l.plot.W+l.gutter && p.IsFree(t.Box()) && !p.Crossed(t.Box()) {
				p.Text(t)
				return
			}
		}
	}
}

// drawBins draws how all votes lie on the axis of h, where not every bead is
// drawn.
func (v *View) drawBins(p *picture.Picture, m *Loss, l *layout) {
	most := 0.0
	for _, n := range m.bins {
		most = max(most, n)
	}
	if most == 0 || m.binSpan == 0 {
		return
	}
	from, foot, high := len(p.Points), l.plot.Y+l.plot.H, 0.2*l.plot.H
	bin := 2 * m.binSpan / float64(len(m.bins))
	p.Points = append(p.Points, picture.Point{l.x(-m.binSpan), foot})
	for i, n := range m.bins {
		left := -m.binSpan + float64(i)*bin
		y := foot - high*float32(n/most)
		p.Points = append(p.Points, picture.Point{l.x(left), y}, picture.Point{l.x(left + bin), y})
	}
	p.Points = append(p.Points, picture.Point{l.x(m.binSpan), foot})
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindArea, Ink: picture.InkPolicy, Alpha: 0.22, From: from, To: len(p.Points)})
}

// curveAt is where a gap lies on the present curve, if that is inside the plot.
func (l *layout) curveAt(c *objective.LossCurve, h float64) (at picture.Point, ok bool) {
	if !c.Known() || !(math.Abs(h) <= l.span.h) {
		return at, false
	}
	loss, _ := c.At(h)
	return picture.Point{l.x(h), l.y(loss)}, loss >= l.low && loss <= l.span.high
}
