package core

import (
	"math"
	"math/rand/v2"
	"testing"
)

// estimators are the choices of EstimatorChoice.
var estimators = []float64{float64(ExactGradient), float64(Reinforce), float64(RLOO), float64(GRPO), float64(PPO)}

// On votes of the whole population RLHF with the exact gradient goes where DPO
// goes, which is π_ref e^(r/β)/Z with the true rewards; and so does what both
// labs say about it beforehand.
func TestLabByRLHFSharesDPOsDestination(t *testing.T) {
	common := map[Param]float64{Source: FromPopulation, Beta: 1, Rate: 2, Step: 20_000, Steps: 20_000}
	rlhf := map[Param]float64{How: LearnByRLHF, EstimatorChoice: float64(ExactGradient)}
	for p, x := range common {
		rlhf[p] = x
	}
	a, b := newLab(t, "tyre", rlhf), newLab(t, "tyre", common)
	replies := a.Problem.Prompts[0].Replies
	reference, rewards := exps(a.Reference()), make([]float64, len(replies))
	for k := range rewards {
		rewards[k] = replies[k].Reward
	}
	want := tilted(reference, rewards, 1)
	nearAll(t, "announced by RLHF", exps(a.Optimum.LogPi), want, 1e-9)
	nearAll(t, "RLHF", exps(a.Policy()), want, 1e-6)
	nearAll(t, "DPO", exps(b.Policy()), want, 1e-6)
	nearAll(t, "fitted reward", a.Learned(), a.True(), 1e-9)
	nearAll(t, "DPO's implicit reward", b.Implicit(), a.True(), 1e-5)
	if !a.CanArrive() || a.RLHF().RewardStatus() != RewardExact {
		t.Errorf("CanArrive %v, the reward is %q", a.CanArrive(), a.RLHF().RewardStatus())
	}
	a.Converge(1_000_000)
	settleLab(a, 1000)
	if !a.Arrived() || a.arrival < 1 {
		t.Errorf("arrived: %v, at step %d", a.Arrived(), a.arrival)
	}
}

// The reward model by steps is announced as it will be when the policy's first
// step is due.
func TestLabKnowsRLHFsDestinationBeforehand(t *testing.T) {
	for _, fit := range []map[Param]float64{
		{RewardFit: FitBySteps, RewardSteps: 60}, {RewardFit: FitBySteps, RewardSteps: 0}, {RewardL2: 0.1},
	} {
		fit[How], fit[EstimatorChoice], fit[LeashChoice] = LearnByRLHF, float64(ExactGradient), 0
		fit[Rate], fit[Beta] = 2, 1
		l := newLab(t, "agree", fit)
		announced := append([]float64(nil), l.Optimum.LogPi...)
		l.Seek(30_000)
		settleLab(l, 5000)
		nearAll(t, "the policy", exps(l.Policy()), exps(announced), 1e-6)
		nearAll(t, "of its reward", exps(announced), tilted(exps(l.Reference()), l.Learned(), 1), 1e-12)
	}
}

// Going to a step, from anywhere and in slices of any size, gives the bits of a
// stepper that went there in one go; on one-sided votes, too, where the reward
// model is fitted by steps.
func TestLabSeekIsExactByRLHF(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	ways := []map[Param]float64{{How: LearnOnline, Every: 3}, {How: LearnByRLHF, Fresh: 7, RewardFit: FitBySteps, RewardSteps: 20},
		{How: LearnByRLHF, Fresh: 5, RewardL2: 0.1}}
	for _, est := range estimators {
		ways = append(ways, map[Param]float64{How: LearnByRLHF, EstimatorChoice: est, Optimizer: Adam, Rate: 0.01})
	}
	for _, set := range ways {
		for _, prompts := range []map[Param]float64{{Flip: 0}, {Votes: 6, RewardSteps: 50}} {
			for p, x := range prompts {
				set[p] = x
			}
			l := newLab(t, "tyre", set)
			s := &l.Experiment.Settings
			for _, step := range []int{130, 7, 129, 0, 61, 60} {
				l.Seek(step)
				settleLab(l, 1+r.IntN(90))
				run := stepperOf(l.Problem, s)
				run.Advance(step)
				for k := range l.Problem.Arms() {
					if got, want := logRatio(l.Run, k), logRatio(run, k); math.Float64bits(got) != math.Float64bits(want) {
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
func stepperOf(p *Problem, s *Settings) Stepper {
	if s[How] == LearnOnline {
		return NewOnlineDPO(p, s.onlineConfig(), s.annotators())
	}
	return NewRLHF(p, readyModel(p, s.rewardConfig()), s.rlhfConfig(p.Prompts), s.annotators())
}

// checkMeasures says that the history has no loss, which nothing descends, and
// has all the rest.
func checkMeasures(t *testing.T, l *Lab) {
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
		l := newLab(t, "tyre", map[Param]float64{How: LearnByRLHF, EstimatorChoice: est})
		l.Converge(300)
		settleLab(l, 50)
		if l.Run.StepCount() != 300 || l.Arrived() {
			t.Errorf("estimator %v arrived at step %d", est, l.Run.StepCount())
		}
	}
	l := newLab(t, "tyre", map[Param]float64{How: LearnByRLHF, EstimatorChoice: 0, RewardFit: FitBySteps, RewardSteps: 40})
	if l.Arrived() || l.RLHF().Stage() != 1 {
		t.Error("it has arrived before the policy's first step")
	}
}

// Online DPO's annotators follow the true rewards, and it ends where they say:
// on average, up to the noise.
func TestLabOnline(t *testing.T) {
	l := newLab(t, "tyre", map[Param]float64{How: LearnOnline, Beta: 1, Rate: 0.1, Judged: 200})
	nearAll(t, "announced", exps(l.Optimum.LogPi), tilted(exps(l.Reference()), l.True(), 1), 1e-12)
	mean := make([]float64, l.Arms())
	for step := 3000; step < 3200; step++ {
		l.Seek(step)
		settleLab(l, 1000)
		for k, x := range exps(l.Policy()) {
			mean[k] += x / 200
		}
	}
	nearAll(t, "mean", mean, exps(l.Optimum.LogPi), 0.03)
	if l.Run.Cost().Votes == 0 || l.Run.Cost().RewardCalls != 0 {
		t.Errorf("it has cost %+v", l.Run.Cost())
	}
}

func TestSetRefusesRLHF(t *testing.T) {
	l := newLab(t, "agree", nil)
	for field, set := range map[string]map[Param]float64{
		"group":       {How: LearnByRLHF, EstimatorChoice: float64(GRPO), Replies: 10, Group: 3},
		"minibatches": {How: LearnByRLHF, Replies: 10, Minibatches: 3},
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
	e.Prompts, e.Given = replies(3), []Pair{{0, 0, 1, 1}}
	for i := range e.Prompts[0].Replies {
		e.Prompts[0].Replies[i].Reward = math.NaN()
	}
	e.Settings[Source], e.Settings[How] = FromGiven, LearnOnline
	if c := l.Set(e); c == nil || c.Code != "judges" {
		t.Errorf("annotators without rewards: complaint %v", c)
	}
	e.Settings[How], e.Settings[RewardFit] = LearnByRLHF, FitBySteps
	if c := l.Set(e); c != nil {
		t.Errorf("RLHF on given votes: complaint %v", c)
	}
	settleLab(l, 100)
}

// An experiment by RLHF goes through a link whole.
func TestLinkCarriesRLHF(t *testing.T) {
	presets := testPresets()
	e := presets[0].Start()
	for p := How; p < ParamCount; p++ {
		e.Settings[p] = Params()[p].Max
	}
	e.Settings[How], e.Settings[RewardFit] = LearnByRLHF, FitBySteps
	fragment, _ := e.Link(presets)
	back, complaints := ParseLink(fragment, presets)
	if len(complaints) > 0 || back.Settings != e.Settings {
		t.Errorf("complaints %v, settings %v, want %v", complaints, back.Settings, e.Settings)
	}
}

// A reward of the user's own is added to the fitted one, or takes its place:
// then the votes count for nothing.
func TestLabByRLHFTakesACustomReward(t *testing.T) {
	prompts := replies(3)
	for k, custom := range []float64{0.5, -1, 0} {
		prompts[0].Replies[k].Custom = custom
	}
	votes := []Pair{{0, 0, 1, 3}, {0, 1, 0, 1}, {0, 1, 2, 2}, {0, 2, 1, 2}, {0, 2, 0, 1}, {0, 0, 2, 2}}
	fit := NewFit(3, votes, 0)
	for !fit.Work(WorkBudget) {
	}
	both := append([]float64(nil), fit.Scores().Score...)
	for k := range both {
		both[k] += prompts[0].Replies[k].Custom
	}
	for _, c := range []struct {
		fit    float64
		reward []float64
	}{{FitToTheEnd, both}, {FitNothing, []float64{0.5, -1, 0}}} {
		l := labWith(t, prompts, votes, map[Param]float64{How: LearnByRLHF, EstimatorChoice: float64(ExactGradient),
			RewardFit: c.fit, Beta: 1, Rate: 2, Steps: 5000, Step: 5000})
		want := tilted(exps(l.Reference()), c.reward, 1)
		nearAll(t, "π", exps(l.Policy()), want, 1e-9)
		nearAll(t, "the optimum announced", exps(l.Optimum.LogPi), want, 1e-9)
		if held := l.Run.Cost().Models&RewardModelHeld != 0; held != (c.fit != FitNothing) {
			t.Errorf("a reward model is held: %v", held)
		}
	}
}

// However wild the learning rate, the policy stays one: nothing overflows.
func TestRLHFStaysFinite(t *testing.T) {
	for _, est := range estimators {
		for leash := range 2 {
			for rule := range 4 {
				l := newLab(t, "tyre", map[Param]float64{How: LearnByRLHF, EstimatorChoice: est, LeashChoice: float64(leash),
					Optimizer: float64(rule), Rate: 1000, Beta: 5, Epochs: 9, Step: 300})
				sum := 0.0
				for _, x := range exps(l.Policy()) {
					sum += x
				}
				if !(math.Abs(sum-1) < 1e-9) {
					t.Errorf("estimator %v, leash %d, optimiser %d: Σπ = %v", est, leash, rule, sum)
				}
			}
		}
	}
}
