//go:build js

package main

import "dpoplayground/scenes"

// lossView keeps the loss view in step with the lab.
type lossView struct {
	plainView
	view    *scenes.LossView
	reader  scenes.LossReader
	w, h    float32
	near    []int
	pressed bool // a press has picked what the click that follows it would pick
	focus   int  // the bead that the focus is to go to once it is drawn, or −1
}

func (v *lossView) enter(a *app) {
	if v.view == nil {
		v.view, v.focus = scenes.NewLossView(a.words), -1
	}
	v.reader.Change(a.lab, a.words)
	a.fresh = true
}

func (v *lossView) work(a *app) (busy bool) {
	counting := v.reader.Counting()
	busy = v.reader.Work(a.lab)
	if counting && !busy {
		a.fresh = true
	}
	return busy
}

func (v *lossView) refresh(a *app, _ float64) { v.reader.Read(a.lab, a.pair()) }

func (v *lossView) draw(a *app, p *scenes.Picture, _ float64, w, h float32) {
	v.w, v.h, v.reader.Font = w, h, a.show.font
	v.view.Draw(p, &v.reader.Loss, w, h)
}

func (v *lossView) moving(a *app, _ float64) bool {
	if v.focus >= 0 {
		a.layer.Focus(v.focus)
		v.focus = -1
	}
	return false
}

func (v *lossView) on(a *app, event string, id int, x, y float32) {
	switch event {
	case "press":
		v.pressed = true
		v.pickNear(a, x, y, true)
	case "drag":
		v.pickNear(a, x, y, false)
	case "drop":
		a.commit()
	case "click":
		if !v.pressed {
			v.pick(a, id)
			a.commit()
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
			v.focus = scenes.BeadID(b.Chosen, b.Rejected)
			v.pick(a, v.focus)
			a.amend()
		}
	}
}

// pickNear picks the bead at a place. Where several lie on each other, another
// press picks the next.
func (v *lossView) pickNear(a *app, x, y float32, next bool) {
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
	v.pick(a, scenes.BeadID(b.Chosen, b.Rejected))
}

// pick makes a bead's order of two replies the pair that is worked.
func (v *lossView) pick(a *app, id int) {
	chosen, rejected := scenes.PairOfBead(id)
	e := a.lab.Experiment
	if e.View.Pair != [2]int{chosen, rejected} {
		e.View.Pair = [2]int{chosen, rejected}
		a.set(e)
	}
}
