//go:build js

package main

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
)

// A frontierView shows how much reward a divergence buys: the most that can be
// had, where every β leads, and where the present run and those it is compared
// with have been.
type frontierView struct {
	plainView
	core  core.Frontier
	state scenes.Frontier
	scene *scenes.FrontierView

	labs   []*core.Lab
	names  []string
	dx, dy float32 // from the mark to where it is held

	rows []frontierRow // of the page's table
}

// frontierRow is what the page's table shows of a run.
type frontierRow struct {
	name  *page.Element
	cells [4]*page.Element
}

// frontierBudget keeps a slice of the work to about a millisecond.
const frontierBudget = core.WorkBudget / 4

func (v *frontierView) leave(*app) {
	v.core.Stop()
	v.state.Held = false
}

func (v *frontierView) work(a *app) (busy bool) {
	if busy = v.core.Work(frontierBudget); busy {
		a.fresh = true
	}
	return busy
}

func (v *frontierView) refresh(a *app, _ float64) {
	runs := a.versus.runs()
	v.labs, v.names = append(append(v.labs[:0], a.lab), runs...), v.names[:0]
	for _, l := range v.labs {
		v.names = append(v.names, a.runName(l))
	}
	if len(runs) == 0 {
		v.names[0] = a.words.Say("frontier.this")
	}
	v.core.Follow(a.lab)
	v.state.Read(&v.core, v.labs, v.names, a.words)
	v.tell(a)
}

// tell writes what each run has got into the page's table.
func (v *frontierView) tell(a *app) {
	a.page.ByID("frontier-table").SetHidden(len(v.state.Runs) == 0)
	for len(v.rows) < len(v.state.Runs) {
		v.rows = append(v.rows, v.addRow(a))
	}
	for i, r := range v.rows {
		shown := i < len(v.state.Runs)
		r.name.SetHidden(!shown)
		r.cells[0].Get("parentNode").Set("hidden", !shown)
		if !shown {
			continue
		}
		r.name.SetText(scenes.RunSign(i) + " " + v.state.Runs[i].Name)
		for k, text := range v.state.Row(i) {
			r.cells[k].SetText(text)
		}
	}
}

// addRow makes two lines in the table: a run's name, and its numbers.
func (v *frontierView) addRow(a *app) (r frontierRow) {
	body := a.page.ByID("frontier-runs").Value
	name := a.page.Make(a.page.Make(body, "tr", ""), "th", "run-"+strconv.Itoa(len(v.rows)))
	name.Set("colSpan", len(r.cells))
	name.Set("scope", "rowgroup")
	r.name = &page.Element{Value: name}
	line := a.page.Make(body, "tr", "")
	for k := range r.cells {
		r.cells[k] = &page.Element{Value: a.page.Make(line, "td", "")}
	}
	return r
}

func (v *frontierView) draw(a *app, p *scenes.Picture, _ float64, w, h float32) {
	if v.scene == nil {
		v.scene = scenes.NewFrontierView(a.words)
	}
	v.state.Font = a.show.font
	v.scene.Draw(p, &v.state, w, h)
}

// on lets the mark be dragged along the curve, or moved by the arrow keys: left
// towards the reference, where β is large, and right away from it; up and down
// are up and down for β.
func (v *frontierView) on(a *app, event string, id int, x, y float32) {
	if id != scenes.FrontierMark {
		return
	}
	switch event {
	case "press":
		mx, my := v.scene.Mark(&v.state)
		v.dx, v.dy, v.state.Held = x-mx, y-my, true
		a.show.stale = true
	case "drag":
		v.lead(a, v.scene.BetaAt(&v.state, x-v.dx, y-v.dy))
	case "drop":
		v.state.Held = false
		a.show.stale = true
		a.commit()
	case "arrow":
		v.lead(a, scenes.NudgeBeta(a.lab.Beta(), -int(x)-int(y)))
		a.amend()
	}
}

// lead sets β.
func (v *frontierView) lead(a *app, beta float64) {
	if beta > 0 && beta != a.lab.Beta() {
		a.link.hold(a)
		a.setSetting(core.Beta, beta)
	}
}
