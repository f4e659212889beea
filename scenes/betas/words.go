package betas

import (
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// Said tells in a sentence or two what stands side by side, from the
// numbers.
func Said(s *Betas, lead *core.Lab, w words.Words) string {
	if len(s.columns) == 0 {
		return ""
	}
	settings := &lead.Experiment.Settings
	least, most, far := s.extremes()
	low := &s.columns[0]
	switch {
	case settings[core.How] == core.LearnDirectly && settings.Objective().Beta == objective.BetaUnused:
		return w.Say("betas.said.unused")
	case far == nil:
		return s.saidNow(least, most, w)
	case far.klOptimum < 0.0005 && most.kl < 0.0005:
		return w.Say("betas.said.reference")
	case most.kl < 0.0005:
		return w.Say("betas.said.start") + " " + s.saidHeaded(far, w)
	case far.klOptimum-s.nearest().klOptimum < 0.0005:
		return w.Say("betas.said.speed", "n", s.steps(w), "most", chart.BetaText(most.beta), "kl", short(most.kl), "least", chart.BetaText(least.beta),
			"other", short(least.kl), "headed", s.headed(w), "all", short(far.klOptimum)) + s.saidArrived(w)
	case far == low && least == low && most.kl-least.kl > 0.0005:
		return read.Sentences(s.saidLag(least, w), s.why(settings, w))
	case far == most:
		return s.saidOrder(far, w) + s.saidArrived(w)
	}
	return read.Sentences(w.Say("betas.said.between", "n", s.steps(w), "most", chart.BetaText(most.beta), "kl", short(most.kl), "far", chart.BetaText(far.beta),
		"now", short(far.kl), "optimum", short(far.klOptimum), "headed", s.headed(w)), s.why(settings, w))
}

// extremes are the columns that have moved least and most, and the one that is
// headed furthest: nil unless that is known of all. Of equals it is the smaller β.
func (s *Betas) extremes() (least, most, far *column) {
	known := true
	for i := range s.columns {
		c := &s.columns[i]
		if least == nil || c.kl < least.kl {
			least = c
		}
		if most == nil || c.kl > most.kl {
			most = c
		}
		if far == nil || c.klOptimum > far.klOptimum+1e-9 {
			far = c
		}
		known = known && chart.Legible(c.klOptimum)
	}
	if !known {
		far = nil
	}
	return least, most, far
}

// nearest is the column that is headed least far.
func (s *Betas) nearest() *column {
	near := &s.columns[0]
	for i := range s.columns {
		if c := &s.columns[i]; c.klOptimum < near.klOptimum {
			near = c
		}
	}
	return near
}

// short writes a divergence in a sentence.
func short(kl float64) string { return words.Fixed(kl, 3) }

func (s *Betas) steps(w words.Words) string {
	return w.Say(w.Form("betas.steps", s.step), "n", words.Count(float64(s.step)))
}

// headed is what stands for "at the optimum" where there is none to arrive at.
func (s *Betas) headed(w words.Words) string {
	if s.reached() == picture.NeverReached {
		return w.Say("betas.headed.limit")
	}
	return w.Say("betas.headed.optimum")
}

// saidNow tells how far the columns are where it is not known what they are
// headed for.
func (s *Betas) saidNow(least, most *column, w words.Words) string {
	if most.kl < 0.0005 {
		return w.Say("betas.said.start")
	}
	return w.Say("betas.said.now", "n", s.steps(w), "most", chart.BetaText(most.beta), "kl", short(most.kl), "least", chart.BetaText(least.beta), "other", short(least.kl))
}

// saidHeaded tells where all are headed.
func (s *Betas) saidHeaded(far *column, w words.Words) string {
	near := s.nearest()
	if far.klOptimum-near.klOptimum < 0.0005 {
		return w.Say("betas.said.same", "kl", short(far.klOptimum), "headed", s.headed(w))
	}
	return w.Say("betas.said.headed", "far", chart.BetaText(far.beta), "kl", short(far.klOptimum), "near", chart.BetaText(near.beta),
		"other", short(near.klOptimum), "headed", s.headed(w))
}

// saidLag tells that the smallest β has moved least and is headed furthest.
func (s *Betas) saidLag(least *column, w words.Words) string {
	return w.Say("betas.said.lag", "n", s.steps(w), "beta", chart.BetaText(least.beta), "kl", short(least.kl), "headed", s.headed(w),
		"optimum", short(least.klOptimum))
}

// saidOrder tells that the one that is headed furthest has moved furthest.
func (s *Betas) saidOrder(far *column, w words.Words) string {
	return w.Say("betas.said.order", "n", s.steps(w), "beta", chart.BetaText(far.beta), "kl", short(far.kl), "headed", s.headed(w), "optimum", short(far.klOptimum))
}

// saidArrived tells which columns have come to rest.
func (s *Betas) saidArrived(w words.Words) string {
	n, last := 0, &s.columns[0]
	for i := range s.columns {
		if c := &s.columns[i]; c.arrived >= 0 {
			n++
			if c.arrived >= last.arrived {
				last = c
			}
		}
	}
	switch {
	case s.step == 0 || n == 0:
		return ""
	case n == len(s.columns):
		return " " + w.Say("betas.said.arrived", "beta", chart.BetaText(last.beta), "n", words.Count(float64(last.arrived)))
	}
	return " " + w.Say("betas.said.some", "n", strconv.Itoa(n), "all", strconv.Itoa(len(s.columns)))
}

// why tells what β does to the steps of this loss.
func (s *Betas) why(settings *core.Settings, w words.Words) string {
	adaptive := settings[core.Optimizer] == train.Adam || settings[core.Optimizer] == train.RMSprop
	o := settings.Objective()
	switch {
	case settings[core.How] != core.LearnDirectly:
		return ""
	case settings[core.EqualSpeed] == 1 && settings.EqualSpeedOffered():
		return w.Say("betas.why.equal")
	case adaptive:
		return w.Say("betas.why.adaptive", "opt", w.Say("param.opt."+core.Params()[core.Optimizer].Choices[int(settings[core.Optimizer])]))
	case o.Beta == objective.BetaTarget && o.Margin != nil:
		return w.Say("betas.why.target")
	case o.Beta != objective.BetaTarget && o.Reference && o.ByMargin(false):
		return w.Say("betas.why.factor")
	}
	return ""
}

// Shared tells what all columns share, and what of the picture holds only
// with a condition.
func Shared(s *Betas, lead *core.Lab, w words.Words) string {
	settings := &lead.Experiment.Settings
	list := []string{w.Say("betas.shared", "rate", words.Short(settings[core.Rate]))}
	if n := len(s.columns); n > 0 && settings[core.EqualSpeed] == 1 && settings.EqualSpeedOffered() {
		low, high := s.columns[0].beta, s.columns[n-1].beta
		list[0] = w.Say("betas.shared.equal", "low", chart.BetaText(low), "first", words.Short(settings.EffectiveRate(low)), "high", chart.BetaText(high), "last", words.Short(settings.EffectiveRate(high)))
	}
	sweep := lead.Sweep
	switch {
	case settings[core.How] == core.LearnDirectly && settings[core.Batch] > 0:
		list = append(list, w.Say(w.Form("betas.note.batch", int(settings[core.Batch])), "n", strconv.Itoa(int(settings[core.Batch]))))
	case sweep != nil && !sweep.Sweeps() && lead.Large():
		list = append(list, w.Say("betas.note.large"))
	case sweep != nil && !sweep.Sweeps():
		list = append(list, w.Say("betas.note.drawn"))
	}
	switch {
	case lead.KLVeiled():
		list = append(list, w.Say("arrives.hidden"))
	case sweep != nil && sweep.AtOptimum == nil:
		list = append(list, w.Say("betas.note.unknown"))
	case sweep != nil && sweep.Unfollowed:
		list = append(list, w.Say("betas.note.unfollowed", "n", strconv.Itoa(core.MostFollowed)))
	case sweep != nil && sweep.Every > 1:
		list = append(list, w.Say("betas.note.points"))
	case lead.Scores != nil && lead.Scores.Computed && !lead.Scores.Unique && lead.Scores.Finite:
		list = append(list, w.Say("arrives.family", "n", strconv.Itoa(facts.Parts(lead))))
	}
	if s.kl.Star > 0 {
		list = append(list, w.Say(w.Form("axis.note", s.kl.Steps), "star", chart.BetaText(s.kl.Star), "n", words.Count(float64(s.kl.Steps))))
	}
	return strings.Join(list, " ")
}
