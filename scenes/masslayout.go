package scenes

import "math"

// massLayout places the mass view. Bars stand in columns, or lie in rows where
// columns would be too narrow to read; everything else is written once, along
// two directions: out, away from the base line, and across, from bar to bar.
type massLayout struct {
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
	reached               Reached
}

const (
	narrowest  = 70  // a column narrower than this becomes a row
	widestBand = 210 // across, in units
	highestRow = 92
	rowText    = 42   // a row at least this high has its text above the bar
	leastSpan  = 0.38 // of the height, for columns: texts give way to them
	pageMargin = 8
	pageFont   = 16 // of a page that does not say

	leastText = 13 // the smallest font of replies
	leastTick = 12 // the smallest font of all
)

func newMassLayout(v *MassView, m *Mass, w, h float32) massLayout {
	n := float32(len(m.Replies))
	l := massLayout{n: len(m.Replies), w: w, h: h, ceiling: Ceiling(m), reached: m.Reached}
	column := (w - 52) / n
	l.rows = column < narrowest
	if l.rows {
		l.layRows(v, n, m.Font)
	} else {
		l.unit = clamp(min(max(min(w/640, h/400), m.Font/pageFont), column/97.5, h/260), 0.9, 1.9)
		l.sizes(1)
		l.layColumns(v, n)
	}
	perGrain := l.thick * l.span / l.ceiling / GrainCount
	l.grain = clamp(0.44*float32(math.Sqrt(float64(perGrain))), 1, 3.2)
	return l
}

// sizes sets the fonts and the marker: in a picture for a page of 16 pixels,
// the percentages are as large as the page's text.
func (l *massLayout) sizes(factor float32) {
	l.percent, l.change = 16*l.unit*factor, 13*l.unit*factor
	l.text = max(13.2*l.unit*factor, leastText)
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
		if m.Reached != Unknown {
			high = max(high, r.Optimum)
		}
	}
	return high
}

// layColumns fits the bands between the axis' labels and the right edge, and
// the base line between the labels above and the texts below.
func (l *massLayout) layColumns(v *MassView, n float32) {
	left := l.axisRoom()
	l.band = min((l.w-left-pageMargin)/n, widestBand*l.unit)
	l.first = left + (l.w-left-pageMargin-n*l.band)/2
	l.thick = 0.7 * l.band
	l.stacked = l.band < l.labelRoom()
	below := 1.25*l.diamond + 5*l.unit + 2
	above := l.labelHeight() + l.labelGap() + 1.25*l.diamond + 24*l.unit
	room := (1-leastSpan)*l.h - below - above
	l.lines = min(l.textLines(v, l.band-6, 4), max(int(room/(LineHeight*l.text)), 1))
	l.base = l.h - below - float32(l.lines)*LineHeight*l.text
	l.span = l.base - above
}

// layRows fits the bands between top and bottom. The percentages stand in a
// column of their own, at the texts, because on a bar's line there would be no
// way round the optimum's marker. What is written is above the bars where there
// is room, and else beside them.
func (l *massLayout) layRows(v *MassView, n, font float32) {
	small := clamp(min(l.w/360, l.h/420), 0.85, 1.5)
	room := l.h - LineHeight*leastTick*1.5 - 8
	beside := min(room/n, highestRow*small) < rowText*small
	l.unit = max(small, min(font/pageFont, room/n/rowText, l.w/340, 1.9))
	l.sizes(0.92)
	bottom := l.axis()*LineHeight + 4
	l.band = min((l.h-bottom-4)/n, highestRow*l.unit)
	l.first, l.base, l.lines = 4, max(pageMargin, 1.4*l.diamond+1), 1
	if beside {
		l.layBeside()
	} else {
		l.layAbove(v)
	}
	l.span = l.w - l.base - l.beyond()
}

// beyond is what the marker and the pair's arc need after the longest bar.
func (l *massLayout) beyond() float32 { return 1.25*l.diamond + 30*l.unit }

// layBeside puts texts and percentages left of the bars; what is small enough
// to need it shrinks.
func (l *massLayout) layBeside() {
	fit := clamp((l.band-2)/(LineHeight*l.percent), 0.72, 1)
	l.percent, l.change = l.percent*fit, l.change*fit
	l.text = min(l.text, (l.band-1)/LineHeight)
	l.diamond = min(l.diamond, l.band*0.3)
	others := 2*pageMargin + l.labelRoom() + 1.4*l.diamond
	bars := 0.22*l.w + l.beyond()
	l.side = clamp(l.w-others-bars, 0.25*l.w, min(0.36*l.w, 190*l.unit))
	l.base = l.side + others
	l.thick = min(l.band*0.66, 34*l.unit)
	if l.band > 2*LineHeight*l.text {
		l.lines = 2
	}
}

// layAbove puts texts and percentages above the bars.
func (l *massLayout) layAbove(v *MassView) {
	rise := baseline * (l.percent - l.text)
	room := l.band - 8*l.unit
	need := l.textLines(v, l.w-l.rowTextAt()-pageMargin, 3)
	l.lines = min(need, max(int((0.66*room-rise)/(LineHeight*l.text)), 1))
	l.head = rise + float32(l.lines)*LineHeight*l.text + 2
	l.thick = min(room-l.head, 34*l.unit)
}

// rowTextAt is where the text of a row begins.
func (l *massLayout) rowTextAt() float32 {
	if l.side > 0 {
		return pageMargin
	}
	return l.base + l.labelRoom() + 6*l.unit
}

// rowValueAt is where the percentage of a row begins.
func (l *massLayout) rowValueAt() float32 {
	if l.side > 0 {
		return 1.5*pageMargin + l.side
	}
	return l.base + 3
}

// textLines is how many lines the replies need, but at most a number.
func (l *massLayout) textLines(v *MassView, width float32, most int) int {
	lines := 1
	for i := range v.labels {
		lines = max(lines, wrap(v.labels[i].text, l.text, false, width, most).n)
	}
	return lines
}

// labelRoom is the width of a long percentage and change, side by side. A
// change of 100 points, which two replies can have at most, may be wider in
// columns.
func (l *massLayout) labelRoom() float32 {
	change := "▼9.9"
	if l.rows {
		change = "▼100"
	}
	return l.percentRoom() + TextWidth(change, l.change, false) + 1
}

// percentRoom is the width of the longest percentage and of the gap after it.
func (l *massLayout) percentRoom() float32 {
	return TextWidth("<0.1%", l.percent, true) + l.labelSpace() + 1
}

// labelSpace is the gap between percentage and change.
func (l *massLayout) labelSpace() float32 { return 0.3 * l.change }

func (l *massLayout) labelHeight() float32 {
	h := LineHeight * l.percent
	if l.stacked {
		h += LineHeight * l.change
	}
	return h
}

func (l *massLayout) labelGap() float32 { return 4.5 * l.unit }

func (l *massLayout) stroke() float32 { return 1.5 * min(l.unit, 1.4) }

// axis is the font size of the axis' labels.
func (l *massLayout) axis() float32 { return leastTick * clamp(l.unit, 1, 1.5) }

// axisRoom is how far the axis' labels reach into a picture of columns.
func (l *massLayout) axisRoom() float32 { return 10 + TextWidth("100%", l.axis(), false) }

// out is how far a probability reaches from the base line.
func (l *massLayout) out(p float64) float32 { return float32(p) / l.ceiling * l.span }

// across is the middle of the bar of reply i.
func (l *massLayout) across(i int) float32 {
	a := l.first + float32(i)*l.band
	if !l.rows || l.side > 0 {
		return a + l.band/2
	}
	return a + l.head + l.thick/2
}

// point turns distances across and out into pixels.
func (l *massLayout) point(across, out float32) Point {
	if l.rows {
		return Point{l.base + out, across}
	}
	return Point{across, l.base - out}
}

// bar is the rectangle of probability p at reply i.
func (l *massLayout) bar(i int, p float64, thick float32) Bar {
	a, o := l.across(i)-thick/2, l.out(p)
	if l.rows {
		return Bar{l.base, a, o, thick}
	}
	return Bar{a, l.base - o, thick, o}
}

// cell is the whole region of reply i.
func (l *massLayout) cell(i int) Bar {
	a := l.first + float32(i)*l.band
	if l.rows {
		return Bar{2, a, l.w - 4, l.band}
	}
	return Bar{a, 2, l.band, l.h - 4}
}

func (b Bar) shrunk(by float32) Bar {
	x, y := min(by, b.W/2), min(by, b.H/2)
	return Bar{b.X + x, b.Y + y, b.W - 2*x, b.H - 2*y}
}

func clamp(x, low, high float32) float32 { return max(low, min(x, high)) }
