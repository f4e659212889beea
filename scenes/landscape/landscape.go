// Package landscape draws the loss over the probabilities of two or three replies, and
// the way that the run takes down it. It may import core/landscape and scenes/chart.
package landscape

import (
	"dpoplayground/core/landscape"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Landscape is what is being descended: the loss over the probabilities of
// three replies, on a triangle whose corners are certainty of one; or of two,
// over the probability of the second.
type Landscape struct {
	replies []reply // three, top, left and right; or two, left and right
	Held    int     // replies beside these, which keep their logits
	keep    float64 // their probability together

	// Shares of the replies above, which sum to 1.
	policy, reference, optimum, start [3]float64

	reached   picture.Reached // what the optimum's marker means
	elsewhere bool            // the run starts at start and not at the reference
	Movable   bool            // it may be sent elsewhere
	step      int
	beta      float64
	Reward    bool                 // the surface is −J of RLHF
	None      landscape.FieldState // why there is no surface; "" where there is one
	Pending   bool                 // the surface is not worked out yet
	Loss      float64              // where the policy is; NaN where there is no surface

	path  []picture.Point // places of the run up to its step, from its start; in the triangle
	Curve []curvePlace    // of the optimum over β, β falling; none where that is not known

	Font float32 // size of the page's text, in pixels; 0 for 16
}

// A reply is a corner.
type reply struct {
	text   string
	policy float64 // probability among all replies
}

// A curvePlace is where the optimum is at a β, in the triangle.
type curvePlace struct {
	beta float64
	at   picture.Point
}

// A View draws a Landscape. It keeps what it has made of the field, and
// strings, so that a frame in which nothing changes allocates nothing.
type View struct {
	words    words.Words
	relief   *relief
	profile  profile
	percents words.Tally
	scale    legendText
	beta     words.Kept[float64]
	ticks    [len(chart.BetaTicks)]string // names of the curve's βs
	loss     words.Kept[written]
	holds    words.Kept[[2]int] // of how much is held of how many
	sides    [markerNames]int   // on which side of its marker each name was last
	said     state
	title    string
	desc     string
	name     string
}

// NewView returns a view that speaks the words of a catalogue.
func NewView(w words.Words) *View {
	v := &View{words: w, relief: newRelief(), percents: words.NewTally(w.Phrase("landscape.percent"))}
	for i, t := range chart.BetaTicks {
		v.ticks[i] = w.Say("landscape.tick", "beta", t.Text)
	}
	return v
}

// Take takes over a field, of which a grid is whole: its colours, level lines, and
// arrows, n along each side. The scale of colours only grows until it is begun
// anew.
func (v *View) Take(f *landscape.Field, n int, anew bool) {
	v.relief.make(f, n, anew)
	v.scale.made = false
}

// Draw fills p with the landscape in w×h pixels.
func (v *View) Draw(p *picture.Picture, m *Landscape, w, h float32) {
	p.Reset(w, h)
	v.describe(p, m)
	switch len(m.replies) {
	case 0, 1:
		return
	case 2:
		v.drawLine(p, m, w, h)
		return
	}
	l := v.layout(m, w, h)
	surface := m.None == landscape.FieldShown && !m.Pending
	if surface {
		v.surface(p, &l)
	}
	l.frame(p)
	v.curve(p, m, &l)
	l.path(p, m)
	v.markers(p, m, &l)
	v.corners(p, m, &l)
	if surface {
		v.legend(p, m, &l)
	}
	p.Text(l.caption)
	v.names(p, m, &l)
	if m.Movable {
		p.Targets = append(p.Targets, picture.Target{X: l.x, Y: l.y, W: l.side, H: l.high, Name: v.name, Drag: true})
	}
}

// At returns the shares at a place of a picture of w×h pixels: those of the
// nearest place that is inside the triangle, a little off its edges.
func (v *View) At(m *Landscape, x, y, w, h float32) [3]float64 {
	if len(m.replies) == 2 {
		return v.lineAt(m, x, w, h)
	}
	l := v.layout(m, w, h)
	return inside(shares(picture.Point{(x - l.x) / l.side, (y - l.y) / l.high}))
}

// closest is how near a start may come to an edge, as a share.
const closest = 0.002

// inside brings shares to the nearest place in the triangle, and from its edges
// in by as much as a start must keep off them.
func inside(p [3]float64) [3]float64 {
	for range 2 { // the second time, for what the first has made negative
		missing, kept := 0.0, 0.0
		for i := range p {
			if p[i] <= 0 {
				missing, p[i] = missing-p[i], 0
			} else {
				kept++
			}
		}
		for i := range p {
			if p[i] > 0 {
				p[i] -= missing / kept
			}
		}
	}
	sum := 0.0
	for i := range p {
		p[i] = max(p[i], 0)
		sum += p[i]
	}
	for i := range p {
		p[i] = closest + (1-3*closest)*p[i]/sum
	}
	return p
}

// Nudge returns the shares beside those where the run starts, across by dx of
// the triangle's side and down by dy.
func (v *View) Nudge(m *Landscape, dx, dy float32) [3]float64 {
	start := m.reference
	if m.elsewhere {
		start = m.start
	}
	if len(m.replies) == 2 {
		at := min(max(start[1]+float64(dx), closest), 1-closest)
		return [3]float64{1 - at, at}
	}
	at := triangular(start)
	return inside(shares(picture.Point{at.X + dx, at.Y + dy/sine60}))
}
