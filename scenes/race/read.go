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
	m.step, m.steps, m.near = r.Lead.Run.StepCount(), int(s[core.Steps]), race.Near
	if r.Aimed() {
		m.goal = goalReached(r.Goal.Kind)
	}
	if m.nothing = ""; r.Unpaired() {
		m.nothing = w.Say("race.unpaired")
	}
	m.end, m.unit, m.seeds, m.done = [2]float64{}, [2]float64{1, 1}, 0, 0
	for i, l := range r.Lanes {
		a := &m.lanes[i]
		a.name = w.Say([...]string{"race.dpo", "race.rlhf"}[i])
		a.missing = ""
		if l == nil {
			a.kind, a.missing = "", words.Complain(r.Why[i], w)
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
	updates, replies := r.Laps(lane, m.steps)
	m.end[overUpdates] = max(m.end[overUpdates], float64(updates))
	m.end[overReplies] = max(m.end[overReplies], float64(replies))
	if replies > 0 {
		m.unit[overReplies] = max(1, r.Lead.Experiment.Settings[core.Replies])
	}
}

// count takes in how many runs the bands are made of.
func (m *Race) count(h *race.Heat) {
	switch {
	case h == nil || h.Seeds == 1:
	case m.seeds == 0:
		m.seeds, m.done = h.Seeds, len(h.Within)
	default:
		m.done = min(m.done, len(h.Within))
	}
}

func (a *lane) read(r *race.Race, lane int, shown *read.Shown, w words.Words) {
	l := r.Lanes[lane]
	a.describe(l, w)
	c := l.Run.Cost()
	a.counts = [counts]int{models: c.Models.Count(), generated: c.Replies, scored: c.RewardCalls, updated: c.PolicyUpdates + c.RewardUpdates}
	a.at = [2]float64{float64(a.counts[updated]), float64(c.Replies)}
	a.distance, a.apart = math.NaN(), 0
	if r.Aimed() {
		a.distance = r.Distance(l)
		if lane == race.RLHF && r.Goal.RewardKnown {
			a.apart = r.Goal.Apart
		}
	}
	a.readHeat(r, lane)
	a.readBars(l, shown)
}

// describe says what the run is, and what it is doing.
func (a *lane) describe(l *core.Lab, w words.Words) {
	s := &l.Experiment.Settings
	a.stages, a.stage = a.stages[:0], 0
	if s[core.How] != core.LearnByRLHF {
		a.stages = append(a.stages, w.Say("race.stage.votes"))
		if a.kind = w.Say("race.full"); s[core.Batch] > 0 {
			a.kind = w.Say("race.batch", "n", strconv.Itoa(int(s[core.Batch])))
		}
		return
	}
	estimator := core.Params()[core.EstimatorChoice].Choices[int(s[core.EstimatorChoice])]
	a.kind = w.Say("race.by." + estimator)
	first, second := "race.stage.fit", "race.stage.sample"
	switch learner := l.RLHF(); {
	case s[core.RewardFit] == core.FitNothing:
		first, a.stage = "race.stage.own", 1
	case learner != nil && learner.Stage() == 2 && (learner.RewardStatus() == rlhf.RewardExact || learner.RewardStatus() == rlhf.RewardPenalised):
		first, a.stage = "race.stage.solved", 1
	case learner != nil && learner.Stage() == 2:
		first, a.stage = "race.stage.fitted", 1
	}
	if s[core.EstimatorChoice] == float64(rlhf.ExactGradient) {
		second = "race.stage.exact"
	}
	a.stages = append(a.stages, w.Say(first), w.Say(second))
}

// readHeat takes over how the run goes over the whole timeline, as far as that
// is known, and the band of all seeds.
func (a *lane) readHeat(r *race.Race, lane int) {
	h := r.Heats[lane]
	a.path, a.low, a.high, a.arrived = nil, nil, nil, [2]float64{-1, -1}
	if h == nil || !r.Aimed() || len(h.Distance) == 0 {
		return
	}
	a.path = h.Distance[0]
	for axis := range a.x {
		a.x[axis] = a.x[axis][:0]
	}
	for _, step := range h.Steps {
		updates, replies := r.Laps(lane, step)
		a.x[overUpdates] = append(a.x[overUpdates], float64(updates))
		a.x[overReplies] = append(a.x[overReplies], float64(replies))
	}
	if h.Seeds > 1 {
		a.low, a.high = h.Low, h.High
	}
	a.several = h.Seeds > 1
	if passing := lane == race.RLHF && r.Goal.Elsewhere(); !passing && h.Settles() {
		updates, replies := r.Laps(lane, h.Within[0])
		a.arrived = [2]float64{float64(updates), float64(replies)}
	}
}

// readBars takes over the policy; what is not shown is the last bar.
func (a *lane) readBars(l *core.Lab, shown *read.Shown) {
	a.reached = read.ReachedBy(l)
	a.bars = a.bars[:0]
	rest := bar{1, 1, 1}
	for _, k := range shown.Arms {
		b := bar{policy: num.Exp(l.Policy()[k]), reference: num.Exp(l.Reference()[k])}
		if a.reached != picture.Unknown {
			b.optimum = num.Exp(l.Optimum.LogPi[k])
		}
		a.bars = append(a.bars, b)
		rest = bar{rest.policy - b.policy, rest.reference - b.reference, rest.optimum - b.optimum}
	}
	if shown.Rest > 0 {
		a.bars = append(a.bars, bar{max(0, rest.policy), max(0, rest.reference), max(0, rest.optimum)})
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
	low, high := 0, m.steps
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
