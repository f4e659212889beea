package intake

import (
	"bytes"

	"dpoplayground/core/parse"
)

// vote returns the better and the worse of two sides, or why neither is.
func (w *row) vote() (better, worse *value, reason skip, err error) {
	a, b, base := w.sidesUsed()
	side, reason, err := w.winner(a, b, base)
	if side == fieldB {
		a, b = b, a
	}
	return a, b, reason, err
}

// winner returns fieldA or fieldB, or why neither.
func (w *row) winner(a, b *value, base int) (field, skip, error) {
	x, y := w.scoreFields()
	switch {
	case w.given(fieldWinner):
		return w.named(w.use(fieldWinner), a, b, base)
	case w.given(fieldStrength):
		return w.strength()
	case w.given(fieldWinnerA) || w.given(fieldWinnerB):
		return w.spreadWinner()
	case w.given(fieldChosen):
		return w.named(w.use(fieldChosen), a, b, base)
	case w.given(fieldLabel):
		return w.labelled(w.use(fieldLabel), a, b, base)
	case w.placed():
		return w.larger(w.use(fieldPlace1+1), w.use(fieldPlace1)) // the smaller rank is better
	}
	return w.larger(w.use(x), w.use(y))
}

// named returns the side that a winner names, by its side or by its text.
func (w *row) named(v, a, b *value, base int) (field, skip, error) {
	switch {
	case v.fault != nil:
		return fieldNone, skipNone, v.fault
	case v.list || len(v.text) == 0:
		return fieldNone, skipUndecided, nil
	}
	name := lower(bytes.TrimSuffix(v.text, []byte(".0")))
	if ties[name] {
		return fieldNone, skipTie, nil
	}
	side, text := byName(name, a, b, base), fieldNone
	switch {
	case v.matches(a, name) || v.matches(&w.values[fieldModelA], name):
		text = fieldA
	case v.matches(b, name) || v.matches(&w.values[fieldModelB], name):
		text = fieldB
	}
	w.used[fieldModelA] = w.used[fieldModelA] || text == fieldA && !v.matches(a, name)
	w.used[fieldModelB] = w.used[fieldModelB] || text == fieldB && !v.matches(b, name)
	switch {
	case side != fieldNone && text != fieldNone && side != text,
		side == fieldNone && text == fieldNone && base >= 0 && len(name) == 1 && isDigit(name[0]):
		return fieldNone, skipNone, parse.ErrorAt(v.at, "row.ambiguous", "found", parse.Shorten(v.text))
	case side != fieldNone:
		return side, skipNone, nil
	case text != fieldNone:
		return text, skipNone, nil
	}
	return fieldNone, skipNone, parse.ErrorAt(v.at, "row.winner", "found", parse.Shorten(v.text))
}

// agree reads a list of winners, as annotators give them, if all say the same.
func (v *value) agree() {
	if v.node < 0 || v.tree.Kind(v.node) != parse.List {
		return
	}
	said, same := []byte(nil), true
	v.tree.Children(v.node, func(c int) bool {
		if inside, found := v.tree.Member(c, "value"); found {
			c = inside
		}
		text := tidy(v.tree.Text(c))
		same = len(text) > 0 && (said == nil || bytes.Equal(said, text))
		said = text
		return same
	})
	if same {
		v.text, v.node, v.fault = said, -1, nil
	}
}

// matches tells that a winner is the reply's text, small and large letters
// alike.
func (v *value) matches(reply *value, name string) bool {
	return reply.given && !reply.list && len(reply.text) > 0 &&
		(bytes.Equal(v.text, reply.text) || len(reply.text) <= 4*longestName && name != "" && lower(reply.text) == name)
}

// byName returns the side that a name means: a, left, response_b, the column's
// own name, or a number where the columns are numbered.
func byName(name string, a, b *value, base int) field {
	switch {
	case name == "":
		return fieldNone
	case lower(a.name) == name:
		return fieldA
	case lower(b.name) == name:
		return fieldB
	case name == "model_a":
		return fieldA
	case name == "model_b":
		return fieldB
	}
	switch side := sideOf([]byte(name)); {
	case side == fieldA || side == fieldB:
		return side
	case base == count0 && side == field0, base == count1 && side == field1:
		return fieldA
	case base == count0 && side == field1, base == count1 && side == field2:
		return fieldB
	}
	return fieldNone
}

// strength reads a signed strength of preference, below zero for the first
// side.
func (w *row) strength() (field, skip, error) {
	v := w.use(fieldStrength)
	if len(v.text) == 0 && v.fault == nil {
		return fieldNone, skipUndecided, nil
	}
	x, ok := v.number()
	switch {
	case !ok:
		return fieldNone, skipNone, parse.ErrorAt(v.at, "row.winner", "found", parse.Shorten(v.text))
	case x < 0:
		return fieldA, skipNone, nil
	case x > 0:
		return fieldB, skipNone, nil
	}
	return fieldNone, skipTie, nil
}

// labelled reads a label beside two sides: it is the winner's name or number.
// Where the sides have letters, 1 says that the first is preferred and 0 that
// the second is, as in the Stanford Human Preferences, or −1 that it is.
func (w *row) labelled(v, a, b *value, base int) (field, skip, error) {
	if base == letters && v.fault == nil {
		w.sign = signOf(v.text)
		switch {
		case string(v.text) == "1", string(v.text) == "1.0", string(v.text) == "+1":
			return fieldA, skipNone, nil
		case w.sign != signOther:
			return fieldB, skipNone, nil
		}
	}
	return w.named(v, a, b, base)
}

// larger compares the two sides' scores.
func (w *row) larger(x, y *value) (field, skip, error) {
	p, okP := x.number()
	q, okQ := y.number()
	switch {
	case len(x.text) == 0 || len(y.text) == 0:
		return fieldNone, skipUndecided, nil
	case !okP:
		return fieldNone, skipNone, parse.ErrorAt(x.at, "row.score", "found", parse.Shorten(x.text))
	case !okQ:
		return fieldNone, skipNone, parse.ErrorAt(y.at, "row.score", "found", parse.Shorten(y.text))
	case p > q:
		return fieldA, skipNone, nil
	case p < q:
		return fieldB, skipNone, nil
	}
	return fieldNone, skipTie, nil
}

// spreadWinner reads winner_model_a, winner_model_b and winner_tie.
func (w *row) spreadWinner() (field, skip, error) {
	var says [3]bool
	for i := range says {
		v := w.use(fieldWinnerA + field(i))
		if len(v.text) == 0 && v.fault == nil {
			continue
		}
		switch labels[lower(v.text)] {
		case meansGood:
			says[i] = true
		case meansBad:
		default:
			return fieldNone, skipNone, parse.ErrorAt(v.at, "row.winner", "found", parse.Shorten(v.text))
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

// worthOf returns what an object of a list says of its reply: its score, or
// its rank below zero.
func worthOf(t *parse.Tree, node int) (worth float64, found bool) {
	if t.Kind(node) != parse.Object {
		return 0, false
	}
	t.Children(node, func(c int) bool {
		f := fieldOf(t.Key(c))
		if f != fieldRanks && f != fieldScores || t.Kind(c) != parse.Word && t.Kind(c) != parse.Text {
			return true
		}
		v := value{given: true, text: t.Text(c)}
		if worth, found = v.number(); f == fieldRanks {
			worth = -worth
		}
		return !found
	})
	return worth, found
}

// ranksInside tells that each of the listed replies has its rank or score.
func (w *row) ranksInside() bool {
	v := &w.values[fieldReplies]
	if v.node < 0 || v.tree == nil || v.tree.Kind(v.node) != parse.List {
		return false
	}
	all := v.tree.Len(v.node) > 0
	v.tree.Children(v.node, func(c int) bool {
		_, found := worthOf(v.tree, c)
		all = all && found
		return all
	})
	return all
}

// parallel reads a list of numbers, one for each reply.
func (w *row) parallel(v *value, sign float64) error {
	n, ok := 0, v.tree != nil && v.node >= 0 && v.tree.Kind(v.node) == parse.List && v.tree.Len(v.node) == len(w.replies)
	if !ok {
		return parse.ErrorAt(v.at, "row.ranks")
	}
	v.tree.Children(v.node, func(c int) bool {
		x := value{given: true, text: v.tree.Text(c)}
		w.worth[n], ok = x.number()
		w.worth[n] *= sign
		n++
		return ok
	})
	if !ok {
		return parse.ErrorAt(v.at, "row.ranks")
	}
	return nil
}

// best reads which of the listed replies is better than all others, counted
// from 0.
func (w *row) best(v *value) error {
	x, ok := v.number()
	if i := int(x); ok && float64(i) == x && 0 <= i && i < len(w.replies) {
		w.worth[i] = 1
		return nil
	}
	if len(v.text) == 0 && v.fault == nil || ties[lower(v.text)] {
		return nil
	}
	return parse.ErrorAt(v.at, "row.winner", "found", parse.Shorten(v.text))
}
