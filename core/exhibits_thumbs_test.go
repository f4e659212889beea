package core

import (
	"math"
	"testing"
)

// Exhibits of what losses read beside pairs: thumbs, features that questions
// share, and votes that are asked for on the way.

// KTO weighs ups against downs. In its first step s = z₀ = 0, so that with
// n = ups − downs of M = 200 thumbs ∂L/∂log π_k = −n_k β/(4M). SFT reads the ups
// alone, and ends at their shares.
func TestExhibitThumbs(t *testing.T) {
	reference, net := []float64{0.2, 0.5, 0.3}, []float64{40, -40, 0}
	first := exhibit(t, "thumbs", "", map[Param]float64{Step: 1})
	sum, now := 0.0, first.Logits(nil)
	for _, n := range net {
		sum += n
	}
	for k, n := range net {
		push := 0.5 / 4 / 200 * (n - reference[k]*sum)
		near(t, "KTO's first step", now[k]-math.Log(reference[k]), 2*push, 1e-12)
	}
	near(t, "KTO's first loss", first.History.Measures[0].Loss, 0.5, 1e-15)

	l := exhibit(t, "thumbs", "", nil)
	if nearAll(t, "KTO's limit", exps(l.Optimum.LogPi), []float64{1, 0, 0}, 1e-9); l.CanArrive() {
		t.Error("KTO is said to arrive")
	}
	if pi := policyOf(l); pi[0] < 0.9 || pi[1] > 0.05 {
		t.Errorf("KTO is at %v after the exhibit's steps", pi)
	}
	sft := exhibit(t, "thumbs", "sft", nil)
	nearAll(t, "SFT", policyOf(sft), []float64{0.6, 0.3, 0.1}, 1e-9)
	if nearAll(t, "where SFT is headed", exps(sft.Optimum.LogPi), []float64{0.6, 0.3, 0.1}, 1e-12); !sft.CanArrive() {
		t.Error("SFT is not said to arrive")
	}
}

// Votes of 3 to 1 move the weights by c(1, −1) until 2βc = log 3, so at β = ½
// c = log 3: the question that nobody voted on ends at e^c, e^−c and 1, or 9, 1
// and 3 parts in 13.
func TestExhibitShared(t *testing.T) {
	l := exhibit(t, "shared", "", nil)
	nearAll(t, "the question without votes", policyOf(l), []float64{9.0 / 13, 1.0 / 13, 3.0 / 13}, 1e-9)
	near(t, "as printed", policyOf(l)[0], 0.692, 5e-4)
	nearAll(t, "the question with votes", policyOf(exhibit(t, "shared", "", map[Param]float64{ShownPrompt: 0})), []float64{0.9, 0.1}, 1e-9)
	nearAll(t, "where it is headed", exps(l.Optimum.LogPi), []float64{9.0 / 13, 1.0 / 13, 3.0 / 13}, 1e-9)
	if !l.Heard() || !l.CanArrive() {
		t.Error("it is said that nothing moves the policy, or that it never arrives")
	}
	table := exhibit(t, "shared", "", map[Param]float64{PolicyChoice: TabularPolicy})
	nearAll(t, "in a table", policyOf(table), []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}, 1e-15)
	if table.Heard() {
		t.Error("in a table the question without votes is said to move")
	}
}

// A reply that no vote is about counts like the mean of the others; asked about
// what the policy says, annotators find that it is the best.
func TestExhibitAsked(t *testing.T) {
	reference := []float64{0.5, 0.4, 0.1}
	asked := tilted(reference, []float64{0.8, -0.8, 1.6}, 0.5)
	fixed := tilted(reference, []float64{0.8, -0.8, 0}, 0.5)
	near(t, "as printed", asked[2], 0.490, 5e-4)
	near(t, "as printed", fixed[2], 0.038, 5e-4)
	l := exhibit(t, "asked", "", nil)
	nearAll(t, "where online DPO is headed", exps(l.Optimum.LogPi), asked, 1e-12)
	nearAll(t, "online DPO", policyOf(l), asked, 0.1)
	panel, complaints := NewPanel(l)
	for workOthers(panel, 4096) {
	}
	if len(complaints) > 0 || len(panel.Others) != 1 {
		t.Fatalf("beside it run %d others: %v", len(panel.Others), complaints)
	}
	nearAll(t, "DPO on the votes at hand", policyOf(panel.Others[0]), fixed, 1e-9)
}

// Replies that are drawn do not keep RLHF from arriving: the noise is that of
// advantages, and they vanish. Divided by their spread they do not.
func TestExhibitJitter(t *testing.T) {
	want := tilted([]float64{0.3, 0.4, 0.3}, []float64{1, 0, -1}, 0.5)
	near(t, "as printed", want[0], 0.834, 5e-4)
	apart := func(set map[Param]float64) float64 {
		set[Steps], set[Step] = 3000, 3000
		l := exhibit(t, "jitter", "", set)
		return math.Abs(policyOf(l)[0] - want[0])
	}
	for name, set := range map[string]map[Param]float64{
		"GRPO":      {Normalise: 0},
		"RLOO":      {EstimatorChoice: float64(RLOO)},
		"REINFORCE": {EstimatorChoice: float64(Reinforce)},
		"PPO":       {EstimatorChoice: float64(PPO)},
	} {
		if d := apart(set); d > 1e-6 {
			t.Errorf("%s is still %v away", name, d)
		}
	}
	most := 0.0
	for seed := range 10 {
		most = math.Max(most, apart(map[Param]float64{Seed: float64(seed)}))
	}
	if most < 0.02 {
		t.Errorf("with advantages divided by their spread the policy is never further away than %v", most)
	}
}
