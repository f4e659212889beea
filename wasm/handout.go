//go:build js

package main

import (
	"slices"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/wasm/page"
)

// handout does what a teacher's link or a lesson's step asks of the page: parts are
// hidden, and controls locked. Where the run is headed is hidden by the lab itself.
type handout struct {
	*app
	hidden, locked []string // what the page hides and locks now
	sheet          js.Value // the style sheet that hides, also what is made later
	opening        bool     // a lesson opens a state, which nothing locks
}

// parts are the selectors of what a name of core.Hideable is on the page, beside
// controls and panels.
var parts = map[string]string{
	"tabs": ".tabs, .views", "panels": "#closer, .insight", "settings": ".settings, .controls, [data-do=settings]", "timeline": ".timeline",
	"people": ".people, .what", "push": ".push", "preset": "section:has(> #preset)", "share": "[data-do=share]", "present": "[data-do=present]",
	"verdicts": "#said, .told, #push-note, #betas-said, #race-said, #lanes-said, #arrives, #race-table",
	"all":      ".controls, .foot, .timeline, .tabs, .views, .people, #pairs, #prompts, .insight, #closer-menu, section:has(> #preset)",
}

func (ho *handout) register(on *handlers) {
	on.do["unlock"] = func(js.Value) { ho.openInFull() }
	on.shows(ho.show)
}

// show hides and locks what is to be, if that has changed, and disables what the page
// has made since.
func (ho *handout) show() {
	h := &ho.lab.Experiment.View.Handout
	hidden, locked := slices.Concat(h.Hide, h.StepHide), slices.Concat(h.Lock, h.StepLock)
	if !slices.Equal(hidden, ho.hidden) {
		ho.hidden = hidden
		ho.hide()
	}
	if len(locked)+len(ho.locked) > 0 {
		ho.locked = locked
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

// hide writes the style sheet that hides what is hidden.
func (ho *handout) hide() {
	if ho.sheet.IsUndefined() {
		ho.sheet = ho.page.Window.Get("CSSStyleSheet").New()
		ho.page.Document.Get("adoptedStyleSheets").Call("push", ho.sheet)
	}
	rule := ""
	if selector := selectors(ho.hidden); selector != "" {
		rule = selector + "{display:none!important}"
	}
	ho.sheet.Call("replaceSync", rule)
}

// selectors joins the selectors of names, or returns "".
func selectors(names []string) string {
	var list []string
	for _, name := range names {
		if s := selectorOf(name); s != "" {
			list = append(list, s)
		}
	}
	return strings.Join(list, ",")
}

// selectorOf returns what a name stands for: a part of the page, a panel and what
// opens it, or a control with its label.
func selectorOf(name string) string {
	own := `[data-param="` + name + `"]`
	switch {
	case parts[name] != "":
		return parts[name]
	case slices.Contains(core.Panels, name):
		return `[data-section="` + name + `"], [data-do=section][data-value="` + name + `"]`
	case name == "view":
		return parts["tabs"]
	case name == "beta":
		return ".tie > .beta, .tie > .slide"
	case paramOf(name) < core.ParamCount:
		return ".field:has(" + own + "), .check:has(" + own + "), " + own
	}
	return ""
}

// free are the buttons of a locked part that change nothing of the experiment.
const free = ", #locked *, #lesson *, #lessons *, dialog *, [data-do=gloss]"

// holds tells whether an element is locked.
func (ho *handout) holds(e js.Value) bool {
	s := selectors(ho.locked)
	return s != "" && e.Get("closest").Truthy() && e.Call("closest", s).Truthy() && !e.Call("matches", free[2:]).Bool()
}

// stops tells whether a control is locked, and then says so and shows what holds: a
// key, a script or a tool may reach one that the browser refuses.
func (ho *handout) stops(target js.Value) bool {
	if len(ho.locked) == 0 || !ho.holds(target) {
		return false
	}
	ho.voice.Announce("handout.refused", "name", strings.Join(ho.locked, ", "))
	ho.on.showAll()
	return true
}

// disable has the browser refuse what is locked, and nothing else that it refused
// for that reason.
func (ho *handout) disable() {
	ho.page.Each("button, input, select, textarea", func(e js.Value) {
		on, was := ho.holds(e), page.Data(e, "locks") != ""
		switch {
		case on && !e.Get("disabled").Bool():
			e.Set("disabled", true)
			e.Get("dataset").Set("locks", "1")
		case !on && was:
			e.Set("disabled", false)
			e.Get("dataset").Delete("locks")
		}
	})
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
	if changesData(old, e) && (h.Locks("people") || h.Locks("edit") || h.Locks("preset")) {
		return "data"
	}
	if !slices.Equal(e.Start, old.Start) && h.Locks("timeline") {
		return "start"
	}
	if !slices.Equal(e.View.Betas, old.View.Betas) && h.Locks("beta") {
		return "beta"
	}
	if !slices.Equal(e.Versus, old.Versus) && h.Locks("versus") {
		return "versus"
	}
	for p := range core.ParamCount {
		key := core.Params()[p].Key
		free := p == core.Step && !h.Locks(key) // which playing moves, and the timeline's lock stops
		if e.Settings[p] != old.Settings[p] && !free && (h.Locks(key) || p == core.ViewChoice && h.Locks("tabs")) {
			return key
		}
	}
	return ""
}

// changesData tells that replies, preferences or thumbs are others.
func changesData(old, e *core.Experiment) bool {
	same := func(a, b []data.Prompt) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }
	return !same(old.Prompts, e.Prompts) || !data.SameList(old.Given, e.Given) || !data.SameList(old.Thumbs, e.Thumbs)
}

// stopsTime tells, and says, that the timeline is locked.
func (ho *handout) stopsTime() bool {
	locked := !ho.opening && ho.lab.Experiment.View.Locks("timeline")
	if locked {
		ho.voice.Announce("handout.refused", "name", "timeline")
	}
	return locked
}

// openInFull takes back what the link hides and locks.
func (ho *handout) openInFull() {
	e := ho.lab.Experiment
	e.View.Hide, e.View.Lock = nil, nil
	ho.host.SetAndRecord(e)
}
