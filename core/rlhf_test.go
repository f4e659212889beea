package core

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// tilted returns π_ref e^(r/β)/Z of weights and rewards.
func tilted(reference, rewards []float64, beta float64) []float64 {
	z := make([]float64, len(rewards))
	for k := range z {
		z[k] = math.Log(reference[k]) + rewards[k]/beta
	}
	return exps(logNormalised(z))
}

// spoken returns π of one prompt.
func spoken(p *Problem, from Policy, prompt int) []float64 {
	a, b := p.Range(prompt)
	z := make([]float64, b-a)
	for k := range z {
		z[k] = p.LogRef[a+k] + logRatio(from, a+k)
	}
	return exps(logNormalised(z))
}

func givenReward(p *Problem, cfg RLHFConfig, rewards ...float64) *RLHF {
	cfg.Custom = rewards
	if c := cfg.Check(p); c != nil {
		panic(c.Error())
	}
	return NewRLHF(p, nil, cfg, Annotators{})
}

// The exact gradient leads to π_ref e^(r/β)/Z for every prompt, whatever
// constant is added to a prompt's rewards, and with a penalty to the optimum for
// reward plus penalty.
func TestExactRunArrivesAtTheTilt(t *testing.T) {
	refs := [][]float64{{1, 2, 3}, {1, 1}, {4, 1, 2, 3}}
	rewards := [][]float64{{1, 0, -0.5}, {101, 100}, {0.3, 0.8, -0.3, -7.2}}
	penalty := []float64{0, 0, 0.5, 0, 0, 0, -0.5, 0.2, 7}
	d := &Dataset{}
	var all []float64
	for i, ref := range refs {
		d.Prompts = append(d.Prompts, banditPrompt(ref))
		all = append(all, rewards[i]...)
	}
	p := NewProblem(d)
	for _, rule := range []UpdateRule{sgdRule(5), NewUpdateRule(Momentum, 1)} {
		r := givenReward(p, RLHFConfig{Beta: 0.7, Rule: rule, Penalty: penalty}, all...)
		r.Advance(5000)
		at := 0
		for i, ref := range refs {
			sum := make([]float64, len(ref))
			for k := range sum {
				sum[k] = rewards[i][k] + penalty[at+k]
			}
			at += len(ref)
			want := tilted(ref, sum, 0.7)
			nearAll(t, "π", spoken(p, r, i), want, 1e-9)
			var tilt Tilt
			r.Optimum(&tilt, i)
			nearAll(t, "the optimum announced", exps(tilt.LogPi), want, 1e-12)
		}
	}
}

// Same destination: on Bradley–Terry preferences of the population over all
// pairs, DPO, RLHF with a fitted reward model, and π_ref e^(r/β)/Z with the true
// rewards are one.
func TestRLHFAndDPOShareTheirDestination(t *testing.T) {
	truth, reference := []float64{0.8, -0.3, 0.4, 0}, []float64{0.2, 0.4, 0.1, 0.3}
	s := DefaultSettings()
	s[Source] = FromPopulation
	p, complaint := Prepare(rewarded(truth, reference), &s, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	var cfg Config
	cfg.Beta, cfg.Rate = 0.5, 2
	dpo := trained(p, cfg, 20000)
	want := tilted(reference, truth, 0.5)
	nearAll(t, "DPO", spoken(p, dpo, 0), want, 1e-6)
	for name, reward := range map[string]RewardConfig{
		"solved": {Rule: sgdRule(2), ToTheEnd: true}, "stepped": {Rule: sgdRule(2), Steps: 500},
	} {
		r := NewRLHF(p, readyModel(p, reward), RLHFConfig{Beta: 0.5, Rule: sgdRule(2)}, Annotators{})
		r.Advance(5000)
		nearAll(t, "RLHF, "+name, spoken(p, r, 0), want, 1e-6)
		nearAll(t, "RLHF against DPO", spoken(p, r, 0), spoken(p, dpo, 0), 1e-6)
	}
}

// An enumeration goes through every batch that can be generated and adds up the
// first update, weighted with the probability of the batch.
type enumeration struct {
	p    *Problem
	cfg  RLHFConfig
	r    []float64 // rewards
	d    []float64 // where the policy is
	f    []float64 // r − β log(π/π_ref), or r alone
	pi   []float64
	sum  []float64
	mass float64
}

// expected returns the expectation of the first update's gradient.
func (e *enumeration) expected(value float64) []float64 {
	e.sum, e.mass = make([]float64, len(e.d)), 0
	prompts := make([]int, e.cfg.Batch)
	for i := range prompts {
		prompts[i] = i / e.cfg.group() % len(e.p.Prompts)
	}
	e.each(make([]int, 0, e.cfg.Batch), prompts, 1, value)
	return e.sum
}

func (e *enumeration) each(arms, prompts []int, chance, value float64) {
	if len(arms) == len(prompts) {
		e.mass += chance
		for k, g := range e.update(arms, prompts, value) {
			e.sum[k] += chance * g
		}
		return
	}
	from, to := e.p.Range(prompts[len(arms)])
	for k := from; k < to; k++ {
		e.each(append(arms, k), prompts, chance*e.pi[k], value)
	}
}

// update returns what one batch does at a learning rate of 1.
func (e *enumeration) update(arms, prompts []int, value float64) []float64 {
	r := givenReward(e.p, e.cfg, e.r...)
	standAt(r, e.d)
	for i := range r.value {
		r.value[i] = value
	}
	for i, arm := range arms {
		r.look(prompts[i])
		b := &r.batch
		b.prompts[i], b.arms[i], b.order[i], b.logOld[i], b.gain[i] = prompts[i], arm, i, r.logPi[arm], e.f[arm]
	}
	r.advantages()
	r.learnFrom(r.batch.order)
	out := make([]float64, len(e.d))
	for k := range out {
		out[k] = logRatio(r, k) - e.d[k]
	}
	return out
}

// prepare works out π and f independently.
func (e *enumeration) prepare() {
	e.pi, e.f = nil, nil
	for i := range e.p.Prompts {
		from, to := e.p.Range(i)
		z := make([]float64, to-from)
		for k := range z {
			z[k] = e.p.LogRef[from+k] + e.d[from+k]
		}
		for k, lp := range logNormalised(z) {
			f := e.r[from+k]
			if e.cfg.Leash == LeashInReward {
				f -= e.cfg.Beta * (lp - e.p.LogRef[from+k])
			}
			e.pi, e.f = append(e.pi, math.Exp(lp)), append(e.f, f)
		}
	}
}

// exact is ∂J/∂z_k = share·π_k(f_k − E f), less share·β(π − π_ref) for the leash as a loss.
func (e *enumeration) exact(scale float64) []float64 {
	out := make([]float64, len(e.d))
	share := 1 / float64(len(e.p.Prompts))
	for i := range e.p.Prompts {
		from, to := e.p.Range(i)
		mean := 0.0
		for k := from; k < to; k++ {
			mean += e.pi[k] * e.f[k]
		}
		for k := from; k < to; k++ {
			out[k] = share * scale * e.pi[k] * (e.f[k] - mean)
			if e.cfg.Leash == LeashK3Loss {
				out[k] -= share * e.cfg.Beta * (e.pi[k] - math.Exp(e.p.LogRef[k]))
			}
		}
	}
	return out
}

// Enumerated over every batch, each estimator is the exact gradient times its
// factor: (B−1)/B where the mean holds the reply itself, 1 where it does not.
func TestEstimatorsEnumerated(t *testing.T) {
	one := bandit([]float64{1, 2, 5})
	two := NewProblem(&Dataset{Prompts: []Prompt{banditPrompt([]float64{1, 2}), banditPrompt([]float64{3, 1, 1})}})
	passes := RLHFConfig{Epochs: 1, Minibatches: 1, Clip: 0.2}
	for _, c := range []struct {
		name   string
		p      *Problem
		cfg    RLHFConfig
		factor float64
	}{
		{"REINFORCE, 2 replies", one, RLHFConfig{How: Reinforce, Batch: 2}, 1.0 / 2},
		{"REINFORCE, 4 replies", one, RLHFConfig{How: Reinforce, Batch: 4}, 3.0 / 4},
		{"REINFORCE, 4 replies to 2 prompts", two, RLHFConfig{How: Reinforce, Batch: 4}, 3.0 / 4},
		{"RLOO, 2 replies", one, RLHFConfig{How: RLOO, Batch: 2, Group: 2}, 1},
		{"RLOO, 4 replies", one, RLHFConfig{How: RLOO, Batch: 4, Group: 4}, 1},
		{"RLOO, 2 × 2 replies to 2 prompts", two, RLHFConfig{How: RLOO, Batch: 4, Group: 2}, 1},
		{"RLOO, k3 as a loss", one, RLHFConfig{How: RLOO, Batch: 3, Group: 3, Leash: LeashK3Loss}, 1},
		{"GRPO, 3 replies", one, RLHFConfig{How: GRPO, Batch: 3, Group: 3}, 2.0 / 3},
		{"GRPO, 2 × 2 replies to 2 prompts", two, RLHFConfig{How: GRPO, Batch: 4, Group: 2}, 1.0 / 2},
		{"GRPO, k3 as a loss", one, RLHFConfig{How: GRPO, Batch: 3, Group: 3, Leash: LeashK3Loss}, 2.0 / 3},
		{"PPO, 3 replies", one, RLHFConfig{How: PPO, Batch: 3}, 2.0 / 3},
		{"PPO with a value", one, RLHFConfig{How: PPO, Batch: 2, ValueRate: 0.1}, 1},
		{"PPO with a value, 2 prompts", two, RLHFConfig{How: PPO, Batch: 2, ValueRate: 0.1}, 1},
	} {
		c.cfg.Epochs, c.cfg.Minibatches, c.cfg.Clip = passes.Epochs, passes.Minibatches, passes.Clip
		c.cfg.Beta, c.cfg.Rule = 0.6, sgdRule(1)
		e := enumeration{p: c.p, cfg: c.cfg, r: []float64{2, -1, 0.5, 0, 3}[:c.p.Arms()], d: []float64{0.3, -0.4, 0.9, 0, -1}[:c.p.Arms()]}
		e.prepare()
		got := e.expected(0.7)
		near(t, c.name+": probability of all batches", e.mass, 1, 1e-12)
		nearAll(t, c.name, got, e.exact(c.factor), 1e-12)
	}
}

// The group's standard deviation is the one that public code divides by: of
// rewards 1, 0, 0 the mean is 1/3 and the deviation 1/√3.
func TestGRPONormalises(t *testing.T) {
	p := bandit(uniform2)
	r := givenReward(p, RLHFConfig{Beta: 1, Rule: sgdRule(1), How: GRPO, Batch: 6, Group: 3, Normalise: true, Epochs: 1, Minibatches: 1, Clip: 0.2}, 0, 0)
	copy(r.batch.gain, []float64{1, 0, 0, 5, 5, 5})
	r.advantages()
	sd := 1/math.Sqrt(3) + 1e-4
	nearAll(t, "advantages", r.batch.advantage, []float64{2.0 / 3 / sd, -1.0 / 3 / sd, -1.0 / 3 / sd, 0, 0, 0}, 1e-14)
}

// A later update of PPO climbs mean min(ρA, clip(ρ, 1−ε, 1+ε)A), whose slope is
// had here by differences, clipped replies of both kinds among them.
func TestPPOClimbsTheClippedSurrogate(t *testing.T) {
	p := bandit([]float64{2, 1, 1, 3, 2})
	cfg := RLHFConfig{Beta: 0.4, Rule: sgdRule(1), How: PPO, Batch: 30, Epochs: 2, Minibatches: 2, Clip: 0.2, Seed: 5}
	r := givenReward(p, cfg, 1, -1, 0.5, 0, 2)
	r.generateAll()
	d := []float64{0.4, -0.5, 0.1, 0, 0.05}
	standAt(r, d)
	part := []int{1, 2, 3, 5, 7, 8, 9, 12, 14, 15, 18, 19, 22, 23, 26, 27, 28, 29}
	above, below := 0, 0
	surrogate := func(d []float64) float64 {
		z := make([]float64, 5)
		for k := range z {
			z[k] = p.LogRef[k] + d[k]
		}
		logPi, sum := logNormalised(z), 0.0
		above, below = 0, 0
		for _, i := range part {
			ratio, a := math.Exp(logPi[r.batch.arms[i]]-r.batch.logOld[i]), r.batch.advantage[i]
			held := math.Min(math.Max(ratio, 0.8), 1.2)
			sum += math.Min(ratio*a, held*a)
			if held*a < ratio*a && a > 0 {
				above++
			} else if held*a < ratio*a {
				below++
			}
		}
		return sum / float64(len(part))
	}
	want := make([]float64, 5)
	for k := range want {
		e := append([]float64(nil), d...)
		e[k] += 1e-6
		high := surrogate(e)
		e[k] -= 2e-6
		want[k] = d[k] + (high-surrogate(e))/2e-6
	}
	r.learnFrom(part)
	nearAll(t, "d after the update", r.d, want, 1e-8)
	if above == 0 || below == 0 || above+below == len(part) {
		t.Errorf("of %d replies %d were clipped above and %d below: the test shows nothing", len(part), above, below)
	}
}

// The value of a prompt moves by rate·mean(f − V) over an update's replies, and
// in the long run to E_π[f].
func TestPPOLearnsTheValue(t *testing.T) {
	p := NewProblem(&Dataset{Prompts: []Prompt{banditPrompt([]float64{3, 1}), banditPrompt(uniform2)}})
	cfg := RLHFConfig{Beta: 1, Rule: sgdRule(1e-12), How: PPO, Batch: 8, Epochs: 1, Minibatches: 1, Clip: 0.2, ValueRate: 0.1, Seed: 1}
	r := givenReward(p, cfg, 1, 0, 3, 1) // centred: ±½ and ±1
	r.Advance(1)
	want := []float64{0, 0}
	for i, prompt := range r.batch.prompts {
		want[prompt] += 0.1 * r.batch.gain[i] / 8
	}
	nearAll(t, "V after a step", r.value, want, 1e-9)
	r.cfg.ValueRate = 0.01
	r.Advance(20000)
	nearAll(t, "V", r.value, []float64{0.25, 0}, 0.06)
}

// TestRepliesFollowThePolicy counts generated replies against π, and prompts
// against the epochs in which they are dealt.
func TestRepliesFollowThePolicy(t *testing.T) {
	refs := []float64{1, 3, 5, 1}
	p := NewProblem(&Dataset{Prompts: []Prompt{banditPrompt(refs), banditPrompt(refs), banditPrompt(refs)}})
	r := givenReward(p, RLHFConfig{Beta: 1, Rule: sgdRule(1e-12), How: Reinforce, Batch: 3, Seed: 11}, make([]float64, 12)...)
	counts, steps := make([]float64, 12), 10000
	for range steps {
		r.Advance(1)
		prompts := 0
		for i, prompt := range r.batch.prompts {
			counts[r.batch.arms[i]]++
			prompts += 1 << prompt
		}
		if prompts != 7 {
			t.Fatalf("step %d: the prompts were not dealt one of each: %+v", r.StepCount(), r.batch.prompts)
		}
	}
	chi := 0.0
	for k, n := range counts {
		expected := refs[k%4] / 10 * float64(steps)
		chi += (n - expected) * (n - expected) / expected
	}
	if chi > 27.9 { // 9 degrees of freedom, 1 in 1000
		t.Errorf("χ² = %.1f of %v", chi, counts)
	}
}

func allEstimators() map[string]RLHFConfig {
	base := RLHFConfig{Beta: 0.5, Rule: NewUpdateRule(Adam, 0.002), Batch: 32, Group: 4, Epochs: 2, Minibatches: 4, Clip: 0.2, Seed: 3}
	out := map[string]RLHFConfig{}
	for name, how := range map[string]Estimator{"exact": ExactGradient, "reinforce": Reinforce, "rloo": RLOO, "grpo": GRPO, "ppo": PPO} {
		cfg := base
		cfg.How = how
		out[name] = cfg
	}
	valued := out["ppo"]
	valued.ValueRate = 0.2
	out["ppo+value"] = valued
	k3 := out["grpo"]
	k3.Leash, k3.Normalise = LeashK3Loss, true
	out["grpo+k3"] = k3
	return out
}

// From samples, too, the policy comes to the optimum, up to the noise.
func TestSampledRunsComeNear(t *testing.T) {
	reference, rewards := []float64{4, 3, 2, 1}, []float64{0, 0.5, -0.5, 0.6}
	p := bandit(reference)
	want := tilted(reference, rewards, 0.5)
	for name, cfg := range allEstimators() {
		if cfg.Leash == LeashK3Loss {
			continue
		}
		r := givenReward(p, cfg, rewards...)
		r.Advance(4000)
		mean := make([]float64, 4)
		for range 1000 {
			r.Advance(1)
			for k, x := range spoken(p, r, 0) {
				mean[k] += x / 1000
			}
		}
		nearAll(t, name, mean, want, 0.02)
	}
}

// k₃ as a loss leads elsewhere: to β π_ref/(λ − r), where β π_ref/π + r is the
// same for all replies.
func TestK3LossHasAnotherFixedPoint(t *testing.T) {
	reference, rewards, beta := []float64{0.4, 0.3, 0.2, 0.1}, []float64{0, 1, -1, 2}, 0.8
	p := bandit(reference)
	r := givenReward(p, RLHFConfig{Beta: beta, Rule: sgdRule(1), Leash: LeashK3Loss}, rewards...)
	r.Advance(5000)
	pi, sum := spoken(p, r, 0), 0.0
	for k := range pi {
		near(t, "β π_ref/π + r", beta*reference[k]/pi[k]+rewards[k], beta*reference[0]/pi[0]+rewards[0], 1e-9)
		sum += pi[k]
	}
	near(t, "Σπ", sum, 1, 1e-12)
	var tilt Tilt
	r.Optimum(&tilt, 0)
	nearAll(t, "the optimum announced", exps(tilt.LogPi), pi, 1e-9)
	if gap := math.Abs(pi[3] - tilted(reference, rewards, beta)[3]); gap < 0.05 {
		t.Errorf("π* is only %v away: the test shows nothing", gap)
	}
}

// TestForwardTilt checks SetForward where it is hard: far apart and far off.
func TestForwardTilt(t *testing.T) {
	r := rand.New(rand.NewPCG(91, 92))
	var tilt Tilt
	for range 200 {
		n, beta := 2+r.IntN(6), math.Exp(3*r.NormFloat64())
		weights, rewards := make([]float64, n), make([]float64, n)
		for k := range weights {
			weights[k], rewards[k] = math.Exp(3*r.NormFloat64()), 3*r.NormFloat64()
		}
		logRef := logs(weights)
		tilt.SetForward(logRef, rewards, beta)
		sum, level := 0.0, beta*math.Exp(logRef[0]-tilt.LogPi[0])+rewards[0]
		for k, lp := range tilt.LogPi {
			sum += math.Exp(lp)
			other := beta*math.Exp(logRef[k]-lp) + rewards[k]
			near(t, "λ", other/level, 1, 1e-11*(1+10/math.Abs(level)))
		}
		near(t, "Σπ", sum, 1, 1e-12)
	}
}

// TestCounters does the arithmetic of what each run takes.
func TestCounters(t *testing.T) {
	p := NewProblem(&Dataset{Prompts: []Prompt{banditPrompt([]float64{1, 1, 1}), banditPrompt(uniform2)},
		Pairs: []Pair{{0, 0, 1, 1}, {1, 0, 1, 2}}})
	var two, three, four = PolicyHeld | ReferenceHeld, PolicyHeld | ReferenceHeld | RewardModelHeld, PolicyHeld | ReferenceHeld | RewardModelHeld | ValueModelHeld
	all := allEstimators()
	online := all["ppo"]
	online.Every, online.Judged = 4, 4
	for name, c := range map[string]struct {
		cfg    RLHFConfig
		custom bool
		want   Cost // after 7 steps of the reward model and 10 of the policy
	}{
		"exact":     {all["exact"], false, Cost{Models: three, RewardCalls: 50, PolicyUpdates: 10, RewardUpdates: 7}},
		"rloo":      {all["rloo"], false, Cost{Models: three, Replies: 320, RewardCalls: 320, PolicyUpdates: 10, RewardUpdates: 7}},
		"ppo":       {all["ppo"], false, Cost{Models: three, Replies: 320, RewardCalls: 320, PolicyUpdates: 80, RewardUpdates: 7}},
		"ppo+value": {all["ppo+value"], false, Cost{Models: four, Replies: 320, RewardCalls: 320, PolicyUpdates: 80, RewardUpdates: 7, ValueUpdates: 80}},
		"custom":    {all["rloo"], true, Cost{Models: two, Replies: 320, RewardCalls: 320, PolicyUpdates: 10}},
		"online":    {online, false, Cost{Models: three, Replies: 336, RewardCalls: 320, PolicyUpdates: 80, RewardUpdates: 7 + 2*3}},
	} {
		s := DefaultSettings()
		model := readyModel(p, RewardConfig{Rule: sgdRule(1), Steps: 7, Refit: 3, Online: c.cfg.Every > 0})
		first := 7
		if c.custom {
			model, c.cfg.Custom, first = nil, make([]float64, 5), 0
		}
		r := NewRLHF(p, model, c.cfg, s.annotators())
		for range first {
			if r.Stage() != 1 {
				t.Errorf("%s: stage %d at step %d", name, r.Stage(), r.StepCount())
			}
			r.Advance(1)
		}
		for k := range p.Arms() {
			if logRatio(r, k) != 0 {
				t.Errorf("%s: the policy has moved in stage 1", name)
			}
		}
		r.Advance(10)
		got := r.Cost()
		if name == "online" {
			near(t, "votes on two different replies of 2 or 3, of 8", float64(got.Votes), 4.7, 4)
			near(t, "all votes", model.total, 3+float64(got.Votes), 0)
			got.Votes = 0
		}
		if got != c.want || r.Stage() != 2 || r.PolicyStep() != 10 {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true, L2: 1}).Cost(); got != (Cost{Models: RewardModelHeld, RewardSolves: 2}) {
		t.Errorf("a reward model of two prompts, solved: %+v", got)
	}
	var cfg Config
	cfg.Beta, cfg.Rate = 1, 1
	if got, want := trained(p, cfg, 9).Cost(), (Cost{Models: two, PolicyUpdates: 9}); got != want || got.Models.Count() != 2 || four.Count() != 4 {
		t.Errorf("DPO: %+v, want %+v", got, want)
	}
	cfg.Objective = ObjectiveNamed("orpo")
	if got, want := trained(p, cfg, 3).Cost(), (Cost{Models: PolicyHeld, PolicyUpdates: 3}); got != want {
		t.Errorf("ORPO: %+v, want %+v", got, want)
	}
}

// everyStepper lists makers of runs of every kind, on two prompts with votes.
func everyStepper() map[string]func() Stepper {
	s := DefaultSettings()
	d := rewarded([]float64{1, 0, -1, 0.5}, []float64{1, 2, 3, 1})
	d.Prompts = append(d.Prompts, rewarded([]float64{0, 1, 0.3}, []float64{1, 1, 5}).Prompts...)
	for i := range d.Prompts {
		for k := range d.Prompts[i].Replies {
			d.Prompts[i].Replies[k].Features = []float64{float64(k) - 1.5, float64(i) + 1/float64(k+1)}
		}
	}
	p, complaint := Prepare(d, &s, nil)
	if complaint != nil {
		panic(complaint.Error())
	}
	out := map[string]func() Stepper{}
	for name, cfg := range allEstimators() {
		linear := cfg
		linear.Policy = LinearPolicy
		out["linear "+name] = func() Stepper {
			return NewRLHF(p, readyModel(p, RewardConfig{Rule: NewUpdateRule(Adam, 0.05), Steps: 20}), linear, s.annotators())
		}
		out[name] = func() Stepper {
			return NewRLHF(p, readyModel(p, RewardConfig{Rule: NewUpdateRule(Adam, 0.05), Steps: 20}), cfg, s.annotators())
		}
		for _, l2 := range []float64{0, 0.01} {
			cfg := cfg
			cfg.Every, cfg.Judged = 3, 8
			reward := RewardConfig{Rule: NewUpdateRule(Adam, 0.05), Steps: 20, Refit: 5, Online: true, L2: l2, ToTheEnd: l2 > 0}
			out[fmt.Sprintf("online %s λ=%v", name, l2)] = func() Stepper { return NewRLHF(p, readyModel(p, reward), cfg, s.annotators()) }
		}
	}
	for _, kind := range []int{SGD, Adam} {
		out[fmt.Sprintf("online dpo/%d", kind)] = func() Stepper {
			return NewOnlineDPO(p, OnlineDPOConfig{Beta: 0.5, Smoothing: 0.05, Rule: NewUpdateRule(kind, 0.05), Pairs: 8, Every: 3, Seed: 9}, s.annotators())
		}
		out[fmt.Sprintf("linear online dpo/%d", kind)] = func() Stepper {
			return NewOnlineDPO(p, OnlineDPOConfig{Beta: 0.5, Rule: NewUpdateRule(kind, 0.05), Pairs: 8, Every: 3, Seed: 9, Policy: LinearPolicy}, s.annotators())
		}
	}
	return out
}

// TestSlopeOfRLHF compares it with the books' gradient, anywhere and at the optimum.
func TestSlopeOfRLHF(t *testing.T) {
	p, rewards := bandit([]float64{1, 2, 3}), []float64{1, -1, 0.5}
	for _, leash := range []Leash{LeashInReward, LeashK3Loss} {
		r := givenReward(p, RLHFConfig{Beta: 0.5, Rule: sgdRule(1), Leash: leash}, rewards...)
		d := []float64{0.3, 0, -2}
		standAt(r, d)
		ofReward, ofKL, ofForward := plainGradient([]float64{p.LogRef[0] + d[0], p.LogRef[1] + d[1], p.LogRef[2] + d[2]}, p.LogRef, rewards)
		want := 0.0
		for k := range d {
			slope := ofReward[k] - 0.5*ofKL[k]
			if leash == LeashK3Loss {
				slope = ofReward[k] - 0.5*ofForward[k]
			}
			want = math.Max(want, math.Abs(slope))
		}
		near(t, "slope", r.Slope(), want, 1e-15)
		var tilt Tilt
		r.Optimum(&tilt, 0)
		for k := range d {
			d[k] = tilt.LogPi[k] - p.LogRef[k]
		}
		standAt(r, d)
		near(t, "slope at the optimum", r.Slope(), 0, 1e-15)
	}
}

// A state that was saved leads to the same bits as one that was not, also in
// another run and with other steps taken in between.
func TestSavedStatesGoOn(t *testing.T) {
	for name, start := range everyStepper() {
		straight, other := start(), start()
		for _, at := range []int{0, 7, 31} {
			straight.Advance(at - straight.StepCount())
			saved := straight.Save(nil)
			straight.Advance(40)
			want := straight.Save(nil)
			straight.Restore(saved)
			straight.Advance(40)
			other.Advance(13)
			other.Restore(saved)
			other.Advance(15)
			other.Advance(25)
			for _, got := range [][]float64{straight.Save(nil), other.Save(nil)} {
				if len(got) != len(want) {
					t.Fatalf("%s: %d numbers saved, want %d", name, len(got), len(want))
				}
				for i := range want {
					if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
						t.Fatalf("%s: from step %d, number %d of the state is %v, want %v", name, at, i, got[i], want[i])
					}
				}
			}
			straight.Restore(saved)
		}
	}
}

func TestRLHFAllocatesNothing(t *testing.T) {
	for name, start := range everyStepper() {
		r := start()
		r.Advance(50)
		saved := r.Save(nil)
		if n := testing.AllocsPerRun(20, func() { r.Advance(3) }); n != 0 {
			t.Errorf("%s: %v allocations in three steps", name, n)
		}
		if n := testing.AllocsPerRun(20, func() { saved = r.Save(saved[:0]); r.Restore(saved) }); n != 0 {
			t.Errorf("%s: %v allocations to save and restore", name, n)
		}
	}
}

func TestRLHFComplaints(t *testing.T) {
	p := bandit([]float64{1, 2, 3}, Pair{0, 0, 1, 1})
	good := allEstimators()["ppo"]
	if c := good.Check(p); c != nil {
		t.Fatal(c)
	}
	for field, spoil := range map[string]func(*RLHFConfig){
		"beta":        func(c *RLHFConfig) { c.Beta = 0 },
		"lr":          func(c *RLHFConfig) { c.Rule.Rate = math.NaN() },
		"opt":         func(c *RLHFConfig) { c.Rule.Kind = 9 },
		"est":         func(c *RLHFConfig) { c.How = 5 },
		"replies":     func(c *RLHFConfig) { c.Batch = 0 },
		"group":       func(c *RLHFConfig) { c.How, c.Group = RLOO, 5 },
		"epochs":      func(c *RLHFConfig) { c.Epochs = 0 },
		"minibatches": func(c *RLHFConfig) { c.Minibatches = 5 },
		"clip":        func(c *RLHFConfig) { c.Clip = 0 },
		"valuerate":   func(c *RLHFConfig) { c.ValueRate = 3 },
		"penalty":     func(c *RLHFConfig) { c.Penalty = []float64{1} },
		"custom":      func(c *RLHFConfig) { c.Custom = []float64{1, math.Inf(1), 0} },
		"fresh":       func(c *RLHFConfig) { c.Every, c.Custom = 1, make([]float64, 3) },
	} {
		bad := good
		spoil(&bad)
		if c := bad.Check(p); c == nil || c.Field != field {
			t.Errorf("%s: complaint %v", field, c)
		}
	}
	pairless := good
	pairless.How, pairless.Group = GRPO, 1
	if c := pairless.Check(p); c == nil || c.Field != "group" {
		t.Errorf("a group of 1: %v", c)
	}
	for field, cfg := range map[string]RewardConfig{
		"rmopt": {Rule: UpdateRule{Kind: -1, Rate: 1}}, "rmlr": {}, "rmsteps": {Rule: sgdRule(1), Steps: -1},
		"rml2": {Rule: sgdRule(1), ToTheEnd: true, Online: true}, "refit": {Rule: sgdRule(1), Refit: -1},
	} {
		if c := cfg.Check(p); c == nil || c.Field != field {
			t.Errorf("%s: complaint %v", field, c)
		}
	}
	ref := make([]float64, 400)
	for k := range ref {
		ref[k] = 1
	}
	if c := (&RewardConfig{Rule: sgdRule(1), Online: true}).Check(bandit(ref)); c == nil || c.Field != "judged" {
		t.Errorf("79 800 pairs: %v", c)
	}
	online := OnlineDPOConfig{Beta: 1, Rule: sgdRule(1), Pairs: 1, Every: 1}
	if c := online.Check(); c != nil {
		t.Error(c)
	}
	online.Every = 0
	if c := online.Check(); c == nil || c.Field != "every" {
		t.Errorf("every 0 steps: %v", c)
	}
}
