package traces

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/internal/oracle"
)

// rlhfTraces are hashes of what runs of RLHF and online DPO compute, to the
// last bit. See traces.
var rlhfTraces = map[string]string{
	"exact":                   "bc4429d35b8d66a329ae7fd5",
	"grpo":                    "eaa7d6a9943ece66deb93362",
	"grpo+k3":                 "ce768cf96af40da29634acfb",
	"linear exact":            "837421b55e9c0333442d5221",
	"linear grpo":             "5cb5c4e5394472ab8a7999e8",
	"linear grpo+k3":          "1b3b1e7cf25d1ad35efb25a2",
	"linear online dpo/0":     "6802bfbd308e9a1812de4099",
	"linear online dpo/1":     "efe3d4e576e7157bb4fb91a4",
	"linear ppo":              "d3d73e5c07cc6b161e291428",
	"linear ppo+value":        "5708ab2d24b0c14f4b22c47d",
	"linear reinforce":        "fbb291bdde7a7ab14694a4fc",
	"linear rloo":             "91dc9372435b375f7991f19f",
	"online dpo/0":            "caf0ada4ea8fad86d7ddec03",
	"online dpo/1":            "d1731f458b4f3e63ed2fb44e",
	"online exact λ=0":        "bb8f6ce83a256c2c65aee6c3",
	"online exact λ=0.01":     "80ea31669ad378c3bb55da27",
	"online grpo λ=0":         "8967a08477978ed7f44bb7fb",
	"online grpo λ=0.01":      "1a7ad74596b1f4db95d1da54",
	"online grpo+k3 λ=0":      "769531129e903a1cc9fe5582",
	"online grpo+k3 λ=0.01":   "528cdb39beb96016018b34b5",
	"online ppo λ=0":          "79fab354233fab5cb70f024c",
	"online ppo λ=0.01":       "eafbf9a9c807ee4a60cb4ebb",
	"online ppo+value λ=0":    "2fe2338fc07581f11d66324d",
	"online ppo+value λ=0.01": "13a59658294e55a865a43fd0",
	"online reinforce λ=0":    "52063405fb94c6d4f57e3147",
	"online reinforce λ=0.01": "1f3d725763069e09b4a0d833",
	"online rloo λ=0":         "4d694da01152561f24346b0b",
	"online rloo λ=0.01":      "e50d65792bbe518f598dff58",
	"ppo":                     "8d11c996d24b6603248b4cd7",
	"ppo+value":               "fa01abec16ba3f838b3a4f13",
	"reinforce":               "406f5d7d6cc3826f5e423465",
	"rloo":                    "5e5b6e92fc950cbc61b8ee07",
}

// TestDeterminismOfRLHF also runs in the browser, as TestDeterminism does.
func TestDeterminismOfRLHF(t *testing.T) {
	for name, start := range coretest.EveryStepper() {
		h, r := sha256.New(), start()
		var state []float64
		for _, step := range []int{0, 1, 21, 100, 400} {
			r.Advance(step - r.StepCount())
			state = r.Save(state[:0])
			oracle.AddBits(h, state...)
		}
		if rlhf, ok := r.(*rlhf.RLHF); ok {
			var tilt scores.Tilt
			rlhf.Optimum(&tilt, 1)
			oracle.AddBits(h, tilt.LogPi...)
			oracle.AddBits(h, tilt.KL, tilt.Expected, tilt.Variance)
		}
		if got := hex.EncodeToString(h.Sum(nil)[:12]); got != rlhfTraces[name] {
			t.Errorf("%q: %q, // is not the trace on record, %q", name, got, rlhfTraces[name])
		}
	}
}
