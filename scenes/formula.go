package scenes

import "strings"

// values are the numbers of a formula, by name.
type values map[string]string

// mathML writes a formula as MathML. A formula is words with spaces between:
//
//	x  β  σ  z_w  e^u      a letter, with an index below or above
//	log  max               a function
//	2  .5                  a number
//	+ − = ( ) [ ] , · ∂    signs; neg is a minus that stands before its number
//	big( big)          brackets around a fraction
//	frac { a } { b }       a fraction; sqrt { a } and sup { a } { b } likewise
//	#u  #u!                a value; with ! the one to look at
//	#(u)                   a value that stands after a sign: a negative one in brackets
//	w:x  l:#u              in the ink of the chosen, or the rejected, reply
//
// A value that is not given is left out. What is written is safe as markup only
// if formula and values are the program's own.
func mathML(formula string, v values) string {
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
	values values
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
	word := t.next()
	switch tag := map[string]string{"frac": "mfrac", "sqrt": "msqrt", "sup": "msup"}[word]; {
	case word == "{":
		t.group()
	case tag != "":
		t.out.WriteString("<" + tag + ">")
		t.one()
		if tag != "msqrt" {
			t.one()
		}
		t.out.WriteString("</" + tag + ">")
	default:
		t.word(word)
	}
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
	case word == "big(" || word == "big)": // as tall as what is between them
		t.out.WriteString(`<mo>` + word[3:] + `</mo>`)
	case word == "thin":
		t.out.WriteString(`<mspace width=".3em"></mspace>`)
	case strings.Contains(signs, word):
		t.out.WriteString(`<mo stretchy="false">` + strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(word) + `</mo>`)
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
	if bracketed && strings.HasPrefix(text, minus) {
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
	for mark, tag := range map[string]string{"_": "msub", "^": "msup"} {
		if base, index, ok := strings.Cut(word, mark); ok {
			t.out.WriteString("<" + tag + ">")
			t.letter(base, class)
			if kind := "mi"; strings.Contains("0123456789", index[:1]) {
				t.out.WriteString("<mn>" + index + "</mn>")
			} else {
				if len([]rune(index)) > 1 {
					kind = "mtext"
				}
				t.open(kind, map[string]string{"w": "w", "l": "l"}[index])
				t.out.WriteString(index + "</" + kind + ">")
			}
			t.out.WriteString("</" + tag + ">")
			return
		}
	}
	t.open("mi", class)
	t.out.WriteString(word + "</mi>")
	if word == "log" || word == "max" || word == "min" || word == "clip" || word == "mean" {
		t.out.WriteString(`<mspace width=".17em"></mspace>`)
	}
}
