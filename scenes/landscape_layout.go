package scenes

import "dpoplayground/core"

// landscapeLayout is where the triangle lies: its left corner at (x, y + high),
// its side and its height; and what stands around it.
type landscapeLayout struct {
	w, h             float32
	x, y, side, high float32
	size, line       float32 // of text, and from one line to the next
	unit             float32 // 1 on a small picture, up to 1.5 on a large one
	aside            bool    // the lower corners' labels stand beside them, not below
	names            [3]Label
	values           [3]Label
	caption          Label
	legend           Bar // the bar of colours
	markers          [markerNames]Point
	marked           int // of these, how many there are
}

const landscapeMargin = 8

// legendRoom is how much the legend takes beside its bar's left end.
func (l *landscapeLayout) legendRoom() float32 {
	return 13*l.unit + 5 + TextWidth("−0.000", l.size, false)
}

func (v *LandscapeView) layout(m *Landscape, w, h float32) landscapeLayout {
	l := landscapeLayout{w: w, h: h, size: landscapeText(m.Font, w, h)}
	l.line = LineHeight * l.size
	l.unit = clamp(min(w/520, h/440), 1, 1.5)
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
	x := min(l.w-landscapeMargin-room, l.w/2+max(0.42*l.side, 12*l.size)) // the optimum's name fits before it
	l.legend = Bar{x, max(l.y-0.4*l.line, 1.6*l.line+3), 13 * l.unit, 0.46 * l.high}
	return l
}

// fit makes the triangle as large as can be with so much room below it.
func (l *landscapeLayout) fit(foot float32) {
	top := l.gap() + 4
	free := l.h - top - foot - 6
	l.high = max(free, 60)
	l.side = l.high / sine60
	if room := l.w - 2*landscapeMargin - 8; l.side > room {
		l.side, l.high = room, room*sine60
	}
	l.x, l.y = (l.w-l.side)/2, top+max(0, (free-l.high)/2)+2
}

// roomBeside is how wide a label beside a lower corner can be.
func (l *landscapeLayout) roomBeside() float32 { return l.x - l.gap() - landscapeMargin }

// gap is the room for a marker between a corner and its label.
func (l *landscapeLayout) gap() float32 { return 9 * l.unit }

// landscapeText is the size of the text: a little smaller than the page's, and no
// more than fits a small picture.
func landscapeText(font, w, h float32) float32 {
	size := max(0.82*font, 13*clamp(w/900, 1, 1.3))
	return max(min(size, h/19, w/22), 10)
}

// write makes the labels of the corners, as wide as there will be room.
func (l *landscapeLayout) write(v *LandscapeView, m *Landscape) {
	for i := range min(len(m.Replies), 3) {
		r := &m.Replies[i]
		text := r.Text
		if text == "" {
			text = v.words["landscape.empty"]
		}
		l.names[i] = Label{Text: text, Size: l.size, Lines: 2, Ink: InkText, W: min(l.w/2-landscapeMargin-6, max(0.36*l.w, 150))}
		l.values[i] = Label{Text: v.percents.say(visiblePercent(r.Policy), percentText), Size: 1.15 * l.size, Ink: InkPolicy, Bold: true}
	}
	l.names[0].Align, l.names[2].Align = AlignEnd, AlignEnd
}

// place puts the labels of the corners where the triangle is.
func (l *landscapeLayout) place() {
	foot := l.y + l.high
	for i := range l.values {
		t := &l.values[i]
		t.W = TextWidth(t.Text, t.Size, true) + 2
	}
	l.placeTop()
	l.caption.Y = l.h - l.caption.Box().H - 2
	if l.aside {
		l.placeBeside(foot)
		return
	}
	for i := 1; i < 3; i++ {
		l.values[i].Y = foot + l.gap()
		l.names[i].Y = l.values[i].Y + LineHeight*l.values[i].Size
	}
	for i := 1; i < 3; i++ {
		wide := max(l.names[i].Box().W, l.values[i].W)
		aside := max(landscapeMargin, min(l.x-l.side/10, l.w/2-6-wide))
		l.values[i].X, l.names[i].X = aside, aside
		if i == 2 {
			l.values[i].X, l.names[i].X = l.w-aside-l.values[i].W, l.w-aside-l.names[i].W
		}
	}
}

// placeBeside puts what belongs to the lower corners outside of them.
func (l *landscapeLayout) placeBeside(foot float32) {
	for i := 1; i < 3; i++ {
		value, name := &l.values[i], &l.names[i]
		name.W = min(name.W, l.roomBeside())
		name.Y = foot - name.Box().H + l.line/4
		value.Y = name.Y - LineHeight*value.Size
		name.Align, name.X = AlignStart, l.x+l.side+l.gap()
		value.X = name.X
		if i == 1 {
			name.Align, name.X = AlignEnd, l.x-l.gap()-name.W
			value.X = l.x - l.gap() - value.W
		}
	}
}

// placeTop puts what belongs to the top corner to the left of it, clear of the
// side that falls away there.
func (l *landscapeLayout) placeTop() {
	value, name := &l.values[0], &l.names[0]
	value.Y = max(0, l.y-0.6*l.line)
	name.Y = value.Y + LineHeight*value.Size
	fall := (name.Y + name.Box().H - l.y) * 0.57735
	right := l.w/2 - max(fall, 0) - 8*l.unit
	name.W = min(name.W, right-landscapeMargin)
	name.X, value.X = right-name.W, right-value.W
}

// captions says what is held, or why there is no surface.
func (l *landscapeLayout) captions(v *LandscapeView, m *Landscape) {
	l.caption = Label{X: landscapeMargin, W: l.w - 2*landscapeMargin, Size: max(0.92*l.size, 10), Lines: 3, Ink: InkSoft, Align: AlignCentre, Text: v.captionOf(m)}
}

// at places a point of the triangle in the picture.
func (l *landscapeLayout) at(q Point) Point { return Point{l.x + l.side*q.X, l.y + l.high*q.Y} }

func (l *landscapeLayout) share(p [3]float64) Point { return l.at(triangular(p)) }

// surface draws the field: its cells reach a little beyond the triangle, and
// what does is covered with paper, which gives clean edges.
func (v *LandscapeView) surface(p *Picture, l *landscapeLayout) {
	cw, ch := l.side/core.FieldSteps, l.high/core.FieldSteps
	from := len(p.Cells)
	p.Cells = append(p.Cells, v.relief.cells...)
	grid := Bar{l.x - cw/2, l.y - ch/2, l.side + cw, l.high + ch}
	p.Marks = append(p.Marks, Mark{Kind: KindGrid, Alpha: 1, X: grid.X, Y: grid.Y, W: grid.W, H: grid.H,
		From: from, To: len(p.Cells), Columns: core.FieldSide, Rows: core.FieldSide})
	left, right, top, foot := grid.X-1, grid.X+grid.W+1, grid.Y-1, l.y+l.high
	p.area(Point{left, top}, Point{l.w / 2, top}, Point{l.w / 2, l.y}, Point{l.x, foot}, Point{left, foot})
	p.area(Point{right, top}, Point{l.w / 2, top}, Point{l.w / 2, l.y}, Point{l.x + l.side, foot}, Point{right, foot})
	p.rect(Bar{left, foot, right - left, ch/2 + 1}, InkPaper, 1, 0)
	v.levels(p, l)
	v.arrows(p, l)
}

// area covers a polygon with paper.
func (p *Picture) area(corners ...Point) {
	from := len(p.Points)
	p.Points = append(p.Points, corners...)
	p.Marks = append(p.Marks, Mark{Kind: KindArea, Ink: InkPaper, Alpha: 1, From: from, To: len(p.Points)})
}

// onShade is the ink that stands out from a place on the scale of colours.
func onShade(t float64) Ink {
	if t < 0.52 {
		return InkPale
	}
	return InkDeep
}

func (v *LandscapeView) levels(p *Picture, l *landscapeLayout) {
	for _, line := range v.relief.lines {
		from := len(p.Points)
		for _, q := range v.relief.points[line.from:line.to] {
			p.Points = append(p.Points, l.at(q))
		}
		p.polyline(from, Mark{Ink: onShade(line.at), Alpha: 0.34, Stroke: 1})
	}
}

// arrows draws them centred on their places. Slow ones stay visible: an arrow is
// as long as the cube root of its speed.
func (v *LandscapeView) arrows(p *Picture, l *landscapeLayout) {
	const longest = 0.052
	for i := range v.relief.arrows {
		a := &v.relief.arrows[i]
		dx, dy := a.dx*l.side, a.dy*l.high/sine60
		size := hypot(dx, dy)
		length := longest * l.side * cbrt(size/l.side)
		if !(length > 7) {
			continue
		}
		dx, dy = dx/size*length/2, dy/size*length/2
		at := l.at(a.at)
		p.segment(at.X-dx, at.Y-dy, at.X+dx, at.Y+dy, Mark{Ink: onShade(a.shade), Alpha: 0.8, Stroke: 1.1 * min(l.unit, 1.25), Arrow: true})
	}
}

// frame draws the triangle's sides.
func (l *landscapeLayout) frame(p *Picture) {
	from := len(p.Points)
	top, left, right := Point{l.w / 2, l.y}, Point{l.x, l.y + l.high}, Point{l.x + l.side, l.y + l.high}
	p.Points = append(p.Points, top, left, right, top, left)
	p.polyline(from, Mark{Ink: InkSoft, Alpha: 1, Stroke: 1.2})
}
