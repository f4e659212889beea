package betas

import (
	"math"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// layout places what stands side by side: the chart of KL over β, and under it a table
// with a column for each β and a row for each reply. In a narrow picture the rows are
// the present β's alone, as wide as there is room.
type layout struct {
	w, h   float32
	n, m   int     // replies and columns
	single int     // the one column whose rows are drawn; −1 for all
	names  float32 // width left of the columns
	left   float32 // where the first column begins
	wide   float32 // of a column
	gap    float32
	top    float32 // of the columns' heads
	first  float32 // where the first row begins
	band   float32 // of a row
	lane   float32 // from a row's middle to either of its lanes
	span   float32 // of the probabilities' axis

	head, text, chart float32 // font sizes
	diamond           float32
	lines             int // of a reply's name

	charts [2]picture.Bar // of KL and of reward; the second is empty unless it is drawn
}

// Limits of the layout, in pixels.
const (
	narrow     = 560 // below, only the present β has rows
	wideEnough = 860 // for the chart of rewards
)

func (v *View) layout(s *Betas, w, h float32) layout {
	l := layout{w: w, h: h, n: len(s.replies), m: max(len(s.columns), 1), single: -1}
	if w < narrow {
		l.single = s.presentColumn()
	}
	unit := picture.Clamp(max(min(w/680, h/470), s.Font/picture.PageFont*0.94), 0.92, 2)
	for l.place(unit); l.top < 0.5*h && unit > 0.92; l.place(unit) {
		unit = max(unit*0.95, 0.92)
	}
	l.share(s)
	return l
}

// presentColumn is that of the present β.
func (s *Betas) presentColumn() int {
	for i := range s.columns {
		if s.columns[i].present {
			return i
		}
	}
	return 0
}

// place sizes the table for a unit, 1 on a laptop, and puts it at the foot.
func (l *layout) place(unit float32) {
	l.text, l.head = max(13*unit, picture.LeastTick), max(14.5*unit, 13)
	l.chart = max(11.8*unit, picture.LeastTick)
	l.gap, l.names = 16*unit, picture.Clamp(0.2*l.w, 96, 230*unit)
	if l.single >= 0 {
		l.gap, l.names = 4, 122
	}
	l.left = picture.PageMargin + l.names
	l.wide = (l.w-l.left-picture.PageMargin)/float32(l.m) - l.gap
	line, tick := picture.LineHeight*l.text, picture.LineHeight*l.chart
	heads := picture.LineHeight*l.head + 2*line + 8*unit
	l.band = picture.Clamp((0.48*l.h-heads-tick)/float32(max(l.n, 1)), line+2, 40*unit)
	l.lines = 1
	if l.band >= 2*line-0.5 {
		l.lines = 2
	}
	l.lane = l.band / 4.6
	l.diamond = min(5*unit, l.lane-0.5)
	l.span = l.wide - 2*l.diamond
	if l.single >= 0 {
		l.span = l.w - l.left - picture.PageMargin - 2*l.diamond - 4
	}
	l.top = l.h - heads - float32(l.n)*l.band - tick - 6
	l.first = l.top + heads
}

// x is where the numbers of column i begin.
func (l *layout) x(i int) float32 {
	return l.left + float32(i)*(l.wide+l.gap) + l.gap/2
}

// from is where the axis of column i begins.
func (l *layout) from(i int) float32 {
	if l.single >= 0 {
		i = 0
	}
	return l.x(i) + l.diamond
}

// across is the middle of row k.
func (l *layout) across(k int) float32 { return l.first + (float32(k)+0.5)*l.band }

// foot is where the rows end.
func (l *layout) foot() float32 { return l.first + float32(l.n)*l.band }

// out is how far along the axis a probability lies: the axis always ends at 100 %.
func (l *layout) out(p float64) float32 { return picture.Clamp(float32(p), 0, 1) * l.span }

func (l *layout) stroke() float32 { return 1.3 }

// number is where one of the two rows of KLs begins.
func (l *layout) number(row int) float32 {
	return l.top + picture.LineHeight*l.head + 1 + float32(row)*picture.LineHeight*l.text
}

// column is the whole region of column i: in a narrow picture, of its head.
func (l *layout) column(i int) picture.Bar {
	b := picture.Bar{l.x(i) - l.gap/2 + 1, l.top - 3, l.wide + l.gap - 2, l.h - l.top + 1}
	if l.single >= 0 {
		b.H = l.first - l.top
	}
	return b
}

// scale draws the axes: a line at 0, hairlines at 50 and 100 %, and what these are
// under each column; and the key of the reference.
func (l *layout) scale(p *picture.Picture, v *View) {
	y := l.foot() + 2
	for i := range l.m {
		if l.single >= 0 && i > 0 {
			break
		}
		for _, q := range [...]float64{0, 0.5, 1} {
			ink := picture.InkLine
			if q == 0 {
				ink = picture.InkText
			}
			at, text := l.from(i)+l.out(q), v.percents.Say(words.VisiblePercent(q), words.PercentText)
			p.Segment(at, l.first, at, l.foot(), picture.Mark{Ink: ink, Alpha: 1, Stroke: 1})
			wide := picture.TextWidth(text, l.chart, false) + 2
			x := picture.Clamp(at-wide/2, l.x(i)-l.gap/2, min(l.from(i)+l.span+l.diamond+l.gap/2, l.w)-wide)
			if q == 0 || q == 0.5 && l.span < 3*wide {
				continue
			}
			p.Text(picture.Label{X: x, Y: y, W: wide, Text: text, Size: l.chart, Ink: picture.InkSoft, Align: picture.AlignCentre})
		}
	}
	key := l.diamond
	x, tall := picture.PageMargin+1.25*key, picture.LineHeight*l.chart
	p.Segment(x, y+2, x, y+tall-2, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: l.stroke(), Dash: 2})
	p.Text(picture.Label{X: picture.PageMargin + 2.8*key, Y: y, W: l.names - 2.8*key - 26, Text: v.reference, Size: l.chart, Ink: picture.InkSoft})
}

// share gives the chart of KL what is above the table, and that of rewards a third of
// it where the picture is wide.
func (l *layout) share(s *Betas) {
	wide, high := l.w-8, l.top-10
	if s.rewarded && l.w >= wideEnough {
		l.charts[1] = picture.Bar{4 + 0.72*wide, 2, 0.28 * wide, high}
		wide = 0.7 * wide
	}
	l.charts[0] = picture.Bar{4, 2, wide, high}
}

// sweepBeta is the β at a share of the axis.
func sweepBeta(share float64) float64 {
	return chart.SweepLow * math.Pow(chart.SweepHigh/chart.SweepLow, share)
}
