//go:build js

package main

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// betas is the view of several β side by side: the present one is the lab's own
// run, the others run beside it in a panel.
type betas struct {
	plainView
	panel   *core.Panel
	paces   []pace      // of the panel's others
	labs    []*core.Lab // by rising β
	asked   bool        // runs are on their way to their arrival, on demand
	shown   scenes.Shown
	state   scenes.Betas
	view    *scenes.BetasView
	problem *core.Problem
	prompt  int
	run     *core.Run
	version int // of the sweep that was read last

	chosenAt float64 // when the replies were last chosen, ms
	toldAt   float64 // when the sentences were last written, ms
	untold   bool    // they are out of date
}

// tellInterval is the time between two writings of the sentences at play, ms.
const tellInterval = 150

// enter has the βs of the experiment run, and the page show which they are.
func (b *betas) enter(a *app) {
	if b.view == nil {
		b.view = scenes.NewBetasView(a.words)
	}
	if b.panel == nil || b.panel.Lead != a.lab {
		b.drop()
		b.panel = &core.Panel{Lead: a.lab, Rest: true}
	}
	b.panel.Release()
	b.asked = false
	list, present := a.lab.Experiment.SideBySide(), a.lab.Beta()
	var variants []core.Variant
	for _, beta := range list {
		if beta != present {
			variants = append(variants, core.Variant{Param: core.Beta, Value: beta})
		}
	}
	for _, c := range b.panel.Compare(variants) {
		a.complain(c)
	}
	b.order()
	b.untold = true
	a.page.ByID("betas").SetValue(betasText(list))
}

// order lists the runs by rising β.
func (b *betas) order() {
	lead, placed := b.panel.Lead, false
	b.labs = b.labs[:0]
	for _, l := range b.panel.Others {
		if !placed && l.Beta() > lead.Beta() {
			b.labs, placed = append(b.labs, lead), true
		}
		b.labs = append(b.labs, l)
	}
	if !placed {
		b.labs = append(b.labs, lead)
	}
	for len(b.paces) < len(b.panel.Others) {
		b.paces = append(b.paces, pace{})
	}
}

// betasText writes a list of βs as it is typed.
func betasText(list []float64) string {
	texts := make([]string, len(list))
	for i, beta := range list {
		texts[i] = strconv.FormatFloat(beta, 'f', -1, 64)
	}
	return strings.Join(texts, ", ")
}

func (b *betas) leave(a *app) {
	if b.asked && a.lab.Converging() {
		a.lab.Seek(a.lab.Run.StepCount())
	}
	b.drop()
}

// drop gives the other runs up.
func (b *betas) drop() {
	if b.panel != nil {
		b.panel.Compare(nil)
	}
	b.panel, b.labs, b.asked = nil, nil, false
}

func (b *betas) work(a *app) (busy bool) {
	for i, l := range b.panel.Others {
		busy = b.paces[i].work(l, func(n int) bool { return b.panel.WorkOn(i, n) }) || busy
	}
	if w := a.lab.Sweep; busy || w != nil && w.Version != b.version {
		a.fresh = true
	}
	if b.asked && !busy && a.lab.Settled() {
		b.arrive(a)
		busy = true
	}
	return busy
}

func (b *betas) settled(*app) bool { return b.panel.Settled() }

// refresh reads the runs.
func (b *betas) refresh(a *app, now float64) {
	l := a.lab
	other := l.Problem != b.problem || l.Prompt() != b.prompt
	if other || !a.clock.playing || now-b.chosenAt > rechooseAfter {
		b.chosenAt = now
		b.shown.Choose(l)
	}
	anew := other || l.Run != b.run && !b.dragged(l)
	b.problem, b.prompt, b.run = l.Problem, l.Prompt(), l.Run
	if l.Sweep != nil {
		b.version = l.Sweep.Version
	}
	b.state.Read(b.labs, l, &b.shown, anew)
	b.untold = true
}

// dragged tells that the lab's run is another than before only because the
// present β was moved: the axes stay.
func (b *betas) dragged(l *core.Lab) bool { return l.Sweep != nil && l.Sweep.Version > 1 }

func (b *betas) moving(*app, float64) bool { return b.untold }

func (b *betas) draw(a *app, p *scenes.Picture, now float64, w, h float32) {
	b.state.Font = a.show.font
	b.view.Draw(p, &b.state, w, h)
	if b.untold && (!a.clock.playing || now-b.toldAt >= tellInterval) {
		b.untold, b.toldAt = false, now
		said := scenes.BetasSaid(&b.state, a.lab, a.words)
		a.page.ByID("betas-said").SetText(strings.ReplaceAll(said, "β = ", "β\u00a0=\u00a0"))
		a.page.ByID("legend-betas").Get("classList").Call("toggle", "limit", scenes.ReachedBy(a.lab) == scenes.NeverReached)
		a.page.ByID("betas-shared").SetText(scenes.BetasShared(&b.state, a.lab, a.words))
	}
}

// on follows what happens to columns and to handles on the axis.
func (b *betas) on(a *app, event string, id int, x, y float32) {
	i, handle := scenes.BetaHandle(id)
	switch {
	case i >= len(b.labs):
	case !handle && event == "click":
		b.choose(a, b.labs[i].Beta())
	case event == "press":
		a.link.hold(a)
	case event == "drag":
		b.move(a, i, scenes.NudgeBeta(b.view.BetaAt(x), 0))
	case event == "drop":
		a.commit()
	case event == "arrow":
		b.move(a, i, scenes.NudgeBeta(b.labs[i].Beta(), int(x-y)))
		a.amend()
	}
}

// choose makes a column's β the present one. The columns stay.
func (b *betas) choose(a *app, beta float64) {
	e := a.lab.Experiment
	list := e.SideBySide()
	e.Settings[core.Beta] = beta
	e.ChooseBetas(list)
	if a.set(e) {
		a.commit()
	}
}

// move moves a column's β, as far as the columns beside it leave room.
func (b *betas) move(a *app, i int, beta float64) {
	const apart = 1.02
	e, info := a.lab.Experiment, &core.Params()[core.Beta]
	list := e.SideBySide()
	low, high := info.Min, info.Max
	if i > 0 {
		low = list[i-1] * apart
	}
	if i+1 < len(list) {
		high = list[i+1] / apart
	}
	if i >= len(list) || beta < low || beta > high || beta == list[i] {
		return
	}
	if b.labs[i] == a.lab {
		e.Settings[core.Beta] = beta
	}
	list[i] = beta
	e.ChooseBetas(list)
	a.set(e)
}

func (b *betas) runs() []*core.Lab { return b.labs }

// sideBySide returns the view if it is the one that is shown.
func (a *app) sideBySide() *betas {
	if a.show.is(core.ViewBetas) {
		return a.show.view().(*betas)
	}
	return nil
}

// changeBetas takes the typed list of βs.
func (a *app) changeBetas(text string) {
	list, c := core.ParseBetas(core.SplitBetas(text))
	if c != nil {
		a.complain(c)
		a.page.ByID("betas").SetValue(betasText(a.lab.Experiment.SideBySide()))
		return
	}
	e := a.lab.Experiment
	e.ChooseBetas(list)
	if a.set(e) {
		a.page.Retract("betas")
		a.commit()
	}
}

// converge runs every β until it has arrived, or says why none ever will. The
// clock then goes to the slowest.
func (b *betas) converge(a *app) {
	a.clock.playing = false
	switch {
	case b.asked:
		b.asked = false
		b.panel.Halt()
	case b.panel.Converge(mostConvergence):
		a.link.hold(a)
		b.asked = true
	case a.whyNotConverge() != "":
		a.say(a.whyNotConverge())
	}
	a.clock.sync(a)
}

// halt gives up what converge began, as the clock is sent elsewhere.
func (b *betas) halt() {
	b.asked = false
	b.panel.Release()
}

// arrive ends what converge began: it says which runs have arrived and which
// never will, and lengthens the timeline to the slowest.
func (b *betas) arrive(a *app) {
	b.asked = false
	b.panel.Arrive()
	var late, never []float64
	slowest, n := a.lab, 0
	for _, l := range b.labs {
		switch {
		case l.Arrival() >= 0:
			if n++; slowest.Arrival() < l.Arrival() {
				slowest = l
			}
		case l.ComesToRest():
			late = append(late, l.Beta())
		default:
			never = append(never, l.Beta())
		}
	}
	if n > 0 {
		a.say("betas.converge.done", "n", strconv.Itoa(n), "all", strconv.Itoa(len(b.labs)),
			"beta", betasText([]float64{slowest.Beta()}), "step", scenes.Count(float64(slowest.Arrival())))
	}
	if late != nil {
		a.say("betas.converge.late", "betas", betasText(late), "n", scenes.Count(mostConvergence))
	}
	if never != nil {
		a.say("betas.converge.never", "betas", betasText(never))
	}
	e := a.lab.Experiment
	e.Settings[core.Steps] = math.Max(e.Settings[core.Steps], e.Settings[core.Step])
	a.set(e)
	a.commit()
}
