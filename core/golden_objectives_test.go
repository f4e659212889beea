package core

import (
	"encoding/json"
	"math"
)

// neutral gives what a hyper-parameter is where a file leaves it out.
var neutral = map[Hyper]float64{HyperEpsilon: 0, HyperGamma: 0, HyperDelta: 0,
	HyperDesirable: 1, HyperUndesirable: 1, HyperRMax: math.Inf(1)}

// bind fills the hyper-parameters of a case into the objective it names. A
// hyper-parameter that the objective does not have must be 0.
func (c *goldenResult) bind(key string, hp map[string]float64) *Loss {
	o := ObjectiveNamed(key)
	if o == nil {
		c.skip = "loss " + key
		return nil
	}
	if ratio, ok := hp["gamma_beta_ratio"]; ok {
		if _, given := hp["gamma"]; !given {
			hp["gamma"] = ratio * hp["beta"]
		}
	}
	p, read := HyperParams{}, map[string]bool{"gamma_beta_ratio": true}
	set := func(h Hyper) {
		name := h.Info().Name
		value, ok := hp[name]
		if !ok {
			if value, ok = neutral[h]; h == HyperBeta && o.Beta == BetaUnused {
				value = 1 // of the rewards reported
			} else if !ok {
				c.wrong = append(c.wrong, "hp lacks "+name)
			}
		}
		*p.At(h), read[name] = value, true
	}
	set(HyperBeta)
	for _, u := range o.Uses {
		set(u.Hyper)
	}
	for name, value := range hp {
		if !read[name] && value != 0 {
			c.skip = key + " with " + name
		}
	}
	return o.With(p)
}

func checkLossCase(h goldenHeader, raw json.RawMessage) (c goldenResult) {
	var v struct {
		ID     string
		In, HP map[string]float64
		Out    numbers
	}
	if !c.decode(raw, &v) {
		return c
	}
	c.id = v.ID
	l := c.bind(h.Loss, v.HP)
	if c.skip != "" {
		return c
	}
	if l.Pair == nil {
		c.skip = "loss " + h.Loss + " of one pair"
		return c
	}
	c.compare("", onePair(l, v.In), v.Out, exactly)
	return c
}

// onePair evaluates a loss on the fields of a case.
func onePair(l *Loss, in map[string]float64) numbers {
	length := func(key string) float64 {
		if n, ok := in[key]; ok {
			return n
		}
		return 1
	}
	o := l.Objective
	pc, rc, lc := in["policy_chosen_logp"], in["ref_chosen_logp"], length("len_chosen")
	pr, rr, lr := in["policy_rejected_logp"], in["ref_rejected_logp"], length("len_rejected")
	loss, dc, dr := l.Pair(o.Score(pc, rc, lc), o.Score(pr, rr, lr))
	return numbers{"loss": {loss},
		"d_policy_chosen": {dc * o.ScoreSlope(lc)}, "d_policy_rejected": {dr * o.ScoreSlope(lr)},
		"chosen_reward": {rewardOf(l, pc, rc, lc)}, "rejected_reward": {rewardOf(l, pr, rr, lr)}}
}

func checkBatchCase(h goldenHeader, raw json.RawMessage) (c goldenResult) {
	var v struct {
		ID  string
		In  map[string][]float64
		HP  map[string]float64
		Out numbers
	}
	if !c.decode(raw, &v) {
		return c
	}
	c.id = v.ID
	l := c.bind(h.Loss, v.HP)
	if c.skip != "" {
		return c
	}
	side := func(name string) Side {
		return Side{LogPi: v.In["policy_"+name+"_logp"], LogRef: v.In["ref_"+name+"_logp"], Tokens: v.In["len_"+name]}
	}
	z0 := 0.0
	if l.Objective.Baseline {
		z0 = (&LossBatch{Chosen: side("kl")}).Baseline()
	}
	b := LossBatch{Chosen: side("chosen"), Rejected: side("rejected")}
	got := numbers{"loss": {b.Mean(l, z0)}, "z0": {z0}, "per_example": b.Terms,
		"d_policy_chosen": b.Chosen.Grad, "d_policy_rejected": b.Rejected.Grad,
		"chosen_reward": b.Chosen.rewards(l), "rejected_reward": b.Rejected.rewards(l)}
	c.compare("", got, v.Out, exactly)
	return c
}

// rewardOf returns the implicit reward that public code reports beside the loss:
//
//	β(log π − log π_ref)   whatever the loss does with it
//	β·s                    for the losses per token without a reference
func rewardOf(l *Loss, logPi, logRef, tokens float64) float64 {
	if o := l.Objective; o.Lengths && !o.Reference {
		return l.Params.Beta * o.Score(logPi, logRef, tokens)
	}
	return l.Params.Beta * (logPi - logRef)
}

func (s *Side) rewards(l *Loss) []float64 {
	r := []float64{}
	for i, logPi := range s.LogPi {
		r = append(r, rewardOf(l, logPi, at(s.LogRef, i, 0), at(s.Tokens, i, 1)))
	}
	return r
}
