package coretest

import (
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

// stepConfigs are the ways of training that every objective is put through.
func StepConfigs(o *objective.Objective, p objective.HyperParams) map[string]train.Config {
	cfg := train.Config{Objective: o, HyperParams: p, Rate: 0.05, Seed: 3}
	momentum, adam, batch, linear, moving := cfg, cfg, cfg, cfg, cfg
	momentum.Optimizer, momentum.Momentum = train.Momentum, 0.5
	adam.Optimizer, adam.Batch = train.Adam, 7
	batch.Batch, batch.RefEvery = 5, 4
	linear.Policy, linear.Optimizer, linear.RefEvery = train.LinearPolicy, train.RMSprop, 3
	moving.RefEvery, moving.ExactBaseline = 3, true
	return map[string]train.Config{"full": cfg, "momentum": momentum, "adam": adam, "batch": batch, "linear": linear, "moving": moving}
}
