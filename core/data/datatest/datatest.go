// Package datatest makes problems to test on. It may import data and num, so that
// the packages just above data can use it in tests of their insides.
package datatest

import (
	"math"
	"math/rand/v2"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
)

// Prompt returns a prompt with a reply for each weight of a reference.
func Prompt(reference []float64) data.Prompt {
	return data.Prompt{Replies: make([]data.Reply, len(reference)), Reference: reference}
}

// Replies returns one prompt with k replies of different rewards.
func Replies(k int) []data.Prompt {
	p := data.Prompt{Replies: make([]data.Reply, k)}
	for i := range p.Replies {
		p.Replies[i].Reward = math.Sin(float64(i))
	}
	return []data.Prompt{p}
}

// Bandit compiles votes on one prompt with the given reference weights.
func Bandit(reference []float64, pairs ...data.Pair) *data.Problem {
	return data.NewProblem(&data.Dataset{Prompts: []data.Prompt{Prompt(reference)}, Pairs: pairs})
}

// Random returns a problem with seeded references and votes, one-sided
// and contradictory ones, on prompts of 2 to k replies.
func Random(r *rand.Rand, prompts, k, votes int) *data.Problem {
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

// Rewarded is a data set of one prompt with true rewards.
func Rewarded(rewards, reference []float64) *data.Dataset {
	prompt := Prompt(reference)
	for k, r := range rewards {
		prompt.Replies[k].Reward = r
	}
	return &data.Dataset{Prompts: []data.Prompt{prompt}, Rewarded: true}
}

// Vote returns votes on the one prompt of a data set.
func Vote(w, l int, count float64) data.Pair { return data.Pair{Chosen: w, Rejected: l, Count: count} }

// Rich returns prompts with replies of several lengths, with features,
// and with votes both ways. A last prompt has replies but no votes.
func Rich(r *rand.Rand, prompts, most, votes, dim int) *data.Problem {
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

// Thumbed has two prompts with thumbs, two with votes too, and one about
// which nothing is said.
func Thumbed(pairs, thumbs bool) *data.Dataset {
	prompt := func(weights ...float64) data.Prompt {
		return data.Prompt{Replies: make([]data.Reply, len(weights)), Reference: weights}
	}
	d := &data.Dataset{Prompts: []data.Prompt{prompt(1, 2, 3), prompt(4, 1), prompt(1, 1, 2, 5), prompt(2, 3)}}
	if thumbs {
		d.Thumbs = []data.Thumb{{2, 3, 2, 0}, {0, 1, 3, 1}, {0, 0, 0, 4}, {2, 0, 1, 1}, {0, 1, 1, 0}}
	}
	if pairs {
		d.Pairs = []data.Pair{{0, 0, 2, 3}, {1, 0, 1, 2}, {1, 1, 0, 1}}
	}
	return d
}
