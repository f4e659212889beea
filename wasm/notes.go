//go:build js

package main

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/rlhf"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// notes are the sentences beside the controls.
type notes struct{ *app }

func (nt *notes) register(on *handlers) {
	nt.keep(on, "agreement", nt.agreement, theData, core.Source, core.Votes, core.Sharpness, core.Flip, core.Coverage, core.Seed)
	nt.keep(on, "objective-note", nt.objective, core.ObjectiveChoice, core.How, core.RewardFit)
	nt.keep(on, "beta-role", nt.betaRole, theData, core.ObjectiveChoice)
	nt.keep(on, "reads-note", func() string { return read.Reads(nt.lab, nt.words) },
		theData, core.ObjectiveChoice, core.How, core.Baseline, core.Desirable, core.Undesirable)
	nt.keep(on, "preset-note", nt.presetNote, theName)
	nt.keep(on, "data-teaser", nt.dataTeaser, theData, core.Source)
	nt.keep(on, "more-teaser", nt.moreTeaser, core.How, core.Judged, core.EstimatorChoice, core.Replies, core.Batch, core.Rate, core.Optimizer)
	nt.keep(on, "equal-note", nt.equalSpeed, core.EqualSpeed, core.Rate, core.Beta, core.Optimizer, core.ObjectiveChoice, core.How)
}

// keep has an element tell what depends on some facts.
func (nt *notes) keep(on *handlers, id string, text func() string, facts ...fact) {
	on.shows(func() { nt.page.ByID(id).SetText(text()) }, facts...)
}

func (nt *notes) agreement() string {
	s := &nt.lab.Experiment.Settings
	if s[core.Source] == core.FromGiven || !(nt.lab.Problem.Total > 0) {
		return ""
	}
	return nt.words.Say("data.agreement", "share", words.Percent(facts.Agreement(nt.lab.Problem)))
}

func (nt *notes) objective() string {
	s := &nt.lab.Experiment.Settings
	switch how := s[core.How]; {
	case how == core.LearnByRLHF && s[core.RewardFit] == core.FitNothing:
		return nt.words.Say("param.how.rlhf.own.note")
	case how != core.LearnDirectly:
		return nt.words.Say("param.how." + core.Params()[core.How].Choices[int(how)] + ".note")
	}
	return nt.words.Say("objective." + s.Objective().Key + ".note")
}

func (nt *notes) betaRole() string {
	if nt.lab.Experiment.Settings.Objective().Key == "dpo" {
		return ""
	}
	return read.BetaRole(nt.lab, nt.words)
}

func (nt *notes) equalSpeed() string {
	s := &nt.lab.Experiment.Settings
	if s[core.EqualSpeed] == 0 {
		return nt.words.Say("param.equal.help")
	}
	return nt.words.Say("param.equal.now", "rate", words.Short(s.EffectiveRate(nt.lab.Beta())))
}

func (nt *notes) presetNote() string {
	e := &nt.lab.Experiment
	switch {
	case e.File != nil && e.Prompts != nil:
		return nt.words.Say("preset.file.note", "name", e.File.Name)
	case e.Prompts != nil:
		return nt.words.Say("preset.own.note")
	}
	return nt.words.Say("preset." + e.Preset + ".note")
}

func (nt *notes) dataTeaser() string {
	s := &nt.lab.Experiment.Settings
	n := words.Count(nt.lab.Problem.Total)
	switch s[core.Source] {
	case core.FromVotes:
		return nt.words.Say(nt.words.Form("data.teaser.votes", int(nt.lab.Problem.Total)), "n", n)
	case core.FromPopulation:
		return nt.words.Say("data.teaser.population")
	}
	p := nt.lab.Problem
	key := "data.teaser.given"
	if len(p.Thumbs) > 0 {
		if key = "data.teaser.thumbs"; p.Total > 0 {
			key = "data.teaser.both"
		}
	}
	return nt.words.Say(nt.words.Form(key, int(p.Total)), "n", n, "up", words.Count(p.Ups), "down", words.Count(p.Downs))
}

func (nt *notes) moreTeaser() string {
	s := &nt.lab.Experiment.Settings
	batch := nt.words.Say("more.full")
	switch {
	case s[core.How] == core.LearnOnline:
		batch = nt.words.Say(nt.words.Form("more.pairs", int(s[core.Judged])), "n", strconv.Itoa(int(s[core.Judged])))
	case s[core.How] == core.LearnByRLHF && s[core.EstimatorChoice] == float64(rlhf.ExactGradient):
		batch = nt.words.Say("more.exact")
	case s[core.How] == core.LearnByRLHF:
		batch = nt.words.Say(nt.words.Form("more.replies", int(s[core.Replies])), "n", strconv.Itoa(int(s[core.Replies])))
	case s[core.Batch] > 0:
		batch = nt.words.Say("more.batch", "n", strconv.Itoa(int(s[core.Batch])))
	}
	return nt.words.Say("more.teaser", "rate", words.Short(s[core.Rate]),
		"optimiser", nt.words.Say("param.opt."+core.Params()[core.Optimizer].Choices[int(s[core.Optimizer])]), "batch", batch)
}
