// Package loss draws the loss of one vote as a curve, and on it the votes of the shown
// prompt, each where it stands now. It may import core/census and scenes/chart.
package loss

import (
	"dpoplayground/core/census"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Loss is what the loss view shows: the loss of one vote as a function of h,
// the gap of log-ratios, and on it the votes of one prompt, each order of a pair
// a bead where it stands now.
type Loss struct {
	replies []data.Reply
	step    int

	// edition is another number whenever one of the following is another: what the
	// curves are and what is said of them.
	edition int
	name    string              // of the loss that is trained, short: the end of its curve says so
	title   string              // the same with its hyper-parameters
	curve   objective.LossCurve // none where the loss is no function of h alone
	others  []otherCurve        // drawn faintly beside it
	scaled  bool                // they are other losses, each in a unit of its own
	notes   []string            // what must be known of what is drawn
	rewards bool                // h is a difference of rewards: RLHF's first stage

	empty     string // what to say where there are no beads
	waiting   bool   // the votes are still being counted for the first time
	Beads     []census.Bead
	beadCount int     // of beads; more than there are in Beads where only some are drawn
	votes     float64 // on the prompt
	// bins are all votes by h, from −binSpan to binSpan; nil where every bead is drawn.
	bins    []float64
	binSpan float64

	// Picked is the order of a pair that is worked with numbers; nobody need have
	// voted for it. hasPicked is false where there are no two replies.
	Picked    census.BeadView
	hasPicked bool
	balance   float64 // the h at which the pair's own votes balance
	balances  bool    // there is one
	headed    float64 // the pair's h where the run is headed
	reached   picture.Reached

	span span
	Font float32 // size of the page's text in pixels; 0 for 16
}

// An otherCurve is a curve beside the present one, shifted to meet it at h = 0 and
// scaled:
//
//	present(0) + scale·(φ(h) − φ(0))
type otherCurve struct {
	name  string
	curve objective.LossCurve
	scale float64
}

// beside returns another loss's curve for its place beside the present one:
// scaled so that the two fall alike from −1/β to 1/β, as losses of different
// units cannot be compared but by shape. Where the present loss does not fall the
// other is left in its own unit.
func beside(name string, present, other objective.LossCurve) otherCurve {
	o := otherCurve{name: name, curve: other, scale: 1}
	if a, b := present.Fall(), other.Fall(); a > 0 && b > 0 {
		o.scale = a / b
	}
	return o
}

// at returns the height at which the other curve is drawn.
func (o *otherCurve) at(present *objective.LossCurve, h float64) float64 {
	base, _ := present.At(0)
	zero, _ := o.curve.At(0)
	loss, _ := o.curve.At(h)
	return base + o.scale*(loss-zero)
}

// curved tells that the present loss is a function of h.
func (m *Loss) curved() bool { return m.curve.Known() }

// A View draws a Loss. What changes only with the experiment it keeps from
// frame to frame, and a frame in which no visible number changes allocates
// nothing.
type View struct {
	words words.Words
	still picture.Picture // axes, curves and what is written on them
	kept  key             // what it was made of

	rows    []tableRow
	hardest [mostHardest]hardPair
	listed  [mostHardest][2]words.Kept[uint64]
	titled  [2]words.Kept[uint64]
	votes   [2]words.Kept[uint64]
	beyond  [2]words.Kept[uint64] // where the picked pair is headed, right or left of the plot
	names   []words.Kept[uint64]  // of the beads, by place
	desc    words.Kept[uint64]
	note    string // all notes in one
	phrases phrases
	targets []int // beads that are targets
	ticks   struct {
		span       span
		size, room float32
	}
}

// NewView returns a view that speaks the words of a catalogue.
func NewView(words words.Words) *View {
	return &View{words: words, phrases: newPhrases(words)}
}

// key is what the still part of a picture depends on.
type key struct {
	w, h, font float32
	edition    int
	span       span
	many, none bool
}

// Draw fills p with the loss view in w×h pixels.
func (v *View) Draw(p *picture.Picture, m *Loss, w, h float32) {
	p.Reset(w, h)
	l := newLayout(v, m, w, h)
	v.keepStill(m, &l)
	p.Append(&v.still, 0, 0)
	v.drawBins(p, m, &l)
	v.drawBeads(p, m, &l)
	v.drawAim(p, m, &l)
	v.drawNumbers(p, m, &l)
	v.describe(p, m)
}

// keepStill makes the still part anew if anything in it has changed.
func (v *View) keepStill(m *Loss, l *layout) {
	key := key{w: l.w, h: l.h, font: m.Font, edition: m.edition, span: m.span, many: m.bins != nil, none: m.beadCount == 0}
	if key == v.kept {
		return
	}
	v.kept = key
	v.still.Reset(l.w, l.h)
	l.notes(&v.still, v.note)
	l.axes(&v.still, v.words, m)
	l.curves(&v.still, v.words, m)
	l.legend(&v.still, v.words, m)
	l.start(&v.still, v.words, m)
}
