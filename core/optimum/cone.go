package optimum

import (
	"gonum.org/v1/gonum/floats"

	"dpoplayground/core/scores"
)

// A cone asks which directions v of the weights widen margins. Each vote asks
// for a·v ≥ 0, a being the chosen reply's features less the rejected one's.
type cone struct {
	dim  int
	asks [][]float64 // a of each vote, none of them 0
	pace *scores.Pace
	// free tells of each vote that some v that no vote is against widens its margin.
	// The others are tied: every such v leaves their margins as they are.
	free []bool
}

// negligibleShare is how short, beside what it is a part of, a vector is that
// rounding alone may have made.
const negligibleShare = 1e-7

// split sets free. By Farkas' lemma no v widens the margin of any vote left if minus
// the sum of what they ask for is a sum of what all ask for, with weights that are
// not negative; otherwise what such sums fall short of it is a v that widens some.
func (c *cone) split() {
	c.free = make([]bool, len(c.asks))
	for {
		want, left := make([]float64, c.dim), 0.0
		for i, a := range c.asks {
			if !c.free[i] {
				floats.AddScaled(want, -1/length(a), a)
				left++
			}
		}
		_, short := nonNegative(c.asks, want, c.pace)
		if size := length(short); size <= negligibleShare*left {
			return
		}
		for i, a := range c.asks {
			c.free[i] = c.free[i] || -floats.Dot(a, short) > negligibleShare*length(a)*length(short)
		}
	}
}

// anyFree tells that there is a direction in which no margin shrinks and some
// grow for ever.
func (c *cone) anyFree() bool {
	for _, is := range c.free {
		if is {
			return true
		}
	}
	return false
}

// widest returns the v that leaves the margins of tied votes as they are and
// widens the least of the others' most for its length, where that is 1: the
// shortest v with a·v ≥ 1 (Lawson and Hanson 1974, chapter 23, LDP). Descent on
// a logistic loss follows it in the end, whatever the numbers of votes (Soudry
// et al. 2018, arXiv:1710.10345; Ji and Telgarsky 2018, arXiv:1803.07300).
func (c *cone) widest() []float64 {
	basis := c.span(func(i int) bool { return !c.free[i] })
	var rows [][]float64
	for i, a := range c.asks {
		if c.free[i] {
			rows = append(rows, append(outside(a, basis), 1))
		}
	}
	want := make([]float64, c.dim+1)
	want[c.dim] = 1
	_, short := nonNegative(rows, want, c.pace)
	v := short[:c.dim]
	floats.Scale(-1/short[c.dim], v)
	return v
}

// span returns an orthonormal basis of what some of the votes ask for. Rounding
// alone would make any set of vectors independent, so that those that are all but
// spanned already must be left out: gonum's QR decomposition goes through its columns
// as they come, and tells no rank.
func (c *cone) span(of func(i int) bool) (basis [][]float64) {
	for i, a := range c.asks {
		if !of(i) || len(basis) == c.dim {
			continue
		}
		if rest := outside(a, basis); length(rest) > negligibleShare*length(a) {
			floats.Scale(1/length(rest), rest)
			basis = append(basis, rest)
		}
	}
	return basis
}

// outside returns what of a vector an orthonormal basis does not span. It goes
// over it twice, for the digits that are lost at first.
func outside(a []float64, basis [][]float64) []float64 {
	rest := append([]float64(nil), a...)
	for range 2 {
		for _, b := range basis {
			floats.AddScaled(rest, -floats.Dot(rest, b), b)
		}
	}
	return rest
}

func length(a []float64) float64 { return floats.Norm(a, 2) }

// nonNegative returns weights λ ≥ 0 for which Σ λ_i column_i is nearest to want,
// and what it falls short of it (Lawson and Hanson 1974, chapter 23, NNLS). No
// column is against what is left: column·short ≤ 0. gonum has no such least squares.
func nonNegative(columns [][]float64, want []float64, p *scores.Pace) (weights, short []float64) {
	n := nonNegativeFit{columns: columns, want: want, weights: make([]float64, len(columns)), used: make([]bool, len(columns))}
	n.fall()
	for range 3*len(columns) + 10 {
		best, at := negligibleShare/100, -1
		for i, c := range columns {
			if share := floats.Dot(c, n.short) / (length(c) * length(want)); !n.used[i] && share > best {
				best, at = share, i
			}
		}
		p.Spend(2 * len(columns) * len(want))
		if at < 0 {
			break
		}
		n.used[at] = true
		for !n.fit(p) {
		}
		n.fall()
	}
	return n.weights, n.short
}

type nonNegativeFit struct {
	columns              [][]float64
	want, weights, short []float64
	used                 []bool
	solver               linearSystem
}

// fall sets short.
func (n *nonNegativeFit) fall() {
	n.short = append(n.short[:0], n.want...)
	for i, w := range n.weights {
		if w != 0 {
			floats.AddScaled(n.short, -w, n.columns[i])
		}
	}
}

// fit goes from the weights towards the best ones of the used columns, as far as
// none becomes negative. It returns false if it had to stop and take a column
// out of use.
func (n *nonNegativeFit) fit(p *scores.Pace) bool {
	var in []int
	for i, is := range n.used {
		if is {
			in = append(in, i)
		}
	}
	m, best := n.solver.room(len(in)), make([]float64, len(in))
	for r, i := range in {
		for s, j := range in {
			m[r*len(in)+s] = floats.Dot(n.columns[i], n.columns[j])
		}
		m[r*len(in)+r] *= 1 + 1e-13 // columns that all but span each other
		best[r] = floats.Dot(n.columns[i], n.want)
	}
	n.solver.factor(p)
	n.solver.solve(best)
	part, out := 1.0, -1
	for r, i := range in {
		if best[r] <= 0 {
			if t := n.weights[i] / (n.weights[i] - best[r]); t < part || out < 0 {
				part, out = t, i
			}
		}
	}
	if out >= 0 && part-part != 0 {
		part = 0
	}
	for r, i := range in {
		n.weights[i] += part * (best[r] - n.weights[i])
	}
	if out < 0 {
		return true
	}
	n.weights[out], n.used[out] = 0, false
	return false
}
