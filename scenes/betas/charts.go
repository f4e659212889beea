package betas

import (
	"math"
	"strings"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// An overBeta is one of the two charts as it was last drawn, and what it was
// drawn from.
type overBeta struct {
	picture picture.Picture
	state   chartState
	layout  chart.SweepLayout // as it was drawn
	drawn   bool
}

type chartState struct {
	version, steps, marks int
	box                   picture.Bar
	size                  float32
	reached               picture.Reached
	low, high             float64
	mark                  [chart.MostMarks]mark
}

// A mark is a mark to the nearest of 2^14 places on the axis.
type mark struct {
	beta           float64
	after, optimum int32
	reached        picture.Reached
	present        bool
}

// drawCharts draws the charts, each anew only if something in it changed.
func (v *View) drawCharts(p *picture.Picture, s *Betas, l *layout) {
	s.mark(l)
	for which := range l.charts {
		if l.charts[which].H > 0 {
			v.drawChart(p, s, l, which)
		}
	}
}

// mark fills in the marks of both charts.
func (s *Betas) mark(l *layout) {
	kl, reward := &s.kl, &s.reward
	kl.Measure, reward.Measure, kl.Size, reward.Size = chart.SweepKL, chart.SweepReward, l.chart, l.chart
	kl.Marks, reward.Marks = kl.Marks[:0], reward.Marks[:0]
	for i := range s.columns {
		c := &s.columns[i]
		m := chart.SweepMark{Beta: c.beta, After: c.kl, Optimum: c.klOptimum, Reached: c.reached, Present: c.present}
		kl.Marks = append(kl.Marks, m)
		m.After, m.Optimum = c.expected, c.expectedOptimum
		reward.Marks = append(reward.Marks, m)
	}
}

// drawChart draws one of the charts: 0 is KL.
func (v *View) drawChart(p *picture.Picture, s *Betas, l *layout, which int) {
	sweep, chart, box := &s.kl, &v.charts[which], l.charts[which]
	if which == 1 {
		sweep = &s.reward
	}
	state := sweepState(sweep, s.version, box)
	if !chart.drawn || chart.state != state {
		sweep.Draw(&chart.picture, v.words, box.W, box.H)
		chart.state, chart.layout, chart.drawn = state, sweep.Layout(box.W, box.H), true
	}
	p.Append(&chart.picture, box.X, box.Y)
}

// state is what a chart is drawn from.
func sweepState(s *chart.Sweep, version int, box picture.Bar) chartState {
	low, high := s.Range()
	state := chartState{version: version, steps: s.Steps, marks: len(s.Marks), box: box, size: s.Size,
		reached: s.Reached, low: low, high: high}
	place := func(v float64) int32 {
		if !chart.Legible(v) {
			return math.MinInt32
		}
		return int32((v - low) / max(high-low, 1e-9) * (1 << 14))
	}
	for i := range s.Marks[:min(len(s.Marks), chart.MostMarks)] {
		m := &s.Marks[i]
		state.mark[i] = mark{m.Beta, place(m.After), place(m.Optimum), m.Reached, m.Present}
	}
	return state
}

// handles makes each β on the axis a target that can be dragged.
func (v *View) handles(p *picture.Picture, s *Betas, l *layout) {
	const half = 17
	sweep, box := &v.charts[0].layout, l.charts[0]
	for i := range s.columns {
		x, foot := box.X+sweep.X(s.columns[i].beta), box.Y+sweep.Foot()
		b := picture.Bar{max(x-half, 0), foot - half + 7, 0, 0}
		b.W, b.H = min(x+half, l.w)-b.X, min(foot+half+7, l.h)-b.Y
		p.Targets = append(p.Targets, picture.Target{X: b.X, Y: b.Y, W: b.W, H: b.H, ID: handles + i, Name: v.columns[i].handle, Drag: true})
	}
}

// write makes the strings of this frame, those that have changed.
func (v *View) write(s *Betas) {
	changed := len(s.columns) != len(v.columns)
	v.now.Say(s.step, func() string {
		return v.words.Say(v.words.Form("betas.now", s.step), "step", words.Count(float64(s.step)))
	})
	for len(v.columns) < len(s.columns) {
		v.columns = append(v.columns, text{state: state{step: -1}})
	}
	v.columns = v.columns[:len(s.columns)]
	for i := range s.columns {
		c := &s.columns[i]
		state := state{c.beta, c.present, s.step, thousand(c.kl), thousand(c.klOptimum), c.reached, c.arrived}
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
	if !chart.Legible(x) || x > 1e12 {
		return -1
	}
	return int(1000*x + 0.5)
}

// spell makes a column's texts.
func (v *View) spell(c *column, state state) text {
	w, beta := v.words, chart.BetaText(c.beta)
	t := text{state: state, beta: beta, head: w.Say("betas.head", "beta", beta), handle: w.Say("betas.handle", "beta", beta)}
	t.name = w.Say(w.Form([3]string{"betas.name", "betas.name.never", "betas.name.unknown"}[c.reached], state.step), "beta", beta, "step", words.Count(float64(state.step)), "kl", v.number(c.kl), "optimum", v.number(c.klOptimum))
	if c.present {
		t.name += " " + w.Say("betas.name.present")
	} else {
		t.name += " " + w.Say("betas.name.press")
	}
	return t
}

// describe tells every column and the charts.
func (v *View) describe(s *Betas) {
	var b strings.Builder
	w := v.words
	b.WriteString(w.Say("betas.desc", "n", words.Count(float64(len(s.columns))), "step", words.Count(float64(s.step))))
	sep := " "
	for i := range s.columns {
		c := &s.columns[i]
		b.WriteString(sep + w.Say([3]string{"betas.desc.column", "betas.desc.column.never", "betas.desc.column.unknown"}[c.reached], "beta", chart.BetaText(c.beta), "kl", v.number(c.kl), "optimum", v.number(c.klOptimum)))
		sep = "; "
	}
	b.WriteString(". " + w.Say("betas.desc.charts"))
	if !s.rewarded {
		b.WriteString(" " + v.none)
	}
	v.desc = b.String()
}
