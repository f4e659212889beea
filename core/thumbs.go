package core

import (
	"fmt"
	"math"
	"sort"
)

// A mark is the thumbs of one reply as the training step needs them: where the
// reply stands among the roster's arms, and its thumbs' weights, which with those
// of all votes sum to 1.
type mark struct {
	arm    uint32
	up, dn float64
}

// checkThumb panics on thumbs that are not of one of k replies, or no counts.
func checkThumb(k int, t *Thumb) {
	if t.Reply < 0 || t.Reply >= k || !(t.Up >= 0 && t.Down >= 0) || math.IsInf(t.Up+t.Down, 1) {
		panic(fmt.Sprintf("core: thumbs must be finite counts of one of %d replies, not %v up and %v down of reply %d", k, t.Up, t.Down, t.Reply))
	}
}

// thumbsRead returns the thumbs that the loss can read.
func (t *Trainer) thumbsRead() []ThumbTally {
	if t.loss.Objective.ReadsThumbs() {
		return t.problem.Thumbs
	}
	return nil
}

// weigh sets the weight of all votes and thumbs together, and the thumbs' marks.
func (t *Trainer) weigh() {
	t.weight = t.problem.Total
	thumbs := t.thumbsRead()
	if len(thumbs) == 0 {
		return
	}
	up, down := t.loss.Objective.Worth()
	t.weight += float64(up*t.problem.Ups) + float64(down*t.problem.Downs)
	for i, c := range thumbs {
		m := mark{arm: t.places[i], up: float64(up*c.Up) / t.weight, dn: float64(down*c.Down) / t.weight}
		if m.up > 0 || m.dn > 0 {
			t.marks = append(t.marks, m)
		}
	}
}

// thumbs adds minus the gradient of a loss of single replies, each vote giving
// its chosen reply a thumb up and its rejected one a thumb down:
//
//	L = Σ_k up_k·χ_good(s_k, z₀) + down_k·χ_bad(s_k, z₀),   Σ_k (up_k + down_k) = 1
//
// It sets t.batchLoss to L and t.z0 to z₀. A reply's thumbs are counted first, so that a step
// costs additions for each pair and exponentials only for each reply.
func (t *Trainer) thumbs(x []float64, duels []duel, marks []mark) {
	e := t.norm
	e.begin(t, x, duels, marks)
	e.count(t, duels, marks)
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

// pushing returns the arms of a prompt whose logits the full-batch gradient
// moves up and down most, and whether it moves any.
func (t *Trainer) pushing(from, to int) (up, down int, ok bool) {
	t.descend(t.duels, t.marks...)
	most, least := 0.0, 0.0
	up, down = from, from
	for i := sort.SearchInts(t.arms, from); i < len(t.arms) && t.arms[i] < to; i++ {
		if g := t.g[i]; g > most {
			most, up = g, t.arms[i]
		} else if g < least {
			least, down = g, t.arms[i]
		}
	}
	clear(t.g)
	return up, down, most > tiniestPush && least < -tiniestPush
}

// count turns the votes' weights into those of thumbs, and adds to them those
// that were given as thumbs.
func (e *normaliser) count(t *Trainer, duels []duel, marks []mark) {
	for i := range duels {
		q := &duels[i]
		na, nb := float64(q.na/2), float64(q.nb/2)
		e.up[q.a] += na
		e.dn[q.b] += na
		e.up[q.b] += nb
		e.dn[q.a] += nb
		e.weight[t.in[q.a]] += q.na + q.nb
	}
	for i := range marks {
		m := &marks[i]
		e.up[m.arm] += m.up
		e.dn[m.arm] += m.dn
		e.weight[t.in[m.arm]] += m.up + m.dn
	}
}

// baseline returns KTO's z₀ of the examples at hand: their mean log-ratio, where
// it is above 0, a vote being two of them; or their mean KL(π‖π_ref), which sums
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
