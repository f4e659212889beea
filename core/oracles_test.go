package core

import "math"

// What the tests have in one go, where the program works in slices.

// FitScores fits scores; see NewFit.
func FitScores(k int, votes []Pair, eps float64) *Scores {
	f := NewFit(k, votes, eps)
	for !f.Work(math.MaxInt) {
	}
	return f.Scores()
}

// FindDestination works a destination out; see NewHeading.
func FindDestination(c Course) *Destination {
	h := NewHeading(c)
	for !h.Work(math.MaxInt) {
	}
	return h.Destination()
}

// DestinationKeys returns all keys that Destination.Key may return.
func DestinationKeys() []string {
	keys := []string{edgeKey, neverKey, openKey, carryKey}
	for _, own := range ownWords {
		keys = append(keys, "headed."+string(own.kind))
		for _, key := range own.keys {
			keys = append(keys, "headed."+string(own.kind)+"."+key)
		}
	}
	return keys
}

// sweepTo returns a sweep at step 0 on the votes. scores are those of the prompt,
// or nil where the optimum is not known.
func sweepTo(p *Problem, s Settings, prompt int, scores []float64) *Sweep {
	w := newSweep(p, prompt)
	w.make = func(beta float64) sweeper { return NewTrainer(p, s.Config(beta)) }
	if scores != nil {
		from, to := p.Range(prompt)
		w.headFor(func(t *Tilt, beta float64) { t.Set(p.LogRef[from:to], scores, beta) }, nil)
	}
	return w
}

// workOthers gives each of a panel's others its share of about n training steps,
// and tells whether anything is left to do.
func workOthers(p *Panel, n int) (busy bool) {
	for i := range p.Others {
		busy = p.WorkOn(i, max(1, n/len(p.Others))) || busy
	}
	return busy
}

// addGradient adds the full-batch gradient of the loss with respect to the logits
// to dst, one entry an arm.
func addGradient(t *Trainer, dst []float64) {
	t.descend(t.duels, t.thumbMarks...)
	for i, k := range t.arms {
		dst[k] -= t.g[i]
		t.g[i] = 0
	}
}

// addWeightGradient adds the full-batch gradient of the loss with respect to the
// weights of a linear policy to dst, one entry a weight.
func addWeightGradient(t *Trainer, dst []float64) {
	t.descend(t.duels, t.thumbMarks...)
	t.linear.pull(t)
	for j, g := range t.linear.grad {
		dst[j] -= g
		t.linear.grad[j] = 0
	}
}

// standAt puts RLHF's policy, which is a table, at log-ratios to the reference.
func standAt(r *RLHF, logRatio []float64) {
	state := r.Save(nil)
	copy(state[1:], logRatio) // the step comes first
	r.Restore(state)
}
