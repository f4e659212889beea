package core

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// TestRLHFOnGoldenTrajectories has RLHF's own exact gradient, with a reward
// that is given, follow every tabular kl_reward trajectory.
func TestRLHFOnGoldenTrajectories(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(goldenPath(t, *goldenDir), "trajectories.json"))
	if os.IsNotExist(err) {
		t.Skip("no trajectories.json in the folder")
	} else if err != nil {
		t.Fatal(err)
	}
	var h goldenHeader
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	followed := 0
	for _, raw := range h.Cases {
		var v goldenTrajectory
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		rule, known := v.rule()
		if v.Loss != "kl_reward" || v.Features != nil || !known {
			continue
		}
		var c goldenResult
		followRewards(&c, &v, rule)
		followed += c.checks
		for _, w := range c.wrong {
			t.Errorf("%s: %s", v.ID, w)
		}
	}
	if followed == 0 {
		t.Skip("no tabular kl_reward among them")
	}
	t.Logf("%d numbers hold", followed)
}

func followRewards(c *goldenResult, v *goldenTrajectory, rule UpdateRule) {
	p := bandit(exps(v.RefLogits))
	r := NewRLHF(p, nil, RLHFConfig{Beta: v.HP["beta"], Rule: rule, Custom: v.Rewards}, Annotators{})
	start := make([]float64, v.Arms)
	for k := range start {
		start[k] = v.InitLogits[k] - p.LogRef[k]
	}
	standAt(r, start)
	logRef, logits := logNormalised(v.RefLogits), make([]float64, v.Arms)
	for _, want := range v.Snapshots {
		r.Advance(int(want["step"][0]) - r.StepCount())
		for k := range logits {
			logits[k] = p.LogRef[k] + logRatio(r, k)
		}
		logPi := logNormalised(logits)
		kl, expected := 0.0, 0.0
		for k, lp := range logPi {
			kl += math.Exp(lp) * (lp - logRef[k])
			expected += math.Exp(lp) * v.Rewards[k]
		}
		got := numbers{"logits": logits, "probs": exps(logPi), "kl_pi_ref": {kl}, "expected_reward": {expected},
			"loss": {v.HP["beta"]*kl - expected}}
		for key := range want {
			if got[key] == nil {
				delete(want, key)
			}
		}
		c.compare(fmt.Sprintf("step %d ", r.StepCount()), got, want, afterRun)
	}
}
