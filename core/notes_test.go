package core_test

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/link"
)

// The page's tips and its table of DPO and RLHF make general claims. Each is held
// here to runs, beyond the exhibit that the page opens for it.

// given returns a lab of a link, settled.
func given(t *testing.T, fragment string) *core.Lab {
	t.Helper()
	presets := core.Presets(func(key string) string { return key })
	e, complaints := link.Parse("v=1&"+fragment, presets)
	if len(complaints) > 0 {
		t.Fatal(fragment, complaints[0])
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(fragment, c)
	}
	coretest.SettleLab(l, 1<<14)
	return l
}

// TestTipRate: on one balanced pair SGD converges at a learning rate below 4/β² and
// does not from there on. Between 2/β² and 4/β² it overshoots and converges all the same.
func TestTipRate(t *testing.T) {
	for _, c := range []struct {
		rate, gap float64 // in units of 1/β², and the log-ratios' gap after 1000 steps
		settles   bool
	}{{1, 0, true}, {3, 0, true}, {3.9, 0, true}, {4.2, 0, false}, {6, 0, false}} {
		for _, beta := range []string{"0.5", "1", "2"} {
			b := map[string]float64{"0.5": 0.5, "1": 1, "2": 2}[beta]
			l := given(t, "preset=greedy&pairs=0-1x5_1-0x5&at=0.5,-0.5&steps=1000&step=1000&beta="+beta+"&lr="+strconv.FormatFloat(c.rate/(b*b), 'f', 6, 64))
			z := l.Logits(nil)
			ref := l.Reference()
			gap := math.Abs(z[0] - z[1] - (ref[0] - ref[1]))
			if settled := gap < 1e-3; settled != c.settles {
				t.Errorf("at %v/β², β = %s the gap is %v after 1000 steps", c.rate, beta, gap)
			}
		}
	}
}

// TestTipQuality: labels flipped at random bring the optimum of a pair nearer to the
// reference, the nearer the more are flipped.
func TestTipQuality(t *testing.T) {
	for _, preset := range []string{"greedy", "smoothing", "rate", "batch"} {
		before := math.Inf(1)
		for _, flip := range []string{"0.01", "0.1", "0.2", "0.35"} {
			l := given(t, "preset="+preset+"&obj=dpo&from=population&flip="+flip)
			if l.Arms() != 2 || !l.CanArrive() || !(l.Optimum.KL < before) {
				t.Errorf("%s, %s flipped: KL %v at the optimum, and %v with fewer", preset, flip, l.Optimum.KL, before)
			}
			before = l.Optimum.KL
		}
	}
}

// TestUnanimousPreferencesAndFits: unanimous preferences can leave DPO and the reward
// model without a finite optimum, and need not: a cycle has one.
func TestUnanimousPreferencesAndFits(t *testing.T) {
	for pairs, finite := range map[string]bool{"0-1x4_1-2x4_2-0x4": true, "0-1x4_1-2x4_0-2x4": false, "0-1x4_1-2x9_2-0x1": true} {
		l := given(t, "preset=cycle&obj=dpo&pairs="+pairs)
		if l.CanArrive() != finite {
			t.Errorf("%s: a finite optimum: %v, want %v", pairs, l.CanArrive(), finite)
		}
	}
}

// TestJuryIsCyclic: the jury's preferences, by majority, run in a circle, its optimum
// stays close to the reference, and not every reply is preferred to another by most.
func TestJuryIsCyclic(t *testing.T) {
	l := given(t, "preset=jury")
	k := l.Arms()
	leads := make([][]bool, k)
	for i := range leads {
		leads[i] = make([]bool, k)
	}
	for _, p := range l.Problem.TalliesOf(l.Prompt()) {
		leads[p.A][p.B], leads[p.B][p.A] = p.ForA > p.ForB, p.ForB > p.ForA
	}
	beaten, circle := 0, false
	for i := range k {
		if !slices.Contains(leads[i], true) {
			beaten++
		}
	}
	for m := range k { // Warshall
		for i := range k {
			for j := range k {
				leads[i][j] = leads[i][j] || leads[i][m] && leads[m][j]
			}
		}
	}
	for i := range k {
		circle = circle || leads[i][i]
	}
	if !circle || beaten == 0 {
		t.Errorf("a circle: %v, and %d replies never win", circle, beaten)
	}
	if l.Optimum.KL > 0.1 {
		t.Errorf("KL %v at the optimum is not close to the reference", l.Optimum.KL)
	}
}

// TestFittedScoresOfFlippedLabels: with one label in five flipped the scores that are
// fitted are not the true rewards: a difference of 1 is fitted as about half of that.
func TestFittedScoresOfFlippedLabels(t *testing.T) {
	l := given(t, "preset=same&from=population&flip=0.2")
	replies := l.Problem.Prompts[l.Prompt()].Replies
	sharp := l.Experiment.Settings[core.Sharpness]
	fitted, trueGap := l.Scores.Score[0]-l.Scores.Score[1], sharp*(replies[0].Reward-replies[1].Reward)
	if math.Abs(trueGap-1) > 1e-9 || math.Abs(fitted-0.522) > 0.001 {
		t.Errorf("a difference of rewards of %v is fitted as %v, want 1 and .522", trueGap, fitted)
	}
}
