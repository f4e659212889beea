package read

import (
	"math"
	"slices"
	"strconv"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/scenes/words"
)

// MostShown is how many bars a picture shows, the rest counting as one.
const MostShown = 12

// A Shown is the choice of replies that a picture shows. Where there are more
// than MostShown, it is those that moved most, and one bar for the rest.
type Shown struct {
	Arms []int // replies of the shown prompt, in their order
	Rest int   // how many replies are not among them
}

// Choose picks the replies for what a lab stands at: those whose probability
// differs most from the reference's, or at the reference those that are headed
// furthest. It tells whether the choice changed.
func (v *Shown) Choose(l *core.Lab) (changed bool) {
	n := l.Arms()
	arms := make([]int, 0, MostShown)
	if n <= MostShown {
		for k := 0; k < n; k++ {
			arms = append(arms, k)
		}
	} else {
		arms = mostMoved(l)
	}
	changed = n-len(arms) != v.Rest || len(arms) != len(v.Arms)
	for i := range arms {
		changed = changed || arms[i] != v.Arms[i]
	}
	v.Arms, v.Rest = arms, n-len(arms)
	return changed
}

func mostMoved(l *core.Lab) []int {
	moved := make([]float64, l.Arms())
	policy, reference := l.Policy(), l.Reference()
	for k := range moved {
		ref := math.Exp(reference[k])
		moved[k] = math.Abs(math.Exp(policy[k]) - ref)
		if l.HasOptimum() {
			// A thousandth of the way still to go: it decides only near the start.
			moved[k] += 1e-3 * math.Abs(math.Exp(l.Optimum.LogPi[k])-ref)
		}
	}
	arms := num.Top(moved, MostShown-1)
	slices.Sort(arms)
	return arms
}

// Reduce writes one value a bar to dst: the logits, or log-probabilities, of
// the replies shown, and the log of the sum of e to the rest's.
func (v *Shown) Reduce(dst, logits []float64) []float64 {
	dst = dst[:0]
	for _, k := range v.Arms {
		dst = append(dst, logits[k])
	}
	if v.Rest > 0 {
		dst = append(dst, v.rest(logits))
	}
	return dst
}

func (v *Shown) rest(logits []float64) float64 {
	top := math.Inf(-1)
	v.each(func(k int) { top = math.Max(top, logits[k]) }, len(logits))
	if math.IsInf(top, -1) {
		return top
	}
	sum := 0.0
	v.each(func(k int) { sum += num.Exp(logits[k] - top) }, len(logits))
	return top + num.Log(sum)
}

// each calls f with every reply that is not shown.
func (v *Shown) each(f func(k int), n int) {
	i := 0
	for k := 0; k < n; k++ {
		if i < len(v.Arms) && v.Arms[i] == k {
			i++
			continue
		}
		f(k)
	}
}

// Bar returns the bar that shows a reply.
func (v *Shown) Bar(reply int) int {
	if i, is := slices.BinarySearch(v.Arms, reply); is {
		return i
	}
	if v.Rest > 0 {
		return len(v.Arms)
	}
	return -1
}

// BarLength is the number of characters of a reply in the name of its bar.
const BarLength = 28

// Name returns the quoted name of a bar.
func (v *Shown) Name(l *core.Lab, bar int, w words.Words) string {
	if bar >= len(v.Arms) {
		return w.Say(w.Form("said.rest", v.Rest), "n", strconv.Itoa(v.Rest))
	}
	return w.Say("said.quote", "text", Cut(Told(l.Problem.Prompts[l.Prompt()].Replies, v.Arms[bar]), BarLength))
}

// Shares appends the probabilities of the replies that are shown, and of the
// rest together.
func (v *Shown) Shares(dst, logPi []float64) []float64 {
	rest := 1.0
	for _, k := range v.Arms {
		p := num.Exp(logPi[k])
		rest -= p
		dst = append(dst, p)
	}
	if v.Rest > 0 {
		dst = append(dst, max(0, rest))
	}
	return dst
}
