package rlhf

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

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
	P      *data.Problem
	Cfg    RewardConfig
	Fitted []float64
	// Duels hold the counts of votes, not scaled: those of prompt i from
	// first[i] to first[i+1].
	Duels   []objective.Duel
	First   []int
	Total   float64
	Grad    []float64
	Updater *train.Updater
	newton  newton
	cost    train.Cost

	fitting  *scores.Fit // of the prompt that is being fitted, where λ = 0
	prompt   int         // the next to be fitted
	status   RewardStatus
	oneSided bool // some votes are
	unsolved bool // steps must be taken
}

// A RewardConfig says how a reward model is fitted.
type RewardConfig struct {
	Rule     train.UpdateRule // of the gradient steps, each on all votes
	Steps    int              // gradient steps before the policy is trained
	ToTheEnd bool             // fit to the minimum instead, where there is one
	L2       float64          // λ ≥ 0
	Refit    int              // gradient steps after each round of new votes
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
func (c *RewardConfig) Check(p *data.Problem) *data.Complaint {
	if k := c.Rule.Kind; k < train.SGD || k > train.RMSprop {
		return outOf("rmopt", k, train.SGD, train.RMSprop)
	}
	if !(c.Rule.Rate > 0) || math.IsInf(c.Rule.Rate, 1) {
		return &data.Complaint{Code: "positive", Field: "rmlr", Value: data.FormatNumber(c.Rule.Rate)}
	}
	if !(c.L2 >= 0 && c.L2 <= 100) {
		return &data.Complaint{Code: "range", Field: "rml2", Value: data.FormatNumber(c.L2), Min: "0", Max: "100"}
	}
	if c.Steps < 0 || c.Steps > 10_000_000 {
		return outOf("rmsteps", c.Steps, 0, 10_000_000)
	}
	if c.Refit < 0 || c.Refit > 10_000 {
		return outOf("refit", c.Refit, 0, 10_000)
	}
	if c.Online && c.ToTheEnd && c.L2 == 0 {
		return &data.Complaint{Code: "positive", Field: "rml2", Value: "0"}
	}
	if n := allPairs(p); c.Online && n > mostJudgedPairs {
		return outOf("judged", n, 1, mostJudgedPairs)
	}
	return nil
}

func outOf(field string, value, min, max int) *data.Complaint {
	return &data.Complaint{Code: "range", Field: field, Value: data.FormatNumber(float64(value)),
		Min: data.FormatNumber(float64(min)), Max: data.FormatNumber(float64(max))}
}

// allPairs returns the number of pairs of replies to the same prompt.
func allPairs(p *data.Problem) int {
	n := 0
	for i := range p.Prompts {
		k := p.Offset[i+1] - p.Offset[i]
		n += k * (k - 1) / 2
	}
	return n
}

// NewRewardModel returns a reward model with all scores 0. The configuration
// must have passed Check.
func NewRewardModel(p *data.Problem, cfg RewardConfig) *RewardModel {
	n := p.Arms()
	m := &RewardModel{P: p, Cfg: cfg, Fitted: make([]float64, n), Grad: make([]float64, n),
		Updater: train.NewUpdater(cfg.Rule, n), Total: p.Total, status: RewardFitting}
	m.cost.Models = train.RewardModelHeld
	m.listDuels()
	return m
}

// twin returns a model made in the same way, as ready as this one, whose scores and
// votes are its own.
func (m *RewardModel) twin() *RewardModel {
	t := NewRewardModel(m.P, m.Cfg)
	t.prompt, t.status, t.oneSided, t.unsolved = m.prompt, m.status, m.oneSided, m.unsolved
	t.restore(m.save(nil))
	return t
}

// listDuels lists the compared pairs, or all of them where new votes will come.
func (m *RewardModel) listDuels() {
	m.First = make([]int, 1, len(m.P.Prompts)+1)
	for i := range m.P.Prompts {
		from, to := m.P.Range(i)
		tallies := m.P.TalliesOf(i)
		for a := from; m.Cfg.Online && a < to; a++ {
			for b := a + 1; b < to; b++ {
				q := objective.Duel{A: uint32(a), B: uint32(b)}
				if len(tallies) > 0 && tallies[0].A == a && tallies[0].B == b {
					q.Na, q.Nb = tallies[0].ForA, tallies[0].ForB
					tallies = tallies[1:]
				}
				m.Duels = append(m.Duels, q)
			}
		}
		for _, t := range tallies {
			m.Duels = append(m.Duels, objective.Duel{A: uint32(t.A), B: uint32(t.B), Na: t.ForA, Nb: t.ForB})
		}
		m.First = append(m.First, len(m.Duels))
	}
}

// Score returns the scores of all replies, as they are now. They are the
// model's own: read them, do not change them.
func (m *RewardModel) Score() []float64 { return m.Fitted }

// Status says what the scores are. Where new votes come in, it looks at those
// that are there now.
func (m *RewardModel) Status() RewardStatus {
	if m.status != RewardUnfinished || m.Cfg.L2 > 0 {
		return m.status
	}
	oneSided := m.oneSided && !m.Cfg.Online
	for i := 0; m.Cfg.Online && !oneSided && i < len(m.P.Prompts); i++ {
		oneSided = m.promptOneSided(i)
	}
	if oneSided {
		return RewardUnbounded
	}
	return m.status
}

// Cost returns what fitting has taken.
func (m *RewardModel) Cost() train.Cost { return m.cost }

// Step takes one gradient step on all votes. It allocates nothing.
func (m *RewardModel) Step() {
	objective.PushLogistic(m.Fitted, m.Grad, m.Duels, 1)
	share := m.Share()
	for k, s := range m.Fitted {
		m.Grad[k] = float64(share*m.Grad[k]) - float64(m.Cfg.L2*s)
	}
	m.Updater.Step(m.Fitted, m.Grad)
	m.cost.RewardUpdates++
}

// Share returns 1/N, or 0 where there are no votes.
func (m *RewardModel) Share() float64 {
	if m.Total == 0 {
		return 0
	}
	return 1 / m.Total
}

// Vote counts a vote that preferred one reply to another of the same prompt;
// both are arms. The model must have been made for new votes.
func (m *RewardModel) Vote(prompt, chosen, rejected int) {
	from, to := m.P.Range(prompt)
	a, b, k := min(chosen, rejected)-from, max(chosen, rejected)-from, to-from
	q := &m.Duels[m.First[prompt]+a*(2*k-a-1)/2+b-a-1]
	if chosen < rejected {
		q.Na++
	} else {
		q.Nb++
	}
	m.Total++
}

// Fit makes the model ready for use, about ops units of work (see WorkBudget)
// at a time, and reports whether it is. With ToTheEnd it solves for the scores;
// if they are not finite it puts them back to 0, and Status tells that steps
// will be taken instead. A model that is dropped before must be stopped with Stop.
func (m *RewardModel) Fit(ops int) bool {
	for ops > 0 && m.prompt < len(m.P.Prompts) && !m.unsolved {
		switch {
		case m.Cfg.ToTheEnd && m.Cfg.L2 > 0:
			ops -= m.solvePenalised()
		case m.Cfg.ToTheEnd:
			ops -= m.solveExactly(ops)
		case m.Cfg.L2 > 0: // the minimum is finite whatever the votes
			m.prompt = len(m.P.Prompts)
		default:
			m.oneSided = m.promptOneSided(m.prompt)
			m.unsolved = m.oneSided
			m.prompt++
			ops -= 4 * (m.First[m.prompt] - m.First[m.prompt-1] + 1)
		}
	}
	ready := m.unsolved || m.prompt == len(m.P.Prompts)
	if ready && m.status == RewardFitting {
		m.setStatus()
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
func (m *RewardModel) setStatus() {
	switch {
	case m.Cfg.ToTheEnd && m.Cfg.L2 > 0:
		m.status = RewardPenalised
	case m.Cfg.ToTheEnd && !m.unsolved:
		m.status = RewardExact
	default:
		m.status = RewardUnfinished
		clear(m.Fitted)
	}
}

// solveExactly works on the maximum-likelihood fit of the prompt at hand.
func (m *RewardModel) solveExactly(ops int) (spent int) {
	from, to := m.P.Range(m.prompt)
	if m.fitting == nil {
		m.fitting = scores.NewFit(to-from, m.P.VotesOf(m.prompt), 0)
		m.fitting.OneOfMany = true
	}
	if !m.fitting.Work(ops) {
		return ops
	}
	scores := m.fitting.Scores()
	m.oneSided, m.unsolved = !scores.Finite, !scores.Finite || !scores.Computed
	copy(m.Fitted[from:to], scores.Score)
	m.fitting = nil
	m.prompt++
	m.cost.RewardSolves++
	return 64 + to - from
}

// promptOneSided tells whether some replies to a prompt were preferred to
// others and never the other way round.
func (m *RewardModel) promptOneSided(prompt int) bool {
	from, to := m.P.Range(prompt)
	var pairs []scores.Spring
	for _, q := range m.Duels[m.First[prompt]:m.First[prompt+1]] {
		if q.Na > 0 || q.Nb > 0 {
			pairs = append(pairs, scores.Spring{A: int(q.A) - from, B: int(q.B) - from, Up: q.Na, Down: q.Nb})
		}
	}
	return scores.OneSided(to-from, pairs)
}

// StepsFirst returns how many gradient steps are due before the policy's first.
func (m *RewardModel) StepsFirst() int {
	if m.status == RewardExact || m.status == RewardPenalised {
		return 0
	}
	return m.Cfg.Steps
}

// beginRefit returns in how many prompts or steps the model is to be fitted anew.
func (m *RewardModel) beginRefit() (left int) {
	if m.status == RewardPenalised {
		m.prompt, m.newton.solving = 0, false
		return len(m.P.Prompts)
	}
	return m.Cfg.Refit
}

// refit takes one piece of a Refit and returns how many prompts or steps are
// left, and what it took.
func (m *RewardModel) refit(left int) (still, spent int) {
	switch {
	case left == 0:
		return 0, 1
	case m.status == RewardPenalised:
		spent = m.solvePenalised()
		return len(m.P.Prompts) - m.prompt, spent
	}
	m.Step()
	return left - 1, m.stepCost()
}

// stepCost is what a gradient step takes, in units of WorkBudget.
func (m *RewardModel) stepCost() int { return 2*len(m.Duels) + 3*len(m.Fitted) }

// save appends the model's state to dst; restore takes it off the front of src.
func (m *RewardModel) save(dst []float64) []float64 {
	dst = append(dst, m.Fitted...)
	dst = m.Updater.Save(dst)
	dst = m.cost.Save(dst)
	if m.Cfg.Online {
		dst = append(dst, m.Total)
		for _, q := range m.Duels {
			dst = append(dst, q.Na, q.Nb)
		}
	}
	return dst
}

func (m *RewardModel) restore(src []float64) []float64 {
	src = num.Take(m.Fitted, src)
	src = m.Updater.Restore(src)
	src = m.cost.Restore(src)
	if m.Cfg.Online {
		m.Total, src = src[0], src[1:]
		for i := range m.Duels {
			m.Duels[i].Na, m.Duels[i].Nb = src[2*i], src[2*i+1]
		}
		src = src[2*len(m.Duels):]
	}
	return src
}

// VotesOn returns how often one arm was preferred to another, and the reverse.
func (m *RewardModel) VotesOn(w, l int) (won, lost float64) {
	for _, q := range m.Duels {
		switch {
		case int(q.A) == w && int(q.B) == l:
			return q.Na, q.Nb
		case int(q.A) == l && int(q.B) == w:
			return q.Nb, q.Na
		}
	}
	return 0, 0
}
