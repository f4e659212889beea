package betas

import (
	"math"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// layout places what stands side by side: a table with a column for each
// β and a row for each reply, and the charts under it. Replies' names stand
// beside the bars, or above them in a narrow picture.
type layout struct {
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

	charts [2]picture.Bar // of KL and of reward; empty where there is no room, or there are no true rewards
	axis   int            // the chart whose axis has the handles
}

// Limits of the layout, in pixels.
const (
	narrow     = 520 // below, names stand above the bars
	leastChart = 78  // of a chart's height
)

func (v *View) layout(s *Betas, w, h float32) layout {
	l := layout{w: w, h: h, n: len(s.replies), m: max(len(s.columns), 1), above: w < narrow, ceiling: s.ceiling()}
	unit := picture.Clamp(max(min(w/680, h/470), s.Font/picture.PageFont*0.94), 0.92, 2)
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
func (l *layout) crowded() bool {
	least := max(0.34*l.h, 1.3*leastChart)
	if l.above {
		least = 2.2 * leastChart
	}
	return l.h-l.foot < least
}

// place sizes the table for a unit: 1 on a laptop.
func (l *layout) place(unit float32) {
	l.text, l.head = max(13*unit, picture.LeastTick), max(14.5*unit, 13)
	l.small = max(12.2*unit, picture.LeastTick)
	l.chart = max(11.3*unit, picture.LeastTick)
	l.gap, l.top = 14*unit, 6*unit
	if l.m > 4 {
		l.gap = 9 * unit // for the percentages
	}
	if l.w < narrow {
		l.gap = 7
	}
	l.names, l.left = 0, picture.PageMargin+2
	if !l.above {
		l.names = picture.Clamp(0.25*l.w, 96, 230*unit)
		l.left = picture.PageMargin + l.names
	}
	l.wide = (l.w-l.left-picture.PageMargin)/float32(l.m) - l.gap
	line := picture.LineHeight * l.text
	l.first = l.top + picture.LineHeight*l.head + 2*line + 7*unit
	if l.above {
		l.first += 2 * line
	}
	l.rows(unit)
	l.percent = 0
	if room := picture.TextWidth("9.9%", l.small, false) + 2; l.wide > 2.4*room && (!l.above || l.thick > picture.LineHeight*l.small-3) {
		l.percent = room
	}
	l.diamond = min(5*unit, 0.3*l.band, 0.36*l.thick+1.5)
	l.span = l.wide - l.percent - l.diamond - 3
	l.foot = l.first + float32(l.n)*l.band + picture.LineHeight*l.chart + 4
}

// rows sizes the rows: as high as there is room, within reason.
func (l *layout) rows(unit float32) {
	line := picture.LineHeight * l.text
	most := (0.64*l.h - picture.LineHeight*l.chart - 4 - l.first) / float32(max(l.n, 1))
	l.lines = 1
	if l.above {
		l.band = picture.Clamp(most, line+12, line+24*unit)
		l.thick = l.band - line - 8
		return
	}
	l.band = picture.Clamp(most, picture.LineHeight*picture.LeastTick+1, 40*unit)
	l.text = min(l.text, (l.band-0.5)/picture.LineHeight)
	l.small = min(l.small, l.text)
	if l.band >= 2*picture.LineHeight*l.text-0.5 {
		l.lines = 2
	}
	l.thick = min(0.62*l.band, 22*unit)
}

// x is where the bars of column i begin.
func (l *layout) x(i int) float32 {
	return l.left + float32(i)*(l.wide+l.gap) + l.gap/2
}

// across is the middle of the bars of row k.
func (l *layout) across(k int) float32 {
	y := l.first + float32(k)*l.band
	if l.above {
		return y + picture.LineHeight*l.text + 2 + l.thick/2
	}
	return y + l.band/2
}

// out is how long a probability's bar is.
func (l *layout) out(p float64) float32 { return min(float32(p)/l.ceiling, 1) * l.span }

func (l *layout) stroke() float32 { return 1.3 }

// number is where one of the two rows of KLs begins.
func (l *layout) number(row int) float32 {
	line := picture.LineHeight * l.text
	if l.above {
		line *= 2
	}
	return l.top + picture.LineHeight*l.head + 1 + float32(row)*line
}

// column is the whole region of column i.
func (l *layout) column(i int) picture.Bar {
	return picture.Bar{l.x(i) - l.gap/2 + 1, 2, l.wide + l.gap - 2, l.foot - 2}
}

// scale draws the bars' axes: a line at 0, hairlines at round probabilities,
// and what these are under each column.
func (l *layout) scale(p *picture.Picture, v *View) {
	step := float64(l.ceiling)
	if apart := picture.TextWidth("100%", l.chart, false) + 8; l.span/2 > apart {
		step /= 2
	}
	foot := l.first + float32(l.n)*l.band
	for i := range l.m {
		x := l.x(i)
		for q := step; q < float64(l.ceiling)*1.001; q += step {
			at, text := x+l.out(q), v.percents.Say(words.VisiblePercent(q), words.PercentText)
			l.upright(p, at, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1})
			wide := picture.TextWidth(text, l.chart, false) + 2
			p.Text(picture.Label{X: min(at-wide/2, l.w-wide-1), Y: foot + 1, W: wide, Text: text, Size: l.chart, Ink: picture.InkSoft, Align: picture.AlignCentre})
		}
		l.upright(p, x, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1})
	}
}

// upright draws a line through all rows, but not through names above bars.
func (l *layout) upright(p *picture.Picture, x float32, style picture.Mark) {
	if !l.above {
		p.Segment(x, l.first, x, l.first+float32(l.n)*l.band, style)
		return
	}
	for k := range l.n {
		y := l.across(k)
		p.Segment(x, y-l.thick/2-2, x, y+l.thick/2+2, style)
	}
}

// share gives the charts what is left: side by side, or in a narrow picture that
// is high enough one above the other.
func (l *layout) share(s *Betas) {
	top := l.foot + 8
	room, wide := l.h-top-2, l.w-8
	switch {
	case room < leastChart:
	case !s.rewarded:
		l.charts[0] = picture.Bar{4, top, wide, room - picture.LineHeight*l.text - 4}
	case l.w < narrow && room >= 2.2*leastChart:
		upper := (room - picture.LineHeight*l.chart - 6) / 2
		l.charts, l.axis = [2]picture.Bar{{4, top, wide, upper}, {4, top + upper, wide, room - upper}}, 1
	default:
		l.charts = [2]picture.Bar{{4, top, wide/2 - 6, room}, {4 + wide/2 + 6, top, wide/2 - 6, room}}
	}
}

// sweepBeta is the β at a share of the axis.
func sweepBeta(share float64) float64 {
	return chart.SweepLow * math.Pow(chart.SweepHigh/chart.SweepLow, share)
}
