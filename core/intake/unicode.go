package intake

import (
	"slices"
	"sync"
	"unicode/utf8"
)

// composed returns a text in Unicode's form NFC, in which equal texts have
// equal bytes. The ideographs for compatibility stay as they are. The text
// itself is returned where nothing in it may be composed.
func composed(text []byte) []byte {
	if !mayCompose(text) {
		return text
	}
	t := unicodeTables()
	var runes []rune
	for _, r := range string(text) {
		runes = t.decompose(runes, r)
	}
	t.order(runes)
	return []byte(string(t.compose(runes)))
}

// mayCompose tells that a text has a mark, a Hangul part or a character that
// is the same as another. All of them lie above U+02FF.
func mayCompose(text []byte) bool {
	for i := 0; i < len(text); {
		if text[i] < 0xcc { // the first byte of U+0300
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if i += size; !still(r) && unicodeTables().stirs(r) {
			return true
		}
	}
	return false
}

// still tells characters of common ranges that never stir from others, without
// a look into the tables.
func still(r rune) bool {
	return r < 0x300 || 0x400 <= r && r < 0x483 || 0x2002 <= r && r < 0x20d0 || 0x3100 <= r && r < 0xa66f ||
		syllable <= r && r < syllable+leadings*vowels*trailings
}

type unicodeTable struct {
	parts     map[rune][2]rune // of what may be taken apart; the second is 0 for singles
	composite map[[2]rune]rune
	class     map[rune]uint8
	second    map[rune]bool
}

var unicodeTables = sync.OnceValue(func() *unicodeTable {
	t := &unicodeTable{map[rune][2]rune{}, map[[2]rune]rune{}, map[rune]uint8{}, map[rune]bool{}}
	for c := range slices.Chunk([]rune(composites), 3) {
		t.parts[c[0]] = [2]rune{c[1], c[2]}
		t.composite[[2]rune{c[1], c[2]}] = c[0]
		t.second[c[2]] = true
	}
	for c := range slices.Chunk([]rune(decomposed), 3) {
		t.parts[c[0]] = [2]rune{c[1], c[2]}
	}
	for c := range slices.Chunk([]rune(singles), 2) {
		t.parts[c[0]] = [2]rune{c[1]}
	}
	for c := range slices.Chunk([]rune(classes), 3) {
		for r := c[0]; r <= c[1]; r++ {
			t.class[r] = uint8(c[2])
		}
	}
	return t
})

// Hangul syllables are computed (The Unicode Standard, section 3.12).
const (
	syllable, leading, vowel, trailing = 0xac00, 0x1100, 0x1161, 0x11a7
	leadings, vowels, trailings        = 19, 21, 28
)

// stirs tells that a character may change in NFC, or change what stands
// before it.
func (t *unicodeTable) stirs(r rune) bool {
	if t.class[r] > 0 || t.second[r] || vowel <= r && r < trailing+trailings {
		return true
	}
	p, apart := t.parts[r]
	return apart && (p[1] == 0 || t.composite[p] == 0)
}

func (t *unicodeTable) decompose(out []rune, r rune) []rune {
	if s := r - syllable; 0 <= s && s < leadings*vowels*trailings {
		out = append(out, leading+s/(vowels*trailings), vowel+s/trailings%vowels)
		if s%trailings > 0 {
			out = append(out, trailing+s%trailings)
		}
		return out
	}
	p, apart := t.parts[r]
	if !apart {
		return append(out, r)
	}
	if out = t.decompose(out, p[0]); p[1] != 0 {
		out = append(out, p[1])
	}
	return out
}

// order sorts the marks of each letter by their class.
func (t *unicodeTable) order(runes []rune) {
	for i := 0; i < len(runes); {
		end := i
		for end < len(runes) && t.class[runes[end]] > 0 {
			end++
		}
		slices.SortStableFunc(runes[i:end], func(a, b rune) int { return int(t.class[a]) - int(t.class[b]) })
		i = end + 1
	}
}

// compose puts letters and marks together, in place.
func (t *unicodeTable) compose(runes []rune) []rune {
	out := runes[:0]
	starter, last := -1, -1 // the letter's index in out, the class of what was kept behind it
	for _, r := range runes {
		class := int(t.class[r])
		if starter >= 0 && (last < class || last == -1) {
			if whole := t.join(out[starter], r); whole != 0 {
				out[starter] = whole
				continue
			}
		}
		if last = class; class == 0 {
			starter, last = len(out), -1
		}
		out = append(out, r)
	}
	return out
}

func (t *unicodeTable) join(a, b rune) rune {
	if 0 <= a-leading && a-leading < leadings && 0 <= b-vowel && b-vowel < vowels {
		return syllable + ((a-leading)*vowels+b-vowel)*trailings
	}
	if s := a - syllable; 0 <= s && s < leadings*vowels*trailings && s%trailings == 0 && 0 < b-trailing && b-trailing < trailings {
		return a + b - trailing
	}
	return t.composite[[2]rune{a, b}]
}
