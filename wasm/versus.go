//go:build js

package main

import (
	"slices"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

// versus are the runs that are compared with the present one: their labs, their
// lines in the charts, and the list of them on the page.
type versus struct {
	*app
	panel  *core.Panel
	paces  [core.MostVariants]view.Pace // of the panel's others
	listed string                       // what the page's list shows
}

func (vs *versus) register(on *handlers) {
	on.do["versus-add"] = func(js.Value) { vs.addRun() }
	on.do["versus-remove"] = func(button js.Value) { vs.removeRun(page.Data(button, "value")) }
	on.draws = append(on.draws, panelWriter{"versus", vs.draw})
	on.shows(vs.listRuns)
}

// runs returns the labs of the compared runs.
func (vs *versus) runs() []*core.Lab {
	if vs.panel == nil {
		return nil
	}
	return vs.panel.Others
}

// follow lets the compared runs follow the experiment, and says which cannot.
func (vs *versus) follow() {
	var complaints []*data.Complaint
	if vs.panel == nil || vs.panel.Lead != vs.lab {
		if vs.panel != nil {
			vs.panel.Lead.Experiment.Versus = nil
			vs.panel.Follow()
		}
		vs.panel, complaints = core.NewPanel(vs.lab)
	} else {
		complaints = vs.panel.Follow()
	}
	for _, c := range complaints {
		vs.voice.Complain(c)
	}
}

// work does a slice of the compared runs' work, and tells whether
// anything is left.
func (vs *versus) work() (busy bool) {
	for i, l := range vs.runs() {
		busy = vs.paces[i].Work(l, func(n int) bool { return vs.panel.WorkOn(i, n) }) || busy
	}
	if busy {
		vs.host.Reread()
		vs.charts.stale = true
	}
	return busy
}

// listRuns lists the compared runs on the page, each with a button that takes
// it out.
func (vs *versus) listRuns() {
	key := ""
	for i, l := range vs.runs() {
		key += vs.lab.Experiment.Versus[i].String() + "\x00" + view.RunName(l, vs.words) + "\x00"
	}
	vs.page.ByID("versus-charts").SetHidden(key == "")
	vs.page.ByID("row-versus-expected").SetHidden(!vs.lab.Data.Rewarded)
	if key == vs.listed {
		return
	}
	vs.listed = key
	list := vs.page.ByID("versus-list")
	list.Call("replaceChildren")
	for i, l := range vs.runs() {
		item := vs.page.Make(list.Value, "li", "")
		vs.page.Make(item, "span", "").Set("textContent", view.RunName(l, vs.words))
		vs.page.Button(item, "versus-remove", vs.words.Say("versus.remove"), vs.words.Say("versus.remove.run", "run", view.RunName(l, vs.words))).
			Get("dataset").Set("value", vs.lab.Experiment.Versus[i].String())
	}
	vs.page.ByID("versus-teaser").SetText(vs.teaser())
}

func (vs *versus) teaser() string {
	if n := len(vs.runs()); n > 0 {
		return vs.words.Say(vs.words.Form("versus.count", n), "n", strconv.Itoa(n))
	}
	return vs.words.Say("versus.teaser")
}

// addRun compares the run that the page's list names.
func (vs *versus) addRun() {
	v, c := core.ParseVariant(vs.page.ByID("versus-add").Get("value").String())
	if c != nil {
		vs.voice.Complain(c)
		return
	}
	e := vs.lab.Experiment
	switch s := e.Vary(v).Settings; {
	case len(e.Versus) >= core.MostVariants:
		vs.voice.Announce("versus.full", "n", strconv.Itoa(core.MostVariants))
	case slices.Contains(e.Versus, v) || s == e.Settings:
		vs.voice.Announce("versus.there")
	default:
		e.Versus = append(slices.Clone(e.Versus), v)
		vs.host.SetAndRecord(e)
	}
}

// removeRun stops comparing a run. The focus goes to where another is added,
// as the button that was pressed is gone.
func (vs *versus) removeRun(text string) {
	e := vs.lab.Experiment
	e.Versus = slices.DeleteFunc(slices.Clone(e.Versus), func(v core.Variant) bool { return v.String() == text })
	vs.host.SetAndRecord(e)
	vs.page.ByID("versus-add").Call("focus")
}

// overlay adds the compared runs' lines of a measure to a chart that has the
// present run's, and names them all.
func (vs *versus) overlay(c *chart.Chart, pick func(*train.Measures) float64) {
	if len(vs.runs()) == 0 {
		return
	}
	c.Value = "" // the description then tells every line's
	c.Lines[0].Name = view.RunName(vs.lab, vs.words)
	for _, l := range vs.runs() {
		h := l.History
		values := vs.charts.line(len(c.Lines), len(h.Steps))
		for j := range h.Measures {
			values[j] = pick(&h.Measures[j])
		}
		c.Lines = append(c.Lines, chart.Line{Name: view.RunName(l, vs.words), Values: values, Steps: h.Steps})
	}
}

// draw draws what is comparable between runs. Losses of different
// objectives, and margins across β, are not.
func (vs *versus) draw() {
	if len(vs.runs()) == 0 {
		return
	}
	vs.drawOverlay("chart-versus-kl", "over.kl", func(m *train.Measures) float64 { return m.KL })
	vs.drawOverlay("chart-versus-gap", "measure.gap", func(m *train.Measures) float64 { return m.Gap })
	vs.drawOverlay("chart-versus-accuracy", "measure.accuracy", func(m *train.Measures) float64 { return m.Accuracy })
	if vs.lab.Data.Rewarded {
		vs.drawOverlay("chart-versus-expected", "measure.expected", func(m *train.Measures) float64 { return m.Expected })
	}
}

func (vs *versus) drawOverlay(id, name string, pick func(*train.Measures) float64) {
	c := vs.charts.chart(pick)
	c.Name, c.Large = vs.words.Say(name), true
	vs.overlay(&c, pick)
	vs.charts.put(id, 130, c.Draw)
}

// settled tells whether every compared run stands where it was asked to.
func (vs *versus) settled() bool { return len(vs.runs()) == 0 || vs.panel.Settled() }

// stride is how many of so many steps every compared run can take in about a
// millisecond.
func (vs *versus) stride(steps int) int {
	for i, l := range vs.runs() {
		vs.paces[i].Meet(l)
		steps = min(steps, vs.paces[i].Steps)
	}
	return steps
}
