package intake

import (
	"bytes"

	"dpoplayground/core/parse"
	"dpoplayground/core/runlog"
)

// TakeObject takes an object of a JSON file: a row, or what holds rows.
func (r *Reader) TakeObject(t *parse.Tree, root int) error {
	if r.log != nil {
		return r.log.TakeObject(t, root)
	}
	r.fillRow(t, root)
	if shape, _ := r.row.shape(); shape != shapeNone && !r.row.holdsColumn() {
		return r.take()
	}
	if found, err := r.unwrap(t, root, 0); found || err != nil {
		return err
	}
	if r.mayBeLog() && runlog.HoldsLog(t, root) {
		return r.asLog().TakeObject(t, root)
	}
	return r.takeRow(t, root)
}

const deepest = 3 // wrappers inside each other

// unwrap takes the rows that an object holds, where it is no row itself. A row
// may stand inside an object of its own.
func (r *Reader) unwrap(t *parse.Tree, node, depth int) (found bool, err error) {
	if names, length, ok := columnsOf(t, node); ok {
		return true, r.takeColumns(t, node, names, length)
	}
	if names, rows := t.Table(node); names != nil {
		return r.takeTable(t, names, rows)
	}
	if r.isRow(t, node) || depth == deepest {
		return false, nil
	}
	t.Children(node, func(c int) bool {
		var inside bool
		switch t.Kind(c) {
		case parse.Object:
			if inside = r.isRow(t, c); inside {
				err = r.takeRow(t, c)
			} else {
				inside, err = r.unwrap(t, c, depth+1)
			}
		case parse.List:
			inside, err = r.unwrapList(t, c, depth)
		}
		found = found || inside
		return err == nil
	})
	return found, err
}

// unwrapList takes the objects of a list, if one of the first is a row.
func (r *Reader) unwrapList(t *parse.Tree, list, depth int) (found bool, err error) {
	n := 0
	t.Children(list, func(c int) bool {
		n++
		found = t.Kind(c) == parse.Object && (r.isRow(t, c) || r.holdsRow(t, c))
		return !found && n < mostTitles
	})
	if !found {
		return false, nil
	}
	t.Children(list, func(c int) bool {
		if n++; n%256 == 0 {
			r.pause()
		}
		if t.Kind(c) != parse.Object {
			return true
		}
		var inside bool
		if inside, err = r.unwrap(t, c, depth+1); !inside && err == nil {
			err = r.takeRow(t, c)
		}
		return err == nil
	})
	return true, err
}

// holdsRow tells that a member of an object is a row.
func (r *Reader) holdsRow(t *parse.Tree, node int) (found bool) {
	t.Children(node, func(c int) bool {
		found = t.Kind(c) == parse.Object && r.isRow(t, c)
		return !found
	})
	return found
}

// isRow tells that an object's keys make a row.
func (r *Reader) isRow(t *parse.Tree, node int) bool {
	w := &r.probe
	w.reset(t.At(node))
	members(t, node, func(c int) {
		if f := fieldOf(t.Key(c)); f != fieldNone {
			v := w.slot(f, t.Key(c))
			if kind := t.Kind(c); kind == parse.List || kind == parse.Object {
				v.tree, v.node = t, c
			}
		}
	})
	shape, _ := w.shape()
	return shape != shapeNone
}

// takeRow takes an object as a row.
func (r *Reader) takeRow(t *parse.Tree, node int) error {
	r.fillRow(t, node)
	return r.take()
}

// takeTable takes the rows of a table whose columns' names stand above them, if
// these make rows.
func (r *Reader) takeTable(t *parse.Tree, names [][]byte, rows []int) (found bool, err error) {
	w := &r.probe
	w.reset(parse.Place{})
	for _, name := range names {
		if f := fieldOf(name); f != fieldNone {
			w.slot(f, name)
		}
	}
	if shape, _ := w.shape(); shape == shapeNone {
		return false, nil
	}
	for n, list := range rows {
		if n%256 == 0 {
			r.pause()
		}
		r.row.reset(t.At(list))
		r.notes.current = r.notes.current[:0]
		i := 0
		t.Children(list, func(c int) bool {
			if i < len(names) {
				r.fillField(t, c, names[i])
			}
			i++
			return true
		})
		if err := r.take(); err != nil {
			return true, err
		}
	}
	return true, nil
}

// holdsColumn tells that one of the row's values may be a column.
func (w *row) holdsColumn() bool {
	for i := range w.values {
		v := &w.values[i]
		if !v.given || v.node < 0 {
			continue
		}
		f := field(i)
		if byIndex(v.tree, v.node) || v.tree.Kind(v.node) == parse.List && (f.plain() || f == fieldChosen && w.isList(f, 2, parse.Text)) {
			return true
		}
	}
	return false
}

func (r *Reader) fillRow(t *parse.Tree, node int) {
	w := &r.row
	w.reset(t.At(node))
	r.table.filled = false
	r.notes.current = r.notes.current[:0]
	members(t, node, func(c int) { r.fillField(t, c, t.Key(c)) })
}

// members calls f for each member of a row, and for those that Argilla puts
// into objects called fields and responses.
func members(t *parse.Tree, node int, f func(member int)) {
	t.Children(node, func(c int) bool {
		if key := string(t.Key(c)); t.Kind(c) == parse.Object && (key == "fields" || key == "responses") {
			t.Children(c, func(inside int) bool {
				f(inside)
				return true
			})
			return true
		}
		f(c)
		return true
	})
}

// fillField fills in the field that a key means.
func (r *Reader) fillField(t *parse.Tree, node int, name []byte) {
	f := r.notes.key(name)
	again := f != fieldNone && r.row.given(f) && bytes.Equal(r.row.values[f].name, name)
	if f == fieldNone {
		return
	}
	v := r.row.slot(f, name)
	isPlace := fieldPlace1 <= f && f <= fieldPlace9 && t.Kind(node) == parse.Word
	v.fill(t, node, f.plain() || f == fieldRanks || f == fieldScores || isPlace)
	if f == fieldWinner {
		v.agree()
	}
	r.row.settle(f, v)
	if again {
		r.row.values[f].fault = parse.ErrorAt(t.At(node), "json.repeated", "name", parse.Shorten(name))
	}
}

// columnsOf tells a table that is written by columns: {"chosen": {"0": …}} as
// pandas writes it, or {"chosen": […]} where the elements are no turns of a chat
// but whole replies.
func columnsOf(t *parse.Tree, node int) (columns []int, length int, ok bool) {
	ok = true
	replies, lists := 0, listsRows(t, node)
	t.Children(node, func(c int) bool {
		f := fieldOf(t.Key(c))
		if f == fieldNone || t.Kind(c) == parse.Null {
			return true
		}
		n := t.Len(c)
		if ok = (byIndex(t, c) || lists && t.Kind(c) == parse.List) && (length == 0 || n == length); !ok {
			return false
		}
		if f >= fieldChosen {
			replies++
		}
		columns, length = append(columns, c), n
		return true
	})
	return columns, length, ok && length > 0 && replies >= 2
}

// listsRows tells that lists under an object's keys hold a value for each row:
// words that only a row can have, or texts that are chosen and rejected and do
// not begin as one conversation.
func listsRows(t *parse.Tree, node int) (is bool) {
	first := map[field][]byte{}
	t.Children(node, func(c int) bool {
		f := fieldOf(t.Key(c))
		if t.Kind(c) != parse.List || t.Len(c) == 0 {
			return true
		}
		switch element := c + 1; {
		case f.plain() && f != fieldWinner && t.Kind(element) != parse.List && t.Kind(element) != parse.Object:
			is = true
		case t.Kind(element) == parse.Text:
			first[f] = t.Text(element)
		}
		return !is
	})
	return is || first[fieldChosen] != nil && first[fieldRejected] != nil && !bytes.Equal(first[fieldChosen], first[fieldRejected])
}

// byIndex tells that a value holds a column: an object with numbers for keys,
// or a list of conversations.
func byIndex(t *parse.Tree, node int) (is bool) {
	t.Children(node, func(c int) bool {
		switch t.Kind(node) {
		case parse.Object:
			is = len(t.Key(c)) > 0 && isDigit(t.Key(c)[0])
		case parse.List:
			is = t.Kind(c) == parse.List && t.Len(c) > 0 && t.Kind(c+1) == parse.Object
		}
		return false
	})
	return is
}

// takeColumns takes a table that is written by columns.
func (r *Reader) takeColumns(t *parse.Tree, node int, columns []int, length int) error {
	cells := make([][]int, len(columns))
	for i, c := range columns {
		t.Children(c, func(cell int) bool {
			cells[i] = append(cells[i], cell)
			return true
		})
	}
	for k := range length {
		if k%256 == 0 {
			r.pause()
		}
		r.row.reset(t.At(cells[0][k]))
		r.notes.current = r.notes.current[:0]
		t.Children(node, func(c int) bool {
			if fieldOf(t.Key(c)) == fieldNone {
				r.notes.key(t.Key(c))
			}
			return true
		})
		for i, c := range columns {
			r.fillField(t, cells[i][k], t.Key(c))
		}
		if err := r.take(); err != nil {
			return err
		}
	}
	return nil
}
