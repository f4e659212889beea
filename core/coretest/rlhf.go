package coretest

import (
	"fmt"
	"math"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// tilted returns π_ref e^(r/β)/Z of weights and rewards.
func Tilted(reference, rewards []float64, beta float64) []float64 {
	z := make([]float64, len(rewards))
	for k := range z {
		z[k] = math.Log(reference[k]) + rewards[k]/beta
	}
	return oracle.Exps(oracle.LogNormalised(z))
}

// spoken returns π of one prompt.
func Spoken(p *data.Problem, from train.Policy, prompt int) []float64 {
	a, b := p.Range(prompt)
	z := make([]float64, b-a)
	for k := range z {
		z[k] = p.LogRef[a+k] + LogRatio(from, a+k)
	}
	return oracle.Exps(oracle.LogNormalised(z))
}

func GivenReward(p *data.Problem, cfg rlhf.Config, rewards ...float64) *rlhf.RLHF {
	cfg.Custom = rewards
	if c := cfg.Check(p); c != nil {
		panic(c.Error())
	}
	return rlhf.New(p, nil, cfg, data.Annotators{})
}

func AllEstimators() map[string]rlhf.Config {
	base := rlhf.Config{Beta: 0.5, Rule: train.NewUpdateRule(train.Adam, 0.002), Batch: 32, Group: 4, Epochs: 2, Minibatches: 4, Clip: 0.2, Seed: 3}
	out := map[string]rlhf.Config{}
	for name, how := range map[string]rlhf.Estimator{"exact": rlhf.ExactGradient, "reinforce": rlhf.Reinforce, "rloo": rlhf.RLOO, "grpo": rlhf.GRPO, "ppo": rlhf.PPO} {
		cfg := base
		cfg.How = how
		out[name] = cfg
	}
	valued := out["ppo"]
	valued.ValueRate = 0.2
	out["ppo+value"] = valued
	k3 := out["grpo"]
	k3.Leash, k3.Normalise = rlhf.LeashK3Loss, true
	out["grpo+k3"] = k3
	return out
}

// everyStepper lists makers of runs of every kind, on two prompts with votes.
func EveryStepper() map[string]func() train.Stepper {
	s := core.DefaultSettings()
	d := datatest.Rewarded([]float64{1, 0, -1, 0.5}, []float64{1, 2, 3, 1})
	d.Prompts = append(d.Prompts, datatest.Rewarded([]float64{0, 1, 0.3}, []float64{1, 1, 5}).Prompts...)
	for i := range d.Prompts {
		for k := range d.Prompts[i].Replies {
			d.Prompts[i].Replies[k].Features = []float64{float64(k) - 1.5, float64(i) + 1/float64(k+1)}
		}
	}
	p, complaint := core.Prepare(d, &s, nil)
	if complaint != nil {
		panic(complaint.Error())
	}
	out := map[string]func() train.Stepper{}
	for name, cfg := range AllEstimators() {
		linear := cfg
		linear.Policy = train.LinearPolicy
		out["linear "+name] = func() train.Stepper {
			return rlhf.New(p, ReadyModel(p, rlhf.RewardConfig{Rule: train.NewUpdateRule(train.Adam, 0.05), Steps: 20}), linear, s.Annotators())
		}
		out[name] = func() train.Stepper {
			return rlhf.New(p, ReadyModel(p, rlhf.RewardConfig{Rule: train.NewUpdateRule(train.Adam, 0.05), Steps: 20}), cfg, s.Annotators())
		}
		for _, l2 := range []float64{0, 0.01} {
			cfg := cfg
			cfg.Every, cfg.Judged = 3, 8
			reward := rlhf.RewardConfig{Rule: train.NewUpdateRule(train.Adam, 0.05), Steps: 20, Refit: 5, Online: true, L2: l2, ToTheEnd: l2 > 0}
			out[fmt.Sprintf("online %s λ=%v", name, l2)] = func() train.Stepper { return rlhf.New(p, ReadyModel(p, reward), cfg, s.Annotators()) }
		}
	}
	for _, kind := range []int{train.SGD, train.Adam} {
		out[fmt.Sprintf("online dpo/%d", kind)] = func() train.Stepper {
			return rlhf.NewOnlineDPO(p, rlhf.OnlineDPOConfig{Beta: 0.5, Smoothing: 0.05, Rule: train.NewUpdateRule(kind, 0.05), Pairs: 8, Every: 3, Seed: 9}, s.Annotators())
		}
		out[fmt.Sprintf("linear online dpo/%d", kind)] = func() train.Stepper {
			return rlhf.NewOnlineDPO(p, rlhf.OnlineDPOConfig{Beta: 0.5, Rule: train.NewUpdateRule(kind, 0.05), Pairs: 8, Every: 3, Seed: 9, Policy: train.LinearPolicy}, s.Annotators())
		}
	}
	return out
}
