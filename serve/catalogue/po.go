// Package catalogue turns the catalogues of sentences, which are gettext PO
// files, into the compact form that the program reads. It runs where the
// program is built; nothing of it is in the program.
//
// The reader is our own. Of the packages that read PO, one loses the comments
// that mark tiers and passes over broken lines, another runs for ever on a
// stray text and joins two entries that no blank line parts. A catalogue is
// edited by hand, so each mistake here is an error that names its line.
package catalogue

import (
	"fmt"
	"strconv"
	"strings"
)

// An entry is one sentence of a PO file.
type entry struct {
	line    int      // line of its first keyword
	notes   []string // extracted comments (#.), such as "tier: class"
	flags   []string // flags (#,), such as fuzzy
	context string   // msgctxt: the key
	id      string   // msgid: the English sentence
	plural  string   // msgid_plural: the English sentence of several
	forms   []string // msgstr, or msgstr[0], msgstr[1], …
}

// has tells whether the entry carries a flag.
func (e *entry) has(flag string) bool {
	for _, f := range e.flags {
		if f == flag {
			return true
		}
	}
	return false
}

// readPO reads a PO file. The first entry is its header, whose context and
// msgid are empty. Obsolete entries (#~) are passed over. An error names the
// line.
func readPO(text string) ([]entry, error) {
	r := poReader{}
	for i, line := range strings.Split(text, "\n") {
		r.line = i + 1
		if err := r.read(strings.TrimSpace(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.line, err)
		}
	}
	if err := r.finish(); err != nil {
		return nil, fmt.Errorf("line %d: %w", r.line, err)
	}
	return r.entries, nil
}

// poReader holds the entry that is being read.
type poReader struct {
	line    int
	entries []entry
	entry   entry
	last    *string         // text that a line with only a string goes on with
	seen    map[string]bool // keywords of the entry
}

func (r *poReader) read(line string) error {
	switch {
	case line == "" || strings.HasPrefix(line, "#~"):
		return r.finish()
	case line[0] == '#':
		if len(r.seen) > 0 {
			if err := r.finish(); err != nil {
				return err
			}
		}
		r.comment(line)
		return nil
	}
	word, rest := "", line
	if line[0] != '"' {
		word, rest, _ = strings.Cut(line, " ")
	}
	text, err := unquote(strings.TrimSpace(rest))
	if err != nil {
		return err
	}
	if word == "" {
		if r.last == nil {
			return fmt.Errorf("the text %s follows no keyword", rest)
		}
		*r.last += text
		return nil
	}
	return r.keyword(word, text)
}

func (r *poReader) comment(line string) {
	switch {
	case strings.HasPrefix(line, "#."):
		r.entry.notes = append(r.entry.notes, strings.TrimSpace(line[2:]))
	case strings.HasPrefix(line, "#,"):
		for _, flag := range strings.Split(line[2:], ",") {
			r.entry.flags = append(r.entry.flags, strings.TrimSpace(flag))
		}
	}
}

// keyword takes the text of a keyword. A keyword that the entry has already, or
// that begins an entry, ends the one before it.
func (r *poReader) keyword(word, text string) error {
	if word == "msgctxt" && len(r.seen) > 0 || word == "msgid" && (r.seen["msgid"] || r.seen["msgstr"] || r.seen["msgstr[0]"]) {
		if err := r.finish(); err != nil {
			return err
		}
	}
	if r.seen[word] {
		return fmt.Errorf("%s stands twice in one entry", word)
	}
	if r.seen == nil {
		r.seen, r.entry.line = map[string]bool{}, r.line
	}
	r.seen[word] = true
	e := &r.entry
	switch word {
	case "msgctxt":
		e.context, r.last = text, &e.context
	case "msgid":
		e.id, r.last = text, &e.id
	case "msgid_plural":
		e.plural, r.last = text, &e.plural
	default:
		return r.form(word, text)
	}
	return nil
}

// form takes msgstr or msgstr[n], which must come in order.
func (r *poReader) form(word, text string) error {
	n := 0
	if index, plural := strings.CutPrefix(word, "msgstr["); plural {
		i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		if err != nil || !strings.HasSuffix(index, "]") {
			return fmt.Errorf("%s is no keyword", word)
		}
		n = i
	} else if word != "msgstr" {
		return fmt.Errorf("%s is no keyword: expected msgctxt, msgid, msgid_plural, msgstr or msgstr[0] and so on", word)
	}
	if n != len(r.entry.forms) {
		return fmt.Errorf("%s stands where msgstr[%d] is expected", word, len(r.entry.forms))
	}
	r.entry.forms = append(r.entry.forms, text)
	r.last = &r.entry.forms[n]
	return nil
}

// finish ends the entry, which must be whole.
func (r *poReader) finish() error {
	if len(r.seen) == 0 {
		return nil
	}
	e, seen := r.entry, r.seen
	r.entry, r.seen, r.last = entry{}, nil, nil
	switch {
	case !seen["msgid"] || len(e.forms) == 0:
		return fmt.Errorf("the entry of line %d lacks its msgid or msgstr", e.line)
	case seen["msgid_plural"] != seen["msgstr[0]"]:
		return fmt.Errorf("the entry of line %d needs both msgid_plural and msgstr[0], or neither", e.line)
	}
	r.entries = append(r.entries, e)
	return nil
}

// unquote reads a text in double quotes with the escapes of C that PO allows.
func unquote(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", fmt.Errorf("expected a text in double quotes, found %s", s)
	}
	var out strings.Builder
	for s = s[1 : len(s)-1]; s != ""; s = s[1:] {
		if s[0] == '"' {
			return "", fmt.Errorf("a double quote inside a text is written \\\"")
		}
		if s[0] == '\\' {
			if s = s[1:]; s == "" {
				return "", fmt.Errorf("the text ends in a lone backslash")
			}
			i := strings.IndexByte(`nt"\`, s[0])
			if i < 0 {
				return "", fmt.Errorf("\\%c is no escape: expected \\n, \\t, \\\" or \\\\", s[0])
			}
			out.WriteByte("\n\t\"\\"[i])
			continue
		}
		out.WriteByte(s[0])
	}
	return out.String(), nil
}
