package rlhf

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/random"
	"dpoplayground/core/train"
)

// A Sampler is a softmax policy that can be asked for replies: a table, or linear
// in features.
type Sampler struct {
	P    *data.Problem
	seed uint64
	d    []float64 // z − log π_ref of every arm
	// Of a linear policy, whose replies share weights; nil for a table.
	Linear        *train.Linear
	weights, down []float64 // θ − θ₀, and scratch: the gradient in θ, 0 between updates
	// LogPi and pi hold for the prompts that were looked at since d moved.
	LogPi, Pi []float64
	seen      []uint64 // for each prompt, the version of d that it was looked at
	version   uint64   // of d, from 1
	halted    bool     // it has diverged
	longest   int      // the most replies that a prompt has

	epoch uint64
	order random.Permutation // of the prompts in that epoch
}

func newSampler(p *data.Problem, seed uint64, policy int) Sampler {
	n := p.Arms()
	s := Sampler{P: p, seed: seed, d: make([]float64, n), LogPi: make([]float64, n), Pi: make([]float64, n),
		seen: make([]uint64, len(p.Prompts)), version: 1}
	if len(p.Prompts) > 0 {
		s.shuffle(0)
	}
	for i := range p.Prompts {
		from, to := p.Range(i)
		s.longest = max(s.longest, to-from)
	}
	if policy == train.LinearPolicy {
		s.Linear, s.weights, s.down = &train.Linear{P: p}, make([]float64, p.Dim), make([]float64, p.Dim)
	}
	return s
}

// Params returns what is trained.
func (s *Sampler) Params() []float64 {
	if s.Linear != nil {
		return s.weights
	}
	return s.d
}

// ToParams turns a gradient in the logits, which it sets to 0, into one in what is
// trained.
func (s *Sampler) ToParams(grad []float64) []float64 {
	if s.Linear == nil {
		return grad
	}
	for k, g := range grad {
		grad[k] = 0
		for j, f := range s.P.Features[k*s.P.Dim : (k+1)*s.P.Dim] {
			s.down[j] += float64(f * g)
		}
	}
	return s.down
}

// ascend lets an optimiser take a step along a gradient in the logits, which it
// sets to 0.
func (s *Sampler) ascend(u *train.Updater, grad []float64) {
	if s.halted {
		clear(grad)
		return
	}
	u.Step(s.Params(), s.ToParams(grad))
	s.FollowWeights()
	s.stopDiverged()
}

// FollowWeights sets d from the weights, if there are any, and says that it has moved.
func (s *Sampler) FollowWeights() {
	if s.Linear != nil {
		for k := range s.d {
			s.d[k] = s.Linear.Ratio(k, s.weights)
		}
	}
	s.moved()
}

// save appends what is trained to dst; restore takes it off the front of src.
func (s *Sampler) save(dst []float64) []float64 { return append(dst, s.Params()...) }

func (s *Sampler) restore(src []float64) []float64 {
	src = num.Take(s.Params(), src)
	s.FollowWeights()
	s.halted = train.IsFar(s.d)
	return src
}

// Weights returns θ − θ₀ of a linear policy, or nil. It is the policy's own.
func (s *Sampler) Weights() []float64 { return s.weights }

// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
// from the arm with the given index on.
func (s *Sampler) AddLogRatios(dst []float64, from int) {
	for k := range dst {
		dst[k] += s.d[from+k]
	}
}

// moved says that d has changed.
func (s *Sampler) moved() { s.version++ }

// LookAtPrompt computes log π and π of one prompt, unless they are at hand.
func (s *Sampler) LookAtPrompt(prompt int) {
	if s.seen[prompt] == s.version {
		return
	}
	s.seen[prompt] = s.version
	from, to := s.P.Range(prompt)
	logPi, pi, top := s.LogPi[from:to], s.Pi[from:to], math.Inf(-1)
	for k, logRef := range s.P.LogRef[from:to] {
		logPi[k] = logRef + s.d[from+k]
		top = math.Max(top, logPi[k])
	}
	sum := num.ExpSum(pi, logPi, top)
	logZ := top + num.Log(sum)
	for k := range pi {
		pi[k] /= sum
		logPi[k] -= logZ
	}
}

// prompt returns the i-th prompt that a run draws. Prompts are dealt like
// cards: each epoch goes through all of them once, in an order of its own.
func (s *Sampler) prompt(i uint64) int {
	n := uint64(len(s.P.Prompts))
	if n == 1 {
		return 0
	}
	if epoch := i / n; epoch != s.epoch {
		s.shuffle(epoch)
	}
	return int(s.order.At(i % n))
}

func (s *Sampler) shuffle(epoch uint64) {
	s.epoch, s.order = epoch, random.NewPermutation(s.seed, random.PurposePrompts, epoch, uint64(len(s.P.Prompts)))
}

// drawReply draws a reply, as an arm, to a prompt.
func (s *Sampler) drawReply(stream *random.Stream, prompt int) int {
	s.LookAtPrompt(prompt)
	from, to := s.P.Range(prompt)
	return from + num.SampleIndex(s.Pi[from:to], stream.Float64())
}

// askJudge draws two replies and has an annotator choose between them. It always
// takes three numbers from the stream; told is false where the replies are the same.
func (s *Sampler) askJudge(stream *random.Stream, prompt int, judges data.Annotators) (chosen, rejected int, told bool) {
	a, b := s.drawReply(stream, prompt), s.drawReply(stream, prompt)
	from, _ := s.P.Range(prompt)
	replies := s.P.Prompts[prompt].Replies
	if stream.Float64() < judges.Agreement(replies[a-from].Reward, replies[b-from].Reward) {
		return a, b, a != b
	}
	return b, a, a != b
}

// Diverged tells whether the policy has gone so far that it was stopped.
func (s *Sampler) Diverged() bool { return s.halted }

// stopDiverged stops the policy where its log-ratios have gone too far.
func (s *Sampler) stopDiverged() {
	if s.halted = train.IsFar(s.d); !s.halted {
		return
	}
	train.Rein(s.Params())
	if s.Linear != nil {
		s.FollowWeights()
		train.Shrink(s.weights, s.d)
	}
	s.FollowWeights()
}
