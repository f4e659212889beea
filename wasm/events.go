//go:build js

package main

import (
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/wasm/page"
)

// handle takes what the page passes on: the type of an event, and the event
// or, for "file" and "kept", the file.
func (a *app) handle(kind string, event js.Value) {
	a.wake()
	switch kind {
	case "file":
		a.readFile(event)
	case "kept":
		a.readKept(event)
	case "link":
		a.followLink()
	case "click":
		a.card.dismiss()
		a.click(event.Get("target"))
	case "input":
		a.input(event.Get("target"))
	case "change":
		a.change(event.Get("target"))
	case "toggle":
		a.toggle(event.Get("target"))
	case "keydown":
		a.key(event)
	case "pointerdown", "pointermove", "pointerup", "pointercancel":
		a.drag(kind, event)
	}
}

func (a *app) click(target js.Value) {
	button, found := page.Closest(target, "[data-do]")
	if !found {
		return
	}
	s := a.lab.Experiment.Settings
	switch do := page.Data(button, "do"); do {
	case "skip":
		a.page.First("#stage iframe").Call("focus")
	case "share":
		a.share()
	case "copy":
		a.copyLink()
	case "save":
		a.save(page.Data(button, "value"))
	case "share-close":
		a.page.ByID("share").Call("close")
	case "present":
		a.present(!a.presenting)
	case "message-close":
		button.Call("closest", "p").Call("remove")
	case "beta":
		a.setTyped(core.Beta, page.Data(button, "value"))
	case "reseed":
		a.commitSetting(core.Seed, float64(uint32(s[core.Seed])+1))
	case "view":
		a.chooseView(page.Data(button, "value"))
	case "play":
		a.playOrPause()
	case "reset":
		a.goTo(0)
	case "back":
		a.goTo(int(s[core.Step]) - 1)
	case "forward":
		a.goTo(int(s[core.Step]) + 1)
	case "converge":
		a.converge()
	case "prompt-previous":
		a.showPrompt(int(s[core.ShownPrompt]) - 1)
	case "prompt-next":
		a.showPrompt(int(s[core.ShownPrompt]) + 1)
	case "since-here":
		a.countFrom(a.lab.Run.StepCount())
	case "since-start":
		a.countFrom(0)
	case "versus-add":
		a.addRun()
	case "versus-remove":
		a.removeRun(page.Data(button, "value"))
	case "start-reference":
		a.startAtReference()
	case "exhibit":
		a.choosePreset(page.Data(button, "value"))
		page.Show(a.page.ByID("prompt").Value)
	case "section":
		section := a.page.First(`[data-section="` + page.Data(button, "value") + `"]`)
		section.Set("open", true)
		page.Show(section)
	case "file-cancel":
		a.files.cancelled = true
	case "stage", "stage-back", "stage-forward":
		a.clickStage(do, button)
	default:
		if strings.HasPrefix(do, "reply-") || strings.HasPrefix(do, "vote") {
			a.clickEdit(do, button)
		}
	}
}

func (a *app) input(target js.Value) {
	switch {
	case page.Data(target, "range") != "":
		a.slide(target, false)
	case page.Data(target, "doInput") == "seek":
		a.clock.playing = false
		a.seek(target.Get("valueAsNumber").Int())
	}
}

func (a *app) change(target js.Value) {
	if page.Data(target, "range") != "" {
		a.slide(target, true)
		return
	}
	if key := page.Data(target, "param"); key != "" {
		a.changeParam(key, target)
		return
	}
	switch page.Data(target, "doInput") + page.Data(target, "doChange") {
	case "seek":
		a.commit()
	case "preset":
		a.choosePreset(target.Get("value").String())
	case "since":
		a.typeSince(target)
	case "pair":
		a.choosePair()
	case "corner":
		a.chooseCorner(target)
	case "betas":
		a.changeBetas(target.Get("value").String())
	case "prompt-find":
		a.findPrompt(target.Get("value").String())
	case "edit-prompt", "edit-reply", "edit-vote":
		a.changeEdit(target)
	}
}

// toggle follows a section that was opened or closed. Which sections are open
// is part of the link, but not a step of the history.
func (a *app) toggle(target js.Value) {
	section := page.Data(target, "section")
	if section == "" {
		return
	}
	e := a.lab.Experiment
	open := target.Get("open").Bool()
	var list []string
	for _, s := range e.View.Open {
		if s != section {
			list = append(list, s)
		}
	}
	if open {
		list = append(list, section)
	}
	if len(list) == len(e.View.Open) {
		return
	}
	e.View.Open = list
	a.lab.Experiment = e
	a.sections = strings.Join(list, ".")
	a.serveSections()
	a.readout.stale = true
	a.link.due = true
	if open {
		a.syncEdit()
	}
}

func (a *app) isOpen(section string) bool {
	for _, s := range a.lab.Experiment.View.Open {
		if s == section {
			return true
		}
	}
	return false
}

// syncSections opens what the experiment's view has open, if that is another
// view than before: a section that was opened just now, of which the browser
// has not told yet, is left alone.
func (a *app) syncSections() {
	if open := strings.Join(a.lab.Experiment.View.Open, "."); open != a.sections {
		a.sections = open
		for _, v := range a.page.All("[data-section]") {
			if open := a.isOpen(page.Data(v.Value, "section")); v.Get("open").Bool() != open {
				v.Set("open", open)
			}
		}
	}
	a.serveSections()
}

// serveSections has worked out and drawn what the open sections show.
func (a *app) serveSections() {
	a.lab.WantSweep(a.isOpen("sweep") || a.show.is(core.ViewBetas))
	a.lab.WantSpread(a.isOpen("time"))
	a.charts.stale = true
}

// key takes the page's own shortcuts, where the key means nothing to what has
// the focus: space plays, and the arrows step.
func (a *app) key(event js.Value) {
	key := event.Get("key").String()
	if key == "Escape" && a.presenting {
		a.present(false)
	}
	if a.stageKey(event) {
		return
	}
	on := event.Get("target").Get("tagName").String()
	if on != "BODY" && on != "BUTTON" ||
		page.Modified(event) {
		return
	}
	if page.Data(event.Get("target"), "do") == "plane-reply" && a.nudge(event) {
		return
	}
	if a.turnTab(event.Get("target"), key) {
		event.Call("preventDefault")
		return
	}
	step := int(a.lab.Experiment.Settings[core.Step])
	switch key {
	case " ":
		if on == "BUTTON" {
			return // presses it
		}
		a.playOrPause()
	case "ArrowRight":
		a.goTo(step + 1)
	case "ArrowLeft":
		a.goTo(step - 1)
	default:
		return
	}
	event.Call("preventDefault")
}

func (a *app) present(on bool) {
	a.presenting = on
	a.page.Document.Get("documentElement").Get("classList").Call("toggle", "presenting", on)
	a.page.First("[data-do=present]").Call("setAttribute", "aria-pressed", on)
	a.show.w = 0 // its text is of another size now, whether its frame is or not
}
