package lesson

import (
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

// page is the name of the run that the page itself shows, whatever the reader made
// of it.
const page = "page"

// number reads NAME: QUANTITY of STATE is VALUE, or NAME: LEFT OP RIGHT is VALUE.
// What is claimed may be left out.
func (p *parser) number(value string) {
	n := Number{Line: p.line, Step: len(p.l.Steps), Name: p.name, Decimals: 3}
	if p.name == "" || strings.Trim(p.name, "abcdefghijklmnopqrstuvwxyz0123456789.") != "" || p.name[0] < 'a' {
		p.fault("name", p.name, "")
		return
	}
	if p.find(p.name) != nil {
		p.fault("twice", p.name, "")
		return
	}
	words := strings.Fields(value)
	if i := slices.Index(words, "is"); i >= 0 {
		if i != len(words)-2 || !n.take(words[i+1]) {
			p.fault("claimed", value, "")
			return
		}
		words = words[:i]
	}
	switch {
	case len(words) == 3 && strings.Contains("+-*/", words[1]):
		n.Left, n.Op, n.Right = words[0], words[1], words[2]
		if !p.known(n.Left) || !p.known(n.Right) {
			return
		}
	case len(words) >= 3 && words[len(words)-2] == "of":
		if !p.quantity(&n, words[:len(words)-2]) {
			return
		}
		n.State = p.place(words[len(words)-1])
		if n.State == "" && n.Claimed != "" {
			p.fault("live", value, "")
			return
		}
	default:
		p.fault("number", value, "")
		return
	}
	p.l.Numbers = append(p.l.Numbers, n)
}

// take reads what is claimed: a decimal, or a percentage, with the digits that are
// shown.
func (n *Number) take(text string) bool {
	digits, percent := strings.CutSuffix(text, "%")
	if _, ok := core.ParseNumber(digits); !ok || strings.ContainsAny(digits, "eE+") {
		return false
	}
	_, decimals, _ := strings.Cut(digits, ".")
	n.Claimed, n.Decimals, n.Percent = digits, len(decimals), percent
	return n.Decimals <= 6
}

// Text writes a value with the digits of the number, without a percentage's sign.
func (n *Number) Text(x float64) string {
	if n.Percent {
		x *= 100
	}
	s := strconv.FormatFloat(x, 'f', n.Decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return s
}

// quantity reads what is measured, and of which reply where it is of one.
func (p *parser) quantity(n *Number, words []string) bool {
	q, known := quantities[words[0]]
	switch {
	case !known:
		p.fault("quantity", words[0], strings.Join(Quantities(), ", "))
		return false
	case q.ofReply != (len(words) == 2) || len(words) > 2:
		p.fault("reply", strings.Join(words, " "), "")
		return false
	}
	n.Quantity = words[0]
	if q.ofReply {
		reply, ok := p.whole("reply", words[1], data.MaxLinkReplies)
		n.Reply = reply - 1
		return ok
	}
	return true
}

// place returns the fragment that a number or fact is of: the step's state, what
// the bet opens, a fragment written out, or the page's own run, which is "".
func (p *parser) place(word string) string {
	s := p.step()
	switch {
	case word == page:
		return ""
	case word == "state" && s.State != "":
		return s.State
	case word == "then" && s.Then != "":
		return s.Then
	case strings.Contains(word, "="):
		return p.fragment(word)
	}
	p.fault("place", word, "")
	return ""
}

// find returns the number with a name, or nil.
func (p *parser) find(name string) *Number { return p.l.find(name) }

func (l *Lesson) find(name string) *Number {
	for i := range l.Numbers {
		if l.Numbers[i].Name == name {
			return &l.Numbers[i]
		}
	}
	return nil
}

// known tells whether a word is a decimal or the name of a number above, which is
// not one of the page's own run.
func (p *parser) known(word string) bool {
	n := p.find(word)
	if _, isDecimal := core.ParseNumber(word); isDecimal {
		return true
	}
	switch {
	case n == nil:
		p.fault("unknown", word, "")
	case n.Live():
		p.fault("live", word, "")
	default:
		return true
	}
	return false
}

// claim reads LEFT OP RIGHT, or FACT of STATE is yes, no or unknown.
func (p *parser) claim(value string) {
	c := Claim{Line: p.line, Step: len(p.l.Steps)}
	words := strings.Fields(value)
	switch {
	case len(words) == 3 && strings.Contains("<>=", words[1]):
		c.Left, c.Op, c.Right = words[0], words[1], words[2]
		if !p.known(c.Left) || !p.known(c.Right) {
			return
		}
	case len(words) == 5 && words[1] == "of" && words[3] == "is":
		if _, known := factTable[words[0]]; !known {
			p.fault("fact", words[0], strings.Join(Facts(), ", "))
			return
		}
		if !slices.Contains(answers[:], words[4]) {
			p.fault("answer", words[4], "")
			return
		}
		c.Fact, c.State, c.Holds = words[0], p.place(words[2]), words[4]
		if c.State == "" {
			p.fault("live", value, "")
			return
		}
	default:
		p.fault("claim", value, "")
		return
	}
	p.l.Claims = append(p.l.Claims, c)
}

// Place cuts a text at its first {NAME}; found tells whether it has one.
func Place(text string) (before, name, after string, found bool) {
	before, rest, open := strings.Cut(text, "{")
	name, after, closed := strings.Cut(rest, "}")
	return before, name, after, open && closed
}

// texts lists all texts of a lesson that may name numbers, with their lines.
func (l *Lesson) texts(each func(line, step int, text string)) {
	for i := range l.Steps {
		s := &l.Steps[i]
		all := slices.Concat(s.Text, s.Reveal, s.Mistakes, s.Discuss, []string{s.Title, s.Code, s.Do, s.Why, s.Ask.Text, s.Ask.Near, s.Ask.Under, s.Ask.Over})
		for _, c := range s.Ask.Choices {
			all = append(all, c.Text, c.Said)
		}
		for _, text := range all {
			each(s.Line, i+1, text)
		}
	}
}

// checkPlaces looks for names in texts and questions that no number has.
func (p *parser) checkPlaces() {
	p.l.texts(func(line, step int, text string) {
		for _, name, rest, found := Place(text); found; _, name, rest, found = Place(rest) {
			if p.find(name) == nil {
				p.line = line
				p.fault("unknown", "{"+name+"}", "").Step = step
			}
		}
	})
	for i := range p.l.Steps {
		q := &p.l.Steps[i].Ask
		if n := p.find(q.Number); (q.Kind == Guess || q.Kind == Drag) && n == nil {
			p.line = q.Line
			p.fault("unknown", q.Number, "").Step = i + 1
		}
	}
}
