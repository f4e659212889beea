package read

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dpoplayground/core/data"
	"dpoplayground/scenes/picture"
)

const (
	// sharedLength is how many bytes two replies must share at their beginning
	// for it to be dropped: less than what the shortest label shows.
	sharedLength = 20
	// toldLength is more characters than any label shows.
	toldLength = 1200
)

// Told returns the text of reply k as labels and sentences show it, where it
// can be told from the others: a beginning that it shares with another is
// dropped behind an ellipsis, a text without a visible character is shown by
// its code points, and a text that is longer than any label is cut.
func Told(replies []data.Reply, k int) string {
	text := replies[k].Text
	if text != "" && strings.IndexFunc(text, isVisible) < 0 {
		return codePoints(text)
	}
	from := 0
	for i := range replies {
		if i != k {
			from = max(from, data.SharedBytes(text, replies[i].Text))
		}
	}
	if from = data.WordBefore(text, from); from < sharedLength {
		from = 0
	}
	end := from
	for n := 0; n < toldLength && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	told := text[from:end]
	if from > 0 {
		told = picture.Ellipsis + told
	}
	if end < len(text) {
		told += picture.Ellipsis
	}
	return told
}

func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != 0x2800 && r != 0x3164
}

// codePoints names the characters of a text: "U+200B U+200B".
func codePoints(text string) string {
	const most = 8
	var names []string
	for _, r := range text {
		if len(names) == most {
			names = append(names, picture.Ellipsis)
			break
		}
		names = append(names, codePoint(r))
	}
	return strings.Join(names, " ")
}

func codePoint(r rune) string {
	hex := strings.ToUpper(strconv.FormatInt(int64(r), 16))
	return "U+" + strings.Repeat("0", max(0, 4-len(hex))) + hex
}

// A Teller remembers what Told says of the replies of a problem's prompt.
type Teller struct {
	problem *data.Problem
	prompt  int
	told    map[int]string
	asked   string
}

// Told returns what the function of its name does, worked out once.
func (t *Teller) Told(p *data.Problem, prompt, k int) string {
	t.turn(p, prompt)
	text, known := t.told[k]
	if !known {
		text = Told(p.Prompts[prompt].Replies, k)
		t.told[k] = text
	}
	return text
}

// Asked returns what the function of its name does, worked out once.
func (t *Teller) Asked(p *data.Problem, prompt int) string {
	t.turn(p, prompt)
	return t.asked
}

// turn forgets what was said of another prompt.
func (t *Teller) turn(p *data.Problem, prompt int) {
	if p != t.problem || prompt != t.prompt || t.told == nil {
		*t = Teller{p, prompt, map[int]string{}, askedShort(p, prompt)}
	}
}

// mostSearched is how many bytes of a question's end are searched for its last
// turn.
const mostSearched = 1 << 16

// askedShort returns what is shown of what Asked returns.
func askedShort(p *data.Problem, prompt int) string {
	end := p.Whole(prompt).Text
	end = end[max(0, len(end)-mostSearched):]
	if last := asked(end); last != end {
		return data.Shown(last)
	}
	return p.Prompts[prompt].Text
}

// userTurns are what stands before a turn of the user in a dialogue that is
// one text, and replyTurns what its end asks the assistant with.
var (
	userTurns  = []string{"\n\nHuman:", "\n\nuser:", "\nHuman:", "\nUser:", "<|im_start|>user\n"}
	replyTurns = []string{"Assistant:", "Bot:", "AI:", "<|im_start|>assistant", "<|im_end|>"}
)

// asked returns the last turn of a question of several turns behind an
// ellipsis, and any other question as it is.
func asked(prompt string) string {
	at, mark := 0, ""
	for _, m := range userTurns {
		if i := strings.LastIndex(prompt, m); i > at {
			at, mark = i, m
		}
	}
	last := strings.TrimSpace(prompt[at+len(mark):])
	for _, m := range replyTurns {
		last = strings.TrimSpace(strings.TrimSuffix(last, m))
	}
	answered := false
	for _, m := range replyTurns {
		answered = answered || strings.Contains(strings.ToLower(prompt[:at]), strings.ToLower(m))
	}
	if !answered || last == "" {
		return prompt
	}
	return picture.Ellipsis + " " + last
}
