package rlhf

import (
	"math"

	"dpoplayground/core/num"
	"dpoplayground/core/random"
)

// A rollout is a batch of generated replies and what is learned from them.
type rollout struct {
	Prompts   []int
	Arms      []int
	LogOld    []float64 // log π when the reply was generated
	Gain      []float64 // f
	Advantage []float64 // A
	order     []int     // in which replies are gone through

	// Of the minibatch at hand: the prompts in it, for each prompt the version of
	// the policy that it was last met at, Σ w and Σ (f − V) of its replies.
	met        []int
	metAt      []uint64
	pull, miss []float64
}

func (b *rollout) resize(replies, prompts int) {
	b.Prompts, b.Arms, b.order = make([]int, replies), make([]int, replies), make([]int, replies)
	b.LogOld, b.Gain, b.Advantage = make([]float64, replies), make([]float64, replies), make([]float64, replies)
	b.met, b.metAt = make([]int, 0, replies), make([]uint64, prompts)
	b.pull, b.miss = make([]float64, prompts), make([]float64, prompts)
}

// clearPrompt clears what is known of a prompt when a minibatch first meets it.
func (b *rollout) clearPrompt(prompt int, version uint64) {
	if b.metAt[prompt] != version {
		b.metAt[prompt] = version
		b.met = append(b.met, prompt)
		b.pull[prompt], b.miss[prompt] = 0, 0
	}
}

// advantages sets A of every reply from f.
func (r *RLHF) advantages() {
	b := &r.Batch
	size := r.Cfg.group()
	if size == 1 {
		size = len(b.Gain) // the mean of the batch
	}
	for from := 0; from < len(b.Gain); from += size {
		gain, advantage := b.Gain[from:from+size], b.Advantage[from:from+size]
		num.Centre(advantage, gain)
		switch {
		case r.Cfg.learnsValue():
			for i, f := range gain {
				advantage[i] = f - r.Value[b.Prompts[from+i]]
			}
		case r.Cfg.How == RLOO:
			scaleBy(advantage, float64(size)/float64(size-1))
		case r.Cfg.How == GRPO && r.Cfg.Normalise:
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
	stream, order := random.NewStream(r.Cfg.Seed, random.PurposeShuffle, pass), r.Batch.order
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
	b, share := &r.Batch, 1/float64(len(part))
	b.met = b.met[:0]
	for _, i := range part {
		prompt := b.Prompts[i]
		r.LookAtPrompt(prompt)
		b.clearPrompt(prompt, r.version)
		w := float64(share * r.Weight(i))
		r.Grad[b.Arms[i]] += w
		b.pull[prompt] += w
		if r.Value != nil {
			b.miss[prompt] += b.Gain[i] - r.Value[prompt]
		}
	}
	for _, prompt := range b.met {
		from, to := r.P.Range(prompt)
		for k := from; k < to; k++ {
			r.Grad[k] -= float64(b.pull[prompt] * r.Pi[k])
		}
		if r.Value != nil {
			r.Value[prompt] += float64(r.Cfg.ValueRate * share * b.miss[prompt])
		}
	}
	if r.Value != nil {
		r.cost.ValueUpdates++
	}
	r.Update()
}

// mostK3Gap bounds the push of a reply that the policy has given up since it
// said it: π_ref/π would overflow, and with it the policy.
const mostK3Gap = 20

// Weight returns w of a reply: the slope of min(ρA, clip(ρ, 1−ε, 1+ε′)A) with
// respect to log π, which is ρA or, beyond the clip, 0; less β(1 − π_ref/π), the
// slope of βk₃, where the leash is a loss. There log(π_ref/π) counts as at most
// mostK3Gap.
func (r *RLHF) Weight(i int) float64 {
	b := &r.Batch
	arm, w := b.Arms[i], b.Advantage[i]
	if r.Cfg.Clipped() {
		ratio := num.Exp(r.LogPi[arm] - b.LogOld[i])
		if r.Cfg.ClipsAway(ratio, w) {
			ratio = 0
		}
		w *= ratio
	}
	if r.Cfg.Leash == LeashK3Loss {
		w += float64(r.Cfg.Beta * num.Expm1(math.Min(r.P.LogRef[arm]-r.LogPi[arm], mostK3Gap)))
	}
	return w
}
