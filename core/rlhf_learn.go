package core

import "math"

// A rollout is a batch of generated replies and what is learned from them.
type rollout struct {
	filled    bool
	prompts   []int
	arms      []int
	logOld    []float64 // log π when the reply was generated
	gain      []float64 // f
	advantage []float64 // A
	order     []int     // in which replies are gone through

	// Of the minibatch at hand: the prompts in it, for each prompt the version of
	// the policy that it was last met at, Σ w and Σ (f − V) of its replies.
	met        []int
	metAt      []uint64
	pull, miss []float64
}

func (b *rollout) resize(replies, prompts int) {
	b.prompts, b.arms, b.order = make([]int, replies), make([]int, replies), make([]int, replies)
	b.logOld, b.gain, b.advantage = make([]float64, replies), make([]float64, replies), make([]float64, replies)
	b.met, b.metAt = make([]int, 0, replies), make([]uint64, prompts)
	b.pull, b.miss = make([]float64, prompts), make([]float64, prompts)
}

// meet clears what is known of a prompt when a minibatch first meets it.
func (b *rollout) meet(prompt int, version uint64) {
	if b.metAt[prompt] != version {
		b.metAt[prompt] = version
		b.met = append(b.met, prompt)
		b.pull[prompt], b.miss[prompt] = 0, 0
	}
}

// advantages sets A of every reply from f.
func (r *RLHF) advantages() {
	b := &r.batch
	size := r.cfg.group()
	if size == 1 {
		size = len(b.gain) // the mean of the batch
	}
	for from := 0; from < len(b.gain); from += size {
		gain, advantage := b.gain[from:from+size], b.advantage[from:from+size]
		Centre(advantage, gain)
		switch {
		case r.cfg.learnsValue():
			for i, f := range gain {
				advantage[i] = f - r.value[b.prompts[from+i]]
			}
		case r.cfg.How == RLOO:
			scaleBy(advantage, float64(size)/float64(size-1))
		case r.cfg.How == GRPO && r.cfg.Normalise:
			scaleBy(advantage, 1/(deviation(advantage)+grpoEps))
		}
	}
}

// grpoEps keeps a group of replies with equal rewards from a division by 0, as
// in public code (huggingface/trl GRPOTrainer).
const grpoEps = 1e-4

func scaleBy(x []float64, factor float64) {
	for i := range x {
		x[i] *= factor
	}
}

// deviation returns the standard deviation of centred numbers, with Bessel's
// correction.
func deviation(centred []float64) float64 {
	sum := 0.0
	for _, x := range centred {
		sum += float64(x * x)
	}
	return math.Sqrt(sum / float64(len(centred)-1))
}

// reorder shuffles the batch for one pass (Fisher and Yates).
func (r *RLHF) reorder(pass uint64) {
	stream, order := NewStream(r.cfg.Seed, purposeShuffle, pass), r.batch.order
	for i := range order {
		order[i] = i
	}
	for i := len(order) - 1; i > 0; i-- {
		j := stream.Below(uint64(i + 1))
		order[i], order[j] = order[j], order[i]
	}
}

// learnFrom takes one update from some of the replies: up the mean of
// w_i ∂log π(y_i)/∂z, where ∂log π_a/∂z_k = [a = k] − π_k. The value model
// learns from the same replies.
func (r *RLHF) learnFrom(part []int) {
	b, share := &r.batch, 1/float64(len(part))
	b.met = b.met[:0]
	for _, i := range part {
		prompt := b.prompts[i]
		r.look(prompt)
		b.meet(prompt, r.version)
		w := float64(share * r.weight(i))
		r.grad[b.arms[i]] += w
		b.pull[prompt] += w
		if r.value != nil {
			b.miss[prompt] += b.gain[i] - r.value[prompt]
		}
	}
	for _, prompt := range b.met {
		from, to := r.p.Range(prompt)
		for k := from; k < to; k++ {
			r.grad[k] -= float64(b.pull[prompt] * r.pi[k])
		}
		if r.value != nil {
			r.value[prompt] += float64(r.cfg.ValueRate * share * b.miss[prompt])
		}
	}
	if r.value != nil {
		r.cost.ValueUpdates++
	}
	r.update()
}

// mostK3Gap bounds the push of a reply that the policy has given up since it
// said it: π_ref/π would overflow, and with it the policy.
const mostK3Gap = 20

// weight returns w of a reply: the slope of min(ρA, clip(ρ, 1−ε, 1+ε)A) with
// respect to log π, which is ρA or, beyond the clip, 0; less β(1 − π_ref/π), the
// slope of βk₃, where the leash is a loss. There log(π_ref/π) counts as at most
// mostK3Gap.
func (r *RLHF) weight(i int) float64 {
	b := &r.batch
	arm, w := b.arms[i], b.advantage[i]
	if r.cfg.clipped() {
		ratio := Exp(r.logPi[arm] - b.logOld[i])
		if w > 0 && ratio > 1+r.cfg.Clip || w < 0 && ratio < 1-r.cfg.Clip {
			ratio = 0
		}
		w *= ratio
	}
	if r.cfg.Leash == LeashK3Loss {
		w += float64(r.cfg.Beta * expm1(math.Min(r.p.LogRef[arm]-r.logPi[arm], mostK3Gap)))
	}
	return w
}
