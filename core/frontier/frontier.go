package frontier

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A Frontier says, for the shown prompt of a lab, how much reward a divergence
// from the reference buys: the most that any policy has, what the lab's own run
// is headed for as β runs, and what a policy has that is given.
//
// It is kept up with Follow, which is cheap, and Work, which takes its time in
// slices.
type Frontier struct {
	// Yardstick is what reward is counted in. Where it is NoYardstick nothing
	// else has a meaning.
	Yardstick Yardstick
	// Best is the frontier: the tilts of the reference by the reward itself.
	Best Tradeoff
	// optima is where the run is headed at each β, where HasOptima and not Apart.
	// Where each β is worked out for itself, Apart, it is Curve and At that tell.
	optima           Tradeoff
	HasOptima, Apart bool
	// Proxy is what the run goes by instead of the true reward.
	Proxy Proxy

	apart destinations
	start []float64 // that Optima counts on

	reward  []float64   // of the shown prompt's replies
	scores  []float64   // room
	reply   *data.Reply // the first, by which prompts are told apart
	problem *data.Problem
	fit     *scores.Fit
	course  core.Settings // that Optima is of, whatever β and the step
	voted   *data.Problem // that Optima is of
	promise [2]float64    // Score of Optima, times the one and plus the other, is in the unit of reward
}

// A Yardstick is what the reward of a policy is counted by.
type Yardstick int

// The yardsticks. Where no true rewards are given, the Bradley–Terry scores of
// the votes stand in, less their mean, where they are finite.
const (
	NoYardstick Yardstick = iota
	ByTrueReward
	ByFittedScore
)

// A Proxy is what a run takes for the reward.
type Proxy int

// The proxies: none, where it is the yardstick itself or is not known; the
// Bradley–Terry scores of the votes, which DPO goes by; a reward model's; or
// rewards that users gave themselves.
const (
	NoProxy Proxy = iota
	ProxyOfVotes
	ProxyOfModel
	ProxyOfOwn
)

// proxyShows is the difference from the yardstick, as a share of the reward's
// range, from which on a proxy is one.
const proxyShows = 0.01

// Follow takes over where a lab stands. It tells whether the yardstick or a
// curve became another.
func (f *Frontier) Follow(l *core.Lab) (changed bool) {
	changed = f.chooseYardstick(l)
	if f.Yardstick == NoYardstick {
		f.HasOptima = false
		return changed
	}
	if ref := l.Reference(); !f.Best.isOf(ref, f.reward, f.reward, rlhf.LeashInReward) {
		f.Best.Reset(ref, f.reward, f.reward, rlhf.LeashInReward)
		changed = true
	}
	return f.findOptima(l) || changed
}

// chooseYardstick chooses the yardstick.
func (f *Frontier) chooseYardstick(l *core.Lab) (changed bool) {
	reply := &l.Problem.Prompts[l.Prompt()].Replies[0]
	if reply == f.reply && l.Problem == f.problem {
		return false
	}
	f.reply, f.problem = reply, l.Problem
	f.Stop()
	f.reward, f.Yardstick = f.reward[:0], ByTrueReward
	if !l.Data.Rewarded {
		f.Yardstick = NoYardstick
		f.fit = scores.NewFit(l.Arms(), l.Problem.VotesOf(l.Prompt()), 0)
		return true
	}
	for _, r := range l.Problem.Prompts[l.Prompt()].Replies {
		f.reward = append(f.reward, r.Reward)
	}
	return true
}

// Stop drops what is being worked out. The next Follow begins anew where that
// was a yardstick.
func (f *Frontier) Stop() {
	if f.fit != nil {
		f.fit.Stop()
		f.fit, f.reply = nil, nil
	}
	f.apart.stop()
}

// Work goes on for about ops units (see WorkBudget), and tells whether there
// was something to do. After it has been busy, Follow is due.
func (f *Frontier) Work(ops int) (busy bool) {
	switch {
	case f.fit != nil:
		if f.fit.Work(ops) {
			f.fitted(f.fit.Scores())
			f.fit = nil
		}
	case f.Yardstick == NoYardstick:
		return false
	case len(f.Best.todo) > 0:
		f.Best.Work(ops)
	case f.HasOptima && f.Apart && !f.apart.whole():
		f.apart.work(ops)
	case f.HasOptima && !f.Apart && len(f.optima.todo) > 0:
		f.optima.Work(ops)
	default:
		return false
	}
	return true
}

// Whole tells that nothing is left to work out, but for a curve that is Apart.
func (f *Frontier) Whole() bool {
	return f.fit == nil && len(f.Best.todo) == 0 && (!f.HasOptima || f.Apart || len(f.optima.todo) == 0)
}

func (f *Frontier) fitted(s *scores.Scores) {
	if !s.Computed || !s.Finite {
		return
	}
	f.reward = append(f.reward[:0], s.Score...)
	num.Centre(f.reward, f.reward)
	f.Yardstick = ByFittedScore
}

// head finds where the run is headed as β runs. While that is worked out anew
// because β is another, it is what it was.
func (f *Frontier) findOptima(l *core.Lab) (changed bool) {
	course := l.Experiment.Settings
	course[core.Beta], course[core.Step], course[core.Steps], course[core.Speed], course[core.ViewChoice] = 0, 0, 0, 0, 0
	same := course == f.course && l.Problem == f.voted && slices.Equal(l.Experiment.Start, f.start)
	if same && f.HasOptima && !l.KLVeiled() && (l.WorkingOut() || f.Apart) {
		return false
	}
	f.course, f.voted, f.start = course, l.Problem, append(f.start[:0], l.Experiment.Start...)
	was, had := f.Proxy, [2]bool{f.HasOptima, f.Apart}
	leash := rlhf.LeashInReward
	f.scores, leash, f.HasOptima = l.Headings(f.scores)
	if l.KLVeiled() {
		f.HasOptima = false
	}
	f.Apart = !f.HasOptima && !l.KLVeiled() && l.HeadedOneByOne()
	switch {
	case f.Apart:
		f.apart.reset(l, f.reward)
		f.HasOptima = true
	case f.HasOptima && !f.optima.isOf(l.Reference(), f.scores, f.reward, leash):
		f.optima.Reset(l.Reference(), f.scores, f.reward, leash)
		changed = true
	}
	f.Proxy = f.proxyOf(l)
	return changed || was != f.Proxy || had != [2]bool{f.HasOptima, f.Apart}
}

// Curve returns the points of where the run is headed, β falling, as far as
// they are known.
func (f *Frontier) Curve() []TradeoffPoint {
	switch {
	case !f.HasOptima:
		return nil
	case f.Apart && !f.apart.whole():
		return nil
	case f.Apart:
		return f.apart.points
	}
	return f.optima.Points
}

// At returns where the run is headed at β. There must be a Curve.
func (f *Frontier) At(beta float64) TradeoffPoint {
	if f.Apart {
		return f.apart.pointAt(beta)
	}
	return f.optima.At(beta)
}

// Peak returns where along the Curve there is the most reward, and how much less
// there is at its end.
func (f *Frontier) Peak() (best TradeoffPoint, lost float64) {
	if f.Apart {
		return f.apart.peak()
	}
	return f.optima.peak()
}

// proxyOf tells what the run goes by, and sets how it is counted in the unit of
// the yardstick: fitted scores are divided by the annotators' sharpness, of
// which they are multiples, and all are shifted so as to agree with the
// yardstick at the reference, because only differences of a reward mean
// anything.
func (f *Frontier) proxyOf(l *core.Lab) Proxy {
	kind, scale := ProxyOfVotes, 1/l.Experiment.Settings[core.Sharpness]
	switch scout := l.Scout(); {
	case !f.HasOptima || f.Apart || f.Yardstick != ByTrueReward || l.HeadedForTruth():
		return NoProxy
	case scout != nil && scout.Model == nil:
		kind, scale = ProxyOfOwn, 1
	case scout != nil:
		kind = ProxyOfModel
	case l.Scores == nil || !l.Scores.Finite:
		return NoProxy
	}
	ref := l.Reference()
	shift := num.Expect(ref, f.reward) - scale*num.Expect(ref, f.scores)
	f.promise = [2]float64{scale, shift}
	most := 0.0
	for k, s := range f.scores {
		most = math.Max(most, math.Abs(scale*s+shift-f.reward[k]))
	}
	if most <= proxyShows*width(f.reward) {
		return NoProxy
	}
	return kind
}

// Promised returns what the proxy says of a point of Optima, in the unit of the
// yardstick.
func (f *Frontier) Promised(p *TradeoffPoint) float64 {
	return f.promise[0]*p.score + f.promise[1]
}

// Reward returns E_π[r] of the shown prompt by the yardstick, for log π.
func (f *Frontier) Reward(logPi []float64) float64 { return num.Expect(logPi, f.reward) }

// Trace appends to dst the divergences and rewards that a run has been through,
// up to a step, as far as its history tells: by a fitted score only where it
// keeps the probability of every reply.
func (f *Frontier) Trace(dst []TradeoffPoint, h *train.History, step int) []TradeoffPoint {
	arms := len(h.Arms)
	if f.Yardstick == NoYardstick || f.Yardstick == ByFittedScore && arms < len(f.reward) {
		return dst
	}
	for i, at := range h.Steps {
		if at > step {
			break
		}
		p := TradeoffPoint{KL: h.Measures[i].KL, Reward: h.Measures[i].Expected}
		if f.Yardstick == ByFittedScore {
			p.Reward = 0
			for k, r := range f.reward {
				p.Reward += h.Probs[i*arms+k] * r
			}
		}
		dst = append(dst, p)
	}
	return dst
}
