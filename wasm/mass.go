//go:build js

package main

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// mass keeps the mass view in step with the lab.
type mass struct {
	names  scenes.Teller
	view   *scenes.MassView
	grains *scenes.Grains
	state  scenes.Mass
	shown  scenes.Shown
	flow   core.Flow

	problem  *core.Problem // that the grains lie for
	prompt   int
	run      *core.Run
	step     int
	was, now []float64 // log-probabilities of the bars
	policy   []float64
	chosenAt float64 // when the replies were last chosen, ms
}

// rechooseAfter is how long the choice of replies holds while a run plays, ms.
const rechooseAfter = 2000

// A massView shows the mass of the present run and, in lanes under it, of those
// that it is compared with.
type massView struct{ plainView }

func (massView) leave(a *app) {
	a.card.dismiss()
	a.card.point(-1)
}

func (massView) moving(a *app, now float64) bool {
	return a.mass.grains.Moving(now) || a.versus.moving(now)
}

func (massView) draw(a *app, p *scenes.Picture, now float64, w, h float32) { a.drawMass(p, now, w, h) }

func (massView) on(a *app, event string, id int, _, _ float32) { a.card.on(event, id) }

// refreshMass reads the lab into the bars, which more than the mass view tells
// of, and sends the grains along.
func (a *app) refreshMass(now float64) {
	m, l := &a.mass, a.lab
	other := l.Problem != m.problem || l.Prompt() != m.prompt
	if other || !a.clock.playing || now-m.chosenAt > rechooseAfter {
		m.chosenAt = now
		other = m.shown.Choose(l) || other
	}
	other = other || !a.show.is(core.ViewMass)
	m.take(l, other, now)
	a.refreshLanes(now, other)
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
	m.state.Prompt = m.names.Asked(l.Problem, l.Prompt())
	m.state.Step, m.state.Reached = l.Run.StepCount(), reached
	m.state.Replies = m.state.Replies[:0]
	rest := scenes.MassReply{Rest: true, RestCount: m.shown.Rest, ID: len(replies), Policy: 1, Reference: 1, Optimum: 1}
	for _, k := range m.shown.Arms {
		r := scenes.MassReply{Text: m.names.Told(l.Problem, l.Prompt(), k), ID: k,
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
