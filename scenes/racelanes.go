package scenes

// lane draws one run: what it is, its stages, what it has taken, and its policy.
func (v *RaceView) lane(p *Picture, m *Race, i int, l *raceLayout) {
	a, b := &m.Lanes[i], l.lanes[i]
	if i == 0 && l.wide {
		v.heading(p, l)
	}
	if i > 0 || l.wide {
		p.segment(b.X, b.Y, b.X+b.W, b.Y, Mark{Ink: InkLine, Alpha: 1, Stroke: 1})
	}
	l.name(p, a, i)
	if a.Missing != "" {
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
func (v *RaceView) heading(p *Picture, l *raceLayout) {
	for k, c := range l.counts {
		p.text(Label{X: pageMargin + c.X - 6, Y: 2, W: c.W + 6, Text: v.heads[k], Size: l.small, Ink: InkSoft, Align: AlignEnd})
	}
}

// name writes the method, and in short how it is run.
func (l *raceLayout) name(p *Picture, a *RaceLane, i int) {
	b := l.lanes[i]
	top := b.Y + 4
	if l.wide {
		top = b.Y + (b.H-LineHeight*(l.base+l.small))/2
	}
	t := Label{X: b.X, Y: top, W: l.chips.X - 4, Text: a.Name, Size: l.base, Ink: inkOfLane(i), Bold: true}
	kind := Label{X: b.X, Y: t.Y + LineHeight*l.base, W: t.W, Text: a.Kind, Size: l.small, Ink: InkSoft}
	if !l.wide {
		t.W = min(TextWidth(a.Name, l.base, true)+2, 0.5*l.bars.X)
		kind.X += t.W + 6
		kind.W = max(l.bars.X-t.W-12, 8)
		kind.Y = t.Y + baseline*(l.base-l.small)
	}
	p.text(t)
	p.text(kind)
}

func (l *raceLayout) missing(p *Picture, a *RaceLane, b Bar) {
	x := l.chips.X
	y := b.Y + l.chips.Y
	lines := max(int((b.Y+b.H-y)/(LineHeight*l.small)), 1)
	p.text(Label{X: b.X + x, Y: y, W: b.W - x, Text: a.Missing, Size: l.small, Lines: min(lines, maxLines), Ink: InkText})
}

// stages lists what is done one after the other; the stage at hand is lit.
func (l *raceLayout) stages(p *Picture, a *RaceLane, lane int) {
	x, y := l.lanes[lane].X+l.chips.X, l.lanes[lane].Y+l.chips.Y
	if l.wide && len(a.Stages) == 1 {
		y += l.chip / 2
	}
	for k, text := range a.Stages {
		t := Label{X: x + 0.5*l.small, Y: y + 2, W: l.chips.W - l.small, Text: text, Size: l.small, Ink: InkSoft}
		if k == a.Stage {
			t.Ink = InkText
			wide := min(TextWidth(text, l.small, false)+1.5*l.small, l.chips.W)
			p.rect(Bar{x, y, wide, l.chip - 1}, inkOfLane(lane), 0.16, l.chip/4)
			p.rect(Bar{x, y + 2, 2.5, l.chip - 5}, inkOfLane(lane), 1, 1)
		}
		p.text(t)
		y += l.chip
	}
}

// count writes one of a lane's counters. A number that is too long for its
// column is written smaller.
func (v *RaceView) count(p *Picture, a *RaceLane, lane, k int, l *raceLayout) {
	b, c := l.lanes[lane], l.counts[k]
	text := countOf(&v.counts[lane][k], float64(a.Counts[k]))
	t := Label{X: b.X + c.X, Y: b.Y + c.Y, W: c.W, Text: text, Size: l.base, Ink: InkText, Bold: true}
	if wide := TextWidth(text, 1, true); wide*t.Size > c.W-2 {
		t.Size = (c.W - 2) / wide
		t.Y += baseline * (l.base - t.Size)
	}
	if l.wide {
		t.Align = AlignEnd
	} else {
		p.text(Label{X: t.X, Y: b.Y + c.Y + LineHeight*l.base - 1, W: c.W, Text: v.heads[k], Size: l.small, Ink: InkSoft})
	}
	p.text(t)
}

// drawBars draws the policy: a bar for each reply, in the outline of the
// reference, with the marker of where the run is headed.
func (l *raceLayout) drawBars(p *Picture, a *RaceLane, lane int) {
	if len(a.Bars) == 0 {
		return
	}
	b := l.bars
	b.X, b.Y = b.X+l.lanes[lane].X, b.Y+l.lanes[lane].Y
	r := clamp(0.2*b.W/float32(len(a.Bars)), 2, 0.22*l.base)
	foot, tall, band := b.Y+b.H-1, b.H-2-1.3*r, b.W/float32(len(a.Bars))
	thick := min(0.66*band, 1.6*l.base)
	for i, bar := range a.Bars {
		x := b.X + (float32(i)+0.5)*band
		column := func(q float64, wide float32) Bar {
			h := clamp(float32(q)/l.ceiling, 0, 1) * tall
			return Bar{x - wide/2, foot - h, wide, h}
		}
		p.rect(column(bar.Policy, thick), inkOfLane(lane), 0.5, 0)
		p.outline(column(bar.Reference, min(thick+3, band-1.2)), InkReference, 1.1, 2.5, 1)
		if a.Reached != Unknown {
			p.optimum(x, column(bar.Optimum, 0).Y, r, 1.1, a.Reached)
		}
	}
	p.segment(b.X, foot, b.X+b.W, foot, Mark{Ink: InkText, Alpha: 1, Stroke: 1})
}
