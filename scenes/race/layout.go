package race

import (
	"math"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
)

// layout places the race: the lanes on top, with their counters in columns
// under one head where there is room for that, and under them the plots.
type layout struct {
	w, h         float32
	base, small  float32 // font sizes
	wide         bool
	head         float32 // height of the counters' heads, wide
	lanes        [2]picture.Bar
	chips        picture.Bar // of a lane, from its corner: the column of the stages
	chip         float32
	counts       [counts]picture.Bar // from the lane's corner; the heads are as wide
	bars         picture.Bar         // of a lane, from its corner
	ceiling      float32             // probability at the top of the bars
	high         float64             // log₁₀ of the distance at the top of the axis
	top, bottom  int                 // greatest and least power of ten on it
	titles       picture.Bar         // row above the plots
	plots        [2]picture.Bar      // by axis; without width where it is not shown
	tick         float32
	betweenPlots float32
}

func newLayout(v *View, m *Race, w, h float32) layout {
	l := layout{w: w, h: h}
	font := m.Font
	if font <= 0 {
		font = picture.PageFont
	}
	l.base = max(font, picture.PageFont*picture.Clamp(min(w/820, h/520), 0.7, 1.7))
	l.base = max(min(l.base, h/21, w/19), 11)
	l.small = max(0.8*l.base, min(l.base, picture.LeastTick))
	l.wide = w >= 35*l.base
	l.chip = picture.LineHeight*l.small + 4
	l.ceiling = ceiling(m)
	if l.wide {
		l.layWide(v, m)
	} else {
		l.layNarrow(m)
	}
	l.scale(m)
	l.layPlots(m)
	return l
}

// layWide puts name, stages, counters and bars side by side.
func (l *layout) layWide(v *View, m *Race) {
	l.head = picture.LineHeight*l.small + 5
	tall := max(2*l.chip+12, min(0.13*l.h, 5*l.base))
	for i := range l.lanes {
		l.lanes[i] = picture.Bar{picture.PageMargin, l.head + float32(i)*tall, l.w - 2*picture.PageMargin, tall}
	}
	room := l.w - 2*picture.PageMargin
	name := 4.8 * l.base
	for i := range m.lanes {
		name = max(name, min(picture.TextWidth(m.lanes[i].kind, l.small, false)+10, 8*l.base))
	}
	bars := picture.Clamp(0.15*room, 5*l.base, 15*l.base)
	l.bars = picture.Bar{room - bars, 5, bars, tall - 10}
	gap := 0.5 * l.base
	end := room - bars - 1.4*l.base
	for i := counts - 1; i >= 0; i-- {
		wide := max(picture.TextWidth(v.heads[i], l.small, false)+2, 3.9*l.base)
		if i == models {
			wide = picture.TextWidth(v.heads[i], l.small, false) + 2
		}
		wide = min(wide, 0.13*room)
		l.counts[i] = picture.Bar{end - wide, (tall - picture.LineHeight*l.base) / 2, wide, picture.LineHeight * l.base}
		end -= wide + gap
	}
	l.chips = picture.Bar{name, (tall - 2*l.chip - 1) / 2, end - name, 2 * l.chip}
	l.widenChips(m)
}

// widenChips gives the stages the room that their texts need, as far as the
// bars can do with less.
func (l *layout) widenChips(m *Race) {
	need := float32(0)
	for i := range m.lanes {
		for _, text := range m.lanes[i].stages {
			need = max(need, picture.TextWidth(text, l.small, false)+1.6*l.small)
		}
	}
	more := picture.Clamp(need-l.chips.W, 0, l.bars.W-3.6*l.base)
	l.chips.W += more
	for i := range l.counts {
		l.counts[i].X += more
	}
	l.bars.X, l.bars.W = l.bars.X+more, l.bars.W-more
}

// layNarrow puts the name above the stages, the bars beside both and the
// counters below.
func (l *layout) layNarrow(m *Race) {
	y, line := float32(2), picture.LineHeight*l.base
	room := l.w - 2*picture.PageMargin
	bars := 0.3 * room
	stages := 0
	for i := range m.lanes {
		stages = max(stages, len(m.lanes[i].stages))
	}
	l.chips = picture.Bar{0, line + 3, room - bars - 10, float32(stages) * l.chip}
	l.bars = picture.Bar{room - bars, 4, bars, line + 2*l.chip - 4}
	foot := l.chips.Y + 2*l.chip + 3
	for i := range l.counts {
		wide := room / counts
		l.counts[i] = picture.Bar{float32(i) * wide, foot, wide - 8, line}
	}
	tall := foot + line + picture.LineHeight*l.small + 6
	for i := range l.lanes {
		l.lanes[i] = picture.Bar{picture.PageMargin, y, room, tall}
		y += tall
	}
}

// ceiling is the probability at the top of both lanes' bars.
func ceiling(m *Race) float32 {
	high := 0.0
	for i := range m.lanes {
		for _, b := range m.lanes[i].bars {
			high = max(high, b.policy, b.reference)
			if m.lanes[i].reached != picture.Unknown {
				high = max(high, b.optimum)
			}
		}
	}
	for _, c := range [...]float64{0.1, 0.25, 0.5, 0.75} {
		if high <= c {
			return float32(c)
		}
	}
	return 1
}

// leastDistance is where the vertical axis ends at the latest: a distance of a
// millionth of a nat is none to the eye.
const leastDistance = -6

// scale finds what the vertical axis ends at, for all that is known of both
// runs' whole timelines.
func (l *layout) scale(m *Race) {
	l.bottom = 1
	most := 0.0
	for i := range m.lanes {
		a := &m.lanes[i]
		if a.missing != "" {
			continue
		}
		most = max(most, l.hold(a.distance))
		for _, list := range [...][]float64{a.path, a.low, a.high} {
			for _, d := range list {
				most = max(most, l.hold(d))
			}
		}
	}
	most = clampTo(most, math.Pow10(leastDistance+2), 1e6)
	l.high = math.Log10(chart.RoundStep(0.999999 * most))
	l.top = int(math.Floor(l.high + 1e-9))
	l.bottom = max(min(l.bottom, l.top-2), leastDistance)
}

// hold lowers the axis' end to a distance, and returns it, or 0 where it is none.
func (l *layout) hold(d float64) float64 {
	if !(d > 0) || !chart.Legible(d) {
		return 0
	}
	for math.Pow10(l.bottom) > d && l.bottom > leastDistance {
		l.bottom--
	}
	return d
}

func clampTo(x, low, high float64) float64 { return max(low, min(x, high)) }

// layPlots shares what is left under the lanes.
func (l *layout) layPlots(m *Race) {
	line := picture.LineHeight * l.small
	top := l.lanes[1].Y + l.lanes[1].H + 0.5*l.base
	l.titles = picture.Bar{picture.PageMargin, top, l.w - 2*picture.PageMargin, line + 4}
	l.tick = max(picture.TextWidth("0.001", l.small, false), picture.TextWidth("10⁻⁶", l.small, false)) + 7
	y := top + max(l.titles.H+5, 1.5*line+1)
	plot := picture.Bar{picture.PageMargin + l.tick, y, 0, max(l.h-y-line-6, 4)}
	room := l.w - plot.X - picture.PageMargin - 4
	both := l.wide && m.end[overReplies] > 0
	if both {
		l.betweenPlots = 1.8 * l.base
		plot.W = (room - l.betweenPlots) / 2
		l.plots[overUpdates] = plot
		plot.X += plot.W + l.betweenPlots
		l.plots[overReplies] = plot
		return
	}
	plot.W = room
	if l.wide {
		l.plots[overUpdates] = plot // no replies are generated
	} else {
		l.plots[m.axis()] = plot
	}
}

// axis is the one that is shown alone.
func (m *Race) axis() int {
	if m.end[overReplies] > 0 {
		return m.Axis
	}
	return overUpdates
}
