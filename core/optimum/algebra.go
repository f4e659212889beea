package optimum

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack"
	lapackgonum "gonum.org/v1/gonum/lapack/gonum"

	"dpoplayground/core/scores"
)

// inOneCall bounds the unknowns that gonum's eigendecomposition is trusted with. It
// cannot be paused: in a browser it takes 2 ms with 64 unknowns and 30 ms with 128.
// Beyond, and where a curvature is not symmetric, elimination does; see boundStep.
const inOneCall = 64

// A linearSystem solves n linear equations by elimination with row exchanges, which
// can be paused. gonum's LU decomposition cannot, so that elimination would stand
// beside it for many unknowns, and would add 16 KB to the program.
type linearSystem struct {
	n     int
	m     []float64
	order []int
}

// room returns the n×n matrix to be filled in and factored.
func (s *linearSystem) room(n int) []float64 {
	if s.n != n {
		s.n, s.m, s.order = n, make([]float64, n*n), make([]int, n)
	}
	return s.m
}

func (s *linearSystem) factor(p *scores.Pace) {
	n, m := s.n, s.m
	for k := range n {
		at := k
		for i := k + 1; i < n; i++ {
			if math.Abs(m[i*n+k]) > math.Abs(m[at*n+k]) {
				at = i
			}
		}
		s.order[k] = at
		pivot, row := m[k*n:(k+1)*n], m[at*n:(at+1)*n]
		if at != k {
			for j := range pivot {
				pivot[j], row[j] = row[j], pivot[j]
			}
		}
		for i := k + 1; i < n; i++ {
			row := m[i*n : (i+1)*n]
			f := row[k] / pivot[k]
			if row[k] = f; f == 0 {
				continue
			}
			for j := k + 1; j < n; j++ {
				row[j] -= f * pivot[j]
			}
		}
		p.Spend((n - k) * (n - k))
	}
}

// solve turns b into the solution, or into what is not finite if there is none.
func (s *linearSystem) solve(b []float64) {
	n, m := s.n, s.m
	for k, at := range s.order {
		b[k], b[at] = b[at], b[k]
	}
	for i := range n {
		for j := range i {
			b[i] -= m[i*n+j] * b[j]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			b[i] -= m[i*n+j] * b[j]
		}
		b[i] /= m[i*n+i]
	}
}

// A bending is the symmetric part of a curvature, each coordinate measured by its
// own, S = D^−½ H D^−½ with D = |diag H|, by eigenvalues and eigenvectors. Measured
// so, a reply of little probability bends the loss as much as any.
type bending struct {
	n      int
	at     []int     // the coordinates that bend the loss at all
	idle   []int     // those that count and do not
	unit   []float64 // √D of those
	values []float64
	along  [][]float64 // the eigenvectors
}

// negligibleBend is how small an eigenvalue of S counts as 0: a curvature comes from
// differences.
const negligibleBend = 1e-7

// newBending decomposes the part of an n×n curvature whose coordinates count. It
// returns nil where that is not to be had in one call.
func newBending(curve []float64, n int, counts func(i int) bool, p *scores.Pace) *bending {
	if n > inOneCall {
		return nil
	}
	b := &bending{n: n}
	for i := range n {
		switch d := curve[i*n+i]; {
		case !counts(i):
		case d == 0:
			b.idle = append(b.idle, i)
		default:
			b.at, b.unit = append(b.at, i), append(b.unit, math.Sqrt(math.Abs(d)))
		}
	}
	k := len(b.at)
	if k == 0 {
		return b
	}
	s := make([]float64, k*k) // below the diagonal
	for r, i := range b.at {
		for c, j := range b.at[:r+1] {
			v := (curve[i*n+j] + curve[j*n+i]) / (2 * b.unit[r] * b.unit[c])
			if v-v != 0 {
				return nil
			}
			s[r*k+c] = v
		}
	}
	p.Spend(8 * k * k * k)
	b.values, b.along = eigen(s, k)
	return b
}

// eigen returns the eigenvalues of a symmetric k×k matrix, of which s is what lies on
// and below the diagonal, in ascending order, and the eigenvectors, of length 1. s is
// lost. It takes the steps of gonum's mat.EigenSym for a matrix of one block: three
// reflect it into a tridiagonal one, and QR rotations make that diagonal. mat itself,
// with what it needs for many blocks, would add 35 KB to the program.
func eigen(s []float64, k int) (values []float64, along [][]float64) {
	var l lapackgonum.Implementation
	values = make([]float64, k)
	beside, scale, room := make([]float64, max(0, k-1)), make([]float64, max(0, k-1)), make([]float64, 2*k)
	l.Dsytd2(blas.Lower, k, s, k, values, beside, scale)
	shiftReflectors(s, k)
	if k > 1 {
		l.Dorg2r(k-1, k-1, k-1, s[k+1:], k, scale, room)
	}
	if !l.Dsteqr(lapack.EVOrig, k, values, beside, s, k, room) {
		panic("core: an eigendecomposition did not converge")
	}
	for v := range values {
		way := make([]float64, k)
		for i := range way {
			way[i] = s[i*k+v]
		}
		along = append(along, way)
	}
	return values, along
}

// shiftReflectors moves what Dsytd2 left of its reflectors one column to the right, to
// where Dorg2r looks for them, and makes the first row and column those of 1.
func shiftReflectors(s []float64, k int) {
	for j := k - 1; j > 0; j-- {
		s[j] = 0
		for i := j + 1; i < k; i++ {
			s[i*k+j] = s[i*k+j-1]
		}
	}
	s[0] = 1
	for i := 1; i < k; i++ {
		s[i*k] = 0
	}
}

// inertia counts the eigenvalues of S that are not 0, by sign.
func (b *bending) inertia() (positive, negative int) {
	for _, v := range b.values {
		switch {
		case v > negligibleBend:
			positive++
		case v < -negligibleBend:
			negative++
		}
	}
	return positive, negative
}

// flatness returns the number of eigenvalues of S that count as 0.
func (b *bending) flatness() int {
	positive, negative := b.inertia()
	return len(b.at) - positive - negative
}

// least returns which eigenvalues are the flat smallest in size.
func (b *bending) least(flat int) []bool {
	order := make([]int, len(b.values))
	for v := range order {
		order[v] = v
	}
	slices.SortFunc(order, func(v, w int) int { return cmp.Compare(math.Abs(b.values[v]), math.Abs(b.values[w])) })
	is := make([]bool, len(order))
	for _, v := range order[:min(flat, len(order))] {
		is[v] = true
	}
	return is
}

// newton sets step to the shortest solution of H·step = down outside the flat
// directions: descent ends there, for it has no slope along them. It returns the
// part of down that lies along them.
func (b *bending) newton(step, down []float64, flat int) (along float64) {
	clear(step)
	is := b.least(flat)
	var basis [][]float64
	for v, q := range b.along {
		if is[v] {
			way := make([]float64, b.n)
			for r, i := range b.at {
				way[i] = q[r] / b.unit[r]
			}
			basis = append(basis, way)
			continue
		}
		part := 0.0
		for r, i := range b.at {
			part += q[r] * down[i] / b.unit[r]
		}
		for r, i := range b.at {
			step[i] += part / b.values[v] * q[r] / b.unit[r]
		}
	}
	basis = orthonormal(basis, new(scores.Pace))
	copy(step, outside(step, basis))
	for _, w := range basis {
		along += floats.Dot(w, down) * floats.Dot(w, down)
	}
	for _, i := range b.idle {
		along += down[i] * down[i]
	}
	return math.Sqrt(along)
}

// orthonormal returns an orthonormal basis of the space that independent vectors span.
func orthonormal(vectors [][]float64, p *scores.Pace) (basis [][]float64) {
	for _, v := range vectors {
		rest := outside(v, basis)
		floats.Scale(1/length(rest), rest)
		basis = append(basis, rest)
		p.Spend(4 * len(basis) * len(v))
	}
	return basis
}
