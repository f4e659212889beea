package landscape

import (
	"dpoplayground/core/landscape"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// layout is where the triangle lies: its left corner at (x, y + high),
// its side and its height; and what stands around it.
type layout struct {
	w, h             float32
	x, y, side, high float32
	size, line       float32 // of text, and from one line to the next
	unit             float32 // 1 on a small picture, up to 1.5 on a large one
	aside            bool    // the lower corners' labels stand beside them, not below
	names            [3]picture.Label
	values           [3]picture.Label
	caption          picture.Label
	legend           picture.Bar // the bar of colours
	markers          [markerNames]picture.Point
	marked           int // of these, how many there are
}

const margin = 8

// legendRoom is how much the legend takes beside its bar's left end.
func (l *layout) legendRoom() float32 {
	return 13*l.unit + 5 + picture.TextWidth("−0.000", l.size, false)
}

func (v *View) layout(m *Landscape, w, h float32) layout {
	l := layout{w: w, h: h, size: text(m.Font, w, h)}
	l.line = picture.LineHeight * l.size
	l.unit = picture.Clamp(min(w/520, h/440), 1, 1.5)
	l.write(v, m)
	l.captions(v, m)
	foot := float32(4)
	if t := l.caption.Box().H; t > 0 {
		foot += t + 0.3*l.line
	}
	l.fit(foot + l.line/2)
	if l.aside = l.roomBeside() > 9*l.size; !l.aside {
		l.fit(foot + l.gap() + 1.15*l.line + max(l.names[1].Box().H, l.names[2].Box().H))
	}
	l.place()
	room := l.legendRoom()
	x := min(l.w-margin-room, l.w/2+max(0.42*l.side, 12*l.size)) // the optimum's name fits before it
	l.legend = picture.Bar{x, max(l.y-0.4*l.line, 1.6*l.line+3), 13 * l.unit, 0.46 * l.high}
	return l
}

// fit makes the triangle as large as can be with so much room below it.
func (l *layout) fit(foot float32) {
	top := l.gap() + 4
	free := l.h - top - foot - 6
	l.high = max(free, 60)
	l.side = l.high / sine60
	if room := l.w - 2*margin - 8; l.side > room {
		l.side, l.high = room, room*sine60
	}
	l.x, l.y = (l.w-l.side)/2, top+max(0, (free-l.high)/2)+2
}

// roomBeside is how wide a label beside a lower corner can be.
func (l *layout) roomBeside() float32 { return l.x - l.gap() - margin }

// gap is the room for a marker between a corner and its label.
func (l *layout) gap() float32 { return 9 * l.unit }

// text is the size of the text: a little smaller than the page's, and no
// more than fits a small picture.
func text(font, w, h float32) float32 {
	size := max(0.82*font, 13*picture.Clamp(w/900, 1, 1.3))
	return max(min(size, h/19, w/22), 10)
}

// write makes the labels of the corners, as wide as there will be room.
func (l *layout) write(v *View, m *Landscape) {
	for i := range min(len(m.replies), 3) {
		r := &m.replies[i]
		text := r.text
		if text == "" {
			text = v.words["landscape.empty"]
		}
		l.names[i] = picture.Label{Text: text, Size: l.size, Lines: 2, Ink: picture.InkText, W: min(l.w/2-margin-6, max(0.36*l.w, 150))}
		l.values[i] = picture.Label{Text: v.percents.Say(words.VisiblePercent(r.policy), words.PercentText), Size: 1.15 * l.size, Ink: picture.InkPolicy, Bold: true}
	}
	l.names[0].Align, l.names[2].Align = picture.AlignEnd, picture.AlignEnd
}

// place puts the labels of the corners where the triangle is.
func (l *layout) place() {
	foot := l.y + l.high
	for i := range l.values {
		t := &l.values[i]
		t.W = picture.TextWidth(t.Text, t.Size, true) + 2
	}
	l.placeTop()
	l.caption.Y = l.h - l.caption.Box().H - 2
	if l.aside {
		l.placeBeside(foot)
		return
	}
	for i := 1; i < 3; i++ {
		l.values[i].Y = foot + l.gap()
		l.names[i].Y = l.values[i].Y + picture.LineHeight*l.values[i].Size
	}
	for i := 1; i < 3; i++ {
		wide := max(l.names[i].Box().W, l.values[i].W)
		aside := max(margin, min(l.x-l.side/10, l.w/2-6-wide))
		l.values[i].X, l.names[i].X = aside, aside
		if i == 2 {
			l.values[i].X, l.names[i].X = l.w-aside-l.values[i].W, l.w-aside-l.names[i].W
		}
	}
}

// placeBeside puts what belongs to the lower corners outside of them.
func (l *layout) placeBeside(foot float32) {
	for i := 1; i < 3; i++ {
		value, name := &l.values[i], &l.names[i]
		name.W = min(name.W, l.roomBeside())
		name.Y = foot - name.Box().H + l.line/4
		value.Y = name.Y - picture.LineHeight*value.Size
		name.Align, name.X = picture.AlignStart, l.x+l.side+l.gap()
		value.X = name.X
		if i == 1 {
			name.Align, name.X = picture.AlignEnd, l.x-l.gap()-name.W
			value.X = l.x - l.gap() - value.W
		}
	}
}

// placeTop puts what belongs to the top corner to the left of it, clear of the
// side that falls away there.
func (l *layout) placeTop() {
	value, name := &l.values[0], &l.names[0]
	value.Y = max(0, l.y-0.6*l.line)
	name.Y = value.Y + picture.LineHeight*value.Size
	fall := (name.Y + name.Box().H - l.y) * 0.57735
	right := l.w/2 - max(fall, 0) - 8*l.unit
	name.W = min(name.W, right-margin)
	name.X, value.X = right-name.W, right-value.W
}

// captions says what is held, or why there is no surface.
func (l *layout) captions(v *View, m *Landscape) {
	l.caption = picture.Label{X: margin, W: l.w - 2*margin, Size: max(0.92*l.size, 10), Lines: 3, Ink: picture.InkSoft, Align: picture.AlignCentre, Text: v.captionOf(m)}
}

// at places a point of the triangle in the picture.
func (l *layout) at(q picture.Point) picture.Point {
	return picture.Point{l.x + l.side*q.X, l.y + l.high*q.Y}
}

func (l *layout) share(p [3]float64) picture.Point { return l.at(triangular(p)) }

// surface draws the field: its cells reach a little beyond the triangle, and
// what does is covered with paper, which gives clean edges.
func (v *View) surface(p *picture.Picture, l *layout) {
	cw, ch := l.side/landscape.FieldSteps, l.high/landscape.FieldSteps
	from := len(p.Cells)
	p.Cells = append(p.Cells, v.relief.cells...)
	grid := picture.Bar{l.x - cw/2, l.y - ch/2, l.side + cw, l.high + ch}
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindGrid, Alpha: 1, X: grid.X, Y: grid.Y, W: grid.W, H: grid.H,
		From: from, To: len(p.Cells), Columns: landscape.FieldSide, Rows: landscape.FieldSide})
	left, right, top, foot := grid.X-1, grid.X+grid.W+1, grid.Y-1, l.y+l.high
	p.Area(picture.Point{left, top}, picture.Point{l.w / 2, top}, picture.Point{l.w / 2, l.y}, picture.Point{l.x, foot}, picture.Point{left, foot})
	p.Area(picture.Point{right, top}, picture.Point{l.w / 2, top}, picture.Point{l.w / 2, l.y}, picture.Point{l.x + l.side, foot}, picture.Point{right, foot})
	p.Rect(picture.Bar{left, foot, right - left, ch/2 + 1}, picture.InkPaper, 1, 0)
	v.levels(p, l)
	v.arrows(p, l)
}

// onShade is the ink that stands out from a place on the scale of colours.
func onShade(t float64) picture.Ink {
	if t < 0.52 {
		return picture.InkPale
	}
	return picture.InkDeep
}

func (v *View) levels(p *picture.Picture, l *layout) {
	for _, line := range v.relief.lines {
		from := len(p.Points)
		for _, q := range v.relief.points[line.from:line.to] {
			p.Points = append(p.Points, l.at(q))
		}
		p.Polyline(from, picture.Mark{Ink: onShade(line.at), Alpha: 0.34, Stroke: 1})
	}
}

// arrows draws them centred on their places. Slow ones stay visible: an arrow is
// as long as the cube root of its speed.
func (v *View) arrows(p *picture.Picture, l *layout) {
	const longest = 0.052
	for i := range v.relief.arrows {
		a := &v.relief.arrows[i]
		dx, dy := a.dx*l.side, a.dy*l.high/sine60
		size := picture.Hypot(dx, dy)
		length := longest * l.side * cbrt(size/l.side)
		if !(length > 7) {
			continue
		}
		dx, dy = dx/size*length/2, dy/size*length/2
		at := l.at(a.at)
		p.Segment(at.X-dx, at.Y-dy, at.X+dx, at.Y+dy, picture.Mark{Ink: onShade(a.shade), Alpha: 0.8, Stroke: 1.1 * min(l.unit, 1.25), Arrow: true})
	}
}

// frame draws the triangle's sides.
func (l *layout) frame(p *picture.Picture) {
	from := len(p.Points)
	top, left, right := picture.Point{l.w / 2, l.y}, picture.Point{l.x, l.y + l.high}, picture.Point{l.x + l.side, l.y + l.high}
	p.Points = append(p.Points, top, left, right, top, left)
	p.Polyline(from, picture.Mark{Ink: picture.InkSoft, Alpha: 1, Stroke: 1.2})
}
