package chart

import (
	"math"
	"strings"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
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
	Reached     picture.Reached // Unknown: no curve for the optimum
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
	Reached              picture.Reached
	Present              bool
}

// MostMarks is how many βs are marked at most.
const MostMarks = 5

// The axis of β.
const (
	SweepLow  = 0.01
	SweepHigh = 5
)

var BetaTicks = [...]struct {
	Beta float64
	Text string
}{{0.01, ".01"}, {0.05, ".05"}, {0.1, ".1"}, {0.5, ".5"}, {1, "1"}, {5, "5"}}

// A curve is values over β.
type curve struct{ beta, v []float64 }

func (s *Sweep) after() curve { return curve{s.Beta, s.After} }

func (s *Sweep) optimum() curve {
	switch {
	case s.Reached == picture.Unknown:
		return curve{}
	case s.OptimumBeta != nil:
		return curve{s.OptimumBeta, s.Optimum}
	}
	return curve{s.Beta, s.Optimum}
}

// flat is the same value at every β.
func flat(v float64) (c curve) {
	const n = 24
	for i := range n + 1 {
		c.beta, c.v = append(c.beta, SweepLow*math.Pow(SweepHigh/SweepLow, float64(i)/n)), append(c.v, v)
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
func (s *Sweep) Draw(p *picture.Picture, words words.Words, w, h float32) {
	p.Reset(w, h)
	l := s.Layout(w, h)
	s.axes(p, words, &l)
	s.present(p, &l)
	curves := len(p.Points)
	l.curve(p, s.optimum(), picture.Mark{Ink: picture.InkOptimum, Alpha: 1, Stroke: 1.6, Dash: 5})
	l.points(p, s)
	l.curve(p, s.after(), picture.Mark{Ink: picture.InkPolicy, Alpha: 1, Stroke: 2.2})
	obstacles := p.Points[curves:]
	s.dots(p, &l)
	s.names(p, words, &l, obstacles)
	s.describe(p, words)
}

// SweepLayout is where the plot lies and what its vertical axis spans.
type SweepLayout struct {
	w, h            float32
	Plot            picture.Bar
	low, high, step float64
	size            float32
}

func (s *Sweep) Layout(w, h float32) SweepLayout {
	l := SweepLayout{w: w, h: h, size: max(Text(s.Font), 11.5*picture.Clamp(w/520, 1, 1.5))}
	if s.Size > 0 {
		l.size = s.Size
	}
	l.size = min(l.size, max(h/11.5, 11.5)) // so that the ticks keep apart
	l.low, l.high, l.step = s.bounds()
	line := picture.LineHeight * l.size
	left := s.leftRoom(&l)
	l.Plot = picture.Bar{left, 1.5*line + 3, w - left - 12, h - 1.5*line - 6}
	switch {
	case s.Marks != nil:
		l.Plot.H -= line + 14
	default:
		l.Plot.H -= 2*line + 5
	}
	return l
}

// leftRoom is what the ticks need left of the plot.
func (s *Sweep) leftRoom(l *SweepLayout) float32 {
	return max(picture.TextWidth(l.tick(l.high), l.size, false), picture.TextWidth(l.tick(l.low), l.size, false)) + 12
}

// bounds are the ends of the vertical axis, round numbers, and the step between
// its ticks.
func (s *Sweep) bounds() (low, high, step float64) {
	low, high = s.Range()
	if s.Measure == SweepKL {
		_, high, step = RoundBounds(0, max(high, 1e-6))
		return 0, high, step
	}
	if high-low < 1e-6 {
		low, high = low-0.5, high+0.5
	}
	step = RoundStep((high - low) / 3)
	return step * math.Floor(low/step+0.02), step * math.Ceil(high/step-0.02), step
}

// Range is what the vertical axis must hold.
func (s *Sweep) Range() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	if s.Measure == SweepKL {
		low, high = 0, 0
	}
	include := func(v float64) {
		if Legible(v) {
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

func (l *SweepLayout) tick(v float64) string { return (&Chart{}).Tick(v, l.step) }

func (l *SweepLayout) X(beta float64) float32 {
	share := math.Log(beta/SweepLow) / math.Log(SweepHigh/SweepLow)
	return l.Plot.X + l.Plot.W*float32(min(max(share, 0), 1))
}

func (l *SweepLayout) y(v float64) float32 {
	share := (v - l.low) / (l.high - l.low)
	return l.Plot.Y + l.Plot.H*float32(1-min(max(share, 0), 1))
}

func (l *SweepLayout) Foot() float32 { return l.Plot.Y + l.Plot.H }

// axes draws the hairlines, the ticks and what the axes measure.
func (s *Sweep) axes(p *picture.Picture, words words.Words, l *SweepLayout) {
	right, foot := l.Plot.X+l.Plot.W, l.Foot()
	line := picture.LineHeight * l.size
	hair := picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1}
	from := l.low
	if s.Marks == nil {
		from = l.step // 0 is at the axis itself
	}
	last := l.y(from) + 2*line
	for k := 0; from+float64(k)*l.step <= l.high+0.01*l.step; k++ {
		v := from + float64(k)*l.step
		y := l.y(v)
		p.Segment(l.Plot.X, y, right, y, hair)
		if last-y >= line {
			p.Text(picture.Label{X: 2, Y: y - line/2, W: l.Plot.X - 8, Text: l.tick(v), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignEnd})
			last = y
		}
	}
	if s.Measure == SweepReward && Legible(s.Baseline) {
		y := l.y(s.Baseline)
		p.Segment(l.Plot.X, y, right, y, picture.Mark{Ink: picture.InkReference, Alpha: 1, Stroke: 1.2, Dash: 3})
	}
	p.Segment(l.Plot.X, foot, right, foot, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	p.Text(picture.Label{X: 2, Y: 0, W: l.w - 4, Text: words.Say(sweepWords[s.Measure].y), Size: l.size, Ink: picture.InkSoft})
	l.betas(p, s.Marks)
	if s.Marks == nil {
		p.Text(picture.Label{X: l.Plot.X, Y: l.h - line - 2, W: l.Plot.W, Text: words.Say("sweep.x"), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignCentre})
	}
}

// sweepWords are the catalogue's keys of what is said of each measure.
var sweepWords = [...]struct{ title, y, desc string }{
	SweepKL:     {"sweep.title", "sweep.y", "sweep.desc"},
	SweepReward: {"sweep.reward.title", "sweep.reward.y", "sweep.reward.desc"},
}

// betas labels the axis: the βs that stand side by side, the present one first,
// and round values where there is room between them.
func (l *SweepLayout) betas(p *picture.Picture, marks []SweepMark) {
	from := len(p.Labels)
	for _, present := range [2]bool{true, false} {
		for i := range marks {
			if m := &marks[i]; m.Present == present {
				t := picture.Label{Text: strings.TrimPrefix(BetaText(m.Beta), "0"), Size: l.size, Ink: picture.InkText, Bold: true}
				if present {
					t.Ink = picture.InkAccent
				}
				l.beta(p, t, m.Beta, 14, from)
			}
		}
	}
	drop := float32(5)
	if marks != nil {
		drop = 14
	}
	foot := l.Foot()
	for _, t := range BetaTicks {
		x := l.X(t.Beta)
		p.Segment(x, foot, x, foot+4, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
		l.beta(p, picture.Label{Text: t.Text, Size: l.size, Ink: picture.InkSoft}, t.Beta, drop, from)
	}
}

// beta puts a label under the axis unless it would meet one of those placed
// since from.
func (l *SweepLayout) beta(p *picture.Picture, t picture.Label, beta float64, drop float32, from int) {
	t.W, t.Align = picture.TextWidth(t.Text, t.Size, t.Bold)+2, picture.AlignCentre
	t.X, t.Y = picture.Clamp(l.X(beta)-t.W/2, 1, l.w-t.W-1), l.Foot()+drop
	for i := from; i < len(p.Labels); i++ {
		if t.Box().Overlaps(p.Labels[i].Box(), -4) {
			return
		}
	}
	p.Text(t)
}

// present marks the β in use, and those that stand side by side, with lines
// through the plot, and β* with a dotted one.
func (s *Sweep) present(p *picture.Picture, l *SweepLayout) {
	foot := l.Foot()
	if s.Star > 0 {
		x := l.X(s.Star)
		p.Segment(x, l.Plot.Y, x, l.Foot(), picture.Mark{Ink: picture.InkSoft, Alpha: 1, Stroke: 1, Dash: 2})
	}
	for i := range s.Marks {
		x, style := l.X(s.Marks[i].Beta), picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1}
		if s.Marks[i].Present {
			style = picture.Mark{Ink: picture.InkAccent, Alpha: 1, Stroke: 1.4}
		}
		p.Segment(x, l.Plot.Y, x, foot, style)
	}
	if s.Marks == nil {
		x := l.X(s.Present)
		p.Segment(x, l.Plot.Y, x, foot, picture.Mark{Ink: picture.InkAccent, Alpha: 1, Stroke: 1.4})
	}
}

func (l *SweepLayout) curve(p *picture.Picture, c curve, style picture.Mark) {
	from := len(p.Points)
	for i, beta := range c.beta {
		v := c.value(i)
		if !Legible(v) {
			p.Piece(from, style)
			from = len(p.Points)
			continue
		}
		p.Points = append(p.Points, picture.Point{l.X(beta), l.y(v)})
	}
	p.Piece(from, style)
}

// points marks where optima were worked out, if that is only here and there.
func (l *SweepLayout) points(p *picture.Picture, s *Sweep) {
	c := s.optimum()
	for i, beta := range c.beta {
		if v := c.value(i); s.OptimumBeta != nil && Legible(v) {
			p.Disc(l.X(beta), l.y(v), 1.8, picture.InkOptimum)
		}
	}
}

// presentAfter and presentOptimum are the values at the β in use: those given,
// or else read off the curves.
func (s *Sweep) presentAfter() float64 { return s.given(s.PresentAfter, s.after()) }

func (s *Sweep) presentOptimum() float64 { return s.given(s.PresentOptimum, curve{s.Beta, s.Optimum}) }

func (s *Sweep) given(exact float64, c curve) float64 {
	if exact > 0 {
		return exact
	}
	return c.at(s.Present)
}

// dots marks both curves at the β in use, or at those that stand side by side;
// these are handles on the axis too.
func (s *Sweep) dots(p *picture.Picture, l *SweepLayout) {
	for i := range s.Marks {
		m := &s.Marks[i]
		x, foot, ink := l.X(m.Beta), l.Foot(), picture.InkSoft
		if m.Present {
			ink = picture.InkAccent
		}
		p.Disc(x, foot+7, 6, ink)
		p.Disc(x, foot+7, 2.2, picture.InkPaper)
		if Legible(m.Optimum) {
			p.Optimum(x, l.y(m.Optimum), 4.6, 1.3, m.Reached)
		}
		if Legible(m.After) {
			p.Disc(x, l.y(m.After), 3.2, picture.InkPolicy)
		}
	}
	if s.Marks != nil {
		return
	}
	x := l.X(s.Present)
	if v := s.presentOptimum(); Legible(v) {
		p.Optimum(x, l.y(v), 5.5, 1.4, s.Reached)
	}
	if v := s.presentAfter(); Legible(v) {
		p.Disc(x, l.y(v), 3, picture.InkPolicy)
	}
}

// names puts the words beside what they name.
func (s *Sweep) names(p *picture.Picture, w words.Words, l *SweepLayout, obstacles []picture.Point) {
	if s.Marks == nil {
		now := picture.Label{Text: w.Say("sweep.present", "beta", BetaText(s.Present)), Size: l.size, Ink: picture.InkAccent, Bold: true}
		l.above(p, now, s.Present, obstacles)
	}
	if s.Star > 0 {
		star := picture.Label{Text: w.Say("sweep.star", "beta", BetaText(s.Star)), Size: l.size, Ink: picture.InkSoft}
		l.above(p, star, s.Star, obstacles)
	}
	after := picture.Label{Text: w.Say(w.Form("sweep.after", s.Steps), "steps", words.Count(float64(s.Steps))), Size: l.size, Ink: picture.InkPolicy}
	if c := s.after(); c.v != nil {
		l.beside(p, after, c, s.optimum(), obstacles)
	}
	if s.Reached != picture.Unknown {
		key := "sweep.optimum"
		if s.Reached == picture.NeverReached {
			key = "sweep.never"
		}
		l.beside(p, picture.Label{Text: w.Say(key), Size: l.size, Ink: picture.InkOptimum}, s.optimum(), s.after(), obstacles)
	}
	if s.Measure == SweepReward && Legible(s.Baseline) {
		l.beside(p, picture.Label{Text: w.Say("sweep.reference"), Size: l.size, Ink: picture.InkReference}, flat(s.Baseline), s.optimum(), obstacles)
	}
}

// above tries the places at the top of the vertical line at β.
func (l *SweepLayout) above(p *picture.Picture, t picture.Label, beta float64, obstacles []picture.Point) {
	t.W = picture.TextWidth(t.Text, t.Size, t.Bold) + 2
	x, line := l.X(beta), picture.LineHeight*l.size
	best := Search{Cost: math.Inf(1)}
	for row := range 3 {
		y := l.Plot.Y - line - 1 + float32(row)*line
		for _, left := range [...]float32{x - t.W/2, x + 5, x - t.W - 5} {
			if row > 0 && left == x-t.W/2 {
				continue
			}
			t.X, t.Y = picture.Clamp(left, 1, l.w-t.W-1), y
			best.Consider(p, t, obstacles, float64(row))
		}
	}
	best.Place(p)
}

// beside tries places above and below a curve, all along it.
func (l *SweepLayout) beside(p *picture.Picture, t picture.Label, c, other curve, obstacles []picture.Point) {
	t.W = picture.TextWidth(t.Text, t.Size, t.Bold) + 2
	line := picture.LineHeight * l.size
	best := Search{Cost: math.Inf(1)}
	for i, beta := range c.beta {
		v := c.value(i)
		if !Legible(v) {
			continue
		}
		x, y := l.X(beta), l.y(v)
		for _, at := range [...]picture.Point{{x, y - line - 3}, {x - t.W/2, y - line - 3}, {x + 7, y - line/2}, {x - t.W - 7, y - line/2}, {x, y + 3}, {x - t.W, y + 3}} {
			t.X, t.Y = at.X, picture.Clamp(at.Y, 0, l.Foot()-line-2)
			if t.X >= l.Plot.X+2 && t.X+t.W <= l.Plot.X+l.Plot.W {
				best.Consider(p, t, obstacles, l.confusion(t, c, other))
			}
		}
	}
	best.Place(p)
}

// confusion is how much nearer a label is to the other curve than to its own, and more
// where a curve strikes it through.
func (l *SweepLayout) confusion(t picture.Label, c, other curve) float64 {
	box := t.Box()
	cost := l.struck(box, c) + l.struck(box, other)
	own, far := l.apart(box, box.W/2, c), l.apart(box, box.W/2, other)
	if own >= 0 && far > 0 {
		cost += own / far
	}
	return cost
}

// struck counts the places along a box at which a curve runs through it.
func (l *SweepLayout) struck(box picture.Bar, c curve) (cost float64) {
	for i := range 3 {
		if l.apart(box, box.W*float32(i)/2, c) < float64(box.H/2) {
			cost += 100
		}
	}
	return cost
}

// apart is how far a curve is from a box's middle at x from its left edge: NaN where
// there is no curve.
func (l *SweepLayout) apart(box picture.Bar, x float32, c curve) float64 {
	share := float64((box.X + x - l.Plot.X) / l.Plot.W)
	v := c.at(SweepLow * math.Pow(SweepHigh/SweepLow, share))
	if !Legible(v) {
		return math.NaN()
	}
	return math.Abs(float64(l.y(v) - box.Y - box.H/2))
}

// A Search keeps the best place for a label that has been considered. All
// places are of one label, in a picture that stays as it is meanwhile.
type Search struct {
	Label picture.Label
	Cost  float64
	box   picture.Bar     // of the label at (0, 0)
	taken [48]picture.Bar // by the picture's first labels
	begun bool
}

// Consider weighs a place: labels must not meet, curves should not cross them.
func (b *Search) Consider(p *picture.Picture, t picture.Label, obstacles []picture.Point, cost float64) {
	b.begin(p, t)
	box := b.box
	box.X, box.Y = box.X+t.X, box.Y+t.Y
	for i := range p.Labels {
		other := b.taken[min(i, len(b.taken)-1)]
		if i >= len(b.taken) {
			other = p.Labels[i].Box()
		}
		if box.Overlaps(other, -3) {
			cost += 1e6
		}
	}
	if cost >= b.Cost {
		return
	}
	for _, m := range p.Marks {
		if box.Overlaps(m.Extent(p.Points), 0) {
			cost += 25
		}
	}
	for _, q := range obstacles {
		if box.Overlaps(picture.Bar{q.X - 1, q.Y - 1, 2, 2}, 0) {
			cost += 5
		}
	}
	if cost < b.Cost {
		b.Label, b.Cost = t, cost
	}
}

// begin measures what is the same at every place.
func (b *Search) begin(p *picture.Picture, t picture.Label) {
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

// Place adds the label, unless every place would lie on another label.
func (b *Search) Place(p *picture.Picture) {
	if b.Cost < 1e6 {
		p.Text(b.Label)
	}
}

// BetaText writes β as it is typed: three digits, no idle zeros.
func BetaText(beta float64) string { return words.General(beta, 3) }

// describe fills the sweep's words.
func (s *Sweep) describe(p *picture.Picture, w words.Words) {
	p.Title = w.Say(sweepWords[s.Measure].title)
	steps, beta := words.Count(float64(s.Steps)), BetaText(s.Present)
	p.Desc = w.Say(sweepWords[s.Measure].desc, "steps", steps)
	if s.Measure == SweepReward {
		return // the numbers are said by what shows it
	}
	if v := s.presentAfter(); Legible(v) {
		p.Desc += " " + w.Say("sweep.desc.after", "beta", beta, "steps", steps, "kl", words.Short(v))
	}
	if v := s.presentOptimum(); Legible(v) && s.Reached != picture.Unknown {
		key := "sweep.desc.optimum"
		if s.Reached == picture.NeverReached {
			key = "sweep.desc.never"
		}
		p.Desc += " " + w.Say(key, "beta", beta, "kl", words.Short(v))
	}
	if s.Star > 0 {
		p.Desc += " " + w.Say("sweep.desc.star", "beta", BetaText(s.Star), "steps", steps)
	}
}
