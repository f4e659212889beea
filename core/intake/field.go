package intake

import "bytes"

// A field is what a column of a CSV file or a key of a JSON object is about.
type field uint8

const (
	fieldNone field = iota
	fieldPrompt
	fieldChosen
	fieldRejected
	fieldA
	fieldB
	fieldModelA // the replies where there is no A, and names for the winner
	fieldModelB
	fieldWinner
	fieldWinnerA // 0 or 1: the winner spread over columns
	fieldWinnerB
	fieldWinnerTie
	fieldCount
	fieldReply // one reply by itself
	fieldLabel // whether that was called good
	fields
)

// optional tells that a pair does not need the field: what is wrong with it then
// does not matter.
func (f field) optional() bool { return f == fieldReply || f == fieldLabel }

// fieldNames are the names that stand for themselves. The two sides of a vote
// have more names, see sideOf.
var fieldNames = map[string]field{
	"prompt":         fieldPrompt,
	"question":       fieldPrompt,
	"chosen":         fieldChosen,
	"rejected":       fieldRejected,
	"model_a":        fieldModelA,
	"model_b":        fieldModelB,
	"winner":         fieldWinner,
	"winner_model_a": fieldWinnerA,
	"winner_model_b": fieldWinnerB,
	"winner_tie":     fieldWinnerTie,
	"count":          fieldCount,
	"votes":          fieldCount,
	"completion":     fieldReply,
	"response":       fieldReply,
	"reply":          fieldReply,
	"label":          fieldLabel,
}

// sideStems may stand before _a and _b in the name of a side of a vote.
var sideStems = map[string]bool{
	"": true, "response": true, "answer": true, "text": true, "output": true, "completion": true, "reply": true,
	"conversation": true, "candidate": true, "option": true, "assistant": true, "model": true,
}

var sides = map[string]field{
	"a": fieldA, "1": fieldA, "left": fieldA,
	"b": fieldB, "2": fieldB, "right": fieldB,
}

var ties = map[string]bool{
	"tie": true, "tie_(bothbad)": true, "tie_(both_bad)": true, "bothbad": true, "both_bad": true,
	"both": true, "neither": true, "draw": true, "equal": true,
}

const longestName = 24 // no known name is longer

// canonical writes a name into buf in small letters with _ for - and space.
func canonical(buf *[longestName]byte, name []byte) []byte {
	if len(name) > longestName {
		return nil
	}
	out := append(buf[:0], bytes.TrimSpace(name)...)
	for i, b := range out {
		switch {
		case 'A' <= b && b <= 'Z':
			out[i] = b - 'A' + 'a'
		case b == ' ' || b == '-':
			out[i] = '_'
		}
	}
	return out
}

// fieldOf returns what a column or key is about.
func fieldOf(name []byte) field {
	var buf [longestName]byte
	name = canonical(&buf, name)
	if f, known := fieldNames[string(name)]; known {
		return f
	}
	if len(name) == 1 && numbered(name) {
		return fieldNone
	}
	return sideOf(name)
}

// sideOf returns which side of a vote a canonical name means: a, left,
// response_a, answer_1, …
func sideOf(name []byte) field {
	cut := bytes.LastIndexByte(name, '_')
	if !sideStems[string(name[:max(cut, 0)])] {
		return fieldNone
	}
	return sides[string(name[cut+1:])]
}

// numbered tells names such as answer_1 from those such as answer_a.
func numbered(name []byte) bool {
	return len(name) > 0 && (name[len(name)-1] == '1' || name[len(name)-1] == '2')
}
