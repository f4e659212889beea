package objective

import (
	"math"

	"dpoplayground/core/num"
)

// A Duel is the comparison of two replies as the training step needs it: where
// they stand among the touched arms, and the weights of the votes for each,
// already multiplied by β/N and smoothed.
type Duel struct {
	A, B   uint32
	Na, Nb float64
}

// PushLogistic adds minus the gradient of the mean DPO loss with respect to the
// logits to g:
//
//	u = β(d[a] − d[b]),   f = na·σ(−u) − nb·σ(u),   g[a] += f,   g[b] −= f
//
// d holds logits less log π_ref, g has the same length. It allocates nothing,
// and every |u| up to the largest float64 gives the right limit; NaN stays NaN.
//
// This loop is what the program does most, so its form was measured. Go's
// WebAssembly sends each jump backwards through a dispatch table, which makes
// turns of a loop and calls dear, and a duel takes (ns, K = 64, N = 1024, the
// same Chromium, medians):
//
//	6.6  one duel a turn, as written above
//	6.2  f = (na − nb·e^u)/(1 + e^u), one product less
//	4.6  two duels a turn, with one test for both that |u| is in exp's range
//	4.2  … and d and g side by side in one struct
//	4.1  four duels a turn
//	4.4  JavaScript, two duels a turn; 4.8 with one
//	6.5  JavaScript with Math.exp
//
// Two a turn is where it stops paying for longer code, and the optimisers want d
// and g as slices. Separate slices for a, b, na and nb are 2 % slower than a
// slice of duels, pointers without bounds checks 14 % faster (both under Node):
// not worth what they cost the reader. In exp, bit casts both ways beat a
// conversion to int64 by 4 % and, on top, a table of powers of two by 1 %.
// The folder versus repeats the comparison with JavaScript.
func PushLogistic(d, g []float64, duels []Duel, beta float64) {
	g = g[:len(d)]
	for ; len(duels) >= 2; duels = duels[2:] {
		p, q := &duels[0], &duels[1]
		u := float64(beta * (d[p.A] - d[p.B]))
		v := float64(beta * (d[q.A] - d[q.B]))
		var f, h float64
		if math.Abs(u)+math.Abs(v) < num.ExpRange {
			e := num.ExpWithin(u)
			f = (p.Na - float64(p.Nb*e)) / (1 + e)
			e = num.ExpWithin(v)
			h = (q.Na - float64(q.Nb*e)) / (1 + e)
		} else {
			f = Force(u, p.Na, p.Nb)
			h = Force(v, q.Na, q.Nb)
		}
		g[p.A] += f
		g[p.B] -= f
		g[q.A] += h
		g[q.B] -= h
	}
	for _, q := range duels {
		f := Force(float64(beta*(d[q.A]-d[q.B])), q.Na, q.Nb)
		g[q.A] += f
		g[q.B] -= f
	}
}

// Force returns na·σ(−u) − nb·σ(u) for any u. Where exp holds it is the same
// number, bit for bit, that PushLogistic computes in line.
func Force(u, na, nb float64) float64 {
	if math.Abs(u) < num.ExpRange {
		e := num.ExpWithin(u)
		return (na - float64(nb*e)) / (1 + e)
	}
	if u > 0 {
		return float64(na*num.Exp(-u)) - nb
	}
	return na - float64(nb*num.Exp(u))
}
