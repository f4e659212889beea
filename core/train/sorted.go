package train

import (
	"math"
	"slices"

	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

// A sorter computes losses that sort the examples of a batch, smallest against
// smallest; see Coupling. A vote that counts n times is an example of weight n.
// Its room grows to the largest batch.
type sorter struct {
	logRef           []float64 // of the roster's arms
	logits           []float64 // scratch: log π of the arms, but for the normaliser
	full             bool      // the examples are all votes
	chosen, rejected []uint32  // arms of each example
	x, y             sample    // what is matched
}

// A sample is numbers with weights, and their order.
type sample struct {
	value, weight []float64
	// order lists the numbers in ascending order, equal ones as they came in, and
	// sorted their values. It is kept from batch to batch: where little has moved,
	// little is to be done.
	order  []uint32
	sorted []float64
}

func newSorter(t *Trainer) *sorter {
	s := &sorter{logRef: make([]float64, len(t.Arms)), logits: make([]float64, len(t.Arms))}
	for i, k := range t.Arms {
		s.logRef[i] = t.Problem.LogRef[k]
	}
	return s
}

// gather lists the examples: of each pair the votes for A and those for B. All
// votes stay gathered.
func (s *sorter) gatherVotes(t *Trainer, duels []objective.Duel) {
	full := t.isFull(duels, nil)
	if full && s.full {
		return
	}
	s.full, s.chosen, s.rejected = full, s.chosen[:0], s.rejected[:0]
	s.x.weight, s.y.sorted = s.x.weight[:0], s.y.sorted[:0]
	for i := range duels {
		q := &duels[i]
		if q.Na != 0 {
			s.chosen, s.rejected, s.x.weight = append(s.chosen, q.A), append(s.rejected, q.B), append(s.x.weight, q.Na)
		}
		if q.Nb != 0 {
			s.chosen, s.rejected, s.x.weight = append(s.chosen, q.B), append(s.rejected, q.A), append(s.x.weight, q.Nb)
		}
	}
	s.y.weight = s.x.weight
}

// margins adds minus the gradient of a loss that matches the policy's margins
// log π(w) − log π(l) with the reference's. If asked for, it sets t.batchLoss.
func (s *sorter) margins(t *Trainer, duels []objective.Duel) {
	s.gatherVotes(t, duels)
	for k, logRef := range s.logRef {
		s.logits[k] = logRef + t.d[k]
	}
	s.subtract(&s.x)
	s.x.sort()
	if t.follower != nil || len(s.y.sorted) != len(s.chosen) {
		for k, logRef := range s.logRef {
			if s.logits[k] = logRef; t.follower != nil {
				s.logits[k] += t.follower.ratio[k]
			}
		}
		s.subtract(&s.y)
		s.y.sort()
	}
	s.pushMatches(t, true)
}

// subtract sets the values to the examples' margins of logits.
func (s *sorter) subtract(of *sample) {
	of.value = of.value[:0]
	for i, w := range s.chosen {
		of.value = append(of.value, s.logits[w]-s.logits[s.rejected[i]])
	}
}

// replies adds minus the gradient of a loss that matches the scores of chosen
// replies with those of rejected ones. A reply's votes are taken together. Two
// replies to one prompt make a margin, whose normaliser cancels. If asked for,
// it sets t.batchLoss.
func (s *sorter) replies(t *Trainer, x []float64, duels []objective.Duel) {
	e := t.norm
	e.readPrompts(t, x, duels, nil)
	count := e.count(t, duels, nil, 1)
	s.chosen = s.x.takeScores(s.chosen, e.score, count.arms, count.up)
	s.rejected = s.y.takeScores(s.rejected, e.score, count.arms, count.down)
	s.pushMatches(t, false)
	e.subtractMeans(t)
}

// take makes the sample the scores of the arms that have a weight, and returns
// those arms.
func (s *sample) takeScores(into []uint32, score []float64, arms []uint32, weight []float64) []uint32 {
	into, s.value, s.weight = into[:0], s.value[:0], s.weight[:0]
	for _, k := range arms {
		if weight[k] != 0 {
			into, s.value, s.weight = append(into, k), append(s.value, score[k]), append(s.weight, weight[k])
		}
	}
	s.sort()
	return into
}

// sort puts the values in order, by insertion from the order of the last batch.
// The order does not depend on that one, for equal values keep theirs.
func (s *sample) sort() {
	n := len(s.value)
	if len(s.order) != n {
		s.sortAnew()
		return
	}
	s.sorted = append(s.sorted[:0], s.value...)
	moves, last := 0, math.Inf(-1)
	for i, k := range s.order {
		v := s.value[k]
		if s.sorted[i] = v; last < v {
			last = v
			continue
		}
		j := i
		for ; j > 0 && (v < s.sorted[j-1] || v == s.sorted[j-1] && k < s.order[j-1]); j-- {
			s.sorted[j], s.order[j] = s.sorted[j-1], s.order[j-1]
		}
		s.sorted[j], s.order[j] = v, k
		last = s.sorted[i]
		if moves += i - j; moves > 4*n || v != v {
			s.sortAnew()
			return
		}
	}
}

func (s *sample) sortAnew() {
	s.order = s.order[:0]
	for i := range s.value {
		s.order = append(s.order, uint32(i))
	}
	slices.SortFunc(s.order, func(i, j uint32) int {
		switch {
		case s.value[i] < s.value[j]:
			return -1
		case s.value[i] > s.value[j]:
			return 1
		}
		return int(i) - int(j)
	})
	s.sorted = s.sorted[:0]
	for _, k := range s.order {
		s.sorted = append(s.sorted, s.value[k])
	}
}

// pushMatches goes through the matches in ascending order and adds minus the gradient
// of each. Both samples have the same weight in all. A match of margins pushes
// the two replies of its margin under the policy, another one its two replies.
func (s *sorter) pushMatches(t *Trainer, margins bool) {
	t.batchLoss = 0
	x, y, l := &s.x, &s.y, &t.loss.Margin
	plain := l.Logistic && l.Shift == 0
	i, j, leftX, leftY := 0, 0, 0.0, 0.0
	for {
		for leftX == 0 {
			if i == len(x.order) {
				return
			}
			leftX = x.weight[x.order[i]]
			i++
		}
		for leftY == 0 {
			if j == len(y.order) {
				return
			}
			leftY = y.weight[y.order[j]]
			j++
		}
		weight := min(leftX, leftY)
		leftX -= weight
		leftY -= weight
		margin := x.sorted[i-1] - y.sorted[j-1]
		if t.wantLoss {
			t.batchLoss += float64(weight * l.Loss(margin))
		}
		var push float64
		if u := float64(l.Beta * margin); plain && math.Abs(u) < num.ExpRange { // Slope without the calls
			e := num.ExpWithin(u)
			push = float64(weight * (-l.Beta * ((l.Own - float64(l.Other*e)) / (1 + e))))
		} else {
			push = float64(weight * l.Slope(margin))
		}
		won := s.chosen[x.order[i-1]]
		if margins {
			lost := s.rejected[x.order[i-1]]
			t.G[won] -= push
			t.G[lost] += push
			continue
		}
		lost := s.rejected[y.order[j-1]]
		t.G[won] -= push
		t.G[lost] += push
		if from, to := t.in[won], t.in[lost]; from != to {
			t.norm.total[from] += push
			t.norm.total[to] -= push
		}
	}
}
