//go:build js

package main

import (
	"slices"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/wasm/page"
)

// handout does what a teacher's link or a lesson's step asks of the page: parts are
// hidden, and controls locked. Where the run is headed is hidden by the lab itself.
type handout struct {
	*app
	hidden, locked []string // what the page hides and locks now
	opening        bool     // a lesson opens a state, which nothing locks
}

// parts are the selectors of what a name of core.Hideable is on the page, beside
// controls and panels.
var parts = map[string]string{
	"tabs": ".tabs, .views", "panels": "#closer, .insight", "settings": ".settings, .controls", "timeline": ".timeline",
	"people": ".people, .what", "push": ".push", "preset": "section:has(> #preset)", "share": "[data-do=share]", "present": "[data-do=present]",
	"verdicts": "#said, .told, #push-note, #betas-said, #race-said, #lanes-said",
	"all":      ".controls, .foot, .timeline, .tabs, .views, #pairs, #prompts, .insight, #closer-menu",
}

func (ho *handout) register(on *handlers) {
	on.do["unlock"] = func(js.Value) { ho.openInFull() }
	on.shows(ho.show)
}

// show hides and locks what is to be, if that has changed.
func (ho *handout) show() {
	h := &ho.lab.Experiment.View.Handout
	hidden, locked := slices.Concat(h.Hide, h.StepHide), slices.Concat(h.Lock, h.StepLock)
	if !slices.Equal(hidden, ho.hidden) {
		ho.hidden = ho.change(ho.hidden, hidden, "data-veiled")
	}
	if !slices.Equal(locked, ho.locked) {
		ho.locked = ho.change(ho.locked, locked, "data-locked")
		ho.disable()
	}
	none := len(h.Hide)+len(h.Lock) == 0
	ho.page.ByID("locked").SetHidden(none)
	if !none {
		ho.page.ByID("locked-said").SetText(ho.told(h))
	}
	ho.screen.present(h.Present)
}

// told says what a link hides and locks.
func (ho *handout) told(h *core.Handout) string {
	var said []string
	for _, list := range [2]struct {
		key   string
		names []string
	}{{"handout.hides", h.Hide}, {"handout.locks", h.Lock}} {
		if len(list.names) > 0 {
			said = append(said, ho.words.Say(list.key, "names", strings.Join(list.names, ", ")))
		}
	}
	return strings.Join(said, " ")
}

// change takes an attribute from what some names stand for and gives it to what
// others do.
func (ho *handout) change(old, now []string, attribute string) []string {
	for _, name := range old {
		ho.each(name, func(e js.Value) { e.Call("removeAttribute", attribute) })
	}
	for _, name := range now {
		ho.each(name, func(e js.Value) { e.Call("setAttribute", attribute, "") })
	}
	return now
}

// each calls f with the elements that a name stands for: a part of the page, a
// panel and what opens it, or a control with its label.
func (ho *handout) each(name string, f func(e js.Value)) {
	selector := parts[name]
	switch {
	case selector != "":
	case slices.Contains(core.Panels, name):
		selector = `[data-section="` + name + `"], [data-do=section][data-value="` + name + `"]`
	case name == "view":
		selector = parts["tabs"]
	case name == "beta":
		selector = ".tie > .beta, .tie > .slide"
	case paramOf(name) < core.ParamCount:
		selector = `[data-param="` + name + `"]`
	default:
		return
	}
	found := ho.page.Document.Call("querySelectorAll", selector)
	for i := range found.Length() {
		e := found.Index(i)
		if field := e.Call("closest", ".field, .check"); field.Truthy() && page.Data(e, "param") != "" {
			e = field
		}
		f(e)
	}
}

// disable has the browser refuse what is locked, and nothing else that it refused
// for that reason.
func (ho *handout) disable() {
	for _, e := range ho.page.All("button, input, select") {
		on := e.Call("closest", "[data-locked]").Truthy()
		was := page.Data(e.Value, "locks") != ""
		if on == was {
			continue
		}
		e.Set("disabled", on)
		e.Get("dataset").Set("locks", map[bool]string{true: "1"}[on])
	}
}

// refuses names the locked setting that an experiment would change, or returns "".
func (ho *handout) refuses(e *core.Experiment) string {
	old := &ho.lab.Experiment
	h := &old.View.Handout
	if ho.opening || len(h.Lock)+len(h.StepLock) == 0 {
		return ""
	}
	if e.Preset != old.Preset && h.Locks("preset") {
		return "preset"
	}
	for p := range core.ParamCount {
		key := core.Params()[p].Key
		if e.Settings[p] != old.Settings[p] && (h.Locks(key) || p == core.ViewChoice && h.Locks("tabs")) {
			return key
		}
	}
	return ""
}

// openInFull takes back what the link hides and locks.
func (ho *handout) openInFull() {
	e := ho.lab.Experiment
	e.View.Hide, e.View.Lock = nil, nil
	ho.host.SetAndRecord(e)
}
