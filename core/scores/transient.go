package scores

import (
	"math"

	"dpoplayground/core/num"
)

// follow integrates the motion of one component from the reference to the
// limit and stores in shift the mean height at which each final body ends,
// growth apart. It reports false if the component is too large or the
// integration did not get there.
func (l *limit) follow(component int, shift []float64) bool {
	const most = 120 // replies
	var nodes []int  // the nodes of the present clock, and for each reply its node
	node := make([]int, l.k)
	for i, c := range l.components.Of {
		if node[i] = -1; c == component {
			node[i] = i
			nodes = append(nodes, i)
		}
	}
	if len(nodes) > most {
		return false
	}
	y, clock, ok := l.start(nodes)
	group := l.strong
	for at := 0; ok; at++ {
		nodes, y = centres(nodes, y, l.massAt(at), group)
		if at == len(l.levels) {
			break
		}
		clock, ok = l.levels[at].carryOn(nodes, y, clock, l.pace)
		group = l.levels[at].bodies
	}
	if !ok {
		return false
	}
	for i, g := range nodes {
		shift[g] = y[i]
	}
	return true
}

// massAt gives the masses of the nodes that make up the nodes of level at.
func (l *limit) massAt(at int) []float64 {
	if at == 0 {
		return nil
	}
	return l.levels[at-1].mass
}

// centres replaces nodes and heights by the groups that they belong to and the
// groups' mean heights, weighted by mass.
func centres(nodes []int, y, mass []float64, group sets) ([]int, []float64) {
	moment, total := make([]float64, group.Count), make([]float64, group.Count)
	for i, node := range nodes {
		m := 1.0
		if mass != nil {
			m = mass[node]
		}
		moment[group.Of[node]] += m * y[i]
		total[group.Of[node]] += m
	}
	var groups []int
	var mean []float64
	for g, m := range total {
		if m > 0 {
			groups = append(groups, g)
			mean = append(mean, moment[g]/m)
		}
	}
	return groups, mean
}

// start integrates the full motion on the clock s = log(1+t) from rest until
// the strong sets are rigid to rounding. It returns the heights and log t.
func (l *limit) start(nodes []int) (y []float64, clock float64, ok bool) {
	d := newDescent(nodes, nil, l.pairs, func(s *Spring, clock, gap float64) (force, stiffness float64) {
		force, stiffness = voteLaw{}.Force(s, gap)
		pace := num.Exp(clock)
		return force * pace, stiffness * pace
	})
	least, most := math.Inf(1), 0.0
	for _, s := range d.springs {
		most = math.Max(most, math.Max(s.Up, s.Down))
		least = math.Min(least, math.Max(s.Up, s.Down))
		if s.Up > 0 && s.Down > 0 {
			least = math.Min(least, math.Min(s.Up, s.Down))
		}
	}
	// On the clock of the largest count nothing starts abruptly.
	begin := -num.Log(most) - 30
	clock = begin + 110 + 2*num.Log(most/least)
	y = make([]float64, len(nodes))
	return y, clock, d.run(y, begin, clock, l.pace)
}

// carryOn continues the motion on a level's clock from heights y until what fades
// has faded, and returns the next level's clock. On return the growth v·clock is
// taken out of y.
func (lv *level) carryOn(nodes []int, y []float64, clock float64, p *Pace) (next float64, ok bool) {
	arcs := append([]Spring(nil), lv.arcs...)
	for e := range arcs {
		arcs[e].Down = 1 - (lv.v[arcs[e].A] - lv.v[arcs[e].B])
		if math.Abs(arcs[e].Down) < tight {
			arcs[e].Down = 0
		}
	}
	d := newDescent(nodes, lv.mass, arcs, func(s *Spring, clock, gap float64) (force, stiffness float64) {
		e := num.Exp(s.Up + s.Down*clock - gap)
		return e, e
	})
	for i, node := range nodes {
		y[i] -= lv.v[node] * clock
		d.load[i] = lv.mass[node] * lv.v[node]
	}
	end := lv.faded(clock)
	return num.Log(end), d.run(y, clock, end, p)
}

// faded is a clock reading by which all forces have faded that do so like
// exp(−slack·clock), slack = v_a − v_b − 1; or, if there are unloaded arcs, which
// fade like 1/clock, one so late that the rest of their work is some 1e-7.
func (lv *level) faded(clock float64) float64 {
	const late = 1e7
	least, most, slack := math.Inf(1), math.Inf(-1), math.Inf(1)
	for _, arc := range lv.arcs {
		least, most = math.Min(least, arc.Up), math.Max(most, arc.Up)
		if s := lv.v[arc.A] - lv.v[arc.B] - 1; s > tight {
			slack = math.Min(slack, s)
		} else if lv.bodies.Of[arc.A] != lv.bodies.Of[arc.B] {
			return late
		}
	}
	quiet := 60 + most - least // nats, counting what the strengths add
	return clock + quiet*(1+1/slack)
}

// A descent is the motion mass·dy/ds = Σ ± force(s, gap) − load of nodes
// joined by springs.
type descent struct {
	mass, load []float64
	velocity   []float64 // over the last stride
	springs    []Spring
	force      func(s *Spring, clock, gap float64) (force, stiffness float64)

	links []link
	mesh  mesh
	x     []float64
	table [columns][]float64
}

func newDescent(nodes []int, mass []float64, springs []Spring, force func(s *Spring, clock, gap float64) (f, w float64)) *descent {
	d := &descent{force: force, mass: make([]float64, len(nodes)), load: make([]float64, len(nodes))}
	local := map[int]int{}
	for i, node := range nodes {
		local[node] = i
		if d.mass[i] = 1; mass != nil {
			d.mass[i] = mass[node]
		}
	}
	for _, s := range springs {
		a, here := local[s.A]
		if here {
			s.A, s.B = a, local[s.B]
			d.springs = append(d.springs, s)
		}
	}
	d.velocity = make([]float64, len(nodes))
	d.x = make([]float64, len(nodes)+1)
	for j := range d.table {
		d.table[j] = make([]float64, len(nodes))
	}
	return d
}

// columns is the order of the extrapolation.
const columns = 6

// run carries y from one clock reading to another with strides as long as the
// error allows. It reports false if they became too many.
func (d *descent) run(y []float64, from, to float64, p *Pace) bool {
	const (
		tolerance = 1e-10 // per stride, in nats
		strides   = 20_000
	)
	h := 0.1
	for range strides {
		h = math.Min(h, to-from)
		failing := d.stride(y, from, h, p) / (tolerance * math.Max(1, h/1000))
		if failing <= 1 {
			for i, moved := range d.table[columns-1] {
				d.velocity[i] += moved / h
				y[i] += d.velocity[i] * h
			}
			if from += h; from >= to {
				return true
			}
		}
		scale := 0.8 * num.Exp(-num.Log(failing)/columns)
		if !(scale > 0.2) { // NaN too
			scale = 0.2
		}
		h *= math.Min(scale, 2)
	}
	return false
}

// stride leaves in the table's last row how far the nodes move in h beyond
// velocity·h, and returns an estimate of its error. Seen from where their last
// velocity takes them the nodes hardly move, so strides can be long in steady
// motion, although forces change like exp(clock). The method is the linearly implicit
// Euler rule with 1, 2, 3, … steps, extrapolated to infinitely many (Deuflhard 1985);
// gonum has no integrator of differential equations.
func (d *descent) stride(y []float64, from, h float64, p *Pace) float64 {
	for j, row := range d.table {
		clear(row) // displacements: heights would lose digits to the extrapolation
		for i := range j + 1 {
			size := h / float64(j+1)
			d.euler(y, row, from, size*float64(i+1), size, p)
		}
	}
	return Extrapolate(d.table[:])
}

// Extrapolate takes rows that a rule of first order came to with 1, 2, 3, … parts of a
// step. It makes the last row what infinitely many parts would come to (Aitken and
// Neville), and returns the size of the last change, which estimates the error.
func Extrapolate(rows [][]float64) (failing float64) {
	last := len(rows) - 1
	for c := 1; c <= last; c++ { // row j, from the last up, becomes column c
		failing = 0
		for j := last; j >= c; j-- {
			ratio := float64(j+1)/float64(j+1-c) - 1
			for i, below := range rows[j-1] {
				change := (rows[j][i] - below) / ratio
				rows[j][i] += change
				if j == last && !(math.Abs(change) <= failing) {
					failing = math.Abs(change)
				}
			}
		}
	}
	return failing
}

// euler moves the nodes by one step of size h that ends at clock from + later:
// each node is tied to the ground, the last node of the mesh, by its inertia.
func (d *descent) euler(y, moved []float64, from, later, h float64, p *Pace) {
	d.links = d.links[:0]
	for e := range d.springs {
		s := &d.springs[e]
		gap := (y[s.A] - y[s.B]) + (d.velocity[s.A]-d.velocity[s.B])*later + (moved[s.A] - moved[s.B])
		f, w := d.force(s, from+later, gap)
		d.links = append(d.links, link{a: s.A, b: s.B, w: w, f: f})
	}
	for i, m := range d.mass {
		d.links = append(d.links, link{a: i, b: len(y), w: m / h, f: -d.load[i] - m*d.velocity[i]})
	}
	p.Spend(4 * len(d.links))
	d.mesh.solve(d.x, d.links, p)
	for i := range moved {
		moved[i] += d.x[i]
	}
}
