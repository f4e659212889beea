package train

import (
	"math"

	"dpoplayground/core/num"
)

// An UpdateRule says how a gradient g becomes a step of the parameters x. There
// is no weight decay, no schedule and no clipping.
//
//	SGD       x −= ηg
//	Momentum  v = μv + g,   x −= ηv
//	RMSprop   s = αs + (1−α)g²,   x −= ηg/(√s + ε)
//	Adam      m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g²,
//	          x −= η (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε),   t = 1, 2, …
//
// m, v and s start at 0. These are the rules of PyTorch: momentum is not damped,
// and ε stands outside the root.
type UpdateRule struct {
	Kind         int     // SGD, Adam, Momentum or RMSprop
	Rate         float64 // η
	Momentum     float64 // μ
	Decay        float64 // α of RMSprop
	Beta1, Beta2 float64
	Eps          float64 // ε
}

// The rules, as choices of the setting Optimizer.
const SGD, Adam, Momentum, RMSprop = 0, 1, 2, 3

// NewUpdateRule returns a rule with its usual constants: μ = 0.9; α = 0.99,
// with which Rafailov et al. 2023 train; and Adam's as in Kingma & Ba 2015.
func NewUpdateRule(kind int, rate float64) UpdateRule {
	return UpdateRule{Kind: kind, Rate: rate, Momentum: 0.9, Decay: 0.99, Beta1: adamBeta1, Beta2: adamBeta2, Eps: adamEps}
}

// An Updater moves parameters by a rule and holds what the rule remembers.
type Updater struct {
	Rule  UpdateRule
	M, V  []float64  // moments; nil where the rule has none
	Decay [2]float64 // β₁ᵗ and β₂ᵗ
	rest  [2]float64 // 1 − β₁ and 1 − β₂
}

// NewUpdater returns an updater of n parameters that has taken no step.
func NewUpdater(rule UpdateRule, n int) *Updater {
	u := &Updater{Rule: rule, Decay: [2]float64{1, 1}, rest: [2]float64{1 - rule.Beta1, 1 - rule.Beta2}}
	if rule.Kind == Momentum || rule.Kind == Adam {
		u.M = make([]float64, n)
	}
	if rule.Kind == RMSprop || rule.Kind == Adam {
		u.V = make([]float64, n)
	}
	return u
}

// Reset forgets the steps taken.
func (u *Updater) Reset() {
	clear(u.M)
	clear(u.V)
	u.Decay = [2]float64{1, 1}
}

// Step takes one step and sets downhill, which holds minus the gradient, to 0
// for the next. x and downhill have one entry for each parameter. It allocates
// nothing.
func (u *Updater) Step(x, downhill []float64) {
	switch u.Rule.Kind {
	case Momentum:
		u.momentum(x, downhill)
	case RMSprop:
		u.rmsprop(x, downhill)
	case Adam:
		u.adam(x, downhill)
	default:
		rate := u.Rule.Rate
		for i, g := range downhill {
			x[i] += float64(rate * g)
		}
	}
	clear(downhill)
}

func (u *Updater) momentum(x, downhill []float64) {
	for i, g := range downhill {
		u.M[i] = float64(u.Rule.Momentum*u.M[i]) + g
		x[i] += float64(u.Rule.Rate * u.M[i])
	}
}

func (u *Updater) rmsprop(x, downhill []float64) {
	r := &u.Rule
	for i, g := range downhill {
		u.V[i] = float64(r.Decay*u.V[i]) + float64((1-r.Decay)*float64(g*g))
		x[i] += r.Rate * g / (math.Sqrt(u.V[i]) + r.Eps)
	}
}

func (u *Updater) adam(x, downhill []float64) {
	r := &u.Rule
	u.Decay[0] = float64(u.Decay[0] * r.Beta1)
	u.Decay[1] = float64(u.Decay[1] * r.Beta2)
	c1, c2 := 1-u.Decay[0], 1-u.Decay[1]
	for i, g := range downhill {
		m := float64(r.Beta1*u.M[i]) + float64(u.rest[0]*g)
		v := float64(r.Beta2*u.V[i]) + float64(u.rest[1]*float64(g*g))
		u.M[i], u.V[i] = m, v
		x[i] += r.Rate * (m / c1) / (math.Sqrt(v/c2) + r.Eps)
	}
}

// Save appends what an updater remembers to dst; restore takes it off the
// front of src.
func (u *Updater) Save(dst []float64) []float64 {
	dst = append(dst, u.M...)
	dst = append(dst, u.V...)
	return append(dst, u.Decay[:]...)
}

func (u *Updater) Restore(src []float64) []float64 {
	src = num.Take(u.M, src)
	src = num.Take(u.V, src)
	return num.Take(u.Decay[:], src)
}
