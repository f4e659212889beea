package picture

import "math"

// Piece draws the points added since from, if they make a line.
func (p *Picture) Piece(from int, style Mark) {
	if len(p.Points)-from > 1 {
		p.Polyline(from, style)
	}
}

// Area covers a polygon with paper.
func (p *Picture) Area(corners ...Point) {
	from := len(p.Points)
	p.Points = append(p.Points, corners...)
	p.Marks = append(p.Marks, Mark{Kind: KindArea, Ink: InkPaper, Alpha: 1, From: from, To: len(p.Points)})
}

func Hypot(x, y float32) float32 { return float32(math.Hypot(float64(x), float64(y))) }

func (p *Picture) Ring(at Point, r, stroke float32, ink Ink) {
	p.Marks = append(p.Marks, Mark{Kind: KindDisc, Ink: ink, Alpha: 1, Stroke: stroke, X: at.X, Y: at.Y, R: r})
}

// bandPieces is how many straight pieces stand for a band's edge.
const bandPieces = 16

// Band draws an S-shaped band whose upper edge goes from (x0, y0) to (x1, y1).
func (p *Picture) Band(x0, y0, x1, y1, wide float32) {
	from := len(p.Points)
	edge := func(i int, down float32) {
		t := float32(i) / bandPieces
		p.Points = append(p.Points, Point{x0 + t*(x1-x0), y0 + t*t*(3-2*t)*(y1-y0) + down})
	}
	for i := 0; i <= bandPieces; i++ {
		edge(i, 0)
	}
	for i := bandPieces; i >= 0; i-- {
		edge(i, wide)
	}
	p.Marks = append(p.Marks, Mark{Kind: KindArea, Ink: InkPolicy, Alpha: 0.3, From: from, To: len(p.Points)})
}

// Crossed tells whether a curve passes through a rectangle.
func (p *Picture) Crossed(b Bar) bool {
	for i := range p.Marks {
		m := &p.Marks[i]
		if m.Kind != KindLine || m.To-m.From < 3 {
			continue
		}
		for _, q := range p.Points[m.From:m.To] {
			if b.Overlaps(Bar{q.X, q.Y, 0, 0}, 0) {
				return true
			}
		}
	}
	return false
}

// Covers tells whether a label there would cover a curve, an arrow's end or a
// bead.
func (p *Picture) Covers(b Bar) bool {
	for i := range p.Marks {
		if m := &p.Marks[i]; m.Kind == KindDisc && b.Overlaps(Bar{m.X - 0.7*m.R, m.Y - 0.7*m.R, 1.4 * m.R, 1.4 * m.R}, 0) {
			return true
		}
	}
	return p.Crossed(b)
}

// DigitHeight is how tall a digit stands on its baseline, in font sizes. What
// may not be touched of a label is its digits, not the whole of its line.
const DigitHeight = 0.73

// Plate draws paper behind a label's digits.
func (p *Picture) Plate(t *Label) {
	if t.Text != "" {
		p.Rect(Bar{t.X - 1, t.Y + (Baseline-DigitHeight-0.08)*t.Size, t.W + 2, (DigitHeight + 0.16) * t.Size}, InkPaper, 0.85, 2)
	}
}

// IsFree tells whether a rectangle is inside the picture and off its labels.
func (p *Picture) IsFree(b Bar) bool {
	for i := range p.Labels {
		if b.Overlaps(p.Labels[i].Box(), 0) {
			return false
		}
	}
	return b.X >= 0 && b.Y >= 0 && b.X+b.W <= p.W && b.Y+b.H <= p.H
}

func Mix(a, b, t float32) float32 { return a + (b-a)*t }

const (
	HighestRow = 92
	PageMargin = 8
	PageFont   = 16 // of a page that does not say

	LeastText = 13 // the smallest font of replies
	LeastTick = 12 // the smallest font of all
)

func (b Bar) Shrunk(by float32) Bar {
	x, y := min(by, b.W/2), min(by, b.H/2)
	return Bar{b.X + x, b.Y + y, b.W - 2*x, b.H - 2*y}
}

func Clamp(x, low, high float32) float32 { return max(low, min(x, high)) }

// Extent is the rectangle of a marker or of a straight line, and nothing for
// what a label may lie on: hairlines, and curves, which are weighed by point.
func (m *Mark) Extent(points []Point) Bar {
	switch {
	case m.Kind == KindDiamond || m.Kind == KindDisc:
		return Bar{m.X - m.R, m.Y - m.R, 2 * m.R, 2 * m.R}
	case m.Kind == KindLine && m.To-m.From == 2 && m.Ink != InkLine:
		a, z := points[m.From], points[m.From+1]
		x, y := min(a.X, z.X), min(a.Y, z.Y)
		return Bar{x - 1, y - 1, max(a.X, z.X) - x + 2, max(a.Y, z.Y) - y + 2}
	}
	return Bar{X: -1e9}
}

const (
	MaxLines = 8
	Ellipsis = "…"
)
