package coretest

import (
	"math"

	"dpoplayground/core/objective"
)

// neutral gives what a hyper-parameter is where a file leaves it out.
var neutral = map[objective.Hyper]float64{objective.HyperEpsilon: 0, objective.HyperGamma: 0, objective.HyperDelta: 0,
	objective.HyperDesirable: 1, objective.HyperUndesirable: 1, objective.HyperRMax: math.Inf(1)}

// Bind fills the hyper-parameters of a case into the objective it names. A
// hyper-parameter that the objective does not have must be 0.
func (c *GoldenResult) Bind(key string, hp map[string]float64) *objective.Loss {
	o := objective.Named(key)
	if o == nil {
		c.Skip = "loss " + key
		return nil
	}
	if ratio, ok := hp["gamma_beta_ratio"]; ok {
		if _, given := hp["gamma"]; !given {
			hp["gamma"] = ratio * hp["beta"]
		}
	}
	p, read := objective.HyperParams{}, map[string]bool{"gamma_beta_ratio": true}
	set := func(h objective.Hyper) {
		name := h.Info().Name
		value, ok := hp[name]
		if !ok {
			if value, ok = neutral[h]; h == objective.HyperBeta && o.Beta == objective.BetaUnused {
				value = 1 // of the rewards reported
			} else if !ok {
				c.Wrong = append(c.Wrong, "hp lacks "+name)
			}
		}
		*p.At(h), read[name] = value, true
	}
	set(objective.HyperBeta)
	for _, u := range o.Uses {
		set(u.Hyper)
	}
	for name, value := range hp {
		if !read[name] && value != 0 {
			c.Skip = key + " with " + name
		}
	}
	return o.With(p)
}
