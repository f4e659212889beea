//go:build js

package main

import (
	"slices"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// question is the choice of what is asked: the ready-made experiments, and the
// prompts of the present one.
type question struct{ *app }

func (q *question) register(on *handlers) {
	q.listPresets()
	on.do["exhibit"] = func(button js.Value) {
		q.choosePreset(page.Data(button, "value"))
		page.Show(q.page.ByID("prompt").Value)
	}
	on.do["figure"] = func(js.Value) { page.Show(q.page.ByID("prompt").Value) } // its link does the rest
	on.do["prompt-previous"] = func(js.Value) { q.showPrompt(q.lab.Prompt() - 1) }
	on.do["prompt-next"] = func(js.Value) { q.showPrompt(q.lab.Prompt() + 1) }
	on.do["restore"] = func(js.Value) { q.restore() }
	on.change["preset"] = func(list js.Value) { q.choosePreset(list.Get("value").String()) }
	on.change["prompt-find"] = func(input js.Value) { q.findPrompt(input.Get("value").String()) }
	on.shows(q.syncPreset, theName)
	on.shows(q.syncPrompt, theData, core.ShownPrompt)
}

// listPresets fills the two groups of the list: what is ready-made, and exhibits.
func (q *question) listPresets() {
	groups := q.page.ByID("preset").Call("querySelectorAll", "optgroup")
	for i, exhibit := range [2]bool{false, true} {
		var names, ids []string
		for _, p := range q.presets {
			if p.Exhibit == exhibit {
				names, ids = append(names, q.words.Say("preset."+p.ID+".name")), append(ids, p.ID)
			}
		}
		page.Fill(groups.Index(i), names, ids)
	}
}

func (q *question) syncPreset() {
	own, preset := q.lab.Experiment.Prompts != nil, q.lab.Experiment.Preset
	if own {
		preset = "own"
	}
	q.page.ByID("preset-own").SetHidden(!own)
	q.page.ByID("preset").SetValue(preset)
}

// choosePreset starts a ready-made experiment, with the panels that belong to it. The
// view stays, the speed and the runs that were chosen to compare with.
func (q *question) choosePreset(id string) {
	p := core.FindPreset(q.presets, id)
	if p == nil {
		return
	}
	q.page.ClearMessages()
	e := p.Start()
	e.View.Handout = q.lab.Experiment.View.Handout // what is hidden, locked or shown large stays so
	old := core.FindPreset(q.presets, q.lab.Experiment.Preset)
	if e.Versus == nil && !slices.Equal(q.lab.Experiment.Versus, old.Versus) {
		e.Versus = q.lab.Experiment.Versus
	}
	e.View.Open = append(slices.Clip(e.View.Open), q.panels.amongSettings()...)
	e.Settings[core.Speed] = q.lab.Experiment.Settings[core.Speed]
	if e.Settings[core.ViewChoice] == core.ViewMass {
		e.Settings[core.ViewChoice] = q.lab.Experiment.Settings[core.ViewChoice]
	}
	q.clock.halt()
	q.host.SetAndRecord(e)
}

// restore goes back to the example's own state: its settings, its start and its
// timeline. Replies and preferences of one's own stay; how they are looked at goes.
func (q *question) restore() {
	q.page.ClearMessages()
	own := q.lab.Experiment
	e := core.FindPreset(q.presets, own.Preset).Start()
	e.View.Handout = own.View.Handout
	e.Prompts, e.Given, e.Thumbs, e.File = own.Prompts, own.Given, own.Thumbs, own.File
	if own.Prompts != nil {
		e.Settings[core.Source] = own.Settings[core.Source]
	}
	q.clock.halt()
	q.page.ByID("closer-menu").Call("hidePopover")
	q.host.SetAndRecord(e)
}

// showPrompt shows another of the data set's prompts.
func (q *question) showPrompt(i int) {
	if n := len(q.lab.Problem.Prompts); n > 1 {
		e := q.lab.Experiment
		e.Settings[core.ShownPrompt] = float64((i%n + n) % n)
		e.View.ForgetReplies()
		q.host.SetAndRecord(e)
	}
}

// findPrompt shows the first prompt that holds a text, after the shown one.
func (q *question) findPrompt(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if i := words.FindPrompt(q.lab.Data.Prompts, text, q.lab.Prompt()); i >= 0 {
		q.showPrompt(i)
		return
	}
	q.voice.Announce("prompts.none", "text", read.Quoted(text))
}

func (q *question) syncPrompt() {
	prompts := q.lab.Problem.Prompts
	text := prompts[q.lab.Prompt()].Text
	if text == "" {
		text = q.words.Say("prompts.untitled")
	}
	q.page.ByID("prompt").SetText(q.words.Say("prompts.quote", "text", text))
	q.page.ByID("prompts").SetHidden(len(prompts) < 2)
	q.page.ByID("prompt-count").SetText(q.words.Say("prompts.count",
		"i", words.Count(float64(q.lab.Prompt()+1)), "n", words.Count(float64(len(prompts)))))
}
