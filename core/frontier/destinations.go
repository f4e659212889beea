package frontier

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/optimum"
)

// A destinations curve says where an objective is headed at each of several β,
// of which every one is worked out for itself.
type destinations struct {
	points  []TradeoffPoint // β falling, as far as they are known
	base    optimum.Course
	s       core.Settings
	reward  []float64
	betas   []float64
	next    int
	heading *optimum.Heading
}

// How many β are worked out: of destinations that are known at once, and of
// those whose descent has to be followed, where replies are MostFollowed at most.
const (
	closedDestinations   = 41
	followedDestinations = 21
)

// reset begins the curve of the objective that a lab trains.
func (c *destinations) reset(l *core.Lab, reward []float64) {
	c.stop()
	c.points, c.betas, c.next = c.points[:0], c.betas[:0], 0
	c.s, c.reward = l.Experiment.Settings, append(c.reward[:0], reward...)
	c.base = l.Course(l.Problem.VotesOf(l.Prompt()), l.Beta())
	c.base.Start = slices.Clone(c.base.Start)
	n := followedDestinations
	if l.Destination.Closed {
		n = closedDestinations
	}
	low, high := num.Log(core.Params()[core.Beta].Min), num.Log(core.Params()[core.Beta].Max)
	for i := range n {
		c.betas = append(c.betas, num.Exp(high-(high-low)*float64(i)/float64(n-1)))
	}
}

// whole tells that every β has been worked out.
func (c *destinations) whole() bool { return c.next == len(c.betas) }

// work goes on for about ops units; see Heading.
func (c *destinations) work(ops int) {
	if c.heading == nil {
		course := c.base
		course.Loss = c.s.Loss(c.betas[c.next])
		c.heading = optimum.NewHeading(course)
	}
	if !c.heading.Work(ops) {
		return
	}
	if d := c.heading.Destination(); d.LogPi != nil {
		c.points = append(c.points, TradeoffPoint{c.betas[c.next], d.KL, num.Expect(d.LogPi, c.reward), math.NaN()})
	}
	c.heading = nil
	c.next++
}

func (c *destinations) stop() {
	if c.heading != nil {
		c.heading.Stop()
		c.heading = nil
	}
}

// at reads the curve at β, straight between its points in log β.
func (c *destinations) pointAt(beta float64) TradeoffPoint {
	p := c.points
	i := 1
	for i < len(p)-1 && p[i].Beta > beta {
		i++
	}
	if len(p) < 2 {
		return p[0]
	}
	a, b := p[i-1], p[i]
	t := math.Max(0, math.Min(1, num.Log(a.Beta/beta)/num.Log(a.Beta/b.Beta)))
	return TradeoffPoint{beta, a.KL + t*(b.KL-a.KL), a.Reward + t*(b.Reward-a.Reward), math.NaN()}
}

// peak returns the point with the greatest reward, and how much of that is lost
// at the least β.
func (c *destinations) peak() (best TradeoffPoint, lost float64) {
	best = c.points[0]
	for _, p := range c.points {
		if p.Reward > best.Reward {
			best = p
		}
	}
	return best, best.Reward - c.points[len(c.points)-1].Reward
}
