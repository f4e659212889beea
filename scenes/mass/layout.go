package mass

import (
	"math"

	"dpoplayground/scenes/picture"
)

// layout places the replies' rows. A row has its bar, from the base line to
// the right, and under it a track for the reference's post and the way from
// there to the optimum. Its text is left of the bar where the picture is wide,
// and else above it.
type layout struct {
	n     int     // replies
	w, h  float32 // of the picture
	base  float32 // x of the base line, which is probability 0
	first float32 // y where the first row begins
	band  float32 // height of a row
	thick float32 // of a bar
	track float32 // height of what is under a bar
	span  float32 // width of the axis, from 0 to 1

	percent, change, text float32 // font sizes
	grain                 float32 // side of a grain
	diamond               float32 // radius of the optimum's marker
	unit                  float32 // what grows with the picture: 1 on a laptop
	lines                 int     // of a reply's text
	side                  float32 // width of the text beside the bar; 0 if it is above
	head                  float32 // height of what is written above the bar
	reached               picture.Reached
}

func newLayout(v *View, m *Mass, w, h float32) layout {
	l := layout{n: len(m.Replies), w: w, h: h, reached: m.Reached}
	bottom := float32(picture.LineHeight*picture.LeastTick*1.5 + 4)
	l.first = 4
	l.band = (h - bottom - l.first) / float32(l.n)
	small := picture.Clamp(min(w/360, h/420), 0.85, 1.5)
	l.unit = max(small, min(m.Font/picture.PageFont, l.band/rowText, w/340, 1.9))
	l.band = min(l.band, picture.HighestRow*l.unit)
	l.sizes()
	if w >= besideFrom || l.band < rowText*max(small, 1) {
		l.layBeside()
	} else {
		l.layAbove(v)
	}
	l.span = w - l.base - l.valueRoom()
	perGrain := l.thick * l.span / grainCount
	l.grain = picture.Clamp(0.44*float32(math.Sqrt(float64(perGrain))), 1, 3.2)
	return l
}

const (
	besideFrom = 520 // width of a picture from which texts stand beside the bars
	rowText    = 44  // a row at least this high has room for its text above the bar
	lowRow     = 34  // in a lower row the marker lies on the bar's edge
)

// sizes sets fonts and marker, smaller where a row is low.
func (l *layout) sizes() {
	l.diamond, l.track = min(5.5*l.unit, 0.11*l.band), 2.2*min(5.5*l.unit, 0.11*l.band)
	fits := 0.6 * l.band / picture.LineHeight
	if l.band < lowRow {
		l.diamond = min(5.5*l.unit, 0.16*l.band)
		l.track, fits = 0.8*l.diamond, 0.8*l.band/picture.LineHeight
	}
	l.percent, l.change = min(16*l.unit, fits), min(13*l.unit, fits)
	l.text = min(max(13.2*l.unit, picture.LeastText), fits)
}

// layBeside puts the texts left of the bars.
func (l *layout) layBeside() {
	l.side = picture.Clamp(0.28*l.w, 0.25*l.w, 230*l.unit)
	l.base = picture.PageMargin + l.side + 10*min(l.unit, 1.5)
	l.thick = min(0.8*l.band-l.track, 40*l.unit)
	l.lines = int(picture.Clamp((l.band-2)/(picture.LineHeight*l.text), 1, 3))
}

// layAbove puts the texts above the bars, and above what is written at them.
func (l *layout) layAbove(v *View) {
	l.base = max(picture.PageMargin, 1.4*l.diamond+1)
	number := picture.LineHeight * l.percent
	most := int(picture.Clamp((l.band-l.track-number-2)/(picture.LineHeight*l.text), 1, 3))
	l.lines = l.textLines(v, l.w-l.base-picture.PageMargin, most)
	l.head = float32(l.lines)*picture.LineHeight*l.text + 1
	room := l.band - l.head - l.track
	l.thick = min(room-3, 2*room-number-2, 34*l.unit)
}

// textLines is how many lines the replies need, but at most a number.
func (l *layout) textLines(v *View, width float32, most int) int {
	lines := 1
	for i := range v.labels {
		lines = max(lines, picture.Wrap(v.labels[i].text, l.text, false, width, most).N)
	}
	return lines
}

// valueRoom is the width of a gap, of the longest percentage and change, and of
// the margin: what stands beyond a bar of 100 %.
func (l *layout) valueRoom() float32 {
	return l.valueGap() + picture.TextWidth("<0.1%", l.percent, true) + l.changeGap() + picture.TextWidth("−100", l.change, false) + 3 + picture.PageMargin
}

// valueGap is the distance of a percentage from the bar.
func (l *layout) valueGap() float32 { return 7 * min(l.unit, 1.5) }

// changeGap is the distance of a change from the percentage.
func (l *layout) changeGap() float32 { return 0.45 * l.change }

func (l *layout) stroke() float32 { return 1.5 * min(l.unit, 1.4) }

// axis is the font size of the axis' labels.
func (l *layout) axis() float32 { return picture.LeastTick * picture.Clamp(l.unit, 1, 1.5) }

// at is the x of a probability.
func (l *layout) at(p float64) float32 { return l.base + float32(p)*l.span }

// top is where the bar of reply i begins.
func (l *layout) top(i int) float32 {
	y := l.first + float32(i)*l.band
	if l.side > 0 {
		return y + (l.band-l.thick-l.track)/2
	}
	return y + l.head + max(0, (picture.LineHeight*l.percent-l.thick)/2)
}

// way is the y of the way to the optimum of reply i.
func (l *layout) way(i int) float32 { return l.top(i) + l.thick + l.track/2 }

// end is the y below the last row.
func (l *layout) end() float32 { return l.first + float32(l.n)*l.band }

// bar is the rectangle of probability p at reply i.
func (l *layout) bar(i int, p float64) picture.Bar {
	return picture.Bar{X: l.base, Y: l.top(i), W: float32(p) * l.span, H: l.thick}
}

// cell is the whole row of reply i.
func (l *layout) cell(i int) picture.Bar {
	return picture.Bar{X: 2, Y: l.first + float32(i)*l.band, W: l.w - 4, H: l.band}
}
