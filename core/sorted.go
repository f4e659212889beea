package core

// A sorter computes losses that sort the examples of a batch, smallest against
// smallest. A vote that counts n times is an example of weight n. Its room grows
// to the largest batch.
type sorter struct {
	coupling         Coupling
	logRef           []float64 // of the roster's arms
	chosen, rejected []uint32  // of each example
	weight           []float64
	x, y             []float64 // what is matched
}

func newSorter(t *Trainer) *sorter {
	s := &sorter{logRef: make([]float64, len(t.arms))}
	for i, k := range t.arms {
		s.logRef[i] = t.problem.LogRef[k]
	}
	return s
}

// gather lists the examples: of each pair the votes for A and those for B.
func (s *sorter) gather(duels []duel) {
	s.chosen, s.rejected, s.weight = s.chosen[:0], s.rejected[:0], s.weight[:0]
	s.x, s.y = s.x[:0], s.y[:0]
	for i := range duels {
		q := &duels[i]
		if q.na != 0 {
			s.chosen, s.rejected, s.weight = append(s.chosen, q.a), append(s.rejected, q.b), append(s.weight, q.na)
		}
		if q.nb != 0 {
			s.chosen, s.rejected, s.weight = append(s.chosen, q.b), append(s.rejected, q.a), append(s.weight, q.nb)
		}
	}
}

// margins adds minus the gradient of a loss that matches the policy's margins
// log π(w) − log π(l) with the reference's. It sets t.batchLoss.
func (s *sorter) margins(t *Trainer, duels []duel) {
	s.gather(duels)
	for i, w := range s.chosen {
		l := s.rejected[i]
		s.x = append(s.x, (s.logRef[w]+t.d[w])-(s.logRef[l]+t.d[l]))
		s.y = append(s.y, s.reference(t, w)-s.reference(t, l))
	}
	t.batchLoss = 0
	for _, m := range s.coupling.Match(s.x, s.y, s.weight, s.weight) {
		slope := s.matched(t, m)
		t.g[s.chosen[m.X]] -= slope
		t.g[s.rejected[m.X]] += slope
	}
}

// reference returns log π_ref of an arm, but for the normaliser, as the loss sees it.
func (s *sorter) reference(t *Trainer, arm uint32) float64 {
	if t.follower != nil {
		return s.logRef[arm] + t.follower.ratio[arm]
	}
	return s.logRef[arm]
}

// replies adds minus the gradient of a loss that matches the scores of chosen
// replies with those of rejected ones. Two replies to one prompt make a margin,
// whose normaliser cancels. It sets t.batchLoss.
func (s *sorter) replies(t *Trainer, x []float64, duels []duel) {
	t.norm.begin(t, x, duels, nil)
	s.gather(duels)
	for i, w := range s.chosen {
		s.x = append(s.x, t.norm.score[w])
		s.y = append(s.y, t.norm.score[s.rejected[i]])
	}
	t.batchLoss = 0
	for _, m := range s.coupling.Match(s.x, s.y, s.weight, s.weight) {
		w, l := s.chosen[m.X], s.rejected[m.Y]
		slope := s.matched(t, m)
		t.g[w] -= slope
		t.g[l] += slope
		if from, to := t.in[w], t.in[l]; from != to {
			t.norm.total[from] += slope
			t.norm.total[to] -= slope
		}
	}
	t.norm.finish(t)
}

// matched adds a match to the loss and returns its weighted slope in the margin.
func (s *sorter) matched(t *Trainer, m Match) (slope float64) {
	margin := s.x[m.X] - s.y[m.Y]
	t.batchLoss += float64(m.Weight * t.loss.Margin.Loss(margin))
	return float64(m.Weight * t.loss.Margin.Slope(margin))
}
