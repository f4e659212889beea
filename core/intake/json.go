package intake

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A jsonReader reads JSON as it arrives: objects one after the other, or one
// list of them. Only the texts that a row needs are kept. It is the grammar;
// what the values mean is jsonrow.go's.
type jsonReader struct {
	reader *Reader
	stack  []node // what encloses the next token, the file itself first
	slot   slot   // what the next value is
	expect expectation
	inside token // of which token the next byte is a part
	at     Place // where that token began

	token []byte  // a key's or a word's bytes so far
	isKey bool    // the text is a key
	into  *[]byte // where the text goes; nil drops it
	from  int     // length of *into where the text began
	esc   []byte  // an escape's bytes so far, behind the backslash
	high  rune    // half a character from the last \u escape, or 0

	jsonMeaning
}

type expectation uint8

const (
	expectValue      expectation = iota
	expectFirstValue             // or the list's end
	expectKey
	expectFirstKey // or the object's end
	expectColon
	expectComma // or the end of what encloses
	expectNothing
)

type token uint8

const (
	inNone token = iota
	inText
	inEscape
	inWord
)

const maxDepth = 64

func newJSON(r *Reader) *jsonReader {
	return &jsonReader{reader: r, stack: []node{nodeFile}, slot: slotRow}
}

func (j *jsonReader) feed(c *cursor) error {
	for c.next < len(c.piece) {
		var err error
		switch j.inside {
		case inText:
			err = j.text(c)
		case inEscape:
			err = j.escape(c)
		case inWord:
			err = j.word(c)
		default:
			err = j.structure(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonReader) finish(c *cursor) error {
	if j.inside == inWord {
		if err := j.wordDone(); err != nil {
			return err
		}
	}
	for _, n := range j.stack {
		if n == nodeRow {
			return errorAt(j.reader.row.at, "json.unfinished")
		}
	}
	switch {
	case j.inside != inNone:
		return errorAt(j.at, "json.open")
	case j.top() == nodeArray:
		return errorAt(c.here(), "json.list")
	}
	return nil
}

func (j *jsonReader) top() node { return j.stack[len(j.stack)-1] }

// structure reads one byte between texts and words.
func (j *jsonReader) structure(c *cursor) error {
	b := c.piece[c.next]
	switch {
	case b == ' ' || b == '\n' || b == '\r' || b == '\t':
		c.next++
		return nil
	case closes(b) && j.mayClose() && j.top().object() == (b == '}'):
		c.next++
		return j.leave()
	}
	switch j.expect {
	case expectValue, expectFirstValue:
		return j.value(c, b)
	case expectKey, expectFirstKey:
		if b == '"' {
			j.beginText(c, &j.token, true)
			return nil
		}
		return j.unexpected(c, "json.key")
	case expectColon:
		if b == ':' {
			c.next, j.expect = c.next+1, expectValue
			return nil
		}
		return j.unexpected(c, "json.colon")
	case expectComma:
		if b == ',' {
			c.next++
			j.nextItem()
			return nil
		}
		return j.unexpectedComma(c, b)
	}
	return j.unexpected(c, "json.after")
}

func closes(b byte) bool { return b == '}' || b == ']' }

func (j *jsonReader) mayClose() bool {
	return j.top() != nodeFile &&
		(j.expect == expectComma || j.expect == expectFirstKey || j.expect == expectFirstValue)
}

func (j *jsonReader) unexpected(c *cursor, code string) error {
	return errorAt(c.here(), code, "found", c.found())
}

// unexpectedComma is told at the object's beginning where the next object has
// begun already: then a line was cut off.
func (j *jsonReader) unexpectedComma(c *cursor, b byte) error {
	if b == '{' && j.top() == nodeRow {
		return errorAt(j.reader.row.at, "json.unfinished")
	}
	return j.unexpected(c, "json.comma")
}

// nextItem prepares for what follows a comma.
func (j *jsonReader) nextItem() {
	j.expect = expectValue
	if j.top().object() {
		j.expect = expectKey
	} else {
		j.slot = j.top().items()
	}
}

// value begins a value. Whether a word is of the right kind is judged when it
// has been read, so that it can be quoted.
func (j *jsonReader) value(c *cursor, b byte) error {
	switch {
	case b == '{' || b == '[':
		return j.open(c, b)
	case b == '"':
		into, err := j.textSlot(c)
		if err != nil {
			return err
		}
		j.beginText(c, into, false)
	case wordByte(b) || b >= utf8.RuneSelf:
		j.at, j.inside, j.token = c.here(), inWord, j.token[:0]
	case j.slot == slotRow:
		return j.unexpected(c, "json.object")
	default:
		return j.unexpected(c, "json.value")
	}
	return nil
}

func (j *jsonReader) open(c *cursor, b byte) error {
	next := j.child(b == '{')
	if next == nodeNone {
		if err := j.refuse(j.wrongKind(c.here(), string(b))); err != nil {
			return err
		}
		if next = nodeOtherList; b == '{' {
			next = nodeOtherObject
		}
	}
	if len(j.stack) > maxDepth {
		return errorAt(c.here(), "json.depth", "limit", strconv.Itoa(maxDepth))
	}
	at := c.here()
	c.next++
	j.stack = append(j.stack, next)
	j.expect = expectFirstValue
	if next.object() {
		j.expect = expectFirstKey
	}
	j.enter(next, at)
	j.slot = next.items()
	return nil
}

// leave ends the innermost list or object.
func (j *jsonReader) leave() error {
	left := j.top()
	j.stack = j.stack[:len(j.stack)-1]
	if err := j.ended(left); err != nil {
		return err
	}
	j.valueDone()
	if left == nodeArray {
		j.expect = expectNothing
	}
	return nil
}

// valueDone prepares for what follows a value: in the file itself, another.
func (j *jsonReader) valueDone() {
	j.expect = expectComma
	if j.top() == nodeFile {
		j.expect, j.slot = expectValue, slotRow
	}
}

func wordByte(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '-' || b == '+' || b == '.' || b == '_'
}

// word reads on in a number, true, false, null or something mistaken for one.
func (j *jsonReader) word(c *cursor) error {
	from := c.next
	for c.next < len(c.piece) && (wordByte(c.piece[c.next]) || c.piece[c.next] >= utf8.RuneSelf) {
		c.next++
	}
	j.token = append(j.token, c.piece[from:c.next]...)
	if c.next == len(c.piece) {
		return nil
	}
	return j.wordDone()
}

func (j *jsonReader) wordDone() error {
	j.inside = inNone
	switch string(j.token) {
	case "true", "false", "null":
	default:
		if j.slot == slotRow || !isNumber(j.token) {
			return errorAt(j.at, wordCode(j.slot), "found", shorten(j.token))
		}
	}
	if err := j.acceptWord(); err != nil {
		return err
	}
	j.valueDone()
	return nil
}

func wordCode(s slot) string {
	if s == slotRow {
		return "json.object"
	}
	return "json.word"
}

func (j *jsonReader) beginText(c *cursor, into *[]byte, isKey bool) {
	j.at, j.inside, j.into, j.isKey = c.here(), inText, into, isKey
	c.next++
	if isKey {
		j.token = j.token[:0]
	}
	if into != nil {
		j.from = len(*into)
	}
}

// text reads on in a text, as far as its bytes stand for themselves.
func (j *jsonReader) text(c *cursor) error {
	from := c.next
	for c.next < len(c.piece) {
		if b := c.piece[c.next]; b == '"' || b == '\\' || b < ' ' {
			break
		}
		c.next++
	}
	j.put(c.piece[from:c.next])
	if c.next == len(c.piece) {
		return nil
	}
	switch b := c.piece[c.next]; b {
	case '"':
		c.next++
		j.flush()
		j.inside = inNone
		return j.textDone()
	case '\\':
		c.next++
		j.inside = inEscape
		j.esc = j.esc[:0]
		return nil
	case '\n', '\r':
		return errorAt(j.at, "json.open")
	default:
		return errorAt(c.here(), "json.control", "found", "U+00"+string(hexDigits[b>>4])+string(hexDigits[b&15]))
	}
}

func (j *jsonReader) textDone() error {
	if j.isKey {
		j.expect = expectColon
		return j.acceptKey()
	}
	j.acceptText()
	j.valueDone()
	return nil
}

func (j *jsonReader) put(run []byte) {
	if len(run) > 0 {
		j.flush()
		if j.into != nil {
			*j.into = append(*j.into, run...)
		}
	}
}

// flush writes what is left of half a character: a replacement, as for all
// that is no character.
func (j *jsonReader) flush() {
	if j.high != 0 {
		j.high = 0
		j.putRune(utf8.RuneError)
	}
}

func (j *jsonReader) putRune(r rune) {
	if j.into != nil {
		*j.into = utf8.AppendRune(*j.into, r)
	}
}

const (
	escapes   = `"\/bfnrt`
	escaped   = "\"\\/\b\f\n\r\t"
	hexDigits = "0123456789ABCDEF"
)

// escape reads one byte of an escape.
func (j *jsonReader) escape(c *cursor) error {
	b := c.piece[c.next]
	simple := strings.IndexByte(escapes, b)
	switch {
	case len(j.esc) == 0 && b != 'u' && simple < 0, len(j.esc) > 0 && !hex(b):
		return errorAt(c.here(), "json.escape", "found", "\\"+string(j.esc)+c.found())
	case len(j.esc) == 0 && b != 'u':
		j.inside = inText
		j.put([]byte{escaped[simple]})
	default:
		j.esc = append(j.esc, b)
	}
	c.next++
	if len(j.esc) == len("u00e9") {
		j.inside = inText
		n, _ := strconv.ParseUint(string(j.esc[1:]), 16, 32)
		j.unit(rune(n))
	}
	return nil
}

func hex(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}

// unit writes a UTF-16 code unit: a character, or half of one.
func (j *jsonReader) unit(u rune) {
	if r := utf16.DecodeRune(j.high, u); r != utf8.RuneError {
		j.high = 0
		j.putRune(r)
		return
	}
	j.flush()
	if utf16.IsSurrogate(u) && utf16.DecodeRune(u, 0xDC00) != utf8.RuneError {
		j.high = u
		return
	}
	j.putRune(u) // a lone second half becomes a replacement
}
