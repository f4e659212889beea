package core

import (
	"math"
	"slices"
	"testing"
)

// Each exhibit is run as the page runs it, and shows its number. The numbers
// are closed forms; where a run is still on its way to one, the tolerance is
// what its own rate of approach leaves after its steps.

// exhibit runs a preset to the end of its timeline, some settings changed.
func exhibit(t *testing.T, id string, objective string, set map[Param]float64) *Lab {
	t.Helper()
	presets := testPresets()
	p := FindPreset(presets, id)
	if !p.Exhibit {
		t.Fatalf("%s is no exhibit", id)
	}
	e := p.Start()
	if objective != "" {
		e.Settings = e.Settings.Choose(objective)
	}
	e.Settings[Step] = e.Settings[Steps]
	for param, x := range set {
		e.Settings[param] = x
	}
	l, c := NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	settleLab(l, 4096)
	return l
}

// log-odds of a probability, and back, written without the code under test.
func oddsOf(p float64) float64     { return math.Log(p / (1 - p)) }
func shareOf(odds float64) float64 { return 1 / (1 + math.Exp(-odds)) }

func policyOf(l *Lab) []float64 { return exps(l.Policy()) }

// DPO and RLHF are headed for the reference tilted by the true reward.
func TestExhibitSame(t *testing.T) {
	want := tilted([]float64{0.3, 0.4, 0.3}, []float64{1, 0, -1}, 0.5)
	near(t, "the first reply", want[0], 0.834, 5e-4)
	nearAll(t, "DPO", policyOf(exhibit(t, "same", "", nil)), want, 1e-9)
	rlhf := map[Param]float64{How: LearnByRLHF, EstimatorChoice: float64(ExactGradient)}
	l := exhibit(t, "same", "", rlhf)
	nearAll(t, "RLHF's optimum", exps(l.Optimum.LogPi), want, 1e-6)
	nearAll(t, "RLHF", policyOf(l), want, 1e-6)
}

// A hump of the true reward against KL.
func TestExhibitProxy(t *testing.T) {
	truth := []float64{0, 0.6, 1, -2}
	for beta, want := range map[float64]float64{5: 0.31, 0.5: 0.457, 0.05: -2} {
		set := map[Param]float64{Beta: beta}
		if beta == 5 {
			set[Rate] = 0.3 // at 1 it swings
		}
		l := exhibit(t, "proxy", "", set)
		near(t, "true reward at the optimum", Expect(l.Optimum.LogPi, truth), want, 5e-3)
		near(t, "true reward after the run", mean(policyOf(l), truth), want, 5e-3)
		if best := bestExpected(l); beta == 0.05 && best < 0.45 {
			t.Errorf("on its way true reward is %v at most", best)
		}
	}
}

func bestExpected(l *Lab) float64 {
	best := math.Inf(-1)
	for _, m := range l.History.Measures {
		best = math.Max(best, m.Expected)
	}
	return best
}

func TestExhibitGreedy(t *testing.T) {
	for _, beta := range []float64{0.1, 1, 3} {
		set := map[Param]float64{Beta: beta}
		near(t, "IPO", policyOf(exhibit(t, "greedy", "ipo", set))[0], shareOf(1/(2*beta)), 1e-12)
		l := exhibit(t, "greedy", "dpo", set)
		if near(t, "DPO's limit", Exp(l.Optimum.LogPi[0]), 1, 1e-12); l.CanArrive() {
			t.Error("DPO is said to arrive")
		}
		// u + e^u = 1 + 2·2ηβ²t up to the error of whole steps, which only adds.
		u := beta * (l.Policy()[0] - l.Policy()[1])
		if tau := 1 + 2*0.4*beta*beta*2000; u+math.Exp(u) < tau || u+math.Exp(u) > 1.2*tau {
			t.Errorf("β = %v: u = %v: u + e^u = %v, want %v and a little more", beta, u, u+math.Exp(u), tau)
		}
	}
	near(t, "IPO at β = 1", policyOf(exhibit(t, "greedy", "ipo", nil))[0], 0.622, 5e-4)
}

func TestExhibitCycle(t *testing.T) {
	for _, objective := range []string{"dpo", "ipo"} {
		nearAll(t, objective, policyOf(exhibit(t, "cycle", objective, nil)), []float64{0.2, 0.3, 0.5}, 1e-12)
	}
}

func TestExhibitOneSided(t *testing.T) {
	l := exhibit(t, "onesided", "", nil)
	nearAll(t, "π", policyOf(l), []float64{0.448, 0.321, 0.230}, 5e-4) // as printed
	z := math.Exp(1.0/3) + 1 + math.Exp(-1.0/3)
	nearAll(t, "π", policyOf(l), []float64{math.Exp(1.0/3) / z, 1 / z, math.Exp(-1.0/3) / z}, 1e-12)
	near(t, "DPO's limit", Exp(exhibit(t, "onesided", "dpo", nil).Optimum.LogPi[0]), 1, 1e-9)
}

func TestExhibitMissing(t *testing.T) {
	l := exhibit(t, "missing", "", nil)
	near(t, "DPO's limit of the third", Exp(l.Optimum.LogPi[2]), 0, 1e-12)
	if pi := policyOf(l); pi[2] > 0.01 {
		t.Errorf("after the exhibit's steps the third has %v", pi[2])
	}
	c := math.Exp(-1.0) // e^(−1/(2β)) at β = 0.5
	nearAll(t, "IPO", policyOf(exhibit(t, "missing", "ipo", nil)), []float64{1 / (2 + c), 1 / (2 + c), c / (2 + c)}, 1e-12)
}

func TestExhibitMinority(t *testing.T) {
	l := exhibit(t, "minority", "", nil)
	near(t, "DPO", policyOf(l)[0], 0.106, 5e-4)
	near(t, "DPO", policyOf(l)[0], shareOf(oddsOf(0.05)+oddsOf(0.6)/0.5), 1e-12)
	kto := exhibit(t, "minority", "kto", nil)
	near(t, "KTO's limit", Exp(kto.Optimum.LogPi[0]), 1, 1e-9)
	if kto.CanArrive() {
		t.Error("KTO is said to arrive")
	}
}

// The third reply gains until chosen and rejected are level.
func TestExhibitUnseen(t *testing.T) {
	l := exhibit(t, "unseen", "", map[Param]float64{Steps: 400, Step: 400})
	peak, at := 0.0, 0
	for i := range l.History.Steps {
		if p := l.History.Probs[i*len(l.History.Arms)+2]; p > peak {
			peak, at = p, i
		}
	}
	near(t, "the peak", peak, 0.3/(2*math.Sqrt(0.1*0.6)+0.3), 1e-3) // steps pass the top to either side
	near(t, "the peak", peak, 0.380, 1.5e-3)
	n := len(l.History.Arms)
	near(t, "chosen and rejected at the peak", l.History.Probs[at*n], l.History.Probs[at*n+1], 0.03)
	if last := policyOf(l)[2]; at == 0 || last > 0.2 {
		t.Errorf("the peak is at record %d, and the third ends at %v", at, last)
	}
}

// Every compared pair holds the first reply, so each gap is the log-odds of its
// own votes: of the flipped ones under DPO, flipped once more under cDPO, and of
// the clean ones under rDPO.
func TestExhibitNoise(t *testing.T) {
	rewards, reference := []float64{1.2, 0.4, -0.2, -1}, []float64{0.15, 0.35, 0.3, 0.2}
	flip := func(p float64) float64 { return 0.8*p + 0.2*(1-p) }
	gap := map[string]func(p float64) float64{
		"dpo":  func(p float64) float64 { return oddsOf(flip(p)) / 0.5 },
		"cdpo": func(p float64) float64 { return oddsOf(flip(flip(p))) / 0.5 },
		"rdpo": func(p float64) float64 { return oddsOf(p) / 0.5 },
		"ipo":  func(p float64) float64 { return (2*flip(p) - 1) / (2 * 0.5) },
	}
	for objective, h := range gap {
		set := map[Param]float64{Steps: 10_000, Step: 10_000}
		l := exhibit(t, "noise", objective, set)
		for k := 1; k < 4; k++ {
			want := math.Log(reference[0]/reference[k]) + h(shareOf(rewards[0]-rewards[k]))
			near(t, objective, l.Policy()[0]-l.Policy()[k], want, 1e-9)
			near(t, objective+" where it is headed", l.Optimum.LogPi[0]-l.Optimum.LogPi[k], want, 1e-9)
		}
	}
	lead := exhibit(t, "noise", "", nil)
	panel, complaints := NewPanel(lead)
	for workOthers(panel, 4096) {
	}
	if len(complaints) > 0 || lead.Experiment.Settings.Objective().Key != "rdpo" {
		t.Errorf("the exhibit runs %s: %v", lead.Experiment.Settings.Objective().Key, complaints)
	}
	for i, objective := range []string{"dpo", "cdpo", "ipo"} {
		l := panel.Others[i]
		want := math.Log(reference[0]/reference[3]) + gap[objective](shareOf(2.2))
		near(t, objective+" beside it", l.Optimum.LogPi[0]-l.Optimum.LogPi[3], want, 1e-9)
	}
}

func TestExhibitDisplacement(t *testing.T) {
	start := exhibit(t, "displacement", "", map[Param]float64{Step: 0})
	near(t, "π(chosen) at the start", policyOf(start)[0], 0.547, 5e-4)
	l := exhibit(t, "displacement", "", nil)
	for i, m := range l.History.Measures {
		if i > 0 && (m.Loss >= l.History.Measures[i-1].Loss || m.Accuracy != 1) {
			t.Fatalf("record %d: loss %v after %v, accuracy %v", i, m.Loss, l.History.Measures[i-1].Loss, m.Accuracy)
		}
	}
	if pi := policyOf(l); pi[0] > 0.01 || pi[2] < 0.99 {
		t.Errorf("π = %v, want the chosen at 0 and the third at 1", pi)
	}
	nearAll(t, "where it is headed", exps(l.Optimum.LogPi), []float64{0, 0, 1}, 1e-12)
	if !l.HasOptimum() || l.CanArrive() {
		t.Error("the limit is not said to be known and never reached")
	}
	near(t, "under DPOP π(chosen)", policyOf(exhibit(t, "displacement", "dpop", nil))[0], 0.546, 0.01)
	if pi := policyOf(exhibit(t, "displacement", "", map[Param]float64{PolicyChoice: TabularPolicy})); pi[0] < 0.547 {
		t.Errorf("in a table π(chosen) fell to %v", pi[0])
	}
}

// Frozen, the gap stops at log(3)/β; moving, KL heads for all that there is,
// −log of the chosen reply's reference.
func TestExhibitMoving(t *testing.T) {
	near(t, "moving: KL", exhibit(t, "moving", "", nil).Now(), math.Log(100), 1e-9)
	frozen := exhibit(t, "moving", "", map[Param]float64{RefEvery: 0})
	near(t, "frozen", policyOf(frozen)[0], shareOf(oddsOf(0.01)+math.Log(3)/0.5), 1e-12)
}

// Two steps that undo each other: u′ = u + 2ηβ²(p − σ(u)), there and back, so
// that σ(u) + σ(u′) = 2p.
func TestExhibitRate(t *testing.T) {
	l := exhibit(t, "rate", "", nil)
	near(t, "the largest rate that settles", l.LargestStableRate(), 1/(0.25*0.6*0.4), 0.05)
	gap := func(logits []float64) float64 { return 0.5 * (logits[0] - logits[1]) }
	before, now := gap(l.Before), gap(l.Policy())
	near(t, "the two steps together", shareOf(before)+shareOf(now), 1.2, 1e-9)
	near(t, "one step", now-before, 2*24*0.25*(0.6-shareOf(before)), 1e-9)
	if math.Abs(now-before) < 1 {
		t.Errorf("u swings between %v and %v only", before, now)
	}
	calm := exhibit(t, "rate", "", map[Param]float64{Rate: 10})
	near(t, "below it", policyOf(calm)[0], shareOf(oddsOf(0.6)/0.5), 1e-9)
}

// Smoothed one-sided votes have an optimum: u = log((1−ε)/ε).
func TestExhibitSmoothing(t *testing.T) {
	l := exhibit(t, "smoothing", "", nil)
	near(t, "π(chosen)", policyOf(l)[0], 0.9, 1e-9)
	near(t, "where it is headed", Exp(l.Optimum.LogPi[0]), 0.9, 1e-9)
	if exhibit(t, "smoothing", "dpo", nil).CanArrive() {
		t.Error("without smoothing it is said to arrive")
	}
}

// Near the optimum h follows h′ = (1 − κ)h + noise, κ = 2ηβ²p(1−p), whose
// variance for batches of n drawn votes is η/n/(1 − κ/2). Over 60 seeds a
// standard deviation is known to about a tenth.
func TestExhibitBatch(t *testing.T) {
	p := shareOf(1)
	optimum := oddsOf(p)
	for _, batch := range []float64{1, 16} {
		const rate, seeds = 0.1, 60
		sum, sq := 0.0, 0.0
		for seed := range seeds {
			l := exhibit(t, "batch", "", map[Param]float64{Batch: batch, Rate: rate, Seed: float64(seed), Step: 300})
			h := l.Policy()[0] - l.Policy()[1] - optimum
			sum, sq = sum+h, sq+h*h
		}
		kappa := 2 * rate * p * (1 - p)
		want := math.Sqrt(rate / batch / (1 - kappa/2))
		near(t, "the spread over seeds", math.Sqrt(sq/seeds), want, 0.3*want)
		near(t, "the mean over seeds", sum/seeds, 0, 4*want/math.Sqrt(seeds))
	}
	near(t, "all votes at once", policyOf(exhibit(t, "batch", "", map[Param]float64{Batch: 0}))[0], p, 1e-9)
}

// Votes that are drawn need not add up to a whole one: rounding may leave a
// pair's two expectations short of 1.
func TestBatchOfLessThanAVote(t *testing.T) {
	short := 0
	for sharp := 0.1; sharp < 3; sharp += 0.01 {
		l := exhibit(t, "batch", "", map[Param]float64{Sharpness: sharp, Step: 3})
		if l.Problem.Total < 1 {
			short++
		}
	}
	if short == 0 {
		t.Error("no problem of less than a vote was tried")
	}
}

// A link says it where an exhibit is compared with other runs than it comes
// with, or with none.
func TestLinksOfAnExhibitWithRunsBesideIt(t *testing.T) {
	presets := testPresets()
	own := FindPreset(presets, "noise").Versus
	for text, want := range map[string]int{"preset=noise": len(own), "preset=noise&vs=": 0, "preset=noise&vs=beta:1": 1, "vs=": 0} {
		e, complaints := ParseLink(text, presets)
		if len(complaints) > 0 || len(e.Versus) != want {
			t.Errorf("%s gives %v (%v)", text, e.Versus, complaints)
		}
		link, _ := e.Link(presets)
		if again, _ := ParseLink(link, presets); !slices.Equal(again.Versus, e.Versus) {
			t.Errorf("%s gives %v, not %v", link, again.Versus, e.Versus)
		}
	}
	if len(own) != 3 || own[0].String() != "obj:dpo" {
		t.Errorf("the preset is compared with %v now", own)
	}
}

// ε is of the labels: it stays between the objectives that are told it.
func TestFlipRateStaysBetweenObjectives(t *testing.T) {
	s := DefaultSettings().Choose("rdpo")
	s[Smoothing] = 0.3
	for _, c := range []struct {
		key string
		eps float64
	}{{"cdpo", 0.3}, {"rdpo", 0.3}, {"dpo", 0}, {"cdpo", 0.1}, {"exo_pair", 0.01}, {"simpo", 0}} {
		if s = s.Choose(c.key); s[Smoothing] != c.eps {
			t.Errorf("%s has ε = %v, want %v", c.key, s[Smoothing], c.eps)
		}
	}
	s = DefaultSettings().Choose("cdpo")
	s[Smoothing] = 0.5 // which rDPO is not defined at
	if s = s.Choose("rdpo"); s[Smoothing] != 0.1 {
		t.Errorf("rDPO has ε = %v", s[Smoothing])
	}
}
