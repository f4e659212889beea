//go:build js

package main

import (
	"strings"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// link keeps the page's address in step with the experiment. While a control
// moves, the address is replaced, at most twice a second; when it is let go,
// the experiment becomes a step of the browser's history.
type link struct {
	due     bool
	last    float64 // when the address was last replaced, ms
	shown   string  // the fragment in the address
	held    string  // the fragment before a control began to move
	holding bool
	dropped bool // the last link could not carry all data
}

const linkInterval = 500 // between two replacements of the address, ms

// hold remembers the present address as the one to come back to, at the first
// of a control's movements.
func (k *link) hold(a *app) {
	if !k.holding {
		k.holding, k.held = true, k.shown
	}
	k.due = true
}

// flush writes the address if that is due.
func (k *link) flush(a *app, now float64) {
	if !k.due || now-k.last < linkInterval {
		return
	}
	k.due, k.last = false, now
	k.write(a, "replaceState")
}

// write puts the experiment into the address, and where a new frame finds it.
func (k *link) write(a *app, how string) {
	fragment, carried := a.lab.Experiment.Link(a.presets)
	k.dropped = !carried
	a.page.Playground.Set("fragment", fragment)
	if fragment == k.shown {
		return
	}
	k.shown = fragment
	a.page.Window.Get("history").Call(how, nil, "", a.page.Address(fragment))
}

// commit makes the experiment a step of the history. The entry that the
// movement began in gets back what it held.
func (a *app) commit() {
	k := &a.link
	if k.holding && k.held != k.shown {
		a.page.Window.Get("history").Call("replaceState", nil, "", a.page.Address(k.held))
		k.shown = k.held
	}
	k.holding, k.due = false, false
	k.write(a, "pushState")
}

// amend makes the experiment the present step of the history: many small moves
// are not worth an entry each.
func (a *app) amend() {
	a.link.holding, a.link.due = false, false
	a.link.write(a, "replaceState")
}

// followLink takes over an address that the user typed or went back to.
func (a *app) followLink() {
	fragment := strings.TrimPrefix(a.page.Window.Get("location").Get("hash").String(), "#")
	if fragment == a.link.shown {
		return
	}
	a.link = link{shown: fragment}
	a.page.Playground.Set("fragment", fragment)
	a.reopen(fragment)
}

// reopen opens a fragment while the program runs. The data of a file that is
// at hand is used again where the link names it.
func (a *app) reopen(fragment string) {
	e, complaints := core.ParseLink(fragment, a.presets)
	if e.File != nil && a.files.holds(e.File) {
		e.Prompts, e.Given, e.Thumbs = a.files.prompts, a.files.given, a.files.thumbs
		a.clock.playing = false
		a.page.ClearMessages()
		for _, c := range complaints {
			a.complain(c)
		}
		a.set(e)
		return
	}
	a.open(fragment)
}

// share shows a link to this moment.
func (a *app) share() {
	a.clock.playing = false
	a.clock.sync(a)
	a.commit()
	note := a.words.Say("share.note")
	switch {
	case a.link.dropped && a.lab.Experiment.File != nil:
		note = a.words.Say("share.file", "name", a.lab.Experiment.File.Name, "limit", scenes.Count(core.MaxLink))
	case a.link.dropped:
		note = a.words.Say("share.long", "limit", scenes.Count(core.MaxLink))
	}
	a.page.ByID("share-note").SetText(note)
	a.page.ByID("save-note").SetText("")
	a.page.ByID("share-link").Set("value", a.address())
	a.page.ByID("share").Call("showModal")
	a.page.ByID("share-link").Call("select")
}

// address is the link to the moment that was shared last.
func (a *app) address() string {
	where := a.page.Window.Get("location")
	return where.Get("origin").String() + where.Get("pathname").String() + "#" + a.link.shown
}

// copyLink copies the link, or has the user do so.
func (a *app) copyLink() {
	a.page.Copy(a.page.ByID("share-link"), func(copied bool) {
		key := "share.manual"
		if copied {
			key = "share.copied"
		}
		a.page.ByID("share-note").SetText(a.words.Say(key))
	})
}
