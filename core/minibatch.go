package core

import "sort"

// A voteList finds the vote with a given number among tallies, without storing
// the votes one by one.
type voteList struct {
	upTo  []float64 // running sums of counts: A's votes of tally 0, B's of tally 0, A's of 1, ...
	total float64
	drawn bool // the counts are expectations: votes are drawn, not dealt
}

func newVoteList(p *Problem) voteList {
	l := voteList{upTo: make([]float64, 0, 2*len(p.Tallies)), drawn: p.Fractional}
	for _, t := range p.Tallies {
		l.total += t.ForA
		l.upTo = append(l.upTo, l.total)
		l.total += t.ForB
		l.upTo = append(l.upTo, l.total)
	}
	return l
}

// at returns the tally of the vote at a position in [0, total), and whether
// that vote went to A.
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

// minibatch adds minus the gradient of the mean loss of the step's votes to
// t.g. Counted votes are dealt like cards: each epoch goes through all of them
// once in an order of its own, a pure function of seed and epoch. From the
// exact population, votes are drawn.
func (t *Trainer) minibatch() {
	n := t.cfg.Batch
	first := uint64(t.step) * uint64(n)
	if t.way == byLogistic {
		x, scale := t.seen(), t.beta()/float64(n)
		for i := first; i < first+uint64(n); i++ {
			tally, forA := t.votes.at(t.position(i))
			t.vote(x, tally, forA, scale)
		}
		return
	}
	t.hand = t.hand[:0]
	for i := first; i < first+uint64(n); i++ {
		q := duel{na: 1 / float64(n)}
		tally, forA := t.votes.at(t.position(i))
		q.a, q.b = t.duels[tally].a, t.duels[tally].b
		if !forA {
			q.na, q.nb = q.nb, q.na
		}
		t.hand = append(t.hand, q)
	}
	t.descend(t.hand)
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
