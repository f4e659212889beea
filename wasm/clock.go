//go:build js

package main

import (
	"strconv"
	"syscall/js"
	"time"
	"unicode/utf8"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/view"
)

// A clock turns frames into training steps.
type clock struct {
	*app
	playing bool
	owed    float64 // steps due and not yet taken, below 1 but for a moment
	last    float64 // time of the last frame, ms
	pace    view.Pace
	room    string // that is kept for the longest text

	short, long float64 // the timeline's length before a run to convergence, and since
}

func (k *clock) register(on *handlers) {
	step := func() int { return int(k.lab.Experiment.Settings[core.Step]) }
	on.do["play"] = func(js.Value) { k.playOrPause() }
	on.do["reset"] = func(js.Value) { k.rewind() }
	on.do["back"] = func(js.Value) { k.goTo(step() - 1) }
	on.do["forward"] = func(js.Value) { k.goTo(step() + 1) }
	on.do["converge"] = func(js.Value) { k.converge() }
	on.input["seek"] = func(slider js.Value) {
		k.halt()
		k.seek(slider.Get("valueAsNumber").Int())
	}
	on.change["seek"] = func(js.Value) { k.link.commit() }
	on.keys = append(on.keys, k.onKey)
	on.shows(k.sync) // whatever has changed may have ended a run to convergence
}

// onKey plays at the space bar and steps at the arrows, where these mean nothing
// to what has the focus.
func (k *clock) onKey(event js.Value) bool {
	on := event.Get("target").Get("tagName").String()
	if on != "BODY" && on != "BUTTON" {
		return false
	}
	step := int(k.lab.Experiment.Settings[core.Step])
	switch key := event.Get("key").String(); {
	case key != " " && key != "ArrowRight" && key != "ArrowLeft", key == " " && on == "BUTTON":
		return false
	case k.handout.stopsTime():
	case key == " ":
		k.playOrPause()
	case key == "ArrowRight":
		k.goTo(step + 1)
	default:
		k.goTo(step - 1)
	}
	return true
}

// sliceTime is how long one frame may work, so that the page stays responsive.
const sliceTime = 6 * time.Millisecond

// longestGap is the longest time between frames that counts as time, ms. A tab
// that was hidden does not catch up.
const longestGap = 100

// mostConvergence is how many steps a run may take to arrive.
const mostConvergence = 10_000_000

// doubtfulConvergence is how many steps such a run may take where steps are drawn,
// or too large for the optimum to be stable.
const doubtfulConvergence = 100_000

// tick does one frame's work and tells whether the picture changed.
func (k *clock) tick(now float64) (dirty bool) {
	dt := min(now-k.last, longestGap)
	k.last = now
	deadline := time.Now().Add(sliceTime)
	if k.playing {
		k.advance(dt, deadline)
		k.link.due = true // a new frame would go on from here
	}
	busy := k.work(deadline)
	if k.playing && k.ended() {
		k.pause()
	}
	dirty = k.screen.update(now)
	k.readout.update(now, busy)
	k.link.flush(now)
	if !busy && !dirty && !k.playing && k.quiet(now) {
		k.screen.rest()
	}
	return dirty
}

// ended tells whether every run stands at the end of the timeline.
func (k *clock) ended() bool {
	s := &k.lab.Experiment.Settings
	return s[core.Step] >= s[core.Steps] && k.settled()
}

// quiet tells whether nothing waits for a later frame.
func (k *clock) quiet(now float64) bool {
	return !k.screen.fresh && !k.screen.layer.Waits() && !k.readout.stale && !k.slow.stale && !k.charts.stale && !k.link.due && !k.files.reading && k.lessons.awaited == "" && !k.screen.view().Moving(now)
}

// advance moves the target on by the steps that are due.
func (k *clock) advance(dt float64, deadline time.Time) {
	s := &k.lab.Experiment.Settings
	end := int(s[core.Steps])
	if k.ended() {
		return
	}
	pace := core.StepsPerSecond(s[core.Speed])
	if pace == 0 {
		k.race(end, deadline)
	} else if k.settled() {
		k.owed += dt / 1000 * pace
		n := int(k.owed)
		k.owed -= float64(n)
		if n > 0 {
			k.lab.Seek(min(end, int(s[core.Step])+n))
		}
	}
}

// race takes as many steps as the frame has time for.
func (k *clock) race(end int, deadline time.Time) {
	for time.Now().Before(deadline) {
		k.pace.Meet(k.lab)
		if k.settled() {
			step := int(k.lab.Experiment.Settings[core.Step])
			if step >= end {
				return
			}
			k.lab.Seek(min(end, step+k.versus.stride(k.pace.Steps)))
		}
		k.timedWork()
	}
}

// work lets the lab work until the frame's time is used up, and tells whether
// anything is left.
func (k *clock) work(deadline time.Time) (busy bool) {
	for {
		if !k.timedWork() {
			return false
		}
		if !time.Now().Before(deadline) {
			return true
		}
	}
}

// timedWork does one slice of every run's work, and tells whether anything is
// left.
func (k *clock) timedWork() (busy bool) {
	from, working := k.lab.Run.StepCount(), k.lab.WorkingOut()
	busy = k.pace.Work(k.lab, k.lab.Work)
	if k.lab.Run.StepCount() != from || working != k.lab.WorkingOut() {
		k.host.Reread()
	}
	busy = k.versus.work() || busy
	busy = k.ledger.work() || busy
	busy = k.lessons.work(k.pace.Steps) || busy
	return k.screen.view().Work() || busy
}

// settled tells whether every run stands where it was asked to.
func (k *clock) settled() bool {
	return k.lab.Settled() && k.versus.settled() && k.screen.view().Settled()
}

func (k *clock) playOrPause() {
	if k.playing {
		k.pause()
		return
	}
	s := &k.lab.Experiment.Settings
	if s[core.Step] >= s[core.Steps] {
		k.seek(0)
	}
	if b := k.screen.sideBySide(); b != nil {
		b.Halt()
	}
	k.link.hold()
	k.playing, k.owed = true, 1
	k.sync()
}

// halt stops playing, as something else is to happen.
func (k *clock) halt() {
	if k.playing {
		k.playing = false
		k.sync()
	}
}

// pause stops playing. Where it stopped is a step of the history.
func (k *clock) pause() {
	k.halt()
	k.readout.stale = true
	k.link.commit()
}

// goTo pauses and goes to a step of the timeline.
func (k *clock) goTo(step int) {
	k.halt()
	if step < 0 || step > int(k.lab.Experiment.Settings[core.Steps]) {
		return
	}
	k.seek(step)
	k.link.amend()
}

// rewind goes back to step 0. A timeline that a run to convergence has lengthened is
// as long again as it was.
func (k *clock) rewind() {
	if e := k.lab.Experiment; k.long > 0 && e.Settings[core.Steps] == k.long {
		k.halt()
		k.long = 0
		e.Settings[core.Step], e.Settings[core.Steps] = 0, k.short
		k.host.SetAndRecord(e)
		return
	}
	k.goTo(0)
}

func (k *clock) seek(step int) {
	k.link.hold()
	if b := k.screen.sideBySide(); b != nil {
		b.Halt()
	}
	k.lab.Seek(step)
	k.host.Reread()
	k.readout.stale = true
	k.sync()
}

// converge runs until the run has arrived, or says why it never will.
func (k *clock) converge() {
	k.halt()
	if k.lab.Veiled() {
		k.voice.Announce("arrives.hidden") // a run to there would show it
		return
	}
	if b := k.screen.sideBySide(); b != nil {
		k.convergeSideBySide(b)
		return
	}
	if k.lab.Converging() {
		k.lab.Seek(k.lab.Run.StepCount())
		k.sync()
		return
	}
	if why := k.whyNotConverge(); why != "" {
		k.voice.Announce(why)
		return
	}
	k.link.hold()
	k.lab.Converge(k.mostSteps())
	k.readout.converging = true
	k.sync()
}

// convergeSideBySide runs every β until it has arrived, or says why none ever
// will. The clock then goes to the slowest.
func (k *clock) convergeSideBySide(b *view.Betas) {
	switch {
	case b.Converging():
		b.Stop()
	case b.Converge(k.mostSteps()):
		k.link.hold()
	case k.whyNotConverge() != "":
		k.voice.Announce(k.whyNotConverge())
	}
	k.sync()
}

// whyNotConverge says why a run to convergence would not end, as far as that is
// established, or returns "".
func (k *clock) whyNotConverge() string {
	l, m := k.lab, facts.Measured(k.lab)
	s := &l.Experiment.Settings
	direct := s[core.How] == core.LearnDirectly
	switch {
	case !direct && facts.Samples(l), s[core.How] == core.LearnByRLHF && s[core.Fresh] > 0:
		return "converge.noisy"
	case facts.Finite(l) == facts.Unknown:
		return "converge.unknown"
	case facts.Finite(l) == facts.No:
		return "converge.never"
	case m.Oscillates(l) == facts.Yes:
		return "converge.swings"
	case facts.Samples(l) && m.Jitters() == facts.Yes:
		return "converge.jitters"
	}
	return ""
}

// mostSteps is how many steps a run to convergence may take: fewer where it is
// not likely to end.
func (k *clock) mostSteps() int {
	if facts.Samples(k.lab) || k.lab.Overshoots() {
		return doubtfulConvergence
	}
	return mostConvergence
}

// arrived lengthens the timeline to where a run to convergence ended, and says
// so.
func (k *clock) arrived() {
	e := k.lab.Experiment
	step := e.Settings[core.Step]
	if !k.lab.Arrived() {
		k.voice.Announce(k.words.Form("converge.most", int(step)), "n", words.Count(step))
	} else {
		k.voice.Announce("converge.done", "n", words.Count(step))
	}
	if step > e.Settings[core.Steps] {
		if e.Settings[core.Steps] != k.long {
			k.short = e.Settings[core.Steps]
		}
		k.long = step
		e.Settings[core.Steps] = step
		k.host.Set(e)
	}
	k.sync()
	k.link.commit()
}

// converging tells whether a run is on its way to its arrival, and furthest how
// far the furthest has come.
func (k *clock) converging() bool {
	b := k.screen.sideBySide()
	return k.lab.Converging() || b != nil && b.Converging()
}

func (k *clock) furthest() int {
	step := k.lab.Run.StepCount()
	if b := k.screen.sideBySide(); b != nil {
		for _, l := range b.Runs() {
			step = max(step, l.Run.StepCount())
		}
	}
	return step
}

// sync makes the timeline show what holds.
func (k *clock) sync() {
	s := &k.lab.Experiment.Settings
	p := k.page
	label, class := "time.play", "primary"
	if k.playing {
		label, class = "time.pause", "primary playing"
	}
	p.ByID("play-label").SetText(k.words.Say(label))
	p.ByID("play").SetAttr("class", class)
	label = "time.converge"
	if k.converging() {
		label = "time.stop"
	}
	p.ByID("converge").SetText(k.words.Say(label))
	steps := strconv.Itoa(int(s[core.Steps]))
	p.ByID("time").SetAttr("max", steps)
	k.keepRoom(words.Count(s[core.Steps]))
	k.show()
}

// keepRoom keeps room for the longest text of the clock, so that the slider
// beside it keeps its width under the pointer.
func (k *clock) keepRoom(steps string) {
	if k.room != steps {
		k.room = steps
		longest := k.words.Say("time.clock", "step", steps, "steps", steps)
		k.page.ByID("clock").Get("style").Set("minWidth", strconv.Itoa(utf8.RuneCountInString(longest))+"ch")
	}
}

// show makes the timeline show the step that the run is at.
func (k *clock) show() {
	s := &k.lab.Experiment.Settings
	at := k.lab.Run.StepCount()
	text := k.words.Say("time.clock", "step", words.Count(float64(at)), "steps", words.Count(s[core.Steps]))
	if k.converging() {
		text = k.words.Say("time.converging", "step", words.Count(float64(k.furthest())))
	} else if step := int(s[core.Step]); at != step && !k.playing {
		text = k.words.Say("time.going", "step", words.Count(float64(at)), "to", words.Count(float64(step)))
	}
	k.page.ByID("clock").SetText(text)
	slider := k.page.ByID("time")
	if k.playing || k.lab.Settled() {
		slider.SetValue(strconv.Itoa(int(s[core.Step])))
	}
	slider.SetAttr("aria-valuetext", text)
}
