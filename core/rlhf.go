package core

import "math"

// An RLHF trains a softmax policy as RLHF does: first its reward model
// is fitted to the votes, one step at a time, then the policy is improved on
//
//	J = E_π[r̂] − β KL(π‖π_ref),   averaged over the prompts,
//
// from replies that it generates itself. π is softmax(log π_ref + d). In a table d
// has one entry for every reply of every prompt, to be trained; under a linear
// policy d = F(θ − θ₀), and the weights are trained. It starts at 0.
//
// A step is a pure function of the state before it and of the step's number.
type RLHF struct {
	sampler
	cfg   RLHFConfig
	model *RewardModel // nil where the reward is given
	step  int
	first int // steps of the reward model before the policy's first

	reward  []float64 // r̂ of every reply
	stale   bool      // the model has moved since reward was computed
	grad    []float64 // up the objective; zero between updates
	updater *Updater
	value   []float64 // expected reward of each prompt, as PPO has learned it
	batch   rollout
	part    part // of the step under way
	judges  Annotators
	cost    Cost
}

// An Estimator says how the gradient of J is had.
type Estimator int

// The estimators. A_i is the advantage of reply i, which has reward f_i; the
// gradient of J is estimated by the mean of A_i ∂log π(y_i)/∂z.
const (
	// ExactGradient sums over all replies instead of generating any:
	// ∂J/∂z_k = π_k(f_k − E_π[f]), f = r̂ − β log(π/π_ref). The limit without noise.
	ExactGradient Estimator = iota
	// Reinforce has A = f − mean of the batch, the reply itself included, which
	// scales the gradient by (B−1)/B for B replies (Williams 1992).
	Reinforce
	// RLOO has A = f − mean of the other replies to the same prompt
	// (Ahmadian et al. 2024, arXiv:2402.14740): unbiased.
	RLOO
	// GRPO has A = f − mean of all replies to the same prompt, divided by their
	// standard deviation (with Bessel's correction) + 1e-4 if Normalise is set
	// (Shao et al. 2024, arXiv:2402.03300), else as in Dr. GRPO (Liu et al. 2025,
	// arXiv:2503.20783). Without, the gradient is scaled by (G−1)/G. Clipped like PPO.
	GRPO
	// PPO has A = f − baseline and updates several times on the same replies,
	// with min(ρA, clip(ρ, 1−ε, 1+ε)A) in place of A log π, ρ = π/π_old
	// (Schulman et al. 2017, arXiv:1707.06347). f is of the whole reply, so there
	// is nothing to discount.
	PPO
)

// A Leash says how the policy is held to the reference.
type Leash int

// The leashes. In the reward, f = r̂ − β log(π/π_ref). As a loss, f = r̂ and
// β k₃, k₃ = π_ref/π − log(π_ref/π) − 1, is subtracted from the objective at
// every reply: its gradient is that of β KL(π_ref‖π), so the policy is headed
// for π_k = β π_ref,k/(λ − r̂_k) and not for π_ref e^(r̂/β)/Z.
const (
	LeashInReward Leash = iota
	LeashK3Loss
)

// An RLHFConfig is what RLHF is made of, besides problem and reward model.
type RLHFConfig struct {
	Beta  float64
	Seed  uint64
	How   Estimator
	Leash Leash
	Rule  UpdateRule // of the policy
	// Policy is TabularPolicy or LinearPolicy.
	Policy int

	Batch     int // B, replies generated a step
	Group     int // G, replies to the same prompt, for RLOO and GRPO; divides B
	Normalise bool

	// Of PPO and GRPO: passes over the batch, updates in each, and ε.
	Epochs, Minibatches int
	Clip                float64
	// ValueRate > 0 is the learning rate of a learned baseline of PPO, a value for
	// each prompt: V += rate·mean(f − V). 0: the baseline is the batch's mean.
	ValueRate float64

	Penalty []float64 // added to the reward of each reply; nil for none
	Custom  []float64 // the reward of each reply, instead of a model's

	// Every > 0: after so many policy steps, annotators judge so many pairs of
	// the policy's replies, and the reward model is fitted anew.
	Every, Judged int
}

// Check says what of a configuration is not allowed for a problem, or nil.
func (c *RLHFConfig) Check(p *Problem) *Complaint {
	if bad := checkRule(c.Beta, c.Rule); bad != nil {
		return bad
	}
	if c.How < ExactGradient || c.How > PPO {
		return outOf("est", int(c.How), int(ExactGradient), int(PPO))
	}
	if bad := c.checkSampling(); c.How != ExactGradient && bad != nil {
		return bad
	}
	if bad := checkRewards("penalty", c.Penalty, p.Arms()); bad != nil {
		return bad
	}
	if bad := checkRewards("custom", c.Custom, p.Arms()); bad != nil {
		return bad
	}
	if c.Every < 0 || c.Judged < 0 {
		return outOf("fresh", min(c.Every, c.Judged), 0, mostJudgedPairs)
	}
	if c.Every > 0 && c.Custom != nil {
		return &Complaint{Code: "range", Field: "fresh", Value: formatNumber(float64(c.Every)), Min: "0", Max: "0"}
	}
	return nil
}

func checkRule(beta float64, r UpdateRule) *Complaint {
	switch {
	case !(beta > 0) || math.IsInf(beta, 1):
		return &Complaint{Code: "positive", Field: "beta", Value: formatNumber(beta)}
	case !(r.Rate > 0) || math.IsInf(r.Rate, 1):
		return &Complaint{Code: "positive", Field: "lr", Value: formatNumber(r.Rate)}
	case r.Kind < SGD || r.Kind > RMSprop:
		return outOf("opt", r.Kind, SGD, RMSprop)
	}
	return nil
}

func (c *RLHFConfig) checkSampling() *Complaint {
	group, passes := c.group(), c.clipped()
	switch {
	case c.Batch < 1 || c.Batch > 10_000:
		return outOf("replies", c.Batch, 1, 10_000)
	case c.How == RLOO && group < 2 || c.How == GRPO && group < 2:
		return outOf("group", group, 2, c.Batch)
	case group < 1 || c.Batch%group != 0:
		return &Complaint{Code: "divides", Field: "group", Value: formatNumber(float64(group)), Allowed: formatNumber(float64(c.Batch))}
	case passes && (c.Epochs < 1 || c.Epochs > 100):
		return outOf("epochs", c.Epochs, 1, 100)
	case passes && (c.Minibatches < 1 || c.Batch%c.Minibatches != 0):
		return &Complaint{Code: "divides", Field: "minibatches", Value: formatNumber(float64(c.Minibatches)), Allowed: formatNumber(float64(c.Batch))}
	case passes && !(c.Clip > 0):
		return &Complaint{Code: "positive", Field: "clip", Value: formatNumber(c.Clip)}
	case c.learnsValue() && !(c.ValueRate <= 2):
		return &Complaint{Code: "range", Field: "valuerate", Value: formatNumber(c.ValueRate), Min: "0", Max: "2"}
	}
	return nil
}

func checkRewards(field string, x []float64, arms int) *Complaint {
	if x != nil && len(x) != arms {
		return outOf(field, len(x), arms, arms)
	}
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &Complaint{Code: "finite", Field: field, Value: formatNumber(v)}
		}
	}
	return nil
}

// group returns how many replies in a row are to the same prompt.
func (c *RLHFConfig) group() int {
	if c.How == RLOO || c.How == GRPO {
		return c.Group
	}
	return 1
}

// clipped tells that the estimator goes over its replies several times.
func (c *RLHFConfig) clipped() bool { return c.How == GRPO || c.How == PPO }

// Quietens tells that the noise of drawn replies dies where the policy arrives,
// on so many prompts and with steps small enough. At π_ref e^(r̂/β)/Z the reward
// less leash is β log Z for every reply to a prompt, so that advantages are 0 if
// their baseline is of that prompt alone, and unless they are divided by their
// spread.
func (c *RLHFConfig) Quietens(prompts int) bool {
	switch {
	case c.How == ExactGradient:
		return true
	case c.Leash != LeashInReward || c.Every > 0 || c.Policy == LinearPolicy:
		return false
	case c.How == GRPO:
		return !c.Normalise
	}
	return c.How == RLOO || c.learnsValue() || prompts == 1
}

func (c *RLHFConfig) learnsValue() bool { return c.How == PPO && c.ValueRate > 0 }

// NewRLHF returns RLHF at step 0, where the policy is the reference. The
// configuration must have passed Check. The reward model must be ready (see
// RewardModel.Fit) and not be used elsewhere; it is nil exactly where
// the reward is given. New votes, if there are to be any, are those of judges on
// the true rewards of the problem's replies.
func NewRLHF(p *Problem, model *RewardModel, cfg RLHFConfig, judges Annotators) *RLHF {
	if (model == nil) != (cfg.Custom != nil) {
		panic("core: NewRLHF: there must be either a reward model or a given reward")
	}
	if cfg.Every > 0 && !model.cfg.Online {
		panic("core: NewRLHF: the reward model has no room for new votes; make it with Online")
	}
	n := p.Arms()
	r := &RLHF{sampler: newSampler(p, cfg.Seed, cfg.Policy), cfg: cfg, model: model, judges: judges, stale: true,
		reward: make([]float64, n), grad: make([]float64, n)}
	r.updater = NewUpdater(cfg.Rule, len(r.params()))
	r.cost.Models = PolicyHeld | ReferenceHeld
	if cfg.learnsValue() {
		r.cost.Models |= ValueModelHeld
		r.value = make([]float64, len(p.Prompts))
	}
	if model != nil {
		r.first = model.StepsFirst()
	}
	if cfg.How != ExactGradient {
		r.batch.resize(cfg.Batch, len(p.Prompts))
	}
	return r
}

// StepCount returns the number of steps taken, of both stages.
func (r *RLHF) StepCount() int { return r.step }

// Stage returns 1 while the reward model is fitted and 2 when the next step is
// the policy's.
func (r *RLHF) Stage() int {
	if r.step < r.first {
		return 1
	}
	return 2
}

// PolicyStep returns how many of the steps were the policy's.
func (r *RLHF) PolicyStep() int { return max(0, r.step-r.first) }

// Config returns what RLHF was made with.
func (r *RLHF) Config() RLHFConfig { return r.cfg }

func (r *RLHF) beta() float64 { return r.cfg.Beta }

// Cost returns what it has taken, reward model included.
func (r *RLHF) Cost() Cost {
	if r.model == nil {
		return r.cost
	}
	return r.cost.plus(r.model.Cost())
}

// RewardStatus says what the reward is.
func (r *RLHF) RewardStatus() RewardStatus {
	if r.model == nil {
		return RewardCustom
	}
	return r.model.Status()
}

// Advance takes n steps. It allocates nothing.
func (r *RLHF) Advance(n int) { advanceWhole(r, n) }

// Reward returns r̂ of every reply: the model's scores, or the given rewards,
// centred for each prompt, and the penalty added. It is RLHF's own: read it, do
// not change it.
func (r *RLHF) Reward() []float64 {
	if !r.stale {
		return r.reward
	}
	from := r.cfg.Custom
	if r.model != nil {
		from = r.model.Score()
	}
	for i := range r.p.Prompts {
		a, b := r.p.Range(i)
		Centre(r.reward[a:b], from[a:b])
	}
	for k, x := range r.cfg.Penalty {
		r.reward[k] += x
	}
	r.stale = false
	return r.reward
}

// climbExactly takes a step up the exact gradient, which asks for the reward of
// every reply.
func (r *RLHF) climbExactly() {
	r.exactGradient()
	r.cost.RewardCalls += r.p.Arms()
	r.update()
}

// Slope returns the largest entry of the exact gradient of the objective with
// respect to what is trained, in absolute value, whatever estimator the steps use.
// It is 0 exactly where the policy is headed, with the reward as it is now.
func (r *RLHF) Slope() float64 {
	r.exactGradient()
	largest, slope := 0.0, r.gather(r.grad)
	for k, g := range slope {
		largest = math.Max(largest, math.Abs(g))
		slope[k] = 0
	}
	return largest
}

// AtRest tells that the exact gradient, of a reward that no longer changes, is 0 to
// within atRest nats.
func (r *RLHF) AtRest() bool {
	return r.cfg.How == ExactGradient && r.cfg.Every == 0 && r.Stage() == 2 && r.Slope() <= atRest
}

// exactGradient sets grad, of all prompts.
func (r *RLHF) exactGradient() {
	reward, share := r.Reward(), 1/float64(len(r.p.Prompts))
	for i := range r.p.Prompts {
		r.look(i)
		from, to := r.p.Range(i)
		mean := 0.0
		for k := from; k < to; k++ {
			mean += float64(r.pi[k] * r.gain(k, reward[k]))
		}
		for k := from; k < to; k++ {
			r.grad[k] = float64(float64(share*r.pi[k]) * (r.gain(k, reward[k]) - mean))
			if r.cfg.Leash == LeashK3Loss {
				r.grad[k] += float64(share * r.cfg.Beta * expGap(r.p.LogRef[k], r.logPi[k]))
			}
		}
	}
}

// Objective returns J at the policy, averaged over the prompts: under the leash
// as a loss with KL(π_ref‖π) in place of KL(π‖π_ref).
func (r *RLHF) Objective() float64 {
	sum, reward := 0.0, r.Reward()
	for i := range r.p.Prompts {
		r.look(i)
		from, to := r.p.Range(i)
		leash := KL(r.logPi[from:to], r.p.LogRef[from:to])
		if r.cfg.Leash == LeashK3Loss {
			leash = KL(r.p.LogRef[from:to], r.logPi[from:to])
		}
		sum += Expect(r.logPi[from:to], reward[from:to]) - float64(r.cfg.Beta*leash)
	}
	return sum / float64(len(r.p.Prompts))
}

// gain returns f of a reply with a reward.
func (r *RLHF) gain(arm int, reward float64) float64 {
	if r.cfg.Leash == LeashK3Loss {
		return reward
	}
	return reward - float64(r.cfg.Beta*(r.logPi[arm]-r.p.LogRef[arm]))
}

// update lets the optimiser move the policy.
func (r *RLHF) update() {
	r.climb(r.updater, r.grad)
	r.cost.PolicyUpdates++
}

// Optimum sets t to where the policy is headed for one prompt, with the reward
// as it is now: π_ref e^(r̂/β)/Z, or the fixed point of the leash as a loss.
func (r *RLHF) Optimum(t *Tilt, prompt int) { r.optimum(t, prompt, r.cfg.Beta) }

// optimum is Optimum for another β and the same reward.
func (r *RLHF) optimum(t *Tilt, prompt int, beta float64) {
	from, to := r.p.Range(prompt)
	ref, reward := r.p.LogRef[from:to], r.Reward()[from:to]
	if r.cfg.Leash == LeashK3Loss {
		t.SetForward(ref, reward, beta)
		return
	}
	t.Set(ref, reward, beta)
}

// Save appends the state to dst: all that a step depends on, and the counters.
// Restore reads it back, on the same problem and configuration.
func (r *RLHF) Save(dst []float64) []float64 {
	dst = append(dst, float64(r.step))
	dst = r.sampler.save(dst)
	dst = append(dst, r.value...)
	dst = r.updater.save(dst)
	dst = r.cost.save(dst)
	if r.model != nil {
		dst = r.model.save(dst)
	}
	return dst
}

// Restore sets the state to one that Save gave.
func (r *RLHF) Restore(src []float64) {
	r.step, src = int(src[0]), src[1:]
	src = r.sampler.restore(src)
	src = take(r.value, src)
	src = r.updater.restore(src)
	src = r.cost.restore(src)
	if r.model != nil {
		r.model.restore(src)
		r.stale = true
	}
	r.batch.filled, r.part.stage = false, 0
	clear(r.grad)
	r.moved()
}
