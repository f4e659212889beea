package rlhf

import (
	"math"

	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

// A newton holds what minimising a penalised Bradley–Terry loss takes, one
// entry for each reply of a prompt.
type newton struct {
	grad, step, residual, dir, image, trial []float64

	solving     bool    // the equations of a step, by conjugate gradients
	turns       int     // of these that were taken
	start, rest float64 // squares of the first residual, and of the last
}

// solvePenalised takes a piece of a Newton step for the prompt at hand, and goes on
// to the next prompt when the step was negligible. It returns the work done, in
// units of about one look at one comparison.
//
//	∇L  = (1/N) Σ (n₁₀ σ(s_a−s_b) − n₀₁ σ(s_b−s_a))(e_a − e_b) + λs
//	∇²L = (1/N) Σ n σ(s_a−s_b) σ(s_b−s_a) (e_a−e_b)(e_a−e_b)ᵀ + λI
//
// The loss is strictly convex and the Newton equations are solved by conjugate
// gradients, so no matrix is stored. A step that raises the loss by more than
// rounding is halved until it does not.
func (m *RewardModel) solvePenalised() (spent int) {
	from, to := m.P.Range(m.prompt)
	duels, s, w := m.Duels[m.First[m.prompt]:m.First[m.prompt+1]], m.Fitted[from:to], &m.newton
	switch {
	case !w.solving:
		w.resize(to - from)
		m.slope(w.grad, s, duels, from)
		w.begin()
	case w.rest > 1e-24*w.start && w.turns < 4*len(s):
		m.conjugateStep(duels, from, s)
	default:
		w.solving = false
		return m.takeNewton(duels, from, s)
	}
	return len(duels) + len(s)
}

// takeNewton takes the step that was solved for.
func (m *RewardModel) takeNewton(duels []objective.Duel, from int, s []float64) (spent int) {
	w := &m.newton
	size, before, halvings := 0.0, m.promptLoss(s, duels, from), 0
	for ; ; halvings++ {
		size = 0
		for k, v := range s {
			w.trial[k] = v + w.step[k]
			size = math.Max(size, math.Abs(w.step[k])/(1+math.Abs(v)))
		}
		if size < 1e-9 || halvings == 60 || m.promptLoss(w.trial, duels, from) <= before*(1+1e-14) {
			break
		}
		for k := range w.step {
			w.step[k] *= 0.5
		}
	}
	copy(s, w.trial)
	if size < 1e-9 { // the next step would be of the order of its square
		m.prompt++
		m.cost.RewardSolves++
	}
	return 2 * (halvings + 2) * (len(duels) + len(s))
}

// begin begins to solve ∇²L·step = −∇L.
func (w *newton) begin() {
	w.solving, w.turns, w.start = true, 0, 0
	for k, g := range w.grad {
		w.step[k], w.residual[k], w.dir[k] = 0, -g, -g
		w.start += float64(g * g)
	}
	w.rest = w.start
}

// turn takes one turn of conjugate gradients.
func (m *RewardModel) conjugateStep(duels []objective.Duel, from int, s []float64) {
	w := &m.newton
	m.curve(w.image, w.dir, s, duels, from)
	bend := 0.0
	for k, v := range w.dir {
		bend += float64(v * w.image[k])
	}
	along, next := w.rest/bend, 0.0
	for k := range w.step {
		w.step[k] += float64(along * w.dir[k])
		w.residual[k] -= float64(along * w.image[k])
		next += float64(w.residual[k] * w.residual[k])
	}
	for k := range w.dir {
		w.dir[k] = w.residual[k] + float64(next/w.rest*w.dir[k])
	}
	w.rest = next
	w.turns++
}

// slope sets grad to ∇L of one prompt at s; from is the prompt's first arm.
func (m *RewardModel) slope(grad, s []float64, duels []objective.Duel, from int) {
	for k, v := range s {
		grad[k] = float64(m.Cfg.L2 * v)
	}
	share := m.Share()
	for _, q := range duels {
		a, b := int(q.A)-from, int(q.B)-from
		f := float64(share * objective.Force(s[a]-s[b], q.Na, q.Nb))
		grad[a] -= f
		grad[b] += f
	}
}

// curve sets image to ∇²L·x.
func (m *RewardModel) curve(image, x, s []float64, duels []objective.Duel, from int) {
	for k, v := range x {
		image[k] = float64(m.Cfg.L2 * v)
	}
	share := m.Share()
	for _, q := range duels {
		a, b := int(q.A)-from, int(q.B)-from
		f := float64(share * (q.Na + q.Nb) * num.SigmoidSlope(s[a]-s[b]) * (x[a] - x[b]))
		image[a] += f
		image[b] -= f
	}
}

// promptLoss returns what one prompt contributes to L.
func (m *RewardModel) promptLoss(s []float64, duels []objective.Duel, from int) float64 {
	sum, norm := 0.0, 0.0
	for _, q := range duels {
		u := s[int(q.A)-from] - s[int(q.B)-from]
		loss, _ := objective.SigmoidLoss(u, q.Na, q.Nb)
		sum += loss
	}
	for _, v := range s {
		norm += float64(v * v)
	}
	return float64(m.Share()*sum) + float64(m.Cfg.L2/2*norm)
}

func (w *newton) resize(n int) {
	for _, s := range [...]*[]float64{&w.grad, &w.step, &w.residual, &w.dir, &w.image, &w.trial} {
		if cap(*s) < n {
			*s = make([]float64, n)
		}
		*s = (*s)[:n]
	}
}
