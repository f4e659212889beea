package train

import (
	"math"
	"math/rand/v2"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// trained returns a trainer after n steps from the reference.
func trained(p *data.Problem, cfg Config, n int) *Trainer {
	t := NewTrainer(p, cfg)
	t.Advance(n)
	return t
}

// addGradient adds the full-batch gradient of the loss with respect to the logits
// to dst, one entry an arm.
func addGradient(t *Trainer, dst []float64) {
	t.Descend(t.Duels, t.ThumbMarks...)
	for i, k := range t.Arms {
		dst[k] -= t.G[i]
		t.G[i] = 0
	}
}

// randomHypers draws hyper-parameters within the bounds of the table.
func randomHypers(o *objective.Objective, r *rand.Rand) objective.HyperParams {
	p := o.Defaults(math.Exp(2*r.NormFloat64() - 1))
	for _, u := range o.Uses {
		*p.At(u.Hyper) = u.Min + (min(u.Max, 6)-u.Min)*r.Float64()
	}
	return p
}
