package core

import (
	"math"
	"sort"
)

// A voteList finds the vote or thumb with a given number among tallies, without
// storing them one by one.
type voteList struct {
	upTo  []float64 // running sums of counts: A's votes of tally 0, B's of tally 0, A's of 1, ..., and then thumbs up and down
	total float64
	drawn bool // the counts are expectations: votes are drawn, not dealt
}

// newVoteList lists what an objective can read.
func newVoteList(p *Problem, o *Objective) voteList {
	l := voteList{upTo: make([]float64, 0, 2*len(p.Tallies)), drawn: p.Fractional}
	for _, t := range p.Tallies {
		l.add(t.ForA)
		l.add(t.ForB)
	}
	if up, down := o.Worth(); up > 0 {
		for _, t := range p.Thumbs {
			l.add(t.Up)
			if down == 0 {
				t.Down = 0
			}
			l.add(t.Down)
		}
	}
	return l
}

func (l *voteList) add(count float64) {
	l.total += count
	l.upTo = append(l.upTo, l.total)
}

// at returns the tally of the vote at a position in [0, total), and whether
// that vote went to A; thumbs are counted on after the tallies, and of them
// whether that thumb is up.
func (l *voteList) at(position float64) (tally int, forA bool) {
	i := sort.Search(len(l.upTo), func(i int) bool { return l.upTo[i] > position })
	if i == len(l.upTo) {
		i--
	}
	return i / 2, i%2 == 0
}

// position returns where in the list of votes the i-th vote of a run stands.
func (t *Trainer) position(i uint64) float64 {
	if t.votes.drawn {
		stream := NewStream(t.cfg.Seed, purposeBatch, i)
		return stream.Float64() * t.votes.total
	}
	n := uint64(t.votes.total)
	if epoch := i / n; epoch != t.epoch {
		t.shuffle(epoch)
	}
	return float64(t.order.At(i % n))
}

// shuffle makes an epoch's order of votes the one at hand.
func (t *Trainer) shuffle(epoch uint64) {
	t.epoch, t.order = epoch, NewPermutation(t.cfg.Seed, purposeBatch, epoch, uint64(t.votes.total))
}

// minibatch adds minus the gradient of the mean loss of the step's votes and
// thumbs to t.g. Counted ones are dealt like cards: each epoch goes through all of them
// once in an order of its own, a pure function of seed and epoch. From the
// exact population, votes are drawn.
func (t *Trainer) minibatch() {
	t.deal(math.MaxInt)
	dealt := t.dealt
	t.dealt = dealt[:0]
	if t.way == byLogistic {
		x, scale := t.seen(), t.beta()/float64(len(dealt))
		for _, i := range dealt {
			t.vote(x, int(i/2), i%2 == 0, scale)
		}
		return
	}
	t.hand, t.thumbHand = t.hand[:0], t.thumbHand[:0]
	weight := 0.0
	for _, i := range dealt {
		weight += t.draw(int(i/2), i%2 == 0)
	}
	for i := range t.hand {
		t.hand[i].na /= weight
		t.hand[i].nb /= weight
	}
	for i := range t.thumbHand {
		t.thumbHand[i].up /= weight
		t.thumbHand[i].dn /= weight
	}
	t.descend(t.hand, t.thumbHand...)
}

// deal goes on with the step's minibatch for about ops units of work, and returns
// what is left of them.
func (t *Trainer) deal(ops int) (left int) {
	first := uint64(t.step) * uint64(t.cfg.Batch)
	for len(t.dealt) < t.cfg.Batch && ops > 0 {
		tally, forA := t.votes.at(t.position(first + uint64(len(t.dealt))))
		entry := uint32(2 * tally)
		if !forA {
			entry++
		}
		t.dealt = append(t.dealt, entry)
		ops -= dealCost
	}
	return ops
}

// dealCost is what a vote dealt costs, in units of WorkBudget: its place in the
// epoch's order is computed and looked for.
const dealCost = 40

// draw takes a vote or thumb into the hand and returns its weight.
func (t *Trainer) draw(i int, first bool) (weight float64) {
	if i < len(t.duels) {
		q := duel{a: t.duels[i].a, b: t.duels[i].b, na: 1}
		if !first {
			q.na, q.nb = 0, 1
		}
		t.hand = append(t.hand, q)
		return 1
	}
	m := mark{arm: t.places[i-len(t.duels)]}
	up, down := t.loss.Objective.Worth()
	if first {
		m.up, weight = up, up
	} else {
		m.dn, weight = down, down
	}
	t.thumbHand = append(t.thumbHand, m)
	return weight
}

// vote adds one vote's force for a logistic loss: scale·((1−ε)σ(−u) − εσ(u)) up
// the chosen, down the rejected.
func (t *Trainer) vote(x []float64, tally int, forA bool, scale float64) {
	q := t.duels[tally]
	w, l := q.a, q.b
	if !forA {
		w, l = l, w
	}
	_, slope := DPO(t.beta()*(x[w]-x[l]), t.flip)
	force := float64(scale * -slope)
	t.g[w] += force
	t.g[l] -= force
}
