//go:build js

package main

import (
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
)

// address keeps the page's address in step with the experiment. While a control
// moves, the address is replaced, at most twice a second; when it is let go,
// the experiment becomes a step of the browser's history.
type address struct {
	*app
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
func (ln *address) hold() {
	if !ln.holding {
		ln.holding, ln.held = true, ln.shown
	}
	ln.due = true
}

// flush writes the address if that is due.
func (ln *address) flush(now float64) {
	if !ln.due || now-ln.last < linkInterval {
		return
	}
	ln.due, ln.last = false, now
	ln.write("replaceState")
}

// write puts the experiment into the address, and where a new frame finds it.
func (ln *address) write(how string) {
	fragment, carried := link.Write(&ln.lab.Experiment, ln.presets)
	ln.dropped = !carried
	ln.page.Playground.Set("fragment", fragment)
	if fragment == ln.shown {
		return
	}
	ln.shown = fragment
	ln.page.Window.Get("history").Call(how, nil, "", ln.page.Address(fragment))
}

// commit makes the experiment a step of the history. The entry that the
// movement began in gets back what it held.
func (ln *address) commit() {
	if ln.holding && ln.held != ln.shown {
		ln.page.Window.Get("history").Call("replaceState", nil, "", ln.page.Address(ln.held))
		ln.shown = ln.held
	}
	ln.holding, ln.due = false, false
	ln.write("pushState")
}

// amend makes the experiment the present step of the history: many small moves
// are not worth an entry each.
func (ln *address) amend() {
	ln.holding, ln.due = false, false
	ln.write("replaceState")
}

// follow takes over an address that the user typed or went back to.
func (ln *address) follow() {
	fragment := strings.TrimPrefix(ln.page.Window.Get("location").Get("hash").String(), "#")
	if fragment == ln.shown {
		return
	}
	*ln = address{app: ln.app, shown: fragment}
	ln.page.Playground.Set("fragment", fragment)
	ln.reopen(fragment)
}

// reopen opens a fragment while the program runs. The data of a file that is
// at hand is used again where the link names it.
func (ln *address) reopen(fragment string) {
	e, complaints := link.Parse(fragment, ln.presets)
	set := ln.files.find(e.File)
	if set == nil {
		ln.open(fragment)
		return
	}
	e.Prompts, e.Given, e.Thumbs = set.data.Prompts, set.data.Pairs, set.data.Thumbs
	ln.clock.halt()
	ln.greet(complaints)
	ln.host.Set(e)
}

// open starts the experiment of a link's fragment, saying what of it cannot be
// used.
func (ln *address) open(fragment string) {
	e, complaints := link.Parse(fragment, ln.presets)
	lab, c := core.NewLab(ln.presets, e)
	if c != nil {
		complaints = append(complaints, c)
		lab, _ = core.NewLab(ln.presets, ln.presets[0].Start())
	}
	ln.clock.halt()
	ln.prepare.arrive(fragment, &lab.Experiment)
	ln.app.lab = lab
	ln.greet(complaints)
	if e.File != nil {
		ln.files.miss(e.File)
	}
	play := lab.Experiment.View.Play
	lab.Experiment.View.Play = false
	ln.host.changed()
	ln.host.Play(play)
}

// greet has nothing said but what is wrong with a link.
func (ln *address) greet(complaints []*data.Complaint) {
	ln.page.ClearMessages()
	for _, c := range complaints {
		ln.voice.Complain(c)
	}
}
