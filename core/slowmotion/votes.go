package slowmotion

import (
	"math"
	"sort"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// Steps that learn from votes: those of a trainer, those of online DPO, and
// those of RLHF's reward model.

// byVotes takes a trainer's step apart.
func (s *SlowMotion) byVotes(l *core.Lab, from int) {
	t := l.Run.Trainer
	s.By, s.Rule = ByVotes, t.Updater.Rule
	s.Vote.Loss = t.Loss()
	s.sight(l, t.Loss().Objective, from)
	s.countVotes(t, from)
	s.train(t, from)
	s.weighVote()
	s.part(t.Way <= train.ByMargin)
	s.stagesOf(t)
}

// countVotes sets how many of the batch's votes are on the pair, and how many
// there are at all.
func (s *SlowMotion) countVotes(t *train.Trainer, from int) {
	v, w, l := &s.Vote, from+s.Sides[0].Reply, from+s.Sides[1].Reply
	i, tally := t.Problem.TallyOn(w, l)
	forW, forL := tally.ForA, tally.ForB
	if w > l {
		forW, forL = forL, forW
	}
	v.All, v.Won, v.Lost, v.Batch = forW+forL, forW, forL, t.Weight
	v.Thumbs = len(t.ThumbsRead()) > 0
	if t.Votes.Total == 0 {
		return
	}
	n := uint64(t.Cfg.Batch)
	v.Won, v.Lost, v.Batch = 0, 0, 0
	up, down := t.Loss().Objective.Worth()
	for first := uint64(t.Step) * n; n > 0; n-- {
		k, one := t.Votes.At(t.Position(first + n - 1))
		switch {
		case k >= len(t.Duels) && one:
			v.Batch += up - 1
		case k >= len(t.Duels):
			v.Batch += down - 1
		case k == i && one == (w < l):
			v.Won++
		case k == i:
			v.Lost++
		}
		v.Batch++
	}
}

// train takes the step, notes what it did to the shown prompt, and takes it
// back.
func (s *SlowMotion) train(t *train.Trainer, from int) {
	s.state = t.Save(s.state[:0])
	if t.Linear != nil {
		t.AddBatchSlope()
		s.toWeights(t)
	}
	t.AddBatchSlope()
	s.Vote.Baseline = t.Z0
	t.AddEntries(s.g, from, t.G)
	t.Step++
	t.ApplyUpdate()
	s.will = append(s.will[:0], t.Problem.LogRef[from:from+len(s.will)]...)
	t.AddLogRatios(s.will, from)
	s.settleSides()
	s.remember(t, from)
	s.RefMoves = t.Cfg.RefEvery > 0 && t.Step%t.Cfg.RefEvery == 0
	t.Restore(s.state)
}

// toWeights sets what the pushes at hand come to on a linear policy's weights.
func (s *SlowMotion) toWeights(t *train.Trainer) {
	t.Linear.ToWeights(t)
	for j, g := range t.Linear.Grad {
		s.Weights = append(s.Weights, Weight{Sum: g, Was: t.Params[j]})
	}
	clear(t.Linear.Grad)
}

// remember notes what the optimiser made of the step.
func (s *SlowMotion) remember(t *train.Trainer, from int) {
	u := t.Updater
	s.Vote.Decay = u.Decay
	for j := range s.Weights {
		w := &s.Weights[j]
		w.Will, w.Moment, w.Square = t.Params[j], num.At(u.M, j, 0), num.At(u.V, j, 0)
		for i := range s.Sides {
			w.Features[i] = t.Problem.Features[(from+s.Sides[i].Reply)*t.Problem.Dim+j]
		}
	}
	for i := range s.Sides {
		side := &s.Sides[i]
		k := sort.SearchInts(t.Arms, from+side.Reply)
		if t.Linear == nil && k < len(t.Arms) && t.Arms[k] == from+side.Reply {
			side.Moment, side.Square = num.At(u.M, k, 0), num.At(u.V, k, 0)
		}
	}
}

// weighVote sets what one vote on the pair comes to, for either outcome.
func (s *SlowMotion) weighVote() {
	v, w, l := &s.Vote, &s.Sides[0], &s.Sides[1]
	v.U = float64(v.Loss.Params.Beta*v.Margin) - v.Loss.Margin.Shift
	v.Weight = num.Sigmoid(-v.U)
	v.Value, w.Push, l.Push = v.vote(w, l)
	_, l.PushLost, w.PushLost = v.vote(l, w)
}

// vote returns the loss of one vote and how it pushes log π of either reply; a
// vote that is two examples counts as their mean.
func (v *Vote) vote(chosen, rejected *Side) (loss, up, down float64) {
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
		if v.Loss.Objective.Sorted != objective.Unsorted {
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
		share := float64(num.Exp(side.LogPi) * total)
		side.Part -= share
		v.Others += share
	}
}

// stagesOf lists the stages that the objective and the policy have.
func (s *SlowMotion) stagesOf(t *train.Trainer) {
	o := t.Loss().Objective
	s.addStages(StageLogProbs)
	if o.Reference || o.Lengths {
		s.addStages(StageScores)
	}
	if o.Margin != nil && o.Sorted == objective.Unsorted || o.Baseline {
		s.addStages(StageMargin)
	}
	if o.Sorted == objective.Unsorted {
		s.addStages(StagePush)
	}
	s.addStages(StageGradient)
	if t.Linear != nil {
		s.addStages(StageWeights)
	}
	s.addStages(StageUpdate, StageSoftmax, StageMoves)
}

func (s *SlowMotion) addStages(stages ...Stage) { s.Stages = append(s.Stages, stages...) }

// byJudges takes a step of online DPO apart.
func (s *SlowMotion) byJudges(l *core.Lab, o *rlhf.OnlineDPO, from int) {
	loss := s.dpo(objective.HyperParams{Beta: o.Cfg.Beta, Epsilon: o.Cfg.Smoothing})
	s.By, s.Rule, s.Vote.Loss = ByJudges, o.Updater.Rule, loss
	s.sight(l, loss.Objective, from)
	s.state = o.Save(s.state[:0])
	o.Advance(1)
	s.will = append(s.will[:0], o.P.LogRef[from:from+len(s.will)]...)
	o.AddLogRatios(s.will, from)
	v, w, r := &s.Vote, from+s.Sides[0].Reply, from+s.Sides[1].Reply
	v.Batch, v.Decay = float64(len(o.Pairs)), o.Updater.Decay
	for _, pair := range o.Pairs {
		switch pair {
		case [2]int{w, r}:
			v.Won++
		case [2]int{r, w}:
			v.Lost++
		}
		s.pushFrom(o, pair, from)
	}
	v.All = v.Won + v.Lost
	s.moments(&o.Sampler, o.Updater, from)
	o.Restore(s.state)
	s.settleSides()
	s.weighVote()
	s.part(true)
	s.addStages(StageJudged, StageLogProbs, StageScores, StageMargin, StagePush, StageGradient)
	s.addUpdate(&o.Sampler)
}

// dpo returns the loss of online DPO, made once.
func (s *SlowMotion) dpo(p objective.HyperParams) *objective.Loss {
	if s.judged == nil || s.judged.Params != p {
		s.judged = objective.Named("cdpo").With(p)
	}
	return s.judged
}

// pushFrom adds what one judged pair pushes on the shown prompt's logits.
func (s *SlowMotion) pushFrom(o *rlhf.OnlineDPO, pair [2]int, from int) {
	w, l := pair[0]-from, pair[1]-from
	if w == l || min(w, l) < 0 || max(w, l) >= len(s.g) {
		return
	}
	// At step n both logits less log π_ref are those of s.was.
	ratio := func(k int) float64 { return s.was[k] - o.P.LogRef[from+k] }
	_, slope := objective.DPO(float64(o.Cfg.Beta*(ratio(w)-ratio(l))), o.Cfg.Smoothing)
	force := float64(o.Cfg.Beta / float64(len(o.Pairs)) * -slope)
	s.g[w] += force
	s.g[l] -= force
}

// byScores takes a step of RLHF's reward model apart.
func (s *SlowMotion) byScores(l *core.Lab, r *rlhf.RLHF, from int) {
	m := r.Model
	s.By, s.Rule = ByScores, m.Updater.Rule
	s.state = r.Save(s.state[:0])
	v, arms := &s.Vote, [2]int{from + s.Sides[0].Reply, from + s.Sides[1].Reply}
	for i, k := range arms {
		side := &s.Sides[i]
		side.LogPi, side.LogRef, side.Tokens = l.Meter.LogPi[k], l.Problem.LogRef[k], 1
		side.Score, side.Z = m.Fitted[k], m.Fitted[k]
	}
	v.Margin = s.Sides[0].Score - s.Sides[1].Score
	value, slope := objective.SigmoidLoss(v.Margin, 1, 0)
	v.U, v.Weight, v.Value = v.Margin, -slope, value
	v.Batch = m.Total
	v.Won, v.Lost = m.VotesOn(arms[0], arms[1])
	v.All = v.Won + v.Lost
	share := m.Share()
	for i, sign := range [2]float64{1, -1} {
		side := &s.Sides[i]
		side.Push, side.PushLost = sign*v.Weight, -sign*num.Sigmoid(v.Margin)
		side.Part = share * (float64(v.Won*side.Push) + float64(v.Lost*side.PushLost))
	}
	objective.PushLogistic(m.Fitted, m.Grad, m.Duels, 1)
	for i, k := range arms {
		s.Sides[i].Sum = float64(share*m.Grad[k]) - float64(m.Cfg.L2*m.Fitted[k])
	}
	clear(m.Grad)
	m.Step()
	v.Decay = m.Updater.Decay
	for i, k := range arms {
		side := &s.Sides[i]
		side.ZNext, side.Moment, side.Square = m.Fitted[k], num.At(m.Updater.M, k, 0), num.At(m.Updater.V, k, 0)
	}
	r.Restore(s.state)
	s.addStages(StageScores, StageMargin, StagePush, StageGradient, StageUpdate)
}
