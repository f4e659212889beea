package scores

import (
	"math"
	"slices"

	"dpoplayground/core/num"
)

// A Spring joins nodes a and b of a network. What up and down mean is for its
// law to say; a positive force pushes a up and b down.
type Spring struct {
	A, B     int
	Up, Down float64
}

// A law gives a spring's force and stiffness (−d force/d gap, ≥ 0) when y_a −
// y_b = gap, and the gap at which the force vanishes, if it is finite.
type law interface {
	Force(s *Spring, gap float64) (force, stiffness float64)
	Rest(s *Spring) float64
}

// voteLaw is Bradley–Terry: with up votes for a and down votes for b,
//
//	force = up·σ(−gap) − down·σ(gap),  rest = log(up/down).
type voteLaw struct{}

func (voteLaw) Force(s *Spring, gap float64) (force, stiffness float64) {
	e := num.Exp(-math.Abs(gap))
	likely := 1 / (1 + e)
	lose, win := e*likely, likely // σ(−gap), σ(gap) for gap ≥ 0
	if gap < 0 {
		lose, win = win, lose
	}
	return s.Up*lose - s.Down*win, (s.Up + s.Down) * lose * win
}

func (voteLaw) Rest(s *Spring) float64 { return num.Log(s.Up) - num.Log(s.Down) }

// decayLaw is the far end of one-sided votes, against a steady load: up is the
// logarithm of a strength, down the load,
//
//	force = exp(up − gap) − down,  rest = up − log(down).
type decayLaw struct{}

func (decayLaw) Force(s *Spring, gap float64) (force, stiffness float64) {
	e := num.Exp(s.Up - gap)
	return e - s.Down, e
}

func (decayLaw) Rest(s *Spring) float64 { return s.Up - num.Log(s.Down) }

// Settle lets each group of nodes come to rest under the springs inside it and
// writes the resting heights to y, centred so that the mean over each group,
// weighted by mass (nil: equal), is 0. It reports false if some group did not
// come to rest. Each group must be connected and have a place of rest.
func Settle(y, mass []float64, groups sets, springs []Spring, l law, p *Pace) bool {
	members, local := groups.members(p)
	inside := groups.inside(springs, p)
	ok := true
	var n network
	for g := range groups.Count {
		nodes := members.of(g)
		if len(nodes) == 1 {
			y[nodes[0]] = 0
			continue
		}
		n.reset(len(nodes), springs, inside.of(g), local, p)
		ok = n.settleSprings(l, p) && ok
		n.centre(nodes, mass)
		for i, node := range nodes {
			y[node] = n.y[i]
		}
	}
	return ok
}

// buckets holds lists of numbers end to end.
type buckets struct {
	item  []int32
	start []int32
}

func (b buckets) of(g int) []int32 { return b.item[b.start[g]:b.start[g+1]] }

// members lists each set's nodes in ascending order, and gives each node its
// place in that list.
func (s sets) members(p *Pace) (buckets, []int32) {
	b := fill(len(s.Of), s.Count, func(i int) int { return s.Of[i] }, p)
	local := make([]int32, len(s.Of))
	for g := range s.Count {
		for at, i := range b.of(g) {
			local[i] = int32(at)
		}
	}
	p.Spend(len(s.Of))
	return b, local
}

// inside lists, for each set, the springs with both ends in it.
func (s sets) inside(springs []Spring, p *Pace) buckets {
	return fill(len(springs), s.Count, func(e int) int {
		if g := s.Of[springs[e].A]; g == s.Of[springs[e].B] {
			return g
		}
		return -1
	}, p)
}

// fill puts 0..n−1 into count buckets; those whose bucket is −1 are left out.
func fill(n, count int, bucket func(i int) int, p *Pace) buckets {
	start := make([]int32, count+2)
	for from, to := range p.each(n, 2) {
		for i := from; i < to; i++ {
			if g := bucket(i); g >= 0 {
				start[g+2]++
			}
		}
	}
	for g := range count {
		start[g+2] += start[g+1]
	}
	item := make([]int32, start[count+1])
	for from, to := range p.each(n, 4) {
		for i := from; i < to; i++ {
			if g := bucket(i); g >= 0 {
				item[start[g+1]] = int32(i)
				start[g+1]++
			}
		}
	}
	return buckets{item: item, start: start[:count+1]}
}

// A network is a connected set of nodes at heights y, joined by springs, with
// the room that finding its place of rest takes.
type network struct {
	y       []float64
	springs []Spring
	link    []link
	x       []float64 // the step
	dense   mesh
	sparse  gradients
}

func (n *network) reset(nodes int, springs []Spring, pick, local []int32, p *Pace) {
	n.y = append(n.y[:0], make([]float64, nodes)...)
	n.x = append(n.x[:0], make([]float64, nodes)...)
	n.springs = slices.Grow(n.springs[:0], len(pick))
	for from, to := range p.each(len(pick), 4) {
		for _, e := range pick[from:to] {
			s := springs[e]
			s.A, s.B = int(local[s.A]), int(local[s.B])
			n.springs = append(n.springs, s)
		}
	}
	n.link = append(n.link[:0], make([]link, len(pick))...)
}

// settleSprings finds the place of rest by Newton's method, from all heights 0. A tree of
// springs is at rest with each spring at its own rest. gonum's optimize runs its methods
// on goroutines, and could not be paused.
func (n *network) settleSprings(l law, p *Pace) bool {
	const (
		rounds = 500
		small  = 1e-8 // the error left by a full step is of order small²
		coarse = 1e-6 // steps that small and no longer shrinking are rounding
	)
	if len(n.springs) == len(n.y)-1 {
		n.hangTree(l, p)
		return true
	}
	// A careful step that turns out short is followed by Newton's own, and that
	// is put off if it turns out long.
	reach, careful := math.Inf(1), true
	for range rounds {
		n.readForces(l, careful, p)
		n.step(reach, p)
		last := reach
		if reach = n.reach(); math.IsNaN(reach) || math.IsInf(reach, 0) {
			return false
		}
		if !careful && reach > 4 && last > 0.1 {
			careful = true
			continue
		}
		careful = reach > 1
		fraction := 1.0
		if reach > small {
			fraction = n.fraction(l, reach, p)
		}
		for i := range n.y {
			n.y[i] += fraction * n.x[i]
		}
		if last <= 1e-3 && (reach <= small || reach <= coarse && reach >= last/2) {
			return true
		}
	}
	return false
}

// fraction is how much of the step to take: 1, or half as much as often as needed
// for the forces along the step not to turn round, or, in a short step, not by
// more than a tenth: so no gap is thrown far out where its spring is slack. Both
// laws come from potentials whose third derivative along a step is at most the
// second times the largest change of a gap, the reach R; therefore the fraction
// log(1+R)/R always descends (Bach 2010, Sun and Tran-Dinh 2019), and it need
// not be less.
func (n *network) fraction(l law, reach float64, p *Pace) float64 {
	least := num.Log(1+reach) / reach
	allowed := 0.0
	if reach < 1 {
		allowed = -0.1 * n.work(l, 0, p)
	}
	for t := 1.0; t > least; t /= 2 {
		if n.work(l, t, p) >= allowed {
			return t
		}
	}
	return least
}

// work is the work done by the springs, per unit of t, when the heights are t
// of the step away.
func (n *network) work(l law, t float64, p *Pace) float64 {
	sum := 0.0
	for from, to := range p.each(len(n.springs), 6) {
		for e := from; e < to; e++ {
			s := &n.springs[e]
			change := n.x[s.A] - n.x[s.B]
			f, _ := l.Force(s, n.y[s.A]-n.y[s.B]+t*change)
			sum += f * change
		}
	}
	return sum
}

// hangTree sets each spring of a tree to its own rest.
func (n *network) hangTree(l law, p *Pace) {
	near := n.ends(p)
	from := make([]int32, len(n.y)) // the spring that a node hangs on
	from[0] = -1
	queue := append(make([]int32, 0, len(n.y)), 0)
	for at := 0; at < len(queue); at++ {
		i := queue[at]
		p.Spend(8 * len(near.of(int(i))))
		for _, e := range near.of(int(i)) {
			if e == from[i] {
				continue
			}
			s := &n.springs[e]
			j, gap := int32(s.B), l.Rest(s)
			if j == i {
				j, gap = int32(s.A), -gap
			}
			n.y[j], from[j] = n.y[i]-gap, e
			queue = append(queue, j)
		}
	}
}

// ends lists the springs at each node.
func (n *network) ends(p *Pace) buckets {
	b := fill(2*len(n.springs), len(n.y), func(i int) int {
		if i%2 == 0 {
			return n.springs[i/2].A
		}
		return n.springs[i/2].B
	}, p)
	for at := range b.item {
		b.item[at] /= 2
	}
	return b
}

// readForces works out every spring's force and stiffness at the present heights.
// Far from rest a spring may be all but slack, and Newton's step far too long.
// Being careful means to count each as so stiff that, alone, it would not move
// by more than 1 beyond its rest.
func (n *network) readForces(l law, careful bool, p *Pace) {
	for from, to := range p.each(len(n.springs), 10) {
		for e := from; e < to; e++ {
			s := &n.springs[e]
			gap := n.y[s.A] - n.y[s.B]
			f, w := l.Force(s, gap)
			if careful {
				w = math.Max(w, math.Abs(f)/(1+math.Abs(gap-restNear(l.Rest(s), gap))))
			}
			n.link[e] = link{a: s.A, b: s.B, w: w, f: f}
		}
	}
}

// restNear is where a spring is taken to be at rest: one-sided votes, whose rest is
// infinite, pull at least to their own side of 0.
func restNear(rest, gap float64) float64 {
	switch {
	case math.IsInf(rest, 1):
		return math.Max(gap, 0)
	case math.IsInf(rest, -1):
		return math.Min(gap, 0)
	}
	return rest
}

// step solves for the Newton step x: exactly in small networks, and in large
// ones the more precisely the closer the place of rest (the last reach tells; it starts from +Inf).
func (n *network) step(reach float64, p *Pace) {
	const dense = 100
	if len(n.y) <= dense {
		n.dense.solve(n.x, n.link, p)
		return
	}
	n.sparse.solve(n.x, n.link, math.Max(1e-12, math.Min(1e-2, reach*reach)), p)
}

// reach is the largest change of a gap in the step.
func (n *network) reach() float64 {
	reach := 0.0
	for e := range n.link {
		change := math.Abs(n.x[n.link[e].a] - n.x[n.link[e].b])
		if !(change <= reach) { // NaN gets through
			reach = change
		}
	}
	return reach
}

// centre shifts the heights so that their mean, weighted by mass, is 0.
func (n *network) centre(nodes []int32, mass []float64) {
	moment, total := 0.0, 0.0
	for i, node := range nodes {
		m := 1.0
		if mass != nil {
			m = mass[node]
		}
		moment += m * n.y[i]
		total += m
	}
	for i := range n.y {
		n.y[i] -= moment / total
	}
}
