package core_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/link"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// estimators are the choices of EstimatorChoice.
var estimators = []float64{float64(rlhf.ExactGradient), float64(rlhf.Reinforce), float64(rlhf.RLOO), float64(rlhf.GRPO), float64(rlhf.PPO)}

// On votes of the whole population RLHF with the exact gradient goes where DPO
// goes, which is π_ref e^(r/β)/Z with the true rewards; and so does what both
// labs say about it beforehand.
func TestLabByRLHFSharesDPOsDestination(t *testing.T) {
	common := map[core.Param]float64{core.Source: core.FromPopulation, core.Beta: 1, core.Rate: 2, core.Step: 20_000, core.Steps: 20_000}
	learner := map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.ExactGradient)}
	for p, x := range common {
		learner[p] = x
	}
	a, b := coretest.NewLab(t, "tyre", learner), coretest.NewLab(t, "tyre", common)
	replies := a.Problem.Prompts[0].Replies
	reference, rewards := oracle.Exps(a.Reference()), make([]float64, len(replies))
	for k := range rewards {
		rewards[k] = replies[k].Reward
	}
	want := coretest.Tilted(reference, rewards, 1)
	oracle.NearAll(t, "announced by RLHF", oracle.Exps(a.Optimum.LogPi), want, 1e-9)
	oracle.NearAll(t, "RLHF", oracle.Exps(a.Policy()), want, 1e-6)
	oracle.NearAll(t, "DPO", oracle.Exps(b.Policy()), want, 1e-6)
	oracle.NearAll(t, "fitted reward", a.Learned(), a.True(), 1e-9)
	oracle.NearAll(t, "DPO's implicit reward", b.Implicit(), a.True(), 1e-5)
	if !a.CanArrive() || a.RLHF().RewardStatus() != rlhf.RewardExact {
		t.Errorf("CanArrive %v, the reward is %q", a.CanArrive(), a.RLHF().RewardStatus())
	}
	a.Converge(1_000_000)
	coretest.SettleLab(a, 1000)
	if !a.Arrived() || a.Arrival() < 1 {
		t.Errorf("arrived: %v, at step %d", a.Arrived(), a.Arrival())
	}
}

// The reward model by steps is announced as it will be when the policy's first
// step is due.
func TestLabKnowsRLHFsDestinationBeforehand(t *testing.T) {
	for _, fit := range []map[core.Param]float64{
		{core.RewardFit: core.FitBySteps, core.RewardSteps: 60}, {core.RewardFit: core.FitBySteps, core.RewardSteps: 0}, {core.RewardL2: 0.1},
	} {
		fit[core.How], fit[core.EstimatorChoice], fit[core.LeashChoice] = core.LearnByRLHF, float64(rlhf.ExactGradient), 0
		fit[core.Rate], fit[core.Beta] = 2, 1
		l := coretest.NewLab(t, "agree", fit)
		announced := append([]float64(nil), l.Optimum.LogPi...)
		l.Seek(30_000)
		coretest.SettleLab(l, 5000)
		oracle.NearAll(t, "the policy", oracle.Exps(l.Policy()), oracle.Exps(announced), 1e-6)
		oracle.NearAll(t, "of its reward", oracle.Exps(announced), coretest.Tilted(oracle.Exps(l.Reference()), l.Learned(), 1), 1e-12)
	}
}

// Going to a step, from anywhere and in slices of any size, gives the bits of a
// stepper that went there in one go; on one-sided votes, too, where the reward
// model is fitted by steps.
func TestLabSeekIsExactByRLHF(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	ways := []map[core.Param]float64{{core.How: core.LearnOnline, core.Every: 3}, {core.How: core.LearnByRLHF, core.Fresh: 7, core.RewardFit: core.FitBySteps, core.RewardSteps: 20},
		{core.How: core.LearnByRLHF, core.Fresh: 5, core.RewardL2: 0.1}}
	for _, est := range estimators {
		ways = append(ways, map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: est, core.Optimizer: train.Adam, core.Rate: 0.01})
	}
	for _, set := range ways {
		for _, prompts := range []map[core.Param]float64{{core.Flip: 0}, {core.Votes: 6, core.RewardSteps: 50}} {
			for p, x := range prompts {
				set[p] = x
			}
			l := coretest.NewLab(t, "tyre", set)
			s := &l.Experiment.Settings
			for _, step := range []int{130, 7, 129, 0, 61, 60} {
				l.Seek(step)
				coretest.SettleLab(l, 1+r.IntN(90))
				run := stepperOf(l.Problem, s)
				run.Advance(step)
				for k := range l.Problem.Arms() {
					if got, want := coretest.LogRatio(l.Run, k), coretest.LogRatio(run, k); math.Float64bits(got) != math.Float64bits(want) {
						t.Fatalf("%v: log-ratio %d at step %d is %v, want %v", set, k, step, got, want)
					}
				}
				if l.Run.Cost() != run.Cost() {
					t.Errorf("%v: at step %d it has cost %+v, want %+v", set, step, l.Run.Cost(), run.Cost())
				}
			}
			checkMeasures(t, l)
		}
	}
}

// stepperOf makes a stepper by hand.
func stepperOf(p *data.Problem, s *core.Settings) train.Stepper {
	if s[core.How] == core.LearnOnline {
		return rlhf.NewOnlineDPO(p, s.OnlineConfig(), s.Annotators())
	}
	return rlhf.New(p, coretest.ReadyModel(p, s.RewardConfig()), s.RLHFConfig(p.Prompts), s.Annotators())
}

// checkMeasures says that the history has no loss, which nothing descends, and
// has all the rest.
func checkMeasures(t *testing.T, l *core.Lab) {
	t.Helper()
	for i, m := range l.History.Measures {
		rest := m.Accuracy + m.Margin + m.ChosenReward + m.RejectedReward + m.KL + m.LeashKL + m.Entropy + m.Expected
		if !math.IsNaN(m.Loss) || math.IsNaN(rest) || m.KL < 0 {
			t.Fatalf("measures at step %d are %+v", l.History.Steps[i], m)
		}
	}
	if now := l.Meter.Read(l.Run.Policy(), 0); now.Margin != now.ChosenReward-now.RejectedReward &&
		math.Abs(now.Margin-now.ChosenReward+now.RejectedReward) > 1e-12 {
		t.Errorf("margin %v of rewards %v and %v", now.Margin, now.ChosenReward, now.RejectedReward)
	}
}

// Noise never comes to rest, and a reward model that is still being fitted is
// no place to rest either.
func TestOnlyTheExactGradientArrives(t *testing.T) {
	for _, est := range estimators[1:] {
		l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: est})
		l.Converge(300)
		coretest.SettleLab(l, 50)
		if l.Run.StepCount() != 300 || l.Arrived() {
			t.Errorf("estimator %v arrived at step %d", est, l.Run.StepCount())
		}
	}
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: 0, core.RewardFit: core.FitBySteps, core.RewardSteps: 40})
	if l.Arrived() || l.RLHF().Stage() != 1 {
		t.Error("it has arrived before the policy's first step")
	}
}

// Online DPO's annotators follow the true rewards, and it ends where they say:
// on average, up to the noise.
func TestLabOnline(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnOnline, core.Beta: 1, core.Rate: 0.1, core.Judged: 200})
	oracle.NearAll(t, "announced", oracle.Exps(l.Optimum.LogPi), coretest.Tilted(oracle.Exps(l.Reference()), l.True(), 1), 1e-12)
	mean := make([]float64, l.Arms())
	for step := 3000; step < 3200; step++ {
		l.Seek(step)
		coretest.SettleLab(l, 1000)
		for k, x := range oracle.Exps(l.Policy()) {
			mean[k] += x / 200
		}
	}
	oracle.NearAll(t, "mean", mean, oracle.Exps(l.Optimum.LogPi), 0.03)
	if l.Run.Cost().Votes == 0 || l.Run.Cost().RewardCalls != 0 {
		t.Errorf("it has cost %+v", l.Run.Cost())
	}
}

func TestSetRefusesRLHF(t *testing.T) {
	l := coretest.NewLab(t, "agree", nil)
	for field, set := range map[string]map[core.Param]float64{
		"group":       {core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.GRPO), core.Replies: 10, core.Group: 3},
		"minibatches": {core.How: core.LearnByRLHF, core.Replies: 10, core.Minibatches: 3},
	} {
		e := l.Experiment
		for p, x := range set {
			e.Settings[p] = x
		}
		if c := l.Set(e); c == nil || c.Field != field {
			t.Errorf("%s: complaint %v", field, c)
		}
	}
	e := l.Experiment
	e.Prompts, e.Given = datatest.Replies(3), []data.Pair{{0, 0, 1, 1}}
	for i := range e.Prompts[0].Replies {
		e.Prompts[0].Replies[i].Reward = math.NaN()
	}
	e.Settings[core.Source], e.Settings[core.How] = core.FromGiven, core.LearnOnline
	if c := l.Set(e); c == nil || c.Code != "judges" {
		t.Errorf("annotators without rewards: complaint %v", c)
	}
	e.Settings[core.How], e.Settings[core.RewardFit] = core.LearnByRLHF, core.FitBySteps
	if c := l.Set(e); c != nil {
		t.Errorf("RLHF on given votes: complaint %v", c)
	}
	coretest.SettleLab(l, 100)
}

// An experiment by RLHF goes through a link whole.
func TestLinkCarriesRLHF(t *testing.T) {
	presets := coretest.TestPresets()
	e := presets[0].Start()
	for p := core.How; p < core.ParamCount; p++ {
		e.Settings[p] = core.Params()[p].Max
	}
	e.Settings[core.How], e.Settings[core.RewardFit] = core.LearnByRLHF, core.FitBySteps
	fragment, _ := link.Write(&e, presets)
	back, complaints := link.Parse(fragment, presets)
	if len(complaints) > 0 || back.Settings != e.Settings {
		t.Errorf("complaints %v, settings %v, want %v", complaints, back.Settings, e.Settings)
	}
}

// A reward of the user's own is added to the fitted one, or takes its place:
// then the votes count for nothing.
func TestLabByRLHFTakesACustomReward(t *testing.T) {
	prompts := datatest.Replies(3)
	for k, custom := range []float64{0.5, -1, 0} {
		prompts[0].Replies[k].Custom = custom
	}
	votes := []data.Pair{{0, 0, 1, 3}, {0, 1, 0, 1}, {0, 1, 2, 2}, {0, 2, 1, 2}, {0, 2, 0, 1}, {0, 0, 2, 2}}
	fit := scores.NewFit(3, votes, 0)
	for !fit.Work(scores.WorkBudget) {
	}
	both := append([]float64(nil), fit.Scores().Score...)
	for k := range both {
		both[k] += prompts[0].Replies[k].Custom
	}
	for _, c := range []struct {
		fit    float64
		reward []float64
	}{{core.FitToTheEnd, both}, {core.FitNothing, []float64{0.5, -1, 0}}} {
		l := coretest.LabWith(t, prompts, votes, map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.ExactGradient),
			core.RewardFit: c.fit, core.Beta: 1, core.Rate: 2, core.Steps: 5000, core.Step: 5000})
		want := coretest.Tilted(oracle.Exps(l.Reference()), c.reward, 1)
		oracle.NearAll(t, "π", oracle.Exps(l.Policy()), want, 1e-9)
		oracle.NearAll(t, "the optimum announced", oracle.Exps(l.Optimum.LogPi), want, 1e-9)
		if held := l.Run.Cost().Models&train.RewardModelHeld != 0; held != (c.fit != core.FitNothing) {
			t.Errorf("a reward model is held: %v", held)
		}
	}
}

// However wild the learning rate, the policy stays one: nothing overflows.
func TestRLHFStaysFinite(t *testing.T) {
	for _, est := range estimators {
		for leash := range 2 {
			for rule := range 4 {
				l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: est, core.LeashChoice: float64(leash),
					core.Optimizer: float64(rule), core.Rate: 1000, core.Beta: 5, core.Epochs: 9, core.Step: 300})
				sum := 0.0
				for _, x := range oracle.Exps(l.Policy()) {
					sum += x
				}
				if !(math.Abs(sum-1) < 1e-9) {
					t.Errorf("estimator %v, leash %d, optimiser %d: Σπ = %v", est, leash, rule, sum)
				}
			}
		}
	}
}
