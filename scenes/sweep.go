package scenes

import (
	"math"
	"strconv"
)

// A Sweep is the β axis: KL(policy‖reference) in nats over β, after the steps
// that were run and at the optimum. The two curves coincide at large β and part
// below it.
type Sweep struct {
	Beta    []float64 // rising, from 0.01 to 5
	After   []float64 // KL after Steps steps at each β; NaN where not computed
	Optimum []float64 // KL at the optimum, or at the limit; NaN where not computed
	Reached Reached   // Unknown: no curve for the optimum
	Steps   int
	Present float64 // the β in use
	Star    float64 // the β at which KL after Steps steps is largest; 0 if not known

	// PresentAfter and PresentOptimum are the curves' values at Present. Where
	// they are NaN or 0, the curves are read there instead, which lie a little
	// beside the value between their points.
	PresentAfter, PresentOptimum float64

	Font float32 // size of the page's text in pixels; 0 for 16
}

// The axis of β.
const (
	sweepLow  = 0.01
	sweepHigh = 5
)

var betaTicks = [...]struct {
	beta float64
	text string
}{{0.01, ".01"}, {0.05, ".05"}, {0.1, ".1"}, {0.5, ".5"}, {1, "1"}, {5, "5"}}

// Draw fills p with the sweep in w×h pixels, about 600×260 or 300×180.
func (s *Sweep) Draw(p *Picture, words Words, w, h float32) {
	p.Reset(w, h)
	l := s.layout(w, h)
	l.axes(p, words)
	s.present(p, &l)
	curves := len(p.Points)
	if s.Reached != Unknown {
		s.curve(p, &l, s.Optimum, Mark{Ink: InkOptimum, Alpha: 1, Stroke: 1.6, Dash: 5})
	}
	s.curve(p, &l, s.After, Mark{Ink: InkPolicy, Alpha: 1, Stroke: 2.2})
	obstacles := p.Points[curves:]
	s.dots(p, &l)
	s.names(p, words, &l, obstacles)
	s.describe(p, words)
}

// sweepLayout is where the plot lies and what its vertical axis spans.
type sweepLayout struct {
	w, h       float32
	plot       Bar
	high, step float64
	size       float32
}

func (s *Sweep) layout(w, h float32) sweepLayout {
	l := sweepLayout{w: w, h: h, size: max(chartText(s.Font), 11.5*clamp(w/520, 1, 1.5))}
	l.size = min(l.size, max(h/11.5, 11.5)) // so that the ticks keep apart
	high := 0.0
	for i := range s.Beta {
		for _, v := range [...]float64{value(s.After, i), s.optimumAt(i)} {
			if legible(v) {
				high = max(high, v)
			}
		}
	}
	for _, v := range [...]float64{s.PresentAfter, s.PresentOptimum} {
		if legible(v) {
			high = max(high, v)
		}
	}
	_, l.high, l.step = roundBounds(0, max(high, 1e-6))
	line := LineHeight * l.size
	left := TextWidth(l.tick(l.high), l.size, false) + 12
	l.plot = Bar{left, 1.5*line + 3, w - left - 12, h - 3.5*line - 11}
	return l
}

func value(x []float64, i int) float64 {
	if i < len(x) {
		return x[i]
	}
	return math.NaN()
}

func (s *Sweep) optimumAt(i int) float64 {
	if s.Reached == Unknown {
		return math.NaN()
	}
	return value(s.Optimum, i)
}

func (l *sweepLayout) tick(v float64) string { return (&Chart{}).tick(v, l.step) }

func (l *sweepLayout) x(beta float64) float32 {
	share := math.Log(beta/sweepLow) / math.Log(sweepHigh/sweepLow)
	return l.plot.X + l.plot.W*float32(min(max(share, 0), 1))
}

func (l *sweepLayout) y(kl float64) float32 {
	return l.plot.Y + l.plot.H*float32(1-min(max(kl/l.high, 0), 1))
}

// axes draws the hairlines, the ticks and what the axes measure.
func (l *sweepLayout) axes(p *Picture, words Words) {
	right, foot := l.plot.X+l.plot.W, l.plot.Y+l.plot.H
	line := LineHeight * l.size
	hair := Mark{Ink: InkLine, Alpha: 1, Stroke: 1}
	for v := l.step; v <= l.high*1.0001; v += l.step {
		y := l.y(v)
		p.segment(l.plot.X, y, right, y, hair)
		p.text(Label{X: 2, Y: y - line/2, W: l.plot.X - 8, Text: l.tick(v), Size: l.size, Ink: InkSoft, Align: AlignEnd})
	}
	p.segment(l.plot.X, foot, right, foot, Mark{Ink: InkText, Alpha: 1, Stroke: 1})
	for _, t := range betaTicks {
		x := l.x(t.beta)
		p.segment(x, foot, x, foot+4, Mark{Ink: InkText, Alpha: 1, Stroke: 1})
		wide := TextWidth(t.text, l.size, false) + 2
		p.text(Label{X: min(x-wide/2, l.w-wide-1), Y: foot + 5, W: wide, Text: t.text, Size: l.size, Ink: InkSoft, Align: AlignCentre})
	}
	p.text(Label{X: l.plot.X, Y: l.h - line - 2, W: l.plot.W, Text: words.Say("sweep.x"), Size: l.size, Ink: InkSoft, Align: AlignCentre})
	p.text(Label{X: 2, Y: 0, W: l.plot.X + l.plot.W*0.3, Text: words.Say("sweep.y"), Size: l.size, Ink: InkSoft})
}

// present marks the β in use with a line through the plot, and β* with a
// dotted one.
func (s *Sweep) present(p *Picture, l *sweepLayout) {
	foot := l.plot.Y + l.plot.H
	if s.Star > 0 {
		x := l.x(s.Star)
		p.segment(x, l.plot.Y, x, foot, Mark{Ink: InkSoft, Alpha: 1, Stroke: 1, Dash: 2})
	}
	x := l.x(s.Present)
	p.segment(x, l.plot.Y, x, foot, Mark{Ink: InkAccent, Alpha: 1, Stroke: 1.4})
}

func (s *Sweep) curve(p *Picture, l *sweepLayout, kl []float64, style Mark) {
	from := len(p.Points)
	for i, beta := range s.Beta {
		v := value(kl, i)
		if !legible(v) {
			p.piece(from, style)
			from = len(p.Points)
			continue
		}
		p.Points = append(p.Points, Point{l.x(beta), l.y(v)})
	}
	p.piece(from, style)
}

// at reads a curve at β, straight between its points in log β.
func (s *Sweep) at(kl []float64, beta float64) float64 {
	for i := 1; i < len(s.Beta); i++ {
		if beta > s.Beta[i] && i < len(s.Beta)-1 {
			continue
		}
		t := math.Log(beta/s.Beta[i-1]) / math.Log(s.Beta[i]/s.Beta[i-1])
		t = min(max(t, 0), 1)
		return value(kl, i-1)*(1-t) + value(kl, i)*t
	}
	return value(kl, 0)
}

// presentAfter and presentOptimum are the values at the β in use: those given,
// or else read off the curves.
func (s *Sweep) presentAfter() float64   { return s.given(s.PresentAfter, s.After) }
func (s *Sweep) presentOptimum() float64 { return s.given(s.PresentOptimum, s.Optimum) }

func (s *Sweep) given(exact float64, kl []float64) float64 {
	if exact > 0 {
		return exact
	}
	return s.at(kl, s.Present)
}

// dots marks both curves at the β in use.
func (s *Sweep) dots(p *Picture, l *sweepLayout) {
	x := l.x(s.Present)
	if v := s.presentOptimum(); legible(v) {
		p.optimum(x, l.y(v), 5.5, 1.4, s.Reached)
	}
	if v := s.presentAfter(); legible(v) {
		p.disc(x, l.y(v), 3, InkPolicy)
	}
}

// names puts the words beside what they name.
func (s *Sweep) names(p *Picture, words Words, l *sweepLayout, obstacles []Point) {
	now := Label{Text: words.Say("sweep.present", "beta", betaText(s.Present)), Size: l.size, Ink: InkAccent, Bold: true}
	l.above(p, now, s.Present, obstacles)
	if s.Star > 0 {
		star := Label{Text: words.Say("sweep.star", "beta", betaText(s.Star)), Size: l.size, Ink: InkSoft}
		l.above(p, star, s.Star, obstacles)
	}
	after := Label{Text: words.Say("sweep.after", "steps", strconv.Itoa(s.Steps)), Size: l.size, Ink: InkPolicy}
	s.beside(p, after, s.After, s.Optimum, l, obstacles)
	if s.Reached == Unknown {
		return
	}
	key := "sweep.optimum"
	if s.Reached == NeverReached {
		key = "sweep.never"
	}
	s.beside(p, Label{Text: words.Say(key), Size: l.size, Ink: InkOptimum}, s.Optimum, s.After, l, obstacles)
}

// above tries the places at the top of the vertical line at β.
func (l *sweepLayout) above(p *Picture, t Label, beta float64, obstacles []Point) {
	t.W = TextWidth(t.Text, t.Size, t.Bold) + 2
	x, line := l.x(beta), LineHeight*l.size
	best := search{cost: math.Inf(1)}
	for row := range 3 {
		y := l.plot.Y - line - 1 + float32(row)*line
		for _, left := range [...]float32{x - t.W/2, x + 5, x - t.W - 5} {
			if row > 0 && left == x-t.W/2 {
				continue
			}
			t.X, t.Y = clamp(left, 1, l.w-t.W-1), y
			best.consider(p, t, obstacles, float64(row))
		}
	}
	best.place(p)
}

// beside tries places above and below a curve, all along it.
func (s *Sweep) beside(p *Picture, t Label, kl, other []float64, l *sweepLayout, obstacles []Point) {
	t.W = TextWidth(t.Text, t.Size, t.Bold) + 2
	line := LineHeight * l.size
	best := search{cost: math.Inf(1)}
	for i, beta := range s.Beta {
		v := value(kl, i)
		if !legible(v) {
			continue
		}
		x, y := l.x(beta), l.y(v)
		for _, at := range [...]Point{{x, y - line - 3}, {x - t.W/2, y - line - 3}, {x + 7, y - line/2}, {x - t.W - 7, y - line/2}, {x, y + 3}, {x - t.W, y + 3}} {
			t.X, t.Y = at.X, clamp(at.Y, 0, l.plot.Y+l.plot.H-line-2)
			if t.X >= l.plot.X+2 && t.X+t.W <= l.plot.X+l.plot.W {
				best.consider(p, t, obstacles, s.confusion(t, kl, other, l))
			}
		}
	}
	best.place(p)
}

// confusion is how much nearer a label is to the other curve than to its own.
func (s *Sweep) confusion(t Label, kl, other []float64, l *sweepLayout) float64 {
	if s.Reached == Unknown {
		return 0
	}
	box := t.Box()
	beta := sweepLow * math.Pow(sweepHigh/sweepLow, float64((box.X+box.W/2-l.plot.X)/l.plot.W))
	middle := float64(box.Y + box.H/2)
	own, far := math.Abs(float64(l.y(s.at(kl, beta)))-middle), math.Abs(float64(l.y(s.at(other, beta)))-middle)
	if !(far > 0) {
		return 0
	}
	return own / far
}

// A search keeps the best place for a label that has been considered.
type search struct {
	label Label
	cost  float64
}

// consider weighs a place: labels must not meet, curves should not cross them.
func (b *search) consider(p *Picture, t Label, obstacles []Point, cost float64) {
	box := t.Box()
	for i := range p.Labels {
		if box.overlaps(p.Labels[i].Box(), -3) {
			cost += 1e6
		}
	}
	for _, m := range p.Marks {
		if box.overlaps(m.extent(p.Points), 0) {
			cost += 25
		}
	}
	for _, q := range obstacles {
		if box.overlaps(Bar{q.X - 1, q.Y - 1, 2, 2}, 0) {
			cost += 5
		}
	}
	if cost < b.cost {
		b.label, b.cost = t, cost
	}
}

// extent is the rectangle of a marker or of a straight line, and nothing for
// what a label may lie on: hairlines, and curves, which are weighed by point.
func (m *Mark) extent(points []Point) Bar {
	switch {
	case m.Kind == KindDiamond || m.Kind == KindDisc:
		return Bar{m.X - m.R, m.Y - m.R, 2 * m.R, 2 * m.R}
	case m.Kind == KindLine && m.To-m.From == 2 && m.Ink != InkLine:
		a, z := points[m.From], points[m.From+1]
		x, y := min(a.X, z.X), min(a.Y, z.Y)
		return Bar{x - 1, y - 1, max(a.X, z.X) - x + 2, max(a.Y, z.Y) - y + 2}
	}
	return Bar{X: -1e9}
}

// place adds the label, unless every place would lie on another label.
func (b *search) place(p *Picture) {
	if b.cost < 1e6 {
		p.text(b.label)
	}
}

// betaText writes β as it is typed: three digits, no idle zeros.
func betaText(beta float64) string { return strconv.FormatFloat(beta, 'g', 3, 64) }

// describe fills the sweep's words.
func (s *Sweep) describe(p *Picture, words Words) {
	p.Title = words.Say("sweep.title")
	steps, beta := strconv.Itoa(s.Steps), betaText(s.Present)
	p.Desc = words.Say("sweep.desc", "steps", steps)
	if v := s.presentAfter(); legible(v) {
		p.Desc += " " + words.Say("sweep.desc.after", "beta", beta, "steps", steps, "kl", Short(v))
	}
	if v := s.presentOptimum(); legible(v) && s.Reached != Unknown {
		key := "sweep.desc.optimum"
		if s.Reached == NeverReached {
			key = "sweep.desc.never"
		}
		p.Desc += " " + words.Say(key, "beta", beta, "kl", Short(v))
	}
	if s.Star > 0 {
		p.Desc += " " + words.Say("sweep.desc.star", "beta", betaText(s.Star), "steps", steps)
	}
}
