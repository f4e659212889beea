package core_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
)

// startedAt returns a settled lab of an experiment that starts elsewhere.
func startedAt(t *testing.T, e core.Experiment, start ...float64) *core.Lab {
	t.Helper()
	e.Start = start
	l, c := core.NewLab(coretest.TestPresets(), e)
	if c != nil {
		t.Fatal(c)
	}
	coretest.SettleLab(l, 1000)
	return l
}

// At step 0 the policy is softmax(log π_ref + start), whatever the loss moves;
// histories, checkpoints and going back start from there, and any later step is
// that of a trainer put there by hand.
func TestRunsStartWhereTheyAreTold(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	for i, objective := range []string{"dpo", "ipo", "kto", "orpo", "aot", "dpop"} {
		for _, preset := range []string{"unseen", "missing", "tyre", "three", "agree"} {
			e := core.FindPreset(coretest.TestPresets(), preset).Start()
			e.Settings = e.Settings.Choose(objective)
			e.Settings[core.Optimizer] = float64(i % 4)
			e.Settings[core.ShownPrompt] = float64(len(core.FindPreset(coretest.TestPresets(), preset).Prompts) - 1)
			start := make([]float64, len(core.FindPreset(coretest.TestPresets(), preset).Prompts[int(e.Settings[core.ShownPrompt])].Replies))
			for k := range start {
				start[k] = 4 * (r.Float64() - 0.5)
			}
			l := startedAt(t, e, start...)
			sum := 0.0
			for k, d := range start {
				sum += math.Exp(l.Reference()[k] + d)
			}
			kl := 0.0
			for k, d := range start {
				want := math.Exp(l.Reference()[k]+d) / sum
				kl += want * (math.Log(want) - l.Reference()[k])
				if got := math.Exp(l.Policy()[k]); math.Abs(got-want) > 1e-12 {
					t.Errorf("%s, %s: reply %d starts at %v, want %v", preset, objective, k, got, want)
				}
			}
			if got := l.History.Measures[0].KL; math.Abs(got-kl) > 1e-12 {
				t.Errorf("%s, %s: KL starts at %v, want %v", preset, objective, got, kl)
			}
			hand := train.NewTrainer(l.Problem, e.Settings.Config(l.Beta()))
			from, _ := l.Problem.Range(l.Prompt())
			all := make([]float64, l.Problem.Arms())
			copy(all[from:], start)
			hand.StartAt(all)
			hand.Advance(57)
			for _, step := range []int{57, 0, 3, 57} {
				l.Seek(step)
				coretest.SettleLab(l, 10)
			}
			for k := range start {
				if coretest.LogRatio(l.Run, from+k) != hand.LogRatio(from+k) {
					t.Fatalf("%s, %s: step 57 of reply %d is %v, and by hand %v", preset, objective, k, coretest.LogRatio(l.Run, from+k), hand.LogRatio(from+k))
				}
			}
		}
	}
}

// A start says nothing of other replies; of the same ones it stays.
func TestStartsAreDroppedWithTheirReplies(t *testing.T) {
	presets := coretest.TestPresets()
	e := core.FindPreset(presets, "three").Start()
	l := startedAt(t, e, 1, 0, 0, -1)
	for _, p := range []struct {
		param core.Param
		value float64
		kept  bool
	}{{core.Beta, 0.3, true}, {core.Steps, 500, true}, {core.Seed, 8, true}, {core.ShownPrompt, 1, false}} {
		next := l.Experiment
		next.Settings[p.param] = p.value
		if c := l.Set(next); c != nil {
			t.Fatal(c)
		}
		if kept := l.Experiment.Start != nil; kept != p.kept {
			t.Errorf("after %s the start is there: %v, want %v", core.Params()[p.param].Key, kept, p.kept)
		}
	}
	l = startedAt(t, e, 1, 0, 0, -1)
	own := l.Experiment.Own(presets)
	own.AddReply(0, "another")
	if c := l.Set(own); c != nil || l.Experiment.Start != nil {
		t.Errorf("another reply: %v, start %v", c, l.Experiment.Start)
	}
	l = startedAt(t, e, 1, 0, 0, -1)
	other := core.FindPreset(presets, "tyre").Start()
	if c := l.Set(other); c != nil || l.Experiment.Start != nil {
		t.Errorf("another preset: %v, start %v", c, l.Experiment.Start)
	}
}

// What cannot start elsewhere says so, and the lab stays as it is.
func TestStartsThatAreRefused(t *testing.T) {
	presets := coretest.TestPresets()
	for _, c := range []struct {
		preset, code string
		set          map[core.Param]float64
		start        []float64
	}{
		{"displacement", "start.policy", nil, []float64{0, 1, 0}},
		{"same", "start.how", map[core.Param]float64{core.How: core.LearnByRLHF}, []float64{0, 1, 0}},
		{"same", "start.how", map[core.Param]float64{core.How: core.LearnOnline}, []float64{0, 1, 0}},
		{"same", "start", nil, []float64{0, 1}},
		{"same", "range", nil, []float64{0, 1, 50.5}},
		{"same", "range", nil, []float64{0, 1, math.NaN()}},
	} {
		e := core.FindPreset(presets, c.preset).Start()
		for p, x := range c.set {
			e.Settings[p] = x
		}
		l, complaint := core.NewLab(presets, e)
		if complaint != nil {
			t.Fatal(complaint)
		}
		e.Start = c.start
		if got := l.Set(e); got == nil || got.Code != c.code || got.Field != "at" || l.Experiment.Start != nil {
			t.Errorf("%s at %v: %v", c.preset, c.start, got)
		}
	}
}

func TestLinksThatStartElsewhere(t *testing.T) {
	presets := coretest.TestPresets()
	e, complaints := link.Parse("preset=same&at=0.5,-0.25,0", presets)
	if len(complaints) > 0 || !slices.Equal(e.Start, []float64{0.5, -0.25, 0}) {
		t.Fatalf("%v %v", e.Start, complaints)
	}
	if link, _ := link.Write(&e, presets); !strings.Contains(link, "&at=0.5,-0.25,0") {
		t.Errorf("the link is %s", link)
	}
	for address, code := range map[string]string{
		"preset=same&at=0.5,x,1": "number", "preset=same&at=": "number", "preset=same&at=1,2": "start",
		"preset=same&at=0,0,51": "range", "preset=displacement&at=0,0,1": "start.policy",
		"preset=same&how=rlhf&at=0,0,1": "start.how", "preset=same&at=1,2,3&at=1,2,3": "twice",
	} {
		e, complaints := link.Parse(address, presets)
		if len(complaints) != 1 || complaints[0].Code != code || code != "twice" && e.Start != nil {
			t.Errorf("%s: start %v, %v", address, e.Start, complaints)
		}
	}
}

// Places are short to spell and mean the same policy.
func TestStartPlace(t *testing.T) {
	got := core.StartPlace([]float64{1, 2.00049, 60})
	if mean := 63.00049 / 3; math.Abs(got[0]-(1-mean)) > 5.1e-4 || got[2] != math.Round(1000*(60-mean))/1000 {
		t.Errorf("%v", got)
	}
	for _, x := range got {
		if s := strconv.FormatFloat(x, 'f', -1, 64); len(s) > 7 {
			t.Errorf("%s is long", s)
		}
	}
	if got := core.StartPlace([]float64{-200, 200}); got[0] != -core.MostStart || got[1] != core.MostStart {
		t.Errorf("%v", got)
	}
}

// Where a run is headed from a start is where a long run ends. Components keep
// the sum of their logits; hinge stops where it first may; a loss that pulls to
// one place ends there from anywhere.
func TestDestinationsFromAStart(t *testing.T) {
	disjoint := []data.Pair{{0, 0, 1, 8}, {0, 1, 0, 2}, {0, 2, 3, 3}, {0, 3, 2, 2}}
	sided := []data.Pair{{0, 0, 1, 9}, {0, 2, 3, 2}}
	for _, c := range []struct {
		objective string
		pairs     []data.Pair
		beta      float64
		rate      float64
		steps     int
		within    float64
	}{
		{"dpo", disjoint, 0.5, 2, 20_000, 1e-9},
		{"cdpo", disjoint, 0.5, 2, 20_000, 1e-9},
		{"ipo", disjoint, 0.5, 0.2, 20_000, 1e-9},
		{"dpo_reference_free", disjoint, 0.5, 2, 20_000, 1e-9},
		{"dpo", append([]data.Pair{{0, 0, 2, 4}, {0, 2, 0, 3}}, disjoint...), 0.5, 2, 20_000, 1e-9},
		{"dpo", sided, 0.5, 20, 2_000_000, 2e-3},
		{"hinge", disjoint, 0.5, 0.001, 200_000, 2e-3},
		{"chi_po", disjoint, 0.5, 0.01, 200_000, 2e-2}, // followed, not solved,
		{"sft", disjoint, 0.5, 1, 50_000, 1e-6},
	} {
		l := coretest.LabWith(t, []data.Prompt{{Replies: make([]data.Reply, 4), Reference: []float64{.1, .2, .3, .4}}}, c.pairs, nil)
		e := l.Experiment
		e.Settings = e.Settings.Choose(c.objective)
		e.Settings[core.Beta], e.Settings[core.Rate] = c.beta, c.rate
		e.Start = []float64{1.5, 0.25, -1, -0.75}
		if complaint := l.Set(e); complaint != nil {
			t.Fatal(complaint)
		}
		coretest.SettleLab(l, 1000)
		if !l.HasOptimum() {
			t.Errorf("%s: no optimum", c.objective)
			continue
		}
		run := train.NewTrainer(l.Problem, l.Config(c.beta))
		run.Advance(c.steps)
		m := train.NewMeter(l.Problem)
		m.ReadPrompt(run, 0)
		for k := range e.Start {
			if got, want := math.Exp(l.Optimum.LogPi[k]), math.Exp(m.LogPi[k]); math.Abs(got-want) > c.within {
				t.Errorf("%s: reply %d is headed for %v, and the run is at %v", c.objective, k, got, want)
			}
		}
		if kl := num.KL(l.Optimum.LogPi, l.Reference()); math.Abs(kl-l.Optimum.KL) > 1e-12 {
			t.Errorf("%s: KL %v, want %v", c.objective, l.Optimum.KL, kl)
		}
	}
}

// Where the votes alone decide, a start changes nothing of where DPO is headed.
func TestStartsThatDoNotMatter(t *testing.T) {
	for _, preset := range []string{"same", "missing", "greedy", "unseen"} {
		e := core.FindPreset(coretest.TestPresets(), preset).Start()
		want := startedAt(t, e)
		start := []float64{1, -1, 0.5}[:want.Arms()]
		got := startedAt(t, e, start...)
		for k := range start {
			if math.Abs(math.Exp(got.Optimum.LogPi[k])-math.Exp(want.Optimum.LogPi[k])) > 1e-9 {
				t.Errorf("%s: %v from a start, %v from the reference", preset, got.Optimum.LogPi, want.Optimum.LogPi)
			}
		}
	}
}
