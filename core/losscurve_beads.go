package core

import (
	"math"
	"slices"
	"sort"
)

// A Bead is the votes that preferred one reply to another, as a point in the
// plane of h and the loss of one vote.
type Bead struct {
	Chosen, Rejected int     // replies of the shown prompt
	Votes, Against   float64 // for this order and for the other
	// H is the gap between the two replies' log-ratios, from the reference that the
	// loss sees; of RLHF the difference of their rewards.
	H, Loss float64
	// Slope is how the loss of one vote changes with h if the chosen log π rises as
	// much as the rejected one falls. Where there is a LossCurve it is its slope.
	Slope float64
	Other float64 // the slope of a vote for the other order, at −h
	Total float64 // votes on all prompts
}

// Pull is what these votes add to minus the gradient of the mean loss in h: the
// share of votes times how steeply their loss falls.
func (b *Bead) Pull() float64 { return -b.Votes * b.Slope / b.Total }

// Net is the pull of these votes and of those for the other order together, on
// the same h. It is 0 where they balance but for rounding.
func (b *Bead) Net() float64 {
	up, down := -b.Votes*b.Slope, -b.Against*b.Other
	if net := up - down; math.Abs(net) > 1e-12*(math.Abs(up)+math.Abs(down)) {
		return net / b.Total
	}
	return 0
}

// spot returns where a vote for the order of two arms of the shown prompt lies.
// The curve is the lab's. The Meter must have looked at the policy.
func (l *Lab) spot(c *LossCurve, a, b int) (h, loss, slope float64) {
	if l.Experiment.Settings[How] == LearnByRLHF {
		return l.spotByReward(c, a, b)
	}
	loss, up, down := l.vote(a, b)
	return l.Meter.leash[a] - l.Meter.leash[b], loss, (down - up) / 2
}

func (l *Lab) spotByReward(c *LossCurve, a, b int) (h, loss, slope float64) {
	rlhf := l.RLHF()
	if rlhf == nil {
		return 0, math.Ln2, -0.5 // before it is fitted every reward is 0
	}
	h = rlhf.said(a) - rlhf.said(b)
	if c.Known() {
		loss, slope = c.At(h)
		return h, loss, slope
	}
	return h, Softplus(-h), 0 // a given reward is not pulled by votes
}

// MostBeads is how many beads a census lists where there are more; up to
// AllBeads it lists all.
const (
	AllBeads  = 60
	MostBeads = 24
)

// CensusBins is how many equal parts a census divides the axis of h into.
const CensusBins = 64

// A Census looks through all votes of a lab's shown prompt, at the step where the
// lab stood at Begin: each of a pair's two orders that anybody voted for is a
// bead. It keeps its room.
type Census struct {
	Step  int
	Beads []Bead  // all of them, or those of the pairs that are pulled hardest; most votes first
	Count int     // how many there are in all
	Votes float64 // on the shown prompt
	Far   float64 // the largest finite |h|
	Most  float64 // the largest finite |pull|
	// Bins holds the votes by h, from −Span to Span; further ones count at the ends.
	Bins [CensusBins]float64
	Span float64

	curve    LossCurve
	seen     []float64 // what h is a difference of, by reply
	next     int
	byReward bool
	judged   []Tally // by online DPO
}

// Begin starts over with where the lab stands. The curve is the lab's, span the
// end of the axis of h.
func (c *Census) Begin(l *Lab, curve LossCurve, span float64) {
	from, to := l.Problem.Range(l.Prompt())
	*c = Census{Step: l.Run.StepCount(), Span: span, Beads: c.Beads[:0], seen: c.seen[:0], judged: c.judged,
		curve: curve, byReward: l.Experiment.Settings[How] == LearnByRLHF}
	l.Run.Trainer.rebase()
	for k := from; k < to; k++ {
		x := 0.0
		if rlhf := l.RLHF(); !c.byReward {
			x = l.Meter.leash[k]
		} else if rlhf != nil {
			x = rlhf.said(k)
		}
		c.seen = append(c.seen, x)
	}
}

// Work looks at about n more pairs, and tells whether all have been seen.
func (c *Census) Work(l *Lab, n int) (done bool) {
	from, _ := l.Problem.Range(l.Prompt())
	ballots := c.ballots(l)
	for ; n > 0 && c.next < ballots.len(); n-- {
		t := ballots.at(c.next)
		c.next++
		c.count(l, &t, from, ballots.total)
	}
	if c.next < ballots.len() {
		return false
	}
	c.order()
	return true
}

// count takes in the votes on a pair.
func (c *Census) count(l *Lab, t *Tally, from int, total float64) {
	a := Bead{Chosen: t.A - from, Rejected: t.B - from, Votes: t.ForA, Against: t.ForB, Total: total}
	b := Bead{Chosen: a.Rejected, Rejected: a.Chosen, Votes: t.ForB, Against: t.ForA, Total: total}
	a.H = c.seen[a.Chosen] - c.seen[a.Rejected]
	b.H = -a.H
	if c.curve.Known() {
		a.Loss, a.Slope = c.curve.At(a.H)
		b.Loss, b.Slope = c.curve.At(b.H)
	} else {
		_, a.Loss, a.Slope = l.spot(&c.curve, t.A, t.B)
		_, b.Loss, b.Slope = l.spot(&c.curve, t.B, t.A)
	}
	a.Other, b.Other = b.Slope, a.Slope
	c.keep(&a)
	c.keep(&b)
}

// keep adds a bead to the list, if it is of any votes. When there are more than
// AllBeads only those of the pairs that are pulled hardest stay, MostBeads of them.
func (c *Census) keep(b *Bead) {
	if b.Votes == 0 {
		return
	}
	c.Count++
	c.Votes += b.Votes
	if far := math.Abs(b.H); far > c.Far && far <= math.MaxFloat64 {
		c.Far = far
	}
	if pull := math.Abs(b.Pull()); pull > c.Most && pull <= math.MaxFloat64 {
		c.Most = pull
	}
	bin := int(math.Floor((b.H/c.Span + 1) / 2 * CensusBins))
	c.Bins[max(0, min(bin, CensusBins-1))] += b.Votes
	if c.Count <= AllBeads {
		c.Beads = append(c.Beads, *b)
		return
	}
	if c.Count == AllBeads+1 {
		slices.SortStableFunc(c.Beads, func(a, b Bead) int { return harder(&a, &b) })
		c.Beads = c.Beads[:MostBeads]
	}
	i := len(c.Beads)
	for i > 0 && harder(b, &c.Beads[i-1]) < 0 {
		i--
	}
	if i < len(c.Beads) {
		copy(c.Beads[i+1:], c.Beads[i:])
		c.Beads[i] = *b
	}
}

// harder orders beads by how hard their pairs are pulled, hardest first.
func harder(a, b *Bead) int {
	switch p, q := math.Abs(a.Net()), math.Abs(b.Net()); {
	case p > q:
		return -1
	case p < q:
		return 1
	}
	return 0
}

// order puts the beads into an order that does not depend on where they are:
// most votes first.
func (c *Census) order() {
	slices.SortStableFunc(c.Beads, func(a, b Bead) int {
		switch {
		case a.Votes > b.Votes:
			return -1
		case a.Votes < b.Votes:
			return 1
		case a.Chosen != b.Chosen:
			return a.Chosen - b.Chosen
		}
		return a.Rejected - b.Rejected
	})
}

// Move brings the listed beads to where the lab stands now.
func (c *Census) Move(l *Lab) {
	from, _ := l.Problem.Range(l.Prompt())
	for i := range c.Beads {
		b := &c.Beads[i]
		b.H, b.Loss, b.Slope = l.spot(&c.curve, from+b.Chosen, from+b.Rejected)
		_, _, b.Other = l.spot(&c.curve, from+b.Rejected, from+b.Chosen)
	}
}

// ballots are the votes that a lab's run learns from at its step, of the shown
// prompt: those at hand, or those that RLHF's reward model is fitted to, sorted by
// A and then by B.
type ballots struct {
	tallies []Tally
	duels   []duel
	total   float64 // of all prompts, with the thumbs that the loss reads
}

func (l *Lab) ballots() ballots {
	if rlhf := l.RLHF(); rlhf != nil && rlhf.model != nil {
		m := rlhf.model
		return ballots{duels: m.duels[m.first[l.Prompt()]:m.first[l.Prompt()+1]], total: math.Max(m.total, 1)}
	}
	return ballots{tallies: l.Problem.TalliesOf(l.Prompt()), total: math.Max(l.Run.Trainer.weight, 1)}
}

func (b *ballots) len() int { return len(b.tallies) + len(b.duels) }

func (b *ballots) at(i int) Tally {
	if b.tallies != nil {
		return b.tallies[i]
	}
	q := &b.duels[i]
	return Tally{A: int(q.a), B: int(q.b), ForA: q.na, ForB: q.nb}
}

// ballots returns the votes that the census counts. Online DPO learns from the
// pairs that it had judged last, and reads no others.
func (c *Census) ballots(l *Lab) ballots {
	online, ok := l.Run.Stepper.(*OnlineDPO)
	if !ok {
		return l.ballots()
	}
	if c.next == 0 {
		c.judged = online.judgments(c.judged[:0], l.Prompt())
	}
	return ballots{tallies: c.judged, total: float64(len(online.pairs))}
}

// judgments adds up the pairs of one prompt that were judged last.
func (o *OnlineDPO) judgments(dst []Tally, prompt int) []Tally {
	from, to := o.p.Range(prompt)
	for _, pair := range o.pairs {
		w, l := pair[0], pair[1]
		switch {
		case w == l || w < from || w >= to || o.step == 0:
		case w < l:
			dst = append(dst, Tally{A: w, B: l, ForA: 1})
		default:
			dst = append(dst, Tally{A: l, B: w, ForB: 1})
		}
	}
	slices.SortStableFunc(dst, func(s, t Tally) int {
		if s.A != t.A {
			return s.A - t.A
		}
		return s.B - t.B
	})
	return merge(dst)
}

// votesOn returns how many of the votes that the run learns from went each way
// between two arms.
func (l *Lab) votesOn(chosen, rejected int) (votesFor, votesAgainst float64) {
	if online, ok := l.Run.Stepper.(*OnlineDPO); ok {
		for _, pair := range online.pairs {
			if pair == [2]int{chosen, rejected} && online.step > 0 {
				votesFor++
			} else if pair == [2]int{rejected, chosen} && online.step > 0 {
				votesAgainst++
			}
		}
		return votesFor, votesAgainst
	}
	b := l.ballots()
	low, high := min(chosen, rejected), max(chosen, rejected)
	i := sort.Search(b.len(), func(i int) bool { t := b.at(i); return t.A > low || t.A == low && t.B >= high })
	if i == b.len() {
		return 0, 0
	}
	t := b.at(i)
	switch {
	case t.A != low || t.B != high:
		return 0, 0
	case chosen == low:
		return t.ForA, t.ForB
	}
	return t.ForB, t.ForA
}

// A BeadView is a bead worked with numbers. Any two replies have one, also where
// nobody voted for that order.
type BeadView struct {
	Bead
	// Push is −∂loss/∂log π of the chosen and of the rejected reply, of one vote for
	// this order; of RLHF −∂loss/∂reward.
	Push [2]float64
}

// WorkedBead returns the numbers of the votes that preferred one reply of the
// shown prompt to another. The curve is the lab's. The Meter must have looked at
// the policy.
func (l *Lab) WorkedBead(c *LossCurve, chosen, rejected int) BeadView {
	from, _ := l.Problem.Range(l.Prompt())
	a, b := from+chosen, from+rejected
	l.Run.Trainer.rebase()
	v := BeadView{Bead: Bead{Chosen: chosen, Rejected: rejected}}
	v.H, v.Loss, v.Slope = l.spot(c, a, b)
	v.Push = [2]float64{-v.Slope, v.Slope}
	if l.Experiment.Settings[How] != LearnByRLHF {
		_, v.Push[0], v.Push[1] = l.vote(a, b)
	}
	v.Votes, v.Against = l.votesOn(a, b)
	v.Total = l.votesInAll()
	_, _, v.Other = l.spot(c, b, a)
	return v
}

// said is the reward of an arm as the votes are fitted to it: the model's score,
// or the reward that was given.
func (r *RLHF) said(arm int) float64 {
	if r.model != nil {
		return r.model.Score()[arm]
	}
	return r.Reward()[arm]
}

func (l *Lab) votesInAll() float64 {
	if online, ok := l.Run.Stepper.(*OnlineDPO); ok {
		return float64(len(online.pairs))
	}
	b := l.ballots()
	return b.total
}
