package core

import (
	"math"
	"slices"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// Where a lab's run is headed comes from the votes' scores, if the objective is
// DPO, from the reward under RLHF and online DPO, and otherwise from following
// the objective's descent.

// headFor starts working out where the run is headed.
func (l *Lab) headFor() {
	l.GiveUp()
	l.Scores, l.Destination = nil, nil
	s := &l.Experiment.Settings
	votes := l.Problem.VotesOf(l.Prompt())
	switch {
	case s.headedForScores():
		l.fit = scores.NewFit(l.Arms(), votes, s[Smoothing])
	case s.headedAlone(len(l.Problem.Prompts)):
		l.heading = optimum.NewHeading(l.Course(votes, l.Beta()))
	case s.headedTogether():
		l.heading = optimum.NewSharedHeading(optimum.SharedCourse{l.Problem, l.Config(l.Beta()), l.Prompt()})
	default:
		l.headForReward()
	}
}

// GiveUp drops what is being worked out.
func (l *Lab) GiveUp() {
	if l.fit != nil {
		l.fit.Stop()
	}
	if l.heading != nil {
		l.heading.Stop()
	}
	l.fit, l.heading = nil, nil
}

// headedAlone tells that a prompt's destination depends on its own votes: the
// policy is a table, the reference stands still, and the loss does not couple
// the votes of several prompts.
func (s *Settings) headedAlone(prompts int) bool {
	o := s.Objective()
	return s[How] == LearnDirectly && s[PolicyChoice] == train.TabularPolicy && s[RefEvery] == 0 &&
		(prompts == 1 || !o.Baseline && o.Sorted == objective.Unsorted)
}

// headedTogether tells that the destination is that of the votes of all prompts
// together, counted from a reference that stands still.
func (s *Settings) headedTogether() bool { return s[How] == LearnDirectly && s[RefEvery] == 0 }

func (l *Lab) Course(votes []data.Pair, beta float64) optimum.Course {
	s := &l.Experiment.Settings
	c := optimum.Course{Loss: s.Loss(beta), LogRef: l.Reference(), Votes: votes, Tokens: l.Problem.TokensOf(l.Prompt())}
	if l.start() != nil {
		c.Start = l.Experiment.Start
	}
	if s[Baseline] == BaselineKL {
		c.Baseline = optimum.ExactBaseline
	}
	if c.Loss.Objective.ReadsThumbs() {
		from, _ := l.Problem.Range(l.Prompt())
		for _, t := range l.Problem.ThumbsOf(l.Prompt()) {
			c.Thumbs = append(c.Thumbs, data.Thumb{l.Prompt(), t.Arm - from, t.Up, t.Down})
		}
	}
	return c
}

// Heard tells whether the run learns from anything that was said of the shown
// prompt's replies, or of others' that share weights with them.
func (l *Lab) Heard() bool {
	p, thumbs := l.Problem, len(l.Run.Trainer.ThumbMarks) > 0
	if l.Experiment.Settings[PolicyChoice] == train.LinearPolicy {
		return len(p.Tallies) > 0 || thumbs
	}
	return len(p.TalliesOf(l.Prompt())) > 0 || thumbs && len(p.ThumbsOf(l.Prompt())) > 0
}

// workOut goes on working out where the run is headed, and tells whether that
// is done.
func (l *Lab) workOut() bool {
	switch {
	case !l.Launch.Ready:
		if !l.Launch.Work(scores.WorkBudget) {
			return false
		}
		if l.headForReward(); l.heading != nil {
			return false
		}
	case l.fit != nil:
		if !l.fit.Work(scores.WorkBudget) {
			return false
		}
		l.Scores, l.fit = l.fit.Scores(), nil
		if l.startDecides() {
			l.Scores, l.heading = nil, optimum.NewHeading(l.Course(l.Problem.VotesOf(l.Prompt()), l.Beta()))
			return false
		}
	case l.heading != nil:
		if !l.heading.Work(scores.WorkBudget) {
			return false
		}
		l.Destination, l.heading = l.heading.Destination(), nil
	default:
		return true
	}
	l.placeOptimum()
	return true
}

func (l *Lab) placeOptimum() {
	switch {
	case l.Scores != nil && l.Scores.Computed:
		l.Optimum.Set(l.Reference(), l.Scores.Score, l.Beta())
	case l.Destination != nil && l.Destination.LogPi != nil:
		l.Optimum = scores.Tilt{LogPi: l.Destination.LogPi, KL: l.Destination.KL}
	case l.headedForTilt():
		l.Scout().Optimum(&l.Optimum, l.Prompt())
	case l.HeadedForTruth():
		l.Optimum.Set(l.Reference(), l.True(), l.Beta())
	}
}

// WorkingOut tells that where the run is headed is being worked out.
func (l *Lab) WorkingOut() bool { return l.fit != nil || l.heading != nil || !l.Launch.Ready }

// HasOptimum tells whether it is known where the run is headed, be it an
// optimum or a limit that is never reached, and may be shown. Optimum then holds
// the policy there and its KL, and its other fields too if there are Scores.
func (l *Lab) HasOptimum() bool {
	return !l.Veiled() && l.headsSomewhere()
}

// Veiled tells that where the run is headed is not to be shown, nor said: a lesson
// or a link hides it until a bet is placed.
func (l *Lab) Veiled() bool { return l.Experiment.View.Hides(HideOptimum) }

// KLVeiled tells that how far from the reference the run is headed is not to be
// shown: the optimum is hidden, or its distance alone.
func (l *Lab) KLVeiled() bool { return l.Veiled() || l.Experiment.View.Hides(HideKL) }

func (l *Lab) headsSomewhere() bool {
	return l.Scores != nil && l.Scores.Computed || l.Destination != nil && l.Destination.LogPi != nil || l.headedForReward()
}

// CanArrive tells whether what the run is headed for is an optimum that it can
// arrive at, and not a limit.
func (l *Lab) CanArrive() bool {
	return l.Scores != nil && l.Scores.Finite || l.Destination != nil && l.Destination.Finite || l.headedForReward()
}

// headedForReward tells that the run is headed for the optimum of a reward that
// does not change on the way: RLHF's, or under online DPO the annotators' own.
func (l *Lab) headedForReward() bool { return l.headedForTilt() || l.HeadedForTruth() }

// headedForTilt tells that RLHF is headed for the reference tilted by its reward:
// its policy is a table.
func (l *Lab) headedForTilt() bool {
	return l.Scout() != nil && l.Experiment.Settings[PolicyChoice] == train.TabularPolicy
}

// headForReward starts working out where RLHF of a linear policy is headed, once
// its reward is known.
func (l *Lab) headForReward() {
	if l.Scout() != nil && !l.headedForTilt() {
		l.heading = optimum.NewRewardHeading(l.Scout(), l.Prompt())
	}
}

// Headings writes the scores s such that the run is headed for π_ref e^(s/β)/Z
// at every β, or what stands there with another leash, and tells whether there
// are any.
func (l *Lab) Headings(dst []float64) (scores []float64, leash rlhf.Leash, ok bool) {
	dst = dst[:0]
	switch from, to := l.Problem.Range(l.Prompt()); {
	case !l.HasOptimum():
		return dst, rlhf.LeashInReward, false
	case l.Scores != nil:
		dst = append(dst, l.Scores.Score...)
	case l.headedForTilt():
		return append(dst, l.Scout().Reward()[from:to]...), l.Scout().Cfg.Leash, true
	case l.HeadedForTruth():
		dst = append(dst, l.True()...)
	case l.headedByMargins():
		for k, lp := range l.Destination.LogPi {
			dst = append(dst, l.Beta()*(lp-l.Reference()[k]))
		}
	}
	return dst, rlhf.LeashInReward, len(dst) > 0 && !slices.ContainsFunc(dst, math.IsNaN)
}

// headedByMargins tells that β times the log-ratios at the destination are the
// same at every β, and known exactly: the loss depends on the policy through
// u = βh alone, or is IPO's, which is (u − ½)²/β². Descent on logits then moves
// βd along one and the same path; β sets the pace only.
func (l *Lab) headedByMargins() bool {
	d := l.Destination
	if d == nil || d.LogPi == nil || !d.Closed || l.Experiment.Start != nil && d.Kind != optimum.KindUnique {
		return false
	}
	o := l.Experiment.Settings.Objective()
	_, one := data.OneLength(l.Problem.TokensOf(l.Prompt()))
	return o.Reference && o.ByMargin(one)
}

// HeadedOneByOne tells that where the run is headed can be worked out at other
// β, too, by finding each destination for itself.
func (l *Lab) HeadedOneByOne() bool {
	d := l.Destination
	return d != nil && d.LogPi != nil && !l.Veiled() && !l.WorkingOut() && l.Experiment.Settings.headedAlone(len(l.Problem.Prompts)) &&
		(d.Closed || l.Arms() <= MostFollowed)
}
