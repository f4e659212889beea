//go:build js

package main

import (
	"time"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// A raceView shows DPO and RLHF on the experiment's votes.
type raceView struct {
	plainView
	race   *core.Race
	view   *scenes.RaceView
	state  scenes.Race
	shown  scenes.Shown
	picked float64 // when the replies were last chosen, ms
	paces  [2]pace // of the lanes
	ops    int     // of the heats, that take about a millisecond
	heard  [2]int  // runs of the heats that have been shown
	told   bool    // the page says what holds
}

func (v *raceView) enter(a *app) {
	if v.view == nil {
		v.view, v.ops = scenes.NewRaceView(a.words), 20_000
	}
	if v.race == nil || v.race.Lead != a.lab {
		if v.race != nil {
			v.race.Stop()
		}
		v.race = core.NewRace(a.lab)
	} else {
		v.race.Follow()
	}
	v.told, a.fresh = false, true
}

func (v *raceView) leave(*app) { v.race.Stop() }

func (v *raceView) settled(*app) bool { return v.race.Settled() }

// work sends the lanes to the lead's step, and then goes on with the heats.
func (v *raceView) work(a *app) (busy bool) {
	for i, l := range v.race.Lanes {
		if l == nil || l == a.lab {
			continue
		}
		from := l.Run.StepCount()
		if v.paces[i].work(l, func(n int) bool { return v.race.WorkOn(i, n) }) {
			busy = true
		}
		a.fresh = a.fresh || l.Run.StepCount() != from
	}
	aimed := v.race.Aimed()
	start := time.Now()
	running := v.race.Work(v.ops)
	v.fit(time.Since(start), running)
	if aimed != v.race.Aimed() || v.hear() {
		v.told, a.fresh = false, true
	}
	return busy || running
}

// fit sizes the heats' next slice by what the last one took.
func (v *raceView) fit(took time.Duration, running bool) {
	switch {
	case running && took < 400*time.Microsecond && v.ops < 1<<22:
		v.ops *= 2
	case took > 1500*time.Microsecond && v.ops > 1000:
		v.ops /= 2
	}
}

// hear tells whether a run of a heat has come in that is not shown.
func (v *raceView) hear() (news bool) {
	for i, h := range v.race.Heats {
		n := 0
		if h != nil {
			n = len(h.Within)
		}
		news = news || n != v.heard[i]
		v.heard[i] = n
	}
	return news
}

func (v *raceView) refresh(a *app, now float64) {
	if !a.clock.playing || now-v.picked > rechooseAfter {
		v.picked = now
		v.shown.Choose(a.lab)
	}
	for _, l := range v.race.Lanes {
		if l != nil && l != a.lab {
			l.Meter.Look(l.Run.Policy(), l.Prompt())
		}
	}
	v.state.Read(v.race, &v.shown, a.words)
	if !v.told {
		v.told = true
		v.tell(a)
	}
}

// tell writes beside the picture what the race comes to.
func (v *raceView) tell(a *app) {
	s, p := scenes.TellRace(v.race, a.words), a.page
	p.ByID("race-raced").SetText(s.Raced)
	p.ByID("race-conditions").SetText(s.Conditions)
	p.ByID("race-said").SetText(s.Said)
	p.ByID("race-why").SetText(s.Why)
	p.ByID("race-goal").SetText(s.Goal)
	p.ByID("race-seeds").SetText(s.Seeds)
	for row, outs := range raceOuts {
		for lane, out := range outs {
			p.WriteOut(out, s.Rows[row][lane])
		}
	}
	for row, outs := range raceRanges {
		for lane, out := range outs {
			p.WriteOut(out, s.Ranges[row][lane])
		}
	}
}

// raceOuts and raceRanges are where the page has a race's table, by row and lane.
var (
	raceOuts = [...][2]string{scenes.RowUpdates: {"race.updates.dpo", "race.updates.rlhf"}, scenes.RowReplies: {"race.replies.dpo", "race.replies.rlhf"},
		scenes.RowWithin: {"race.within.dpo", "race.within.rlhf"}, scenes.RowLeast: {"race.least.dpo", "race.least.rlhf"},
		scenes.RowMedian: {"race.median.dpo", "race.median.rlhf"}, scenes.RowMost: {"race.most.dpo", "race.most.rlhf"}}
	raceRanges = [...][2]string{{"race.updates.range.dpo", "race.updates.range.rlhf"}, {"race.replies.range.dpo", "race.replies.range.rlhf"}}
)

func (v *raceView) draw(a *app, p *scenes.Picture, _ float64, w, h float32) {
	v.state.Font = a.show.font
	v.view.Draw(p, &v.state, w, h)
}

// on chooses an axis, or goes along the timeline with the plot that is dragged.
func (v *raceView) on(a *app, event string, id int, x, _ float32) {
	axis := id - scenes.RacePlotID
	switch event {
	case "click":
		if id >= scenes.RaceTabID {
			v.state.Axis = id - scenes.RaceTabID
			a.show.stale = true
		}
	case "press", "drag":
		a.clock.playing = false
		a.seek(v.state.StepAt(v.race, axis, v.state.At(&a.show.picture, axis, x)))
	case "drop":
		a.commit()
	case "arrow":
		s := &a.lab.Experiment.Settings
		step := int(s[core.Step]) + int(x)*max(1, int(s[core.Steps])/100)
		a.goTo(max(0, min(int(s[core.Steps]), step)))
	}
}
