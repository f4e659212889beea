package intake

import (
	"bytes"
	"strconv"

	"dpoplayground/core/parse"
)

// A row is one row of the file, its buffers used again for the next.
type row struct {
	at         parse.Place
	values     [fields]value
	differs    []differing
	spare      value
	joined     value     // a question of several keys
	replies    []value   // of a list of ranked replies
	worth      []float64 // of each of them
	turns      [2]value  // conversations put together from lists of turns
	scratch    [3][]byte // rendered prompt, chosen and rejected
	used       [fields]bool
	questioned bool // the last split found a question
	assumed    bool // a list of replies was read as the best first
	sign       sign // of the label
}

// sign tells the labels 0 and −1 from all others: both may say bad, but where
// both occur, 0 says neither.
type sign uint8

const (
	signOther sign = iota
	signZero
	signMinus
)

func signOf(label []byte) sign {
	switch string(label) {
	case "0", "0.0":
		return signZero
	case "-1", "-1.0", "−1":
		return signMinus
	}
	return signOther
}

// differing is a second key for what another key says already.
type differing struct {
	field field
	name  []byte
}

type skip uint8

const (
	skipTie skip = iota
	skipUndecided
	skipSame
	skipEmpty
	skipUnlabelled
	skipAlone
	skipZero
	skipPicture
	skipFields
	skipMissing
	skipUnread
	skipNeither
	skipNone
)

var skipCodes = [...]string{"skip.tie", "skip.undecided", "skip.same", "skip.empty", "skip.unlabelled", "skip.alone",
	"skip.zero", "skip.picture", "skip.fields", "skip.missing", "skip.unread", "skip.neither"}

func (w *row) reset(at parse.Place) {
	w.at = at
	w.differs = w.differs[:0]
	w.used = [fields]bool{}
	w.assumed, w.sign = false, signOther
	for i := range w.values {
		if v := &w.values[i]; v.given {
			*v = value{messages: v.messages[:0]}
		}
	}
}

// slot returns where a key's value goes. Where another key has said the same,
// that is a spare place, and settle compares the two.
func (w *row) slot(f field, name []byte) *value {
	v := &w.values[f]
	if v.given {
		w.spare = value{messages: w.spare.messages[:0]}
		v = &w.spare
	}
	v.given, v.node, v.name = true, -1, name
	return v
}

// settle notes where a second key contradicts the first, and lets it stand in
// where the first is empty.
func (w *row) settle(f field, v *value) {
	first := &w.values[f]
	switch {
	case v == first || v.empty() && v.fault == nil:
	case first.empty() && first.fault == nil:
		*first, w.spare = *v, value{}
	case !v.saysAs(first):
		w.differs = append(w.differs, differing{f, v.name})
	}
}

// saysAs tells that two values are one text, perhaps once as a message.
func (v *value) saysAs(o *value) bool {
	var x, y []byte
	return bytes.Equal(v.render(&x, max(len(v.messages)-1, 0), len(v.messages)), o.render(&y, max(len(o.messages)-1, 0), len(o.messages)))
}

func (w *row) given(f field) bool { return w.values[f].given }

// use returns a field's value and marks the field as read.
func (w *row) use(f field) *value {
	w.used[f] = true
	return &w.values[f]
}

// count returns the row's count, 1 where none is given.
func (w *row) count() (float64, error) {
	v := w.use(fieldCount)
	if len(v.text) == 0 {
		return 1, v.fault
	}
	if parse.IsNumber(v.text) {
		n, err := strconv.ParseFloat(string(v.text), 64)
		if err == nil && n == float64(int64(n)) && 0 <= n && n <= MaxCount {
			return n, nil
		}
	}
	return 0, parse.ErrorAt(v.at, "row.count", "found", parse.Shorten(v.text), "limit", strconv.Itoa(MaxCount))
}

// A shape is the form that a row states its preference in.
type shape uint8

const (
	shapeNone   shape = iota
	shapePair         // chosen and rejected
	shapeVote         // a, b and which is better
	shapeRanked       // a list of replies and their ranks, or which is best
	shapeThumb        // a reply and whether it is good
	shapeScored       // a reply and its score
)

// shape returns the row's form, or what is missing for one.
func (w *row) shape() (shape, string) {
	a, b, _ := w.sides()
	pair := w.given(fieldChosen) || w.given(fieldMessages)
	rejected := w.given(fieldRejected) || w.given(fieldRejectedMessages)
	winner := w.given(fieldWinner) && !a.given && !b.given && !w.given(fieldReplies) // beside a loser
	switch {
	case (pair || winner) && rejected:
		return shapePair, ""
	case a.given && b.given && w.decided():
		return shapeVote, ""
	case w.given(fieldReplies) && (w.given(fieldRanks) || w.given(fieldRanking) || w.given(fieldScores) || w.given(fieldWinner) || w.ranksInside()),
		w.given(fieldOrdered), w.ordered() != fieldNone, w.placed() && !a.given && !b.given:
		return shapeRanked, ""
	case rejected:
		return shapeNone, "chosen"
	case w.given(fieldChosen):
		return shapeNone, "rejected"
	case a.given && b.given:
		return shapeNone, "winner"
	case a.given:
		return shapeNone, "b"
	case b.given:
		return shapeNone, "a"
	case w.given(fieldLabel) && (w.given(fieldReply) || w.given(fieldMessages)):
		return shapeThumb, ""
	case w.given(fieldReply) && (w.given(fieldScores) || w.given(fieldRanks)):
		return shapeScored, ""
	case w.given(fieldReplies):
		return shapeNone, "ranks"
	case w.given(fieldLabel):
		return shapeNone, "completion"
	case w.given(fieldReply):
		return shapeNone, "label"
	}
	return shapeNone, "chosen"
}

// decided tells that something says which of two sides is better.
func (w *row) decided() bool {
	for _, f := range []field{fieldWinner, fieldStrength, fieldWinnerA, fieldWinnerB, fieldChosen, fieldLabel} {
		if w.given(f) {
			return true
		}
	}
	x, y := w.scoreFields()
	return w.given(x) && w.given(y) || w.placed()
}

// count0, count1 and letters are how the sides of a vote are named.
const (
	letters = -1
	count0  = 0
	count1  = 1
)

// sides returns the two sides of a vote and how their names count.
func (w *row) sides() (a, b *value, base int) {
	fa, fb, base := w.sideFields()
	return &w.values[fa], &w.values[fb], base
}

func (w *row) sideFields() (a, b field, base int) {
	switch {
	case w.given(fieldA) || w.given(fieldB):
		return fieldA, fieldB, letters
	case w.given(field0):
		return field0, field1, count0
	case w.given(field1) || w.given(field2):
		return field1, field2, count1
	case w.given(fieldModelA):
		return fieldModelA, fieldModelB, letters
	}
	return fieldA, fieldB, letters
}

func (w *row) scoreFields() (a, b field) {
	_, _, base := w.sides()
	switch base {
	case count0:
		return fieldScore0, fieldScore1
	case count1:
		return fieldScore1, fieldScore2
	}
	return fieldScoreA, fieldScoreB
}

// sidesUsed returns the sides and marks them as read.
func (w *row) sidesUsed() (a, b *value, base int) {
	fa, fb, base := w.sideFields()
	return w.use(fa), w.use(fb), base
}

// pair returns the chosen and the rejected reply. Where chosen is not given,
// it is the last turn of the conversation, or the winner beside a loser.
func (w *row) pair() (chosen, rejected *value, err error) {
	rejected = w.use(fieldRejected)
	if !rejected.given {
		rejected = w.use(fieldRejectedMessages)
	}
	if chosen = &w.values[fieldChosen]; chosen.given {
		w.used[fieldChosen] = true
	} else if w.given(fieldMessages) {
		chosen, err = w.conversation("chosen")
	} else {
		chosen = w.use(fieldWinner)
	}
	return chosen, rejected, err
}

// conversation returns the row's messages where the last of them is a reply:
// it stands for what is missing.
func (w *row) conversation(missing string) (*value, error) {
	v := w.use(fieldMessages)
	if n := len(v.messages); v.fault == nil && n > 0 && !v.turns && replier(v.messages[n-1].role) {
		return v, nil
	}
	return v, parse.ErrorAt(w.at, "row.missing", "name", missing, "keys", "messages")
}

// replier tells that a role is the one that replies.
func replier(role []byte) bool {
	switch lower(role) {
	case "assistant", "gpt", "bot", "model", "ai", "chatgpt":
		return true
	}
	return false
}

// thumb returns the single reply and whether it was called good, or why nobody
// knows.
func (w *row) thumb() (reply *value, up bool, reason skip, err error) {
	label := w.use(fieldLabel)
	if reply = w.use(fieldReply); !reply.given {
		reply, err = w.conversation("completion")
	}
	switch {
	case err != nil:
		return reply, false, skipNone, err
	case reply.fault != nil:
		return reply, false, skipNone, reply.fault
	case label.fault != nil:
		return reply, false, skipNone, label.fault
	case len(label.text) == 0:
		return reply, false, skipUnlabelled, nil
	}
	w.sign = signOf(label.text)
	switch labels[lower(label.text)] {
	case meansGood:
		return reply, true, skipNone, nil
	case meansBad:
		return reply, false, skipNone, nil
	}
	return reply, false, skipNone, parse.ErrorAt(label.at, "row.label", "found", parse.Shorten(label.text))
}

// number returns the number that a plain value is, if it is one.
func (v *value) number() (x float64, ok bool) {
	text := bytes.TrimPrefix(v.text, []byte("+"))
	if !v.given || v.fault != nil || !parse.IsNumber(text) {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(text), 64)
	return x, err == nil
}

// score returns what a single reply is worth: its score, or its rank below
// zero.
func (w *row) score() (worth float64, reason skip, err error) {
	v, sign := w.use(fieldScores), 1.0
	if !v.given {
		v, sign = w.use(fieldRanks), -1
	}
	if len(v.text) == 0 && v.fault == nil {
		return 0, skipUnlabelled, nil
	}
	x, ok := v.number()
	if !ok {
		return 0, skipNone, parse.ErrorAt(v.at, "row.score", "found", parse.Shorten(v.text))
	}
	return sign * x, skipNone, nil
}
