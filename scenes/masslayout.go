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
	reached               Reached
}

const (
	narrowest  = 70  // a column narrower than this becomes a row
	widestBand = 210 // across, in units
	highestRow = 92
	rowText    = 40 // a row at least this high has its text above the bar
	pageMargin = 8
)

func newMassLayout(v *MassView, m *Mass, w, h float32) massLayout {
	n := float32(len(m.Replies))
	l := massLayout{n: len(m.Replies), w: w, h: h, ceiling: Ceiling(m), reached: m.Reached}
	column := (w - 52) / n
	l.rows = column < narrowest
	if l.rows {
		l.unit = clamp(min(w/360, h/420), 0.85, 1.5)
		l.sizes(0.92)
		l.layRows(v, n)
	} else {
		l.unit = clamp(min(max(min(w/640, h/400), m.Font/16), column/99, h/260), 0.9, 1.9)
		l.sizes(1)
		l.layColumns(v, n)
	}
	perGrain := l.thick * l.span / l.ceiling / GrainCount
	l.grain = clamp(0.44*float32(math.Sqrt(float64(perGrain))), 1, 3.2)
	return l
}

// sizes sets the fonts and the marker.
func (l *massLayout) sizes(factor float32) {
	l.percent, l.change, l.text = 15*l.unit*factor, 12.5*l.unit*factor, 12.5*l.unit*factor
	l.diamond = 5.5 * l.unit
}

// Ceiling is the probability at the end of the axis: the first of 10, 25, 40,
// 60, 80 and 100 % that holds the reference, the optimum, the policy and all that
// the policy has been in this run (Mass.Peak). So the axis is a function of the
// run and of β, and steps up at most a few times while it plays; it never
// follows the bars.
func Ceiling(m *Mass) float32 {
	high := m.Peak
	for i := range m.Replies {
		r := &m.Replies[i]
		high = max(high, r.Policy, r.Reference)
		if m.Reached != Unknown {
			high = max(high, r.Optimum)
		}
	}
	for _, c := range [...]float64{0.1, 0.25, 0.4, 0.6, 0.8} {
		if high <= c {
			return float32(c)
		}
	}
	return 1
}

// layColumns fits the bands between the axis' labels and the right edge, and
// the base line between the labels above and the texts below.
func (l *massLayout) layColumns(v *MassView, n float32) {
	left := 2*pageMargin + TextWidth("100%", l.axis(), false)
	l.band = min((l.w-left-pageMargin)/n, widestBand*l.unit)
	l.first = left + (l.w-left-pageMargin-n*l.band)/2
	l.thick = 0.7 * l.band
	l.stacked = l.band < l.labelRoom()
	l.lines = l.textLines(v, l.band-6, 4)
	below := float32(l.lines)*LineHeight*l.text + 1.25*l.diamond + 5*l.unit
	above := l.labelHeight() + l.labelGap() + 1.25*l.diamond + 24*l.unit
	l.base = l.h - below - 2
	l.span = l.base - above
}

// layRows fits the bands between top and bottom, and the bars between the
// texts and the labels at their ends.
func (l *massLayout) layRows(v *MassView, n float32) {
	bottom := l.axis()*LineHeight + 4
	l.band = min((l.h-bottom-4)/n, highestRow*l.unit)
	l.first, l.base = 4, max(pageMargin, 1.4*l.diamond+1)
	l.lines = 1
	if l.band < rowText*l.unit {
		// Text beside the bar; what is small enough to need it shrinks too.
		fit := clamp((l.band-2)/(LineHeight*l.percent), 0.72, 1)
		l.percent, l.change, l.text = l.percent*fit, l.change*fit, l.text*fit
		l.diamond = min(l.diamond, l.band*0.3)
		l.side = min(l.w*0.36, 190*l.unit)
		l.base = 2*pageMargin + l.side
		l.thick = min(l.band*0.66, 34*l.unit)
		if l.band > 2*LineHeight*l.text {
			l.lines = 2
		}
	} else {
		room := l.band - 6*l.unit
		l.lines = min(l.textLines(v, l.w-2*pageMargin-24, 3), max(int(0.6*room/(LineHeight*l.text)), 1))
		l.thick = min(room-float32(l.lines)*LineHeight*l.text-6, 34*l.unit)
	}
	l.span = l.w - l.base - l.labelRoom() - l.labelGap() - 1.25*l.diamond - 24*l.unit
}

// textLines is how many lines the replies need, but at most a number.
func (l *massLayout) textLines(v *MassView, width float32, most int) int {
	lines := 1
	for i := range v.labels {
		lines = max(lines, wrap(v.labels[i].text, l.text, false, width, most).n)
	}
	return lines
}

// labelRoom is the width of the longest percentage and change, side by side.
func (l *massLayout) labelRoom() float32 {
	return TextWidth("99.9%", l.percent, true) + TextWidth("▼100", l.change, false) + 0.3*l.change + 2
}

func (l *massLayout) labelHeight() float32 {
	h := LineHeight * l.percent
	if l.stacked {
		h += LineHeight * l.change
	}
	return h
}

func (l *massLayout) labelGap() float32 { return 3 * l.unit }

// axis is the font size of the axis' labels.
func (l *massLayout) axis() float32 { return 10.5 * clamp(l.unit, 0.95, 1.6) }

// out is how far a probability reaches from the base line.
func (l *massLayout) out(p float64) float32 { return float32(p) / l.ceiling * l.span }

// across is the middle of the bar of reply i.
func (l *massLayout) across(i int) float32 {
	a := l.first + float32(i)*l.band
	if !l.rows || l.side > 0 {
		return a + l.band/2
	}
	return a + float32(l.lines)*LineHeight*l.text + 5 + l.thick/2
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
