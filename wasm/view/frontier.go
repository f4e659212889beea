//go:build js

package view

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/frontier"
	"dpoplayground/core/scores"
	frontierview "dpoplayground/scenes/frontier"
	"dpoplayground/scenes/picture"
	"dpoplayground/wasm/page"
)

// A frontierView shows how much reward a divergence buys: the most that can be
// had, where every β leads, and where the present run and those it is compared
// with have been.
type frontierView struct {
	plain
	core  frontier.Frontier
	state frontierview.Frontier
	scene *frontierview.View

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
const frontierBudget = scores.WorkBudget / 4

func (v *frontierView) Leave() {
	v.core.Stop()
	v.state.Held = false
}

func (v *frontierView) Work() (busy bool) {
	if busy = v.core.Work(frontierBudget); busy {
		v.host.Reread()
	}
	return busy
}

func (v *frontierView) Refresh(_ float64) {
	runs := v.host.Compared()
	v.labs, v.names = append(append(v.labs[:0], v.host.Lab()), runs...), v.names[:0]
	for _, l := range v.labs {
		v.names = append(v.names, RunName(l, v.Words))
	}
	if len(runs) == 0 {
		v.names[0] = v.Words.Say("frontier.this")
	}
	v.core.Follow(v.host.Lab())
	v.state.Read(&v.core, v.labs, v.names, v.Words)
	v.tell()
}

// tell writes what each run has got into the page's table.
func (v *frontierView) tell() {
	v.Page.ByID("frontier-table").SetHidden(len(v.state.Runs) == 0)
	for len(v.rows) < len(v.state.Runs) {
		v.rows = append(v.rows, v.addRow())
	}
	for i, r := range v.rows {
		shown := i < len(v.state.Runs)
		r.name.SetHidden(!shown)
		r.cells[0].Get("parentNode").Set("hidden", !shown)
		if !shown {
			continue
		}
		r.name.SetText(frontierview.RunSign(i) + " " + v.state.Runs[i].Name)
		for k, text := range v.state.Row(i) {
			r.cells[k].SetText(text)
		}
	}
}

// addRow makes two lines in the table: a run's name, and its numbers.
func (v *frontierView) addRow() (r frontierRow) {
	body := v.Page.ByID("frontier-runs").Value
	name := v.Page.Make(v.Page.Make(body, "tr", ""), "th", "run-"+strconv.Itoa(len(v.rows)))
	name.Set("colSpan", len(r.cells))
	name.Set("scope", "rowgroup")
	r.name = &page.Element{Value: name}
	line := v.Page.Make(body, "tr", "")
	for k := range r.cells {
		r.cells[k] = &page.Element{Value: v.Page.Make(line, "td", "")}
	}
	return r
}

func (v *frontierView) Draw(p *picture.Picture, f Frame) {
	v.state.Font = f.Font
	v.scene.Draw(p, &v.state, f.W, f.H)
}

// OnTarget lets the mark be dragged along the curve, or moved by the arrow keys: left
// towards the reference, where β is large, and right away from it; up and down
// are up and down for β.
func (v *frontierView) OnTarget(event string, id int, x, y float32) {
	if id != frontierview.Mark {
		return
	}
	switch event {
	case "press":
		mx, my := v.scene.Mark(&v.state)
		v.dx, v.dy, v.state.Held = x-mx, y-my, true
		v.host.Redraw()
	case "drag":
		v.lead(v.scene.BetaAt(&v.state, x-v.dx, y-v.dy))
	case "drop":
		v.state.Held = false
		v.host.Redraw()
		v.host.Record(Made)
	case "arrow":
		v.lead(frontierview.NudgeBeta(v.host.Lab().Beta(), -int(x)-int(y)))
		v.host.Record(Nudged)
	}
}

// lead sets β.
func (v *frontierView) lead(beta float64) {
	if beta > 0 && beta != v.host.Lab().Beta() {
		e := v.host.Lab().Experiment
		var c *data.Complaint
		if e.Settings, c = e.Settings.With(core.Beta, beta); c != nil {
			v.Complain(c)
			return
		}
		v.host.Record(Moving)
		v.host.Set(e)
	}
}
