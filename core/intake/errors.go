package intake

import (
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

// Error returns the English sentence.
func (e *Error) Error() string { return e.Fill(Sentences[e.Code]) }

// Fill puts the error's values into the placeholders of a sentence, in
// whatever language.
func (e *Error) Fill(sentence string) string {
	pairs := []string{"{line}", strconv.Itoa(e.Line), "{column}", strconv.Itoa(e.Column)}
	for name, value := range e.Args {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

func errorAt(p Place, code string, args ...string) *Error {
	e := &Error{Code: code, Place: p, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i]] = args[i+1]
	}
	return e
}

func fileError(code string, args ...string) *Error { return errorAt(Place{}, code, args...) }

// shorten makes found text fit to be quoted in a sentence: at most forty
// characters, and nothing invisible, which could turn the sentence around.
func shorten(found []byte) string {
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

// Sentences holds the English sentence of every Error and Skip code.
var Sentences = map[string]string{
	"file.empty":     "The file is empty: expected one preference a line, as JSONL or CSV.",
	"file.rowless":   "The file holds no preferences: expected at least one row that says which of two replies is better.",
	"file.undecided": "No row says which of two different replies is better; rows read: {rows}.",
	"file.size":      "The file is {found} MB large, but at most {limit} MB can be read; keep a part of it.",
	"file.rows":      "Line {line}: the file has more than {limit} rows, which is the most that can be read; keep a part of it.",
	"file.binary":    "This file is in the {found} format; save it as CSV or JSONL.",
	"file.utf16":     "This text is stored as UTF-16; save the file as UTF-8.",
	"file.markup":    "This is a web page or an XML file; expected CSV or JSONL.",
	"file.utf8":      "Line {line}, column {column}: the byte {found} is not UTF-8 text; save the file as UTF-8.",
	"file.nul":       "Line {line}, column {column}: found a zero byte, which no text has; expected CSV or JSONL.",

	"json.object":     "Line {line}, column {column}: expected a JSON object that begins with a curly bracket, but found “{found}”.",
	"json.after":      "Line {line}, column {column}: expected nothing after the list’s end, but found “{found}”.",
	"json.key":        "Line {line}, column {column}: expected a key in double quotes, but found “{found}”.",
	"json.colon":      "Line {line}, column {column}: expected a colon after the key, but found “{found}”.",
	"json.comma":      "Line {line}, column {column}: expected a comma or a closing bracket, but found “{found}”.",
	"json.value":      "Line {line}, column {column}: expected a value, but found “{found}”.",
	"json.word":       "Line {line}, column {column}: expected a text in double quotes, a number, true, false or null, but found “{found}”.",
	"json.open":       "Line {line}, column {column}: the text that begins here is not closed by a double quote before the line ends.",
	"json.control":    "Line {line}, column {column}: a text may hold the character {found} only as an escape such as \\t.",
	"json.escape":     "Line {line}, column {column}: expected an escape such as \\n or \\u00e9, but found “{found}”.",
	"json.unfinished": "Line {line}, column {column}: the object that begins here is cut off; expected its closing bracket.",
	"json.list":       "Line {line}, column {column}: the file ends before its list does; expected a closing square bracket.",
	"json.depth":      "Line {line}, column {column}: brackets are nested deeper than {limit} levels.",
	"json.repeated":   "Line {line}, column {column}: “{name}” is given a second time in one object.",
	"json.text":       "Line {line}, column {column}: expected “{name}” to be a text or a list of chat messages, but found “{found}”.",
	"json.plain":      "Line {line}, column {column}: expected “{name}” to be a text or a number, but found “{found}”.",
	"json.message":    "Line {line}, column {column}: expected a chat message with “role” and “content”, but found “{found}”.",
	"json.role":       "Line {line}, column {column}: expected a message’s role to be a text, but found “{found}”.",
	"json.content":    "Line {line}, column {column}: expected a message’s content to be a text or a list of text parts, but found “{found}”.",
	"json.part":       "Line {line}, column {column}: expected a part of type “text” with a “text”, but found “{found}”.",

	"csv.columns":  "Line {line}: expected the columns chosen and rejected, or a, b and winner, but found “{found}”.",
	"csv.repeated": "Line {line}, column {column}: the column “{name}” says again what an earlier column says.",
	"csv.fields":   "Line {line}: expected {expected} fields as in the first line, but found {found}.",
	"csv.wide":     "Line {line}, column {column}: more than {limit} fields in one line.",
	"csv.quote":    "Line {line}, column {column}: expected a separator or the line’s end after a closing quote, but found “{found}”; a quote inside a quoted field is written twice.",
	"csv.unclosed": "Line {line}, column {column}: the quoted field that begins here is never closed.",

	"row.missing":  "Line {line}, column {column}: this row has no “{name}”; expected chosen and rejected, or a, b and winner.",
	"row.unpaired": "Line {line}, column {column}: this is a single labelled reply; expected pairs, a chosen and a rejected reply to the same prompt.",
	"row.count":    "Line {line}, column {column}: expected the count to be a whole number from 1 to {limit}, but found “{found}”.",
	"row.winner":   "Line {line}, column {column}: expected the winner to be a, b, tie or the text of one of the two, but found “{found}”.",

	"skip.tie":       "Ties, which say nothing about order: {rows} rows left out.",
	"skip.undecided": "No winner given: {rows} rows left out.",
	"skip.same":      "Chosen and rejected are the same text: {rows} rows left out.",
	"skip.empty":     "An empty reply: {rows} rows left out.",
}
