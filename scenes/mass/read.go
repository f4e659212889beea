package mass

import (
	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// Read reads where a lab stands: the bars of the replies that are shown, by their
// names, and which of them are the selected pair's.
func (m *Mass) Read(l *core.Lab, names *read.Teller, shown *read.Shown) {
	replies := l.Problem.Prompts[l.Prompt()].Replies
	m.Prompt, m.Step, m.Reached = names.Asked(l.Problem, l.Prompt()), l.Run.StepCount(), read.ReachedBy(l)
	m.Replies = m.Replies[:0]
	rest := Reply{Rest: true, RestCount: shown.Rest, ID: len(replies), Policy: 1, Reference: 1, Optimum: 1}
	for _, k := range shown.Arms {
		r := Reply{Text: names.Told(l.Problem, l.Prompt(), k), ID: k,
			Policy: num.Exp(l.Policy()[k]), Reference: num.Exp(l.Reference()[k])}
		if m.Reached != picture.Unknown {
			r.Optimum = num.Exp(l.Optimum.LogPi[k])
		}
		rest.Policy -= r.Policy
		rest.Reference -= r.Reference
		rest.Optimum -= r.Optimum
		m.Replies = append(m.Replies, r)
	}
	if shown.Rest > 0 {
		rest.Policy, rest.Reference, rest.Optimum = max(0, rest.Policy), max(0, rest.Reference), max(0, rest.Optimum)
		m.Replies = append(m.Replies, rest)
	}
	m.PairChosen, m.PairRejected = -1, -1
	if len(l.Problem.TalliesOf(l.Prompt())) > 0 {
		pair := read.WorkedPair(l)
		m.PairChosen, m.PairRejected = shown.Bar(pair[0]), shown.Bar(pair[1])
	}
}
