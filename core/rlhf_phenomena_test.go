package core

import (
	"math"
	"testing"
)

// The bandit of over-optimisation: the proxy likes best what the truth likes
// least, and the reference hardly ever says it.
var (
	hackRef   = []float64{0.55, 0.4, 0.049, 0.001}
	hackProxy = []float64{0, 0.6, 1, 2}
	hackTruth = []float64{0, 0.6, 1, -2}
)

func mean(pi, x []float64) float64 {
	sum := 0.0
	for k := range pi {
		sum += pi[k] * x[k]
	}
	return sum
}

// math.md §4: a hump of the true reward against KL: .31 at β = 5, .457 at .5, −2 at .05.
func TestOverOptimisation(t *testing.T) {
	p, lastKL := bandit(hackRef), 0.0
	for _, c := range []struct {
		beta, truth, tol, rate float64
		steps                  int
	}{{5, 0.31, 0.005, 0.3, 2000}, {0.5, 0.457, 0.0005, 1, 20000}, {0.05, -2, 0.005, 1, 20000}} {
		near(t, "E[true reward] of π*", mean(tilted(hackRef, hackProxy, c.beta), hackTruth), c.truth, c.tol)
		var tilt Tilt
		r := givenReward(p, RLHFConfig{Beta: c.beta, Rule: sgdRule(c.rate)}, hackProxy...)
		r.Optimum(&tilt, 0)
		near(t, "E[true reward] announced", Expect(tilt.LogPi, hackTruth), c.truth, c.tol)
		r.Advance(c.steps)
		near(t, "E[true reward] after the run", mean(spoken(p, r, 0), hackTruth), c.truth, c.tol)
		if tilt.KL <= lastKL {
			t.Errorf("KL %v does not grow as β falls", tilt.KL)
		}
		lastKL = tilt.KL
	}
}

// On the way to its optimum at β = .05 the run passes the hump: the proxy
// reward never falls, the true reward rises and then falls to −2.
func TestOverOptimisationWhileTraining(t *testing.T) {
	p := bandit(hackRef)
	r := givenReward(p, RLHFConfig{Beta: 0.05, Rule: sgdRule(1)}, hackProxy...)
	best, proxy := math.Inf(-1), math.Inf(-1)
	for range 2000 {
		r.Advance(10)
		pi := spoken(p, r, 0)
		best = math.Max(best, mean(pi, hackTruth))
		if now := mean(pi, hackProxy); now < proxy-1e-3 {
			t.Fatalf("step %d: the proxy reward falls from %v to %v", r.StepCount(), proxy, now)
		} else {
			proxy = math.Max(proxy, now)
		}
	}
	if end := mean(spoken(p, r, 0), hackTruth); best < 0.6 || end > -1.9 {
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
				pi[k] = hackRef[k] * ratio((hackProxy[k]-lambda)/beta)
				sum += pi[k]
			}
			return sum
		}
		near(t, "Σπ", at(bisect(-10, 10, func(l float64) bool { return at(l) > 1 })), 1, 1e-9)
		if got := mean(pi, hackTruth); got < 0.53 {
			t.Errorf("β = %v: E[true reward] = %v, want .53 or more", beta, got)
		}
		if got := mean(tilted(hackRef, hackProxy, beta), hackTruth); beta <= 0.1 && got > -1.9 {
			t.Errorf("β = %v: RLHF's is %v", beta, got)
		}
	}
}

// A reply that no vote mentions is trained as if its reward were the mean of
// the others: the policy gives it π_ref e^0, before normalising.
func TestUnseenReplyUnderRLHF(t *testing.T) {
	truth, reference := []float64{2, 0, -0.5, -9}, []float64{0.1, 0.5, 0.2, 0.2}
	s := DefaultSettings()
	s[Source], s[Coverage] = FromPopulation, CoverSeen
	p, _ := Prepare(rewarded(truth, reference), &s, nil)
	r := NewRLHF(p, readyModel(p, RewardConfig{Rule: sgdRule(1), ToTheEnd: true}), RLHFConfig{Beta: 0.8, Rule: sgdRule(2)}, Annotators{})
	r.Advance(10000)
	nearAll(t, "π", spoken(p, r, 0), tilted(reference, []float64{2, 0, -0.5, 0.5}, 0.8), 1e-8)
}

// New votes on the policy's own replies find out about the reply that the first
// votes left out: the reward that was .5 by default heads for the truth, −9,
// as far as the penalty lets it, and its mass goes.
func TestNewVotesFindTheUnseenReply(t *testing.T) {
	truth, reference := []float64{2, 0, -0.5, -9}, []float64{0.1, 0.5, 0.2, 0.2}
	s := DefaultSettings()
	s[Votes], s[Coverage] = 300, CoverSeen
	p, _ := Prepare(rewarded(truth, reference), &s, nil)
	reward := RewardConfig{Rule: sgdRule(1), ToTheEnd: true, L2: 0.001, Online: true}
	cfg := RLHFConfig{Beta: 0.8, Rule: sgdRule(0.5), Every: 20, Judged: 20, Seed: 4}
	blind := cfg
	blind.Every = 0
	var end []float64
	for _, c := range []RLHFConfig{blind, cfg} {
		r := NewRLHF(p, readyModel(p, reward), c, s.annotators())
		r.Advance(2000)
		end = append(end, spoken(p, r, 0)[3])
	}
	near(t, "the unseen reply without new votes", end[0], tilted(reference, []float64{2, 0, -0.5, 0.5}, 0.8)[3], 0.05)
	if end[1] > 0.02 {
		t.Errorf("with new votes it keeps %v", end[1])
	}
}

// Online DPO, too, heads for π_ref e^(r/β)/Z of the true rewards, without
// any votes to begin with: averaged over steps, up to noise.
func TestOnlineDPOComesNear(t *testing.T) {
	truth, reference := []float64{0.8, -0.3, 0.4}, []float64{0.2, 0.5, 0.3}
	s := DefaultSettings()
	data := rewarded(truth, reference)
	o := NewOnlineDPO(NewProblem(data), OnlineDPOConfig{Beta: 0.6, Rule: sgdRule(0.3), Pairs: 16, Every: 1, Seed: 2}, s.annotators())
	o.Advance(3000)
	average := make([]float64, 3)
	for range 6000 {
		o.Advance(1)
		for k, x := range spoken(o.p, o, 0) {
			average[k] += x / 6000
		}
	}
	nearAll(t, "π", average, tilted(reference, truth, 0.6), 0.02)
	c := o.Cost()
	if c.Models.Count() != 2 || c.Replies != 2*16*9000 || c.RewardCalls != 0 || c.PolicyUpdates != 9000 {
		t.Errorf("cost %+v", c)
	}
	pi := tilted(reference, truth, 0.6)
	different := 1 - pi[0]*pi[0] - pi[1]*pi[1] - pi[2]*pi[2]
	near(t, "share of pairs that could be judged", float64(c.Votes)/(16*9000), different, 0.02)
}
