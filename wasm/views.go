//go:build js

package main

import (
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
)

// A view is one way of looking at the experiment. The frame shows one at a
// time, and a switch from one to another changes no run.
type view interface {
	// enter is called when the view is chosen, and while it is shown when the
	// experiment changes: what it needs is asked for.
	enter(a *app)
	// leave is called when another view is chosen: what this one made the lab do
	// is given up.
	leave(a *app)
	// work does a slice, about a millisecond, of what only this view needs, and
	// tells whether anything is left.
	work(a *app) (busy bool)
	// settled tells whether the view's own runs stand where the lab's does. Play
	// waits for them.
	settled(a *app) bool
	// refresh reads the lab into the plain data that the view's scene draws.
	refresh(a *app, now float64)
	// moving tells whether an animation is under way.
	moving(a *app, now float64) bool
	// draw makes the picture.
	draw(a *app, p *scenes.Picture, now float64, w, h float32)
	// runs are those that it shows beside the experiment's own, which may be among
	// them.
	runs() []*core.Lab
	// on follows what happens to a target, as paint.NewLayer tells it.
	on(a *app, event string, id int, x, y float32)
}

// plainView is a view that needs nothing; others embed it.
type plainView struct{}

func (plainView) enter(*app)                                            {}
func (plainView) leave(*app)                                            {}
func (plainView) work(*app) bool                                        { return false }
func (plainView) settled(*app) bool                                     { return true }
func (plainView) refresh(*app, float64)                                 {}
func (plainView) moving(*app, float64) bool                             { return false }
func (plainView) runs() []*core.Lab                                     { return nil }
func (plainView) on(*app, string, int, float32, float32)                {}
func (plainView) draw(*app, *scenes.Picture, float64, float32, float32) {}

// newViews returns the views by the values of core.ViewChoice.
func newViews() []view {
	return []view{core.ViewMass: &massView{}, core.ViewBetas: &betas{}, core.ViewLandscape: &landscapeView{},
		core.ViewFrontier: &frontierView{}, core.ViewLoss: &lossView{}, core.ViewRace: &raceView{}}
}

// show is what the frame shows.
type show struct {
	views   []view
	shown   int // −1 before the first
	picture scenes.Picture
	font    float32 // size of the page's text, in pixels
	w, h    float32
	body    js.Value
	stale   bool // the picture must be made anew although nothing moved
}

// view returns the one that is shown.
func (s *show) view() view { return s.views[max(0, s.shown)] }

// is tells whether the view of a core.ViewChoice is shown.
func (s *show) is(choice int) bool { return s.shown == choice }

// syncView shows the view that the experiment is looked at by.
func (a *app) syncView() {
	s, chosen := &a.show, int(a.lab.Experiment.Settings[core.ViewChoice])
	if chosen != s.shown {
		if s.shown >= 0 {
			s.view().leave(a)
		}
		s.shown = chosen
		a.markTab(core.Params()[core.ViewChoice].Choices[chosen])
	}
	s.view().enter(a)
	s.stale = true
}

// markTab marks the tab of the view that is shown.
func (a *app) markTab(name string) {
	a.page.Document.Get("documentElement").Get("dataset").Set("view", name)
	a.page.ByID("stage").SetAttr("aria-labelledby", "tab-"+name)
	for _, tab := range a.page.All("[role=tab]") {
		chosen := page.Data(tab.Value, "value") == name
		tab.Call("setAttribute", "aria-selected", chosen)
		tab.Set("tabIndex", map[bool]int{true: 0, false: -1}[chosen])
		if chosen {
			page.Show(tab.Value)
		}
	}
}

// turnTab chooses the tab beside the one that has the focus, and tells whether
// the key was for that.
func (a *app) turnTab(tab js.Value, key string) bool {
	sibling := map[string]string{"ArrowRight": "nextElementSibling", "ArrowLeft": "previousElementSibling"}[key]
	if sibling == "" || page.Data(tab, "do") != "view" {
		return false
	}
	if next := tab.Get(sibling); next.Truthy() {
		a.chooseView(page.Data(next, "value"))
		next.Call("focus")
	}
	return true
}

// chooseView shows another view.
func (a *app) chooseView(name string) { a.setTyped(core.ViewChoice, name) }

// updateStage makes a new picture if anything in it changed, and tells whether
// it did.
func (a *app) updateStage(now float64) bool {
	s := &a.show
	w, h := a.stageSize()
	if w != s.w || h != s.h {
		s.w, s.h, s.stale = w, h, true
		s.font = a.page.FontSize()
	}
	if a.fresh {
		a.refresh(now)
	}
	if !s.stale && !s.view().moving(a, now) {
		return false
	}
	s.stale = false
	if w < 1 || h < 1 {
		return false
	}
	s.view().draw(a, &s.picture, now, w, h)
	a.layer.Show(&s.picture, a.theme)
	return true
}

func (a *app) stageSize() (w, h float32) {
	s := &a.show
	if !s.body.Truthy() {
		s.body = js.Global().Get("document").Get("body")
	}
	return float32(s.body.Get("clientWidth").Float()), float32(s.body.Get("clientHeight").Float())
}

// refresh reads where the lab stands into the picture's data.
func (a *app) refresh(now float64) {
	a.fresh = false
	a.lab.Meter.Look(a.lab.Run.Policy(), a.lab.Prompt())
	a.refreshMass(now)
	a.show.view().refresh(a, now)
	a.show.stale = true
	a.readout.stale = true
}

// onTarget follows what happens to a target of the picture.
func (a *app) onTarget(event string, id int, x, y float32) {
	a.wake()
	a.show.view().on(a, event, id, x, y)
}
