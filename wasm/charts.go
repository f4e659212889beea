//go:build js

package main

import (
	"math"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// charts keeps the page's small charts in step with the lab, where they are
// open.
type charts struct {
	stale   bool
	last    float64 // when they were last drawn, ms
	step    int
	points  int
	swept   int // the version of the sweep
	spread  bool
	picture scenes.Picture
	svg     []byte
	values  [][]float64
}

const chartInterval = 200 // between two drawings of the charts while the run moves, ms

func (a *app) updateCharts(now float64, moving bool) {
	c, l := &a.charts, a.lab
	if step, n := l.Run.StepCount(), len(l.History.Steps); step != c.step || n != c.points {
		c.step, c.points, c.stale = step, n, true
	}
	if l.Sweep != nil && l.Sweep.Version != c.swept {
		c.swept, c.stale = l.Sweep.Version, true
	}
	if spread := l.Spread != nil && l.Spread.Done(); spread != c.spread {
		c.spread, c.stale = spread, true
	}
	if !c.stale || moving && now-c.last < chartInterval {
		return
	}
	c.stale, c.last = false, now
	if a.isOpen("time") {
		a.drawKL()
		a.drawProbabilities("chart-probs", 190)
		if a.isOpen("measures") {
			a.drawMeasures()
		}
	}
	if a.isOpen("ledger") {
		a.drawLedger()
	}
	if a.isOpen("versus") {
		a.drawVersus()
	}
	if a.isOpen("sweep") {
		a.drawSweep()
	}
	if a.isOpen("plane") {
		a.drawPlane()
	}
}

// print puts a chart into the page.
func (a *app) print(id string) {
	c := &a.charts
	c.svg = scenes.AppendSVG(c.svg[:0], &c.picture, nil)
	a.page.get(id).Set("innerHTML", string(c.svg))
}

// chart returns a chart of the history's measures, each picked by one of the
// functions.
func (a *app) chart(pick ...func(*core.Measures) float64) scenes.Chart {
	h := a.lab.History
	chart := scenes.Chart{Steps: h.Steps, Step: a.lab.Run.StepCount(),
		End: int(a.lab.Experiment.Settings[core.Steps]), Reached: scenes.Unknown, Font: a.show.font}
	for i, f := range pick {
		values := a.charts.line(i, len(h.Steps))
		for j := range h.Measures {
			values[j] = f(&h.Measures[j])
		}
		chart.Lines = append(chart.Lines, scenes.ChartLine{Values: values})
	}
	return chart
}

// line returns room for the values of line i.
func (c *charts) line(i, n int) []float64 {
	for len(c.values) <= i {
		c.values = append(c.values, nil)
	}
	if cap(c.values[i]) < n {
		c.values[i] = make([]float64, n, 2*n)
	}
	return c.values[i][:n]
}

func (a *app) chartWidth(id string) float32 {
	w := a.page.get(id).Get("clientWidth").Float()
	return float32(math.Max(220, math.Min(900, w)))
}

func (a *app) drawKL() {
	c := a.chart(func(m *core.Measures) float64 { return m.KL })
	c.Name, c.Large, c.NonNegative = a.words.Say("over.kl"), true, true
	c.Value = scenes.Fixed(core.KL(a.lab.Policy(), a.lab.Reference()), 3)
	c.Lines[0].Ink = scenes.InkPolicy
	if c.Reached = scenes.ReachedBy(a.lab); c.Reached != scenes.Unknown {
		c.Optimum = a.lab.Optimum.KL
	}
	a.overlay(&c, func(m *core.Measures) float64 { return m.KL })
	a.addSpread(&c)
	c.Draw(&a.charts.picture, a.words, a.chartWidth("chart-kl"), 130)
	a.print("chart-kl")
}

// addSpread adds the band that runs of other seeds keep to.
func (a *app) addSpread(c *scenes.Chart) {
	note := ""
	if w := a.lab.Spread; w != nil && w.Done() {
		c.Lines = append(c.Lines,
			scenes.ChartLine{Name: a.words.Say("over.high"), Values: w.High, Steps: w.Steps, Ink: scenes.InkSoft},
			scenes.ChartLine{Name: a.words.Say("over.low"), Values: w.Low, Steps: w.Steps, Ink: scenes.InkSoft})
		c.Lines[0].Name = a.words.Say("over.this")
		note = a.words.Say("over.spread", "n", strconv.Itoa(core.SpreadSeeds))
	}
	a.page.get("spread-note").setText(note)
}

func (a *app) drawProbabilities(id string, h float32) {
	past := a.lab.History
	from, _ := a.lab.Problem.Range(a.lab.Prompt())
	replies := a.lab.Problem.Prompts[a.lab.Prompt()].Replies
	c := a.chart()
	c.Name, c.Large, c.Probability = a.words.Say("over.probs"), true, true
	for i, arm := range past.Arms {
		values := a.charts.line(i, len(past.Steps))
		for j := range values {
			values[j] = past.Probs[j*len(past.Arms)+i]
		}
		c.Lines = append(c.Lines, scenes.ChartLine{Name: replies[arm-from].Text, Values: values})
	}
	c.Draw(&a.charts.picture, a.words, a.chartWidth(id), h)
	a.print(id)
}

// measure is a row of the table of measures.
type measure struct {
	id       string
	pick     func(*core.Measures) float64
	decimals int
	ink      scenes.Ink
	positive bool // cannot be below 0
}

var measures = [...]measure{
	{"loss", func(m *core.Measures) float64 { return m.Loss }, 3, scenes.InkText, false},
	{"accuracy", func(m *core.Measures) float64 { return m.Accuracy }, 2, scenes.InkText, true},
	{"chosen", func(m *core.Measures) float64 { return m.ChosenReward }, 3, scenes.InkChosen, false},
	{"rejected", func(m *core.Measures) float64 { return m.RejectedReward }, 3, scenes.InkRejected, false},
	{"margin", func(m *core.Measures) float64 { return m.Margin }, 3, scenes.InkText, false},
	{"entropy", func(m *core.Measures) float64 { return m.Entropy }, 3, scenes.InkText, true},
	{"expected", func(m *core.Measures) float64 { return m.Expected }, 3, scenes.InkPolicy, false},
}

func (a *app) drawMeasures() {
	a.page.get("row-expected").setHidden(!a.lab.Data.Rewarded)
	now, ok := a.measuresNow()
	if !ok {
		return
	}
	for _, m := range measures {
		c := a.chart(m.pick)
		c.Name, c.Value = a.words.Say("measure."+m.id), scenes.Fixed(m.pick(&now), m.decimals)
		c.Lines[0].Ink, c.NonNegative = m.ink, m.positive
		c.Draw(&a.charts.picture, a.words, 130, 26)
		a.print("spark-" + m.id)
		a.page.get("m-" + m.id).setText(c.Value)
	}
}

// measuresNow returns the measures at the run's step, or of a large problem
// those recorded last.
func (a *app) measuresNow() (m core.Measures, ok bool) {
	if !a.lab.Large() {
		return a.lab.Meter.Read(a.lab.Run.Policy(), a.lab.Prompt()), true
	}
	if n := len(a.lab.History.Measures); n > 0 {
		return a.lab.History.Measures[n-1], true
	}
	return m, false
}

// drawSweep draws KL over β, once it is worked out.
func (a *app) drawSweep() {
	w := a.lab.Sweep
	if w == nil || w.Sweeps() && !w.Trained {
		return
	}
	s := scenes.ReadSweep(a.lab)
	s.Font = a.show.font
	key := "axis.note.none"
	if s.Star > 0 {
		key = "axis.note"
		if a.lab.Experiment.Settings[core.How] != core.LearnDirectly {
			key = "betas.note.star"
		}
	} else if !w.Sweeps() && a.lab.Large() {
		key = "betas.note.large"
	} else if !w.Sweeps() {
		key = "betas.note.drawn"
	}
	s.Draw(&a.charts.picture, a.words, a.chartWidth("chart-sweep"), 240)
	a.print("chart-sweep")
	note := a.words.Say(a.words.Form(key, w.Step), "star", scenes.Short(s.Star), "n", scenes.Count(float64(w.Step)))
	if w.AtOptimum == nil {
		s.Reached = scenes.Unknown
	}
	if a.lab.Scores != nil && s.Reached == scenes.Reachable {
		o, beta := &a.lab.Optimum, a.lab.Beta()
		note += " " + a.words.Say("axis.slope", "kl", scenes.Short(-o.KLSlope(beta)), "reward", scenes.Short(-o.RewardSlope(beta)))
	}
	a.page.get("sweep-note").setText(note)
}
