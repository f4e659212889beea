package train

import (
	"math"
	"sort"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/random"
)

// A voteList finds the vote or thumb with a given number among tallies, without
// storing them one by one.
type voteList struct {
	upTo  []float64 // running sums of counts: A's votes of tally 0, B's of tally 0, A's of 1, ..., and then thumbs up and down
	Total float64
	drawn bool // the counts are expectations: votes are drawn, not dealt
}

// newVoteList lists what an objective can read.
func newVoteList(p *data.Problem, o *objective.Objective) voteList {
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
	l.Total += count
	l.upTo = append(l.upTo, l.Total)
}

// At returns the tally of the vote at a position in [0, total), and whether
// that vote went to A; thumbs are counted on after the tallies, and of them
// whether that thumb is up.
func (l *voteList) At(position float64) (tally int, forA bool) {
	i := sort.Search(len(l.upTo), func(i int) bool { return l.upTo[i] > position })
	if i == len(l.upTo) {
		i--
	}
	return i / 2, i%2 == 0
}

// Position returns where in the list of votes the i-th vote of a run stands.
func (t *Trainer) Position(i uint64) float64 {
	if t.Votes.drawn {
		stream := random.NewStream(t.Cfg.Seed, random.PurposeBatch, i)
		return stream.Float64() * t.Votes.Total
	}
	n := uint64(t.Votes.Total)
	if epoch := i / n; epoch != t.epoch {
		t.shuffle(epoch)
	}
	return float64(t.order.At(i % n))
}

// shuffle makes an epoch's order of votes the one at hand.
func (t *Trainer) shuffle(epoch uint64) {
	t.epoch, t.order = epoch, random.NewPermutation(t.Cfg.Seed, random.PurposeBatch, epoch, uint64(t.Votes.Total))
}

// minibatch adds minus the gradient of the mean loss of the step's votes and
// thumbs to t.G. Counted ones are dealt like cards: each epoch goes through all of them
// once in an order of its own, a pure function of seed and epoch. From the
// exact population, votes are drawn.
func (t *Trainer) minibatch() {
	t.drawBatch(math.MaxInt)
	dealt := t.dealt
	t.dealt = dealt[:0]
	if t.Way == ByLogistic {
		x, scale := t.scoredLogits(), t.Beta()/float64(len(dealt))
		for _, i := range dealt {
			t.addVote(x, int(i/2), i%2 == 0, scale)
		}
		return
	}
	t.hand, t.thumbHand = t.hand[:0], t.thumbHand[:0]
	weight := 0.0
	for _, i := range dealt {
		weight += t.drawVote(int(i/2), i%2 == 0)
	}
	for i := range t.hand {
		t.hand[i].Na /= weight
		t.hand[i].Nb /= weight
	}
	for i := range t.thumbHand {
		t.thumbHand[i].up /= weight
		t.thumbHand[i].dn /= weight
	}
	t.Descend(t.hand, t.thumbHand...)
}

// drawBatch goes on with the step's minibatch for about ops units of work, and returns
// what is left of them.
func (t *Trainer) drawBatch(ops int) (left int) {
	first := uint64(t.Step) * uint64(t.Cfg.Batch)
	for len(t.dealt) < t.Cfg.Batch && ops > 0 {
		tally, forA := t.Votes.At(t.Position(first + uint64(len(t.dealt))))
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

// drawVote takes a vote or thumb into the hand and returns its weight.
func (t *Trainer) drawVote(i int, first bool) (weight float64) {
	if i < len(t.Duels) {
		q := objective.Duel{A: t.Duels[i].A, B: t.Duels[i].B, Na: 1}
		if !first {
			q.Na, q.Nb = 0, 1
		}
		t.hand = append(t.hand, q)
		return 1
	}
	m := mark{arm: t.places[i-len(t.Duels)]}
	up, down := t.loss.Objective.Worth()
	if first {
		m.up, weight = up, up
	} else {
		m.dn, weight = down, down
	}
	t.thumbHand = append(t.thumbHand, m)
	return weight
}

// addVote adds one vote's force for a logistic loss: scale·((1−ε)σ(−u) − εσ(u)) up
// the chosen, down the rejected.
func (t *Trainer) addVote(x []float64, tally int, forA bool, scale float64) {
	q := t.Duels[tally]
	w, l := q.A, q.B
	if !forA {
		w, l = l, w
	}
	_, slope := objective.DPO(t.Beta()*(x[w]-x[l]), t.Flip)
	force := float64(scale * -slope)
	t.G[w] += force
	t.G[l] -= force
}
