package core_test

import (
	"math"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// under returns the configuration of an objective at its defaults.
func under(key string, beta, rate float64) train.Config {
	o := objective.Named(key)
	return train.Config{Objective: o, HyperParams: o.Defaults(beta), Rate: rate}
}

// One label, always the same: DPO goes all the way whatever β, IPO stops.
// Azar et al. 2023, §5.
func TestGreedyOrNot(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 1})
	for beta, want := range map[float64]float64{1: 0.622, 0.1: 0.9933} {
		got := policy(p, coretest.Trained(p, under("ipo", beta, 0.2), 200))[0]
		oracle.Near(t, "IPO", got, 1/(1+math.Exp(-1/(2*beta))), 1e-12)
		oracle.Near(t, "IPO", got, want, 5e-4)
		oracle.Near(t, "DPO", policy(p, coretest.Trained(p, under("dpo", beta, 1/(beta*beta)), 1_000_000))[0], 1, math.Exp(-10))
	}
}

func TestIPOOnThreeArms(t *testing.T) {
	p := datatest.Bandit([]float64{1, 1, 1}, data.Pair{0, 0, 1, 1}, data.Pair{0, 1, 2, 1}, data.Pair{0, 0, 2, 1})
	run := coretest.Trained(p, under("ipo", 1, 0.2), 500)
	oracle.NearAll(t, "π", policy(p, run), []float64{0.448, 0.321, 0.230}, 5e-4)
	oracle.NearAll(t, "d", []float64{run.LogRatio(0), run.LogRatio(1), run.LogRatio(2)}, []float64{1.0 / 3, 0, -1.0 / 3}, 1e-12)
	if a := policy(p, coretest.Trained(p, under("dpo", 1, 2), 1_000_000))[0]; a < 0.999 {
		t.Errorf("DPO: π(a) = %v, want 1", a)
	}
}

// A cycle: nobody is better, and the optimum is the reference.
func TestCycleUnderEveryMarginLoss(t *testing.T) {
	reference := []float64{0.2, 0.3, 0.5}
	p := datatest.Bandit(reference, data.Pair{0, 0, 1, 1}, data.Pair{0, 1, 2, 1}, data.Pair{0, 2, 0, 1})
	for _, key := range []string{"dpo", "ipo", "cdpo", "exo_pair"} {
		cfg := under(key, 0.5, 0.2)
		run := train.NewTrainer(p, cfg)
		run.StartAt([]float64{0.5, 0, -0.5})
		run.Advance(5000)
		oracle.NearAll(t, key, policy(p, run), reference, 1e-9)
	}
}

// a and b beat each other, a beats c, and nobody asked about b and c.
func TestMissingComparisonUnderIPO(t *testing.T) {
	p := datatest.Bandit([]float64{1, 1, 1}, data.Pair{0, 0, 1, 1}, data.Pair{0, 1, 0, 1}, data.Pair{0, 0, 2, 1})
	for _, beta := range []float64{0.5, 1} {
		c := math.Exp(-1 / (2 * beta))
		want := []float64{1 / (2 + c), 1 / (2 + c), c / (2 + c)}
		oracle.NearAll(t, "π", policy(p, coretest.Trained(p, under("ipo", beta, 0.2), 1000)), want, 1e-12)
	}
}

// The majority is for a, 6 to 4, but the reference is for b. DPO ends where
// log-odds of the reference and of the votes, over β, add up; KTO goes all the
// way, with either z₀.
func TestMinorityBeatsMajorityButNotUnderKTO(t *testing.T) {
	p := datatest.Bandit([]float64{0.05, 0.95}, data.Pair{0, 0, 1, 6}, data.Pair{0, 1, 0, 4})
	odds := logit(0.05) + logit(0.6)/0.5
	got := policy(p, coretest.Trained(p, under("dpo", 0.5, 4), 2000))[0]
	oracle.Near(t, "DPO: π(a)", got, 1/(1+math.Exp(-odds)), 1e-9)
	oracle.Near(t, "DPO: π(a)", got, 0.106, 5e-4)
	for _, exact := range []bool{false, true} {
		cfg := under("kto", 0.5, 20)
		cfg.ExactBaseline = exact
		if a := policy(p, coretest.Trained(p, cfg, 300_000))[0]; !(a > 0.99) {
			t.Errorf("KTO (exact KL: %v): π(a) = %v, want 1", exact, a)
		}
	}
}

// displacing is a pair whose features differ only where both are alike: to tell
// them apart is to leave both. Razin et al. 2024; Pal et al. 2024.
func displacing() *data.Problem {
	theta, features := [2]float64{2, 0.5}, [3][]float64{{1, 0}, {1, -1}, {0, 1}}
	d := &data.Dataset{Prompts: []data.Prompt{{}}, Pairs: []data.Pair{{0, 0, 1, 1}}}
	for _, f := range features {
		z := f[0]*theta[0] + f[1]*theta[1]
		d.Prompts[0].Replies = append(d.Prompts[0].Replies, data.Reply{Features: f})
		d.Prompts[0].Reference = append(d.Prompts[0].Reference, math.Exp(z))
	}
	return data.NewProblem(d)
}

func TestLikelihoodDisplacement(t *testing.T) {
	p := displacing()
	cfg := under("dpo", 0.5, 0.5)
	cfg.Policy = train.LinearPolicy
	run, m := train.NewTrainer(p, cfg), train.NewMeter(p)
	before := m.Read(run, 0)
	oracle.Near(t, "π(chosen) at the start", num.Exp(m.LogPi[0]), 0.547, 5e-4)
	for range 300 {
		run.Advance(100)
		now := m.Read(run, 0)
		if !(now.Loss < before.Loss) || now.Accuracy != 1 {
			t.Fatalf("step %d: loss %v after %v, accuracy %v", run.StepCount(), now.Loss, before.Loss, now.Accuracy)
		}
		before = now
	}
	if pi := oracle.Exps(m.LogPi); pi[0] > 0.01 || pi[2] < 0.99 {
		t.Errorf("π = %v, want the chosen at 0 and the third at 1", pi)
	}
	// In a table the same votes can only raise the chosen reply.
	cfg.Policy = train.TabularPolicy
	if pi := policy(p, coretest.Trained(p, cfg, 30_000)); pi[0] < 0.547 {
		t.Errorf("tabular: π(chosen) = %v fell", pi[0])
	}
}

func TestDPOPHoldsTheChosen(t *testing.T) {
	p := displacing()
	cfg := under("dpop", 0.5, 0.1)
	cfg.Policy, cfg.Lambda = train.LinearPolicy, 5
	oracle.Near(t, "π(chosen)", policy(p, coretest.Trained(p, cfg, 30_000))[0], 0.546, 0.01)
}

// A share ε of labels is flipped. rDPO, knowing ε, ends where DPO ends on clean
// labels, π_ref·e^{r/β}/Z; DPO and cDPO stay closer to the reference.
func TestRobustDPORecoversTheCleanOptimum(t *testing.T) {
	const eps, beta = 0.2, 0.5
	reward, reference := []float64{0.8, 0, -0.6}, []float64{0.2, 0.5, 0.3}
	var pairs []data.Pair
	for i := range reward {
		for j := range reward {
			if i != j {
				p := 1 / (1 + math.Exp(reward[j]-reward[i]))
				pairs = append(pairs, data.Pair{0, i, j, p*(1-eps) + (1-p)*eps})
			}
		}
	}
	p := datatest.Bandit(reference, pairs...)
	var clean scores.Tilt
	clean.Set(p.LogRef, reward, beta)
	kl := map[string]float64{}
	for _, key := range []string{"dpo", "cdpo", "rdpo"} {
		cfg := under(key, beta, 4)
		if key != "dpo" {
			cfg.Epsilon = eps
		}
		run := coretest.Trained(p, cfg, 4000)
		kl[key] = train.NewMeter(p).Read(run, 0).KL
		if key == "rdpo" {
			oracle.NearAll(t, key, policy(p, run), oracle.Exps(clean.LogPi), 1e-9)
		}
	}
	if !(kl["cdpo"] < kl["dpo"] && kl["dpo"] < kl["rdpo"]) {
		t.Errorf("KL = %v, want cdpo below dpo below rdpo", kl)
	}
}

// When the reference is copied from the policy, each period does again what the
// first did: the gap from the original after n periods is n times that after
// one, without bound, where the frozen reference holds it at log(3)/β.
func TestMovingReferenceHasNoLeash(t *testing.T) {
	p := datatest.Bandit([]float64{1e-9, 1}, data.Pair{0, 0, 1, 3}, data.Pair{0, 1, 0, 1})
	const beta, every = 0.5, 25
	h := func(cfg train.Config, steps int) float64 {
		run := coretest.Trained(p, cfg, steps)
		return run.LogRatio(0) - run.LogRatio(1)
	}
	cfg := under("dpo", beta, 1)
	oracle.Near(t, "frozen: h", h(cfg, 20_000), math.Log(3)/beta, 1e-9)
	frozen := train.NewMeter(p).Read(coretest.Trained(p, cfg, 20_000), 0).KL
	cfg.RefEvery = every
	one := h(cfg, every)
	oracle.Near(t, "h after 200 periods", h(cfg, 200*every), 200*one, 1e-9*200*one)
	m := train.NewMeter(p).Read(coretest.Trained(p, cfg, 200*every), 0)
	oracle.Near(t, "KL from the original", m.KL, 9*math.Ln10, 1e-6)
	if m.LeashKL > 1e-9 || frozen > 1e-6 {
		t.Errorf("KL from the copy is %v; from a frozen reference %v", m.LeashKL, frozen)
	}
}

// The soft update of TR-DPO takes the reference a share α of the way to the policy. Where
// each period runs until it rests, log(3)/β from the reference at hand, the gap from the
// original after n periods is (1 + (n−1)α)·log(3)/β.
func TestSoftlyMovingReference(t *testing.T) {
	p := data.NewProblem(&data.Dataset{Prompts: []data.Prompt{{Reference: []float64{1e-9, 1},
		Replies: []data.Reply{{Features: []float64{1, 0}}, {Features: []float64{0, 1}}}}},
		Pairs: []data.Pair{{0, 0, 1, 3}, {0, 1, 0, 1}}})
	cfg := under("dpo", 0.5, 4)
	cfg.RefEvery = 500
	for _, policy := range []int{train.TabularPolicy, train.LinearPolicy} {
		cfg.Policy = policy
		for _, mix := range []float64{0.001, 0.6, 1} {
			cfg.RefMix = mix
			run := coretest.Trained(p, cfg, 6*cfg.RefEvery)
			oracle.Near(t, "h after six periods", run.LogRatio(0)-run.LogRatio(1), (1+5*mix)*math.Log(3)/0.5, 1e-9)
			again := train.NewRun(p, cfg)
			for _, step := range []int{6 * cfg.RefEvery, 700, 6 * cfg.RefEvery} {
				again.Seek(step)
				for !again.Work(1000) {
				}
			}
			if got := again.Trainer.LogRatio(0); got != run.LogRatio(0) {
				t.Errorf("after going back the log-ratio is %v, not %v", got, run.LogRatio(0))
			}
		}
	}
}

// At rest Cal-DPO's two derivatives balance through the normaliser. With a reply that
// takes up what the pair leaves they are 0, each: x = t + σ(−m)/2 = −y, t = 1/(2β),
// beyond the targets. Where π_ref(w)·e^x > 1 no policy has that, and x stays below
// −log π_ref(w).
func TestCalDPOAtRest(t *testing.T) {
	for _, beta := range []float64{0.5, 1, 2} {
		p := datatest.Bandit([]float64{0.05, 0.1, 0.85}, data.Pair{0, 0, 1, 1})
		run, target := coretest.Trained(p, under("cal_dpo", beta, 0.1), 200_000), 1/(2*beta)
		pi := policy(p, run)
		x, y := math.Log(pi[0]/0.05), math.Log(pi[1]/0.1)
		push := 1 / (1 + math.Exp(x-y))
		oracle.Near(t, "x", x, target+push/2, 1e-9)
		oracle.Near(t, "y", y, -target-push/2, 1e-9)
		if !(x > target && y < -target) {
			t.Errorf("β = %v: the log-ratios are %v and %v, within ±%v", beta, x, y, target)
		}
	}
	const beta = 0.1 // 0.5·e⁵ is 74
	p := datatest.Bandit([]float64{0.5, 0.5}, data.Pair{0, 0, 1, 1})
	pi := policy(p, coretest.Trained(p, under("cal_dpo", beta, 0.01), 200_000))
	x, y := math.Log(pi[0]/0.5), math.Log(pi[1]/0.5)
	push := 1 / (1 + math.Exp(x-y))
	dx, dy := -push+2*(x-5), push+2*(y+5)
	oracle.Near(t, "the derivative along the simplex", pi[1]*dx-pi[0]*dy, 0, 1e-9)
	if !(x < math.Ln2) {
		t.Errorf("x = %v, want less than log 2", x)
	}
}

// The hinge pushes with β until h = 1/β, and then not at all.
func TestHingeStops(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 1})
	for _, beta := range []float64{0.1, 0.5, 2} {
		rate := 0.013 / (beta * beta)
		run := coretest.Trained(p, under("hinge", beta, rate), 1000)
		h := run.LogRatio(0) - run.LogRatio(1)
		if h < 1/beta || h >= 1/beta+2*rate*beta || run.Slope() != 0 {
			t.Errorf("β = %v: h = %v, slope %v; want from %v to %v, and 0", beta, h, run.Slope(), 1/beta, 1/beta+2*rate*beta)
		}
	}
}

// On one pair IPO's error is multiplied by 1 − 4η each step, whatever β.
func TestIPODivergesBeyondHalf(t *testing.T) {
	p := datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 1})
	for _, beta := range []float64{0.1, 1, 3} {
		target := 1 / (2 * beta)
		for _, rate := range []float64{0.1, 0.4, 0.49, 0.51, 0.6} {
			run := coretest.Trained(p, under("ipo", beta, rate), 50)
			got := (run.LogRatio(0) - run.LogRatio(1)) / target
			want := 1 - math.Pow(1-4*rate, 50)
			oracle.Near(t, "h over its target", got, want, 1e-9*(1+math.Abs(want)))
		}
		run := coretest.Trained(p, under("ipo", beta, 0.51), 10_000)
		if h := run.LogRatio(0); math.Abs(h) < 1e9 {
			t.Errorf("β = %v: at rate 0.51 h = %v, want no bound", beta, h)
		}
		oracle.Near(t, "h at rate 0.49 over its target", 2*coretest.Trained(p, under("ipo", beta, 0.49), 10_000).LogRatio(0)/target, 1, 1e-12)
	}
}

// Beyond all bounds the run stands still, what is measured are numbers, and
// nothing hangs.
func TestDivergenceIsSurvived(t *testing.T) {
	p := datatest.Bandit([]float64{1, 2, 3}, data.Pair{0, 0, 1, 2}, data.Pair{0, 1, 2, 1})
	run, m := train.NewTrainer(p, under("ipo", 0.5, 2)), train.NewMeter(p)
	var flow train.Flow
	before, now := make([]float64, 3), make([]float64, 3)
	for range 800 {
		copy(before, now)
		run.Advance(1)
		copy(now, p.LogRef)
		run.AddLogRatios(now, 0)
		flow.Between(before, now)
		m.Read(run, 0)
	}
	if loss := m.Measures().Loss; !(loss > 1e15) || math.IsInf(loss, 1) || before[0] != now[0] {
		t.Errorf("after a divergence the loss is %v, and the logits go from %v to %v", loss, before, now)
	}
}
