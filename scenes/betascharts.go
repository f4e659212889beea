package scenes

import (
	"math"
	"strings"
)

// A betasChart is one of the two charts as it was last drawn, and what it was
// drawn from.
type betasChart struct {
	picture Picture
	state   betasChartState
	layout  sweepLayout // as it was drawn
	drawn   bool

	room   float32 // that its ticks need
	roomOf betasRoom
}

// betasRoom is what that room depends on.
type betasRoom struct {
	low, high float64
	size      float32
	box       Bar
}

type betasChartState struct {
	version, steps, marks int
	box                   Bar
	size, left            float32
	reached               Reached
	low, high             float64
	mark                  [MostMarks]betasMark
}

// A betasMark is a mark to the nearest of 2^14 places on the axis.
type betasMark struct {
	beta           float64
	after, optimum int32
	reached        Reached
	present        bool
}

// drawCharts draws the two charts, each anew only if something in it changed.
func (v *BetasView) drawCharts(p *Picture, s *Betas, l *betasLayout) {
	if l.charts[0].H == 0 {
		return
	}
	v.align(s, l)
	v.drawChart(p, s, l, 0)
	if s.Rewarded {
		v.drawChart(p, s, l, 1)
		return
	}
	line := LineHeight * l.text
	p.text(Label{X: pageMargin, Y: l.h - line - 3, W: l.w - 2*pageMargin, Text: v.none, Size: min(l.text, 14), Ink: InkSoft, Lines: 1})
}

// align fills in the marks, and gives charts that stand one above the other one
// left edge.
func (v *BetasView) align(s *Betas, l *betasLayout) {
	kl, reward := &s.KL, &s.Reward
	kl.Measure, reward.Measure, kl.Size, reward.Size = SweepKL, SweepReward, l.chart, l.chart
	kl.Marks, reward.Marks = kl.Marks[:0], reward.Marks[:0]
	for i := range s.Columns {
		c := &s.Columns[i]
		m := SweepMark{Beta: c.Beta, After: c.KL, Optimum: c.KLOptimum, Reached: c.Reached, Present: c.Present}
		kl.Marks = append(kl.Marks, m)
		m.After, m.Optimum = c.Expected, c.ExpectedOptimum
		reward.Marks = append(reward.Marks, m)
	}
	kl.Left, reward.Left, kl.Bare = 0, 0, l.axis != 0
	if kl.Bare {
		kl.Left = max(v.charts[0].leftRoom(kl, l.charts[0]), v.charts[1].leftRoom(reward, l.charts[1]))
		reward.Left = kl.Left
	}
}

// leftRoom is what a chart's ticks need left of its plot.
func (c *betasChart) leftRoom(s *Sweep, box Bar) float32 {
	low, high := s.Range()
	if of := (betasRoom{low, high, s.Size, box}); c.roomOf != of {
		l := s.layout(box.W, box.H)
		c.room, c.roomOf = s.leftRoom(&l), of
	}
	return c.room
}

// drawChart draws one of the charts: 0 is KL.
func (v *BetasView) drawChart(p *Picture, s *Betas, l *betasLayout, which int) {
	sweep, chart, box := &s.KL, &v.charts[which], l.charts[which]
	if which == 1 {
		sweep = &s.Reward
	}
	state := sweep.state(s.Version, box)
	if !chart.drawn || chart.state != state {
		sweep.Draw(&chart.picture, v.words, box.W, box.H)
		chart.state, chart.layout, chart.drawn = state, sweep.layout(box.W, box.H), true
	}
	p.Append(&chart.picture, box.X, box.Y)
}

// state is what a chart is drawn from.
func (s *Sweep) state(version int, box Bar) betasChartState {
	low, high := s.Range()
	state := betasChartState{version: version, steps: s.Steps, marks: len(s.Marks), box: box, size: s.Size, left: s.Left,
		reached: s.Reached, low: low, high: high}
	place := func(v float64) int32 {
		if !legible(v) {
			return math.MinInt32
		}
		return int32((v - low) / max(high-low, 1e-9) * (1 << 14))
	}
	for i := range s.Marks[:min(len(s.Marks), MostMarks)] {
		m := &s.Marks[i]
		state.mark[i] = betasMark{m.Beta, place(m.After), place(m.Optimum), m.Reached, m.Present}
	}
	return state
}

// handles makes each β on the axis a target that can be dragged.
func (v *BetasView) handles(p *Picture, s *Betas, l *betasLayout) {
	if l.charts[0].H == 0 {
		return
	}
	const half = 17
	sweep, box := &v.charts[l.axis].layout, l.charts[l.axis]
	for i := range s.Columns {
		x, foot := box.X+sweep.x(s.Columns[i].Beta), box.Y+sweep.foot()
		b := Bar{max(x-half, 0), foot - half + 7, 0, 0}
		b.W, b.H = min(x+half, l.w)-b.X, min(foot+half+7, l.h)-b.Y
		p.Targets = append(p.Targets, Target{X: b.X, Y: b.Y, W: b.W, H: b.H, ID: betasHandles + i, Name: v.columns[i].handle, Drag: true})
	}
}

// write makes the strings of this frame, those that have changed.
func (v *BetasView) write(s *Betas) {
	changed := len(s.Columns) != len(v.columns)
	v.now.say(s.Step, func() string {
		return v.words.Say(v.words.Form("betas.now", s.Step), "step", Count(float64(s.Step)))
	})
	for len(v.columns) < len(s.Columns) {
		v.columns = append(v.columns, betasText{state: betasState{step: -1}})
	}
	v.columns = v.columns[:len(s.Columns)]
	for i := range s.Columns {
		c := &s.Columns[i]
		state := betasState{c.Beta, c.Present, s.Step, thousand(c.KL), thousand(c.KLOptimum), c.Reached, c.Arrived}
		if v.columns[i].state != state {
			v.columns[i] = v.spell(c, state)
			changed = true
		}
	}
	if changed || v.desc == "" {
		v.describe(s)
	}
}

// thousand is a divergence in the thousandths that are shown of it.
func thousand(x float64) int {
	if !legible(x) || x > 1e12 {
		return -1
	}
	return int(1000*x + 0.5)
}

// spell makes a column's texts.
func (v *BetasView) spell(c *BetasColumn, state betasState) betasText {
	w, beta := v.words, betaText(c.Beta)
	t := betasText{state: state, beta: beta, head: w.Say("betas.head", "beta", beta), handle: w.Say("betas.handle", "beta", beta)}
	t.name = w.Say([3]string{"betas.name", "betas.name.never", "betas.name.unknown"}[c.Reached], "beta", beta, "step", Count(float64(state.step)), "kl", v.number(c.KL), "optimum", v.number(c.KLOptimum))
	if c.Present {
		t.name += " " + w.Say("betas.name.present")
	} else {
		t.name += " " + w.Say("betas.name.press")
	}
	return t
}

// describe tells every column and the charts.
func (v *BetasView) describe(s *Betas) {
	var b strings.Builder
	w := v.words
	b.WriteString(w.Say("betas.desc", "n", Count(float64(len(s.Columns))), "step", Count(float64(s.Step))))
	sep := " "
	for i := range s.Columns {
		c := &s.Columns[i]
		b.WriteString(sep + w.Say([3]string{"betas.desc.column", "betas.desc.column.never", "betas.desc.column.unknown"}[c.Reached], "beta", betaText(c.Beta), "kl", v.number(c.KL), "optimum", v.number(c.KLOptimum)))
		sep = "; "
	}
	b.WriteString(". " + w.Say("betas.desc.charts"))
	if !s.Rewarded {
		b.WriteString(" " + v.none)
	}
	v.desc = b.String()
}
