//go:build js

package main

import (
	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/wasm/view"
)

// A host does what views and sections ask of the program; see view.Host.
type host struct{ *app }

func (h *host) Lab() *core.Lab { return h.lab }

func (h *host) Compared() []*core.Lab { return h.versus.runs() }

func (h *host) Playing() bool { return h.clock.playing }

func (h *host) Play(on bool) {
	switch {
	case !on:
		h.clock.halt()
	case !h.clock.playing:
		h.clock.playOrPause()
	}
}

func (h *host) Seek(step int) {
	if !h.handout.stopsTime() {
		h.clock.seek(step)
	}
}

func (h *host) Set(e core.Experiment) bool {
	if name := h.handout.refuses(&e); name != "" {
		h.voice.Announce("handout.refused", "name", name)
		h.on.showAll()
		return false
	}
	if c := h.lab.Set(e); c != nil {
		h.refuse(c)
		return false
	}
	h.changed()
	return true
}

// refuse says what is wrong with a value, and has every control show what holds.
func (h *host) refuse(c *data.Complaint) {
	h.voice.Complain(c)
	h.on.showAll()
}

func (h *host) Record(c view.Change) {
	switch c {
	case view.Moving:
		h.link.hold()
	case view.Made:
		h.link.commit()
	case view.Nudged:
		h.link.amend()
	case view.Noted:
		h.link.due = true
	}
}

func (h *host) Reread() { h.screen.fresh = true }

func (h *host) Redraw() { h.screen.stale = true }

func (h *host) Focus(id int) { h.screen.layer.Focus(id) }

// SetAndRecord changes the experiment, as a step of the history, or says why it
// cannot.
func (h *host) SetAndRecord(e core.Experiment) (done bool) {
	if done = h.Set(e); done {
		h.link.commit()
	}
	return done
}

// changed brings everything that follows the experiment up to date.
func (h *host) changed() {
	h.Reread()
	h.readout.stale, h.charts.stale = true, true
	h.versus.follow()
	h.screen.sync()
	h.on.show(h.shown.take(h.lab))
	h.screen.wake()
}
