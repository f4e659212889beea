package race

import (
	"math"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/race"
	"dpoplayground/core/rlhf"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// Read takes over where a race stands. Both lanes show the replies that shown
// has chosen.
func (m *Race) Read(r *race.Race, shown *read.Shown, w words.Words) {
	s := &r.Lead.Experiment.Settings
	m.Step, m.Steps, m.Near = r.Lead.Run.StepCount(), int(s[core.Steps]), race.Near
	if r.Aimed() {
		m.Goal = goalReached(r.Goal.Kind)
	}
	if m.Nothing = ""; r.Unpaired() {
		m.Nothing = w.Say("race.unpaired")
	}
	m.End, m.Unit, m.Seeds, m.Done = [2]float64{}, [2]float64{1, 1}, 0, 0
	for i, l := range r.Lanes {
		a := &m.Lanes[i]
		a.Name = w.Say([...]string{"race.dpo", "race.rlhf"}[i])
		a.Missing = ""
		if l == nil {
			a.Kind, a.Missing = "", words.Complain(r.Why[i], w)
			continue
		}
		m.measure(r, i)
		m.count(r.Heats[i])
		a.read(r, i, shown, w)
	}
}

// goalReached says what the distance is counted from.
func goalReached(kind race.GoalKind) picture.Reached {
	switch kind {
	case race.GoalUnknown:
		return picture.Unknown
	case race.GoalLimit:
		return picture.NeverReached
	}
	return picture.Reachable
}

// measure makes the axes hold a lane's whole timeline.
func (m *Race) measure(r *race.Race, lane int) {
	updates, replies := r.Laps(lane, m.Steps)
	m.End[Updates] = max(m.End[Updates], float64(updates))
	m.End[Replies] = max(m.End[Replies], float64(replies))
	if replies > 0 {
		m.Unit[Replies] = max(1, r.Lead.Experiment.Settings[core.Replies])
	}
}

// count takes in how many runs the bands are made of.
func (m *Race) count(h *race.Heat) {
	switch {
	case h == nil || h.Seeds == 1:
	case m.Seeds == 0:
		m.Seeds, m.Done = h.Seeds, len(h.Within)
	default:
		m.Done = min(m.Done, len(h.Within))
	}
}

func (a *Lane) read(r *race.Race, lane int, shown *read.Shown, w words.Words) {
	l := r.Lanes[lane]
	a.describe(l, w)
	c := l.Run.Cost()
	a.Counts = [counts]int{Models: c.Models.Count(), Generated: c.Replies, Scored: c.RewardCalls, Updated: c.PolicyUpdates + c.RewardUpdates}
	a.At = [2]float64{float64(a.Counts[Updated]), float64(c.Replies)}
	a.Distance, a.Apart = math.NaN(), 0
	if r.Aimed() {
		a.Distance = r.Distance(l)
		if lane == race.RLHF && r.Goal.RewardKnown {
			a.Apart = r.Goal.Apart
		}
	}
	a.readHeat(r, lane)
	a.readBars(l, shown)
}

// describe says what the run is, and what it is doing.
func (a *Lane) describe(l *core.Lab, w words.Words) {
	s := &l.Experiment.Settings
	a.Stages, a.Stage = a.Stages[:0], 0
	if s[core.How] != core.LearnByRLHF {
		a.Stages = append(a.Stages, w.Say("race.stage.votes"))
		if a.Kind = w.Say("race.full"); s[core.Batch] > 0 {
			a.Kind = w.Say("race.batch", "n", strconv.Itoa(int(s[core.Batch])))
		}
		return
	}
	estimator := core.Params()[core.EstimatorChoice].Choices[int(s[core.EstimatorChoice])]
	a.Kind = w.Say("race.by." + estimator)
	first, second := "race.stage.fit", "race.stage.sample"
	switch learner := l.RLHF(); {
	case s[core.RewardFit] == core.FitNothing:
		first, a.Stage = "race.stage.own", 1
	case learner != nil && learner.Stage() == 2 && (learner.RewardStatus() == rlhf.RewardExact || learner.RewardStatus() == rlhf.RewardPenalised):
		first, a.Stage = "race.stage.solved", 1
	case learner != nil && learner.Stage() == 2:
		first, a.Stage = "race.stage.fitted", 1
	}
	if s[core.EstimatorChoice] == float64(rlhf.ExactGradient) {
		second = "race.stage.exact"
	}
	a.Stages = append(a.Stages, w.Say(first), w.Say(second))
}

// readHeat takes over how the run goes over the whole timeline, as far as that
// is known, and the band of all seeds.
func (a *Lane) readHeat(r *race.Race, lane int) {
	h := r.Heats[lane]
	a.Path, a.Low, a.High, a.Arrived = nil, nil, nil, [2]float64{-1, -1}
	if h == nil || !r.Aimed() || len(h.Distance) == 0 {
		return
	}
	a.Path = h.Distance[0]
	for axis := range a.X {
		a.X[axis] = a.X[axis][:0]
	}
	for _, step := range h.Steps {
		updates, replies := r.Laps(lane, step)
		a.X[Updates] = append(a.X[Updates], float64(updates))
		a.X[Replies] = append(a.X[Replies], float64(replies))
	}
	if h.Seeds > 1 {
		a.Low, a.High = h.Low, h.High
	}
	a.Several = h.Seeds > 1
	if passing := lane == race.RLHF && r.Goal.Elsewhere(); !passing && h.Settles() {
		updates, replies := r.Laps(lane, h.Within[0])
		a.Arrived = [2]float64{float64(updates), float64(replies)}
	}
}

// readBars takes over the policy; what is not shown is the last bar.
func (a *Lane) readBars(l *core.Lab, shown *read.Shown) {
	a.Reached = read.ReachedBy(l)
	a.Bars = a.Bars[:0]
	rest := Bar{1, 1, 1}
	for _, k := range shown.Arms {
		b := Bar{Policy: num.Exp(l.Policy()[k]), Reference: num.Exp(l.Reference()[k])}
		if a.Reached != picture.Unknown {
			b.Optimum = num.Exp(l.Optimum.LogPi[k])
		}
		a.Bars = append(a.Bars, b)
		rest = Bar{rest.Policy - b.Policy, rest.Reference - b.Reference, rest.Optimum - b.Optimum}
	}
	if shown.Rest > 0 {
		a.Bars = append(a.Bars, Bar{max(0, rest.Policy), max(0, rest.Reference), max(0, rest.Optimum)})
	}
}

// StepAt returns the step at which the run that is ahead on an axis has taken so
// many updates, or generated so many replies.
func (m *Race) StepAt(r *race.Race, axis int, at float64) int {
	taken := func(step int) (most float64) {
		for i, l := range r.Lanes {
			if l != nil {
				updates, replies := r.Laps(i, step)
				most = max(most, float64([...]int{updates, replies}[axis]))
			}
		}
		return most
	}
	low, high := 0, m.Steps
	for low < high {
		if mid := (low + high) / 2; taken(mid) < at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low > 0 && at-taken(low-1) < taken(low)-at {
		low--
	}
	return low
}
