package core

import (
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// How a run learns where it is not trained on the votes directly: by RLHF or
// by online DPO.

// A Launch makes a run learn as settings say. RLHF needs something before its
// first step: the reward model is fitted to its end, or made ready to be fitted by
// steps, and where the policy is headed is found out, if that can be told.
type Launch struct {
	Run    *train.Run
	cfg    rlhf.Config
	judges data.Annotators
	model  *rlhf.RewardModel // nil once the run has it
	scout  *rlhf.RLHF        // goes through the first stage alone, to tell where the second is headed; nil if that tells nothing
	Ready  bool
}

// CheckLearning says which setting RLHF or online DPO is not defined at, or
// that annotators have no rewards to judge by, or returns nil.
func (s *Settings) CheckLearning(prompts []data.Prompt, rewarded bool) *data.Complaint {
	info, how := &params[How], int(s[How])
	switch {
	case how == LearnDirectly:
		return nil
	case !rewarded && how == LearnOnline:
		return &data.Complaint{Code: "judges", Field: info.Key, Value: info.Choices[how], Allowed: info.Choices[LearnDirectly]}
	case !rewarded && s[Fresh] > 0:
		return &data.Complaint{Code: "judges", Field: params[Fresh].Key, Value: data.FormatNumber(s[Fresh]), Allowed: "0"}
	case how == LearnOnline:
		c := s.onlineConfig()
		return c.Check()
	}
	reward, rlhf, p := s.rewardConfig(), s.rlhfConfig(prompts), sized(prompts)
	if bad := reward.Check(p); bad != nil {
		return bad
	}
	return rlhf.Check(p)
}

// sized returns a problem that has prompts and replies, and nothing else.
func sized(prompts []data.Prompt) *data.Problem {
	p := &data.Problem{Prompts: prompts, Offset: make([]int, 1, len(prompts)+1)}
	for i := range prompts {
		p.Offset = append(p.Offset, p.Offset[i]+len(prompts[i].Replies))
	}
	return p
}

// updateRule returns how the optimiser that is chosen takes a step.
func (s *Settings) updateRule() train.UpdateRule {
	rule := train.NewUpdateRule(int(s[Optimizer]), s[Rate])
	rule.Momentum = s[MomentumFactor]
	return rule
}

// rewardConfig returns how the reward model is fitted. New votes may be
// one-sided at any time: without a penalty it is then fitted by steps.
func (s *Settings) rewardConfig() rlhf.RewardConfig {
	online := s[Fresh] > 0
	return rlhf.RewardConfig{Rule: train.NewUpdateRule(train.SGD, s[RewardRate]), Steps: int(s[RewardSteps]),
		ToTheEnd: s[RewardFit] == FitToTheEnd && !(online && s[RewardL2] == 0),
		L2:       s[RewardL2], Refit: int(s[Refit]), Online: online}
}

func (s *Settings) rlhfConfig(prompts []data.Prompt) rlhf.Config {
	c := rlhf.Config{Beta: s[Beta], Seed: uint64(s[Seed]), How: rlhf.Estimator(s[EstimatorChoice]), Leash: rlhf.Leash(s[LeashChoice]),
		Rule: s.updateRule(), Batch: int(s[Replies]), Group: int(s[Group]), Normalise: s[Normalise] == 1,
		Epochs: int(s[Epochs]), Minibatches: int(s[Minibatches]), Clip: s[Clip], ClipHigh: s[ClipHigh], ValueRate: s[ValueRate], Policy: int(s[PolicyChoice])}
	if s[Fresh] > 0 {
		c.Every, c.Judged = int(s[Fresh]), int(s[Judged])
	}
	if s[RewardFit] == FitNothing {
		c.Custom = customRewards(prompts)
	} else {
		c.Penalty = customRewards(prompts)
	}
	return c
}

// customRewards lists the users' own rewards of all replies.
func customRewards(prompts []data.Prompt) []float64 {
	out := []float64{}
	for i := range prompts {
		for k := range prompts[i].Replies {
			out = append(out, prompts[i].Replies[k].Custom)
		}
	}
	return out
}

func (s *Settings) onlineConfig() rlhf.OnlineDPOConfig {
	return rlhf.OnlineDPOConfig{Beta: s[Beta], Smoothing: s[Smoothing], Rule: s.updateRule(),
		Pairs: int(s[Judged]), Every: int(s[Every]), Seed: uint64(s[Seed]), Policy: int(s[PolicyChoice])}
}

// NewLaunch returns the launch of a run, which stands at step 0. cfg is what the
// votes are trained with.
func NewLaunch(p *data.Problem, cfg train.Config, s *Settings) *Launch {
	l := &Launch{Run: train.NewRun(p, cfg), judges: s.Annotators(), Ready: true}
	switch s[How] {
	case LearnOnline:
		l.Run.StepBy(rlhf.NewOnlineDPO(p, s.onlineConfig(), l.judges))
	case LearnByRLHF:
		l.launchRLHF(p, s)
	}
	return l
}

func (l *Launch) launchRLHF(p *data.Problem, s *Settings) {
	l.cfg = s.rlhfConfig(p.Prompts)
	if l.cfg.Custom != nil {
		l.scout = rlhf.New(p, nil, l.cfg, l.judges)
		l.Run.StepBy(rlhf.New(p, nil, l.cfg, l.judges))
		return
	}
	l.model, l.Ready = rlhf.NewRewardModel(p, s.rewardConfig()), false
	if l.cfg.Every == 0 {
		l.scout = rlhf.New(p, rlhf.NewRewardModel(p, s.rewardConfig()), l.cfg, l.judges)
	}
}

// Work goes on with what is due before the first step, about ops units of work,
// and tells whether nothing is left.
func (l *Launch) Work(ops int) (ready bool) {
	switch {
	case l.Ready:
	case l.model != nil:
		if !l.model.Fit(ops) {
			return false
		}
		rlhf := rlhf.New(l.model.P, l.model, l.cfg, l.judges)
		l.Run.StepBy(rlhf)
		l.model = nil
		if rlhf.First == 0 && l.scout != nil {
			l.scout = rlhf // its reward stays as it is
		}
	case l.scout != nil && l.scout.Stage() == 1:
		l.scout.Advance(min(l.scout.First-l.scout.Step, 1+ops/(8*(l.scout.P.Arms()+len(l.scout.P.Tallies)))))
	default:
		l.Ready = true
	}
	return l.Ready
}

// Stop abandons what Work has begun.
func (l *Launch) Stop() {
	if l != nil && l.model != nil {
		l.model.Stop()
	}
}

// RLHF returns what does the run's steps if it is RLHF and has begun, or nil.
func (l *Lab) RLHF() *rlhf.RLHF {
	rlhf, _ := l.Run.Stepper.(*rlhf.RLHF)
	return rlhf
}

// Scout returns RLHF of the run's own reward, which does not change on the way,
// once that is ready. It is nil elsewhere.
func (l *Lab) Scout() *rlhf.RLHF {
	if !l.Launch.Ready {
		return nil
	}
	return l.Launch.scout
}

// Learned returns the reward of each reply of the shown prompt as it has been
// learned from the votes, less its mean: RLHF's reward at the run's step, else
// the Bradley–Terry scores where they are finite, and not hidden. nil where there is
// none.
func (l *Lab) Learned() []float64 {
	if rlhf := l.RLHF(); rlhf != nil {
		from, to := l.Problem.Range(l.Prompt())
		return centred(rlhf.Reward()[from:to])
	}
	if l.Scores != nil && l.Scores.Computed && l.Scores.Finite && !l.Veiled() {
		return centred(l.Scores.Score)
	}
	return nil
}

// Implicit returns β log(π/π_ref) of each reply of the shown prompt, less its
// mean: the reward that the policy on screen would be the optimum of.
func (l *Lab) Implicit() []float64 {
	out := make([]float64, l.Arms())
	for k, lp := range l.Policy() {
		out[k] = l.Beta() * (lp - l.Reference()[k])
	}
	return centred(out)
}

// True returns the true reward of each reply of the shown prompt, times the
// annotators' sharpness as they feel it, less its mean; nil where none is given.
func (l *Lab) True() []float64 {
	if !l.Data.Rewarded {
		return nil
	}
	replies := l.Problem.Prompts[l.Prompt()].Replies
	out := make([]float64, len(replies))
	for k := range replies {
		out[k] = replies[k].Reward * l.Experiment.Settings[Sharpness]
	}
	return centred(out)
}

func centred(x []float64) []float64 {
	out := make([]float64, len(x))
	num.Centre(out, x)
	return out
}

// HeadedForTruth tells that online DPO is headed for the optimum of the true
// reward: its policy is a table, its annotators follow Bradley–Terry, and nothing
// is smoothed.
func (l *Lab) HeadedForTruth() bool {
	s := &l.Experiment.Settings
	return s[How] == LearnOnline && s[PolicyChoice] == train.TabularPolicy && s[Flip] == 0 && s[Smoothing] == 0
}
