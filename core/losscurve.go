package core

import (
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// LossCurve returns the curve that the votes of the shown prompt lie on, and the
// zero LossCurve if there is none: the objective's; of RLHF that of its reward
// model, −log σ(h) with h the difference of rewards; none where its reward is
// given.
func (l *Lab) LossCurve() objective.LossCurve {
	if l.Experiment.Settings[How] == LearnByRLHF {
		if l.Experiment.Settings[RewardFit] == FitNothing {
			return objective.LossCurve{}
		}
		c, _ := objective.Named("dpo").With(objective.HyperParams{Beta: 1}).Curve(1, true)
		return c
	}
	c, _ := l.curveOf(l.Run.Trainer.Loss())
	return c
}

// curveOf returns a loss's curve for the shown prompt.
func (l *Lab) curveOf(loss *objective.Loss) (c objective.LossCurve, ok bool) {
	tokens, one := 1.0, true
	if loss.Objective.Lengths {
		tokens, one = data.OneLength(l.Problem.TokensOf(l.Prompt()))
	}
	uniform := loss.Objective.Reference || l.Problem.UniformAt(l.Prompt()) && l.Experiment.Settings[RefEvery] == 0
	if !one {
		return c, false
	}
	return loss.Curve(tokens, uniform)
}

// OtherCurve returns the curve of another objective at a β: with the experiment's
// other hyper-parameters where its objective has them too, and else with the
// objective's own.
func (l *Lab) OtherCurve(key string, beta float64) objective.LossCurve {
	o, present := objective.Named(key), l.Run.Trainer.Loss()
	p := o.Defaults(beta)
	for _, use := range o.Uses {
		for _, has := range present.Objective.Uses {
			if x := *present.Params.At(use.Hyper); has.Hyper == use.Hyper && x >= use.Min && x <= use.Max {
				*p.At(use.Hyper) = x
			}
		}
	}
	c, _ := l.curveOf(o.With(p))
	return c
}
