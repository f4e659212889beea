//go:build js

package view

import (
	"time"

	"dpoplayground/core"
	"dpoplayground/core/race"
	"dpoplayground/scenes/picture"
	raceview "dpoplayground/scenes/race"
)

// A raceView shows DPO and RLHF on the experiment's votes.
type raceView struct {
	plain
	race    *race.Race
	view    *raceview.View
	state   raceview.Race
	shown   choice
	picture *picture.Picture // that was drawn last
	paces   [2]Pace          // of the lanes
	ops     int              // of the heats, that take about a millisecond
	heard   [2]int           // runs of the heats that have been shown
	told    bool             // the page says what holds
}

func (v *raceView) Enter() {
	if v.race == nil || v.race.Lead != v.host.Lab() {
		if v.race != nil {
			v.race.Stop()
		}
		v.race = race.New(v.host.Lab())
	} else {
		v.race.Follow()
	}
	v.told = false
	v.host.Reread()
}

func (v *raceView) Leave() { v.race.Stop() }

func (v *raceView) Settled() bool { return v.race.Settled() }

// Work sends the lanes to the lead's step, and then goes on with the heats.
func (v *raceView) Work() (busy bool) {
	for i, l := range v.race.Lanes {
		if l == nil || l == v.host.Lab() {
			continue
		}
		from := l.Run.StepCount()
		if v.paces[i].Work(l, func(n int) bool { return v.race.WorkOn(i, n) }) {
			busy = true
		}
		if l.Run.StepCount() != from {
			v.host.Reread()
		}
	}
	aimed := v.race.Aimed()
	start := time.Now()
	running := v.race.Work(v.ops)
	if running {
		v.ops = fitSlice(v.ops, 1000, 1<<22, time.Since(start))
	}
	if aimed != v.race.Aimed() || v.hear() {
		v.told = false
		v.host.Reread()
	}
	return busy || running
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

func (v *raceView) Refresh(now float64) {
	v.shown.follow(v.host.Lab(), now, v.host.Playing())
	for _, l := range v.race.Lanes {
		if l != nil && l != v.host.Lab() {
			l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
		}
	}
	v.state.Read(v.race, &v.shown.Shown, v.Words)
	if !v.told {
		v.told = true
		v.tell()
	}
}

// tell writes beside the picture what the race comes to.
func (v *raceView) tell() {
	s, p := raceview.Tell(v.race, v.Words), v.Page
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
	raceOuts = [...][2]string{raceview.RowUpdates: {"race.updates.dpo", "race.updates.rlhf"}, raceview.RowReplies: {"race.replies.dpo", "race.replies.rlhf"},
		raceview.RowWithin: {"race.within.dpo", "race.within.rlhf"}, raceview.RowLeast: {"race.least.dpo", "race.least.rlhf"},
		raceview.RowMedian: {"race.median.dpo", "race.median.rlhf"}, raceview.RowMost: {"race.most.dpo", "race.most.rlhf"}}
	raceRanges = [...][2]string{{"race.updates.range.dpo", "race.updates.range.rlhf"}, {"race.replies.range.dpo", "race.replies.range.rlhf"}}
)

// Runs are the lanes that can be run.
func (v *raceView) Runs() (labs []*core.Lab) {
	for _, l := range v.race.Lanes {
		if l != nil {
			labs = append(labs, l)
		}
	}
	return labs
}

func (v *raceView) Draw(p *picture.Picture, f Frame) {
	v.picture, v.state.Font = p, f.Font
	v.view.Draw(p, &v.state, f.W, f.H)
}

// OnTarget chooses an axis, or goes along the timeline with the plot that is dragged.
func (v *raceView) OnTarget(event string, id int, x, _ float32) {
	axis := id - raceview.PlotID
	switch event {
	case "click":
		if id >= raceview.TabID {
			v.state.Axis = id - raceview.TabID
			v.host.Redraw()
		}
	case "press", "drag":
		v.host.Play(false)
		v.host.Seek(v.state.StepAt(v.race, axis, v.state.At(v.picture, axis, x)))
	case "drop":
		v.host.Record(Made)
	case "arrow":
		s := &v.host.Lab().Experiment.Settings
		step := int(s[core.Step]) + int(x)*max(1, int(s[core.Steps])/100)
		v.host.Play(false)
		v.host.Seek(max(0, min(int(s[core.Steps]), step)))
		v.host.Record(Nudged)
	}
}
