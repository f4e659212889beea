//go:build js

package main

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
	"dpoplayground/scenes/betas"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// charts keeps the page's small charts in step with the lab, where they are
// open.
type charts struct {
	*app
	stale   bool
	last    float64 // when they were last drawn, ms
	step    int
	points  int
	swept   int // the version of the sweep
	spread  bool
	picture picture.Picture
	svg     []byte
	values  [][]float64
}

const chartInterval = 200 // between two drawings of the charts while the run moves, ms

func (ch *charts) register(on *handlers) {
	on.draws = append(on.draws, panelWriter{"time", ch.drawTime}, panelWriter{"sweep", ch.drawSweep})
}

func (ch *charts) update(now float64, moving bool) {
	l := ch.lab
	if step, n := l.Run.StepCount(), len(l.History.Steps); step != ch.step || n != ch.points {
		ch.step, ch.points, ch.stale = step, n, true
	}
	if l.Sweep != nil && l.Sweep.Version != ch.swept {
		ch.swept, ch.stale = l.Sweep.Version, true
	}
	if spread := l.Spread != nil && l.Spread.Done(); spread != ch.spread {
		ch.spread, ch.stale = spread, true
	}
	if !ch.stale || moving && now-ch.last < chartInterval {
		return
	}
	ch.stale, ch.last = false, now
	for _, d := range ch.on.draws {
		if ch.panels.isOpen(d.panel) {
			d.write()
		}
	}
}

// drawTime draws what changes along the run.
func (ch *charts) drawTime() {
	ch.drawKL()
	ch.drawProbabilities("chart-probs", 190)
	ch.drawReplies()
	if ch.panels.isOpen("measures") {
		ch.drawMeasures()
	}
}

// put draws a chart into its place on the page, as wide as that is.
func (ch *charts) put(id string, height float32, draw func(p *picture.Picture, words words.Words, w, h float32)) {
	place := ch.page.ByID(id)
	draw(&ch.picture, ch.words, max(220, min(900, float32(place.Get("clientWidth").Float()))), height)
	ch.print(place)
}

func (ch *charts) print(place *page.Element) {
	ch.svg = picture.AppendSVG(ch.svg[:0], &ch.picture, nil)
	place.Set("innerHTML", string(ch.svg))
}

// chart returns a chart of the history's measures, each picked by one of the
// functions.
func (ch *charts) chart(pick ...func(*train.Measures) float64) chart.Chart {
	h := ch.lab.History
	c := chart.Chart{Steps: h.Steps, Step: ch.lab.Run.StepCount(),
		End: int(ch.lab.Experiment.Settings[core.Steps]), Reached: picture.Unknown, Font: ch.screen.frame.Font}
	for i, f := range pick {
		values := ch.line(i, len(h.Steps))
		for j := range h.Measures {
			values[j] = f(&h.Measures[j])
		}
		c.Lines = append(c.Lines, chart.Line{Values: values})
	}
	return c
}

// line returns room for the values of line i.
func (ch *charts) line(i, n int) []float64 {
	for len(ch.values) <= i {
		ch.values = append(ch.values, nil)
	}
	if cap(ch.values[i]) < n {
		ch.values[i] = make([]float64, n, 2*n)
	}
	return ch.values[i][:n]
}

func (ch *charts) drawKL() {
	c := ch.chart(func(m *train.Measures) float64 { return m.KL })
	c.Name, c.Large, c.NonNegative = ch.words.Say("over.kl"), true, true
	c.Value = words.Fixed(num.KL(ch.lab.Policy(), ch.lab.Reference()), 3)
	c.Lines[0].Ink = picture.InkPolicy
	if c.Reached = read.ReachedBy(ch.lab); ch.lab.KLVeiled() {
		c.Reached = picture.Unknown
	}
	if c.Reached != picture.Unknown {
		c.Optimum = ch.lab.Optimum.KL
	}
	ch.versus.overlay(&c, func(m *train.Measures) float64 { return m.KL })
	ch.addSpread(&c)
	ch.put("chart-kl", 130, c.Draw)
}

// addSpread adds the band that runs of other seeds keep to.
func (ch *charts) addSpread(c *chart.Chart) {
	note := ""
	if w := ch.lab.Spread; w != nil && w.Done() {
		c.Lines = append(c.Lines,
			chart.Line{Name: ch.words.Say("over.high"), Values: w.High, Steps: w.Steps, Ink: picture.InkSoft},
			chart.Line{Name: ch.words.Say("over.low"), Values: w.Low, Steps: w.Steps, Ink: picture.InkSoft})
		c.Lines[0].Name = ch.words.Say("over.this")
		note = ch.words.Say("over.spread", "n", strconv.Itoa(core.SpreadSeeds))
	}
	ch.page.ByID("spread-note").SetText(note)
}

func (ch *charts) drawProbabilities(id string, h float32) {
	past := ch.lab.History
	from, _ := ch.lab.Problem.Range(ch.lab.Prompt())
	replies := ch.lab.Problem.Prompts[ch.lab.Prompt()].Replies
	c := ch.chart()
	c.Name, c.Large, c.Probability = ch.words.Say("over.probs"), true, true
	for i, arm := range past.Arms {
		values := ch.line(i, len(past.Steps))
		for j := range values {
			values[j] = past.Probs[j*len(past.Arms)+i]
		}
		c.Lines = append(c.Lines, chart.Line{Name: replies[arm-from].Text, Values: values})
	}
	ch.put(id, h, c.Draw)
}

// drawReplies draws the policy as a curve over the list of replies, where they are more
// than have bars of their own: beside it the reference, the optimum and a true reward
// from 0 to 1.
func (ch *charts) drawReplies() {
	l := ch.lab
	replies := l.Problem.Prompts[l.Prompt()].Replies
	few := len(replies) <= read.MostShown || len(replies) > mostCurved
	if ch.page.ByID("time-replies").SetHidden(few); few {
		return
	}
	c := chart.Chart{Name: ch.words.Say("over.replies"), Step: -1, Large: true, Probability: true, ByReply: true, Reached: picture.Unknown, Font: ch.screen.frame.Font}
	shares := func(name string, ink picture.Ink, of func(k int) float64) {
		values := ch.line(len(c.Lines), len(replies))
		for k := range values {
			values[k] = of(k)
		}
		c.Lines = append(c.Lines, chart.Line{Name: ch.words.Say(name), Values: values, Ink: ink})
	}
	rewarded := l.Data.Rewarded
	for k := range replies {
		c.Steps = append(c.Steps, k+1)
		rewarded = rewarded && replies[k].Reward >= 0 && replies[k].Reward <= 1
	}
	shares("betas.legend.policy", picture.InkPolicy, func(k int) float64 { return num.Exp(l.Policy()[k]) })
	shares("legend.reference", picture.InkReference, func(k int) float64 { return num.Exp(l.Reference()[k]) })
	if l.HasOptimum() {
		shares("legend.optimum", picture.InkText, func(k int) float64 { return num.Exp(l.Optimum.LogPi[k]) })
	}
	if rewarded {
		shares("card.reward", picture.InkRival, func(k int) float64 { return replies[k].Reward })
	}
	ch.put("chart-replies", 190, c.Draw)
}

// mostCurved is how many replies are drawn as a curve.
const mostCurved = 1000

// measure is a row of the table of measures.
type measure struct {
	id       string
	pick     func(*train.Measures) float64
	decimals int
	ink      picture.Ink
	positive bool // cannot be below 0
}

var measures = [...]measure{
	{"loss", func(m *train.Measures) float64 { return m.Loss }, 3, picture.InkText, false},
	{"accuracy", func(m *train.Measures) float64 { return m.Accuracy }, 2, picture.InkText, true},
	{"chosen", func(m *train.Measures) float64 { return m.ChosenReward }, 3, picture.InkChosen, false},
	{"rejected", func(m *train.Measures) float64 { return m.RejectedReward }, 3, picture.InkRejected, false},
	{"margin", func(m *train.Measures) float64 { return m.Margin }, 3, picture.InkText, false},
	{"entropy", func(m *train.Measures) float64 { return m.Entropy }, 3, picture.InkText, true},
	{"expected", func(m *train.Measures) float64 { return m.Expected }, 3, picture.InkPolicy, false},
}

func (ch *charts) drawMeasures() {
	ch.page.ByID("row-expected").SetHidden(!ch.lab.Data.Rewarded)
	now, ok := ch.measuresNow()
	if !ok {
		return
	}
	for _, m := range measures {
		c := ch.chart(m.pick)
		c.Name, c.Value = ch.words.Say("measure."+m.id), words.Fixed(m.pick(&now), m.decimals)
		c.Lines[0].Ink, c.NonNegative = m.ink, m.positive
		c.Draw(&ch.picture, ch.words, 130, 26)
		ch.print(ch.page.ByID("spark-" + m.id))
		ch.page.ByID("m-" + m.id).SetText(c.Value)
	}
}

// measuresNow returns the measures at the run's step, or of a large problem
// those recorded last.
func (ch *charts) measuresNow() (m train.Measures, ok bool) {
	if !ch.lab.Large() {
		return ch.lab.Meter.Read(ch.lab.Run.Policy(), ch.lab.Prompt()), true
	}
	if n := len(ch.lab.History.Measures); n > 0 {
		return ch.lab.History.Measures[n-1], true
	}
	return m, false
}

// drawSweep draws KL over β, once it is worked out.
func (ch *charts) drawSweep() {
	w := ch.lab.Sweep
	if w == nil || w.Sweeps() && !w.Trained {
		return
	}
	s := betas.ReadSweep(ch.lab)
	s.Font = ch.screen.frame.Font
	key := "axis.note.none"
	if s.Star > 0 {
		key = "axis.note"
	} else if !w.Sweeps() && ch.lab.Large() {
		key = "betas.note.large"
	} else if !w.Sweeps() {
		key = "betas.note.drawn"
	}
	ch.put("chart-sweep", 240, s.Draw)
	note := ch.words.Say(ch.words.Form(key, w.Step), "star", words.Short(s.Star), "n", words.Count(float64(w.Step)))
	if w.AtOptimum == nil {
		s.Reached = picture.Unknown
	}
	if ch.lab.Scores != nil && s.Reached == picture.Reachable {
		o, beta := &ch.lab.Optimum, ch.lab.Beta()
		note += " " + ch.words.Say("axis.slope", "kl", words.Short(-o.KLSlope(beta)), "reward", words.Short(-o.RewardSlope(beta)))
	}
	ch.page.ByID("sweep-note").SetText(note)
}
