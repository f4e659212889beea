package scores

import (
	"math"

	"dpoplayground/core/num"
)

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
	pairs              []Spring
	components, strong sets
	levels             []level
	pace               *Pace
}

// A level is the motion on one of the clocks.
type level struct {
	mass   []float64
	arcs   []Spring // a beats b: up = log strength, down = load
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
		if body, ok = l.goThroughClocks(score, alive); !ok {
			l.giveUp(score)
			return false
		}
	}
	shift, ok := l.shifts(alive, body)
	top := math.Inf(-1)
	for i := range score {
		score[i] += shift[body.Of[i]]
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
	beats, beaten := make([]bool, l.strong.Count), make([]bool, l.strong.Count)
	for _, arc := range crossings(l.pairs, l.strong, nil) {
		beats[arc.A], beaten[arc.B] = true, true
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
	for i, g := range l.strong.Of {
		alive[i] = g == winner
	}
	return alive, l.strong
}

// goThroughClocks goes through the clocks, adds each one's resting offsets to score,
// strikes from alive those left behind, and returns the bodies at the end.
func (l *limit) goThroughClocks(score []float64, alive []bool) (sets, bool) {
	body := sets{Of: append([]int(nil), l.strong.Of...), Count: l.strong.Count}
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
		if !Settle(w, lv.mass, lv.bodies, rest, decayLaw{}, l.pace) {
			return body, false
		}
		l.levels = append(l.levels, lv)
		for i, g := range body.Of {
			score[i] += w[g]
			body.Of[i] = lv.bodies.Of[g]
		}
		body.Count = lv.bodies.Count
		arcs = between(rest, lv.bodies, w)
	}
	return body, true
}

// giveUp leaves NaN for every reply but those that are certain to vanish: the
// members of strong sets that another set beats.
func (l *limit) giveUp(score []float64) {
	beaten := make([]bool, l.strong.Count)
	for _, arc := range crossings(l.pairs, l.strong, nil) {
		beaten[arc.B] = true
	}
	for i, g := range l.strong.Of {
		score[i] = math.NaN()
		if beaten[g] {
			score[i] = math.Inf(-1)
		}
	}
}

// crossings lists the votes between different sets as arcs between the sets. An
// arc's strength is the votes' count times exp(−(offset of a − offset of b)).
func crossings(pairs []Spring, s sets, offset []float64) []Spring {
	var arcs []Spring
	for _, pair := range pairs {
		a, b, count := pair.A, pair.B, pair.Up
		if s.Of[a] == s.Of[b] {
			continue
		}
		if count == 0 {
			a, b, count = b, a, pair.Down
		}
		arc := Spring{A: s.Of[a], B: s.Of[b]}
		if offset != nil {
			arc.Up = num.Log(count) - (offset[a] - offset[b])
		}
		arcs = append(arcs, arc)
	}
	return arcs
}

// between carries the arcs that are left to the bodies of the next clock.
func between(arcs []Spring, bodies sets, w []float64) []Spring {
	var left []Spring
	for _, arc := range arcs {
		if a, b := bodies.Of[arc.A], bodies.Of[arc.B]; a != b {
			left = append(left, Spring{A: a, B: b, Up: arc.Up - (w[arc.A] - w[arc.B])})
		}
	}
	return left
}

// masses counts the replies of each body.
func masses(body sets) []float64 {
	mass := make([]float64, body.Count)
	for _, g := range body.Of {
		mass[g]++
	}
	return mass
}

// keepFastest strikes from alive the replies with less than the greatest v.
func keepFastest(alive []bool, body sets, v []float64) {
	top := math.Inf(-1)
	for i, g := range body.Of {
		if alive[i] {
			top = math.Max(top, v[g])
		}
	}
	for i, g := range body.Of {
		alive[i] = alive[i] && v[g] > top-tight
	}
}

// tight lists the arcs with a margin of exactly 1.
func (lv *level) tight() []Spring {
	var arcs []Spring
	for _, arc := range lv.arcs {
		if lv.v[arc.A]-lv.v[arc.B] < 1+tight {
			arcs = append(arcs, arc)
		}
	}
	return arcs
}

// loaded finds the bodies joined by arcs that carry a load in some solution of
// the margins problem. Given one solution, load can move along directed cycles
// of tight arcs, in which arcs that carry load may also be passed backwards; so
// the bodies are the strongly connected sets of that digraph.
func loaded(n int, arcs []Spring, p *Pace) sets {
	return strongSets(n, len(arcs), func(e int) (int, int, bool, bool) {
		return arcs[e].A, arcs[e].B, true, arcs[e].Down > tight
	}, p)
}

// shifts says how far each surviving body ends from the reference. It is 0 for
// a body that is a whole component, since each component keeps its sum, and
// need not be known if one body survives alone. Otherwise it depends on the
// whole way there. It reports false if that way is too costly to follow.
func (l *limit) shifts(alive []bool, body sets) ([]float64, bool) {
	shift := make([]float64, body.Count)
	size, of, only := masses(body), masses(l.components), -1
	for i, g := range body.Of {
		if alive[i] && only < 0 {
			only = g
		} else if alive[i] && only != g {
			only = body.Count
		}
	}
	if only < body.Count {
		return shift, true
	}
	followed := make([]bool, l.components.Count)
	for i, g := range body.Of {
		c := l.components.Of[i]
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
