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
