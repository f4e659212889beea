package read

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// ReachedBy says what a lab's optimum is.
func ReachedBy(l *core.Lab) picture.Reached {
	switch {
	case !l.HasOptimum():
		return picture.Unknown
	case l.CanArrive():
		return picture.Reachable
	}
	return picture.NeverReached
}

// Arrives says in a few sentences whether the run converges, and where it is
// headed. What is not established is not said.
func Arrives(l *core.Lab, w words.Words) string {
	switch s := &l.Experiment.Settings; {
	case facts.Diverged(l):
		return w.Say("arrives.diverged")
	case l.Veiled():
		return w.Say("arrives.hidden")
	case l.WorkingOut():
		return w.Say("arrives.working")
	case s[core.How] == core.LearnDirectly && !l.Heard():
		return w.Say("arrives.novotes")
	case s[core.How] != core.LearnDirectly:
		return byReward(l, w)
	case facts.Finite(l) == facts.Yes:
		return Sentences(moving(l, w), stable(l, w), several(l, w))
	case facts.Finite(l) == facts.No:
		return never(l, w)
	case s[core.RefEvery] > 0:
		return w.Say("headed.moving")
	}
	return w.Say("headed.unknown")
}

// NeverArrives tells that a run by preferences is known to have no finite optimum.
func NeverArrives(l *core.Lab) bool {
	return !l.WorkingOut() && l.Heard() && facts.Finite(l) == facts.No
}

// Sentences puts those that are not empty one after the other.
func Sentences(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}

// moving says how the run moves: whether it has converged, what was measured on its
// last steps, or else whether it is proved to converge.
func moving(l *core.Lab, w words.Words) string {
	m := facts.Measured(l)
	n := strconv.Itoa(m.Steps)
	switch {
	case facts.Converged(l) == facts.Yes:
		return w.Say("arrives.here")
	case facts.Rests(l):
		return w.Say("arrives.rests")
	case m.Oscillates(l) == facts.Yes:
		return w.Say("arrives.swings", "n", n)
	case m.Jitters() == facts.Yes:
		return w.Say("arrives.jitters", "n", n, "path", points(m.Path), "net", points(m.Net))
	case facts.Converges(l) == facts.Yes:
		return w.Say("arrives.yes", "rate", words.Short(facts.SettlesBelow(l)))
	case m.Approaches() == facts.Yes:
		return w.Say("arrives.closer", "n", n)
	case l.Experiment.Settings[core.How] == core.LearnDirectly:
		return w.Say("arrives.finite")
	}
	return ""
}

// stable says at which learning rates SGD is stable at the optimum, where this run's
// is none of them.
func stable(l *core.Lab, w words.Words) string {
	s := &l.Experiment.Settings
	if s[core.Batch] > 0 || !l.Overshoots() {
		return ""
	}
	return w.Say("arrives.rate", "rate", words.Short(l.LargestStableRate()))
}

// several says that there are other optima beside the one shown, and why.
func several(l *core.Lab, w words.Words) string {
	d := l.Destination
	family := d == nil && !l.Scores.Unique || d != nil && d.Kind == optimum.KindFamily
	switch n := facts.Parts(l); {
	case family && n > 1 && l.Experiment.Settings[core.PolicyChoice] == train.TabularPolicy:
		return w.Say("arrives.family", "n", strconv.Itoa(n))
	case family:
		return w.Say("headed.family")
	case d != nil && d.Kind == optimum.KindStart:
		return w.Say("headed.start")
	case d != nil && d.Kind == optimum.KindUnanchored:
		return w.Say("headed.unanchored")
	}
	return ""
}

// byReward says how a run of RLHF or of online DPO moves, and what its optimum is.
func byReward(l *core.Lab, w words.Words) string {
	s, learner := &l.Experiment.Settings, l.RLHF()
	linear := s[core.PolicyChoice] == train.LinearPolicy
	switch {
	case learner == nil && linear:
		return w.Say("arrives.online.linear")
	case learner == nil && l.HasOptimum():
		return Sentences(moving(l, w), w.Say("arrives.online"))
	case learner == nil:
		return w.Say("arrives.online.noisy")
	}
	key, status := "arrives.rlhf.own", w.Say("reward.status."+string(learner.RewardStatus()))
	switch {
	case s[core.Fresh] > 0:
		return Sentences(w.Say("arrives.rlhf.fresh"), status)
	case linear:
		key = "arrives.rlhf.linear"
	case s[core.LeashChoice] == float64(rlhf.LeashK3Loss):
		key = "arrives.rlhf.loss"
	}
	return Sentences(moving(l, w), w.Say(key), status)
}

// never says that there is no finite optimum, why, and what the limit is.
func never(l *core.Lab, w words.Words) string {
	name := func(k int) string { return Cut(Told(l.Problem.Prompts[l.Prompt()].Replies, k), 24) }
	list := []string{w.Say("arrives.never")}
	if d := l.Destination; d != nil && d.Kind == optimum.KindUnbounded {
		list = append(list, w.Say("headed.unbounded"))
	}
	if a, b, ok := facts.OneSided(l); ok && facts.EndsInLimit(l) {
		list = append(list, w.Say("arrives.unanimous", "chosen", name(a), "rejected", name(b)))
	}
	if top, share, ok := facts.Leading(l); ok {
		list = append(list, w.Say("arrives.limit", "reply", name(top), "share", words.Percent(share)))
	} else {
		list = append(list, w.Say("headed.endless"))
	}
	return Sentences(list...)
}

// quotedLength is the number of characters of a reply that a sentence quotes.
const quotedLength = 40

// Quoted cuts a text to what fits a sentence.
func Quoted(text string) string { return Cut(text, quotedLength) }

// Cut shortens a text to at most so many characters, at a space if there is
// one near.
func Cut(text string, most int) string {
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	end := most - 1
	for i := end; i > most*2/3; i-- {
		if r[i] == ' ' {
			end = i
			break
		}
	}
	return strings.TrimRight(string(r[:end]), " ,.;:") + "…"
}

// A Story tells in words what a run's last step did.
type Story struct {
	flow train.Flow
	now  []float64
	was  []float64
}

// Tell says what the step to where the run stands did to the shown prompt. The
// view names the replies that are shown, the rest counting as one.
func (s *Story) Tell(l *core.Lab, v *Shown, w words.Words) string {
	step := l.Run.StepCount()
	switch {
	case step == 0 && l.Experiment.Start != nil:
		return w.Say("said.start.elsewhere", "kl", words.Fixed(l.Now(), 3))
	case step == 0:
		return w.Say("said.start")
	}
	if rlhf := l.RLHF(); rlhf != nil && step > 0 && rlhf.PolicyStep() == 0 {
		return w.Say("said.fitting", "step", words.Count(float64(step)))
	}
	s.now = v.Reduce(s.now, l.Policy())
	s.was = v.Reduce(s.was, l.Before)
	s.flow.Between(s.was, s.now)
	gainer, giver, ok := s.flow.MainGain()
	if !ok || s.flow.Gained(gainer) < 5e-7 {
		return w.Say("said.still", "step", words.Count(float64(step)))
	}
	gain := s.flow.Gained(gainer)
	return w.Say("said.moved", "step", words.Count(float64(step)), "points", points(gain),
		"gainer", v.Name(l, gainer, w), "giver", v.Name(l, giver, w),
		"share", words.Percent(s.flow.Net[giver*s.flow.K+gainer]/s.flow.Received(gainer)))
}

// Rose tells whether a bar gained in the step last told.
func (s *Story) Rose(bar int) bool { return bar < s.flow.K && s.flow.Gained(bar) > 0 }

// points writes a change of probability in percentage points with two
// significant digits.
func points(p float64) string {
	p = math.Abs(100 * p)
	switch {
	case p >= 10:
		return words.Fixed(p, 0)
	case p >= 1:
		return words.Fixed(p, 1)
	case p >= 0.1:
		return words.Fixed(p, 2)
	case p >= 0.01:
		return words.Fixed(p, 3)
	}
	return words.Fixed(p, 4)
}
