package core

import (
	"math"
	"math/rand/v2"
	"testing"
)

// twoSided are votes on four replies of which any can be reached from any other.
var twoSided = []Pair{{0, 0, 1, 5}, {0, 1, 0, 2}, {0, 1, 2, 4}, {0, 2, 1, 3}, {0, 2, 3, 6}, {0, 3, 0, 1}, {0, 0, 3, 2}}

func readyModel(p *Problem, cfg RewardConfig) *RewardModel {
	m := NewRewardModel(p, cfg)
	for !m.Fit(100) {
	}
	return m
}

func sgdRule(rate float64) UpdateRule { return NewUpdateRule(SGD, rate) }

// The maximum-likelihood scores are where every reply's wins are as many as
// Bradley–Terry expects.
func TestRewardModelBalancesWins(t *testing.T) {
	p := bandit([]float64{1, 2, 3, 4}, twoSided...)
	for name, m := range map[string]*RewardModel{
		"to the end": readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true}),
		"steps":      readyModel(p, RewardConfig{Rule: sgdRule(1), Steps: 4000}),
		"adam":       readyModel(p, RewardConfig{Rule: NewUpdateRule(Adam, 0.01), Steps: 20000}),
	} {
		for range m.StepsFirst() {
			m.Step()
		}
		surplus := make([]float64, 4)
		for _, v := range twoSided {
			expected := v.Count / (1 + math.Exp(m.Score()[v.Rejected]-m.Score()[v.Chosen]))
			surplus[v.Chosen] += v.Count - expected
			surplus[v.Rejected] -= v.Count - expected
		}
		nearAll(t, name+": wins beyond those expected", surplus, make([]float64, 4), 1e-6)
	}
}

// TestRewardModelLossSlope compares a gradient step with central differences
// of the loss, penalty included.
func TestRewardModelLossSlope(t *testing.T) {
	p := bandit([]float64{1, 2, 3, 4}, twoSided...)
	m := readyModel(p, RewardConfig{Rule: sgdRule(1), L2: 0.3})
	copy(m.score, []float64{0.5, -1, 2, 0.1})
	before := append([]float64(nil), m.score...)
	loss := func() float64 { // as RewardModel says
		sum, votes := 0.0, 0.0
		for _, v := range twoSided {
			sum += v.Count * math.Log1p(math.Exp(m.score[v.Rejected]-m.score[v.Chosen]))
			votes += v.Count
		}
		sum /= votes
		for _, s := range m.score {
			sum += 0.3 / 2 * s * s
		}
		return sum
	}
	want := make([]float64, 4)
	for k := range want {
		m.score[k] = before[k] - 1e-5
		low := loss()
		m.score[k] = before[k] + 1e-5
		want[k] = before[k] - (loss()-low)/2e-5
		m.score[k] = before[k]
	}
	m.Step()
	nearAll(t, "a step of rate 1", m.score, want, 1e-9)
}

// With one pair, na votes against nb and the penalty λ, s = ±x where
// λx = (na σ(−2x) − nb σ(2x))/N.
func TestPenalisedRewardOfOnePair(t *testing.T) {
	for _, c := range []struct{ na, nb, l2 float64 }{{1, 0, 0.01}, {3, 0, 1e-6}, {3, 1, 0.1}, {5, 5, 0.1}, {1000, 1, 10}, {0, 7, 0.2}} {
		var pairs []Pair
		if c.na > 0 {
			pairs = append(pairs, Pair{0, 0, 1, c.na})
		}
		if c.nb > 0 {
			pairs = append(pairs, Pair{0, 1, 0, c.nb})
		}
		m := readyModel(bandit(uniform2, pairs...), RewardConfig{Rule: sgdRule(1), ToTheEnd: true, L2: c.l2})
		x := m.Score()[0]
		near(t, "s₀ + s₁", x+m.Score()[1], 0, 1e-12)
		push := (c.na/(1+math.Exp(2*x)) - c.nb/(1+math.Exp(-2*x))) / (c.na + c.nb)
		near(t, "λx", c.l2*x, push, 1e-13)
		if m.Status() != RewardPenalised {
			t.Errorf("status %q", m.Status())
		}
	}
}

// TestPenalisedRewardIsFlat: at the solution no gradient is left, on random
// votes of several prompts, one-sided ones among them.
func TestPenalisedRewardIsFlat(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	for range 30 {
		p := randomProblem(r, 1+r.IntN(3), 7, 1+r.IntN(40))
		l2 := math.Pow(10, -4*r.Float64())
		m := readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true, L2: l2})
		slope := make([]float64, p.Arms())
		for k, s := range m.Score() {
			slope[k] = l2 * s
		}
		for _, v := range p.Tallies {
			gap := m.Score()[v.A] - m.Score()[v.B]
			f := (v.ForA/(1+math.Exp(gap)) - v.ForB/(1+math.Exp(-gap))) / p.Total
			slope[v.A] -= f
			slope[v.B] += f
		}
		nearAll(t, "∇L", slope, make([]float64, p.Arms()), 1e-12)
	}
}

// On one vote the gap grows for ever: gap + e^gap = 1 + 2ηt up to the size of a
// step, so that the number of steps decides, or the penalty.
func TestOneSidedRewardHasNoFit(t *testing.T) {
	p := bandit(uniform2, Pair{0, 0, 1, 1})
	m := readyModel(p, RewardConfig{Rule: sgdRule(0.05), ToTheEnd: true, Steps: 10})
	if m.Status() != RewardUnbounded || m.StepsFirst() != 10 || m.Score()[0] != 0 {
		t.Fatalf("status %q, %d steps first, score %v: want steps from 0", m.Status(), m.StepsFirst(), m.Score())
	}
	var policies [][]float64
	var tilt Tilt
	for _, steps := range []float64{100, 1000, 10000} {
		for m.Cost().RewardUpdates < int(steps) {
			m.Step()
		}
		gap := m.Score()[0] - m.Score()[1]
		near(t, "gap + e^gap", (gap+math.Exp(gap))/(1+0.1*steps), 1, 0.06)
		tilt.Set(p.LogRef, m.Score(), 2)
		policies = append(policies, exps(tilt.LogPi))
	}
	penalised := readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true, L2: 0.1})
	tilt.Set(p.LogRef, penalised.Score(), 2)
	policies = append(policies, exps(tilt.LogPi))
	// gap = 2.48, 4.64, 6.91, and with the penalty .1x = σ(−2x), x = .939: π₀ = σ(gap/2).
	nearAll(t, "four destinations on the same vote", []float64{policies[0][0], policies[1][0], policies[2][0], policies[3][0]},
		[]float64{0.75, 0.91, 0.97, 0.72}, 0.03)
}

func TestRewardStatus(t *testing.T) {
	oneSided := bandit([]float64{1, 1, 1, 1}, append(twoSided[:3:3], Pair{0, 0, 3, 1})...)
	finite := bandit([]float64{1, 1, 1, 1}, twoSided...)
	for _, c := range []struct {
		p    *Problem
		cfg  RewardConfig
		want RewardStatus
	}{
		{finite, RewardConfig{ToTheEnd: true, Steps: 5}, RewardExact},
		{finite, RewardConfig{Steps: 5}, RewardUnfinished},
		{finite, RewardConfig{L2: 1, Steps: 5}, RewardUnfinished},
		{finite, RewardConfig{L2: 1, ToTheEnd: true}, RewardPenalised},
		{oneSided, RewardConfig{ToTheEnd: true, Steps: 5}, RewardUnbounded},
		{oneSided, RewardConfig{Steps: 5}, RewardUnbounded},
		{oneSided, RewardConfig{L2: 1, Steps: 5}, RewardUnfinished},
		{oneSided, RewardConfig{L2: 1, ToTheEnd: true}, RewardPenalised},
	} {
		c.cfg.Rule = sgdRule(1)
		m := NewRewardModel(c.p, c.cfg)
		if m.Status() != RewardFitting {
			t.Errorf("before the fit: %q", m.Status())
		}
		for !m.Fit(1) {
		}
		steps := 5
		if c.want == RewardExact || c.want == RewardPenalised {
			steps = 0
		}
		if m.Status() != c.want || m.StepsFirst() != steps {
			t.Errorf("%+v: %q, %d steps first; want %q, %d", c.cfg, m.Status(), m.StepsFirst(), c.want, steps)
		}
	}
}

// TestNewVotesAreCounted: votes that come in one at a time leave the model that
// a problem with all of them from the start has.
func TestNewVotesAreCounted(t *testing.T) {
	prompts := []Prompt{banditPrompt([]float64{1, 1, 1}), banditPrompt([]float64{1, 1, 1, 1, 1}), banditPrompt(uniform2)}
	cfg := RewardConfig{Rule: sgdRule(1), L2: 0.05, ToTheEnd: true, Online: true}
	given := []Pair{{1, 3, 1, 2}, {0, 2, 0, 1}, {1, 0, 4, 1}}
	m := readyModel(NewProblem(&Dataset{Prompts: prompts, Pairs: given}), cfg)
	r := rand.New(rand.NewPCG(83, 84))
	all := append([]Pair(nil), given...)
	for range 200 {
		i := r.IntN(3)
		from, to := m.p.Range(i)
		w := r.IntN(to - from)
		l := (w + 1 + r.IntN(to-from-1)) % (to - from)
		all = append(all, Pair{i, w, l, 1})
		m.Vote(i, from+w, from+l)
	}
	m.Refit()
	want := readyModel(NewProblem(&Dataset{Prompts: prompts, Pairs: all}), cfg)
	nearAll(t, "scores", m.Score(), want.Score(), 1e-9)
	near(t, "votes", m.total, 204, 0)
}

// Replies that were never compared keep the score 0, the mean of those that
// were: what nobody has seen counts as middling.
func TestUnseenReplyHasTheMeanReward(t *testing.T) {
	s := DefaultSettings()
	s[Source], s[Coverage] = FromPopulation, CoverSeen
	data := rewarded([]float64{2, 0, -0.5, 9}, []float64{0.1, 0.5, 0.2, 0.2})
	p, complaint := Prepare(data, &s, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	m := readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true})
	nearAll(t, "scores", m.Score(), []float64{1.5, -0.5, -1, 0}, 1e-9)
}

// rewarded is a data set of one prompt with true rewards.
func rewarded(rewards, reference []float64) *Dataset {
	prompt := banditPrompt(reference)
	for k, r := range rewards {
		prompt.Replies[k].Reward = r
	}
	return &Dataset{Prompts: []Prompt{prompt}, Rewarded: true}
}

func TestCentre(t *testing.T) {
	x := []float64{1, 2, 6}
	Centre(x, x)
	nearAll(t, "centred", x, []float64{-2, -1, 3}, 1e-15)
}
