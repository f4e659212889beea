package core

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// rlhfTraces are hashes of what runs of RLHF and online DPO compute, to the
// last bit. See traces.
var rlhfTraces = map[string]string{
	"exact":                   "bc4429d35b8d66a329ae7fd5",
	"grpo":                    "914013f5fedc4a3e52cdac25",
	"grpo+k3":                 "7129dcb808cc84f34ccdf482",
	"online dpo/0":            "f63c14b0ccfd9feb0e48f349",
	"online dpo/1":            "13886bea634b6eb82ee0544f",
	"online exact λ=0":        "bb8f6ce83a256c2c65aee6c3",
	"online exact λ=0.01":     "80ea31669ad378c3bb55da27",
	"online grpo λ=0":         "2e1db0be7511f841298e6227",
	"online grpo λ=0.01":      "71e928c3d1a1c07db0d41e7d",
	"online grpo+k3 λ=0":      "b446362a077d66cbe7a67afd",
	"online grpo+k3 λ=0.01":   "f9dccde2be706cdcf507d44f",
	"online ppo λ=0":          "e8cecb44523637d21278e0e6",
	"online ppo λ=0.01":       "96f9a37ad072dc09bf69529d",
	"online ppo+value λ=0":    "fc164c3eab1ca651eabf4738",
	"online ppo+value λ=0.01": "9d5a5cfb34e93783ceb0b915",
	"online reinforce λ=0":    "52063405fb94c6d4f57e3147",
	"online reinforce λ=0.01": "1f3d725763069e09b4a0d833",
	"online rloo λ=0":         "4d694da01152561f24346b0b",
	"online rloo λ=0.01":      "e50d65792bbe518f598dff58",
	"ppo":                     "2ee96b4ec0320d5825d9dc18",
	"ppo+value":               "d8b7dd564902aaf7b8ab1593",
	"reinforce":               "406f5d7d6cc3826f5e423465",
	"rloo":                    "5e5b6e92fc950cbc61b8ee07",
}

// TestDeterminismOfRLHF also runs under js/wasm; see TestDeterminismInWebAssembly.
func TestDeterminismOfRLHF(t *testing.T) {
	for name, start := range everyStepper() {
		h, r := sha256.New(), start()
		var state []float64
		for _, step := range []int{0, 1, 21, 100, 400} {
			r.Advance(step - r.StepCount())
			state = r.Save(state[:0])
			addBits(h, state...)
		}
		if rlhf, ok := r.(*RLHF); ok {
			var tilt Tilt
			rlhf.Optimum(&tilt, 1)
			addBits(h, tilt.LogPi...)
			addBits(h, tilt.KL, tilt.Expected, tilt.Variance)
		}
		if got := hex.EncodeToString(h.Sum(nil)[:12]); got != rlhfTraces[name] {
			t.Errorf("%q: %q, // is not the trace on record, %q", name, got, rlhfTraces[name])
		}
	}
}
