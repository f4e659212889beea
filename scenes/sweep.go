package scenes

import (
	"math"
	"strings"
)

// A Sweep is the β axis: KL(policy‖reference) in nats, or the expected true
// reward, over β, after the steps that were run and at the optimum. The two
// curves coincide at large β and part below it.
type Sweep struct {
	Measure SweepMeasure
	Beta    []float64 // rising, from 0.01 to 5
	After   []float64 // the measure after Steps steps at each β; NaN where not computed; nil for no curve
	Optimum []float64 // at the optimum, or at the limit; NaN where not computed
	// OptimumBeta are the βs of Optimum, where those are not Beta.
	OptimumBeta []float64
	Reached     Reached // Unknown: no curve for the optimum
	Steps       int
	Present     float64 // the β in use
	Star        float64 // the β at which KL after Steps steps is largest; 0 if not known

	// PresentAfter and PresentOptimum are the curves' values at Present. Where
	// they are NaN or 0, the curves are read there instead, which lie a little
	// beside the value between their points.
	PresentAfter, PresentOptimum float64

	// Marks are the βs that stand side by side, if they do: at most five, marked on
	// the axis and on the curves in place of the present one.
	Marks []SweepMark
	// Low and High are values that the vertical axis holds whatever the curves do,
	// so that it is steady: ignored where they are equal. Baseline is a reward's
	// value at the reference.
	Low, High, Baseline float64
	Left                float32 // least width left of the plot, so that two align
	Bare                bool    // the axis of β is another's, below

	Font float32 // size of the page's text in pixels; 0 for 16
	Size float32 // of the chart's text, if not what follows from Font and the width
}

// A SweepMeasure says what is shown over β.
type SweepMeasure uint8

// The measures.
const (
	SweepKL SweepMeasure = iota
	SweepReward
)

// A SweepMark is a β of those that stand side by side, with the measure's
// values there: NaN where not known.
type SweepMark struct {
	Beta, After, Optimum float64
	Reached              Reached
	Present              bool
}

// MostMarks is how many βs are marked at most.
const MostMarks = 5

// The axis of β.
const (
	sweepLow  = 0.01
	sweepHigh = 5
)

var betaTicks = [...]struct {
	beta float64
	text string
}{{0.01, ".01"}, {0.05, ".05"}, {0.1, ".1"}, {0.5, ".5"}, {1, "1"}, {5, "5"}}

// A curve is values over β.
type curve struct{ beta, v []float64 }

func (s *Sweep) after() curve { return curve{s.Beta, s.After} }

func (s *Sweep) optimum() curve {
	switch {
	case s.Reached == Unknown:
		return curve{}
	case s.OptimumBeta != nil:
		return curve{s.OptimumBeta, s.Optimum}
	}
	return curve{s.Beta, s.Optimum}
}

// flat is the same value at every β.
func flat(v float64) (c curve) {
	for _, t := range betaTicks {
		c.beta, c.v = append(c.beta, t.beta), append(c.v, v)
	}
	return c
}

// value is that at point i: NaN where there is none.
func (c curve) value(i int) float64 {
	if i < len(c.v) {
		return c.v[i]
	}
	return math.NaN()
}

// at reads a curve at β, straight between its points in log β.
func (c curve) at(beta float64) float64 {
	for i := 1; i < len(c.beta); i++ {
		if beta > c.beta[i] && i < len(c.beta)-1 {
			continue
		}
		t := math.Log(beta/c.beta[i-1]) / math.Log(c.beta[i]/c.beta[i-1])
		t = min(max(t, 0), 1)
		return c.value(i-1)*(1-t) + c.value(i)*t
	}
	return c.value(0)
}

// Draw fills p with the sweep in w×h pixels, about 600×260 or 300×180.
func (s *Sweep) Draw(p *Picture, words Words, w, h float32) {
	p.Reset(w, h)
	l := s.layout(w, h)
	s.axes(p, words, &l)
	s.present(p, &l)
	curves := len(p.Points)
	l.curve(p, s.optimum(), Mark{Ink: InkOptimum, Alpha: 1, Stroke: 1.6, Dash: 5})
	l.points(p, s)
	l.curve(p, s.after(), Mark{Ink: InkPolicy, Alpha: 1, Stroke: 2.2})
	obstacles := p.Points[curves:]
	s.dots(p, &l)
	s.names(p, words, &l, obstacles)
	s.describe(p, words)
}

// sweepLayout is where the plot lies and what its vertical axis spans.
type sweepLayout struct {
	w, h            float32
	plot            Bar
	low, high, step float64
	size            float32
}

func (s *Sweep) layout(w, h float32) sweepLayout {
	l := sweepLayout{w: w, h: h, size: max(chartText(s.Font), 11.5*clamp(w/520, 1, 1.5))}
	if s.Size > 0 {
		l.size = s.Size
	}
	l.size = min(l.size, max(h/11.5, 11.5)) // so that the ticks keep apart
	l.low, l.high, l.step = s.bounds()
	line := LineHeight * l.size
	left := max(s.Left, s.leftRoom(&l))
	l.plot = Bar{left, 1.5*line + 3, w - left - 12, h - 1.5*line - 6}
	switch {
	case s.Bare:
		l.plot.H -= 0.5*line - 2
	case s.Marks != nil:
		l.plot.H -= line + 14
	default:
		l.plot.H -= 2*line + 5
	}
	return l
}

// leftRoom is what the ticks need left of the plot.
func (s *Sweep) leftRoom(l *sweepLayout) float32 {
	return max(TextWidth(l.tick(l.high), l.size, false), TextWidth(l.tick(l.low), l.size, false)) + 12
}

// bounds are the ends of the vertical axis, round numbers, and the step between
// its ticks.
func (s *Sweep) bounds() (low, high, step float64) {
	low, high = s.Range()
	if s.Measure == SweepKL {
		_, high, step = roundBounds(0, max(high, 1e-6))
		return 0, high, step
	}
	if high-low < 1e-6 {
		low, high = low-0.5, high+0.5
	}
	step = roundStep((high - low) / 3)
	return step * math.Floor(low/step+0.02), step * math.Ceil(high/step-0.02), step
}

// Range is what the vertical axis must hold.
func (s *Sweep) Range() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	if s.Measure == SweepKL {
		low, high = 0, 0
	}
	include := func(v float64) {
		if legible(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	for _, c := range [...]curve{s.after(), s.optimum()} {
		for i := range c.beta {
			include(c.value(i))
		}
	}
	for i := range s.Marks {
		include(s.Marks[i].After)
		include(s.Marks[i].Optimum)
	}
	if s.Measure == SweepReward {
		include(s.Baseline)
	} else if s.Marks == nil {
		include(s.PresentAfter)
		include(s.PresentOptimum)
	}
	if s.Low != s.High {
		include(s.Low)
		include(s.High)
	}
	if low > high {
		return 0, 0
	}
	return low, high
}

func (l *sweepLayout) tick(v float64) string { return (&Chart{}).tick(v, l.step) }

func (l *sweepLayout) x(beta float64) float32 {
	share := math.Log(beta/sweepLow) / math.Log(sweepHigh/sweepLow)
	return l.plot.X + l.plot.W*float32(min(max(share, 0), 1))
}

func (l *sweepLayout) y(v float64) float32 {
	share := (v - l.low) / (l.high - l.low)
	return l.plot.Y + l.plot.H*float32(1-min(max(share, 0), 1))
}

func (l *sweepLayout) foot() float32 { return l.plot.Y + l.plot.H }

// axes draws the hairlines, the ticks and what the axes measure.
func (s *Sweep) axes(p *Picture, words Words, l *sweepLayout) {
	right, foot := l.plot.X+l.plot.W, l.foot()
	line := LineHeight * l.size
	hair := Mark{Ink: InkLine, Alpha: 1, Stroke: 1}
	from := l.low
	if s.Marks == nil {
		from = l.step // 0 is at the axis itself
	}
	last := l.y(from) + 2*line
	for k := 0; from+float64(k)*l.step <= l.high+0.01*l.step; k++ {
		v := from + float64(k)*l.step
		y := l.y(v)
		p.segment(l.plot.X, y, right, y, hair)
		if last-y >= line {
			p.text(Label{X: 2, Y: y - line/2, W: l.plot.X - 8, Text: l.tick(v), Size: l.size, Ink: InkSoft, Align: AlignEnd})
			last = y
		}
	}
	if s.Measure == SweepReward && legible(s.Baseline) {
		y := l.y(s.Baseline)
		p.segment(l.plot.X, y, right, y, Mark{Ink: InkReference, Alpha: 1, Stroke: 1.2, Dash: 3})
	}
	p.segment(l.plot.X, foot, right, foot, Mark{Ink: InkText, Alpha: 1, Stroke: 1})
	p.text(Label{X: 2, Y: 0, W: l.w - 4, Text: words.Say(sweepWords[s.Measure].y), Size: l.size, Ink: InkSoft})
	if s.Bare {
		return
	}
	l.betas(p, s.Marks)
	if s.Marks == nil {
		p.text(Label{X: l.plot.X, Y: l.h - line - 2, W: l.plot.W, Text: words.Say("sweep.x"), Size: l.size, Ink: InkSoft, Align: AlignCentre})
	}
}

// sweepWords are the catalogue's keys of what is said of each measure.
var sweepWords = [...]struct{ title, y, desc string }{
	SweepKL:     {"sweep.title", "sweep.y", "sweep.desc"},
	SweepReward: {"sweep.reward.title", "sweep.reward.y", "sweep.reward.desc"},
}

// betas labels the axis: the βs that stand side by side, the present one first,
// and round values where there is room between them.
func (l *sweepLayout) betas(p *Picture, marks []SweepMark) {
	from := len(p.Labels)
	for _, present := range [2]bool{true, false} {
		for i := range marks {
			if m := &marks[i]; m.Present == present {
				t := Label{Text: strings.TrimPrefix(betaText(m.Beta), "0"), Size: l.size, Ink: InkText, Bold: true}
				if present {
					t.Ink = InkAccent
				}
				l.beta(p, t, m.Beta, 14, from)
			}
		}
	}
	drop := float32(5)
	if marks != nil {
		drop = 14
	}
	foot := l.foot()
	for _, t := range betaTicks {
		x := l.x(t.beta)
		p.segment(x, foot, x, foot+4, Mark{Ink: InkText, Alpha: 1, Stroke: 1})
		l.beta(p, Label{Text: t.text, Size: l.size, Ink: InkSoft}, t.beta, drop, from)
	}
}

// beta puts a label under the axis unless it would meet one of those placed
// since from.
func (l *sweepLayout) beta(p *Picture, t Label, beta float64, drop float32, from int) {
	t.W, t.Align = TextWidth(t.Text, t.Size, t.Bold)+2, AlignCentre
	t.X, t.Y = clamp(l.x(beta)-t.W/2, 1, l.w-t.W-1), l.foot()+drop
	for i := from; i < len(p.Labels); i++ {
		if t.Box().overlaps(p.Labels[i].Box(), -4) {
			return
		}
	}
	p.text(t)
}

// present marks the β in use, and those that stand side by side, with lines
// through the plot, and β* with a dotted one.
func (s *Sweep) present(p *Picture, l *sweepLayout) {
	foot := l.foot()
	if s.Bare {
		foot = l.h
	}
	if s.Star > 0 {
		x := l.x(s.Star)
		p.segment(x, l.plot.Y, x, l.foot(), Mark{Ink: InkSoft, Alpha: 1, Stroke: 1, Dash: 2})
	}
	for i := range s.Marks {
		x, style := l.x(s.Marks[i].Beta), Mark{Ink: InkLine, Alpha: 1, Stroke: 1}
		if s.Marks[i].Present {
			style = Mark{Ink: InkAccent, Alpha: 1, Stroke: 1.4}
		}
		p.segment(x, l.plot.Y, x, foot, style)
	}
	if s.Marks == nil {
		x := l.x(s.Present)
		p.segment(x, l.plot.Y, x, foot, Mark{Ink: InkAccent, Alpha: 1, Stroke: 1.4})
	}
}

func (l *sweepLayout) curve(p *Picture, c curve, style Mark) {
	from := len(p.Points)
	for i, beta := range c.beta {
		v := c.value(i)
		if !legible(v) {
			p.piece(from, style)
			from = len(p.Points)
			continue
		}
		p.Points = append(p.Points, Point{l.x(beta), l.y(v)})
	}
	p.piece(from, style)
}

// points marks where optima were worked out, if that is only here and there.
func (l *sweepLayout) points(p *Picture, s *Sweep) {
	c := s.optimum()
	for i, beta := range c.beta {
		if v := c.value(i); s.OptimumBeta != nil && legible(v) {
			p.disc(l.x(beta), l.y(v), 1.8, InkOptimum)
		}
	}
}

// presentAfter and presentOptimum are the values at the β in use: those given,
// or else read off the curves.
func (s *Sweep) presentAfter() float64   { return s.given(s.PresentAfter, s.after()) }
func (s *Sweep) presentOptimum() float64 { return s.given(s.PresentOptimum, curve{s.Beta, s.Optimum}) }

func (s *Sweep) given(exact float64, c curve) float64 {
	if exact > 0 {
		return exact
	}
	return c.at(s.Present)
}

// dots marks both curves at the β in use, or at those that stand side by side;
// these are handles on the axis too.
func (s *Sweep) dots(p *Picture, l *sweepLayout) {
	for i := range s.Marks {
		m := &s.Marks[i]
		x, foot, ink := l.x(m.Beta), l.foot(), InkSoft
		if m.Present {
			ink = InkAccent
		}
		if !s.Bare {
			p.disc(x, foot+7, 6, ink)
			p.disc(x, foot+7, 2.2, InkPaper)
		}
		if legible(m.Optimum) {
			p.optimum(x, l.y(m.Optimum), 4.6, 1.3, m.Reached)
		}
		if legible(m.After) {
			p.disc(x, l.y(m.After), 3.2, InkPolicy)
		}
	}
	if s.Marks != nil {
		return
	}
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
	if s.Marks == nil {
		now := Label{Text: words.Say("sweep.present", "beta", betaText(s.Present)), Size: l.size, Ink: InkAccent, Bold: true}
		l.above(p, now, s.Present, obstacles)
	}
	if s.Star > 0 {
		star := Label{Text: words.Say("sweep.star", "beta", betaText(s.Star)), Size: l.size, Ink: InkSoft}
		l.above(p, star, s.Star, obstacles)
	}
	after := Label{Text: words.Say(words.Form("sweep.after", s.Steps), "steps", Count(float64(s.Steps))), Size: l.size, Ink: InkPolicy}
	if c := s.after(); c.v != nil {
		l.beside(p, after, c, s.optimum(), obstacles)
	}
	if s.Reached != Unknown {
		key := "sweep.optimum"
		if s.Reached == NeverReached {
			key = "sweep.never"
		}
		l.beside(p, Label{Text: words.Say(key), Size: l.size, Ink: InkOptimum}, s.optimum(), s.after(), obstacles)
	}
	if s.Measure == SweepReward && legible(s.Baseline) {
		l.beside(p, Label{Text: words.Say("sweep.reference"), Size: l.size, Ink: InkReference}, flat(s.Baseline), s.optimum(), obstacles)
	}
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
func (l *sweepLayout) beside(p *Picture, t Label, c, other curve, obstacles []Point) {
	t.W = TextWidth(t.Text, t.Size, t.Bold) + 2
	line := LineHeight * l.size
	best := search{cost: math.Inf(1)}
	for i, beta := range c.beta {
		v := c.value(i)
		if !legible(v) {
			continue
		}
		x, y := l.x(beta), l.y(v)
		for _, at := range [...]Point{{x, y - line - 3}, {x - t.W/2, y - line - 3}, {x + 7, y - line/2}, {x - t.W - 7, y - line/2}, {x, y + 3}, {x - t.W, y + 3}} {
			t.X, t.Y = at.X, clamp(at.Y, 0, l.foot()-line-2)
			if t.X >= l.plot.X+2 && t.X+t.W <= l.plot.X+l.plot.W {
				best.consider(p, t, obstacles, l.confusion(t, c, other))
			}
		}
	}
	best.place(p)
}

// confusion is how much nearer a label is to the other curve than to its own.
func (l *sweepLayout) confusion(t Label, c, other curve) float64 {
	if other.v == nil {
		return 0
	}
	box := t.Box()
	beta := sweepLow * math.Pow(sweepHigh/sweepLow, float64((box.X+box.W/2-l.plot.X)/l.plot.W))
	middle := float64(box.Y + box.H/2)
	own, far := math.Abs(float64(l.y(c.at(beta)))-middle), math.Abs(float64(l.y(other.at(beta)))-middle)
	if !(far > 0) {
		return 0
	}
	return own / far
}

// A search keeps the best place for a label that has been considered. All
// places are of one label, in a picture that stays as it is meanwhile.
type search struct {
	label Label
	cost  float64
	box   Bar     // of the label at (0, 0)
	taken [48]Bar // by the picture's first labels
	begun bool
}

// consider weighs a place: labels must not meet, curves should not cross them.
func (b *search) consider(p *Picture, t Label, obstacles []Point, cost float64) {
	b.begin(p, t)
	box := b.box
	box.X, box.Y = box.X+t.X, box.Y+t.Y
	for i := range p.Labels {
		other := b.taken[min(i, len(b.taken)-1)]
		if i >= len(b.taken) {
			other = p.Labels[i].Box()
		}
		if box.overlaps(other, -3) {
			cost += 1e6
		}
	}
	if cost >= b.cost {
		return
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

// begin measures what is the same at every place.
func (b *search) begin(p *Picture, t Label) {
	if b.begun {
		return
	}
	b.begun = true
	t.X, t.Y = 0, 0
	b.box = t.Box()
	for i := range min(len(p.Labels), len(b.taken)) {
		b.taken[i] = p.Labels[i].Box()
	}
}

// place adds the label, unless every place would lie on another label.
func (b *search) place(p *Picture) {
	if b.cost < 1e6 {
		p.text(b.label)
	}
}

// betaText writes β as it is typed: three digits, no idle zeros.
func betaText(beta float64) string { return General(beta, 3) }

// describe fills the sweep's words.
func (s *Sweep) describe(p *Picture, words Words) {
	p.Title = words.Say(sweepWords[s.Measure].title)
	steps, beta := Count(float64(s.Steps)), betaText(s.Present)
	p.Desc = words.Say(sweepWords[s.Measure].desc, "steps", steps)
	if s.Measure == SweepReward {
		return // the numbers are said by what shows it
	}
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
