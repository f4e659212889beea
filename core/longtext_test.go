package core

import (
	"strings"
	"testing"
	"unicode/utf8"

	"dpoplayground/core/data"
)

// What is drawn and spoken of a text is its beginning, however long the text is;
// the data keep all of it, and a run does not depend on it.
func TestLongTextsAreShownInShort(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 500_000), strings.Repeat("é", 401), strings.Repeat("日本", 1<<20), strings.Repeat("\xff", 3000)} {
		prompts := []data.Prompt{{Text: text, Replies: []data.Reply{{Text: text}, {Text: "b"}}}, {Text: "p", Replies: []data.Reply{{Text: "c"}, {Text: "d"}}}}
		set := &data.Dataset{Prompts: prompts, Pairs: []data.Pair{{Prompt: 0, Chosen: 0, Rejected: 1, Count: 3}}}
		p := data.NewProblem(set)
		for _, got := range []string{p.Prompts[0].Text, p.Prompts[0].Replies[0].Text} {
			if n := utf8.RuneCountInString(got); n != data.MostShown+1 || !strings.HasPrefix(text, strings.TrimSuffix(got, "…")) || got == text {
				t.Errorf("of %d characters %d are shown, want %d and a mark", utf8.RuneCountInString(text), n, data.MostShown)
			}
		}
		if set.Prompts[0].Text != text || set.Prompts[0].Replies[0].Text != text {
			t.Error("the data have lost their text")
		}
		if &p.Prompts[1].Replies[0] != &prompts[1].Replies[0] || p.Prompts[0].Replies[1].Text != "b" {
			t.Error("a short text was touched")
		}
		s := DefaultSettings()
		s[Source] = FromGiven
		if again, c := Prepare(set, &s, p); c != nil || again != p {
			t.Error("a problem with a long text is not used again")
		}
	}
	short := []data.Prompt{{Text: strings.Repeat("é", data.MostShown), Replies: []data.Reply{{Text: "a"}, {Text: "b"}}}}
	if p := data.NewProblem(&data.Dataset{Prompts: short}); p.Prompts[0].Text != short[0].Text {
		t.Error("a text of as many characters as are shown was cut")
	}
}
