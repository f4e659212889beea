package scores

// A margins problem asks for the least motion that keeps every arc's margin:
//
//	minimise ½ Σ_i mass_i·v_i²  subject to  v_a − v_b ≥ 1 for every arc (a, b).
//
// Its answer v is the direction in which gradient descent on one-sided votes
// runs away (the max-margin direction of Soudry et al. 2018, here in the metric
// of the masses), and an arc's load λ ≥ 0, for which
//
//	mass_i·v_i = Σ_{arcs from i} λ − Σ_{arcs to i} λ,
//
// is the share of the push that it carries. The arcs must not form a directed
// cycle.
//
// The method is that of Goldfarb and Idnani (1983): take the arc that fails
// most, raise its load until its margin holds, and let go of any arc whose load
// would turn negative. The arcs held make up a forest, whose trees are rigid:
// in a tree v is a whole number plus a constant. So masses that are whole
// numbers make v and λ exact up to their final division. gonum solves linear programs,
// and no quadratic ones.
type margins struct {
	mass []float64
	arcs []Spring // down is the load
	v    []float64

	held   [][]int32 // the arcs held at each node
	walks  [2]walk
	parent []int32 // in the last walk: the node and the arc towards the root
	via    []int32
	weight []float64 // sums over the subtree: mass, and mass × height
	moment []float64
	height []float64
	pace   *Pace
}

// tight is the slack below which a margin counts as 1. Slacks that are not 0
// exceed 1/n² for n replies.
const tight = 1e-9

// walk lists a tree's nodes from its root on.
type walk []int32

func newMargins(mass []float64, arcs []Spring, p *Pace) *margins {
	n := len(mass)
	m := &margins{
		mass: mass, arcs: arcs, v: make([]float64, n), pace: p,
		held: make([][]int32, n), parent: make([]int32, n), via: make([]int32, n),
		weight: make([]float64, n), moment: make([]float64, n), height: make([]float64, n),
	}
	for e := range arcs {
		arcs[e].Down = 0
	}
	return m
}

// solve finds v and the loads. It reports false if it gave up.
func (m *margins) solve() bool {
	for range 100 * (len(m.mass) + len(m.arcs)) {
		worst, slack := -1, -tight
		for e := range m.arcs {
			if s := m.slack(e); s < slack {
				worst, slack = e, s
			}
		}
		m.pace.Spend(len(m.arcs))
		if worst < 0 {
			return true
		}
		if !m.holdArc(worst) {
			return false
		}
	}
	return false
}

// slack is by how much arc e's margin exceeds 1.
func (m *margins) slack(e int) float64 {
	return m.v[m.arcs[e].A] - m.v[m.arcs[e].B] - 1
}

// holdArc raises the load of an arc that fails until its margin is 1.
func (m *margins) holdArc(e int) bool {
	a, b := int32(m.arcs[e].A), int32(m.arcs[e].B)
	for range len(m.arcs) + 1 {
		upper, joined := m.walkTree(0, a, b)
		if joined {
			if !m.shift(e, a, b) {
				return false
			}
			continue
		}
		m.weigh(upper)
		lower, _ := m.walkTree(1, b, a)
		m.weigh(lower)
		if m.pullTrees(e, upper, lower) {
			m.held[a], m.held[b] = append(m.held[a], int32(e)), append(m.held[b], int32(e))
			whole, _ := m.walkTree(0, a, a)
			m.rest(whole)
			return true
		}
	}
	return false
}

// walkTree lists the tree that holds root, and tells whether other is in it.
func (m *margins) walkTree(which int, root, other int32) (walk, bool) {
	w := append(m.walks[which][:0], root)
	m.parent[root], m.via[root] = -1, -1
	found := false
	for at := 0; at < len(w); at++ {
		i := w[at]
		found = found || i == other
		for _, e := range m.held[i] {
			if e == m.via[i] {
				continue
			}
			j := int32(m.arcs[e].A) ^ int32(m.arcs[e].B) ^ i
			m.parent[j], m.via[j] = i, e
			w = append(w, j)
		}
	}
	m.walks[which] = w
	m.pace.Spend(4 * len(w))
	return w, found
}

// weigh sums the masses of the subtrees of the walk just made.
func (m *margins) weigh(w walk) {
	for _, i := range w {
		m.weight[i] = m.mass[i]
	}
	for at := len(w) - 1; at > 0; at-- {
		m.weight[m.parent[w[at]]] += m.weight[w[at]]
	}
}

// shift moves load onto arc e from the path of held arcs between its ends,
// until the first of them is free and let go. The last walk started at a.
func (m *margins) shift(e int, a, b int32) bool {
	free := int32(-1)
	for i := b; i != a; i = m.parent[i] {
		q := m.via[i]
		if m.arcs[q].B == int(i) && (free < 0 || m.arcs[q].Down < m.arcs[free].Down) {
			free = q
		}
	}
	if free < 0 {
		return false // a directed cycle
	}
	load := m.arcs[free].Down
	for i := b; i != a; i = m.parent[i] {
		q := &m.arcs[m.via[i]]
		if q.B == int(i) {
			q.Down -= load
		} else {
			q.Down += load
		}
	}
	m.arcs[e].Down += load
	m.dropArc(free)
	return true
}

// pull raises the load of e, which draws the upper tree up and the lower one
// down, until the margin holds (true) or a held arc becomes free and is let go.
func (m *margins) pullTrees(e int, upper, lower walk) bool {
	massUp, massDown := m.weight[upper[0]], m.weight[lower[0]]
	load := -m.slack(e) / (1/massUp + 1/massDown)
	free := int32(-1)
	m.rates(upper, 1/massUp, func(q int32, rate float64) {
		if rate < 0 && m.arcs[q].Down < -rate*load {
			load, free = m.arcs[q].Down/-rate, q
		}
	})
	m.rates(lower, -1/massDown, func(q int32, rate float64) {
		if rate < 0 && m.arcs[q].Down < -rate*load {
			load, free = m.arcs[q].Down/-rate, q
		}
	})
	carry := func(q int32, rate float64) { m.arcs[q].Down += rate * load }
	m.rates(upper, 1/massUp, carry)
	m.rates(lower, -1/massDown, carry)
	for _, i := range upper {
		m.v[i] += load / massUp
	}
	for _, i := range lower {
		m.v[i] -= load / massDown
	}
	m.arcs[e].Down += load
	if free >= 0 {
		m.dropArc(free)
	}
	return free < 0
}

// rates visits the held arcs of a tree with the rate at which their loads
// change when the tree moves with the given acceleration, pulled at its root.
func (m *margins) rates(w walk, acceleration float64, visit func(q int32, rate float64)) {
	for _, i := range w[1:] {
		rate := acceleration * m.weight[i]
		if m.arcs[m.via[i]].B == int(i) {
			rate = -rate
		}
		visit(m.via[i], rate)
	}
}

// dropArc lets go of a held arc.
func (m *margins) dropArc(q int32) {
	m.arcs[q].Down = 0
	for _, i := range [2]int{m.arcs[q].A, m.arcs[q].B} {
		kept := m.held[i][:0]
		for _, e := range m.held[i] {
			if e != q {
				kept = append(kept, e)
			}
		}
		m.held[i] = kept
	}
}

// rest works out v and the loads of a tree anew from whole numbers, so that
// rounding does not build up: with heights h that fall by 1 along each arc,
// v = h − Σ m·h/Σ m, and an arc carries the Σ m·v of the side that it draws.
func (m *margins) rest(w walk) {
	m.height[w[0]] = 0
	for _, i := range w[1:] {
		m.height[i] = m.height[m.parent[i]] + 1
		if m.arcs[m.via[i]].B == int(i) {
			m.height[i] -= 2
		}
	}
	m.weigh(w)
	for _, i := range w {
		m.moment[i] = m.mass[i] * m.height[i]
	}
	for at := len(w) - 1; at > 0; at-- {
		m.moment[m.parent[w[at]]] += m.moment[w[at]]
	}
	total, moment := m.weight[w[0]], m.moment[w[0]]
	for _, i := range w {
		m.v[i] = m.height[i] - moment/total
	}
	for _, i := range w[1:] {
		load := (total*m.moment[i] - moment*m.weight[i]) / total
		if m.arcs[m.via[i]].B == int(i) {
			load = -load
		}
		m.arcs[m.via[i]].Down = load
	}
}
