package core

// thumbs adds minus the gradient of a loss of single replies, each vote giving
// its chosen reply a thumb up and its rejected one a thumb down:
//
//	L = Σ_k up_k·χ_good(s_k, z₀) + down_k·χ_bad(s_k, z₀),   Σ_k (up_k + down_k) = 1
//
// It sets t.batchLoss to L and t.z0 to z₀. A reply's thumbs are counted first, so that a step
// costs additions for each pair and exponentials only for each reply.
func (t *Trainer) thumbs(x []float64, duels []duel) {
	e := t.norm
	e.begin(t, x, duels)
	e.count(t, duels)
	t.z0 = 0
	if t.loss.Objective.Baseline {
		t.z0 = e.baseline(t)
	}
	t.batchLoss = 0
	for _, b := range e.opened {
		for k := t.blocks[b].from; k < t.blocks[b].to; k++ {
			if e.up[k] != 0 {
				t.judge(k, b, e.up[k], t.loss.Reply.Good)
			}
			if e.dn[k] != 0 {
				t.judge(k, b, e.dn[k], t.loss.Reply.Bad)
			}
			e.up[k], e.dn[k] = 0, 0
		}
		e.weight[b] = 0
	}
	e.finish(t)
}

// count turns the votes' weights, which sum to 1, into those of thumbs.
func (e *normaliser) count(t *Trainer, duels []duel) {
	for i := range duels {
		q := &duels[i]
		na, nb := float64(q.na/2), float64(q.nb/2)
		e.up[q.a] += na
		e.dn[q.b] += na
		e.up[q.b] += nb
		e.dn[q.a] += nb
		e.weight[t.in[q.a]] += q.na + q.nb
	}
}

// baseline returns KTO's z₀ of the votes at hand: the mean log-ratio over the
// 2N examples, where it is above 0; or the votes' mean KL(π‖π_ref), which sums
// in the same way.
func (e *normaliser) baseline(t *Trainer) float64 {
	mean := 0.0
	for _, b := range e.opened {
		for k := t.blocks[b].from; k < t.blocks[b].to; k++ {
			w := e.up[k] + e.dn[k]
			if t.cfg.ExactBaseline {
				w = float64(e.weight[b] * e.pi[k])
			}
			if w != 0 {
				mean += float64(w * e.score[k])
			}
		}
	}
	return KTOBaseline(mean)
}

// judge adds the part of one reply's thumbs of one kind.
func (t *Trainer) judge(arm, block uint32, weight float64, f func(score, baseline float64) (loss, slope float64)) {
	e := t.norm
	loss, slope := f(e.score[arm], t.z0)
	c := float64(weight * e.perToken(arm, slope))
	t.batchLoss += float64(weight * loss)
	t.g[arm] -= c
	e.total[block] += c
}
