package intake

import (
	"bytes"

	"dpoplayground/core/parse"
)

// maxRanked is how many replies one row may rank: each two of them are a pair.
const maxRanked = 64

// isList tells that a field holds a list of at least n elements of one kind.
func (w *row) isList(f field, n int, kind parse.Kind) bool {
	v := &w.values[f]
	if !v.given || v.node < 0 || v.tree == nil || v.tree.Kind(v.node) != parse.List || v.tree.Len(v.node) < n {
		return false
	}
	all := true
	v.tree.Children(v.node, func(c int) bool {
		all = v.tree.Kind(c) == kind
		return all
	})
	return all
}

// ordered returns the field that lists replies, the best first, or fieldNone.
// LLaMA-Factory's older files have the chosen and the rejected one as output.
func (w *row) ordered() field {
	for _, f := range []field{fieldOrdered, fieldRanking, fieldRanks} {
		if w.isList(f, 2, parse.Text) && !w.isNumbers(f) || w.isList(f, 2, parse.Object) || w.isList(f, 2, parse.List) {
			return f
		}
	}
	if !w.given(fieldLabel) && !w.given(fieldScores) && string(w.values[fieldReply].name) == "output" && w.isList(fieldReply, 2, parse.Text) {
		return fieldReply
	}
	return fieldNone
}

// isNumbers tells that a list of texts begins with a number.
func (w *row) isNumbers(f field) bool {
	v := &w.values[f]
	first := value{given: true, text: v.tree.Text(v.node + 1)}
	_, is := first.number()
	return is
}

// placed tells that replies stand in columns by their places: rank_1, rank_2.
func (w *row) placed() bool { return w.given(fieldPlace1) && w.given(fieldPlace1+1) }

// ranked reads the replies and what each is worth.
func (w *row) ranked() error {
	w.replies, w.worth = w.replies[:0], w.worth[:0]
	order := w.ordered()
	switch {
	case w.given(fieldReplies):
		err := w.readReplies(fieldReplies)
		if err != nil || order == fieldNone || w.ranksInside() {
			return w.weigh(err)
		}
		return w.order(order)
	case order == fieldNone && w.given(fieldOrdered):
		order = fieldOrdered
	case order == fieldNone:
		w.readPlaces()
		return nil
	}
	w.assumed = order == fieldReply
	err := w.readReplies(order)
	for i := range w.worth {
		w.worth[i] = -float64(i)
	}
	return err
}

// readPlaces reads the replies that stand in columns by their places.
func (w *row) readPlaces() {
	for f := fieldPlace1; f <= fieldPlace9; f++ {
		if w.given(f) && !w.use(f).empty() {
			w.replies, w.worth = append(w.replies, w.values[f]), append(w.worth, -float64(f))
		}
	}
}

// readReplies reads a list of replies.
func (w *row) readReplies(f field) (err error) {
	v := w.use(f)
	if v.node < 0 || v.tree == nil || v.tree.Kind(v.node) != parse.List || v.tree.Len(v.node) > maxRanked {
		return parse.ErrorAt(v.at, "row.ranks")
	}
	t := v.tree
	t.Children(v.node, func(c int) bool {
		reply := value{given: true, name: v.name}
		switch reply.fill(t, c, false); {
		case reply.fault != nil:
			err = reply.fault
		case reply.turns:
			err = parse.ErrorAt(t.At(c), "row.ranks")
		}
		x, _ := worthOf(t, c)
		w.replies, w.worth = append(w.replies, reply), append(w.worth, x)
		return err == nil
	})
	return err
}

// order reads the replies' texts in order, which must be those listed.
func (w *row) order(f field) error {
	v := w.use(f)
	place, err := 0.0, error(nil)
	v.tree.Children(v.node, func(c int) bool {
		named := value{given: true, name: v.name}
		named.fill(v.tree, c, false)
		found := false
		for i := range w.replies {
			if bytes.Equal(w.replies[i].text, named.text) && len(named.text) > 0 {
				w.worth[i], found = -place, true
			}
		}
		if place++; !found {
			err = parse.ErrorAt(v.tree.At(c), "row.ranks")
		}
		return found
	})
	if err == nil && int(place) != len(w.replies) {
		err = parse.ErrorAt(v.at, "row.ranks")
	}
	return err
}

// weigh reads what the listed replies are worth.
func (w *row) weigh(err error) error {
	switch {
	case err != nil || w.ranksInside():
		return err
	case w.given(fieldRanks):
		return w.parallel(w.use(fieldRanks), -1)
	case w.given(fieldScores):
		return w.parallel(w.use(fieldScores), 1)
	case w.given(fieldRanking):
		return w.ranking(w.use(fieldRanking))
	}
	return w.best(w.use(fieldWinner))
}

// ranking reads numbers that may be the replies' ranks, or the numbers of the
// replies in order. They are taken only where both say the same.
func (w *row) ranking(v *value) error {
	if err := w.parallel(v, -1); err != nil {
		return err
	}
	n := len(w.worth)
	least := -w.worth[0]
	for _, x := range w.worth {
		least = min(least, -x)
	}
	for i, x := range w.worth {
		k := int(-x - least)
		if float64(k) != -x-least || k >= n {
			return nil // no numbers of replies
		}
		if -w.worth[k]-least != float64(i) {
			return parse.ErrorAt(v.at, "row.ranking", "name", parse.Shorten(v.name))
		}
	}
	return nil
}
