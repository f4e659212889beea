package picture

import (
	"strings"
	"unicode/utf8"
)

// LineHeight is the distance between a label's lines, in font sizes. Whatever
// prints a label uses it, so that boxes come out as they were laid out.
const LineHeight = 1.25

// A wrapping is where a text breaks: line i is text[from[i]:to[i]]. It is a
// plain value so that wrapping allocates nothing.
type wrapping struct {
	N        int
	from, to [MaxLines]int
	cut      bool    // the text goes on after the last line, which ends in an ellipsis
	width    float32 // of the widest line
}

// asciiWidths are the advances of the characters from space to ~, in hundredths
// of the font size. They are those of a wide sans serif: the fonts behind
// system-ui differ, and a box that is a little roomy is better than text that
// runs out of it.
const asciiWidths = "" +
	"\x20\x28\x2e\x54\x40\x5f\x4e\x1c\x27\x27\x32\x54\x20\x24\x20\x22" + // space to /
	"\x40\x40\x40\x40\x40\x40\x40\x40\x40\x40\x22\x22\x54\x54\x54\x35" + // 0 to ?
	"\x64\x45\x45\x46\x4d\x40\x3a\x4e\x4c\x1e\x1e\x42\x38\x57\x4b\x4f" + // @ to O
	"\x3d\x4f\x46\x40\x3e\x4a\x45\x63\x45\x3e\x45\x27\x22\x27\x54\x32" + // P to _
	"\x32\x3e\x40\x37\x40\x3e\x24\x40\x40\x1c\x1c\x3a\x1c\x62\x40\x3e" + // ` to o
	"\x40\x40\x2a\x35\x28\x40\x3c\x52\x3c\x3c\x35\x40\x22\x40\x54" // p to ~

// boldness is how much wider bold text is.
const boldness = 1.1

// runeWidth estimates a character's advance in font sizes.
func runeWidth(r rune) float32 {
	switch {
	case r < ' ':
		return 0.32 // printed as a space
	case r < 127:
		return float32(asciiWidths[r-' ']) / 100
	case isZeroWidth(r):
		return 0
	case r < 0x1100:
		return 0.7
	case isWide(r):
		return 1.05
	case r >= 0x1f000:
		return 1.35 // pictographs
	}
	return 0.84
}

func isZeroWidth(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x200b && r <= 0x200f ||
		r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r >= 0xfe00 && r <= 0xfe0f
}

// isWide tells the scripts whose characters fill a square (Unicode Standard
// Annex 11, the blocks in common use).
func isWide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe4f || r >= 0xff00 && r <= 0xff60 ||
		r >= 0x20000 && r <= 0x3fffd
}

// TextWidth estimates how wide a text is on one line, in pixels.
func TextWidth(text string, size float32, bold bool) float32 {
	var w float32
	joined := false
	for _, r := range text {
		if !joined {
			w += runeWidth(r)
		}
		joined = r == 0x200d
	}
	return w * scale(size, bold)
}

func scale(size float32, bold bool) float32 {
	if bold {
		return size * boldness
	}
	return size
}

// Wrap breaks a text into at most lines lines (0 means 1) no wider than width:
// at spaces where it can, inside a word where it must.
func Wrap(text string, size float32, bold bool, width float32, lines int) wrapping {
	var w wrapping
	lines = min(max(lines, 1), MaxLines)
	room := width / scale(size, bold)
	at := skipSpaces(text, 0)
	for w.N < lines && at < len(text) {
		end, wide, next := breakLine(text, at, room)
		if w.N == lines-1 && next < len(text) {
			end, wide = cutLine(text, at, end, room)
			w.cut = true
		}
		w.from[w.N], w.to[w.N] = at, end
		w.width = max(w.width, wide*scale(size, bold))
		w.N++
		at = next
	}
	return w
}

// breakLine finds the line that begins at from: where it ends, how wide it is
// in font sizes, and where the next one begins.
func breakLine(text string, from int, room float32) (end int, wide float32, next int) {
	var width, atSpace float32
	space, joined := -1, false
	for i, r := range text[from:] {
		i += from
		rw := runeWidth(r)
		if joined {
			rw = 0
		}
		joined = r == 0x200d
		if isSpace(r) {
			if i > from && !isSpace(rune(text[i-1])) {
				space, atSpace = i, width
			}
		} else if width+rw > room && i > from {
			if space > from {
				return space, atSpace, skipSpaces(text, space)
			}
			return i, width, i
		}
		width += rw
	}
	end = len(strings.TrimRight(text[from:], " \t\r\n")) + from
	return end, width, len(text)
}

// cutLine makes room for an ellipsis at the end of text[from:end].
func cutLine(text string, from, end int, room float32) (int, float32) {
	room -= runeWidth('…')
	wide := TextWidth(text[from:end], 1, false)
	for end > from && wide > room {
		r, n := utf8.DecodeLastRuneInString(text[from:end])
		end -= n
		wide -= runeWidth(r)
	}
	for end > from && isSpace(rune(text[end-1])) {
		end--
	}
	return end, max(wide, 0) + runeWidth('…')
}

func skipSpaces(text string, at int) int {
	for at < len(text) && isSpace(rune(text[at])) {
		at++
	}
	return at
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// wrapped breaks the label's text. Centred lines are made about equally long,
// as text-wrap: balance does in a page.
func (l *Label) wrapped() wrapping {
	w := Wrap(l.Text, l.Size, l.Bold, l.W, l.Lines)
	if l.Align != AlignCentre || w.N < 2 || w.cut {
		return w
	}
	low, high := l.W/float32(w.N), l.W
	for high-low > 2 {
		middle := (low + high) / 2
		if t := Wrap(l.Text, l.Size, l.Bold, middle, l.Lines); t.cut || t.N > w.N {
			low = middle
		} else {
			w, high = t, middle
		}
	}
	return w
}

// Box estimates the rectangle that the label's text covers.
func (l *Label) Box() Bar {
	w := l.wrapped()
	b := Bar{X: l.X, Y: l.Y, W: w.width, H: float32(w.N) * LineHeight * l.Size}
	switch l.Align {
	case AlignCentre:
		b.X += (l.W - b.W) / 2
	case AlignEnd:
		b.X += l.W - b.W
	}
	return b
}
