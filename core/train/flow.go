package train

import (
	"math"

	"dpoplayground/core/num"
)

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
// enough for the sum to hold within 1e-10, however far the logits go; where they
// swing beyond all bounds, what is lost is shared among those who gain. z0 and z1
// have one entry a reply; where one is not finite, as after a descent that
// diverges, nothing is said to have moved. It allocates only when K grows.
func (f *Flow) Between(z0, z1 []float64) {
	f.Resize(len(z0))
	for k := range z0 {
		f.dz[k] = z1[k] - z0[k]
		if f.dz[k]-f.dz[k] != 0 {
			return
		}
	}
	if f.rangeOfRates(z0, 0, 1) > farSwing {
		f.swing(z0, z1)
		return
	}
	f.stretch(z0, 0, 1)
}

// farSwing is how far apart replies may move, in nats, for quadrature to follow
// how they pass each other.
const farSwing = 1e9

// swing shares out what is lost among those who gain, in proportion: so far
// apart do the replies move that who met whom on the way cannot be followed.
func (f *Flow) swing(z0, z1 []float64) {
	num.Softmax(f.pi, z0)
	num.Softmax(f.z, z1)
	gained := 0.0
	for k := range f.z {
		f.z[k] -= f.pi[k]
		gained += math.Max(0, f.z[k])
	}
	for j, lost := range f.z {
		for k, got := range f.z {
			if lost < 0 && got > 0 {
				moved := -lost * got / gained
				f.Net[j*f.K+k], f.Net[k*f.K+j] = moved, -moved
			}
		}
	}
}

// stretch adds what moved for τ from a to b. It halves a stretch until the
// replies in play move apart by no more than 1 nat in it, or until there is
// nothing between a and b: a descent that diverges goes beyond all bounds.
func (f *Flow) stretch(z0 []float64, a, b float64) {
	spread := f.rangeOfRates(z0, a, b)
	if mid := (a + b) / 2; spread*(b-a) > 1 && a < mid && mid < b {
		f.stretch(z0, a, mid)
		f.stretch(z0, mid, b)
		return
	}
	for n := 0; n < len(gaussNodes) && spread > 0; n++ {
		f.addStep(z0, a+float64(gaussNodes[n]*(b-a)), gaussWeights[n]*(b-a))
	}
}

// negligible is a gap in nats behind which a reply's mass, e^−40 of the
// leader's, is of no account.
const negligible = 40

// rangeOfRates returns the range of ż over the replies in play for τ from a to b.
// Gaps are linear in τ: who is far behind another at both ends is so between.
func (f *Flow) rangeOfRates(z0 []float64, a, b float64) float64 {
	first, last := f.leader(z0, a), f.leader(z0, b)
	low, high := f.dz[first], f.dz[first]
	for k, rate := range f.dz {
		if !f.behind(z0, k, first, a, b) && !f.behind(z0, k, last, a, b) {
			low, high = math.Min(low, rate), math.Max(high, rate)
		}
	}
	return high - low
}

func (f *Flow) leader(z0 []float64, tau float64) (best int) {
	for k, z := range z0 {
		if z+float64(tau*f.dz[k]) > z0[best]+float64(tau*f.dz[best]) {
			best = k
		}
	}
	return best
}

func (f *Flow) behind(z0 []float64, k, other int, a, b float64) bool {
	gap, rate := z0[other]-z0[k], f.dz[other]-f.dz[k]
	return gap+float64(a*rate) > negligible && gap+float64(b*rate) > negligible
}

func (f *Flow) addStep(z0 []float64, tau, weight float64) {
	for k := range z0 {
		f.z[k] = z0[k] + float64(tau*f.dz[k])
	}
	num.Softmax(f.pi, f.z)
	for j := 0; j < f.K; j++ {
		for k := j + 1; k < f.K; k++ {
			moved := float64(weight * f.pi[j] * f.pi[k] * (f.dz[k] - f.dz[j]))
			f.Net[j*f.K+k] += moved
			f.Net[k*f.K+j] -= moved
		}
	}
}

func (f *Flow) Resize(k int) {
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

// Received returns what came to reply k from those that gave to it; what it gave
// to others is not taken off.
func (f *Flow) Received(k int) (sum float64) {
	for j := 0; j < f.K; j++ {
		sum += math.Max(0, f.Net[j*f.K+k])
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
