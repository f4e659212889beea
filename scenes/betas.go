package scenes

import "strconv"

// A Betas is what stands side by side: the same data and seed under several β,
// each with the policy's mass beside the reference and where that β is headed,
// and under them β swept continuously.
type Betas struct {
	Replies []BetasReply
	Columns []BetasColumn // by rising β, at most MostMarks
	Step    int           // of the clock
	Peak    float64       // as Mass.Peak, of all columns

	// KL and Reward are the two charts: their measure, font and marks are filled in
	// here. The second is not drawn unless the replies are Rewarded. Version changes
	// with the curves.
	KL, Reward Sweep
	Rewarded   bool
	Version    int

	Font float32 // size of the page's text in pixels; 0 for 16
}

// A BetasReply is a row of bars.
type BetasReply struct {
	Text      string
	Reference float64
	Rest      bool // stands for RestCount replies that are not shown
	RestCount int
}

// A BetasColumn is the run of one β.
type BetasColumn struct {
	Beta            float64
	Present         bool
	Policy, Optimum []float64 // of Replies
	Reached         Reached
	// KL and Expected are those of the policy, nats and true reward, the others
	// those of where it is headed: NaN where not known.
	KL, KLOptimum, Expected, ExpectedOptimum float64
	Arrived                                  int // the step at which the run came to rest, if it has; else −1
}

// A BetasView draws a Betas. It keeps what it has written from frame to frame.
type BetasView struct {
	words                   Words
	percents, numbers, rest tally
	now                     kept[int]
	headings                [3]string // of the optimum's row, by Reached
	title, empty, none      string
	columns                 []betasText
	charts                  [2]betasChart
	axis                    int // the chart whose axis has the handles,
	box                     Bar // and where it lies
	desc                    string
}

// A betasText is what is written and said of a column, and what it was made of.
type betasText struct {
	state        betasState
	beta, head   string
	name, handle string
}

type betasState struct {
	beta        float64
	present     bool
	step        int
	kl, optimum int
	reached     Reached
	arrived     int
}

// NewBetasView returns a view that speaks the words of a catalogue.
func NewBetasView(words Words) *BetasView {
	return &BetasView{words: words,
		percents: newTally(words.phrase("mass.percent")), numbers: newTally(words.phrase("betas.number")), rest: newTally(words.phrase("mass.rest")),
		title:    words.Say("betas.title"),
		headings: [3]string{words.Say("betas.optimum"), words.Say("betas.limit"), words.Say("betas.unknown")},
		empty:    words.Say("mass.empty"), none: words.Say("betas.unrewarded")}
}

// betasHandles is how far the IDs of the handles on the axis lie from those of
// the columns.
const betasHandles = 100

// BetaHandle takes a target's ID apart: into the column, from 0, and whether it
// is that column's handle on the axis.
func BetaHandle(id int) (column int, handle bool) { return id % betasHandles, id >= betasHandles }

// BetaAt returns the β at a place across the picture that was drawn last, on
// the axis that handles lie on.
func (v *BetasView) BetaAt(x float32) float64 {
	plot := &v.charts[v.axis].layout.plot
	return sweepBeta(float64(clamp((x-v.box.X-plot.X)/max(plot.W, 1), 0, 1)))
}

// Draw fills p with the columns and the charts in w×h pixels.
func (v *BetasView) Draw(p *Picture, s *Betas, w, h float32) {
	p.Reset(w, h)
	v.write(s)
	l := v.layout(s, w, h)
	for i := range s.Columns {
		if s.Columns[i].Present {
			p.rect(l.column(i), InkAccent, 0.09, 8)
		}
	}
	l.scale(p, v)
	v.heads(p, s, &l)
	for k := range s.Replies {
		v.row(p, s, &l, k)
	}
	v.drawCharts(p, s, &l)
	v.axis, v.box = l.axis, l.charts[l.axis]
	p.Title, p.Desc = v.title, v.desc
	for i := range s.Columns {
		b := l.column(i)
		p.Targets = append(p.Targets, Target{X: b.X, Y: b.Y, W: b.W, H: b.H, ID: i, Name: v.columns[i].name})
	}
	v.handles(p, s, &l)
}

// heads writes β over each column, and under it KL as it is and at the optimum.
func (v *BetasView) heads(p *Picture, s *Betas, l *betasLayout) {
	for i := range s.Columns {
		c, t := &s.Columns[i], &v.columns[i]
		head := Label{X: l.x(i), Y: l.top, W: l.wide, Text: t.head, Size: l.head, Bold: true, Ink: InkText}
		if TextWidth("β = 0.05", l.head, true) > l.wide {
			head.Text = t.beta
		}
		if c.Present {
			head.Ink = InkAccent
		}
		p.text(head)
	}
	reached := s.reached()
	v.numberRow(p, s, l, 0, v.now.text, Reachable)
	v.numberRow(p, s, l, 1, v.headings[reached], reached)
}

// numberRow writes one of the two rows of KLs, with the marker of what it is
// before its name.
func (v *BetasView) numberRow(p *Picture, s *Betas, l *betasLayout, row int, name string, reached Reached) {
	y, key := l.number(row), l.diamond
	text := Label{X: pageMargin + 2.8*key, Y: y, W: l.names - 3.4*key, Text: name, Size: l.text, Ink: InkSoft}
	if l.above {
		text.W = l.w - text.X - pageMargin
	}
	p.text(text)
	at := Point{pageMargin + 1.25*key, y + LineHeight*l.text/2}
	if row == 0 {
		p.disc(at.X, at.Y, 0.72*key, InkPolicy)
	} else {
		p.optimum(at.X, at.Y, key, l.stroke(), reached)
	}
	if l.above {
		y += LineHeight * l.text
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		t := Label{X: l.x(i), Y: y, W: l.wide, Text: v.number(c.KL), Size: l.text, Bold: true, Ink: InkPolicy}
		if row == 1 {
			t.Text, t.Ink = v.number(c.KLOptimum), InkOptimum
		}
		p.text(t)
	}
}

// row draws a reply's name and its bar under each β.
func (v *BetasView) row(p *Picture, s *Betas, l *betasLayout, k int) {
	r := &s.Replies[k]
	name := Label{X: pageMargin, W: l.names - 8, Text: v.replyName(r), Size: l.text, Ink: InkText, Lines: l.lines}
	middle := l.across(k)
	if l.above {
		name.W, name.Y = l.w-2*pageMargin, l.first+float32(k)*l.band
	} else {
		name.Y = middle - name.Box().H/2
	}
	p.text(name)
	for i := range s.Columns {
		c := &s.Columns[i]
		x := l.x(i)
		p.rect(Bar{x, middle - l.thick/2, l.out(c.Policy[k]), l.thick}, InkPolicy, 0.55, 0)
		p.outline(Bar{x, middle - l.thick/2 - 1.5, l.out(r.Reference), l.thick + 3}, InkReference, l.stroke(), 3, 1.5)
		if c.Reached != Unknown {
			p.optimum(x+l.out(c.Optimum[k]), middle, l.diamond, l.stroke(), c.Reached)
		}
		if l.percent > 0 {
			p.text(Label{X: x, Y: middle - LineHeight*l.small/2, W: l.wide, Text: v.percents.say(visiblePercent(c.Policy[k]), percentText), Size: l.small, Ink: InkText, Align: AlignEnd})
		}
	}
}

func (v *BetasView) replyName(r *BetasReply) string {
	switch {
	case r.Rest:
		return v.rest.say(r.RestCount, strconv.Itoa)
	case r.Text == "":
		return v.empty
	}
	return r.Text
}

// number writes a divergence: those of one look share a text.
func (v *BetasView) number(x float64) string {
	if !legible(x) || x > 1e4 {
		return Fixed(x, 3)
	}
	return v.numbers.say(int(1000*x+0.5), thousandths)
}

func thousandths(n int) string { return Fixed(float64(n)/1000, 3) }

// reached is what the present β's optimum is.
func (s *Betas) reached() Reached {
	for i := range s.Columns {
		if s.Columns[i].Present {
			return s.Columns[i].Reached
		}
	}
	return Unknown
}

// ceiling is the probability at the end of every bar's axis.
func (s *Betas) ceiling() float32 {
	m := Mass{Peak: s.Peak}
	for i := range s.Columns {
		c := &s.Columns[i]
		for k := range s.Replies {
			m.Peak = max(m.Peak, s.Replies[k].Reference, c.Policy[k])
			if c.Reached != Unknown {
				m.Peak = max(m.Peak, c.Optimum[k])
			}
		}
	}
	return Ceiling(&m)
}
