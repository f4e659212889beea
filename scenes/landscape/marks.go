package landscape

import (
	"math"

	"dpoplayground/core/landscape"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

func cbrt(x float32) float32 { return float32(math.Cbrt(float64(x))) }

// curve draws where the optimum is over β.
func (v *View) curve(p *picture.Picture, m *Landscape, l *layout) {
	if len(m.Curve) < 2 {
		return
	}
	from := len(p.Points)
	for i := range m.Curve {
		p.Points = append(p.Points, l.at(m.Curve[i].at))
	}
	p.Polyline(from, picture.Mark{Ink: picture.InkDeep, Alpha: 0.45, Stroke: 3.4 * l.unit})
	p.Polyline(from, picture.Mark{Ink: picture.InkPale, Alpha: 1, Stroke: 1.5 * l.unit, Dash: 5 * l.unit})
	last := picture.Point{X: -1e9}
	for i := range m.Curve {
		if at := p.Points[from+i]; tickOf(m.Curve[i].beta) >= 0 && l.isClear(m, at) && between(at, last) > 9*l.unit {
			last = at
			p.Disc(at.X, at.Y, 2.9*l.unit, picture.InkDeep)
			p.Disc(at.X, at.Y, 2*l.unit, picture.InkPale)
		}
	}
}

// between is how far two points are apart.
func between(a, b picture.Point) float32 { return picture.Hypot(a.X-b.X, a.Y-b.Y) }

// isClear tells that a place is not within a label's reach of a corner, or of a
// marker that stays while the run goes on.
func (l *layout) isClear(m *Landscape, at picture.Point) bool {
	reach := max(14*l.unit, 1.3*l.line)
	for i := range 3 {
		var corner [3]float64
		if corner[i] = 1; between(at, l.share(corner)) < reach {
			return false
		}
	}
	for n := range policyMarker {
		if shares, is := m.marker(n); is && between(at, l.share(shares)) < reach {
			return false
		}
	}
	return true
}

// tickOf is which of the ticks of β a β of the curve is, or −1.
func tickOf(beta float64) int {
	for i, t := range chart.BetaTicks {
		if math.Abs(beta-t.Beta) < 1e-9 {
			return i
		}
	}
	return -1
}

// path draws the way of the run.
func (l *layout) path(p *picture.Picture, m *Landscape) {
	if len(m.path) < 2 {
		return
	}
	from := len(p.Points)
	for _, q := range m.path {
		p.Points = append(p.Points, l.at(q))
	}
	p.Polyline(from, picture.Mark{Ink: picture.InkPale, Alpha: 0.92, Stroke: 5 * l.unit})
	p.Polyline(from, picture.Mark{Ink: picture.InkPolicy, Alpha: 1, Stroke: 2.6 * l.unit})
}

// The markers, in the order in which they are drawn and named.
const (
	referenceMarker = iota
	startMarker
	optimumMarker
	policyMarker
	markerNames
)

// marker returns where a marker is, and whether it is there at all: shares of
// nothing are not.
func (m *Landscape) marker(n int) (shares [3]float64, is bool) {
	switch n {
	case referenceMarker:
		shares, is = m.reference, true
	case startMarker:
		shares, is = m.start, m.elsewhere
	case optimumMarker:
		shares, is = m.optimum, m.reached != picture.Unknown
	default:
		shares, is = m.policy, true
	}
	return shares, is && shares[0] == shares[0] && shares[1] == shares[1]
}

func (v *View) markers(p *picture.Picture, m *Landscape, l *layout) {
	for n := range markerNames {
		if at, is := m.marker(n); is {
			l.markers[l.marked] = l.share(at)
			l.mark(p, n, l.markers[l.marked], m.reached)
			l.marked++
		}
	}
}

// mark draws a marker. Pale rims lift them off the colours.
func (l *layout) mark(p *picture.Picture, n int, at picture.Point, reached picture.Reached) {
	u := l.unit
	switch n {
	case referenceMarker:
		p.Disc(at.X, at.Y, 7.5*u, picture.InkPale)
		p.Ring(at, 5.2*u, 2.4*u, picture.InkReference)
	case startMarker:
		p.Disc(at.X, at.Y, 5.5*u, picture.InkPale)
		p.Ring(at, 3.8*u, 2*u, picture.InkPolicy)
	case optimumMarker:
		p.Optimum(at.X, at.Y, 7.5*u, 1.8*u, reached)
	case policyMarker:
		p.Disc(at.X, at.Y, 7.2*u, picture.InkPale)
		p.Disc(at.X, at.Y, 5.4*u, picture.InkPolicy)
	}
}

// corners names the replies, with the policy's probability of each.
func (v *View) corners(p *picture.Picture, m *Landscape, l *layout) {
	for i := range m.replies {
		p.Text(l.values[i])
		p.Text(l.names[i])
	}
}

// legendText is what stands beside the bar of colours.
type legendText struct {
	made   bool
	digits int
	text   [5]string
}

// make writes losses along the scale with as many digits as tell them apart.
func (t *legendText) make(s *reliefScale) {
	var loss [len(t.text)]float64
	apart, size := math.Inf(1), 0.0
	for i := range loss {
		loss[i] = s.loss(float64(i) / float64(len(loss)-1))
		size = max(size, math.Abs(loss[i]))
		if i > 0 {
			apart = min(apart, loss[i]-loss[i-1])
		}
	}
	t.made, t.digits = true, 3
	for t.digits < 7 && apart > 0 && size > apart*math.Pow(10, float64(t.digits)) {
		t.digits++
	}
	for i, x := range loss {
		t.text[i] = words.Digits(x, t.digits)
	}
}

// legend draws the bar of colours, with losses beside it.
func (v *View) legend(p *picture.Picture, m *Landscape, l *layout) {
	bar := l.legend
	v.legendBar(p, bar)
	s := &v.relief.scale
	if !v.scale.made {
		v.scale.make(s)
	}
	now := math.NaN()
	if chart.Legible(m.Loss) {
		now = s.place(m.Loss)
	}
	for i, text := range v.scale.text {
		t := float64(i) / 4
		near := math.Abs(now-t)*float64(bar.H) < float64(l.line)
		if t > 0 && t < 1 && (bar.H < 5*l.line && i != 2 || s.isFlat()) || near || s.isFlat() && i > 0 {
			continue
		}
		l.tick(p, bar, t, picture.Label{Text: text, Ink: picture.InkSoft})
	}
	if now == now {
		l.tick(p, bar, now, picture.Label{Text: v.write(m.Loss), Ink: picture.InkPolicy, Bold: true})
	}
	key := "landscape.loss"
	if m.Reward {
		key = "landscape.reward"
	}
	title := picture.Label{Text: v.words[key], Size: l.size, Ink: picture.InkText}
	title.W = picture.TextWidth(title.Text, l.size, false) + 2
	title.X, title.Y = min(bar.X, l.w-title.W-2), bar.Y-1.5*l.line-2
	p.Text(title)
}

// legendBar draws the colours, low at the foot.
func (v *View) legendBar(p *picture.Picture, bar picture.Bar) {
	const steps = 64
	from := len(p.Cells)
	for i := range steps {
		p.Cells = append(p.Cells, v.relief.colours.At(1-float64(i)/(steps-1)))
	}
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindGrid, Alpha: 1, X: bar.X, Y: bar.Y, W: bar.W, H: bar.H, From: from, To: len(p.Cells), Columns: 1, Rows: steps})
	for i := 1; i < levels; i++ {
		y := bar.Y + bar.H*(1-float32(i)/levels)
		p.Segment(bar.X, y, bar.X+bar.W, y, picture.Mark{Ink: onShade(float64(i) / levels), Alpha: 0.34, Stroke: 1})
	}
	p.Outline(bar, picture.InkSoft, 1, 0, 0)
}

// tick writes a loss beside its colour.
func (l *layout) tick(p *picture.Picture, bar picture.Bar, t float64, text picture.Label) {
	y := bar.Y + bar.H*float32(1-t)
	right := bar.X + bar.W
	if text.Bold {
		p.Segment(bar.X-3, y, right+4, y, picture.Mark{Ink: picture.InkPale, Alpha: 1, Stroke: 4})
		p.Segment(bar.X-3, y, right+4, y, picture.Mark{Ink: picture.InkPolicy, Alpha: 1, Stroke: 2})
	} else {
		p.Segment(right, y, right+3, y, picture.Mark{Ink: picture.InkSoft, Alpha: 1, Stroke: 1})
	}
	text.Size = l.size
	text.X, text.Y, text.W = right+6, y-l.line/2, l.w-right-7
	p.Text(text)
}

// names writes beside the markers what they are.
func (v *View) names(p *picture.Picture, m *Landscape, l *layout) {
	for n := markerNames - 1; n >= 0; n-- {
		shares, is := m.marker(n)
		if !is {
			continue
		}
		t := picture.Label{Text: v.markerName(n, m), Size: l.size, Ink: picture.InkText, Bold: n == policyMarker}
		v.sides[n] = l.beside(p, t, l.share(shares), 9*l.unit, v.sides[n], 5e5)
	}
	v.nameTicks(p, m, l)
}

// nameTicks writes βs along the curve, apart from each other and from what else
// is marked: the optimum's own name has the present one.
func (v *View) nameTicks(p *picture.Picture, m *Landscape, l *layout) {
	last := picture.Point{X: -1e9}
	for i := range m.Curve {
		at := l.at(m.Curve[i].at)
		tick := tickOf(m.Curve[i].beta)
		if tick < 0 || between(at, last) < 3*l.line || !l.isClear(m, at) {
			continue
		}
		last = at
		l.beside(p, picture.Label{Text: v.ticks[tick], Size: 0.88 * l.size, Ink: picture.InkText}, at, 7*l.unit, -1, overMarker)
	}
}

// overMarker is what it costs a label to lie over a marker's middle.
const overMarker = 100

// markerName is what a marker is called.
func (v *View) markerName(n int, m *Landscape) string {
	switch n {
	case referenceMarker:
		return v.words["landscape.marker.reference"]
	case startMarker:
		return v.words["landscape.marker.start"]
	case policyMarker:
		return v.words["landscape.marker.policy"]
	}
	if m.reached == picture.NeverReached {
		return v.words["landscape.marker.limit"]
	}
	return v.beta.Say(m.beta, func() string { return v.words.Say("landscape.marker.optimum", "beta", chart.BetaText(m.beta)) })
}

// beside writes a label on the side of a place where it covers least, rather on
// the side where it was, and returns that; or leaves it out where that costs most
// or more, as to cover another does. A plate of paper lifts it off the colours.
func (l *layout) beside(p *picture.Picture, t picture.Label, at picture.Point, aside float32, was int, most float64) int {
	t.W = picture.TextWidth(t.Text, t.Size, t.Bold) + 2
	line := picture.LineHeight * t.Size
	best, side := chart.Search{Cost: math.Inf(1)}, was
	for i, q := range [...]picture.Point{{aside, -line / 2}, {-aside - t.W, -line / 2}, {-t.W / 2, -aside - line}, {-t.W / 2, aside},
		{0.7 * aside, -0.7*aside - line}, {-0.7*aside - t.W, -0.7*aside - line}, {0.7 * aside, 0.7 * aside}, {-0.7*aside - t.W, 0.7 * aside}} {
		t.X, t.Y = at.X+q.X, at.Y+q.Y
		box := picture.Bar{t.X - 3, t.Y, t.W + 6, line}
		if box.X < 2 || box.X+box.W > l.w-2 || box.Y < 1 || box.Y+line > l.h-1 || box.Overlaps(l.legend, -4) {
			continue
		}
		cost := float64(i)
		for _, q := range l.markers[:l.marked] {
			if box.Overlaps(picture.Bar{q.X, q.Y, 0, 0}, -6*l.unit) {
				cost += overMarker
			}
		}
		if i == was {
			cost -= 60
		}
		before := best.Cost
		best.Consider(p, t, nil, cost)
		if best.Cost < before {
			side = i
		}
	}
	if best.Cost >= most {
		return was
	}
	box := best.Label.Box()
	p.Rect(picture.Bar{box.X - 3, box.Y + 0.04*t.Size, box.W + 6, box.H - 0.08*t.Size}, picture.InkPaper, 0.86, 4)
	p.Text(best.Label)
	return side
}

// captionOf says what of the picture is not seen in it.
func (v *View) captionOf(m *Landscape) string {
	switch {
	case m.None != landscape.FieldShown:
		return v.words["landscape.none."+string(m.None)]
	case m.Held == 0:
		return ""
	}
	return v.caption(m)
}

// A written number has so many digits.
type written struct {
	x      float64
	digits int
}

// write returns the loss at the policy as text.
func (v *View) write(loss float64) string {
	now := written{loss, v.scale.digits}
	return v.loss.Say(now, func() string { return words.Digits(now.x, now.digits) })
}
