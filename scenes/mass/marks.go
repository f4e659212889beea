package mass

import "dpoplayground/scenes/picture"

// grid draws the axis: hairlines at round probabilities, and the base line.
func (l *layout) grid(p *picture.Picture, v *View) {
	step := l.gridStep()
	for q := step; q <= float64(l.ceiling)+1e-6; q += step {
		l.gridLine(p, q, v.percent(q))
	}
	style := picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1}
	end := l.first + float32(l.n)*l.band
	a, b := l.point(l.first, 0), l.point(end, 0)
	p.Segment(a.X, a.Y, b.X, b.Y, style)
}

// gridStep is the distance of the hairlines, as a probability: such that their
// labels stay apart.
func (l *layout) gridStep() float64 {
	apart := picture.LineHeight * l.axis()
	if l.rows {
		apart = picture.TextWidth("100%", l.axis(), false) + 4
	}
	steps := [...]float64{0.25, 0.5}
	if l.ceiling <= 0.1 {
		steps = [...]float64{0.05, 0.1}
	} else if l.ceiling <= 0.25 {
		steps = [...]float64{0.1, 0.2}
	}
	if l.out(steps[0]) < apart {
		return steps[1]
	}
	return steps[0]
}

// gridLine draws one hairline. In rows it is left out between the bars where
// the replies' texts are.
func (l *layout) gridLine(p *picture.Picture, q float64, text string) {
	style := picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1}
	size, out := l.axis(), l.out(q)
	if !l.rows {
		y := l.base - out
		x := l.axisRoom()
		p.Segment(x, y, l.w-picture.PageMargin, y, style)
		p.Text(picture.Label{X: 2, Y: y - size*picture.LineHeight/2, W: x - 7, Text: text, Size: size, Ink: picture.InkSoft, Align: picture.AlignEnd})
		return
	}
	x := l.base + out
	if l.side > 0 {
		p.Segment(x, l.first, x, l.first+float32(l.n)*l.band, style)
	}
	for i := 0; l.side == 0 && i < l.n; i++ {
		p.Segment(x, l.across(i)-l.thick/2-3, x, l.across(i)+l.thick/2+3, style)
	}
	p.Text(picture.Label{X: x - 30, Y: l.h - size*picture.LineHeight - 2, W: 60, Text: text, Size: size, Ink: picture.InkSoft, Align: picture.AlignCentre})
}

// focus draws a band behind the reply that is pointed at.
func (l *layout) focus(p *picture.Picture, m *Mass) {
	if m.Focus >= 0 && m.Focus < len(m.Replies) {
		p.Rect(l.cell(m.Focus).Shrunk(1), picture.InkAccent, 0.08, 6)
	}
}

// outline draws the reference around bar i.
func (l *layout) outline(p *picture.Picture, r *Reply, i int) {
	wide := l.thick + 4*l.unit + 2
	if l.rows {
		wide = min(wide, l.thick+4)
	}
	p.Outline(l.bar(i, r.Reference, wide), picture.InkReference, l.stroke(), 3.5*min(l.unit, 1.4), 1.5)
}

// marker draws where bar i is headed.
func (l *layout) marker(p *picture.Picture, r *Reply, i int) {
	if l.reached != picture.Unknown {
		at := l.point(l.across(i), l.out(r.Optimum))
		p.Optimum(at.X, at.Y, l.diamond, l.stroke(), l.reached)
	}
}

// reach is how far out a reply's bar, outline and marker come.
func (l *layout) reach(r *Reply) float32 {
	reach := l.out(max(r.Policy, r.Reference)) + l.stroke()/2
	if l.reached != picture.Unknown {
		reach = max(reach, l.out(r.Optimum)+l.markerReach()+l.stroke()/2)
	}
	return reach
}

// markerReach is half the marker's length, along out.
func (l *layout) markerReach() float32 {
	if l.reached == picture.NeverReached {
		return 1.25*l.diamond + l.stroke()/2
	}
	return l.diamond + l.stroke()/2
}

const arcPieces = 48

// pair draws an arc from the rejected reply to the chosen one, over what lies
// between as far as there is room.
func (l *layout) pair(p *picture.Picture, m *Mass, labels []label) {
	if !m.hasPair() {
		return
	}
	from := picture.Point{l.across(m.PairRejected), labels[m.PairRejected].out + 4*l.unit}
	to := picture.Point{l.across(m.PairChosen), labels[m.PairChosen].out + 3*l.unit}
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
	p.Polyline(first, picture.Mark{Ink: picture.InkChosen, Alpha: 0.85, Stroke: 1.8 * min(l.unit, 1.5), Arrow: true})
	p.Disc(start.X, start.Y, 2.4*min(l.unit, 1.5), picture.InkChosen)
}

// bridge is a point of the arc, across and out: a cubic that leaves outwards
// and comes down from outside, with its handles at the height of rise.
func bridge(from, to picture.Point, rise, t float32) picture.Point {
	s := 1 - t
	a, b, c, d := s*s*s, 3*s*s*t, 3*s*t*t, t*t*t
	lean := picture.Clamp((to.X-from.X)*0.05, -12, 12)
	return picture.Point{
		a*from.X + b*(from.X+lean) + c*(to.X-lean) + d*to.X,
		(a * from.Y) + (b+c)*rise + d*to.Y,
	}
}

// clearest is the lowest rise with which the arc crosses the fewest labels,
// from a well-rounded arc upwards, and inside the limit.
func (l *layout) clearest(from, to picture.Point, limit float32, labels []label) float32 {
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
func (l *layout) crossings(from, to picture.Point, rise float32, labels []label) (hits int, top float32) {
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
