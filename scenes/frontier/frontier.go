// Package frontier draws how much reward each divergence from the reference buys, for
// the optima of every β and for the runs. It may import core/frontier and
// scenes/chart.
package frontier

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/core/frontier"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Frontier is what the frontier view shows: how much reward a divergence
// from the reference buys. KL is across and reward is up; nothing lies above the
// frontier.
type Frontier struct {
	yardstick frontier.Yardstick

	best   []frontier.TradeoffPoint // the frontier; KL rises
	optima []frontier.TradeoffPoint // where the run is headed, β falling; nil where that is not known
	rounds []frontier.TradeoffPoint // of the same curve, at round values of β
	// promise is what the proxy says of each of optima; nil where there is none.
	promise []float64
	proxy   frontier.Proxy

	// peak is the optimum with the most reward, where a smaller β leads to less;
	// else its beta is 0.
	peak frontier.TradeoffPoint

	beta     float64 // the β in use
	promised float64 // what the proxy says of the optimum there
	Held     bool    // its mark is being dragged

	Runs []run  // the experiment's own first
	note string // what else is to be known, in words

	// version is another whenever a curve or note is.
	version int
	extent  extent
	Font    float32 // size of the page's text in pixels; 0 for 16
}

// A run is one run: where it was, where it is, where it is headed.
type run struct {
	Name    string
	step    int
	path    []frontier.TradeoffPoint
	now     frontier.TradeoffPoint
	most    float64                // the reward that was possible at the same KL
	goal    frontier.TradeoffPoint // where reached is not Unknown
	reached picture.Reached
}

// An extent is what the axes must hold. It grows and never shrinks while the
// curves are the same, so that nothing jumps as a run plays or β is dragged.
type extent struct {
	kl, low, high float64
	is            bool
}

// include widens the extent to a point. One outside widens it by a quarter more
// than it asks for, so that a run that goes on does not do so at every step.
func (e *extent) include(p frontier.TradeoffPoint, spare float64) {
	if !chart.Legible(p.KL) || !chart.Legible(p.Reward) {
		return
	}
	if !e.is {
		*e = extent{p.KL, p.Reward, p.Reward, true}
	}
	if p.KL > e.kl {
		e.kl = p.KL * (1 + spare)
	}
	if p.Reward < e.low {
		e.low = p.Reward - spare*(e.high-p.Reward)
	}
	if p.Reward > e.high {
		e.high = p.Reward + spare*(p.Reward-e.low)
	}
}

// spareRoom is how much an axis grows beyond what made it grow.
const spareRoom = 0.25

// grow makes the axes hold all that is shown.
func (m *Frontier) grow() {
	e := &m.extent
	for i := range m.best {
		e.include(m.best[i], 0)
	}
	for i := range m.optima {
		e.include(m.optima[i], 0)
		if m.promise != nil {
			e.include(frontier.TradeoffPoint{KL: m.optima[i].KL, Reward: m.promise[i]}, 0)
		}
	}
	for i := range m.Runs {
		r := &m.Runs[i]
		for k := range r.path {
			e.include(r.path[k], spareRoom)
		}
		e.include(r.now, spareRoom)
		if r.reached != picture.Unknown {
			e.include(r.goal, spareRoom)
		}
	}
}

// roundBetas are the values of β that are marked on the curve, the most wanted
// first.
var roundBetas = [...]struct {
	beta float64
	text string
}{{0.1, ".1"}, {1, "1"}, {0.5, ".5"}, {0.05, ".05"}, {0.2, ".2"}, {5, "5"}, {2, "2"}, {0.02, ".02"}, {0.01, ".01"}}

// A View draws a Frontier. What stays while a run plays it keeps, so
// that a frame in which no visible number changes allocates nothing.
type View struct {
	words words.Words

	key    key
	still  picture.Picture // axes, curves and their names
	layout layout
	ticks  []betaMark
	names  []picture.Label // of the curves, and of the reference
	dense  []picture.Point // along the curves
	curves [3]int          // marks of the frontier, the promise and the optima in still; −1 for none

	places     [1 + core.MostVariants]int // where the runs' names stood last
	said       said
	head, desc string
	target     string
	present    string
}

// NewView returns a view that speaks the words of a catalogue.
func NewView(words words.Words) *View {
	return &View{words: words}
}

// key is what the still part of the picture depends on.
type key struct {
	version, runs int
	w, h, font    float32
	extent        extent
	note, lead    string
}

// Mark is the ID of the mark of β.
const Mark = 1

// Draw fills p with the frontier in w×h pixels.
func (v *View) Draw(p *picture.Picture, m *Frontier, w, h float32) {
	p.Reset(w, h)
	v.speak(m)
	if len(m.best) == 0 {
		v.drawNothing(p, m)
		return
	}
	key := key{m.version, len(m.Runs), w, h, m.Font, m.extent, m.note, m.lead()}
	if key != v.key || len(v.still.Marks) == 0 {
		v.key = key
		v.drawStill(m, w, h)
	}
	p.Append(&v.still, 0, 0)
	v.drawHead(p)
	for i := len(m.Runs) - 1; i >= 0; i-- {
		v.layout.path(p, m, i)
	}
	v.layout.gap(p, m)
	v.layout.reference(p, m)
	v.layout.headed(p, m)
	v.layout.present(p, m)
	v.layout.runs(p, m)
	v.drawNames(p, m)
	p.Title, p.Desc = v.words.Say("frontier.title"), v.desc
}

// lead is the name of the experiment's own run.
func (m *Frontier) lead() string {
	if len(m.Runs) == 0 {
		return ""
	}
	return m.Runs[0].Name
}

// drawNothing says why there is nothing to draw.
func (v *View) drawNothing(p *picture.Picture, m *Frontier) {
	size := text(m.Font, p.W) * 1.15
	t := picture.Label{X: 0.12 * p.W, W: 0.76 * p.W, Text: m.note, Size: size, Lines: 8, Ink: picture.InkSoft, Align: picture.AlignCentre}
	t.Y = max(0, (p.H-t.Box().H)/2)
	p.Text(t)
	p.Title, p.Desc = v.words.Say("frontier.title"), v.desc
}

// text is the size of text in a picture of a width.
func text(font, w float32) float32 {
	return max(chart.Text(font), 11.5*picture.Clamp(w/620, 1, 1.6))
}

// drawStill makes the part of the picture that stays.
func (v *View) drawStill(m *Frontier, w, h float32) {
	p := &v.still
	p.Reset(w, h)
	v.layout = v.lay(m, w, h)
	l := &v.layout
	l.axes(p, v.words, m)
	l.beyond(p, m)
	for i, curve := range [...]func(*picture.Picture, *Frontier){l.frontier, l.promise, l.optima} {
		v.curves[i] = len(p.Marks)
		if curve(p, m); len(p.Marks) == v.curves[i] {
			v.curves[i] = -1
		}
	}
	l.peak(p, m)
	v.dense = densely(v.dense[:0], p, v.curves[:])
	v.ticks = l.betaMarks(v.ticks[:0], p, m, v.dense)
	v.nameCurves(p, m)
}

// BetaAt returns the β whose optimum is nearest to a place in the picture that
// was drawn last, as a slider would give it; 0 where the mark cannot be moved.
func (v *View) BetaAt(m *Frontier, x, y float32) float64 {
	least, beta := math.Inf(1), 0.0
	for i := 1; i < len(m.optima); i++ {
		a, b := v.layout.at(&m.optima[i-1]), v.layout.at(&m.optima[i])
		dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
		t, d := 0.0, dx*dx+dy*dy
		if d > 0 {
			t = min(max((float64(x-a.X)*dx+float64(y-a.Y)*dy)/d, 0), 1)
		}
		if off := math.Hypot(float64(x-a.X)-t*dx, float64(y-a.Y)-t*dy); off < least {
			least, beta = off, along(m.optima[i-1].Beta, m.optima[i].Beta, t)
		}
	}
	if beta == 0 {
		return 0
	}
	info := &core.Params()[core.Beta]
	return NudgeBeta(min(max(beta, info.Min), info.Max), 0)
}

// Mark is where the mark of the β in use stands in the picture that was drawn
// last.
func (v *View) Mark(m *Frontier) (x, y float32) {
	if !m.hasGoal() {
		return 0, 0
	}
	at := v.layout.at(&m.Runs[0].goal)
	return at.X, at.Y
}

// along is β part of the way between two, in its logarithm.
func along(from, to, t float64) float64 {
	low, high := core.Params()[core.Beta].Min, core.Params()[core.Beta].Max
	from, to = min(max(from, low), high), min(max(to, low), high)
	return from * math.Pow(to/from, t)
}

// betaPlaces is how many places the mark has, as many as the page's slider.
const betaPlaces = 216

// NudgeBeta returns β at its place of the slider, moved by so many places.
func NudgeBeta(beta float64, places int) float64 {
	info := &core.Params()[core.Beta]
	place := min(max(words.SliderPlace(info, beta, betaPlaces)+places, 0), betaPlaces)
	return words.SliderValue(info, place, betaPlaces)
}
