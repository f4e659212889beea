package intake

import (
	"bytes"
	"strconv"
)

// A row is one preference, or one reply with a thumb, as the file states it, its buffers used again for
// the next.
type row struct {
	at      Place
	values  [fields]value
	scratch [3][]byte // rendered prompt, chosen and rejected
}

// A value is a plain text, or a list of chat messages whose roles and contents
// stand one after the other in text. Texts are tidy.
type value struct {
	given    bool
	list     bool
	numbered bool // its name ended in 1 or 2
	at       Place
	text     []byte
	messages []message
	fault    error // why it cannot be read, where that matters only if it is needed
}

type message struct{ role, content span }

// A span is a part of a value's text.
type span struct {
	given    bool
	from, to int
}

type skip uint8

const (
	skipTie skip = iota
	skipUndecided
	skipSame
	skipEmpty
	skipUnlabelled
	skipAlone
	skipNone
)

var skipCodes = [...]string{"skip.tie", "skip.undecided", "skip.same", "skip.empty", "skip.unlabelled", "skip.alone"}

func (w *row) reset(at Place) {
	w.at = at
	for i := range w.values {
		v := &w.values[i]
		*v = value{text: v.text[:0], messages: v.messages[:0]}
	}
}

// count returns the row's count, 1 where none is given.
func (w *row) count() (float64, error) {
	v := &w.values[fieldCount]
	if len(v.text) == 0 {
		return 1, nil
	}
	if isNumber(v.text) {
		n, err := strconv.ParseFloat(string(v.text), 64)
		if err == nil && n == float64(int64(n)) && 1 <= n && n <= MaxCount {
			return n, nil
		}
	}
	return 0, errorAt(v.at, "row.count", "found", shorten(v.text), "limit", strconv.Itoa(MaxCount))
}

// isNumber tells whether text is a number as JSON writes it.
func isNumber(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("-"))
	whole := digits(text)
	if whole == 0 || (whole > 1 && text[0] == '0') {
		return false
	}
	text = text[whole:]
	if len(text) > 0 && text[0] == '.' {
		n := digits(text[1:])
		if n == 0 {
			return false
		}
		text = text[1+n:]
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		return len(text) > 0 && digits(text) == len(text)
	}
	return len(text) == 0
}

func digits(text []byte) int {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

// verdict returns the better and the worse reply, or why there is none.
func (w *row) verdict() (better, worse *value, reason skip, err error) {
	v := &w.values
	a, b := w.replies()
	if err := w.incomplete(a, b); err != nil {
		return nil, nil, skipNone, err
	}
	if v[fieldChosen].given {
		return &v[fieldChosen], &v[fieldRejected], skipNone, nil
	}
	side, reason, err := w.winner(a, b)
	if side == fieldB {
		a, b = b, a
	}
	return a, b, reason, err
}

// replies returns the two sides of a vote.
func (w *row) replies() (a, b *value) {
	v := &w.values
	if !v[fieldA].given && !v[fieldB].given && v[fieldModelA].given {
		return &v[fieldModelA], &v[fieldModelB]
	}
	return &v[fieldA], &v[fieldB]
}

// incomplete says what is missing for a preference.
func (w *row) incomplete(a, b *value) error {
	v := &w.values
	name := ""
	switch {
	case v[fieldChosen].given && v[fieldRejected].given:
		return nil
	case v[fieldRejected].given || (!v[fieldChosen].given && !a.given && !b.given):
		name = "chosen"
	case v[fieldChosen].given:
		name = "rejected"
	case !a.given:
		name = "a"
	case !b.given:
		name = "b"
	case !v[fieldWinner].given && !v[fieldWinnerA].given && !v[fieldWinnerB].given:
		name = "winner"
	default:
		return nil
	}
	return errorAt(w.at, "row.missing", "name", name)
}

// single tells that the row is no pair but a reply by itself, or what is left of
// one.
func (w *row) single() bool {
	v := &w.values
	for f := fieldChosen; f <= fieldWinnerTie; f++ {
		if v[f].given {
			return false
		}
	}
	return v[fieldReply].given || v[fieldLabel].given
}

// header says what the columns lack for pairs, or for single replies.
func (w *row) header() error {
	if w.single() {
		_, _, err := w.thumb()
		return err
	}
	a, b := w.replies()
	return w.incomplete(a, b)
}

// thumb returns whether a single reply was called good, or why nobody knows.
func (w *row) thumb() (up bool, reason skip, err error) {
	reply, label := &w.values[fieldReply], &w.values[fieldLabel]
	switch {
	case !reply.given:
		return false, skipNone, errorAt(w.at, "row.missing", "name", "completion")
	case !label.given:
		return false, skipNone, errorAt(w.at, "row.missing", "name", "label")
	case reply.fault != nil:
		return false, skipNone, reply.fault
	case label.fault != nil:
		return false, skipNone, label.fault
	case len(label.text) == 0:
		return false, skipUnlabelled, nil
	}
	var buf [longestName]byte
	switch string(canonical(&buf, label.text)) {
	case "true", "1", "1.0":
		return true, skipNone, nil
	case "false", "0", "0.0":
		return false, skipNone, nil
	}
	return false, skipNone, errorAt(label.at, "row.label", "found", shorten(label.text))
}

// winner returns fieldA or fieldB, or why neither.
func (w *row) winner(a, b *value) (field, skip, error) {
	v := &w.values[fieldWinner]
	if !v.given {
		return w.spreadWinner()
	}
	if len(v.text) == 0 {
		return fieldNone, skipUndecided, nil
	}
	var buf [longestName]byte
	name := canonical(&buf, v.text)
	if ties[string(name)] {
		return fieldNone, skipTie, nil
	}
	isNumber := len(name) == 1 && numbered(name)
	if side := sideOf(name); side != fieldNone && (!isNumber || a.numbered) {
		return side, skipNone, nil
	}
	switch {
	case v.same(a) || v.same(&w.values[fieldModelA]):
		return fieldA, skipNone, nil
	case v.same(b) || v.same(&w.values[fieldModelB]):
		return fieldB, skipNone, nil
	}
	return fieldNone, skipNone, errorAt(v.at, "row.winner", "found", shorten(v.text))
}

func (v *value) same(o *value) bool { return o.given && !o.list && bytes.Equal(v.text, o.text) }

// spreadWinner reads winner_model_a, winner_model_b and winner_tie.
func (w *row) spreadWinner() (field, skip, error) {
	var says [3]bool
	for i := range says {
		v := &w.values[fieldWinnerA+field(i)]
		var buf [longestName]byte
		switch string(canonical(&buf, v.text)) {
		case "1", "1.0", "true":
			says[i] = true
		case "0", "0.0", "false":
		default:
			if len(v.text) > 0 {
				return fieldNone, skipNone, errorAt(v.at, "row.winner", "found", shorten(v.text))
			}
		}
	}
	switch says {
	case [3]bool{true, false, false}:
		return fieldA, skipNone, nil
	case [3]bool{false, true, false}:
		return fieldB, skipNone, nil
	case [3]bool{false, false, false}:
		return fieldNone, skipUndecided, nil
	}
	return fieldNone, skipTie, nil
}

// split returns the texts of the prompt and of the two replies.
//
// Where the prompt is given, the leading messages of a reply that repeat it
// are dropped. Where it is not, it is what two lists of messages have in
// common at their beginning (at least one message stays a reply), or what two
// texts have in common up to their last "Assistant:" (the form of dialogues
// written as one text). Other texts have no prompt: that two replies begin
// alike makes no question of their beginning.
func (w *row) split(a, b *value) (prompt, chosen, rejected []byte) {
	p := &w.values[fieldPrompt]
	dropA, dropB := 0, 0
	switch {
	case len(p.text) > 0:
		prompt = p.render(&w.scratch[0], 0, len(p.messages))
		dropA, dropB = p.repeatedBy(a), p.repeatedBy(b)
	case a.list && b.list:
		dropA = commonMessages(a, b)
		dropB = dropA
		prompt = a.render(&w.scratch[0], 0, dropA)
	case !a.list && !b.list:
		cut := commonDialogue(a.text, b.text)
		return bytes.TrimSpace(a.text[:cut]), bytes.TrimSpace(a.text[cut:]), bytes.TrimSpace(b.text[cut:])
	}
	chosen = a.render(&w.scratch[1], dropA, len(a.messages))
	rejected = b.render(&w.scratch[2], dropB, len(b.messages))
	return prompt, chosen, rejected
}

// splitSingle returns the texts of the prompt and of a single reply. Where the
// prompt is not given, it is all but the last of several messages, or of a
// dialogue written as one text what ends with its last "Assistant:".
func (w *row) splitSingle() (prompt, reply []byte) {
	p, r := &w.values[fieldPrompt], &w.values[fieldReply]
	drop := 0
	switch {
	case len(p.text) > 0:
		prompt, drop = p.render(&w.scratch[0], 0, len(p.messages)), p.repeatedBy(r)
	case r.list:
		drop = max(len(r.messages)-1, 0)
		prompt = r.render(&w.scratch[0], 0, drop)
	default:
		cut := lastTurn(r.text)
		return bytes.TrimSpace(r.text[:cut]), bytes.TrimSpace(r.text[cut:])
	}
	return prompt, r.render(&w.scratch[1], drop, len(r.messages))
}

// render returns a plain text itself, one message's content, or several
// messages, each after its role, with blank lines between.
func (v *value) render(scratch *[]byte, from, to int) []byte {
	switch {
	case !v.list:
		return v.text
	case to-from == 1:
		return v.part(v.messages[from].content)
	}
	out := (*scratch)[:0]
	for i, m := range v.messages[from:to] {
		if i > 0 {
			out = append(out, "\n\n"...)
		}
		out = append(append(out, v.part(m.role)...), ": "...)
		out = append(out, v.part(m.content)...)
	}
	*scratch = out
	return bytes.TrimSpace(out)
}

func (v *value) part(s span) []byte { return v.text[s.from:s.to] }

func sameMessage(a, b *value, i int) bool {
	x, y := a.messages[i], b.messages[i]
	return bytes.Equal(a.part(x.role), b.part(y.role)) && bytes.Equal(a.part(x.content), b.part(y.content))
}

// commonMessages returns how many leading messages a and b share.
func commonMessages(a, b *value) int {
	n := 0
	for n < min(len(a.messages), len(b.messages))-1 && sameMessage(a, b, n) {
		n++
	}
	return n
}

// repeatedBy returns how many leading messages of v repeat the prompt p.
func (p *value) repeatedBy(v *value) int {
	if p.list {
		n := 0
		for n < min(len(p.messages), len(v.messages)-1) && sameMessage(p, v, n) {
			n++
		}
		if n == len(p.messages) {
			return n
		}
		return 0
	}
	for i, m := range v.messages[:max(len(v.messages)-1, 0)] {
		if bytes.Equal(v.part(m.content), p.text) {
			return i + 1
		}
	}
	return 0
}

// commonDialogue returns the length of the beginning that a and b share up to
// and with their last common turn of the assistant, or 0.
func commonDialogue(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return lastTurn(a[:n])
}

// lastTurn returns the length of what ends where the assistant's last turn
// begins, or 0.
func lastTurn(text []byte) int {
	const turn = "\n\nAssistant:"
	if i := bytes.LastIndex(text, []byte(turn)); i >= 0 {
		return i + len(turn)
	}
	return 0
}

// tidy trims the white space around text[from:] and writes its line ends as
// \n, in place.
func tidy(text []byte, from int) []byte {
	body := bytes.TrimSpace(text[from:])
	if bytes.IndexByte(body, '\r') < 0 {
		return append(text[:from], body...)
	}
	text = text[:from]
	for i, b := range body {
		if b != '\r' {
			text = append(text, b)
		} else if i+1 == len(body) || body[i+1] != '\n' {
			text = append(text, '\n')
		}
	}
	return text
}
