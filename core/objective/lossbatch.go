package objective

import (
	"dpoplayground/core/data"
	"dpoplayground/core/num"
)

// A LossBatch computes the mean loss of a batch of examples under any objective,
// and its derivatives with respect to each log π. It keeps its room, so that a
// batch that is no larger than an earlier one allocates nothing.
//
// For an objective on pairs the i-th chosen and the i-th rejected reply are a
// pair, of the chosen one's weight. For the others the sides may have different
// lengths.
type LossBatch struct {
	Chosen, Rejected Side
	// Terms holds, after Mean, the loss of each term: of pairs in the order of
	// the batch, of single replies the chosen ones first, of sorted matches in
	// ascending order.
	Terms []float64

	X, Y     []float64
	Coupling data.Coupling
}

// A Side is the chosen or the rejected replies of a batch. LogRef may be nil
// where there is no reference, Tokens where every length is 1 and Weight where
// every weight is.
type Side struct {
	LogPi, LogRef, Tokens, Weight []float64
	// Grad holds, after Mean, ∂(mean loss)/∂LogPi.
	Grad []float64
}

// Mean returns the mean loss and sets Terms and both sides' Grad. The baseline
// is KTO's z₀; other objectives do not read it. An empty batch has loss 0.
func (b *LossBatch) Mean(l *Loss, baseline float64) float64 {
	b.Terms = b.Terms[:0]
	b.Chosen.clear()
	b.Rejected.clear()
	switch {
	case l.Objective.Reply != nil:
		return b.replies(l, baseline)
	case l.Objective.Sorted != Unsorted:
		return b.sorted(l)
	}
	return b.pairs(l)
}

// Baseline returns KTO's z₀ with the batch's own examples: max(0, mean log π − log π_ref).
func (b *LossBatch) Baseline() float64 {
	sum := 0.0
	for _, s := range []*Side{&b.Chosen, &b.Rejected} {
		for i, logPi := range s.LogPi {
			sum += float64(s.WeightAt(i) * (logPi - num.At(s.LogRef, i, 0)))
		}
	}
	if n := b.Chosen.Total() + b.Rejected.Total(); n > 0 {
		return KTOBaseline(sum / n)
	}
	return 0
}

func (b *LossBatch) pairs(l *Loss) (mean float64) {
	n := b.Chosen.Total()
	for i := range b.Chosen.LogPi {
		w := b.Chosen.WeightAt(i) / n
		loss, dc, dr := l.Pair(b.Chosen.Score(l.Objective, i), b.Rejected.Score(l.Objective, i))
		b.Terms = append(b.Terms, loss)
		mean += float64(w * loss)
		b.Chosen.addSlope(l.Objective, i, float64(w*dc))
		b.Rejected.addSlope(l.Objective, i, float64(w*dr))
	}
	return mean
}

func (b *LossBatch) replies(l *Loss, baseline float64) (mean float64) {
	if !l.Objective.Baseline {
		baseline = 0
	}
	n := b.Chosen.Total() + b.Rejected.Total()
	mean = b.addReplies(&b.Chosen, l.Objective, l.Reply.Good, baseline, n)
	return mean + b.addReplies(&b.Rejected, l.Objective, l.Reply.Bad, baseline, n)
}

func (b *LossBatch) addReplies(s *Side, o *Objective, f func(score, baseline float64) (loss, slope float64), baseline, n float64) (sum float64) {
	for i := range s.LogPi {
		w := s.WeightAt(i) / n
		loss, slope := f(s.Score(o, i), baseline)
		b.Terms = append(b.Terms, loss)
		sum += float64(w * loss)
		s.addSlope(o, i, float64(w*slope))
	}
	return sum
}

// sorted matches the batch in ascending order. What is matched depends on
// Sorting, but the difference is the same kind of margin in both.
func (b *LossBatch) sorted(l *Loss) (mean float64) {
	c, r := &b.Chosen, &b.Rejected
	b.X, b.Y = b.X[:0], b.Y[:0]
	wy := r.Weight
	if l.Objective.Sorted == SortMargins {
		wy = c.Weight
		for i := range c.LogPi {
			b.X = append(b.X, c.LogPi[i]-r.LogPi[i])
			b.Y = append(b.Y, num.At(c.LogRef, i, 0)-num.At(r.LogRef, i, 0))
		}
	} else {
		for i := range c.LogPi {
			b.X = append(b.X, c.Score(l.Objective, i))
		}
		for i := range r.LogPi {
			b.Y = append(b.Y, r.Score(l.Objective, i))
		}
	}
	matches, n := b.Coupling.Match(b.X, b.Y, c.Weight, wy), 0.0
	for _, m := range matches {
		n += m.Weight
	}
	for _, m := range matches {
		margin := b.X[m.X] - b.Y[m.Y]
		loss, w := l.Margin.Loss(margin), m.Weight/n
		slope := float64(w * l.Margin.Slope(margin))
		b.Terms = append(b.Terms, loss)
		mean += float64(w * loss)
		c.Grad[m.X] += slope
		if l.Objective.Sorted == SortMargins {
			r.Grad[m.X] -= slope
		} else {
			r.Grad[m.Y] -= slope
		}
	}
	return mean
}

func (s *Side) clear() {
	s.Grad = s.Grad[:0]
	for range s.LogPi {
		s.Grad = append(s.Grad, 0)
	}
}

func (s *Side) Score(o *Objective, i int) float64 {
	return o.Score(s.LogPi[i], num.At(s.LogRef, i, 0), num.At(s.Tokens, i, 1))
}

// addSlope adds to the gradient what a slope in the score comes to in log π.
func (s *Side) addSlope(o *Objective, i int, slope float64) {
	s.Grad[i] += float64(slope * o.ScoreSlope(num.At(s.Tokens, i, 1)))
}

func (s *Side) WeightAt(i int) float64 { return num.At(s.Weight, i, 1) }

func (s *Side) Total() float64 { return num.Total(s.Weight, len(s.LogPi)) }
