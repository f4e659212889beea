package words

import "strings"

// A Phrase is a sentence of the catalogue taken apart at its places, so that
// it can be said often without searching it each time.
type Phrase []piece

type piece struct {
	text  string // said as it is, before the place
	place string // name of the place; empty at the end
}

// Phrase takes apart the sentence of a key. As with Say, a key that the
// catalogue lacks is said in brackets.
func (w Words) Phrase(key string) Phrase {
	var out Phrase
	rest := w.Say(key)
	for {
		before, after, ok := strings.Cut(rest, "{")
		name, tail, closed := strings.Cut(after, "}")
		if !ok || !closed {
			return append(out, piece{text: rest})
		}
		out = append(out, piece{before, name})
		rest = tail
	}
}

// Append says the phrase with its places filled: args alternate name and
// value. A place without a value stays as it stands in the catalogue.
func (p Phrase) Append(dst []byte, args ...string) []byte {
	for _, s := range p {
		dst = append(dst, s.text...)
		if s.place == "" {
			continue
		}
		value, ok := "", false
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == s.place {
				value, ok = args[i+1], true
			}
		}
		if ok {
			dst = append(dst, value...)
			continue
		}
		dst = append(append(append(dst, '{'), s.place...), '}')
	}
	return dst
}

// Say is append to a string of its own.
func (p Phrase) Say(args ...string) string { return string(p.Append(nil, args...)) }

// A Tally remembers the text of numbers that have been shown, by what is
// visible of them: numbers that move by less than a digit cost no new string.
type Tally struct {
	phrase Phrase // with a place {n}
	texts  map[int]string
}

func NewTally(p Phrase) Tally { return Tally{p, map[int]string{}} }

// Say returns the phrase with the text of a visible number, which is made only
// the first time it is seen.
func (t Tally) Say(visible int, text func(int) string) string {
	s, ok := t.texts[visible]
	if !ok {
		s = t.phrase.Say("n", text(visible))
		t.texts[visible] = s
	}
	return s
}

// A Kept text is made again only when what it says has changed.
type Kept[K comparable] struct {
	of   K
	Text string
	made bool
}

// Say returns the text, made by a function if it is to say something else.
func (k *Kept[K]) Say(of K, text func() string) string {
	if !k.made || k.of != of {
		*k = Kept[K]{of, text(), true}
	}
	return k.Text
}
