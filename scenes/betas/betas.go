// Package betas draws how far runs of several β are from the reference, over β, and under
// that each β's replies side by side. It may import scenes/chart, whose sweep it shows.
package betas

import (
	"strconv"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// A Betas is what stands side by side: the same data and seed under several β,
// each with the policy's probabilities beside the reference's and where that β is
// headed, and over them KL over β.
type Betas struct {
	replies []reply
	columns []column // by rising β, at most MostMarks
	step    int      // of the clock
	shown   read.Shown
	veiled  bool // where the runs are headed is hidden

	// kl and reward are the two charts: their measure, font and marks are filled in
	// here. The second is not drawn unless the replies are rewarded and the picture is
	// wide. version changes with the curves.
	kl, reward chart.Sweep
	rewarded   bool
	version    int

	Font float32 // size of the page's text in pixels; 0 for 16
}

// A reply is a row of dots.
type reply struct {
	text      string
	reference float64
	rest      bool // stands for restCount replies that are not shown
	restCount int
}

// A column is the run of one β.
type column struct {
	beta            float64
	present         bool
	policy, optimum []float64 // of replies
	reached         picture.Reached
	// kl and expected are those of the policy, nats and true reward, the others
	// those of where it is headed: NaN where not known.
	kl, klOptimum, expected, expectedOptimum float64
	arrived                                  int // the step at which the run came to rest, if it has; else −1
}

// A View draws a Betas. It keeps what it has written from frame to frame.
type View struct {
	words                         words.Words
	percents, numbers, rest       words.Tally
	now                           words.Kept[int]
	headings                      [3]string // of the optimum's row, by reached
	title, empty, none, reference string
	veiled                        string // heads the optimum's row where that is hidden
	columns                       []text
	charts                        [2]overBeta
	box                           picture.Bar // of the chart of KL
	desc                          string
}

// A text is what is written and said of a column, and what it was made of.
type text struct {
	state        state
	beta, head   string
	name, handle string
}

type state struct {
	beta        float64
	present     bool
	step        int
	kl, optimum int
	reached     picture.Reached
	arrived     int
}

// NewView returns a view that speaks the words of a catalogue.
func NewView(w words.Words) *View {
	return &View{words: w,
		percents: words.NewTally(w.Phrase("mass.percent")), numbers: words.NewTally(w.Phrase("betas.number")), rest: words.NewTally(w.Phrase("mass.rest")),
		title:    w.Say("betas.title"),
		headings: [3]string{w.Say("betas.optimum"), w.Say("betas.limit"), w.Say("betas.unknown")}, veiled: w.Say("honest.hidden"),
		empty: w.Say("mass.empty"), none: w.Say("betas.unrewarded"), reference: w.Say("sweep.reference")}
}

// handles is how far the IDs of the handles on the axis lie from those of
// the columns.
const handles = 100

// BetaHandle takes a target's ID apart: into the column, from 0, and whether it
// is that column's handle on the axis.
func BetaHandle(id int) (column int, handle bool) { return id % handles, id >= handles }

// BetaAt returns the β at a place across the picture that was drawn last, on
// the axis that handles lie on.
func (v *View) BetaAt(x float32) float64 {
	plot := &v.charts[0].layout.Plot
	return sweepBeta(float64(picture.Clamp((x-v.box.X-plot.X)/max(plot.W, 1), 0, 1)))
}

// Draw fills p with the charts and the columns in w×h pixels.
func (v *View) Draw(p *picture.Picture, s *Betas, w, h float32) {
	p.Reset(w, h)
	v.write(s)
	l := v.layout(s, w, h)
	for i := range s.columns {
		if s.columns[i].present {
			p.Rect(l.column(i), picture.InkAccent, 0.09, 8)
		}
	}
	l.scale(p, v)
	v.heads(p, s, &l)
	for k := range s.replies {
		v.row(p, s, &l, k)
	}
	v.drawCharts(p, s, &l)
	v.box = l.charts[0]
	p.Title, p.Desc = v.title, v.desc
	for i := range s.columns {
		b := l.column(i)
		p.Targets = append(p.Targets, picture.Target{X: b.X, Y: b.Y, W: b.W, H: b.H, ID: i, Name: v.columns[i].name})
	}
	v.handles(p, s, &l)
}

// heads writes β over each column, and under it KL as it is and at the optimum.
func (v *View) heads(p *picture.Picture, s *Betas, l *layout) {
	for i := range s.columns {
		c, t := &s.columns[i], &v.columns[i]
		head := picture.Label{X: l.x(i), Y: l.top, W: l.wide, Text: t.head, Size: l.head, Bold: true, Ink: picture.InkText}
		if picture.TextWidth("β = 0.05", l.head, true) > l.wide {
			head.Text = t.beta
		}
		if c.present {
			head.Ink = picture.InkAccent
		}
		p.Text(head)
	}
	reached := s.reached()
	v.numberRow(p, s, l, 0, v.now.Text, picture.Reachable)
	heading := v.headings[reached]
	if s.veiled {
		heading = v.veiled
	}
	v.numberRow(p, s, l, 1, heading, reached)
}

// numberRow writes one of the two rows of KLs, with the marker of what it is
// before its name.
func (v *View) numberRow(p *picture.Picture, s *Betas, l *layout, row int, name string, reached picture.Reached) {
	y, key := l.number(row), l.diamond
	p.Text(picture.Label{X: picture.PageMargin + 2.8*key, Y: y, W: l.names - 3.4*key, Text: name, Size: l.text, Ink: picture.InkSoft})
	at := picture.Point{picture.PageMargin + 1.25*key, y + picture.LineHeight*l.text/2}
	if row == 0 {
		p.Disc(at.X, at.Y, 0.72*key, picture.InkPolicy)
	} else {
		p.Optimum(at.X, at.Y, key, l.stroke(), reached)
	}
	for i := range s.columns {
		c := &s.columns[i]
		t := picture.Label{X: l.x(i), Y: y, W: l.wide, Text: v.number(c.kl), Size: l.text, Bold: true, Ink: picture.InkPolicy}
		if row == 1 {
			t.Text, t.Ink = v.number(c.klOptimum), picture.InkOptimum
		}
		p.Text(t)
	}
}

// row draws a reply's name and its dots under each β: the policy's way from the
// reference on one lane, the optimum's on the one below, and the reference as a post
// through both.
func (v *View) row(p *picture.Picture, s *Betas, l *layout, k int) {
	name := picture.Label{X: picture.PageMargin, W: l.names - 8, Text: v.replyName(&s.replies[k]), Size: l.text, Ink: picture.InkText, Lines: l.lines}
	name.Y = l.across(k) - name.Box().H/2
	p.Text(name)
	for i := range s.columns {
		if l.single < 0 || i == l.single {
			l.dots(p, &s.columns[i], l.from(i), s.replies[k].reference, k)
		}
	}
}

func (l *layout) dots(p *picture.Picture, c *column, x float32, reference float64, k int) {
	upper, lower := l.across(k)-l.lane, l.across(k)+l.lane
	post, at := x+l.out(reference), x+l.out(c.policy[k])
	p.Segment(post, upper-l.lane, post, lower+l.lane, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: l.stroke(), Dash: 2})
	p.Segment(post, upper, at, upper, picture.Mark{Ink: picture.InkPolicy, Alpha: 1, Stroke: 2 * l.stroke()})
	p.Disc(at, upper, 0.8*l.diamond, picture.InkPolicy)
	if c.reached == picture.Unknown {
		return
	}
	at = x + l.out(c.optimum[k])
	p.Segment(post, lower, at, lower, picture.Mark{Ink: picture.InkOptimum, Alpha: 1, Stroke: l.stroke()})
	p.Optimum(at, lower, l.diamond, l.stroke(), c.reached)
}

func (v *View) replyName(r *reply) string {
	switch {
	case r.rest:
		return v.rest.Say(r.restCount, strconv.Itoa)
	case r.text == "":
		return v.empty
	}
	return r.text
}

// number writes a divergence: those of one look share a text.
func (v *View) number(x float64) string {
	if !chart.Legible(x) || x > 1e4 {
		return words.Fixed(x, 3)
	}
	return v.numbers.Say(int(1000*x+0.5), thousandths)
}

func thousandths(n int) string { return words.Fixed(float64(n)/1000, 3) }

// reached is what the present β's optimum is.
func (s *Betas) reached() picture.Reached {
	for i := range s.columns {
		if s.columns[i].present {
			return s.columns[i].reached
		}
	}
	return picture.Unknown
}
