package census

import (
	"math"
	"slices"
	"sort"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
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
	other float64 // the slope of a vote for the other order, at −h
	Total float64 // votes on all prompts
}

// SlopeInMargin is what these votes add to minus the gradient of the mean loss in h: the
// share of votes times how steeply their loss falls.
func (b *Bead) SlopeInMargin() float64 { return -b.Votes * b.Slope / b.Total }

// Net is the pull of these votes and of those for the other order together, on
// the same h. It is 0 where they balance but for rounding.
func (b *Bead) Net() float64 {
	up, down := -b.Votes*b.Slope, -b.Against*b.other
	if net := up - down; math.Abs(net) > 1e-12*(math.Abs(up)+math.Abs(down)) {
		return net / b.Total
	}
	return 0
}

// spot returns where a vote for the order of two arms of the shown prompt lies.
// The curve is the lab's. The Meter must have looked at the policy.
func spot(l *core.Lab, c *objective.LossCurve, a, b int) (h, loss, slope float64) {
	if l.Experiment.Settings[core.How] == core.LearnByRLHF {
		return spotByReward(l, c, a, b)
	}
	loss, up, down := l.Vote(a, b)
	return l.Meter.Leash[a] - l.Meter.Leash[b], loss, (down - up) / 2
}

func spotByReward(l *core.Lab, c *objective.LossCurve, a, b int) (h, loss, slope float64) {
	rlhf := l.RLHF()
	if rlhf == nil {
		return 0, math.Ln2, -0.5 // before it is fitted every reward is 0
	}
	h = rlhf.Said(a) - rlhf.Said(b)
	if c.Known() {
		loss, slope = c.At(h)
		return h, loss, slope
	}
	return h, num.Softplus(-h), 0 // a given reward is not pulled by votes
}

// MostBeads is how many beads a census lists where there are more; up to
// AllBeads it lists all.
const (
	AllBeads  = 60
	MostBeads = 24
)

// bins is how many equal parts a census divides the axis of h into.
const bins = 64

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
	Bins [bins]float64
	Span float64

	curve    objective.LossCurve
	seen     []float64 // what h is a difference of, by reply
	next     int
	byReward bool
	judged   []data.Tally // by online DPO
}

// Begin starts over with where the lab stands. The curve is the lab's, span the
// end of the axis of h.
func (c *Census) Begin(l *core.Lab, curve objective.LossCurve, span float64) {
	from, to := l.Problem.Range(l.Prompt())
	*c = Census{Step: l.Run.StepCount(), Span: span, Beads: c.Beads[:0], seen: c.seen[:0], judged: c.judged,
		curve: curve, byReward: l.Experiment.Settings[core.How] == core.LearnByRLHF}
	l.Run.Trainer.Rebase()
	for k := from; k < to; k++ {
		x := 0.0
		if rlhf := l.RLHF(); !c.byReward {
			x = l.Meter.Leash[k]
		} else if rlhf != nil {
			x = rlhf.Said(k)
		}
		c.seen = append(c.seen, x)
	}
}

// Work looks at about n more pairs, and tells whether all have been seen.
func (c *Census) Work(l *core.Lab, n int) (done bool) {
	from, _ := l.Problem.Range(l.Prompt())
	ballots := c.ballots(l)
	for ; n > 0 && c.next < ballots.len(); n-- {
		t := ballots.tallyAt(c.next)
		c.next++
		c.countPair(l, &t, from, ballots.total)
	}
	if c.next < ballots.len() {
		return false
	}
	c.sortBeads()
	return true
}

// countPair takes in the votes on a pair.
func (c *Census) countPair(l *core.Lab, t *data.Tally, from int, total float64) {
	a := Bead{Chosen: t.A - from, Rejected: t.B - from, Votes: t.ForA, Against: t.ForB, Total: total}
	b := Bead{Chosen: a.Rejected, Rejected: a.Chosen, Votes: t.ForB, Against: t.ForA, Total: total}
	a.H = c.seen[a.Chosen] - c.seen[a.Rejected]
	b.H = -a.H
	if c.curve.Known() {
		a.Loss, a.Slope = c.curve.At(a.H)
		b.Loss, b.Slope = c.curve.At(b.H)
	} else {
		_, a.Loss, a.Slope = spot(l, &c.curve, t.A, t.B)
		_, b.Loss, b.Slope = spot(l, &c.curve, t.B, t.A)
	}
	a.other, b.other = b.Slope, a.Slope
	c.keepHardest(&a)
	c.keepHardest(&b)
}

// keepHardest adds a bead to the list, if it is of any votes. When there are more than
// AllBeads only those of the pairs that are pulled hardest stay, MostBeads of them.
func (c *Census) keepHardest(b *Bead) {
	if b.Votes == 0 {
		return
	}
	c.Count++
	c.Votes += b.Votes
	if far := math.Abs(b.H); far > c.Far && far <= math.MaxFloat64 {
		c.Far = far
	}
	if pull := math.Abs(b.SlopeInMargin()); pull > c.Most && pull <= math.MaxFloat64 {
		c.Most = pull
	}
	bin := int(math.Floor((b.H/c.Span + 1) / 2 * bins))
	c.Bins[max(0, min(bin, bins-1))] += b.Votes
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

// sortBeads puts the beads into an order that does not depend on where they are:
// most votes first.
func (c *Census) sortBeads() {
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

// ReadMargins brings the listed beads to where the lab stands now.
func (c *Census) ReadMargins(l *core.Lab) {
	from, _ := l.Problem.Range(l.Prompt())
	for i := range c.Beads {
		b := &c.Beads[i]
		b.H, b.Loss, b.Slope = spot(l, &c.curve, from+b.Chosen, from+b.Rejected)
		_, _, b.other = spot(l, &c.curve, from+b.Rejected, from+b.Chosen)
	}
}

// ballots are the votes that a lab's run learns from at its step, of the shown
// prompt: those at hand, or those that RLHF's reward model is fitted to, sorted by
// A and then by B.
type ballots struct {
	tallies []data.Tally
	duels   []objective.Duel
	total   float64 // of all prompts, with the thumbs that the loss reads
}

func ballotsOf(l *core.Lab) ballots {
	if rlhf := l.RLHF(); rlhf != nil && rlhf.Model != nil {
		m := rlhf.Model
		return ballots{duels: m.Duels[m.First[l.Prompt()]:m.First[l.Prompt()+1]], total: math.Max(m.Total, 1)}
	}
	return ballots{tallies: l.Problem.TalliesOf(l.Prompt()), total: math.Max(l.Run.Trainer.Weight, 1)}
}

func (b *ballots) len() int { return len(b.tallies) + len(b.duels) }

func (b *ballots) tallyAt(i int) data.Tally {
	if b.tallies != nil {
		return b.tallies[i]
	}
	q := &b.duels[i]
	return data.Tally{A: int(q.A), B: int(q.B), ForA: q.Na, ForB: q.Nb}
}

// ballots returns the votes that the census counts. Online DPO learns from the
// pairs that it had judged last, and reads no others.
func (c *Census) ballots(l *core.Lab) ballots {
	online, ok := l.Run.Stepper.(*rlhf.OnlineDPO)
	if !ok {
		return ballotsOf(l)
	}
	if c.next == 0 {
		c.judged = online.Judgments(c.judged[:0], l.Prompt())
	}
	return ballots{tallies: c.judged, total: float64(len(online.Pairs))}
}

// votesOn returns how many of the votes that the run learns from went each way
// between two arms.
func votesOn(l *core.Lab, chosen, rejected int) (votesFor, votesAgainst float64) {
	if online, ok := l.Run.Stepper.(*rlhf.OnlineDPO); ok {
		for _, pair := range online.Pairs {
			if pair == [2]int{chosen, rejected} && online.Step > 0 {
				votesFor++
			} else if pair == [2]int{rejected, chosen} && online.Step > 0 {
				votesAgainst++
			}
		}
		return votesFor, votesAgainst
	}
	b := ballotsOf(l)
	low, high := min(chosen, rejected), max(chosen, rejected)
	i := sort.Search(b.len(), func(i int) bool { t := b.tallyAt(i); return t.A > low || t.A == low && t.B >= high })
	if i == b.len() {
		return 0, 0
	}
	t := b.tallyAt(i)
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

// Worked returns the numbers of the votes that preferred one reply of the
// shown prompt to another. The curve is the lab's. The Meter must have looked at
// the policy.
func Worked(l *core.Lab, c *objective.LossCurve, chosen, rejected int) BeadView {
	from, _ := l.Problem.Range(l.Prompt())
	a, b := from+chosen, from+rejected
	l.Run.Trainer.Rebase()
	v := BeadView{Bead: Bead{Chosen: chosen, Rejected: rejected}}
	v.H, v.Loss, v.Slope = spot(l, c, a, b)
	v.Push = [2]float64{-v.Slope, v.Slope}
	if l.Experiment.Settings[core.How] != core.LearnByRLHF {
		_, v.Push[0], v.Push[1] = l.Vote(a, b)
	}
	v.Votes, v.Against = votesOn(l, a, b)
	v.Total = votesInAll(l)
	_, _, v.other = spot(l, c, b, a)
	return v
}

func votesInAll(l *core.Lab) float64 {
	if online, ok := l.Run.Stepper.(*rlhf.OnlineDPO); ok {
		return float64(len(online.Pairs))
	}
	b := ballotsOf(l)
	return b.total
}
