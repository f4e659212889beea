package intake

import (
	"bytes"

	"dpoplayground/core/parse"
)

// questionFields are the keys that may be the question by themselves, in the
// order in which they count.
var questionFields = []field{fieldPrompt, fieldQuestion, fieldInstruction, fieldQuery, fieldInput, fieldPost, fieldInfo,
	fieldContext, fieldHistory, fieldMessages}

// question returns the row's question, nil where it has none. Keys that say
// something else than the one that counts are noted.
func (w *row) question() (*value, error) {
	first := fieldNone
	for _, f := range questionFields {
		v := &w.values[f]
		if f == fieldMessages && (w.used[f] || v.fault != nil && w.converse()) {
			continue // it is the reply's conversation, or theirs hold the question
		}
		if v.given && f == fieldInfo && v.node >= 0 {
			w.readInfo(v)
		}
		if !v.given || v.empty() && v.fault == nil {
			continue
		}
		switch {
		case first == fieldNone:
			first = f
		case f == fieldPost || f == fieldInfo || f == fieldMessages:
			continue
		case f == fieldContext || f == fieldHistory || f == fieldInput && first == fieldInstruction:
		case !v.saysAs(&w.values[first]):
			w.differs = append(w.differs, differing{f, v.name})
		}
		w.used[f] = true
	}
	if first == fieldNone {
		return nil, nil
	}
	w.values[first].speak(roleUser)
	return w.join(first)
}

// listed tells that lists of texts are replies, each by itself, and no turns of a
// conversation: there is a question of one turn, or they do not begin alike.
func (w *row) listed(chosen, rejected *value) bool {
	if !chosen.turns && !rejected.turns || chosen.list != chosen.turns || rejected.list != rejected.turns {
		return false
	}
	asked := false
	for _, f := range questionFields {
		v := &w.values[f]
		if asked = v.given && !v.empty() && !(f == fieldMessages && w.used[f]); asked {
			return !v.turns
		}
	}
	return !chosen.turns || !rejected.turns || !sameMessage(chosen, rejected, 0)
}

// each returns the texts of a list as values of their own, or the value itself.
func (v *value) each() []value {
	if !v.turns {
		return []value{*v}
	}
	list := make([]value, len(v.messages))
	for i, m := range v.messages {
		list[i] = value{given: true, at: v.at, name: v.name, text: m.content, node: -1}
	}
	return list
}

// converse tells that both replies of a pair are whole conversations.
func (w *row) converse() bool {
	a, b := &w.values[fieldChosen], &w.values[fieldRejected]
	return len(a.messages) > 1 && len(b.messages) > 1 && !a.turns && !b.turns
}

// readInfo reads the post or the article that an object is about.
func (w *row) readInfo(v *value) {
	v.list, v.messages, v.text, v.fault = false, v.messages[:0], nil, nil
	for _, key := range []string{"post", "article"} {
		text, found := v.tree.Member(v.node, key)
		if found && v.tree.Kind(text) == parse.Text && len(v.text) == 0 {
			v.text = tidy(v.tree.Text(text))
		}
	}
}

// join puts the question together: what came before it, the question, and an
// instruction's input.
func (w *row) join(first field) (*value, error) {
	q := &w.values[first]
	parts := []*value{q}
	if in := &w.values[fieldInput]; first == fieldInstruction && in.given && !in.empty() {
		parts = append(parts, in)
	}
	before := 0
	for _, f := range []field{fieldContext, fieldHistory} {
		if v := &w.values[f]; f != first && v.given && (!v.empty() || v.fault != nil) && !v.saysAs(q) {
			parts = append(parts[:before], append([]*value{v}, parts[before:]...)...)
			before++
		}
	}
	for _, v := range parts {
		if v.fault != nil {
			return nil, v.fault
		}
	}
	if len(parts) == 1 {
		return q, nil
	}
	return w.together(parts, before), nil
}

// together returns texts one under the other, or messages one after the other.
func (w *row) together(parts []*value, before int) *value {
	j := &w.joined
	*j = value{given: true, node: -1, name: parts[before].name, at: parts[before].at, messages: j.messages[:0]}
	for _, v := range parts {
		j.list = j.list || v.list
	}
	for i, v := range parts {
		switch {
		case v.list:
			v.speak(roleUser)
			if i < before {
				v.speak(roleAssistant)
			}
			j.messages = append(j.messages, v.messages...)
		case j.list:
			j.messages = append(j.messages, message{roleUser, v.text})
		case len(j.text) == 0:
			j.text = append([]byte(nil), v.text...)
		default:
			gap := "\n"
			if i <= before {
				gap = "\n\n"
			}
			j.text = append(append(j.text, gap...), v.text...)
		}
	}
	return j
}

// split returns the texts of the prompt and of the two replies.
//
// Where the question is given, what repeats it at the beginning of a reply is
// dropped. Where it is not, it is what two lists of messages have in common at
// their beginning (at least one message stays a reply), or what two texts have
// in common up to their last turn of the assistant, where the form of the
// dialogue is known. Other texts have no question: that two replies begin alike
// makes no question of their beginning.
func (w *row) split(q, a, b *value) (prompt, chosen, rejected []byte) {
	q, a, b = w.interleave(q, a, b)
	a.speak(roleAssistant)
	b.speak(roleAssistant)
	dropA, dropB := 0, 0
	switch {
	case q != nil && !a.list && !b.list:
		prompt = q.render(&w.scratch[0], 0, len(q.messages))
		cut := repeatedText(prompt, a.text, b.text)
		return prompt, endTurn(a.text, cut), endTurn(b.text, cut)
	case q != nil:
		prompt = q.render(&w.scratch[0], 0, len(q.messages))
		dropA, dropB = q.repeatedBy(a), q.repeatedBy(b)
	case a.list && b.list:
		dropA = commonMessages(a, b)
		if dropB = dropA; dropA == 0 && !w.given(fieldChosen) && w.given(fieldMessages) {
			dropA = max(len(a.messages)-1, 0)
		}
		prompt = a.render(&w.scratch[0], 0, dropA)
	case a.list:
		dropA = max(len(a.messages)-1, 0)
		prompt = a.render(&w.scratch[0], 0, dropA)
	case b.list:
		dropB = max(len(b.messages)-1, 0)
		prompt = b.render(&w.scratch[0], 0, dropB)
	default:
		cut := commonDialogue(a.text, b.text)
		return bytes.TrimSpace(a.text[:cut]), endTurn(a.text, cut), endTurn(b.text, cut)
	}
	chosen = a.render(&w.scratch[1], dropA, len(a.messages))
	rejected = b.render(&w.scratch[2], dropB, len(b.messages))
	return prompt, chosen, rejected
}

// interleave puts conversations together where the questions and the replies
// of their turns are listed apart.
func (w *row) interleave(q, a, b *value) (question, first, second *value) {
	n := len(a.messages)
	if q == nil || !q.turns || !a.turns || !b.turns || len(q.messages) != n || len(b.messages) != n {
		return q, a, b
	}
	for i, v := range []*value{a, b} {
		t := &w.turns[i]
		*t = value{given: true, list: true, node: -1, messages: t.messages[:0]}
		for k := range v.messages {
			t.messages = append(t.messages, message{roleUser, q.messages[k].content}, message{roleAssistant, v.messages[k].content})
		}
	}
	return nil, &w.turns[0], &w.turns[1]
}

// splitSingle returns the texts of the prompt and of a single reply. Where the
// prompt is not given, it is all but the last of several messages, or of a
// dialogue written as one text what ends with its last turn of the assistant.
func (w *row) splitSingle(q, r *value) (prompt, reply []byte) {
	if q != nil && q.turns && r.turns && len(q.messages) == len(r.messages) {
		q, r, _ = w.interleave(q, r, r)
	}
	r.speak(roleAssistant)
	drop := 0
	switch {
	case q != nil && !r.list:
		prompt = q.render(&w.scratch[0], 0, len(q.messages))
		return prompt, endTurn(r.text, repeatedText(prompt, r.text, r.text))
	case q != nil:
		prompt, drop = q.render(&w.scratch[0], 0, len(q.messages)), q.repeatedBy(r)
	case r.list:
		drop = max(len(r.messages)-1, 0)
		prompt = r.render(&w.scratch[0], 0, drop)
	default:
		cut := lastTurn(r.text)
		return bytes.TrimSpace(r.text[:cut]), endTurn(r.text, cut)
	}
	return prompt, r.render(&w.scratch[1], drop, len(r.messages))
}

func sameMessage(a, b *value, i int) bool {
	x, y := a.messages[i], b.messages[i]
	return bytes.Equal(x.role, y.role) && bytes.Equal(x.content, y.content)
}

// commonMessages returns how many leading messages a and b share.
func commonMessages(a, b *value) int {
	n := 0
	for n < min(len(a.messages), len(b.messages))-1 && sameMessage(a, b, n) {
		n++
	}
	return n
}

// repeatedBy returns how many leading messages of v repeat the prompt p.
func (p *value) repeatedBy(v *value) int {
	if p.list {
		n := 0
		for n < min(len(p.messages), len(v.messages)-1) && sameMessage(p, v, n) {
			n++
		}
		if n == len(p.messages) {
			return n
		}
		return 0
	}
	for i, m := range v.messages[:max(len(v.messages)-1, 0)] {
		if bytes.Equal(m.content, p.text) {
			return i + 1
		}
	}
	return 0
}

// repeatedText returns how much of two texts repeats the prompt: the prompt at
// the head of both, or a dialogue that holds it and that both share.
func repeatedText(prompt, a, b []byte) (cut int) {
	if repeats(prompt, a) && repeats(prompt, b) {
		return len(prompt)
	}
	if cut := commonDialogue(a, b); cut > 0 && bytes.Contains(a[:cut], prompt) {
		return cut
	}
	return 0
}

// repeats tells that a text goes on from the prompt, at a word's end.
func repeats(prompt, text []byte) bool {
	if len(text) <= len(prompt) || !bytes.HasPrefix(text, prompt) {
		return false
	}
	next := text[len(prompt)]
	return next == ' ' || next == '\n' || bytes.IndexByte([]byte(":>]\n"), prompt[len(prompt)-1]) >= 0
}
