package coretest

import (
	"math/rand/v2"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

// richProblem returns prompts with replies of several lengths, with features,
// and with votes both ways. A last prompt has replies but no votes.
func RichProblem(r *rand.Rand, prompts, most, votes, dim int) *data.Problem {
	d := &data.Dataset{}
	for i := range prompts + 1 {
		p := data.Prompt{}
		for range 3 + r.IntN(most-2) {
			reply := data.Reply{Tokens: float64(1 + r.IntN(9))}
			for range dim {
				reply.Features = append(reply.Features, 4*r.Float64()-2)
			}
			p.Replies = append(p.Replies, reply)
			p.Reference = append(p.Reference, num.Exp(3*r.Float64()))
		}
		d.Prompts = append(d.Prompts, p)
		for v := 0; v < votes && i < prompts; v++ {
			k := len(p.Replies) - 1 // the last reply stands in no pair
			a := r.IntN(k)
			d.Pairs = append(d.Pairs, data.Pair{i, a, (a + 1 + r.IntN(k-1)) % k, float64(1 + r.IntN(4))})
		}
	}
	return data.NewProblem(d)
}

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
