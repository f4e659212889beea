package train

import (
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// A way is how the gradient of a loss is computed. What tells them apart is
// what the loss of one step needs to see.
type way int

// The ways. The first two never look at a normaliser: sent through it, the
// gradient of a margin would leave rounding noise on logits that nothing moves,
// which Adam would make visible.
const (
	ByLogistic way = iota // margins, each vote's loss logistic: see objective.PushLogistic
	ByMargin              // margins, any loss
	byOrder               // margins that are sorted first
	byPair                // log π of both replies
	byParts               // the same, in parts
	byThumb               // log π of one reply at a time
	byRank                // log π, sorted first
)

// chooseWay picks the way and the arms that go with it.
func (t *Trainer) chooseWay() {
	t.Flip, t.gain = 0, 1
	length, one := data.OneLength(t.Problem.Tokens)
	o := t.loss.Objective
	switch {
	case o.Sorted == objective.SortMargins:
		t.Way = byOrder
	case o.Sorted == objective.SortReplies:
		t.Way = byRank
	case o.Reply != nil:
		t.Way = byThumb
	case !o.ByMargin(one):
		if t.Way = byPair; t.loss.Parts != nil {
			t.Way = byParts
		}
	case t.loss.Margin.Logistic && t.loss.Margin.Shift == 0:
		t.Way, t.Flip = ByLogistic, t.loss.Margin.Other
	default:
		t.Way = ByMargin
	}
	if t.Way <= ByMargin && o.Lengths {
		t.gain = 1 / length
	}
	if t.Way <= byOrder {
		t.roster = comparedArms(t.Problem)
	} else {
		t.roster = votedPrompts(t.Problem, t.ThumbsRead())
	}
}

// Descend adds minus the gradient of the mean loss of weighted votes and thumbs
// to t.G. The weights are those of newDuel and weighVotes; of thumbs there are none
// where the loss cannot read them.
func (t *Trainer) Descend(duels []objective.Duel, marks ...mark) {
	x := t.scoredLogits()
	switch t.Way {
	case ByLogistic:
		objective.PushLogistic(x, t.G, duels, t.Beta())
	case ByMargin:
		t.loss.Margin.PushPair(x, t.G, duels, t.gain)
	case byOrder:
		t.sorter.margins(t, duels)
	case byPair:
		t.addPairs(x, duels, marks)
	case byParts:
		t.addParts(x, duels, marks)
	case byThumb:
		t.addReplies(x, duels, marks)
	case byRank:
		t.sorter.replies(t, x, duels)
	}
}

// scoredLogits returns the logits as the loss sees them, but for the normaliser: less
// log π_ref where it has a reference, as they are where not.
func (t *Trainer) scoredLogits() []float64 {
	if t.shift == nil {
		return t.d
	}
	for i, d := range t.d {
		t.x[i] = d - t.shift[i]
	}
	return t.x
}
