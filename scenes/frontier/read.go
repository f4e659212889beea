package frontier

import (
	"slices"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/frontier"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// Read reads where labs stand into what the view shows: the experiment's own
// and those it is compared with, whose names are given in the same order. The
// frontier must have followed the first.
func (m *Frontier) Read(f *frontier.Frontier, labs []*core.Lab, names []string, w words.Words) {
	lead := labs[0]
	note := note(f, lead, w)
	if m.Yardstick != f.Yardstick {
		m.Version++
	}
	m.Yardstick, m.Beta = f.Yardstick, lead.Beta()
	if f.Yardstick == frontier.NoYardstick || !f.Whole() {
		if len(m.Best) > 0 {
			m.Best, m.Extent = nil, Extent{}
			m.Version++
		}
		m.Runs, m.Note = m.Runs[:0], note
		return
	}
	m.readCurves(f)
	if m.Note = note; m.Peak.Beta > 0 {
		m.Note = strings.TrimSpace(note + " " + w.Say("frontier.note.peak", "beta", chart.BetaText(roundedBeta(m.Peak.Beta)), "reward", words.Fixed(m.Peak.Reward, 2)))
	}
	for len(m.Runs) < len(labs) {
		m.Runs = append(m.Runs, Run{})
	}
	m.Runs = m.Runs[:len(labs)]
	for i, l := range labs {
		m.Runs[i].read(f, l, names[i], i == 0)
	}
	if m.Promised = 0; m.Promise != nil {
		goal := f.At(m.Beta)
		m.Promised = f.Promised(&goal)
	}
	m.Grow()
}

// readCurves takes over the curves, if they are others.
func (m *Frontier) readCurves(f *frontier.Frontier) {
	optima := f.Curve()
	if onePoint(optima) {
		optima = optima[:1] // there is nothing to drag along
	}
	if !slices.Equal(m.Best, f.Best.Points) {
		m.Extent = Extent{}
	} else if slices.Equal(m.Optima, optima) && m.Proxy == f.Proxy {
		return
	}
	m.Version++
	m.Best = append(m.Best[:0], f.Best.Points...)
	m.Optima = append(m.Optima[:0], optima...)
	m.Proxy, m.Promise, m.Rounds = f.Proxy, m.Promise[:0], m.Rounds[:0]
	if m.Peak = (frontier.TradeoffPoint{}); len(optima) > 0 {
		if peak, lost := f.Peak(); lost > humpShows*(m.Best[len(m.Best)-1].Reward-m.Best[0].Reward) {
			m.Peak = peak
		}
	}
	m.readPromise(f)
	for i := 0; len(optima) > 0 && i < len(roundBetas); i++ {
		m.Rounds = append(m.Rounds, f.At(roundBetas[i].beta))
	}
}

// readPromise takes over what the proxy says of each of Optima, where that is
// worth a curve: where a reward was given, and where smaller β lead to less.
func (m *Frontier) readPromise(f *frontier.Frontier) {
	if f.Proxy == frontier.NoProxy || f.Proxy != frontier.ProxyOfOwn && m.Peak.Beta == 0 || len(m.Optima) == 0 {
		m.Promise = nil
		return
	}
	for i := range m.Optima {
		m.Promise = append(m.Promise, f.Promised(&m.Optima[i]))
	}
}

// humpShows is the loss of reward, as a share of what the frontier gains, from
// which on it is said that a smaller β leads to less.
const humpShows = 0.02

// roundedBeta is β to two digits.
func roundedBeta(beta float64) float64 { return words.Rounded(beta, 2) }

// read takes over where one run was, is and is headed.
func (r *Run) read(f *frontier.Frontier, l *core.Lab, name string, lead bool) {
	r.Name, r.Step = name, l.Run.StepCount()
	r.Path = f.Trace(r.Path[:0], l.History, r.Step)
	r.Now = frontier.TradeoffPoint{Beta: l.Beta(), KL: l.Now(), Reward: f.Reward(l.Policy())}
	r.Most = f.Best.Most(r.Now.KL)
	if lead && l.WorkingOut() && len(f.Curve()) > 0 {
		r.Goal = f.At(l.Beta()) // β is another; whether it is reached stays
		return
	}
	r.Reached = read.ReachedBy(l)
	if r.Reached != picture.Unknown {
		r.Goal = frontier.TradeoffPoint{Beta: l.Beta(), KL: l.Optimum.KL, Reward: f.Reward(l.Optimum.LogPi)}
	}
}

// frontierNote says what cannot be shown, and why.
func note(f *frontier.Frontier, l *core.Lab, words words.Words) string {
	s := &l.Experiment.Settings
	var notes []string
	add := func(is bool, key string) bool {
		if is {
			notes = append(notes, words.Say(key))
		}
		return is
	}
	switch {
	case f.Yardstick == frontier.NoYardstick && f.Whole():
		return words.Say("frontier.note.none")
	case !f.Whole():
		return words.Say("frontier.note.working")
	case l.Arms() == 1:
		return words.Say("frontier.note.one")
	}
	add(f.Yardstick == frontier.ByFittedScore, "frontier.note.score")
	add(s[core.PolicyChoice] == train.LinearPolicy, "frontier.note.linear")
	point := onePoint(f.Curve())
	switch {
	case l.WorkingOut():
	case add(s[core.RefEvery] > 0, "frontier.note.moving"):
	case add(!l.HasOptimum(), "frontier.note.unknown"):
	case add(!f.HasOptima, "frontier.note.single"):
	case add(len(f.Curve()) == 0, "frontier.note.following"):
	case add(point && !l.CanArrive(), "frontier.note.onesided"):
	case add(point, "frontier.note.flat"):
	case f.Apart:
	case add(!l.CanArrive(), "frontier.note.never"):
	}
	return strings.Join(notes, " ")
}

// onePoint tells that a curve is but a point.
func onePoint(curve []frontier.TradeoffPoint) bool {
	for i := range curve {
		if max(curve[i].KL-curve[0].KL, curve[0].KL-curve[i].KL) > 1e-6 {
			return false
		}
	}
	return len(curve) > 0
}
