//go:build js

package main

import (
	"dpoplayground/core"
	"dpoplayground/wasm/view"
)

// The app is the host of the views.

func (a *app) Lab() *core.Lab { return a.lab }

func (a *app) Compared() []*core.Lab { return a.versus.runs() }

func (a *app) Playing() bool { return a.clock.playing }

func (a *app) Play(on bool) {
	switch {
	case !on:
		a.clock.halt()
	case !a.clock.playing:
		a.clock.playOrPause()
	}
}

func (a *app) Seek(step int) { a.clock.seek(step) }

func (a *app) Set(e core.Experiment) bool {
	if c := a.lab.Set(e); c != nil {
		a.refuse(c)
		return false
	}
	a.changed()
	return true
}

// refuse says what is wrong with a value, and has every control show what holds.
func (a *app) refuse(c *core.Complaint) {
	a.Complain(c)
	a.on.showAll()
}

func (a *app) Record(c view.Change) {
	switch c {
	case view.Moving:
		a.link.hold()
	case view.Made:
		a.link.commit()
	case view.Nudged:
		a.link.amend()
	case view.Noted:
		a.link.due = true
	}
}

func (a *app) Reread() { a.screen.fresh = true }

func (a *app) Redraw() { a.screen.stale = true }

func (a *app) Focus(id int) { a.screen.layer.Focus(id) }
