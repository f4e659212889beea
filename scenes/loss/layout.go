package loss

import (
	"math"

	"dpoplayground/core/objective"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// layout places the loss view: notes on top, the plot and under it the strip
// of pushes, and beside or below them the numbers of the picked pair.
type layout struct {
	w, h        float32
	unit        float32 // what grows with the picture: 1 on a laptop
	size, line  float32 // of text
	wide        bool    // the numbers stand beside the plot
	noteLines   int
	plot, strip picture.Bar // strip.H is 0 where there is no room for it
	gutter      float32
	block       picture.Bar // of the numbers
	titleLines  int
	columns     int
	rows        int
	span        span
	low         float64 // loss at the foot of the plot, a little below the axis' end
	curve       objective.LossCurve
	bead        float32 // radius of a bead that is all votes
	reach       float32 // length of the longest arrow
}

const (
	text       = 12   // the smallest font
	stripShare = 0.27 // of the plot
	leastFoot  = 0.07 // of the loss axis, below its low end
	mostFoot   = 0.55
	leastStrip = 52 // pixels
	leastBead  = 2.6
	rowSpacing = 1.42 // between the numbers' lines, in font sizes
)

func newLayout(v *View, m *Loss, w, h float32) layout {
	font := m.Font
	if font <= 0 {
		font = picture.PageFont
	}
	l := layout{w: w, h: h, span: m.span, curve: m.curve}
	l.unit = picture.Clamp(min(w/640, h/420), 0.9, 1.7)
	l.size = max(min(max(0.78*font, 11.6*l.unit), h/26, w/27), text)
	l.line = picture.LineHeight * l.size
	l.wide = w >= 44*l.size && h >= 17*l.size
	v.layRows(m)
	head := l.layNotes(v, m)
	area := picture.Bar{0, head, w, h - head}
	if m.hasPicked && m.beadCount > 0 {
		area = l.layBlock(v, area)
	}
	l.layPlot(v, m, area)
	return l
}

// layNotes joins the notes and finds how much of the height they take.
func (l *layout) layNotes(v *View, m *Loss) float32 {
	if v.kept.edition != m.edition || v.note == "" {
		v.note = ""
		for _, n := range m.notes {
			if v.note != "" {
				v.note += " "
			}
			v.note += n
		}
	}
	most := int(picture.Clamp(0.2*l.h/l.line, 1, 4))
	note := picture.Wrap(v.note, l.size, false, l.w-2*picture.PageMargin, most)
	if l.noteLines = note.N; l.noteLines == 0 {
		return 0
	}
	return float32(l.noteLines)*l.line + 0.4*l.line
}

// layBlock gives the numbers their place, and returns what is left.
func (l *layout) layBlock(v *View, area picture.Bar) picture.Bar {
	n, row := len(v.rows), rowSpacing*l.size
	l.columns, l.titleLines = 1, 1
	if l.wide {
		if l.h >= 40*l.size {
			l.titleLines = 2
		}
		wide := picture.Clamp(0.27*l.w, 14.5*l.size, 21*l.size)
		l.block = picture.Bar{l.w - wide - picture.PageMargin, area.Y + 2, wide, area.H - 4}
		l.rows = min(n, int((l.block.H-l.blockHead())/row))
		area.W -= wide + 2.2*picture.PageMargin
		return area
	}
	l.columns = 2
	if l.w < 26*l.size {
		l.columns = 1
	}
	lines := min((n+l.columns-1)/l.columns, max(1, int((0.4*area.H-l.blockHead())/row)))
	l.rows = min(n, lines*l.columns)
	high := l.blockHead() + float32(lines)*row + 4
	if list := listHead*l.line + mostHardest*l.listItem(); area.H-high-list >= 19*l.size {
		high += list
	}
	l.block = picture.Bar{picture.PageMargin, area.Y + area.H - high, l.w - 2*picture.PageMargin, high}
	area.H -= high + 4
	return area
}

// listHead is what stands above the list of the pairs that are pulled hardest, in
// lines.
const listHead = 2.3

// listItem is the height of one of them.
func (l *layout) listItem() float32 { return 2*l.line + 8 }

// blockHead is the height of what stands above the numbers: the pair, and its
// votes.
func (l *layout) blockHead() float32 {
	return float32(2*l.titleLines)*l.line + 1.6*l.line
}

// layPlot divides an area into the plot, the strip and their axes.
func (l *layout) layPlot(v *View, m *Loss, area picture.Bar) {
	left := v.tickRoom(l)
	l.gutter = l.endRoom(v, m, 0.3*area.W)
	top, foot := area.Y+l.line+5, area.Y+area.H-2.5*l.line-4
	l.plot = picture.Bar{left, top, max(area.W-left-l.gutter-6, 20), max(foot-top, 20)}
	if high := stripShare * l.plot.H; high >= max(leastStrip, 3.6*l.line) {
		gap := l.line + 9
		l.strip = picture.Bar{l.plot.X, foot - high, l.plot.W, high}
		l.plot.H -= high + gap
	}
	least := min(l.plot.W, l.plot.H)
	l.bead, l.reach = 0.13*least, 0.42*least
	l.low = l.span.low - l.footRoom(m)*(l.span.high-l.span.low)
}

// tickRoom is how wide the numbers at the vertical axes are.
func (v *View) tickRoom(l *layout) float32 {
	if v.ticks.span == l.span && v.ticks.size == l.size {
		return v.ticks.room
	}
	room := l.size * 2
	s := &l.span
	for _, x := range [...]float64{s.low, s.high, s.low + s.step} {
		room = max(room, picture.TextWidth(l.tick(x, s.step), l.size, false)+10)
	}
	for _, x := range [...]float64{s.pushLow, s.pushHigh, s.pushLow + s.pushStep} {
		room = max(room, picture.TextWidth(l.tick(x, s.pushStep), l.size, false)+10)
	}
	v.ticks.span, v.ticks.size, v.ticks.room = l.span, l.size, room
	return room
}

// footRoom is how far below its axis the plot goes so that the other curves end
// beside it, as a share of the axis.
func (l *layout) footRoom(m *Loss) float64 {
	room := leastFoot
	for i := range m.others {
		if v := m.others[i].at(&m.curve, l.span.h); chart.Legible(v) {
			room = max(room, (l.span.low-v)/(l.span.high-l.span.low)+0.02)
		}
	}
	return min(room, mostFoot)
}

// endRoom is how wide the names at the curves' ends are, at most a limit.
func (l *layout) endRoom(v *View, m *Loss, limit float32) float32 {
	if !m.curved() {
		return l.size
	}
	room := picture.TextWidth(m.name, l.size, true)
	if len(m.others) > 1 {
		room = max(room, picture.TextWidth(v.phrases.alike, l.size, false))
	}
	for i := range m.others {
		room = max(room, picture.TextWidth(m.others[i].name, l.size, false))
	}
	return min(room+14, limit)
}

func (l *layout) tick(v, step float64) string { return (&chart.Chart{}).Tick(v, step) }

// x and y are the place of a gap and of a loss in the plot.
func (l *layout) x(h float64) float32 {
	return l.plot.X + l.plot.W*float32(min(max((h/l.span.h+1)/2, 0), 1))
}

func (l *layout) y(loss float64) float32 {
	share := (loss - l.low) / (l.span.high - l.low)
	return l.plot.Y + l.plot.H*float32(1-min(max(share, 0), 1))
}

// pushY is the place of a push in the strip.
func (l *layout) pushY(push float64) float32 {
	share := (push - l.span.pushLow) / (l.span.pushHigh - l.span.pushLow)
	return l.strip.Y + l.strip.H*float32(1-min(max(share, 0), 1))
}

// foot is the y of the axis of h.
func (l *layout) foot() float32 {
	if l.strip.H > 0 {
		return l.strip.Y + l.strip.H
	}
	return l.plot.Y + l.plot.H
}

func (l *layout) notes(p *picture.Picture, note string) {
	if l.noteLines > 0 {
		p.Text(picture.Label{X: picture.PageMargin, Y: 2, W: l.w - 2*picture.PageMargin, Text: note, Size: l.size, Lines: l.noteLines, Ink: picture.InkSoft})
	}
}

// axes draws hairlines, ticks and what is measured.
func (l *layout) axes(p *picture.Picture, words words.Words, m *Loss) {
	if m.beadCount == 0 && !m.curved() {
		return
	}
	l.scale(p, l.plot, l.span.low, l.span.high, l.span.step, l.y)
	p.Text(l.heading(l.plot.Y, words.Say("loss.y"), ""))
	if l.strip.H > 0 {
		l.scale(p, l.strip, l.span.pushLow, l.span.pushHigh, l.span.pushStep, l.pushY)
		p.Text(l.heading(l.strip.Y, words.Say("loss.push"), words.Say("loss.push.short")))
		zero := l.pushY(0)
		p.Segment(l.strip.X, zero, l.strip.X+l.strip.W, zero, picture.Mark{Ink: picture.InkSoft, Alpha: 0.8, Stroke: 1})
	}
	foot := l.foot()
	p.Segment(l.plot.X, foot, l.plot.X+l.plot.W, foot, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	l.gaps(p, foot)
	l.under(p, words, m)
	l.origin(p)
}

// gaps draws the ticks of h, and writes as many of them as have room.
func (l *layout) gaps(p *picture.Picture, foot float32) {
	step := roundDown(l.span.h / 2)
	apart := l.x(step) - l.x(0)
	every := 1
	for widest := picture.TextWidth(l.tick(-step, step), l.size, false) + 8; float32(every)*apart < widest && every < 4; {
		every *= 2
	}
	for i := -4; i <= 4; i++ {
		h := float64(i) * step
		if math.Abs(h) > l.span.h*1.0001 {
			continue
		}
		x := l.x(h)
		if i != 0 {
			p.Segment(x, l.plot.Y, x, l.plot.Y+l.plot.H, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
		}
		p.Segment(x, foot, x, foot+4, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
		if i%every != 0 {
			continue
		}
		text := l.tick(h, step)
		wide := picture.TextWidth(text, l.size, false) + 2
		p.Text(picture.Label{X: picture.Clamp(x-wide/2, 0, l.w-wide), Y: foot + l.line/2 - 0.5, W: wide, Text: text, Size: l.size, Ink: picture.InkSoft, Align: picture.AlignCentre})
	}
}

// scale draws one vertical axis.
func (l *layout) scale(p *picture.Picture, b picture.Bar, low, high, step float64, y func(float64) float32) {
	apart := float32(step/(high-low)) * b.H
	for every := 1.0; ; every++ {
		if apart*float32(every) >= 1.15*l.line || every*step >= high-low {
			step *= every
			break
		}
	}
	for i := math.Ceil(low/step - 1e-9); i*step <= high*(1+1e-9)+1e-12*step; i++ {
		at := y(i * step)
		p.Segment(b.X, at, b.X+b.W, at, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
		text := picture.Label{X: 1, Y: picture.Clamp(at-l.line/2, b.Y-l.line/2, b.Y+b.H-l.line/2), W: b.X - 6, Text: l.tick(i*step, step), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignEnd}
		p.Text(text)
	}
}

// heading is what a vertical axis measures, above it; shorter if it must be.
func (l *layout) heading(top float32, text, short string) picture.Label {
	if short != "" && picture.TextWidth(text, l.size, false) > l.plot.W {
		text = short
	}
	return picture.Label{X: l.plot.X, Y: top - l.line - 3, W: l.plot.W, Text: text, Size: l.size, Ink: picture.InkSoft}
}

// under writes what the axis of h measures, and where there is room which way
// is right.
func (l *layout) under(p *picture.Picture, words words.Words, m *Loss) {
	key := "loss.x"
	if m.rewards {
		key = "loss.x.rewards"
	}
	t := picture.Label{Y: l.foot() + 1.5*l.line + 1, Text: words.Say(key), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignCentre}
	t.W = min(picture.TextWidth(t.Text, t.Size, false)+2, l.plot.W+l.gutter)
	t.X = picture.Clamp(l.plot.X+l.plot.W/2-t.W/2, 1, l.w-t.W-1)
	p.Text(t)
	for i, key := range [2]string{"loss.wrong", "loss.right"} {
		e := picture.Label{Y: t.Y, Text: words.Say(key), Size: l.size, Ink: [2]picture.Ink{picture.InkRejected, picture.InkChosen}[i]}
		e.W = picture.TextWidth(e.Text, e.Size, false) + 2
		e.X = l.plot.X
		if i == 1 {
			e.X = l.plot.X + l.plot.W - e.W
		}
		if p.IsFree(e.Box().Shrunk(-2)) {
			p.Text(e)
		}
	}
}

// origin draws the line h = 0, where every run starts.
func (l *layout) origin(p *picture.Picture) {
	x, dashed := l.x(0), picture.Mark{Ink: picture.InkReference, Alpha: 1, Stroke: 1, Dash: 3}
	p.Segment(x, l.plot.Y, x, l.plot.Y+l.plot.H, dashed)
	if l.strip.H > 0 {
		p.Segment(x, l.strip.Y, x, l.strip.Y+l.strip.H, dashed)
	}
}

// start marks where every run starts, on the curve.
func (l *layout) start(p *picture.Picture, w words.Words, m *Loss) {
	if !m.curved() {
		return
	}
	base, _ := m.curve.At(0)
	x := l.x(0)
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkReference, Alpha: 1, Stroke: 1.4, X: x, Y: l.y(base), R: 3.5 * l.unit})
	key := "loss.start"
	if m.rewards {
		key = "loss.start.rewards"
	}
	t := picture.Label{Text: w.Say(key, "loss", words.Short(base)), Size: l.size, Ink: picture.InkSoft}
	t.W = picture.TextWidth(t.Text, t.Size, false) + 2
	foot := l.plot.Y + l.plot.H - l.line - 2
	for _, q := range [...]picture.Point{{x + 6, l.plot.Y + 2}, {x + 6, l.plot.Y + 2 + l.line}, {x - t.W - 6, foot}, {x + 6, foot}, {x - t.W - 6, l.y(base) + l.line}, {x + 6, l.y(base) - 2*l.line}} {
		if t.X, t.Y = q.X, q.Y; t.X >= l.plot.X && t.X+t.W <= l.w && p.IsFree(t.Box()) && !p.Crossed(t.Box()) {
			p.Text(t)
			return
		}
	}
}

// legend says what an arrow's length and a bead's area stand for, in a corner
// of the plot that the curves leave free, in fewer words where there is less room.
func (l *layout) legend(p *picture.Picture, w words.Words, m *Loss) {
	if m.beadCount == 0 {
		return
	}
	pull := roundDown(l.span.full * 0.45)
	e := legend{long: float32(pull/l.span.full) * l.reach, radius: l.radius(0.1), ring: w.Say("loss.legend.votes", "n", "10")}
	for try := range 4 {
		e.arrow = w.Say([2]string{"loss.legend.pull", "loss.legend.pull.short"}[try%2], "n", words.Digits(pull, 1))
		e.measure(l)
		right, top, foot := l.plot.X+l.plot.W-e.box.W, l.plot.Y+1.4*l.line, l.plot.Y+l.plot.H-e.box.H-4
		for _, at := range [...]picture.Point{{l.plot.X + 4, foot}, {right, top}, {l.plot.X + 4, top}, {right, foot}} {
			e.box.X, e.box.Y = at.X, at.Y
			astride := e.box.X < l.x(0) && e.box.X+e.box.W > l.x(0)
			if p.IsFree(e.box) && !p.Crossed(e.box) && e.box.X >= l.plot.X && e.box.Y >= l.plot.Y && (!astride || try > 1) {
				e.draw(p, l)
				return
			}
		}
	}
}

// A legend is an arrow and a ring with their words.
type legend struct {
	long, radius float32
	arrow, ring  string
	box          picture.Bar
	mark         float32 // width of arrow and ring
}

func (e *legend) measure(l *layout) {
	e.mark = max(e.long, 2*e.radius)
	e.box.W = e.mark + 8 + max(picture.TextWidth(e.arrow, l.size, false), picture.TextWidth(e.ring, l.size, false)) + 6
	e.box.H = max(l.line, 2*e.radius+2) + l.line
}

func (e *legend) draw(p *picture.Picture, l *layout) {
	right, y := e.box.X+2+e.mark, e.box.Y+l.line/2
	p.Segment(right-e.long, y, right, y, picture.Mark{Ink: picture.InkPolicy, Alpha: 0.9, Stroke: 1.4, Arrow: true})
	p.Text(picture.Label{X: right + 6, Y: e.box.Y, W: e.box.W - e.mark - 8, Text: e.arrow, Size: l.size, Ink: picture.InkSoft})
	y = e.box.Y + l.line + (e.box.H-l.line)/2
	l.ring(p, right-e.radius, y, e.radius, picture.InkPolicy, false)
	p.Text(picture.Label{X: right + 6, Y: y - l.line/2, W: e.box.W - e.mark - 8, Text: e.ring, Size: l.size, Ink: picture.InkSoft})
}

// roundDown is the largest of 1, 2 and 5 times a power of ten that is not above x.
func roundDown(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range [...]float64{5, 2} {
		if m*power <= x {
			return m * power
		}
	}
	return power
}

// radius is that of a bead of a share of the votes: its area is the share.
func (l *layout) radius(share float64) float32 {
	return max(l.bead*float32(math.Sqrt(share)), leastBead)
}
