// Package words says things: the catalogue of sentences, numbers as a language writes
// them, formulas as MathML, and where a value stands on a slider. It may import core,
// scenes/picture and scenes/plural.
package words

import (
	"fmt"
	"strings"
)

// Words is one language's catalogue: every sentence the program says, by key.
// A sentence may hold places for values, written {name}. A sentence about a
// number of things has a form for each case of the language's plurals: see Form.
type Words map[string]string

// Parse reads a catalogue. Each line is
//
//	key = sentence
//
// Blank lines and lines that begin with # are passed over. A line that begins
// with white space continues the sentence before it. A key given twice or a
// line without = is an error that names the line.
func Parse(text string) (Words, error) {
	w := Words{}
	last := ""
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			if last == "" {
				return nil, fmt.Errorf("catalogue line %d continues a sentence, but none stands before it", i+1)
			}
			w[last] += " " + trimmed
			continue
		}
		key, sentence, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" {
			return nil, fmt.Errorf("catalogue line %d: expected key = sentence, found %q", i+1, line)
		}
		if _, twice := w[key]; twice {
			return nil, fmt.Errorf("catalogue line %d gives %q a second time", i+1, key)
		}
		w[key], last = strings.Trim(sentence, " \t\r"), key
	}
	return w, nil
}

// Say returns the sentence of a key with its places filled: args alternate
// name and value. A key that the catalogue lacks is returned as it is, in
// brackets, so that a gap is seen and never hides the rest.
func (w Words) Say(key string, args ...string) string {
	s, ok := w[key]
	if !ok {
		return "[" + key + "]"
	}
	for i := 0; i+1 < len(args); i += 2 {
		s = strings.ReplaceAll(s, "{"+args[i]+"}", args[i+1])
	}
	return s
}
