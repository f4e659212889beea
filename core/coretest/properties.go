package coretest

import (
	"math"
	"math/rand/v2"

	"dpoplayground/core/data"
)

// randomProblem returns a problem with seeded references and votes, one-sided
// and contradictory ones, on prompts of 2 to k replies.
func RandomProblem(r *rand.Rand, prompts, k, votes int) *data.Problem {
	d := &data.Dataset{}
	for range prompts {
		p := data.Prompt{Replies: make([]data.Reply, 2+r.IntN(k-1))}
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
		d.Pairs = append(d.Pairs, data.Pair{p, a, b, float64(1 + r.IntN(5))})
	}
	return data.NewProblem(d)
}
