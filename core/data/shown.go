package data

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// MostShown is how many characters of a text are drawn and spoken.
const MostShown = 400

// Shown returns what is shown of a text: its beginning.
func Shown(text string) string {
	if len(text) <= MostShown {
		return text
	}
	n := 0
	for i := range text {
		if n++; n > MostShown {
			return text[:i] + "…"
		}
	}
	return text
}

// Whole returns a prompt with all its texts, of which Prompts has what is shown.
func (p *Problem) Whole(prompt int) *Prompt { return &p.AllPrompts[prompt] }

// shownPrompts returns the prompts with what is shown of their texts: the same
// prompts, where that is all.
func shownPrompts(prompts []Prompt, pause func()) []Prompt {
	out := prompts
	for i := range prompts {
		p := &prompts[i]
		long := len(p.Text) > MostShown || slices.ContainsFunc(p.Replies, func(r Reply) bool { return len(r.Text) > MostShown })
		if !long {
			continue
		}
		if &out[0] == &prompts[0] {
			out = slices.Clone(prompts)
		}
		out[i].Text, out[i].Replies = Shown(p.Text), shownReplies(p.Replies)
		pause()
	}
	return out
}

// shownReplies returns replies with what is shown of their texts: the beginning,
// and of long texts that begin alike what follows that.
func shownReplies(replies []Reply) []Reply {
	order := make([]int, len(replies))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(strings.Compare(replies[a].Text, replies[b].Text), a-b)
	})
	out, before := slices.Clone(replies), 0 // neighbours in this order share the most
	for i, k := range order {
		text, after := replies[k].Text, 0
		if i+1 < len(order) {
			after = SharedBytes(text, replies[order[i+1]].Text)
		}
		out[k].Text = Shown(text)
		if from := WordBefore(text, max(before, after)); len(text) > MostShown && from > MostShown/2 {
			out[k].Text = "…" + Shown(text[from:])
		}
		before = after
	}
	return out
}

// SharedBytes returns how many bytes two texts have in common at their beginning.
func SharedBytes(a, b string) int {
	n, most := 0, min(len(a), len(b))
	for n+64 <= most && a[n:n+64] == b[n:n+64] {
		n += 64
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

// WordBefore returns where the word begins in which text[at] stands, or where
// its character does if the word is long.
func WordBefore(text string, at int) int {
	const longWord = 24
	for at < len(text) && at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	if at == len(text) {
		at = max(0, at-1)
	}
	for i := at; i > 0 && i > at-longWord; i-- {
		if text[i-1] == ' ' || text[i-1] == '\n' {
			return i
		}
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}
