package traces

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// traces are hashes of what a run computes, to the last bit, for each preset
// and way of training. They were written by this test on linux/amd64 and must
// come out the same on every machine, in every browser, and in every later
// version that reads the same links: changing one breaks the links that are
// about. Where a run is headed is fitted until it is exact to rounding, which a
// better way of fitting may change: those bits need only be the same everywhere.
var traces = map[string]string{
	"tyre/sgd":          "82cc671a6e4eeef4824ea827",
	"tyre/adam":         "35817efa7fa92e6f857f67d7",
	"tyre/batch":        "9ebb4a6e3e4c9fe9da952120",
	"tyre/drawn":        "9d41ecd4993bafa2a6c5cf69",
	"tyre/population":   "45c2b39689cfe3abe9882d0b",
	"jury/sgd":          "4948b84c4b582fb7324216d6",
	"jury/adam":         "f1d161f8ed56bbbb923f9fa7",
	"jury/batch":        "bdb2a2df3b50200a7f5c9a44",
	"jury/drawn":        "7f5400c14dbaee5901091f56",
	"jury/population":   "416aa1c9c2ba455f808970c4",
	"agree/sgd":         "8b0bb2c7a2608461b614f7eb",
	"agree/adam":        "49efaf3186c8d563d42b0605",
	"agree/batch":       "f499b24a6393883cea051665",
	"agree/drawn":       "8b23c986e479cd335ef7325a",
	"agree/population":  "19dbf67e322d2127b9dba40a",
	"rare/sgd":          "3dd2d3b5dc613ed3374361f1",
	"rare/adam":         "9792e63586e2eabb2089fd13",
	"rare/batch":        "7f5e501b9af468f622ea3006",
	"rare/drawn":        "89f9b9c9792bf1355b38e007",
	"rare/population":   "7645f656a49b41e4953cd2cf",
	"three/sgd":         "0a6d6e526dfb95d356c43149",
	"three/adam":        "19ef11e27765fbda9d0c4865",
	"three/batch":       "ead19a82bf1df87066e3db11",
	"three/drawn":       "4fa4454dd3044156e985f279",
	"three/population":  "be604320266d6dcb01c2ed19",
	"same/sgd":          "19bc0e5df72ad58f5d5c218f",
	"same/adam":         "1b5ab53ae52d821e49bfde37",
	"proxy/sgd":         "42bfc0f25f993f6732a5dcc4",
	"proxy/adam":        "66e366cec2d0062390c94ea2",
	"greedy/sgd":        "49c71fde185c7895e58a6e7f",
	"greedy/adam":       "95ebf051b5bb41d469edda84",
	"cycle/sgd":         "8f06e4313130f19fbab92ba4",
	"cycle/adam":        "8f06e4313130f19fbab92ba4",
	"onesided/sgd":      "a80826cf46920c1a642cbc21",
	"onesided/adam":     "8d3c4712804d4e1283ffd5d1",
	"missing/sgd":       "3b71985d848804ac98ddc5ac",
	"missing/adam":      "f174d92373baee98c9cba6b5",
	"minority/sgd":      "5c5b4afd21ca706530e535e2",
	"minority/adam":     "ea9b37a79a4dbe568b04bcbd",
	"thumbs/sgd":        "0529d3114ea8af896b1d0e54",
	"thumbs/adam":       "30c471132a36c2ae52364f95",
	"unseen/sgd":        "9f708616820ae98ce0f1351d",
	"unseen/adam":       "d1e6e888703563e5e91b81f7",
	"noise/sgd":         "1a730de029fd04a318f678b4",
	"noise/adam":        "115a402237d57c73dce1d066",
	"displacement/sgd":  "7e59b03d8ac9a76e9be2acb8",
	"displacement/adam": "7f2e0d853bd77aa4b47c53f4",
	"shared/sgd":        "f36eb7a07919cba240c68661",
	"shared/adam":       "b3215b4fc5caba8aef5b053f",
	"asked/sgd":         "a07bc6d0f6217c7eab0796c8",
	"asked/adam":        "683971107e0ac007400c9ea5",
	"jitter/sgd":        "19bc0e5df72ad58f5d5c218f",
	"jitter/adam":       "1b5ab53ae52d821e49bfde37",
	"moving/sgd":        "1516a08e6760712167ed8c33",
	"moving/adam":       "f9c99eae73d2af218d5d85b3",
	"rate/sgd":          "b3ff2293a1301e9c8713a976",
	"rate/adam":         "5b757caff29d1de7ac693a39",
	"smoothing/sgd":     "eeaa6941a3005ecd40a38572",
	"smoothing/adam":    "e7458b176eed5397f48edfc2",
	"batch/sgd":         "8f0d2705eeed5baba80c3498",
	"batch/adam":        "bd19bcc5c32dc20b3f15ac43",
}

// traceKinds are the ways of training that are traced.
var traceKinds = []struct {
	name string
	set  map[core.Param]float64
}{
	{"sgd", nil},
	{"adam", map[core.Param]float64{core.Optimizer: train.Adam, core.Rate: 0.05}},
	{"batch", map[core.Param]float64{core.Batch: 32}},
	{"drawn", map[core.Param]float64{core.Source: core.FromVotes, core.Flip: 0.1, core.Coverage: core.CoverHalf, core.Reference: core.ReferenceDrawn, core.Smoothing: 0.1}},
	{"population", map[core.Param]float64{core.Source: core.FromPopulation, core.Batch: 32, core.Beta: 0.05}},
}

// exhibitKinds trace an exhibit with its own settings and with Adam.
var exhibitKinds = traceKinds[:2]

// TestDeterminism also runs in the browser; see serve/build.
func TestDeterminism(t *testing.T) {
	headed := sha256.New()
	for _, preset := range core.Presets(func(key string) string { return key }) {
		kinds := traceKinds
		if preset.Exhibit {
			kinds = exhibitKinds
		}
		for _, kind := range kinds {
			name := preset.ID + "/" + kind.name
			e := preset.Start()
			for p, x := range kind.set {
				e.Settings[p] = x
			}
			if got := trace(t, &e, &preset, headed); got != traces[name] {
				t.Errorf("%q: %q, // is not the trace on record, %q", name, got, traces[name])
			}
		}
	}
	for i := range objective.All() {
		key := objective.All()[i].Key
		want, recorded := objectiveTraces[key]
		switch got := objectiveTrace(&objective.All()[i]); {
		case !recorded:
			t.Logf("%q: %q, // has no trace on record yet", key, got)
		case got != want:
			t.Errorf("%q: %q, // is not the trace on record, %q", key, got, want)
		}
	}
	for key := range objectiveTraces {
		if objective.Named(key) == nil {
			t.Errorf("there is a trace of %q, which is no objective", key)
		}
	}
	t.Logf("headed for %x", headed.Sum(nil))
}

// trace hashes the data that an experiment draws, the log-ratios after 0, 1,
// 10, 100 and 1000 steps, and the measures and flows there. Where the run is
// headed goes to a hash of its own.
func trace(t *testing.T, e *core.Experiment, preset *core.Preset, headed hash.Hash) string {
	p, complaint := core.Prepare(e.Dataset([]core.Preset{*preset}), &e.Settings, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	h := sha256.New()
	oracle.AddBits(h, p.LogRef...)
	for _, tally := range p.Tallies {
		oracle.AddBits(h, float64(tally.A), float64(tally.B), tally.ForA, tally.ForB)
	}
	run, meter := train.NewRun(p, e.Settings.Config(e.Settings[core.Beta])), train.NewMeter(p)
	var flow train.Flow
	before := append([]float64(nil), p.LogRef...)
	for _, step := range []int{0, 1, 10, 100, 1000} {
		run.Seek(step)
		for !run.Work(64) {
		}
		m := meter.Read(run.Trainer, 0)
		for _, arm := range run.Trainer.Arms {
			oracle.AddBits(h, run.Trainer.LogRatio(arm))
		}
		oracle.AddBits(h, m.Loss, m.Accuracy, m.Margin, m.ChosenReward, m.RejectedReward, m.KL, m.Entropy, m.Expected)
		flow.Between(before, meter.LogPi)
		oracle.AddBits(h, flow.Net...)
		copy(before, meter.LogPi)
	}
	addDestination(headed, p, &e.Settings)
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// objectiveTraces are such hashes for each objective.
var objectiveTraces = map[string]string{
	"dpo":                "a577d1bfbe7e3aada43cc6f1",
	"ipo":                "bc92a45dc818716ad60eda58",
	"kto":                "2f16a692e9902106a6ac6651",
	"orpo":               "f22e849af2d112b8ead6d607",
	"cdpo":               "c0bd47b1557e062aceb488c6",
	"simpo":              "616a5b6c601d6d95175396ef",
	"dpop":               "3362fd03524e05d4e665efd4",
	"chi_po":             "d7189201cc30f042711676e3",
	"rdpo":               "b5b2c8fc4f9231fa054983fb",
	"hinge":              "4c6ce4eecf7ea09587974296",
	"sft":                "4827f75072fc53488244c737",
	"fdiv_js":            "6ea89c9334dac11b63f25088",
	"fdiv_forward_kl":    "a3324fd698f35b47bd457018",
	"fdiv_alpha":         "825493217bcf036641f72f87",
	"exo_pair":           "b9811035256ca8ba66c650d6",
	"nca_pair":           "ef937ae9e23c626d458199f2",
	"bco_pair":           "87f1f6a389f86007feacd800",
	"sppo_hard":          "0cb2705d5ec0f38f4b617ed9",
	"apo_zero":           "465541ed00a6f9ca8e684728",
	"apo_zero_unpaired":  "9948d0456536f5ceb88a4c74",
	"apo_down":           "44e3d1a65960d94cf03b137c",
	"discopop":           "d8f2a6d2209819ca8adc6c88",
	"aot":                "90dd119b8044d7ce7f0e9882",
	"aot_unpaired":       "62d71896c859f34fdea94ff7",
	"sigmoid_norm":       "7bd14a16d630701dceaffb7c",
	"ipo_norm":           "f8b8e0b18ccf6cb299ef156d",
	"cal_dpo":            "8952771755b410851784baa1",
	"rpo":                "56a9d477339a9c63a2fb9db3",
	"mpo":                "211397bb87e91c7494a40ee6",
	"cpo":                "3bd6d584cadc591ab5f31606",
	"dpo_reference_free": "51eac58619b4570d84c3b8eb",
}

// objectiveTrace hashes log-ratios and measures along a run of each kind of
// optimiser, batch, policy and reference.
func objectiveTrace(o *objective.Objective) string {
	h := sha256.New()
	p := datatest.Rich(rand.New(rand.NewPCG(11, 12)), 2, 6, 12, 3)
	configs := coretest.StepConfigs(o, o.Defaults(0.5))
	for _, name := range oracle.SortedKeys(configs) {
		run, meter, d := train.NewTrainer(p, configs[name]), train.NewMeter(p), make([]float64, p.Arms())
		for range 5 {
			run.Advance(20)
			m := meter.Read(run, 0)
			clear(d)
			run.AddLogRatios(d, 0)
			oracle.AddBits(h, d...)
			oracle.AddBits(h, m.Loss, m.Accuracy, m.Margin, m.ChosenReward, m.RejectedReward, m.KL, m.LeashKL, m.Entropy)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func addDestination(h hash.Hash, p *data.Problem, s *core.Settings) {
	from, to := p.Range(0)
	values := coretest.FitScores(to-from, p.VotesOf(0), s[core.Smoothing])
	var tilt scores.Tilt
	tilt.Set(p.LogRef[from:to], values.Score, s[core.Beta])
	oracle.AddBits(h, values.Score...)
	oracle.AddBits(h, tilt.LogPi...)
	oracle.AddBits(h, tilt.KL, tilt.LogZ)
}
