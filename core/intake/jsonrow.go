package intake

// A node is a list or an object that encloses what is being read.
type node uint8

const (
	nodeNone node = iota
	nodeFile
	nodeArray // the list of all rows
	nodeRow
	nodeMessages // a prompt or reply as a list of chat messages
	nodeMessage  // one of them, or one alone
	nodeParts    // a message's content as a list of parts
	nodePart
	nodeOtherObject // what no row needs
	nodeOtherList
)

func (n node) object() bool {
	return n == nodeRow || n == nodeMessage || n == nodePart || n == nodeOtherObject
}

// A slot is where a value stands, and so what it means.
type slot uint8

const (
	slotOther slot = iota // no row needs it
	slotRow
	slotText     // a prompt or reply
	slotPlain    // a winner or count
	slotMessage  // of a list of messages
	slotRole     // of a message
	slotContent  // of a message
	slotPart     // of a message's content
	slotPartType // of a part
	slotPartText // of a part
)

// wrongKinds are the errors for values of a kind that a slot does not take.
var wrongKinds = map[slot]string{
	slotRow: "json.object", slotText: "json.text", slotPlain: "json.plain", slotMessage: "json.message",
	slotRole: "json.role", slotContent: "json.content",
	slotPart: "json.part", slotPartType: "json.part", slotPartText: "json.part",
}

// items returns what a list's elements are.
func (n node) items() slot {
	switch n {
	case nodeFile, nodeArray:
		return slotRow
	case nodeMessages:
		return slotMessage
	case nodeParts:
		return slotPart
	}
	return slotOther
}

// jsonMeaning is what a jsonReader knows of the row it is in.
type jsonMeaning struct {
	field    field // which the value belongs to
	name     []byte
	seen     [fields]bool
	message  message
	opened   Place // where the message or part began
	partAt   Place
	partType []byte
	partText bool
}

func (j *jsonReader) current() *value { return &j.reader.row.values[j.field] }

// child returns what a bracket opens where the next value stands.
func (j *jsonReader) child(object bool) node {
	switch {
	case j.slot == slotOther && object:
		return nodeOtherObject
	case j.slot == slotOther:
		return nodeOtherList
	case j.slot == slotRow && object:
		return nodeRow
	case j.slot == slotRow && j.top() == nodeFile && j.reader.summary.Rows == 0:
		return nodeArray
	case j.slot == slotText && !object:
		return nodeMessages
	case (j.slot == slotText || j.slot == slotMessage) && object:
		return nodeMessage
	case j.slot == slotContent && !object:
		return nodeParts
	case j.slot == slotPart && object:
		return nodePart
	}
	return nodeNone
}

func (j *jsonReader) wrongKind(at Place, found string) error {
	return errorAt(at, wrongKinds[j.slot], "name", shorten(j.name), "found", found)
}

// refuse returns an error about what a value means, or keeps it for later where
// the row may do without the value.
func (j *jsonReader) refuse(err error) error {
	if j.slot == slotRow || !j.field.optional() {
		return err
	}
	if v := j.current(); v.fault == nil {
		v.given, v.fault = true, err
	}
	return nil
}

// enter begins a list or object.
func (j *jsonReader) enter(n node, at Place) {
	switch n {
	case nodeArray:
		j.reader.summary.Format = "json"
	case nodeRow:
		j.reader.row.reset(at)
		j.seen = [fields]bool{}
	case nodeMessages, nodeMessage:
		v := j.current()
		if !v.given {
			v.given, v.list, v.at = true, true, at
		}
		j.message, j.opened = message{}, at
	case nodeParts:
		j.message.content.from = len(j.current().text)
	case nodePart:
		j.partAt, j.partType, j.partText = at, j.partType[:0], false
	}
}

// ended takes in a list or object that is complete.
func (j *jsonReader) ended(n node) error {
	v := j.current()
	switch n {
	case nodeRow:
		return j.reader.take()
	case nodeMessage:
		if !j.message.role.given || !j.message.content.given {
			return j.refuse(errorAt(j.opened, "json.message", "found", "{…}"))
		}
		v.messages = append(v.messages, j.message)
	case nodeParts:
		j.setSpan(&j.message.content, j.message.content.from)
	case nodePart:
		if !j.partText {
			return j.refuse(errorAt(j.partAt, "json.part", "found", partName(j.partType)))
		}
	}
	return nil
}

func partName(kind []byte) string {
	if len(kind) == 0 {
		return "{…}"
	}
	return shorten(kind)
}

// setSpan makes the current value's text from an index on one span.
func (j *jsonReader) setSpan(s *span, from int) {
	v := j.current()
	v.text = tidy(v.text, from)
	s.from, s.to = from, len(v.text)
}

// acceptKey finds what the value behind a key means.
func (j *jsonReader) acceptKey() error {
	var repeated bool
	switch key := string(j.token); j.top() {
	case nodeRow:
		repeated = j.rowKey()
	case nodeMessage:
		repeated = j.messageKey(key)
	case nodePart:
		j.slot = slotOther
		switch key {
		case "type":
			j.slot, repeated = slotPartType, len(j.partType) > 0
		case "text":
			j.slot, repeated = slotPartText, j.partText
		}
	default:
		j.slot = slotOther
	}
	if repeated {
		err := j.refuse(errorAt(j.at, "json.repeated", "name", shorten(j.token)))
		j.slot = slotOther
		return err
	}
	return nil
}

func (j *jsonReader) rowKey() (repeated bool) {
	j.field = fieldOf(j.token)
	j.name = append(j.name[:0], j.token...)
	switch j.field {
	case fieldNone:
		j.slot = slotOther
		return false
	case fieldWinner, fieldWinnerA, fieldWinnerB, fieldWinnerTie, fieldCount, fieldLabel:
		j.slot = slotPlain
	default:
		j.slot = slotText
	}
	repeated = j.seen[j.field]
	j.seen[j.field] = true
	j.current().numbered = numbered(j.token)
	return repeated
}

func (j *jsonReader) messageKey(key string) (repeated bool) {
	s := &j.message.role
	switch key {
	case "role", "from":
		j.slot = slotRole
	case "content", "value":
		j.slot, s = slotContent, &j.message.content
	default:
		j.slot = slotOther
		return false
	}
	repeated = s.given
	s.given = true
	return repeated
}

// textSlot returns where a text that begins here goes.
func (j *jsonReader) textSlot(c *cursor) (into *[]byte, err error) {
	v := j.current()
	switch j.slot {
	case slotOther:
		return nil, nil
	case slotText, slotPlain:
		v.given, v.at = true, c.here()
	case slotRole, slotContent:
	case slotPartText:
		j.partText = true
		if len(v.text) > j.message.content.from {
			v.text = append(v.text, '\n')
		}
	case slotPartType:
		return &j.partType, nil
	default:
		return nil, j.refuse(j.wrongKind(c.here(), `"…"`))
	}
	return &v.text, nil
}

// acceptText takes in a text that is complete.
func (j *jsonReader) acceptText() {
	v := j.current()
	switch j.slot {
	case slotText, slotPlain:
		v.text = tidy(v.text, 0)
	case slotRole:
		j.setSpan(&j.message.role, j.from)
	case slotContent:
		j.setSpan(&j.message.content, j.from)
	}
}

// acceptWord takes in a number, true, false or null. Null stands for a prompt
// or content that is not there, and for an undecided vote.
func (j *jsonReader) acceptWord() error {
	v := j.current()
	null := string(j.token) == "null"
	switch {
	case j.slot == slotOther:
	case j.slot == slotText && null && j.field != fieldChosen && j.field != fieldRejected:
	case j.slot == slotPlain:
		v.given, v.at = true, j.at
		if !null {
			v.text = append(v.text, j.token...)
		}
	case j.slot == slotContent && null:
		j.setSpan(&j.message.content, len(v.text))
	default:
		return j.refuse(j.wrongKind(j.at, shorten(j.token)))
	}
	return nil
}
