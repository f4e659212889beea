package core

import "math"

// A sampler is a softmax policy that can be asked for replies: a table, or linear
// in features.
type sampler struct {
	p    *Problem
	seed uint64
	d    []float64 // z − log π_ref of every arm
	// Of a linear policy, whose replies share weights; nil for a table.
	linear        *linear
	weights, down []float64 // θ − θ₀, and scratch: the gradient in θ, 0 between updates
	// logPi and pi hold for the prompts that were looked at since d moved.
	logPi, pi []float64
	seen      []uint64 // for each prompt, the version of d that it was looked at
	version   uint64   // of d, from 1
	halted    bool     // it has diverged
	longest   int      // the most replies that a prompt has

	epoch uint64
	order Permutation // of the prompts in that epoch
}

func newSampler(p *Problem, seed uint64, policy int) sampler {
	n := p.Arms()
	s := sampler{p: p, seed: seed, d: make([]float64, n), logPi: make([]float64, n), pi: make([]float64, n),
		seen: make([]uint64, len(p.Prompts)), version: 1}
	if len(p.Prompts) > 0 {
		s.shuffle(0)
	}
	for i := range p.Prompts {
		from, to := p.Range(i)
		s.longest = max(s.longest, to-from)
	}
	if policy == LinearPolicy {
		s.linear, s.weights, s.down = &linear{p: p}, make([]float64, p.Dim), make([]float64, p.Dim)
	}
	return s
}

// params returns what is trained.
func (s *sampler) params() []float64 {
	if s.linear != nil {
		return s.weights
	}
	return s.d
}

// gather turns a gradient in the logits, which it sets to 0, into one in what is
// trained.
func (s *sampler) gather(grad []float64) []float64 {
	if s.linear == nil {
		return grad
	}
	for k, g := range grad {
		grad[k] = 0
		for j, f := range s.p.Features[k*s.p.Dim : (k+1)*s.p.Dim] {
			s.down[j] += float64(f * g)
		}
	}
	return s.down
}

// climb lets an optimiser take a step along a gradient in the logits, which it
// sets to 0.
func (s *sampler) climb(u *Updater, grad []float64) {
	if s.halted {
		clear(grad)
		return
	}
	u.Step(s.params(), s.gather(grad))
	s.place()
	s.halt()
}

// place sets d from the weights, if there are any, and says that it has moved.
func (s *sampler) place() {
	if s.linear != nil {
		for k := range s.d {
			s.d[k] = s.linear.ratio(k, s.weights)
		}
	}
	s.moved()
}

// save appends what is trained to dst; restore takes it off the front of src.
func (s *sampler) save(dst []float64) []float64 { return append(dst, s.params()...) }

func (s *sampler) restore(src []float64) []float64 {
	src = take(s.params(), src)
	s.place()
	s.halted = isFar(s.d)
	return src
}

// Weights returns θ − θ₀ of a linear policy, or nil. It is the policy's own.
func (s *sampler) Weights() []float64 { return s.weights }

// AddLogRatios adds d = z − log π_ref to dst, which has one entry for each arm
// from the arm with the given index on.
func (s *sampler) AddLogRatios(dst []float64, from int) {
	for k := range dst {
		dst[k] += s.d[from+k]
	}
}

// moved says that d has changed.
func (s *sampler) moved() { s.version++ }

// look computes log π and π of one prompt, unless they are at hand.
func (s *sampler) look(prompt int) {
	if s.seen[prompt] == s.version {
		return
	}
	s.seen[prompt] = s.version
	from, to := s.p.Range(prompt)
	logPi, pi, top := s.logPi[from:to], s.pi[from:to], math.Inf(-1)
	for k, logRef := range s.p.LogRef[from:to] {
		logPi[k] = logRef + s.d[from+k]
		top = math.Max(top, logPi[k])
	}
	sum := expSum(pi, logPi, top)
	logZ := top + Log(sum)
	for k := range pi {
		pi[k] /= sum
		logPi[k] -= logZ
	}
}

// prompt returns the i-th prompt that a run draws. Prompts are dealt like
// cards: each epoch goes through all of them once, in an order of its own.
func (s *sampler) prompt(i uint64) int {
	n := uint64(len(s.p.Prompts))
	if n == 1 {
		return 0
	}
	if epoch := i / n; epoch != s.epoch {
		s.shuffle(epoch)
	}
	return int(s.order.At(i % n))
}

func (s *sampler) shuffle(epoch uint64) {
	s.epoch, s.order = epoch, NewPermutation(s.seed, purposePrompts, epoch, uint64(len(s.p.Prompts)))
}

// say draws a reply, as an arm, to a prompt.
func (s *sampler) say(stream *Stream, prompt int) int {
	s.look(prompt)
	from, to := s.p.Range(prompt)
	return from + SampleIndex(s.pi[from:to], stream.Float64())
}

// judge draws two replies and has an annotator choose between them. It always
// takes three numbers from the stream; told is false where the replies are the same.
func (s *sampler) judge(stream *Stream, prompt int, judges Annotators) (chosen, rejected int, told bool) {
	a, b := s.say(stream, prompt), s.say(stream, prompt)
	from, _ := s.p.Range(prompt)
	replies := s.p.Prompts[prompt].Replies
	if stream.Float64() < judges.Agreement(replies[a-from].Reward, replies[b-from].Reward) {
		return a, b, a != b
	}
	return b, a, a != b
}
