package read_test

import (
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/scenetest"
)

// TestArrivesByReward: what is said of RLHF and of online DPO holds of the run.
// One-sided votes leave no best fit; the exact gradient comes to rest, samples
// do where their noise dies; and no sentence has a gap.
func TestArrivesByReward(t *testing.T) {
	words := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return key })
	exact, ppo := float64(rlhf.ExactGradient), float64(rlhf.PPO)
	for _, c := range []struct {
		preset string
		set    map[core.Param]float64
		want   []string // sentences, by key
	}{
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact}, []string{"arrives.rlhf.exact", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact, core.Step: 5000}, []string{"arrives.here.reward", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact, core.LeashChoice: 1}, []string{"arrives.rlhf.loss", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo}, []string{"arrives.rlhf.drawn", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.Step: 5000}, []string{"arrives.here.reward", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.LeashChoice: 1}, []string{"arrives.rlhf.noisy", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: float64(rlhf.GRPO)}, []string{"arrives.rlhf.noisy", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.RewardL2: 0.1}, []string{"arrives.rlhf.drawn", "reward.status.penalised"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.RewardFit: core.FitBySteps}, []string{"arrives.rlhf.drawn", "reward.status.unfinished"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact, core.RewardFit: core.FitNothing}, []string{"arrives.here.reward", "reward.status.custom"}},
		{"proxy", map[core.Param]float64{core.EstimatorChoice: exact, core.Step: 1}, []string{"arrives.rlhf.own", "reward.status.custom"}},
		{"agree", map[core.Param]float64{core.EstimatorChoice: exact}, []string{"arrives.rlhf.exact", "reward.status.unbounded"}},
		{"agree", map[core.Param]float64{core.Fresh: 5}, []string{"arrives.rlhf.fresh", "reward.status.unbounded"}},
		{"tyre", map[core.Param]float64{core.How: core.LearnOnline}, []string{"arrives.online"}},
		{"tyre", map[core.Param]float64{core.How: core.LearnOnline, core.Flip: 0.1}, []string{"arrives.online.noisy"}},
	} {
		e := core.FindPreset(presets, c.preset).Start()
		e.Settings[core.How], e.Settings[core.Steps] = core.LearnByRLHF, 5000
		for p, x := range c.set {
			e.Settings[p] = x
		}
		l, complaint := core.NewLab(presets, e)
		if complaint != nil {
			t.Fatal(complaint)
		}
		for l.Work(1 << 12) {
		}
		var want []string
		for _, key := range c.want {
			want = append(want, words[key])
		}
		if got := read.Arrives(l, words); got != strings.Join(want, " ") || strings.Contains(got, "[") {
			t.Errorf("%s %v: %q, want %q", c.preset, c.set, got, want)
		}
	}
}

// TestArrivesElsewhere: a loss with a kink where the run is headed says that large
// steps add noise there, and a limit that is SGD's says so under another optimiser.
func TestArrivesElsewhere(t *testing.T) {
	words := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return key })
	for _, c := range []struct {
		preset, objective string
		optimiser         float64
		want              string
	}{
		{"rare", "dpop", train.SGD, words.Say("headed.optimum") + " " + words.Say("headed.bent")},
		{"rare", "rdpo", train.Adam, ""},
		{"displacement", "dpop", train.RMSprop, words.Say("arrives.sgd", "optimiser", "RMSprop")},
		{"unseen", "dpo", train.Adam, words.Say("arrives.sgd", "optimiser", "Adam")},
	} {
		e := core.FindPreset(presets, c.preset).Start()
		e.Settings = e.Settings.Choose(c.objective)
		e.Settings[core.Optimizer] = c.optimiser
		l, complaint := core.NewLab(presets, e)
		if complaint != nil {
			t.Fatal(complaint)
		}
		for l.Work(1 << 12) {
		}
		got := read.Arrives(l, words)
		if !strings.HasSuffix(got, c.want) || c.want == "" && (strings.Contains(got, words.Say("headed.bent")) || strings.Contains(got, "SGD")) {
			t.Errorf("%s on %s: %q, want %q at its end", c.objective, c.preset, got, c.want)
		}
	}
}
