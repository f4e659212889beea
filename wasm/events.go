//go:build js

package main

import (
	"syscall/js"

	"dpoplayground/wasm/page"
)

// handlers are what the sections have registered.
type handlers struct {
	do     map[string]func(button js.Value)  // a press, by data-do
	input  map[string]func(control js.Value) // a movement, by data-do-input
	change map[string]func(control js.Value) // its end, by data-do-input or data-do-change
	keys   []func(event js.Value) bool       // each tells whether the key was for it
	drag   func(kind string, event js.Value) // of what has data-drag

	watchers []watcher
	draws    []panelWriter // of charts, as often as those are drawn
	tells    []panelWriter // of numbers
}

// A watcher shows something whenever one of some facts has changed.
type watcher struct {
	facts []fact // none for whatever changes
	show  func()
}

// A panelWriter writes what a panel shows while it is open, or always if it is "".
type panelWriter struct {
	panel string
	write func()
}

func newHandlers() handlers {
	return handlers{do: map[string]func(js.Value){}, input: map[string]func(js.Value){}, change: map[string]func(js.Value){}}
}

// shows has show called when one of the facts has changed; where none is given,
// whatever has.
func (h *handlers) shows(show func(), facts ...fact) {
	h.watchers = append(h.watchers, watcher{facts, show})
}

// show shows what depends on the facts that have changed.
func (h *handlers) show(changed [factCount]bool) {
	for _, w := range h.watchers {
		due := len(w.facts) == 0
		for _, f := range w.facts {
			due = due || changed[f]
		}
		if due {
			w.show()
		}
	}
}

// showAll shows everything, as a control may show what does not hold.
func (h *handlers) showAll() {
	for _, w := range h.watchers {
		w.show()
	}
}

// handle takes what the page passes on: the type of an event, and the event
// or, for "file" and "kept", the files.
func handle(a *app, kind string, event js.Value) {
	a.screen.wake()
	switch kind {
	case "file":
		a.files.read(event, false)
	case "kept":
		a.files.read(event, true)
	case "link":
		a.link.follow()
	case "print":
		a.share.print()
	case "click":
		a.card.dismiss()
		if !a.handout.stops(event.Get("target")) {
			a.on.press(event.Get("target"))
		}
	case "input", "change":
		if a.handout.stops(event.Get("target")) {
			break
		}
		a.on.move(&a.finger, kind, event.Get("target"))
	case "toggle":
		a.glossary.toggle(event)
		a.panels.toggle(event.Get("target"))
	case "keydown":
		handleKey(a, event)
	default:
		if event.Get("target").Get("type").String() == "range" {
			a.finger.follow(a, kind, event)
		} else {
			a.on.drag(kind, event)
		}
	}
}

// move takes a movement of a control, or its end, but for one that may turn out to be
// a finger's that scrolls.
func (h *handlers) move(f *finger, kind string, control js.Value) {
	switch {
	case f.holds(control):
	case kind == "input":
		callFor(h.input, control)
	default:
		callFor(h.change, control)
	}
}

func (h *handlers) press(target js.Value) {
	if button, found := page.Closest(target, "[data-do]"); found {
		if do := h.do[page.Data(button, "do")]; do != nil {
			do(button)
		}
	}
}

// callFor calls what a control does, by the first name that it has.
func callFor(does map[string]func(js.Value), control js.Value) {
	for _, name := range [...]string{"range", "param", "doInput", "doChange"} {
		if value := page.Data(control, name); value != "" {
			if name == "range" || name == "param" {
				value = name
			}
			if do := does[value]; do != nil {
				do(control)
			}
			return
		}
	}
}

// handleKey takes the page's own shortcuts.
func handleKey(a *app, event js.Value) {
	if event.Get("key").String() == "Escape" && !a.glossary.holds(event) {
		a.screen.askPresent(false)
	}
	if page.Modified(event) {
		return
	}
	for _, takes := range a.on.keys {
		if takes(event) {
			event.Call("preventDefault")
			return
		}
	}
}
