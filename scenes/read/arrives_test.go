package read_test

import (
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/rlhf"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/scenetest"
)

// TestArrivesByReward: what is said of RLHF and of online DPO holds of the run, and
// no sentence has a gap.
func TestArrivesByReward(t *testing.T) {
	words := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return key })
	exact, ppo := float64(rlhf.ExactGradient), float64(rlhf.PPO)
	for _, c := range []struct {
		preset string
		set    map[core.Param]float64
		want   []string // sentences, by key
	}{
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact}, []string{"arrives.rlhf.own", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact, core.Step: 5000}, []string{"arrives.here", "arrives.rlhf.own", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact, core.LeashChoice: 1}, []string{"arrives.rlhf.loss", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo}, []string{"arrives.rlhf.own", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.Step: 5000}, []string{"arrives.here", "arrives.rlhf.own", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.LeashChoice: 1}, []string{"arrives.rlhf.loss", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: float64(rlhf.GRPO)}, []string{"arrives.rlhf.own", "reward.status.exact"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.RewardL2: 0.1}, []string{"arrives.rlhf.own", "reward.status.penalised"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: ppo, core.RewardFit: core.FitBySteps}, []string{"arrives.rlhf.own", "reward.status.unfinished"}},
		{"tyre", map[core.Param]float64{core.EstimatorChoice: exact, core.RewardFit: core.FitNothing}, []string{"arrives.here", "arrives.rlhf.own", "reward.status.custom"}},
		{"proxy", map[core.Param]float64{core.EstimatorChoice: exact, core.Step: 1}, []string{"arrives.rlhf.own", "reward.status.custom"}},
		{"agree", map[core.Param]float64{core.EstimatorChoice: exact}, []string{"arrives.rlhf.own", "reward.status.unbounded"}},
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
