package words

import "strings"

// Pseudo returns a catalogue for tests of the layout, in a language that there
// is not: "long" doubles the vowels, as German is longer than English, and
// "double" says every sentence twice. Places keep their names, and what is no
// sentence stays. ok is false for another kind.
func Pseudo(w Words, kind string) (pseudo Words, ok bool) {
	stretch := map[string]func(string) string{"long": doubleVowels, "double": sayTwice}[kind]
	if stretch == nil {
		return w, false
	}
	pseudo = make(Words, len(w))
	for key, sentence := range w {
		if key != pluralRuleKey && !strings.HasPrefix(key, "number.") {
			sentence = stretch(sentence)
		}
		pseudo[key] = sentence
	}
	return pseudo, true
}

func sayTwice(sentence string) string { return sentence + " " + sentence }

// doubleVowels doubles the vowels outside of places.
func doubleVowels(sentence string) string {
	var out strings.Builder
	inPlace := false
	for _, c := range sentence {
		inPlace = c == '{' || inPlace && c != '}'
		out.WriteRune(c)
		if !inPlace && strings.ContainsRune("aeiouAEIOU", c) {
			out.WriteString(strings.ToLower(string(c)))
		}
	}
	return out.String()
}
