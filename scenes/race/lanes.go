package race

import "dpoplayground/scenes/picture"

// lane draws one run: what it is, its stages, what it has taken, and its policy.
func (v *View) lane(p *picture.Picture, m *Race, i int, l *layout) {
	a, b := &m.lanes[i], l.lanes[i]
	if i == 0 && l.wide {
		v.heading(p, l)
	}
	if i > 0 || l.wide {
		p.Segment(b.X, b.Y, b.X+b.W, b.Y, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
	}
	l.name(p, a, i)
	if a.missing != "" {
		l.missing(p, a, b)
		return
	}
	l.stages(p, a, i)
	for k := range l.counts {
		v.count(p, a, i, k, l)
	}
	l.drawBars(p, a, i)
}

// heading writes what the counters count, once for both lanes.
func (v *View) heading(p *picture.Picture, l *layout) {
	for k, c := range l.counts {
		p.Text(picture.Label{X: picture.PageMargin + c.X - 6, Y: 2, W: c.W + 6, Text: v.heads[k], Size: l.small, Ink: picture.InkSoft, Align: picture.AlignEnd})
	}
}

// name writes the method, and in short how it is run.
func (l *layout) name(p *picture.Picture, a *lane, i int) {
	b := l.lanes[i]
	top := b.Y + 4
	if l.wide {
		top = b.Y + (b.H-picture.LineHeight*(l.base+l.small))/2
	}
	t := picture.Label{X: b.X, Y: top, W: l.chips.X - 4, Text: a.name, Size: l.base, Ink: inkOfLane(i), Bold: true}
	kind := picture.Label{X: b.X, Y: t.Y + picture.LineHeight*l.base, W: t.W, Text: a.kind, Size: l.small, Ink: picture.InkSoft}
	if !l.wide {
		t.W = min(picture.TextWidth(a.name, l.base, true)+2, 0.5*l.bars.X)
		kind.X += t.W + 6
		kind.W = max(l.bars.X-t.W-12, 8)
		kind.Y = t.Y + picture.Baseline*(l.base-l.small)
	}
	p.Text(t)
	p.Text(kind)
}

func (l *layout) missing(p *picture.Picture, a *lane, b picture.Bar) {
	x := l.chips.X
	y := b.Y + l.chips.Y
	lines := max(int((b.Y+b.H-y)/(picture.LineHeight*l.small)), 1)
	p.Text(picture.Label{X: b.X + x, Y: y, W: b.W - x, Text: a.missing, Size: l.small, Lines: min(lines, picture.MaxLines), Ink: picture.InkText})
}

// stages lists what is done one after the other; the stage at hand is lit.
func (l *layout) stages(p *picture.Picture, a *lane, lane int) {
	x, y := l.lanes[lane].X+l.chips.X, l.lanes[lane].Y+l.chips.Y
	if l.wide && len(a.stages) == 1 {
		y += l.chip / 2
	}
	for k, text := range a.stages {
		t := picture.Label{X: x + 0.5*l.small, Y: y + 2, W: l.chips.W - l.small, Text: text, Size: l.small, Ink: picture.InkSoft}
		if k == a.stage {
			t.Ink = picture.InkText
			wide := min(picture.TextWidth(text, l.small, false)+1.5*l.small, l.chips.W)
			p.Rect(picture.Bar{x, y, wide, l.chip - 1}, inkOfLane(lane), 0.16, l.chip/4)
			p.Rect(picture.Bar{x, y + 2, 2.5, l.chip - 5}, inkOfLane(lane), 1, 1)
		}
		p.Text(t)
		y += l.chip
	}
}

// count writes one of a lane's counters. A number that is too long for its
// column is written smaller.
func (v *View) count(p *picture.Picture, a *lane, lane, k int, l *layout) {
	b, c := l.lanes[lane], l.counts[k]
	text := countOf(&v.counts[lane][k], float64(a.counts[k]))
	t := picture.Label{X: b.X + c.X, Y: b.Y + c.Y, W: c.W, Text: text, Size: l.base, Ink: picture.InkText, Bold: true}
	if wide := picture.TextWidth(text, 1, true); wide*t.Size > c.W-2 {
		t.Size = (c.W - 2) / wide
		t.Y += picture.Baseline * (l.base - t.Size)
	}
	if l.wide {
		t.Align = picture.AlignEnd
	} else {
		p.Text(picture.Label{X: t.X, Y: b.Y + c.Y + picture.LineHeight*l.base - 1, W: c.W, Text: v.heads[k], Size: l.small, Ink: picture.InkSoft})
	}
	p.Text(t)
}

// drawBars draws the policy: a bar for each reply, in the outline of the
// reference, with the marker of where the run is headed.
func (l *layout) drawBars(p *picture.Picture, a *lane, lane int) {
	if len(a.bars) == 0 {
		return
	}
	b := l.bars
	b.X, b.Y = b.X+l.lanes[lane].X, b.Y+l.lanes[lane].Y
	r := picture.Clamp(0.2*b.W/float32(len(a.bars)), 2, 0.22*l.base)
	foot, tall, band := b.Y+b.H-1, b.H-2-1.3*r, b.W/float32(len(a.bars))
	thick := min(0.66*band, 1.6*l.base)
	for i, bar := range a.bars {
		x := b.X + (float32(i)+0.5)*band
		column := func(q float64, wide float32) picture.Bar {
			h := picture.Clamp(float32(q)/l.ceiling, 0, 1) * tall
			return picture.Bar{x - wide/2, foot - h, wide, h}
		}
		p.Rect(column(bar.policy, thick), inkOfLane(lane), 0.5, 0)
		p.Outline(column(bar.reference, min(thick+3, band-1.2)), picture.InkReference, 1.1, 2.5, 1)
		if a.reached != picture.Unknown {
			p.Optimum(x, column(bar.optimum, 0).Y, r, 1.1, a.reached)
		}
	}
	p.Segment(b.X, foot, b.X+b.W, foot, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
}
