//go:build js

package view

import (
	"slices"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// A massView is the view of the mass of the present run and, in lanes under it, of
// those that it is compared with. The present run's bars follow the lab whichever
// view is shown, as the page's sentences tell of them.
type massView struct {
	plain
	bars
	OnReply func(event string, id int) // follows what happens to a reply; "gone" when the view goes
	Still   bool                       // grains jump instead of flying

	ghostUntil float64 // when the ghost is gone, ms; 0 before a frame has shown it

	lanes []*lane // of the compared runs, in their order
	drawn []mass.Lane
	stack mass.Lanes
}

// A lane is the mass of a compared run.
type lane struct {
	bars
	lab *core.Lab
}

// Leave lets the card that belongs to a reply go.
func (v *massView) Leave() { v.OnReply("gone", 0) }

// ghostTime is how long the outline stays after β was last moved, ms.
const ghostTime = 2500

// Haunt leaves an outline of the policy that is shown, as another takes its place.
// While β goes on moving it stays the outline of the policy before.
func (v *massView) Haunt() {
	if v.state.Ghost == 0 {
		v.ghost = append(v.ghost[:0], v.policy...)
	}
	v.state.Ghost, v.ghostUntil = 1, 0
}

// fade lets the outline go in its time.
func (v *massView) fade(now float64) {
	if v.state.Ghost == 0 {
		return
	}
	if v.ghostUntil == 0 {
		v.ghostUntil = now + ghostTime
	}
	v.state.Ghost = float32(min(1, max(0, 2*(v.ghostUntil-now)/ghostTime)))
}

// Moving tells whether grains are under way, or an outline fades.
func (v *massView) Moving(now float64) bool {
	return v.state.Ghost > 0 || v.grains.Moving(now) || slices.ContainsFunc(v.lanes, func(l *lane) bool { return l.grains.Moving(now) })
}

// OnTarget hands on what happens to a reply.
func (v *massView) OnTarget(event string, id int, _, _ float32) { v.OnReply(event, id) }

// Follows tells whether the bars are of the replies that a lab shows, as they are
// once a frame has shown them.
func (v *massView) Follows(l *core.Lab) bool {
	return len(v.shown.Arms) > 0 && v.shown.problem == l.Problem && v.shown.prompt == l.Prompt()
}

// Shown returns the replies that have a bar.
func (v *massView) Shown() *read.Shown { return &v.shown.Shown }

// Pushed returns the bars of the pair that pushes hardest at the step, or −1.
func (v *massView) Pushed() (chosen, rejected int) {
	up, down, ok := v.host.Lab().Pushing()
	if !ok || v.shown.Bar(up) == v.shown.Bar(down) {
		return -1, -1
	}
	return v.shown.Bar(up), v.shown.Bar(down)
}

// Point marks a reply's bar, or none where it is below 0.
func (v *massView) Point(reply int) {
	v.state.Focus = -1
	if reply >= 0 {
		v.state.Focus = v.shown.Bar(reply)
	}
}

// Follow reads the lab, and those that it is compared with, into the bars. Where
// another view is shown the grains jump.
func (v *massView) Follow(now float64, shown bool) {
	l := v.host.Lab()
	other := v.shown.follow(l, now, v.host.Playing()) || !shown
	v.grains.Jump = v.Still
	v.take(l, other, now)
	v.followLanes(now, other)
}

// followLanes reads the compared runs into their lanes.
func (v *massView) followLanes(now float64, other bool) {
	v.fitLanes(v.host.Compared())
	if len(v.lanes) == 0 {
		return
	}
	v.drawn = append(v.drawn[:0], v.lane(v.host.Lab(), &v.bars))
	for _, l := range v.lanes {
		l.lab.Meter.ReadPrompt(l.lab.Run.Policy(), l.lab.Prompt())
		l.shown.Arms, l.shown.Rest, l.grains.Jump = v.shown.Arms, v.shown.Rest, v.Still
		l.take(l.lab, other, now)
		v.drawn = append(v.drawn, v.lane(l.lab, &l.bars))
	}
}

func (v *massView) lane(l *core.Lab, b *bars) mass.Lane {
	return mass.Lane{Name: RunName(l, v.Words), Title: laneTitle(l, v.Words), View: b.view, Mass: &b.state, Grains: b.grains}
}

// fitLanes keeps one lane for each compared run.
func (v *massView) fitLanes(labs []*core.Lab) {
	if slices.EqualFunc(v.lanes, labs, func(l *lane, lab *core.Lab) bool { return l.lab == lab }) {
		return
	}
	old := v.lanes
	v.lanes = nil
	for _, lab := range labs {
		if i := slices.IndexFunc(old, func(o *lane) bool { return o.lab == lab }); i >= 0 {
			v.lanes = append(v.lanes, old[i])
		} else {
			v.lanes = append(v.lanes, &lane{lab: lab, bars: newBars(v.Words)})
		}
	}
	classes := v.Page.ByID("stage").Get("classList")
	for lanes := 2; lanes <= core.MostVariants+1; lanes++ {
		classes.Call("toggle", "lanes-"+strconv.Itoa(lanes), len(labs)+1 == lanes)
	}
}

// Draw draws the present run, and under it those that are compared.
func (v *massView) Draw(p *picture.Picture, f Frame) {
	v.state.Font = f.Font
	v.fade(f.Now)
	if len(v.lanes) == 0 {
		v.view.Draw(p, &v.state, v.grains, f.Now, f.W, f.H)
		return
	}
	for _, l := range v.lanes {
		l.state.Font, l.state.Focus = f.Font, v.state.Focus
	}
	v.stack.Draw(p, v.drawn, f.Now, f.W, f.H)
}
