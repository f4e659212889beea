package slow

import "dpoplayground/core/objective"

// A lossFormula says what a loss ℓ is, and how hard one vote pushes up the
// log-probability, or the score s, of the chosen reply and of the rejected one:
// in the words of words.MathML, up to the sign =. They repeat the doc comments of
// core's objectives; a test computes them.
type lossFormula struct {
	where  string // what its letters are, beside those of the stages before
	loss   string
	chosen string // −∂ℓ/∂s(w); of a margin, −∂ℓ/∂s(l) is its negative
	other  string // −∂ℓ/∂s(l), where it is not
}

const (
	logSigma   = "neg log σ ( u )"
	betaSigma  = "β σ ( neg u )"
	twoLogs    = "neg ( 1 − ε ) log σ ( u ) − ε log σ ( neg u )"
	hingePush  = "β [ u < 1 ]"
	twoSigmas  = "β [ ( 1 − ε ) σ ( neg u ) − ε σ ( u ) ]"
	ofDistance = "sup { big( h − frac { 1 } { 2 β } big) } { 2 }"
	toTarget   = "2 big( frac { 1 } { 2 β } − h big)"
	rewards    = "a = β s_w , thin b = β s_l"
	divergence = "v = β [ f ( s_w ) − f ( s_l ) ]"
)

// formulaOf returns the formulas of an objective.
func formulaOf(o *objective.Objective) lossFormula {
	switch o.Key {
	case "dpo", "sigmoid_norm", "dpo_reference_free", "simpo":
		return lossFormula{loss: logSigma, chosen: betaSigma}
	case "cdpo":
		return lossFormula{loss: twoLogs, chosen: twoSigmas}
	case "rdpo":
		return lossFormula{loss: "frac { neg ( 1 − ε ) log σ ( u ) + ε log σ ( neg u ) } { 1 − 2 ε }",
			chosen: "β frac { ( 1 − ε ) σ ( neg u ) + ε σ ( u ) } { 1 − 2 ε }"}
	case "ipo", "ipo_norm":
		return lossFormula{loss: ofDistance, chosen: toTarget}
	case "hinge":
		return lossFormula{loss: "max ( 0 , 1 − u )", chosen: hingePush}
	case "exo_pair":
		return lossFormula{where: "q = σ ( u )", loss: "q log frac { q } { 1 − ε } + ( 1 − q ) log frac { 1 − q } { ε }",
			chosen: "β q ( 1 − q ) big( log frac { 1 − ε } { ε } − u big)"}
	case "discopop":
		return lossFormula{where: "g = σ big( frac { u } { τ } big)", loss: "neg ( 1 − g ) log σ ( u ) + g sup { e } { neg u }",
			chosen: "neg frac { ∂ ℓ } { ∂ s_w }"}
	}
	return pairFormula(o)
}

// pairFormula has the losses that read either reply by itself.
func pairFormula(o *objective.Objective) lossFormula {
	switch o.Key {
	case "sft":
		return lossFormula{loss: "neg log π ( w:w )", chosen: "1", other: "0"}
	case "kto":
		return lossFormula{loss: "frac { 1 } { 2 } [ λ_D σ ( neg t_w ) + λ_U σ ( t_l ) ]",
			chosen: "frac { 1 } { 2 } λ_D β σ ( t_w ) σ ( neg t_w )", other: "neg frac { 1 } { 2 } λ_U β σ ( t_l ) σ ( neg t_l )"}
	case "apo_zero_unpaired":
		return lossFormula{where: rewards, loss: "frac { 1 } { 2 } [ λ_D σ ( neg a ) + λ_U σ ( b ) ]",
			chosen: "frac { 1 } { 2 } λ_D β σ ( a ) σ ( neg a )", other: "neg frac { 1 } { 2 } λ_U β σ ( b ) σ ( neg b )"}
	case "orpo":
		return lossFormula{where: "p = e^s , thin L = log frac { p_w } { 1 − p_w } − log frac { p_l } { 1 − p_l }",
			loss: "neg s_w − β log σ ( L )", chosen: "1 + frac { β σ ( neg L ) } { 1 − p_w }", other: "neg frac { β σ ( neg L ) } { 1 − p_l }"}
	case "dpop":
		return lossFormula{where: "v = β [ s_w − s_l − λ max ( 0 , neg s_w ) ]", loss: "neg log σ ( v )",
			chosen: "β σ ( neg v ) ( 1 + λ [ s_w < 0 ] )", other: "neg β σ ( neg v )"}
	case "nca_pair":
		return lossFormula{where: rewards, loss: "neg log σ ( a ) − frac { 1 } { 2 } log σ ( neg a ) − frac { 1 } { 2 } log σ ( neg b )",
			chosen: "β [ σ ( neg a ) − frac { 1 } { 2 } σ ( a ) ]", other: "neg frac { 1 } { 2 } β σ ( b )"}
	case "bco_pair":
		return lossFormula{where: rewards, loss: "neg log σ ( a − δ ) − log σ ( δ − b )", chosen: "β σ ( δ − a )", other: "neg β σ ( b − δ )"}
	case "sppo_hard":
		return lossFormula{loss: "sup { big( s_w − frac { 1 } { 2 β } big) } { 2 } + sup { big( s_l + frac { 1 } { 2 β } big) } { 2 }",
			chosen: "2 big( frac { 1 } { 2 β } − s_w big)", other: "neg 2 big( s_l + frac { 1 } { 2 β } big)"}
	case "cal_dpo":
		return lossFormula{loss: "neg log σ ( s_w − s_l ) + sup { big( s_w − frac { 1 } { 2 β } big) } { 2 } + sup { big( s_l + frac { 1 } { 2 β } big) } { 2 }",
			chosen: "σ ( s_l − s_w ) + 2 big( frac { 1 } { 2 β } − s_w big)", other: "neg σ ( s_l − s_w ) − 2 big( s_l + frac { 1 } { 2 β } big)"}
	case "rpo", "cpo":
		return lossFormula{where: "v = β ( s_w − s_l )", loss: "neg log σ ( v ) − κ s_w", chosen: "β σ ( neg v ) + κ", other: "neg β σ ( neg v )"}
	case "mpo":
		return lossFormula{where: rewards, loss: "neg ( 1 − ρ ) log σ ( a − b ) − ρ [ log σ ( a − δ ) + log σ ( δ − b ) ] − κ s_w",
			chosen: "β [ ( 1 − ρ ) σ ( b − a ) + ρ σ ( δ − a ) ] + κ", other: "neg β [ ( 1 − ρ ) σ ( b − a ) + ρ σ ( b − δ ) ]"}
	case "apo_zero":
		return lossFormula{where: rewards, loss: "σ ( neg a ) + σ ( b )", chosen: "β σ ( a ) σ ( neg a )", other: "neg β σ ( b ) σ ( neg b )"}
	case "apo_down":
		return lossFormula{where: rewards, loss: "σ ( a ) + σ ( b − a )",
			chosen: "β [ σ ( a − b ) σ ( b − a ) − σ ( a ) σ ( neg a ) ]", other: "neg β σ ( a − b ) σ ( b − a )"}
	}
	return divergenceFormula(o)
}

// divergenceFormula has the losses with f(log-ratio) in the log-ratio's place.
func divergenceFormula(o *objective.Objective) lossFormula {
	f := lossFormula{where: divergence, loss: "neg log σ ( v )", chosen: "β σ ( neg v ) f′ ( s_w )", other: "neg β σ ( neg v ) f′ ( s_l )"}
	switch o.Key {
	case "chi_po":
		f.where += " , thin f ( s ) = e^s + s"
	case "fdiv_js":
		f.where += " , thin f ( s ) = log σ ( s )"
	case "fdiv_forward_kl":
		f.where += " , thin f ( s ) = neg e^−s"
	case "fdiv_alpha":
		f.where += " , thin f ( s ) = frac { sup { e } { ( α − 1 ) s } } { α − 1 }"
	default: // of no formula here, like aot, which has no loss of a pair's own
		f = lossFormula{loss: "ℓ", chosen: "neg frac { ∂ ℓ } { ∂ s_w }", other: "neg frac { ∂ ℓ } { ∂ s_l }"}
		if o.Margin != nil {
			f.other = ""
		}
	}
	return f
}
