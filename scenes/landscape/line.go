package landscape

import (
	"math"

	"dpoplayground/core/landscape"
	"dpoplayground/core/num"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
)

// Two replies make no triangle but a line, and the loss a curve over it.

// A profile is a field of two replies: the loss over the share of the second.
type profile struct {
	loss  []float64 // at shares 1/2n, 3/2n, …
	low   float64
	high  float64 // away from the ends, where the loss may run away
	scale reliefScale
}

// profileSteps is how many places of the line are looked at.
const profileSteps = 160

// TakeLine takes over a field of two replies.
func (v *View) TakeLine(f *landscape.Field) {
	r := &v.profile
	r.loss, r.low, r.high = r.loss[:0], math.Inf(1), math.Inf(-1)
	for i := range profileSteps {
		x := (float64(i) + 0.5) / profileSteps
		loss := f.At([]float64{1 - x, x})
		r.loss = append(r.loss, loss)
		r.low = math.Min(r.low, loss)
		if x > 1.0/32 && x < 31.0/32 { // an edge may run away
			r.high = math.Max(r.high, loss)
		}
	}
	r.scale = reliefScale{low: r.low, middle: r.loss[profileSteps/4], high: r.high}
	r.scale.span = num.Log(1 + (r.high-r.low)/r.scale.unit())
	if r.high-r.low < 1e-9*math.Max(1, math.Abs(r.high)) {
		r.low, r.high = r.low-0.5, r.high+0.5
	}
}

// at reads the curve, straight between its points.
func (r *profile) at(x float64) float64 {
	i := min(max(x*profileSteps-0.5, 0), float64(len(r.loss)-1))
	k := min(int(i), len(r.loss)-2)
	return r.loss[k] + (r.loss[k+1]-r.loss[k])*(i-float64(k))
}

// lineLayout is where the plot lies.
type lineLayout struct {
	layout
	plot picture.Bar
	low  float64
	high float64
	step float64
	flat bool // there is no curve
}

func (v *View) lineLayout(m *Landscape, w, h float32) lineLayout {
	l := lineLayout{layout: layout{w: w, h: h, size: text(m.Font, w, h), unit: picture.Clamp(min(w/520, h/440), 1, 1.5)}}
	l.line = picture.LineHeight * l.size
	l.write(v, m)
	l.captions(v, m)
	l.names[0].Align, l.names[1].Align = picture.AlignStart, picture.AlignEnd
	l.flat = m.None != landscape.FieldShown || len(v.profile.loss) == 0
	l.low, l.high, l.step = 0, 1, 1
	if !l.flat {
		low := v.profile.low - 0.06*(v.profile.high-v.profile.low)
		if v.profile.low >= 0 {
			low = max(low, 0)
		}
		l.low, l.high, l.step = chart.RoundBounds(low, v.profile.high)
	}
	left := max(picture.TextWidth(l.tickText(l.high), l.size, false), picture.TextWidth(l.tickText(l.low), l.size, false)) + 12
	for i := range 2 {
		l.names[i].W = (w-left-14)/2 - 8
	}
	foot := l.line*1.2 + max(l.names[0].Box().H, l.names[1].Box().H) + 10 + l.caption.Box().H
	l.plot = picture.Bar{left, 1.6 * l.line, w - left - 14, max(h-1.6*l.line-foot-8, 40)}
	l.putNames()
	return l
}

func (l *lineLayout) tickText(x float64) string { return (&chart.Chart{}).Tick(x, l.step) }

// putNames puts the replies at the ends of the axis.
func (l *lineLayout) putNames() {
	foot := l.plot.Y + l.plot.H + 6
	for i := range 2 {
		t := &l.values[i]
		t.W = picture.TextWidth(t.Text, t.Size, true) + 2
		t.X, t.Y = l.plot.X, foot
		l.names[i].X, l.names[i].Y = l.plot.X, foot+picture.LineHeight*t.Size
	}
	l.values[1].X = l.plot.X + l.plot.W - l.values[1].W
	l.names[1].X = l.plot.X + l.plot.W - l.names[1].W
	l.caption.Y = l.h - l.caption.Box().H - 2
}

func (l *lineLayout) at(x, loss float64) picture.Point {
	t := (loss - l.low) / (l.high - l.low)
	return picture.Point{l.plot.X + l.plot.W*float32(min(max(x, 0), 1)), l.plot.Y + l.plot.H*float32(1-min(max(t, 0), 1))}
}

// on is where a share is on the curve, or on the axis if there is none.
func (l *lineLayout) on(r *profile, x float64) picture.Point {
	if l.flat {
		return l.at(x, l.low)
	}
	return l.at(x, r.at(x))
}

// drawLine draws the landscape of two replies.
func (v *View) drawLine(p *picture.Picture, m *Landscape, w, h float32) {
	l := v.lineLayout(m, w, h)
	if l.flat {
		v.lineAxes(p, m, &l)
	} else {
		v.lineCurve(p, m, &l)
	}
	for n := range markerNames {
		if at, is := m.marker(n); is {
			l.markers[l.marked] = l.on(&v.profile, at[1])
			l.mark(p, n, l.markers[l.marked], m.reached)
			l.marked++
		}
	}
	v.corners(p, m, &l.layout)
	p.Text(l.caption)
	for n := markerNames - 1; n >= 0; n-- {
		if at, is := m.marker(n); is {
			t := picture.Label{Text: v.markerName(n, m), Size: l.size, Ink: picture.InkText, Bold: n == policyMarker}
			v.sides[n] = l.beside(p, t, l.on(&v.profile, at[1]), 10*l.unit, v.sides[n], 5e5)
		}
	}
	if m.Movable {
		p.Targets = append(p.Targets, picture.Target{X: l.plot.X, Y: l.plot.Y, W: l.plot.W, H: l.plot.H, Name: v.name, Drag: true})
	}
}

func (v *View) lineAxes(p *picture.Picture, m *Landscape, l *lineLayout) {
	foot, right := l.plot.Y+l.plot.H, l.plot.X+l.plot.W
	if !l.flat {
		for x := l.low; x <= l.high+l.step/2; x += l.step {
			y := l.at(0, x).Y
			p.Segment(l.plot.X, y, right, y, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
			p.Text(picture.Label{X: 2, Y: y - l.line/2, W: l.plot.X - 8, Text: l.tickText(x), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignEnd})
		}
		key := "landscape.loss"
		if m.Reward {
			key = "landscape.reward"
		}
		p.Text(picture.Label{X: 2, Y: 0, W: l.w / 2, Text: v.words[key], Size: l.size, Ink: picture.InkText})
	}
	p.Segment(l.plot.X, foot, right, foot, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
}

// lineFill colours what is under the curve by the loss: all of the plot, and what
// is above the curve is covered with paper.
func (v *View) lineFill(p *picture.Picture, l *lineLayout) {
	from := len(p.Cells)
	for _, loss := range v.profile.loss {
		p.Cells = append(p.Cells, v.relief.colours.At(v.profile.scale.place(loss)))
	}
	b := l.plot
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindGrid, Alpha: 1, X: b.X, Y: b.Y, W: b.W, H: b.H, From: from, To: len(p.Cells), Columns: profileSteps, Rows: 1})
	from = len(p.Points)
	p.Points = append(p.Points, picture.Point{b.X - 1, b.Y - 1})
	for i, loss := range v.profile.loss {
		at := l.at((float64(i)+0.5)/profileSteps, loss)
		if i == 0 {
			p.Points = append(p.Points, picture.Point{b.X - 1, at.Y})
		}
		p.Points = append(p.Points, at)
		if i == profileSteps-1 {
			p.Points = append(p.Points, picture.Point{b.X + b.W + 1, at.Y})
		}
	}
	p.Points = append(p.Points, picture.Point{b.X + b.W + 1, b.Y - 1})
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindArea, Ink: picture.InkPaper, Alpha: 1, From: from, To: len(p.Points)})
}

// lineCurve draws the loss, and over it the way of the run.
func (v *View) lineCurve(p *picture.Picture, m *Landscape, l *lineLayout) {
	v.lineFill(p, l)
	v.lineAxes(p, m, l)
	from := len(p.Points)
	for i, loss := range v.profile.loss {
		if loss > l.high { // the way up an edge is cut off
			p.Piece(from, picture.Mark{Ink: picture.InkText, Alpha: 0.9, Stroke: 1.8 * l.unit})
			from = len(p.Points)
			continue
		}
		p.Points = append(p.Points, l.at((float64(i)+0.5)/profileSteps, loss))
	}
	p.Piece(from, picture.Mark{Ink: picture.InkText, Alpha: 0.9, Stroke: 1.8 * l.unit})
	if len(m.path) < 2 {
		return
	}
	low, high := m.path[0].X, m.path[0].X
	for _, q := range m.path {
		low, high = min(low, q.X), max(high, q.X)
	}
	from = len(p.Points)
	const pieces = 120
	for i := range pieces + 1 {
		p.Points = append(p.Points, l.on(&v.profile, float64(low+(high-low)*float32(i)/pieces)))
	}
	p.Polyline(from, picture.Mark{Ink: picture.InkPale, Alpha: 0.92, Stroke: 6 * l.unit})
	p.Polyline(from, picture.Mark{Ink: picture.InkPolicy, Alpha: 1, Stroke: 3.4 * l.unit})
}

// lineAt returns the shares at a place of the picture.
func (v *View) lineAt(m *Landscape, x, w, h float32) [3]float64 {
	l := v.lineLayout(m, w, h)
	at := min(max(float64((x-l.plot.X)/l.plot.W), closest), 1-closest)
	return [3]float64{1 - at, at}
}
