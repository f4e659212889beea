package optimum

import (
	"math"

	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
)

// Destinations that need no descent to be followed.

// A coordinate is the function f of a loss that sees a pair only as
// f(x_w) − f(x_l), x being scores. f is increasing, and onto its range. The votes
// then fix y = f(x) up to a constant c, as if y were free, and the constant
// follows from Σπ = 1, for Σπ grows with c: there is one place, and no other is
// flat, although the loss need not be convex in the logits.
type coordinate struct {
	back  func(y float64) float64 // f⁻¹
	below float64                 // f > below
	above float64                 // f < above
	plain bool                    // f(x) = x
}

func plainCoordinate(objective.HyperParams) coordinate {
	return coordinate{back: func(y float64) float64 { return y }, below: math.Inf(-1), above: math.Inf(1), plain: true}
}

// jensenShannonCoordinate: y = log σ(x), x = y − log(1 − e^y).
func jensenShannonCoordinate(objective.HyperParams) coordinate {
	return coordinate{back: func(y float64) float64 { return y - num.Log(-num.Expm1(y)) }, below: math.Inf(-1)}
}

// alphaCoordinate: y = e^(kx)/k with k = α − 1, x = log(ky)/k. Forward KL is α = 0.
func alphaCoordinate(p objective.HyperParams) coordinate {
	k := p.Alpha - 1
	c := coordinate{back: func(y float64) float64 { return num.Log(k*y) / k }, below: math.Inf(-1)}
	switch {
	case k == 0:
		return plainCoordinate(p)
	case k > 0:
		c.below, c.above = 0, math.Inf(1)
	}
	return c
}

// chiCoordinate: y = x + e^x. x = log w, where w + log w = y, is found by Newton's
// method on a convex function, from above.
func chiCoordinate(objective.HyperParams) coordinate {
	return coordinate{below: math.Inf(-1), above: math.Inf(1), back: func(y float64) float64 {
		x := y
		if y > 1 {
			x = num.Log(y)
		}
		for range 50 {
			e := num.Exp(x)
			step := (x + e - y) / (1 + e)
			x -= step
			if math.Abs(step) <= 1e-16*math.Abs(x) {
				break
			}
		}
		return x
	}}
}

// byVotes answers for the losses −(1−ε) log σ(u) − ε log σ(−u), u = β(f(x_w) −
// f(x_l)): with Bradley–Terry scores ŝ of the votes, smoothed by ε, it is where
// f(x) = ŝ/β + c. It leaves to the descent what that does not decide.
func (h *Heading) byVotes() bool {
	c := &h.course
	l, p := c.Loss, &c.Loss.Params
	eps := 0.0
	if l.Objective.Margin != nil {
		if l.Margin.Shift != 0 {
			return false
		}
		eps = l.Margin.Other / (l.Margin.Own + l.Margin.Other)
	}
	f := routeOf(l.Objective.Key).coordinate(*p)
	if c.Start != nil && l.Objective.Key == "chi_po" {
		return false // it may start where its margins are clipped
	}
	s := scores.FitWithin(&h.task.Pace, len(h.course.LogRef), h.course.Votes, eps)
	length, one := c.oneLength()
	if f.plain && one && l.Objective.Reference {
		return h.tilt(s, p.Beta/length)
	}
	y, ok := h.heights(s, eps, f)
	if !ok || l.Objective.Key == "chi_po" && clips(c, y) {
		return false
	}
	if !s.Unique {
		if !s.Finite || !one || !f.plain {
			return false
		}
		h.conserve(y, length, s.Component)
		h.answerWith(y, KindFamily, true)
	} else {
		x, ok := h.normalise(y, f)
		if !ok {
			return false
		}
		kind := KindUnique
		switch {
		case !s.Finite:
			kind = KindLimit
		case l.Objective.Key == "chi_po":
			kind = KindStart // from a start with clipped margins there is no way here
		}
		h.answerWith(x, kind, s.Finite)
	}
	h.answer.Closed, h.answer.Within = true, 1e-12
	return true
}

// tilt answers with the tilt of the reference, where that is known.
func (h *Heading) tilt(s *scores.Scores, beta float64) bool {
	if !s.Computed {
		return true // and the kind stays unknown
	}
	if !s.Finite && h.course.Start != nil && len(s.Survivors) > 1 {
		return false // what is left of the start may have its say
	}
	var t scores.Tilt
	t.Set(h.course.LogRef, s.Score, beta)
	if s.Finite && !s.Unique {
		for k, d := range h.course.shift(s.Component) {
			t.LogPi[k] += d // and arrive normalises
		}
	}
	kind := KindLimit
	if s.Finite && s.Unique {
		kind = KindUnique
	} else if s.Finite {
		kind = KindFamily
	}
	h.answerWith(t.LogPi, kind, s.Finite)
	h.answer.Closed, h.answer.Within = true, 1e-12
	return true
}

// heights returns y = ŝ/β. Where votes are one-sided it is known if one set of
// replies beats, directly or not, all the others, which then run away.
func (h *Heading) heights(s *scores.Scores, eps float64, f coordinate) ([]float64, bool) {
	if !s.Finite && (!math.IsInf(f.below, -1) || !s.Unique || !h.oneTop(eps)) {
		return nil, false
	}
	y := append([]float64(nil), s.Score...)
	for k := range y {
		y[k] /= h.course.Loss.Params.Beta
	}
	return y, true
}

// oneTop tells that just one of the strongly connected sets is beaten by no other.
func (h *Heading) oneTop(eps float64) bool {
	k := len(h.course.LogRef)
	pairs := scores.Aggregate(k, h.course.Votes, eps, &h.task.Pace)
	strong := scores.StrongSets(k, pairs, &h.task.Pace)
	beaten, top := make([]bool, strong.Count), strong.Count
	for _, s := range pairs {
		a, b := strong.Of[s.A], strong.Of[s.B]
		if a == b {
			continue
		}
		if s.Up > 0 {
			beaten[b] = true
		} else {
			beaten[a] = true
		}
	}
	for _, is := range beaten {
		if is {
			top--
		}
	}
	return top == 1
}

// clips tells that χPO's margin would reach ±2R on some compared pair.
func clips(c *Course, y []float64) bool {
	p := &c.Loss.Params
	for _, v := range c.Votes {
		if math.Abs(p.Beta*(y[v.Chosen]-y[v.Rejected])) >= 2*p.RMax {
			return true
		}
	}
	return false
}

// conserve turns heights, centred in each component, into logits whose sum over
// each component is that of the start.
func (h *Heading) conserve(y []float64, length float64, component []int) {
	sum, n := make([]float64, len(y)), make([]float64, len(y))
	start := h.course.start()
	for k, of := range component {
		sum[of] += start[k]
		n[of]++
	}
	for k, of := range component {
		y[k] = length*y[k] + sum[of]/n[of]
	}
}

// normalise returns logits with f(score) = y + c, c such that they are log π:
//
//	Σ exp(tokens·f⁻¹(y + c) + base) = 1
//
// base being log π_ref where it counts, else 0. It returns false if f's range is
// too narrow for that.
func (h *Heading) normalise(y []float64, f coordinate) ([]float64, bool) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range y {
		if !math.IsInf(v, -1) {
			low, high = min(low, v), max(high, v)
		}
	}
	x := make([]float64, len(y))
	mass := func(t float64) float64 { // log Σπ, growing with t
		for k, v := range y {
			switch {
			case !math.IsInf(f.above, 1):
				v = (v - high) - num.Exp(-t) + f.above
			case !math.IsInf(f.below, -1):
				v = (v - low) + num.Exp(t) + f.below
			default:
				v += t
			}
			x[k] = h.logPiOf(k, f.back(v))
		}
		return num.LogSumExp(x)
	}
	b := 1.0
	for mass(b) < 0 && b < 1e300 {
		b *= 2
	}
	a := -1.0
	for mass(a) > 0 {
		if a *= 2; a < -1e300 {
			return nil, false
		}
	}
	for m := 0.0; a < m && m < b; m = a + (b-a)/2 {
		if mass(m) < 0 {
			a = m
		} else {
			b = m
		}
	}
	mass(b)
	return x, true
}

// logPiOf returns log π for a score.
func (h *Heading) logPiOf(k int, score float64) float64 {
	c := &h.course
	if c.Loss.Objective.Lengths {
		score *= num.At(c.Tokens, k, 1)
	}
	if c.Loss.Objective.Reference {
		score += c.LogRef[k]
	}
	return score
}

// targetLaw is a spring with a gap of its own, up/down, and a stiffness, down:
// the minimum of Σ ½ down (gap − up/down)².
type targetLaw struct{}

func (targetLaw) Force(s *scores.Spring, gap float64) (force, stiffness float64) {
	return s.Up - float64(s.Down*gap), s.Down
}

func (targetLaw) Rest(s *scores.Spring) float64 { return s.Up / s.Down }

// byTargets answers for IPO, whose loss is, up to a constant,
//
//	Σ n (h − d)²/N over compared pairs,   n = n_A + n_B,   d = (n_A − n_B)/n · 1/(2β)
//
// a least-squares problem of as many unknowns as replies. Azar et al. 2023.
func (h *Heading) byTargets() bool { return h.leastSquares(1 / (2 * h.course.Loss.Params.Beta)) }

// byTargetsOfTree answers for EXO where comparisons make no ring, so that each
// pair settles by itself: at u = (n_A − n_B)/n · log((1−ε)/ε), the only zero of
// its slope.
func (h *Heading) byTargetsOfTree() bool {
	k, p := len(h.course.LogRef), &h.course.Loss.Params
	pairs := scores.Aggregate(k, h.course.Votes, 0, &h.task.Pace)
	if len(pairs)+scores.Connect(k, pairs, &h.task.Pace).Count != k {
		return false
	}
	return h.leastSquares((num.Log(1-p.Epsilon) - num.Log(p.Epsilon)) / p.Beta)
}

// leastSquares answers where each vote asks for a gap of scores.
func (h *Heading) leastSquares(target float64) bool {
	c := &h.course
	k := len(c.LogRef)
	pairs := scores.Aggregate(k, c.Votes, 0, &h.task.Pace)
	for i := range pairs {
		s := &pairs[i]
		s.Up, s.Down = target*(s.Up-s.Down), s.Up+s.Down
	}
	components := scores.Connect(k, pairs, &h.task.Pace)
	y := make([]float64, k)
	if !scores.Settle(y, nil, components, pairs, targetLaw{}, &h.task.Pace) {
		return false
	}
	length, one := c.oneLength()
	kind := KindUnique
	switch {
	case components.Count > 1 && !one:
		return false
	case components.Count > 1:
		kind = KindFamily
		shift := c.shift(components.Of)
		for k := range y {
			y[k] = length*y[k] + c.LogRef[k] + shift[k]
		}
	default:
		y, _ = h.normalise(y, plainCoordinate(c.Loss.Params))
	}
	h.answerWith(y, kind, true)
	h.answer.Closed, h.answer.Within = true, 1e-12
	return true
}

// byFrequency answers for supervised fine-tuning: a reply's probability becomes
// its share of the chosen ones.
func (h *Heading) byFrequency() bool {
	x := make([]float64, len(h.course.LogRef))
	for _, v := range h.course.Votes {
		x[v.Chosen] += v.Count
	}
	for _, t := range h.course.Thumbs {
		x[t.Reply] += t.Up
	}
	finite := true
	for k, n := range x {
		finite = finite && n > 0
		x[k] = num.Log(n)
	}
	h.answerWith(x, KindUnique, finite)
	h.answer.Closed, h.answer.Within = true, 1e-12
	return true
}
