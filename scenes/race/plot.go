package race

import (
	"math"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
)

// plot draws the distance from the goal over one of the axes.
func (v *View) plot(p *picture.Picture, m *Race, axis int, l *layout) {
	v.header(p, m, axis, l)
	l.grid(p, axis)
	l.ticks(p, m, axis, v)
	first := len(p.Points)
	for i := range m.lanes {
		l.band(p, m, i, axis)
	}
	for i := range m.lanes {
		l.path(p, m, i, axis, math.Inf(1), picture.Mark{Ink: inkOfLane(i), Alpha: 0.3, Stroke: 1.2})
	}
	last := len(p.Points)
	l.level(p, axis, m.levelNear(l), picture.Mark{Ink: picture.InkSoft, Alpha: 1, Stroke: 1, Dash: 3})
	for i := range m.lanes {
		l.level(p, axis, m.levelApart(i, l), picture.Mark{Ink: inkOfLane(i), Alpha: 0.7, Stroke: 1, Dash: 5})
	}
	v.names(p, m, axis, l, p.Points[first:last:last])
	for i := range m.lanes {
		l.now(p, m, i, axis)
	}
	for i := range m.lanes {
		v.ring(p, m, i, axis, l)
	}
	b := l.plots[axis]
	p.Targets = append(p.Targets, picture.Target{X: b.X, Y: b.Y, W: b.W, H: b.H, ID: PlotID + axis, Name: v.aloud[axis], Drag: true})
}

// placed is the names in a plot, and all that their places depend on.
type placed struct {
	w, h, base  float32
	top, bottom int
	end, unit   float64
	near        float64
	apart       [2]float64
	arrived     [2]float64
	several     [2]bool
	points      [2]int
	probes      [2][3]float64 // of the paths
	missing     [2]bool
	done        int
	labels      []picture.Label
}

// names writes what is named in a plot. Where is looked for once: the names stay
// in their places while the runs go on.
func (v *View) names(p *picture.Picture, m *Race, axis int, l *layout, obstacles []picture.Point) {
	key, was := placed{w: l.w, h: l.h, base: l.base, top: l.top, bottom: l.bottom, end: m.end[axis], unit: m.unit[axis],
		near: m.levelNear(l), done: m.done}, &v.placed[axis]
	for i := range m.lanes {
		a := &m.lanes[i]
		key.apart[i], key.points[i], key.missing[i], key.arrived[i] = m.levelApart(i, l), len(a.path), a.missing != "", -1
		if n := len(a.path); n > 0 {
			key.probes[i] = [3]float64{a.path[n/3], a.path[2*n/3], a.path[n-1]}
		}
		if v.hasArrived(m, a) {
			key.arrived[i], key.several[i] = a.arrived[axis], a.several
		}
	}
	if was.same(&key) {
		p.Labels = append(p.Labels, was.labels...)
		return
	}
	from := len(p.Labels)
	obstacles = l.dense(m, axis, obstacles)
	l.beside(p, picture.Label{Text: v.near, Size: l.small, Ink: picture.InkSoft}, axis, key.near, obstacles)
	for i := range m.lanes {
		l.beside(p, picture.Label{Text: v.headed, Size: l.small, Ink: inkOfLane(i)}, axis, key.apart[i], obstacles)
	}
	for i := range m.lanes { // before the names, which have more room
		v.nameArrival(p, m, i, axis, l, obstacles)
	}
	for i := range m.lanes {
		l.nameCurve(p, m, i, axis, v.curveName(m, i, axis), obstacles)
	}
	key.labels = append(was.labels[:0], p.Labels[from:]...)
	*was = key
}

// dense adds points to those of the paths where they lie far apart.
func (l *layout) dense(m *Race, axis int, obstacles []picture.Point) []picture.Point {
	const apart = 5
	for i := range m.lanes {
		a := &m.lanes[i]
		n := min(len(a.path), len(a.x[axis]))
		if a.missing != "" || n == 0 {
			continue
		}
		last := picture.Point{l.x(m, axis, a.x[axis][0]), l.y(axis, a.path[0])}
		for k := 1; k < n; k++ {
			q := picture.Point{l.x(m, axis, a.x[axis][k]), l.y(axis, a.path[k])}
			pieces := int(max(q.X-last.X, q.Y-last.Y, last.Y-q.Y) / apart)
			for j := 1; j < pieces; j++ {
				t := float32(j) / float32(pieces)
				obstacles = append(obstacles, picture.Point{picture.Mix(last.X, q.X, t), picture.Mix(last.Y, q.Y, t)})
			}
			last = q
		}
	}
	return obstacles
}

func (r *placed) same(o *placed) bool {
	return r.w == o.w && r.h == o.h && r.base == o.base && r.top == o.top && r.bottom == o.bottom && r.end == o.end && r.unit == o.unit &&
		r.near == o.near && r.apart == o.apart && r.arrived == o.arrived && r.several == o.several && r.points == o.points && r.probes == o.probes &&
		r.missing == o.missing && r.done == o.done
}

// header writes what a plot's axes measure: beside each other where both are
// shown, else as tabs.
func (v *View) header(p *picture.Picture, m *Race, axis int, l *layout) {
	t := picture.Label{Y: l.titles.Y, Size: l.small, Ink: picture.InkText}
	plot := l.plots[axis]
	switch {
	case !l.wide && m.end[overReplies] > 0:
		v.tabRow(p, m, l)
		return
	case axis == overUpdates:
		t.X, t.W, t.Text = l.titles.X, plot.X+plot.W-l.titles.X, v.y[1]
	default:
		t.X, t.W, t.Text = plot.X, plot.W, v.titles[axis]
		wide := picture.TextWidth(v.seeds, l.small, false) + 2
		if free := plot.W - picture.TextWidth(t.Text, l.small, false) - 14; wide < free {
			p.Text(picture.Label{X: plot.X + plot.W - wide, Y: t.Y, W: wide, Text: v.seeds, Size: l.small, Ink: picture.InkSoft, Align: picture.AlignEnd})
			t.W -= wide + 8
		}
	}
	p.Text(t)
}

// tabRow writes what distances are, and the two axes to choose from.
func (v *View) tabRow(p *picture.Picture, m *Race, l *layout) {
	b := l.titles
	wide := [2]float32{}
	right := b.X + b.W
	for axis := range wide {
		wide[axis] = min(picture.TextWidth(v.tabs[axis], l.small, false)+8, 0.34*b.W)
		right -= wide[axis]
	}
	right -= 8
	x, y := right, max(b.Y-4, 0)
	for axis, w := range wide {
		ink := picture.InkSoft
		if axis == m.axis() {
			ink = picture.InkText
			p.Rect(picture.Bar{x + 1, b.Y + picture.LineHeight*l.small, w - 2, 2}, picture.InkAccent, 1, 1)
		}
		p.Text(picture.Label{X: x + 2, Y: b.Y, W: w - 4, Text: v.tabs[axis], Size: l.small, Ink: ink, Align: picture.AlignCentre})
		p.Targets = append(p.Targets, picture.Target{X: x, Y: y, W: w, H: b.Y + b.H + 2 - y, ID: TabID + axis, Name: v.titles[axis]})
		x += w + 8
	}
	p.Text(picture.Label{X: b.X, Y: b.Y, W: right - b.X, Text: v.y[0], Size: l.small, Ink: picture.InkText})
}

// x is where a number of updates or replies lies: logarithmic, with 0 on it.
func (l *layout) x(m *Race, axis int, at float64) float32 {
	unit, end := max(m.unit[axis], 1), max(m.end[axis], 1)
	share := math.Log1p(max(at, 0)/unit) / math.Log1p(end/unit)
	return l.plots[axis].X + l.plots[axis].W*float32(min(share, 1))
}

// At returns how many updates or replies lie at x, a position in the picture,
// of the plot of an axis that Draw has drawn.
func (m *Race) At(p *picture.Picture, axis int, x float32) float64 {
	for i := range p.Targets {
		if t := &p.Targets[i]; t.ID == PlotID+axis && t.W > 0 {
			unit, end := max(m.unit[axis], 1), max(m.end[axis], 1)
			share := float64(picture.Clamp((x-t.X)/t.W, 0, 1))
			return math.Expm1(share*math.Log1p(end/unit)) * unit
		}
	}
	return 0
}

func (l *layout) y(axis int, distance float64) float32 {
	b := l.plots[axis]
	low, high := float64(l.bottom), l.high
	d := low
	if distance > 0 && chart.Legible(distance) {
		d = math.Log10(distance)
	}
	return b.Y + b.H*float32(1-min(max((d-low)/(high-low), 0), 1))
}

// grid draws a hairline at each power of ten, or at every second or third where
// they would be too close.
func (l *layout) grid(p *picture.Picture, axis int) {
	b := l.plots[axis]
	every := 1
	for b.H*float32(every)/float32(l.high-float64(l.bottom)) < 1.15*picture.LineHeight*l.small && every < 12 {
		every++
	}
	for n := l.top; n >= l.bottom; n -= every {
		y := l.y(axis, math.Pow10(n))
		ink := picture.InkLine
		if n == l.bottom {
			ink = picture.InkText
		}
		p.Segment(b.X, y, b.X+b.W, y, picture.Mark{Ink: ink, Alpha: 1, Stroke: 1})
		if b.X < l.plots[overUpdates].X+1 || l.plots[overUpdates].W == 0 {
			p.Text(picture.Label{X: b.X - l.tick, Y: y - picture.LineHeight*l.small/2, W: l.tick - 5, Text: decadeText(n), Size: l.small, Ink: picture.InkSoft, Align: picture.AlignEnd})
		}
	}
	if (l.top-l.bottom)%every != 0 {
		p.Segment(b.X, b.Y+b.H, b.X+b.W, b.Y+b.H, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	}
}

// decadeTexts are the powers of ten that the axis can show, from 10^−6.
var decadeTexts = [...]string{"10⁻⁶", "10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1", "10", "100", "1000", "10⁴", "10⁵", "10⁶"}

func decadeText(n int) string { return decadeTexts[min(max(n-leastDistance, 0), len(decadeTexts)-1)] }

// ticks writes numbers under the axis: 0, the end, and powers of ten between
// them, the greater first, as far as they keep apart.
func (l *layout) ticks(p *picture.Picture, m *Race, axis int, v *View) {
	b := l.plots[axis]
	y := b.Y + b.H + 4
	free := b.X + b.W
	write := func(x float32, text string, align picture.Align) bool {
		wide := picture.TextWidth(text, l.small, false) + 2
		left := x - wide/2
		switch align {
		case picture.AlignStart:
			left = x
		case picture.AlignEnd:
			left = x - wide
		}
		if left+wide > free || left < b.X {
			return false
		}
		p.Text(picture.Label{X: left, Y: y, W: wide, Text: text, Size: l.small, Ink: picture.InkSoft, Align: align})
		free = left - 0.9*l.small
		return true
	}
	write(b.X+b.W, countOf(&v.ends[axis], m.end[axis]), picture.AlignEnd)
	zero := b.X + picture.TextWidth("0", l.small, false) + 0.9*l.small
	for n := 9; n >= 0; n-- {
		at := math.Pow10(n)
		if at >= m.end[axis] || at < m.unit[axis] {
			continue
		}
		x := l.x(m, axis, at)
		if x-picture.TextWidth(countTexts[n], l.small, false)/2-1 < zero || !write(x, countTexts[n], picture.AlignCentre) {
			continue
		}
		p.Segment(x, b.Y+b.H, x, b.Y+b.H+4, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	}
	write(b.X, "0", picture.AlignStart)
}

// countTexts are powers of ten as Count writes them.
var countTexts = [...]string{"1", "10", "100", "1\u202f000", "10\u202f000", "100\u202f000", "1\u202f000\u202f000",
	"10\u202f000\u202f000", "100\u202f000\u202f000", "1\u202f000\u202f000\u202f000"}

// band draws where the runs of all seeds lie, in pieces as far as it has any
// width.
func (l *layout) band(p *picture.Picture, m *Race, lane, axis int) {
	a := &m.lanes[lane]
	n := min(len(a.low), len(a.high), len(a.x[axis]))
	if a.missing != "" || n < 2 || a.x[axis][n-1] <= 0 {
		return
	}
	from := 0
	for i := 0; i <= n; i++ {
		if i < n && l.y(axis, a.low[i])-l.y(axis, a.high[i]) >= 0.4 {
			continue
		}
		l.ribbon(p, m, lane, axis, max(from-1, 0), min(i+1, n))
		from = i + 1
	}
}

// ribbon draws the band from one of its points to before another, where it is
// longer than its two ends.
func (l *layout) ribbon(p *picture.Picture, m *Race, lane, axis, from, to int) {
	if to-from < 3 {
		return
	}
	a, first := &m.lanes[lane], len(p.Points)
	for i := from; i < to; i++ {
		p.Points = append(p.Points, picture.Point{l.x(m, axis, a.x[axis][i]), l.y(axis, a.high[i])})
	}
	for i := to - 1; i >= from; i-- {
		p.Points = append(p.Points, picture.Point{l.x(m, axis, a.x[axis][i]), l.y(axis, a.low[i])})
	}
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindArea, Ink: inkOfLane(lane), Alpha: 0.17, From: first, To: len(p.Points)})
}

// path draws a run as far as it got by until, on the axis of updates.
func (l *layout) path(p *picture.Picture, m *Race, lane, axis int, until float64, style picture.Mark) {
	a := &m.lanes[lane]
	if a.missing != "" {
		return
	}
	from := len(p.Points)
	for i, d := range a.path[:min(len(a.path), len(a.x[axis]))] {
		if a.x[overUpdates][i] > until {
			break
		}
		p.Points = chart.Thinned(p.Points, from, picture.Point{l.x(m, axis, a.x[axis][i]), l.y(axis, d)})
	}
	if !math.IsInf(until, 1) {
		p.Points = append(p.Points, picture.Point{l.x(m, axis, a.at[axis]), l.y(axis, a.distance)})
	}
	p.Piece(from, style)
}

// now draws what a run has covered, and where it is.
func (l *layout) now(p *picture.Picture, m *Race, lane, axis int) {
	a := &m.lanes[lane]
	if a.missing != "" {
		return
	}
	stroke := float32(2)
	if len(a.low) > 0 {
		stroke = 1.5 // it may be ragged
	}
	l.path(p, m, lane, axis, a.at[overUpdates], picture.Mark{Ink: inkOfLane(lane), Alpha: 1, Stroke: stroke})
	x, y, r := l.x(m, axis, a.at[axis]), l.y(axis, a.distance), 0.27*l.base
	p.Disc(x, y, r+1.2, picture.InkPaper)
	p.Disc(x, y, r, inkOfLane(lane))
}

// levelNear is the distance that counts as arrived, where the axis shows it, or 0.
func (m *Race) levelNear(l *layout) float64 {
	if m.goal == picture.Unknown {
		return 0
	}
	return l.within(m.near)
}

// levelApart is how far from the goal a run ends that is headed elsewhere, where
// the axis shows it, or 0.
func (m *Race) levelApart(lane int, l *layout) float64 {
	if m.goal == picture.Unknown || m.lanes[lane].missing != "" {
		return 0
	}
	return l.within(m.lanes[lane].apart)
}

func (l *layout) within(d float64) float64 {
	if d <= math.Pow10(l.bottom) || math.Log10(d) > l.high {
		return 0
	}
	return d
}

// level draws a line at a distance, if it is above 0.
func (l *layout) level(p *picture.Picture, axis int, d float64, style picture.Mark) {
	if d > 0 {
		b, y := l.plots[axis], l.y(axis, d)
		p.Segment(b.X, y, b.X+b.W, y, style)
	}
}

// beside names the line at a distance: above or below it, at the left or the
// right.
func (l *layout) beside(p *picture.Picture, t picture.Label, axis int, d float64, obstacles []picture.Point) {
	if d <= 0 {
		return
	}
	b, y, line := l.plots[axis], l.y(axis, d), picture.LineHeight*l.small
	t.W = min(1.03*picture.TextWidth(t.Text, t.Size, t.Bold)+4, b.W-8)
	best := chart.Search{Cost: math.Inf(1)}
	for i, x := range [...]float32{b.X + 6, b.X + b.W - t.W - 4, b.X + 0.3*(b.W-t.W), b.X + 0.6*(b.W-t.W)} {
		for k, top := range [...]float32{y - line - 1, y + 1} {
			if top < b.Y || top+line > b.Y+b.H {
				continue
			}
			t.X, t.Y = x, top
			best.Consider(p, t, obstacles, float64(i+k))
		}
	}
	best.Place(p)
}

// curveName is a run's name; where it has generated nothing, it says so.
func (v *View) curveName(m *Race, lane, axis int) string {
	a := &m.lanes[lane]
	if n := len(a.x[axis]); axis == overReplies && n > 0 && a.x[axis][n-1] == 0 {
		return v.none[lane]
	}
	return a.name
}

// nameCurve writes a run's name beside its path.
func (l *layout) nameCurve(p *picture.Picture, m *Race, lane, axis int, name string, obstacles []picture.Point) {
	a := &m.lanes[lane]
	n := min(len(a.path), len(a.x[axis]))
	if a.missing != "" || n == 0 {
		return
	}
	b, line := l.plots[axis], picture.LineHeight*l.base
	t := picture.Label{Text: name, Size: 0.9 * l.base, Ink: inkOfLane(lane), Bold: true}
	t.W = 1.04*picture.TextWidth(t.Text, t.Size, true) + 4
	best, last := chart.Search{Cost: math.Inf(1)}, picture.Point{-1e9, 0}
	for i := range n {
		at := picture.Point{l.x(m, axis, a.x[axis][i]), l.y(axis, a.path[i])}
		if max(at.X-last.X, at.Y-last.Y, last.Y-at.Y) < 0.05*b.W {
			continue
		}
		last = at
		for k, q := range [...]picture.Point{{at.X + 7, at.Y - line}, {at.X + 7, at.Y}, {at.X - t.W - 7, at.Y}, {at.X - t.W - 7, at.Y - line}} {
			if q.X < b.X+2 || q.X+t.W > b.X+b.W || q.Y < b.Y || q.Y+line > b.Y+b.H {
				continue
			}
			t.X, t.Y = q.X, q.Y
			best.Consider(p, t, obstacles, float64(k)+l.strangeness(m, &t, lane, axis))
		}
	}
	best.Place(p)
}

// strangeness is how much nearer to the other run's path a name is than a name
// should be.
func (l *layout) strangeness(m *Race, t *picture.Label, lane, axis int) float64 {
	a := &m.lanes[1-lane]
	n := min(len(a.path), len(a.x[axis]))
	if a.missing != "" || n == 0 {
		return 0
	}
	x, y, nearest := t.X+t.W/2, t.Y+0.6*t.Size, float32(1e9)
	for i := 0; i < n; i += 4 {
		dx, dy := l.x(m, axis, a.x[axis][i])-x, l.y(axis, a.path[i])-y
		nearest = min(nearest, dx*dx+dy*dy)
	}
	return 60 * float64(picture.Clamp(1-nearest/(16*t.Size*t.Size), 0, 1))
}

// ring marks the place from where on a run stays near the goal.
func (v *View) ring(p *picture.Picture, m *Race, lane, axis int, l *layout) {
	if !v.hasArrived(m, &m.lanes[lane]) {
		return
	}
	x, y, r := l.x(m, axis, m.lanes[lane].arrived[axis]), l.y(axis, m.near), 0.3*l.base
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkPaper, Alpha: 1, X: x, Y: y, R: r},
		picture.Mark{Kind: picture.KindDisc, Ink: inkOfLane(lane), Alpha: 1, Stroke: 1.6, X: x, Y: y, R: r})
}

// nameArrival writes, at the ring, after how many updates or replies that was.
func (v *View) nameArrival(p *picture.Picture, m *Race, lane, axis int, l *layout, obstacles []picture.Point) {
	a := &m.lanes[lane]
	if !v.hasArrived(m, a) {
		return
	}
	x, y, r := l.x(m, axis, a.arrived[axis]), l.y(axis, m.near), 0.3*l.base
	ring := ring{a.arrived[axis], a.several}
	t := picture.Label{Text: v.arrival[lane][axis].Say(ring, func() string { return ring.text(v.words) }), Size: l.small, Ink: inkOfLane(lane), Bold: true}
	t.W = 1.08*picture.TextWidth(t.Text, t.Size, true) + 4
	b, line := l.plots[axis], picture.LineHeight*l.small
	best := chart.Search{Cost: math.Inf(1)}
	for k, q := range [...]picture.Point{{x + r + 2, y - line}, {x + r + 2, y + 2}, {x - r - 2 - t.W, y + 2}, {x - r - 2 - t.W, y - line},
		{x - t.W/2, y + r + 2}, {x - t.W/2, y - r - 2 - line}, {x + 2*r + 2, y - line/2}} {
		if q.X < b.X+1 || q.X+t.W > b.X+b.W || q.Y < b.Y || q.Y+line > b.Y+b.H {
			continue
		}
		t.X, t.Y = q.X, q.Y
		best.Consider(p, t, obstacles, float64(k))
	}
	best.Place(p)
}
