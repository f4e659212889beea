// Package parse takes tables of text apart as they arrive: JSON, one object a
// line or one list of objects, and CSV. What the keys and columns mean is for
// those who use it.
package parse

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	MaxBytes = 20 << 20 // of a file

	headBytes = 4096 // looked at to tell what kind of file this is
)

// A Sink is what a stream hands its rows to.
type Sink interface {
	// TakeObject takes a whole JSON object, a root of the tree. The tree is
	// used again afterwards.
	TakeObject(t *Tree, root int) error
	// TakeRecord takes a record of a CSV file, the column names included. It
	// is used again afterwards.
	TakeRecord(r *Record) error
	// IsColumn tells whether a name is one of a column, from which the
	// separator of a CSV file is told.
	IsColumn(name []byte) bool
}

// A sink may also have a method Pass(e *Error) bool, which tells whether a line
// of JSON that cannot be read may be passed over.

// A Stream reads one file. Feed it the bytes in order, in chunks of any size,
// then call Finish. Text stored as UTF-16 is decoded.
type Stream struct {
	name   string
	size   int64
	fed    int64
	sink   Sink
	head   []byte // the first bytes, until the format is known
	wide   *wide  // nil where the text is not UTF-16
	carry  []byte // the beginning of a character that a chunk's end cut
	cursor cursor
	json   *JSON
	format format // nil until the format is known
	done   bool
	err    error
}

// A format takes the file's text apart. Pieces hold whole characters.
type format interface {
	feed(c *cursor) error
	finish(c *cursor) error
}

// NewStream starts reading a file of the given name and size in bytes. The
// content decides the format; the name helps where it is unclear. A size not
// known beforehand is given as 0.
func NewStream(name string, size int64, sink Sink) *Stream {
	return &Stream{name: name, size: size, sink: sink, cursor: cursor{place: Place{1, 1}}}
}

// Format returns "jsonl", "json" or "csv", or "" while that is not known.
func (s *Stream) Format() string {
	switch {
	case s.format == nil:
		return ""
	case s.json == nil:
		return "csv"
	case s.json.listed:
		return "json"
	}
	return "jsonl"
}

// Share returns which part of the file has been fed, or 0 where its size is
// not known.
func (s *Stream) Share() float64 {
	if s.size <= 0 {
		return 0
	}
	return float64(s.fed) / float64(s.size)
}

// Feed reads the file's next bytes, which it does not keep. The error is the
// same from then on.
func (s *Stream) Feed(chunk []byte) error {
	if s.done {
		return errors.New("parse: Feed after Finish")
	}
	if s.err == nil {
		s.err = s.accept(chunk)
	}
	return s.err
}

// Finish ends the file.
func (s *Stream) Finish() error {
	if s.err == nil && !s.done {
		s.err = s.end()
	}
	s.done = true
	return s.err
}

// accept enforces the size limit and holds back the head of the file.
func (s *Stream) accept(chunk []byte) error {
	if s.size > MaxBytes {
		return tooLarge(s.size)
	}
	left := MaxBytes - s.fed
	s.fed += int64(len(chunk))
	if s.fed > MaxBytes {
		chunk = chunk[:left]
	}
	if err := s.decode(chunk); err != nil {
		return err
	}
	if s.fed > MaxBytes {
		return tooLarge(s.fed)
	}
	return nil
}

// tooLarge rounds the size up, so that it never reads as the limit itself.
func tooLarge(size int64) error {
	tenths := (10*size + 1<<20 - 1) >> 20
	megabytes := strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10)
	return FileError("file.size", "found", megabytes, "limit", strconv.Itoa(MaxBytes>>20))
}

// decode holds back the head, until the format can be told from it.
func (s *Stream) decode(chunk []byte) error {
	if s.wide != nil {
		chunk = s.wide.decode(chunk)
	}
	if s.format != nil {
		return s.push(chunk)
	}
	n := min(headBytes-len(s.head), len(chunk))
	s.head = append(s.head, chunk[:n]...)
	if s.wide == nil {
		var mark int
		if s.wide, mark = newWide(s.head); s.wide != nil {
			all := append(s.head[mark:], chunk[n:]...)
			s.head = nil
			return s.decode(all)
		}
	}
	if len(s.head) < headBytes {
		return nil
	}
	if err := s.begin(); err != nil {
		return err
	}
	return s.push(chunk[n:])
}

// begin tells the format from the head and reads the head.
func (s *Stream) begin() error {
	head := bytes.TrimPrefix(s.head, []byte("\xef\xbb\xbf"))
	if err := refuse(head, s.name); err != nil {
		return err
	}
	delimiter, skip, named := s.delimiter(head)
	if looksLikeJSON(head, s.name, named) {
		s.json = newJSON(func(root int) error { return s.sink.TakeObject(s.json.Tree, root) })
		if p, ok := s.sink.(interface{ Pass(e *Error) bool }); ok {
			s.json.broken = p.Pass
		}
		s.format = s.json
		return s.push(head)
	}
	s.format = newCSV(delimiter, s.sink.TakeRecord)
	s.cursor.place.Line += bytes.Count(head[:skip], []byte("\n"))
	return s.push(head[skip:])
}

// delimiters may separate the fields of a CSV file.
const delimiters = ",;\t|"

// delimiter returns the separator of fields and how many bytes before the
// first record say it: the first line may be "sep=;", as Excel writes it. Else
// it is the one that makes two names of columns of one of the first lines, so
// that the columns are named, and else the one that the first line has most of.
func (s *Stream) delimiter(head []byte) (delimiter byte, skip int, named bool) {
	const lines = 10
	rest := bytes.TrimLeft(head, "\r\n ")
	if len(rest) > 4 && strings.EqualFold(string(rest[:4]), "sep=") {
		skip = len(head) - len(rest) + 5
		for skip < len(head) && (head[skip] == '\r' || head[skip] == '\n') {
			skip++
		}
		return rest[4], skip, true
	}
	best, most := byte(','), 0
	for n := 0; n < lines && len(rest) > 0; n++ {
		line := rest
		if end := bytes.IndexAny(rest, "\r\n"); end >= 0 {
			line, rest = rest[:end], bytes.TrimLeft(rest[end:], "\r\n ")
		} else {
			rest = nil
		}
		for _, b := range []byte(delimiters) {
			fields := splitOutside(line, b)
			known := 0
			for _, name := range fields {
				if s.sink.IsColumn(bytes.Trim(name, " \"")) {
					known++
				}
			}
			if known >= 2 {
				return b, 0, true
			}
			if n == 0 && len(fields) > most && b != '|' {
				best, most = b, len(fields)
			}
		}
	}
	return best, 0, false
}

// splitOutside splits a line at a separator outside quotes.
func splitOutside(line []byte, separator byte) (fields [][]byte) {
	quoted, from := false, 0
	for i, b := range line {
		if b == '"' {
			quoted = !quoted
		} else if b == separator && !quoted {
			fields, from = append(fields, line[from:i]), i+1
		}
	}
	return append(fields, line[from:])
}

// push hands text on in whole characters: a character that a chunk's end cuts
// waits for its other bytes.
func (s *Stream) push(chunk []byte) error {
	for len(s.carry) > 0 && len(chunk) > 0 {
		s.carry = append(s.carry, chunk[0])
		chunk = chunk[1:]
		if utf8.FullRune(s.carry) {
			whole := s.carry
			s.carry = nil
			if err := s.text(whole); err != nil {
				return err
			}
		}
	}
	cut := len(chunk) - cutRune(chunk)
	s.carry = append(s.carry, chunk[cut:]...)
	return s.text(chunk[:cut])
}

// cutRune returns how many bytes at the end of chunk begin a character that is
// not complete.
func cutRune(chunk []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(chunk); n++ {
		tail := chunk[len(chunk)-n:]
		if utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// text reads a piece up to the first byte that is not text, so that an
// earlier mistake in it is the one that is told.
func (s *Stream) text(piece []byte) error {
	bad := notText(piece)
	s.cursor.load(piece[:bad])
	if err := s.format.feed(&s.cursor); err != nil {
		return err
	}
	s.cursor.unload()
	if bad == len(piece) {
		return nil
	}
	place := s.cursor.place
	if piece[bad] == 0 {
		return ErrorAt(place, "file.nul")
	}
	return ErrorAt(place, "file.utf8", "found", "0x"+strconv.FormatUint(uint64(piece[bad]), 16))
}

// notText returns the index of the first byte of piece that is NUL or not
// UTF-8, or len(piece).
func notText(piece []byte) int {
	if utf8.Valid(piece) && bytes.IndexByte(piece, 0) < 0 {
		return len(piece)
	}
	i := 0
	for i < len(piece) && piece[i] != 0 {
		r, size := utf8.DecodeRune(piece[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return i
}

// end reads what was held back.
func (s *Stream) end() error {
	if s.size > MaxBytes {
		return tooLarge(s.size)
	}
	if s.format == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	if len(s.carry) > 0 {
		return ErrorAt(s.cursor.place, "file.utf8", "found", "0x"+strconv.FormatUint(uint64(s.carry[0]), 16))
	}
	return s.format.finish(&s.cursor)
}

// wide decodes UTF-16.
type wide struct {
	high  int // index of a unit's higher byte
	carry []byte
	half  rune // the first half of a character, or 0
	out   []byte
}

// newWide tells UTF-16 from its mark of two bytes, or where that is missing from
// the zero bytes of its first two characters, or returns nil.
func newWide(head []byte) (w *wide, mark int) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return &wide{high: 1}, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return &wide{high: 0}, 2
	case len(head) < 4:
	case head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return &wide{high: 1}, 0
	case head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return &wide{high: 0}, 0
	}
	return nil, 0
}

// decode returns the chunk as UTF-8, in memory that is used again. Half a
// character by itself becomes a replacement.
func (w *wide) decode(chunk []byte) []byte {
	w.carry = append(w.carry, chunk...)
	out, i := w.out[:0], 0
	for ; i+1 < len(w.carry); i += 2 {
		unit := rune(w.carry[i+w.high])<<8 | rune(w.carry[i+1-w.high])
		if r := utf16.DecodeRune(w.half, unit); r != utf8.RuneError {
			out, w.half = utf8.AppendRune(out, r), 0
			continue
		}
		if w.half != 0 {
			out, w.half = utf8.AppendRune(out, utf8.RuneError), 0
		}
		if 0xd800 <= unit && unit < 0xdc00 {
			w.half = unit
			continue
		}
		out = utf8.AppendRune(out, unit)
	}
	w.carry = append(w.carry[:0], w.carry[i:]...)
	w.out = out
	return out
}
