package core

import (
	"math"
	"sort"
)

// A Config is what a training run is made of, besides its problem.
type Config struct {
	Beta      float64
	Smoothing float64 // ε of cDPO
	Rate      float64 // learning rate
	Optimizer int     // SGD or Adam
	Batch     int     // votes a step; 0 for all of them
	Seed      uint64  // of the minibatches
}

// Adam's constants, as in Kingma & Ba 2015 and everywhere since.
const (
	adamBeta1 = 0.9
	adamBeta2 = 0.999
	adamEps   = 1e-8
)

// A Trainer moves a tabular softmax policy down the DPO loss of a problem.
//
// It holds d = z − log π_ref, one entry for every arm that stands in some
// pair: d starts at 0, the margin of a pair is u = β(d_w − d_l), and arms in no
// pair never move. A full-batch step therefore costs O(pairs), whatever the
// number of replies.
type Trainer struct {
	cfg   Config
	step  int
	d     []float64 // log-ratio of the logits, per touched arm
	g     []float64 // scratch: minus the gradient; zero between steps
	m, v  []float64 // Adam's moments; nil for SGD
	decay [2]float64

	arms  []int // touched arms, ascending
	duels []duel
	votes voteList
	epoch uint64      // whose order of votes is at hand
	order Permutation // of the votes of that epoch
}

// NewTrainer returns a trainer at step 0, where the policy is the reference.
func NewTrainer(p *Problem, cfg Config) *Trainer {
	t := &Trainer{cfg: cfg, arms: p.touched}
	n := len(t.arms)
	t.d, t.g = make([]float64, n), make([]float64, n)
	if cfg.Optimizer == Adam {
		t.m, t.v = make([]float64, n), make([]float64, n)
	}
	t.decay = [2]float64{1, 1}
	t.duels = make([]duel, len(p.Tallies))
	for i, tally := range p.Tallies {
		t.duels[i] = newDuel(cfg, tally, p.Total)
		t.duels[i].a, t.duels[i].b = p.ends[i][0], p.ends[i][1]
	}
	if cfg.Batch > 0 && p.Total > 0 {
		t.votes = newVoteList(p)
		t.shuffle(0)
	}
	return t
}

// newDuel weighs a tally for the full batch: each vote counts β(1−ε)/N for its
// own side and βε/N for the other.
func newDuel(cfg Config, tally Tally, total float64) duel {
	eps, scale := cfg.Smoothing, cfg.Beta/total
	return duel{
		na: (float64(tally.ForA*(1-eps)) + float64(tally.ForB*eps)) * scale,
		nb: (float64(tally.ForB*(1-eps)) + float64(tally.ForA*eps)) * scale,
	}
}

// StepCount returns the number of steps taken.
func (t *Trainer) StepCount() int { return t.step }

// Config returns what the trainer was made with.
func (t *Trainer) Config() Config { return t.cfg }

// StartAt sets d = z − log π_ref for every arm and forgets the steps taken, so
// that a run may start elsewhere than at the reference. Arms in no pair keep
// to the reference.
func (t *Trainer) StartAt(logRatio []float64) {
	t.step, t.decay = 0, [2]float64{1, 1}
	for i, k := range t.arms {
		t.d[i] = logRatio[k]
	}
	for i := range t.m {
		t.m[i], t.v[i] = 0, 0
	}
}

// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
// from the arm with the given index on.
func (t *Trainer) AddLogRatios(dst []float64, from int) {
	i := sort.SearchInts(t.arms, from)
	for ; i < len(t.arms) && t.arms[i] < from+len(dst); i++ {
		dst[t.arms[i]-from] += t.d[i]
	}
}

// LogRatio returns d = z − log π_ref of one arm.
func (t *Trainer) LogRatio(arm int) float64 {
	i := sort.SearchInts(t.arms, arm)
	if i < len(t.arms) && t.arms[i] == arm {
		return t.d[i]
	}
	return 0
}

// Advance takes n steps. It allocates nothing.
func (t *Trainer) Advance(n int) {
	for ; n > 0; n-- {
		if t.votes.total > 0 {
			t.minibatch()
		} else {
			climb(t.d, t.g, t.duels, t.cfg.Beta)
		}
		t.step++
		if t.m != nil {
			t.applyAdam()
		} else {
			t.applySGD()
		}
	}
}

// Slope returns the largest entry of the full-batch gradient of the loss with
// respect to the logits, in absolute value. It is 0 exactly at an optimum.
func (t *Trainer) Slope() float64 {
	climb(t.d, t.g, t.duels, t.cfg.Beta)
	max := 0.0
	for i, g := range t.g {
		max = math.Max(max, math.Abs(g))
		t.g[i] = 0
	}
	return max
}

// AddGradient adds the full-batch gradient of the loss with respect to the
// logits to dst, one entry an arm.
func (t *Trainer) AddGradient(dst []float64) {
	climb(t.d, t.g, t.duels, t.cfg.Beta)
	for i, k := range t.arms {
		dst[k] -= t.g[i]
		t.g[i] = 0
	}
}

func (t *Trainer) applySGD() {
	rate := t.cfg.Rate
	for i, g := range t.g {
		t.d[i] += float64(rate * g)
		t.g[i] = 0
	}
}

// applyAdam moves d by the bias-corrected moments,
//
//	m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², d −= η m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + 1e-8)
//
// with g the gradient; t.g holds minus g.
func (t *Trainer) applyAdam() {
	t.decay[0] = float64(t.decay[0] * adamBeta1)
	t.decay[1] = float64(t.decay[1] * adamBeta2)
	c1, c2 := 1-t.decay[0], 1-t.decay[1]
	for i, g := range t.g {
		m := float64(adamBeta1*t.m[i]) + float64((1-adamBeta1)*g)
		v := float64(adamBeta2*t.v[i]) + float64((1-adamBeta2)*float64(g*g))
		t.m[i], t.v[i], t.g[i] = m, v, 0
		t.d[i] += t.cfg.Rate * (m / c1) / (math.Sqrt(v/c2) + adamEps)
	}
}
