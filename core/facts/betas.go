package facts

import "dpoplayground/core"

// Star returns β*, where KL over β is largest after the same steps. ok is false
// unless, on the β swept, KL rises all the way to it and falls all the way beyond,
// and exceeds that at both ends by .001 nats, as can be seen.
func Star(w *core.Sweep) (beta float64, ok bool) {
	if beta, ok = w.Peak(); !ok {
		return 0, false
	}
	kl := w.KL
	best := 0
	for i := range kl {
		if kl[i] > kl[best] {
			best = i
		}
	}
	for i := 1; i < len(kl); i++ {
		if i <= best && kl[i] < kl[i-1] || i > best && kl[i] > kl[i-1] {
			return 0, false
		}
	}
	return beta, kl[best]-max(kl[0], kl[len(kl)-1]) >= 0.001
}
