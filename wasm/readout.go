//go:build js

package main

import (
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/view"
)

// readout keeps the page's words and numbers in step with the lab, at a
// humane rate.
type readout struct {
	*app
	story      read.Story
	stale      bool
	converging bool
	last       float64 // when the numbers were last written, ms
	aloud      float64 // when something was last said aloud, ms
	said       string
	again      float64 // the β for which the run was computed again; 0 for none
	againAt    int     // the step at which that was said; 0 before
}

const (
	readoutInterval = 100  // between two writings of numbers, ms
	aloudInterval   = 4000 // between two sentences said aloud while playing, ms
)

// update writes what changed, while the run moves at most ten times a
// second.
func (ro *readout) update(now float64, busy bool) {
	if ro.converging && !ro.lab.Converging() && ro.lab.Settled() {
		ro.converging = false
		ro.clock.arrived()
	}
	moving := ro.clock.playing || busy
	if ro.stale && !(moving && now-ro.last < readoutInterval) {
		ro.stale, ro.last = false, now
		ro.write(now, moving)
	}
	ro.slow.update(now)
	ro.charts.update(now, moving)
}

func (ro *readout) write(now float64, moving bool) {
	l, p := ro.lab, ro.page
	step := l.Run.StepCount()
	ro.clock.show()
	p.ByID("honest-now").SetText(ro.words.Say(ro.words.Form("honest.now", step), "step", words.Count(float64(step))))
	p.ByID("kl-now").SetText(words.Fixed(num.KL(l.Policy(), l.Reference()), 3))
	headed, kl := "honest.optimum", "–"
	if l.HasOptimum() {
		kl = words.Fixed(l.Optimum.KL, 3)
		if !l.CanArrive() {
			headed = "honest.limit"
		}
	}
	if l.KLVeiled() {
		kl = ro.words.Say("honest.hidden")
	}
	p.ByID("honest-headed").SetText(ro.words.Say(headed))
	p.ByID("kl-optimum").SetText(kl)
	p.ByID("arrives").SetText(read.Arrives(l, ro.words))
	ro.tellLegend()
	if l.Settled() {
		ro.tell(now, moving)
	} else if l.Converging() {
		p.ByID("said").SetText(ro.words.Say("said.running", "step", words.Count(float64(step))))
		ro.said = ""
	}
	ro.tellLanes()
	ro.slow.stale = true
	for _, t := range ro.on.tells {
		if t.panel == "" || ro.panels.isOpen(t.panel) {
			t.write()
		}
	}
	ro.card.write()
}

// tell says in words what the last step did, on screen and, less often, aloud.
func (ro *readout) tell(now float64, moving bool) {
	s := ro.story.Tell(ro.lab, ro.screen.views.Mass.Shown(), ro.words)
	if ro.lab.Run.StepCount() > 0 {
		if ranked := ro.ranked(); ranked != "" {
			s += " " + ranked
		}
	}
	if chosen, rejected := ro.screen.views.Mass.Pushed(); chosen >= 0 && !ro.lab.Experiment.Settings.Objective().Alone {
		key := "said.push"
		if ro.lab.Run.StepCount() > 0 && (ro.story.Rose(rejected) || !ro.story.Rose(chosen)) {
			key = "said.push.outweighed"
		}
		s += " " + ro.words.Say(key, "up", ro.screen.views.Mass.Shown().Name(ro.lab, chosen, ro.words),
			"down", ro.screen.views.Mass.Shown().Name(ro.lab, rejected, ro.words))
	}
	s = ro.sayAgain() + s
	if ro.lab.Experiment.View.Hides(core.HideVerdicts) {
		s = "" // nor is it said aloud
	}
	if s == ro.said {
		return
	}
	ro.said = s
	ro.page.ByID("said").SetText(s)
	if s == "" || !moving || now-ro.aloud > aloudInterval {
		ro.aloud = now
		ro.page.ByID("aloud").SetText(s)
	}
}

// sayAgain says that β was moved and the run computed again, as long as it stands there.
func (ro *readout) sayAgain() string {
	step := ro.lab.Run.StepCount()
	if ro.againAt == 0 {
		ro.againAt = step
	}
	if ro.again != ro.lab.Experiment.Settings[core.Beta] || ro.againAt != step {
		ro.again, ro.againAt = 0, 0
		return ""
	}
	return ro.words.Say("said.again", "beta", strconv.FormatFloat(ro.again, 'f', -1, 64)) + " "
}

// ranked says how many of the votes the policy now ranks right. A run that does
// not read them is not measured by them.
func (ro *readout) ranked() string {
	learner := ro.lab.RLHF()
	if ro.lab.Problem.Total == 0 || ro.lab.Large() || learner != nil && learner.RewardStatus() == rlhf.RewardCustom {
		return ""
	}
	m := ro.lab.Meter.Read(ro.lab.Run.Policy(), ro.lab.Prompt())
	return ro.words.Say("said.ranked", "share", words.Percent(m.Accuracy))
}

// tellLegend names those marks of where a run is headed that the lanes have.
func (ro *readout) tellLegend() {
	if ro.lab.WorkingOut() {
		return
	}
	var drawn [picture.Unknown + 1]bool
	drawn[read.ReachedBy(ro.lab)] = true
	for _, l := range ro.versus.runs() {
		drawn[read.ReachedBy(l)] = true
	}
	ro.page.ByID("legend-optimum").SetHidden(!drawn[picture.Reachable])
	ro.page.ByID("legend-limit").SetHidden(!drawn[picture.NeverReached])
}

// tellLanes says in a sentence for each run which reply leads, and its KL.
func (ro *readout) tellLanes() {
	said := ro.page.ByID("lanes-said")
	none := len(ro.versus.runs()) == 0 || !ro.screen.is(core.ViewMass)
	if said.SetHidden(none); none {
		return
	}
	var b strings.Builder
	for _, l := range append([]*core.Lab{ro.lab}, ro.versus.runs()...) {
		top, policy := 0, l.Policy()
		for k := range policy {
			if policy[k] > policy[top] {
				top = k
			}
		}
		reply := read.Told(l.Problem.Prompts[l.Prompt()].Replies, top)
		b.WriteString(ro.words.Say("versus.said", "run", view.RunName(l, ro.words), "reply", read.Quoted(reply),
			"share", words.Percent(num.Exp(policy[top])), "kl", words.Fixed(l.Now(), 3)) + " ")
	}
	said.SetText(strings.TrimSpace(b.String()))
}
