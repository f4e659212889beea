package race

import (
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// A Race sets DPO and RLHF on the same votes, from the same reference and at the
// same β, each with the settings that the experiment has for it. Two labs run
// them to the lead's step; two heats tell how they do from many seeds.
//
// Both are for the plain methods: a table for a policy and a frozen reference,
// DPO without smoothing, and RLHF without new votes on the way.
type Race struct {
	Lead  *core.Lab
	Lanes [2]*core.Lab       // by DPO and RLHF: the lead itself where it runs just that; nil where it cannot be run
	Why   [2]*data.Complaint // why it cannot
	Heats [2]*Heat           // nil until the goal is known, where there is no lane, and where there is too much data
	Goal  Goal               // holds once Aimed

	own   [2]*core.Lab
	aimed bool // Goal is of the lanes as they are
}

// The lanes of a race.
const (
	DPO = iota
	RLHF
)

// Near is the distance from the goal that counts as arrived, in nats, for a
// run that stays within it.
const Near = 0.01

// A Goal is what a race measures its distances from: KL(π*‖π), where π* is where
// DPO is headed. At the reference that is KL(π*‖π_ref), the optimum's own KL.
type Goal struct {
	Kind  GoalKind
	logPi []float64 // log π* of the shown prompt's replies; nil for GoalUnknown
	// Apart is KL(π*‖·) of where RLHF is headed; 0 for GoalCommon. It holds
	// where RewardKnown says that this is known.
	Apart       float64
	RewardKnown bool
}

// Elsewhere tells that RLHF is headed for a place that is not near DPO's: where
// it comes near that, it only passes.
func (g *Goal) Elsewhere() bool { return g.RewardKnown && g.Apart > Near }

// A GoalKind says what the goal of a race is.
type GoalKind int

// The kinds of goal.
const (
	GoalUnknown GoalKind = iota // distances are KL(π‖π_ref)
	GoalCommon                  // the optimum of both
	GoalApart                   // DPO's optimum; RLHF is headed elsewhere, or it is not known where
	GoalLimit                   // DPO is headed for a limit that no run reaches
)

// goalTolerance is how far apart probabilities of one optimum, reached on two
// ways, may be.
const goalTolerance = 1e-6

// Entrant returns the experiment that runs in one of the lanes.
func Entrant(e core.Experiment, lane int) core.Experiment {
	e.Versus, e.Start = nil, nil
	s := &e.Settings
	s[core.PolicyChoice] = train.TabularPolicy
	if lane == RLHF {
		s[core.How], s[core.Fresh] = core.LearnByRLHF, 0
		return e
	}
	s[core.How], s[core.Smoothing], s[core.RefEvery] = core.LearnDirectly, 0, 0
	s[core.ObjectiveChoice] = float64(slices.Index(core.Params()[core.ObjectiveChoice].Choices, "dpo"))
	return e
}

// New returns the race of a lab's experiment.
func New(lead *core.Lab) *Race {
	r := &Race{Lead: lead}
	r.Follow()
	return r
}

// Follow takes over the lead's experiment, and keeps what the change leaves as
// it is.
func (r *Race) Follow() {
	lead := &r.Lead.Experiment
	for i := range r.Lanes {
		e := Entrant(*lead, i)
		if e.Settings == lead.Settings && lead.Start == nil {
			r.drop(i)
			r.Lanes[i] = r.Lead
			continue
		}
		if r.own[i] == nil {
			r.own[i] = &core.Lab{Presets: r.Lead.Presets, Lead: r.Lead}
		}
		if c := r.own[i].Set(e); c != nil {
			r.drop(i)
			r.Why[i] = c
			continue
		}
		r.Lanes[i], r.Why[i] = r.own[i], nil
	}
	r.aimed = false
}

// Unpaired tells that the data have thumbs on single replies alone, and no pairs
// that either method could learn from.
func (r *Race) Unpaired() bool {
	c := r.Why[DPO]
	return c != nil && c.Code == "unpaired"
}

// Stop gives up the labs that are not the lead. What the heats have found stays,
// for a race that goes on with Follow.
func (r *Race) Stop() {
	r.drop(DPO)
	r.drop(RLHF)
	r.aimed = false
}

func (r *Race) drop(i int) {
	if l := r.own[i]; l != nil && l.Run != nil {
		l.GiveUp()
		l.Launch.Stop()
	}
	r.own[i], r.Lanes[i], r.Why[i] = nil, nil, nil
}

// WorkOn sends the run of a lane towards the lead's step, as Lab.Work does
// about n training steps at a time. It tells whether anything is left to do.
func (r *Race) WorkOn(lane, n int) (busy bool) {
	l, step := r.Lanes[lane], int(r.Lead.Experiment.Settings[core.Step])
	if l == nil || l == r.Lead {
		return false
	}
	if l.Target != step {
		l.Seek(step)
	}
	return l.Work(n)
}

// Settled tells whether the lanes' own runs stand at the lead's step.
func (r *Race) Settled() bool {
	for _, l := range r.Lanes {
		if l != nil && l != r.Lead && (!l.Settled() || l.Target != int(r.Lead.Experiment.Settings[core.Step])) {
			return false
		}
	}
	return true
}

// Work goes on with the heats, about ops units of work (see WorkBudget): first
// with the experiment's own seed in both, then with the others. It tells whether
// anything is left that does not wait for a lane.
func (r *Race) Work(ops int) (busy bool) {
	if !r.aim() {
		return false
	}
	for _, seeds := range [...]int{1, Seeds} {
		for _, h := range r.Heats {
			if h != nil && !h.done(min(seeds, h.Seeds)) {
				h.Work(ops)
				return true
			}
		}
	}
	return false
}

// aim finds the goal and makes the heats that are run for it, as soon as it is
// known where both lanes are headed. It tells whether it is.
func (r *Race) aim() bool {
	if r.aimed {
		return true
	}
	for _, l := range r.Lanes {
		if l != nil && (l.Run == nil || l.WorkingOut()) {
			return false
		}
	}
	r.aimed, r.Goal = true, r.goal()
	for i, l := range r.Lanes {
		if l == nil || l.Large() {
			r.Heats[i] = nil
		} else if h := r.Heats[i]; h == nil || !h.serves(l, r.Goal.logPi) {
			r.Heats[i] = newHeat(l, r.Goal.logPi)
		}
	}
	return true
}

// Aimed tells whether the goal is known, and the heats are of the lanes' runs.
func (r *Race) Aimed() bool { return r.aimed }

func (r *Race) goal() (g Goal) {
	dpo, rlhf := r.Lanes[DPO], r.Lanes[RLHF]
	if dpo == nil || !dpo.HasOptimum() || dpo.KLVeiled() {
		return Goal{}
	}
	g = Goal{Kind: GoalApart, logPi: slices.Clone(dpo.Optimum.LogPi)}
	if rlhf != nil && rlhf.HasOptimum() {
		g.RewardKnown, g.Apart = true, num.KL(g.logPi, rlhf.Optimum.LogPi)
	}
	switch {
	case !dpo.CanArrive():
		g.Kind = GoalLimit
	case g.RewardKnown && optimum.Apart(g.logPi, rlhf.Optimum.LogPi) < goalTolerance:
		g.Kind, g.Apart = GoalCommon, 0
	}
	return g
}

// Distance returns how far a policy for the shown prompt is from the goal, in
// nats: KL(π*‖π), or KL(π‖π_ref) where the goal is not known.
func (r *Race) Distance(l *core.Lab) float64 {
	return distance(r.Goal.logPi, l.Policy(), l.Reference())
}

func distance(goal, logPi, logRef []float64) float64 {
	if goal == nil {
		return num.KL(logPi, logRef)
	}
	return num.KL(goal, logPi)
}

// Laps returns what a lane's run has taken by a step: updates of reward model
// and policy, and replies generated. They are the same for every seed.
func (r *Race) Laps(lane, step int) (updates, replies int) {
	l := r.Lanes[lane]
	learner := l.RLHF()
	if learner == nil {
		return step, 0
	}
	policy := max(0, step-learner.First)
	updates, replies = step-policy, 0
	passes := 1
	if learner.Cfg.Clipped() {
		passes = learner.Cfg.Epochs * learner.Cfg.Minibatches
	}
	if learner.Cfg.How != rlhf.ExactGradient {
		replies = policy * learner.Cfg.Batch
	}
	return updates + policy*passes, replies
}
