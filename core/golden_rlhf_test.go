package core_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// TestRLHFOnGoldenTrajectories has RLHF's own exact gradient, with a reward
// that is given, follow every tabular kl_reward trajectory.
func TestRLHFOnGoldenTrajectories(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(coretest.GoldenPath(t, *coretest.GoldenDir), "trajectories.json"))
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
		var c coretest.GoldenResult
		followRewards(&c, &v, rule)
		followed += c.Checks
		for _, w := range c.Wrong {
			t.Errorf("%s: %s", v.ID, w)
		}
	}
	if followed == 0 {
		t.Skip("no tabular kl_reward among them")
	}
	t.Logf("%d numbers hold", followed)
}

func followRewards(c *coretest.GoldenResult, v *goldenTrajectory, rule train.UpdateRule) {
	p := datatest.Bandit(oracle.Exps(v.RefLogits))
	r := rlhf.New(p, nil, rlhf.Config{Beta: v.HP["beta"], Rule: rule, Custom: v.Rewards}, data.Annotators{})
	start := make([]float64, v.Arms)
	for k := range start {
		start[k] = v.InitLogits[k] - p.LogRef[k]
	}
	coretest.StandAt(r, start)
	logRef, logits := oracle.LogNormalised(v.RefLogits), make([]float64, v.Arms)
	for _, want := range v.Snapshots {
		r.Advance(int(want["step"][0]) - r.StepCount())
		for k := range logits {
			logits[k] = p.LogRef[k] + coretest.LogRatio(r, k)
		}
		logPi := oracle.LogNormalised(logits)
		kl, expected := 0.0, 0.0
		for k, lp := range logPi {
			kl += math.Exp(lp) * (lp - logRef[k])
			expected += math.Exp(lp) * v.Rewards[k]
		}
		got := coretest.Numbers{"logits": logits, "probs": oracle.Exps(logPi), "kl_pi_ref": {kl}, "expected_reward": {expected},
			"loss": {v.HP["beta"]*kl - expected}}
		for key := range want {
			if got[key] == nil {
				delete(want, key)
			}
		}
		c.Compare(fmt.Sprintf("step %d ", r.StepCount()), got, want, afterRun)
	}
}
