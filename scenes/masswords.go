package scenes

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// Numbers are told apart by what is visible of them. A visible percentage is
// in tenths of a percent, as Percent would round it: tenths below ten and next
// to a hundred, whole above; 0 for nothing and -1 for less than a tenth.
func visiblePercent(p float64) int {
	switch {
	case p == 0:
		return 0
	case p < 0.0005:
		return -1
	case p < 0.0995 || p > 0.995 && p < 1:
		return max(min(int(math.RoundToEven(1000*p)), 999), 1)
	}
	return 10 * int(math.RoundToEven(100*p))
}

func percentText(visible int) string {
	switch {
	case visible < 0:
		return Percent(1e-9)
	case visible > 0 && visible < 100 || visible > 990 && visible < 1000:
		return Fixed(float64(visible)/10, 1)
	}
	return strconv.Itoa(visible / 10)
}

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
		return Fixed(float64(visible)/10, 1)
	}
	return strconv.Itoa(visible / 10)
}

// spoken is what was last said of a reply, and from which values.
type spoken struct {
	text                       string
	policy, reference, optimum int
	reached                    Reached
	name                       string
}

// massState is what the description was last made from, besides the names.
type massState struct {
	prompt                   string
	step, count              int
	reached                  Reached
	pairChosen, pairRejected string
	made                     bool
}

// describe fills the picture's words. Strings are made again only if what they
// say has changed.
func (v *MassView) describe(p *Picture, m *Mass) {
	changed := false
	for len(v.spoken) < len(m.Replies) {
		v.spoken = append(v.spoken, spoken{policy: math.MinInt})
	}
	for i := range m.Replies {
		changed = v.speak(i, m) || changed
	}
	s := massState{prompt: m.Prompt, step: m.Step, count: len(m.Replies), reached: m.Reached, made: true}
	if m.hasPair() {
		s.pairChosen, s.pairRejected = v.labels[m.PairChosen].text, v.labels[m.PairRejected].text
	}
	if s.prompt != v.state.prompt || !v.state.made {
		v.titles = v.titled.say("prompt", brief(m.Prompt))
	}
	if changed || s != v.state {
		v.desc = v.tell(m, &s)
	}
	v.state = s
	p.Title, p.Desc = v.titles, v.desc
}

// speak makes the sentence that names reply i, if it says something new.
func (v *MassView) speak(i int, m *Mass) bool {
	r := &m.Replies[i]
	s := spoken{
		text: v.labels[i].text, policy: visiblePercent(r.Policy), reference: visiblePercent(r.Reference),
		optimum: visiblePercent(r.Optimum), reached: m.Reached, name: v.spoken[i].name,
	}
	if s == v.spoken[i] {
		return false
	}
	v.scratch = v.names[m.Reached].append(v.scratch[:0], "text", brief(s.text),
		"now", v.percent(r.Policy), "reference", v.percent(r.Reference), "optimum", v.percent(r.Optimum))
	s.name = string(v.scratch)
	v.spoken[i] = s
	return true
}

// tell makes the description: the step, every reply, the pair, the optimum.
func (v *MassView) tell(m *Mass, s *massState) string {
	b := v.told.append(v.scratch[:0], "step", strconv.Itoa(m.Step), "count", strconv.Itoa(len(m.Replies)))
	for i := range m.Replies {
		b = append(append(append(b, ' '), v.spoken[i].name...), '.')
	}
	if s.pairChosen != "" || s.pairRejected != "" {
		b = v.pair.append(append(b, ' '), "chosen", brief(s.pairChosen), "rejected", brief(s.pairRejected))
	}
	if end := v.limits[m.Reached]; end != "" {
		b = append(append(b, ' '), end...)
	}
	v.scratch = b
	return string(b)
}

// brief keeps what is said aloud to a bearable length.
func brief(text string) string {
	const most = 160
	if len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

func (m *Mass) hasPair() bool {
	n := len(m.Replies)
	return m.PairChosen >= 0 && m.PairChosen < n && m.PairRejected >= 0 && m.PairRejected < n && m.PairChosen != m.PairRejected
}
