package parse

import (
	"bytes"
	"strconv"
)

// A CSV parser reads records of fields between delimiters. A field that begins
// with a quote (white space before it aside) ends with one, and holds quotes
// doubled; any other field may hold quotes as they are. \n, \r\n and \r end a
// record; records of empty fields alone are passed over.
type CSV struct {
	take      func(*Record) error
	delimiter byte
	state     csvState
	record    Record
}

// A Record is one record: its fields one after the other.
type Record struct {
	buf    []byte
	fields []csvField
}

// Len returns how many fields the record has.
func (r *Record) Len() int { return len(r.fields) }

// At returns where field i begins in the file.
func (r *Record) At(i int) Place { return r.fields[i].at }

// Field returns field i, which may be changed in place.
func (r *Record) Field(i int) []byte {
	f := r.fields[i]
	return r.buf[f.from:f.to:f.to]
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

// newCSV returns a parser that hands each record to take.
func newCSV(delimiter byte, take func(*Record) error) *CSV {
	return &CSV{take: take, delimiter: delimiter}
}

func (v *CSV) feed(c *cursor) error {
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

func (v *CSV) finish(c *cursor) error {
	if v.state == csvQuoted {
		return ErrorAt(v.record.fields[len(v.record.fields)-1].at, "csv.unclosed")
	}
	if v.state == csvBefore {
		if err := v.open(c); err != nil {
			return err
		}
	}
	v.close()
	return v.done()
}

func (v *CSV) open(c *cursor) error {
	if len(v.record.fields) == maxColumns {
		return ErrorAt(c.here(), "csv.wide", "limit", strconv.Itoa(maxColumns))
	}
	v.record.fields = append(v.record.fields, csvField{at: c.here(), from: len(v.record.buf)})
	return nil
}

func (v *CSV) close() { v.record.fields[len(v.record.fields)-1].to = len(v.record.buf) }

func (v *CSV) before(c *cursor) error {
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

func (v *CSV) plain(c *cursor) error {
	from := c.next
	for c.next < len(c.piece) && !v.ends(c.piece[c.next]) {
		c.next++
	}
	v.record.buf = append(v.record.buf, c.piece[from:c.next]...)
	if c.next == len(c.piece) {
		return nil
	}
	return v.end(c)
}

func (v *CSV) ends(b byte) bool { return b == v.delimiter || b == '\n' || b == '\r' }

// end closes a field and, at a line's end, the record.
func (v *CSV) end(c *cursor) error {
	b := c.piece[c.next]
	c.next++
	v.close()
	v.state = csvBefore
	if b == v.delimiter {
		return nil
	}
	return v.done()
}

func (v *CSV) quoted(c *cursor) {
	rest := c.piece[c.next:]
	n := bytes.IndexByte(rest, '"')
	if n < 0 {
		v.record.buf = append(v.record.buf, rest...)
		c.next = len(c.piece)
		return
	}
	v.record.buf = append(v.record.buf, rest[:n]...)
	c.next += n + 1
	v.state = csvQuote
}

func (v *CSV) behindQuote(c *cursor) error {
	b := c.piece[c.next]
	switch {
	case b == '"' && v.state == csvQuote:
		v.record.buf = append(v.record.buf, b)
		v.state = csvQuoted
	case v.ends(b):
		return v.end(c)
	case b == ' ' || b == '\t':
		v.state = csvAfter
	default:
		return ErrorAt(c.here(), "csv.quote", "found", c.found())
	}
	c.next++
	return nil
}

// done hands on a whole record.
func (v *CSV) done() error {
	defer func() { v.record.buf, v.record.fields = v.record.buf[:0], v.record.fields[:0] }()
	if len(bytes.TrimSpace(v.record.buf)) == 0 {
		return nil
	}
	return v.take(&v.record)
}
