package intake

import (
	"bytes"
	"strconv"
)

// A csvReader reads records of fields between delimiters. A field that begins
// with a quote (white space before it aside) ends with one, and holds quotes
// doubled; any other field may hold quotes as they are. \n, \r\n and \r end a
// record; records of empty fields alone are passed over.
type csvReader struct {
	reader    *Reader
	delimiter byte
	state     csvState
	buf       []byte // the record's fields, one after the other
	fields    []csvField
	columns   []column // nil until the first record
}

const maxColumns = 1000

type csvState uint8

const (
	csvBefore csvState = iota // before a field's first character
	csvPlain                  // in a field without quotes
	csvQuoted                 // in a quoted field
	csvQuote                  // behind a quote in a quoted field
	csvAfter                  // behind a quoted field
)

type csvField struct {
	at       Place
	from, to int // in the record's buf
}

type column struct {
	field    field
	numbered bool
}

func newCSV(r *Reader, delimiter byte) *csvReader { return &csvReader{reader: r, delimiter: delimiter} }

func (v *csvReader) feed(c *cursor) error {
	for c.next < len(c.piece) {
		var err error
		switch v.state {
		case csvBefore:
			err = v.before(c)
		case csvPlain:
			err = v.plain(c)
		case csvQuoted:
			v.quoted(c)
		default:
			err = v.behindQuote(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *csvReader) finish(c *cursor) error {
	if v.state == csvQuoted {
		return errorAt(v.fields[len(v.fields)-1].at, "csv.unclosed")
	}
	if v.state == csvBefore {
		if err := v.open(c); err != nil {
			return err
		}
	}
	v.close()
	return v.record()
}

func (v *csvReader) open(c *cursor) error {
	if len(v.fields) == maxColumns {
		return errorAt(c.here(), "csv.wide", "limit", strconv.Itoa(maxColumns))
	}
	v.fields = append(v.fields, csvField{at: c.here(), from: len(v.buf)})
	return nil
}

func (v *csvReader) close() { v.fields[len(v.fields)-1].to = len(v.buf) }

func (v *csvReader) before(c *cursor) error {
	b := c.piece[c.next]
	if b != v.delimiter && (b == ' ' || b == '\t') {
		c.next++
		return nil
	}
	if err := v.open(c); err != nil {
		return err
	}
	if b == '"' {
		v.state = csvQuoted
		c.next++
		return nil
	}
	v.state = csvPlain
	return v.plain(c)
}

func (v *csvReader) plain(c *cursor) error {
	from := c.next
	for c.next < len(c.piece) && !v.ends(c.piece[c.next]) {
		c.next++
	}
	v.buf = append(v.buf, c.piece[from:c.next]...)
	if c.next == len(c.piece) {
		return nil
	}
	return v.end(c)
}

func (v *csvReader) ends(b byte) bool { return b == v.delimiter || b == '\n' || b == '\r' }

// end closes a field and, at a line's end, the record.
func (v *csvReader) end(c *cursor) error {
	b := c.piece[c.next]
	c.next++
	v.close()
	v.state = csvBefore
	if b == v.delimiter {
		return nil
	}
	return v.record()
}

func (v *csvReader) quoted(c *cursor) {
	rest := c.piece[c.next:]
	n := bytes.IndexByte(rest, '"')
	if n < 0 {
		v.buf = append(v.buf, rest...)
		c.next = len(c.piece)
		return
	}
	v.buf = append(v.buf, rest[:n]...)
	c.next += n + 1
	v.state = csvQuote
}

func (v *csvReader) behindQuote(c *cursor) error {
	b := c.piece[c.next]
	switch {
	case b == '"' && v.state == csvQuote:
		v.buf = append(v.buf, b)
		v.state = csvQuoted
	case v.ends(b):
		return v.end(c)
	case b == ' ' || b == '\t':
		v.state = csvAfter
	default:
		return errorAt(c.here(), "csv.quote", "found", c.found())
	}
	c.next++
	return nil
}

// record takes a whole record: the column names, or a row.
func (v *csvReader) record() error {
	defer func() { v.buf, v.fields = v.buf[:0], v.fields[:0] }()
	if len(bytes.TrimSpace(v.buf)) == 0 {
		return nil
	}
	if v.columns == nil {
		return v.header()
	}
	if len(v.fields) != len(v.columns) {
		return errorAt(v.fields[0].at, "csv.fields",
			"expected", strconv.Itoa(len(v.columns)), "found", strconv.Itoa(len(v.fields)))
	}
	w := &v.reader.row
	w.reset(v.fields[0].at)
	for i, column := range v.columns {
		if column.field != fieldNone {
			f := v.fields[i]
			w.values[column.field] = value{given: true, numbered: column.numbered, at: f.at,
				text: tidy(v.buf[:f.to], f.from)[f.from:]}
		}
	}
	return v.reader.take()
}

func (v *csvReader) header() error {
	w := &v.reader.row
	w.reset(v.fields[0].at)
	for _, f := range v.fields {
		name := v.buf[f.from:f.to]
		column := column{fieldOf(name), numbered(bytes.TrimSpace(name))}
		seen := &w.values[column.field]
		if column.field != fieldNone && seen.given {
			err := errorAt(f.at, "csv.repeated", "name", shorten(name))
			if !column.field.optional() {
				return err
			}
			seen.fault, column.field = err, fieldNone
		}
		seen.given = true
		v.columns = append(v.columns, column)
	}
	err := w.header()
	if e, ok := err.(*Error); ok && e.Code == "row.missing" {
		return errorAt(w.at, "csv.columns", "found", v.quoteHeader())
	}
	return err
}

// quoteHeader writes the header's names with commas between them.
func (v *csvReader) quoteHeader() string {
	var names []byte
	for i, f := range v.fields {
		if i > 0 {
			names = append(names, ", "...)
		}
		names = append(names, bytes.TrimSpace(v.buf[f.from:f.to])...)
	}
	return shorten(names)
}
