package slow

import (
	"dpoplayground/core"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/words"
)

// PairLoss writes the loss of a preference on a pair as MathML: the loss, what its
// letters are, and their numbers. Under RLHF it is the loss of the reward model,
// whose scores are u.
func PairLoss(l *core.Lab, v *core.PairView) string {
	loss := l.Run.Trainer.Loss()
	o, n := loss.Objective, words.Values{"beta": plain(loss.Params.Beta), "w": words.Fixed(v.RatioChosen, 2), "l": words.Fixed(v.RatioRejected, 2),
		"h": words.Fixed(v.RatioChosen-v.RatioRejected, 2), "u": words.Fixed(v.Margin, 2), "loss": words.Fixed(v.Loss, 3)}
	if l.Experiment.Settings[core.How] == core.LearnByRLHF {
		return words.MathML("ℓ = neg log σ ( u ) , thin u = r̂ ( w:w ) − r̂ ( l:l )", n) + words.MathML("u = #u thin ℓ = #loss!", n)
	}
	f := formulaOf(o)
	out := words.MathML("ℓ = "+f.loss, n)
	switch {
	case f.where != "":
		out += words.MathML(f.where, n)
	case !plainRatio(loss):
	case o.Beta == objective.BetaTarget:
		out += words.MathML("h = "+ratios, n) + words.MathML("thin = w:#w − l:#(l) = #h", n)
	default:
		out += words.MathML("u = β big[ "+ratios+" big]", n) + words.MathML("thin = #beta [ w:#w − l:#(l) ] = #u", n)
	}
	return out + words.MathML("ℓ = #loss!", n)
}

const ratios = "log frac { π ( w:w ) } { π_ref ( w:w ) } − log frac { π ( l:l ) } { π_ref ( l:l ) }"

// plainRatio tells that a loss is of the difference of two log-ratios.
func plainRatio(l *objective.Loss) bool {
	return l.Objective.Margin != nil && l.Objective.Reference && !l.Objective.Lengths && l.Margin.Shift == 0
}
