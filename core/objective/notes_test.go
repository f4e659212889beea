package objective

import (
	"math"
	"testing"
)

// The catalogue says of each loss in a sentence what it asks for. What these
// sentences claim is held to values of the loss itself, by differences and by search.

// minimum returns where a function of one variable is smallest on a grid of [-12, 12].
func minimum(f func(x float64) float64) (at float64) {
	least := math.Inf(1)
	for i := -12_000; i <= 12_000; i++ {
		if x := float64(i) / 1000; f(x) < least {
			least, at = f(x), x
		}
	}
	return at
}

func pairOf(key string, p HyperParams) PairLoss { return Named(key).Pair(p) }

// NCA asks for a log-ratio of (log 2)/β for the chosen reply, whatever the rejected
// one does, and lowers the rejected one.
func TestNoteOfNCA(t *testing.T) {
	for _, beta := range []float64{0.2, 0.5, 1, 3} {
		loss := pairOf("nca_pair", HyperParams{Beta: beta})
		for _, y := range []float64{-3, 0, 2} {
			at := minimum(func(x float64) float64 { v, _, _ := loss(x, y); return v })
			if math.Abs(at-math.Ln2/beta) > 2e-3 {
				t.Errorf("β %v: the chosen reply stops at %v, want %v", beta, at, math.Ln2/beta)
			}
		}
		if at := minimum(func(y float64) float64 { v, _, _ := loss(0.3, y); return v }); at != -12 {
			t.Errorf("β %v: the rejected reply stops at %v", beta, at)
		}
	}
}

// APO-down asks for a low log-ratio of the chosen reply at any gap, and for a large
// gap at any log-ratio of the chosen reply.
func TestNoteOfAPODown(t *testing.T) {
	loss := pairOf("apo_down", HyperParams{Beta: 0.7})
	value := func(x, gap float64) float64 { v, _, _ := loss(x, x-gap); return v }
	for x := -6.0; x <= 6; x += 0.5 {
		for gap := -6.0; gap <= 6; gap += 0.5 {
			if here := value(x, gap); !(value(x-0.1, gap) < here) || !(value(x, gap+0.1) < here) {
				t.Errorf("log-ratio %v, gap %v: neither less nor farther is better", x, gap)
			}
		}
	}
}

// rDPO has no minimum if all labels of its only pair agree, and has one if a few more
// are flipped than ε assumes.
func TestNoteOfRDPO(t *testing.T) {
	const eps = 0.2
	loss := Named("rdpo").Margin(HyperParams{Beta: 1, Epsilon: eps}).Loss
	if !(loss(10) < loss(5)) || !(loss(1000) < loss(100)-10) {
		t.Errorf("on labels that agree the loss does not fall without end: %v, %v", loss(100), loss(1000))
	}
	for _, flipped := range []float64{0.25, 0.4} {
		at := minimum(func(h float64) float64 { return (1-flipped)*loss(h) + flipped*loss(-h) })
		// what is left when flips of rate ε are undone
		clean := (1 - flipped - eps) / (1 - 2*eps)
		if want := math.Log(clean / (1 - clean)); math.Abs(at-want) > 2e-3 {
			t.Errorf("%v flipped: the loss is smallest at %v, want %v", flipped, at, want)
		}
	}
}

// IPO asks for a gap of 1/(2β), SPPO and Cal-DPO for log-ratios of ±1/(2β) (Cal-DPO
// for a little more), the hinge stops at a margin of 1.
func TestNotesOfTargets(t *testing.T) {
	for _, beta := range []float64{0.25, 0.5, 1} {
		if at := minimum(Named("ipo").Margin(HyperParams{Beta: beta}).Loss); math.Abs(at-1/(2*beta)) > 2e-3 {
			t.Errorf("IPO at β %v stops at a gap of %v", beta, at)
		}
		hinge := Named("hinge").Margin(HyperParams{Beta: beta}).Loss
		if hinge(1/beta) != hinge(1/beta+5) || !(hinge(1/beta-0.1) > hinge(1/beta)) {
			t.Errorf("the hinge at β %v does not stop at a margin of 1", beta)
		}
		loss := pairOf("sppo_hard", HyperParams{Beta: beta})
		x := minimum(func(x float64) float64 { v, _, _ := loss(x, 0); return v })
		y := minimum(func(y float64) float64 { v, _, _ := loss(0, y); return v })
		if math.Abs(x-1/(2*beta)) > 2e-3 || math.Abs(y+1/(2*beta)) > 2e-3 {
			t.Errorf("SPPO at β %v asks for log-ratios of %v and %v", beta, x, y)
		}
	}
}

// The gradient of one preference is at most β under DPO, and the loss is convex.
func TestGradientOfOnePreference(t *testing.T) {
	for _, beta := range []float64{0.1, 1, 5} {
		loss, before := Named("dpo").Margin(HyperParams{Beta: beta}).Loss, math.Inf(-1)
		for h := -40.0; h < 40; h += 0.5 {
			slope := (loss(h+1e-4) - loss(h-1e-4)) / 2e-4
			if math.Abs(slope) > beta*(1+1e-6) || slope < before-1e-6 {
				t.Errorf("β %v: at a gap of %v the slope is %v, and %v before", beta, h, slope, before)
			}
			before = slope
		}
	}
}
