//go:build js

package main

import (
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes/argument"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/slow"
	"dpoplayground/wasm/page"
)

// people are the first two parts of the page's argument: the pairs that people
// chose between, one of which is selected, and how the loss makes a preference on
// that pair push.
type people struct{ *app }

func (pe *people) register(on *handlers) {
	on.do["pair"] = func(button js.Value) { pe.choose(page.Data(button, "value")) }
	on.shows(pe.list, theData, core.ShownPrompt)
	on.shows(pe.mark, theData, thePair, core.ShownPrompt, core.How, core.ObjectiveChoice, core.RewardFit)
	on.shows(pe.settle, theName, theData, core.How, core.ObjectiveChoice, core.Rate, core.Source, core.Votes)
	on.tells = append(on.tells, panelWriter{"", pe.write})
}

// choose selects the pair of a listed button, everywhere.
func (pe *people) choose(pair string) {
	chosen, rejected, _ := strings.Cut(pair, "-")
	w, _ := strconv.Atoi(chosen)
	r, _ := strconv.Atoi(rejected)
	e := pe.lab.Experiment
	e.View.Pair = [2]int{w, r}
	pe.host.SetAndRecord(e)
}

// list writes a button for each pair.
func (pe *people) list() {
	pe.page.ByID("pairs").SetMarkup(argument.List(pe.lab, pe.words))
	pe.page.ByID("people-note").SetText(argument.Note(pe.lab, pe.words))
}

// mark shows which pair is selected, here and in the sentence above.
func (pe *people) mark() {
	pair := read.WorkedPair(pe.lab)
	at, turned := argument.Name(pair), argument.Name([2]int{pair[1], pair[0]})
	buttons := pe.page.ByID("pairs").Get("children")
	for i := range buttons.Length() {
		value := page.Data(buttons.Index(i), "value")
		buttons.Index(i).Call("setAttribute", "aria-pressed", value == at || value == turned)
	}
	pe.page.ByID("key").SetMarkup(argument.Key(pe.lab, pe.words))
	pe.page.ByID("key-learns").SetText(argument.Learns(&pe.lab.Experiment.Settings, pe.words))
	pe.readout.stale = true
	pe.host.Reread()
}

// settle writes the settings in a line.
func (pe *people) settle() {
	pe.page.ByID("settings-line").SetText(argument.Settings(pe.lab, pe.words))
}

// write writes the loss of a preference on the selected pair, with its numbers.
func (pe *people) write() {
	pair := read.WorkedPair(pe.lab)
	if pair[0] == pair[1] {
		return
	}
	v := pe.lab.Worked(pair[0], pair[1])
	pe.page.ByID("push-formula").SetMarkup(slow.PairLoss(pe.lab, &v))
	pe.page.ByID("push-note").SetText(argument.Measured(pe.lab, pe.words))
	pe.draw(&v)
}

// draw draws the loss over the gap of log-ratios, with the pair's bead on it.
func (pe *people) draw(v *core.PairView) {
	place := pe.page.ByID("push-curve")
	var p picture.Picture
	known := argument.Curve(&p, pe.lab, v, pe.words, max(200, float32(place.Get("clientWidth").Float())), pe.screen.frame.Font)
	if place.SetHidden(!known); known {
		place.SetMarkup(string(picture.AppendSVG(nil, &p, nil)))
	}
}
