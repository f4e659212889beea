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
	if m.yardstick != f.Yardstick {
		m.version++
	}
	m.yardstick, m.beta = f.Yardstick, lead.Beta()
	if f.Yardstick == frontier.NoYardstick || !f.Whole() {
		if len(m.best) > 0 {
			m.best, m.extent = nil, extent{}
			m.version++
		}
		m.Runs, m.note = m.Runs[:0], note
		return
	}
	m.readCurves(f)
	if m.note = note; m.peak.Beta > 0 {
		m.note = strings.TrimSpace(note + " " + w.Say("frontier.note.peak", "beta", chart.BetaText(roundedBeta(m.peak.Beta)), "reward", words.Fixed(m.peak.Reward, 2)))
	}
	for len(m.Runs) < len(labs) {
		m.Runs = append(m.Runs, run{})
	}
	m.Runs = m.Runs[:len(labs)]
	for i, l := range labs {
		m.Runs[i].read(f, l, names[i], i == 0)
	}
	if m.promised = 0; m.promise != nil {
		goal := f.At(m.beta)
		m.promised = f.Promised(&goal)
	}
	m.grow()
}

// readCurves takes over the curves, if they are others.
func (m *Frontier) readCurves(f *frontier.Frontier) {
	optima := f.Curve()
	if onePoint(optima) {
		optima = optima[:1] // there is nothing to drag along
	}
	if !slices.Equal(m.best, f.Best.Points) {
		m.extent = extent{}
	} else if slices.Equal(m.optima, optima) && m.proxy == f.Proxy {
		return
	}
	m.version++
	m.best = append(m.best[:0], f.Best.Points...)
	m.optima = append(m.optima[:0], optima...)
	m.proxy, m.promise, m.rounds = f.Proxy, m.promise[:0], m.rounds[:0]
	if m.peak = (frontier.TradeoffPoint{}); len(optima) > 0 {
		if peak, lost := f.Peak(); lost > humpShows*(m.best[len(m.best)-1].Reward-m.best[0].Reward) {
			m.peak = peak
		}
	}
	m.readPromise(f)
	for i := 0; len(optima) > 0 && i < len(roundBetas); i++ {
		m.rounds = append(m.rounds, f.At(roundBetas[i].beta))
	}
}

// readPromise takes over what the proxy says of each of optima, where that is
// worth a curve: where a reward was given, and where smaller β lead to less.
func (m *Frontier) readPromise(f *frontier.Frontier) {
	if f.Proxy == frontier.NoProxy || f.Proxy != frontier.ProxyOfOwn && m.peak.Beta == 0 || len(m.optima) == 0 {
		m.promise = nil
		return
	}
	for i := range m.optima {
		m.promise = append(m.promise, f.Promised(&m.optima[i]))
	}
}

// humpShows is the loss of reward, as a share of what the frontier gains, from
// which on it is said that a smaller β leads to less.
const humpShows = 0.02

// roundedBeta is β to two digits.
func roundedBeta(beta float64) float64 { return words.Rounded(beta, 2) }

// read takes over where one run was, is and is headed.
func (r *run) read(f *frontier.Frontier, l *core.Lab, name string, lead bool) {
	r.Name, r.step = name, l.Run.StepCount()
	r.path = f.Trace(r.path[:0], l.History, r.step)
	r.now = frontier.TradeoffPoint{Beta: l.Beta(), KL: l.Now(), Reward: f.Reward(l.Policy())}
	r.most = f.Best.Most(r.now.KL)
	if lead && l.WorkingOut() && len(f.Curve()) > 0 {
		r.goal = f.At(l.Beta()) // β is another; whether it is reached stays
		return
	}
	if r.reached = read.ReachedBy(l); l.KLVeiled() {
		r.reached = picture.Unknown
	}
	if r.reached != picture.Unknown {
		r.goal = frontier.TradeoffPoint{Beta: l.Beta(), KL: l.Optimum.KL, Reward: f.Reward(l.Optimum.LogPi)}
	}
}

// note says what cannot be shown, and why.
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
	case add(l.KLVeiled(), "arrives.hidden"):
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
