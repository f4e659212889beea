// Package mass draws the probability of each reply as a bar, of the policy, the
// reference and the optimum, with grains that flow where it flows. It may import
// scenes/read and what that may.
package mass

import (
	"strconv"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Mass is what the mass view shows: how the policy's probability lies on the
// replies to one prompt, beside the reference it started from and the optimum
// it is headed for.
type Mass struct {
	Prompt  string
	Replies []Reply
	Step    int
	Reached picture.Reached // what the optimum's markers mean

	// PairChosen and PairRejected are the indices of the selected pair, or -1. Their
	// texts are in the colours of a chosen and a rejected reply.
	PairChosen, PairRejected int

	Focus int // the reply being pointed at, or -1

	// Ghost is how strongly the bars of another policy are outlined, from 0 to 1.
	Ghost float32

	// Font is the size of the page's text, in pixels. Percentages are at least as
	// large, and replies at least 0.82 times, where that fits. 0 leaves the sizes
	// to the picture; no Font makes them smaller than that.
	Font float32
}

// A Reply is one bar: a reply and its probabilities, each from 0 to 1.
type Reply struct {
	Text                       string
	Policy, Reference, Optimum float64
	Ghost                      float64 // its probability in the policy that is outlined
	ID                         int     // what the program knows the reply by
	Rest                       bool    // stands for RestCount replies that are not shown
	RestCount                  int
}

// A View draws a Mass. It keeps the words and the strings it has made, so
// that a frame in which no visible number changes allocates nothing.
type View struct {
	percents, ups, downs, rests words.Tally
	titled, told, pair          words.Phrase
	names                       [3]words.Phrase // by Reached
	limits                      [3]string
	empty                       string

	bars    []picture.Bar
	labels  []label
	spoken  []spoken
	state   state
	titles  string
	desc    string
	scratch []byte
}

// NewView returns a view that speaks the words of a catalogue.
func NewView(w words.Words) *View {
	v := &View{
		percents: words.NewTally(w.Phrase("mass.percent")),
		ups:      words.NewTally(w.Phrase("mass.up")),
		downs:    words.NewTally(w.Phrase("mass.down")),
		rests:    words.NewTally(w.Phrase("mass.rest")),
		titled:   w.Phrase("mass.title"),
		told:     w.Phrase("mass.desc"),
		pair:     w.Phrase("mass.desc.pair"),
		limits:   [3]string{w.Say("mass.desc.reachable"), w.Say("mass.desc.never"), ""},
		empty:    w.Say("mass.empty"),
	}
	v.names = [3]words.Phrase{w.Phrase("mass.name"), w.Phrase("mass.name.never"), w.Phrase("mass.name.unknown")}
	return v
}

// label is the text at one bar, made once a frame.
type label struct {
	text, percent, change string
	number, delta         picture.Label // percent and change, placed
}

// Draw fills p with the mass view in w×h pixels. The grains may be nil: the
// bars are then plain. now is the grains' clock in milliseconds. The grains
// must have been Reset to as many bars as there are replies.
func (v *View) Draw(p *picture.Picture, m *Mass, g *Grains, now float64, w, h float32) {
	p.Reset(w, h)
	if len(m.Replies) == 0 {
		v.describe(p, m)
		return
	}
	v.prepare(m)
	l := newLayout(v, m, w, h)
	l.grid(p, v)
	l.focus(p, m)
	v.drawBars(p, m, g, now, &l)
	v.drawValues(p, m, &l)
	l.focusOptimum(p, v, m)
	v.describe(p, m)
	for i := range m.Replies {
		b := l.cell(i)
		p.Targets = append(p.Targets, picture.Target{X: b.X, Y: b.Y, W: b.W, H: b.H, ID: m.Replies[i].ID, Name: v.spoken[i].name})
	}
}

// drawValues draws posts, markers and labels.
func (v *View) drawValues(p *picture.Picture, m *Mass, l *layout) {
	l.place(v.labels, m)
	for i := range m.Replies {
		l.post(p, &m.Replies[i], i)
		l.marker(p, &m.Replies[i], i)
		p.Text(v.labels[i].number)
		p.Text(v.labels[i].delta)
		p.Text(l.reply(&v.labels[i], m, i))
	}
}

// prepare finds the strings of this frame.
func (v *View) prepare(m *Mass) {
	v.labels = v.labels[:0]
	for i := range m.Replies {
		r := &m.Replies[i]
		l := label{text: r.Text, percent: v.percent(r.Policy)}
		if r.Text == "" {
			l.text = v.empty
		}
		if r.Rest {
			l.text = v.rests.Say(r.RestCount, strconv.Itoa)
		}
		if c := visibleChange(r.Policy - r.Reference); c > 0 {
			l.change = v.ups.Say(c, changeText)
		} else if c < 0 {
			l.change = v.downs.Say(-c, changeText)
		}
		v.labels = append(v.labels, l)
	}
}

func (v *View) percent(p float64) string {
	return v.percents.Say(words.VisiblePercent(p), words.PercentText)
}

// drawBars draws the policy: a pale bar and, in it, its grains.
func (v *View) drawBars(p *picture.Picture, m *Mass, g *Grains, now float64, l *layout) {
	alpha := float32(0.16)
	if g == nil {
		alpha = 0.55
	}
	v.bars = v.bars[:0]
	inset := l.grain / 2
	for i := range m.Replies {
		b := l.bar(i, m.Replies[i].Policy)
		p.Rect(b, picture.InkPolicy, alpha, 0)
		v.bars = append(v.bars, b.Shrunk(inset))
		l.ghost(p, m, i)
	}
	if g == nil {
		return
	}
	from, flying := len(p.Points), 0
	p.Points, flying = g.place(p.Points, v.bars, now)
	to := len(p.Points)
	p.Marks = append(p.Marks,
		picture.Mark{Kind: picture.KindParticles, Ink: picture.InkPolicy, Alpha: 0.78, R: l.grain, From: from, To: to - flying},
		picture.Mark{Kind: picture.KindParticles, Ink: picture.InkPolicy, Alpha: 1, R: l.grain, From: to - flying, To: to})
}
