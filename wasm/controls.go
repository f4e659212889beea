//go:build js

package main

import (
	"slices"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// paramOf returns the setting with a key, or ParamCount.
func paramOf(key string) core.Param {
	for p := core.Param(0); p < core.ParamCount; p++ {
		if core.Params()[p].Key == key {
			return p
		}
	}
	return core.ParamCount
}

// slide follows a slider: every input changes the experiment, and letting go
// makes it a step of the history.
func (a *app) slide(target js.Value, letGo bool) {
	p := paramOf(data(target, "range"))
	x := scenes.SliderValue(&core.Params()[p], target.Get("valueAsNumber").Int(), sliderEnd(target))
	if a.lab.Experiment.Settings[p] != x {
		a.link.hold(a)
		a.setSetting(p, x)
	}
	if letGo {
		a.commit()
	}
}

func sliderEnd(slider js.Value) int {
	n, _ := strconv.Atoi(slider.Get("max").String())
	return n
}

// changeParam takes the value of a typed, chosen or ticked control.
func (a *app) changeParam(key string, target js.Value) {
	p := paramOf(key)
	text := strings.TrimSpace(target.Get("value").String())
	if target.Get("type").String() == "checkbox" {
		text = core.Params()[p].Choices[0]
		if target.Get("checked").Bool() {
			text = core.Params()[p].Choices[1]
		}
	}
	a.setTyped(p, text)
}

// setTyped takes a setting's value as text. What is not allowed is said, and
// the control goes back to what holds.
func (a *app) setTyped(p core.Param, text string) {
	x, c := core.Params()[p].Parse(strings.Replace(text, ",", ".", 1))
	if c != nil {
		a.complain(c)
		a.syncControls()
		return
	}
	a.commitSetting(p, x)
}

func (a *app) commitSetting(p core.Param, x float64) {
	if a.setSetting(p, x) {
		a.page.retract(core.Params()[p].Key)
		a.commit()
	}
}

// setSetting changes one setting, and what must change with it.
func (a *app) setSetting(p core.Param, x float64) bool {
	e := a.lab.Experiment
	s, c := e.Settings.With(p, x)
	if c != nil {
		a.complain(c)
		a.syncControls()
		return false
	}
	if p == core.Steps && s[core.Step] > x {
		s[core.Step] = x
	}
	if p == core.ObjectiveChoice {
		s = s.Choose(core.Objectives()[int(x)].Key)
	}
	e.Settings = s
	if p == core.PolicyChoice && x == core.LinearPolicy {
		return a.setLinear(e)
	}
	return a.set(e)
}

// setLinear takes a linear policy. Replies that have no features are given some,
// which is said.
func (a *app) setLinear(e core.Experiment) bool {
	if a.lab.Problem.Dim > 0 || !a.canEdit() {
		return a.set(e)
	}
	e = e.Own(a.presets)
	e.File = nil
	e.PlaceReplies()
	if !a.set(e) {
		return false
	}
	a.say("edit.placed")
	return true
}

// syncControls makes every control show what the experiment holds.
func (a *app) syncControls() {
	s := &a.lab.Experiment.Settings
	for p := core.Param(0); p < core.ParamCount; p++ {
		a.syncParam(p, s[p])
	}
	a.page.each("[data-for]", func(v js.Value) { v.Call("toggleAttribute", "hidden", !a.applies(data(v, "for"))) })
	own := a.lab.Experiment.Prompts != nil
	a.page.get("preset-own").setHidden(!own)
	if own {
		a.page.get("preset").setValue("own", true)
	} else {
		a.page.get("preset").setValue(a.lab.Experiment.Preset, true)
	}
	a.clock.sync(a)
	a.syncPrompt()
	a.syncPair()
	a.syncEdit()
	a.syncNotes()
	a.syncStart()
}

func (a *app) syncParam(p core.Param, x float64) {
	info := &core.Params()[p]
	for _, e := range a.page.controls(info.Key) {
		switch {
		case e.Get("type").String() == "checkbox":
			e.Set("checked", x == 1)
		case info.Choices != nil:
			e.setValue(info.Choices[int(x)], true)
		default:
			e.setValue(strconv.FormatFloat(x, 'f', -1, 64), true)
		}
	}
	slider := a.page.get("range:" + info.Key)
	if !slider.Truthy() {
		slider.Value = a.page.document.Call("querySelector", `[data-range="`+info.Key+`"]`)
	}
	if slider.Truthy() {
		place := scenes.SliderPlace(info, x, sliderEnd(slider.Value))
		slider.setValue(strconv.Itoa(place), true)
		slider.setAttr("aria-valuetext", strconv.FormatFloat(x, 'f', -1, 64))
	}
}

// applies tells whether a condition of the page's data-for holds: a setting's
// key, a colon, and the values for which the element is shown; + stands for
// any value but 0.
func (a *app) applies(condition string) bool {
	key, values, _ := strings.Cut(condition, ":")
	switch o := a.lab.Experiment.Settings.Objective(); key {
	case "uses":
		return a.lab.Experiment.Settings[core.How] != core.LearnByRLHF && uses(o, values)
	case "method": // some views run both, beside each other
		how := a.lab.Experiment.Settings[core.How]
		return how == core.LearnByRLHF == (values == "rlhf") && how != core.LearnOnline || a.show.is(core.ViewRace)
	case "judges":
		s := &a.lab.Experiment.Settings
		return s[core.How] == core.LearnOnline || s[core.Fresh] > 0
	case "baseline":
		return o.Baseline
	case "thumbs":
		given := a.lab.Experiment.Settings[core.Source] == core.FromGiven
		return given && (a.readsThumbs() || len(a.lab.Data.Thumbs) > 0)
	case "offered":
		return a.lab.Experiment.Settings.EqualSpeedOffered()
	}
	p := paramOf(key)
	x := a.lab.Experiment.Settings[p]
	name := strconv.FormatFloat(x, 'f', -1, 64)
	if info := &core.Params()[p]; info.Choices != nil {
		name = info.Choices[int(x)]
	}
	for _, v := range strings.Split(values, ",") {
		if v == name || v == "+" && x != 0 {
			return true
		}
	}
	return false
}

// readsThumbs tells that what learns reads thumbs up and down.
func (a *app) readsThumbs() bool {
	s := &a.lab.Experiment.Settings
	return s[core.How] == core.LearnDirectly && s.Objective().ReadsThumbs()
}

// uses tells whether an objective has the hyper-parameter with a key, or reads
// lengths. DPO has ε:
// with it, it is cDPO.
func uses(o *core.Objective, key string) bool {
	switch {
	case o.Key == "dpo" && key == "eps":
		return true
	case key == "lengths":
		return o.Lengths
	}
	for _, u := range o.Uses {
		if u.Hyper.Info().Key == key {
			return true
		}
	}
	return false
}

// syncNotes writes the sentences beside the controls.
func (a *app) syncNotes() {
	s := &a.lab.Experiment.Settings
	if s[core.Source] != core.FromGiven {
		share := core.MeanAgreement(a.lab.Data.Prompts, s)
		a.page.get("agreement").setText(a.words.Say("data.agreement", "share", scenes.Percent(share)))
	}
	o := s.Objective()
	note := "objective." + o.Key + ".note"
	if how := s[core.How]; how != core.LearnDirectly {
		note = "param.how." + core.Params()[core.How].Choices[int(how)] + ".note"
		if how == core.LearnByRLHF && s[core.RewardFit] == core.FitNothing {
			note = "param.how.rlhf.own.note"
		}
	}
	a.page.get("objective-note").setText(a.words.Say(note))
	a.page.get("reads-note").setText(scenes.Reads(a.lab, a.words))
	role := ""
	if o.Key != "dpo" {
		role = a.words.Say("beta.role." + string(o.Beta))
	}
	a.page.get("beta-role").setText(role)
	a.page.get("preset-note").setText(a.presetNote())
	a.page.get("data-teaser").setText(a.dataTeaser())
	a.page.get("more-teaser").setText(a.moreTeaser())
	note = a.words.Say("param.equal.help")
	if s[core.EqualSpeed] == 1 {
		note = a.words.Say("param.equal.now", "rate", scenes.Short(s.EffectiveRate(a.lab.Beta())))
	}
	a.page.get("equal-note").setText(note)
}

// syncLegend names those marks of where a run is headed that the lanes have.
func (a *app) syncLegend() {
	if a.lab.WorkingOut() {
		return
	}
	var drawn [scenes.Unknown + 1]bool
	drawn[scenes.ReachedBy(a.lab)] = true
	for _, l := range a.versus.runs() {
		drawn[scenes.ReachedBy(l)] = true
	}
	a.page.get("legend-optimum").setHidden(!drawn[scenes.Reachable])
	a.page.get("legend-limit").setHidden(!drawn[scenes.NeverReached])
}

func (a *app) presetNote() string {
	e := &a.lab.Experiment
	switch {
	case e.File != nil && e.Prompts != nil:
		return a.words.Say("preset.file.note", "name", e.File.Name)
	case e.Prompts != nil:
		return a.words.Say("preset.own.note")
	}
	return a.words.Say("preset." + e.Preset + ".note")
}

func (a *app) dataTeaser() string {
	s := &a.lab.Experiment.Settings
	n := scenes.Count(a.lab.Problem.Total)
	switch s[core.Source] {
	case core.FromVotes:
		return a.words.Say(a.words.Form("data.teaser.votes", int(a.lab.Problem.Total)), "n", n)
	case core.FromPopulation:
		return a.words.Say("data.teaser.population")
	}
	p := a.lab.Problem
	key := "data.teaser.given"
	if len(p.Thumbs) > 0 {
		if key = "data.teaser.thumbs"; p.Total > 0 {
			key = "data.teaser.both"
		}
	}
	return a.words.Say(a.words.Form(key, int(p.Total)), "n", n, "up", scenes.Count(p.Ups), "down", scenes.Count(p.Downs))
}

func (a *app) moreTeaser() string {
	s := &a.lab.Experiment.Settings
	batch := a.words.Say("more.full")
	switch {
	case s[core.How] == core.LearnOnline:
		batch = a.words.Say(a.words.Form("more.pairs", int(s[core.Judged])), "n", strconv.Itoa(int(s[core.Judged])))
	case s[core.How] == core.LearnByRLHF && s[core.EstimatorChoice] == float64(core.ExactGradient):
		batch = a.words.Say("more.exact")
	case s[core.How] == core.LearnByRLHF:
		batch = a.words.Say(a.words.Form("more.replies", int(s[core.Replies])), "n", strconv.Itoa(int(s[core.Replies])))
	case s[core.Batch] > 0:
		batch = a.words.Say("more.batch", "n", strconv.Itoa(int(s[core.Batch])))
	}
	return a.words.Say("more.teaser", "rate", scenes.Short(s[core.Rate]),
		"optimiser", a.words.Say("param.opt."+core.Params()[core.Optimizer].Choices[int(s[core.Optimizer])]), "batch", batch)
}

func (a *app) listPresets() {
	list := a.page.get("preset")
	list.Call("replaceChildren")
	readyMade, exhibits := a.page.make(list.Value, "optgroup", ""), a.page.make(list.Value, "optgroup", "")
	readyMade.Set("label", a.words.Say("question.readymade"))
	exhibits.Set("label", a.words.Say("question.exhibits"))
	for i := range a.presets {
		group := readyMade
		if a.presets[i].Exhibit {
			group = exhibits
		}
		option := a.page.make(group, "option", "")
		option.Set("value", a.presets[i].ID)
		option.Set("textContent", a.words.Say("preset."+a.presets[i].ID+".name"))
	}
	own := a.page.make(list.Value, "option", "")
	own.Set("value", "own")
	own.Set("id", "preset-own")
	own.Set("textContent", a.words.Say("preset.own.name"))
}

// listObjectives fills the lists of objectives, tier by tier.
func (a *app) listObjectives() {
	for _, list := range [2]struct{ id, prefix string }{{"obj", ""}, {"versus-add", core.Params()[core.ObjectiveChoice].Key + ":"}} {
		groups := a.page.get(list.id).Call("querySelectorAll", "[data-tier]")
		for i := range groups.Length() {
			groups.Index(i).Call("replaceChildren")
		}
		for _, o := range core.Objectives() {
			if int(o.Tier) >= groups.Length() {
				continue // the list to compare with has no room for all
			}
			option := a.page.make(groups.Index(int(o.Tier)), "option", "")
			option.Set("value", list.prefix+o.Key)
			option.Set("textContent", a.words.Say("objective."+o.Key))
		}
	}
	a.page.get("versus-add").Set("value", "obj:ipo")
}

// choosePreset starts a ready-made experiment. How the page is looked at stays.
func (a *app) choosePreset(id string) {
	p := core.FindPreset(a.presets, id)
	if p == nil {
		return
	}
	a.page.clearMessages()
	e := p.Start()
	e.View.Open = a.lab.Experiment.View.Open
	old := core.FindPreset(a.presets, a.lab.Experiment.Preset)
	if e.Versus == nil && !slices.Equal(a.lab.Experiment.Versus, old.Versus) {
		e.Versus = a.lab.Experiment.Versus
	}
	for _, section := range p.Open {
		if !a.isOpen(section) {
			e.View.Open = append(slices.Clip(e.View.Open), section)
		}
	}
	e.Settings[core.Speed] = a.lab.Experiment.Settings[core.Speed]
	if e.Settings[core.ViewChoice] == core.ViewMass {
		e.Settings[core.ViewChoice] = a.lab.Experiment.Settings[core.ViewChoice]
	}
	a.clock.playing = false
	if a.set(e) {
		a.commit()
	}
}

// showPrompt shows another of the data set's prompts.
func (a *app) showPrompt(i int) {
	if n := len(a.lab.Problem.Prompts); n > 1 {
		e := a.lab.Experiment
		e.Settings[core.ShownPrompt] = float64((i%n + n) % n)
		e.View.ForgetReplies()
		if a.set(e) {
			a.commit()
		}
	}
}

// findPrompt shows the first prompt that holds a text, after the shown one.
func (a *app) findPrompt(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if i := scenes.FindPrompt(a.lab.Problem.Prompts, text, a.lab.Prompt()); i >= 0 {
		a.showPrompt(i)
		return
	}
	a.say("prompts.none", "text", scenes.Quoted(text))
}

func (a *app) syncPrompt() {
	prompts := a.lab.Problem.Prompts
	text := prompts[a.lab.Prompt()].Text
	if text == "" {
		text = a.words.Say("prompts.untitled")
	}
	a.page.get("prompt").setText(a.words.Say("prompts.quote", "text", text))
	a.page.get("prompts").setHidden(len(prompts) < 2)
	a.page.get("prompt-count").setText(a.words.Say("prompts.count",
		"i", scenes.Count(float64(a.lab.Prompt()+1)), "n", scenes.Count(float64(len(prompts)))))
}

// say shows a sentence of the catalogue as news.
func (a *app) say(key string, args ...string) {
	a.page.message(a.words.Say(key, args...), "news", a.words.Say("message.close"))
}

// complain shows what is wrong with a value, and that nothing was changed.
func (a *app) complain(c *core.Complaint) {
	a.page.retract(c.Field)
	a.page.message(scenes.Complain(c, a.words), "", a.words.Say("message.close")).Get("dataset").Set("field", c.Field)
}
