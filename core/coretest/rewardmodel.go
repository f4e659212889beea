package coretest

import (
	"dpoplayground/core/data"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

func ReadyModel(p *data.Problem, cfg rlhf.RewardConfig) *rlhf.RewardModel {
	m := rlhf.NewRewardModel(p, cfg)
	for !m.Fit(100) {
	}
	return m
}

func SgdRule(rate float64) train.UpdateRule { return train.NewUpdateRule(train.SGD, rate) }

// rewarded is a data set of one prompt with true rewards.
func Rewarded(rewards, reference []float64) *data.Dataset {
	prompt := BanditPrompt(reference)
	for k, r := range rewards {
		prompt.Replies[k].Reward = r
	}
	return &data.Dataset{Prompts: []data.Prompt{prompt}, Rewarded: true}
}
