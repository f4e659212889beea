package loss

import (
	"math"

	"dpoplayground/core/objective"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Reach is how far the axis of a pair's curve goes to either side of 0, in
// units of the curve: 4, or twice that as often as the pair needs.
type Reach struct{ units float64 }

// Fit has the axis hold a gap h. It never shrinks but for another pair near 0.
func (r *Reach) Fit(curve *objective.LossCurve, h float64) {
	r.units = 4
	for u := math.Abs(h) / curve.Unit(); r.units < u && r.units < 1e6; {
		r.units *= 2
	}
}

// DrawPair fills p with the loss over the gap h of log-ratios and a bead at h, in w
// pixels: where the pair is ranked right the curve is to the right of 0.
func DrawPair(p *picture.Picture, w words.Words, curve *objective.LossCurve, reach Reach, h float64, width, font float32) {
	size := max(font*0.84, picture.LeastTick)
	height := 5.2 * max(font, 14)
	p.Reset(width, height)
	p.Title, p.Desc = w.Say("push.curve"), w.Say("push.curve.desc", "h", words.Signed(h, 2))
	foot, end := height-size*picture.LineHeight-3, reach.units*curve.Unit()
	x := func(h float64) float32 { return width/2 + float32(h/end)*(width/2-8) }
	top := 0.0
	for i := range 65 {
		if v, _ := curve.At(end * (float64(i)/32 - 1)); v > top && v < math.MaxFloat32 {
			top = v
		}
	}
	y := func(v float64) float32 { return foot - 4 - float32(picture.Clamp(float32(v/top), 0, 1))*(foot-12) }
	p.Segment(8, foot, width-8, foot, picture.Mark{Ink: picture.InkReference, Alpha: 1, Stroke: 1})
	p.Segment(x(0), 4, x(0), foot, picture.Mark{Ink: picture.InkReference, Alpha: 1, Stroke: 1, Dash: 3})
	from := len(p.Points)
	for i := range 65 {
		at := end * (float64(i)/32 - 1)
		v, _ := curve.At(at)
		p.Points = append(p.Points, picture.Point{X: x(at), Y: y(v)})
	}
	p.Polyline(from, picture.Mark{Ink: picture.InkText, Alpha: 1, Stroke: 2})
	v, _ := curve.At(h)
	p.Disc(x(h), y(v), 7, picture.InkPaper)
	p.Disc(x(h), y(v), 5.5, picture.InkPolicy)
	for _, l := range [...]picture.Label{{X: 8, Text: w.Say("push.wrong")}, {X: width/2 + 8, Text: w.Say("push.right"), Align: picture.AlignEnd}} {
		l.Y, l.W, l.Size, l.Ink = foot+2, width/2-16, size, picture.InkSoft
		p.Text(l)
	}
}
