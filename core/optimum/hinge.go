package optimum

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"dpoplayground/core/data"
	"dpoplayground/core/scores"
)

// byEvents follows gradient descent on the hinge loss to where it stops. The loss
// is made of flat pieces, so the logits move at constant speed until some vote's
// margin u reaches 1. There the vote may let go, or hold with a part θ of its
// force: the parts are those that leave the least motion, which is the
// subgradient nearest to 0 (Brezis 1973, th. 3.1). Each time the motion slows down,
// and after finitely many pieces it ends. SGD's finite steps jump to and fro
// across u = 1 and so end only near by, within about one step.
func (h *Heading) byEvents() bool {
	e := newEvents(&h.course)
	for range 100*len(e.votes) + 100 {
		if e.balanceParts(&h.task.Pace); e.tired() {
			break
		}
		if e.motion() <= 1e-12*e.total {
			for k, ref := range h.course.LogRef {
				e.x[k] += ref
			}
			h.answerWith(e.x, KindStart, true)
			h.answer.Gradient = h.course.Loss.Params.Beta * e.motion() / e.total
			h.answer.Within = 1e-10
			return true
		}
		if !e.toNextMargin() {
			break
		}
		h.task.Pace.Spend(8 * len(e.votes))
	}
	return true // and the kind stays unknown
}

// events is the state of that motion. part is θ of each vote; held tells that
// its margin is 1.
type events struct {
	beta, total float64
	votes       []data.Pair
	part        []float64
	held        []bool
	x, velocity []float64 // log-ratios up to a constant, and their motion
	spent       int       // operations; see patience
}

func newEvents(c *Course) *events {
	e := &events{beta: c.Loss.Params.Beta, x: make([]float64, len(c.LogRef)), velocity: make([]float64, len(c.LogRef))}
	for _, v := range c.Votes {
		if v.Count > 0 {
			e.votes = append(e.votes, v)
			e.total += v.Count
		}
	}
	e.part, e.held = make([]float64, len(e.votes)), make([]bool, len(e.votes))
	for i := range e.part {
		e.part[i] = 1
	}
	copy(e.x, c.Start)
	for i, v := range e.votes {
		switch u := e.beta * e.margin(&v); {
		case u > 1:
			e.part[i] = 0
		default:
			e.held[i] = u == 1
			e.addForce(&e.votes[i], v.Count)
		}
	}
	return e
}

// tired tells that it takes too long: these operations are slow ones.
func (e *events) tired() bool { return e.spent > patience/4 }

func (e *events) addForce(v *data.Pair, force float64) {
	e.velocity[v.Chosen] += force
	e.velocity[v.Rejected] -= force
}

func (e *events) rate(v *data.Pair) float64 { return e.velocity[v.Chosen] - e.velocity[v.Rejected] }

// motion returns the greatest speed, in units of votes.
func (e *events) motion() float64 { return floats.Norm(e.velocity, math.Inf(1)) }

// balanceParts finds the parts of the held votes that minimise Σ velocity², one after
// the other, and lets go of those that end up moving. Each goes a little beyond
// its own minimum, by the factor that is best for held votes in a chain (Young
// 1954, successive over-relaxation).
func (e *events) balanceParts(p *scores.Pace) {
	var held []int
	for i, is := range e.held {
		if is {
			held = append(held, i)
		}
	}
	beyond := 2 / (1 + math.Sin(math.Pi/float64(len(held)+1)))
	for range 100_000 {
		change := 0.0
		for _, i := range held {
			v := &e.votes[i]
			part := min(1, max(0, e.part[i]-beyond*e.rate(v)/(2*v.Count)))
			e.addForce(v, v.Count*(part-e.part[i]))
			change = max(change, v.Count*math.Abs(part-e.part[i]))
			e.part[i] = part
		}
		e.spent += len(held) + 1
		p.Spend(len(held) + 1)
		if change <= 1e-15*e.total || e.tired() {
			break
		}
	}
	for i, held := range e.held {
		if r := e.rate(&e.votes[i]); held && (r > 1e-11*e.total && e.part[i] == 0 || r < -1e-11*e.total && e.part[i] == 1) {
			e.held[i] = false
		}
	}
}

// advance moves on to the next time that a margin reaches 1. It returns false if
// none ever will.
func (e *events) toNextMargin() bool {
	const touch = 1e-12
	next := math.Inf(1)
	for i := range e.votes {
		if t := e.until(i); t < next {
			next = t
		}
	}
	if math.IsInf(next, 1) {
		return false
	}
	for i := range e.votes {
		if t := e.until(i); t <= next*(1+touch)+touch/e.total {
			e.held[i] = true
		}
	}
	for k, v := range e.velocity {
		e.x[k] += next * v
	}
	return true
}

// until returns how long a vote that is not held takes to reach u = 1.
func (e *events) until(i int) float64 {
	v := &e.votes[i]
	r := e.rate(v)
	towards := e.part[i] == 1 && r > 1e-12*e.total || e.part[i] == 0 && r < -1e-12*e.total
	if e.held[i] || !towards {
		return math.Inf(1)
	}
	return max(0, (1/e.beta-e.margin(v))/r)
}

func (e *events) margin(v *data.Pair) float64 { return e.x[v.Chosen] - e.x[v.Rejected] }
