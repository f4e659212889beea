package core_test

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// Exhibits of what losses read beside pairs: thumbs, features that questions
// share, and votes that are asked for on the way.

// KTO weighs ups against downs. In its first step s = z₀ = 0, so that with
// n = ups − downs of M = 200 thumbs ∂L/∂log π_k = −n_k β/(4M). SFT reads the ups
// alone, and ends at their shares.
func TestExhibitThumbs(t *testing.T) {
	reference, net := []float64{0.2, 0.5, 0.3}, []float64{40, -40, 0}
	first := coretest.Exhibit(t, "thumbs", "", map[core.Param]float64{core.Step: 1})
	sum, now := 0.0, first.Logits(nil)
	for _, n := range net {
		sum += n
	}
	for k, n := range net {
		push := 0.5 / 4 / 200 * (n - reference[k]*sum)
		oracle.Near(t, "KTO's first step", now[k]-math.Log(reference[k]), 2*push, 1e-12)
	}
	oracle.Near(t, "KTO's first loss", first.History.Measures[0].Loss, 0.5, 1e-15)

	l := coretest.Exhibit(t, "thumbs", "", nil)
	if oracle.NearAll(t, "KTO's limit", oracle.Exps(l.Optimum.LogPi), []float64{1, 0, 0}, 1e-9); l.CanArrive() {
		t.Error("KTO is said to arrive")
	}
	if pi := coretest.PolicyOf(l); pi[0] < 0.9 || pi[1] > 0.05 {
		t.Errorf("KTO is at %v after the exhibit's steps", pi)
	}
	sft := coretest.Exhibit(t, "thumbs", "sft", nil)
	oracle.NearAll(t, "SFT", coretest.PolicyOf(sft), []float64{0.6, 0.3, 0.1}, 1e-9)
	if oracle.NearAll(t, "where SFT is headed", oracle.Exps(sft.Optimum.LogPi), []float64{0.6, 0.3, 0.1}, 1e-12); !sft.CanArrive() {
		t.Error("SFT is not said to arrive")
	}
}

// Votes of 3 to 1 move the weights by c(1, −1) until 2βc = log 3, so at β = ½
// c = log 3: the question that nobody voted on ends at e^c, e^−c and 1, or 9, 1
// and 3 parts in 13.
func TestExhibitShared(t *testing.T) {
	l := coretest.Exhibit(t, "shared", "", nil)
	oracle.NearAll(t, "the question without votes", coretest.PolicyOf(l), []float64{9.0 / 13, 1.0 / 13, 3.0 / 13}, 1e-9)
	oracle.Near(t, "as printed", coretest.PolicyOf(l)[0], 0.692, 5e-4)
	oracle.NearAll(t, "the question with votes", coretest.PolicyOf(coretest.Exhibit(t, "shared", "", map[core.Param]float64{core.ShownPrompt: 0})), []float64{0.9, 0.1}, 1e-9)
	oracle.NearAll(t, "where it is headed", oracle.Exps(l.Optimum.LogPi), []float64{9.0 / 13, 1.0 / 13, 3.0 / 13}, 1e-9)
	if !l.Heard() || !l.CanArrive() {
		t.Error("it is said that nothing moves the policy, or that it never arrives")
	}
	table := coretest.Exhibit(t, "shared", "", map[core.Param]float64{core.PolicyChoice: train.TabularPolicy})
	oracle.NearAll(t, "in a table", coretest.PolicyOf(table), []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}, 1e-15)
	if table.Heard() {
		t.Error("in a table the question without votes is said to move")
	}
}

// A reply that no vote is about counts like the mean of the others; asked about
// what the policy says, annotators find that it is the best.
func TestExhibitAsked(t *testing.T) {
	reference := []float64{0.5, 0.4, 0.1}
	asked := coretest.Tilted(reference, []float64{0.8, -0.8, 1.6}, 0.5)
	fixed := coretest.Tilted(reference, []float64{0.8, -0.8, 0}, 0.5)
	oracle.Near(t, "as printed", asked[2], 0.490, 5e-4)
	oracle.Near(t, "as printed", fixed[2], 0.038, 5e-4)
	l := coretest.Exhibit(t, "asked", "", nil)
	oracle.NearAll(t, "where online DPO is headed", oracle.Exps(l.Optimum.LogPi), asked, 1e-12)
	oracle.NearAll(t, "online DPO", coretest.PolicyOf(l), asked, 0.1)
	panel, complaints := core.NewPanel(l)
	for workOthers(panel, 4096) {
	}
	if len(complaints) > 0 || len(panel.Others) != 1 {
		t.Fatalf("beside it run %d others: %v", len(panel.Others), complaints)
	}
	oracle.NearAll(t, "DPO on the votes at hand", coretest.PolicyOf(panel.Others[0]), fixed, 1e-9)
}

// Replies that are drawn do not keep RLHF from arriving: the noise is that of
// advantages, and they vanish. Divided by their spread they do not.
func TestExhibitJitter(t *testing.T) {
	want := coretest.Tilted([]float64{0.3, 0.4, 0.3}, []float64{1, 0, -1}, 0.5)
	oracle.Near(t, "as printed", want[0], 0.834, 5e-4)
	apart := func(set map[core.Param]float64) float64 {
		set[core.Steps], set[core.Step] = 3000, 3000
		l := coretest.Exhibit(t, "jitter", "", set)
		return math.Abs(coretest.PolicyOf(l)[0] - want[0])
	}
	for name, set := range map[string]map[core.Param]float64{
		"GRPO":      {core.Normalise: 0},
		"RLOO":      {core.EstimatorChoice: float64(rlhf.RLOO)},
		"REINFORCE": {core.EstimatorChoice: float64(rlhf.Reinforce)},
		"PPO":       {core.EstimatorChoice: float64(rlhf.PPO)},
	} {
		if d := apart(set); d > 1e-6 {
			t.Errorf("%s is still %v away", name, d)
		}
	}
	most := 0.0
	for seed := range 10 {
		most = math.Max(most, apart(map[core.Param]float64{core.Seed: float64(seed)}))
	}
	if most < 0.02 {
		t.Errorf("with advantages divided by their spread the policy is never further away than %v", most)
	}
}
