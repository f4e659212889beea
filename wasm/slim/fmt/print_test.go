package fmt

import (
	"errors"
	"io"
	"testing"

	standard "fmt"
)

// What faults are told with is written as the standard library writes it.
func TestWritesAsTheStandardLibrary(t *testing.T) {
	fault := errors.New("cut off")
	for _, c := range []struct {
		format string
		args   []any
	}{
		{"plain", nil}, {"100%%", nil}, {"%d of %d", []any{3, -4}}, {"%v and %v", []any{0.1, float32(0.1)}}, {"%v %v %v", []any{1e21, 1e-7, 0.0}},
		{"%q is %s", []any{"a\"b\n", "text"}}, {"%s", []any{[]byte("bytes")}}, {"%x %x", []any{255, uint8(17)}}, {"%t %v", []any{true, false}},
		{"%c%c", []any{'β', 'x'}}, {"%q", []any{'π'}}, {"%v: %w", []any{"reading", fault}}, {"%v", []any{nil}}, {"%.3f %f %g %.2e", []any{1.23456, 2.5, 3.25, 12345.678}},
		{"%d", nil}, {"%d", []any{1, 2}}, {"%v %d %d %d", []any{int8(-1), int16(2), uint32(3), uint64(4)}},
	} {
		if got, want := Sprintf(c.format, c.args...), standard.Errorf(c.format, c.args...).Error(); got != want {
			if len(c.args) != 2 || c.format != "%d" { // the kinds of superfluous arguments are not named
				t.Errorf("%q is written %q, want %q", c.format, got, want)
			}
		}
	}
	for _, args := range [][]any{{"a", 1, 2, "b", 0.5, fault}, {}, {1, 2}} {
		if got, want := Sprint(args...), standard.Sprint(args...); got != want {
			t.Errorf("%q is printed %q, want %q", args, got, want)
		}
		if got, want := Sprintln(args...), standard.Sprintln(args...); got != want {
			t.Errorf("%q is printed %q, want %q", args, got, want)
		}
	}
}

// Errors are wrapped as by the standard library.
func TestErrorfWraps(t *testing.T) {
	err := Errorf("file %q: %w", "x", io.ErrUnexpectedEOF)
	if !errors.Is(err, io.ErrUnexpectedEOF) || err.Error() != `file "x": unexpected EOF` {
		t.Errorf("got %v", err)
	}
	if err := Errorf("file %q: %v", "x", io.ErrUnexpectedEOF); errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("an error that is only told is wrapped")
	}
}
