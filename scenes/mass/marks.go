package mass

import "dpoplayground/scenes/picture"

// grid draws the axis, which always goes from 0 to 100 %: so a bar is as long as
// its probability at every step and every β.
func (l *layout) grid(p *picture.Picture, v *View) {
	step := 0.25
	if l.span/4 < picture.TextWidth("100%", l.axis(), false)+6 {
		step = 0.5
	}
	for q := step; q <= 1; q += step {
		l.gridLine(p, q)
	}
	for q := 0.0; q <= 1; q += step {
		p.Text(l.tick(q, v.percent(q)))
	}
	p.Segment(l.base, l.first, l.base, l.end(), picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
}

// gridLine draws one hairline, which is left out where the replies' texts are.
func (l *layout) gridLine(p *picture.Picture, q float64) {
	style := picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1}
	x := l.at(q)
	if l.side > 0 {
		p.Segment(x, l.first, x, l.end(), style)
		return
	}
	for i := range l.n {
		p.Segment(x, l.top(i), x, l.top(i)+l.thick+l.track, style)
	}
}

// tick is the label of a probability under the axis.
func (l *layout) tick(q float64, text string) picture.Label {
	size := l.axis()
	t := picture.Label{Y: l.end() + 3, Text: text, Size: size, Ink: picture.InkSoft, Align: picture.AlignCentre}
	t.W = picture.TextWidth(text, size, false) + 2
	t.X = picture.Clamp(l.at(q)-t.W/2, 0, l.w-t.W)
	return t
}

// focus draws a band behind the reply that is pointed at.
func (l *layout) focus(p *picture.Picture, m *Mass) {
	if m.Focus >= 0 && m.Focus < len(m.Replies) {
		p.Rect(l.cell(m.Focus).Shrunk(1), picture.InkAccent, 0.08, 6)
	}
}

// post draws the reference of reply i, and the way from there to the optimum.
func (l *layout) post(p *picture.Picture, r *Reply, i int) {
	x, y := l.at(r.Reference), l.way(i)
	if l.reached != picture.Unknown {
		p.Segment(x, y, l.at(r.Optimum), y, picture.Mark{Ink: picture.InkReference, Alpha: 1, Stroke: l.stroke()})
	}
	// A halo of paper lifts the post off the grains.
	over := min(4*l.unit, (l.band-l.thick-l.track)/2)
	if l.side == 0 {
		over = min(over, 1)
	}
	p.Segment(x, l.top(i)-over, x, y, picture.Mark{Ink: picture.InkPaper, Alpha: 0.9, Stroke: l.postWidth() + 2})
	p.Segment(x, l.top(i)-over, x, y+l.stroke()/2, picture.Mark{Ink: picture.InkOptimum, Alpha: 0.8, Stroke: l.postWidth(), Dash: 3 * min(l.unit, 1.4)})
}

func (l *layout) postWidth() float32 { return 2 * min(l.unit, 1.4) }

// ghost outlines the bar that reply i has in another policy.
func (l *layout) ghost(p *picture.Picture, m *Mass, i int) {
	if m.Ghost <= 0 {
		return
	}
	from, b := len(p.Points), l.bar(i, m.Replies[i].Ghost)
	p.Points = append(p.Points, picture.Point{X: b.X, Y: b.Y}, picture.Point{X: b.X + b.W, Y: b.Y},
		picture.Point{X: b.X + b.W, Y: b.Y + b.H}, picture.Point{X: b.X, Y: b.Y + b.H})
	p.Polyline(from, picture.Mark{Ink: picture.InkText, Alpha: m.Ghost, Stroke: l.stroke()})
}

// marker draws where the bar of reply i is headed.
func (l *layout) marker(p *picture.Picture, r *Reply, i int) {
	if l.reached != picture.Unknown {
		p.Optimum(l.at(r.Optimum), l.way(i), l.diamond, l.stroke(), l.reached)
	}
}
