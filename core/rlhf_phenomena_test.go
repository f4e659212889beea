package core_test

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/internal/oracle"
)

// math.md §4: a hump of the true reward against KL: .31 at β = 5, .457 at .5, −2 at .05.
func TestOverOptimisation(t *testing.T) {
	p, lastKL := datatest.Bandit(coretest.HackRef), 0.0
	for _, c := range []struct {
		beta, truth, tol, rate float64
		steps                  int
	}{{5, 0.31, 0.005, 0.3, 2000}, {0.5, 0.457, 0.0005, 1, 20000}, {0.05, -2, 0.005, 1, 20000}} {
		oracle.Near(t, "E[true reward] of π*", oracle.Mean(coretest.Tilted(coretest.HackRef, coretest.HackProxy, c.beta), coretest.HackTruth), c.truth, c.tol)
		var tilt scores.Tilt
		r := coretest.GivenReward(p, rlhf.Config{Beta: c.beta, Rule: coretest.SgdRule(c.rate)}, coretest.HackProxy...)
		r.Optimum(&tilt, 0)
		oracle.Near(t, "E[true reward] announced", num.Expect(tilt.LogPi, coretest.HackTruth), c.truth, c.tol)
		r.Advance(c.steps)
		oracle.Near(t, "E[true reward] after the run", oracle.Mean(coretest.Spoken(p, r, 0), coretest.HackTruth), c.truth, c.tol)
		if tilt.KL <= lastKL {
			t.Errorf("KL %v does not grow as β falls", tilt.KL)
		}
		lastKL = tilt.KL
	}
}

// On the way to its optimum at β = .05 the run passes the hump: the proxy
// reward never falls, the true reward rises and then falls to −2.
func TestOverOptimisationWhileTraining(t *testing.T) {
	p := datatest.Bandit(coretest.HackRef)
	r := coretest.GivenReward(p, rlhf.Config{Beta: 0.05, Rule: coretest.SgdRule(1)}, coretest.HackProxy...)
	best, proxy := math.Inf(-1), math.Inf(-1)
	for range 2000 {
		r.Advance(10)
		pi := coretest.Spoken(p, r, 0)
		best = math.Max(best, oracle.Mean(pi, coretest.HackTruth))
		if now := oracle.Mean(pi, coretest.HackProxy); now < proxy-1e-3 {
			t.Fatalf("step %d: the proxy reward falls from %v to %v", r.StepCount(), proxy, now)
		} else {
			proxy = math.Max(proxy, now)
		}
	}
	if end := oracle.Mean(coretest.Spoken(p, r, 0), coretest.HackTruth); best < 0.6 || end > -1.9 {
		t.Errorf("the true reward is %v at its best and %v in the end", best, end)
	}
}

// χPO's optimum without clipping, t + log t = (r − λ)/β with t = π/π_ref, keeps
// the true reward at .53 or above for β from .01 to .2. Both equations are
// solved here by bisection.
func TestChiPOResistsOverOptimisation(t *testing.T) {
	bisect := func(low, high float64, tooLow func(x float64) bool) float64 {
		for range 200 {
			if mid := (low + high) / 2; tooLow(mid) {
				low = mid
			} else {
				high = mid
			}
		}
		return (low + high) / 2
	}
	ratio := func(y float64) float64 { // t of t + log t = y, through x = log t
		return math.Exp(bisect(-700, 20, func(x float64) bool { return math.Exp(x)+x < y }))
	}
	for _, beta := range []float64{0.01, 0.02, 0.05, 0.1, 0.2} {
		pi := make([]float64, 4)
		at := func(lambda float64) (sum float64) {
			for k := range pi {
				pi[k] = coretest.HackRef[k] * ratio((coretest.HackProxy[k]-lambda)/beta)
				sum += pi[k]
			}
			return sum
		}
		oracle.Near(t, "Σπ", at(bisect(-10, 10, func(l float64) bool { return at(l) > 1 })), 1, 1e-9)
		if got := oracle.Mean(pi, coretest.HackTruth); got < 0.53 {
			t.Errorf("β = %v: E[true reward] = %v, want .53 or more", beta, got)
		}
		if got := oracle.Mean(coretest.Tilted(coretest.HackRef, coretest.HackProxy, beta), coretest.HackTruth); beta <= 0.1 && got > -1.9 {
			t.Errorf("β = %v: RLHF's is %v", beta, got)
		}
	}
}

// A reply that no vote mentions is trained as if its reward were the mean of
// the others: the policy gives it π_ref e^0, before normalising.
func TestUnseenReplyUnderRLHF(t *testing.T) {
	truth, reference := []float64{2, 0, -0.5, -9}, []float64{0.1, 0.5, 0.2, 0.2}
	s := core.DefaultSettings()
	s[core.Source], s[core.Coverage] = core.FromPopulation, core.CoverSeen
	p, _ := core.Prepare(datatest.Rewarded(truth, reference), &s, nil)
	r := rlhf.New(p, coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true}), rlhf.Config{Beta: 0.8, Rule: coretest.SgdRule(2)}, data.Annotators{})
	r.Advance(10000)
	oracle.NearAll(t, "π", coretest.Spoken(p, r, 0), coretest.Tilted(reference, []float64{2, 0, -0.5, 0.5}, 0.8), 1e-8)
}

// New votes on the policy's own replies find out about the reply that the first
// votes left out: the reward that was .5 by default heads for the truth, −9,
// as far as the penalty lets it, and its mass goes.
func TestNewVotesFindTheUnseenReply(t *testing.T) {
	truth, reference := []float64{2, 0, -0.5, -9}, []float64{0.1, 0.5, 0.2, 0.2}
	s := core.DefaultSettings()
	s[core.Votes], s[core.Coverage] = 300, core.CoverSeen
	p, _ := core.Prepare(datatest.Rewarded(truth, reference), &s, nil)
	reward := rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true, L2: 0.001, Online: true}
	cfg := rlhf.Config{Beta: 0.8, Rule: coretest.SgdRule(0.5), Every: 20, Judged: 20, Seed: 4}
	blind := cfg
	blind.Every = 0
	var end []float64
	for _, c := range []rlhf.Config{blind, cfg} {
		r := rlhf.New(p, coretest.ReadyModel(p, reward), c, s.Annotators())
		r.Advance(2000)
		end = append(end, coretest.Spoken(p, r, 0)[3])
	}
	oracle.Near(t, "the unseen reply without new votes", end[0], coretest.Tilted(reference, []float64{2, 0, -0.5, 0.5}, 0.8)[3], 0.05)
	if end[1] > 0.02 {
		t.Errorf("with new votes it keeps %v", end[1])
	}
}

// Online DPO, too, heads for π_ref e^(r/β)/Z of the true rewards, without
// any votes to begin with: averaged over steps, up to noise.
func TestOnlineDPOComesNear(t *testing.T) {
	truth, reference := []float64{0.8, -0.3, 0.4}, []float64{0.2, 0.5, 0.3}
	s := core.DefaultSettings()
	set := datatest.Rewarded(truth, reference)
	o := rlhf.NewOnlineDPO(data.NewProblem(set), rlhf.OnlineDPOConfig{Beta: 0.6, Rule: coretest.SgdRule(0.3), Pairs: 16, Every: 1, Seed: 2}, s.Annotators())
	o.Advance(3000)
	average := make([]float64, 3)
	for range 6000 {
		o.Advance(1)
		for k, x := range coretest.Spoken(o.P, o, 0) {
			average[k] += x / 6000
		}
	}
	oracle.NearAll(t, "π", average, coretest.Tilted(reference, truth, 0.6), 0.02)
	c := o.Cost()
	if c.Models.Count() != 2 || c.Replies != 2*16*9000 || c.RewardCalls != 0 || c.PolicyUpdates != 9000 {
		t.Errorf("cost %+v", c)
	}
	pi := coretest.Tilted(reference, truth, 0.6)
	different := 1 - pi[0]*pi[0] - pi[1]*pi[1] - pi[2]*pi[2]
	oracle.Near(t, "share of pairs that could be judged", float64(c.Votes)/(16*9000), different, 0.02)
}
