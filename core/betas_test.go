package core_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

func TestSideBySide(t *testing.T) {
	for _, c := range []struct {
		chosen  []float64
		present float64
		want    []float64
	}{
		{nil, 0.5, []float64{0.05, 0.2, 0.5, 1, 5}},
		{nil, 0.2, []float64{0.05, 0.2, 1, 5}},
		{nil, 0.01, []float64{0.01, 0.05, 0.2, 1, 5}},
		{[]float64{0.1, 1}, 5, []float64{0.1, 1, 5}},
		{[]float64{0.05, 0.1, 0.2, 1, 5}, 0.2, []float64{0.05, 0.1, 0.2, 1, 5}},
		// √(0.2·1) = 0.447: 0.5 is nearer to 1 and 0.4 to 0.2.
		{[]float64{0.05, 0.1, 0.2, 1, 5}, 0.5, []float64{0.05, 0.1, 0.2, 0.5, 5}},
		{[]float64{0.05, 0.1, 0.2, 1, 5}, 0.4, []float64{0.05, 0.1, 0.4, 1, 5}},
		{[]float64{2}, 0.4, []float64{0.4, 2}},
	} {
		e := core.Experiment{View: core.View{Betas: c.chosen}}
		e.Settings[core.Beta] = c.present
		if got := e.SideBySide(); !slices.Equal(got, c.want) {
			t.Errorf("%v and %v give %v, not %v", c.chosen, c.present, got, c.want)
		}
	}
	if e := (core.Experiment{}); !slices.Equal(e.SideBySide()[1:], []float64{0.05, 0.2, 1, 5}) {
		t.Error("the default βs have been changed")
	}
}

// The present β's column goes with it, through those beside it, and none of
// these is lost.
func TestPresentBetaMovesAmongTheOthers(t *testing.T) {
	var e core.Experiment
	e.Settings[core.Beta] = 0.5
	e.ChooseBetas([]float64{0.05, 0.2, 0.5, 1, 5})
	for _, c := range []struct {
		present float64
		want    []float64
	}{
		{0.6, []float64{0.05, 0.2, 0.6, 1, 5}},
		{1, []float64{0.05, 0.2, 1, 5}},
		{5, []float64{0.05, 0.2, 1, 5}},
		{0.01, []float64{0.01, 0.05, 0.2, 1, 5}},
		{0.5, []float64{0.05, 0.2, 0.5, 1, 5}},
	} {
		e.Settings[core.Beta] = c.present
		if got := e.SideBySide(); !slices.Equal(got, c.want) {
			t.Errorf("at β = %v stand %v, not %v", c.present, got, c.want)
		}
	}
}

func TestSplitBetas(t *testing.T) {
	for text, want := range map[string][]string{
		"0.05, 0.2, 1, 5": {"0.05", "0.2", "1", "5"},
		"0.05 0.2 1":      {"0.05", "0.2", "1"},
		"0,05; 0,2; 1":    {"0.05", "0.2", "1"},
		"0,05 0,2 1":      {"0.05", "0.2", "1"},
		"0.05,0.2,1,":     {"0.05", "0.2", "1"},
		"1,2,5":           {"1", "2", "5"},
		" .1;1 ":          {".1", "1"},
		"1 2, x":          {"1", "2", "x"},
		"":                nil,
		" , ; ":           nil,
	} {
		if got := core.SplitBetas(text); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, not %q", text, got, want)
		}
	}
}

// The expected true reward along a sweep is that of the policies whose KL it
// gives, after the steps and at the optimum.
func TestSweepOfRewards(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 200})
	l.WantSweep(true)
	coretest.SettleLab(l, 1000)
	w := l.Sweep
	truth := []float64{0.9, 0.5, 0.1, 0.2, -0.5, -1.1}
	for i, beta := range w.Betas {
		own := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 200, core.Beta: beta})
		after, optimum := 0.0, 0.0
		pi := coretest.Boltzmann(oracle.Exps(l.Reference()), l.Scores.Score, beta)
		for k, r := range truth {
			after += math.Exp(own.Policy()[k]) * r
			optimum += pi[k] * r
		}
		oracle.Near(t, "KL after the steps", w.KL[i], own.Now(), 0)
		oracle.Near(t, "reward after the steps", w.Reward[i], after, 1e-12)
		oracle.Near(t, "reward at the optimum", w.RewardAtOptimum[i], optimum, 1e-9)
		oracle.Near(t, "KL at the optimum", w.AtOptimum[i], num.KL(oracle.Logs(pi), l.Reference()), 1e-9)
	}
	if w.Every != 1 || !w.Sweeps() {
		t.Error("DPO's optima have a closed form and its steps are swept")
	}
	// They coincide at large β and part below it.
	last := core.SweepPoints - 1
	oracle.Near(t, "KL at β = 5", w.KL[last], w.AtOptimum[last], 1e-6)
	oracle.Near(t, "reward at β = 5", w.Reward[last], w.RewardAtOptimum[last], 1e-6)
	if w.KL[0] > 0.01*w.AtOptimum[0] {
		t.Errorf("after 200 steps β = 0.01 has come to %v of %v", w.KL[0], w.AtOptimum[0])
	}
}

// Under RLHF with the exact gradient a sweep is as many runs of RLHF, be the
// reward fitted to the end, by steps, or given.
func TestSweepOfRLHF(t *testing.T) {
	for _, set := range []map[core.Param]float64{
		{},
		{core.RewardFit: core.FitBySteps, core.RewardSteps: 30, core.Optimizer: train.Adam, core.Rate: 0.05},
		{core.LeashChoice: float64(rlhf.LeashK3Loss), core.RewardL2: 0.01},
	} {
		set[core.How], set[core.EstimatorChoice], set[core.Step] = core.LearnByRLHF, float64(rlhf.ExactGradient), 60
		l := coretest.NewLab(t, "tyre", set)
		l.WantSweep(true)
		coretest.SettleLab(l, 1000)
		w := l.Sweep
		if !w.Sweeps() || w.Step != 60 {
			t.Fatalf("%v: the steps are not swept", set)
		}
		for _, i := range []int{0, 20, 48} {
			set[core.Beta] = w.Betas[i]
			own := coretest.NewLab(t, "tyre", set)
			oracle.Near(t, "KL after the steps", w.KL[i], own.Now(), 1e-12)
			oracle.Near(t, "KL at the optimum", w.AtOptimum[i], own.Optimum.KL, 1e-12)
		}
	}
	proxy := coretest.NewLab(t, "proxy", map[core.Param]float64{core.Step: 10})
	proxy.WantSweep(true)
	coretest.SettleLab(proxy, 1000)
	// math.md §4: the hump of the true reward, .457 at β = .5 and −2 at .05.
	at := func(beta float64) float64 {
		i := int(math.Round(math.Log(beta/0.01) / math.Log(500) * (core.SweepPoints - 1)))
		return proxy.Sweep.RewardAtOptimum[i]
	}
	if !(at(0.05) < -1.9 && at(0.5) > 0.44 && at(5) < 0.33) {
		t.Errorf("no hump: %v, %v, %v", at(0.05), at(0.5), at(5))
	}
	noisy := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF})
	noisy.WantSweep(true)
	coretest.SettleLab(noisy, 1000)
	if w := noisy.Sweep; w.Sweeps() || w.Trained || math.IsNaN(w.AtOptimum[7]) {
		t.Error("PPO's steps make no curve, its optima do")
	}
	online := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnOnline})
	online.WantSweep(true)
	coretest.SettleLab(online, 1000)
	if w := online.Sweep; w.Sweeps() || !(w.RewardAtOptimum[0] > w.RewardAtOptimum[48]) {
		t.Error("online DPO's optimum is that of the true reward")
	}
}

// Under other objectives the optima are those of labs at each β: at all of them
// where they have a closed form, else at every fourth.
func TestSweepOfOtherObjectives(t *testing.T) {
	for key, every := range map[string]int{"ipo": 1, "fdiv_js": 1, "hinge": 4, "sppo_hard": 4} {
		set := map[core.Param]float64{core.Step: 5, core.ObjectiveChoice: core.DefaultSettings().Choose(key)[core.ObjectiveChoice], core.Source: core.FromPopulation}
		l := coretest.NewLab(t, "three", set)
		l.WantSweep(true)
		coretest.SettleLab(l, 1000)
		w := l.Sweep
		for _, i := range []int{0, 1, 24, 48} {
			set[core.Beta] = w.Betas[i]
			own := coretest.NewLab(t, "three", set)
			switch {
			case i%every != 0:
				if !math.IsNaN(w.AtOptimum[i]) {
					t.Errorf("%s: an optimum at point %d", key, i)
				}
			case own.HasOptimum():
				oracle.Near(t, key, w.AtOptimum[i], own.Optimum.KL, 1e-12)
			}
		}
		if w.Every != every {
			t.Errorf("%s is worked out at every %d-th β, want %d", key, w.Every, every)
		}
	}
	linear := coretest.NewLab(t, "displacement", map[core.Param]float64{core.Step: 5})
	linear.WantSweep(true)
	coretest.SettleLab(linear, 1000)
	for i := range linear.Sweep.Betas { // to one reply, whatever β is
		oracle.Near(t, "where a linear policy is headed", linear.Sweep.AtOptimum[i], -math.Log(0.122), 1e-12)
	}
}

// Every run of a panel comes to its own arrival, which is the one it has alone,
// and stands there while the lead goes to the slowest.
func TestPanelConverges(t *testing.T) {
	presets := coretest.TestPresets()
	e := presets[0].Start()
	e.Settings[core.Step] = 7
	lead, _ := core.NewLab(presets, e)
	p := &core.Panel{Lead: lead, Rest: true}
	betas := []float64{0.1, 2}
	if c := p.Compare([]core.Variant{{core.Beta, betas[0]}, {core.Beta, betas[1]}}); c != nil || len(p.Others) != 2 || len(lead.Experiment.Versus) != 0 {
		t.Fatal("βs stand beside the lead, and it is compared with nothing of its own")
	}
	settlePanel(p, 500)
	if !p.Converge(1 << 20) {
		t.Fatal("all can arrive")
	}
	settlePanel(p, 500)
	if !p.Converging() || lead.Converging() || p.Others[0].Converging() || p.Others[1].Converging() || !p.Settled() {
		t.Fatal("some are still on their way")
	}
	arrivals, slowest := [3]int{}, 0
	for i, beta := range append([]float64{0.5}, betas...) {
		own := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Beta: beta})
		own.Converge(1 << 20)
		coretest.SettleLab(own, 1000)
		arrivals[i] = own.Run.StepCount()
		slowest = max(slowest, arrivals[i])
		if l := append([]*core.Lab{lead}, p.Others...)[i]; l.Run.StepCount() != arrivals[i] || !reflect.DeepEqual(coretest.Moment(l), coretest.Moment(own)) || l.Arrival() != arrivals[i] {
			t.Errorf("β = %v stands at step %d; alone it arrives at %d", beta, l.Run.StepCount(), arrivals[i])
		}
	}
	if !(arrivals[1] > arrivals[0] && arrivals[0] > arrivals[2]) {
		t.Errorf("arrivals %v", arrivals)
	}
	p.Arrive()
	settlePanel(p, 500)
	if lead.Run.StepCount() != slowest || p.Others[0].Run.StepCount() != slowest || p.Others[1].Run.StepCount() != arrivals[2] || !p.Settled() {
		t.Error("the lead goes to the slowest, and the fastest rests")
	}
	lead.Seek(3)
	settlePanel(p, 500)
	if p.Others[0].Run.StepCount() != 3 || p.Others[1].Run.StepCount() != 3 {
		t.Error("all follow the lead back")
	}
	p.Converge(1 << 20)
	p.Lead.Work(10)
	workOthers(p, 10)
	p.Halt()
	settlePanel(p, 500)
	if p.Converging() || p.Others[0].Run.StepCount() != lead.Run.StepCount() || lead.Run.StepCount() == slowest {
		t.Error("halted, all go to the lead's step")
	}
}

// Runs that never come to rest are not sent to their arrival.
func TestWhatComesToRest(t *testing.T) {
	for _, c := range []struct {
		preset string
		set    map[core.Param]float64
		want   bool
	}{
		{"tyre", nil, true},
		{"agree", nil, false},
		{"tyre", map[core.Param]float64{core.Batch: 16}, false},
		{"rate", nil, false},
		{"rate", map[core.Param]float64{core.Beta: 0.1}, true},
		{"tyre", map[core.Param]float64{core.How: core.LearnByRLHF}, false},
		{"tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.ExactGradient)}, true},
		{"tyre", map[core.Param]float64{core.How: core.LearnOnline}, false},
	} {
		if l := coretest.NewLab(t, c.preset, c.set); l.ComesToRest() != c.want {
			t.Errorf("%s with %v comes to rest: %v", c.preset, c.set, !c.want)
		}
	}
}
