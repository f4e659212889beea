package core

import "math"

// A RewardModel is the first stage of RLHF with a table for a network: one
// score s for each reply of every prompt, fitted to the votes by maximum
// likelihood under Bradley–Terry,
//
//	L = −(1/N) Σ n log σ(s_w − s_l) + (λ/2) Σ s²,
//
// n votes that preferred w to l, N of all (Ouyang et al. 2022, eq. 1; the
// penalty is λ = 0 there). Only differences within one prompt mean anything.
//
// On votes that are one-sided somewhere (see Scores.Finite) the minimum for
// λ = 0 lies at infinity. Then either the number of steps or λ decides where
// the scores stand; Status says which.
type RewardModel struct {
	p     *Problem
	cfg   RewardConfig
	score []float64
	// duels hold the counts of votes, not scaled: those of prompt i from
	// first[i] to first[i+1].
	duels   []duel
	first   []int
	total   float64
	grad    []float64
	updater *Updater
	newton  newton
	cost    Cost

	fitting  *Fit // of the prompt that is being fitted, where λ = 0
	prompt   int  // the next to be fitted
	status   RewardStatus
	oneSided bool // some votes are
	unsolved bool // steps must be taken
}

// A RewardConfig says how a reward model is fitted.
type RewardConfig struct {
	Rule     UpdateRule // of the gradient steps, each on all votes
	Steps    int        // gradient steps before the policy is trained
	ToTheEnd bool       // fit to the minimum instead, where there is one
	L2       float64    // λ ≥ 0
	Refit    int        // gradient steps after each round of new votes
	// Online makes room for new votes on every pair of replies. To fit to the
	// end then takes λ > 0, for new votes may be one-sided at any time.
	Online bool
}

// A RewardStatus says what the scores of a reward model are.
type RewardStatus string

// What scores can be. Their sentences are in the catalogue under "reward.status.".
const (
	RewardFitting    RewardStatus = "fitting"    // not ready: Fit has not finished
	RewardExact      RewardStatus = "exact"      // the maximum-likelihood fit
	RewardPenalised  RewardStatus = "penalised"  // the minimum with the penalty λ
	RewardUnfinished RewardStatus = "unfinished" // a number of steps towards a finite minimum
	RewardUnbounded  RewardStatus = "unbounded"  // a number of steps towards no finite minimum
	RewardCustom     RewardStatus = "custom"     // given, not fitted
)

// mostJudgedPairs bounds the pairs of replies, of all prompts together, on
// which new votes can be counted: they are part of every checkpoint.
const mostJudgedPairs = 50_000

// Check says what of a configuration is not allowed for a problem, or nil.
func (c *RewardConfig) Check(p *Problem) *Complaint {
	if k := c.Rule.Kind; k < SGD || k > RMSprop {
		return outOf("rmopt", k, SGD, RMSprop)
	}
	if !(c.Rule.Rate > 0) || math.IsInf(c.Rule.Rate, 1) {
		return &Complaint{Code: "positive", Field: "rmlr", Value: formatNumber(c.Rule.Rate)}
	}
	if !(c.L2 >= 0 && c.L2 <= 100) {
		return &Complaint{Code: "range", Field: "rml2", Value: formatNumber(c.L2), Min: "0", Max: "100"}
	}
	if c.Steps < 0 || c.Steps > 10_000_000 {
		return outOf("rmsteps", c.Steps, 0, 10_000_000)
	}
	if c.Refit < 0 || c.Refit > 10_000 {
		return outOf("refit", c.Refit, 0, 10_000)
	}
	if c.Online && c.ToTheEnd && c.L2 == 0 {
		return &Complaint{Code: "positive", Field: "rml2", Value: "0"}
	}
	if n := allPairs(p); c.Online && n > mostJudgedPairs {
		return outOf("judged", n, 1, mostJudgedPairs)
	}
	return nil
}

func outOf(field string, value, min, max int) *Complaint {
	return &Complaint{Code: "range", Field: field, Value: formatNumber(float64(value)),
		Min: formatNumber(float64(min)), Max: formatNumber(float64(max))}
}

// allPairs returns the number of pairs of replies to the same prompt.
func allPairs(p *Problem) int {
	n := 0
	for i := range p.Prompts {
		k := p.Offset[i+1] - p.Offset[i]
		n += k * (k - 1) / 2
	}
	return n
}

// NewRewardModel returns a reward model with all scores 0. The configuration
// must have passed Check.
func NewRewardModel(p *Problem, cfg RewardConfig) *RewardModel {
	n := p.Arms()
	m := &RewardModel{p: p, cfg: cfg, score: make([]float64, n), grad: make([]float64, n),
		updater: NewUpdater(cfg.Rule, n), total: p.Total, status: RewardFitting}
	m.cost.Models = RewardModelHeld
	m.listDuels()
	return m
}

// twin returns a model made in the same way, as ready as this one, whose scores and
// votes are its own.
func (m *RewardModel) twin() *RewardModel {
	t := NewRewardModel(m.p, m.cfg)
	t.prompt, t.status, t.oneSided, t.unsolved = m.prompt, m.status, m.oneSided, m.unsolved
	t.restore(m.save(nil))
	return t
}

// listDuels lists the compared pairs, or all of them where new votes will come.
func (m *RewardModel) listDuels() {
	m.first = make([]int, 1, len(m.p.Prompts)+1)
	for i := range m.p.Prompts {
		from, to := m.p.Range(i)
		tallies := m.p.TalliesOf(i)
		for a := from; m.cfg.Online && a < to; a++ {
			for b := a + 1; b < to; b++ {
				q := duel{a: uint32(a), b: uint32(b)}
				if len(tallies) > 0 && tallies[0].A == a && tallies[0].B == b {
					q.na, q.nb = tallies[0].ForA, tallies[0].ForB
					tallies = tallies[1:]
				}
				m.duels = append(m.duels, q)
			}
		}
		for _, t := range tallies {
			m.duels = append(m.duels, duel{a: uint32(t.A), b: uint32(t.B), na: t.ForA, nb: t.ForB})
		}
		m.first = append(m.first, len(m.duels))
	}
}

// Score returns the scores of all replies, as they are now. They are the
// model's own: read them, do not change them.
func (m *RewardModel) Score() []float64 { return m.score }

// Status says what the scores are. Where new votes come in, it looks at those
// that are there now.
func (m *RewardModel) Status() RewardStatus {
	if m.status != RewardUnfinished || m.cfg.L2 > 0 {
		return m.status
	}
	oneSided := m.oneSided && !m.cfg.Online
	for i := 0; m.cfg.Online && !oneSided && i < len(m.p.Prompts); i++ {
		oneSided = m.promptOneSided(i)
	}
	if oneSided {
		return RewardUnbounded
	}
	return m.status
}

// Cost returns what fitting has taken.
func (m *RewardModel) Cost() Cost { return m.cost }

// Step takes one gradient step on all votes. It allocates nothing.
func (m *RewardModel) Step() {
	climb(m.score, m.grad, m.duels, 1)
	share := m.share()
	for k, s := range m.score {
		m.grad[k] = float64(share*m.grad[k]) - float64(m.cfg.L2*s)
	}
	m.updater.Step(m.score, m.grad)
	m.cost.RewardUpdates++
}

// share returns 1/N, or 0 where there are no votes.
func (m *RewardModel) share() float64 {
	if m.total == 0 {
		return 0
	}
	return 1 / m.total
}

// Vote counts a vote that preferred one reply to another of the same prompt;
// both are arms. The model must have been made for new votes.
func (m *RewardModel) Vote(prompt, chosen, rejected int) {
	from, to := m.p.Range(prompt)
	a, b, k := min(chosen, rejected)-from, max(chosen, rejected)-from, to-from
	q := &m.duels[m.first[prompt]+a*(2*k-a-1)/2+b-a-1]
	if chosen < rejected {
		q.na++
	} else {
		q.nb++
	}
	m.total++
}

// Fit makes the model ready for use, about ops units of work (see WorkBudget)
// at a time, and reports whether it is. With ToTheEnd it solves for the scores;
// if they are not finite it puts them back to 0, and Status tells that steps
// will be taken instead. A model that is dropped before must be stopped with Stop.
func (m *RewardModel) Fit(ops int) bool {
	for ops > 0 && m.prompt < len(m.p.Prompts) && !m.unsolved {
		switch {
		case m.cfg.ToTheEnd && m.cfg.L2 > 0:
			ops -= m.solvePenalised()
		case m.cfg.ToTheEnd:
			ops -= m.solveExactly(ops)
		case m.cfg.L2 > 0: // the minimum is finite whatever the votes
			m.prompt = len(m.p.Prompts)
		default:
			m.oneSided = m.promptOneSided(m.prompt)
			m.unsolved = m.oneSided
			m.prompt++
			ops -= 4 * (m.first[m.prompt] - m.first[m.prompt-1] + 1)
		}
	}
	ready := m.unsolved || m.prompt == len(m.p.Prompts)
	if ready && m.status == RewardFitting {
		m.settle()
	}
	return ready
}

// Stop abandons an unfinished fit and frees what it holds.
func (m *RewardModel) Stop() {
	if m.fitting != nil {
		m.fitting.Stop()
	}
}

// settle says what the scores are, now that every prompt has been seen.
func (m *RewardModel) settle() {
	switch {
	case m.cfg.ToTheEnd && m.cfg.L2 > 0:
		m.status = RewardPenalised
	case m.cfg.ToTheEnd && !m.unsolved:
		m.status = RewardExact
	default:
		m.status = RewardUnfinished
		clear(m.score)
	}
}

// solveExactly works on the maximum-likelihood fit of the prompt at hand.
func (m *RewardModel) solveExactly(ops int) (spent int) {
	from, to := m.p.Range(m.prompt)
	if m.fitting == nil {
		m.fitting = NewFit(to-from, m.p.VotesOf(m.prompt), 0)
	}
	if !m.fitting.Work(ops) {
		return ops
	}
	scores := m.fitting.Scores()
	m.oneSided, m.unsolved = !scores.Finite, !scores.Finite || !scores.Computed
	copy(m.score[from:to], scores.Score)
	m.fitting = nil
	m.prompt++
	m.cost.RewardSolves++
	return 64 + to - from
}

// promptOneSided tells whether some replies to a prompt were preferred to
// others and never the other way round.
func (m *RewardModel) promptOneSided(prompt int) bool {
	from, to := m.p.Range(prompt)
	var pairs []spring
	for _, q := range m.duels[m.first[prompt]:m.first[prompt+1]] {
		if q.na > 0 || q.nb > 0 {
			pairs = append(pairs, spring{a: int(q.a) - from, b: int(q.b) - from, up: q.na, down: q.nb})
		}
	}
	var p pace
	return strongSets(to-from, pairs, &p).count > connect(to-from, pairs, &p).count
}

// StepsFirst returns how many gradient steps are due before the policy's first.
func (m *RewardModel) StepsFirst() int {
	if m.status == RewardExact || m.status == RewardPenalised {
		return 0
	}
	return m.cfg.Steps
}

// Refit fits the model to the votes as they are now, after new ones: to the end
// if it was, else by the configured number of steps.
func (m *RewardModel) Refit() {
	for left := m.beginRefit(); left > 0; {
		left, _ = m.refit(left)
	}
}

// beginRefit returns in how many prompts or steps the model is to be fitted anew.
func (m *RewardModel) beginRefit() (left int) {
	if m.status == RewardPenalised {
		m.prompt, m.newton.solving = 0, false
		return len(m.p.Prompts)
	}
	return m.cfg.Refit
}

// refit takes one piece of a Refit and returns how many prompts or steps are
// left, and what it took.
func (m *RewardModel) refit(left int) (still, spent int) {
	switch {
	case left == 0:
		return 0, 1
	case m.status == RewardPenalised:
		spent = m.solvePenalised()
		return len(m.p.Prompts) - m.prompt, spent
	}
	m.Step()
	return left - 1, m.stepCost()
}

// stepCost is what a gradient step takes, in units of WorkBudget.
func (m *RewardModel) stepCost() int { return 2*len(m.duels) + 3*len(m.score) }

// save appends the model's state to dst; restore takes it off the front of src.
func (m *RewardModel) save(dst []float64) []float64 {
	dst = append(dst, m.score...)
	dst = m.updater.save(dst)
	dst = m.cost.save(dst)
	if m.cfg.Online {
		dst = append(dst, m.total)
		for _, q := range m.duels {
			dst = append(dst, q.na, q.nb)
		}
	}
	return dst
}

func (m *RewardModel) restore(src []float64) []float64 {
	src = take(m.score, src)
	src = m.updater.restore(src)
	src = m.cost.restore(src)
	if m.cfg.Online {
		m.total, src = src[0], src[1:]
		for i := range m.duels {
			m.duels[i].na, m.duels[i].nb = src[2*i], src[2*i+1]
		}
		src = src[2*len(m.duels):]
	}
	return src
}

// Centre sets dst to x less its mean: what a list of rewards of the replies to
// one prompt says, for only differences mean anything. dst and x have one
// length and may be the same slice.
func Centre(dst, x []float64) {
	mean := 0.0
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for k, v := range x {
		dst[k] = v - mean
	}
}
