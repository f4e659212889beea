package core

// A part is how far the step under way has come. All of a step is a sequence of
// small pieces, so that a step as long as a configuration allows, of 10,000
// replies gone through 100 times in 10,000 minibatches, can be taken bit by bit.
type part struct {
	stage  stage
	stream Stream // of the replies, or of the judges
	at     int    // the next reply, or pair judged, or first reply of a minibatch
	pass   int    // over the batch
	refits int    // steps of the reward model that are left
}

// A stage is what the step under way does next.
type stage int

// The stages, in their order. A step of the reward model and one along the exact
// gradient are one piece.
const (
	toBegin stage = iota
	toGenerate
	toLearn
	toConsult // annotators are asked about pairs of the policy's replies
	toRefit   // the reward model is fitted to all votes
	toEnd
)

// What a piece costs, in units of WorkBudget: a look at a reply's probability, a
// reply drawn, and a reply learned from.
const (
	lookCost  = 3
	drawCost  = 8
	learnCost = 6
)

// Proceed goes on with the step under way, or begins one, for about ops units of
// work (see WorkBudget), and returns what is left of them, at most 0 where the
// step is not whole yet. A piece is never cut: one update of policy or reward
// model, or one reply. Between pieces nothing but Proceed, Advance and Restore may
// be called. What comes of a step does not depend on how it was cut.
func (r *RLHF) Proceed(ops int) (left int) {
	for p := &r.part; ; {
		switch p.stage {
		case toBegin:
			ops -= r.begin()
		case toGenerate:
			ops -= r.generate()
		case toLearn:
			ops -= r.learn()
		case toConsult:
			ops -= r.consult()
		case toRefit:
			ops -= r.refit()
		}
		if p.stage == toEnd {
			p.stage = toBegin
			r.step++
			return ops
		}
		if ops <= 0 {
			return ops
		}
	}
}

// StepCost returns what a step may take, in units of WorkBudget.
func (r *RLHF) StepCost() int {
	if r.step < r.first {
		return r.model.stepCost()
	}
	c, arms := &r.cfg, r.p.Arms()
	cost := 0
	if c.Every > 0 {
		cost = 2*c.Judged*(drawCost+r.longest/4) + r.model.cfg.Refit*r.model.stepCost()
	}
	if c.How == ExactGradient {
		return cost + (2*lookCost+2)*arms
	}
	passes, updates := 1, 1
	if c.clipped() {
		passes, updates = c.Epochs, c.Epochs*c.Minibatches
	}
	return cost + c.Batch*(drawCost+r.longest/4+4+passes*(learnCost+drawCost)) + updates*(lookCost+3)*arms
}

// Twin returns RLHF made in the same way, in the same stage. It takes steps of its
// own.
func (r *RLHF) Twin() Stepper {
	var model *RewardModel
	if r.model != nil {
		model = r.model.twin()
	}
	return NewRLHF(r.p, model, r.cfg, r.judges)
}

// begin begins a step, and takes one that is a single piece.
func (r *RLHF) begin() (spent int) {
	p := &r.part
	p.at, p.pass = 0, 0
	switch {
	case r.step < r.first:
		r.model.Step()
		r.stale = true
		p.stage = toEnd
		return r.model.stepCost()
	case r.cfg.How == ExactGradient:
		r.climbExactly()
		r.endLearning()
		return (2*lookCost + 2) * r.p.Arms()
	}
	p.stage = toGenerate
	p.stream = NewStream(r.cfg.Seed, purposeReplies, uint64(r.PolicyStep()))
	return drawCost
}

// generate lets the policy reply once and has the reply rated; after the last it
// works out their advantages.
func (r *RLHF) generate() (spent int) {
	b, p, group := &r.batch, &r.part, r.cfg.group()
	i, reward := p.at, r.Reward()
	b.prompts[i] = r.prompt(uint64(r.PolicyStep())*uint64(r.cfg.Batch/group) + uint64(i/group))
	spent = r.drawCost(b.prompts[i])
	arm := r.say(&p.stream, b.prompts[i])
	r.cost.Replies++
	b.arms[i], b.logOld[i], b.order[i] = arm, r.logPi[arm], i
	b.gain[i] = r.gain(arm, reward[arm])
	r.cost.RewardCalls++
	if p.at++; p.at == len(b.arms) {
		b.filled, p.stage, p.at = true, toLearn, 0
		r.advantages()
		spent += 4 * len(b.arms)
	}
	return spent
}

// generateAll generates all replies of a step that has not begun.
func (r *RLHF) generateAll() {
	for r.begin(); r.part.stage == toGenerate; {
		r.generate()
	}
	r.part.stage = toBegin
}

// learn takes one update of the policy on the batch: on all of it once, or on one
// minibatch of one pass.
func (r *RLHF) learn() (spent int) { return r.learnNext(r.minibatch()) }

// minibatch returns the replies that the next update is learned from.
func (r *RLHF) minibatch() []int {
	p, size := &r.part, r.cfg.Batch
	if r.cfg.clipped() {
		size = r.cfg.Batch / r.cfg.Minibatches
	}
	if p.at == 0 && size < r.cfg.Batch {
		r.reorder(uint64(r.PolicyStep()*r.cfg.Epochs + p.pass))
	}
	return r.batch.order[p.at : p.at+size]
}

// learnNext takes the update from a minibatch and goes on to the next.
func (r *RLHF) learnNext(replies []int) (spent int) {
	p, size, passes := &r.part, len(replies), 1
	if r.cfg.clipped() {
		passes = r.cfg.Epochs
	}
	if p.at == 0 && size < r.cfg.Batch {
		spent = drawCost * r.cfg.Batch // to reorder the batch
	}
	r.learnFrom(replies)
	for _, prompt := range r.batch.met {
		from, to := r.p.Range(prompt)
		spent += (lookCost + 1) * (to - from)
	}
	spent += learnCost*size + 2*r.p.Arms()
	if p.at += size; p.at == r.cfg.Batch {
		p.at = 0
		if p.pass++; p.pass == passes {
			r.endLearning()
		}
	}
	return spent
}

// endLearning goes on to what follows the policy's part of a step.
func (r *RLHF) endLearning() {
	r.part.stage = toEnd
	if t := r.PolicyStep() + 1; r.cfg.Every > 0 && t%r.cfg.Every == 0 {
		r.part.stage, r.part.at = toConsult, 0
		r.part.stream = NewStream(r.cfg.Seed, purposeJudges, uint64(r.round()))
	}
}

// round counts, from 1, how often annotators have been consulted with this step.
func (r *RLHF) round() int { return (r.PolicyStep() + 1) / r.cfg.Every }

// consult asks annotators about one pair of the policy's replies. A pair of twice
// the same reply is not shown.
func (r *RLHF) consult() (spent int) {
	p := &r.part
	if p.at == r.cfg.Judged {
		p.stage, p.refits = toRefit, r.model.beginRefit()
		return 1
	}
	prompt := r.prompt(uint64(r.round()-1)*uint64(r.cfg.Judged) + uint64(p.at))
	spent = 2 * r.drawCost(prompt)
	w, l, told := r.judge(&p.stream, prompt, r.judges)
	r.cost.Replies += 2
	if told {
		r.model.Vote(prompt, w, l)
		r.cost.Votes++
	}
	p.at++
	return spent
}

// refit takes one piece of the fit to the votes as they are now.
func (r *RLHF) refit() (spent int) {
	p := &r.part
	if p.refits, spent = r.model.refit(p.refits); p.refits == 0 {
		p.stage, r.stale = toEnd, true
	}
	return spent
}

// drawCost is what a reply drawn to a prompt costs.
func (s *sampler) drawCost(prompt int) int {
	from, to := s.p.Range(prompt)
	if s.seen[prompt] == s.version {
		return drawCost + (to-from)/4
	}
	return drawCost + (lookCost+1)*(to-from)
}
