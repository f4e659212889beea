package objective

import "math"

// A LossCurve is the loss of one vote as a function of h alone, the gap between
// the log-ratio of the chosen reply and that of the rejected one:
//
//	φ(m),   m = h/tokens
//
// Only losses of margins have one; see Loss.Curve. The zero LossCurve is none.
type LossCurve struct {
	loss *Loss
	gain float64 // m/h
}

// Curve returns the loss as a function of h for replies that all have one length
// in tokens. Where the loss has no reference, its margin is a gap of log π, and
// that is h only where the reference is uniform. ok is false where votes of the
// same h may differ in loss.
func (l *Loss) Curve(tokens float64, uniform bool) (c LossCurve, ok bool) {
	o := l.Objective
	if o.Margin == nil || o.Sorted != Unsorted || !o.Reference && !uniform {
		return c, false
	}
	return LossCurve{l, o.ScoreSlope(tokens)}, true
}

// Known tells that there is a curve.
func (c *LossCurve) Known() bool { return c.loss != nil }

// Loss returns the loss that this is the curve of.
func (c *LossCurve) Loss() *Loss { return c.loss }

// At returns φ and dφ/dh.
func (c *LossCurve) At(h float64) (loss, slope float64) {
	m := float64(c.gain * h)
	return c.loss.Margin.Loss(m), c.gain * c.loss.Margin.Slope(m)
}

// Unit returns the gap at which βm is 1.
func (c *LossCurve) Unit() float64 { return 1 / (c.gain * c.loss.Params.Beta) }

// Fall returns by how much the loss falls from −Unit to Unit.
func (c *LossCurve) Fall() float64 {
	u := c.Unit()
	left, _ := c.At(-u)
	right, _ := c.At(u)
	return left - right
}

// pull returns how hard votes for an order and votes for the other pull its h up
// together, −for·φ′(h) + against·φ′(−h), and the sum of both sizes.
func (c *LossCurve) pull(votesFor, votesAgainst, h float64) (pull, size float64) {
	if votesFor != 0 {
		_, slope := c.At(h)
		pull, size = -votesFor*slope, math.Abs(votesFor*slope)
	}
	if votesAgainst != 0 {
		_, slope := c.At(-h)
		pull, size = pull+votesAgainst*slope, size+math.Abs(votesAgainst*slope)
	}
	return pull, size
}

// furthestBalance is the u beyond which no balance is looked for: votes for and
// against at odds of e^500 balance there under DPO.
const furthestBalance = 500

// Balance returns where h would come to rest if the pair were alone, going down
// from a start: where the votes for and against it pull alike, or where neither
// pulls. ok is false where they pull for ever. For DPO it is log(for/against)/β.
func (c *LossCurve) Balance(votesFor, votesAgainst, start float64) (h float64, ok bool) {
	pull, size := c.pull(votesFor, votesAgainst, start)
	if pull == 0 || size > math.MaxFloat64 {
		return start, pull == 0
	}
	way, step := math.Copysign(1, pull), 0.01*c.Unit()
	onward := func(h float64) bool { pull, _ := c.pull(votesFor, votesAgainst, h); return pull*way > 0 }
	near, far := start, start
	for onward(far) {
		if near, far = far, far+way*step; math.Abs(far) > furthestBalance*c.Unit() {
			return 0, false
		}
		step *= 1.05
	}
	for range 100 {
		if middle := near + (far-near)/2; onward(middle) {
			near = middle
		} else {
			far = middle
		}
	}
	// Pulls that only fade into each other's rounding do not balance.
	pull, size = c.pull(votesFor, votesAgainst, far+way*c.Unit())
	return far, pull*way <= -1e-9*size
}

// CurvedKeys are the objectives whose loss is a function of h alone whatever the
// replies are, in the order in which they are met.
func CurvedKeys() []string {
	var keys []string
	for i := range table {
		if o := &table[i]; o.Margin != nil && o.Reference && !o.Lengths && o.Sorted == Unsorted {
			keys = append(keys, o.Key)
		}
	}
	return keys
}

// AtBeta returns the same loss's curve at another β.
func (c *LossCurve) AtBeta(beta float64) LossCurve {
	p := c.loss.Params
	p.Beta = beta
	return LossCurve{c.loss.Objective.With(p), c.gain}
}
