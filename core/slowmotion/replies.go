package slowmotion

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// Replies is what a policy step of RLHF makes of the shown prompt's replies.
type Replies struct {
	Config rlhf.Config
	Batch  int // replies generated, to all prompts
	Here   int // of them, to the shown prompt
	// Updates is how many times the policy is updated on them; Clipped says how
	// many of the Part replies of the last of these updates were beyond the clip.
	Updates, Clipped, Part int
	Mean                   float64 // mean f: of the batch, or for the exact gradient E_π[f] of the shown prompt
	Value                  float64 // V of the shown prompt, where a value is learned
	Of                     []Reply
}

// A Reply is one reply of the shown prompt.
type Reply struct {
	Drawn  int     // how often the policy said it in this batch
	Pi     float64 // how probable that was
	Reward float64 // r̂
	Leash  float64 // β log(π/π_ref)
	Gain   float64 // f: r̂, less the leash where it is taken off the reward
	// Advantage is the mean A of the times it was said: with RLOO and GRPO it
	// differs between them. For the exact gradient it is f − E_π[f].
	Advantage float64
	Ratio     float64 // ρ = π/π_old as the last update begins
	Beyond    bool    // whether the clip then stops its push
	// Push is the reply's entry of the gradient that the first update climbs.
	Push float64
	// Step is how far the logit goes in all updates together.
	Step float64

	sum float64 // of A over the times it was said
}

func (s *Replies) clear() { *s = Replies{Of: s.Of[:0]} }

// byReward takes a step of RLHF apart, of whichever of its two stages is next.
func (s *SlowMotion) byReward(l *core.Lab, r *rlhf.RLHF, from int) {
	if r.Stage() == 1 {
		s.byScores(l, r, from)
		return
	}
	s.beginReplies(l, r, from)
	if r.Cfg.How == rlhf.ExactGradient {
		s.takeExactStep(r, from)
	} else {
		s.learnFromReplies(r, l.Prompt(), from, math.MaxInt)
	}
	s.endReplies(r, from)
	r.Restore(s.state)
}

// beginReplies notes where the step begins.
func (s *SlowMotion) beginReplies(l *core.Lab, r *rlhf.RLHF, from int) {
	s.By, s.Rule, s.Replies.Config = ByReplies, r.Updater.Rule, r.Cfg
	s.state = r.Save(s.state[:0])
	s.rate(l, r, from)
	if r.Value != nil {
		s.Replies.Value = r.Value[l.Prompt()]
	}
}

// endReplies notes where the step has led.
func (s *SlowMotion) endReplies(r *rlhf.RLHF, from int) {
	s.will = append(s.will[:0], r.P.LogRef[from:from+len(s.will)]...)
	r.AddLogRatios(s.will, from)
	s.Vote.Decay = r.Updater.Decay
	s.moments(&r.Sampler, r.Updater, from)
	s.settleSides()
	for k := range s.Replies.Of {
		s.Replies.Of[k].Step = s.will[k] - s.was[k]
	}
	s.addStages(StageGenerate, StageReward, StageLeash, StageAdvantage)
	s.addUpdate(&r.Sampler)
}

// moments notes what the optimiser remembers of the two replies' logits, where
// those are what is trained.
func (s *SlowMotion) moments(p *rlhf.Sampler, u *train.Updater, from int) {
	for i := range s.Sides {
		if k := from + s.Sides[i].Reply; p.Linear == nil {
			s.Sides[i].Moment, s.Sides[i].Square = num.At(u.M, k, 0), num.At(u.V, k, 0)
		}
	}
}

// addUpdate adds the last stages. Where it is weights that are updated, the one
// that updates logits is left out.
func (s *SlowMotion) addUpdate(p *rlhf.Sampler) {
	if p.Linear == nil {
		s.addStages(StageUpdate)
	}
	s.addStages(StageSoftmax, StageMoves)
}

// rate sets each reply's probability, reward and leash as the step begins.
func (s *SlowMotion) rate(l *core.Lab, r *rlhf.RLHF, from int) {
	reward := r.Reward()
	r.LookAtPrompt(l.Prompt())
	for k := range s.was {
		arm := from + k
		s.Replies.Of = append(s.Replies.Of, Reply{Pi: r.Pi[arm], Reward: reward[arm], Ratio: 1,
			Leash: float64(r.Cfg.Beta * (r.LogPi[arm] - r.P.LogRef[arm])), Gain: r.Gain(arm, reward[arm])})
	}
	for i := range s.Sides {
		k := from + s.Sides[i].Reply
		s.Sides[i].LogPi, s.Sides[i].LogRef, s.Sides[i].Tokens = r.LogPi[k], r.P.LogRef[k], 1
	}
}

// takeExactStep takes the step of the exact gradient.
func (s *SlowMotion) takeExactStep(r *rlhf.RLHF, from int) {
	out := &s.Replies
	for k := range out.Of {
		out.Mean += float64(out.Of[k].Pi * out.Of[k].Gain)
	}
	r.ExactGradient()
	copy(s.g, r.Grad[from:])
	for k := range out.Of {
		out.Of[k].Advantage, out.Of[k].Push = out.Of[k].Gain-out.Mean, s.g[k]
	}
	out.Updates = 1
	r.Update()
}

// learnFromReplies goes on with a step from replies that are generated, as
// RLHF.Proceed does, looking on. It tells whether the policy's part of it is taken.
func (s *SlowMotion) learnFromReplies(r *rlhf.RLHF, prompt, from, ops int) (done bool) {
	for p := &r.Part; ; {
		switch p.Stage {
		case rlhf.ToBegin:
			ops -= r.Begin()
		case rlhf.ToGenerate:
			if ops -= r.Generate(); p.Stage == rlhf.ToLearn {
				s.countReplies(r, prompt, from)
			}
		case rlhf.ToLearn:
			replies := r.Minibatch()
			if s.Replies.Updates == 0 {
				s.firstPush(r, replies, prompt, from)
			}
			s.Replies.Updates++
			s.lookOn(r, replies, prompt, from)
			ops -= r.LearnNext(replies) + rlhf.LearnCost*len(replies)
		default:
			p.Stage = rlhf.ToBegin
			return true
		}
		if ops <= 0 && p.Stage <= rlhf.ToLearn {
			return false
		}
	}
}

// countReplies counts what was generated.
func (s *SlowMotion) countReplies(r *rlhf.RLHF, prompt, from int) {
	out, b := &s.Replies, &r.Batch
	out.Batch = len(b.Arms)
	for i, arm := range b.Arms {
		out.Mean += b.Gain[i] / float64(out.Batch)
		if b.Prompts[i] == prompt {
			reply := &out.Of[arm-from]
			reply.Drawn++
			reply.sum += b.Advantage[i]
			out.Here++
		}
	}
	for k := range out.Of {
		if reply := &out.Of[k]; reply.Drawn > 0 {
			reply.Advantage = reply.sum / float64(reply.Drawn)
		}
	}
}

// A takenApart is a long step that is being taken apart, by a twin of the run.
type takenApart struct {
	of     apartOf
	policy *rlhf.RLHF
	done   bool
}

// An apartOf is what is being taken apart.
type apartOf struct {
	run          *train.Run
	step, prompt int
	pair         [2]int
}

// ReadWithin is Read in slices, each of about ops units of work (see WorkBudget),
// where a step is long. It tells whether all is read; until then nothing of what
// was read holds.
func (s *SlowMotion) ReadWithin(l *core.Lab, chosen, rejected, ops int) (done bool) {
	r, is := l.Run.Stepper.(*rlhf.RLHF)
	if !is || r.Stage() == 1 || r.Cfg.How == rlhf.ExactGradient || r.StepCost() <= ops {
		s.apart = takenApart{}
		s.Read(l, chosen, rejected)
		return true
	}
	from, _ := l.Problem.Range(l.Prompt())
	of := apartOf{l.Run, r.Step, l.Prompt(), [2]int{chosen, rejected}}
	if s.apart.of != of {
		s.begin(l, chosen, rejected)
		s.beginReplies(l, r, from)
		s.apart = takenApart{of: of, policy: r.Twin().(*rlhf.RLHF)}
		s.apart.policy.Restore(s.state)
		return false
	}
	if a := &s.apart; !a.done && s.learnFromReplies(a.policy, l.Prompt(), from, ops) {
		s.endReplies(a.policy, from)
		s.moves()
		a.done = true
	}
	return s.apart.done
}

// firstPush sets the gradient that the first update climbs: the mean over the
// replies of w ∂log π/∂z.
func (s *SlowMotion) firstPush(r *rlhf.RLHF, part []int, prompt, from int) {
	share, total := 1/float64(len(part)), 0.0
	for _, i := range part {
		if r.Batch.Prompts[i] == prompt {
			w := float64(share * r.Weight(i))
			s.g[r.Batch.Arms[i]-from] += w
			total += w
		}
	}
	for k := range s.g {
		s.g[k] -= float64(total * s.Replies.Of[k].Pi)
		s.Replies.Of[k].Push = s.g[k]
	}
}

// lookOn notes the ratios with which an update begins, and whom the clip stops.
func (s *SlowMotion) lookOn(r *rlhf.RLHF, part []int, prompt, from int) {
	out, b := &s.Replies, &r.Batch
	out.Part, out.Clipped = len(part), 0
	r.LookAtPrompt(prompt)
	for k := range out.Of {
		out.Of[k].Ratio, out.Of[k].Beyond = num.Exp(r.LogPi[from+k]-num.Log(out.Of[k].Pi)), false
	}
	if !r.Cfg.Clipped() {
		return
	}
	for _, i := range part {
		r.LookAtPrompt(b.Prompts[i])
		ratio := num.Exp(r.LogPi[b.Arms[i]] - b.LogOld[i])
		if r.Cfg.ClipsAway(ratio, b.Advantage[i]) {
			out.Clipped++
			if b.Prompts[i] == prompt {
				out.Of[b.Arms[i]-from].Beyond = true
			}
		}
	}
}
