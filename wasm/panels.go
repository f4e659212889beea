//go:build js

package main

import (
	"slices"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/wasm/page"
)

// panels are the sections of the page that can be opened.
type panels struct {
	*app
	shown string // those open in the page, joined by dots; ? until that is known
}

func (pn *panels) register(on *handlers) {
	pn.shown = "?"
	on.do["section"] = func(button js.Value) {
		section := pn.page.First(`[data-section="` + page.Data(button, "value") + `"]`)
		section.Set("open", true)
		page.Show(section)
	}
	on.shows(pn.sync)
}

// toggle follows a section that was opened or closed. Which sections are open
// is part of the link, but not a step of the history.
func (pn *panels) toggle(target js.Value) {
	section := page.Data(target, "section")
	if section == "" || !pn.setOpen(section, target.Get("open").Bool()) {
		return
	}
	pn.shown = strings.Join(pn.lab.Experiment.View.Open, ".")
	pn.serve()
	pn.readout.stale = true
	pn.link.due = true
	if section == "edit" {
		pn.editor.sync()
	}
}

func (pn *panels) isOpen(section string) bool {
	return slices.Contains(pn.lab.Experiment.View.Open, section)
}

// setOpen has a section open or closed in the experiment's view, and tells
// whether that is new.
func (pn *panels) setOpen(section string, open bool) bool {
	if open == pn.isOpen(section) {
		return false
	}
	list := &pn.lab.Experiment.View.Open
	if *list = slices.DeleteFunc(slices.Clone(*list), func(s string) bool { return s == section }); open {
		*list = append(*list, section)
	}
	return true
}

// sync opens what the experiment's view has open, if that is another
// view than before: a section that was opened just now, of which the browser
// has not told yet, is left alone.
func (pn *panels) sync() {
	if open := strings.Join(pn.lab.Experiment.View.Open, "."); open != pn.shown {
		pn.shown = open
		for _, v := range pn.page.All("[data-section]") {
			if open := pn.isOpen(page.Data(v.Value, "section")); v.Get("open").Bool() != open {
				v.Set("open", open)
			}
		}
	}
	pn.serve()
}

// serve has worked out and drawn what the open sections show.
func (pn *panels) serve() {
	pn.lab.WantSweep(pn.isOpen("sweep") || pn.screen.is(core.ViewBetas))
	pn.lab.WantSpread(pn.isOpen("time"))
	pn.charts.stale = true
}
