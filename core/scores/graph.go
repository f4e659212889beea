package scores

import (
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"

	"dpoplayground/core/data"
)

// inOneCall bounds the nodes and edges of graphs that gonum's topo is asked about. It
// cannot be paused, and takes about a microsecond for each natively. Beyond, and where
// many questions are looked at in a row, linear searches over arrays do the same.
const inOneCall = 500

// sets is a partition of 0..n−1: of[i] is the number of the set that holds i.
type sets struct {
	Of    []int
	Count int
}

// Aggregate adds up the votes on each pair of replies: a spring has a < b, in
// up the votes for a over b and in down those for b over a. The springs come
// sorted by (a, b), whatever the order of the votes, so that everything after
// is independent of it but for rounding in the sums. Counts of zero vanish.
func Aggregate(k int, votes []data.Pair, eps float64, p *Pace) []Spring {
	order := sortBy(nil, len(votes), k, func(i int) int { return max(votes[i].Chosen, votes[i].Rejected) }, p)
	order = sortBy(order, len(votes), k, func(i int) int { return min(votes[i].Chosen, votes[i].Rejected) }, p)
	pairs := make([]Spring, 0, min(len(votes), k*(k-1)/2))
	for from, to := range p.each(len(order), 2) {
		for _, i := range order[from:to] {
			if votes[i].Count > 0 {
				pairs = count(pairs, &votes[i], eps)
			}
		}
	}
	return pairs
}

// count adds a vote to the last of the sorted pairs, or to a new one.
func count(pairs []Spring, v *data.Pair, eps float64) []Spring {
	a, b := min(v.Chosen, v.Rejected), max(v.Chosen, v.Rejected)
	if n := len(pairs); n == 0 || pairs[n-1].A != a || pairs[n-1].B != b {
		pairs = append(pairs, Spring{A: a, B: b})
	}
	pair := &pairs[len(pairs)-1]
	same, other := (1-eps)*v.Count, eps*v.Count
	if v.Chosen != a {
		same, other = other, same
	}
	pair.Up += same
	pair.Down += other
	return pairs
}

// sortBy returns the n indices in order (all of 0..n−1 if nil) sorted stably by
// a key in 0..k−1, in time O(n+k).
func sortBy(order []int32, n, k int, key func(int) int, p *Pace) []int32 {
	start := make([]int32, k+1)
	for from, to := range p.each(n, 2) {
		for i := from; i < to; i++ {
			start[key(i)+1]++
		}
	}
	for j := range k {
		start[j+1] += start[j]
	}
	sorted := make([]int32, n)
	for from, to := range p.each(n, 4) {
		for at := from; at < to; at++ {
			i := int32(at)
			if order != nil {
				i = order[at]
			}
			j := key(int(i))
			sorted[start[j]] = i
			start[j]++
		}
	}
	return sorted
}

// Connect returns the connected components that the springs make of n nodes,
// numbered in order of their lowest node.
func Connect(n int, springs []Spring, p *Pace) sets {
	if n+len(springs) > inOneCall {
		return connectLinearly(n, springs, p)
	}
	g := simple.NewUndirectedGraph()
	addNodes(g, n)
	for _, s := range springs {
		g.SetEdge(simple.Edge{F: simple.Node(s.A), T: simple.Node(s.B)})
	}
	p.Spend(20 * (n + len(springs)))
	return numbered(n, topo.ConnectedComponents(g))
}

func addNodes(g graph.NodeAdder, n int) {
	for i := range n {
		g.AddNode(simple.Node(i))
	}
}

// numbered returns gonum's sets, which come in no fixed order, in that of their lowest
// nodes.
func numbered(n int, groups [][]graph.Node) sets {
	s := sets{Of: make([]int, n), Count: len(groups)}
	for i, nodes := range groups {
		for _, v := range nodes {
			s.Of[v.ID()] = i
		}
	}
	s.renumber()
	return s
}

// connectLinearly is Connect by merging trees, which can be paused.
func connectLinearly(n int, springs []Spring, p *Pace) sets {
	root := make([]int, n)
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for from, to := range p.each(len(springs), 2) {
		for _, s := range springs[from:to] {
			a, b := find(s.A), find(s.B)
			root[max(a, b)] = min(a, b) // the lowest node leads
		}
	}
	s := sets{Of: make([]int, n)}
	for i := range root {
		if lead := find(i); lead < i {
			s.Of[i] = s.Of[lead]
		} else {
			s.Of[i] = s.Count
			s.Count++
		}
	}
	return s
}

// StrongSets returns the strongly connected sets of the digraph "was preferred
// to".
func StrongSets(k int, pairs []Spring, p *Pace) sets {
	return strongSets(k, len(pairs), preferences(pairs), p)
}

func strongSetsLinearly(k int, pairs []Spring, p *Pace) sets {
	return newDigraph(k, len(pairs), preferences(pairs), p).strong(p)
}

func preferences(pairs []Spring) func(e int) (a, b int, forth, back bool) {
	return func(e int) (int, int, bool, bool) {
		return pairs[e].A, pairs[e].B, pairs[e].Up > 0, pairs[e].Down > 0
	}
}

// OneSided tells whether some replies to a question were preferred to others and never
// the other way round. It is quick enough to be asked of every question.
func OneSided(k int, pairs []Spring) bool {
	var p Pace
	return strongSetsLinearly(k, pairs, &p).Count > connectLinearly(k, pairs, &p).Count
}

// strongSets returns the strongly connected sets of a digraph on n nodes with m links:
// link(e) returns the two ends, and whether there is an arc forth and one back.
func strongSets(n, m int, link func(e int) (a, b int, forth, back bool), p *Pace) sets {
	if n+m > inOneCall {
		return newDigraph(n, m, link, p).strong(p)
	}
	g := simple.NewDirectedGraph()
	addNodes(g, n)
	for e := range m {
		a, b, forth, back := link(e)
		if forth {
			g.SetEdge(simple.Edge{F: simple.Node(a), T: simple.Node(b)})
		}
		if back {
			g.SetEdge(simple.Edge{F: simple.Node(b), T: simple.Node(a)})
		}
	}
	p.Spend(20 * (n + m))
	return numbered(n, topo.TarjanSCC(g))
}

// A digraph holds the heads of the arcs that leave node i in
// head[start[i]:start[i+1]].
type digraph struct {
	start, head []int32
}

// newDigraph builds a digraph of links; see strongSets.
func newDigraph(n, m int, link func(e int) (a, b int, forth, back bool), p *Pace) digraph {
	arcs := fill(2*m, n, func(i int) int {
		a, b, forth, back := link(i / 2)
		switch {
		case i%2 == 0 && forth:
			return a
		case i%2 == 1 && back:
			return b
		}
		return -1
	}, p)
	for from, to := range p.each(len(arcs.item), 2) {
		for at, i := range arcs.item[from:to] {
			a, b, _, _ := link(int(i / 2))
			arcs.item[from+at] = int32(b)
			if i%2 == 1 {
				arcs.item[from+at] = int32(a)
			}
		}
	}
	return digraph{start: arcs.start, head: arcs.item}
}

// strong returns the strongly connected sets (Tarjan 1972, without recursion), which
// can be paused, numbered as those of few nodes are.
func (g digraph) strong(p *Pace) sets {
	n := len(g.start) - 1
	t := tarjan{
		digraph: g,
		sets:    sets{Of: make([]int, n)},
		at:      append([]int32(nil), g.start[:n]...),
		seen:    make([]int32, n),
		low:     make([]int32, n),
	}
	for i := range n {
		if t.seen[i] == 0 {
			t.visit(int32(i), p)
		}
	}
	t.sets.renumber()
	return t.sets
}

// renumber numbers sets in order of their lowest node.
func (s *sets) renumber() {
	number := slices.Repeat([]int{-1}, s.Count)
	next := 0
	for i, of := range s.Of {
		if number[of] < 0 {
			number[of] = next
			next++
		}
		s.Of[i] = number[of]
	}
}

// tarjan is the state of the search: at is the next arc of each node, seen the
// order of discovery from 1 (0: not yet), low the earliest open node known to
// be reachable, path the nodes being searched, open those not yet in a set.
type tarjan struct {
	digraph
	sets
	at, seen, low []int32
	path, open    []int32
	clock         int32
}

func (t *tarjan) visit(root int32, p *Pace) {
	t.enter(root)
	for len(t.path) > 0 {
		i := t.path[len(t.path)-1]
		if t.at[i] < t.start[i+1] {
			j := t.head[t.at[i]]
			t.at[i]++
			if t.seen[j] == 0 {
				t.enter(j)
			} else {
				t.low[i] = min(t.low[i], t.low[j])
			}
			continue
		}
		p.Spend(int(t.start[i+1]-t.start[i]) + 1)
		t.leave(i)
	}
}

func (t *tarjan) enter(i int32) {
	t.clock++
	t.seen[i], t.low[i] = t.clock, t.clock
	t.path = append(t.path, i)
	t.open = append(t.open, i)
}

// leave ends the search of i: if it reaches nothing earlier it closes a set.
func (t *tarjan) leave(i int32) {
	const closed = 1<<31 - 1
	t.path = t.path[:len(t.path)-1]
	if n := len(t.path); n > 0 {
		up := t.path[n-1]
		t.low[up] = min(t.low[up], t.low[i])
	}
	if t.low[i] != t.seen[i] {
		return
	}
	for {
		j := t.open[len(t.open)-1]
		t.open = t.open[:len(t.open)-1]
		t.Of[j], t.low[j] = t.Count, closed
		if j == i {
			break
		}
	}
	t.Count++
}
