package optimum

import (
	"math"

	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

// A Landscape is the mean loss of one prompt's votes over the logits: its slope
// and its curvature at one place after another.
type Landscape struct {
	course *Course
	loss   *objective.Loss
	k      int
	// margins tells that the normaliser cancels, so that its rounding must not
	// come in.
	margins bool

	Won, Lost []int   // the replies of the batch's two sides
	share     float64 // the batch's part of all votes
	Batch     objective.LossBatch

	logPi, pi []float64
	slope     []float64 // ∂L/∂log π of each reply
	sum       float64   // Σ slope
	Value     float64   // L
	baseline  float64   // z₀

	soft float64   // the width over which kinks are rounded; 0 for none
	bend []float64 // k×k: ∂²L/∂log π²
	base []float64 // ∂slope/∂z₀
	rows []float64
}

// Survey prepares for places where the replies have probability or, where
// logPi is −Inf, none. Votes between two of the latter say nothing there.
func (g *Landscape) Survey(c *Course, logPi []float64) {
	k := len(c.LogRef)
	_, one := c.oneLength()
	g.course, g.loss, g.k = c, c.Loss, k
	g.margins = c.Loss.Objective.ByMargin(one) || c.Loss.Objective.Sorted == objective.SortMargins
	g.logPi, g.pi, g.slope = make([]float64, k), make([]float64, k), make([]float64, k)
	g.Won, g.Lost, g.Batch, g.share = nil, nil, objective.LossBatch{}, 1
	if c.Loss.Objective.Reply != nil {
		g.countThumbs()
		return
	}
	kept, total := 0.0, 0.0
	for _, v := range c.Votes {
		total += v.Count
		if v.Count > 0 && !(math.IsInf(logPi[v.Chosen], -1) && math.IsInf(logPi[v.Rejected], -1)) {
			kept += v.Count
			g.Won = g.addExample(&g.Batch.Chosen, g.Won, v.Chosen, v.Count)
			g.Lost = g.addExample(&g.Batch.Rejected, g.Lost, v.Rejected, v.Count)
		}
	}
	if c.Loss.Objective.Alone {
		for _, t := range c.Thumbs {
			total += t.Up
			if t.Up > 0 { // its other side is not read
				kept += t.Up
				g.Won = g.addExample(&g.Batch.Chosen, g.Won, t.Reply, t.Up)
				g.Lost = g.addExample(&g.Batch.Rejected, g.Lost, t.Reply, t.Up)
			}
		}
	}
	if total > 0 {
		g.share = kept / total
	}
}

// countThumbs fills the batch where a reply's thumbs can be taken together.
func (g *Landscape) countThumbs() {
	up, down := make([]float64, g.k), make([]float64, g.k)
	for _, v := range g.course.Votes {
		up[v.Chosen] += v.Count
		down[v.Rejected] += v.Count
	}
	for _, t := range g.course.Thumbs {
		up[t.Reply] += t.Up
		down[t.Reply] += t.Down
	}
	for k := range g.k {
		if up[k] > 0 {
			g.Won = g.addExample(&g.Batch.Chosen, g.Won, k, up[k])
		}
		if down[k] > 0 {
			g.Lost = g.addExample(&g.Batch.Rejected, g.Lost, k, down[k])
		}
	}
}

// soften rounds the kinks of a loss over a width of log-ratio, so that it can be
// minimised by Newton's method: what it finds tends to the minimum as the width
// goes to 0. Width 0 undoes it.
func (g *Landscape) soften(width float64) {
	g.loss, g.soft = g.course.Loss, 0
	rounded := *g.loss
	switch {
	case width == 0:
		return
	case kinked(g.loss):
		rounded.Pair = roundedDPOP(g.loss.Params, width)
		g.soft = width
	case g.loss.Objective.Key == "chi_po":
		rounded.Pair = roundedChiPO(g.loss.Params)
	}
	g.loss = &rounded
}

func kinked(l *objective.Loss) bool { return l.Objective.Key == "dpop" && l.Params.Lambda > 0 }

// roundedDPOP is dpopLoss with max(0, −x) rounded to w·log(1 + e^(−x/w)).
func roundedDPOP(p objective.HyperParams, w float64) objective.PairLoss {
	return func(x, y float64) (loss, dx, dy float64) {
		u := p.Beta * (x - y - p.Lambda*w*num.Softplus(-x/w))
		s := p.Beta * num.Sigmoid(-u)
		return num.Softplus(-u), -s * (1 + p.Lambda*num.Sigmoid(-x/w)), s
	}
}

// roundedChiPO is chiPOLoss with a slope that fades as |u| goes from 2R to 2R + w
// instead of breaking off at 2R.
func roundedChiPO(p objective.HyperParams) objective.PairLoss {
	const w = 0.05
	beta, free := p.Beta, objective.ChiPOLoss(objective.HyperParams{Beta: p.Beta, RMax: math.Inf(1)})
	return func(x, y float64) (loss, dx, dy float64) {
		loss, dx, dy = free(x, y)
		u := beta * (num.ExpGap(x, y) + (x - y))
		if over := (math.Abs(u) - 2*p.RMax) / w; over >= 1 {
			return loss, 0, 0
		} else if over > 0 {
			fade := (1 - over) * (1 - over) * (1 + 2*over)
			return loss, fade * dx, fade * dy
		}
		return loss, dx, dy
	}
}

func (g *Landscape) addExample(s *objective.Side, replies []int, reply int, count float64) []int {
	s.LogPi = append(s.LogPi, 0)
	s.LogRef = append(s.LogRef, g.course.LogRef[reply])
	s.Weight = append(s.Weight, count)
	s.Tokens = append(s.Tokens, num.At(g.course.Tokens, reply, 1))
	return append(replies, reply)
}

// SlopeAt goes to logits. It returns max |∂L/∂z_k| and, unless downhill is nil, sets
// it to
//
//	−∂L/∂z_k = −(∂L/∂log π_k − π_k Σ_j ∂L/∂log π_j)
func (g *Landscape) SlopeAt(logits, downhill []float64) (steepest float64) {
	num.LogSoftmax(g.logPi, logits)
	b := &g.Batch
	for i, k := range g.Won {
		b.Chosen.LogPi[i] = g.logPi[k]
	}
	for i, k := range g.Lost {
		b.Rejected.LogPi[i] = g.logPi[k]
	}
	if g.baseline = 0; g.loss.Objective.Baseline {
		g.baseline = g.baselineThere()
	}
	g.Value = g.share * b.Mean(g.loss, g.baseline)
	clear(g.slope)
	for i, k := range g.Won {
		g.slope[k] += g.share * b.Chosen.Grad[i]
	}
	for i, k := range g.Lost {
		g.slope[k] += g.share * b.Rejected.Grad[i]
	}
	g.sum = 0
	for k, s := range g.slope {
		g.pi[k] = num.Exp(g.logPi[k])
		if !g.margins {
			g.sum += s
		}
	}
	for k, s := range g.slope {
		d := s - float64(g.pi[k]*g.sum)
		steepest = max(steepest, math.Abs(d))
		if downhill != nil {
			downhill[k] = -d
		}
	}
	return steepest
}

// cost is that of one SlopeAt, in the units of a pace.
func (g *Landscape) cost() int {
	if g.loss.Objective.Sorted != objective.Unsorted {
		return 80 * len(g.Won)
	}
	return 12 * len(g.Won)
}

func (g *Landscape) baselineThere() float64 {
	if g.course.Baseline == ExactBaseline {
		return objective.KTOBaseline(num.KL(g.logPi, g.course.LogRef))
	}
	return g.Batch.Baseline()
}

// curve sets dst, k×k, to minus the derivative of downhill at the place last
// looked at: with B = ∂²L/∂log π², P = I − 1πᵀ and S = Σ slope,
//
//	Pᵀ B P − S (diag π − ππᵀ),
//
// for a baseline also what its motion adds. B is taken by central differences
// of the objective's own slopes.
func (g *Landscape) curve(dst []float64) {
	if k := g.k; len(g.bend) != k*k { // only where it is asked for, for k may be large
		g.bend, g.base, g.rows = make([]float64, k*k), make([]float64, k), make([]float64, k)
	}
	clear(g.bend)
	clear(g.base)
	o, b := g.loss.Objective, &g.Batch
	switch {
	case o.Sorted != objective.Unsorted:
		g.bendSorted()
	case o.Reply != nil:
		g.bendThumbs(g.loss.Reply.Good, &b.Chosen, g.Won)
		g.bendThumbs(g.loss.Reply.Bad, &b.Rejected, g.Lost)
	case o.Margin != nil:
		total := b.Chosen.Total()
		for i := range g.Won {
			m := g.scoreOf(&b.Chosen, i) - g.scoreOf(&b.Rejected, i)
			g.bendMargin(i, i, m, g.share*b.Chosen.Weight[i]/total)
		}
	default:
		total := b.Chosen.Total()
		for i := range g.Won {
			g.bendPair(i, g.share*b.Chosen.Weight[i]/total)
		}
	}
	g.throughSoftmax(dst)
	if o.Baseline && g.baseline > 0 {
		g.bendBaseline(dst)
	}
}

// width returns the half-width of differences of scores near s: small beside
// every scale on which a loss bends. Scores without a reference stay below 0.
func (g *Landscape) width(s float64) float64 {
	p := &g.loss.Params
	h := 1e-5 * min(1, 1/p.Beta)
	if p.Tau > 0 {
		h *= min(1, p.Tau)
	}
	if g.soft > 0 {
		h = min(h, g.soft/1000)
	}
	if !g.loss.Objective.Reference {
		h = min(h, -s/4)
	}
	return h
}

func (g *Landscape) scoreOf(s *objective.Side, i int) float64 { return s.Score(g.loss.Objective, i) }

// difference returns (up − down)/2h, and 0 where nothing can be told.
func difference(up, down, h float64) float64 {
	if d := (up - down) / (2 * h); h > 0 && d-d == 0 {
		return d
	}
	return 0
}

// bendMargin adds the curvature of φ at a margin between the chosen reply of
// vote i and the rejected one of vote j.
func (g *Landscape) bendMargin(i, j int, m, weight float64) {
	l, o := &g.loss.Margin, g.loss.Objective
	var bend float64
	if l.Logistic {
		beta := g.loss.Params.Beta
		bend = beta * beta * (l.Own + l.Other) * num.SigmoidSlope(float64(beta*m)-l.Shift)
	} else {
		h := g.width(math.Inf(-1))
		bend = difference(l.Slope(m+h), l.Slope(m-h), h)
	}
	bend *= weight
	a, b := g.Won[i], g.Lost[j]
	da, db := o.ScoreSlope(num.At(g.course.Tokens, a, 1)), o.ScoreSlope(num.At(g.course.Tokens, b, 1))
	g.bend[a*g.k+a] += bend * da * da
	g.bend[b*g.k+b] += bend * db * db
	g.bend[a*g.k+b] -= bend * da * db
	g.bend[b*g.k+a] -= bend * da * db
}

func (g *Landscape) bendPair(i int, weight float64) {
	c, r, o := &g.Batch.Chosen, &g.Batch.Rejected, g.loss.Objective
	x, y := g.scoreOf(c, i), g.scoreOf(r, i)
	hx, hy := g.width(x), g.width(y)
	_, upX, _ := g.loss.Pair(x+hx, y)
	_, downX, _ := g.loss.Pair(x-hx, y)
	_, crossUp, upY := g.loss.Pair(x, y+hy)
	_, crossDown, downY := g.loss.Pair(x, y-hy)
	da, db := o.ScoreSlope(c.Tokens[i]), o.ScoreSlope(r.Tokens[i])
	a, b := g.Won[i], g.Lost[i]
	cross := weight * da * db * difference(crossUp, crossDown, hy)
	g.bend[a*g.k+a] += weight * da * da * difference(upX, downX, hx)
	g.bend[b*g.k+b] += weight * db * db * difference(upY, downY, hy)
	g.bend[a*g.k+b] += cross
	g.bend[b*g.k+a] += cross
}

func (g *Landscape) bendThumbs(f func(score, baseline float64) (loss, slope float64), s *objective.Side, replies []int) {
	n := g.Batch.Chosen.Total() + g.Batch.Rejected.Total()
	for i, k := range replies {
		x, z := g.scoreOf(s, i), g.baseline
		h, d := g.width(x), g.loss.Objective.ScoreSlope(s.Tokens[i])
		weight := s.Weight[i] / n
		_, up := f(x+h, z)
		_, down := f(x-h, z)
		g.bend[k*g.k+k] += weight * d * d * difference(up, down, h)
		_, up = f(x, z+h)
		_, down = f(x, z-h)
		g.base[k] += weight * d * difference(up, down, h)
	}
}

// bendSorted keeps to the matches that SlopeAt made.
func (g *Landscape) bendSorted() {
	b := &g.Batch
	n := b.Chosen.Total()
	for _, m := range b.Coupling.Matches {
		j := m.Y
		if g.loss.Objective.Sorted == objective.SortMargins {
			j = m.X
		}
		g.bendMargin(m.X, j, b.X[m.X]-b.Y[m.Y], g.share*m.Weight/n)
	}
}

func (g *Landscape) throughSoftmax(dst []float64) {
	k := g.k
	if g.margins {
		copy(dst, g.bend)
		return
	}
	total := 0.0
	for i := range k {
		g.rows[i] = 0
		for _, b := range g.bend[i*k : (i+1)*k] {
			g.rows[i] += b
		}
		total += g.rows[i]
	}
	for i := range k {
		for j := range k {
			d := g.bend[i*k+j] - g.rows[i]*g.pi[j] - g.pi[i]*g.rows[j] + (total+g.sum)*g.pi[i]*g.pi[j]
			if i == j {
				d -= g.sum * g.pi[i]
			}
			dst[i*k+j] = d
		}
	}
}

// bendBaseline adds the motion of z₀: its derivatives with respect to the logits
// are the replies' shares of the examples less π, or π(log-ratio − KL).
func (g *Landscape) bendBaseline(dst []float64) {
	sum := 0.0
	for _, b := range g.base {
		sum += b
	}
	clear(g.rows)
	n := g.Batch.Chosen.Total() + g.Batch.Rejected.Total()
	for i, k := range g.Won {
		g.rows[k] += g.Batch.Chosen.Weight[i] / n
	}
	for i, k := range g.Lost {
		g.rows[k] += g.Batch.Rejected.Weight[i] / n
	}
	for j := range g.rows {
		if g.rows[j] -= g.pi[j]; g.course.Baseline == ExactBaseline {
			g.rows[j] = 0
			if g.pi[j] > 0 {
				g.rows[j] = g.pi[j] * (g.logPi[j] - g.course.LogRef[j] - g.baseline)
			}
		}
	}
	for i, b := range g.base {
		for j, r := range g.rows {
			dst[i*g.k+j] += (b - g.pi[i]*sum) * r
		}
	}
}
