package core_test

import (
	"encoding/json"

	"dpoplayground/core/coretest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

func checkLossCase(h goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v struct {
		ID     string
		In, HP map[string]float64
		Out    coretest.Numbers
	}
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	l := c.Bind(h.Loss, v.HP)
	if c.Skip != "" {
		return c
	}
	if l.Pair == nil {
		c.Skip = "loss " + h.Loss + " of one pair"
		return c
	}
	c.Compare("", onePair(l, v.In), v.Out, exactly)
	return c
}

// onePair evaluates a loss on the fields of a case.
func onePair(l *objective.Loss, in map[string]float64) coretest.Numbers {
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
	return coretest.Numbers{"loss": {loss},
		"d_policy_chosen": {dc * o.ScoreSlope(lc)}, "d_policy_rejected": {dr * o.ScoreSlope(lr)},
		"chosen_reward": {rewardOf(l, pc, rc, lc)}, "rejected_reward": {rewardOf(l, pr, rr, lr)}}
}

func checkBatchCase(h goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v struct {
		ID  string
		In  map[string][]float64
		HP  map[string]float64
		Out coretest.Numbers
	}
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	l := c.Bind(h.Loss, v.HP)
	if c.Skip != "" {
		return c
	}
	side := func(name string) objective.Side {
		return objective.Side{LogPi: v.In["policy_"+name+"_logp"], LogRef: v.In["ref_"+name+"_logp"], Tokens: v.In["len_"+name]}
	}
	z0 := 0.0
	if l.Objective.Baseline {
		z0 = (&objective.LossBatch{Chosen: side("kl")}).Baseline()
	}
	b := objective.LossBatch{Chosen: side("chosen"), Rejected: side("rejected")}
	got := coretest.Numbers{"loss": {b.Mean(l, z0)}, "z0": {z0}, "per_example": b.Terms,
		"d_policy_chosen": b.Chosen.Grad, "d_policy_rejected": b.Rejected.Grad,
		"chosen_reward": rewardsOf(&b.Chosen, l), "rejected_reward": rewardsOf(&b.Rejected, l)}
	c.Compare("", got, v.Out, exactly)
	return c
}

// rewardOf returns the implicit reward that public code reports beside the loss:
//
//	β(log π − log π_ref)   whatever the loss does with it
//	β·s                    for the losses per token without a reference
func rewardOf(l *objective.Loss, logPi, logRef, tokens float64) float64 {
	if o := l.Objective; o.Lengths && !o.Reference {
		return l.Params.Beta * o.Score(logPi, logRef, tokens)
	}
	return l.Params.Beta * (logPi - logRef)
}

func rewardsOf(s *objective.Side, l *objective.Loss) []float64 {
	r := []float64{}
	for i, logPi := range s.LogPi {
		r = append(r, rewardOf(l, logPi, num.At(s.LogRef, i, 0), num.At(s.Tokens, i, 1)))
	}
	return r
}
