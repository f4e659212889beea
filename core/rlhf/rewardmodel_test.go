package rlhf_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// twoSided are votes on four replies of which any can be reached from any other.
var twoSided = []data.Pair{{0, 0, 1, 5}, {0, 1, 0, 2}, {0, 1, 2, 4}, {0, 2, 1, 3}, {0, 2, 3, 6}, {0, 3, 0, 1}, {0, 0, 3, 2}}

// The maximum-likelihood scores are where every reply's wins are as many as
// Bradley–Terry expects.
func TestRewardModelBalancesWins(t *testing.T) {
	p := datatest.Bandit([]float64{1, 2, 3, 4}, twoSided...)
	for name, m := range map[string]*rlhf.RewardModel{
		"to the end": coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true}),
		"steps":      coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), Steps: 4000}),
		"adam":       coretest.ReadyModel(p, rlhf.RewardConfig{Rule: train.NewUpdateRule(train.Adam, 0.01), Steps: 20000}),
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
		oracle.NearAll(t, name+": wins beyond those expected", surplus, make([]float64, 4), 1e-6)
	}
}

// TestRewardModelLossSlope compares a gradient step with central differences
// of the loss, penalty included.
func TestRewardModelLossSlope(t *testing.T) {
	p := datatest.Bandit([]float64{1, 2, 3, 4}, twoSided...)
	m := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), L2: 0.3})
	copy(m.Fitted, []float64{0.5, -1, 2, 0.1})
	before := append([]float64(nil), m.Fitted...)
	loss := func() float64 { // as RewardModel says
		sum, votes := 0.0, 0.0
		for _, v := range twoSided {
			sum += v.Count * math.Log1p(math.Exp(m.Fitted[v.Rejected]-m.Fitted[v.Chosen]))
			votes += v.Count
		}
		sum /= votes
		for _, s := range m.Fitted {
			sum += 0.3 / 2 * s * s
		}
		return sum
	}
	want := make([]float64, 4)
	for k := range want {
		m.Fitted[k] = before[k] - 1e-5
		low := loss()
		m.Fitted[k] = before[k] + 1e-5
		want[k] = before[k] - (loss()-low)/2e-5
		m.Fitted[k] = before[k]
	}
	m.Step()
	oracle.NearAll(t, "a step of rate 1", m.Fitted, want, 1e-9)
}

// With one pair, na votes against nb and the penalty λ, s = ±x where
// λx = (na σ(−2x) − nb σ(2x))/N.
func TestPenalisedRewardOfOnePair(t *testing.T) {
	for _, c := range []struct{ na, nb, l2 float64 }{{1, 0, 0.01}, {3, 0, 1e-6}, {3, 1, 0.1}, {5, 5, 0.1}, {1000, 1, 10}, {0, 7, 0.2}} {
		var pairs []data.Pair
		if c.na > 0 {
			pairs = append(pairs, data.Pair{0, 0, 1, c.na})
		}
		if c.nb > 0 {
			pairs = append(pairs, data.Pair{0, 1, 0, c.nb})
		}
		m := coretest.ReadyModel(datatest.Bandit(oracle.Uniform2, pairs...), rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true, L2: c.l2})
		x := m.Score()[0]
		oracle.Near(t, "s₀ + s₁", x+m.Score()[1], 0, 1e-12)
		push := (c.na/(1+math.Exp(2*x)) - c.nb/(1+math.Exp(-2*x))) / (c.na + c.nb)
		oracle.Near(t, "λx", c.l2*x, push, 1e-13)
		if m.Status() != rlhf.RewardPenalised {
			t.Errorf("status %q", m.Status())
		}
	}
}

// TestPenalisedRewardIsFlat: at the solution no gradient is left, on random
// votes of several prompts, one-sided ones among them.
func TestPenalisedRewardIsFlat(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 82))
	for range 30 {
		p := datatest.Random(r, 1+r.IntN(3), 7, 1+r.IntN(40))
		l2 := math.Pow(10, -4*r.Float64())
		m := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true, L2: l2})
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
		oracle.NearAll(t, "∇L", slope, make([]float64, p.Arms()), 1e-12)
	}
}

// On one vote the gap grows for ever: gap + e^gap = 1 + 2ηt up to the size of a
// step, so that the number of steps decides, or the penalty.
func TestOneSidedRewardHasNoFit(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 1})
	m := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(0.05), ToTheEnd: true, Steps: 10})
	if m.Status() != rlhf.RewardUnbounded || m.StepsFirst() != 10 || m.Score()[0] != 0 {
		t.Fatalf("status %q, %d steps first, score %v: want steps from 0", m.Status(), m.StepsFirst(), m.Score())
	}
	var policies [][]float64
	var tilt scores.Tilt
	for _, steps := range []float64{100, 1000, 10000} {
		for m.Cost().RewardUpdates < int(steps) {
			m.Step()
		}
		gap := m.Score()[0] - m.Score()[1]
		oracle.Near(t, "gap + e^gap", (gap+math.Exp(gap))/(1+0.1*steps), 1, 0.06)
		tilt.Set(p.LogRef, m.Score(), 2)
		policies = append(policies, oracle.Exps(tilt.LogPi))
	}
	penalised := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true, L2: 0.1})
	tilt.Set(p.LogRef, penalised.Score(), 2)
	policies = append(policies, oracle.Exps(tilt.LogPi))
	// gap = 2.48, 4.64, 6.91, and with the penalty .1x = σ(−2x), x = .939: π₀ = σ(gap/2).
	oracle.NearAll(t, "four destinations on the same vote", []float64{policies[0][0], policies[1][0], policies[2][0], policies[3][0]},
		[]float64{0.75, 0.91, 0.97, 0.72}, 0.03)
}

func TestRewardStatus(t *testing.T) {
	oneSided := datatest.Bandit([]float64{1, 1, 1, 1}, append(twoSided[:3:3], data.Pair{0, 0, 3, 1})...)
	finite := datatest.Bandit([]float64{1, 1, 1, 1}, twoSided...)
	for _, c := range []struct {
		p    *data.Problem
		cfg  rlhf.RewardConfig
		want rlhf.RewardStatus
	}{
		{finite, rlhf.RewardConfig{ToTheEnd: true, Steps: 5}, rlhf.RewardExact},
		{finite, rlhf.RewardConfig{Steps: 5}, rlhf.RewardUnfinished},
		{finite, rlhf.RewardConfig{L2: 1, Steps: 5}, rlhf.RewardUnfinished},
		{finite, rlhf.RewardConfig{L2: 1, ToTheEnd: true}, rlhf.RewardPenalised},
		{oneSided, rlhf.RewardConfig{ToTheEnd: true, Steps: 5}, rlhf.RewardUnbounded},
		{oneSided, rlhf.RewardConfig{Steps: 5}, rlhf.RewardUnbounded},
		{oneSided, rlhf.RewardConfig{L2: 1, Steps: 5}, rlhf.RewardUnfinished},
		{oneSided, rlhf.RewardConfig{L2: 1, ToTheEnd: true}, rlhf.RewardPenalised},
	} {
		c.cfg.Rule = coretest.SgdRule(1)
		m := rlhf.NewRewardModel(c.p, c.cfg)
		if m.Status() != rlhf.RewardFitting {
			t.Errorf("before the fit: %q", m.Status())
		}
		for !m.Fit(1) {
		}
		steps := 5
		if c.want == rlhf.RewardExact || c.want == rlhf.RewardPenalised {
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
	prompts := []data.Prompt{datatest.Prompt([]float64{1, 1, 1}), datatest.Prompt([]float64{1, 1, 1, 1, 1}), datatest.Prompt(oracle.Uniform2)}
	cfg := rlhf.RewardConfig{Rule: coretest.SgdRule(1), L2: 0.05, ToTheEnd: true, Online: true}
	given := []data.Pair{{1, 3, 1, 2}, {0, 2, 0, 1}, {1, 0, 4, 1}}
	m := coretest.ReadyModel(data.NewProblem(&data.Dataset{Prompts: prompts, Pairs: given}), cfg)
	r := rand.New(rand.NewPCG(83, 84))
	all := append([]data.Pair(nil), given...)
	for range 200 {
		i := r.IntN(3)
		from, to := m.P.Range(i)
		w := r.IntN(to - from)
		l := (w + 1 + r.IntN(to-from-1)) % (to - from)
		all = append(all, data.Pair{i, w, l, 1})
		m.Vote(i, from+w, from+l)
	}
	m.Refit()
	want := coretest.ReadyModel(data.NewProblem(&data.Dataset{Prompts: prompts, Pairs: all}), cfg)
	oracle.NearAll(t, "scores", m.Score(), want.Score(), 1e-9)
	oracle.Near(t, "votes", m.Total, 204, 0)
}

// Replies that were never compared keep the score 0, the mean of those that
// were: what nobody has seen counts as middling.
func TestUnseenReplyHasTheMeanReward(t *testing.T) {
	s := core.DefaultSettings()
	s[core.Source], s[core.Coverage] = core.FromPopulation, core.CoverSeen
	data := datatest.Rewarded([]float64{2, 0, -0.5, 9}, []float64{0.1, 0.5, 0.2, 0.2})
	p, complaint := core.Prepare(data, &s, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	m := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true})
	oracle.NearAll(t, "scores", m.Score(), []float64{1.5, -0.5, -1, 0}, 1e-9)
}

func TestCentre(t *testing.T) {
	x := []float64{1, 2, 6}
	num.Centre(x, x)
	oracle.NearAll(t, "centred", x, []float64{-2, -1, 3}, 1e-15)
}
