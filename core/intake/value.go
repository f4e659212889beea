package intake

import (
	"bytes"

	"dpoplayground/core/parse"
)

// A value is a plain text, or a list of chat messages. Texts are tidy.
type value struct {
	given    bool
	list     bool
	turns    bool // the list held texts alone: its roles are guessed by position
	at       parse.Place
	name     []byte
	text     []byte
	messages []message
	fault    error // why it cannot be read, which matters only if it is needed
	tree     *parse.Tree
	node     int // where the value is a list or an object, else -1
}

type message struct{ role, content []byte }

var (
	roleUser      = []byte("user")
	roleAssistant = []byte("assistant")
)

// empty tells that the value says nothing.
func (v *value) empty() bool {
	if !v.list {
		return len(v.text) == 0
	}
	for _, m := range v.messages {
		if len(m.content) > 0 {
			return false
		}
	}
	return true
}

// fill makes the value of a tree's node. A plain field takes words and texts.
func (v *value) fill(t *parse.Tree, node int, plain bool) {
	v.at, v.node = t.At(node), -1
	switch kind := t.Kind(node); {
	case kind == parse.Null:
	case kind == parse.Text:
		v.text = tidy(t.Text(node))
		if !plain {
			v.unfold(t)
		}
	case kind == parse.Word && isNaN(t.Text(node)):
	case kind == parse.Word && plain:
		v.text = t.Text(node)
	case kind == parse.Word:
		v.fault = v.wrongKind("json.text", parse.Shorten(t.Text(node)))
	default:
		v.tree, v.node = t, node
		if plain {
			v.fault = v.wrongKind("json.plain", bracket(t, node))
		} else {
			v.fault = v.structure(t, node)
		}
	}
}

// isNaN tells Python's word for a cell that is empty.
func isNaN(word []byte) bool { return string(word) == "NaN" }

func (v *value) wrongKind(code, found string) error {
	return parse.ErrorAt(v.at, code, "name", parse.Shorten(v.name), "found", found)
}

func bracket(t *parse.Tree, node int) string {
	switch t.Kind(node) {
	case parse.List:
		return "["
	case parse.Object:
		return "{"
	case parse.Text:
		return `"…"`
	}
	return parse.Shorten(t.Text(node))
}

// unfold reads a text that holds a list or an object as JSON or Python write
// it. What is no chat and no list of texts stays the text that it is.
func (v *value) unfold(t *parse.Tree) {
	if !looksStructured(v.text) {
		return
	}
	node, err := t.Value(v.text)
	if err != nil {
		if source, ok := fromPython(v.text); ok {
			node, err = t.Value(source)
		}
	}
	if err != nil {
		if bytes.HasPrefix(v.text, []byte("[{")) {
			v.fault = v.wrongKind("row.structure", parse.Shorten(v.text))
		}
		return
	}
	text := v.text
	if v.structure(t, node) != nil || v.list && len(v.messages) == 0 {
		v.list, v.turns, v.messages, v.text = false, false, v.messages[:0], text
	}
	v.tree, v.node = t, node
}

// looksStructured tells a list or an object from the text of a reply.
func looksStructured(text []byte) bool {
	if len(text) < 2 {
		return false
	}
	for _, begin := range []string{"[", "{", "array(["} {
		if bytes.HasPrefix(text, []byte(begin)) {
			end := text[len(text)-1]
			return end == ']' || end == '}' || end == ')'
		}
	}
	return false
}

// contentKeys are the keys of a message's or a reply's text.
var contentKeys = []string{"content", "value", "text", "full_text", "response", "answer", "reply", "output", "completion", "summary"}

// structure reads a list of messages or texts, or one message, or an object
// that holds a conversation or a text.
func (v *value) structure(t *parse.Tree, node int) error {
	v.text, v.list, v.messages = v.text[:0:0], true, v.messages[:0]
	if t.Kind(node) == parse.List {
		return v.readList(t, node)
	}
	for _, key := range []string{"messages", "conversations", "conversation"} {
		if list, found := t.Member(node, key); found && t.Kind(list) == parse.List {
			return v.readList(t, list)
		}
	}
	if _, _, hasRole := roleOf(t, node); !hasRole {
		for _, key := range contentKeys[2:] {
			text, found := t.Member(node, key)
			switch {
			case found && t.Kind(text) == parse.Text:
				v.list, v.text = false, tidy(t.Text(text))
				return nil
			case found && t.Kind(text) == parse.List:
				return v.readList(t, text)
			}
		}
	}
	return v.readMessage(t, node)
}

func (v *value) readList(t *parse.Tree, list int) (err error) {
	texts := true
	t.Children(list, func(c int) bool {
		switch t.Kind(c) {
		case parse.Text:
			v.messages = append(v.messages, message{nil, tidy(t.Text(c))})
		case parse.Null:
			v.messages = append(v.messages, message{})
		case parse.List:
			err = v.readExchange(t, c)
		default:
			texts = false
			err = v.readMessage(t, c)
		}
		return err == nil
	})
	if err != nil || !texts {
		return err
	}
	if len(v.messages) == 1 {
		v.list, v.text = false, v.messages[0].content
		return nil
	}
	v.turns = true
	return nil
}

// readExchange reads a question and its reply, as a history lists them.
func (v *value) readExchange(t *parse.Tree, list int) error {
	n, err := 0, error(nil)
	t.Children(list, func(c int) bool {
		n++
		if t.Kind(c) != parse.Text {
			err = v.wrongKindAt(t, c, "json.message")
			return false
		}
		v.messages = append(v.messages, message{nil, tidy(t.Text(c))})
		return true
	})
	if err == nil && n != 2 {
		err = v.wrongKindAt(t, list, "json.message")
	}
	return err
}

func (v *value) wrongKindAt(t *parse.Tree, node int, code string) error {
	return parse.ErrorAt(t.At(node), code, "name", parse.Shorten(v.name), "found", bracket(t, node))
}

// roleOf returns who speaks in a message.
func roleOf(t *parse.Tree, node int) (role []byte, at int, found bool) {
	for _, key := range []string{"role", "from", "speaker"} {
		if m, has := t.Member(node, key); has {
			return t.Text(m), m, true
		}
	}
	return nil, 0, false
}

// readMessage appends a chat message. One without content says nothing, as
// that of a tool's call.
func (v *value) readMessage(t *parse.Tree, node int) error {
	if t.Kind(node) != parse.Object {
		return v.wrongKindAt(t, node, "json.message")
	}
	role, at, found := roleOf(t, node)
	if found && t.Kind(at) != parse.Text {
		return parse.ErrorAt(t.At(at), "json.role", "found", bracket(t, at))
	}
	for _, key := range contentKeys[:3] {
		if content, has := t.Member(node, key); has {
			if !found {
				break
			}
			text, err := v.readContent(t, content)
			v.messages = append(v.messages, message{tidy(role), text})
			return err
		}
	}
	if !found {
		return parse.ErrorAt(t.At(node), "json.message", "found", "{…}")
	}
	v.messages = append(v.messages, message{tidy(role), nil})
	return nil
}

// readContent returns a message's text. The text parts of a list stand one
// under the other.
func (v *value) readContent(t *parse.Tree, node int) (text []byte, err error) {
	switch t.Kind(node) {
	case parse.Text:
		return tidy(t.Text(node)), nil
	case parse.Null:
		return nil, nil
	case parse.List:
	default:
		return nil, parse.ErrorAt(t.At(node), "json.content", "found", bracket(t, node))
	}
	t.Children(node, func(c int) bool {
		part, found := c, t.Kind(c) == parse.Text
		if !found {
			part, found = t.Member(c, "text")
		}
		if !found || t.Kind(part) != parse.Text {
			err = parse.ErrorAt(t.At(c), "json.part", "found", partKind(t, c))
			return false
		}
		if text == nil {
			text = t.Text(part)
			return true
		}
		text = append(append(text, '\n'), t.Text(part)...)
		return true
	})
	return tidy(text), err
}

func partKind(t *parse.Tree, node int) string {
	if kind, found := t.Member(node, "type"); found {
		return parse.Shorten(t.Text(kind))
	}
	if t.Kind(node) == parse.Object {
		return "{…}"
	}
	return bracket(t, node)
}

// speak gives the turns of a list of texts their roles: they alternate, and
// the last is the given one's.
func (v *value) speak(last []byte) {
	if !v.turns {
		return
	}
	other := roleUser
	if bytes.Equal(last, roleUser) {
		other = roleAssistant
	}
	for i := range v.messages {
		if v.messages[i].role = last; (len(v.messages)-i)%2 == 0 {
			v.messages[i].role = other
		}
	}
}

// render returns a plain text itself, one message's content, or several
// messages, each after its role, with blank lines between.
func (v *value) render(scratch *[]byte, from, to int) []byte {
	switch {
	case !v.list:
		return v.text
	case to-from == 1:
		return v.messages[from].content
	}
	out := (*scratch)[:0]
	for i, m := range v.messages[from:to] {
		if i > 0 {
			out = append(out, "\n\n"...)
		}
		out = append(append(out, m.role...), ": "...)
		out = append(out, m.content...)
	}
	*scratch = out
	return bytes.TrimSpace(out)
}

// tidy trims the white space around a text and writes its line ends as \n, in
// place.
func tidy(text []byte) []byte {
	text = bytes.TrimSpace(text)
	if bytes.IndexByte(text, '\r') < 0 {
		return text
	}
	out := text[:0]
	for i, b := range text {
		if b != '\r' {
			out = append(out, b)
		} else if i+1 == len(text) || text[i+1] != '\n' {
			out = append(out, '\n')
		}
	}
	return out
}
