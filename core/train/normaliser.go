package train

import (
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

// A normaliser holds what losses of log π need: the policy of every prompt that has
// votes. Its gradient takes two steps. With c_k = ∂L/∂log π_k,
//
//	∂L/∂z_k = c_k − π_k Σ_j c_j
//
// over the replies j to the same prompt. Where parts of c cancel for certain,
// they are left out of the sum, so that rounding cannot make them move others.
type normaliser struct {
	logRef []float64 // of the roster's arms
	tokens []float64 // nil where the loss is not per token or all are 1
	pi     []float64
	score  []float64 // s of each arm, of the prompts at hand
	total  []float64 // Σ c of each block that does not cancel
	open   []bool    // whether a block's prompt is at hand
	opened []uint32  // the blocks at hand

	all  *thumbCount // of the full batch, once it was counted
	hand thumbCount  // of the last minibatch
}

func newNormaliser(t *Trainer) *normaliser {
	n, blocks := len(t.Arms), len(t.Blocks)
	e := &normaliser{logRef: make([]float64, n), pi: make([]float64, n), score: make([]float64, n),
		total: make([]float64, blocks), open: make([]bool, blocks), opened: make([]uint32, 0, blocks)}
	for i, k := range t.Arms {
		e.logRef[i] = t.Problem.LogRef[k]
	}
	if t.loss.Objective.Lengths && t.Problem.Tokens != nil {
		e.tokens = make([]float64, n)
		for i, k := range t.Arms {
			e.tokens[i] = t.Problem.Tokens[k]
		}
	}
	return e
}

// begin computes policy and scores of the prompts that the votes and thumbs are
// about. x is what scoredLogits returns.
func (e *normaliser) readPrompts(t *Trainer, x []float64, duels []objective.Duel, marks []mark) {
	e.opened = e.opened[:0]
	if t.isFull(duels, marks) {
		for b := range t.Blocks {
			e.opened = append(e.opened, uint32(b))
			e.normalise(t.d, x, t.Blocks[b])
		}
		return
	}
	for i := range duels {
		e.readPrompt(t, x, t.in[duels[i].A])
	}
	for i := range marks {
		e.readPrompt(t, x, t.in[marks[i].arm])
	}
}

func (e *normaliser) readPrompt(t *Trainer, x []float64, b uint32) {
	if !e.open[b] {
		e.open[b] = true
		e.opened = append(e.opened, b)
		e.normalise(t.d, x, t.Blocks[b])
	}
}

// isFull tells that the votes and thumbs are all there are.
func (t *Trainer) isFull(duels []objective.Duel, marks []mark) bool {
	return len(duels) == len(t.Duels) && len(marks) == len(t.ThumbMarks) &&
		(len(duels) == 0 || &duels[0] == &t.Duels[0]) && (len(marks) == 0 || &marks[0] == &t.ThumbMarks[0])
}

// normalise sets π = softmax(log π_ref + d) and s = (x − log Z)/tokens.
func (e *normaliser) normalise(d, x []float64, b block) {
	pi, top := e.pi[b.From:b.To], 0.0
	for i := range pi {
		k := int(b.From) + i
		pi[i] = e.logRef[k] + d[k]
		if i == 0 || pi[i] > top {
			top = pi[i]
		}
	}
	sum := num.ExpSum(pi, pi, top)
	logZ := top + num.Log(sum)
	for i := range pi {
		k := int(b.From) + i
		pi[i] /= sum
		e.score[k] = x[k] - logZ
		if e.tokens != nil {
			e.score[k] /= e.tokens[k]
		}
	}
}

// perToken returns what a slope in a score comes to in log π.
func (e *normaliser) perToken(arm uint32, slope float64) float64 {
	if e.tokens != nil {
		return slope / e.tokens[arm]
	}
	return slope
}

// finish sends the sums of c through the normalisers of the prompts at hand.
func (e *normaliser) subtractMeans(t *Trainer) {
	for _, b := range e.opened {
		if total := e.total[b]; total != 0 {
			for k := t.Blocks[b].From; k < t.Blocks[b].To; k++ {
				t.G[k] += float64(e.pi[k] * total)
			}
		}
		e.total[b], e.open[b] = 0, false
	}
}

// addPairs adds minus the gradient of a loss of both replies' scores.
func (t *Trainer) addPairs(x []float64, duels []objective.Duel, marks []mark) {
	t.norm.readPrompts(t, x, duels, marks)
	t.eachPair(duels, marks)
	t.norm.subtractMeans(t)
}

func (t *Trainer) eachPair(duels []objective.Duel, marks []mark) {
	for i := range duels {
		q := &duels[i]
		if q.Na != 0 {
			t.addPair(q.A, q.B, q.Na)
		}
		if q.Nb != 0 {
			t.addPair(q.B, q.A, q.Nb)
		}
	}
	for i := range marks {
		t.addThumbsUp(&marks[i])
	}
}

// addThumbsUp adds the part of thumbs up of a loss that reads the chosen reply alone.
func (t *Trainer) addThumbsUp(m *mark) {
	e := t.norm
	_, slope, _ := t.loss.Pair(e.score[m.arm], 0)
	c := float64(m.up * e.perToken(m.arm, slope))
	t.G[m.arm] -= c
	e.total[t.in[m.arm]] += c
}

// addPair adds the part of votes of one weight for the chosen over the rejected.
func (t *Trainer) addPair(chosen, rejected uint32, weight float64) {
	e := t.norm
	var dc, dr float64
	if t.loss.Margin.Slope != nil {
		dc = t.loss.Margin.Slope(e.score[chosen] - e.score[rejected])
		dr = -dc
	} else {
		_, dc, dr = t.loss.Pair(e.score[chosen], e.score[rejected])
	}
	dc = float64(weight * e.perToken(chosen, dc))
	dr = float64(weight * e.perToken(rejected, dr))
	t.G[chosen] -= dc
	t.G[rejected] -= dr
	e.total[t.in[chosen]] += dc + dr
}
