package objective

import "dpoplayground/core/data"

// HyperParams are the numbers that objectives depend on. Each reads β and those
// that its row of the table lists under Uses.
type HyperParams struct {
	Beta        float64 // β; see BetaRole
	Epsilon     float64 // ε, the assumed probability that a label is flipped
	Gamma       float64 // γ of SimPO, the margin asked for; the paper's γ/β is Gamma/Beta
	Lambda      float64 // λ of DPOP, the weight of the penalty
	Alpha       float64 // α of the α-divergence; 0 is forward KL, 1 reverse KL
	Delta       float64 // δ of BCO, the reward that counts as neither good nor bad
	Tau         float64 // τ of DiscoPOP, the width of the switch between its two losses
	RMax        float64 // R of χPO: βs is clipped to ±2R
	Desirable   float64 // λ_D, the weight of good replies
	Undesirable float64 // λ_U, the weight of bad replies
	NLL         float64 // κ, the weight of −log π(w) in a mix of losses
	BCO         float64 // ρ, the share of BCO in MPO; DPO has the rest
}

// A Hyper names one of the HyperParams.
type Hyper int

// The names, in the order of the fields.
const (
	HyperBeta Hyper = iota
	HyperEpsilon
	HyperGamma
	HyperLambda
	HyperAlpha
	HyperDelta
	HyperTau
	HyperRMax
	HyperDesirable
	HyperUndesirable
	HyperNLL
	HyperBCO
	HyperCount
)

// A HyperInfo gives a hyper-parameter's key in links and the catalogue, and its
// name in public code and files of reference numbers.
type HyperInfo struct{ Key, Name string }

var hypers = [HyperCount]HyperInfo{
	HyperBeta:        {"beta", "beta"},
	HyperEpsilon:     {"eps", "label_smoothing"},
	HyperGamma:       {"gamma", "gamma"},
	HyperLambda:      {"lambda", "lam"},
	HyperAlpha:       {"alpha", "alpha"},
	HyperDelta:       {"delta", "delta"},
	HyperTau:         {"tau", "discopop_tau"},
	HyperRMax:        {"rmax", "r_max"},
	HyperDesirable:   {"good", "desirable_weight"},
	HyperUndesirable: {"bad", "undesirable_weight"},
	HyperNLL:         {"nll", "nll_weight"},
	HyperBCO:         {"bco", "bco_weight"},
}

// Info returns what is known of a hyper-parameter.
func (h Hyper) Info() HyperInfo { return hypers[h] }

// At returns the field that a name stands for.
func (p *HyperParams) At(h Hyper) *float64 {
	return [HyperCount]*float64{&p.Beta, &p.Epsilon, &p.Gamma, &p.Lambda, &p.Alpha,
		&p.Delta, &p.Tau, &p.RMax, &p.Desirable, &p.Undesirable, &p.NLL, &p.BCO}[h]
}

// A Use says that an objective has a hyper-parameter, within which bounds it is
// defined, and what the hyper-parameter is if nothing is said.
type Use struct {
	Hyper             Hyper
	Min, Max, Default float64
}

// flipRate is the Uses of an objective whose only other hyper-parameter is ε.
func flipRate(min, max, standard float64) []Use {
	return []Use{{HyperEpsilon, min, max, standard}}
}

// thumbWeights are the Uses of the losses that weigh thumbs up and down.
var thumbWeights = []Use{{HyperDesirable, 0, 100, 1}, {HyperUndesirable, 0, 100, 1}}

// Defaults returns β and the objective's other hyper-parameters at their defaults.
func (o *Objective) Defaults(beta float64) HyperParams {
	p := HyperParams{Beta: beta}
	for _, u := range o.Uses {
		*p.At(u.Hyper) = u.Default
	}
	return p
}

// own returns p with the hyper-parameters that the objective does not use at 0,
// so that nothing said of its loss can hang on them.
func (o *Objective) own(p HyperParams) HyperParams {
	q := HyperParams{Beta: p.Beta}
	for _, u := range o.Uses {
		*q.At(u.Hyper) = *p.At(u.Hyper)
	}
	return q
}

// Check says which hyper-parameter of the objective is out of bounds, or
// returns nil. β must be positive.
func (o *Objective) Check(p HyperParams) *data.Complaint {
	if !(p.Beta > 0) {
		return &data.Complaint{Code: "positive", Field: "beta", Value: data.FormatNumber(p.Beta)}
	}
	for _, u := range o.Uses {
		if v := *p.At(u.Hyper); !(v >= u.Min && v <= u.Max) {
			return &data.Complaint{Code: "range", Field: u.Hyper.Info().Key, Value: data.FormatNumber(v),
				Min: data.FormatNumber(u.Min), Max: data.FormatNumber(u.Max)}
		}
	}
	return nil
}
