package scenes

// grid draws the axis: hairlines at round probabilities, and the base line.
func (l *massLayout) grid(p *Picture, v *MassView) {
	step := l.gridStep()
	for q := step; q <= float64(l.ceiling)+1e-6; q += step {
		l.gridLine(p, q, v.percent(q))
	}
	style := Mark{Ink: InkText, Alpha: 1, Stroke: 1}
	end := l.first + float32(l.n)*l.band
	a, b := l.point(l.first, 0), l.point(end, 0)
	p.segment(a.X, a.Y, b.X, b.Y, style)
}

// gridStep is the distance of the hairlines, as a probability.
func (l *massLayout) gridStep() float64 {
	switch {
	case l.ceiling <= 0.1:
		return 0.05
	case l.ceiling <= 0.25:
		return 0.1
	case l.rows && l.out(0.25) < TextWidth("100%", l.axis(), false)+4:
		return 0.5
	}
	return 0.25
}

// gridLine draws one hairline. In rows it is left out between the bars where
// the replies' texts are.
func (l *massLayout) gridLine(p *Picture, q float64, text string) {
	style := Mark{Ink: InkLine, Alpha: 1, Stroke: 1}
	size, out := l.axis(), l.out(q)
	if !l.rows {
		y := l.base - out
		x := 2*float32(pageMargin) + TextWidth("100%", size, false)
		p.segment(x, y, l.w-pageMargin, y, style)
		p.text(Label{X: 2, Y: y - size*LineHeight/2, W: x - 6, Text: text, Size: size, Ink: InkSoft, Align: AlignEnd})
		return
	}
	x := l.base + out
	if l.side > 0 {
		p.segment(x, l.first, x, l.first+float32(l.n)*l.band, style)
	}
	for i := 0; l.side == 0 && i < l.n; i++ {
		p.segment(x, l.across(i)-l.thick/2-3, x, l.across(i)+l.thick/2+3, style)
	}
	p.text(Label{X: x - 30, Y: l.h - size*LineHeight - 2, W: 60, Text: text, Size: size, Ink: InkSoft, Align: AlignCentre})
}

// focus draws a band behind the reply that is pointed at.
func (l *massLayout) focus(p *Picture, m *Mass) {
	if m.Focus >= 0 && m.Focus < len(m.Replies) {
		p.rect(l.cell(m.Focus).shrunk(1), InkAccent, 0.08, 6)
	}
}

// markers draws the reference's outline and the optimum's marker over bar i.
// It returns how far out the reply's marks reach.
func (l *massLayout) markers(p *Picture, r *MassReply, i int) float32 {
	wide := l.thick + 4*l.unit + 2
	if l.rows {
		wide = min(wide, l.thick+4)
	}
	stroke := 1.5 * min(l.unit, 1.4)
	p.outline(l.bar(i, r.Reference, wide), InkReference, stroke, 3.5*min(l.unit, 1.4), 1.5)
	reach := l.out(max(r.Policy, r.Reference)) + stroke/2
	if l.reached != Unknown {
		at := l.point(l.across(i), l.out(r.Optimum))
		p.optimum(at.X, at.Y, l.diamond, stroke, l.reached)
		reach = max(reach, l.out(r.Optimum)+1.25*l.diamond+stroke)
	}
	return reach
}

// label writes a reply's percentage and change where its marks end, and its
// text at the base line. It sets how far out the label reaches.
func (l *massLayout) label(p *Picture, t *massLabel, i int) {
	percent := Label{Text: t.percent, Size: l.percent, Ink: InkText, Bold: true, W: TextWidth(t.percent, l.percent, true) + 1}
	change := Label{Text: t.change, Size: l.change, Ink: InkRejected, W: TextWidth(t.change, l.change, false) + 1}
	if t.up {
		change.Ink = InkChosen
	}
	if l.rows {
		l.rowLabel(p, t, i, &percent, &change)
		return
	}
	l.columnLabel(t, i, &percent, &change)
	p.text(percent)
	p.text(change)
	p.text(Label{
		X: l.first + float32(i)*l.band + 3, Y: l.base + 1.25*l.diamond + 3*l.unit, W: l.band - 6,
		Text: t.text, Size: l.text, Lines: l.lines, Ink: InkText, Align: AlignCentre,
	})
}

func (l *massLayout) columnLabel(t *massLabel, i int, percent, change *Label) {
	middle := l.across(i)
	top := l.base - t.out - l.labelGap() - l.labelHeight()
	percent.Y, change.Y = top, top+baseline*(percent.Size-change.Size)
	if l.stacked {
		percent.X, percent.Align = middle-percent.W/2, AlignCentre
		change.X, change.Align = middle-change.W/2, AlignCentre
		change.Y = top + percent.Size*LineHeight
	} else {
		// The two meet at a point, so that the gap between them is the same
		// in every font.
		total := percent.W
		if t.change != "" {
			total += 0.3*change.Size + change.W
		}
		percent.X, percent.Align = middle-total/2, AlignEnd
		change.X = percent.X + percent.W + 0.3*change.Size
	}
	t.out += l.labelGap() + l.labelHeight()
}

func (l *massLayout) rowLabel(p *Picture, t *massLabel, i int, percent, change *Label) {
	middle := l.across(i)
	percent.X = l.base + t.out + l.labelGap() + 1
	percent.Y = middle - percent.Size*LineHeight/2
	change.X = percent.X + percent.W + 0.3*change.Size
	change.Y = percent.Y + baseline*(percent.Size-change.Size)
	t.out = change.X + change.W - l.base
	p.text(*percent)
	p.text(*change)
	text := Label{X: l.base, W: l.w - l.base - pageMargin - 16, Text: t.text, Size: l.text, Lines: l.lines, Ink: InkText}
	text.Y = l.first + float32(i)*l.band + 1
	if l.side > 0 {
		text.X, text.W = pageMargin, l.side
		text.Y = middle - text.Box().H/2
	}
	p.text(text)
}

const arcPieces = 48

// pair draws an arc from the rejected reply to the chosen one, over what lies
// between as far as there is room.
func (l *massLayout) pair(p *Picture, m *Mass, labels []massLabel) {
	if !m.hasPair() {
		return
	}
	from := Point{l.across(m.PairRejected), labels[m.PairRejected].out + 4*l.unit}
	to := Point{l.across(m.PairChosen), labels[m.PairChosen].out + 3*l.unit}
	limit := l.base - 3
	if l.rows {
		limit = l.w - l.base - 3
	}
	rise := l.clearest(from, to, limit, labels)
	first := len(p.Points)
	for k := range arcPieces + 1 {
		q := bridge(from, to, rise, float32(k)/arcPieces)
		p.Points = append(p.Points, l.point(q.X, min(q.Y, limit)))
	}
	start := p.Points[first]
	p.polyline(first, Mark{Ink: InkChosen, Alpha: 0.85, Stroke: 1.8 * min(l.unit, 1.5), Arrow: true})
	p.disc(start.X, start.Y, 2.4*min(l.unit, 1.5), InkChosen)
}

// bridge is a point of the arc, across and out: a cubic that leaves outwards
// and comes down from outside, with its handles at the height of rise.
func bridge(from, to Point, rise, t float32) Point {
	s := 1 - t
	a, b, c, d := s*s*s, 3*s*s*t, 3*s*t*t, t*t*t
	lean := clamp((to.X-from.X)*0.05, -12, 12)
	return Point{
		a*from.X + b*(from.X+lean) + c*(to.X-lean) + d*to.X,
		(a * from.Y) + (b+c)*rise + d*to.Y,
	}
}

// clearest is the lowest rise with which the arc crosses the fewest labels,
// from a well-rounded arc upwards, and inside the limit.
func (l *massLayout) clearest(from, to Point, limit float32, labels []massLabel) float32 {
	rise := max(from.Y, to.Y) + 30*l.unit
	hits, top := l.crossings(from, to, rise, labels)
	for top > limit && rise > limit {
		rise -= 4
		hits, top = l.crossings(from, to, rise, labels)
	}
	best, fewest := rise, hits
	for hits > 0 && top <= limit {
		if hits < fewest {
			best, fewest = rise, hits
		}
		rise += 6 * l.unit
		hits, top = l.crossings(from, to, rise, labels)
	}
	if hits < fewest && top <= limit {
		best = rise
	}
	return best
}

// crossings counts the arc's points that lie on marks and labels, and finds
// how far out the arc reaches.
func (l *massLayout) crossings(from, to Point, rise float32, labels []massLabel) (hits int, top float32) {
	for k := range arcPieces + 1 {
		q := bridge(from, to, rise, float32(k)/arcPieces)
		top = max(top, q.Y)
		for i := range labels {
			if d := q.X - l.across(i); d < l.band*0.45 && d > -l.band*0.45 && q.Y < labels[i].out+2 {
				hits++
			}
		}
	}
	return hits, top
}
