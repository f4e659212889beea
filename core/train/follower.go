package train

import "dpoplayground/core/num"

// A follower is a reference that is not frozen: from time to time the policy
// takes its place.
type follower struct {
	params []float64 // the reference's parameters: of the policy when it did, or a mix
	moved  bool      // it did
	ratio  []float64 // log π of that policy less the frozen log π_ref, for the trainer's arms
}

func newFollower(t *Trainer) *follower {
	return &follower{params: make([]float64, len(t.Params)), ratio: make([]float64, len(t.Arms))}
}

// forget goes back to the frozen reference.
func (f *follower) forget() {
	f.moved = false
	clear(f.params)
	clear(f.ratio)
}

// takePolicy makes the policy the reference, or mixes it into the reference.
func (f *follower) takePolicy(t *Trainer) {
	if mix := t.Cfg.RefMix; mix > 0 && mix < 1 {
		for i, x := range t.Params {
			f.params[i] = float64(mix*x) + float64((1-mix)*f.params[i])
		}
	} else {
		copy(f.params, t.Params)
	}
	f.moved = true
	f.placeReference(t)
}

// placeReference sets ratio from params. Losses of margins do not see the normaliser and
// are not given it.
func (f *follower) placeReference(t *Trainer) {
	switch {
	case !f.moved:
		clear(f.ratio)
		return
	case t.Linear != nil:
		for i, k := range t.Arms {
			f.ratio[i] = t.Linear.Ratio(k, f.params)
		}
	default:
		copy(f.ratio, f.params)
	}
	for _, b := range t.Blocks {
		z := t.norm.pi[b.From:b.To]
		for i := range z {
			z[i] = t.norm.logRef[int(b.From)+i] + f.ratio[int(b.From)+i]
		}
		logZ := num.LogSumExp(z)
		for i := b.From; i < b.To; i++ {
			f.ratio[i] -= logZ
		}
	}
}

// AddReferenceRatios adds to dst how far the reference that the loss sees has
// moved: its log-probabilities less the frozen ones, but for a constant a
// prompt. dst has one entry for each arm from the arm with the given index on.
func (t *Trainer) AddReferenceRatios(dst []float64, from int) {
	switch {
	case t.follower == nil || !t.follower.moved:
	case t.Linear != nil:
		t.Linear.addRatios(dst, from, t.follower.params)
	default:
		t.AddEntries(dst, from, t.follower.ratio)
		t.addIdle(dst, from)
	}
}
