package train_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// A voteLoss is the mean loss of all votes as a function of the logits, by way
// of LossBatch, which is held to the public vectors, and math.Exp.
type voteLoss struct {
	p    *data.Problem
	loss *objective.Loss
	z0   float64
	b    objective.LossBatch
}

func (v *voteLoss) gather(logits []float64) {
	logPi := make([]float64, len(logits))
	for i := range v.p.Prompts {
		from, to := v.p.Range(i)
		copy(logPi[from:to], oracle.LogNormalised(logits[from:to]))
	}
	v.b = objective.LossBatch{}
	for _, t := range v.p.Tallies {
		v.add(logPi, t.A, t.B, t.ForA)
		v.add(logPi, t.B, t.A, t.ForB)
	}
}

func (v *voteLoss) add(logPi []float64, chosen, rejected int, weight float64) {
	if weight == 0 {
		return
	}
	for s, k := range map[*objective.Side]int{&v.b.Chosen: chosen, &v.b.Rejected: rejected} {
		s.LogPi, s.LogRef = append(s.LogPi, logPi[k]), append(s.LogRef, v.p.LogRef[k])
		s.Tokens, s.Weight = append(s.Tokens, num.At(v.p.Tokens, k, 1)), append(s.Weight, weight)
	}
}

func (v *voteLoss) at(logits []float64) float64 {
	v.gather(logits)
	return v.b.Mean(v.loss, v.z0)
}

// slope differentiates by one argument, the logits being a function of it.
func (v *voteLoss) slope(logits func(step float64) []float64) float64 {
	const h = 1e-5
	return (v.at(logits(h)) - v.at(logits(-h))) / (2 * h)
}

// forEach runs a test for every objective with hyper-parameters of its own.
func forEach(t *testing.T, f func(t *testing.T, o *objective.Objective, r *rand.Rand)) {
	for i := range objective.All() {
		o := &objective.All()[i]
		t.Run(o.Key, func(t *testing.T) { f(t, o, rand.New(rand.NewPCG(71, uint64(i)))) })
	}
}

func tameHypers(o *objective.Objective, r *rand.Rand) objective.HyperParams {
	p := o.Defaults(0.2 + r.Float64())
	for _, u := range o.Uses {
		if u.Hyper == objective.HyperEpsilon {
			p.Epsilon = u.Min + 0.3*r.Float64()
		}
	}
	return p
}

func TestEveryGradientAgainstDifferences(t *testing.T) {
	forEach(t, func(t *testing.T, o *objective.Objective, r *rand.Rand) {
		for range 4 {
			p := datatest.Rich(r, 1+r.IntN(2), 6, 8, 2)
			cfg := train.Config{Objective: o, HyperParams: tameHypers(o, r), Policy: r.IntN(2)}
			run, start := train.NewTrainer(p, cfg), make([]float64, p.Arms())
			for k := range start {
				start[k] = r.NormFloat64()
			}
			run.StartAt(start)
			checkSlopes(t, p, run)
		}
	})
}

// checkSlopes compares loss and gradients of a trainer with a voteLoss.
func checkSlopes(t *testing.T, p *data.Problem, run *train.Trainer) {
	t.Helper()
	logits := append([]float64(nil), p.LogRef...)
	run.AddLogRatios(logits, 0)
	v := &voteLoss{p: p, loss: run.Loss()}
	v.gather(logits)
	v.z0 = v.b.Baseline()
	oracle.Near(t, "loss", train.NewMeter(p).Read(run, 0).Loss, v.at(logits), 1e-12*(1+math.Abs(v.at(logits))))
	g := make([]float64, p.Arms())
	coretest.AddGradient(run, g)
	moved := func(by func(k int) float64) func(float64) []float64 {
		return func(step float64) []float64 {
			z := append([]float64(nil), logits...)
			for k := range z {
				z[k] += step * by(k)
			}
			return z
		}
	}
	for arm := range g {
		want := v.slope(moved(func(k int) float64 {
			if k == arm {
				return 1
			}
			return 0
		}))
		oracle.Near(t, fmt.Sprintf("dL/dz[%d]", arm), g[arm], want, 1e-7*(1+math.Abs(want)))
	}
	if run.Weights() == nil {
		return
	}
	g = make([]float64, p.Dim)
	coretest.AddWeightGradient(run, g)
	for j := range g {
		want := v.slope(moved(func(k int) float64 { return p.Features[k*p.Dim+j] }))
		oracle.Near(t, fmt.Sprintf("dL/dθ[%d]", j), g[j], want, 1e-6*(1+math.Abs(want)))
	}
}

// A batch of all votes is the full batch, in another order.
func TestABatchOfAllVotes(t *testing.T) {
	forEach(t, func(t *testing.T, o *objective.Objective, r *rand.Rand) {
		p := datatest.Rich(r, 2, 6, 8, 2)
		cfg := train.Config{Objective: o, HyperParams: tameHypers(o, r), Rate: 0.1}
		full := coretest.Trained(p, cfg, 5)
		cfg.Batch = int(p.Total)
		dealt := coretest.Trained(p, cfg, 5)
		for k := range p.LogRef {
			oracle.Near(t, "d", dealt.LogRatio(k), full.LogRatio(k), 1e-12)
		}
	})
}

// Replies that no margin names stay exactly where they are, whatever the
// optimiser makes of rounding noise; so do all replies to prompts without votes.
func TestWhatNothingMovesStays(t *testing.T) {
	forEach(t, func(t *testing.T, o *objective.Objective, r *rand.Rand) {
		p := datatest.Rich(r, 1, 6, 8, 0)
		for i := range p.Tokens { // of one length
			p.Tokens[i] = 3
		}
		run := coretest.Trained(p, train.Config{Objective: o, HyperParams: tameHypers(o, r), Rate: 0.01, Optimizer: train.Adam}, 40)
		_, to := p.Range(0)
		marginal := o.Margin != nil
		if still := run.LogRatio(to-1) == 0; still != marginal {
			t.Errorf("the reply in no pair stands still: %v, want %v", still, marginal)
		}
		for k := to; k < p.Arms(); k++ {
			if run.LogRatio(k) != 0 {
				t.Errorf("arm %d of a prompt without votes moved by %v", k, run.LogRatio(k))
			}
		}
	})
}

// Any step can be reached again, whatever there is to remember.
func TestSeekUnderEveryObjective(t *testing.T) {
	forEach(t, func(t *testing.T, o *objective.Objective, r *rand.Rand) {
		p := datatest.Rich(r, 2, 5, 8, 3)
		for name, cfg := range coretest.StepConfigs(o, tameHypers(o, r)) {
			run := train.NewRun(p, cfg)
			run.Remember(4, 5)
			for _, step := range []int{30, 9, 10, 64, 3, 27, 0, 55} {
				run.Seek(step)
				for !run.Work(7) {
				}
				want := coretest.Trained(p, cfg, step)
				a, b := make([]float64, 2*p.Arms()), make([]float64, 2*p.Arms())
				run.AddLogRatios(a[:p.Arms()], 0)
				run.Trainer.AddReferenceRatios(a[p.Arms():], 0)
				want.AddLogRatios(b[:p.Arms()], 0)
				want.AddReferenceRatios(b[p.Arms():], 0)
				for i := range a {
					if math.Float64bits(a[i]) != math.Float64bits(b[i]) || a[i] != a[i] {
						t.Fatalf("%s, step %d: %v, a run straight there has %v", name, step, a[i], b[i])
					}
				}
			}
		}
	})
}

func TestNoObjectiveAllocates(t *testing.T) {
	forEach(t, func(t *testing.T, o *objective.Objective, r *rand.Rand) {
		p := datatest.Rich(r, 2, 8, 20, 2)
		meter := train.NewMeter(p)
		for name, cfg := range coretest.StepConfigs(o, tameHypers(o, r)) {
			run := train.NewTrainer(p, cfg)
			run.Advance(100)
			oracle.NoAllocations(t, name+" step", func() { run.Advance(1) })
			oracle.NoAllocations(t, name+" slope", func() { run.Slope() })
			oracle.NoAllocations(t, name+" read", func() { meter.Read(run, 0) })
		}
	})
}

// Where the reference moves, the loss starts again from ln 2 and its KL from 0
// every time, and what it saw before is the frozen run.
func TestAReferenceThatMoves(t *testing.T) {
	p := datatest.Rich(rand.New(rand.NewPCG(5, 6)), 2, 6, 12, 2)
	for _, policy := range []int{train.TabularPolicy, train.LinearPolicy} {
		for key, start := range map[string]float64{"dpo": math.Ln2, "fdiv_js": math.Ln2, "nca_pair": 2 * math.Ln2, "kto": 0.5, "ipo": 0.25, "aot": math.Ln2, "apo_zero": 1} {
			o := objective.Named(key)
			cfg := train.Config{Objective: o, HyperParams: o.Defaults(1), Rate: 0.1, Policy: policy, RefEvery: 10}
			run, m := train.NewTrainer(p, cfg), train.NewMeter(p)
			for step := range 31 {
				got := m.Read(run, 0)
				if step%10 == 0 {
					oracle.Near(t, key+": loss where the reference was copied", got.Loss, start, 1e-12)
					oracle.Near(t, key+": KL from the reference there", got.LeashKL, 0, 1e-12)
					oracle.Near(t, key+": margin there", got.Margin, 0, 1e-12)
				}
				if step > 0 && step < 10 && got.LeashKL != got.KL {
					t.Errorf("%s: before the first copy KL is %v and %v", key, got.KL, got.LeashKL)
				}
				if step > 10 && step%10 != 0 && !(got.LeashKL < got.KL) {
					t.Errorf("%s, step %d: KL %v from the moved reference, %v from the frozen one", key, step, got.LeashKL, got.KL)
				}
				run.Advance(1)
			}
		}
	}
}

// Preferences on one prompt move another through shared weights: z₁ − z₂ of the
// other prompt is its difference of features times θ, and θ is what the first
// prompt's pair made it.
func TestSharedWeightsMoveOtherPrompts(t *testing.T) {
	d := &data.Dataset{Prompts: []data.Prompt{
		{Replies: []data.Reply{{Features: []float64{1, 0}}, {Features: []float64{0, 1}}}},
		{Replies: []data.Reply{{Features: []float64{3}}, {Features: []float64{0, -2}}, {}}},
	}, Pairs: []data.Pair{{0, 0, 1, 1}}}
	p := data.NewProblem(d)
	run := coretest.Trained(p, train.Config{HyperParams: objective.HyperParams{Beta: 1}, Rate: 0.1, Policy: train.LinearPolicy}, 100)
	w := run.Weights()
	if !(w[0] > 1) || math.Abs(w[0]+w[1]) > 1e-14 {
		t.Fatalf("θ = %v", w)
	}
	oracle.NearAll(t, "d of the other prompt", []float64{run.LogRatio(2), run.LogRatio(3), run.LogRatio(4)}, []float64{3 * w[0], -2 * w[1], 0}, 1e-14)
}

// Equal speed: at rates that EffectiveRate gives, u after a few steps of one
// one-sided pair is the same whatever β, where it is offered.
func TestEqualSpeedOfEveryObjective(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 1})
	for i := range objective.All() {
		for optimizer := range 4 {
			s := core.DefaultSettings().Choose(objective.All()[i].Key)
			s[core.Optimizer], s[core.EqualSpeed], s[core.Rate] = float64(optimizer), 1, 0.02
			if !s.EqualSpeedOffered() {
				if s.EffectiveRate(0.1) != s[core.Rate] {
					t.Errorf("%s: the rate is changed, though equal speed is not offered", objective.All()[i].Key)
				}
				continue
			}
			u := func(beta float64) float64 {
				run := coretest.Trained(p, s.Config(beta), 12)
				return beta * (run.LogRatio(0) - run.LogRatio(1))
			}
			oracle.Near(t, fmt.Sprintf("%s, optimizer %d: u", objective.All()[i].Key, optimizer), u(0.1), u(1), 1e-5*math.Abs(u(1)))
		}
	}
}
