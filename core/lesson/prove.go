package lesson

import (
	"math"
	"slices"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/link"
)

// A Prover computes a lesson's numbers, by running the states that they are of, and
// holds the lesson's claims to them. It works in slices, and holds one run at a
// time.
type Prover struct {
	lesson  *Lesson
	presets []core.Preset
	states  []string // still to be run
	lab     *core.Lab
	values  map[string]float64
	faults  []*Fault
	proved  bool // the claims have been looked at
}

// NewProver returns a prover of a lesson that was read without a fault.
func NewProver(l *Lesson, presets []core.Preset) *Prover {
	p := &Prover{lesson: l, presets: presets, values: map[string]float64{}}
	add := func(state string) {
		if state != "" && !slices.Contains(p.states, state) {
			p.states = append(p.states, state)
		}
	}
	for i := range l.Numbers {
		add(l.Numbers[i].State)
	}
	for i := range l.Claims {
		add(l.Claims[i].State)
	}
	return p
}

// Work does a slice as large as n training steps, and tells whether anything is
// left.
func (p *Prover) Work(n int) (busy bool) {
	switch {
	case p.proved:
		return false
	case len(p.states) == 0:
		p.finish()
		return false
	case p.lab == nil:
		p.begin()
	case !p.lab.Work(n):
		p.read()
		p.lab, p.states = nil, p.states[1:]
	}
	return true
}

// Value returns a number that has been computed.
func (p *Prover) Value(name string) (x float64, known bool) {
	x, known = p.values[name]
	return x, known
}

// Number returns the lesson's number with a name, or nil.
func (p *Prover) Number(name string) *Number { return p.lesson.find(name) }

// Faults lists the numbers and claims that do not hold, once all is worked out.
func (p *Prover) Faults() []*Fault { return p.faults }

// begin starts the run of a state.
func (p *Prover) begin() {
	e, _ := link.Parse(p.states[0], p.presets)
	e.View.Handout = core.Handout{} // which may hide what is asked for
	lab, c := core.NewLab(p.presets, e)
	if c != nil {
		p.fault(1, 0, "state", c.Value, "").Complaint = c
		p.states = p.states[1:]
		return
	}
	p.lab = lab
}

// read reads the numbers and facts of the state that has been run.
func (p *Prover) read() {
	for i := range p.lesson.Numbers {
		if n := &p.lesson.Numbers[i]; n.State == p.states[0] {
			p.take(n, n.Read(p.lab))
		}
	}
	for i := range p.lesson.Claims {
		c := &p.lesson.Claims[i]
		if c.Fact == "" || c.State != p.states[0] {
			continue
		}
		if is := answers[factTable[c.Fact](p.lab)]; is != c.Holds {
			p.fault(c.Line, c.Step, "holds", c.Fact+" is "+c.Holds, is)
		}
	}
}

// Read reads the number off a settled lab; NaN where the lab has none.
func (n *Number) Read(l *core.Lab) float64 { return quantities[n.Quantity].read(l, n.Reply) }

// take keeps a number's value, and holds it to what is claimed, to the digits
// claimed.
func (p *Prover) take(n *Number, x float64) {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		p.fault(n.Line, n.Step, "none", n.Name, "")
		return
	case n.Claimed != "" && n.Text(x) != n.Claimed:
		p.fault(n.Line, n.Step, "value", n.Name+" is "+n.Claimed, n.Text(x))
	}
	p.values[n.Name] = x
}

func (p *Prover) fault(line, step int, code, found, allowed string) *Fault {
	f := &Fault{File: p.lesson.File, Line: line, Step: step, Code: code, Found: found, Allowed: allowed}
	p.faults = append(p.faults, f)
	return f
}

// finish works out what follows from the numbers read, and looks at comparisons.
func (p *Prover) finish() {
	p.proved = true
	for i := range p.lesson.Numbers {
		if n := &p.lesson.Numbers[i]; n.Op != "" {
			if a, b, ok := p.both(n.Left, n.Right); ok {
				p.take(n, combine(a, n.Op, b))
			}
		}
	}
	for i := range p.lesson.Claims {
		c := &p.lesson.Claims[i]
		if a, b, ok := p.both(c.Left, c.Right); c.Op != "" && ok && !p.compare(c, a, b) {
			p.fault(c.Line, c.Step, "compare", c.Left+" "+c.Op+" "+c.Right, p.text(c.Left, a)+", "+p.text(c.Right, b))
		}
	}
}

// both returns two operands, each a decimal or a number's name.
func (p *Prover) both(left, right string) (a, b float64, ok bool) {
	a, ok = p.operand(left)
	b, ok2 := p.operand(right)
	return a, b, ok && ok2
}

func (p *Prover) operand(word string) (float64, bool) {
	if x, ok := core.ParseNumber(word); ok {
		return x, true
	}
	return p.Value(word)
}

// text writes an operand with the digits that its number has.
func (p *Prover) text(word string, x float64) string {
	if n := p.lesson.find(word); n != nil {
		return n.Text(x)
	}
	return word
}

func combine(a float64, op string, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b
}

// compare tells whether a comparison holds. Two numbers are equal if they show the
// same digits: as many as the one that shows fewer.
func (p *Prover) compare(c *Claim, a, b float64) bool {
	switch c.Op {
	case "<":
		return a < b
	case ">":
		return a > b
	}
	decimals := 6
	for _, word := range [2]string{c.Left, c.Right} {
		if n := p.lesson.find(word); n != nil {
			decimals = min(decimals, n.Decimals)
		}
	}
	return strconv.FormatFloat(a, 'f', decimals, 64) == strconv.FormatFloat(b, 'f', decimals, 64)
}
