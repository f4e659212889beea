package core

import "testing"

// BenchmarkRLHF times a step at K = 6 and 32 replies, and what stands beside
// it. A step of PPO is four passes of four updates.
func BenchmarkRLHF(b *testing.B) {
	s := DefaultSettings()
	p, complaint := Prepare(rewarded([]float64{1, 0.5, 0, -0.5, -1, 2}, []float64{1, 2, 3, 4, 5, 1}), &s, nil)
	if complaint != nil {
		b.Fatal(complaint)
	}
	passes := RLHFConfig{Beta: 0.5, Batch: 32, Group: 8, Epochs: 4, Minibatches: 4, Clip: 0.2, Seed: 1}
	for _, c := range []struct {
		name        string
		how         Estimator
		kind        int
		epochs      int
		value       float64
		minibatches int
	}{
		{"exact/sgd", ExactGradient, SGD, 0, 0, 0}, {"exact/adam", ExactGradient, Adam, 0, 0, 0},
		{"reinforce/sgd", Reinforce, SGD, 0, 0, 0}, {"rloo/sgd", RLOO, SGD, 0, 0, 0}, {"rloo/adam", RLOO, Adam, 0, 0, 0},
		{"grpo/sgd", GRPO, SGD, 1, 0, 1}, {"ppo/one pass/sgd", PPO, SGD, 1, 0, 1},
		{"ppo/sgd", PPO, SGD, 4, 0, 4}, {"ppo/adam", PPO, Adam, 4, 0, 4}, {"ppo+value/adam", PPO, Adam, 4, 0.1, 4},
	} {
		cfg := passes
		cfg.How, cfg.Rule, cfg.Epochs, cfg.ValueRate, cfg.Minibatches = c.how, NewUpdateRule(c.kind, 1e-3), c.epochs, c.value, c.minibatches
		r := NewRLHF(p, readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true, L2: 0.01}), cfg, Annotators{})
		b.Run(c.name, func(b *testing.B) { benchmarkStepper(b, r) })
	}
	reward := readyModel(p, RewardConfig{Rule: sgdRule(1), Steps: 1 << 30})
	b.Run("reward model", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reward.Step()
		}
	})
	online := NewOnlineDPO(p, OnlineDPOConfig{Beta: 0.5, Rule: sgdRule(0.01), Pairs: 32, Every: 1}, s.annotators())
	b.Run("online dpo", func(b *testing.B) { benchmarkStepper(b, online) })
	var cfg Config
	cfg.Beta, cfg.Rate = 0.5, 0.01
	b.Run("dpo", func(b *testing.B) { benchmarkStepper(b, NewTrainer(p, cfg)) })
	cfg.Batch = 32
	b.Run("dpo/batch", func(b *testing.B) { benchmarkStepper(b, NewTrainer(p, cfg)) })
}

func benchmarkStepper(b *testing.B, r interface{ Advance(int) }) {
	b.ReportAllocs()
	for b.Loop() {
		r.Advance(1)
	}
}
