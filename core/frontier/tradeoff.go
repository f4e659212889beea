package frontier

import (
	"math"
	"sort"

	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
)

// A Tradeoff is a curve of policies from the reference on: for every β from ∞
// to 0 the one that
//
//	max_π E_π[s] − β KL(π‖π_ref),   π(y) = π_ref(y) exp(s(y)/β) / Z
//
// leads to, with the divergence it costs and the reward it has, by a reward r
// that may be another than the scores s. Where r is s it is the frontier: no
// policy has more of it at the same divergence, and the slope dE[r]/dKL is β.
//
// The curve is traced a slice at a time, closer where it bends. Steps of one length
// in log β would all have to be short: where only replies of probability p in the
// reference score high, most of the way takes 4/log(1/p) of log β.
//
//	c.Reset(logRef, scores, reward, LeashInReward)
//	for !c.Work(WorkBudget) { /* let the page breathe */ }
type Tradeoff struct {
	// Points are in the order of falling β, so that KL never falls. The first
	// has β = ∞: the reference, or as much of it as scores above −Inf leave. The
	// last has β = 0: the reference on the replies with the greatest score.
	Points []TradeoffPoint

	logRef, scores, reward []float64
	leash                  rlhf.Leash
	top                    float64 // the greatest score
	scale                  [3]float64
	todo                   []leg
	tilt                   scores.Tilt
}

// A TradeoffPoint is the policy of one β.
type TradeoffPoint struct {
	Beta   float64
	KL     float64 // KL(π‖π_ref), nats
	Reward float64 // E_π[r]
	score  float64 // E_π[s]
}

// A leg is a piece of the curve that is still to be looked at. A KL of NaN is of
// a point that has not been worked out.
type leg struct {
	from, to TradeoffPoint
	depth    int
}

// How closely a curve is traced: the size of the whole is 1 each way.
const (
	traceLegs   = 12
	traceDepth  = 9
	traceWithin = 1.0 / 3000 // of the chord
	traceApart  = 1.0 / 24   // points at most
)

// Reset begins another curve. logRef, scores and reward have one entry a reply
// and are copied. A score may be −Inf: its reply is never said. For a leash that
// is a loss, where π is that of Tilt.SetForward, all must be finite. Reset
// panics if every score is −Inf or if one is NaN.
func (c *Tradeoff) Reset(logRef, scores, reward []float64, leash rlhf.Leash) {
	c.logRef = append(c.logRef[:0], logRef...)
	c.scores = append(c.scores[:0], scores...)
	c.reward = append(c.reward[:0], reward...)
	c.leash, c.Points, c.todo = leash, c.Points[:0], c.todo[:0]
	next, spread := c.survey()
	start, end := c.At(math.Inf(1)), c.At(0)
	c.scale = [3]float64{end.KL - start.KL, width(c.reward), width(c.scores)}
	c.Points = append(c.Points, start)
	if spread == 0 {
		return
	}
	// At β = 1000·spread the policy is the reference to a few millionths, and
	// at a fortieth of the gap below the best score it is the best alone.
	high, low := num.Log(1000*spread), num.Log(next/40)
	if leash == rlhf.LeashK3Loss {
		low = num.Log(next) - 14 // it approaches the best only as β
	}
	at := func(i int) TradeoffPoint {
		return TradeoffPoint{Beta: num.Exp(high + (low-high)*float64(i)/traceLegs), KL: math.NaN()}
	}
	c.todo = append(c.todo, leg{from: at(traceLegs), to: end})
	for i := traceLegs; i > 0; i-- {
		c.todo = append(c.todo, leg{from: at(i - 1), to: at(i)})
	}
	first := &c.todo[len(c.todo)-1]
	first.from = c.At(first.from.Beta)
	c.Points = append(c.Points, first.from)
}

// survey finds the greatest score, the gap from it to the next, and the spread
// of all that are finite.
func (c *Tradeoff) survey() (next, spread float64) {
	c.top = math.Inf(-1)
	for _, s := range c.scores {
		c.top = math.Max(c.top, s)
	}
	if math.IsInf(c.top, 0) || math.IsNaN(c.top) {
		panic("core: a tradeoff needs a finite score")
	}
	next = math.Inf(1)
	for _, s := range c.scores {
		if gap := c.top - s; gap > 0 && !math.IsInf(gap, 1) {
			next, spread = math.Min(next, gap), math.Max(spread, gap)
		}
	}
	return next, spread
}

// width is the difference of the greatest and the least finite value, or 1 if
// that is 0.
func width(x []float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range x {
		if !math.IsInf(v, 0) {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	if high > low {
		return high - low
	}
	return 1
}

// Work goes on for about ops units (see WorkBudget) and tells whether the curve
// is whole.
func (c *Tradeoff) Work(ops int) bool {
	for len(c.todo) > 0 && ops > 0 {
		c.traceLeg()
		ops -= 1 + 2*len(c.scores)
	}
	return len(c.todo) == 0
}

// look takes up the next leg: it is cut in two, or its end is the curve's
// next point.
func (c *Tradeoff) traceLeg() {
	last := len(c.todo) - 1
	s := c.todo[last]
	if math.IsNaN(s.to.KL) {
		s.to = c.At(s.to.Beta)
		c.todo[last], c.todo[last-1].from = s, s.to
		return
	}
	c.todo = c.todo[:last]
	if s.to.Beta == 0 {
		c.Points = append(c.Points, s.to)
		return
	}
	middle := c.At(math.Sqrt(s.from.Beta * s.to.Beta))
	if s.depth < traceDepth && c.coarse(&s, &middle) {
		c.todo = append(c.todo, leg{middle, s.to, s.depth + 1}, leg{s.from, middle, s.depth + 1})
		return
	}
	c.Points = append(c.Points, middle, s.to)
}

// coarse tells that a leg is too long, or bends too much, to stand for the
// curve with its middle alone.
func (c *Tradeoff) coarse(s *leg, middle *TradeoffPoint) bool {
	a, m, b := c.scaledPoint(&s.from), c.scaledPoint(middle), c.scaledPoint(&s.to)
	for _, y := range [2]int{1, 2} {
		dx, dy := b[0]-a[0], b[y]-a[y]
		length := math.Hypot(dx, dy)
		off := math.Abs((m[0]-a[0])*dy - (m[y]-a[y])*dx)
		if length > 2*traceApart || off > traceWithin*length {
			return true
		}
	}
	return false
}

// scaledPoint is a point counted in the size of the whole.
func (c *Tradeoff) scaledPoint(p *TradeoffPoint) [3]float64 {
	x := [3]float64{p.KL, p.Reward, p.score}
	for i, scale := range c.scale {
		if scale > 0 {
			x[i] /= scale
		}
	}
	return x
}

// At returns the point of one β, from 0 to +Inf.
func (c *Tradeoff) At(beta float64) TradeoffPoint {
	if c.leash == rlhf.LeashK3Loss && beta > 0 && !math.IsInf(beta, 1) {
		c.tilt.SetForward(c.logRef, c.scores, beta)
		return TradeoffPoint{beta, c.tilt.KL, num.Expect(c.tilt.LogPi, c.reward), c.tilt.Expected}
	}
	sum, gap, reward, all := 0.0, 0.0, 0.0, true // Σ e^x, Σ e^x·(top − s), Σ e^x·r
	for k, s := range c.scores {
		below := c.top - s
		x := c.logRef[k]
		switch {
		case beta > 0 && !math.IsInf(below, 1):
			x -= below / beta // 0 at β = ∞
		case below > 0:
			all = false
			continue
		}
		w := num.Exp(x)
		sum += w
		gap += float64(w * below)
		reward += float64(w * c.reward[k])
	}
	p := TradeoffPoint{Beta: beta, Reward: reward / sum, score: c.top - gap/sum}
	if math.IsInf(beta, 1) && all {
		return p
	}
	if beta > 0 {
		p.KL = -gap / sum / beta
	}
	p.KL = math.Max(0, p.KL-num.Log(sum)) // rounding takes it below
	return p
}

// Most returns the greatest reward that is had within a divergence, where the
// curve is a frontier: its reward is its scores. Beyond the end it is the reward
// there; NaN below the beginning, and while the curve is being traced.
func (c *Tradeoff) Most(kl float64) float64 {
	n := len(c.Points)
	if n == 0 || len(c.todo) > 0 || !(kl >= c.Points[0].KL) {
		return math.NaN()
	}
	i := sort.Search(n, func(i int) bool { return c.Points[i].KL > kl })
	if i == n {
		return c.Points[n-1].Reward
	}
	a, b := c.Points[i-1], c.Points[i]
	for range bisections {
		if len(c.scores) > tooMany || a.KL == kl || math.IsInf(a.Beta, 1) || b.Beta == 0 {
			break
		}
		if m := c.At(math.Sqrt(a.Beta * b.Beta)); m.KL > kl {
			b = m
		} else {
			a = m
		}
	}
	return c.between(&a, &b, kl)
}

// bisections are made between two points of a curve to come nearer, unless there
// are too many replies for more than a look at each: the answer is then to within
// 1e-4 of the range of r.
const (
	bisections = 5
	tooMany    = 4096
)

// between reads the reward between two points, by the slopes there. They are
// those over √KL, as over KL the slope is infinite at the reference.
func (c *Tradeoff) between(a, b *TradeoffPoint, kl float64) float64 {
	qa, qb := math.Sqrt(a.KL), math.Sqrt(b.KL)
	t := (math.Sqrt(kl) - qa) / (qb - qa)
	if !(t > 0) {
		return a.Reward
	}
	from, to := c.rootSlope(a)*(qb-qa), c.rootSlope(b)*(qb-qa)
	rise, u := b.Reward-a.Reward, 1-t
	return a.Reward + t*t*(3-2*t)*rise + t*u*u*from - t*t*u*to
}

// peak returns the point with the greatest reward of a whole curve, and how much
// of that is lost where the curve ends: more than 0 where rewards and scores
// fall out.
func (c *Tradeoff) peak() (best TradeoffPoint, lost float64) {
	at, last := 0, len(c.Points)-1
	for i := range c.Points {
		if c.Points[i].Reward > c.Points[at].Reward {
			at = i
		}
	}
	best = c.Points[at]
	if at > 0 && at < last && len(c.scores) <= tooMany && !math.IsInf(c.Points[at-1].Beta, 1) && c.Points[at+1].Beta > 0 {
		low, high := num.Log(c.Points[at+1].Beta), num.Log(c.Points[at-1].Beta)
		for range 24 { // a third off at each turn
			a, b := c.At(num.Exp(low+(high-low)/3)), c.At(num.Exp(high-(high-low)/3))
			if a.Reward > b.Reward {
				high = num.Log(b.Beta)
			} else {
				low = num.Log(a.Beta)
			}
			best = a
		}
	}
	return best, best.Reward - c.Points[last].Reward
}

// rootSlope is dE[r]/d√KL = 2β√KL. At the reference that is √(2 Var[r]).
func (c *Tradeoff) rootSlope(p *TradeoffPoint) float64 {
	if !math.IsInf(p.Beta, 1) {
		return 2 * p.Beta * math.Sqrt(p.KL)
	}
	variance := 0.0
	for k, r := range c.reward {
		variance += num.Exp(c.logRef[k]) * (r - p.Reward) * (r - p.Reward)
	}
	return math.Sqrt(2 * variance)
}

// isOf tells whether the curve is that of the given reference, scores and reward,
// to rounding.
func (c *Tradeoff) isOf(logRef, scores, reward []float64, leash rlhf.Leash) bool {
	return len(c.Points) > 0 && c.leash == leash &&
		alike(c.logRef, logRef) && alike(c.scores, scores) && alike(c.reward, reward)
}

func alike(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i, x := range a {
		if x != b[i] && !(math.Abs(x-b[i]) <= 1e-9*math.Max(1, math.Abs(x))) {
			return false
		}
	}
	return true
}
