//go:build js

package main

import (
	"strconv"
	"time"
	"unicode/utf8"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// A clock turns frames into training steps.
type clock struct {
	playing bool
	owed    float64 // steps due and not yet taken, below 1 but for a moment
	last    float64 // time of the last frame, ms
}

// sliceTime is how long one frame may work, so that the page stays responsive.
const sliceTime = 6 * time.Millisecond

// longestGap is the longest time between frames that counts as time, ms. A tab
// that was hidden does not catch up.
const longestGap = 100

// mostConvergence is how many steps a run may take to arrive.
const mostConvergence = 10_000_000

// tick does one frame's work and tells whether the picture changed.
func (a *app) tick(now float64) (dirty bool) {
	c := &a.clock
	dt := min(now-c.last, longestGap)
	c.last = now
	deadline := time.Now().Add(sliceTime)
	if c.playing {
		a.advance(dt, deadline)
		a.link.due = true // a new frame would go on from here
	}
	busy := a.work(deadline)
	dirty = a.updateStage(now)
	a.updateReadouts(now, busy)
	a.link.flush(a, now)
	if a.stage != nil && !busy && !dirty && !c.playing && a.quiet(now) {
		a.stage.Sleep()
	}
	return dirty
}

// quiet tells whether nothing waits for a later frame.
func (a *app) quiet(now float64) bool {
	return !a.fresh && !a.readout.stale && !a.slow.stale && !a.charts.stale && !a.link.due && !a.files.reading && !a.show.view().moving(a, now)
}

// advance moves the target on by the steps that are due.
func (a *app) advance(dt float64, deadline time.Time) {
	s := &a.lab.Experiment.Settings
	end := int(s[core.Steps])
	if int(s[core.Step]) >= end && a.settled() {
		a.pause()
		return
	}
	pace := core.StepsPerSecond(s[core.Speed])
	if pace == 0 {
		a.race(end, deadline)
	} else if a.settled() {
		a.clock.owed += dt / 1000 * pace
		n := int(a.clock.owed)
		a.clock.owed -= float64(n)
		if n > 0 {
			a.lab.Seek(min(end, int(s[core.Step])+n))
		}
	}
}

// race takes as many steps as the frame has time for.
func (a *app) race(end int, deadline time.Time) {
	for time.Now().Before(deadline) {
		a.pace.meet(a.lab)
		if a.settled() {
			step := int(a.lab.Experiment.Settings[core.Step])
			if step >= end {
				return
			}
			a.lab.Seek(min(end, step+a.stride()))
		}
		a.timedWork()
	}
}

// work lets the lab work until the frame's time is used up, and tells whether
// anything is left.
func (a *app) work(deadline time.Time) (busy bool) {
	for {
		if !a.timedWork() {
			return false
		}
		if !time.Now().Before(deadline) {
			return true
		}
	}
}

// timedWork does one slice of every run's work, and tells whether anything is
// left.
func (a *app) timedWork() (busy bool) {
	from, working := a.lab.Run.StepCount(), a.lab.WorkingOut()
	busy = a.pace.work(a.lab, a.lab.Work)
	if a.lab.Run.StepCount() != from || working != a.lab.WorkingOut() {
		a.fresh = true
	}
	busy = a.workVersus() || busy
	busy = a.workLedger() || busy
	return a.show.view().work(a) || busy
}

// A pace is how many training steps of a lab take about a millisecond.
type pace struct {
	steps   int
	problem *core.Problem // that they are steps of
}

// meet sizes the slices for a problem that is new: a step of it may take a
// thousand times as long as one of the last.
func (p *pace) meet(l *core.Lab) {
	if l.Problem != p.problem {
		p.problem, p.steps = l.Problem, max(1, min(256, 50_000/l.Size()))
	}
}

// work does one slice of a lab's work and fits the size of the next to its
// duration.
func (p *pace) work(l *core.Lab, work func(n int) bool) (busy bool) {
	p.meet(l)
	start, from := time.Now(), l.Run.StepCount()
	busy = work(p.steps)
	took := time.Since(start)
	if l.Run.StepCount()-from >= p.steps/2 {
		switch {
		case took < 400*time.Microsecond && p.steps < 1<<20:
			p.steps *= 2
		case took > 1500*time.Microsecond && p.steps > 1:
			p.steps /= 2
		}
	}
	return busy
}

func (a *app) playOrPause() {
	if a.clock.playing {
		a.pause()
		return
	}
	s := &a.lab.Experiment.Settings
	if s[core.Step] >= s[core.Steps] {
		a.seek(0)
	}
	if b := a.sideBySide(); b != nil {
		b.halt()
	}
	a.link.hold(a)
	a.clock.playing, a.clock.owed = true, 1
	a.clock.sync(a)
}

// pause stops playing. Where it stopped is a step of the history.
func (a *app) pause() {
	a.clock.playing = false
	a.clock.sync(a)
	a.readout.stale = true
	a.commit()
}

// goTo pauses and goes to a step of the timeline.
func (a *app) goTo(step int) {
	a.clock.playing = false
	if step < 0 || step > int(a.lab.Experiment.Settings[core.Steps]) {
		return
	}
	a.seek(step)
	a.amend()
}

func (a *app) seek(step int) {
	a.link.hold(a)
	if b := a.sideBySide(); b != nil {
		b.halt()
	}
	a.lab.Seek(step)
	a.fresh = true
	a.readout.stale = true
	a.clock.sync(a)
}

// converge runs until the run has arrived, or says why it never will.
func (a *app) converge() {
	if b := a.sideBySide(); b != nil {
		b.converge(a)
		return
	}
	a.clock.playing = false
	if a.lab.Converging() {
		a.lab.Seek(a.lab.Run.StepCount())
		a.clock.sync(a)
		return
	}
	if why := a.whyNotConverge(); why != "" {
		a.say(why)
		return
	}
	a.link.hold(a)
	a.lab.Converge(mostConvergence)
	a.readout.converging = true
	a.clock.sync(a)
}

// quietens tells that the noise of RLHF's replies dies where it arrives.
func (a *app) quietens() bool {
	cfg := a.lab.Run.RLHF().Config()
	return cfg.Quietens(len(a.lab.Problem.Prompts))
}

func (a *app) whyNotConverge() string {
	s := &a.lab.Experiment.Settings
	switch rlhf := s[core.How] == core.LearnByRLHF; {
	case rlhf && s[core.Fresh] > 0:
		return "converge.fresh"
	case rlhf && a.lab.Run.RLHF() != nil && !a.quietens(), s[core.How] == core.LearnOnline:
		return "converge.noisy"
	case !a.lab.HasOptimum():
		return "converge.unknown"
	case !a.lab.CanArrive():
		return "converge.never"
	case rlhf:
		return ""
	case s[core.Batch] > 0:
		return "converge.batch"
	case a.lab.Overshoots():
		return "converge.swings"
	}
	return ""
}

// arrived lengthens the timeline to where a run to convergence ended, and says
// so.
func (a *app) arrived() {
	e := a.lab.Experiment
	step := e.Settings[core.Step]
	if !a.lab.Arrived() {
		a.say(a.words.Form("converge.most", int(step)), "n", scenes.Count(step))
	} else {
		a.say("converge.done", "n", scenes.Count(step))
	}
	if step > e.Settings[core.Steps] {
		e.Settings[core.Steps] = step
		a.set(e)
	}
	a.clock.sync(a)
	a.commit()
}

// converging tells whether a run is on its way to its arrival, and furthest how
// far the furthest has come.
func (a *app) converging() bool {
	b := a.sideBySide()
	return a.lab.Converging() || b != nil && b.asked
}

func (a *app) furthest() int {
	step := a.lab.Run.StepCount()
	if b := a.sideBySide(); b != nil {
		for _, l := range b.labs {
			step = max(step, l.Run.StepCount())
		}
	}
	return step
}

// sync makes the timeline show what holds.
func (c *clock) sync(a *app) {
	s := &a.lab.Experiment.Settings
	p := a.page
	label, class := "time.play", "primary"
	if c.playing {
		label, class = "time.pause", "primary playing"
	}
	p.get("play-label").setText(a.words.Say(label))
	p.get("play").setAttr("class", class)
	label = "time.converge"
	if a.converging() {
		label = "time.stop"
	}
	p.get("converge").setText(a.words.Say(label))
	steps := strconv.Itoa(int(s[core.Steps]))
	p.get("time").setAttr("max", steps)
	c.reserve(a, scenes.Count(s[core.Steps]))
	c.show(a)
}

// reserve keeps room for the longest text of the clock, so that the slider
// beside it keeps its width under the pointer.
func (c *clock) reserve(a *app, steps string) {
	longest := a.words.Say("time.clock", "step", steps, "steps", steps)
	a.page.get("clock").Get("style").Set("minWidth", strconv.Itoa(utf8.RuneCountInString(longest))+"ch")
}

// show makes the timeline show the step that the run is at.
func (c *clock) show(a *app) {
	s := &a.lab.Experiment.Settings
	at := a.lab.Run.StepCount()
	text := a.words.Say("time.clock", "step", scenes.Count(float64(at)), "steps", scenes.Count(s[core.Steps]))
	if a.converging() {
		text = a.words.Say("time.converging", "step", scenes.Count(float64(a.furthest())))
	} else if step := int(s[core.Step]); at != step && !c.playing {
		text = a.words.Say("time.going", "step", scenes.Count(float64(at)), "to", scenes.Count(float64(step)))
	}
	a.page.get("clock").setText(text)
	slider := a.page.get("time")
	if c.playing || a.lab.Settled() {
		slider.setValue(strconv.Itoa(int(s[core.Step])), true)
	}
	slider.setAttr("aria-valuetext", text)
}
