//go:build js

package main

import (
	"slices"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// ledger keeps the accounts of who gave mass to whom, while its section is
// open.
type ledger struct {
	books  *core.Ledger
	run    *core.Run // whose accounts they are
	prompt int
	shown  *scenes.Shown // its groups
	view   scenes.Ledger
}

// syncLedger opens new books where the old are of something else.
func (a *app) syncLedger() {
	g, l := &a.ledger, a.lab
	if !a.isOpen("ledger") || len(a.mass.shown.Arms) == 0 {
		g.books = nil
		return
	}
	since := l.Experiment.View.Since
	if g.books != nil && g.run == l.Run && g.prompt == l.Prompt() && g.books.From == since && slices.Equal(g.shown.Arms, a.mass.shown.Arms) {
		return
	}
	g.run, g.prompt = l.Run, l.Prompt()
	g.shown = &scenes.Shown{Arms: a.mass.shown.Arms, Rest: a.mass.shown.Rest}
	g.books = core.NewLedger(l, since, g.shown.Reduce)
	a.page.get("since").setValue(strconv.Itoa(since), false)
}

// workLedger does a slice of the accounts, and tells whether anything is left.
func (a *app) workLedger() (busy bool) {
	a.syncLedger()
	g := &a.ledger
	if g.books == nil || !a.lab.Settled() {
		return false
	}
	if g.books.Seek(a.lab.Run.StepCount()); g.books.Done() {
		return false
	}
	if g.books.Work(max(1, a.pace.steps/2)) {
		a.charts.stale = true
	}
	return !g.books.Done()
}

func (a *app) drawLedger() {
	g := &a.ledger
	if g.books == nil {
		return
	}
	note := ""
	if !g.books.Done() {
		note = a.words.Say("ledger.busy")
	}
	a.page.get("ledger-note").setText(note)
	if note != "" {
		return
	}
	v := &g.view
	v.Net, v.From, v.To, v.Font = g.books.Net, g.books.From, g.books.Target(), a.show.font
	v.Replies = v.Replies[:0]
	for bar := range g.books.K {
		v.Replies = append(v.Replies, a.barName(g.shown, bar))
	}
	v.Draw(&a.charts.picture, a.words, a.chartWidth("chart-ledger"), v.Height())
	a.print("chart-ledger")
}

// barName is a reply's text, or how many the rest are.
func (a *app) barName(shown *scenes.Shown, bar int) string {
	if bar < len(shown.Arms) {
		return a.mass.names.Told(a.lab.Problem, a.lab.Prompt(), shown.Arms[bar])
	}
	return a.words.Say("said.rest", "n", strconv.Itoa(shown.Rest))
}

// countFrom begins the accounts at a step.
func (a *app) countFrom(step int) {
	e := a.lab.Experiment
	e.View.Since = step
	if a.set(e) {
		a.commit()
	}
}

// typeSince takes a typed step.
func (a *app) typeSince(input js.Value) {
	info := core.Params()[core.Step]
	info.Key = "since"
	x, c := info.Parse(input.Get("value").String())
	if c != nil {
		a.complain(c)
		input.Set("value", a.lab.Experiment.View.Since)
		return
	}
	a.page.retract("since")
	a.countFrom(int(x))
}
