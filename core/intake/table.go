package intake

import (
	"bytes"
	"strconv"

	"dpoplayground/core/parse"
	"dpoplayground/core/runlog"
)

// A table is what a reader knows of a CSV file.
type table struct {
	columns []column // nil until their names have been found
	passed  int      // records before them
	wrong   error    // why the first record is not the columns' names
	cells   parse.Tree

	above       value // the last question
	aboveSystem []byte
	filled      bool // the row's question is the last one
}

type column struct {
	field field
	name  []byte
}

// mostTitles is how many records may stand above the names of the columns.
const mostTitles = 10

// IsColumn tells whether a name means something as a column's.
func (r *Reader) IsColumn(name []byte) bool {
	return fieldOf(name) != fieldNone || runlog.IsColumn(name)
}

// TakeRecord takes the names of the columns, or a row.
func (r *Reader) TakeRecord(record *parse.Record) error {
	if r.log != nil {
		return r.log.TakeRecord(record)
	}
	t := &r.table
	if t.columns == nil {
		return t.header(r, record)
	}
	w := &r.row
	w.reset(record.At(0))
	t.cells.Reset()
	t.filled = false
	r.notes.current = r.notes.current[:0]
	for i, column := range t.columns {
		if i >= record.Len() {
			break
		}
		text := written(tidy(record.Field(i)))
		if column.field == fieldNone && len(text) == 0 {
			continue
		}
		r.notes.key(column.name)
		if column.field == fieldNone {
			continue
		}
		v := w.slot(column.field, column.name)
		if v.at, v.text = record.At(i), text; !column.field.plain() {
			v.unfold(&t.cells)
		}
		w.settle(column.field, v)
	}
	return t.check(r, record)
}

// written returns a cell's text, nil where the word in it says that there is
// none.
func written(cell []byte) []byte {
	switch string(cell) {
	case "NaN", "nan", "NULL", "null", "<NA>", "#N/A":
		return nil
	}
	return cell
}

// check takes the row, but for one with more fields than columns. What is
// missing at a row's end is empty.
func (t *table) check(r *Reader, record *parse.Record) error {
	w := &r.row
	for i := record.Len(); i < len(t.columns); i++ {
		if f := t.columns[i].field; f != fieldNone && !w.given(f) {
			v := w.slot(f, t.columns[i].name)
			v.at = w.at
		}
	}
	for i := len(t.columns); i < record.Len(); i++ {
		if len(bytes.TrimSpace(record.Field(i))) == 0 {
			continue
		}
		if r.summary.Rows++; r.summary.Rows > MaxRows {
			return parse.ErrorAt(w.at, "file.rows", "limit", strconv.Itoa(MaxRows))
		}
		r.skipped[r.leaveOut(parse.ErrorAt(w.at, "csv.fields",
			"expected", strconv.Itoa(len(t.columns)), "found", strconv.Itoa(record.Len())))]++
		return nil
	}
	return r.take()
}

// header reads the names of the columns. Lines above them, a title's, are
// passed over.
func (t *table) header(r *Reader, record *parse.Record) error {
	w := &r.row
	w.reset(record.At(0))
	var columns []column
	for i := range record.Len() {
		name := bytes.Clone(bytes.TrimSpace(record.Field(i)))
		c := column{fieldOf(name), name}
		if c.field != fieldNone {
			if repeats := sameName(columns, name); repeats && c.field != fieldReply && c.field != fieldLabel {
				return parse.ErrorAt(record.At(i), "csv.repeated", "name", parse.Shorten(name))
			}
			w.slot(c.field, name)
		}
		columns = append(columns, c)
	}
	if shape, _ := w.shape(); shape != shapeNone {
		t.columns, r.notes.untitled = columns, t.passed
		return nil
	}
	if runlog.IsHeader(record) {
		return r.asLog().TakeRecord(record)
	}
	if t.wrong == nil {
		t.wrong = parse.ErrorAt(w.at, columnsCode(columns), "found", quoteNames(columns))
	}
	if t.passed++; t.passed >= mostTitles {
		return t.wrong
	}
	return nil
}

// sameName tells that a name is one of the columns', in whatever letters.
func sameName(columns []column, name []byte) bool {
	for _, c := range columns {
		if lower(c.name) == lower(name) {
			return true
		}
	}
	return false
}

// columnsCode tells a form's export from other tables: its columns are the
// times of the answers and whole questions.
func columnsCode(columns []column) string {
	for _, c := range columns[min(1, len(columns)):] {
		if bytes.IndexByte(c.name, '?') >= 0 || bytes.Contains(c.name, []byte("？")) {
			return "csv.form"
		}
	}
	return "csv.columns"
}

// quoteNames writes the names with commas between them.
func quoteNames(columns []column) string {
	const most = 160
	var b []byte
	for i, c := range columns {
		if len(b) > most {
			return string(b) + ", …"
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, parse.Shorten(c.name)...)
	}
	return string(b)
}

// fillDown returns the row's question, or where its cell is blank the last one
// above it, as merged cells are written.
func (t *table) fillDown(w *row, q *value, system []byte) (*value, []byte) {
	if t.columns == nil {
		return q, system
	}
	if q != nil {
		t.keep(q, system)
		return q, system
	}
	if t.filled = t.above.given; t.filled {
		return &t.above, t.aboveSystem
	}
	return nil, system
}

// keep copies the question for the rows below.
func (t *table) keep(q *value, system []byte) {
	a := &t.above
	*a = value{given: true, list: q.list, turns: q.turns, node: -1, text: append(a.text[:0], q.text...), messages: a.messages[:0]}
	for _, m := range q.messages {
		a.messages = append(a.messages, message{bytes.Clone(m.role), bytes.Clone(m.content)})
	}
	t.aboveSystem = append(t.aboveSystem[:0], system...)
}
