package rlhf_test

import (
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// BenchmarkRLHF times a step at K = 6 and 32 replies, and what stands beside
// it. A step of PPO is four passes of four updates.
func BenchmarkRLHF(b *testing.B) {
	s := core.DefaultSettings()
	p, complaint := core.Prepare(datatest.Rewarded([]float64{1, 0.5, 0, -0.5, -1, 2}, []float64{1, 2, 3, 4, 5, 1}), &s, nil)
	if complaint != nil {
		b.Fatal(complaint)
	}
	passes := rlhf.Config{Beta: 0.5, Batch: 32, Group: 8, Epochs: 4, Minibatches: 4, Clip: 0.2, Seed: 1}
	for _, c := range []struct {
		name        string
		how         rlhf.Estimator
		kind        int
		epochs      int
		value       float64
		minibatches int
	}{
		{"exact/sgd", rlhf.ExactGradient, train.SGD, 0, 0, 0}, {"exact/adam", rlhf.ExactGradient, train.Adam, 0, 0, 0},
		{"reinforce/sgd", rlhf.Reinforce, train.SGD, 0, 0, 0}, {"rloo/sgd", rlhf.RLOO, train.SGD, 0, 0, 0}, {"rloo/adam", rlhf.RLOO, train.Adam, 0, 0, 0},
		{"grpo/sgd", rlhf.GRPO, train.SGD, 1, 0, 1}, {"ppo/one pass/sgd", rlhf.PPO, train.SGD, 1, 0, 1},
		{"ppo/sgd", rlhf.PPO, train.SGD, 4, 0, 4}, {"ppo/adam", rlhf.PPO, train.Adam, 4, 0, 4}, {"ppo+value/adam", rlhf.PPO, train.Adam, 4, 0.1, 4},
	} {
		cfg := passes
		cfg.How, cfg.Rule, cfg.Epochs, cfg.ValueRate, cfg.Minibatches = c.how, train.NewUpdateRule(c.kind, 1e-3), c.epochs, c.value, c.minibatches
		r := rlhf.New(p, coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true, L2: 0.01}), cfg, data.Annotators{})
		b.Run(c.name, func(b *testing.B) { benchmarkStepper(b, r) })
	}
	reward := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), Steps: 1 << 30})
	b.Run("reward model", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reward.Step()
		}
	})
	online := rlhf.NewOnlineDPO(p, rlhf.OnlineDPOConfig{Beta: 0.5, Rule: coretest.SgdRule(0.01), Pairs: 32, Every: 1}, s.Annotators())
	b.Run("online dpo", func(b *testing.B) { benchmarkStepper(b, online) })
	var cfg train.Config
	cfg.Beta, cfg.Rate = 0.5, 0.01
	b.Run("dpo", func(b *testing.B) { benchmarkStepper(b, train.NewTrainer(p, cfg)) })
	cfg.Batch = 32
	b.Run("dpo/batch", func(b *testing.B) { benchmarkStepper(b, train.NewTrainer(p, cfg)) })
}

func benchmarkStepper(b *testing.B, r interface{ Advance(int) }) {
	b.ReportAllocs()
	for b.Loop() {
		r.Advance(1)
	}
}
