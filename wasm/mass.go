//go:build js

package main

import (
	"math"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// mass keeps the mass view in step with the lab.
type mass struct {
	view    *scenes.MassView
	grains  *scenes.Grains
	state   scenes.Mass
	shown   scenes.Shown
	picture scenes.Picture
	flow    core.Flow

	problem  *core.Problem // that the grains lie for
	prompt   int
	run      *core.Run
	step     int
	was, now []float64 // log-probabilities of the bars
	policy   []float64
	chosenAt float64 // when the replies were last chosen, ms
	w, h     float32
	body     js.Value
	stale    bool // the picture must be made anew although nothing moved
}

// rechooseAfter is how long the choice of replies holds while a run plays, ms.
const rechooseAfter = 2000

// updateMass makes a new picture if anything in it changed, and tells whether
// it did.
func (a *app) updateMass(now float64) bool {
	m := &a.mass
	w, h := a.stageSize()
	if w != m.w || h != m.h {
		m.w, m.h, m.stale = w, h, true
		m.state.Font = a.page.fontSize()
	}
	if a.fresh {
		a.refresh(now)
	}
	if !m.stale && !m.grains.Moving(now) && !a.versus.moving(now) {
		return false
	}
	m.stale = false
	if w < 1 || h < 1 {
		return false
	}
	a.drawMass(now, w, h)
	a.layer.Show(&m.picture, a.theme)
	return true
}

func (a *app) stageSize() (w, h float32) {
	if !a.mass.body.Truthy() {
		a.mass.body = js.Global().Get("document").Get("body")
	}
	return float32(a.mass.body.Get("clientWidth").Float()), float32(a.mass.body.Get("clientHeight").Float())
}

// refresh reads the lab into the view's state and sends the grains along.
func (a *app) refresh(now float64) {
	a.fresh = false
	m, l := &a.mass, a.lab
	l.Meter.Look(l.Run.Policy(), l.Prompt())
	other := l.Problem != m.problem || l.Prompt() != m.prompt
	if other || !a.clock.playing || now-m.chosenAt > rechooseAfter {
		m.chosenAt = now
		other = m.shown.Choose(l) || other
	}
	m.take(l, other, now)
	a.refreshLanes(now, other)
	m.stale = true
	a.readout.stale = true
}

// take takes over where a lab stands. The bars may be of other replies than
// before.
func (m *mass) take(l *core.Lab, other bool, now float64) {
	if other || l.Run != m.run || l.Run.StepCount() < m.step {
		m.state.Peak = 0
	}
	m.problem, m.prompt, m.run, m.step = l.Problem, l.Prompt(), l.Run, l.Run.StepCount()
	m.fill(l)
	m.moveGrains(now, other)
}

// fill writes the bars.
func (m *mass) fill(l *core.Lab) {
	reached := scenes.ReachedBy(l)
	replies := l.Problem.Prompts[l.Prompt()].Replies
	m.state.Prompt = l.Problem.Prompts[l.Prompt()].Text
	m.state.Step, m.state.Reached = l.Run.StepCount(), reached
	m.state.Replies = m.state.Replies[:0]
	rest := scenes.MassReply{Rest: true, RestCount: m.shown.Rest, ID: len(replies), Policy: 1, Reference: 1, Optimum: 1}
	for _, k := range m.shown.Arms {
		r := scenes.MassReply{Text: replies[k].Text, ID: k,
			Policy: core.Exp(l.Policy()[k]), Reference: core.Exp(l.Reference()[k])}
		if reached != scenes.Unknown {
			r.Optimum = core.Exp(l.Optimum.LogPi[k])
		}
		rest.Policy -= r.Policy
		rest.Reference -= r.Reference
		rest.Optimum -= r.Optimum
		m.state.Replies = append(m.state.Replies, r)
	}
	if m.shown.Rest > 0 {
		rest.Policy, rest.Reference, rest.Optimum = math.Max(0, rest.Policy), math.Max(0, rest.Reference), math.Max(0, rest.Optimum)
		m.state.Replies = append(m.state.Replies, rest)
	}
	m.policy = m.policy[:0]
	for i := range m.state.Replies {
		p := m.state.Replies[i].Policy
		m.policy = append(m.policy, p)
		m.state.Peak = math.Max(m.state.Peak, p)
	}
	m.state.PairChosen, m.state.PairRejected = -1, -1
	if up, down, ok := l.Pushing(); ok && m.shown.Bar(up) != m.shown.Bar(down) {
		m.state.PairChosen, m.state.PairRejected = m.shown.Bar(up), m.shown.Bar(down)
	}
}

// moveGrains sends grains along the flows from what was shown to what is.
func (m *mass) moveGrains(now float64, other bool) {
	m.now = m.now[:0]
	for _, p := range m.policy {
		m.now = append(m.now, math.Log(math.Max(p, 1e-300)))
	}
	if other || len(m.was) != len(m.now) {
		m.grains.Reset(m.policy)
	} else {
		m.flow.Between(m.was, m.now)
		m.grains.Move(m.policy, m.flow.Net, now)
	}
	m.was = append(m.was[:0], m.now...)
}
