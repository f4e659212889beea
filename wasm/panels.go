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
	shown    string // those open in the page, joined by dots; ? until that is known
	settings bool   // the settings stand where the argument does
	side     string // what the page's side shows
	aside    bool   // a panel was opened over the lesson's card
}

func (pn *panels) register(on *handlers) {
	pn.shown = "?"
	on.do["section"] = func(button js.Value) {
		section := pn.page.First(`[data-section="` + page.Data(button, "value") + `"]`)
		section.Set("open", true)
		pn.aside = true
		pn.settings = section.Call("closest", ".controls").Truthy()
		pn.page.ByID("closer-menu").Call("hidePopover")
		pn.turn() // the rest when the browser tells that it is open
		page.Show(section)
	}
	on.do["settings"] = func(js.Value) { pn.settings = !pn.settings; pn.turn() }
	on.do["side-close"] = func(js.Value) { pn.closeSide() }
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
	pn.turn()
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
	pn.turn()
}

// closeSide shows the argument again: it closes the settings, or the panels.
func (pn *panels) closeSide() {
	if pn.settings {
		pn.settings = false
	} else {
		for _, panel := range pn.opened() {
			panel.Set("open", false)
		}
		pn.aside = false
	}
	pn.turn()
}

// amongSettings names the sections that are open among the settings.
func (pn *panels) amongSettings() (open []string) {
	for _, section := range pn.page.All(".controls details[data-section]") {
		if section.Get("open").Bool() {
			open = append(open, page.Data(section.Value, "section"))
		}
	}
	return open
}

// opened returns the panels that are open, those aside that the view hides and the
// step in slow motion beside the loss, which belongs there.
func (pn *panels) opened() (open []*page.Element) {
	loss := pn.lab.Experiment.Settings[core.ViewChoice] == core.ViewLoss
	for _, panel := range pn.page.All(".insight > details") {
		if panel.Get("open").Bool() && !panel.Get("hidden").Bool() && !(loss && page.Data(panel.Value, "section") == "pair") {
			open = append(open, panel)
		}
	}
	return open
}

// turn shows one of what shares the page's side: the argument, the settings, a
// lesson's card with the panels that its step opens, the panels that are open, or
// how to read the view.
func (pn *panels) turn() {
	side := "argument"
	switch choice := int(pn.lab.Experiment.Settings[core.ViewChoice]); {
	case pn.settings:
		side = "settings"
	case pn.lessons.isOpen() && !pn.aside && len(pn.opened()) > 0:
		side = "lesson-closer"
	case pn.lessons.isOpen() && !pn.aside:
		side = "lesson"
	case len(pn.opened()) > 0:
		side = "closer"
	case choice != core.ViewMass && choice != core.ViewBetas:
		side = "reading"
	}
	if side != pn.side {
		pn.side, pn.charts.stale = side, true // charts are as wide as their panel, once it is in sight
		pn.page.Document.Get("documentElement").Get("dataset").Set("side", side)
		pn.page.First("[data-do=settings]").Call("setAttribute", "aria-expanded", pn.settings)
	}
}

// serve has worked out and drawn what the open sections show.
func (pn *panels) serve() {
	pn.lab.WantSweep(pn.isOpen("sweep") || pn.screen.is(core.ViewBetas))
	pn.lab.WantSpread(pn.isOpen("time"))
	pn.charts.stale = true
}
