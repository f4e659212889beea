package core

import "math"

// A limit is where one-sided votes lead, though no step ever gets there. The
// strongly connected sets of replies have settled and move as rigid bodies; a
// body's mass is its number of replies. The one-sided votes between bodies
// fade like 1/t, so on the clock s = log t
//
//	mass·dY/ds = Σ ± exp(logc + s − gap)   over the arcs, gap = Y_a − Y_b,
//
// and Y = v·s + w, v from the margins problem: an arc with v_a − v_b > 1 fades,
// one with v_a − v_b = 1 may come to carry a steady load. Bodies joined by loaded
// arcs come to rest relative to each other and form one greater body. If arcs
// with v_a − v_b = 1 but no load are left between those, they fade like 1/s, and
// the same happens again on the clock log s, and so on until none is left.
// Survivors are the replies with the greatest v on every clock.
type limit struct {
	k                  int
	pairs              []spring
	components, strong sets
	levels             []level
	pace               *pace
}

// A level is the motion on one of the clocks.
type level struct {
	mass   []float64
	arcs   []spring // a beats b: up = log strength, down = load
	v      []float64
	bodies sets // of the level's nodes: the nodes of the next level
}

// solve turns score from the offsets within each strong set into the limit's
// scores. It reports false, and leaves NaN for the survivors, if it gave up.
func (l *limit) solve(score []float64) bool {
	alive, body := l.unbeaten()
	if alive == nil {
		alive = make([]bool, l.k)
		for i := range alive {
			alive[i] = true
		}
		var ok bool
		if body, ok = l.climb(score, alive); !ok {
			l.giveUp(score)
			return false
		}
	}
	shift, ok := l.shifts(alive, body)
	top := math.Inf(-1)
	for i := range score {
		score[i] += shift[body.of[i]]
		if !alive[i] {
			score[i] = math.Inf(-1)
		} else if !ok {
			score[i] = math.NaN()
		}
		top = math.Max(top, score[i])
	}
	for i := range score {
		if alive[i] {
			score[i] -= top
		}
	}
	return ok
}

// unbeaten settles the common case at a glance: if just one strong set beats
// others and is beaten by none, it alone survives. Otherwise alive is nil.
func (l *limit) unbeaten() (alive []bool, body sets) {
	beats, beaten := make([]bool, l.strong.count), make([]bool, l.strong.count)
	for _, arc := range crossings(l.pairs, l.strong, nil) {
		beats[arc.a], beaten[arc.b] = true, true
	}
	winner := -1
	for g := range beats {
		if beats[g] && !beaten[g] {
			if winner >= 0 {
				return nil, sets{}
			}
			winner = g
		}
	}
	alive = make([]bool, l.k)
	for i, g := range l.strong.of {
		alive[i] = g == winner
	}
	return alive, l.strong
}

// climb goes through the clocks, adds each one's resting offsets to score,
// strikes from alive those left behind, and returns the bodies at the end.
func (l *limit) climb(score []float64, alive []bool) (sets, bool) {
	body := sets{of: append([]int(nil), l.strong.of...), count: l.strong.count}
	arcs := crossings(l.pairs, l.strong, score)
	for len(arcs) > 0 {
		lv := level{mass: masses(body), arcs: arcs}
		m := newMargins(lv.mass, arcs, l.pace)
		if !m.solve() {
			return body, false
		}
		lv.v = m.v
		keepFastest(alive, body, lv.v)
		rest := lv.tight()
		lv.bodies = loaded(len(lv.mass), rest, l.pace)
		w := make([]float64, len(lv.mass))
		if !settle(w, lv.mass, lv.bodies, rest, decayLaw{}, l.pace) {
			return body, false
		}
		l.levels = append(l.levels, lv)
		for i, g := range body.of {
			score[i] += w[g]
			body.of[i] = lv.bodies.of[g]
		}
		body.count = lv.bodies.count
		arcs = between(rest, lv.bodies, w)
	}
	return body, true
}

// giveUp leaves NaN for every reply but those that are certain to vanish: the
// members of strong sets that another set beats.
func (l *limit) giveUp(score []float64) {
	beaten := make([]bool, l.strong.count)
	for _, arc := range crossings(l.pairs, l.strong, nil) {
		beaten[arc.b] = true
	}
	for i, g := range l.strong.of {
		score[i] = math.NaN()
		if beaten[g] {
			score[i] = math.Inf(-1)
		}
	}
}

// crossings lists the votes between different sets as arcs between the sets. An
// arc's strength is the votes' count times exp(−(offset of a − offset of b)).
func crossings(pairs []spring, s sets, offset []float64) []spring {
	var arcs []spring
	for _, pair := range pairs {
		a, b, count := pair.a, pair.b, pair.up
		if s.of[a] == s.of[b] {
			continue
		}
		if count == 0 {
			a, b, count = b, a, pair.down
		}
		arc := spring{a: s.of[a], b: s.of[b]}
		if offset != nil {
			arc.up = Log(count) - (offset[a] - offset[b])
		}
		arcs = append(arcs, arc)
	}
	return arcs
}

// between carries the arcs that are left to the bodies of the next clock.
func between(arcs []spring, bodies sets, w []float64) []spring {
	var left []spring
	for _, arc := range arcs {
		if a, b := bodies.of[arc.a], bodies.of[arc.b]; a != b {
			left = append(left, spring{a: a, b: b, up: arc.up - (w[arc.a] - w[arc.b])})
		}
	}
	return left
}

// masses counts the replies of each body.
func masses(body sets) []float64 {
	mass := make([]float64, body.count)
	for _, g := range body.of {
		mass[g]++
	}
	return mass
}

// keepFastest strikes from alive the replies with less than the greatest v.
func keepFastest(alive []bool, body sets, v []float64) {
	top := math.Inf(-1)
	for i, g := range body.of {
		if alive[i] {
			top = math.Max(top, v[g])
		}
	}
	for i, g := range body.of {
		alive[i] = alive[i] && v[g] > top-tight
	}
}

// tight lists the arcs with a margin of exactly 1.
func (lv *level) tight() []spring {
	var arcs []spring
	for _, arc := range lv.arcs {
		if lv.v[arc.a]-lv.v[arc.b] < 1+tight {
			arcs = append(arcs, arc)
		}
	}
	return arcs
}

// loaded finds the bodies joined by arcs that carry a load in some solution of
// the margins problem. Given one solution, load can move along directed cycles
// of tight arcs, in which arcs that carry load may also be passed backwards; so
// the bodies are the strongly connected sets of that digraph.
func loaded(n int, arcs []spring, p *pace) sets {
	g := newDigraph(n, len(arcs), func(e int) (int, int, bool, bool) {
		return arcs[e].a, arcs[e].b, true, arcs[e].down > tight
	}, p)
	return g.strong(p)
}

// shifts says how far each surviving body ends from the reference. It is 0 for
// a body that is a whole component, since each component keeps its sum, and
// need not be known if one body survives alone. Otherwise it depends on the
// whole way there. It reports false if that way is too costly to follow.
func (l *limit) shifts(alive []bool, body sets) ([]float64, bool) {
	shift := make([]float64, body.count)
	size, of, only := masses(body), masses(l.components), -1
	for i, g := range body.of {
		if alive[i] && only < 0 {
			only = g
		} else if alive[i] && only != g {
			only = body.count
		}
	}
	if only < body.count {
		return shift, true
	}
	followed := make([]bool, l.components.count)
	for i, g := range body.of {
		c := l.components.of[i]
		if !alive[i] || followed[c] || size[g] == of[c] {
			continue
		}
		followed[c] = true
		if !l.follow(c, shift) {
			return shift, false
		}
	}
	return shift, true
}
