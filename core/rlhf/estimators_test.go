package rlhf

import (
	"math"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// An enumeration goes through every batch that can be generated and adds up the
// first update, weighted with the probability of the batch.
type enumeration struct {
	p    *data.Problem
	cfg  Config
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
	for i := range r.Value {
		r.Value[i] = value
	}
	for i, arm := range arms {
		r.LookAtPrompt(prompts[i])
		b := &r.Batch
		b.Prompts[i], b.Arms[i], b.order[i], b.LogOld[i], b.Gain[i] = prompts[i], arm, i, r.LogPi[arm], e.f[arm]
	}
	r.advantages()
	r.learnFrom(r.Batch.order)
	out := logRatios(r)
	for k := range out {
		out[k] -= e.d[k]
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
		for k, lp := range oracle.LogNormalised(z) {
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
	one := datatest.Bandit([]float64{1, 2, 5})
	two := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{datatest.Prompt([]float64{1, 2}), datatest.Prompt([]float64{3, 1, 1})}})
	passes := Config{Epochs: 1, Minibatches: 1, Clip: 0.2}
	for _, c := range []struct {
		name   string
		p      *data.Problem
		cfg    Config
		factor float64
	}{
		{"REINFORCE, 2 replies", one, Config{How: Reinforce, Batch: 2}, 1.0 / 2},
		{"REINFORCE, 4 replies", one, Config{How: Reinforce, Batch: 4}, 3.0 / 4},
		{"REINFORCE, 4 replies to 2 prompts", two, Config{How: Reinforce, Batch: 4}, 3.0 / 4},
		{"RLOO, 2 replies", one, Config{How: RLOO, Batch: 2, Group: 2}, 1},
		{"RLOO, 4 replies", one, Config{How: RLOO, Batch: 4, Group: 4}, 1},
		{"RLOO, 2 × 2 replies to 2 prompts", two, Config{How: RLOO, Batch: 4, Group: 2}, 1},
		{"RLOO, k3 as a loss", one, Config{How: RLOO, Batch: 3, Group: 3, Leash: LeashK3Loss}, 1},
		{"GRPO, 3 replies", one, Config{How: GRPO, Batch: 3, Group: 3}, 2.0 / 3},
		{"GRPO, 2 × 2 replies to 2 prompts", two, Config{How: GRPO, Batch: 4, Group: 2}, 1.0 / 2},
		{"GRPO, k3 as a loss", one, Config{How: GRPO, Batch: 3, Group: 3, Leash: LeashK3Loss}, 2.0 / 3},
		{"PPO, 3 replies", one, Config{How: PPO, Batch: 3}, 2.0 / 3},
		{"PPO with a value", one, Config{How: PPO, Batch: 2, ValueRate: 0.1}, 1},
		{"PPO with a value, 2 prompts", two, Config{How: PPO, Batch: 2, ValueRate: 0.1}, 1},
	} {
		c.cfg.Epochs, c.cfg.Minibatches, c.cfg.Clip = passes.Epochs, passes.Minibatches, passes.Clip
		c.cfg.Beta, c.cfg.Rule = 0.6, sgd(1)
		e := enumeration{p: c.p, cfg: c.cfg, r: []float64{2, -1, 0.5, 0, 3}[:c.p.Arms()], d: []float64{0.3, -0.4, 0.9, 0, -1}[:c.p.Arms()]}
		e.prepare()
		got := e.expected(0.7)
		oracle.Near(t, c.name+": probability of all batches", e.mass, 1, 1e-12)
		oracle.NearAll(t, c.name, got, e.exact(c.factor), 1e-12)
	}
}

// The group's standard deviation is the one that public code divides by: of
// rewards 1, 0, 0 the mean is 1/3 and the deviation 1/√3.
func TestGRPONormalises(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2)
	r := givenReward(p, Config{Beta: 1, Rule: sgd(1), How: GRPO, Batch: 6, Group: 3, Normalise: true, Epochs: 1, Minibatches: 1, Clip: 0.2}, 0, 0)
	copy(r.Batch.Gain, []float64{1, 0, 0, 5, 5, 5})
	r.advantages()
	sd := 1/math.Sqrt(3) + 1e-4
	oracle.NearAll(t, "advantages", r.Batch.Advantage, []float64{2.0 / 3 / sd, -1.0 / 3 / sd, -1.0 / 3 / sd, 0, 0, 0}, 1e-14)
}

// generateAll generates all replies of a step that has not begun.
func (r *RLHF) generateAll() {
	for r.Begin(); r.Part.Stage == ToGenerate; {
		r.Generate()
	}
	r.Part.Stage = ToBegin
}

// A later update of PPO climbs mean min(ρA, clip(ρ, 1−ε, 1+ε)A), whose slope is
// had here by differences, clipped replies of both kinds among them.
func TestPPOClimbsTheClippedSurrogate(t *testing.T) {
	climbSurrogate(t, 0, 1.2)
	climbSurrogate(t, 0.28, 1.28) // clip-higher, Yu et al. 2025
}

// climbSurrogate compares an update with differences of mean min(ρA, clip(ρ, 0.8, most)A).
func climbSurrogate(t *testing.T, high, most float64) {
	t.Helper()
	p := datatest.Bandit([]float64{2, 1, 1, 3, 2})
	cfg := Config{Beta: 0.4, Rule: sgd(1), How: PPO, Batch: 30, Epochs: 2, Minibatches: 2, Clip: 0.2, ClipHigh: high, Seed: 5}
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
		logPi, sum := oracle.LogNormalised(z), 0.0
		above, below = 0, 0
		for _, i := range part {
			ratio, a := math.Exp(logPi[r.Batch.Arms[i]]-r.Batch.LogOld[i]), r.Batch.Advantage[i]
			held := math.Min(math.Max(ratio, 0.8), most)
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
	oracle.NearAll(t, "d after the update", r.d, want, 1e-8)
	if above == 0 || below == 0 || above+below == len(part) {
		t.Errorf("of %d replies %d were clipped above and %d below: the test shows nothing", len(part), above, below)
	}
}

// givenReward returns RLHF of given rewards.
func givenReward(p *data.Problem, cfg Config, rewards ...float64) *RLHF {
	cfg.Custom = rewards
	return New(p, nil, cfg, data.Annotators{})
}

// standAt puts RLHF's policy, which is a table, at log-ratios to the reference.
func standAt(r *RLHF, logRatio []float64) {
	state := r.Save(nil)
	copy(state[1:], logRatio) // the step comes first
	r.Restore(state)
}

// logRatios returns d = z − log π_ref of every arm.
func logRatios(r *RLHF) []float64 {
	d := make([]float64, r.P.Arms())
	r.AddLogRatios(d, 0)
	return d
}

func sgd(rate float64) train.UpdateRule { return train.NewUpdateRule(train.SGD, rate) }
