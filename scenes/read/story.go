package read

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core"
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

// hereTolerance is how close every probability must be to the optimum's for
// the policy to be called there: half of the last digit that is shown.
const hereTolerance = 0.0005

// atOptimum tells whether the policy on screen is at the optimum, to the
// digits shown.
func atOptimum(l *core.Lab) bool {
	if ReachedBy(l) != picture.Reachable {
		return false
	}
	for k, lp := range l.Policy() {
		if math.Abs(math.Exp(lp)-math.Exp(l.Optimum.LogPi[k])) > hereTolerance {
			return false
		}
	}
	return true
}

// Arrives says in a sentence whether the run can arrive where it is headed,
// and why.
func Arrives(l *core.Lab, w words.Words) string {
	s := &l.Experiment.Settings
	switch {
	case l.Run.Diverged():
		return w.Say("arrives.diverged")
	case l.WorkingOut():
		return w.Say("arrives.working")
	case s[core.How] != core.LearnDirectly:
		return byReward(l, w)
	case !l.Heard():
		return w.Say("arrives.novotes")
	case l.Scores == nil:
		return headed(l, w)
	case !l.Scores.Computed:
		return w.Say("arrives.notcomputed")
	case !l.Scores.Finite:
		return never(l, w)
	case s[core.Batch] > 0:
		return w.Say(w.Form("arrives.batch", int(s[core.Batch])), "n", strconv.Itoa(int(s[core.Batch])))
	case l.Overshoots():
		return w.Say("arrives.swings", "rate", words.Short(l.LargestStableRate()))
	case !l.Scores.Unique && (s[core.Optimizer] == train.Adam || s[core.Optimizer] == train.RMSprop):
		return w.Say("arrives.adamfamily", "optimiser", optimiser(l, w))
	case !l.Scores.Unique:
		return w.Say("arrives.family")
	case atOptimum(l):
		return w.Say("arrives.here")
	}
	return w.Say("arrives.yes")
}

// byReward says where RLHF and online DPO are headed.
func byReward(l *core.Lab, w words.Words) string {
	s := &l.Experiment.Settings
	learner := l.RLHF()
	switch {
	case learner == nil && s[core.PolicyChoice] == train.LinearPolicy:
		return w.Say("arrives.online.linear")
	case learner == nil && l.HasOptimum():
		return w.Say("arrives.online")
	case learner == nil:
		return w.Say("arrives.online.noisy")
	}
	sentence, cfg := w.Say("arrives.rlhf.noisy"), learner.Config()
	quiet := cfg.Quietens(len(l.Problem.Prompts))
	switch exact := cfg.How == rlhf.ExactGradient; {
	case s[core.Fresh] > 0:
		sentence = w.Say("arrives.rlhf.fresh")
	case quiet && learner.Stage() == 2 && atOptimum(l):
		sentence = w.Say("arrives.here.reward")
	case quiet && !exact:
		sentence = w.Say("arrives.rlhf.drawn")
	case exact && s[core.PolicyChoice] == train.LinearPolicy:
		sentence = w.Say("arrives.rlhf.linear")
	case exact && s[core.LeashChoice] == float64(rlhf.LeashK3Loss):
		sentence = w.Say("arrives.rlhf.loss")
	case exact && learner.RewardStatus() == rlhf.RewardCustom:
		sentence = w.Say("arrives.rlhf.own")
	case exact:
		sentence = w.Say("arrives.rlhf.exact")
	}
	return sentence + " " + w.Say("reward.status."+string(learner.RewardStatus()))
}

// headed tells where an objective other than DPO is headed.
func headed(l *core.Lab, w words.Words) string {
	s := &l.Experiment.Settings
	switch {
	case l.Destination != nil && l.CanArrive() && atOptimum(l):
		return w.Say("arrives.here.pushes")
	case l.Destination != nil && l.CanArrive() && l.Overshoots():
		return w.Say("headed.overshoots", "rate", words.Short(l.LargestStableRate()))
	case l.Destination != nil:
		return destined(l, w)
	case s[core.RefEvery] > 0:
		return w.Say("headed.moving")
	}
	return w.Say("headed.unknown")
}

// destined tells the kind of a destination, and what large steps, or another
// optimiser than SGD, make of it.
func destined(l *core.Lab, w words.Words) string {
	d := l.Destination
	sentence := w.Say(d.Key(l.Experiment.Settings.Objective()))
	if d.Bent {
		sentence += " " + w.Say("headed.bent")
	}
	switch d.Kind {
	case optimum.KindFamily, optimum.KindLimit, optimum.KindStart, optimum.KindUnbounded:
		sentence += ofSGD(l, w)
	}
	return sentence
}

// ofSGD adds that another optimiser may lead elsewhere than shown, where it may.
func ofSGD(l *core.Lab, w words.Words) string {
	o := l.Experiment.Settings[core.Optimizer]
	if o != train.Adam && o != train.RMSprop {
		return ""
	}
	return " " + w.Say("arrives.sgd", "optimiser", optimiser(l, w))
}

// optimiser names the run's.
func optimiser(l *core.Lab, w words.Words) string {
	info := &core.Params()[core.Optimizer]
	return w.Say("param." + info.Key + "." + info.Choices[int(l.Experiment.Settings[core.Optimizer])])
}

// never tells which replies keep all the probability in the limit, and that
// it is a limit.
func never(l *core.Lab, w words.Words) string {
	name := func(k int) string { return Cut(Told(l.Problem.Prompts[l.Prompt()].Replies, k), 24) }
	kept := l.Scores.Survivors
	sentence := ""
	switch len(kept) {
	case 0:
		return w.Say("arrives.notcomputed")
	case 1:
		sentence = w.Say("arrives.never.one", "reply", name(kept[0]))
	case 2:
		sentence = w.Say("arrives.never.two", "reply", name(kept[0]), "other", name(kept[1]))
	default:
		sentence = w.Say("arrives.never.many", "n", strconv.Itoa(len(kept)), "reply", name(kept[0]))
	}
	return sentence + ofSGD(l, w)
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
	key := "said.moved"
	if s.flow.Net[giver*s.flow.K+gainer] > 0.995*gain {
		key = "said.moved.all"
	}
	return w.Say(key, "step", words.Count(float64(step)), "points", points(gain),
		"gainer", v.Name(l, gainer, w), "giver", v.Name(l, giver, w))
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
