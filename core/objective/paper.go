package objective

import "strings"

// A Citation is a piece of a text that names papers. ID is the number of a paper on
// arXiv, such as 2305.18290, where the piece ends with one; "" elsewhere.
type Citation struct{ Text, ID string }

// Citations takes a text such as Objective.Paper apart behind each arXiv number, so
// that a page can link to it. The pieces' texts add up to the whole.
func Citations(text string) (pieces []Citation) {
	const mark = "arXiv:"
	for text != "" {
		at := strings.Index(text, mark)
		if at < 0 {
			return append(pieces, Citation{Text: text})
		}
		end := at + len(mark)
		for end < len(text) && (text[end] == '.' || '0' <= text[end] && text[end] <= '9') {
			end++
		}
		id := strings.TrimRight(text[at+len(mark):end], ".")
		end = at + len(mark) + len(id)
		pieces = append(pieces, Citation{Text: text[:end], ID: id})
		text = text[end:]
	}
	return pieces
}
