package core_test

import (
	"math"
	"slices"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// log-odds of a probability, and back, written without the code under test.
func oddsOf(p float64) float64 { return math.Log(p / (1 - p)) }

func shareOf(odds float64) float64 { return 1 / (1 + math.Exp(-odds)) }

// DPO and RLHF are headed for the reference tilted by the true reward.
func TestExhibitSame(t *testing.T) {
	want := coretest.Tilted([]float64{0.3, 0.4, 0.3}, []float64{1, 0, -1}, 0.5)
	oracle.Near(t, "the first reply", want[0], 0.834, 5e-4)
	oracle.NearAll(t, "DPO", coretest.PolicyOf(coretest.Exhibit(t, "same", "", nil)), want, 1e-9)
	rlhf := map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.ExactGradient)}
	l := coretest.Exhibit(t, "same", "", rlhf)
	oracle.NearAll(t, "RLHF's optimum", oracle.Exps(l.Optimum.LogPi), want, 1e-6)
	oracle.NearAll(t, "RLHF", coretest.PolicyOf(l), want, 1e-6)
}

// A hump of the true reward against KL.
func TestExhibitProxy(t *testing.T) {
	truth := []float64{0, 0.6, 1, -2}
	for beta, want := range map[float64]float64{5: 0.31, 0.5: 0.457, 0.05: -2} {
		set := map[core.Param]float64{core.Beta: beta}
		if beta == 5 {
			set[core.Rate] = 0.3 // at 1 it swings
		}
		l := coretest.Exhibit(t, "proxy", "", set)
		oracle.Near(t, "true reward at the optimum", num.Expect(l.Optimum.LogPi, truth), want, 5e-3)
		oracle.Near(t, "true reward after the run", oracle.Mean(coretest.PolicyOf(l), truth), want, 5e-3)
		if best := bestExpected(l); beta == 0.05 && best < 0.45 {
			t.Errorf("on its way true reward is %v at most", best)
		}
	}
}

func bestExpected(l *core.Lab) float64 {
	best := math.Inf(-1)
	for _, m := range l.History.Measures {
		best = math.Max(best, m.Expected)
	}
	return best
}

func TestExhibitGreedy(t *testing.T) {
	for _, beta := range []float64{0.1, 1, 3} {
		set := map[core.Param]float64{core.Beta: beta}
		oracle.Near(t, "IPO", coretest.PolicyOf(coretest.Exhibit(t, "greedy", "ipo", set))[0], shareOf(1/(2*beta)), 1e-12)
		l := coretest.Exhibit(t, "greedy", "dpo", set)
		if oracle.Near(t, "DPO's limit", num.Exp(l.Optimum.LogPi[0]), 1, 1e-12); l.CanArrive() {
			t.Error("DPO is said to arrive")
		}
		// u + e^u = 1 + 2·2ηβ²t up to the error of whole steps, which only adds.
		u := beta * (l.Policy()[0] - l.Policy()[1])
		if tau := 1 + 2*0.4*beta*beta*2000; u+math.Exp(u) < tau || u+math.Exp(u) > 1.2*tau {
			t.Errorf("β = %v: u = %v: u + e^u = %v, want %v and a little more", beta, u, u+math.Exp(u), tau)
		}
	}
	oracle.Near(t, "IPO at β = 1", coretest.PolicyOf(coretest.Exhibit(t, "greedy", "ipo", nil))[0], 0.622, 5e-4)
}

func TestExhibitCycle(t *testing.T) {
	for _, objective := range []string{"dpo", "ipo"} {
		oracle.NearAll(t, objective, coretest.PolicyOf(coretest.Exhibit(t, "cycle", objective, nil)), []float64{0.2, 0.3, 0.5}, 1e-12)
	}
}

func TestExhibitOneSided(t *testing.T) {
	l := coretest.Exhibit(t, "onesided", "", nil)
	oracle.NearAll(t, "π", coretest.PolicyOf(l), []float64{0.448, 0.321, 0.230}, 5e-4) // as printed
	z := math.Exp(1.0/3) + 1 + math.Exp(-1.0/3)
	oracle.NearAll(t, "π", coretest.PolicyOf(l), []float64{math.Exp(1.0/3) / z, 1 / z, math.Exp(-1.0/3) / z}, 1e-12)
	oracle.Near(t, "DPO's limit", num.Exp(coretest.Exhibit(t, "onesided", "dpo", nil).Optimum.LogPi[0]), 1, 1e-9)
}

func TestExhibitMissing(t *testing.T) {
	l := coretest.Exhibit(t, "missing", "", nil)
	oracle.Near(t, "DPO's limit of the third", num.Exp(l.Optimum.LogPi[2]), 0, 1e-12)
	if pi := coretest.PolicyOf(l); pi[2] > 0.01 {
		t.Errorf("after the exhibit's steps the third has %v", pi[2])
	}
	c := math.Exp(-1.0) // e^(−1/(2β)) at β = 0.5
	oracle.NearAll(t, "IPO", coretest.PolicyOf(coretest.Exhibit(t, "missing", "ipo", nil)), []float64{1 / (2 + c), 1 / (2 + c), c / (2 + c)}, 1e-12)
}

func TestExhibitMinority(t *testing.T) {
	l := coretest.Exhibit(t, "minority", "", nil)
	oracle.Near(t, "DPO", coretest.PolicyOf(l)[0], 0.106, 5e-4)
	oracle.Near(t, "DPO", coretest.PolicyOf(l)[0], shareOf(oddsOf(0.05)+oddsOf(0.6)/0.5), 1e-12)
	kto := coretest.Exhibit(t, "minority", "kto", nil)
	oracle.Near(t, "KTO's limit", num.Exp(kto.Optimum.LogPi[0]), 1, 1e-9)
	if kto.CanArrive() {
		t.Error("KTO is said to arrive")
	}
}

// The third reply gains until chosen and rejected are level.
func TestExhibitUnseen(t *testing.T) {
	l := coretest.Exhibit(t, "unseen", "", map[core.Param]float64{core.Steps: 400, core.Step: 400})
	peak, at := 0.0, 0
	for i := range l.History.Steps {
		if p := l.History.Probs[i*len(l.History.Arms)+2]; p > peak {
			peak, at = p, i
		}
	}
	oracle.Near(t, "the peak", peak, 0.3/(2*math.Sqrt(0.1*0.6)+0.3), 1e-3) // steps pass the top to either side
	oracle.Near(t, "the peak", peak, 0.380, 1.5e-3)
	n := len(l.History.Arms)
	oracle.Near(t, "chosen and rejected at the peak", l.History.Probs[at*n], l.History.Probs[at*n+1], 0.03)
	if last := coretest.PolicyOf(l)[2]; at == 0 || last > 0.2 {
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
		set := map[core.Param]float64{core.Steps: 10_000, core.Step: 10_000}
		l := coretest.Exhibit(t, "noise", objective, set)
		for k := 1; k < 4; k++ {
			want := math.Log(reference[0]/reference[k]) + h(shareOf(rewards[0]-rewards[k]))
			oracle.Near(t, objective, l.Policy()[0]-l.Policy()[k], want, 1e-9)
			oracle.Near(t, objective+" where it is headed", l.Optimum.LogPi[0]-l.Optimum.LogPi[k], want, 1e-9)
		}
	}
	lead := coretest.Exhibit(t, "noise", "", nil)
	panel, complaints := core.NewPanel(lead)
	for workOthers(panel, 4096) {
	}
	if len(complaints) > 0 || lead.Experiment.Settings.Objective().Key != "rdpo" {
		t.Errorf("the exhibit runs %s: %v", lead.Experiment.Settings.Objective().Key, complaints)
	}
	for i, objective := range []string{"dpo", "cdpo", "ipo"} {
		l := panel.Others[i]
		want := math.Log(reference[0]/reference[3]) + gap[objective](shareOf(2.2))
		oracle.Near(t, objective+" beside it", l.Optimum.LogPi[0]-l.Optimum.LogPi[3], want, 1e-9)
	}
}

func TestExhibitDisplacement(t *testing.T) {
	start := coretest.Exhibit(t, "displacement", "", map[core.Param]float64{core.Step: 0})
	oracle.Near(t, "π(chosen) at the start", coretest.PolicyOf(start)[0], 0.547, 5e-4)
	l := coretest.Exhibit(t, "displacement", "", nil)
	for i, m := range l.History.Measures {
		if i > 0 && (m.Loss >= l.History.Measures[i-1].Loss || m.Accuracy != 1) {
			t.Fatalf("record %d: loss %v after %v, accuracy %v", i, m.Loss, l.History.Measures[i-1].Loss, m.Accuracy)
		}
	}
	if pi := coretest.PolicyOf(l); pi[0] > 0.01 || pi[2] < 0.99 {
		t.Errorf("π = %v, want the chosen at 0 and the third at 1", pi)
	}
	oracle.NearAll(t, "where it is headed", oracle.Exps(l.Optimum.LogPi), []float64{0, 0, 1}, 1e-12)
	if !l.HasOptimum() || l.CanArrive() {
		t.Error("the limit is not said to be known and never reached")
	}
	oracle.Near(t, "under DPOP π(chosen)", coretest.PolicyOf(coretest.Exhibit(t, "displacement", "dpop", nil))[0], 0.546, 0.01)
	if pi := coretest.PolicyOf(coretest.Exhibit(t, "displacement", "", map[core.Param]float64{core.PolicyChoice: train.TabularPolicy})); pi[0] < 0.547 {
		t.Errorf("in a table π(chosen) fell to %v", pi[0])
	}
}

// Frozen, the gap stops at log(3)/β; moving, KL heads for all that there is,
// −log of the chosen reply's reference.
func TestExhibitMoving(t *testing.T) {
	oracle.Near(t, "moving: KL", coretest.Exhibit(t, "moving", "", nil).Now(), math.Log(100), 1e-9)
	frozen := coretest.Exhibit(t, "moving", "", map[core.Param]float64{core.RefEvery: 0})
	oracle.Near(t, "frozen", coretest.PolicyOf(frozen)[0], shareOf(oddsOf(0.01)+math.Log(3)/0.5), 1e-12)
}

// Two steps that undo each other: u′ = u + 2ηβ²(p − σ(u)), there and back, so
// that σ(u) + σ(u′) = 2p.
func TestExhibitRate(t *testing.T) {
	l := coretest.Exhibit(t, "rate", "", nil)
	oracle.Near(t, "the largest rate that settles", l.LargestStableRate(), 1/(0.25*0.6*0.4), 0.05)
	gap := func(logits []float64) float64 { return 0.5 * (logits[0] - logits[1]) }
	before, now := gap(l.Before), gap(l.Policy())
	oracle.Near(t, "the two steps together", shareOf(before)+shareOf(now), 1.2, 1e-9)
	oracle.Near(t, "one step", now-before, 2*24*0.25*(0.6-shareOf(before)), 1e-9)
	if math.Abs(now-before) < 1 {
		t.Errorf("u swings between %v and %v only", before, now)
	}
	calm := coretest.Exhibit(t, "rate", "", map[core.Param]float64{core.Rate: 10})
	oracle.Near(t, "below it", coretest.PolicyOf(calm)[0], shareOf(oddsOf(0.6)/0.5), 1e-9)
}

// Smoothed one-sided votes have an optimum: u = log((1−ε)/ε).
func TestExhibitSmoothing(t *testing.T) {
	l := coretest.Exhibit(t, "smoothing", "", nil)
	oracle.Near(t, "π(chosen)", coretest.PolicyOf(l)[0], 0.9, 1e-9)
	oracle.Near(t, "where it is headed", num.Exp(l.Optimum.LogPi[0]), 0.9, 1e-9)
	if coretest.Exhibit(t, "smoothing", "dpo", nil).CanArrive() {
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
			l := coretest.Exhibit(t, "batch", "", map[core.Param]float64{core.Batch: batch, core.Rate: rate, core.Seed: float64(seed), core.Step: 300})
			h := l.Policy()[0] - l.Policy()[1] - optimum
			sum, sq = sum+h, sq+h*h
		}
		kappa := 2 * rate * p * (1 - p)
		want := math.Sqrt(rate / batch / (1 - kappa/2))
		oracle.Near(t, "the spread over seeds", math.Sqrt(sq/seeds), want, 0.3*want)
		oracle.Near(t, "the mean over seeds", sum/seeds, 0, 4*want/math.Sqrt(seeds))
	}
	oracle.Near(t, "all votes at once", coretest.PolicyOf(coretest.Exhibit(t, "batch", "", map[core.Param]float64{core.Batch: 0}))[0], p, 1e-9)
}

// Votes that are drawn need not add up to a whole one: rounding may leave a
// pair's two expectations short of 1.
func TestBatchOfLessThanAVote(t *testing.T) {
	short := 0
	for sharp := 0.1; sharp < 3; sharp += 0.01 {
		l := coretest.Exhibit(t, "batch", "", map[core.Param]float64{core.Sharpness: sharp, core.Step: 3})
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
	presets := coretest.TestPresets()
	own := core.FindPreset(presets, "noise").Versus
	for text, want := range map[string]int{"preset=noise": len(own), "preset=noise&vs=": 0, "preset=noise&vs=beta:1": 1, "vs=": 0} {
		e, complaints := link.Parse(text, presets)
		if len(complaints) > 0 || len(e.Versus) != want {
			t.Errorf("%s gives %v (%v)", text, e.Versus, complaints)
		}
		address, _ := link.Write(&e, presets)
		if again, _ := link.Parse(address, presets); !slices.Equal(again.Versus, e.Versus) {
			t.Errorf("%s gives %v, not %v", address, again.Versus, e.Versus)
		}
	}
	if len(own) != 3 || own[0].String() != "obj:dpo" {
		t.Errorf("the preset is compared with %v now", own)
	}
}

// ε is of the labels: it stays between the objectives that are told it.
func TestFlipRateStaysBetweenObjectives(t *testing.T) {
	s := core.DefaultSettings().Choose("rdpo")
	s[core.Smoothing] = 0.3
	for _, c := range []struct {
		key string
		eps float64
	}{{"cdpo", 0.3}, {"rdpo", 0.3}, {"dpo", 0}, {"cdpo", 0.1}, {"exo_pair", 0.01}, {"simpo", 0}} {
		if s = s.Choose(c.key); s[core.Smoothing] != c.eps {
			t.Errorf("%s has ε = %v, want %v", c.key, s[core.Smoothing], c.eps)
		}
	}
	s = core.DefaultSettings().Choose("cdpo")
	s[core.Smoothing] = 0.5 // which rDPO is not defined at
	if s = s.Choose("rdpo"); s[core.Smoothing] != 0.1 {
		t.Errorf("rDPO has ε = %v", s[core.Smoothing])
	}
}
