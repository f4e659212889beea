// Package chart draws the small pictures beside the view: a measure over steps, one
// over β, the plane of features, and the ledger of a step. It may import core,
// core/runlog and scenes/read.
package chart

import (
	"math"
	"strconv"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Chart is one small chart: how one or several measures went over the steps.
type Chart struct {
	Name  string // what is measured
	Value string // its value now, as the page writes it; for the description
	Steps []int  // rising; shared by all lines
	Lines []Line

	Step int // where the run is now: a hairline. Below 0 for none
	End  int // the last step of the axis, so that it stays while the run grows

	// Optimum is the measure's value there, drawn as a dashed line if Reached
	// is not Unknown.
	Optimum float64
	Reached picture.Reached

	Probability bool // the axis is 0 to 1, fixed
	NonNegative bool // the measure has no values below 0 (KL, loss, entropy): the axis starts there
	Large       bool // with the ends of the axes and the lines' names
	ByReply     bool // Steps are the places of replies in their list, from 1, and no steps

	Font float32 // size of the page's text in pixels; 0 for 16
}

// A Line is a measure's values at Chart.Steps. Values that are not finite,
// or beyond ±1e30, leave a gap.
type Line struct {
	Name   string
	Values []float64
	Ink    picture.Ink // InkNone: one of the chart's own, by place
	Steps  []int       // of the values, where they are not the chart's
	run    int         // of a real run: its number, from 1, which gives the pattern
	dots   bool        // at the values
}

// steps are those of line i, as many as it has values.
func (c *Chart) steps(i int) []int {
	l := &c.Lines[i]
	if l.Steps != nil {
		return l.Steps[:min(len(l.Steps), len(l.Values))]
	}
	return c.Steps[:min(len(c.Steps), len(l.Values))]
}

// lineInks and lineDashes make 20 lines that differ in ink or in pattern, the
// first four in both. None of the inks means chosen or rejected.
var (
	lineInks   = [...]picture.Ink{picture.InkPolicy, picture.InkText, picture.InkRival, picture.InkReference}
	lineDashes = [...]float32{0, 6, 2, 10, 4}
)

func LineStyle(i int, ink picture.Ink) picture.Mark {
	if ink == picture.InkNone {
		ink = lineInks[i%len(lineInks)]
	}
	dash := lineDashes[i%len(lineDashes)]
	return picture.Mark{Ink: ink, Alpha: 1, Stroke: 1.8, Dash: dash}
}

// Draw fills p with the chart in w×h pixels: about 130×28 small, 320×120 large.
func (c *Chart) Draw(p *picture.Picture, words words.Words, w, h float32) {
	p.Reset(w, h)
	l := c.layout(w, h)
	if c.Large {
		c.axes(p, words, &l)
	}
	if c.Step >= 0 {
		x := l.x(min(c.Step, int(l.last)))
		p.Segment(x, l.plot.Y, x, l.plot.Y+l.plot.H, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
	}
	if c.Reached != picture.Unknown && Legible(c.Optimum) {
		y := l.y(c.Optimum)
		p.Segment(l.plot.X, y, l.plot.X+l.plot.W, y, picture.Mark{Ink: picture.InkSoft, Alpha: 0.8, Stroke: 1, Dash: 3})
	}
	for i := range c.Lines {
		c.line(p, i, &l)
	}
	if c.Reached != picture.Unknown && Legible(c.Optimum) {
		p.Optimum(l.plot.X+l.plot.W, l.y(c.Optimum), 3.5, 1.2, c.Reached)
	}
	if c.Large && len(c.Lines) > 1 {
		c.names(p, &l)
	}
	c.describe(p, words)
}

func Legible(x float64) bool { return math.Abs(x) <= 1e30 }

// layout places a chart: the plot and the ends of its axes.
type layout struct {
	plot      picture.Bar
	last      float32 // step at the right end
	low, high float64
	step      float64 // between round values
	size      float32 // of text
	gutter    float32 // right of the plot, for names
}

func (c *Chart) layout(w, h float32) layout {
	l := layout{plot: picture.Bar{5, 5, w - 11, h - 10}, last: float32(max(c.End, 1)), size: Text(c.Font), high: 1, step: 0.25}
	for i := range c.Lines {
		if steps := c.steps(i); len(steps) > 0 {
			l.last = max(l.last, float32(steps[len(steps)-1]))
		}
	}
	if !c.Probability {
		l.low, l.high, l.step = c.bounds()
	}
	if !c.Large {
		return l
	}
	line := picture.LineHeight * l.size
	left := max(picture.TextWidth(c.Tick(l.low, l.step), l.size, false), picture.TextWidth(c.Tick(l.high, l.step), l.size, false)) + 8
	if len(c.Lines) > 1 {
		for i := range c.Lines {
			l.gutter = max(l.gutter, picture.TextWidth(c.Lines[i].Name, l.size, false)+26)
		}
		l.gutter = min(l.gutter, 0.42*w)
	}
	l.plot = picture.Bar{left, line / 2, w - left - l.gutter - 6, h - 1.5*line - 4}
	return l
}

func (l *layout) x(step int) float32 { return l.plot.X + float32(step)/l.last*l.plot.W }

func (l *layout) y(v float64) float32 {
	share := (v - l.low) / (l.high - l.low)
	return l.plot.Y + l.plot.H*float32(1-min(max(share, 0), 1))
}

// Text is the font size of charts on a page whose text has size font; 0
// stands for 16.
func Text(font float32) float32 {
	if font <= 0 {
		font = picture.PageFont
	}
	return max(0.72*font, 11.5)
}

// bounds are the ends of the vertical axis, and the step between round values.
// What cannot be negative begins at 0; where it is 0 throughout, the axis ends at 1.
func (c *Chart) bounds() (low, high, step float64) {
	low, high = c.extent()
	if !c.NonNegative {
		return RoundBounds(low, high)
	}
	if high < 1e-12 {
		return 0, 1, 1
	}
	_, high, step = RoundBounds(0, high)
	return 0, high, step
}

// extent is the range of all that is shown.
func (c *Chart) extent() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	include := func(v float64) {
		if Legible(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	for i := range c.Lines {
		for _, v := range c.Lines[i].Values {
			include(v)
		}
	}
	if c.Reached != picture.Unknown {
		include(c.Optimum)
	}
	if low > high {
		return 0, 1
	}
	return low, high
}

// RoundBounds widens a range to round numbers, so that the axis stays put
// while the data moves a little, and takes in zero when it is near.
func RoundBounds(low, high float64) (from, to, step float64) {
	if low > 0 && low < high/2 {
		low = 0
	}
	if high < 0 && high > low/2 {
		high = 0
	}
	span := high - low
	if span < 1e-9*max(math.Abs(low), math.Abs(high), 1e-6) {
		span = max(math.Abs(high), 1e-3)
		low, high = low-span/4, high+span/4
	}
	step = RoundStep(span / 4)
	from, to = math.Floor(low/step)*step, math.Ceil((high+span*0.02)/step)*step
	return from, to, step
}

// RoundStep is the least of 1, 2 and 5 times a power of ten that is not below x.
func RoundStep(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range [...]float64{1, 2, 5} {
		if m*power >= x {
			return m * power
		}
	}
	return 10 * power
}

// Tick writes a round value with as many decimals as its step has.
func (c *Chart) Tick(v, step float64) string {
	if v == 0 || math.Abs(v) >= 1e6 || step < 1e-5 {
		return words.Short(v)
	}
	decimals := int(max(0, min(6, math.Ceil(-math.Log10(step)-1e-9))))
	if c.Probability {
		decimals = 0
	}
	return words.Fixed(v, decimals)
}

// axes draws the ends of both axes.
func (c *Chart) axes(p *picture.Picture, words words.Words, l *layout) {
	right, foot := l.plot.X+l.plot.W, l.plot.Y+l.plot.H
	for _, v := range [...]float64{l.low, l.high} {
		y := l.y(v)
		p.Segment(l.plot.X, y, right, y, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
		text := picture.Label{X: 0, Y: y - picture.LineHeight*l.size/2, W: l.plot.X - 4, Text: c.Tick(v, l.step), Size: l.size, Ink: picture.InkSoft, Align: picture.AlignEnd}
		p.Text(text)
	}
	key := "chart.steps"
	if c.ByReply {
		key = "chart.replies"
	}
	end := words.Say(words.Form(key, int(l.last)), "n", strconv.Itoa(int(l.last)))
	wide := picture.TextWidth(end, l.size, false) + 1
	p.Text(picture.Label{X: l.plot.X, Y: foot + 3, W: max(l.plot.W-wide-6, 12), Text: "0", Size: l.size, Ink: picture.InkSoft})
	p.Text(picture.Label{X: max(right-wide, l.plot.X+14), Y: foot + 3, W: min(wide, l.plot.W-14), Text: end, Size: l.size, Ink: picture.InkSoft, Align: picture.AlignEnd})
}

// line draws one measure, in pieces where values are missing, and a dot at the
// present step. A long series is thinned to its extremes in each pixel column.
func (c *Chart) line(p *picture.Picture, i int, l *layout) {
	steps := c.steps(i)
	style := c.style(i)
	from, dot := len(p.Points), picture.Point{-1, 0}
	for k, v := range c.Lines[i].Values[:len(steps)] {
		if !Legible(v) {
			p.Piece(from, style)
			from = len(p.Points)
			continue
		}
		q := picture.Point{l.x(steps[k]), l.y(v)}
		if steps[k] <= c.Step && c.Lines[i].run == 0 {
			dot = q
		}
		p.Points = Thinned(p.Points, from, q)
	}
	p.Piece(from, style)
	if dot.X >= 0 {
		p.Disc(dot.X, dot.Y, 2.4, style.Ink)
	}
	if c.Lines[i].dots {
		c.dots(p, i, l)
	}
}

// Thinned adds a point to a polyline that began at from. Of the points in one
// pixel column it keeps the first two and lets later ones widen them.
func Thinned(points []picture.Point, from int, q picture.Point) []picture.Point {
	n := len(points)
	if n-from < 3 || int(points[n-2].X) != int(q.X) || int(points[n-1].X) != int(q.X) {
		return append(points, q)
	}
	a, b := &points[n-2], &points[n-1]
	if a.Y > b.Y {
		a, b = b, a
	}
	a.Y, b.Y = min(a.Y, q.Y), max(b.Y, q.Y)
	return points
}

// MaxNames is how many lines can be named beside the plot.
const MaxNames = 16

// A LineName is where a line ends and where its name goes.
type LineName struct {
	Line int
	End  picture.Point
	At   float32
}

// names writes the lines' names at their ends, apart from each other. Where
// there is no room for all, the highest lines are named.
func (c *Chart) names(p *picture.Picture, l *layout) {
	var room [MaxNames]LineName
	names := room[:0]
	for i := range c.Lines {
		end, ok := c.last(i, l)
		if ok && len(names) < MaxNames {
			names = append(names, LineName{Line: i, End: end})
		}
	}
	SortNames(names)
	line := l.size * picture.LineHeight
	names = names[:min(len(names), int((l.plot.H+line)/line))]
	Spread(names, line, l.plot.Y, l.plot.Y+l.plot.H)
	right := l.plot.X + l.plot.W
	for _, n := range names {
		style := c.style(n.Line)
		if n.End.X > right-2 { // across the plot it would read as data
			p.Segment(n.End.X, n.End.Y, right+6, n.At, picture.Mark{Ink: style.Ink, Alpha: 0.4, Stroke: 0.8})
		}
		p.Segment(right+6, n.At, right+20, n.At, style)
		p.Text(picture.Label{X: right + 24, Y: n.At - picture.LineHeight*l.size/2, W: l.gutter - 22, Text: c.Lines[n.Line].Name, Size: l.size, Ink: style.Ink})
	}
}

// last is the point where a line ends.
func (c *Chart) last(i int, l *layout) (picture.Point, bool) {
	steps, values := c.steps(i), c.Lines[i].Values
	for k := len(steps) - 1; k >= 0; k-- {
		if Legible(values[k]) {
			return picture.Point{l.x(steps[k]), l.y(values[k])}, true
		}
	}
	return picture.Point{}, false
}

func SortNames(names []LineName) {
	for i := range names {
		for k := i; k > 0 && names[k].End.Y < names[k-1].End.Y; k-- {
			names[k], names[k-1] = names[k-1], names[k]
		}
	}
}

// Spread puts sorted names at their lines' ends but at least a distance apart,
// between top and bottom.
func Spread(names []LineName, apart, top, bottom float32) {
	for i := range names {
		names[i].At = max(names[i].End.Y, top)
		if i > 0 {
			names[i].At = max(names[i].At, names[i-1].At+apart)
		}
	}
	limit := bottom
	for i := len(names) - 1; i >= 0; i-- {
		names[i].At = min(names[i].At, limit)
		limit = names[i].At - apart
	}
}

// describe fills the chart's words.
func (c *Chart) describe(p *picture.Picture, w words.Words) {
	p.Title = w.Say("chart.title", "name", c.Name)
	p.Desc = w.Say("chart.desc", "name", c.Name, "value", c.Value, "step", strconv.Itoa(max(c.Step, 0)))
	if c.Value == "" {
		p.Desc = p.Title
	}
	for i := 0; c.Value == "" && i < len(c.Lines); i++ {
		n := len(c.steps(i))
		if n == 0 || !Legible(c.Lines[i].Values[n-1]) {
			continue
		}
		p.Desc += " " + w.Say("chart.desc.line", "name", words.Brief(c.Lines[i].Name), "value", c.said(c.Lines[i].Values[n-1], w))
	}
	if c.Reached == picture.Reachable {
		p.Desc += " " + w.Say("chart.desc.optimum", "value", c.said(c.Optimum, w))
	} else if c.Reached == picture.NeverReached {
		p.Desc += " " + w.Say("chart.desc.never", "value", c.said(c.Optimum, w))
	}
}

func (c *Chart) said(v float64, w words.Words) string {
	if c.Probability {
		return w.Say("chart.percent", "n", words.Percent(v))
	}
	return words.Short(v)
}
