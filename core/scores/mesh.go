package scores

import (
	"math"

	"dpoplayground/core/num"
)

// A link carries the linear response of a spring: a stiffness w ≥ 0 and a
// force f that pushes a up and b down.
type link struct {
	a, b int
	w, f float64
}

// A mesh solves for the displacements x at which the links' forces balance,
//
//	Σ_j w_ij·(x_i − x_j) = Σ_j f_ij  for every node i,  x = 0 at the last node,
//
// by the star–mesh transform: a node goes, and its neighbours are linked
// directly in its stead,
//
//	w_ij += w_ik·w_kj/W_k,  f_ij += (w_ki·f_kj − w_kj·f_ki)/W_k,  W_k = Σ_j w_kj.
//
// It is Gaussian elimination that never subtracts stiffnesses and keeps every
// force on its link, so stiff parts of the network cannot drown the weak links
// between them: stiffnesses may span hundreds of orders of magnitude. gonum's
// decompositions subtract.
type mesh struct {
	w, f []float64 // n×n, above the diagonal
	sum  []float64 // W_k at the time node k goes
}

// solve writes the displacements to x, which has one entry for each node. The
// nodes must be connected.
func (m *mesh) solve(x []float64, links []link, p *Pace) {
	n := len(x)
	m.fill(n, links)
	for k := range n - 1 {
		m.eliminate(n, k)
		p.Spend((n - k) * (n - k) / 2)
	}
	x[n-1] = 0
	for k := n - 2; k >= 0; k-- {
		s := 0.0
		for j := k + 1; j < n; j++ {
			s += m.w[k*n+j]*x[j] + m.f[k*n+j]
		}
		x[k] = s / m.sum[k]
	}
}

func (m *mesh) fill(n int, links []link) {
	m.w = append(m.w[:0], make([]float64, n*n)...)
	m.f = append(m.f[:0], make([]float64, n*n)...)
	m.sum = append(m.sum[:0], make([]float64, n)...)
	for i := range links {
		l := &links[i]
		at, f := l.a*n+l.b, l.f
		if l.a > l.b {
			at, f = l.b*n+l.a, -l.f
		}
		m.w[at] += l.w
		m.f[at] += f
	}
}

func (m *mesh) eliminate(n, k int) {
	w, f := m.w[k*n:(k+1)*n], m.f[k*n:(k+1)*n]
	total := 0.0
	for _, wk := range w[k+1:] {
		total += wk
	}
	m.sum[k] = total
	for i := k + 1; i < n; i++ {
		if w[i] == 0 && f[i] == 0 {
			continue
		}
		wi, fi := w[i]/total, f[i]/total
		wrow, frow := m.w[i*n:(i+1)*n], m.f[i*n:(i+1)*n]
		for j := i + 1; j < n; j++ {
			wrow[j] += wi * w[j]
			frow[j] += wi*f[j] - w[j]*fi
		}
	}
}

// gradients solves the same equations by conjugate gradients, preconditioned
// by the stiffness at each node (Jacobi). The displacements are known up to a
// common shift.
type gradients struct {
	diagonal, residual, z, direction, image []float64
}

// solve writes the displacements to x, to the given relative precision of the
// residual.
func (g *gradients) solve(x []float64, links []link, precision float64, p *Pace) {
	g.start(x, links, p)
	rz := num.Dot(g.residual, g.z)
	goal := rz * precision * precision
	copy(g.direction, g.z)
	for range 20*len(x) + 100 {
		if !(rz > goal) {
			return
		}
		g.respond(links, p)
		p.Spend(4 * len(x))
		bend := num.Dot(g.direction, g.image)
		if !(bend > 0) {
			return // nothing but rounding is left
		}
		alpha := rz / bend
		for i := range x {
			x[i] += alpha * g.direction[i]
			g.residual[i] -= alpha * g.image[i]
			g.z[i] = g.residual[i] / g.diagonal[i]
		}
		next := num.Dot(g.residual, g.z)
		for i, z := range g.z {
			g.direction[i] = z + next/rz*g.direction[i]
		}
		rz = next
	}
}

func (g *gradients) start(x []float64, links []link, p *Pace) {
	n := len(x)
	for _, v := range []*[]float64{&g.diagonal, &g.residual, &g.z, &g.direction, &g.image} {
		*v = append((*v)[:0], make([]float64, n)...)
	}
	clear(x)
	for from, to := range p.each(len(links), 2) {
		for _, l := range links[from:to] {
			g.diagonal[l.a] += l.w
			g.diagonal[l.b] += l.w
			g.residual[l.a] += l.f
			g.residual[l.b] -= l.f
		}
	}
	mean := 0.0 // the forces add up to 0, but for rounding, which no x can answer
	for _, f := range g.residual {
		mean += f / float64(n)
	}
	for i := range g.diagonal {
		g.residual[i] -= mean
		g.diagonal[i] = math.Max(g.diagonal[i], math.SmallestNonzeroFloat64)
		g.z[i] = g.residual[i] / g.diagonal[i]
	}
}

// respond sets image to the forces that the direction would call up.
func (g *gradients) respond(links []link, p *Pace) {
	clear(g.image)
	for from, to := range p.each(len(links), 2) {
		for i := from; i < to; i++ {
			l := &links[i]
			f := l.w * (g.direction[l.a] - g.direction[l.b])
			g.image[l.a] += f
			g.image[l.b] -= f
		}
	}
}
