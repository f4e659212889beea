package frontier

import (
	"math"

	"dpoplayground/core/frontier"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// layout is where the plot lies and what its axes span.
type layout struct {
	w, h               float32
	plot               picture.Bar
	kl                 float64 // at the right end
	root               bool    // across is √KL, which gives the hump near the reference room
	low, high          float64
	klStep, rewardStep float64 // between round values
	size, headSize     float32 // of text
	headLines          int
	noteY              float32
	unit               float32 // what grows with the picture: 1 on a laptop
}

// The room around what the axes hold, as shares of it: below for the
// reference's name, above so that the beyond is seen.
const (
	roomBelow = 0.07
	roomAbove = 0.16
	roomRight = 0.04
)

// lay places the picture: what is said above, then the plot.
func (v *View) lay(m *Frontier, w, h float32) layout {
	e := m.extent
	l := layout{w: w, h: h, size: text(m.Font, w), kl: e.kl * (1 + roomRight), root: m.rooted(), unit: picture.Clamp(min(w/640, h/420), 0.9, 1.6)}
	l.size = min(l.size, max(h/24, 11.5))
	l.headSize = max(1.2*l.size, 13)
	span := e.high - e.low
	if !(span > 1e-12*max(math.Abs(e.high), 1e-6)) {
		span = max(math.Abs(e.high), 1)
	}
	l.low, l.high = e.low-roomBelow*span, e.high+roomAbove*span
	if !(l.kl > 1e-9) {
		l.kl = 1
	}
	line := picture.LineHeight * l.size
	l.headLines = min(picture.Wrap(v.longestHead(m), l.headSize, true, w-2-picture.PageMargin, 4).N, 3)
	l.noteY = 4 + float32(l.headLines)*picture.LineHeight*l.headSize + 2
	top := l.noteY + 0.4*line
	if m.note != "" {
		note := l.note(m)
		top += note.Box().H
	}
	foot := h - 2*line - 8
	top = min(top+1.2*line, max(foot-0.4*h, line))
	l.rewardStep = chart.RoundStep((l.high - l.low) / float64(picture.Clamp((foot-top)/(3.2*line), 2, 7)))
	left := 10 + max(picture.TextWidth(l.tick(l.low), l.size, false), picture.TextWidth(l.tick(l.high), l.size, false))
	l.plot = picture.Bar{left, top, w - left - picture.PageMargin, foot - top}
	l.klStep = chart.RoundStep(l.kl / float64(picture.Clamp(l.plot.W/(5.5*l.size), 2, 9)))
	return l
}

// note is the sentence under the head.
func (l *layout) note(m *Frontier) picture.Label {
	return picture.Label{X: 2, Y: l.noteY, W: l.w - 2 - picture.PageMargin, Text: m.note, Size: l.size, Lines: 3, Ink: picture.InkSoft}
}

func (l *layout) tick(v float64) string {
	if math.Abs(v) < 1e-9*l.rewardStep {
		v = 0
	}
	return (&chart.Chart{}).Tick(v, l.rewardStep)
}

func (l *layout) x(kl float64) float32 {
	share := min(max(kl/l.kl, 0), 1)
	if l.root {
		share = math.Sqrt(share)
	}
	return l.plot.X + l.plot.W*float32(share)
}

// rooted tells that the axis of KL is a square root's: where the optimum with
// the most reward lies so near the reference that it would not be seen. It hangs
// on the curves alone, so that a run does not change the axis.
func (m *Frontier) rooted() bool {
	return m.peak.Beta > 0 && m.peak.KL < 0.15*m.optima[len(m.optima)-1].KL
}

func (l *layout) y(reward float64) float32 {
	return l.plot.Y + l.plot.H*float32(1-min(max((reward-l.low)/(l.high-l.low), 0), 1))
}

func (l *layout) at(p *frontier.TradeoffPoint) picture.Point {
	return picture.Point{l.x(p.KL), l.y(p.Reward)}
}

func (l *layout) right() float32 { return l.plot.X + l.plot.W }

func (l *layout) foot() float32 { return l.plot.Y + l.plot.H }

// axes draws the hairlines, the ticks and what the axes measure.
func (l *layout) axes(p *picture.Picture, words words.Words, m *Frontier) {
	line, hair := picture.LineHeight*l.size, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1}
	for v := math.Ceil(l.low/l.rewardStep) * l.rewardStep; v <= l.high; v += l.rewardStep {
		y := l.y(v)
		p.Segment(l.plot.X, y, l.right(), y, hair)
		if y-line/2 > l.plot.Y-0.1*line && y+line/2 < l.foot()+0.3*line {
			p.Text(picture.Label{X: 2, Y: y - line/2, W: l.plot.X - 8, Text: l.tick(v), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignEnd})
		}
	}
	p.Segment(l.plot.X, l.foot(), l.right(), l.foot(), picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	p.Segment(l.plot.X, l.plot.Y, l.plot.X, l.foot(), picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	across := "frontier.x"
	if l.root {
		across = "frontier.x.root"
		l.rootTicks(p)
	} else {
		for v := 0.0; v <= l.kl*1.0001; v += l.klStep {
			l.klTick(p, v, (&chart.Chart{}).Tick(v, l.klStep))
		}
	}
	p.Text(picture.Label{X: l.plot.X, Y: l.foot() + 5 + line, W: l.plot.W, Text: words.Say(across), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignCentre})
	name := "frontier.y"
	if m.yardstick == frontier.ByFittedScore {
		name = "frontier.y.score"
	}
	p.Text(picture.Label{X: 2, Y: l.plot.Y - 1.15*line, W: l.w - 2 - picture.PageMargin, Text: words.Say(name), Size: l.size, Ink: picture.InkSoft})
	if m.note != "" {
		p.Text(l.note(m))
	}
}

// klTick marks a value on the axis of KL.
func (l *layout) klTick(p *picture.Picture, kl float64, text string) {
	x, wide := l.x(kl), picture.TextWidth(text, l.size, false)+2
	p.Segment(x, l.foot(), x, l.foot()+4, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	p.Text(picture.Label{X: picture.Clamp(x-wide/2, 0, l.w-wide-1), Y: l.foot() + 5, W: wide, Text: text, Size: l.size, Ink: picture.InkSoft, Align: picture.AlignCentre})
}

// rootTicks marks 0 and, from the right, the round values that are far enough
// apart: 1, 2 and 5 times a power of ten.
func (l *layout) rootTicks(p *picture.Picture) {
	l.klTick(p, 0, "0")
	decade := math.Pow(10, math.Ceil(math.Log10(l.kl)))
	for last := 2 * l.right(); ; decade /= 10 {
		for _, times := range [...]float64{1, 0.5, 0.2} {
			kl, apart := times*decade, 3.2*l.size
			if x := l.x(kl); kl <= l.kl && last-x >= apart {
				if last = x; x-l.plot.X < apart {
					return
				}
				l.klTick(p, kl, words.General(words.Rounded(kl, 1), -1))
			}
			if kl < 1e-4*l.kl {
				return
			}
		}
	}
}

// hatchApart is the distance of the hairlines of what is beyond the frontier,
// along the axis, in pixels.
const hatchApart = 9

// beyond hatches what no policy reaches, with lines that fall: each meets the
// frontier, which rises, just once.
func (l *layout) beyond(p *picture.Picture, m *Frontier) {
	l.shade(p, m)
	style := picture.Mark{Ink: picture.InkSoft, Alpha: 0.16, Stroke: 1}
	apart := hatchApart * l.unit
	for c := l.plot.X + apart/2 - l.plot.H; c < l.right(); c += apart {
		from := max(0, l.plot.X-c) // how far down from the top the line enters
		to := min(l.plot.H, l.right()-c)
		if from >= to || !l.above(m, c+from, l.plot.Y+from) {
			continue
		}
		low, high := from, to
		for range 14 {
			if middle := (low + high) / 2; l.above(m, c+middle, l.plot.Y+middle) {
				low = middle
			} else {
				high = middle
			}
		}
		if low-from > 1 {
			p.Segment(c+from, l.plot.Y+from, c+low, l.plot.Y+low, style)
		}
	}
}

// shade tints what is beyond.
func (l *layout) shade(p *picture.Picture, m *Frontier) {
	from := len(p.Points)
	for i := range m.best {
		p.Points = appendApart(p.Points, from, l.at(&m.best[i]))
	}
	last := m.best[len(m.best)-1]
	p.Points = append(p.Points, picture.Point{l.right(), l.y(last.Reward)}, picture.Point{l.right(), l.plot.Y}, picture.Point{l.x(m.best[0].KL), l.plot.Y})
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindArea, Ink: picture.InkLine, Alpha: 0.28, From: from, To: len(p.Points)})
}

// above tells whether a place is above the frontier.
func (l *layout) above(m *Frontier, x, y float32) bool {
	n := len(m.best)
	low, high := 0, n // the first point that is not left of x
	for low < high {
		if middle := (low + high) / 2; l.x(m.best[middle].KL) < x {
			low = middle + 1
		} else {
			high = middle
		}
	}
	switch low {
	case 0:
		return true
	case n:
		return y < l.y(m.best[n-1].Reward)
	}
	a, b := l.at(&m.best[low-1]), l.at(&m.best[low])
	t := float32(1)
	if b.X > a.X {
		t = (x - a.X) / (b.X - a.X)
	}
	return y < picture.Mix(a.Y, b.Y, t)
}

// frontier draws the frontier. Beyond its end, more divergence buys nothing.
func (l *layout) frontier(p *picture.Picture, m *Frontier) {
	from := len(p.Points)
	for i := range m.best {
		p.Points = appendApart(p.Points, from, l.at(&m.best[i]))
	}
	p.Points = append(p.Points, picture.Point{l.right(), l.y(m.best[len(m.best)-1].Reward)})
	p.Piece(from, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1.8 * l.unit})
}

// optima draws where the run is headed, at every β.
func (l *layout) optima(p *picture.Picture, m *Frontier) {
	from := len(p.Points)
	for i := range m.optima {
		p.Points = appendApart(p.Points, from, l.at(&m.optima[i]))
	}
	p.Piece(from, picture.Mark{Ink: picture.InkAccent, Alpha: 1, Stroke: 1.8 * l.unit, Dash: 6 * l.unit})
}

// peak marks where β leads to the most reward.
func (l *layout) peak(p *picture.Picture, m *Frontier) {
	if m.peak.Beta > 0 {
		at, r := l.at(&m.peak), 3.2*l.unit
		p.Disc(at.X, at.Y, r, picture.InkPaper)
		p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkAccent, Alpha: 1, Stroke: 1.6, X: at.X, Y: at.Y, R: r})
	}
}

// promise draws what the proxy says of the same policies.
func (l *layout) promise(p *picture.Picture, m *Frontier) {
	from := len(p.Points)
	for i := range m.promise {
		p.Points = appendApart(p.Points, from, picture.Point{l.x(m.optima[i].KL), l.y(m.promise[i])})
	}
	p.Piece(from, picture.Mark{Ink: picture.InkSoft, Alpha: 1, Stroke: 1.8 * l.unit, Dash: 2 * l.unit})
}

// appendApart adds a point to a polyline that began at from, unless it is
// where the last one is.
func appendApart(points []picture.Point, from int, q picture.Point) []picture.Point {
	if n := len(points); n > from {
		if d := max(points[n-1].X-q.X, q.X-points[n-1].X, points[n-1].Y-q.Y, q.Y-points[n-1].Y); d < 0.5 {
			return points
		}
	}
	return append(points, q)
}
