package core_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/link"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// Going to a step, from anywhere, gives the same bits of the policy and of the
// logits a step earlier, which are those of a trainer of its own.
func TestLabSeekIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for _, set := range []map[core.Param]float64{{}, {core.Optimizer: train.Adam, core.Rate: 0.05}, {core.Batch: 32, core.ShownPrompt: 2}} {
		l := coretest.NewLab(t, "three", set)
		for range 60 {
			step := r.IntN(1 << r.IntN(12))
			l.Seek(step)
			coretest.SettleLab(l, 1+r.IntN(500))
			cfg := l.Experiment.Settings.Config(l.Beta())
			meter := train.NewMeter(l.Problem)
			meter.ReadPrompt(coretest.Trained(l.Problem, cfg, step), l.Prompt())
			from, to := l.Problem.Range(l.Prompt())
			before := append([]float64(nil), l.Reference()...)
			coretest.Trained(l.Problem, cfg, max(0, step-1)).AddLogRatios(before, from)
			want := [2][]float64{meter.LogPi[from:to], before}
			if l.Run.StepCount() != step || !l.Settled() || !reflect.DeepEqual(coretest.Moment(l), want) {
				t.Fatalf("%v: step %d gives %v, want %v", set, step, coretest.Moment(l), want)
			}
			if l.Experiment.Settings[core.Step] != float64(step) {
				t.Fatalf("the experiment says step %v, not %d", l.Experiment.Settings[core.Step], step)
			}
		}
	}
}

// The history depends on the furthest step alone, not on the way there or on
// the slices of work.
func TestLabHistoryIsOfTheFurthestStep(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2))
	for range 15 {
		far := 1 + r.IntN(1<<(1+r.IntN(12)))
		l, straight := coretest.NewLab(t, "tyre", nil), coretest.NewLab(t, "tyre", nil)
		for range r.IntN(12) {
			l.Seek(r.IntN(far + 1))
			coretest.SettleLab(l, 1+r.IntN(300))
		}
		l.Seek(far)
		coretest.SettleLab(l, 1+r.IntN(300))
		straight.Seek(far)
		coretest.SettleLab(straight, 1<<20)
		if !reflect.DeepEqual(l.History, straight.History) {
			t.Fatalf("to step %d: recorded %v, straight on %v", far, l.History.Steps, straight.History.Steps)
		}
		checkHistory(t, l, far)
	}
}

// checkHistory wants every stride-th step up to the furthest, with the measures
// of a trainer of its own.
func checkHistory(t *testing.T, l *core.Lab, far int) {
	t.Helper()
	h := l.History
	stride := 1
	if len(h.Steps) > 1 {
		stride = h.Steps[1]
	}
	if want := far/stride + 1; len(h.Steps) != want || want > 257 {
		t.Fatalf("to step %d in strides of %d: %d records", far, stride, len(h.Steps))
	}
	run, meter := train.NewTrainer(l.Problem, l.Experiment.Settings.Config(l.Beta())), train.NewMeter(l.Problem)
	for i, step := range h.Steps {
		run.Advance(step - run.StepCount())
		if step != i*stride || h.Measures[i] != meter.Read(run, h.Prompt) {
			t.Fatalf("record %d of step %d differs from a run of its own", i, step)
		}
		for j, arm := range h.Arms {
			if h.Probs[i*len(h.Arms)+j] != num.Exp(meter.LogPi[arm]) {
				t.Fatalf("step %d: probability of reply %d", step, arm)
			}
		}
	}
}

// Stepping one by one records every step.
func TestLabHistoryStepByStep(t *testing.T) {
	l := coretest.NewLab(t, "tyre", nil)
	for step := 1; step <= 20; step++ {
		l.Seek(step)
		coretest.SettleLab(l, 1)
		checkHistory(t, l, step)
	}
}

// Convergence ends at the same step on every visit: from the start, from
// underway, from beyond, and after going back.
func TestConvergeArrivesAtTheSameStep(t *testing.T) {
	for _, set := range []map[core.Param]float64{{core.Rate: 4}, {core.Optimizer: train.Adam, core.Rate: 0.05}} {
		arrival := -1
		for _, start := range [][]int{{0}, {0, 0}, {17}, {301, 5}, {90_000}, {90_000, 3}, {64, 90_000, 1000}} {
			l := coretest.NewLab(t, "tyre", set)
			for _, step := range start {
				l.Seek(step)
				coretest.SettleLab(l, 5000)
			}
			for range 2 {
				l.Converge(1 << 20)
				coretest.SettleLab(l, 333)
				if !l.Arrived() || l.Converging() {
					t.Fatalf("%v from %v: not there at step %d", set, start, l.Run.StepCount())
				}
				if arrival < 0 {
					arrival = l.Run.StepCount()
				}
				if l.Run.StepCount() != arrival {
					t.Errorf("%v from %v: arrived at step %d, before at %d", set, start, l.Run.StepCount(), arrival)
				}
			}
			oracle.NearAll(t, "policy on arrival", oracle.Exps(l.Policy()), oracle.Exps(l.Optimum.LogPi), 1e-6)
		}
	}
}

// Where there is no optimum, convergence stops at the step it was given.
func TestConvergeGivesUp(t *testing.T) {
	l := coretest.NewLab(t, "agree", nil)
	l.Converge(5000)
	coretest.SettleLab(l, 777)
	if l.Run.StepCount() != 5000 || l.Arrived() || l.Converging() || !l.Settled() {
		t.Errorf("stands at step %d, arrived %v", l.Run.StepCount(), l.Arrived())
	}
	if l.Scores.Finite || !l.HasOptimum() || len(l.Scores.Survivors) != 2 {
		t.Errorf("two replies survive, not %+v", l.Scores)
	}
}

// A change that changes no number keeps everything, also while converging.
func TestSetKeepsWhatStays(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 300})
	l.WantSweep(true)
	coretest.SettleLab(l, 1000)
	run, history, sweep, scores, problem := l.Run, l.History, l.Sweep, l.Scores, l.Problem
	e := l.Experiment
	e.View.Open = []string{"data"}
	e.Settings[core.Speed], e.Settings[core.Steps] = 4, 5000
	if c := l.Set(e); c != nil || !l.Settled() {
		t.Fatalf("%v, settled %v", c, l.Settled())
	}
	if l.Run != run || l.History != history || l.Sweep != sweep || l.Scores != scores || l.Problem != problem {
		t.Error("looking elsewhere throws away what was computed")
	}
	e.Settings[core.Beta] = 0.1
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	if l.Sweep != sweep || l.Scores != scores || l.Problem != problem {
		t.Error("another β throws away what does not depend on it")
	}
	coretest.SettleLab(l, 1000)
	if l.Run.StepCount() != 300 {
		t.Errorf("another β runs to step %d, want 300", l.Run.StepCount())
	}
	checkHistory(t, l, 300)
	oracle.Near(t, "KL of the optimum", l.Optimum.KL, num.KL(oracle.Logs(coretest.Boltzmann(oracle.Exps(l.Reference()), l.Scores.Score, 0.1)), l.Reference()), 1e-9)
	l.Converge(1 << 20)
	l.Work(10)
	e = l.Experiment
	e.View.Open = nil
	if c := l.Set(e); c != nil || !l.Converging() {
		t.Errorf("%v, still converging: %v", c, l.Converging())
	}
}

// Changing the shown prompt shows its own history, of the same run.
func TestSetOfThePrompt(t *testing.T) {
	l := coretest.NewLab(t, "three", map[core.Param]float64{core.Step: 500})
	e := l.Experiment
	e.Settings[core.ShownPrompt] = 1
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	coretest.SettleLab(l, 100)
	if l.Run.StepCount() != 500 {
		t.Errorf("at step %d", l.Run.StepCount())
	}
	checkHistory(t, l, 500)
}

// What cannot be run is refused, and the lab stays as it was.
func TestSetRefuses(t *testing.T) {
	l := coretest.NewLab(t, "three", map[core.Param]float64{core.Step: 50})
	before, was := l.Experiment, coretest.Moment(l)
	for _, change := range []func(*core.Experiment){
		func(e *core.Experiment) { e.Settings[core.ShownPrompt] = 3 },
		func(e *core.Experiment) { e.Settings[core.ShownPrompt], e.Settings[core.Votes] = 3, 7 },
		func(e *core.Experiment) {
			e.Prompts = []data.Prompt{{Replies: []data.Reply{{Text: "a", Reward: math.NaN()}, {Text: "b"}}}}
		},
	} {
		e := before
		change(&e)
		if c := l.Set(e); c == nil {
			t.Errorf("%+v is accepted", e)
		}
		if !coretest.SameExperiment(l.Experiment, before) || !reflect.DeepEqual(coretest.Moment(l), was) || !l.Settled() {
			t.Error("a refused change leaves its mark")
		}
	}
}

func TestWorkedNumbers(t *testing.T) {
	for _, eps := range []float64{0, 0.2} {
		l := coretest.NewLab(t, "jury", map[core.Param]float64{core.Step: 123, core.Smoothing: eps})
		pi, ref, beta := oracle.Exps(l.Policy()), oracle.Exps(l.Reference()), l.Beta()
		v := l.Worked(1, 0)
		oracle.Near(t, "log-ratio of the chosen", v.RatioChosen, math.Log(pi[1]/ref[1]), 1e-12)
		oracle.Near(t, "log-ratio of the rejected", v.RatioRejected, math.Log(pi[0]/ref[0]), 1e-12)
		u := beta * (math.Log(pi[1]/ref[1]) - math.Log(pi[0]/ref[0]))
		sigma := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
		oracle.Near(t, "u", v.Margin, u, 1e-12)
		oracle.Near(t, "loss", v.Loss, -(1-eps)*math.Log(sigma(u))-eps*math.Log(sigma(-u)), 1e-12)
		oracle.Near(t, "weight", v.Weight, sigma(-u), 1e-12)
		oracle.Near(t, "push", v.Push, beta*((1-eps)*sigma(-u)-eps*sigma(u)), 1e-12)
		if v.For != 3 || v.Against != 9 {
			t.Errorf("%v votes for, %v against, want 3 and 9", v.For, v.Against)
		}
		if w := l.Worked(4, 0); w.For != 4 || w.Against != 8 {
			t.Errorf("%v votes for, %v against, want 4 and 8", w.For, w.Against)
		}
		if w := l.Worked(0, 1); w.For != 9 || w.Against != 3 || w.Margin != -v.Margin {
			t.Errorf("the other way round: %+v", w)
		}
	}
}

// Pushing names the pair on which the votes' forces together are largest.
func TestPushing(t *testing.T) {
	for _, eps := range []float64{0, 0.3} {
		l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 40, core.Smoothing: eps, core.ShownPrompt: 0})
		up, down, ok := l.Pushing()
		most, wantUp, wantDown := 0.0, 0, 0
		for a := range l.Arms() {
			for b := range l.Arms() {
				if v := l.Worked(a, b); a != b && v.For+v.Against > 0 {
					force := v.For*v.Push - v.Against*l.Worked(b, a).Push
					if force > most {
						most, wantUp, wantDown = force, a, b
					}
				}
			}
		}
		if !ok || up != wantUp || down != wantDown {
			t.Errorf("ε=%v: %d pushed up and %d down (%v), want %d and %d", eps, up, down, ok, wantUp, wantDown)
		}
	}
}

func TestLabWithoutVotes(t *testing.T) {
	l := coretest.LabWith(t, datatest.Replies(3), []data.Pair{}, map[core.Param]float64{core.Step: 100})
	l.WantSweep(true)
	coretest.SettleLab(l, 1000)
	oracle.NearAll(t, "policy", oracle.Exps(l.Policy()), []float64{1.0 / 3, 1.0 / 3, 1.0 / 3}, 1e-15)
	if _, _, ok := l.Pushing(); ok || l.Now() != 0 || !l.Arrived() || !l.Scores.Finite || l.Optimum.KL != 0 {
		t.Errorf("nothing pushes: now %v, arrived %v, %+v", l.Now(), l.Arrived(), l.Optimum)
	}
	if m := l.History.Measures[0]; m.Loss != 0 || m.Accuracy != 0 {
		t.Errorf("of no votes: %+v", m)
	}
	l.Converge(1000)
	coretest.SettleLab(l, 100)
	if l.Run.StepCount() != 0 {
		t.Errorf("arrived at step %d, want 0", l.Run.StepCount())
	}
}

func TestLabOfTwoOneSided(t *testing.T) {
	l := coretest.LabWith(t, datatest.Replies(2), []data.Pair{{0, 1, 0, 7}}, map[core.Param]float64{core.Step: 1000, core.Rate: 1})
	if l.Scores.Finite || !reflect.DeepEqual(l.Scores.RunsAway, []int{0}) {
		t.Errorf("%+v", l.Scores)
	}
	oracle.NearAll(t, "limit", oracle.Exps(l.Optimum.LogPi), []float64{0, 1}, 0)
	oracle.Near(t, "limiting KL", l.Optimum.KL, math.Ln2, 1e-15)
	oracle.Near(t, "h", l.Worked(1, 0).Margin/l.Beta(), solveOnePair(l.Beta(), 1000), 0.05)
	if now := l.Now(); !(now > 0 && now < l.Optimum.KL) {
		t.Errorf("KL is %v on the way to %v", now, l.Optimum.KL)
	}
}

func TestLabOfManyReplies(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 3))
	var pairs []data.Pair
	for range 3000 {
		a := r.IntN(1000)
		pairs = append(pairs, data.Pair{0, a, (a + 1 + r.IntN(999)) % 1000, 1})
	}
	l := coretest.LabWith(t, datatest.Replies(1000), pairs, map[core.Param]float64{core.Step: 200, core.Rate: 1000})
	oracle.Near(t, "Σ π", oracle.Sum(oracle.Exps(l.Policy())), 1, 1e-12)
	if len(l.History.Arms) != 12 || l.Run.StepCount() != 200 || !(l.Now() > 0) {
		t.Errorf("%d replies charted, step %d, KL %v", len(l.History.Arms), l.Run.StepCount(), l.Now())
	}
	if l.HasOptimum() {
		oracle.Near(t, "Σ π at the optimum", oracle.Sum(oracle.Exps(l.Optimum.LogPi)), 1, 1e-12)
	}
}

// A link that names a file runs on its preset's data until the file has been
// brought, and then where the link says.
func TestLabAwaitsAFile(t *testing.T) {
	presets := coretest.TestPresets()
	e, complaints := link.Parse("file=1f_500_votes.csv&prompt=70&step=20&pair=1-2&beta=0.2&from=given", presets)
	if len(complaints) > 0 {
		t.Fatal(complaints)
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	coretest.SettleLab(l, 100)
	if l.Prompt() != 0 || l.Arms() != 6 || !coretest.SameExperiment(l.Experiment, e) {
		t.Errorf("prompt %d of %+v", l.Prompt(), l.Experiment)
	}
	e = l.Experiment
	for range 80 {
		e.Prompts = append(e.Prompts, datatest.Replies(3)...)
	}
	e.Given = []data.Pair{{70, 2, 1, 4}}
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	coretest.SettleLab(l, 100)
	if v := l.Worked(2, 1); l.Prompt() != 70 || l.Arms() != 3 || v.For != 4 || !(v.Margin > 0) || l.Run.StepCount() != 20 {
		t.Errorf("prompt %d, step %d, %+v", l.Prompt(), l.Run.StepCount(), v)
	}
}

// What DefaultSettings says of itself, on every preset whose votes have an
// optimum: close to it at β = .5, well short of a further one at β = .05, at
// rest at β = 5.
func TestDefaultsTellTheStory(t *testing.T) {
	for _, preset := range coretest.TestPresets() {
		if preset.Exhibit {
			continue // it tells another story
		}
		at := func(beta float64) *core.Lab {
			return coretest.NewLab(t, preset.ID, map[core.Param]float64{core.Beta: beta, core.Step: 1000})
		}
		mid, low, high := at(0.5), at(0.05), at(5)
		if !mid.Scores.Finite {
			if preset.ID != "agree" {
				t.Errorf("%s has no optimum", preset.ID)
			}
			continue
		}
		oracle.Near(t, preset.ID+": KL at β = .5 over the optimum's", mid.Now()/mid.Optimum.KL, 1, 0.06)
		if low.Now() > 0.6*low.Optimum.KL || low.Optimum.KL <= mid.Optimum.KL {
			t.Errorf("%s: at β = .05 KL is %v of %v", preset.ID, low.Now(), low.Optimum.KL)
		}
		if !high.Arrived() || high.Experiment.Settings[core.Rate] >= high.LargestStableRate() {
			t.Errorf("%s: β = 5 is not at rest, stable up to a rate of %v", preset.ID, high.LargestStableRate())
		}
	}
}

// Under DPO the margin is β times the gap of log-ratios.
func TestGapIsTheMarginOverBeta(t *testing.T) {
	for _, beta := range []float64{0.1, 0.5, 2} {
		l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Beta: beta, core.Step: 40})
		for l.Work(100) {
		}
		m := l.Meter.Read(l.Run.Policy(), 0)
		if math.Abs(m.Gap*beta-m.Margin) > 1e-12 || m.Gap == 0 {
			t.Errorf("β=%v: gap %v, margin %v", beta, m.Gap, m.Margin)
		}
	}
}

// One pair, voted on both ways: at the optimum nothing pushes, and what rounding
// leaves is not called a push.
func TestNothingPushesAtTheOptimum(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Source: core.FromGiven, core.Steps: 100_000, core.Step: 100_000})
	e := l.Experiment
	e.Given = []data.Pair{{0, 0, 1, 7}, {0, 1, 0, 3}}
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	for l.Work(10_000) {
	}
	if up, down, ok := l.Pushing(); ok {
		t.Errorf("%d is pushed up and %d down", up, down)
	}
	l.Seek(10)
	for l.Work(10_000) {
	}
	if up, down, ok := l.Pushing(); !ok || up != 0 || down != 1 {
		t.Errorf("on the way %d is pushed up and %d down: %v", up, down, ok)
	}
}
