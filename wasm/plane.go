//go:build js

package main

import (
	"math"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/slowmotion"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// A plane is the picture of what a linear policy sees, with a handle over each
// reply, by which it is dragged or moved with the arrow keys.
type plane struct {
	*app
	view     chart.Plane
	w, h     float32 // of its picture
	next     slowmotion.SlowMotion
	dragging bool
}

const (
	planeHeight = 260  // pixels
	planeNudge  = 0.05 // what an arrow key moves a reply by
)

func (pl *plane) register(on *handlers) {
	on.drag = pl.drag
	on.keys = append(on.keys, pl.nudge)
	on.draws = append(on.draws, panelWriter{"plane", pl.draw})
}

func (pl *plane) draw() {
	dim := pl.lab.Problem.Dim
	note := ""
	if dim > 2 {
		note = pl.words.Say("plane.none", "n", strconv.Itoa(dim))
	} else if w := pl.weights(); w != nil {
		note = pl.words.Say("plane.theta", "x", words.Short(w[0]), "y", words.Short(w[1]))
	}
	pl.page.ByID("plane-note").SetText(note)
	pl.page.ByID("plane-time").SetHidden(pl.weights() == nil)
	if pl.weights() != nil {
		pl.charts.drawProbabilities("chart-plane-probs", 150)
		c := pl.charts.chart(func(m *train.Measures) float64 { return m.Loss })
		c.Name, c.Large = pl.words.Say("measure.loss"), true
		pl.charts.put("chart-plane-loss", 130, c.Draw)
	}
	shown := dim > 0 && dim <= 2 && pl.weights() != nil
	pl.page.ByID("plane").SetHidden(!shown)
	if !shown {
		return
	}
	pl.fill()
	pl.charts.put("chart-plane", planeHeight, func(p *picture.Picture, words words.Words, w, h float32) {
		pl.view.Draw(p, words, w, h)
		pl.w, pl.h = p.W, p.H
		pl.syncHandles(p)
	})
}

// weights returns θ − θ₀ as two numbers, or nil if the policy is not linear.
func (pl *plane) weights() []float64 {
	if w := pl.lab.Run.Weights(); w != nil {
		return append(append(make([]float64, 0, 4), w...), 0)
	}
	return nil
}

func (pl *plane) fill() {
	l, v := pl.lab, &pl.view
	v.Replies, v.Pairs = v.Replies[:0], v.Pairs[:0]
	for k, r := range l.Problem.Prompts[l.Prompt()].Replies[:min(l.Arms(), mostRows)] {
		q := chart.PlaneReply{Text: r.Text, Policy: num.Exp(l.Policy()[k]), Reference: num.Exp(l.Reference()[k])}
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
	copy(v.Theta[:], pl.weights())
	v.Step = pl.step(l)
}

// step returns what the next step adds to the weights.
func (pl *plane) step(l *core.Lab) (step [2]float64) {
	pl.next.Read(l, 0, 1)
	for j := range pl.next.Weights[:min(len(pl.next.Weights), len(step))] {
		w := &pl.next.Weights[j]
		step[j] = w.Will - w.Was
	}
	return step
}

// syncHandles puts a button over each reply.
func (pl *plane) syncHandles(p *picture.Picture) {
	box := pl.page.ByID("plane-handles")
	targets := p.Targets
	if !pl.editor.canEdit() {
		targets = nil
	}
	children := box.Get("children")
	for children.Length() > len(targets) {
		box.Get("lastElementChild").Call("remove")
	}
	for children.Length() < len(targets) {
		button := pl.page.Button(box.Value, "plane-reply", "", "")
		button.Set("className", "handle")
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
func (pl *plane) drag(kind string, event js.Value) {
	button := event.Get("target")
	switch kind {
	case "pointerdown":
		if event.Get("button").Int() != 0 {
			return
		}
		button.Call("setPointerCapture", event.Get("pointerId"))
		pl.dragging, pl.view.Extent = true, pl.view.Edge()
	case "pointermove":
		if pl.dragging {
			pl.link.hold()
			rect := pl.page.ByID("chart-plane").Call("getBoundingClientRect")
			share := func(at, from, size string) float32 {
				return float32((event.Get(at).Float() - rect.Get(from).Float()) / rect.Get(size).Float())
			}
			pl.placeReply(page.Row(button), func(x, y float64) (float64, float64) {
				return pl.view.At(pl.w*share("clientX", "left", "width"), pl.h*share("clientY", "top", "height"), pl.w, pl.h)
			})
		}
	default:
		if pl.dragging {
			pl.dragging, pl.view.Extent = false, 0
			pl.link.commit()
		}
	}
}

// nudge moves the focused reply by an arrow key, and tells whether the key was
// one.
func (pl *plane) nudge(event js.Value) bool {
	handle, dx, dy := event.Get("target"), 0.0, 0.0
	if page.Data(handle, "do") != "plane-reply" {
		return false
	}
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
	pl.placeReply(page.Row(handle), func(x, y float64) (float64, float64) { return x + dx, y + dy })
	pl.link.amend()
	return true
}

// placeReply gives a reply other features, in hundredths.
func (pl *plane) placeReply(reply int, move func(x, y float64) (float64, float64)) {
	e := pl.lab.Experiment.Own(pl.presets)
	e.File = nil
	replies := e.Prompts[pl.lab.Prompt()].Replies
	if reply >= len(replies) {
		return
	}
	r := &replies[reply]
	r.SetFeature(1, at(r.Features, 1))
	x, y := move(r.Features[0], r.Features[1])
	if x, y = hundredths(x), hundredths(y); x != r.Features[0] || y != r.Features[1] {
		r.Features[0], r.Features[1] = x, y
		pl.host.Set(e)
	}
}

func at(list []float64, i int) float64 {
	if i < len(list) {
		return list[i]
	}
	return 0
}

func hundredths(x float64) float64 {
	return max(-data.MostFeature, min(data.MostFeature, math.Round(100*x)/100+0))
}
