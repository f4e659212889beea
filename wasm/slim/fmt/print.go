// Package fmt takes the place of the standard library's in the program for the
// browser, where only panics and errors of a fault are formatted: it writes texts,
// numbers, truth values and errors as that does, and of anything else its kind alone.
// So the program needs no reflection for it. It imports the standard library alone,
// of which nothing that imports fmt.
package fmt

import (
	"errors"
	"io"
	"os"
	"strconv"
)

// The interfaces are those of the standard library. Values that have them are not
// asked: they are written by their kind.
type (
	State interface {
		Write(b []byte) (n int, err error)
		Width() (wid int, ok bool)
		Precision() (prec int, ok bool)
		Flag(c int) bool
	}
	Formatter  interface{ Format(f State, verb rune) }
	Stringer   interface{ String() string }
	GoStringer interface{ GoString() string }
	Scanner    interface {
		Scan(state ScanState, verb rune) error
	}
	ScanState interface {
		ReadRune() (r rune, size int, err error)
		UnreadRune() error
		SkipSpace()
		Token(skipSpace bool, f func(rune) bool) (token []byte, err error)
		Width() (wid int, ok bool)
		Read(buf []byte) (n int, err error)
	}
)

// Appendf appends the arguments as a format says: %d, %v, %s, %q, %x, %g, %f, %e, %t,
// %c, %p, %T and %w, with a precision; widths and flags are passed over.
func Appendf(b []byte, format string, a ...any) []byte {
	next := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b = append(b, format[i])
			continue
		}
		verb, precision, end := directive(format, i+1)
		i = end
		switch {
		case verb == '%':
			b = append(b, '%')
		case next >= len(a):
			b = append(append(append(b, "%!"...), verb), "(MISSING)"...)
		default:
			b = appendValue(b, a[next], verb, precision)
			next++
		}
	}
	if next < len(a) {
		b = append(b, "%!(EXTRA "...)
		b = append(Append(b, a[next:]...), ')')
	}
	return b
}

// directive reads the verb and the precision, or −1, of what follows a percent sign.
func directive(format string, at int) (verb byte, precision, end int) {
	precision = -1
	for ; at < len(format); at++ {
		switch c := format[at]; {
		case c == '.':
			precision = 0
		case precision >= 0 && c >= '0' && c <= '9':
			precision = 10*precision + int(c-'0')
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '%':
			return c, precision, at
		}
	}
	return '!', precision, at
}

func appendValue(b []byte, v any, verb byte, precision int) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "<nil>"...)
	case string:
		return appendText(b, v, verb)
	case []byte:
		return appendText(b, string(v), verb)
	case error:
		return appendText(b, v.Error(), verb)
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return appendFloat(b, v, verb, precision, 64)
	case float32:
		return appendFloat(b, float64(v), verb, precision, 32)
	}
	if n, ok := signed(v); ok {
		return appendWhole(b, n, verb)
	}
	if n, ok := unsigned(v); ok && verb == 'x' {
		return strconv.AppendUint(b, n, 16)
	} else if ok {
		return strconv.AppendUint(b, n, 10)
	}
	return append(b, "(a value)"...)
}

func appendText(b []byte, s string, verb byte) []byte {
	if verb == 'q' {
		return strconv.AppendQuote(b, s)
	}
	return append(b, s...)
}

func appendFloat(b []byte, v float64, verb byte, precision, bits int) []byte {
	if verb != 'f' && verb != 'e' {
		verb = 'g'
	} else if precision < 0 {
		precision = 6
	}
	return strconv.AppendFloat(b, v, verb, precision, bits)
}

func appendWhole(b []byte, n int64, verb byte) []byte {
	switch verb {
	case 'x':
		return strconv.AppendInt(b, n, 16)
	case 'c':
		return append(b, string(rune(n))...)
	case 'q':
		return strconv.AppendQuoteRune(b, rune(n))
	}
	return strconv.AppendInt(b, n, 10)
}

func signed(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func unsigned(v any) (uint64, bool) {
	switch v := v.(type) {
	case uint:
		return uint64(v), true
	case uint8:
		return uint64(v), true
	case uint16:
		return uint64(v), true
	case uint32:
		return uint64(v), true
	case uint64:
		return v, true
	case uintptr:
		return uint64(v), true
	}
	return 0, false
}

// Append appends the arguments, with a space between two that are no texts.
func Append(b []byte, a ...any) []byte {
	for i, v := range a {
		if i > 0 && !isText(v) && !isText(a[i-1]) {
			b = append(b, ' ')
		}
		b = appendValue(b, v, 'v', -1)
	}
	return b
}

func isText(v any) bool {
	_, is := v.(string)
	return is
}

// Appendln appends the arguments with spaces between them, and a line's end.
func Appendln(b []byte, a ...any) []byte {
	for i, v := range a {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendValue(b, v, 'v', -1)
	}
	return append(b, '\n')
}

func Sprintf(format string, a ...any) string { return string(Appendf(nil, format, a...)) }
func Sprint(a ...any) string                 { return string(Append(nil, a...)) }
func Sprintln(a ...any) string               { return string(Appendln(nil, a...)) }

func Fprintf(w io.Writer, format string, a ...any) (int, error) {
	return w.Write(Appendf(nil, format, a...))
}
func Fprint(w io.Writer, a ...any) (int, error)   { return w.Write(Append(nil, a...)) }
func Fprintln(w io.Writer, a ...any) (int, error) { return w.Write(Appendln(nil, a...)) }

func Printf(format string, a ...any) (int, error) { return Fprintf(os.Stdout, format, a...) }
func Print(a ...any) (int, error)                 { return Fprint(os.Stdout, a...) }
func Println(a ...any) (int, error)               { return Fprintln(os.Stdout, a...) }

// A wrapped error says what Errorf formatted and unwraps to what %w was given.
type wrapped struct {
	text string
	err  error
}

func (w *wrapped) Error() string { return w.text }

func (w *wrapped) Unwrap() error { return w.err }

// Errorf returns an error that says a formatted text and, where the format has %w,
// wraps the first error among the arguments.
func Errorf(format string, a ...any) error {
	text := Sprintf(format, a...)
	for i := 0; i+1 < len(format); i++ {
		if format[i] == '%' && format[i+1] == 'w' {
			for _, v := range a {
				if err, is := v.(error); is {
					return &wrapped{text, err}
				}
			}
		}
	}
	return errors.New(text)
}

// FormatString returns the plain directive of a verb.
func FormatString(state State, verb rune) string { return "%" + string(verb) }

// What reads is left out: nothing in the program asks for it.
var errLeftOut = errors.New("fmt: reading is left out of this program")

func Sscanf(str, format string, a ...any) (int, error)         { return 0, errLeftOut }
func Sscan(str string, a ...any) (int, error)                  { return 0, errLeftOut }
func Sscanln(str string, a ...any) (int, error)                { return 0, errLeftOut }
func Fscanf(r io.Reader, format string, a ...any) (int, error) { return 0, errLeftOut }
func Fscan(r io.Reader, a ...any) (int, error)                 { return 0, errLeftOut }
func Fscanln(r io.Reader, a ...any) (int, error)               { return 0, errLeftOut }
