package landscape

import (
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
)

// A rewardField is what RLHF descends on one prompt: −J, with the reward as it
// is and exact expectations,
//
//	−J = Σ_k π_k(−r_k + β log(π_k/π_ref,k))
//
// or, where the leash is a loss of its own (see LeashK3Loss),
//
//	−J = −Σ_k π_k r_k + β Σ_k π_ref,k log(π_ref,k/π_k).
type rewardField struct {
	is     bool
	reward []float64
	logRef []float64
	beta   float64
	k3     bool
}

// term returns the part of one reply with a given log π.
func (r *rewardField) term(k int, logPi float64) float64 {
	p, ratio := num.Exp(logPi), logPi-r.logRef[k]
	if r.k3 {
		return -p*r.reward[k] - r.beta*num.Exp(r.logRef[k])*ratio
	}
	if p == 0 {
		return 0
	}
	return p * (r.beta*ratio - r.reward[k])
}

func (r *rewardField) loss(logPi []float64) float64 {
	sum := 0.0
	for k, lp := range logPi {
		sum += r.term(k, lp)
	}
	return sum
}

// ascent sets dst to ∂J/∂z.
func (r *rewardField) ascent(dst, logPi []float64) {
	mean := 0.0
	for k, lp := range logPi {
		dst[k] = r.reward[k]
		if !r.k3 {
			dst[k] -= r.beta * (lp - r.logRef[k])
		}
		if p := num.Exp(lp); p > 0 {
			mean += p * dst[k]
		}
	}
	for k, lp := range logPi {
		gain := 0.0
		if p := num.Exp(lp); p > 0 {
			gain = p * (dst[k] - mean)
		}
		if r.k3 {
			gain += r.beta * num.ExpGap(r.logRef[k], lp)
		}
		dst[k] = gain
	}
}

// poseReward takes RLHF's reward of a prompt.
func (f *Field) poseReward(r *rlhf.RLHF, prompt int, corners []int) {
	from, to := r.P.Range(prompt)
	w := &f.reward
	w.is, w.beta, w.k3 = true, r.Cfg.Beta, r.Cfg.Leash == rlhf.LeashK3Loss
	w.reward, w.logRef = append(w.reward[:0], r.Reward()[from:to]...), r.P.LogRef[from:to]
	f.corners, f.down = append(f.corners[:0], corners...), append(f.down[:0], w.reward...)
}

func (f *Field) tabulateReward() {
	f.rest = f.reward.loss(f.logits)
	for _, k := range f.corners {
		f.rest -= f.reward.term(k, f.logits[k])
	}
	if len(f.corners) < 3 {
		return
	}
	total := f.total()
	for i, k := range f.corners {
		for place := range f.table[i] {
			f.table[i][place] = f.reward.term(k, total+logPlace(place))
		}
	}
}
