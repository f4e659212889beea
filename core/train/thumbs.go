package train

import (
	"sort"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// A mark is the thumbs of one reply as the training step needs them: where the
// reply stands among the roster's arms, and its thumbs' weights, which with those
// of all votes sum to 1.
type mark struct {
	arm    uint32
	up, dn float64
}

// ThumbsRead returns the thumbs that the loss can read.
func (t *Trainer) ThumbsRead() []data.ThumbTally {
	if t.loss.Objective.ReadsThumbs() {
		return t.Problem.Thumbs
	}
	return nil
}

// weighVotes sets the weight of all votes and thumbs together, and the thumbs' marks.
func (t *Trainer) weighVotes() {
	t.Weight = t.Problem.Total
	thumbs := t.ThumbsRead()
	if len(thumbs) == 0 {
		return
	}
	up, down := t.loss.Objective.Worth()
	t.Weight += float64(up*t.Problem.Ups) + float64(down*t.Problem.Downs)
	for i, c := range thumbs {
		m := mark{arm: t.places[i], up: float64(up*c.Up) / t.Weight, dn: float64(down*c.Down) / t.Weight}
		if m.up > 0 || m.dn > 0 {
			t.ThumbMarks = append(t.ThumbMarks, m)
		}
	}
}

// addReplies adds minus the gradient of a loss of single replies, each vote giving
// its chosen reply a thumb up and its rejected one a thumb down:
//
//	L = Σ_k up_k·χ_good(s_k, z₀) + down_k·χ_bad(s_k, z₀),   Σ_k (up_k + down_k) = 1
//
// It sets t.batchLoss to L and t.Z0 to z₀. A reply's thumbs are counted first, so that a step
// costs additions for each pair and exponentials only for each reply.
func (t *Trainer) addReplies(x []float64, duels []objective.Duel, marks []mark) {
	e := t.norm
	e.readPrompts(t, x, duels, marks)
	count := e.count(t, duels, marks, 0.5)
	t.Z0 = 0
	if t.loss.Objective.Baseline {
		t.Z0 = e.baseline(t, count)
	}
	t.batchLoss = 0
	for _, k := range count.arms {
		if up := count.up[k]; up != 0 {
			t.addThumbs(k, up, t.loss.Reply.Good)
		}
		if down := count.down[k]; down != 0 {
			t.addThumbs(k, down, t.loss.Reply.Bad)
		}
	}
	e.subtractMeans(t)
}

// Pushing returns the arms of a prompt whose logits the full-batch gradient
// moves up and down most, and whether it moves any.
func (t *Trainer) Pushing(from, to int) (up, down int, ok bool) {
	t.Descend(t.Duels, t.ThumbMarks...)
	most, least := 0.0, 0.0
	up, down = from, from
	for i := sort.SearchInts(t.Arms, from); i < len(t.Arms) && t.Arms[i] < to; i++ {
		if g := t.G[i]; g > most {
			most, up = g, t.Arms[i]
		} else if g < least {
			least, down = g, t.Arms[i]
		}
	}
	clear(t.G)
	return up, down, most > TiniestPush && least < -TiniestPush
}

// A thumbCount counts the votes and thumbs at hand by reply.
type thumbCount struct {
	arms     []uint32  // which got any
	up, down []float64 // weight of what is for and against each arm
	all      []float64 // weight of all that each block got
}

// count counts the votes and thumbs that readPrompts has seen, a vote as so much for
// either reply. The full batch is counted but once.
func (e *normaliser) count(t *Trainer, duels []objective.Duel, marks []mark, share float64) *thumbCount {
	c, full := &e.hand, t.isFull(duels, marks)
	switch {
	case full && e.all != nil:
		return e.all
	case full:
		e.all = new(thumbCount)
		c = e.all
	}
	if c.up == nil {
		c.up, c.down, c.all = make([]float64, len(t.Arms)), make([]float64, len(t.Arms)), make([]float64, len(t.Blocks))
	}
	c.clear(t)
	for i := range duels {
		q := &duels[i]
		na, nb := float64(share*q.Na), float64(share*q.Nb)
		c.up[q.A] += na
		c.down[q.B] += na
		c.up[q.B] += nb
		c.down[q.A] += nb
		c.all[t.in[q.A]] += q.Na + q.Nb
	}
	for i := range marks {
		m := &marks[i]
		c.up[m.arm] += m.up
		c.down[m.arm] += m.dn
		c.all[t.in[m.arm]] += m.up + m.dn
	}
	for _, b := range e.opened {
		for k := t.Blocks[b].From; k < t.Blocks[b].To; k++ {
			if c.up[k] != 0 || c.down[k] != 0 {
				c.arms = append(c.arms, k)
			}
		}
	}
	return c
}

func (c *thumbCount) clear(t *Trainer) {
	for _, k := range c.arms {
		c.up[k], c.down[k], c.all[t.in[k]] = 0, 0, 0
	}
	c.arms = c.arms[:0]
}

// baseline returns KTO's z₀ of the examples at hand: their mean log-ratio, where
// it is above 0, a vote being two of them; or their mean KL(π‖π_ref), which sums
// in the same way.
func (e *normaliser) baseline(t *Trainer, count *thumbCount) float64 {
	mean := 0.0
	if !t.Cfg.ExactBaseline {
		for _, k := range count.arms {
			mean += float64((count.up[k] + count.down[k]) * e.score[k])
		}
		return objective.KTOBaseline(mean)
	}
	for _, b := range e.opened {
		for k := t.Blocks[b].From; k < t.Blocks[b].To; k++ {
			if w := float64(count.all[b] * e.pi[k]); w != 0 {
				mean += float64(w * e.score[k])
			}
		}
	}
	return objective.KTOBaseline(mean)
}

// addThumbs adds the part of one reply's thumbs of one kind.
func (t *Trainer) addThumbs(arm uint32, weight float64, f func(score, baseline float64) (loss, slope float64)) {
	e := t.norm
	loss, slope := f(e.score[arm], t.Z0)
	c := float64(weight * e.perToken(arm, slope))
	t.batchLoss += float64(weight * loss)
	t.G[arm] -= c
	e.total[t.in[arm]] += c
}
