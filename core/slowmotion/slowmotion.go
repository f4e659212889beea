package slowmotion

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// A SlowMotion is the step that a run takes next, from step n to n + 1, taken
// apart: the stages in the order in which they happen, and every number that
// comes up, for one pair of replies of the shown prompt. The step is that of
// the whole batch; it is really taken, and taken back.
type SlowMotion struct {
	Step   int // n
	By     Teacher
	Stages []Stage
	Rule   train.UpdateRule // of what is trained

	Sides   [2]Side // chosen first
	Vote    Vote    // of the pair; not of ByReplies
	Replies Replies // of ByReplies
	Weights []Weight

	// Rows tells how the step moves the shown prompt's replies: all of them, or
	// those of the pair and those that move most. The last may stand for the rest.
	Rows []Row
	// Direct is the mass that goes from the rejected to the chosen reply, net; Flow
	// says how. What else either gains or loses goes to and comes from others.
	Direct float64
	// RefMoves tells that after the step the policy becomes the reference that the
	// loss sees.
	RefMoves bool

	judged       *objective.Loss // of online DPO
	flow         train.Flow
	state        []float64
	apart        takenApart // a long step
	was, will    []float64  // z of the shown prompt at steps n and n + 1
	g            []float64  // minus the gradient in z, of the shown prompt
	zRows, zNext []float64
}

// A Teacher is what a step learns from.
type Teacher int

// The teachers. Nothing is where RLHF still waits for its reward model.
const (
	Nothing   Teacher = iota
	ByVotes           // the votes, under an objective
	ByJudges          // pairs of the policy's own replies, judged on the way: online DPO
	ByScores          // RLHF's first stage: it is the reward model that learns, from the votes
	ByReplies         // RLHF's second stage: replies of the policy, and their rewards
)

// A Stage is one thing that happens within a step.
type Stage int

// The stages. A step has some of them, in this order.
const (
	StageJudged    Stage = iota // new pairs are drawn and judged
	StageLogProbs               // log π of the two replies
	StageScores                 // what the loss sees of them; of ByScores the reward model's scores
	StageMargin                 // the difference
	StagePush                   // loss, weight, and the push of one vote
	StageGradient               // what the pair, and all pairs, push on the two logits
	StageWeights                // what the pushes on logits come to on a linear policy's weights
	StageGenerate               // the policy replies
	StageReward                 // the replies get rewards
	StageLeash                  // β log(π/π_ref) is taken off
	StageAdvantage              // the baseline is taken off
	StageUpdate                 // the optimiser moves what is trained
	StageSoftmax                // logits become probabilities
	StageMoves                  // who gained and who lost
)

// A Side is what the step makes of one of the pair's replies.
type Side struct {
	Reply         int
	LogPi, LogRef float64 // LogRef of the reference that the loss sees
	Tokens        float64
	Score         float64 // s; of ByScores the reward model's score r̂
	// Push is −∂ℓ/∂log π of this reply for one vote that the chosen one won;
	// PushLost for one that it lost. Of ByScores −∂ℓ/∂r̂.
	Push, PushLost float64
	// Part is what all votes on the pair in the batch add to minus the gradient in
	// this reply's logit, Sum that of the whole batch. Part is NaN where the loss
	// sorts the batch, and so has no part that is the pair's alone.
	Part, Sum      float64
	Moment, Square float64 // what the optimiser then remembers: m or v, and its v or s
	Z, ZNext       float64 // logit log π_ref + d before and after; of ByScores r̂
	Pi, PiNext     float64
}

// A Vote is what the pair's votes come to under the objective.
type Vote struct {
	Won, Lost float64         // votes in the batch that the chosen reply won and lost
	Batch     float64         // votes in the batch, of all pairs and prompts, and what thumbs weigh
	Thumbs    bool            // whether there are thumbs, which belong to no pair
	All       float64         // votes that were ever cast on the pair
	Loss      *objective.Loss // nil of ByScores
	// Margin is s(w) − s(l), U the number of which the loss takes the sigmoid:
	// βm − γ for the logistic ones, βm else.
	Margin, U float64
	Weight    float64 // σ(−U)
	Baseline  float64 // z₀
	Value     float64 // loss ℓ of one vote that the chosen reply won
	// Others is what the pair adds to minus the gradient in all other logits of the
	// prompt together, SumOthers what the batch does.
	Others, SumOthers float64
	Decay             [2]float64
}

// A Weight is one weight of a linear policy.
type Weight struct {
	Features       [2]float64 // of the pair
	Sum            float64    // minus the gradient of the batch
	Moment, Square float64
	Was, Will      float64 // θ − θ₀
}

// A Row is how the step moves one reply's probability.
type Row struct {
	Reply, Count int // Count is 1, or the number of replies of which Reply is -1
	Pi, PiNext   float64
	Gained       float64 // Δπ; over all rows they sum to 0
}

// Read takes the run's next step apart. The run is left where it stands; two
// different replies of the shown prompt are the pair. Of up to mostRows replies it
// allocates only when there is more to hold than before.
func (s *SlowMotion) Read(l *core.Lab, chosen, rejected int) {
	from := s.begin(l, chosen, rejected)
	switch stepper := l.Run.Stepper.(type) {
	case *rlhf.RLHF:
		s.byReward(l, stepper, from)
	case *rlhf.OnlineDPO:
		s.byJudges(l, stepper, from)
	default:
		if !l.Launch.Ready {
			return
		}
		s.byVotes(l, from)
	}
	if s.By != ByScores {
		s.moves()
	}
}

// begin forgets the last step and notes where the run stands. It returns the shown
// prompt's first arm.
func (s *SlowMotion) begin(l *core.Lab, chosen, rejected int) (from int) {
	from, to := l.Problem.Range(l.Prompt())
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	s.Step, s.By, s.Stages, s.Rows, s.Weights = l.Run.StepCount(), Nothing, s.Stages[:0], s.Rows[:0], s.Weights[:0]
	s.Vote, s.RefMoves, s.Direct = Vote{}, false, 0
	s.Sides = [2]Side{{Reply: chosen}, {Reply: rejected}}
	s.Replies.clear()
	s.was = l.Logits(s.was)
	s.will, s.g = append(s.will[:0], s.was...), resized(s.g, to-from)
	return from
}

// resized returns x with a length, all 0.
func resized(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	x = x[:n]
	clear(x)
	return x
}

// sight sets what the loss sees of the pair, whose replies stand from an arm on.
func (s *SlowMotion) sight(l *core.Lab, o *objective.Objective, from int) {
	for i := range s.Sides {
		side := &s.Sides[i]
		k := from + side.Reply
		side.LogPi, side.LogRef = l.Meter.LogPi[k], l.Problem.LogRef[k]
		if !l.Meter.Frozen {
			side.LogRef = l.Meter.Moved[k]
		}
		side.Tokens, side.Score = num.At(l.Problem.Tokens, k, 1), l.Meter.Score(o, k)
		side.Z, side.ZNext = s.was[side.Reply], s.was[side.Reply]
	}
	s.Vote.Margin = s.Sides[0].Score - s.Sides[1].Score
}

// settleSides copies what the step did to the pair.
func (s *SlowMotion) settleSides() {
	s.Vote.SumOthers = 0
	for k, g := range s.g {
		if k != s.Sides[0].Reply && k != s.Sides[1].Reply {
			s.Vote.SumOthers += g
		}
	}
	for i := range s.Sides {
		side := &s.Sides[i]
		side.Sum, side.Z, side.ZNext = s.g[side.Reply], s.was[side.Reply], s.will[side.Reply]
	}
}

// mostRows is how many replies are told apart in Rows.
const mostRows = 12

// moves sets how probability moves as the logits go in a straight line.
func (s *SlowMotion) moves() {
	s.rows()
	s.flow.Between(s.zRows, s.zNext)
	before, after := num.LogSumExp(s.zRows), num.LogSumExp(s.zNext)
	at := [2]int{}
	for i := range s.Rows {
		row := &s.Rows[i]
		row.Pi, row.PiNext, row.Gained = num.Exp(s.zRows[i]-before), num.Exp(s.zNext[i]-after), s.flow.Gained(i)
		for j := range s.Sides {
			if side := &s.Sides[j]; side.Reply == row.Reply {
				at[j], side.Pi, side.PiNext = i, row.Pi, row.PiNext
			}
		}
	}
	s.Direct = s.flow.Net[at[1]*s.flow.K+at[0]]
}

// rows lists the replies that are told apart and their logits before and after.
func (s *SlowMotion) rows() {
	s.zRows, s.zNext = s.zRows[:0], s.zNext[:0]
	shown := s.mostMoved()
	rest := 0
	for k := range s.was {
		if shown != nil && !shown[k] {
			rest++
			continue
		}
		s.Rows = append(s.Rows, Row{Reply: k, Count: 1})
		s.zRows, s.zNext = append(s.zRows, s.was[k]), append(s.zNext, s.will[k])
	}
	if rest > 0 {
		s.Rows = append(s.Rows, Row{Reply: -1, Count: rest})
		s.zRows = append(s.zRows, restOf(s.was, shown))
		s.zNext = append(s.zNext, restOf(s.will, shown))
	}
}

// mostMoved returns which replies are told apart where there are too many, or
// nil: the pair, and those whose probability changes most.
func (s *SlowMotion) mostMoved() []bool {
	if len(s.was) <= mostRows {
		return nil
	}
	shown, gaps := make([]bool, len(s.was)), make([]float64, len(s.was))
	before, after := num.LogSumExp(s.was), num.LogSumExp(s.will)
	for k := range gaps {
		gaps[k] = math.Abs(num.Exp(s.will[k]-after) - num.Exp(s.was[k]-before))
	}
	for _, side := range s.Sides {
		shown[side.Reply], gaps[side.Reply] = true, -1
	}
	for _, k := range num.Top(gaps, mostRows-1-len(s.Sides)) {
		shown[k] = true
	}
	return shown
}

// restOf returns log Σ e^z of those that are not shown.
func restOf(z []float64, shown []bool) float64 {
	rest := make([]float64, 0, len(z))
	for k, x := range z {
		if !shown[k] {
			rest = append(rest, x)
		}
	}
	return num.LogSumExp(rest)
}
