package core

import "math"

// Parts is a loss ψ of both scores of a pair, taken apart into what a reply
// decides by itself and what only the pair does:
//
//	ψ(x, y) = p(x) + q(y) + φ(f(x) − g(y))
//
// A step takes p′, q′, f, g and their derivatives once a reply, so that a pair
// costs a subtraction and φ′.
type Parts struct {
	// Chosen is of the chosen reply: f, f′ and p′. Where it is nil f(x) = x and p = 0.
	Chosen func(x float64) Part
	// Rejected is of the rejected reply: g, g′ and q′. Where it is nil g = f and
	// q = 0; else φ is logistic and not shifted, or 0.
	Rejected func(y float64) Part
	// Link is φ; its Slope is nil where φ = 0, its Loss is not read.
	Link MarginLoss
	// Reach is the largest |f − g| for which φ is what Link's Beta, Own, Other and
	// Shift say; 0 if it is so for all.
	Reach float64
}

// A Part is what a step takes from one reply.
type Part struct {
	Height, Slope float64 // f and f′, or g and g′
	Alone         float64 // p′ or q′
}

// A divided computes the gradient of a loss that comes in parts. Its slices have
// one entry for each arm of the roster as a chosen reply and, unless g = f, as
// many more as a rejected one.
type divided struct {
	*Parts
	arms                 uint32
	height, slope, alone []float64 // height is the score and the others are nil where Chosen is
	low, high            float64   // least and greatest height of the votes at hand
	push                 []float64 // minus the gradient in the heights, but for a factor
	factor               float64
	usual                float64 // f′ at the reference
	votes                []duel  // chosen over rejected, where f and g differ
	full                 bool    // these are all there are
}

func newDivided(t *Trainer) *divided {
	n := len(t.arms)
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

// divide adds minus the gradient of a loss in parts. Where a part is not
// finite, that of the pairs.
func (t *Trainer) divide(x []float64, duels []duel, marks []mark) {
	s, e := t.divided, t.norm
	e.begin(t, x, duels, marks)
	count := e.count(t, duels, marks, 1)
	if !s.lift(e.score, count.arms) {
		t.eachPair(duels, marks)
		e.finish(t)
		return
	}
	s.link(duels, t.isFull(duels, marks))
	for _, k := range count.arms {
		s.settle(t, k, k, count.up[k])
		if s.Rejected != nil {
			s.settle(t, k, s.arms+k, count.down[k])
		}
	}
	e.finish(t)
}

// lift takes the parts of the replies that the votes are about, and tells
// whether they are finite.
func (s *divided) lift(score []float64, arms []uint32) bool {
	if s.Chosen == nil {
		return true
	}
	s.low, s.high = math.Inf(1), math.Inf(-1)
	none := 0.0 // or NaN
	for _, k := range arms {
		none += s.put(k, s.Chosen(score[k]))
		s.low, s.high = min(s.low, s.height[k]), max(s.high, s.height[k])
		if s.Rejected != nil {
			none += s.put(s.arms+k, s.Rejected(score[k]))
		}
	}
	return none == 0
}

// put stores a part, and returns 0 if it is finite.
func (s *divided) put(i uint32, part Part) float64 {
	s.height[i], s.slope[i], s.alone[i] = part.Height, part.Slope, part.Alone
	return float64(0*part.Height) + float64(0*part.Slope)
}

// link adds minus the gradient of φ in the heights.
func (s *divided) link(duels []duel, full bool) {
	l := &s.Link
	logistic := l.Logistic && (s.Reach == 0 || s.high-s.low <= s.Reach)
	s.factor = 1
	switch {
	case l.Slope == nil:
	case s.Rejected != nil:
		s.factor = l.Beta
		s.list(duels, full)
		climb(s.height, s.push, s.votes, l.Beta)
	case logistic && l.Other == 0 && l.Shift == 0:
		s.factor = float64(l.Beta * l.Own)
		climb(s.height, s.push, duels, l.Beta)
	default:
		l.push(s.height, s.push, duels, 1)
	}
}

// list turns the pairs into votes, for and against φ's two terms.
func (s *divided) list(duels []duel, full bool) {
	if full && s.full {
		return
	}
	s.votes, s.full = s.votes[:0], full
	for i := range duels {
		q := &duels[i]
		if q.na != 0 {
			s.votes = append(s.votes, duel{q.a, s.arms + q.b, float64(s.Link.Own * q.na), float64(s.Link.Other * q.na)})
		}
		if q.nb != 0 {
			s.votes = append(s.votes, duel{q.b, s.arms + q.a, float64(s.Link.Own * q.nb), float64(s.Link.Other * q.nb)})
		}
	}
}

// settle adds minus the gradient in log π of a reply as one of the two sides.
// Over the replies to a prompt the pushes of φ cancel, so as much of them as is
// common to all is left out of their sum.
func (s *divided) settle(t *Trainer, arm, i uint32, weight float64) {
	e, push, slope, alone := t.norm, float64(s.factor*s.push[i]), 1.0, 0.0
	s.push[i] = 0
	if s.slope != nil {
		slope = s.slope[i]
		alone = float64(weight * e.perToken(arm, s.alone[i]))
	}
	slope = e.perToken(arm, slope)
	t.g[arm] += float64(slope*push) - alone
	e.total[t.in[arm]] -= float64((slope-s.usual)*push) - alone
}
