package scenes

import "math"

// betasLayout places what stands side by side: a table with a column for each
// β and a row for each reply, and the charts under it. Replies' names stand
// beside the bars, or above them in a narrow picture.
type betasLayout struct {
	w, h    float32
	above   bool
	n, m    int     // replies and columns
	names   float32 // width left of the columns
	left    float32 // where the first column begins
	wide    float32 // of a column
	gap     float32
	top     float32 // of the columns' heads
	first   float32 // where the first row begins
	band    float32 // of a row
	thick   float32 // of a bar
	percent float32 // room for a percentage at a column's end; 0 for none
	span    float32 // of the bars' axis
	ceiling float32
	foot    float32 // of the table

	head, text, small float32 // font sizes
	chart             float32
	diamond           float32
	lines             int // of a reply's name

	charts [2]Bar // of KL and of reward; empty where there is no room, or there are no true rewards
	axis   int    // the chart whose axis has the handles
}

// Limits of the layout, in pixels.
const (
	betasNarrow = 520 // below, names stand above the bars
	leastChart  = 78  // of a chart's height
)

func (v *BetasView) layout(s *Betas, w, h float32) betasLayout {
	l := betasLayout{w: w, h: h, n: len(s.Replies), m: max(len(s.Columns), 1), above: w < betasNarrow, ceiling: s.ceiling()}
	unit := clamp(max(min(w/680, h/470), s.Font/pageFont*0.94), 0.92, 2)
	for l.place(unit); l.crowded() && unit > 0.92; l.place(unit) {
		unit = max(unit*0.95, 0.92)
	}
	if l.above && l.crowded() {
		l.above = false
		l.place(unit)
	}
	l.share(s)
	return l
}

// crowded tells that too little is left for the charts.
func (l *betasLayout) crowded() bool {
	least := max(0.34*l.h, 1.3*leastChart)
	if l.above {
		least = 2.2 * leastChart
	}
	return l.h-l.foot < least
}

// place sizes the table for a unit: 1 on a laptop.
func (l *betasLayout) place(unit float32) {
	l.text, l.head = max(13*unit, leastTick), max(14.5*unit, 13)
	l.small = max(12.2*unit, leastTick)
	l.chart = max(11.3*unit, leastTick)
	l.gap, l.top = 14*unit, 6*unit
	if l.m > 4 {
		l.gap = 9 * unit // for the percentages
	}
	if l.w < betasNarrow {
		l.gap = 7
	}
	l.names, l.left = 0, pageMargin+2
	if !l.above {
		l.names = clamp(0.25*l.w, 96, 230*unit)
		l.left = pageMargin + l.names
	}
	l.wide = (l.w-l.left-pageMargin)/float32(l.m) - l.gap
	line := LineHeight * l.text
	l.first = l.top + LineHeight*l.head + 2*line + 7*unit
	if l.above {
		l.first += 2 * line
	}
	l.rows(unit)
	l.percent = 0
	if room := TextWidth("9.9%", l.small, false) + 2; l.wide > 2.4*room && (!l.above || l.thick > LineHeight*l.small-3) {
		l.percent = room
	}
	l.diamond = min(5*unit, 0.3*l.band, 0.36*l.thick+1.5)
	l.span = l.wide - l.percent - l.diamond - 3
	l.foot = l.first + float32(l.n)*l.band + LineHeight*l.chart + 4
}

// rows sizes the rows: as high as there is room, within reason.
func (l *betasLayout) rows(unit float32) {
	line := LineHeight * l.text
	most := (0.64*l.h - LineHeight*l.chart - 4 - l.first) / float32(max(l.n, 1))
	l.lines = 1
	if l.above {
		l.band = clamp(most, line+12, line+24*unit)
		l.thick = l.band - line - 8
		return
	}
	l.band = clamp(most, LineHeight*leastTick+1, 40*unit)
	l.text = min(l.text, (l.band-0.5)/LineHeight)
	l.small = min(l.small, l.text)
	if l.band >= 2*LineHeight*l.text-0.5 {
		l.lines = 2
	}
	l.thick = min(0.62*l.band, 22*unit)
}

// x is where the bars of column i begin.
func (l *betasLayout) x(i int) float32 {
	return l.left + float32(i)*(l.wide+l.gap) + l.gap/2
}

// across is the middle of the bars of row k.
func (l *betasLayout) across(k int) float32 {
	y := l.first + float32(k)*l.band
	if l.above {
		return y + LineHeight*l.text + 2 + l.thick/2
	}
	return y + l.band/2
}

// out is how long a probability's bar is.
func (l *betasLayout) out(p float64) float32 { return min(float32(p)/l.ceiling, 1) * l.span }

func (l *betasLayout) stroke() float32 { return 1.3 }

// number is where one of the two rows of KLs begins.
func (l *betasLayout) number(row int) float32 {
	line := LineHeight * l.text
	if l.above {
		line *= 2
	}
	return l.top + LineHeight*l.head + 1 + float32(row)*line
}

// column is the whole region of column i.
func (l *betasLayout) column(i int) Bar {
	return Bar{l.x(i) - l.gap/2 + 1, 2, l.wide + l.gap - 2, l.foot - 2}
}

// scale draws the bars' axes: a line at 0, hairlines at round probabilities,
// and what these are under each column.
func (l *betasLayout) scale(p *Picture, v *BetasView) {
	step := float64(l.ceiling)
	if apart := TextWidth("100%", l.chart, false) + 8; l.span/2 > apart {
		step /= 2
	}
	foot := l.first + float32(l.n)*l.band
	for i := range l.m {
		x := l.x(i)
		for q := step; q < float64(l.ceiling)*1.001; q += step {
			at, text := x+l.out(q), v.percents.say(visiblePercent(q), percentText)
			l.upright(p, at, Mark{Ink: InkLine, Alpha: 1, Stroke: 1})
			wide := TextWidth(text, l.chart, false) + 2
			p.text(Label{X: min(at-wide/2, l.w-wide-1), Y: foot + 1, W: wide, Text: text, Size: l.chart, Ink: InkSoft, Align: AlignCentre})
		}
		l.upright(p, x, Mark{Ink: InkText, Alpha: 1, Stroke: 1})
	}
}

// upright draws a line through all rows, but not through names above bars.
func (l *betasLayout) upright(p *Picture, x float32, style Mark) {
	if !l.above {
		p.segment(x, l.first, x, l.first+float32(l.n)*l.band, style)
		return
	}
	for k := range l.n {
		y := l.across(k)
		p.segment(x, y-l.thick/2-2, x, y+l.thick/2+2, style)
	}
}

// share gives the charts what is left: side by side, or in a narrow picture that
// is high enough one above the other.
func (l *betasLayout) share(s *Betas) {
	top := l.foot + 8
	room, wide := l.h-top-2, l.w-8
	switch {
	case room < leastChart:
	case !s.Rewarded:
		l.charts[0] = Bar{4, top, wide, room - LineHeight*l.text - 4}
	case l.w < betasNarrow && room >= 2.2*leastChart:
		upper := (room - LineHeight*l.chart - 6) / 2
		l.charts, l.axis = [2]Bar{{4, top, wide, upper}, {4, top + upper, wide, room - upper}}, 1
	default:
		l.charts = [2]Bar{{4, top, wide/2 - 6, room}, {4 + wide/2 + 6, top, wide/2 - 6, room}}
	}
}

// sweepBeta is the β at a share of the axis.
func sweepBeta(share float64) float64 {
	return sweepLow * math.Pow(sweepHigh/sweepLow, share)
}
