package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
	"dpoplayground/internal/oracle"
)

// randomConfig returns a full-batch configuration.
func randomConfig(r *rand.Rand) Config {
	cfg := Config{HyperParams: objective.HyperParams{Beta: math.Exp(r.Float64()*6 - 4.6)}, Rate: math.Exp(r.Float64()*4 - 2), Optimizer: r.IntN(2), Seed: r.Uint64() >> 32}
	if r.IntN(2) == 0 {
		cfg.Epsilon = 0.5 * r.Float64()
	}
	return cfg
}

// E_π[r̂] = β KL(π‖π_ref) ≥ 0 and E_ref[r̂] ≤ 0, wherever training has got to.
func TestImplicitRewardIdentities(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		p := datatest.Random(r, 1+r.IntN(3), 9, 15)
		cfg := randomConfig(r)
		run, m := trained(p, cfg, 1+r.IntN(60)), NewMeter(p)
		for i := range p.Prompts {
			from, to := p.Range(i)
			m.ReadPrompt(run, i)
			reward := make([]float64, to-from)
			for k := range reward {
				reward[k] = cfg.Beta * m.LogRatio[from+k]
			}
			pi, ref := m.LogPi[from:to], p.LogRef[from:to]
			kl, scale := num.KL(pi, ref), 1e-12*(1+cfg.Beta*oracle.MaxAbs(m.LogRatio[from:to]))
			oracle.Near(t, "E_π[r̂]", num.Expect(pi, reward), cfg.Beta*kl, scale)
			if num.Expect(ref, reward) > scale {
				t.Fatalf("E_ref[r̂] = %v", num.Expect(ref, reward))
			}
			oracle.Near(t, "Σ π", oracle.Sum(oracle.Exps(pi)), 1, 1e-12*(1+oracle.MaxAbs(pi)))
		}
	}
}

// numericGradient is the derivative of Measures.Loss by central differences.
func numericGradient(p *data.Problem, cfg Config, d []float64, arm int) float64 {
	loss := func(step float64) float64 {
		at := append([]float64(nil), d...)
		at[arm] += step
		run := NewTrainer(p, cfg)
		run.StartAt(at)
		return NewMeter(p).Read(run, 0).Loss
	}
	const h = 1e-4
	return (loss(h) - loss(-h)) / (2 * h)
}

// The full-batch gradient is that of the loss, and sums to 0 over each prompt.
func TestGradientAgainstDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 100 {
		p := datatest.Random(r, 1+r.IntN(2), 7, 12)
		cfg := randomConfig(r)
		run := trained(p, cfg, r.IntN(20))
		d, g := make([]float64, p.Arms()), make([]float64, p.Arms())
		run.AddLogRatios(d, 0)
		addGradient(run, g)
		for k := range g {
			oracle.Near(t, "dL/dz", g[k], numericGradient(p, cfg, d, k), 1e-6*cfg.Beta*(1+cfg.Beta*cfg.Beta))
		}
		for i := range p.Prompts {
			from, to := p.Range(i)
			oracle.Near(t, "Σ dL/dz over a prompt", oracle.Sum(g[from:to]), 0, 1e-15*(1+cfg.Beta))
		}
		oracle.Near(t, "slope", run.Slope(), oracle.MaxAbs(g), 0)
	}
}

// One step on a batch of all votes is the full-batch step, but for the order of
// sums.
func TestBatchOfAllIsFullBatch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for range 100 {
		p := datatest.Random(r, 2, 6, 15)
		cfg := randomConfig(r)
		cfg.Optimizer = SGD
		full := trained(p, cfg, 1)
		cfg.Batch = int(p.Total)
		dealt := trained(p, cfg, 1)
		for k := range p.Arms() {
			oracle.Near(t, "d", dealt.LogRatio(k), full.LogRatio(k), 1e-13*cfg.Rate*cfg.Beta)
		}
	}
}

// sameBits tells whether two trainers hold the same numbers.
func sameBits(a, b *Trainer) bool {
	for i := range a.d {
		if math.Float64bits(a.d[i]) != math.Float64bits(b.d[i]) {
			return false
		}
	}
	return a.Step == b.Step
}

// Any step can be reached again, bit for bit, in any order of visits.
func TestSeekGivesTheSameBits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	for n := range 12 {
		p := datatest.Random(r, 2, 6, 12)
		cfg := randomConfig(r)
		cfg.Optimizer = n % 2
		if n%3 == 0 {
			cfg.Batch = 1 + r.IntN(9)
		}
		run, steps := NewRun(p, cfg), map[int]*Trainer{}
		for range 40 {
			step := r.IntN(1 << r.IntN(12))
			run.Seek(step)
			for !run.Work(1 + r.IntN(300)) {
			}
			if steps[step] == nil {
				steps[step] = trained(p, cfg, step)
			}
			if run.StepCount() != step || !sameBits(run.Trainer, steps[step]) {
				t.Fatalf("%+v: step %d differs from a run of its own", cfg, step)
			}
		}
		if len(run.marks) > run.most {
			t.Errorf("%d checkpoints, at most %d are kept", len(run.marks), run.most)
		}
	}
}

// AddLogRatios, LogRatio, StartAt and Advance agree on which arm is which.
func TestLogRatiosKeepTheirArms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 11))
	for range 100 {
		p := datatest.Random(r, 3, 6, 6)
		run := trained(p, randomConfig(r), 5)
		all := make([]float64, p.Arms())
		run.AddLogRatios(all, 0)
		for i := range p.Prompts {
			from, to := p.Range(i)
			part := make([]float64, to-from)
			run.AddLogRatios(part, from)
			for k := range part {
				if part[k] != all[from+k] || part[k] != run.LogRatio(from+k) {
					t.Fatalf("arm %d: %v, %v, %v", from+k, part[k], all[from+k], run.LogRatio(from+k))
				}
			}
		}
		again := NewTrainer(p, run.Cfg)
		again.StartAt(all)
		if again.Step = run.Step; !sameBits(again, run) {
			t.Fatal("StartAt with a run's log-ratios is not where the run stands")
		}
	}
}

func TestWarmPathsDoNotAllocate(t *testing.T) {
	p := datatest.Random(rand.New(rand.NewPCG(3, 12)), 2, 12, 40)
	m := NewMeter(p)
	for name, cfg := range map[string]Config{
		"SGD": {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1}, "Adam": {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 0.1, Optimizer: Adam},
		"minibatch": {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1, Batch: 7}, "smoothed": {HyperParams: objective.HyperParams{Beta: 0.5, Epsilon: 0.1}, Rate: 1, Batch: 7},
	} {
		run := NewTrainer(p, cfg)
		oracle.NoAllocations(t, name+" step", func() { run.Advance(1) })
		oracle.NoAllocations(t, "slope", func() { run.Slope() })
		oracle.NoAllocations(t, "look", func() { m.ReadPrompt(run, 0) })
		oracle.NoAllocations(t, "read", func() { m.Read(run, 1) })
	}
	var f Flow
	var tilt scores.Tilt
	z0, z1 := make([]float64, 8), []float64{1, 2, 3, 4, 5, 6, 7, 8}
	oracle.NoAllocations(t, "flow", func() { f.Between(z0, z1) })
	oracle.NoAllocations(t, "tilt", func() { tilt.Set(logs8(), z1, 0.5) })
}

func logs8() []float64 { return eighth[:] }

var eighth = [8]float64{-2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415}

// A run's checkpoints have room of their own and are used again once thinned
// out: beyond the first 64 checkpoints, a slice each, plus the growth of
// two lists, a run allocates nothing however long it is.
func TestRunStopsAllocating(t *testing.T) {
	p := datatest.Random(rand.New(rand.NewPCG(3, 13)), 1, 12, 40)
	for _, cfg := range []Config{{HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1}, {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 0.1, Optimizer: Adam}, {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1, Batch: 3}} {
		run := NewRun(p, cfg)
		run.Seek(1000)
		run.Work(1000)
		oracle.NoAllocations(t, "1000 steps with checkpoints", func() {
			run.Seek(run.StepCount() + 1000)
			run.Work(1000)
		})
		oracle.NoAllocations(t, "going back and on", func() {
			run.Seek(500)
			run.Work(1 << 20)
			run.Seek(1500)
			run.Work(1 << 20)
		})
	}
}

// The start: u = 0, L = ln 2 whatever ε, accuracy strictly counted 0, r̂ = 0.
func TestTheStart(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		p := datatest.Random(r, 1+r.IntN(3), 12, 20)
		cfg := randomConfig(r)
		m := NewMeter(p).Read(NewTrainer(p, cfg), 0)
		if p.Total == 0 {
			continue
		}
		oracle.Near(t, "loss", m.Loss, math.Ln2, 1e-14)
		if m.Accuracy != 0 || m.Margin != 0 {
			t.Fatalf("at the reference accuracy is %v and margin %v, want 0", m.Accuracy, m.Margin)
		}
		oracle.Near(t, "KL", m.KL, 0, 1e-15)
	}
}

// SGD keeps Σz, and arms in no pair are not moved at all.
func TestUntouchedLogitsStay(t *testing.T) {
	p := datatest.Bandit([]float64{1, 2, 3, 4, 5, 6}, data.Pair{0, 1, 3, 2}, data.Pair{0, 3, 4, 1}, data.Pair{0, 4, 1, 5})
	for _, cfg := range []Config{{HyperParams: objective.HyperParams{Beta: 0.7}, Rate: 3}, {HyperParams: objective.HyperParams{Beta: 0.7}, Rate: 0.1, Optimizer: Adam}, {HyperParams: objective.HyperParams{Beta: 0.7}, Rate: 3, Batch: 3}} {
		run := trained(p, cfg, 777)
		d := make([]float64, 6)
		run.AddLogRatios(d, 0)
		if d[0] != 0 || d[2] != 0 || d[5] != 0 {
			t.Errorf("%+v moved an untouched logit: %v", cfg, d)
		}
		if sum := d[1] + d[3] + d[4]; cfg.Optimizer == SGD {
			oracle.Near(t, "Σz − Σz_ref", sum, 0, 1e-12)
		}
		if d[1] == 0 || d[3] == 0 || d[4] == 0 {
			t.Errorf("%+v left a touched logit: %v", cfg, d)
		}
	}
}

// Tabular, one pair: the chosen can only rise, whatever the reference, β and rate.
func TestChosenOnlyRises(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 100 {
		k := 2 + r.IntN(6)
		reference := make([]float64, k)
		for i := range reference {
			reference[i] = math.Exp(3 * r.NormFloat64())
		}
		p := datatest.Bandit(reference, data.Pair{0, 0, 1, 1})
		run, m := NewTrainer(p, randomConfig(r)), NewMeter(p)
		m.ReadPrompt(run, 0)
		for range 50 {
			before := m.LogPi[0]
			run.Advance(1)
			m.ReadPrompt(run, 0)
			if eps := run.Cfg.Epsilon; eps == 0 && m.LogPi[0] < before {
				t.Fatalf("log π of the chosen fell from %v to %v (%+v)", before, m.LogPi[0], run.Cfg)
			}
		}
	}
}

// A pair's gradient is at most β.
func TestPairGradientIsAtMostBeta(t *testing.T) {
	for _, u := range []float64{-1e300, -800, -30, -1, 0, 1, 30, 800, 1e300} {
		for _, eps := range []float64{0, 0.1, 0.5} {
			if _, slope := objective.DPO(u, eps); !(math.Abs(slope) <= 1) {
				t.Errorf("the slope at u=%v, ε=%v is %v", u, eps, slope)
			}
		}
	}
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 7})
	for _, h := range []float64{-1e5, -10, 0, 10, 1e5} {
		run := NewTrainer(p, Config{HyperParams: objective.HyperParams{Beta: 0.3}})
		run.StartAt([]float64{h, 0})
		want := 0.3 / (1 + math.Exp(0.3*h))
		oracle.Near(t, "slope", run.Slope(), want, 1e-15)
	}
}

// A finite fit is where the gradient vanishes, for any reference and β: fit
// once, and β only rescales it.
func TestOptimumIsStationary(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 10))
	finite := 0
	for range 200 {
		p := datatest.Random(r, 1, 6, 25)
		cfg := randomConfig(r)
		fit := scores.NewFit(p.Arms(), p.VotesOf(0), cfg.Epsilon)
		for !fit.Work(math.MaxInt) {
		}
		s := fit.Scores()
		if !s.Finite {
			continue
		}
		finite++
		run := NewTrainer(p, cfg)
		d := make([]float64, p.Arms())
		for k := range d {
			d[k] = s.Score[k] / cfg.Beta
		}
		run.StartAt(d)
		oracle.Near(t, "slope at the optimum over β", run.Slope()/cfg.Beta, 0, 1e-10)
	}
	if finite < 50 {
		t.Errorf("only %d finite fits", finite)
	}
}
