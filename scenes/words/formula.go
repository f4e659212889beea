package words

import (
	"strings"
	"unicode/utf8"
)

// Values are the numbers of a formula, by name.
type Values map[string]string

// MathML writes a formula as MathML. A formula is words with spaces between:
//
//	x  β  σ  z_w  e^u      a letter, with an index below or above
//	log  max               a function
//	2  .5                  a number
//	+ − = ( ) [ ] , · ∂    signs; neg is a minus that stands before its number
//	big( big) big[ big]  brackets around a fraction
//	frac { a } { b }       a fraction; sqrt { a } and sup { a } { b } likewise
//	#u  #u!                a value; with ! the one to look at
//	#(u)                   a value that stands after a sign: a negative one in brackets
//	w:x  l:#u              in the ink of the chosen, or the rejected, reply
//
// A value that is not given is left out. What is written is safe as markup only
// if formula and values are the program's own.
func MathML(formula string, v Values) string {
	t := formulaWriter{words: strings.Fields(formula), values: v}
	t.out.WriteString(`<math display="block">`)
	for len(t.words) > 0 {
		t.one()
	}
	t.out.WriteString(`</math>`)
	return t.out.String()
}

type formulaWriter struct {
	words  []string
	values Values
	out    strings.Builder
}

func (t *formulaWriter) next() string {
	if len(t.words) == 0 {
		return ""
	}
	word := t.words[0]
	t.words = t.words[1:]
	return word
}

// one writes one word, or one construct with its groups.
func (t *formulaWriter) one() {
	switch word := t.next(); word {
	case "{":
		t.group()
	case "frac":
		t.construct("mfrac", 2)
	case "sup":
		t.construct("msup", 2)
	case "sqrt":
		t.construct("msqrt", 1)
	default:
		t.word(word)
	}
}

func (t *formulaWriter) construct(tag string, groups int) {
	t.out.WriteString("<" + tag + ">")
	for range groups {
		t.one()
	}
	t.out.WriteString("</" + tag + ">")
}

// group writes words up to the closing brace.
func (t *formulaWriter) group() {
	t.out.WriteString("<mrow>")
	for len(t.words) > 0 && t.words[0] != "}" {
		t.one()
	}
	t.next()
	t.out.WriteString("</mrow>")
}

const signs = "+=+−×·=()[],/<>≥≤∂Σ∇"

// word writes a sign, a value, a number or a letter.
func (t *formulaWriter) word(word string) {
	class := ""
	if len(word) > 2 && word[1] == ':' {
		class, word = word[:1], word[2:]
	}
	switch name, is := strings.CutPrefix(word, "#"); {
	case is:
		t.value(name, class)
	case word == "neg":
		t.out.WriteString(`<mo form="prefix">−</mo>`)
	case word == "big(" || word == "big)" || word == "big[" || word == "big]": // as tall as what is between them
		t.out.WriteString(`<mo>` + word[3:] + `</mo>`)
	case word == "thin":
		t.out.WriteString(`<mspace width=".3em"></mspace>`)
	case strings.Contains(signs, word):
		t.out.WriteString(`<mo stretchy="false">` + Escaped(word) + `</mo>`)
	case strings.Contains(".0123456789", word[:1]):
		t.out.WriteString(`<mn>` + word + `</mn>`)
	default:
		t.letter(word, class)
	}
}

func (t *formulaWriter) value(name, class string) {
	name, strong := strings.CutSuffix(name, "!")
	inner, bracketed := strings.CutPrefix(name, "(")
	text := t.values[strings.TrimSuffix(inner, ")")]
	if bracketed && strings.HasPrefix(text, Minus) {
		text = "(" + text + ")"
	}
	if strong {
		class = strings.TrimSpace(class + " strong")
	}
	t.open("mn", class)
	t.out.WriteString(text + "</mn>")
}

func (t *formulaWriter) open(tag, class string) {
	t.out.WriteString("<" + tag)
	if class != "" {
		t.out.WriteString(` class="` + class + `"`)
	}
	t.out.WriteByte('>')
}

// letter writes a letter with what stands above or below it, or the name of a
// function with the space that it wants.
func (t *formulaWriter) letter(word, class string) {
	if base, index, ok := strings.Cut(word, "_"); ok {
		t.indexed("msub", base, index, class)
		return
	}
	if base, index, ok := strings.Cut(word, "^"); ok {
		t.indexed("msup", base, index, class)
		return
	}
	t.open("mi", class)
	t.out.WriteString(word + "</mi>")
	switch word {
	case "log", "max":
		t.out.WriteString(`<mspace width=".17em"></mspace>`)
	}
}

// indexed writes a letter with an index: a number, a word, or a letter, which if
// it is one of the pair's is in that one's ink.
func (t *formulaWriter) indexed(tag, base, index, class string) {
	t.out.WriteString("<" + tag + ">")
	t.letter(base, class)
	kind, ink := "mi", ""
	switch {
	case strings.Contains("0123456789", index[:1]):
		kind = "mn"
	case index == "w" || index == "l":
		ink = index
	case utf8.RuneCountInString(index) > 1:
		kind = "mtext"
	}
	t.open(kind, ink)
	t.out.WriteString(index + "</" + kind + "></" + tag + ">")
}

// Escaped writes a text so that it can stand in markup.
func Escaped(text string) string {
	if !strings.ContainsAny(text, "&<>") {
		return text
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// With returns the values with one more, or another.
func (v Values) With(name, text string) Values {
	v[name] = text
	return v
}
