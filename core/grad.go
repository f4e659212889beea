package core

// A way is how the gradient of a loss is computed. What tells them apart is
// what the loss of one step needs to see.
type way int

// The ways. The first two never look at a normaliser: sent through it, the
// gradient of a margin would leave rounding noise on logits that nothing moves,
// which Adam would make visible.
const (
	byLogistic way = iota // margins, each vote's loss logistic: see climb
	byMargin              // margins, any loss
	byOrder               // margins that are sorted first
	byPair                // log π of both replies
	byParts               // the same, in parts
	byThumb               // log π of one reply at a time
	byRank                // log π, sorted first
)

// choose picks the way and the arms that go with it.
func (t *Trainer) choose() {
	t.flip, t.gain = 0, 1
	length, one := oneLength(t.problem.Tokens)
	o := t.loss.Objective
	switch {
	case o.Sorted == SortMargins:
		t.way = byOrder
	case o.Sorted == SortReplies:
		t.way = byRank
	case o.Reply != nil:
		t.way = byThumb
	case !o.ByMargin(one):
		if t.way = byPair; t.loss.Parts != nil {
			t.way = byParts
		}
	case t.loss.Margin.Logistic && t.loss.Margin.Shift == 0:
		t.way, t.flip = byLogistic, t.loss.Margin.Other
	default:
		t.way = byMargin
	}
	if t.way <= byMargin && o.Lengths {
		t.gain = 1 / length
	}
	if t.way <= byOrder {
		t.roster = comparedArms(t.problem)
	} else {
		t.roster = votedPrompts(t.problem, t.thumbsRead())
	}
}

// descend adds minus the gradient of the mean loss of weighted votes and thumbs
// to t.g. The weights are those of newDuel and weigh; of thumbs there are none
// where the loss cannot read them.
func (t *Trainer) descend(duels []duel, marks ...mark) {
	x := t.seen()
	switch t.way {
	case byLogistic:
		climb(x, t.g, duels, t.beta())
	case byMargin:
		t.loss.Margin.push(x, t.g, duels, t.gain)
	case byOrder:
		t.sorter.margins(t, duels)
	case byPair:
		t.pairs(x, duels, marks)
	case byParts:
		t.divide(x, duels, marks)
	case byThumb:
		t.thumbs(x, duels, marks)
	case byRank:
		t.sorter.replies(t, x, duels)
	}
}

// seen returns the logits as the loss sees them, but for the normaliser: less
// log π_ref where it has a reference, as they are where not.
func (t *Trainer) seen() []float64 {
	if t.shift == nil {
		return t.d
	}
	for i, d := range t.d {
		t.x[i] = d - t.shift[i]
	}
	return t.x
}

// push adds minus the gradient of a loss φ of margins, per token of the one
// length 1/gain:
//
//	m = gain·(x[a] − x[b]),   f = −na·φ′(m) + nb·φ′(−m),   g[a] += gain·f,   g[b] −= gain·f
func (l *MarginLoss) push(x, g []float64, duels []duel, gain float64) {
	if l.Push != nil {
		l.Push(x, g, duels, gain)
		return
	}
	for i := range duels {
		q := &duels[i]
		m, f := gain*(x[q.a]-x[q.b]), 0.0
		if q.na != 0 {
			f -= float64(q.na * l.Slope(m))
		}
		if q.nb != 0 {
			f += float64(q.nb * l.Slope(-m))
		}
		f = float64(f * gain)
		g[q.a] += f
		g[q.b] -= f
	}
}
