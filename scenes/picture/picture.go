// Package picture is the vocabulary of pictures: marks, labels and targets as plain
// data in page pixels, the measuring and breaking of text, and what prints them as
// SVG and PNG. A picture carries the words that a screen reader says, so that both
// come from one place; sentences of its own it has none. It imports the standard
// library only.
package picture

// An Ink is the role of a colour. What colour it is depends on the theme.
type Ink uint8

// The roles. Policy, chosen and rejected are of the Okabe–Ito palette, which
// stays distinct under the common kinds of colour blindness.
const (
	InkNone      Ink = iota
	InkPaper         // the background
	InkCard          // a raised surface
	InkText          // text and axes
	InkSoft          // secondary text
	InkLine          // hairlines, grid
	InkPolicy        // the policy being trained
	InkReference     // the frozen reference
	InkOptimum       // where the run is headed
	InkChosen        // chosen replies
	InkRejected      // rejected replies
	InkAccent        // focus, the thing being pointed at
	InkRival         // a policy trained by another method, beside the policy
	InkPale          // light and dark marks on a field of colours, which are the
	InkDeep          // same under every theme
	inkCount
)

// A Kind says what a mark is.
type Kind uint8

// The vocabulary of marks.
const (
	KindRect      Kind = iota // X, Y, W, H; R rounds the corners
	KindLine                  // a polyline through Points[From:To]
	KindArea                  // the polygon Points[From:To], filled
	KindDisc                  // centre X, Y; radius R
	KindDiamond               // centre X, Y; half diagonal R
	KindParticles             // a square of side R centred at each of Points[From:To]
	KindGrid                  // Columns×Rows cells filling X, Y, W, H, coloured by Cells[From:To]
)

// A Mark is one thing to draw. Marks are drawn in order.
type Mark struct {
	Kind       Kind
	Ink        Ink
	Alpha      float32 // opacity of the ink, 0 to 1
	Stroke     float32 // width of the outline in pixels; 0 means filled
	Dash       float32 // length of dashes and gaps along a stroke; 0 means solid
	X, Y, W, H float32
	R          float32
	From, To   int // a range of Picture.Points, or of Picture.Cells for a grid
	Columns    int
	Rows       int
	Arrow      bool // a line ends in an arrow head
}

// A Point is a position in pixels; y grows downwards.
type Point struct{ X, Y float32 }

// Align says which side of a label's box its text leans on.
type Align uint8

// The alignments.
const (
	AlignStart Align = iota
	AlignCentre
	AlignEnd
)

// A Label is text in a box. The text wraps inside W and keeps to at most
// Lines lines. The box's top edge is at Y.
type Label struct {
	X, Y, W float32
	Text    string
	Size    float32 // of the font, in pixels
	Lines   int     // at most this many; 0 means 1
	Ink     Ink
	Align   Align
	Bold    bool
}

// A Target is a region that can be pointed at, focused and pressed, such as a
// reply's bar. Name is what it is called aloud; ID is what the program knows it by.
// One that can be dragged can also be moved by the arrow keys.
type Target struct {
	X, Y, W, H float32
	ID         int
	Name       string
	Drag       bool
}

// A Picture is what a scene shows at one moment. Its slices are reused from
// frame to frame: Reset empties them and keeps their room.
type Picture struct {
	W, H    float32
	Marks   []Mark
	Points  []Point
	Cells   []uint32 // 0xRRGGBBAA, row by row
	Labels  []Label
	Targets []Target
	Title   string // one line: what this is a picture of
	Desc    string // what it shows now, in words
}

// Append adds another picture, its left top corner at (x, y). The title and the
// description stay as they are.
func (p *Picture) Append(q *Picture, x, y float32) {
	points, cells := len(p.Points), len(p.Cells)
	for _, at := range q.Points {
		p.Points = append(p.Points, Point{at.X + x, at.Y + y})
	}
	p.Cells = append(p.Cells, q.Cells...)
	for _, m := range q.Marks {
		m.X, m.Y = m.X+x, m.Y+y
		from := points
		if m.Kind == KindGrid {
			from = cells
		}
		m.From, m.To = m.From+from, m.To+from
		p.Marks = append(p.Marks, m)
	}
	for _, l := range q.Labels {
		l.X, l.Y = l.X+x, l.Y+y
		p.Labels = append(p.Labels, l)
	}
	for _, t := range q.Targets {
		t.X, t.Y = t.X+x, t.Y+y
		p.Targets = append(p.Targets, t)
	}
}

// Reset empties the picture and sets its size in pixels.
func (p *Picture) Reset(w, h float32) {
	p.W, p.H = w, h
	p.Marks, p.Points, p.Cells = p.Marks[:0], p.Points[:0], p.Cells[:0]
	p.Labels, p.Targets = p.Labels[:0], p.Targets[:0]
	p.Title, p.Desc = "", ""
}
