package train

import "dpoplayground/core/data"

// Policies, as indices into the choices of PolicyChoice.
const TabularPolicy, LinearPolicy = 0, 1

// A Linear is a linear softmax policy: all replies of all prompts share the
// weights θ. With F the replies' features, one row each,
//
//	z = log π_ref + d,   d = d₀ + F(θ − θ₀),   ∂L/∂θ = Fᵀ ∂L/∂z
//
// where d₀ is 0 unless StartAt says otherwise. Counted from the reference in
// this way, any reference can be started from, also one that is not softmax(Fθ)
// of any θ; where it is softmax(Fθ₀), this is softmax(Fθ). The trainer holds
// θ − θ₀, which starts at 0.
type Linear struct {
	P     *data.Problem
	start []float64 // d₀ of every arm; nil for 0
	Grad  []float64 // scratch: minus the gradient in θ
}

// newLinear makes the trainer's parameters the weights.
func newLinear(t *Trainer) *Linear {
	l := &Linear{P: t.Problem, Grad: make([]float64, t.Problem.Dim)}
	t.Params, t.Down = make([]float64, t.Problem.Dim), l.Grad
	return l
}

func (l *Linear) startAt(logRatio []float64) {
	l.start = append(l.start[:0], logRatio...)
}

// Ratio returns d of one arm at the given weights.
func (l *Linear) Ratio(arm int, weights []float64) float64 {
	d := 0.0
	if l.start != nil {
		d = l.start[arm]
	}
	for j, f := range l.P.Features[arm*l.P.Dim : (arm+1)*l.P.Dim] {
		d += float64(f * weights[j])
	}
	return d
}

// addRatios adds d at the given weights to dst, one entry for each arm from one on.
func (l *Linear) addRatios(dst []float64, from int, weights []float64) {
	for k := range dst {
		dst[k] += l.Ratio(from+k, weights)
	}
}

// Pull turns minus the gradient in d into minus the gradient in θ.
func (l *Linear) ToWeights(t *Trainer) {
	for i, k := range t.Arms {
		g := t.G[i]
		t.G[i] = 0
		for j, f := range l.P.Features[k*l.P.Dim : (k+1)*l.P.Dim] {
			l.Grad[j] += float64(f * g)
		}
	}
}

// Place sets d of the trainer's arms from its weights.
func (l *Linear) ToLogits(t *Trainer) {
	for i, k := range t.Arms {
		t.d[i] = l.Ratio(k, t.Params)
	}
}

// Weights returns θ − θ₀ of a linear policy, or nil. It is the trainer's own.
func (t *Trainer) Weights() []float64 {
	if t.Linear == nil {
		return nil
	}
	return t.Params
}
