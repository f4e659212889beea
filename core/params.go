package core

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// A Param names one setting of an experiment.
type Param int

// The settings, in the order in which a link lists them.
const (
	Beta        Param = iota // β, the strength of the leash to the reference
	Smoothing                // ε, the label-flip rate that an objective assumes; DPO with it is cDPO
	Rate                     // learning rate
	EqualSpeed               // 1: the learning rate follows β so that runs move at one speed
	Optimizer                // how a gradient becomes a step
	Batch                    // votes in a minibatch; 0 is the full batch
	Steps                    // length of the timeline
	Step                     // where on the timeline
	Source                   // where preferences come from
	Votes                    // votes drawn for each prompt
	Sharpness                // factor on reward differences in the annotators' heads
	Flip                     // share of votes recorded the wrong way round
	Coverage                 // which pairs are compared at all
	Reference                // where the reference policy comes from
	Temperature              // of a drawn reference: small is peaked, large is flat
	Seed                     // of everything drawn
	ShownPrompt              // the prompt on screen, from 0
	Speed                    // of play

	ObjectiveChoice // the loss, as an index into Objectives
	Gamma           // γ of SimPO; like the next ones read only by objectives that have it
	Lambda          // λ of DPOP
	Alpha           // α of the α-divergence
	Delta           // δ of BCO
	Tau             // τ of DiscoPOP
	RMax            // R of χPO
	Desirable       // λ_D, the weight of thumbs up
	Undesirable     // λ_U, the weight of thumbs down
	NLLWeight       // κ, the weight of −log π(w) in RPO, MPO and CPO
	BCOShare        // ρ, the share of BCO in MPO
	Baseline        // what KTO's z₀ is
	MomentumFactor  // μ of Momentum
	PolicyChoice    // what the policy's logits are made of
	RefEvery        // steps after which the policy becomes the reference; 0 keeps it frozen
	RefMix          // how much of the policy goes into the reference then; 1 is all

	How             // what learns from the votes: a loss on them, RLHF, or online DPO
	EstimatorChoice // how RLHF has its gradient; like the next ones read only by RLHF
	Replies         // generated for a step
	Group           // replies in a row to one prompt, for RLOO and GRPO
	Epochs          // passes over them, of PPO and GRPO
	Minibatches     // updates in a pass
	Clip            // ε of PPO's clip
	ClipHigh        // ε of its upper bound, as DAPO has it; 0 is the same as Clip
	ValueRate       // learning rate of PPO's value model; 0: no such model
	Normalise       // GRPO: advantages are divided by their spread
	LeashChoice     // whether β KL is taken off the reward or added to the loss
	RewardFit       // whether the reward model is fitted to the end, for some steps, or not at all
	RewardSteps     // how many
	RewardRate      // learning rate of the reward model
	RewardL2        // λ, its penalty
	Fresh           // policy steps after which new votes are asked for; 0 for never
	Every           // of online DPO: steps after which new votes are asked for
	Judged          // pairs of replies judged then
	Refit           // steps of the reward model after new votes

	ViewChoice // how the experiment is looked at; it changes no number
	Beside     // the curves beside the present one in the loss view; nor does this
	ParamCount
)

// Values of the settings that are choices, as indices into their Choices.
const (
	FromVotes, FromPopulation, FromGiven = 0, 1, 2

	CoverAll, CoverChain, CoverFirst, CoverHalf, CoverSeen = 0, 1, 2, 3, 4

	ReferencePreset, ReferenceUniform, ReferenceDrawn = 0, 1, 2

	BaselineBatch, BaselineKL = 0, 1

	LearnDirectly, LearnByRLHF, LearnOnline = 0, 1, 2

	FitToTheEnd, FitBySteps, FitNothing = 0, 1, 2

	ViewMass, ViewBetas, ViewLandscape, ViewFrontier, ViewLoss, ViewRace = 0, 1, 2, 3, 4, 5

	BesideLosses, BesideAll, BesideBetas, BesideNothing = 0, 1, 2, 3
)

// A Scale says how a control spreads a setting's values.
type Scale int

// The scales.
const (
	Linear Scale = iota
	Logarithmic
)

// A ParamInfo says what one setting is and what is allowed. Its words — name,
// help — are in the catalogue under "param." and its Key.
type ParamInfo struct {
	Key      string
	Min, Max float64
	Default  float64
	Scale    Scale
	Whole    bool     // only whole numbers
	Choices  []string // names of the values 0, 1, ...; nil for a number
}

// EqualSpeedBeta is the β at which equal speed leaves the learning rate as it is.
const EqualSpeedBeta = 0.5

// Params returns the table of settings, indexed by Param. Controls, links and
// tests all read it.
func Params() *[ParamCount]ParamInfo { return &params }

var params = [ParamCount]ParamInfo{
	Beta:        {Key: "beta", Min: 0.01, Max: 5, Default: 0.5, Scale: Logarithmic},
	Smoothing:   {Key: "eps", Min: 0, Max: 0.5},
	Rate:        {Key: "lr", Min: 0.001, Max: 1000, Default: 0.4, Scale: Logarithmic},
	EqualSpeed:  {Key: "equal", Max: 1, Whole: true, Choices: []string{"off", "on"}},
	Optimizer:   {Key: "opt", Max: 3, Whole: true, Choices: []string{"sgd", "adam", "momentum", "rmsprop"}},
	Batch:       {Key: "batch", Max: 10000, Whole: true},
	Steps:       {Key: "steps", Min: 10, Max: 10_000_000, Default: 1000, Scale: Logarithmic, Whole: true},
	Step:        {Key: "step", Max: 10_000_000, Whole: true},
	Source:      {Key: "from", Max: 2, Whole: true, Choices: []string{"votes", "population", "given"}},
	Votes:       {Key: "votes", Min: 1, Max: 100_000, Default: 240, Scale: Logarithmic, Whole: true},
	Sharpness:   {Key: "sharp", Min: 0.1, Max: 100, Default: 1, Scale: Logarithmic},
	Flip:        {Key: "flip", Max: 0.5},
	Coverage:    {Key: "cover", Max: 4, Whole: true, Choices: []string{"all", "chain", "first", "half", "seen"}},
	Reference:   {Key: "ref", Max: 2, Whole: true, Choices: []string{"preset", "uniform", "drawn"}},
	Temperature: {Key: "temp", Min: 0.1, Max: 10, Default: 1, Scale: Logarithmic},
	Seed:        {Key: "seed", Max: 4294967295, Default: 7, Whole: true},
	ShownPrompt: {Key: "prompt", Max: 200_000, Whole: true},
	Speed:       {Key: "speed", Max: 5, Default: 2, Whole: true, Choices: []string{"1", "5", "25", "100", "1000", "max"}},

	ObjectiveChoice: {Key: "obj", Max: float64(len(objective.All()) - 1), Whole: true, Choices: objectiveKeys()},
	Gamma:           {Key: "gamma", Max: 10, Default: 0.5},
	Lambda:          {Key: "lambda", Max: 100, Default: 5},
	Alpha:           {Key: "alpha", Max: 2, Default: 0.5},
	Delta:           {Key: "delta", Min: -100, Max: 100},
	Tau:             {Key: "tau", Min: 0.01, Max: 10, Default: 0.05, Scale: Logarithmic},
	RMax:            {Key: "rmax", Min: 0.01, Max: 1000, Default: 10, Scale: Logarithmic},
	Desirable:       {Key: "good", Max: 100, Default: 1},
	Undesirable:     {Key: "bad", Max: 100, Default: 1},
	NLLWeight:       {Key: "nll", Max: 100, Default: 1},
	BCOShare:        {Key: "bco", Max: 1, Default: 0.2},
	Baseline:        {Key: "z0", Max: 1, Whole: true, Choices: []string{"batch", "kl"}},
	MomentumFactor:  {Key: "mu", Max: 0.999, Default: 0.9},
	PolicyChoice:    {Key: "policy", Max: 1, Whole: true, Choices: []string{"tabular", "linear"}},
	RefEvery:        {Key: "refevery", Max: 1_000_000, Whole: true},
	RefMix:          {Key: "refmix", Min: 0.001, Max: 1, Default: 1},

	How:             {Key: "how", Max: 2, Whole: true, Choices: []string{"direct", "rlhf", "online"}},
	EstimatorChoice: {Key: "est", Max: float64(rlhf.PPO), Default: float64(rlhf.PPO), Whole: true, Choices: []string{"exact", "reinforce", "rloo", "grpo", "ppo"}},
	Replies:         {Key: "replies", Min: 1, Max: 10_000, Default: 64, Whole: true},
	Group:           {Key: "group", Min: 1, Max: 10_000, Default: 8, Whole: true},
	Epochs:          {Key: "epochs", Min: 1, Max: 100, Default: 4, Whole: true},
	Minibatches:     {Key: "minibatches", Min: 1, Max: 10_000, Default: 1, Whole: true},
	Clip:            {Key: "clip", Min: 0.01, Max: 10, Default: 0.2},
	ClipHigh:        {Key: "cliphigh", Max: 10},
	ValueRate:       {Key: "valuerate", Max: 2, Default: 0.1},
	Normalise:       {Key: "norm", Max: 1, Default: 1, Whole: true, Choices: []string{"off", "on"}},
	LeashChoice:     {Key: "leash", Max: 1, Whole: true, Choices: []string{"reward", "loss"}},
	RewardFit:       {Key: "rmfit", Max: 2, Whole: true, Choices: []string{"end", "steps", "none"}},
	RewardSteps:     {Key: "rmsteps", Max: 100_000, Default: 200, Whole: true},
	RewardRate:      {Key: "rmlr", Min: 0.001, Max: 1000, Default: 1},
	RewardL2:        {Key: "rml2", Max: 100},
	Fresh:           {Key: "fresh", Max: 10_000, Whole: true},
	Every:           {Key: "every", Min: 1, Max: 10_000, Default: 1, Whole: true},
	Judged:          {Key: "judged", Min: 1, Max: 10_000, Default: 32, Whole: true},
	Refit:           {Key: "refit", Max: 10_000, Default: 20, Whole: true},

	Beside:     {Key: "beside", Max: 3, Whole: true, Choices: []string{"losses", "all", "betas", "none"}},
	ViewChoice: {Key: "view", Max: 5, Whole: true, Choices: []string{"mass", "betas", "landscape", "frontier", "loss", "race"}},
}

// objectiveKeys returns the keys of the table of objectives.
func objectiveKeys() []string {
	keys := make([]string, len(objective.All()))
	for i := range objective.All() {
		keys[i] = objective.All()[i].Key
	}
	return keys
}

// StepsPerSecond gives the speed at each value of Speed; 0 means as fast as the
// machine goes.
func StepsPerSecond(speed float64) float64 {
	return [...]float64{1, 5, 25, 100, 1000, 0}[int(speed)]
}

// Settings holds one value for every Param. It is a plain value: copying it
// copies the settings.
type Settings [ParamCount]float64

// DefaultSettings returns every setting at its default. Together they show the
// whole story in a minute of class: at β = 0.5 and 25 steps a second, mass moves
// visibly from the first second and the 1000 steps of the timeline, 40 seconds,
// end close to the optimum; at β = 0.05 the same 1000 steps end well short of
// it, although it lies further off; and at β = 5 no preset oscillates, the
// learning rate being below 4(K−1)/β², the bound for balanced votes on all pairs
// of K replies, for four replies or more. 240 votes on fifteen pairs leave
// enough noise for the fitted optimum to differ from the true reward's.
func DefaultSettings() Settings {
	var s Settings
	for p, info := range params {
		s[p] = info.Default
	}
	return s
}

// With returns the settings with one value changed. The complaint is nil if
// the value is allowed; otherwise the settings are returned as they were.
func (s Settings) With(p Param, value float64) (Settings, *data.Complaint) {
	if c := params[p].check(value); c != nil {
		return s, c
	}
	s[p] = value
	return s, nil
}

// check says what is wrong with a value, or nil.
func (info *ParamInfo) check(value float64) *data.Complaint {
	code := ""
	switch {
	case math.IsNaN(value) || value < info.Min || value > info.Max:
		code = "range"
	case info.Whole && value != math.Trunc(value):
		code = "whole"
	default:
		return nil
	}
	return &data.Complaint{Code: code, Field: info.Key, Value: data.FormatNumber(value),
		Min: data.FormatNumber(info.Min), Max: data.FormatNumber(info.Max)}
}

// Objective returns the objective that is chosen. RLHF and online DPO have no
// choice: what stands beside them is DPO.
func (s *Settings) Objective() *objective.Objective {
	if s[How] != LearnDirectly {
		return objective.Named("dpo")
	}
	return &objective.All()[int(s[ObjectiveChoice])]
}

// Choose returns the settings with an objective chosen, and ε as that objective
// has it if nothing is said: 0 where it has none. Between objectives that have
// the same one, of some flipped labels, ε stays: it is of the labels.
func (s Settings) Choose(key string) Settings {
	before := s.Objective().Defaults(s[Beta]).Epsilon
	for i := range objective.All() {
		if objective.All()[i].Key != key {
			continue
		}
		s[ObjectiveChoice] = float64(i)
		standard := objective.All()[i].Defaults(s[Beta]).Epsilon
		if before != standard || standard == 0 || s.CheckHypers() != nil {
			s[Smoothing] = standard
		}
	}
	return s
}

// EpsilonWith returns ε as it is once an objective, by its index, is chosen.
func (s Settings) EpsilonWith(choice float64) float64 {
	if choice == s[ObjectiveChoice] {
		return s[Smoothing]
	}
	return s.Choose(objective.All()[int(choice)].Key)[Smoothing]
}

// Hypers returns all hyper-parameters at a given β.
func (s *Settings) Hypers(beta float64) objective.HyperParams {
	return objective.HyperParams{Beta: beta, Epsilon: s[Smoothing], Gamma: s[Gamma], Lambda: s[Lambda], Alpha: s[Alpha], Delta: s[Delta],
		Tau: s[Tau], RMax: s[RMax], Desirable: s[Desirable], Undesirable: s[Undesirable], NLL: s[NLLWeight], BCO: s[BCOShare]}
}

// Loss returns the loss that a direct run descends at a given β: of DPO with ε
// it is cDPO's.
func (s *Settings) Loss(beta float64) *objective.Loss {
	c := s.Config(beta)
	return c.TrainedAs().With(c.HyperParams)
}

// CheckHypers says which hyper-parameter the objective is not defined at, or
// returns nil.
func (s *Settings) CheckHypers() *data.Complaint { return s.Objective().Check(s.Hypers(s[Beta])) }

// CheckPolicy says that a linear policy finds no features, or returns nil.
func (s *Settings) CheckPolicy(prompts []data.Prompt) *data.Complaint {
	if s[PolicyChoice] != train.LinearPolicy {
		return nil
	}
	for i := range prompts {
		for k := range prompts[i].Replies {
			if len(prompts[i].Replies[k].Features) > 0 {
				return nil
			}
		}
	}
	info := &params[PolicyChoice]
	return &data.Complaint{Code: "featureless", Field: info.Key, Value: info.Choices[train.LinearPolicy], Allowed: info.Choices[train.TabularPolicy]}
}

// CheckPaired says that what learns needs pairs of replies where there are only
// thumbs up and down, or returns nil.
func (s *Settings) CheckPaired(set *data.Dataset) *data.Complaint {
	p := ObjectiveChoice
	switch {
	case s[Source] != FromGiven || len(set.Pairs) > 0 || len(set.Thumbs) == 0:
		return nil
	case s[How] == LearnOnline || s[How] == LearnByRLHF && s[RewardFit] == FitNothing:
		return nil // they read no votes
	case s[How] == LearnByRLHF:
		p = How
	case s.Objective().ReadsThumbs():
		return nil
	}
	return &data.Complaint{Code: "unpaired", Field: params[p].Key, Value: params[p].Choices[int(s[p])], Allowed: strings.Join(thumbReaders(), ", ")}
}

// ReadThumbs returns the settings with an objective that does without pairs.
func (s Settings) ReadThumbs() Settings {
	s[How] = LearnDirectly
	return s.Choose("kto")
}

// thumbReaders lists the keys of the objectives that read thumbs up and down.
func thumbReaders() (keys []string) {
	for i := range objective.All() {
		if objective.All()[i].ReadsThumbs() {
			keys = append(keys, objective.All()[i].Key)
		}
	}
	return keys
}

// headedForScores tells that the run is headed for the Bradley–Terry scores of
// the votes: the loss is DPO or cDPO, and nothing else has its say.
func (s *Settings) headedForScores() bool {
	key := s.Objective().Key
	return (key == "dpo" || key == "cdpo") && s[PolicyChoice] == train.TabularPolicy && s[RefEvery] == 0 && s[How] == LearnDirectly
}

// EqualSpeedOffered tells that the objective has a learning rate at which runs
// of different β move at one speed: its loss depends on u alone, or is IPO.
func (s *Settings) EqualSpeedOffered() bool {
	o := s.Objective()
	return o.Reference && o.ByMargin(false) && s[How] == LearnDirectly
}

// EffectiveRate returns the learning rate that a run at the given β uses. With
// equal speed on, it is scaled so that a step moves the margin u as far
// whatever β is:
//
//	SGD, momentum   rate·(EqualSpeedBeta/β)²   the gradient carries one β, u another
//	Adam, RMSprop   rate·EqualSpeedBeta/β      they cancel the gradient's β
//
// IPO's gradient carries 1/β instead, so that SGD and momentum move u alike at
// one rate. Where equal speed is not offered the rate stays as it is.
func (s *Settings) EffectiveRate(beta float64) float64 {
	if s[EqualSpeed] == 0 || !s.EqualSpeedOffered() {
		return s[Rate]
	}
	ratio := EqualSpeedBeta / beta
	switch {
	case s[Optimizer] == train.Adam || s[Optimizer] == train.RMSprop:
		return s[Rate] * ratio
	case s.Objective().Beta == objective.BetaTarget:
		return s[Rate]
	}
	return s[Rate] * ratio * ratio
}

// Config returns the training configuration of the settings at a given β.
func (s *Settings) Config(beta float64) train.Config {
	c := train.Config{Objective: s.Objective(), HyperParams: s.Hypers(beta), ExactBaseline: s[Baseline] == BaselineKL,
		Rate: s.EffectiveRate(beta), Optimizer: int(s[Optimizer]), Momentum: s[MomentumFactor],
		Batch: int(s[Batch]), Seed: uint64(s[Seed]), Policy: int(s[PolicyChoice]), RefEvery: int(s[RefEvery]), RefMix: s[RefMix]}
	if s[How] != LearnDirectly {
		c.Batch, c.RefEvery = 0, 0
	}
	return c
}

// ParseNumber reads a plain decimal: no hexadecimal, no underscores, no Inf.
func ParseNumber(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0)
}

// Parse reads a value of a setting as links and typed controls write it: a
// decimal number, or the name of a choice.
func (info *ParamInfo) Parse(text string) (float64, *data.Complaint) {
	if info.Choices != nil {
		for i, name := range info.Choices {
			if name == text {
				return float64(i), nil
			}
		}
		return 0, &data.Complaint{Code: "choice", Field: info.Key, Value: data.Shorten(data.Printable(text)), Allowed: strings.Join(info.Choices, ", ")}
	}
	x, ok := ParseNumber(text)
	if !ok {
		return 0, &data.Complaint{Code: "number", Field: info.Key, Value: data.Shorten(data.Printable(text)),
			Min: data.FormatNumber(info.Min), Max: data.FormatNumber(info.Max)}
	}
	if x == 0 {
		x = 0 // not −0
	}
	return x, info.check(x)
}
