package core

import "math"

// Five-point Gauss–Legendre nodes and weights on [0, 1].
var gaussNodes = [5]float64{0.04691007703066802, 0.23076534494715845, 0.5, 0.7692346550528415, 0.953089922969332}
var gaussWeights = [5]float64{0.11846344252809454, 0.23931433524968324, 0.28444444444444444, 0.23931433524968324, 0.11846344252809454}

// A Flow tells who gave probability to whom while logits moved.
type Flow struct {
	K int
	// Net[j*K+k] is the mass that went from reply j to reply k, net: it is
	// negative where k gave to j. Net[j*K+k] = −Net[k*K+j].
	Net []float64

	z, pi, dz []float64
}

// Between sets the flow to what moved while logits went from z0 to z1 in a
// straight line. With ż = z1 − z0,
//
//	net(j→k) = ∫₀¹ π_j π_k (ż_k − ż_j) dτ,
//
// the only part of dπ_k = Σ_j π_j π_k (ż_k − ż_j) that names j, so that
// Σ_j net(j→k) = Δπ_k. The integral is taken by Gauss–Legendre quadrature fine
// enough for the sum to hold within 1e-10. z0 and z1 have one entry a reply. It
// allocates only when K grows.
func (f *Flow) Between(z0, z1 []float64) {
	f.resize(len(z0))
	spread := 0.0
	low, high := math.Inf(1), math.Inf(-1)
	for k := range z0 {
		f.dz[k] = z1[k] - z0[k]
		low, high = math.Min(low, f.dz[k]), math.Max(high, f.dz[k])
	}
	if spread = high - low; spread == 0 {
		return
	}
	pieces := int(math.Min(math.Ceil(spread), maxPieces))
	for i := 0; i < pieces; i++ {
		for n, node := range gaussNodes {
			f.add(z0, (float64(i)+node)/float64(pieces), gaussWeights[n]/float64(pieces))
		}
	}
}

// maxPieces bounds the work of one flow. A spread of more than this many nats
// in one go happens only between far points of a timeline.
const maxPieces = 400

func (f *Flow) add(z0 []float64, tau, weight float64) {
	for k := range z0 {
		f.z[k] = z0[k] + tau*f.dz[k]
	}
	Softmax(f.pi, f.z)
	for j := 0; j < f.K; j++ {
		for k := j + 1; k < f.K; k++ {
			moved := weight * f.pi[j] * f.pi[k] * (f.dz[k] - f.dz[j])
			f.Net[j*f.K+k] += moved
			f.Net[k*f.K+j] -= moved
		}
	}
}

func (f *Flow) resize(k int) {
	if cap(f.z) < k {
		f.Net = make([]float64, k*k)
		f.z, f.pi, f.dz = make([]float64, k), make([]float64, k), make([]float64, k)
	}
	f.K = k
	f.Net, f.z, f.pi, f.dz = f.Net[:k*k], f.z[:k], f.pi[:k], f.dz[:k]
	for i := range f.Net {
		f.Net[i] = 0
	}
}

// Gained returns Δπ_k, the sum of what came to reply k.
func (f *Flow) Gained(k int) float64 {
	sum := 0.0
	for j := 0; j < f.K; j++ {
		sum += f.Net[j*f.K+k]
	}
	return sum
}

// MainGain returns the reply that gained most and the reply that gave it most;
// ok is false when nothing moved.
func (f *Flow) MainGain() (gainer, giver int, ok bool) {
	best := 0.0
	for k := 0; k < f.K; k++ {
		if g := f.Gained(k); g > best {
			best, gainer, ok = g, k, true
		}
	}
	for j := 0; ok && j < f.K; j++ {
		if f.Net[j*f.K+gainer] > f.Net[giver*f.K+gainer] {
			giver = j
		}
	}
	return gainer, giver, ok
}
