package optimum

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
)

// creases are the terrain of DPOP's loss on one prompt's table, which has a kink
// wherever a chosen reply is as likely as in the reference, x = log π/π_ref = 0. The
// loss is convex in the logits z, so descent follows the subgradient nearest to 0
// (Brezis 1973, th. 3.1). On either side of a kink it is smooth; and where both sides
// push towards the kink, descent is held in it and goes on along it. There the penalty
// of reply k counts with a part θ_k, from 0 to 1, such that x_k stays 0:
//
//	dz/dt = −∂L/∂z + Σ μ_k ∂x_k/∂z,   μ_k = θ_k·λ·(force on k),   ∂x_k/∂z = e_k − π.
//
// Descent is smooth until a free reply reaches its kink, or the θ of a held one
// reaches 0 or 1 and lets it go. Rounding the kink would do for where descent holds.
// Where it comes to rest at the edge of a flat region no rounding has an end there.
type creases struct {
	Landscape
	beta, lambda float64
	votes        []data.Pair
	at           []side
	held         []int // the replies in their kinks
	due          []int // the replies that have come to a kink, or are let go
	turns        int   // how often that happened
	x, force     []float64
	normal       [][]float64 // ∂x_k/∂z of the held replies
	pull         []float64   // μ of those
	solver       linearSystem
	pace         *scores.Pace
}

// A side says where a reply is.
type side int

const (
	unchosen side = iota // it has no kink
	above                // x > 0: no penalty
	below                // x < 0
	inCrease
)

// brink is how far beyond its kink, in x, or beyond its bounds, in θ, a reply is found.
const brink = 1e-10

// newCreases returns the terrain and moves logits that are all but in a kink into it.
func newCreases(c *Course, z []float64, p *scores.Pace) *creases {
	k := len(c.LogRef)
	g := &creases{beta: c.Loss.Params.Beta, lambda: c.Loss.Params.Lambda, at: make([]side, k), x: make([]float64, k), force: make([]float64, k), pace: p}
	g.Survey(c, z)
	g.bend, g.rows = make([]float64, k*k), make([]float64, k)
	for _, v := range c.Votes {
		if v.Count > 0 {
			g.votes = append(g.votes, v)
			g.at[v.Chosen] = above
		}
	}
	g.sumForces(z, nil)
	for i, x := range g.x {
		switch {
		case g.at[i] == unchosen:
		case math.Abs(x) <= 1e-12:
			g.due = append(g.due, i)
		case x < 0:
			g.at[i] = below
		}
	}
	g.chooseSides(z)
	return g
}

// gain is −∂u/∂x of a chosen reply, by β.
func (g *creases) gain(reply int) float64 {
	if g.at[reply] == below {
		return 1 + g.lambda
	}
	return 1
}

// sumForces goes to logits and sets downhill, unless it is nil, to minus the slope as it
// is without the penalties of the held replies.
func (g *creases) sumForces(z, downhill []float64) {
	num.LogSoftmax(g.logPi, z)
	for k, l := range g.logPi {
		g.pi[k], g.x[k] = num.Exp(l), l-g.course.LogRef[k]
	}
	clear(g.slope)
	clear(g.force)
	total := g.Batch.Chosen.Total()
	g.sum, g.Value = 0, 0
	for i := range g.votes {
		v := &g.votes[i]
		gain, part := g.gain(v.Chosen), v.Count/total
		loss, slope := objective.SigmoidLoss(g.beta*(gain*g.x[v.Chosen]-g.x[v.Rejected]), 1, 0)
		s := -g.beta * slope * part
		g.Value += part * loss
		g.force[v.Chosen] += s
		g.slope[v.Chosen] -= s * gain
		g.slope[v.Rejected] += s
		g.sum += s - s*gain
	}
	for k := range downhill {
		downhill[k] = float64(g.pi[k]*g.sum) - g.slope[k]
	}
}

// SlopeAt goes to logits, and its slope is that of descent along the held replies' kinks.
func (g *creases) SlopeAt(z, downhill []float64) (steepest float64) {
	if downhill == nil {
		downhill = make([]float64, g.k)
	}
	g.sumForces(z, downhill)
	g.findNormals()
	switch {
	case len(g.held) >= g.k-1 && len(g.held) > 0: // there is no other place along them
		clear(downhill)
	case len(g.held) > 0:
		g.factorNormals()
		for i, n := range g.normal {
			g.pull[i] = -floats.Dot(n, downhill)
		}
		g.solver.solve(g.pull)
		addAll(downhill, g.pull, g.normal)
	}
	return floats.Norm(downhill, math.Inf(1))
}

func (g *creases) findNormals() {
	for len(g.normal) < len(g.held) {
		g.normal = append(g.normal, make([]float64, g.k))
	}
	g.normal, g.pull = g.normal[:len(g.held)], slices.Grow(g.pull[:0], len(g.held))[:len(g.held)]
	for i, k := range g.held {
		for j, p := range g.pi {
			g.normal[i][j] = -p
		}
		g.normal[i][k]++
	}
}

// factorNormals prepares for systems of the normals' products with each other.
func (g *creases) factorNormals() {
	h := len(g.held)
	m := g.solver.room(h)
	for i, a := range g.normal {
		for j, b := range g.normal {
			m[i*h+j] = floats.Dot(a, b)
		}
	}
	g.solver.factor(g.pace)
}

// addAll adds Σ weight_i vector_i to dst.
func addAll(dst, weights []float64, vectors [][]float64) {
	for i, v := range vectors {
		floats.AddScaled(dst, weights[i], v)
	}
}

// curve sets dst to minus the derivative of what SlopeAt calls downhill. With N the
// normals, P the projection to what is orthogonal to them, v downhill, H the loss's
// curvature without the held penalties and Π = diag π − ππᵀ, it is
//
//	P(H + Σμ Π) − N(NᵀN)⁻¹1 (Πv)ᵀ,
//
// for the normals turn with π, and v stays orthogonal to them.
func (g *creases) curve(dst []float64) {
	clear(g.bend)
	total := g.Batch.Chosen.Total()
	for i := range g.votes {
		v := &g.votes[i]
		gain := g.gain(v.Chosen)
		bend := g.beta * g.beta * num.SigmoidSlope(g.beta*(gain*g.x[v.Chosen]-g.x[v.Rejected])) * v.Count / total
		a, b := v.Chosen, v.Rejected
		g.bend[a*g.k+a] += bend * gain * gain
		g.bend[b*g.k+b] += bend
		g.bend[a*g.k+b] -= bend * gain
		g.bend[b*g.k+a] -= bend * gain
	}
	g.throughSoftmax(dst)
	switch h := len(g.held); {
	case h == 0:
	case h >= g.k-1:
		clear(dst)
	default:
		g.curveAlong(dst)
	}
}

// curveAlong turns the loss's curvature into that of descent along the kinks.
func (g *creases) curveAlong(dst []float64) {
	n, down := g.k, make([]float64, g.k)
	for k := range down {
		down[k] = float64(g.pi[k]*g.sum) - g.slope[k]
	}
	addAll(down, g.pull, g.normal)
	total, along := floats.Sum(g.pull), floats.Dot(g.pi, down)
	ones, turn := make([]float64, len(g.held)), make([]float64, n)
	for i := range ones {
		ones[i] = 1
	}
	g.solver.solve(ones)
	addAll(turn, ones, g.normal)
	basis, column := orthonormal(g.normal, g.pace), make([]float64, n)
	for j := range n {
		for i := range n {
			column[i] = dst[i*n+j] - total*g.pi[i]*g.pi[j]
		}
		column[j] += total * g.pi[j]
		for _, b := range basis {
			floats.AddScaled(column, -floats.Dot(b, column), b)
		}
		for i := range n {
			dst[i*n+j] = column[i] - turn[i]*g.pi[j]*(down[j]-along)
		}
	}
	g.pace.Spend(4 * n * n * len(g.held))
}

// stiffest is the greatest slope that the loss can have.
func (g *creases) stiffest() float64 { return g.beta * (1 + g.lambda) }

func (g *creases) soften(float64) {}

func (g *creases) rounding() float64 { return 0 }

func (g *creases) cost() int { return 12*len(g.votes) + 4*g.k*(len(g.held)+1) }

func (g *creases) tired() bool { return g.turns > 40*g.k+40 }

// crossed tells that between here and logits, where the held stay held, some reply
// comes to its kink or is let go, and notes which.
func (g *creases) crossed(z []float64) bool {
	g.SlopeAt(z, nil)
	g.due = g.due[:0]
	for k, at := range g.at {
		if at == above && g.x[k] < -brink || at == below && g.x[k] > brink {
			g.due = append(g.due, k)
		}
	}
	for i, k := range g.held {
		if part := g.part(i); part < -brink || part > 1+brink {
			g.due = append(g.due, k)
		}
	}
	return len(g.due) > 0
}

// part returns θ of a held reply.
func (g *creases) part(i int) float64 { return g.pull[i] / (g.lambda * g.force[g.held[i]]) }

// chooseSides decides for the replies that are due, and anew for those that are held, on
// which side of their kinks descent goes on, and moves the held ones into theirs.
func (g *creases) chooseSides(z []float64) {
	g.turns++
	for i, k := range g.held {
		if slices.Contains(g.due, k) {
			if g.at[k] = above; g.part(i) > 0.5 {
				g.at[k] = below
			}
		}
	}
	for _, k := range g.due {
		if !slices.Contains(g.held, k) {
			g.at[k] = inCrease
		}
	}
	g.listHeld()
	g.moveIn(z)
	g.balanceParts(z)
	g.listHeld()
}

func (g *creases) listHeld() {
	g.held = g.held[:0]
	for k, at := range g.at {
		if at == inCrease {
			g.held = append(g.held, k)
		}
	}
}

// moveIn moves the held replies into their kinks, the others keeping their shares of
// what is left.
func (g *creases) moveIn(z []float64) {
	rest, left := []float64{}, []float64{}
	for k, at := range g.at {
		if at != inCrease {
			rest, left = append(rest, z[k]), append(left, g.course.LogRef[k])
		}
	}
	if len(rest) == 0 {
		copy(z, g.course.LogRef)
		return
	}
	shift := num.LogSumExp(rest) - num.LogSumExp(left)
	for _, k := range g.held {
		z[k] = g.course.LogRef[k] + shift
	}
}

// balanceParts finds the parts θ that leave the least motion, one after the other, and
// frees the replies whose θ is at one of its bounds.
func (g *creases) balanceParts(z []float64) {
	const sweeps = 20_000
	velocity := make([]float64, g.k)
	g.sumForces(z, velocity)
	g.findNormals()
	part := make([]float64, len(g.held))
	for range sweeps {
		change := 0.0
		for i, k := range g.held {
			n, most := g.normal[i], g.lambda*g.force[k]
			next := min(1, max(0, part[i]-floats.Dot(n, velocity)/(most*floats.Dot(n, n))))
			if next-next != 0 { // nothing pushes it
				next = 0
			}
			floats.AddScaled(velocity, most*(next-part[i]), n)
			change = max(change, math.Abs(next-part[i]))
			part[i] = next
		}
		g.pace.Spend(2 * g.k * len(g.held))
		if change <= 1e-15 {
			break
		}
	}
	for i, k := range g.held {
		switch part[i] {
		case 0:
			g.at[k] = above
		case 1:
			g.at[k] = below
		}
	}
}

// flat tells that from a place of rest there are other places as low beside it. A
// penalty that is at work leaves none: it is an affine function of the logits along
// their common shift alone. Without one the loss is one of margins, and keeps its
// height where the comparisons' components move past each other, as long as no
// chosen reply comes to be less likely than in the reference: as long as some
// component has no reply in a kink, and so can give way to the others.
func (g *creases) flat() bool {
	components := scores.Connect(g.k, scores.Aggregate(g.k, g.course.Votes, 0, g.pace), g.pace)
	edged := make([]bool, components.Count)
	for k, at := range g.at {
		switch {
		case at == below && g.x[k] < -brink:
			return false
		case at == below || at == inCrease || at == above && g.x[k] <= brink:
			edged[components.Of[k]] = true
		}
	}
	return components.Count > 1 && slices.Contains(edged, false)
}

// followCreases follows the descent on DPOP's loss to its end, along its kinks, and
// returns what pursue does.
func (h *Heading) followCreases(tolerance float64) (d *pursuit, logits []float64, sure bool) {
	d = newPursuit(&h.course, &h.task.Pace, true)
	d.creases = newCreases(&h.course, d.z, &h.task.Pace)
	d.ground = d.creases
	d.run(tolerance)
	slope := d.slope
	switch d.ground = &d.g; d.state {
	case lost:
		return d, nil, false
	case resting:
		d.within = d.strayed
		return d, d.z, true
	}
	if logits, sure = d.survivors(); !sure {
		d.slope, d.value, d.within = slope, d.creases.Value, max(d.within, d.strayed)
	}
	return d, logits, sure
}
