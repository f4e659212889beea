//go:build js

package main

import (
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/view"
)

// notes are the sentences beside the controls.
type notes struct {
	*app
	beta   string // what β meant when it was last told: see read.BetaRole
	papers string // those that are linked
}

func (nt *notes) register(on *handlers) {
	nt.keep(on, "agreement", nt.agreement, theData, core.Source, core.Votes, core.Sharpness, core.Flip, core.Coverage, core.Seed)
	nt.keep(on, "objective-note", nt.objective, core.ObjectiveChoice, core.How, core.RewardFit)
	on.shows(nt.tellBeta, core.ObjectiveChoice, core.How)
	on.shows(nt.linkPapers, core.ObjectiveChoice, core.How, core.EstimatorChoice, core.RefEvery, core.ClipHigh)
	nt.keep(on, "versus-beta", nt.comparedBetas, core.ObjectiveChoice, core.How, theCompared)
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

// tellBeta says what β means wherever it stands for something else than in DPO, and
// that it means something else now where another loss has just been chosen.
func (nt *notes) tellBeta() {
	s := &nt.lab.Experiment.Settings
	was, role := nt.beta, read.BetaRole(s, nt.words)
	nt.beta = role
	meaning := nt.words.Say("beta.role." + role)
	changed := meaning
	if was != "" && was != role {
		changed = nt.words.Say("beta.now", "role", meaning)
	} else if read.IsDPOsBeta(s) {
		changed = ""
	}
	nt.page.ByID("beta-title-text").SetText(nt.words.Say("beta.title." + role))
	nt.page.ByID("beta-role").SetText(changed)
	if read.IsDPOsBeta(s) {
		meaning = ""
	}
	nt.page.WriteOut("beta.role", meaning)
}

// linkPapers names the papers that what learns is from, with a link to each that is
// on arXiv. Nothing is asked of another host until a link is followed.
func (nt *notes) linkPapers() {
	papers := read.Papers(&nt.lab.Experiment.Settings)
	if papers == nt.papers {
		return
	}
	nt.papers = papers
	line := nt.page.ByID("papers")
	line.Call("replaceChildren")
	for _, piece := range objective.Citations(papers) {
		name, _ := strings.CutSuffix(piece.Text, "arXiv:"+piece.ID)
		if line.Call("append", name); piece.ID != "" {
			link := nt.page.Make(line.Value, "a", "")
			link.Set("textContent", "arXiv:"+piece.ID)
			link.Set("href", "https://arxiv.org/abs/"+piece.ID)
			link.Set("rel", "noreferrer")
			link.Set("target", "_blank")
		}
	}
}

// comparedBetas says what β means to the runs beside the present one, where it
// means something else there.
func (nt *notes) comparedBetas() string {
	told := map[string]bool{read.BetaRole(&nt.lab.Experiment.Settings, nt.words): true}
	var said []string
	for _, l := range nt.versus.runs() {
		s := &l.Experiment.Settings
		if role := read.BetaRole(s, nt.words); !told[role] {
			told[role] = true
			said = append(said, nt.words.Say("beta.under", "run", view.RunName(l, nt.words), "role", nt.words.Say("beta.role."+role)))
		}
	}
	return strings.Join(said, " ")
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
