package train

import (
	"math"

	"dpoplayground/core/objective"
)

// A divided computes the gradient of a loss that comes in parts. Its slices have
// one entry for each arm of the roster as a chosen reply and, unless g = f, as
// many more as a rejected one.
type divided struct {
	*objective.Parts
	arms                 uint32
	height, slope, alone []float64 // height is the score and the others are nil where Chosen is
	low, high            float64   // least and greatest height of the votes at hand
	push                 []float64 // minus the gradient in the heights, but for a factor
	factor               float64
	usual                float64          // f′ at the reference
	votes                []objective.Duel // chosen over rejected, where f and g differ
	full                 bool             // these are all there are
}

func newDivided(t *Trainer) *divided {
	n := len(t.Arms)
	s := &divided{Parts: t.loss.Parts, arms: uint32(n), height: t.norm.score, usual: 1}
	if s.Rejected != nil {
		n *= 2
	}
	s.push = make([]float64, n)
	if s.Chosen != nil {
		s.height, s.slope, s.alone = make([]float64, n), make([]float64, n), make([]float64, n)
		if t.loss.Objective.Reference {
			s.usual = s.Chosen(0).Slope
		}
	}
	return s
}

// addParts adds minus the gradient of a loss in parts. Where a part is not
// finite, that of the pairs.
func (t *Trainer) addParts(x []float64, duels []objective.Duel, marks []mark) {
	s, e := t.divided, t.norm
	e.readPrompts(t, x, duels, marks)
	count := e.count(t, duels, marks, 1)
	if !s.takeParts(e.score, count.arms) {
		t.eachPair(duels, marks)
		e.subtractMeans(t)
		return
	}
	s.pushHeights(duels, t.isFull(duels, marks))
	for _, k := range count.arms {
		s.settleArm(t, k, k, count.up[k])
		if s.Rejected != nil {
			s.settleArm(t, k, s.arms+k, count.down[k])
		}
	}
	e.subtractMeans(t)
}

// takeParts takes the parts of the replies that the votes are about, and tells
// whether they are finite.
func (s *divided) takeParts(score []float64, arms []uint32) bool {
	if s.Chosen == nil {
		return true
	}
	s.low, s.high = math.Inf(1), math.Inf(-1)
	none := 0.0 // or NaN
	for _, k := range arms {
		none += s.storePart(k, s.Chosen(score[k]))
		s.low, s.high = min(s.low, s.height[k]), max(s.high, s.height[k])
		if s.Rejected != nil {
			none += s.storePart(s.arms+k, s.Rejected(score[k]))
		}
	}
	return none == 0
}

// storePart stores a part, and returns 0 if it is finite.
func (s *divided) storePart(i uint32, part objective.Part) float64 {
	s.height[i], s.slope[i], s.alone[i] = part.Height, part.Slope, part.Alone
	return float64(0*part.Height) + float64(0*part.Slope)
}

// pushHeights adds minus the gradient of φ in the heights.
func (s *divided) pushHeights(duels []objective.Duel, full bool) {
	l := &s.Link
	logistic := l.Logistic && (s.Reach == 0 || s.high-s.low <= s.Reach)
	s.factor = 1
	switch {
	case l.Slope == nil:
	case s.Rejected != nil:
		s.factor = l.Beta
		s.listVotes(duels, full)
		objective.PushLogistic(s.height, s.push, s.votes, l.Beta)
	case logistic && l.Other == 0 && l.Shift == 0:
		s.factor = float64(l.Beta * l.Own)
		objective.PushLogistic(s.height, s.push, duels, l.Beta)
	default:
		l.PushPair(s.height, s.push, duels, 1)
	}
}

// listVotes turns the pairs into votes, for and against φ's two terms.
func (s *divided) listVotes(duels []objective.Duel, full bool) {
	if full && s.full {
		return
	}
	s.votes, s.full = s.votes[:0], full
	for i := range duels {
		q := &duels[i]
		if q.Na != 0 {
			s.votes = append(s.votes, objective.Duel{q.A, s.arms + q.B, float64(s.Link.Own * q.Na), float64(s.Link.Other * q.Na)})
		}
		if q.Nb != 0 {
			s.votes = append(s.votes, objective.Duel{q.B, s.arms + q.A, float64(s.Link.Own * q.Nb), float64(s.Link.Other * q.Nb)})
		}
	}
}

// settleArm adds minus the gradient in log π of a reply as one of the two sides.
// Over the replies to a prompt the pushes of φ cancel, so as much of them as is
// common to all is left out of their sum.
func (s *divided) settleArm(t *Trainer, arm, i uint32, weight float64) {
	e, push, slope, alone := t.norm, float64(s.factor*s.push[i]), 1.0, 0.0
	s.push[i] = 0
	if s.slope != nil {
		slope = s.slope[i]
		alone = float64(weight * e.perToken(arm, s.alone[i]))
	}
	slope = e.perToken(arm, slope)
	t.G[arm] += float64(slope*push) - alone
	e.total[t.in[arm]] -= float64((slope-s.usual)*push) - alone
}
