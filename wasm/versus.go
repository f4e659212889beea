//go:build js

package main

import (
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// versus shows the runs that are compared with the present one: in lanes under
// its own, as lines in the charts, and as a list on the page.
type versus struct {
	panel  *core.Panel
	lanes  []*lane // of the panel's others, in their order
	drawn  []scenes.Lane
	view   scenes.Lanes
	listed string // what the page's list shows
}

// A lane is the mass view of a compared run.
type lane struct {
	mass
	lab  *core.Lab
	pace pace
}

// runs returns the labs of the compared runs.
func (v *versus) runs() []*core.Lab {
	if v.panel == nil {
		return nil
	}
	return v.panel.Others
}

// moving tells whether grains of a lane are under way.
func (v *versus) moving(now float64) bool {
	return slices.ContainsFunc(v.lanes, func(l *lane) bool { return l.grains.Moving(now) })
}

// syncVersus lets the compared runs follow the experiment, and the page show
// which they are.
func (a *app) syncVersus() {
	v := &a.versus
	var complaints []*core.Complaint
	if v.panel == nil || v.panel.Lead != a.lab {
		if v.panel != nil {
			v.panel.Lead.Experiment.Versus = nil
			v.panel.Follow()
		}
		v.panel, complaints = core.NewPanel(a.lab)
	} else {
		complaints = v.panel.Follow()
	}
	for _, c := range complaints {
		a.complain(c)
	}
	a.syncLanes()
	a.listRuns()
}

// syncLanes keeps one lane for each compared run.
func (a *app) syncLanes() {
	v, n := &a.versus, len(a.versus.runs())
	if n == 0 && len(v.lanes) == 0 {
		return
	}
	old := v.lanes
	v.lanes = nil
	for _, l := range v.runs() {
		i := slices.IndexFunc(old, func(o *lane) bool { return o.lab == l })
		if i >= 0 {
			v.lanes = append(v.lanes, old[i])
			continue
		}
		made := &lane{lab: l, mass: mass{view: scenes.NewMassView(a.words), grains: scenes.NewGrains()}}
		v.lanes = append(v.lanes, made)
	}
	for lanes := 2; lanes <= core.MostVariants+1; lanes++ {
		a.page.get("stage").Get("classList").Call("toggle", "lanes-"+strconv.Itoa(lanes), n+1 == lanes)
	}
	a.show.stale, a.charts.stale = true, true
}

// settled tells whether every run stands where it was asked to.
func (a *app) settled() bool {
	return a.lab.Settled() && (len(a.versus.runs()) == 0 || a.versus.panel.Settled()) && a.show.view().settled(a)
}

// workVersus does a slice of the compared runs' work, and tells whether
// anything is left.
func (a *app) workVersus() (busy bool) {
	v := &a.versus
	for i, l := range v.lanes {
		if l.pace.work(l.lab, func(n int) bool { return v.panel.WorkOn(i, n) }) {
			busy = true
		}
	}
	if busy {
		a.fresh, a.charts.stale = true, true
	}
	return busy
}

// stride is how many steps every run can take in about a millisecond.
func (a *app) stride() int {
	steps := a.pace.steps
	for _, l := range a.versus.lanes {
		l.pace.meet(l.lab)
		steps = min(steps, l.pace.steps)
	}
	return steps
}

// refreshLanes reads the compared runs into their lanes.
func (a *app) refreshLanes(now float64, other bool) {
	v := &a.versus
	if len(v.lanes) == 0 {
		return
	}
	v.drawn = append(v.drawn[:0], scenes.Lane{Name: a.runName(a.lab), Title: a.laneTitle(a.lab),
		View: a.mass.view, Mass: &a.mass.state, Grains: a.mass.grains})
	for _, m := range v.lanes {
		m.lab.Meter.Look(m.lab.Run.Policy(), m.lab.Prompt())
		m.shown.Arms, m.shown.Rest = a.mass.shown.Arms, a.mass.shown.Rest
		m.grains.Jump = a.mass.grains.Jump
		m.take(m.lab, other, now)
		v.drawn = append(v.drawn, scenes.Lane{Name: a.runName(m.lab), Title: a.laneTitle(m.lab),
			View: m.view, Mass: &m.state, Grains: m.grains})
	}
}

// drawMass draws the present run, and under it those that are compared.
func (a *app) drawMass(p *scenes.Picture, now float64, w, h float32) {
	m, v := &a.mass, &a.versus
	m.state.Font = a.show.font
	if len(v.lanes) == 0 || len(v.drawn) != len(v.lanes)+1 {
		m.view.Draw(p, &m.state, m.grains, now, w, h)
		return
	}
	for _, l := range v.lanes {
		l.state.Font, l.state.Focus = m.state.Font, m.state.Focus
	}
	v.view.Draw(p, v.drawn, now, w, h)
}

// methodName says what a run learns by.
func (a *app) methodName(l *core.Lab) string {
	switch s := &l.Experiment.Settings; s[core.How] {
	case core.LearnByRLHF:
		return a.words.Say("versus.rlhf")
	case core.LearnOnline:
		return a.words.Say("versus.online")
	default:
		return a.words.Say("objective." + s.Objective().Key)
	}
}

// runName says which run a lab's is.
func (a *app) runName(l *core.Lab) string {
	return a.words.Say("versus.run", "method", a.methodName(l), "beta", strconv.FormatFloat(l.Beta(), 'f', -1, 64))
}

// laneTitle says which run it is, how far it has strayed and where it is headed.
func (a *app) laneTitle(l *core.Lab) string {
	name, kl := a.runName(l), scenes.Fixed(l.Now(), 3)
	switch scenes.ReachedBy(l) {
	case scenes.Reachable:
		return a.words.Say("versus.lane", "run", name, "kl", kl, "optimum", scenes.Fixed(l.Optimum.KL, 3))
	case scenes.NeverReached:
		return a.words.Say("versus.lane.never", "run", name, "kl", kl, "optimum", scenes.Fixed(l.Optimum.KL, 3))
	}
	return a.words.Say("versus.lane.unknown", "run", name, "kl", kl)
}

// tellLanes says in a sentence for each run which reply leads, and its KL.
func (a *app) tellLanes() {
	said := a.page.get("lanes-said")
	none := len(a.versus.lanes) == 0 || !a.show.is(core.ViewMass)
	if said.setHidden(none); none {
		return
	}
	var b strings.Builder
	for _, l := range append([]*core.Lab{a.lab}, a.versus.runs()...) {
		top, policy := 0, l.Policy()
		for k := range policy {
			if policy[k] > policy[top] {
				top = k
			}
		}
		reply := scenes.Told(l.Problem.Prompts[l.Prompt()].Replies, top)
		b.WriteString(a.words.Say("versus.said", "run", a.runName(l), "reply", scenes.Quoted(reply),
			"share", scenes.Percent(core.Exp(policy[top])), "kl", scenes.Fixed(l.Now(), 3)) + " ")
	}
	said.setText(strings.TrimSpace(b.String()))
}

// listRuns lists the compared runs on the page, each with a button that takes
// it out.
func (a *app) listRuns() {
	key := ""
	for i, l := range a.versus.runs() {
		key += a.lab.Experiment.Versus[i].String() + "\x00" + a.runName(l) + "\x00"
	}
	a.page.get("versus-charts").setHidden(key == "")
	a.page.get("row-versus-expected").setHidden(!a.lab.Data.Rewarded)
	if key == a.versus.listed {
		return
	}
	a.versus.listed = key
	list := a.page.get("versus-list")
	list.Call("replaceChildren")
	for i, l := range a.versus.runs() {
		item := a.page.make(list.Value, "li", "")
		a.page.make(item, "span", "").Set("textContent", a.runName(l))
		button := a.page.make(item, "button", "")
		button.Set("type", "button")
		button.Set("textContent", a.words.Say("versus.remove"))
		button.Call("setAttribute", "aria-label", a.words.Say("versus.remove.run", "run", a.runName(l)))
		button.Get("dataset").Set("do", "versus-remove")
		button.Get("dataset").Set("value", a.lab.Experiment.Versus[i].String())
	}
	a.page.get("versus-teaser").setText(a.versusTeaser())
}

func (a *app) versusTeaser() string {
	if n := len(a.versus.runs()); n > 0 {
		return a.words.Say(plural("versus.count", n), "n", strconv.Itoa(n))
	}
	return a.words.Say("versus.teaser")
}

// addRun compares the run that the page's list names.
func (a *app) addRun() {
	v, c := core.ParseVariant(a.page.get("versus-add").Get("value").String())
	if c != nil {
		a.complain(c)
		return
	}
	e := a.lab.Experiment
	switch s := e.Vary(v).Settings; {
	case len(e.Versus) >= core.MostVariants:
		a.say("versus.full", "n", strconv.Itoa(core.MostVariants))
	case slices.Contains(e.Versus, v) || s == e.Settings:
		a.say("versus.there")
	default:
		e.Versus = append(slices.Clone(e.Versus), v)
		a.compare(e)
	}
}

// removeRun stops comparing a run. The focus goes to where another is added,
// as the button that was pressed is gone.
func (a *app) removeRun(text string) {
	e := a.lab.Experiment
	e.Versus = slices.DeleteFunc(slices.Clone(e.Versus), func(v core.Variant) bool { return v.String() == text })
	a.compare(e)
	a.page.get("versus-add").Call("focus")
}

func (a *app) compare(e core.Experiment) {
	if a.set(e) {
		a.commit()
	}
}

// overlay adds the compared runs' lines of a measure to a chart that has the
// present run's, and names them all.
func (a *app) overlay(c *scenes.Chart, pick func(*core.Measures) float64) {
	if len(a.versus.runs()) == 0 {
		return
	}
	c.Value = "" // the description then tells every line's
	c.Lines[0].Name = a.runName(a.lab)
	for _, l := range a.versus.runs() {
		h := l.History
		values := a.charts.line(len(c.Lines), len(h.Steps))
		for j := range h.Measures {
			values[j] = pick(&h.Measures[j])
		}
		c.Lines = append(c.Lines, scenes.ChartLine{Name: a.runName(l), Values: values, Steps: h.Steps})
	}
}

// drawVersus draws what is comparable between runs. Losses of different
// objectives, and margins across β, are not.
func (a *app) drawVersus() {
	if len(a.versus.runs()) == 0 {
		return
	}
	a.drawOverlay("chart-versus-kl", "over.kl", func(m *core.Measures) float64 { return m.KL })
	a.drawOverlay("chart-versus-gap", "measure.gap", func(m *core.Measures) float64 { return m.Gap })
	a.drawOverlay("chart-versus-accuracy", "measure.accuracy", func(m *core.Measures) float64 { return m.Accuracy })
	if a.lab.Data.Rewarded {
		a.drawOverlay("chart-versus-expected", "measure.expected", func(m *core.Measures) float64 { return m.Expected })
	}
}

func (a *app) drawOverlay(id, name string, pick func(*core.Measures) float64) {
	c := a.chart(pick)
	c.Name, c.Large = a.words.Say(name), true
	a.overlay(&c, pick)
	c.Draw(&a.charts.picture, a.words, a.chartWidth(id), 130)
	a.print(id)
}
