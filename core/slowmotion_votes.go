package core

import (
	"math"
	"sort"
)

// Steps that learn from votes: those of a trainer, those of online DPO, and
// those of RLHF's reward model.

// byVotes takes a trainer's step apart.
func (s *SlowMotion) byVotes(l *Lab, from int) {
	t := l.Run.Trainer
	s.By, s.Rule = ByVotes, t.updater.Rule
	s.Vote.Loss = t.Loss()
	s.sight(l, t.Loss().Objective, from)
	s.countVotes(t, from)
	s.train(t, from)
	s.judge()
	s.part(t.way <= byMargin)
	s.stagesOf(t)
}

// countVotes sets how many of the batch's votes are on the pair, and how many
// there are at all.
func (s *SlowMotion) countVotes(t *Trainer, from int) {
	v, w, l := &s.Vote, from+s.Sides[0].Reply, from+s.Sides[1].Reply
	i, tally := t.problem.tallyOn(w, l)
	forW, forL := tally.ForA, tally.ForB
	if w > l {
		forW, forL = forL, forW
	}
	v.All, v.Won, v.Lost, v.Batch = forW+forL, forW, forL, t.weight
	v.Thumbs = len(t.thumbsRead()) > 0
	if t.votes.total == 0 {
		return
	}
	n := uint64(t.cfg.Batch)
	v.Won, v.Lost, v.Batch = 0, 0, 0
	up, down := t.Loss().Objective.Worth()
	for first := uint64(t.step) * n; n > 0; n-- {
		k, one := t.votes.at(t.position(first + n - 1))
		switch {
		case k >= len(t.duels) && one:
			v.Batch += up - 1
		case k >= len(t.duels):
			v.Batch += down - 1
		case k == i && one == (w < l):
			v.Won++
		case k == i:
			v.Lost++
		}
		v.Batch++
	}
}

// tallyOn returns the tally of two arms and its index, or -1 if nobody was asked.
func (p *Problem) tallyOn(a, b int) (int, Tally) {
	a, b = min(a, b), max(a, b)
	i := sort.Search(len(p.Tallies), func(i int) bool {
		t := &p.Tallies[i]
		return t.A > a || t.A == a && t.B >= b
	})
	if i < len(p.Tallies) && p.Tallies[i].A == a && p.Tallies[i].B == b {
		return i, p.Tallies[i]
	}
	return -1, Tally{}
}

// train takes the step, notes what it did to the shown prompt, and takes it
// back.
func (s *SlowMotion) train(t *Trainer, from int) {
	s.state = t.Save(s.state[:0])
	if t.linear != nil {
		t.push()
		s.pull(t)
	}
	t.push()
	s.Vote.Baseline = t.z0
	t.addEntries(s.g, from, t.g)
	t.step++
	t.move()
	s.will = append(s.will[:0], t.problem.LogRef[from:from+len(s.will)]...)
	t.AddLogRatios(s.will, from)
	s.settleSides()
	s.remember(t, from)
	s.RefMoves = t.cfg.RefEvery > 0 && t.step%t.cfg.RefEvery == 0
	t.Restore(s.state)
}

// push adds minus the gradient of the next step's batch to t.g.
func (t *Trainer) push() {
	if t.votes.total > 0 {
		t.minibatch()
		return
	}
	t.descend(t.duels, t.thumbMarks...)
}

// pull sets what the pushes at hand come to on a linear policy's weights.
func (s *SlowMotion) pull(t *Trainer) {
	t.linear.pull(t)
	for j, g := range t.linear.grad {
		s.Weights = append(s.Weights, SlowWeight{Sum: g, Was: t.params[j]})
	}
	clear(t.linear.grad)
}

// remember notes what the optimiser made of the step.
func (s *SlowMotion) remember(t *Trainer, from int) {
	u := t.updater
	s.Vote.Decay = u.decay
	for j := range s.Weights {
		w := &s.Weights[j]
		w.Will, w.Moment, w.Square = t.params[j], at(u.m, j, 0), at(u.v, j, 0)
		for i := range s.Sides {
			w.Features[i] = t.problem.Features[(from+s.Sides[i].Reply)*t.problem.Dim+j]
		}
	}
	for i := range s.Sides {
		side := &s.Sides[i]
		k := sort.SearchInts(t.arms, from+side.Reply)
		if t.linear == nil && k < len(t.arms) && t.arms[k] == from+side.Reply {
			side.Moment, side.Square = at(u.m, k, 0), at(u.v, k, 0)
		}
	}
}

// judge sets what one vote on the pair comes to, for either outcome.
func (s *SlowMotion) judge() {
	v, w, l := &s.Vote, &s.Sides[0], &s.Sides[1]
	v.U = float64(v.Loss.Params.Beta*v.Margin) - v.Loss.Margin.Shift
	v.Weight = Sigmoid(-v.U)
	v.Value, w.Push, l.Push = v.vote(w, l)
	_, l.PushLost, w.PushLost = v.vote(l, w)
}

// vote returns the loss of one vote and how it pushes log π of either reply; a
// vote that is two examples counts as their mean.
func (v *SlowVote) vote(chosen, rejected *SlowSide) (loss, up, down float64) {
	o := v.Loss.Objective
	var dc, dr float64
	if o.Reply != nil {
		var bad float64
		loss, dc = v.Loss.Reply.Good(chosen.Score, v.Baseline)
		bad, dr = v.Loss.Reply.Bad(rejected.Score, v.Baseline)
		loss, dc, dr = (loss+bad)/2, dc/2, dr/2
	} else {
		loss, dc, dr = v.Loss.Pair(chosen.Score, rejected.Score)
	}
	return loss, -dc * o.ScoreSlope(chosen.Tokens), -dr * o.ScoreSlope(rejected.Tokens)
}

// part sets what the pair's votes add to minus the gradient in the logits. Sent
// through the softmax, pushes c on log π come to c_k − π_k Σ c; where they cancel
// for certain, Σ c is 0. A loss that sorts the batch knows no such part.
func (s *SlowMotion) part(cancels bool) {
	v := &s.Vote
	total := 0.0
	for i := range s.Sides {
		side := &s.Sides[i]
		side.Part = 0
		if v.Batch > 0 {
			side.Part = (float64(v.Won*side.Push) + float64(v.Lost*side.PushLost)) / v.Batch
		}
		if v.Loss.Objective.Sorted != Unsorted {
			side.Part = math.NaN()
		}
		total += side.Part
	}
	if cancels {
		return
	}
	v.Others = -total
	for i := range s.Sides {
		side := &s.Sides[i]
		share := float64(Exp(side.LogPi) * total)
		side.Part -= share
		v.Others += share
	}
}

// stagesOf lists the stages that the objective and the policy have.
func (s *SlowMotion) stagesOf(t *Trainer) {
	o := t.Loss().Objective
	s.add(StageLogProbs)
	if o.Reference || o.Lengths {
		s.add(StageScores)
	}
	if o.Margin != nil && o.Sorted == Unsorted || o.Baseline {
		s.add(StageMargin)
	}
	if o.Sorted == Unsorted {
		s.add(StagePush)
	}
	s.add(StageGradient)
	if t.linear != nil {
		s.add(StageWeights)
	}
	s.add(StageUpdate, StageSoftmax, StageMoves)
}

func (s *SlowMotion) add(stages ...Stage) { s.Stages = append(s.Stages, stages...) }

// byJudges takes a step of online DPO apart.
func (s *SlowMotion) byJudges(l *Lab, o *OnlineDPO, from int) {
	loss := s.dpo(HyperParams{Beta: o.cfg.Beta, Epsilon: o.cfg.Smoothing})
	s.By, s.Rule, s.Vote.Loss = ByJudges, o.updater.Rule, loss
	s.sight(l, loss.Objective, from)
	s.state = o.Save(s.state[:0])
	o.Advance(1)
	s.will = append(s.will[:0], o.p.LogRef[from:from+len(s.will)]...)
	o.AddLogRatios(s.will, from)
	v, w, r := &s.Vote, from+s.Sides[0].Reply, from+s.Sides[1].Reply
	v.Batch, v.Decay = float64(len(o.pairs)), o.updater.decay
	for _, pair := range o.pairs {
		switch pair {
		case [2]int{w, r}:
			v.Won++
		case [2]int{r, w}:
			v.Lost++
		}
		s.pushFrom(o, pair, from)
	}
	v.All = v.Won + v.Lost
	s.moments(&o.sampler, o.updater, from)
	o.Restore(s.state)
	s.settleSides()
	s.judge()
	s.part(true)
	s.add(StageJudged, StageLogProbs, StageScores, StageMargin, StagePush, StageGradient)
	s.addUpdate(&o.sampler)
}

// dpo returns the loss of online DPO, made once.
func (s *SlowMotion) dpo(p HyperParams) *Loss {
	if s.judged == nil || s.judged.Params != p {
		s.judged = ObjectiveNamed("cdpo").With(p)
	}
	return s.judged
}

// pushFrom adds what one judged pair pushes on the shown prompt's logits.
func (s *SlowMotion) pushFrom(o *OnlineDPO, pair [2]int, from int) {
	w, l := pair[0]-from, pair[1]-from
	if w == l || min(w, l) < 0 || max(w, l) >= len(s.g) {
		return
	}
	// At step n both logits less log π_ref are those of s.was.
	ratio := func(k int) float64 { return s.was[k] - o.p.LogRef[from+k] }
	_, slope := DPO(float64(o.cfg.Beta*(ratio(w)-ratio(l))), o.cfg.Smoothing)
	force := float64(o.cfg.Beta / float64(len(o.pairs)) * -slope)
	s.g[w] += force
	s.g[l] -= force
}

// byScores takes a step of RLHF's reward model apart.
func (s *SlowMotion) byScores(l *Lab, r *RLHF, from int) {
	m := r.model
	s.By, s.Rule = ByScores, m.updater.Rule
	s.state = r.Save(s.state[:0])
	v, arms := &s.Vote, [2]int{from + s.Sides[0].Reply, from + s.Sides[1].Reply}
	for i, k := range arms {
		side := &s.Sides[i]
		side.LogPi, side.LogRef, side.Tokens = l.Meter.LogPi[k], l.Problem.LogRef[k], 1
		side.Score, side.Z = m.score[k], m.score[k]
	}
	v.Margin = s.Sides[0].Score - s.Sides[1].Score
	value, slope := sigmoidLoss(v.Margin, 1, 0)
	v.U, v.Weight, v.Value = v.Margin, -slope, value
	v.Batch = m.total
	v.Won, v.Lost = m.votesOn(arms[0], arms[1])
	v.All = v.Won + v.Lost
	share := m.share()
	for i, sign := range [2]float64{1, -1} {
		side := &s.Sides[i]
		side.Push, side.PushLost = sign*v.Weight, -sign*Sigmoid(v.Margin)
		side.Part = share * (float64(v.Won*side.Push) + float64(v.Lost*side.PushLost))
	}
	climb(m.score, m.grad, m.duels, 1)
	for i, k := range arms {
		s.Sides[i].Sum = float64(share*m.grad[k]) - float64(m.cfg.L2*m.score[k])
	}
	clear(m.grad)
	m.Step()
	v.Decay = m.updater.decay
	for i, k := range arms {
		side := &s.Sides[i]
		side.ZNext, side.Moment, side.Square = m.score[k], at(m.updater.m, k, 0), at(m.updater.v, k, 0)
	}
	r.Restore(s.state)
	s.add(StageScores, StageMargin, StagePush, StageGradient, StageUpdate)
}

// votesOn returns how often one arm was preferred to another, and the reverse.
func (m *RewardModel) votesOn(w, l int) (won, lost float64) {
	for _, q := range m.duels {
		switch {
		case int(q.a) == w && int(q.b) == l:
			return q.na, q.nb
		case int(q.a) == l && int(q.b) == w:
			return q.nb, q.na
		}
	}
	return 0, 0
}
