package core

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// traces are hashes of what a run computes, to the last bit, for each preset
// and way of training. They were written by this test on linux/amd64 and must
// come out the same on every machine, in every browser, and in every later
// version that reads the same links: changing one breaks the links that are
// about.
var traces = map[string]string{
	"tyre/sgd":         "f4b03d5c5f483a942f498124",
	"tyre/adam":        "3d47246152d6224b52fb930b",
	"tyre/batch":       "5263e672bf82c5f2240f4da0",
	"tyre/drawn":       "1aceefef1f03edc320a1ecc3",
	"tyre/population":  "7f3cc5cde91670679c7246f7",
	"jury/sgd":         "fd6a51e42cd8b429770aff33",
	"jury/adam":        "21fe2b725e27b1d7d12b172d",
	"jury/batch":       "f345121a5c84eb311dc2f430",
	"jury/drawn":       "27ec70fa76e7deb5473d9c67",
	"jury/population":  "85c038fa2805d1ec2c207784",
	"agree/sgd":        "5d729f23e9b89baee2ce215e",
	"agree/adam":       "b8f99f512ce73f07d5b55578",
	"agree/batch":      "bdaee159acb22f2ca275b519",
	"agree/drawn":      "99eeb8532a10c33c28cdc17b",
	"agree/population": "7ca000cfd20473b6832dcc74",
	"rare/sgd":         "ea67e0f79f19c475886a7178",
	"rare/adam":        "f69a0054a175ef659a09b1f8",
	"rare/batch":       "456ba4d040caa208698b6109",
	"rare/drawn":       "0a3f7b694d8e15010bc053ed",
	"rare/population":  "3d94e814e414e9ddf4ce4c2a",
	"three/sgd":        "47eb6a1d06fcfd51c6d962d1",
	"three/adam":       "8e2b2e6ee29d4368b7f6a202",
	"three/batch":      "13b143bf23949c705520cf37",
	"three/drawn":      "f86d8b7fe265a746501f9e0a",
	"three/population": "b5382ff6294521e0c3510884",
}

// traceKinds are the ways of training that are traced.
var traceKinds = []struct {
	name string
	set  map[Param]float64
}{
	{"sgd", nil},
	{"adam", map[Param]float64{Optimizer: Adam, Rate: 0.05}},
	{"batch", map[Param]float64{Batch: 32}},
	{"drawn", map[Param]float64{Source: FromVotes, Flip: 0.1, Coverage: CoverHalf, Reference: ReferenceDrawn, Smoothing: 0.1}},
	{"population", map[Param]float64{Source: FromPopulation, Batch: 32, Beta: 0.05}},
}

func TestDeterminism(t *testing.T) {
	for _, preset := range Presets(func(key string) string { return key }) {
		for _, kind := range traceKinds {
			name := preset.ID + "/" + kind.name
			e := preset.Start()
			for p, x := range kind.set {
				e.Settings[p] = x
			}
			if got := trace(t, &e, &preset); got != traces[name] {
				t.Errorf("%q: %q, // is not the trace on record, %q", name, got, traces[name])
			}
		}
	}
}

// trace hashes the data that an experiment draws, the log-ratios after 0, 1,
// 10, 100 and 1000 steps, the measures there, and where the run is headed.
func trace(t *testing.T, e *Experiment, preset *Preset) string {
	p, complaint := Prepare(e.Dataset([]Preset{*preset}), &e.Settings)
	if complaint != nil {
		t.Fatal(complaint)
	}
	h := sha256.New()
	addBits(h, p.LogRef...)
	for _, tally := range p.Tallies {
		addBits(h, float64(tally.A), float64(tally.B), tally.ForA, tally.ForB)
	}
	run, meter := NewRun(p, e.Settings.Config(e.Settings[Beta])), NewMeter(p)
	var flow Flow
	before := append([]float64(nil), p.LogRef...)
	for _, step := range []int{0, 1, 10, 100, 1000} {
		run.Seek(step)
		for !run.Work(64) {
		}
		m := meter.Read(run.Trainer, 0)
		addBits(h, run.d...)
		addBits(h, m.Loss, m.Accuracy, m.Margin, m.ChosenReward, m.RejectedReward, m.KL, m.Entropy, m.Expected)
		flow.Between(before, meter.LogPi)
		addBits(h, flow.Net...)
		copy(before, meter.LogPi)
	}
	addDestination(h, p, &e.Settings)
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func addDestination(h hash.Hash, p *Problem, s *Settings) {
	from, to := p.Range(0)
	scores := FitScores(to-from, p.VotesOf(0), s[Smoothing])
	var tilt Tilt
	tilt.Set(p.LogRef[from:to], scores.Score, s[Beta])
	addBits(h, scores.Score...)
	addBits(h, tilt.LogPi...)
	addBits(h, tilt.KL, tilt.LogZ)
}

func addBits(h hash.Hash, x ...float64) {
	var b [8]byte
	for _, v := range x {
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(v))
		h.Write(b[:])
	}
}

// TestDeterminismInWebAssembly runs the traces under js/wasm, where the same
// constants must come out.
func TestDeterminismInWebAssembly(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("this is WebAssembly")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("SKIPPED: node is not on the PATH, so nothing shows here that WebAssembly computes the same bits")
	}
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	launcher := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "go_js_wasm_exec")
	cmd := exec.Command("go", "test", "-count=1", "-v", "-exec", launcher, "-run", "^TestDeterminism$", ".")
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestDeterminism ") {
		t.Errorf("under js/wasm: %v\n%s", err, out)
	}
}
