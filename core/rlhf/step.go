package rlhf

import (
	"dpoplayground/core/random"
	"dpoplayground/core/train"
)

// A part is how far the step under way has come. All of a step is a sequence of
// small pieces, so that a step as long as a configuration allows, of 10,000
// replies gone through 100 times in 10,000 minibatches, can be taken bit by bit.
type part struct {
	Stage  stage
	stream random.Stream // of the replies, or of the judges
	at     int           // the next reply, or pair judged, or first reply of a minibatch
	pass   int           // over the batch
	refits int           // steps of the reward model that are left
}

// A stage is what the step under way does next.
type stage int

// The stages, in their order. A step of the reward model and one along the exact
// gradient are one piece.
const (
	ToBegin stage = iota
	ToGenerate
	ToLearn
	toConsult // annotators are asked about pairs of the policy's replies
	toRefit   // the reward model is fitted to all votes
	toEnd
)

// What a piece costs, in units of WorkBudget: a look at a reply's probability, a
// reply drawn, and a reply learned from.
const (
	LookCost  = 3
	drawCost  = 8
	LearnCost = 6
)

// Proceed goes on with the step under way, or begins one, for about ops units of
// work (see WorkBudget), and returns what is left of them, at most 0 where the
// step is not whole yet. A piece is never cut: one update of policy or reward
// model, or one reply. Between pieces nothing but Proceed, Advance and Restore may
// be called. What comes of a step does not depend on how it was cut.
func (r *RLHF) Proceed(ops int) (left int) {
	for p := &r.Part; ; {
		switch p.Stage {
		case ToBegin:
			ops -= r.Begin()
		case ToGenerate:
			ops -= r.Generate()
		case ToLearn:
			ops -= r.learnNext()
		case toConsult:
			ops -= r.askAnnotators()
		case toRefit:
			ops -= r.refit()
		}
		if p.Stage == toEnd {
			p.Stage = ToBegin
			r.Step++
			return ops
		}
		if ops <= 0 {
			return ops
		}
	}
}

// StepCost returns what a step may take, in units of WorkBudget.
func (r *RLHF) StepCost() int {
	if r.Step < r.First {
		return r.Model.stepCost()
	}
	c, arms := &r.Cfg, r.P.Arms()
	cost := 0
	if c.Every > 0 {
		cost = 2*c.Judged*(drawCost+r.longest/4) + r.Model.Cfg.Refit*r.Model.stepCost()
	}
	if c.How == ExactGradient {
		return cost + (2*LookCost+2)*arms
	}
	passes, updates := 1, 1
	if c.Clipped() {
		passes, updates = c.Epochs, c.Epochs*c.Minibatches
	}
	return cost + c.Batch*(drawCost+r.longest/4+4+passes*(LearnCost+drawCost)) + updates*(LookCost+3)*arms
}

// Twin returns RLHF made in the same way, in the same stage. It takes steps of its
// own.
func (r *RLHF) Twin() train.Stepper {
	var model *RewardModel
	if r.Model != nil {
		model = r.Model.twin()
	}
	return New(r.P, model, r.Cfg, r.judges)
}

// Begin begins a step, and takes one that is a single piece.
func (r *RLHF) Begin() (spent int) {
	p := &r.Part
	p.at, p.pass = 0, 0
	switch {
	case r.Step < r.First:
		r.Model.Step()
		r.stale = true
		p.Stage = toEnd
		return r.Model.stepCost()
	case r.Cfg.How == ExactGradient:
		r.climbExactly()
		r.endLearning()
		return (2*LookCost + 2) * r.P.Arms()
	}
	p.Stage = ToGenerate
	p.stream = random.NewStream(r.Cfg.Seed, random.PurposeReplies, uint64(r.PolicyStep()))
	return drawCost
}

// Generate lets the policy reply once and has the reply rated; after the last it
// works out their advantages.
func (r *RLHF) Generate() (spent int) {
	b, p, group := &r.Batch, &r.Part, r.Cfg.group()
	i, reward := p.at, r.Reward()
	b.Prompts[i] = r.prompt(uint64(r.PolicyStep())*uint64(r.Cfg.Batch/group) + uint64(i/group))
	spent = r.drawCost(b.Prompts[i])
	arm := r.drawReply(&p.stream, b.Prompts[i])
	r.cost.Replies++
	b.Arms[i], b.LogOld[i], b.order[i] = arm, r.LogPi[arm], i
	b.Gain[i] = r.Gain(arm, reward[arm])
	r.cost.RewardCalls++
	if p.at++; p.at == len(b.Arms) {
		p.Stage, p.at = ToLearn, 0
		r.advantages()
		spent += 4 * len(b.Arms)
	}
	return spent
}

// learnNext takes one update of the policy on the batch: on all of it once, or on one
// minibatch of one pass.
func (r *RLHF) learnNext() (spent int) { return r.LearnNext(r.Minibatch()) }

// Minibatch returns the replies that the next update is learned from.
func (r *RLHF) Minibatch() []int {
	p, size := &r.Part, r.Cfg.Batch
	if r.Cfg.Clipped() {
		size = r.Cfg.Batch / r.Cfg.Minibatches
	}
	if p.at == 0 && size < r.Cfg.Batch {
		r.reorder(uint64(r.PolicyStep()*r.Cfg.Epochs + p.pass))
	}
	return r.Batch.order[p.at : p.at+size]
}

// LearnNext takes the update from a minibatch and goes on to the next.
func (r *RLHF) LearnNext(replies []int) (spent int) {
	p, size, passes := &r.Part, len(replies), 1
	if r.Cfg.Clipped() {
		passes = r.Cfg.Epochs
	}
	if p.at == 0 && size < r.Cfg.Batch {
		spent = drawCost * r.Cfg.Batch // to reorder the batch
	}
	r.learnFrom(replies)
	for _, prompt := range r.Batch.met {
		from, to := r.P.Range(prompt)
		spent += (LookCost + 1) * (to - from)
	}
	spent += LearnCost*size + 2*r.P.Arms()
	if p.at += size; p.at == r.Cfg.Batch {
		p.at = 0
		if p.pass++; p.pass == passes {
			r.endLearning()
		}
	}
	return spent
}

// endLearning goes on to what follows the policy's part of a step.
func (r *RLHF) endLearning() {
	r.Part.Stage = toEnd
	if t := r.PolicyStep() + 1; r.Cfg.Every > 0 && t%r.Cfg.Every == 0 {
		r.Part.Stage, r.Part.at = toConsult, 0
		r.Part.stream = random.NewStream(r.Cfg.Seed, random.PurposeJudges, uint64(r.annotatorRound()))
	}
}

// annotatorRound counts, from 1, how often annotators have been consulted with this step.
func (r *RLHF) annotatorRound() int { return (r.PolicyStep() + 1) / r.Cfg.Every }

// consult asks annotators about one pair of the policy's replies. A pair of twice
// the same reply is not shown.
func (r *RLHF) askAnnotators() (spent int) {
	p := &r.Part
	if p.at == r.Cfg.Judged {
		p.Stage, p.refits = toRefit, r.Model.beginRefit()
		return 1
	}
	prompt := r.prompt(uint64(r.annotatorRound()-1)*uint64(r.Cfg.Judged) + uint64(p.at))
	spent = 2 * r.drawCost(prompt)
	w, l, told := r.askJudge(&p.stream, prompt, r.judges)
	r.cost.Replies += 2
	if told {
		r.Model.Vote(prompt, w, l)
		r.cost.Votes++
	}
	p.at++
	return spent
}

// refit takes one piece of the fit to the votes as they are now.
func (r *RLHF) refit() (spent int) {
	p := &r.Part
	if p.refits, spent = r.Model.refit(p.refits); p.refits == 0 {
		p.Stage, r.stale = toEnd, true
	}
	return spent
}

// drawCost is what a reply drawn to a prompt costs.
func (s *Sampler) drawCost(prompt int) int {
	from, to := s.P.Range(prompt)
	if s.seen[prompt] == s.version {
		return drawCost + (to-from)/4
	}
	return drawCost + (LookCost+1)*(to-from)
}
