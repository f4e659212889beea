package parse

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A JSON parser reads JSON as it arrives: objects one after the other, or lists
// of them. Each object is built in Tree and handed on when it is complete;
// then the tree is empty again.
type JSON struct {
	Tree   *Tree
	listed bool // the objects are the elements of lists

	take   func(root int) error
	broken func(e *Error) bool // whether an object that cannot be read may be passed over; may be nil
	passed *Error              // what was wrong with the line before, if it was passed over
	tree   *Tree
	stack  []frame // what encloses the next token, the file itself first
	expect expectation
	inside token // of which token the next byte is a part
	at     Place // where that token began
	any    bool  // any value may stand for an object
	taken  bool

	token []byte // a word's bytes so far
	key   span   // of the next value
	isKey bool   // the text is a key
	leaf  int    // the text's node
	esc   []byte // an escape's bytes so far, behind the backslash
	high  rune   // half a character from the last \u escape, or 0
}

// A frame is a list or an object that encloses what is being read.
type frame struct {
	kind  enclosure
	node  int
	words int // in a row, at the end of a list
}

type enclosure uint8

const (
	inFile enclosure = iota
	inRows           // the list of all objects
	inList
	inObject
)

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
	inBroken // the rest of a line that cannot be read
)

const maxDepth = 64

// newJSON returns a parser that hands each object to take, which names it by
// its root in the parser's Tree.
func newJSON(take func(root int) error) *JSON {
	tree := &Tree{}
	return &JSON{Tree: tree, tree: tree, take: take, stack: []frame{{kind: inFile}}}
}

// Value appends one JSON value of any kind to the tree and returns its root.
// The text is the whole value.
func (t *Tree) Value(text []byte) (root int, err error) {
	nodes, size := len(t.nodes), len(t.text)
	root = -1
	j := &JSON{tree: t, any: true, stack: []frame{{kind: inFile}}}
	j.take = func(i int) error {
		if root >= 0 {
			return ErrorAt(j.at, "json.after", "found", "")
		}
		root = i
		return nil
	}
	c := cursor{place: Place{1, 1}}
	c.load(text)
	if err = j.feed(&c); err == nil {
		err = j.finish(&c)
	}
	if err == nil && root < 0 {
		err = ErrorAt(c.here(), "json.value", "found", "")
	}
	if err != nil {
		t.nodes, t.text = t.nodes[:nodes], t.text[:size]
	}
	return root, err
}

func (j *JSON) feed(c *cursor) error {
	for c.next < len(c.piece) {
		var err error
		switch j.inside {
		case inText:
			err = j.readText(c)
		case inEscape:
			err = j.escape(c)
		case inWord:
			err = j.word(c)
		case inBroken:
			j.pass(c)
		default:
			err = j.structure(c)
		}
		if err != nil && !j.passes(err, c.here()) {
			if e, ok := err.(*Error); ok && e.Code == "json.object" && j.passed != nil {
				return j.passed // whose end was in the next line
			}
			return err
		}
	}
	return nil
}

// passes tells that an error is of one line of several, which may be passed
// over, and gets ready for what follows: the line's rest, or an object that
// begins where a line was cut off.
func (j *JSON) passes(err error, here Place) bool {
	e, ok := err.(*Error)
	root, begun := j.root()
	cut := ok && e.Code == "json.unfinished"
	if !ok || j.broken == nil || j.listed || !begun || !cut && root.Line != here.Line || !j.broken(e) {
		return false
	}
	j.stack, j.expect, j.inside, j.high = j.stack[:1], expectValue, inBroken, 0
	if j.passed = e; cut {
		j.inside = inNone
	}
	j.tree.Reset()
	return true
}

// pass passes over the rest of a line.
func (j *JSON) pass(c *cursor) {
	end := bytes.IndexByte(c.piece[c.next:], '\n')
	if end < 0 {
		c.next = len(c.piece)
		return
	}
	c.next += end
	j.inside = inNone
}

func (j *JSON) finish(c *cursor) error {
	if j.inside == inBroken {
		return nil
	}
	err := j.end(c)
	if err != nil && j.passes(err, Place{}) {
		return nil
	}
	return err
}

func (j *JSON) end(c *cursor) error {
	if j.inside == inWord {
		if err := j.wordDone(); err != nil {
			return err
		}
	}
	if at, begun := j.root(); begun {
		return ErrorAt(at, "json.unfinished")
	}
	switch {
	case j.inside != inNone:
		return ErrorAt(j.at, "json.open")
	case j.top().kind == inRows:
		return ErrorAt(c.here(), "json.list")
	}
	return nil
}

func (j *JSON) top() *frame { return &j.stack[len(j.stack)-1] }

// atRoot tells that the next value is a whole object of the file's.
func (j *JSON) atRoot() bool { return j.top().kind <= inRows }

// root returns where the object that is being read began.
func (j *JSON) root() (at Place, begun bool) {
	for _, f := range j.stack {
		if f.kind > inRows {
			return j.tree.At(f.node), true
		}
	}
	return Place{}, false
}

// structure reads one byte between texts and words.
func (j *JSON) structure(c *cursor) error {
	b := c.piece[c.next]
	switch {
	case b == ' ' || b == '\n' || b == '\r' || b == '\t':
		c.next++
		return nil
	case closes(b) && j.mayClose() && (j.top().kind == inObject) == (b == '}'):
		c.next++
		return j.leave()
	}
	switch j.expect {
	case expectValue, expectFirstValue:
		return j.value(c, b)
	case expectKey, expectFirstKey:
		if b == '"' {
			j.beginText(c, true)
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
	if b == '[' && j.listed {
		return j.open(c, b) // another list
	}
	return j.unexpected(c, "json.after")
}

func closes(b byte) bool { return b == '}' || b == ']' }

func (j *JSON) mayClose() bool {
	return j.top().kind != inFile &&
		(j.expect == expectComma || j.expect == expectFirstKey || j.expect == expectFirstValue)
}

func (j *JSON) unexpected(c *cursor, code string) error {
	return ErrorAt(c.here(), code, "found", c.found())
}

// unexpectedComma is told at the object's beginning where the next object has
// begun already: then a line was cut off.
func (j *JSON) unexpectedComma(c *cursor, b byte) error {
	if at, begun := j.root(); begun && b == '{' && j.top().node == 0 {
		return ErrorAt(at, "json.unfinished")
	}
	return j.unexpected(c, "json.comma")
}

// nextItem prepares for what follows a comma.
func (j *JSON) nextItem() {
	j.expect = expectValue
	if j.top().kind == inObject {
		j.expect = expectKey
	}
}

// value begins a value. What a word is is judged when it has been read, so
// that it can be quoted.
func (j *JSON) value(c *cursor, b byte) error {
	switch {
	case b == '{' || b == '[':
		return j.open(c, b)
	case j.atRoot() && !j.any && !wordByte(b) && b < utf8.RuneSelf:
		if b == '"' {
			return ErrorAt(c.here(), "json.object", "found", "\"…\"")
		}
		return j.unexpected(c, "json.object")
	case len(j.tree.nodes) >= maxNodes:
		return ErrorAt(c.here(), "json.many", "limit", strconv.Itoa(maxNodes))
	case b == '"':
		j.top().words = 0
		j.leaf = j.tree.open(Text, c.here(), j.key)
		j.beginText(c, false)
	case wordByte(b) || b >= utf8.RuneSelf:
		j.at, j.inside, j.token = c.here(), inWord, j.token[:0]
	default:
		return j.unexpected(c, "json.value")
	}
	return nil
}

// open begins a list or an object.
func (j *JSON) open(c *cursor, b byte) error {
	rows := b == '[' && j.top().kind == inFile && !j.any && (!j.taken || j.expect == expectNothing)
	if j.atRoot() && b == '[' && !rows && !j.any {
		return j.unexpected(c, "json.object")
	}
	if len(j.stack) > maxDepth {
		return ErrorAt(c.here(), "json.depth", "limit", strconv.Itoa(maxDepth))
	}
	if len(j.tree.nodes) >= maxNodes {
		return ErrorAt(c.here(), "json.many", "limit", strconv.Itoa(maxNodes))
	}
	j.top().words = 0
	f := frame{kind: inList}
	j.expect = expectFirstValue
	switch {
	case rows:
		f.kind, j.listed = inRows, true
	case b == '{':
		f.kind, j.expect, j.passed = inObject, expectFirstKey, nil
		f.node = j.tree.open(Object, c.here(), j.key)
	default:
		f.node = j.tree.open(List, c.here(), j.key)
	}
	c.next++
	j.key = span{}
	j.stack = append(j.stack, f)
	return nil
}

// leave ends the innermost list or object.
func (j *JSON) leave() error {
	left := *j.top()
	j.stack = j.stack[:len(j.stack)-1]
	if left.kind == inRows {
		j.expect, j.taken = expectNothing, true
		return nil
	}
	j.tree.close(left.node)
	return j.whole(left.node)
}

// whole hands on a value that is complete, where it is a whole object of the
// file's.
func (j *JSON) whole(node int) error {
	j.valueDone()
	if !j.atRoot() {
		return nil
	}
	j.taken = true
	err := j.take(node)
	if !j.any {
		j.tree.Reset()
	}
	return err
}

// valueDone prepares for what follows a value: in the file itself, another.
func (j *JSON) valueDone() {
	j.key = span{}
	j.expect = expectComma
	if j.top().kind == inFile {
		j.expect = expectValue
	}
}

func wordByte(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b == '-' || b == '+' || b == '.' || b == '_'
}

// word reads on in a number, true, false, null or something mistaken for one.
func (j *JSON) word(c *cursor) error {
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

// wordDone takes in a whole word. NaN and Infinity are no JSON, but Python's
// library writes them.
func (j *JSON) wordDone() error {
	j.inside = inNone
	kind := Word
	switch string(j.token) {
	case "null":
		kind = Null
	case "true", "false", "NaN", "Infinity", "-Infinity":
	default:
		if !IsNumber(j.token) {
			return ErrorAt(j.at, j.wordCode(), "found", Shorten(j.token))
		}
	}
	if j.atRoot() && !j.any {
		return ErrorAt(j.at, "json.object", "found", Shorten(j.token))
	}
	if f := j.top(); f.kind == inList {
		if f.words++; f.words > maxWords {
			j.valueDone()
			return nil
		}
	}
	node := j.tree.open(kind, j.at, j.key)
	j.tree.text = append(j.tree.text, j.token...)
	j.tree.close(node)
	return j.whole(node)
}

func (j *JSON) wordCode() string {
	if j.atRoot() && !j.any {
		return "json.object"
	}
	return "json.word"
}

func (j *JSON) beginText(c *cursor, isKey bool) {
	j.at, j.inside, j.isKey = c.here(), inText, isKey
	c.next++
	if isKey {
		n := int32(len(j.tree.text))
		j.key = span{n, n}
	}
}

// readText reads on in a text, as far as its bytes stand for themselves.
func (j *JSON) readText(c *cursor) error {
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
		return ErrorAt(j.at, "json.open")
	default:
		return ErrorAt(c.here(), "json.control", "found", "U+00"+string(hexDigits[b>>4])+string(hexDigits[b&15]))
	}
}

func (j *JSON) textDone() error {
	if j.isKey {
		j.key.to = int32(len(j.tree.text))
		j.expect = expectColon
		return nil
	}
	j.tree.close(j.leaf)
	return j.whole(j.leaf)
}

func (j *JSON) put(run []byte) {
	if len(run) > 0 {
		j.flush()
		j.tree.text = append(j.tree.text, run...)
	}
}

// flush writes what is left of half a character: a replacement, as for all
// that is no character.
func (j *JSON) flush() {
	if j.high != 0 {
		j.high = 0
		j.putRune(utf8.RuneError)
	}
}

func (j *JSON) putRune(r rune) {
	j.tree.text = utf8.AppendRune(j.tree.text, r)
}

const (
	escapes   = `"\/bfnrt`
	escaped   = "\"\\/\b\f\n\r\t"
	hexDigits = "0123456789ABCDEF"
)

// escape reads one byte of an escape.
func (j *JSON) escape(c *cursor) error {
	b := c.piece[c.next]
	simple := strings.IndexByte(escapes, b)
	switch {
	case len(j.esc) == 0 && b != 'u' && simple < 0, len(j.esc) > 0 && !hex(b):
		return ErrorAt(c.here(), "json.escape", "found", "\\"+string(j.esc)+c.found())
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
func (j *JSON) unit(u rune) {
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
