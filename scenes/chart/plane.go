package chart

import (
	"math"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// A Plane shows what a linear policy sees of the replies to a prompt: each is a
// point, of two features. An arrow shows where the weights have gone, θ − θ₀:
// a reply's logit has moved by the product of the two.
type Plane struct {
	Replies []PlaneReply
	// Pairs lists replies that were compared, as (rejected, chosen): to rank
	// them right the arrow must turn towards these.
	Pairs [][2]int
	Theta [2]float64 // θ − θ₀
	// Step is what the next step adds to θ, of which the direction is shown.
	Step [2]float64
	// Extent is the coordinate at the edges; 0 fits it to the replies.
	Extent float64
}

// A PlaneReply is one reply on the plane.
type PlaneReply struct {
	Text              string
	X, Y              float64
	Policy, Reference float64 // probabilities
}

const (
	planeText   = 12   // size of text, pixels
	planeDisc   = 0.13 // radius of a disc of probability 1, of the plane's side
	planeHandle = 15   // half the side of what can be taken hold of, pixels
	planePairs  = 12   // pairs drawn at most
)

// Edge returns the coordinate at the edges.
func (v *Plane) Edge() float64 {
	if v.Extent > 0 {
		return v.Extent
	}
	most := 0.5
	for i := range v.Replies {
		most = max(most, math.Abs(v.Replies[i].X), math.Abs(v.Replies[i].Y))
	}
	return 1.4 * most // room for a disc of probability 1
}

// planeLayout maps the plane into a square of pixels.
type planeLayout struct {
	box  picture.Bar
	edge float64
}

func (v *Plane) layout(w, h float32) planeLayout {
	side := min(w, h)
	return planeLayout{picture.Bar{(w - side) / 2, (h - side) / 2, side, side}, v.Edge()}
}

func (l *planeLayout) at(x, y float64) picture.Point {
	scale := l.box.W / 2
	x, y = max(-1, min(1, x/l.edge)), max(-1, min(1, y/l.edge))
	return picture.Point{l.box.X + scale*(1+float32(x)), l.box.Y + scale*(1-float32(y))}
}

// At returns the features at a place in a picture of w×h pixels, at most at the
// edge.
func (v *Plane) At(px, py, w, h float32) (x, y float64) {
	l := v.layout(w, h)
	within := func(share float32) float64 { return l.edge * float64(max(-1, min(1, share))) }
	return within(2*(px-l.box.X)/l.box.W - 1), within(1 - 2*(py-l.box.Y)/l.box.H)
}

// Draw fills p with the plane in w×h pixels.
func (v *Plane) Draw(p *picture.Picture, words words.Words, w, h float32) {
	p.Reset(w, h)
	l := v.layout(w, h)
	v.axes(p, &l, words)
	for _, pair := range v.Pairs[:min(len(v.Pairs), planePairs)] {
		v.pair(p, &l, pair)
	}
	for i := range v.Replies {
		v.disc(p, &l, i)
	}
	v.next(p, &l, v.arrow(p, &l))
	for i := range v.Replies {
		v.name(p, &l, words, i)
	}
	v.describe(p, words)
}

// axes draws them, and writes their names and the coordinate at the edges into
// corners.
func (v *Plane) axes(p *picture.Picture, l *planeLayout, w words.Words) {
	b, style := l.box, picture.Mark{Ink: picture.InkLine, Alpha: 1, Stroke: 1}
	p.Outline(picture.Bar{b.X + 0.5, b.Y + 0.5, b.W - 1, b.H - 1}, picture.InkLine, 1, 0, 0)
	p.Segment(b.X, b.Y+b.H/2, b.X+b.W, b.Y+b.H/2, style)
	p.Segment(b.X+b.W/2, b.Y, b.X+b.W/2, b.Y+b.H, style)
	const line = picture.LineHeight * planeText
	t := picture.Label{X: b.X + 4, Y: b.Y + 2, W: b.W/2 - 6, Text: w.Say("plane.y"), Size: planeText, Ink: picture.InkSoft}
	p.Text(t)
	t.Y, t.Text = b.Y+b.H-line-2, w.Say("plane.edge", "n", words.Short(l.edge))
	p.Text(t)
	t.X, t.Text, t.Align = b.X+b.W/2+2, w.Say("plane.x"), picture.AlignEnd
	p.Text(t)
}

// pair draws which way the votes on a pair pull.
func (v *Plane) pair(p *picture.Picture, l *planeLayout, pair [2]int) {
	a, b := &v.Replies[pair[0]], &v.Replies[pair[1]]
	from, to := l.at(a.X, a.Y), l.at(b.X, b.Y)
	if math.Hypot(float64(to.X-from.X), float64(to.Y-from.Y)) > 12 {
		p.Segment(from.X, from.Y, to.X, to.Y, picture.Mark{Ink: picture.InkText, Alpha: 0.7, Stroke: 1.2, Arrow: true})
	}
}

// disc draws a reply: its areas are the probabilities.
func (v *Plane) disc(p *picture.Picture, l *planeLayout, i int) {
	r := &v.Replies[i]
	at, full := l.at(r.X, r.Y), planeDisc*l.box.W
	now, was := full*float32(math.Sqrt(r.Policy)), full*float32(math.Sqrt(r.Reference))
	now = v.within(l, at, now)
	p.Marks = append(p.Marks,
		picture.Mark{Kind: picture.KindDisc, Ink: picture.InkPolicy, Alpha: 0.45, X: at.X, Y: at.Y, R: now},
		picture.Mark{Kind: picture.KindDisc, Ink: picture.InkReference, Alpha: 1, Stroke: 1, Dash: 3, X: at.X, Y: at.Y, R: v.within(l, at, was)})
	p.Marks = append(p.Marks, picture.Mark{Kind: picture.KindDisc, Ink: picture.InkText, Alpha: 1, X: at.X, Y: at.Y, R: v.within(l, at, 2.5)})
}

// within shrinks a disc to what the picture holds of it.
func (v *Plane) within(l *planeLayout, at picture.Point, r float32) float32 {
	b := l.box
	return max(0, min(r, at.X-b.X, b.X+b.W-at.X, at.Y-b.Y, b.Y+b.H-at.Y))
}

// arrow draws θ − θ₀ from the origin, and returns where it ends. Its length
// grows ever more slowly, for the weights may grow without bound.
func (v *Plane) arrow(p *picture.Picture, l *planeLayout) (tip [2]float64) {
	size := math.Hypot(v.Theta[0], v.Theta[1])
	if !(size > 1e-9) || math.IsInf(size, 0) {
		return tip
	}
	length := planeGone * l.edge * size / (1 + size)
	tip = [2]float64{length * v.Theta[0] / size, length * v.Theta[1] / size}
	from, to := l.at(0, 0), l.at(tip[0], tip[1])
	if picture.Hypot(to.X-from.X, to.Y-from.Y) > 8 {
		p.Segment(from.X, from.Y, to.X, to.Y, picture.Mark{Ink: picture.InkPolicy, Alpha: 1, Stroke: 2.5, Arrow: true})
	}
	return tip
}

// planeGone is how long the arrow of the weights is at most, and planeNext that
// of the next step, of the way to the edge.
const planeGone, planeNext = 0.65, 0.3

// next draws which way the next step goes, from where the weights have gone: one
// that is more than rounding.
func (v *Plane) next(p *picture.Picture, l *planeLayout, tip [2]float64) {
	size := math.Hypot(v.Step[0], v.Step[1])
	if !(size > 1e-5*math.Hypot(v.Theta[0], v.Theta[1])) || math.IsInf(size, 0) {
		return
	}
	length := planeNext * l.edge / size
	from, to := l.at(tip[0], tip[1]), l.at(tip[0]+length*v.Step[0], tip[1]+length*v.Step[1])
	p.Segment(from.X, from.Y, to.X, to.Y, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 1.4, Dash: 4, Arrow: true})
}

// name writes a reply's text where it covers no other, and makes the reply a
// target.
func (v *Plane) name(p *picture.Picture, l *planeLayout, words words.Words, i int) {
	r := &v.Replies[i]
	at := l.at(r.X, r.Y)
	t := picture.Label{Text: read.Cut(r.Text, 22), Size: planeText, Ink: picture.InkText}
	t.W = picture.TextWidth(t.Text, t.Size, false) + 1
	high := picture.LineHeight * t.Size
	for _, q := range [...]picture.Point{{at.X + 8, at.Y - high}, {at.X + 8, at.Y + 2}, {at.X - 8 - t.W, at.Y - high}, {at.X - 8 - t.W, at.Y + 2}, {at.X - t.W/2, at.Y + 12}, {at.X - t.W/2, at.Y - 12 - high}} {
		if t.X, t.Y = q.X, q.Y; p.IsFree(t.Box().Shrunk(-1)) {
			p.Text(t)
			break
		}
	}
	x := max(0, min(at.X-planeHandle, p.W-2*planeHandle))
	y := max(0, min(at.Y-planeHandle, p.H-2*planeHandle))
	p.Targets = append(p.Targets, picture.Target{X: x, Y: y, W: 2 * planeHandle, H: 2 * planeHandle, ID: i, Name: v.spoken(words, r)})
}

func (v *Plane) spoken(w words.Words, r *PlaneReply) string {
	return w.Say("plane.reply", "text", words.Brief(r.Text), "x", words.Short(r.X), "y", words.Short(r.Y),
		"now", w.Say("chart.percent", "n", words.Percent(r.Policy)), "reference", w.Say("chart.percent", "n", words.Percent(r.Reference)))
}

func (v *Plane) describe(p *picture.Picture, w words.Words) {
	p.Title = w.Say("plane.title")
	p.Desc = w.Say("plane.theta", "x", words.Short(v.Theta[0]), "y", words.Short(v.Theta[1]))
	if v.Step != [2]float64{} {
		p.Desc += " " + w.Say("plane.next", "x", words.Digits(v.Step[0], 2), "y", words.Digits(v.Step[1], 2))
	}
	for i := range v.Replies {
		p.Desc += " " + v.spoken(w, &v.Replies[i])
	}
}
