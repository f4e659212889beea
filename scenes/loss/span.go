package loss

import (
	"math"

	"dpoplayground/core/census"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/chart"
)

// A span is what the axes of the loss view span. It follows the beads: while
// a run goes on it only grows, by round steps, and a run that differs a little
// keeps the span of the one before.
type span struct {
	h               float64 // the axis of h goes from −h to h
	low, high, step float64 // of the loss
	pushLow         float64 // of the push of one vote, −dφ/dh
	pushHigh        float64
	pushStep        float64
	full            float64 // the pull that the longest arrow stands for

	seen seen
}

// seen is the range of what a run has shown.
type seen struct{ low, high, pushLow, pushHigh, most float64 }

// The axis of h reaches at least to leastGap, and beyond all beads by a share of
// it for their arrows; to the next round number.
const (
	leastGap  = 0.45
	arrowRoom = 0.2
)

// fit makes the span hold a census. same tells that it is a later step of the run
// of the last fit.
func (s *span) fit(curve *objective.LossCurve, c *census.Census, same bool) {
	if need := max(leastGap, (1+arrowRoom)*c.Far); need > s.h || !same && gapEnd(1.2*need) < s.h {
		s.h = gapEnd(need)
	}
	now := sightOf(curve, c, s.h)
	if same {
		now = now.with(&s.seen)
	}
	s.seen = now
	if !holds(s.low, s.high, now.low, now.high, same) {
		s.low, s.high, s.step = chart.RoundBounds(now.low, now.high)
	}
	if !holds(s.pushLow, s.pushHigh, now.pushLow, now.pushHigh, same) {
		s.pushLow, s.pushHigh, s.pushStep = chart.RoundBounds(now.pushLow, now.pushHigh)
	}
	if most := now.most; most > s.full || !same && most < 0.35*s.full {
		s.full = axisEnd(max(most, 1e-12))
	}
}

// gapEnd is the least of 1, 2 and 6 times a power of ten that is not below x: few,
// as the axis of h jumps from one to the next while a run plays.
func gapEnd(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range [...]float64{1, 2, 6} {
		if m*power >= x {
			return m * power
		}
	}
	return 10 * power
}

// axisEnd is the least of 1, 1.5, 2, 3, 4, 6 and 8 times a power of ten that is
// not below x: finer than chart.RoundStep, for ends of axes.
func axisEnd(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range [...]float64{1, 1.5, 2, 3, 4, 6, 8} {
		if m*power >= x {
			return m * power
		}
	}
	return 10 * power
}

// holds tells whether an axis from low to high can stay for values in a range.
func holds(low, high, from, to float64, same bool) bool {
	return from >= low && to <= high && high > low && (same || to-from > 0.4*(high-low) && (low >= 0 || from < 0))
}

// sightOf is the range of losses and pushes for h from −reach to reach, and of
// those of the beads.
func sightOf(curve *objective.LossCurve, c *census.Census, reach float64) seen {
	s := seen{most: c.Most}
	for i := range c.Beads {
		b := &c.Beads[i]
		s.include(b.Loss, -b.Slope)
		if curve.Known() { // what it pulled with where the run began
			_, slope := curve.At(0)
			s.most = max(s.most, b.Votes/b.Total*math.Abs(slope))
		}
	}
	if !curve.Known() {
		s.high *= 1.1
		return s
	}
	const parts = 40
	for i := range parts + 1 {
		loss, slope := curve.At(reach * (2*float64(i)/parts - 1))
		s.include(loss, -slope)
	}
	return s
}

// include takes in values that can be drawn. 0 is always there.
func (s *seen) include(loss, push float64) {
	if chart.Legible(loss) {
		s.low, s.high = min(s.low, loss), max(s.high, loss)
	}
	if chart.Legible(push) {
		s.pushLow, s.pushHigh = min(s.pushLow, push), max(s.pushHigh, push)
	}
}

// with returns what either has shown.
func (s seen) with(t *seen) seen {
	return seen{low: min(s.low, t.low), high: max(s.high, t.high), pushLow: min(s.pushLow, t.pushLow),
		pushHigh: max(s.pushHigh, t.pushHigh), most: max(s.most, t.most)}
}
