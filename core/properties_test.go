package core

import (
	"math"
	"math/rand/v2"
)

// randomProblem returns a problem with seeded references and votes, one-sided
// and contradictory ones, on prompts of 2 to k replies.
func randomProblem(r *rand.Rand, prompts, k, votes int) *Problem {
	d := &Dataset{}
	for range prompts {
		p := Prompt{Replies: make([]Reply, 2+r.IntN(k-1))}
		if r.IntN(4) > 0 {
			for range p.Replies {
				p.Reference = append(p.Reference, math.Exp(2*r.NormFloat64()))
			}
		}
		for i := range p.Replies {
			p.Replies[i].Reward = r.NormFloat64()
		}
		d.Prompts = append(d.Prompts, p)
	}
	for range votes {
		p := r.IntN(prompts)
		n := len(d.Prompts[p].Replies)
		a := r.IntN(n)
		b := (a + 1 + r.IntN(n-1)) % n
		d.Pairs = append(d.Pairs, Pair{p, a, b, float64(1 + r.IntN(5))})
	}
	return NewProblem(d)
}

// randomConfig returns a full-batch configuration.
func randomConfig(r *rand.Rand) Config {
	cfg := Config{Beta: math.Exp(r.Float64()*6 - 4.6), Rate: math.Exp(r.Float64()*4 - 2), Optimizer: r.IntN(2), Seed: r.Uint64() >> 32}
	if r.IntN(2) == 0 {
		cfg.Smoothing = 0.5 * r.Float64()
	}
	return cfg
}
