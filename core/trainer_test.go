package core

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// richProblem returns prompts with replies of several lengths, with features,
// and with votes both ways. A last prompt has replies but no votes.
func richProblem(r *rand.Rand, prompts, most, votes, dim int) *Problem {
	d := &Dataset{}
	for i := range prompts + 1 {
		p := Prompt{}
		for range 3 + r.IntN(most-2) {
			reply := Reply{Tokens: float64(1 + r.IntN(9))}
			for range dim {
				reply.Features = append(reply.Features, 4*r.Float64()-2)
			}
			p.Replies = append(p.Replies, reply)
			p.Reference = append(p.Reference, Exp(3*r.Float64()))
		}
		d.Prompts = append(d.Prompts, p)
		for v := 0; v < votes && i < prompts; v++ {
			k := len(p.Replies) - 1 // the last reply stands in no pair
			a := r.IntN(k)
			d.Pairs = append(d.Pairs, Pair{i, a, (a + 1 + r.IntN(k-1)) % k, float64(1 + r.IntN(4))})
		}
	}
	return NewProblem(d)
}

// A voteLoss is the mean loss of all votes as a function of the logits, by way
// of LossBatch, which is held to the public vectors, and math.Exp.
type voteLoss struct {
	p    *Problem
	loss *Loss
	z0   float64
	b    LossBatch
}

func (v *voteLoss) gather(logits []float64) {
	logPi := make([]float64, len(logits))
	for i := range v.p.Prompts {
		from, to := v.p.Range(i)
		copy(logPi[from:to], logNormalised(logits[from:to]))
	}
	v.b = LossBatch{}
	for _, t := range v.p.Tallies {
		v.add(logPi, t.A, t.B, t.ForA)
		v.add(logPi, t.B, t.A, t.ForB)
	}
}

func (v *voteLoss) add(logPi []float64, chosen, rejected int, weight float64) {
	if weight == 0 {
		return
	}
	for s, k := range map[*Side]int{&v.b.Chosen: chosen, &v.b.Rejected: rejected} {
		s.LogPi, s.LogRef = append(s.LogPi, logPi[k]), append(s.LogRef, v.p.LogRef[k])
		s.Tokens, s.Weight = append(s.Tokens, at(v.p.Tokens, k, 1)), append(s.Weight, weight)
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

// stepConfigs are the ways of training that every objective is put through.
func stepConfigs(o *Objective, p HyperParams) map[string]Config {
	cfg := Config{Objective: o, HyperParams: p, Rate: 0.05, Seed: 3}
	momentum, adam, batch, linear, moving := cfg, cfg, cfg, cfg, cfg
	momentum.Optimizer, momentum.Momentum = Momentum, 0.5
	adam.Optimizer, adam.Batch = Adam, 7
	batch.Batch, batch.RefEvery = 5, 4
	linear.Policy, linear.Optimizer, linear.RefEvery = LinearPolicy, RMSprop, 3
	moving.RefEvery, moving.ExactBaseline = 3, true
	return map[string]Config{"full": cfg, "momentum": momentum, "adam": adam, "batch": batch, "linear": linear, "moving": moving}
}

// forEach runs a test for every objective with hyper-parameters of its own.
func forEach(t *testing.T, f func(t *testing.T, o *Objective, r *rand.Rand)) {
	for i := range Objectives() {
		o := &Objectives()[i]
		t.Run(o.Key, func(t *testing.T) { f(t, o, rand.New(rand.NewPCG(71, uint64(i)))) })
	}
}

func tameHypers(o *Objective, r *rand.Rand) HyperParams {
	p := o.Defaults(0.2 + r.Float64())
	for _, u := range o.Uses {
		if u.Hyper == HyperEpsilon {
			p.Epsilon = u.Min + 0.3*r.Float64()
		}
	}
	return p
}

func TestEveryGradientAgainstDifferences(t *testing.T) {
	forEach(t, func(t *testing.T, o *Objective, r *rand.Rand) {
		for range 4 {
			p := richProblem(r, 1+r.IntN(2), 6, 8, 2)
			cfg := Config{Objective: o, HyperParams: tameHypers(o, r), Policy: r.IntN(2)}
			run, start := NewTrainer(p, cfg), make([]float64, p.Arms())
			for k := range start {
				start[k] = r.NormFloat64()
			}
			run.StartAt(start)
			checkSlopes(t, p, run)
		}
	})
}

// checkSlopes compares loss and gradients of a trainer with a voteLoss.
func checkSlopes(t *testing.T, p *Problem, run *Trainer) {
	t.Helper()
	logits := append([]float64(nil), p.LogRef...)
	run.AddLogRatios(logits, 0)
	v := &voteLoss{p: p, loss: run.Loss()}
	v.gather(logits)
	v.z0 = v.b.Baseline()
	near(t, "loss", NewMeter(p).Read(run, 0).Loss, v.at(logits), 1e-12*(1+math.Abs(v.at(logits))))
	g := make([]float64, p.Arms())
	addGradient(run, g)
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
		near(t, fmt.Sprintf("dL/dz[%d]", arm), g[arm], want, 1e-7*(1+math.Abs(want)))
	}
	if run.Weights() == nil {
		return
	}
	g = make([]float64, p.Dim)
	addWeightGradient(run, g)
	for j := range g {
		want := v.slope(moved(func(k int) float64 { return p.Features[k*p.Dim+j] }))
		near(t, fmt.Sprintf("dL/dθ[%d]", j), g[j], want, 1e-6*(1+math.Abs(want)))
	}
}

// A batch of all votes is the full batch, in another order.
func TestABatchOfAllVotes(t *testing.T) {
	forEach(t, func(t *testing.T, o *Objective, r *rand.Rand) {
		p := richProblem(r, 2, 6, 8, 2)
		cfg := Config{Objective: o, HyperParams: tameHypers(o, r), Rate: 0.1}
		full := trained(p, cfg, 5)
		cfg.Batch = int(p.Total)
		dealt := trained(p, cfg, 5)
		for k := range p.LogRef {
			near(t, "d", dealt.LogRatio(k), full.LogRatio(k), 1e-12)
		}
	})
}

// Replies that no margin names stay exactly where they are, whatever the
// optimiser makes of rounding noise; so do all replies to prompts without votes.
func TestWhatNothingMovesStays(t *testing.T) {
	forEach(t, func(t *testing.T, o *Objective, r *rand.Rand) {
		p := richProblem(r, 1, 6, 8, 0)
		for i := range p.Tokens { // of one length
			p.Tokens[i] = 3
		}
		run := trained(p, Config{Objective: o, HyperParams: tameHypers(o, r), Rate: 0.01, Optimizer: Adam}, 40)
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
	forEach(t, func(t *testing.T, o *Objective, r *rand.Rand) {
		p := richProblem(r, 2, 5, 8, 3)
		for name, cfg := range stepConfigs(o, tameHypers(o, r)) {
			run := NewRun(p, cfg)
			run.stride, run.most = 4, 5
			for _, step := range []int{30, 9, 10, 64, 3, 27, 0, 55} {
				run.Seek(step)
				for !run.Work(7) {
				}
				want := trained(p, cfg, step)
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
	forEach(t, func(t *testing.T, o *Objective, r *rand.Rand) {
		p := richProblem(r, 2, 8, 20, 2)
		meter := NewMeter(p)
		for name, cfg := range stepConfigs(o, tameHypers(o, r)) {
			run := NewTrainer(p, cfg)
			run.Advance(100)
			noAllocations(t, name+" step", func() { run.Advance(1) })
			noAllocations(t, name+" slope", func() { run.Slope() })
			noAllocations(t, name+" read", func() { meter.Read(run, 0) })
		}
	})
}

// Where the reference moves, the loss starts again from ln 2 and its KL from 0
// every time, and what it saw before is the frozen run.
func TestAReferenceThatMoves(t *testing.T) {
	p := richProblem(rand.New(rand.NewPCG(5, 6)), 2, 6, 12, 2)
	for _, policy := range []int{TabularPolicy, LinearPolicy} {
		for key, start := range map[string]float64{"dpo": math.Ln2, "fdiv_js": math.Ln2, "nca_pair": 2 * math.Ln2, "kto": 0.5, "ipo": 0.25, "aot": math.Ln2, "apo_zero": 1} {
			o := ObjectiveNamed(key)
			cfg := Config{Objective: o, HyperParams: o.Defaults(1), Rate: 0.1, Policy: policy, RefEvery: 10}
			run, m := NewTrainer(p, cfg), NewMeter(p)
			for step := range 31 {
				got := m.Read(run, 0)
				if step%10 == 0 {
					near(t, key+": loss where the reference was copied", got.Loss, start, 1e-12)
					near(t, key+": KL from the reference there", got.LeashKL, 0, 1e-12)
					near(t, key+": margin there", got.Margin, 0, 1e-12)
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
	d := &Dataset{Prompts: []Prompt{
		{Replies: []Reply{{Features: []float64{1, 0}}, {Features: []float64{0, 1}}}},
		{Replies: []Reply{{Features: []float64{3}}, {Features: []float64{0, -2}}, {}}},
	}, Pairs: []Pair{{0, 0, 1, 1}}}
	p := NewProblem(d)
	run := trained(p, Config{HyperParams: HyperParams{Beta: 1}, Rate: 0.1, Policy: LinearPolicy}, 100)
	w := run.Weights()
	if !(w[0] > 1) || math.Abs(w[0]+w[1]) > 1e-14 {
		t.Fatalf("θ = %v", w)
	}
	nearAll(t, "d of the other prompt", []float64{run.LogRatio(2), run.LogRatio(3), run.LogRatio(4)}, []float64{3 * w[0], -2 * w[1], 0}, 1e-14)
}

// Equal speed: at rates that EffectiveRate gives, u after a few steps of one
// one-sided pair is the same whatever β, where it is offered.
func TestEqualSpeedOfEveryObjective(t *testing.T) {
	p := bandit(uniform2, Pair{0, 0, 1, 1})
	for i := range Objectives() {
		for optimizer := range 4 {
			s := DefaultSettings().Choose(Objectives()[i].Key)
			s[Optimizer], s[EqualSpeed], s[Rate] = float64(optimizer), 1, 0.02
			if !s.EqualSpeedOffered() {
				if s.EffectiveRate(0.1) != s[Rate] {
					t.Errorf("%s: the rate is changed, though equal speed is not offered", Objectives()[i].Key)
				}
				continue
			}
			u := func(beta float64) float64 {
				run := trained(p, s.Config(beta), 12)
				return beta * (run.LogRatio(0) - run.LogRatio(1))
			}
			near(t, fmt.Sprintf("%s, optimizer %d: u", Objectives()[i].Key, optimizer), u(0.1), u(1), 1e-5*math.Abs(u(1)))
		}
	}
}
