package intake

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// fromPython rewrites what Python prints for lists, dictionaries, strings,
// numbers, None, True and False as JSON, NumPy's array(…, dtype=object) around
// them dropped. It tells whether it knew every byte: nothing is guessed. NumPy
// prints no comma between the elements of an array; between dictionaries that
// is plain, between strings it would be Python for one string, so it is not
// taken.
func fromPython(source []byte) (json []byte, ok bool) {
	p := pythonReader{rest: source}
	for len(p.rest) > 0 {
		if !p.token() {
			return nil, false
		}
	}
	return p.out, true
}

type pythonReader struct {
	rest, out []byte
	last      byte // of out, white space aside
}

// pythonWords are what stands outside strings, and its JSON.
var pythonWords = []struct{ python, json string }{
	{"None", "null"}, {"True", "true"}, {"False", "false"}, {"nan", "null"}, {"array(", ""}, {", dtype=object)", ""},
}

func (p *pythonReader) token() bool {
	b := p.rest[0]
	if b == '\'' || b == '"' {
		if p.last == '"' {
			return false
		}
		p.last = '"'
		return p.quoted(b)
	}
	for _, w := range pythonWords {
		if bytes.HasPrefix(p.rest, []byte(w.python)) {
			p.rest, p.out = p.rest[len(w.python):], append(p.out, w.json...)
			return true
		}
	}
	switch {
	case b == '{' && p.last == '}':
		p.out = append(p.out, ',')
	case b == ' ' || b == '\n' || b == '\t':
		p.rest, p.out = p.rest[1:], append(p.out, ' ')
		return true
	case bytes.IndexByte([]byte("[]{},:+-.eE0123456789"), b) < 0:
		return false
	}
	p.rest, p.out, p.last = p.rest[1:], append(p.out, b), b
	return true
}

// quoted rewrites one string.
func (p *pythonReader) quoted(quote byte) bool {
	p.out = append(p.out, '"')
	for i := 1; i < len(p.rest); {
		switch b := p.rest[i]; {
		case b == quote:
			p.rest, p.out = p.rest[i+1:], append(p.out, '"')
			return true
		case b == '\\':
			n := p.escape(p.rest[i+1:])
			if n == 0 {
				return false
			}
			i += 1 + n
		case b == '"':
			p.out, i = append(p.out, `\"`...), i+1
		case b < ' ':
			p.out, i = append(p.out, `\u00`+strconv.FormatUint(uint64(b>>4), 16)+strconv.FormatUint(uint64(b&15), 16)...), i+1
		default:
			p.out, i = append(p.out, b), i+1
		}
	}
	return false
}

// escape rewrites what follows a backslash and returns its length, or 0.
func (p *pythonReader) escape(rest []byte) int {
	if len(rest) == 0 {
		return 0
	}
	switch b := rest[0]; b {
	case '\'':
		p.out = append(p.out, b)
		return 1
	case '"', '\\', 'n', 't', 'r', 'b', 'f':
		p.out = append(p.out, '\\', b)
		return 1
	case 'x':
		return p.code(rest, 2)
	case 'u':
		return p.code(rest, 4)
	case 'U':
		return p.code(rest, 8)
	}
	return 0
}

func (p *pythonReader) code(rest []byte, digits int) int {
	if len(rest) < 1+digits {
		return 0
	}
	n, err := strconv.ParseUint(string(rest[1:1+digits]), 16, 32)
	if err != nil || n < ' ' {
		return 0
	}
	if n == '"' || n == '\\' {
		p.out = append(p.out, '\\')
	}
	p.out = utf8.AppendRune(p.out, rune(n))
	return 1 + digits
}
