//go:build js

package main

import (
	"math"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
)

// A plane is the picture of what a linear policy sees, with a handle over each
// reply, by which it is dragged or moved with the arrow keys.
type plane struct {
	view     scenes.Plane
	picture  scenes.Picture
	next     core.SlowMotion
	dragging bool
}

const (
	planeHeight = 260  // pixels
	planeNudge  = 0.05 // what an arrow key moves a reply by
)

func (a *app) drawPlane() {
	dim := a.lab.Problem.Dim
	note := ""
	if dim > 2 {
		note = a.words.Say("plane.none", "n", strconv.Itoa(dim))
	} else if w := a.weights(); w != nil {
		note = a.words.Say("plane.theta", "x", scenes.Short(w[0]), "y", scenes.Short(w[1]))
	}
	a.page.ByID("plane-note").SetText(note)
	a.page.ByID("plane-time").SetHidden(a.weights() == nil)
	if a.weights() != nil {
		a.drawProbabilities("chart-plane-probs", 150)
		c := a.chart(func(m *core.Measures) float64 { return m.Loss })
		c.Name, c.Large = a.words.Say("measure.loss"), true
		c.Draw(&a.charts.picture, a.words, a.chartWidth("chart-plane-loss"), 130)
		a.print("chart-plane-loss")
	}
	shown := dim > 0 && dim <= 2 && a.weights() != nil
	a.page.ByID("plane").SetHidden(!shown)
	if !shown {
		return
	}
	a.fillPlane()
	v := &a.plane
	v.view.Draw(&v.picture, a.words, a.chartWidth("chart-plane"), planeHeight)
	a.charts.svg = scenes.AppendSVG(a.charts.svg[:0], &v.picture, nil)
	a.page.ByID("chart-plane").Set("innerHTML", string(a.charts.svg))
	a.syncHandles()
}

// weights returns θ − θ₀ as two numbers, or nil if the policy is not linear.
func (a *app) weights() []float64 {
	if w := a.lab.Run.Weights(); w != nil {
		return append(append(make([]float64, 0, 4), w...), 0)
	}
	return nil
}

func (a *app) fillPlane() {
	l, v := a.lab, &a.plane.view
	v.Replies, v.Pairs = v.Replies[:0], v.Pairs[:0]
	for k, r := range l.Problem.Prompts[l.Prompt()].Replies[:min(l.Arms(), mostRows)] {
		q := scenes.PlaneReply{Text: r.Text, Policy: core.Exp(l.Policy()[k]), Reference: core.Exp(l.Reference()[k])}
		for i, to := range [2]*float64{&q.X, &q.Y} {
			if i < len(r.Features) {
				*to = r.Features[i]
			}
		}
		v.Replies = append(v.Replies, q)
	}
	from, _ := l.Problem.Range(l.Prompt())
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		pair := [2]int{t.B - from, t.A - from}
		if t.ForB > t.ForA {
			pair[0], pair[1] = pair[1], pair[0]
		}
		if t.ForA != t.ForB && max(pair[0], pair[1]) < len(v.Replies) {
			v.Pairs = append(v.Pairs, pair)
		}
	}
	copy(v.Theta[:], a.weights())
	v.Step = a.plane.step(l)
}

// step returns what the next step adds to the weights.
func (v *plane) step(l *core.Lab) (step [2]float64) {
	v.next.Read(l, 0, 1)
	for j := range v.next.Weights[:min(len(v.next.Weights), len(step))] {
		w := &v.next.Weights[j]
		step[j] = w.Will - w.Was
	}
	return step
}

// syncHandles puts a button over each reply.
func (a *app) syncHandles() {
	box, p := a.page.ByID("plane-handles"), &a.plane.picture
	targets := p.Targets
	if !a.canEdit() {
		targets = nil
	}
	children := box.Get("children")
	for children.Length() > len(targets) {
		box.Get("lastElementChild").Call("remove")
	}
	for children.Length() < len(targets) {
		button := a.page.Make(box.Value, "button", "handle")
		button.Set("type", "button")
		button.Get("dataset").Set("do", "plane-reply")
		button.Get("dataset").Set("drag", "")
		button.Get("dataset").Set("row", children.Length()-1)
	}
	for i, t := range targets {
		button := children.Index(i)
		if button.Call("getAttribute", "aria-label").String() != t.Name {
			button.Call("setAttribute", "aria-label", t.Name)
		}
		style := button.Get("style")
		style.Set("left", percentOf(t.X+t.W/2, p.W))
		style.Set("top", percentOf(t.Y+t.H/2, p.H))
	}
}

func percentOf(x, whole float32) string {
	return strconv.FormatFloat(float64(100*x/whole), 'f', 3, 64) + "%"
}

// drag follows the pointer with the reply that it holds.
func (a *app) drag(kind string, event js.Value) {
	v, button := &a.plane, event.Get("target")
	switch kind {
	case "pointerdown":
		if event.Get("button").Int() != 0 {
			return
		}
		button.Call("setPointerCapture", event.Get("pointerId"))
		v.dragging, v.view.Extent = true, v.view.Edge()
	case "pointermove":
		if v.dragging {
			a.link.hold(a)
			rect := a.page.ByID("chart-plane").Call("getBoundingClientRect")
			share := func(at, from, size string) float32 {
				return float32((event.Get(at).Float() - rect.Get(from).Float()) / rect.Get(size).Float())
			}
			p := &v.picture
			a.placeReply(page.Row(button), func(x, y float64) (float64, float64) {
				return v.view.At(p.W*share("clientX", "left", "width"), p.H*share("clientY", "top", "height"), p.W, p.H)
			})
		}
	default:
		if v.dragging {
			v.dragging, v.view.Extent = false, 0
			a.commit()
		}
	}
}

// nudge moves the focused reply by an arrow key, and tells whether the key was
// one.
func (a *app) nudge(event js.Value) bool {
	dx, dy := 0.0, 0.0
	switch event.Get("key").String() {
	case "ArrowLeft":
		dx = -planeNudge
	case "ArrowRight":
		dx = planeNudge
	case "ArrowUp":
		dy = planeNudge
	case "ArrowDown":
		dy = -planeNudge
	default:
		return false
	}
	event.Call("preventDefault")
	a.placeReply(page.Row(event.Get("target")), func(x, y float64) (float64, float64) { return x + dx, y + dy })
	a.amend()
	return true
}

// placeReply gives a reply other features, in hundredths.
func (a *app) placeReply(reply int, move func(x, y float64) (float64, float64)) {
	e := a.lab.Experiment.Own(a.presets)
	e.File = nil
	replies := e.Prompts[a.lab.Prompt()].Replies
	if reply >= len(replies) {
		return
	}
	r := &replies[reply]
	r.SetFeature(1, at(r.Features, 1))
	x, y := move(r.Features[0], r.Features[1])
	if x, y = hundredths(x), hundredths(y); x != r.Features[0] || y != r.Features[1] {
		r.Features[0], r.Features[1] = x, y
		a.set(e)
	}
}

func at(list []float64, i int) float64 {
	if i < len(list) {
		return list[i]
	}
	return 0
}

func hundredths(x float64) float64 {
	return max(-core.MostFeature, min(core.MostFeature, math.Round(100*x)/100+0))
}
