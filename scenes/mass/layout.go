package mass

import (
	"math"

	"dpoplayground/scenes/picture"
)

// layout places the mass view. Bars stand in columns, or lie in rows where
// columns would be too narrow to read; everything else is written once, along
// two directions: out, away from the base line, and across, from bar to bar.
type layout struct {
	rows    bool
	n       int     // replies
	w, h    float32 // of the picture
	base    float32 // where the base line is: y in columns, x in rows
	first   float32 // where the first band begins, across
	band    float32 // what one reply has, across
	thick   float32 // of a bar
	span    float32 // from the base line to the ceiling
	ceiling float32 // the probability at the end of the axis

	percent, change, text float32 // font sizes
	grain                 float32 // side of a grain
	diamond               float32 // radius of the optimum's marker
	unit                  float32 // what grows with the picture: 1 on a laptop
	stacked               bool    // the change stands below the percentage, not beside it
	lines                 int     // of a reply's text
	side                  float32 // rows: width of the text beside the bar; 0 if it is above
	head                  float32 // rows: height of what is written above the bar
	reached               picture.Reached
}

func newLayout(v *View, m *Mass, w, h float32) layout {
	n := float32(len(m.Replies))
	l := layout{n: len(m.Replies), w: w, h: h, ceiling: Ceiling(m), reached: m.Reached}
	column := (w - 52) / n
	l.rows = column < picture.Narrowest
	if l.rows {
		l.layRows(v, n, m.Font)
	} else {
		l.unit = picture.Clamp(min(max(min(w/640, h/400), m.Font/picture.PageFont), column/97.5, h/260), 0.9, 1.9)
		l.sizes(1)
		l.layColumns(v, n)
	}
	perGrain := l.thick * l.span / l.ceiling / grainCount
	l.grain = picture.Clamp(0.44*float32(math.Sqrt(float64(perGrain))), 1, 3.2)
	return l
}

// sizes sets the fonts and the marker: in a picture for a page of 16 pixels,
// the percentages are as large as the page's text.
func (l *layout) sizes(factor float32) {
	l.percent, l.change = 16*l.unit*factor, 13*l.unit*factor
	l.text = max(13.2*l.unit*factor, picture.LeastText)
	l.diamond = 5.5 * l.unit
}

// Ceiling is the probability at the end of the axis: the first of 10, 25, 40,
// 60, 80 and 100 % that holds the reference, the optimum, the policy and all that
// the policy has been in this run (Mass.Peak). So the axis is a function of the
// run and of β, and steps up at most a few times while it plays; it never
// follows the bars.
func Ceiling(m *Mass) float32 {
	high := m.high()
	for _, c := range [...]float64{0.1, 0.25, 0.4, 0.6, 0.8} {
		if high <= c {
			return float32(c)
		}
	}
	return 1
}

// high is the highest probability that the axis must hold.
func (m *Mass) high() float64 {
	high := m.Peak
	for i := range m.Replies {
		r := &m.Replies[i]
		high = max(high, r.Policy, r.Reference)
		if m.Reached != picture.Unknown {
			high = max(high, r.Optimum)
		}
	}
	return high
}

// layColumns fits the bands between the axis' labels and the right edge, and
// the base line between the labels above and the texts below.
func (l *layout) layColumns(v *View, n float32) {
	left := l.axisRoom()
	l.band = min((l.w-left-picture.PageMargin)/n, picture.WidestBand*l.unit)
	l.first = left + (l.w-left-picture.PageMargin-n*l.band)/2
	l.thick = 0.7 * l.band
	l.stacked = l.band < l.labelRoom()
	below := 1.25*l.diamond + 5*l.unit + 2
	above := l.labelHeight() + l.labelGap() + 1.25*l.diamond + 24*l.unit
	room := (1-picture.LeastSpan)*l.h - below - above
	l.lines = min(l.textLines(v, l.band-6, 4), max(int(room/(picture.LineHeight*l.text)), 1))
	l.base = l.h - below - float32(l.lines)*picture.LineHeight*l.text
	l.span = l.base - above
}

// layRows fits the bands between top and bottom. The percentages stand in a
// column of their own, at the texts, because on a bar's line there would be no
// way round the optimum's marker. What is written is above the bars where there
// is room, and else beside them.
func (l *layout) layRows(v *View, n, font float32) {
	small := picture.Clamp(min(l.w/360, l.h/420), 0.85, 1.5)
	room := l.h - picture.LineHeight*picture.LeastTick*1.5 - 8
	beside := min(room/n, picture.HighestRow*small) < picture.RowText*small
	l.unit = max(small, min(font/picture.PageFont, room/n/picture.RowText, l.w/340, 1.9))
	l.sizes(0.92)
	bottom := l.axis()*picture.LineHeight + 4
	l.band = min((l.h-bottom-4)/n, picture.HighestRow*l.unit)
	l.first, l.base, l.lines = 4, max(picture.PageMargin, 1.4*l.diamond+1), 1
	if beside {
		l.layBeside()
	} else {
		l.layAbove(v)
	}
	l.span = l.w - l.base - l.beyond()
}

// beyond is what the marker and the pair's arc need after the longest bar.
func (l *layout) beyond() float32 { return 1.25*l.diamond + 30*l.unit }

// layBeside puts texts and percentages left of the bars; what is small enough
// to need it shrinks.
func (l *layout) layBeside() {
	fit := picture.Clamp((l.band-2)/(picture.LineHeight*l.percent), 0.72, 1)
	l.percent, l.change = l.percent*fit, l.change*fit
	l.text = min(l.text, (l.band-1)/picture.LineHeight)
	l.diamond = min(l.diamond, l.band*0.3)
	others := 2*picture.PageMargin + l.labelRoom() + 1.4*l.diamond
	bars := 0.22*l.w + l.beyond()
	l.side = picture.Clamp(l.w-others-bars, 0.25*l.w, min(0.36*l.w, 190*l.unit))
	l.base = l.side + others
	l.thick = min(l.band*0.66, 34*l.unit)
	if l.band > 2*picture.LineHeight*l.text {
		l.lines = 2
	}
}

// layAbove puts texts and percentages above the bars.
func (l *layout) layAbove(v *View) {
	rise := picture.Baseline * (l.percent - l.text)
	room := l.band - 8*l.unit
	need := l.textLines(v, l.w-l.rowTextAt()-picture.PageMargin, 3)
	l.lines = min(need, max(int((0.66*room-rise)/(picture.LineHeight*l.text)), 1))
	l.head = rise + float32(l.lines)*picture.LineHeight*l.text + 2
	l.thick = min(room-l.head, 34*l.unit)
}

// rowTextAt is where the text of a row begins.
func (l *layout) rowTextAt() float32 {
	if l.side > 0 {
		return picture.PageMargin
	}
	return l.base + l.labelRoom() + 6*l.unit
}

// rowValueAt is where the percentage of a row begins.
func (l *layout) rowValueAt() float32 {
	if l.side > 0 {
		return 1.5*picture.PageMargin + l.side
	}
	return l.base + 3
}

// textLines is how many lines the replies need, but at most a number.
func (l *layout) textLines(v *View, width float32, most int) int {
	lines := 1
	for i := range v.labels {
		lines = max(lines, picture.Wrap(v.labels[i].text, l.text, false, width, most).N)
	}
	return lines
}

// labelRoom is the width of a long percentage and change, side by side. A
// change of 100 points, which two replies can have at most, may be wider in
// columns.
func (l *layout) labelRoom() float32 {
	change := "▼9.9"
	if l.rows {
		change = "▼100"
	}
	return l.percentRoom() + picture.TextWidth(change, l.change, false) + 1
}

// percentRoom is the width of the longest percentage and of the gap after it.
func (l *layout) percentRoom() float32 {
	return picture.TextWidth("<0.1%", l.percent, true) + l.labelSpace() + 1
}

// labelSpace is the gap between percentage and change.
func (l *layout) labelSpace() float32 { return 0.3 * l.change }

func (l *layout) labelHeight() float32 {
	h := picture.LineHeight * l.percent
	if l.stacked {
		h += picture.LineHeight * l.change
	}
	return h
}

func (l *layout) labelGap() float32 { return 4.5 * l.unit }

func (l *layout) stroke() float32 { return 1.5 * min(l.unit, 1.4) }

// axis is the font size of the axis' labels.
func (l *layout) axis() float32 { return picture.LeastTick * picture.Clamp(l.unit, 1, 1.5) }

// axisRoom is how far the axis' labels reach into a picture of columns.
func (l *layout) axisRoom() float32 { return 10 + picture.TextWidth("100%", l.axis(), false) }

// out is how far a probability reaches from the base line.
func (l *layout) out(p float64) float32 { return float32(p) / l.ceiling * l.span }

// across is the middle of the bar of reply i.
func (l *layout) across(i int) float32 {
	a := l.first + float32(i)*l.band
	if !l.rows || l.side > 0 {
		return a + l.band/2
	}
	return a + l.head + l.thick/2
}

// point turns distances across and out into pixels.
func (l *layout) point(across, out float32) picture.Point {
	if l.rows {
		return picture.Point{l.base + out, across}
	}
	return picture.Point{across, l.base - out}
}

// bar is the rectangle of probability p at reply i.
func (l *layout) bar(i int, p float64, thick float32) picture.Bar {
	a, o := l.across(i)-thick/2, l.out(p)
	if l.rows {
		return picture.Bar{l.base, a, o, thick}
	}
	return picture.Bar{a, l.base - o, thick, o}
}

// cell is the whole region of reply i.
func (l *layout) cell(i int) picture.Bar {
	a := l.first + float32(i)*l.band
	if l.rows {
		return picture.Bar{2, a, l.w - 4, l.band}
	}
	return picture.Bar{a, 2, l.band, l.h - 4}
}
