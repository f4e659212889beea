//go:build js

package main

import (
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// controls are what sets a setting: typed, chosen, ticked or slid.
type controls struct {
	*app
	written, slid [core.ParamCount][]*page.Element // the controls of each setting: those with its value, and sliders
}

func (ct *controls) register(on *handlers) {
	ct.listObjectives()
	on.input["range"] = func(slider js.Value) { ct.slide(slider, false) }
	on.change["range"] = func(slider js.Value) { ct.slide(slider, true) }
	on.change["param"] = ct.changeParam
	on.do["beta"] = func(button js.Value) { ct.setTyped(core.Beta, page.Data(button, "value")) }
	on.do["reseed"] = func(js.Value) {
		ct.commitSetting(core.Seed, float64(uint32(ct.lab.Experiment.Settings[core.Seed])+1))
	}
	ct.find("param", &ct.written)
	ct.find("range", &ct.slid)
	for p := range core.ParamCount {
		on.shows(func() { ct.syncParam(p) }, p)
	}
	for _, e := range ct.page.All("[data-for]") {
		condition := page.Data(e.Value, "for")
		on.shows(func() { e.SetHidden(!ct.applies(condition)) }, factsOf(condition)...)
	}
}

// find finds the controls that name a setting in a data attribute.
func (ct *controls) find(attribute string, of *[core.ParamCount][]*page.Element) {
	for _, e := range ct.page.All("[data-" + attribute + "]") {
		p := paramOf(page.Data(e.Value, attribute))
		of[p] = append(of[p], e)
	}
}

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
func (ct *controls) slide(target js.Value, letGo bool) {
	p := paramOf(page.Data(target, "range"))
	x := words.SliderValue(&core.Params()[p], target.Get("valueAsNumber").Int(), sliderEnd(target))
	if ct.lab.Experiment.Settings[p] != x {
		ct.link.hold()
		ct.setSetting(p, x)
	}
	if letGo {
		ct.link.commit()
	}
}

func sliderEnd(slider js.Value) int {
	n, _ := strconv.Atoi(slider.Get("max").String())
	return n
}

// changeParam takes the value of a typed, chosen or ticked control.
func (ct *controls) changeParam(target js.Value) {
	p := paramOf(page.Data(target, "param"))
	text := strings.TrimSpace(target.Get("value").String())
	if target.Get("type").String() == "checkbox" {
		text = core.Params()[p].Choices[0]
		if target.Get("checked").Bool() {
			text = core.Params()[p].Choices[1]
		}
	}
	ct.setTyped(p, text)
}

// setTyped takes a setting's value as text. What is not allowed is said, and
// the control goes back to what holds.
func (ct *controls) setTyped(p core.Param, text string) {
	x, c := core.Params()[p].Parse(strings.Replace(text, ",", ".", 1))
	if c != nil {
		ct.host.refuse(c)
		return
	}
	ct.commitSetting(p, x)
	ct.syncParam(p) // it may be typed otherwise than it is written
}

func (ct *controls) commitSetting(p core.Param, x float64) {
	if ct.setSetting(p, x) {
		ct.page.Retract(core.Params()[p].Key)
		ct.link.commit()
	}
}

// setSetting changes one setting, and what must change with it.
func (ct *controls) setSetting(p core.Param, x float64) bool {
	e := ct.lab.Experiment
	s, c := e.Settings.With(p, x)
	if c != nil {
		ct.host.refuse(c)
		return false
	}
	if p == core.Steps && s[core.Step] > x {
		s[core.Step] = x
	}
	if p == core.ObjectiveChoice {
		s = s.Choose(objective.All()[int(x)].Key)
	}
	e.Settings = s
	if p == core.Beta && ct.lab.Run.StepCount() > 0 {
		ct.screen.views.Mass.Haunt()
		ct.readout.again, ct.readout.againAt = x, 0
	}
	if p == core.PolicyChoice && x == train.LinearPolicy {
		return ct.setLinear(e)
	}
	return ct.host.Set(e)
}

// setLinear takes a linear policy. Replies that have no features are given some,
// which is said.
func (ct *controls) setLinear(e core.Experiment) bool {
	if ct.lab.Problem.Dim > 0 || !ct.editor.canEdit() {
		return ct.host.Set(e)
	}
	e = e.Own(ct.presets)
	e.File = nil
	e.PlaceReplies()
	if !ct.host.Set(e) {
		return false
	}
	ct.voice.Announce("edit.placed")
	return true
}

// syncParam makes the controls of a setting show what the experiment holds.
func (ct *controls) syncParam(p core.Param) {
	info, x := &core.Params()[p], ct.lab.Experiment.Settings[p]
	for _, e := range ct.written[p] {
		switch {
		case e.Get("type").String() == "checkbox":
			e.Set("checked", x == 1)
		case info.Choices != nil:
			e.SetValue(info.Choices[int(x)])
		default:
			e.SetValue(strconv.FormatFloat(x, 'f', -1, 64))
		}
	}
	for _, slider := range ct.slid[p] {
		place := words.SliderPlace(info, x, sliderEnd(slider.Value))
		slider.SetValue(strconv.Itoa(place))
		slider.SetAttr("aria-valuetext", strconv.FormatFloat(x, 'f', -1, 64))
	}
}

// applies tells whether a condition of the page's data-for holds: a setting's
// key, a colon, and the values for which the element is shown; + stands for
// any value but 0.
func (ct *controls) applies(condition string) bool {
	key, values, _ := strings.Cut(condition, ":")
	switch o := ct.lab.Experiment.Settings.Objective(); key {
	case "uses":
		return ct.lab.Experiment.Settings[core.How] != core.LearnByRLHF && uses(o, values)
	case "method": // some views run both, beside each other
		how := ct.lab.Experiment.Settings[core.How]
		return how == core.LearnByRLHF == (values == "rlhf") && how != core.LearnOnline || ct.screen.is(core.ViewRace)
	case "judges":
		s := &ct.lab.Experiment.Settings
		return s[core.How] == core.LearnOnline || s[core.Fresh] > 0
	case "baseline":
		return o.Baseline
	case "thumbs":
		given := ct.lab.Experiment.Settings[core.Source] == core.FromGiven
		return given && (ct.readsThumbs() || len(ct.lab.Data.Thumbs) > 0)
	case "offered":
		return ct.lab.Experiment.Settings.EqualSpeedOffered()
	}
	p := paramOf(key)
	x := ct.lab.Experiment.Settings[p]
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

// factsOf returns the facts that a condition is of.
func factsOf(condition string) []fact {
	switch key, _, _ := strings.Cut(condition, ":"); key {
	case "uses", "offered":
		return []fact{core.How, core.ObjectiveChoice}
	case "method":
		return []fact{core.How, core.ViewChoice}
	case "judges":
		return []fact{core.How, core.Fresh}
	case "baseline":
		return []fact{core.ObjectiveChoice}
	case "thumbs":
		return []fact{core.Source, core.How, core.ObjectiveChoice, theData}
	default:
		return []fact{paramOf(key)}
	}
}

// readsThumbs tells that what learns reads thumbs up and down.
func (ct *controls) readsThumbs() bool {
	s := &ct.lab.Experiment.Settings
	return s[core.How] == core.LearnDirectly && s.Objective().ReadsThumbs()
}

// uses tells whether an objective has the hyper-parameter with a key, or reads
// lengths. DPO has ε: with it, it is cDPO.
func uses(o *objective.Objective, key string) bool {
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

// listObjectives fills the lists of objectives, tier by tier. The list to compare
// with has no room for all tiers.
func (ct *controls) listObjectives() {
	for _, list := range [2]struct{ id, prefix string }{{"obj", ""}, {"versus-add", core.Params()[core.ObjectiveChoice].Key + ":"}} {
		groups := ct.page.ByID(list.id).Call("querySelectorAll", "[data-tier]")
		for tier := range groups.Length() {
			var names, values []string
			for _, o := range objective.All() {
				if int(o.Tier) == tier {
					names, values = append(names, ct.words.Say("objective."+o.Key)), append(values, list.prefix+o.Key)
				}
			}
			page.Fill(groups.Index(tier), names, values)
		}
	}
	ct.page.ByID("versus-add").Set("value", "obj:ipo")
}
