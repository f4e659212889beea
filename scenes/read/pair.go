package read

import (
	"math"

	"dpoplayground/core"
)

// WorkedPair returns the pair being worked: the user's, or else the one with the
// clearest votes.
func WorkedPair(l *core.Lab) [2]int {
	if v := l.Experiment.View.Pair; v[0] != v[1] && max(v[0], v[1]) < l.Arms() {
		return v
	}
	from, _ := l.Problem.Range(l.Prompt())
	best, pair := -1.0, [2]int{0, min(1, l.Arms()-1)}
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		if d := math.Abs(t.ForA - t.ForB); d > best {
			best, pair = d, [2]int{t.A - from, t.B - from}
			if t.ForB > t.ForA {
				pair[0], pair[1] = pair[1], pair[0]
			}
		}
	}
	return pair
}
