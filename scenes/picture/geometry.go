package picture

import "math"

// A Bar is a rectangle: the left top corner and the size, in pixels.
type Bar struct{ X, Y, W, H float32 }

// Overlaps tells whether two rectangles share more than a margin of slack.
func (b Bar) Overlaps(c Bar, slack float32) bool {
	return b.X+slack < c.X+c.W && c.X+slack < b.X+b.W && b.Y+slack < c.Y+c.H && c.Y+slack < b.Y+b.H
}

// ArrowHead returns the corners of the triangle at the end of a polyline of at
// least two points, and where the line itself should stop so that it does not
// show beside the tip.
func ArrowHead(points []Point, stroke float32) (tip, left, right, stop Point) {
	tip = points[len(points)-1]
	length, half := 5+2.5*stroke, 2.5+1.25*stroke
	dx, dy := direction(points, length)
	back := Point{tip.X - dx*length, tip.Y - dy*length}
	left = Point{back.X - dy*half, back.Y + dx*half}
	right = Point{back.X + dy*half, back.Y - dx*half}
	stop = Point{tip.X - dx*length*0.7, tip.Y - dy*length*0.7}
	return tip, left, right, stop
}

// direction is the unit vector towards the end of a polyline from the last
// point that lies at least a distance away: the last piece of a curve alone is
// too short to point well.
func direction(points []Point, distance float32) (dx, dy float32) {
	tip := points[len(points)-1]
	for i := len(points) - 2; i >= 0; i-- {
		x, y := tip.X-points[i].X, tip.Y-points[i].Y
		d := float32(math.Hypot(float64(x), float64(y)))
		if d >= distance || i == 0 && d > 0 {
			return x / d, y / d
		}
	}
	return 0, 1
}

// The helpers below add one thing each to a picture.

func (p *Picture) Rect(b Bar, ink Ink, alpha, round float32) {
	p.Marks = append(p.Marks, Mark{Kind: KindRect, Ink: ink, Alpha: alpha, X: b.X, Y: b.Y, W: b.W, H: b.H, R: round})
}

func (p *Picture) Outline(b Bar, ink Ink, stroke, dash, round float32) {
	p.Marks = append(p.Marks, Mark{Kind: KindRect, Ink: ink, Alpha: 1, Stroke: stroke, Dash: dash, X: b.X, Y: b.Y, W: b.W, H: b.H, R: round})
}

func (p *Picture) Segment(x0, y0, x1, y1 float32, style Mark) {
	from := len(p.Points)
	p.Points = append(p.Points, Point{x0, y0}, Point{x1, y1})
	p.Polyline(from, style)
}

// Polyline draws through the points added since from; the style gives ink,
// alpha, stroke and dash.
func (p *Picture) Polyline(from int, style Mark) {
	style.Kind, style.From, style.To = KindLine, from, len(p.Points)
	p.Marks = append(p.Marks, style)
}

func (p *Picture) Disc(x, y, r float32, ink Ink) {
	p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: ink, Alpha: 1, X: x, Y: y, R: r})
}

func (p *Picture) Text(l Label) {
	if l.Text != "" {
		p.Labels = append(p.Labels, l)
	}
}

// Optimum draws the marker of the optimum: a paper-filled diamond where the
// optimum can be reached, and a diamond split into two open halves where it is
// a limit that is never reached. The two differ in shape, not only in fill.
func (p *Picture) Optimum(x, y, r, stroke float32, reached Reached) {
	switch reached {
	case Reachable:
		p.Marks = append(p.Marks,
			Mark{Kind: KindDiamond, Ink: InkPaper, Alpha: 1, X: x, Y: y, R: r},
			Mark{Kind: KindDiamond, Ink: InkOptimum, Alpha: 1, Stroke: stroke, X: x, Y: y, R: r})
	case NeverReached:
		for _, side := range [2]float32{-1, 1} {
			from := len(p.Points)
			gap := side * r * 0.34
			p.Points = append(p.Points, Point{x - r, y + gap}, Point{x, y + side*r*1.25}, Point{x + r, y + gap})
			// A halo of paper lifts the strokes off grains and lines.
			p.Polyline(from, Mark{Ink: InkPaper, Alpha: 1, Stroke: stroke + 2})
			p.Polyline(from, Mark{Ink: InkOptimum, Alpha: 1, Stroke: stroke})
		}
	}
}
