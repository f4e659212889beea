package core

import "math"

// How a run learns where it is not trained on the votes directly: by RLHF or
// by online DPO.

// A waiting holds what a run by RLHF needs before its first step.
type waiting struct {
	cfg    RLHFConfig
	judges Annotators
	model  *RewardModel
	scout  *RLHF // goes through the first stage alone, to tell where the second is headed
}

// checkLearning says which setting RLHF or online DPO is not defined at, or
// that annotators have no rewards to judge by, or returns nil.
func (s *Settings) checkLearning(prompts []Prompt, rewarded bool) *Complaint {
	info, how := &params[How], int(s[How])
	switch {
	case how == LearnDirectly:
		return nil
	case !rewarded && how == LearnOnline:
		return &Complaint{Code: "judges", Field: info.Key, Value: info.Choices[how], Allowed: info.Choices[LearnDirectly]}
	case !rewarded && s[Fresh] > 0:
		return &Complaint{Code: "judges", Field: params[Fresh].Key, Value: formatNumber(s[Fresh]), Allowed: "0"}
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
func sized(prompts []Prompt) *Problem {
	p := &Problem{Prompts: prompts, Offset: make([]int, 1, len(prompts)+1)}
	for i := range prompts {
		p.Offset = append(p.Offset, p.Offset[i]+len(prompts[i].Replies))
	}
	return p
}

// updateRule returns how the optimiser that is chosen takes a step.
func (s *Settings) updateRule() UpdateRule {
	rule := NewUpdateRule(int(s[Optimizer]), s[Rate])
	rule.Momentum = s[MomentumFactor]
	return rule
}

// rewardConfig returns how the reward model is fitted. New votes may be
// one-sided at any time: without a penalty it is then fitted by steps.
func (s *Settings) rewardConfig() RewardConfig {
	online := s[Fresh] > 0
	return RewardConfig{Rule: NewUpdateRule(SGD, s[RewardRate]), Steps: int(s[RewardSteps]),
		ToTheEnd: s[RewardFit] == FitToTheEnd && !(online && s[RewardL2] == 0),
		L2:       s[RewardL2], Refit: int(s[Refit]), Online: online}
}

func (s *Settings) rlhfConfig(prompts []Prompt) RLHFConfig {
	c := RLHFConfig{Beta: s[Beta], Seed: uint64(s[Seed]), How: Estimator(s[EstimatorChoice]), Leash: Leash(s[LeashChoice]),
		Rule: s.updateRule(), Batch: int(s[Replies]), Group: int(s[Group]), Normalise: s[Normalise] == 1,
		Epochs: int(s[Epochs]), Minibatches: int(s[Minibatches]), Clip: s[Clip], ValueRate: s[ValueRate], Policy: int(s[PolicyChoice])}
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
func customRewards(prompts []Prompt) []float64 {
	out := []float64{}
	for i := range prompts {
		for k := range prompts[i].Replies {
			out = append(out, prompts[i].Replies[k].Custom)
		}
	}
	return out
}

func (s *Settings) onlineConfig() OnlineDPOConfig {
	return OnlineDPOConfig{Beta: s[Beta], Smoothing: s[Smoothing], Rule: s.updateRule(),
		Pairs: int(s[Judged]), Every: int(s[Every]), Seed: uint64(s[Seed]), Policy: int(s[PolicyChoice])}
}

// learnBy makes a run at step 0 learn as the settings say. RLHF then waits for
// its reward model; see GetReady.
func (r *Run) learnBy(p *Problem, s *Settings) {
	switch s[How] {
	case LearnOnline:
		r.follow(NewOnlineDPO(p, s.onlineConfig(), s.annotators()))
	case LearnByRLHF:
		w := &waiting{cfg: s.rlhfConfig(p.Prompts), judges: s.annotators()}
		if w.cfg.Custom != nil {
			r.scout = NewRLHF(p, nil, w.cfg, w.judges)
			r.follow(NewRLHF(p, nil, w.cfg, w.judges))
			return
		}
		w.model = NewRewardModel(p, s.rewardConfig())
		if w.cfg.Every == 0 {
			w.scout = NewRLHF(p, NewRewardModel(p, s.rewardConfig()), w.cfg, w.judges)
		}
		r.waiting = w
	}
}

// follow lets a stepper do the steps.
func (r *Run) follow(s Stepper) {
	r.stepper = s
	r.marks = r.marks[:1]
	r.save(&r.marks[0])
	r.limitMarks(8 * len(r.marks[0].state))
}

// GetReady goes on with what is due before the first step, about ops units of
// work, and tells whether nothing is left: the reward model is fitted to its
// end, and where the policy is headed is known, if it is to be.
func (r *Run) GetReady(ops int) bool {
	w := r.waiting
	switch {
	case w == nil:
		return true
	case r.stepper == nil:
		if !w.model.Fit(ops) {
			return false
		}
		rlhf := NewRLHF(w.model.p, w.model, w.cfg, w.judges)
		r.follow(rlhf)
		if rlhf.first == 0 && w.scout != nil {
			w.scout = rlhf // its reward stays as it is
		}
	case w.scout != nil && w.scout.Stage() == 1:
		w.scout.Advance(min(w.scout.first-w.scout.step, 1+ops/(8*(w.scout.p.Arms()+len(w.scout.p.Tallies)))))
	default:
		r.scout, r.waiting = w.scout, nil
	}
	return r.waiting == nil
}

// Stop abandons what GetReady has begun.
func (r *Run) Stop() {
	if r.waiting != nil {
		r.waiting.model.Stop()
		r.waiting = nil
	}
}

// Policy returns what a Meter reads.
func (r *Run) Policy() Policy {
	if r.stepper != nil {
		return r.stepper
	}
	return r.Trainer
}

// Weights returns θ − θ₀ of a linear policy, or nil. It is the run's own.
func (r *Run) Weights() []float64 {
	if linear, ok := r.stepper.(interface{ Weights() []float64 }); ok {
		return linear.Weights()
	}
	return r.Trainer.Weights()
}

// RLHF returns what does the steps if it is RLHF and has begun, or nil.
func (r *Run) RLHF() *RLHF {
	rlhf, _ := r.stepper.(*RLHF)
	return rlhf
}

// StepCount returns the number of steps taken.
func (r *Run) StepCount() int {
	if r.stepper != nil {
		return r.stepper.StepCount()
	}
	return r.Trainer.step
}

// Advance takes n steps and keeps no checkpoints; see Work.
func (r *Run) Advance(n int) {
	if r.stepper != nil {
		r.stepper.Advance(n)
		return
	}
	r.Trainer.Advance(n)
}

// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
// from the arm with the given index on.
func (r *Run) AddLogRatios(dst []float64, from int) { r.Policy().AddLogRatios(dst, from) }

// LogRatio returns d = z − log π_ref of one arm.
func (r *Run) LogRatio(arm int) float64 {
	if r.stepper != nil {
		return r.stepper.LogRatio(arm)
	}
	return r.Trainer.LogRatio(arm)
}

// Cost returns what the run has taken to where it stands.
func (r *Run) Cost() Cost {
	if r.stepper != nil {
		return r.stepper.Cost()
	}
	return r.Trainer.Cost()
}

// Slope returns the largest entry of the gradient of what is trained, in
// absolute value; see Trainer.Slope and RLHF.Slope. It is +Inf where a step
// depends on samples or the reward model is not fitted yet: such a run does not
// come to stand still.
func (r *Run) Slope() float64 {
	if r.stepper == nil && r.waiting == nil {
		return r.Trainer.Slope()
	}
	if rlhf := r.RLHF(); rlhf != nil && rlhf.cfg.How == ExactGradient && rlhf.cfg.Every == 0 && rlhf.Stage() == 2 {
		return rlhf.Slope()
	}
	return math.Inf(1)
}

// SlopeScale returns the size that Slope has where there is a push in earnest:
// for RLHF that of a reward of 1 nat.
func (r *Run) SlopeScale() float64 {
	if r.stepper != nil {
		return 1
	}
	return r.Trainer.SlopeScale()
}

// tiniestPush is the motion of a logit, a unit of learning rate, that counts as
// one.
const tiniestPush = 1e-12

// pushing returns the arms of a prompt that RLHF's exact gradient pushes up and
// down hardest.
func (r *RLHF) pushing(from, to int) (up, down int, ok bool) {
	if r.Stage() == 1 {
		return 0, 0, false
	}
	r.exactGradient()
	up, down = from, from
	for k := from; k < to; k++ {
		if r.grad[k] > r.grad[up] {
			up = k
		}
		if r.grad[k] < r.grad[down] {
			down = k
		}
	}
	ok = r.grad[up] > tiniestPush && r.grad[down] < -tiniestPush
	clear(r.grad)
	return up, down, ok
}

// Learned returns the reward of each reply of the shown prompt as it has been
// learned from the votes, less its mean: RLHF's reward at the run's step, else
// the Bradley–Terry scores where they are finite. nil where there is none.
func (l *Lab) Learned() []float64 {
	if rlhf := l.Run.RLHF(); rlhf != nil {
		from, to := l.Problem.Range(l.Prompt())
		return centred(rlhf.Reward()[from:to])
	}
	if l.Scores != nil && l.Scores.Computed && l.Scores.Finite {
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
	Centre(out, x)
	return out
}

// headedForTruth tells that online DPO is headed for the optimum of the true
// reward: its policy is a table, its annotators follow Bradley–Terry, and nothing
// is smoothed.
func (l *Lab) headedForTruth() bool {
	s := &l.Experiment.Settings
	return s[How] == LearnOnline && s[PolicyChoice] == TabularPolicy && s[Flip] == 0 && s[Smoothing] == 0
}
