package landscape

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// A Reader fills a Landscape from a lab. It keeps room.
type Reader struct {
	logPi   []float64
	scores  []float64
	tilt    scores.Tilt
	charted [3]int
}

// ChooseCorners returns the replies that a landscape shows if none are chosen:
// those with the most probability, under the reference and where the run is
// headed together. There are three, or as many as there are.
func ChooseCorners(l *core.Lab) []int {
	weight := make([]float64, l.Arms())
	for k := range weight {
		weight[k] = num.Exp(l.Reference()[k])
		if l.HasOptimum() {
			weight[k] += num.Exp(l.Optimum.LogPi[k])
		}
	}
	corners := num.Top(weight, min(3, len(weight)))
	slices.Sort(corners)
	return corners
}

// Read fills m from where a lab stands, which its meter must have looked at;
// all but None and Loss, which are the field's.
func (r *Reader) Read(m *Landscape, l *core.Lab, corners []int) {
	replies := l.Problem.Prompts[l.Prompt()].Replies
	s := &l.Experiment.Settings
	m.replies = m.replies[:0]
	m.keep = 1
	for _, k := range corners {
		p := num.Exp(l.Policy()[k])
		m.replies = append(m.replies, reply{replies[k].Text, p})
		m.keep -= p
	}
	m.Held, m.keep = len(replies)-len(corners), max(0, m.keep)
	m.policy, m.reference = among(l.Policy(), corners), among(l.Reference(), corners)
	if m.reached = read.ReachedBy(l); m.reached != picture.Unknown {
		m.optimum = among(l.Optimum.LogPi, corners)
	}
	start := l.Experiment.Start
	if m.elsewhere = len(start) == len(replies); m.elsewhere {
		r.logPi = append(r.logPi[:0], l.Reference()...)
		for k, d := range start {
			r.logPi[k] += d
		}
		m.start = among(r.logPi, corners)
	}
	m.Movable = s.CanStartElsewhere(len(replies)) == nil
	m.step, m.beta = l.Run.StepCount(), l.Beta()
	m.Reward = s[core.How] == core.LearnByRLHF
	r.readPath(m, l, corners)
	r.readCurve(m, l, corners)
}

// among returns the replies' shares of what they have together; NaN where that
// is nothing.
func among(logPi []float64, corners []int) (shares [3]float64) {
	top, sum := math.Inf(-1), 0.0
	for _, k := range corners {
		top = math.Max(top, logPi[k])
	}
	for i, k := range corners {
		shares[i] = num.Exp(logPi[k] - top)
		sum += shares[i]
	}
	for i := range corners {
		shares[i] /= sum
	}
	return shares
}

// placed is where shares are in the triangle, or on the line of two replies.
func placed(p [3]float64, n int) picture.Point {
	if n < 3 {
		return picture.Point{X: float32(p[1])}
	}
	return triangular(p)
}

// readPath takes the run's way from its history. A reply whose probability the
// history does not keep leaves it empty.
func (r *Reader) readPath(m *Landscape, l *core.Lab, corners []int) {
	m.path = m.path[:0]
	h := l.History
	from, _ := l.Problem.Range(l.Prompt())
	for i, k := range corners {
		r.charted[i] = -1
		for j, arm := range h.Arms {
			if arm == from+k {
				r.charted[i] = j
			}
		}
		if r.charted[i] < 0 {
			return
		}
	}
	for j, step := range h.Steps {
		if step >= m.step {
			break
		}
		var p [3]float64
		sum := 0.0
		for i := range corners {
			p[i] = h.Probs[j*len(h.Arms)+r.charted[i]]
			sum += p[i]
		}
		for i := range corners {
			p[i] /= sum
		}
		if sum > 0 {
			m.path = append(m.path, placed(p, len(corners)))
		}
	}
	if m.policy[0] == m.policy[0] {
		m.path = append(m.path, placed(m.policy, len(corners)))
	}
}

// readCurve takes where the optimum is at each β: π_ref e^(s/β)/Z, where there
// are such s.
func (r *Reader) readCurve(m *Landscape, l *core.Lab, corners []int) {
	m.Curve = m.Curve[:0]
	if len(corners) < 3 || !r.readScores(m, l) {
		return
	}
	add := func(beta float64) {
		r.tilt.Set(l.Reference(), r.scores, beta)
		if p := among(r.tilt.LogPi, corners); p[0] == p[0] {
			m.Curve = append(m.Curve, curvePlace{beta, triangular(p)})
		}
	}
	const points = 72
	m.Curve = append(m.Curve, curvePlace{math.Inf(1), triangular(m.reference)})
	next := len(chart.BetaTicks) - 1
	for i := range points {
		beta := 50 * math.Pow(0.01/50, float64(i)/points)
		for next >= 0 && chart.BetaTicks[next].Beta >= beta*(1-1e-9) {
			add(chart.BetaTicks[next].Beta)
			next--
		}
		add(beta)
	}
	for ; next >= 0; next-- {
		add(chart.BetaTicks[next].Beta)
	}
}

// readScores finds scores of which the optimum at every β is a tilt of the
// reference: those of the votes, the reward of RLHF, or, for a loss of u = βh
// alone, β log(π*/π_ref), as its optimum's log-ratios go as 1/β. Limits that are
// never reached make no curve.
func (r *Reader) readScores(m *Landscape, l *core.Lab) bool {
	s := &l.Experiment.Settings
	o := s.Objective()
	r.scores = r.scores[:0]
	switch {
	case m.reached != picture.Reachable:
		return false
	case s[core.How] == core.LearnDirectly && l.Scores != nil:
		r.scores = append(r.scores, l.Scores.Score...)
	case s[core.How] != core.LearnDirectly && (s[core.PolicyChoice] != train.TabularPolicy || s[core.LeashChoice] != float64(rlhf.LeashInReward)):
		return false
	case s[core.How] != core.LearnDirectly || o.Reference && o.ByMargin(l.Problem.Tokens == nil) && o.Key != "hinge" && !m.elsewhere:
		for k, lp := range l.Optimum.LogPi {
			r.scores = append(r.scores, l.Beta()*(lp-l.Reference()[k]))
		}
	default:
		return false
	}
	return true
}
