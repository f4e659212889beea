package rlhf_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// The exact gradient leads to π_ref e^(r/β)/Z for every prompt, whatever
// constant is added to a prompt's rewards, and with a penalty to the optimum for
// reward plus penalty.
func TestExactRunArrivesAtTheTilt(t *testing.T) {
	refs := [][]float64{{1, 2, 3}, {1, 1}, {4, 1, 2, 3}}
	rewards := [][]float64{{1, 0, -0.5}, {101, 100}, {0.3, 0.8, -0.3, -7.2}}
	penalty := []float64{0, 0, 0.5, 0, 0, 0, -0.5, 0.2, 7}
	d := &data.Dataset{}
	var all []float64
	for i, ref := range refs {
		d.Prompts = append(d.Prompts, datatest.Prompt(ref))
		all = append(all, rewards[i]...)
	}
	p := data.NewProblem(d)
	for _, rule := range []train.UpdateRule{coretest.SgdRule(5), train.NewUpdateRule(train.Momentum, 1)} {
		r := coretest.GivenReward(p, rlhf.Config{Beta: 0.7, Rule: rule, Penalty: penalty}, all...)
		r.Advance(5000)
		at := 0
		for i, ref := range refs {
			sum := make([]float64, len(ref))
			for k := range sum {
				sum[k] = rewards[i][k] + penalty[at+k]
			}
			at += len(ref)
			want := coretest.Tilted(ref, sum, 0.7)
			oracle.NearAll(t, "π", coretest.Spoken(p, r, i), want, 1e-9)
			var tilt scores.Tilt
			r.Optimum(&tilt, i)
			oracle.NearAll(t, "the optimum announced", oracle.Exps(tilt.LogPi), want, 1e-12)
		}
	}
}

// Same destination: on Bradley–Terry preferences of the population over all
// pairs, DPO, RLHF with a fitted reward model, and π_ref e^(r/β)/Z with the true
// rewards are one.
func TestRLHFAndDPOShareTheirDestination(t *testing.T) {
	truth, reference := []float64{0.8, -0.3, 0.4, 0}, []float64{0.2, 0.4, 0.1, 0.3}
	s := core.DefaultSettings()
	s[core.Source] = core.FromPopulation
	p, complaint := core.Prepare(datatest.Rewarded(truth, reference), &s, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	var cfg train.Config
	cfg.Beta, cfg.Rate = 0.5, 2
	dpo := coretest.Trained(p, cfg, 20000)
	want := coretest.Tilted(reference, truth, 0.5)
	oracle.NearAll(t, "DPO", coretest.Spoken(p, dpo, 0), want, 1e-6)
	for name, reward := range map[string]rlhf.RewardConfig{
		"solved": {Rule: coretest.SgdRule(2), ToTheEnd: true}, "stepped": {Rule: coretest.SgdRule(2), Steps: 500},
	} {
		r := rlhf.New(p, coretest.ReadyModel(p, reward), rlhf.Config{Beta: 0.5, Rule: coretest.SgdRule(2)}, data.Annotators{})
		r.Advance(5000)
		oracle.NearAll(t, "RLHF, "+name, coretest.Spoken(p, r, 0), want, 1e-6)
		oracle.NearAll(t, "RLHF against DPO", coretest.Spoken(p, r, 0), coretest.Spoken(p, dpo, 0), 1e-6)
	}
}

// The value of a prompt moves by rate·mean(f − V) over an update's replies, and
// in the long run to E_π[f].
func TestPPOLearnsTheValue(t *testing.T) {
	p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{datatest.Prompt([]float64{3, 1}), datatest.Prompt(oracle.Uniform2)}})
	cfg := rlhf.Config{Beta: 1, Rule: coretest.SgdRule(1e-12), How: rlhf.PPO, Batch: 8, Epochs: 1, Minibatches: 1, Clip: 0.2, ValueRate: 0.1, Seed: 1}
	r := coretest.GivenReward(p, cfg, 1, 0, 3, 1) // centred: ±½ and ±1
	r.Advance(1)
	want := []float64{0, 0}
	for i, prompt := range r.Batch.Prompts {
		want[prompt] += 0.1 * r.Batch.Gain[i] / 8
	}
	oracle.NearAll(t, "V after a step", r.Value, want, 1e-9)
	r.Cfg.ValueRate = 0.01
	r.Advance(20000)
	oracle.NearAll(t, "V", r.Value, []float64{0.25, 0}, 0.06)
}

// TestRepliesFollowThePolicy counts generated replies against π, and prompts
// against the epochs in which they are dealt.
func TestRepliesFollowThePolicy(t *testing.T) {
	refs := []float64{1, 3, 5, 1}
	p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{datatest.Prompt(refs), datatest.Prompt(refs), datatest.Prompt(refs)}})
	r := coretest.GivenReward(p, rlhf.Config{Beta: 1, Rule: coretest.SgdRule(1e-12), How: rlhf.Reinforce, Batch: 3, Seed: 11}, make([]float64, 12)...)
	counts, steps := make([]float64, 12), 10000
	for range steps {
		r.Advance(1)
		prompts := 0
		for i, prompt := range r.Batch.Prompts {
			counts[r.Batch.Arms[i]]++
			prompts += 1 << prompt
		}
		if prompts != 7 {
			t.Fatalf("step %d: the prompts were not dealt one of each: %+v", r.StepCount(), r.Batch.Prompts)
		}
	}
	chi := 0.0
	for k, n := range counts {
		expected := refs[k%4] / 10 * float64(steps)
		chi += (n - expected) * (n - expected) / expected
	}
	if chi > 27.9 { // 9 degrees of freedom, 1 in 1000
		t.Errorf("χ² = %.1f of %v", chi, counts)
	}
}

// From samples, too, the policy comes to the optimum, up to the noise.
func TestSampledRunsComeNear(t *testing.T) {
	reference, rewards := []float64{4, 3, 2, 1}, []float64{0, 0.5, -0.5, 0.6}
	p := datatest.Bandit(reference)
	want := coretest.Tilted(reference, rewards, 0.5)
	for name, cfg := range coretest.AllEstimators() {
		if cfg.Leash == rlhf.LeashK3Loss {
			continue
		}
		r := coretest.GivenReward(p, cfg, rewards...)
		r.Advance(4000)
		mean := make([]float64, 4)
		for range 1000 {
			r.Advance(1)
			for k, x := range coretest.Spoken(p, r, 0) {
				mean[k] += x / 1000
			}
		}
		oracle.NearAll(t, name, mean, want, 0.02)
	}
}

// k₃ as a loss leads elsewhere: to β π_ref/(λ − r), where β π_ref/π + r is the
// same for all replies.
func TestK3LossHasAnotherFixedPoint(t *testing.T) {
	reference, rewards, beta := []float64{0.4, 0.3, 0.2, 0.1}, []float64{0, 1, -1, 2}, 0.8
	p := datatest.Bandit(reference)
	r := coretest.GivenReward(p, rlhf.Config{Beta: beta, Rule: coretest.SgdRule(1), Leash: rlhf.LeashK3Loss}, rewards...)
	r.Advance(5000)
	pi, sum := coretest.Spoken(p, r, 0), 0.0
	for k := range pi {
		oracle.Near(t, "β π_ref/π + r", beta*reference[k]/pi[k]+rewards[k], beta*reference[0]/pi[0]+rewards[0], 1e-9)
		sum += pi[k]
	}
	oracle.Near(t, "Σπ", sum, 1, 1e-12)
	var tilt scores.Tilt
	r.Optimum(&tilt, 0)
	oracle.NearAll(t, "the optimum announced", oracle.Exps(tilt.LogPi), pi, 1e-9)
	if gap := math.Abs(pi[3] - coretest.Tilted(reference, rewards, beta)[3]); gap < 0.05 {
		t.Errorf("π* is only %v away: the test shows nothing", gap)
	}
}

// TestForwardTilt checks SetForward where it is hard: far apart and far off.
func TestForwardTilt(t *testing.T) {
	r := rand.New(rand.NewPCG(91, 92))
	var tilt scores.Tilt
	for range 200 {
		n, beta := 2+r.IntN(6), math.Exp(3*r.NormFloat64())
		weights, rewards := make([]float64, n), make([]float64, n)
		for k := range weights {
			weights[k], rewards[k] = math.Exp(3*r.NormFloat64()), 3*r.NormFloat64()
		}
		logRef := oracle.Logs(weights)
		tilt.SetForward(logRef, rewards, beta)
		sum, level := 0.0, beta*math.Exp(logRef[0]-tilt.LogPi[0])+rewards[0]
		for k, lp := range tilt.LogPi {
			sum += math.Exp(lp)
			other := beta*math.Exp(logRef[k]-lp) + rewards[k]
			oracle.Near(t, "λ", other/level, 1, 1e-11*(1+10/math.Abs(level)))
		}
		oracle.Near(t, "Σπ", sum, 1, 1e-12)
	}
}

// TestCounters does the arithmetic of what each run takes.
func TestCounters(t *testing.T) {
	p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{datatest.Prompt([]float64{1, 1, 1}), datatest.Prompt(oracle.Uniform2)},
		Pairs: []data.Pair{{0, 0, 1, 1}, {1, 0, 1, 2}}})
	var two, three, four = train.PolicyHeld | train.ReferenceHeld, train.PolicyHeld | train.ReferenceHeld | train.RewardModelHeld, train.PolicyHeld | train.ReferenceHeld | train.RewardModelHeld | train.ValueModelHeld
	all := coretest.AllEstimators()
	online := all["ppo"]
	online.Every, online.Judged = 4, 4
	for name, c := range map[string]struct {
		cfg    rlhf.Config
		custom bool
		want   train.Cost // after 7 steps of the reward model and 10 of the policy
	}{
		"exact":     {all["exact"], false, train.Cost{Models: three, RewardCalls: 50, PolicyUpdates: 10, RewardUpdates: 7}},
		"rloo":      {all["rloo"], false, train.Cost{Models: three, Replies: 320, RewardCalls: 320, PolicyUpdates: 10, RewardUpdates: 7}},
		"ppo":       {all["ppo"], false, train.Cost{Models: three, Replies: 320, RewardCalls: 320, PolicyUpdates: 80, RewardUpdates: 7}},
		"ppo+value": {all["ppo+value"], false, train.Cost{Models: four, Replies: 320, RewardCalls: 320, PolicyUpdates: 80, RewardUpdates: 7, ValueUpdates: 80}},
		"custom":    {all["rloo"], true, train.Cost{Models: two, Replies: 320, RewardCalls: 320, PolicyUpdates: 10}},
		"online":    {online, false, train.Cost{Models: three, Replies: 336, RewardCalls: 320, PolicyUpdates: 80, RewardUpdates: 7 + 2*3}},
	} {
		s := core.DefaultSettings()
		model := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), Steps: 7, Refit: 3, Online: c.cfg.Every > 0})
		first := 7
		if c.custom {
			model, c.cfg.Custom, first = nil, make([]float64, 5), 0
		}
		r := rlhf.New(p, model, c.cfg, s.Annotators())
		for range first {
			if r.Stage() != 1 {
				t.Errorf("%s: stage %d at step %d", name, r.Stage(), r.StepCount())
			}
			r.Advance(1)
		}
		for k := range p.Arms() {
			if coretest.LogRatio(r, k) != 0 {
				t.Errorf("%s: the policy has moved in stage 1", name)
			}
		}
		r.Advance(10)
		got := r.Cost()
		if name == "online" {
			oracle.Near(t, "votes on two different replies of 2 or 3, of 8", float64(got.Votes), 4.7, 4)
			oracle.Near(t, "all votes", model.Total, 3+float64(got.Votes), 0)
			got.Votes = 0
		}
		if got != c.want || r.Stage() != 2 || r.PolicyStep() != 10 {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := coretest.ReadyModel(p, rlhf.RewardConfig{Rule: coretest.SgdRule(1), ToTheEnd: true, L2: 1}).Cost(); got != (train.Cost{Models: train.RewardModelHeld, RewardSolves: 2}) {
		t.Errorf("a reward model of two prompts, solved: %+v", got)
	}
	var cfg train.Config
	cfg.Beta, cfg.Rate = 1, 1
	if got, want := coretest.Trained(p, cfg, 9).Cost(), (train.Cost{Models: two, PolicyUpdates: 9}); got != want || got.Models.Count() != 2 || four.Count() != 4 {
		t.Errorf("DPO: %+v, want %+v", got, want)
	}
	cfg.Objective = objective.Named("orpo")
	if got, want := coretest.Trained(p, cfg, 3).Cost(), (train.Cost{Models: train.PolicyHeld, PolicyUpdates: 3}); got != want {
		t.Errorf("ORPO: %+v, want %+v", got, want)
	}
}

// TestSlopeOfRLHF compares it with the books' gradient, anywhere and at the optimum.
func TestSlopeOfRLHF(t *testing.T) {
	p, rewards := datatest.Bandit([]float64{1, 2, 3}), []float64{1, -1, 0.5}
	for _, leash := range []rlhf.Leash{rlhf.LeashInReward, rlhf.LeashK3Loss} {
		r := coretest.GivenReward(p, rlhf.Config{Beta: 0.5, Rule: coretest.SgdRule(1), Leash: leash}, rewards...)
		d := []float64{0.3, 0, -2}
		coretest.StandAt(r, d)
		ofReward, ofKL, ofForward := coretest.PlainGradient([]float64{p.LogRef[0] + d[0], p.LogRef[1] + d[1], p.LogRef[2] + d[2]}, p.LogRef, rewards)
		want := 0.0
		for k := range d {
			slope := ofReward[k] - 0.5*ofKL[k]
			if leash == rlhf.LeashK3Loss {
				slope = ofReward[k] - 0.5*ofForward[k]
			}
			want = math.Max(want, math.Abs(slope))
		}
		oracle.Near(t, "slope", r.Slope(), want, 1e-15)
		var tilt scores.Tilt
		r.Optimum(&tilt, 0)
		for k := range d {
			d[k] = tilt.LogPi[k] - p.LogRef[k]
		}
		coretest.StandAt(r, d)
		oracle.Near(t, "slope at the optimum", r.Slope(), 0, 1e-15)
	}
}

// A state that was saved leads to the same bits as one that was not, also in
// another run and with other steps taken in between.
func TestSavedStatesGoOn(t *testing.T) {
	for name, start := range coretest.EveryStepper() {
		straight, other := start(), start()
		for _, at := range []int{0, 7, 31} {
			straight.Advance(at - straight.StepCount())
			saved := straight.Save(nil)
			straight.Advance(40)
			want := straight.Save(nil)
			straight.Restore(saved)
			straight.Advance(40)
			other.Advance(13)
			other.Restore(saved)
			other.Advance(15)
			other.Advance(25)
			for _, got := range [][]float64{straight.Save(nil), other.Save(nil)} {
				if len(got) != len(want) {
					t.Fatalf("%s: %d numbers saved, want %d", name, len(got), len(want))
				}
				for i := range want {
					if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
						t.Fatalf("%s: from step %d, number %d of the state is %v, want %v", name, at, i, got[i], want[i])
					}
				}
			}
			straight.Restore(saved)
		}
	}
}

func TestRLHFAllocatesNothing(t *testing.T) {
	for name, start := range coretest.EveryStepper() {
		r := start()
		r.Advance(50)
		saved := r.Save(nil)
		if n := testing.AllocsPerRun(20, func() { r.Advance(3) }); n != 0 {
			t.Errorf("%s: %v allocations in three steps", name, n)
		}
		if n := testing.AllocsPerRun(20, func() { saved = r.Save(saved[:0]); r.Restore(saved) }); n != 0 {
			t.Errorf("%s: %v allocations to save and restore", name, n)
		}
	}
}

func TestRLHFComplaints(t *testing.T) {
	p := datatest.Bandit([]float64{1, 2, 3}, data.Pair{0, 0, 1, 1})
	good := coretest.AllEstimators()["ppo"]
	if c := good.Check(p); c != nil {
		t.Fatal(c)
	}
	for field, spoil := range map[string]func(*rlhf.Config){
		"beta":        func(c *rlhf.Config) { c.Beta = 0 },
		"lr":          func(c *rlhf.Config) { c.Rule.Rate = math.NaN() },
		"opt":         func(c *rlhf.Config) { c.Rule.Kind = 9 },
		"est":         func(c *rlhf.Config) { c.How = 5 },
		"replies":     func(c *rlhf.Config) { c.Batch = 0 },
		"group":       func(c *rlhf.Config) { c.How, c.Group = rlhf.RLOO, 5 },
		"epochs":      func(c *rlhf.Config) { c.Epochs = 0 },
		"minibatches": func(c *rlhf.Config) { c.Minibatches = 5 },
		"clip":        func(c *rlhf.Config) { c.Clip = 0 },
		"valuerate":   func(c *rlhf.Config) { c.ValueRate = 3 },
		"penalty":     func(c *rlhf.Config) { c.Penalty = []float64{1} },
		"custom":      func(c *rlhf.Config) { c.Custom = []float64{1, math.Inf(1), 0} },
		"fresh":       func(c *rlhf.Config) { c.Every, c.Custom = 1, make([]float64, 3) },
	} {
		bad := good
		spoil(&bad)
		if c := bad.Check(p); c == nil || c.Field != field {
			t.Errorf("%s: complaint %v", field, c)
		}
	}
	pairless := good
	pairless.How, pairless.Group = rlhf.GRPO, 1
	if c := pairless.Check(p); c == nil || c.Field != "group" {
		t.Errorf("a group of 1: %v", c)
	}
	for field, cfg := range map[string]rlhf.RewardConfig{
		"rmopt": {Rule: train.UpdateRule{Kind: -1, Rate: 1}}, "rmlr": {}, "rmsteps": {Rule: coretest.SgdRule(1), Steps: -1},
		"rml2": {Rule: coretest.SgdRule(1), ToTheEnd: true, Online: true}, "refit": {Rule: coretest.SgdRule(1), Refit: -1},
	} {
		if c := cfg.Check(p); c == nil || c.Field != field {
			t.Errorf("%s: complaint %v", field, c)
		}
	}
	ref := make([]float64, 400)
	for k := range ref {
		ref[k] = 1
	}
	if c := (&rlhf.RewardConfig{Rule: coretest.SgdRule(1), Online: true}).Check(datatest.Bandit(ref)); c == nil || c.Field != "judged" {
		t.Errorf("79 800 pairs: %v", c)
	}
	online := rlhf.OnlineDPOConfig{Beta: 1, Rule: coretest.SgdRule(1), Pairs: 1, Every: 1}
	if c := online.Check(); c != nil {
		t.Error(c)
	}
	online.Every = 0
	if c := online.Check(); c == nil || c.Field != "every" {
		t.Errorf("every 0 steps: %v", c)
	}
}
