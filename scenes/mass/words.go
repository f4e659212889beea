package mass

import (
	"math"
	"strconv"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// visibleChange is a difference of probabilities in tenths of a point: tenths
// below ten points, whole points above.
func visibleChange(d float64) int {
	if math.Abs(d) < 0.0995 {
		return int(math.RoundToEven(1000 * d))
	}
	return 10 * int(math.RoundToEven(100*d))
}

func changeText(visible int) string {
	if visible < 100 {
		return words.Fixed(float64(visible)/10, 1)
	}
	return strconv.Itoa(visible / 10)
}

// spoken is what was last said of a reply, and from which values.
type spoken struct {
	text                       string
	policy, reference, optimum int
	reached                    picture.Reached
	name                       string
}

// state is what the description was last made from, besides the names.
type state struct {
	prompt                   string
	step, count              int
	reached                  picture.Reached
	pairChosen, pairRejected string
	made                     bool
}

// describe fills the picture's words. Strings are made again only if what they
// say has changed.
func (v *View) describe(p *picture.Picture, m *Mass) {
	changed := false
	for len(v.spoken) < len(m.Replies) {
		v.spoken = append(v.spoken, spoken{policy: math.MinInt})
	}
	for i := range m.Replies {
		changed = v.speak(i, m) || changed
	}
	s := state{prompt: m.Prompt, step: m.Step, count: len(m.Replies), reached: m.Reached, made: true}
	if m.hasPair() {
		s.pairChosen, s.pairRejected = v.labels[m.PairChosen].text, v.labels[m.PairRejected].text
	}
	if s.prompt != v.state.prompt || !v.state.made {
		v.titles = v.titled.Say("prompt", words.Brief(m.Prompt))
	}
	if changed || s != v.state {
		v.desc = v.tell(m, &s)
	}
	v.state = s
	p.Title, p.Desc = v.titles, v.desc
}

// speak makes the sentence that names reply i, if it says something new.
func (v *View) speak(i int, m *Mass) bool {
	r := &m.Replies[i]
	s := spoken{
		text: v.labels[i].text, policy: words.VisiblePercent(r.Policy), reference: words.VisiblePercent(r.Reference),
		optimum: words.VisiblePercent(r.Optimum), reached: m.Reached, name: v.spoken[i].name,
	}
	if s == v.spoken[i] {
		return false
	}
	v.scratch = v.names[m.Reached].Append(v.scratch[:0], "text", words.Brief(s.text),
		"now", v.percent(r.Policy), "reference", v.percent(r.Reference), "optimum", v.percent(r.Optimum))
	s.name = string(v.scratch)
	v.spoken[i] = s
	return true
}

// tell makes the description: the step, every reply, the pair, the optimum.
func (v *View) tell(m *Mass, s *state) string {
	b := v.told.Append(v.scratch[:0], "step", strconv.Itoa(m.Step), "count", strconv.Itoa(len(m.Replies)))
	for i := range m.Replies {
		b = append(append(append(b, ' '), v.spoken[i].name...), '.')
	}
	if s.pairChosen != "" || s.pairRejected != "" {
		b = v.pair.Append(append(b, ' '), "chosen", words.Brief(s.pairChosen), "rejected", words.Brief(s.pairRejected))
	}
	if end := v.limits[m.Reached]; end != "" {
		b = append(append(b, ' '), end...)
	}
	v.scratch = b
	return string(b)
}

func (m *Mass) hasPair() bool {
	n := len(m.Replies)
	return m.PairChosen >= 0 && m.PairChosen < n && m.PairRejected >= 0 && m.PairRejected < n && m.PairChosen != m.PairRejected
}
