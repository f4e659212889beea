//go:build js

package main

import (
	"slices"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes/argument"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// annotator asks whoever opens the page which of two replies is better, and trains on
// each choice. All it knows is the experiment: a choice is a preference pair, and that
// it asks is an open panel.
type annotator struct {
	*app
	more bool // it goes on asking after enough choices
}

func (an *annotator) register(on *handlers) {
	on.do["annotate"] = func(button js.Value) { an.choose(page.Data(button, "value") == "left") }
	on.do["annotate-begin"] = func(js.Value) { an.page.ByID("closer-menu").Call("hidePopover"); an.begin(); an.link.commit() }
	on.do["annotate-end"] = func(js.Value) { an.end() }
	on.do["annotate-more"] = func(js.Value) { an.more = true; an.ask() }
	on.keys = append(on.keys, an.onKey)
	on.shows(an.ask, theOpen, theData, core.Source, core.ShownPrompt)
	on.tells = append(on.tells, panelWriter{argument.Annotator, an.tell})
}

func (an *annotator) asks() bool { return an.panels.isOpen(argument.Annotator) }

// begin asks for choices, of which there are none yet.
func (an *annotator) begin() {
	an.more = false
	an.clock.halt()
	e := argument.OpenToAnnotate(an.presets)
	e.Settings[core.Speed] = an.lab.Experiment.Settings[core.Speed]
	an.host.Set(e)
	an.link.amend()
}

// end goes on to the playground, with the choices as its data if there are any.
func (an *annotator) end() {
	an.page.Playground.Call("met")
	e := an.lab.Experiment
	if argument.VotesOf(an.lab).Count() == 0 {
		e = an.presets[0].Start()
	}
	e.View.Open = slices.DeleteFunc(slices.Clone(e.View.Open), func(panel string) bool { return panel == argument.Annotator })
	an.host.SetAndRecord(e)
	an.page.ByID("play").Call("focus")
}

// choose takes one of the two replies as the better one, and trains anew.
func (an *annotator) choose(onLeft bool) {
	if !an.asks() || an.done() {
		return
	}
	chosen, rejected := argument.VotesOf(an.lab).Next()
	if !onLeft {
		chosen, rejected = rejected, chosen
	}
	an.page.Playground.Call("met")
	an.clock.halt()
	an.screen.views.Mass.Haunt()
	an.host.SetAndRecord(argument.Annotated(an.lab, chosen, rejected))
}

// done tells that enough was chosen.
func (an *annotator) done() bool {
	return !an.more && argument.VotesOf(an.lab).Count() >= argument.EnoughVotes || an.lab.Arms() < 2
}

// onKey chooses with the arrows, where these mean nothing else.
func (an *annotator) onKey(event js.Value) bool {
	on, key := event.Get("target").Get("tagName").String(), event.Get("key").String()
	if !an.asks() || an.done() || on != "BODY" && on != "BUTTON" || key != "ArrowLeft" && key != "ArrowRight" {
		return false
	}
	an.choose(key == "ArrowLeft")
	return true
}

// ask shows the two replies, or that enough was chosen.
func (an *annotator) ask() {
	asks := an.asks()
	an.page.Document.Get("documentElement").Get("classList").Call("toggle", "annotating", asks)
	an.page.Document.Get("documentElement").Get("classList").Call("toggle", "handed", asks && an.done())
	if !asks {
		return
	}
	votes := argument.VotesOf(an.lab)
	done := an.done()
	had := an.page.First("#annotator-choices :focus").Truthy()
	an.page.ByID("annotator-choices").SetHidden(done)
	if an.page.ByID("annotator-more").SetHidden(!done); had && done {
		an.page.ByID("annotator-end").Call("focus")
	}
	title, end, count := "annotate.ask", "annotate.skip", "annotate.count"
	if done {
		title, end = "annotate.done", "annotate.play"
	}
	if n := votes.Count(); n >= argument.EnoughVotes {
		count = "annotate.all"
	} else if n > 0 {
		end = "annotate.play"
	}
	an.page.ByID("annotator-title").SetText(an.words.Say(title))
	an.page.ByID("annotator-end").SetText(an.words.Say(end))
	an.page.ByID("annotator-count").SetText(an.words.Say(count, "n", words.Count(float64(votes.Count())), "of", strconv.Itoa(argument.EnoughVotes)))
	if !done {
		left, right := votes.Next()
		an.page.ByID("choice-left").SetMarkup(argument.Choice(an.lab, left))
		an.page.ByID("choice-right").SetMarkup(argument.Choice(an.lab, right))
	}
	an.readout.stale = true
}

// tell says what the last choice was, what all of them say, and how far they took the
// policy.
func (an *annotator) tell() {
	if !an.lab.Settled() {
		return
	}
	last, said := argument.LastChoice(an.lab, an.words), argument.Consistency(an.lab, an.words)
	if an.page.ByID("annotator-pair").SetMarkup(last); an.done() {
		said = an.words.Say("annotate.policy", "kl", words.Fixed(an.lab.Now(), 3)) + " " + said
	}
	an.page.ByID("annotator-said").SetMarkup(said)
	aloud := an.page.ByID("annotator-pair").Get("textContent").String() + " " + an.page.ByID("annotator-said").Get("textContent").String()
	an.page.ByID("annotator-aloud").SetText(aloud)
}
