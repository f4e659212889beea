package catalogue

import (
	"fmt"
	"strconv"
	"strings"
)

// compilePlural compiles the Plural-Forms header of a PO file, such as
//
//	nplurals=2; plural=(n != 1);
//
// into the rule that the program evaluates (plural.Form): the number of
// forms, then the expression in reverse Polish, as in
//
//	2 n 1 ≠
//
// It is an error if the expression cannot be read or divides by what may be 0.
func compilePlural(header string) (string, error) {
	count, expression, err := splitPlural(header)
	if err != nil {
		return "", err
	}
	p := pluralParser{rest: expression}
	if err := p.ternary(); err != nil {
		return "", fmt.Errorf("Plural-Forms: %w", err)
	}
	if p.skip(); p.rest != "" {
		return "", fmt.Errorf("Plural-Forms: %q is left over", p.rest)
	}
	return strconv.Itoa(count) + " " + strings.Join(p.out, " "), nil
}

func splitPlural(header string) (count int, expression string, err error) {
	for _, part := range strings.Split(header, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch strings.TrimSpace(name) {
		case "nplurals":
			count, err = strconv.Atoi(strings.TrimSpace(value))
		case "plural":
			expression = strings.TrimSpace(value)
		}
	}
	if err != nil || count < 1 || count > 9 || expression == "" {
		return 0, "", fmt.Errorf("Plural-Forms is %q: expected nplurals=1 to 9; plural=an expression of n;", header)
	}
	return count, expression, nil
}

// pluralParser reads C's expressions over n by descent and writes them in
// reverse Polish.
type pluralParser struct {
	rest string
	out  []string
}

func (p *pluralParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n") }

func (p *pluralParser) take(sign string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, sign)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *pluralParser) ternary() error {
	if err := p.binary(0); err != nil {
		return err
	}
	if !p.take("?") {
		return nil
	}
	if err := p.ternary(); err != nil {
		return err
	}
	if !p.take(":") {
		return fmt.Errorf("expected : before %q", p.rest)
	}
	if err := p.ternary(); err != nil {
		return err
	}
	p.out = append(p.out, "?")
	return nil
}

// pluralSigns are C's operators, from those that bind least, with their signs
// in the rule. Where one sign begins another, the longer stands first.
var pluralSigns = [][][2]string{
	{{"||", "|"}},
	{{"&&", "&"}},
	{{"==", "="}, {"!=", "≠"}},
	{{"<=", "≤"}, {">=", "≥"}, {"<", "<"}, {">", ">"}},
	{{"+", "+"}, {"-", "-"}},
	{{"*", "*"}, {"%", "%"}},
}

func (p *pluralParser) binary(level int) error {
	if level == len(pluralSigns) {
		return p.operand()
	}
	if err := p.binary(level + 1); err != nil {
		return err
	}
	for {
		sign := p.sign(level)
		if sign == "" {
			return nil
		}
		if err := p.binary(level + 1); err != nil {
			return err
		}
		if n, err := strconv.Atoi(p.out[len(p.out)-1]); sign == "%" && (err != nil || n < 1) {
			return fmt.Errorf("what %% divides by must be a number above 0")
		}
		p.out = append(p.out, sign)
	}
}

func (p *pluralParser) sign(level int) string {
	for _, sign := range pluralSigns[level] {
		if p.take(sign[0]) {
			return sign[1]
		}
	}
	return ""
}

func (p *pluralParser) operand() error {
	switch {
	case p.take("!"):
		if err := p.operand(); err != nil {
			return err
		}
		p.out = append(p.out, "0", "=")
		return nil
	case p.take("("):
		if err := p.ternary(); err != nil {
			return err
		}
		if !p.take(")") {
			return fmt.Errorf("expected ) before %q", p.rest)
		}
		return nil
	case p.take("n"):
		p.out = append(p.out, "n")
		return nil
	}
	digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
	n, err := strconv.Atoi(p.rest[:digits])
	if err != nil {
		return fmt.Errorf("expected n, a number or ( before %q", p.rest)
	}
	p.out, p.rest = append(p.out, strconv.Itoa(n)), p.rest[digits:]
	return nil
}
