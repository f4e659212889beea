package parse

import (
	"slices"
	"strconv"
	"strings"
)

// An Error says why a file cannot be read. Code names the sentence, Args its
// placeholders other than {line} and {column}. Line is 0 where the mistake is
// the whole file's.
type Error struct {
	Code string
	Place
	Args map[string]string
}

// A Place is a line and a column in a file, in characters, both from 1.
type Place struct{ Line, Column int }

// Error names the code, the place and what belongs to it, for logs and tests.
// What a person reads is the catalogue's sentence, filled by Fill.
func (e *Error) Error() string {
	s := e.Code
	if e.Line > 0 {
		s += " at {line}:{column}"
	}
	names := make([]string, 0, len(e.Args))
	for name := range e.Args {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s += " " + name + "={" + name + "}"
	}
	return e.Fill(s)
}

// Fill puts the error's values into the placeholders of a sentence, in
// whatever language.
func (e *Error) Fill(sentence string) string {
	pairs := []string{"{line}", strconv.Itoa(e.Line), "{column}", strconv.Itoa(e.Column)}
	for name, value := range e.Args {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// ErrorAt returns an error at a place. args are names of placeholders and their
// values in turn.
func ErrorAt(p Place, code string, args ...string) *Error {
	e := &Error{Code: code, Place: p, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i]] = args[i+1]
	}
	return e
}

// FileError returns an error of the whole file.
func FileError(code string, args ...string) *Error { return ErrorAt(Place{}, code, args...) }

// Shorten makes found text fit to be quoted in a sentence: at most forty
// characters, and nothing invisible, which could turn the sentence around.
func Shorten(found []byte) string {
	const limit = 40
	var b strings.Builder
	n := 0
	for _, r := range string(found[:min(len(found), 4*limit+4)]) {
		if n++; n > limit {
			return b.String() + "…"
		}
		if !strconv.IsPrint(r) {
			r = '·'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// codes lists every code of an Error of this package.
var codes = [...]string{
	"file.empty", "file.size", "file.binary", "file.packed", "file.frame", "file.markup", "file.utf8", "file.nul",
	"json.object", "json.after", "json.key", "json.colon", "json.comma", "json.value", "json.word", "json.open",
	"json.control", "json.escape", "json.unfinished", "json.list", "json.depth", "json.many",
	"csv.wide", "csv.quote", "csv.unclosed",
}

// Codes returns every code that an Error of this package may have.
func Codes() []string { return codes[:] }
