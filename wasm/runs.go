//go:build js

package main

import (
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/runlog"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/view"
)

// realRuns are the logs of real runs that the user has brought, beside the toy.
// They are kept in the page alone.
type realRuns struct {
	*app
	list  []*runlog.Run
	lines []chart.RunLine
	names []string
}

func (rr *realRuns) register(on *handlers) {
	on.do["log-close"] = func(js.Value) { rr.closeAll() }
	on.draws = append(on.draws, panelWriter{"log", rr.draw})
}

// add takes the runs of a log, and tells whether all together can be shown.
func (rr *realRuns) add(log *runlog.Log) bool {
	list := log.AddTo(rr.list)
	if len(list) > runlog.MaxRuns {
		return false
	}
	rr.list = list
	rr.show()
	return true
}

// show says what the runs' numbers show.
func (rr *realRuns) show() {
	rr.lines, rr.names = chart.RunLines(rr.list, rr.words)
	rr.page.First(`[data-section="log"]`).Set("hidden", len(rr.list) == 0)
	facts := rr.page.ByID("log-facts")
	facts.Call("replaceChildren")
	for i, run := range rr.list {
		for _, f := range run.Facts() {
			rr.page.Make(facts.Value, "li", "").Set("textContent", rr.names[i]+": "+rr.sentence(f))
		}
	}
	rr.page.ByID("log-teaser").SetText(strings.Join(rr.names, ", "))
	rr.panels.serve()
}

// sentence says a fact.
func (rr *realRuns) sentence(f runlog.Fact) string {
	var args []string
	for name, x := range f.Values {
		text := words.Short(x)
		if name == "step" {
			text = words.Count(x)
		}
		args = append(args, name, text)
	}
	return rr.words.Say(f.Code, args...)
}

func (rr *realRuns) closeAll() {
	rr.list = nil
	rr.page.ByID("log-read").SetText("")
	rr.show()
}

// A logChart is a chart of what a log and the toy both measure.
type logChart struct {
	id, name, measure string
	pick              func(*train.Measures) float64 // nil where the toy has no such measure
	shares            func(rr *realRuns) bool       // tells that the toy's numbers are of the same kind
	apart             string                        // says why they are not
}

var logCharts = [...]logChart{
	{"loss", "measure.loss", "loss", func(m *train.Measures) float64 { return m.Loss }, (*realRuns).sharesLoss, "run.log.apart.loss"},
	{"chosen", "measure.chosen", "rewards/chosen", func(m *train.Measures) float64 { return m.ChosenReward }, (*realRuns).sharesReward, "run.log.apart.reward"},
	{"rejected", "measure.rejected", "rewards/rejected", func(m *train.Measures) float64 { return m.RejectedReward }, (*realRuns).sharesReward, "run.log.apart.reward"},
	{"margin", "measure.margin", "rewards/margins", func(m *train.Measures) float64 { return m.Margin }, (*realRuns).sharesReward, "run.log.apart.reward"},
	{"accuracy", "measure.accuracy", "rewards/accuracies", func(m *train.Measures) float64 { return m.Accuracy }, func(*realRuns) bool { return true }, ""},
	{"kl", "over.kl", "kl", func(m *train.Measures) float64 { return m.KL }, (*realRuns).sharesKL, "run.log.apart.kl"},
	{"logps", "run.log.logps", "logps/chosen", nil, func(*realRuns) bool { return false }, "run.log.apart.logps"},
}

// sharesLoss tells that the toy and all runs are trained with DPO's loss.
func (rr *realRuns) sharesLoss() bool {
	s := &rr.lab.Experiment.Settings
	return s[core.How] == core.LearnDirectly && s.Objective().Key == "dpo" && rr.every((*runlog.Run).IsDPO)
}

func (rr *realRuns) sharesReward() bool {
	return rr.every(func(r *runlog.Run) bool { return !r.IsReferenceFree() })
}

func (rr *realRuns) sharesKL() bool {
	return rr.every(func(r *runlog.Run) bool { return !r.PerToken })
}

func (rr *realRuns) every(holds func(*runlog.Run) bool) bool {
	for _, run := range rr.list {
		if !holds(run) {
			return false
		}
	}
	return true
}

// draw draws the runs' measures, with the toy's where those are comparable.
func (rr *realRuns) draw() {
	if len(rr.list) == 0 {
		return
	}
	var apart []string
	for i := range logCharts {
		c := &logCharts[i]
		said := ""
		if shown, shared := rr.drawChart(c); shown && !shared {
			said = rr.words.Say(c.apart)
		}
		if said != "" && (len(apart) == 0 || apart[len(apart)-1] != said) {
			apart = append(apart, said)
		}
	}
	rr.page.ByID("log-note").SetText(rr.words.Say("run.log.shared", "run", view.RunName(rr.lab, rr.words)) + " " + strings.Join(apart, " "))
}

// drawChart draws one chart, if a run has its measure, and tells whether the toy
// is in it.
func (rr *realRuns) drawChart(l *logChart) (shown, shared bool) {
	shared = l.shares(rr)
	c := chart.Chart{Step: -1, Reached: picture.Unknown, Font: rr.screen.frame.Font}
	if shared {
		c = rr.charts.chart(l.pick)
		c.Lines[0].Name, c.Lines[0].Ink = rr.words.Say("run.log.toy"), picture.InkPolicy
	}
	c.Name, c.Large = rr.words.Say(l.name), true
	shown = c.AddRuns(rr.lines, l.measure)
	rr.page.ByID("row-log-" + l.id).SetHidden(!shown)
	if shown {
		rr.charts.put("chart-log-"+l.id, float32(120+12*max(0, len(c.Lines)-4)), c.Draw)
	}
	return shown, shared
}
