package picture

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendSVG appends a picture to dst as one SVG document. With a theme it
// stands alone, with literal colours on the theme's paper. With a nil theme it
// is for a place inside the page: no background, colours are the page's CSS
// variables (var(--policy) and so on, see Ink.Name), so that it follows the
// page from light to dark, and the title is a label, because a title element
// would pop up under the pointer. There are no style attributes, which a strict
// content policy would refuse. Any text gives well-formed XML.
func AppendSVG(dst []byte, p *Picture, theme *Theme) []byte {
	s := svg{dst, theme}
	s.open(p)
	for i := range p.Marks {
		s.mark(p, &p.Marks[i])
	}
	for i := range p.Labels {
		s.label(&p.Labels[i])
	}
	s.str("</svg>")
	return s.out
}

const fontStack = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"

// Baseline is how far below the top of a line's box the text stands, in font sizes.
const Baseline = 0.97

type svg struct {
	out   []byte
	theme *Theme
}

func (s *svg) open(p *Picture) {
	s.str(`<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0`)
	s.arg(p.W)
	s.arg(p.H)
	s.str(`"`)
	s.num("width", p.W)
	s.num("height", p.H)
	s.attr("font-family", fontStack)
	if s.theme == nil {
		s.attr("aria-label", p.Title)
		s.str(` class="picture">`)
	} else {
		s.str(` font-variant="tabular-nums"><title>`)
		s.text(p.Title)
		s.str("</title>")
	}
	s.str("<desc>")
	s.text(p.Desc)
	s.str("</desc>")
	if s.theme != nil {
		s.mark(p, &Mark{Kind: KindRect, Ink: InkPaper, Alpha: 1, W: p.W, H: p.H})
	}
}

func (s *svg) mark(p *Picture, m *Mark) {
	switch m.Kind {
	case KindRect:
		s.rect(m)
	case KindLine:
		s.line(p.Points[m.From:m.To], m)
	case KindArea:
		s.str(`<path d="`)
		s.path(p.Points[m.From:m.To])
		s.str(`z"`)
		s.paint(m)
	case KindDisc:
		s.str("<circle")
		s.num("cx", m.X)
		s.num("cy", m.Y)
		s.num("r", m.R)
		s.paint(m)
	case KindDiamond:
		s.diamond(m)
	case KindParticles:
		s.particles(p.Points[m.From:m.To], m)
	case KindGrid:
		s.grid(p.Cells[m.From:m.To], m)
	}
}

func (s *svg) rect(m *Mark) {
	s.box(m.X, m.Y, m.W, m.H)
	if m.R > 0 {
		s.num("rx", m.R)
	}
	s.paint(m)
}

func (s *svg) box(x, y, w, h float32) {
	s.str("<rect")
	s.num("x", x)
	s.num("y", y)
	s.num("width", max(w, 0))
	s.num("height", max(h, 0))
}

func (s *svg) diamond(m *Mark) {
	s.str(`<path d="M`)
	s.pair(m.X, m.Y-m.R)
	s.str("L")
	s.pair(m.X+m.R, m.Y)
	s.str("L")
	s.pair(m.X, m.Y+m.R)
	s.str("L")
	s.pair(m.X-m.R, m.Y)
	s.str(`z"`)
	s.paint(m)
}

// line prints a polyline and its arrow head. The head is a triangle of its
// own: a marker element would need an identifier that is unique in the page.
func (s *svg) line(points []Point, m *Mark) {
	if len(points) < 2 {
		return
	}
	var tip, left, right Point
	end := points[len(points)-1]
	if m.Arrow {
		tip, left, right, end = ArrowHead(points, m.Stroke)
	}
	s.str(`<path d="`)
	s.path(points[:len(points)-1])
	s.str("L")
	s.pair(end.X, end.Y)
	s.str(`"`)
	s.paint(m)
	if m.Arrow {
		s.str(`<path d="M`)
		s.pair(tip.X, tip.Y)
		s.str("L")
		s.pair(left.X, left.Y)
		s.str("L")
		s.pair(right.X, right.Y)
		s.str(`z"`)
		s.paint(&Mark{Ink: m.Ink, Alpha: m.Alpha})
	}
}

func (s *svg) path(points []Point) {
	for i, q := range points {
		if i == 0 {
			s.str("M")
		} else {
			s.str("L")
		}
		s.pair(q.X, q.Y)
	}
}

// particles prints squares as one path of strokes without length: their square
// caps are the squares. It is a third of the bytes that rectangles need.
func (s *svg) particles(points []Point, m *Mark) {
	if len(points) == 0 {
		return
	}
	s.str(`<path d="`)
	for _, q := range points {
		s.str("M")
		s.pair(q.X, q.Y)
		s.str("h0")
	}
	s.str(`" fill="none" stroke-linecap="square"`)
	s.colour("stroke", m.Ink)
	s.num("stroke-width", m.R)
	s.alpha("stroke-opacity", m.Alpha)
	s.str("/>")
}

// grid prints runs of equal cells as one rectangle each.
// grid prints the cells one by one: an image would need leave to be loaded,
// which a strict content policy does not give. A document that stands alone has
// them as an image, which is smoothly enlarged as on the canvas.
func (s *svg) grid(cells []uint32, m *Mark) {
	if m.Columns <= 0 || m.Rows <= 0 || len(cells) < m.Columns*m.Rows {
		return
	}
	if s.theme != nil {
		s.image(cells, m)
		return
	}
	cw, ch := m.W/float32(m.Columns), m.H/float32(m.Rows)
	s.str(`<g shape-rendering="crispEdges"`)
	s.alpha("opacity", m.Alpha)
	s.str(">")
	for r := range m.Rows {
		row := cells[r*m.Columns : (r+1)*m.Columns]
		for c, run := 0, 0; c < len(row); c += run {
			for run = 1; c+run < len(row) && row[c+run] == row[c]; run++ {
			}
			s.box(m.X+float32(c)*cw, m.Y+float32(r)*ch, float32(run)*cw, ch)
			s.str(` fill="`)
			s.hex(row[c] >> 8)
			s.str(`"`)
			s.alpha("fill-opacity", float32(row[c]&255)/255)
			s.str("/>")
		}
	}
	s.str("</g>")
}

// image prints a grid's cells as one PNG image inside the document.
func (s *svg) image(cells []uint32, m *Mark) {
	file := appendPNG(nil, cells, m.Columns, m.Rows)
	s.str(`<image preserveAspectRatio="none"`)
	s.num("x", m.X)
	s.num("y", m.Y)
	s.num("width", m.W)
	s.num("height", m.H)
	s.alpha("opacity", m.Alpha)
	s.str(` href="data:image/png;base64,`)
	s.out = base64.StdEncoding.AppendEncode(s.out, file)
	s.str(`"/>`)
}

// paint closes an element with its fill or its stroke.
func (s *svg) paint(m *Mark) {
	if m.Stroke <= 0 {
		s.colour("fill", m.Ink)
		s.alpha("fill-opacity", m.Alpha)
		s.str("/>")
		return
	}
	s.str(` fill="none" stroke-linejoin="round"`)
	s.colour("stroke", m.Ink)
	s.num("stroke-width", m.Stroke)
	s.alpha("stroke-opacity", m.Alpha)
	if m.Dash > 0 {
		s.num("stroke-dasharray", m.Dash)
	}
	s.str("/>")
}

func (s *svg) label(l *Label) {
	w := l.wrapped()
	if w.N == 0 {
		return
	}
	x := l.X
	s.str("<text")
	switch l.Align {
	case AlignCentre:
		x += l.W / 2
		s.attr("text-anchor", "middle")
	case AlignEnd:
		x += l.W
		s.attr("text-anchor", "end")
	}
	s.num("font-size", l.Size)
	if l.Bold {
		s.attr("font-weight", "600")
	}
	s.colour("fill", l.Ink)
	s.str(">")
	for i := range w.N {
		s.str("<tspan")
		s.num("x", x)
		s.num("y", l.Y+(Baseline+float32(i)*LineHeight)*l.Size)
		s.str(">")
		s.text(l.Text[w.from[i]:w.to[i]])
		if w.cut && i == w.N-1 {
			s.str(Ellipsis)
		}
		s.str("</tspan>")
	}
	s.str("</text>")
}

func (s *svg) str(t string) { s.out = append(s.out, t...) }

func (s *svg) arg(x float32) {
	s.str(" ")
	s.out = appendShort(s.out, x)
}

func (s *svg) pair(x, y float32) {
	s.out = appendShort(s.out, x)
	s.arg(y)
}

func (s *svg) num(name string, x float32) {
	s.str(" ")
	s.str(name)
	s.str(`="`)
	s.out = appendShort(s.out, x)
	s.str(`"`)
}

func (s *svg) attr(name, value string) {
	s.str(" ")
	s.str(name)
	s.str(`="`)
	s.text(value)
	s.str(`"`)
}

func (s *svg) alpha(name string, a float32) {
	if a < 1 {
		s.num(name, a)
	}
}

func (s *svg) colour(name string, ink Ink) {
	s.str(" ")
	s.str(name)
	s.str(`="`)
	switch {
	case ink == InkNone || ink >= inkCount:
		s.str("none")
	case s.theme == nil:
		s.str("var(--")
		s.str(ink.Name())
		s.str(")")
	default:
		s.hex(s.theme[ink])
	}
	s.str(`"`)
}

func (s *svg) hex(rgb uint32) {
	const digits = "0123456789abcdef"
	s.str("#")
	for shift := 20; shift >= 0; shift -= 4 {
		s.out = append(s.out, digits[rgb>>shift&15])
	}
}

// text escapes what XML reserves and drops what XML 1.0 does not allow at all.
func (s *svg) text(t string) {
	for i := 0; i < len(t); {
		r, n := utf8.DecodeRuneInString(t[i:])
		switch {
		case r == '&':
			s.str("&amp;")
		case r == '<':
			s.str("&lt;")
		case r == '>':
			s.str("&gt;")
		case r == '"':
			s.str("&quot;")
		case isSpace(r):
			s.str(" ")
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff || r == utf8.RuneError && n == 1:
		default:
			s.str(t[i : i+n])
		}
		i += n
	}
}

// appendShort writes x with at most two decimals and no more characters than
// it needs. What is not a number is written as 0, so that one bad coordinate
// cannot make the document unreadable.
func appendShort(dst []byte, x float32) []byte {
	c := math.Round(float64(x) * 100)
	if math.IsNaN(c) {
		c = 0
	}
	n := int64(max(min(c, 1e12), -1e12))
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	whole, part := n/100, n%100
	if whole > 0 || part == 0 {
		dst = strconv.AppendInt(dst, whole, 10)
	}
	if part == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+part/10))
	if part%10 > 0 {
		dst = append(dst, byte('0'+part%10))
	}
	return dst
}

const inkNames = "none paper card text soft line policy reference optimum chosen rejected accent rival pale deep"

// Name returns the ink's name in the page: "policy" for var(--policy).
func (i Ink) Name() string {
	rest := inkNames
	for ; i > 0; i-- {
		_, rest, _ = strings.Cut(rest, " ")
	}
	name, _, _ := strings.Cut(rest, " ")
	return name
}
