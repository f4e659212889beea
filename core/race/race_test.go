package race

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// raceOf returns a race that has worked out where its lanes are headed, and
// stands at the experiment's step.
func raceOf(t *testing.T, preset string, set map[core.Param]float64) *Race {
	t.Helper()
	r := New(coretest.NewLab(t, preset, set))
	settleRace(r, 500)
	return r
}

func settleRace(r *Race, slice int) {
	for n, busy := 0, true; busy; n++ {
		busy = r.Lead.Work(slice)
		for i := range r.Lanes {
			busy = r.WorkOn(i, slice) || busy
		}
		if n > 1e6 {
			panic("a race never settles")
		}
	}
	r.Work(0)
}

func finishRace(r *Race, ops int) {
	for r.Work(ops) {
	}
}

// Each lane is, bit for bit, the run that a lab of its own makes of the
// experiment with that method; which of them is the lead's makes no difference.
func TestRaceLanesAreWhatTheyAreAlone(t *testing.T) {
	for _, set := range []map[core.Param]float64{
		{core.Step: 70}, {core.Step: 70, core.How: core.LearnByRLHF}, {core.Step: 40, core.How: core.LearnOnline}, {core.Step: 33, core.ObjectiveChoice: 1, core.Batch: 8, core.RefEvery: 10},
		{core.Step: 250, core.RewardFit: core.FitBySteps, core.EstimatorChoice: float64(rlhf.RLOO), core.Smoothing: 0.1},
	} {
		r := raceOf(t, "tyre", set)
		for _, step := range []int{int(set[core.Step]), 91, 12} {
			r.Lead.Seek(step)
			settleRace(r, 37)
			if !r.Settled() {
				t.Fatal("the race has not settled")
			}
			for i, l := range r.Lanes {
				e := Entrant(r.Lead.Experiment, i)
				own, c := core.NewLab(coretest.TestPresets(), e)
				if c != nil {
					t.Fatal(c)
				}
				coretest.SettleLab(own, 1000)
				if !reflect.DeepEqual(coretest.Moment(own), coretest.Moment(l)) || l.Run.StepCount() != step || l.Problem != r.Lead.Problem {
					t.Fatalf("%v, lane %d at step %d is\n%v\nand alone\n%v", set, i, l.Run.StepCount(), coretest.Moment(l), coretest.Moment(own))
				}
			}
		}
	}
}

// The lead runs in the lane that is of its method, and in none where it does
// something else.
func TestRaceLeadHasALane(t *testing.T) {
	dpo, rlhf := DPO, RLHF
	for _, c := range []struct {
		set  map[core.Param]float64
		lane *int
	}{
		{nil, &dpo}, {map[core.Param]float64{core.Batch: 4, core.Rate: 1}, &dpo}, {map[core.Param]float64{core.How: core.LearnByRLHF}, &rlhf},
		{map[core.Param]float64{core.How: core.LearnByRLHF, core.Fresh: 10}, nil}, {map[core.Param]float64{core.How: core.LearnOnline}, nil},
		{map[core.Param]float64{core.ObjectiveChoice: 1}, nil}, {map[core.Param]float64{core.Smoothing: 0.1}, nil}, {map[core.Param]float64{core.RefEvery: 5}, nil},
	} {
		r := raceOf(t, "tyre", c.set)
		for i, l := range r.Lanes {
			if want := c.lane != nil && *c.lane == i; (l == r.Lead) != want {
				t.Errorf("%v: the lead is in lane %d: %v", c.set, i, !want)
			}
		}
	}
	l := coretest.NewLab(t, "tyre", nil)
	e := l.Experiment
	e.Start = make([]float64, 6)
	e.Start[0] = 1
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	if r := New(l); r.Lanes[DPO] == l || coretest.LogRatio(r.Lanes[DPO].Run, 0) != 0 {
		t.Error("a race does not start at the reference")
	}
}

// Laps counts what the code that runs has counted.
func TestRaceLapsAreTheRunsCost(t *testing.T) {
	for how := rlhf.ExactGradient; how <= rlhf.PPO; how++ {
		for _, fit := range []float64{core.FitToTheEnd, core.FitBySteps, core.FitNothing} {
			r := raceOf(t, "tyre", map[core.Param]float64{core.EstimatorChoice: float64(how), core.RewardFit: fit, core.RewardSteps: 20, core.Replies: 24, core.Group: 6, core.Epochs: 3, core.Minibatches: 2})
			for _, step := range []int{0, 1, 7, 20, 21, 60} {
				r.Lead.Seek(step)
				settleRace(r, 100)
				for i, l := range r.Lanes {
					c := l.Run.Cost()
					if updates, replies := r.Laps(i, step); updates != c.PolicyUpdates+c.RewardUpdates || replies != c.Replies {
						t.Fatalf("estimator %d, fit %v, lane %d at step %d: %d updates and %d replies, it took %+v", how, fit, i, step, updates, replies, c)
					}
				}
			}
		}
	}
}

// At step 0 the distance is the optimum's own KL; at the optimum it is 0. DPO's
// path in between is that of descent written out plainly.
func TestRaceDistanceOfDPO(t *testing.T) {
	r := raceOf(t, "tyre", map[core.Param]float64{core.Steps: 400, core.Beta: 0.7})
	h := r.Heats[DPO]
	for !h.Done() {
		h.Work(1000)
	}
	path, optimum := h.Distance[0], r.Lanes[DPO].Optimum.LogPi
	oracle.Near(t, "distance at the reference", path[0], r.Lanes[DPO].Optimum.KL, 1e-12)
	if d := distance(optimum, optimum, nil); d != 0 {
		t.Errorf("the distance at the optimum is %v", d)
	}
	p := r.Lead.Problem
	d, step, within := make([]float64, p.Arms()), 0, -1
	for i, s := range h.Steps {
		for ; ; step++ {
			kl := klByHand(optimum, p.LogRef, d)
			switch {
			case kl > Near:
				within = -1
			case within < 0:
				within = step
			}
			if step == s {
				oracle.Near(t, fmt.Sprintf("distance at step %d", s), path[i], kl, 1e-12+1e-9*kl)
				break
			}
			dpoByHand(p, d, 0.7, 0.4)
		}
	}
	if h.Within[0] != within || within < 0 {
		t.Errorf("it stayed near from step %d, found %d", within, h.Within[0])
	}
}

// klByHand is KL(π*‖softmax(log π_ref + d)).
func klByHand(optimum, logRef, d []float64) (kl float64) {
	z := 0.0
	for k := range d {
		z += math.Exp(logRef[k] + d[k])
	}
	for k := range d {
		kl += math.Exp(optimum[k]) * (optimum[k] - logRef[k] - d[k] + math.Log(z))
	}
	return kl
}

// dpoByHand takes one step of gradient descent on −mean log σ(β(d_w − d_l)).
func dpoByHand(p *data.Problem, d []float64, beta, rate float64) {
	g := make([]float64, len(d))
	for _, t := range p.Tallies {
		u := beta * (d[t.A] - d[t.B])
		f := beta / p.Total * (t.ForA/(1+math.Exp(u)) - t.ForB/(1+math.Exp(-u)))
		g[t.A] += f
		g[t.B] -= f
	}
	for k := range d {
		d[k] += rate * g[k]
	}
}

// The band of a heat holds the run of every seed, and touches the outermost; the
// first is the experiment's own. Slices of work make no difference.
func TestHeatHoldsTheRunsOfItsSeeds(t *testing.T) {
	for _, set := range []map[core.Param]float64{
		{core.Steps: 60, core.Replies: 8, core.Epochs: 2}, {core.Steps: 60, core.EstimatorChoice: float64(rlhf.GRPO), core.Replies: 8, core.Group: 4, core.RewardFit: core.FitBySteps, core.RewardSteps: 15},
		{core.Steps: 60, core.Batch: 4, core.EstimatorChoice: float64(rlhf.Reinforce), core.Replies: 5},
	} {
		for _, ops := range []int{50, 1e6} {
			r := raceOf(t, "tyre", set)
			finishRace(r, ops)
			for i, h := range r.Heats {
				if want := Seeds; h.Seeds != want && (i == RLHF || set[core.Batch] > 0) {
					t.Fatalf("%v, lane %d: %d seeds", set, i, h.Seeds)
				}
				checkHeat(t, r, i)
			}
		}
	}
}

func checkHeat(t *testing.T, r *Race, lane int) {
	t.Helper()
	h, l, meter := r.Heats[lane], r.Lanes[lane], train.NewMeter(r.Lead.Problem)
	low, high, left := slices.Clone(h.Distance[0]), slices.Clone(h.Distance[0]), 0
	for seed, row := range h.Distance {
		s := l.Experiment.Settings
		s[core.Seed] += float64(seed)
		launch := core.NewLaunch(l.Problem, s.Config(s[core.Beta]), &s)
		for !launch.Work(1000) {
		}
		run := launch.Run
		within, been, i := -1, false, 0
		for step := 0; step <= h.Steps[len(h.Steps)-1]; step++ {
			meter.ReadPrompt(run.Policy(), 0)
			d := num.KL(r.Goal.logPi, meter.LogPi)
			if d > Near {
				within = -1
			} else if been = true; within < 0 {
				within = step
			}
			if step == h.Steps[i] {
				if row[i] != d {
					t.Fatalf("lane %d, seed %d at step %d: %v, the run %v", lane, seed, step, row[i], d)
				}
				low[i], high[i] = math.Min(low[i], d), math.Max(high[i], d)
				i++
			}
			run.Advance(1)
		}
		if been && within < 0 {
			left++
		}
		if h.Within[seed] != within {
			t.Errorf("lane %d, seed %d stayed near from step %d, found %d", lane, seed, within, h.Within[seed])
		}
	}
	if h.Left != left || h.Settles() == slices.Contains(h.Within, -1) {
		t.Errorf("lane %d: %d runs left, found %d; it settles: %v", lane, left, h.Left, h.Settles())
	}
	if !slices.Equal(low, h.Low) || !slices.Equal(high, h.High) {
		t.Errorf("lane %d: the band is not that of its runs", lane)
	}
}

// The steps looked at begin at 0, rise, and end with the timeline.
func TestHeatSteps(t *testing.T) {
	for _, end := range []int{10, 11, 160, 1000, 3000, 10_000_000} {
		steps := heatSteps(end)
		if steps[0] != 0 || steps[1] != 1 || steps[len(steps)-1] != end || len(steps) > raceSteps+1 || !slices.IsSorted(steps) || len(slices.Compact(slices.Clone(steps))) != len(steps) {
			t.Errorf("to %d: %v", end, steps)
		}
	}
}

// One full batch and one exact gradient leave nothing to chance.
func TestHeatWithoutChanceIsOneRun(t *testing.T) {
	r := raceOf(t, "tyre", map[core.Param]float64{core.Steps: 50, core.EstimatorChoice: float64(rlhf.ExactGradient)})
	finishRace(r, 1000)
	for i, h := range r.Heats {
		if h.Seeds != 1 || len(h.Distance) != 1 || !h.Done() {
			t.Errorf("lane %d: %d seeds", i, h.Seeds)
		}
	}
}

// Preferences of everybody: both end at π_ref·e^(r/β)/Z (math.md §4).
func TestRaceHasOneDestination(t *testing.T) {
	r := raceOf(t, "same", map[core.Param]float64{core.Step: 3000})
	finishRace(r, 1e6)
	if r.Goal.Kind != GoalCommon {
		t.Fatalf("goal %d", r.Goal.Kind)
	}
	want := coretest.Tilted([]float64{0.3, 0.4, 0.3}, []float64{1, 0, -1}, 0.5)
	for i, l := range r.Lanes {
		for k, lp := range l.Policy() {
			oracle.Near(t, fmt.Sprintf("lane %d: π of reply %d", i, k), math.Exp(lp), want[k], 1e-9)
		}
		if last := r.Heats[i].Last(); last[len(last)-1] > 1e-15 {
			t.Errorf("lane %d ends up to %v nats off", i, last[len(last)-1])
		}
	}
}

// Where RLHF is headed elsewhere, or DPO for no place at all, the goal says so.
func TestRaceGoals(t *testing.T) {
	if r := raceOf(t, "tyre", map[core.Param]float64{core.RewardL2: 0.01}); r.Goal.Kind != GoalApart || !r.Goal.RewardKnown || !(r.Goal.Apart > 1e-4) {
		t.Errorf("a penalised reward model: %+v", r.Goal)
	}
	r := raceOf(t, "agree", nil)
	if r.Goal.Kind != GoalLimit || !r.Goal.RewardKnown {
		t.Errorf("one-sided votes: %+v", r.Goal)
	}
	// The limit has two survivors, which the votes never compare.
	oracle.Near(t, "distance of the reference from the limit", distance(r.Goal.logPi, r.Lead.Reference(), nil), r.Lead.Optimum.KL, 1e-12)

	// The proxy of over-optimisation: a reward of one's own, in closed form.
	r = raceOf(t, "proxy", map[core.Param]float64{core.Beta: 0.5})
	votes := coretest.Tilted(coretest.HackRef, coretest.HackTruth, 0.5)
	proxy, apart := coretest.Tilted(coretest.HackRef, coretest.HackProxy, 0.5), 0.0
	for k := range votes {
		apart += votes[k] * math.Log(votes[k]/proxy[k])
	}
	if r.Goal.Kind != GoalApart {
		t.Errorf("one's own reward: %+v", r.Goal)
	}
	oracle.Near(t, "distance of the proxy's optimum", r.Goal.Apart, apart, 1e-9)
}

// Of much data only the runs themselves are raced.
func TestRaceOfMuchData(t *testing.T) {
	d := &data.Dataset{}
	for i := range 8000 {
		d.Prompts = append(d.Prompts, data.Prompt{Text: fmt.Sprint(i), Replies: []data.Reply{{Text: "a"}, {Text: "b"}}})
		d.Pairs = append(d.Pairs, data.Pair{i, 0, 1, 3}, data.Pair{i, 1, 0, 2})
	}
	l, c := core.NewLab(coretest.TestPresets(), coretest.TestPresets()[0].Start().Use(d, nil))
	if c != nil {
		t.Fatal(c)
	}
	r := New(l)
	settleRace(r, 10)
	l.Seek(5)
	settleRace(r, 10)
	if !l.Large() || r.Heats != [2]*Heat{} || r.Goal.Kind != GoalCommon || r.Lanes[RLHF].Run.StepCount() != 5 || r.Work(1000) {
		t.Errorf("goal %+v, heats %v", r.Goal, r.Heats)
	}
}

// What a change does not concern is kept, and what it does is made anew; a lane
// that cannot be run says why.
func TestRaceFollows(t *testing.T) {
	r := raceOf(t, "tyre", map[core.Param]float64{core.Steps: 50})
	finishRace(r, 1e6)
	was := r.Heats
	change := func(p core.Param, x float64) {
		t.Helper()
		e := r.Lead.Experiment
		e.Settings[p] = x
		if c := r.Lead.Set(e); c != nil {
			t.Fatal(c)
		}
		r.Follow()
		settleRace(r, 500)
	}
	change(core.ViewChoice, core.ViewRace)
	change(core.Step, 20)
	change(core.Speed, 3)
	change(core.How, core.LearnByRLHF)
	if r.Heats != was {
		t.Error("heats were run again although no run has changed")
	}
	change(core.EstimatorChoice, float64(rlhf.RLOO))
	if r.Heats[DPO] != was[DPO] || r.Heats[RLHF] == was[RLHF] {
		t.Error("a setting of RLHF concerns RLHF alone")
	}
	was = r.Heats
	change(core.Beta, 0.3)
	if r.Heats[DPO] == was[DPO] || r.Heats[RLHF] == was[RLHF] {
		t.Error("β concerns both")
	}
	change(core.How, core.LearnDirectly)
	e := r.Lead.Experiment
	e.Settings[core.Group] = 7 // 64 replies in groups of 7
	if c := r.Lead.Set(e); c != nil {
		t.Fatal(c)
	}
	r.Follow()
	settleRace(r, 500)
	if r.Lanes[RLHF] != nil || r.Heats[RLHF] != nil || r.Why[RLHF] == nil || r.Why[RLHF].Code != "divides" {
		t.Errorf("%v, %v", r.Lanes[RLHF], r.Why[RLHF])
	}
	if r.Goal.Kind != GoalApart || r.Goal.RewardKnown || r.Lanes[DPO] != r.Lead {
		t.Errorf("DPO alone: %+v", r.Goal)
	}
	r.Stop()
	if r.own[0] != nil || r.own[1] != nil || r.Aimed() {
		t.Error("labs are left")
	}
}

// Where the reward less the leash is the same for every reply, as at the
// optimum, advantages vanish, and the luck of the draw with them; GRPO divides
// them by their spread, and trembles on. DPO's minibatches do, too.
func TestWhatTrembles(t *testing.T) {
	spread := func(lane int, set map[core.Param]float64) float64 {
		r := raceOf(t, "tyre", set)
		for !r.Heats[lane].Done() {
			r.Heats[lane].Work(1e6)
		}
		last := r.Heats[lane].Last()
		return last[len(last)-1]
	}
	for _, how := range []rlhf.Estimator{rlhf.Reinforce, rlhf.RLOO, rlhf.PPO} {
		if d := spread(RLHF, map[core.Param]float64{core.EstimatorChoice: float64(how), core.Steps: 4000}); d > 1e-5 {
			t.Errorf("estimator %d is still up to %v nats off", how, d)
		}
	}
	if d := spread(RLHF, map[core.Param]float64{core.EstimatorChoice: float64(rlhf.GRPO), core.Steps: 4000}); d < 1e-3 {
		t.Errorf("GRPO has come to rest, at most %v nats off", d)
	}
	if d := spread(DPO, map[core.Param]float64{core.Batch: 8, core.Steps: 4000}); d < 1e-4 {
		t.Errorf("minibatches have come to rest, at most %v nats off", d)
	}
}

// BenchmarkHeat is a slice of a heat's work as the page does it.
func BenchmarkHeat(b *testing.B) {
	p := core.FindPreset(coretest.TestPresets(), "tyre")
	e := p.Start()
	e.Settings[core.Steps] = 1_000_000
	l, c := core.NewLab(coretest.TestPresets(), e)
	if c != nil {
		b.Fatal(c)
	}
	r := New(l)
	settleRace(r, 1000)
	h := r.Heats[RLHF]
	h.Work(1e6)
	b.ReportAllocs()
	for b.Loop() {
		if h.Done() {
			h = newHeat(r.Lanes[RLHF], r.Goal.logPi)
		}
		h.Work(100_000)
	}
}
