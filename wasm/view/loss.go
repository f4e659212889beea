//go:build js

package view

import (
	"dpoplayground/scenes/loss"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// lossView keeps the loss view in step with the lab.
type lossView struct {
	plain
	view    *loss.View
	reader  loss.Reader
	w, h    float32
	near    []int
	pressed bool // a press has picked what the click that follows it would pick
	focus   int  // the bead that the focus is to go to once it is drawn, or −1
}

func (v *lossView) Enter() {
	v.reader.Change(v.host.Lab(), v.Words)
	v.host.Reread()
}

func (v *lossView) Work() (busy bool) {
	counting := v.reader.Counting()
	busy = v.reader.Work(v.host.Lab())
	if counting && !busy {
		v.host.Reread()
	}
	return busy
}

func (v *lossView) Refresh(_ float64) { v.reader.Read(v.host.Lab(), read.WorkedPair(v.host.Lab())) }

func (v *lossView) Draw(p *picture.Picture, f Frame) {
	v.w, v.h, v.reader.Font = f.W, f.H, f.Font
	v.view.Draw(p, &v.reader.Loss, f.W, f.H)
}

func (v *lossView) Moving(_ float64) bool {
	if v.focus >= 0 {
		v.host.Focus(v.focus)
		v.focus = -1
	}
	return false
}

func (v *lossView) OnTarget(event string, id int, x, y float32) {
	switch event {
	case "press":
		v.pressed = true
		v.pickNear(x, y, true)
	case "drag":
		v.pickNear(x, y, false)
	case "drop":
		v.host.Record(Made)
	case "click":
		if !v.pressed {
			v.pick(id)
			v.host.Record(Made)
		}
		v.pressed = false
	case "arrow":
		v.pressed = false
		way := int(x)
		if way == 0 {
			way = int(y) // downhill is to the right
		}
		if i := v.reader.Beside(way); i >= 0 {
			b := &v.reader.Beads[i]
			v.focus = loss.BeadID(b.Chosen, b.Rejected)
			v.pick(v.focus)
			v.host.Record(Nudged)
		}
	}
}

// pickNear picks the bead at a place. Where several lie on each other, another
// press picks the next.
func (v *lossView) pickNear(x, y float32, next bool) {
	m := &v.reader.Loss
	v.near = v.view.Near(v.near[:0], m, x, y, v.w, v.h)
	if len(v.near) == 0 {
		return
	}
	at := 0
	for i, k := range v.near {
		if b := &m.Beads[k]; next && b.Chosen == m.Picked.Chosen && b.Rejected == m.Picked.Rejected {
			at = (i + 1) % len(v.near)
		}
	}
	b := &m.Beads[v.near[at]]
	v.pick(loss.BeadID(b.Chosen, b.Rejected))
}

// pick makes a bead's order of two replies the pair that is worked.
func (v *lossView) pick(id int) {
	chosen, rejected := loss.PairOfBead(id)
	e := v.host.Lab().Experiment
	if e.View.Pair != [2]int{chosen, rejected} {
		e.View.Pair = [2]int{chosen, rejected}
		v.host.Set(e)
	}
}
