//go:build js

package main

import (
	"slices"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/ledger"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/read"
)

// accounts keeps the accounts of who gave mass to whom, while its section is
// open.
type accounts struct {
	*app
	books  *ledger.Ledger
	run    *train.Run // whose accounts they are
	prompt int
	shown  *read.Shown // its groups
	view   chart.Ledger
}

func (lg *accounts) register(on *handlers) {
	on.do["since-here"] = func(js.Value) { lg.countFrom(lg.lab.Run.StepCount()) }
	on.do["since-start"] = func(js.Value) { lg.countFrom(0) }
	on.change["since"] = lg.typeSince
	on.draws = append(on.draws, panelWriter{"ledger", lg.draw})
}

// sync opens new books where the old are of something else.
func (lg *accounts) sync() {
	l := lg.lab
	if !lg.panels.isOpen("ledger") || !lg.screen.views.Mass.Follows(l) {
		lg.books = nil // the bars are of other replies until a frame has shown these
		return
	}
	since := l.Experiment.View.Since
	if lg.books != nil && lg.run == l.Run && lg.prompt == l.Prompt() && lg.books.From == since && slices.Equal(lg.shown.Arms, lg.screen.views.Mass.Shown().Arms) {
		return
	}
	lg.run, lg.prompt = l.Run, l.Prompt()
	lg.shown = &read.Shown{Arms: lg.screen.views.Mass.Shown().Arms, Rest: lg.screen.views.Mass.Shown().Rest}
	lg.books = ledger.New(l, since, lg.shown.Reduce)
	if input := lg.page.ByID("since"); !input.HasFocus() {
		input.SetValue(strconv.Itoa(since))
	}
}

// work does a slice of the accounts, and tells whether anything is left.
func (lg *accounts) work() (busy bool) {
	lg.sync()
	if lg.books == nil || !lg.lab.Settled() {
		return false
	}
	if lg.books.Seek(lg.lab.Run.StepCount()); lg.books.Done() {
		return false
	}
	if lg.books.Work(max(1, lg.clock.pace.Steps/2)) {
		lg.charts.stale = true
	}
	return !lg.books.Done()
}

func (lg *accounts) draw() {
	if lg.books == nil {
		return
	}
	note := ""
	if !lg.books.Done() {
		note = lg.words.Say("ledger.busy")
	}
	lg.page.ByID("ledger-note").SetText(note)
	if note != "" {
		return
	}
	v := &lg.view
	v.Net, v.From, v.To, v.Font = lg.books.Net, lg.books.From, lg.books.Target(), lg.screen.frame.Font
	v.Replies = v.Replies[:0]
	for bar := range lg.books.K {
		v.Replies = append(v.Replies, lg.barName(lg.shown, bar))
	}
	lg.charts.put("chart-ledger", v.Height(), v.Draw)
}

// barName is a reply's text, or how many the rest are.
func (lg *accounts) barName(shown *read.Shown, bar int) string {
	if bar < len(shown.Arms) {
		return read.Told(lg.lab.Problem.Prompts[lg.lab.Prompt()].Replies, shown.Arms[bar])
	}
	return lg.words.Say(lg.words.Form("said.rest", shown.Rest), "n", strconv.Itoa(shown.Rest))
}

// countFrom begins the accounts at a step.
func (lg *accounts) countFrom(step int) {
	e := lg.lab.Experiment
	e.View.Since = step
	lg.host.SetAndRecord(e)
}

// typeSince takes a typed step.
func (lg *accounts) typeSince(input js.Value) {
	info := core.Params()[core.Step]
	info.Key = "since"
	x, c := info.Parse(input.Get("value").String())
	if c != nil {
		lg.voice.Complain(c)
		input.Set("value", lg.lab.Experiment.View.Since)
		return
	}
	lg.page.Retract("since")
	lg.countFrom(int(x))
}
