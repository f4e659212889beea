package core_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// randomConfig returns a full-batch configuration.
func randomConfig(r *rand.Rand) train.Config {
	cfg := train.Config{HyperParams: objective.HyperParams{Beta: math.Exp(r.Float64()*6 - 4.6)}, Rate: math.Exp(r.Float64()*4 - 2), Optimizer: r.IntN(2), Seed: r.Uint64() >> 32}
	if r.IntN(2) == 0 {
		cfg.Epsilon = 0.5 * r.Float64()
	}
	return cfg
}

// randomLogits returns k logits, of a size that varies from draw to draw.
func randomLogits(r *rand.Rand, k int) []float64 {
	size := math.Exp(r.Float64()*8 - 4)
	z := make([]float64, k)
	for i := range z {
		z[i] = size * r.NormFloat64()
	}
	return z
}

func TestSoftmaxProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for range 500 {
		z := randomLogits(r, 1+r.IntN(30))
		p, lp, q := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(z))
		num.Softmax(p, z)
		num.LogSoftmax(lp, z)
		oracle.Near(t, "Σ softmax", oracle.Sum(p), 1, 1e-14)
		oracle.NearAll(t, "log-softmax against an independent one", lp, oracle.LogNormalised(z), 1e-13*(1+maxAbs(z)))
		oracle.NearAll(t, "e^log-softmax", oracle.Exps(lp), p, 1e-13*(1+maxAbs(z)))
		shift := 100 * r.NormFloat64()
		for k := range z {
			z[k] += shift
		}
		num.Softmax(q, z)
		oracle.NearAll(t, "softmax of shifted logits", q, p, 1e-13*(1+math.Abs(shift)+maxAbs(z)))
	}
}

func maxAbs(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

// KL is not negative either way, is 0 for equal distributions and only for
// them, and agrees with Σ p (log p − log q) taken directly.
func TestKLProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for range 1000 {
		k := 2 + r.IntN(20)
		p, q := oracle.LogNormalised(randomLogits(r, k)), oracle.LogNormalised(randomLogits(r, k))
		if got := num.KL(p, p); got != 0 {
			t.Fatalf("KL(p‖p) = %v for %v", got, p)
		}
		for _, d := range [][2][]float64{{p, q}, {q, p}} {
			want := 0.0
			for i := range p {
				want += math.Exp(d[0][i]) * (d[0][i] - d[1][i])
			}
			got := num.KL(d[0], d[1])
			oracle.Near(t, "KL", got, want, 1e-12*(1+want))
			if !(got > 0) {
				t.Fatalf("KL = %v for %v and %v", got, d[0], d[1])
			}
		}
		// Very close: second order, Σ p x²/2 with x the centred log-ratio.
		near1, x := append([]float64(nil), p...), 1e-6*r.NormFloat64()
		near1[0] += x
		near1 = oracle.LogNormalised(near1)
		p0 := math.Exp(p[0])
		oracle.Near(t, "KL of neighbours", num.KL(p, near1), p0*(1-p0)*x*x/2, 1e-5*p0*x*x+1e-22)
	}
}

func TestKLWithZeros(t *testing.T) {
	none := math.Inf(-1)
	oracle.Near(t, "KL((1,0)‖(¼,¾))", num.KL([]float64{0, none}, oracle.Logs([]float64{1, 3})), math.Log(4), 1e-15)
	if got := num.KL(oracle.Logs([]float64{1, 3}), []float64{0, none}); !math.IsInf(got, 1) {
		t.Errorf("KL is %v where q is 0 and p is not, want +Inf", got)
	}
	oracle.Near(t, "KL((1,0)‖(1,0))", num.KL([]float64{0, none}, []float64{0, none}), 0, 0)
}

// E_π[r̂] = β KL(π‖π_ref) ≥ 0 and E_ref[r̂] ≤ 0, wherever training has got to.
func TestImplicitRewardIdentities(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		p := coretest.RandomProblem(r, 1+r.IntN(3), 9, 15)
		cfg := randomConfig(r)
		run, m := coretest.Trained(p, cfg, 1+r.IntN(60)), train.NewMeter(p)
		for i := range p.Prompts {
			from, to := p.Range(i)
			m.Look(run, i)
			reward := make([]float64, to-from)
			for k := range reward {
				reward[k] = cfg.Beta * m.LogRatio[from+k]
			}
			pi, ref := m.LogPi[from:to], p.LogRef[from:to]
			kl, scale := num.KL(pi, ref), 1e-12*(1+cfg.Beta*maxAbs(m.LogRatio[from:to]))
			oracle.Near(t, "E_π[r̂]", num.Expect(pi, reward), cfg.Beta*kl, scale)
			if num.Expect(ref, reward) > scale {
				t.Fatalf("E_ref[r̂] = %v", num.Expect(ref, reward))
			}
			oracle.Near(t, "Σ π", oracle.Sum(oracle.Exps(pi)), 1, 1e-12*(1+maxAbs(pi)))
		}
	}
}

// Flows are antisymmetric, sum to Δπ, and vanish when nothing moves, be it
// because no logit does or because all do alike. Moves of up to 20,000 nats
// occur: the learning rate goes up to 1000 and β up to 5.
func TestFlowProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var f train.Flow
	for n := range 600 {
		k := 2 + r.IntN(11)
		z0, z1 := randomLogits(r, k), make([]float64, k)
		size := math.Pow(10, 7*r.Float64()-3)
		for i := range z1 {
			z1[i] = z0[i]
			if n%3 > 0 || i < 2 {
				z1[i] += size * (2*r.Float64() - 1)
			}
		}
		checkFlow(t, &f, z0, z1)
		if t.Failed() {
			t.Fatalf("moves of up to %.3g nats from %v", size, z0)
		}
	}
}

func checkFlow(t *testing.T, f *train.Flow, z0, z1 []float64) {
	t.Helper()
	k := len(z0)
	f.Between(z0, z1)
	before, after := oracle.Exps(oracle.LogNormalised(z0)), oracle.Exps(oracle.LogNormalised(z1))
	for i := range z0 {
		oracle.Near(t, "what came to a reply", f.Gained(i), after[i]-before[i], 1e-10)
		for j := range z0 {
			if f.Net[i*k+j] != -f.Net[j*k+i] {
				t.Errorf("net(%d→%d) = %v, back %v", i, j, f.Net[i*k+j], f.Net[j*k+i])
			}
			// Mass goes to the logit that rises more.
			if g := (z1[j] - z0[j]) - (z1[i] - z0[i]); g*f.Net[i*k+j] < 0 {
				t.Errorf("net(%d→%d) = %v where the logits move apart by %v", i, j, f.Net[i*k+j], g)
			}
		}
	}
}

func TestFlowOfNothing(t *testing.T) {
	var f train.Flow
	f.Between([]float64{1, 2, 3}, []float64{1, 2, 3})
	f.Between([]float64{1, 2, 4}, []float64{3, 4, 6})
	for _, x := range f.Net {
		if x != 0 {
			t.Errorf("a common shift moves mass: %v", f.Net)
		}
	}
	if _, _, ok := f.MainGain(); ok {
		t.Error("somebody gained from nothing")
	}
}

// With two replies everything goes from one to the other.
func TestFlowOfTwo(t *testing.T) {
	var f train.Flow
	f.Between([]float64{0, 0}, []float64{1, -1})
	oracle.Near(t, "net(1→0)", f.Net[2], 1/(1+math.Exp(-2))-0.5, 1e-10)
	if gainer, giver, ok := f.MainGain(); gainer != 0 || giver != 1 || !ok {
		t.Errorf("%d gained from %d (%v), want 0 from 1", gainer, giver, ok)
	}
}

// numericGradient is the derivative of Measures.Loss by central differences.
func numericGradient(p *data.Problem, cfg train.Config, d []float64, arm int) float64 {
	loss := func(step float64) float64 {
		at := append([]float64(nil), d...)
		at[arm] += step
		run := train.NewTrainer(p, cfg)
		run.StartAt(at)
		return train.NewMeter(p).Read(run, 0).Loss
	}
	const h = 1e-4
	return (loss(h) - loss(-h)) / (2 * h)
}

// The full-batch gradient is that of the loss, and sums to 0 over each prompt.
func TestGradientAgainstDifferences(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 100 {
		p := coretest.RandomProblem(r, 1+r.IntN(2), 7, 12)
		cfg := randomConfig(r)
		run := coretest.Trained(p, cfg, r.IntN(20))
		d, g := make([]float64, p.Arms()), make([]float64, p.Arms())
		run.AddLogRatios(d, 0)
		coretest.AddGradient(run, g)
		for k := range g {
			oracle.Near(t, "dL/dz", g[k], numericGradient(p, cfg, d, k), 1e-6*cfg.Beta*(1+cfg.Beta*cfg.Beta))
		}
		for i := range p.Prompts {
			from, to := p.Range(i)
			oracle.Near(t, "Σ dL/dz over a prompt", oracle.Sum(g[from:to]), 0, 1e-15*(1+cfg.Beta))
		}
		oracle.Near(t, "slope", run.Slope(), maxAbs(g), 0)
	}
}

// An epoch of minibatches deals every vote exactly once, whether or not the
// batch divides the number of votes.
func TestMinibatchesDealEveryVoteOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 6))
	for range 60 {
		p := coretest.RandomProblem(r, 1+r.IntN(3), 6, 1+r.IntN(20))
		run := train.NewTrainer(p, train.Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1 + r.IntN(7), Seed: r.Uint64()})
		n := uint64(p.Total)
		for epoch := range uint64(3) {
			dealt := make([]data.Tally, len(p.Tallies))
			for i := epoch * n; i < (epoch+1)*n; i++ {
				if tally, forA := run.Votes.At(run.Position(i)); forA {
					dealt[tally].ForA++
				} else {
					dealt[tally].ForB++
				}
			}
			for i, want := range p.Tallies {
				if dealt[i].ForA != want.ForA || dealt[i].ForB != want.ForB {
					t.Fatalf("epoch %d, pair %d: dealt %v and %v of %v and %v", epoch, i, dealt[i].ForA, dealt[i].ForB, want.ForA, want.ForB)
				}
			}
		}
	}
}

// Epochs differ in their order, and so do seeds.
func TestMinibatchesAreShuffled(t *testing.T) {
	p := coretest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 500}, data.Pair{0, 1, 0, 500})
	run := train.NewTrainer(p, train.Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1, Seed: 1})
	other := train.NewTrainer(p, train.Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1, Seed: 2})
	epochs, seeds := 0, 0
	for i := range uint64(1000) {
		a, b, c := run.Position(i), run.Position(1000+i), other.Position(i)
		if a == b {
			epochs++
		}
		if a == c {
			seeds++
		}
	}
	// Two random orders of n things agree in 1 place on average, Poisson.
	if epochs > 12 || seeds > 12 {
		t.Errorf("orders agree in %d places across epochs, %d across seeds", epochs, seeds)
	}
}

// One step on a batch of all votes is the full-batch step, but for the order of
// sums.
func TestBatchOfAllIsFullBatch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	for range 100 {
		p := coretest.RandomProblem(r, 2, 6, 15)
		cfg := randomConfig(r)
		cfg.Optimizer = train.SGD
		full := coretest.Trained(p, cfg, 1)
		cfg.Batch = int(p.Total)
		dealt := coretest.Trained(p, cfg, 1)
		for k := range p.Arms() {
			oracle.Near(t, "d", dealt.LogRatio(k), full.LogRatio(k), 1e-13*cfg.Rate*cfg.Beta)
		}
	}
}

// From the exact population, votes are drawn as often as they count.
func TestPopulationMinibatchesAreDrawn(t *testing.T) {
	p := coretest.Bandit([]float64{1, 1, 1}, data.Pair{0, 0, 1, 0.75}, data.Pair{0, 1, 0, 0.25}, data.Pair{0, 0, 2, 0.5})
	run := train.NewTrainer(p, train.Config{HyperParams: objective.HyperParams{Beta: 1}, Batch: 1, Seed: 3})
	const n = 30_000
	var drawn [3]float64
	for i := range uint64(n) {
		switch tally, forA := run.Votes.At(run.Position(i)); {
		case tally == 1:
			drawn[2]++
		case forA:
			drawn[0]++
		default:
			drawn[1]++
		}
	}
	for i, share := range []float64{0.5, 1.0 / 6, 1.0 / 3} {
		oracle.Near(t, "share", drawn[i]/n, share, 5*math.Sqrt(share*(1-share)/n))
	}
}

// sameBits tells whether two trainers hold the same numbers.
func sameBits(a, b *train.Trainer) bool {
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
		p := coretest.RandomProblem(r, 2, 6, 12)
		cfg := randomConfig(r)
		cfg.Optimizer = n % 2
		if n%3 == 0 {
			cfg.Batch = 1 + r.IntN(9)
		}
		run, steps := train.NewRun(p, cfg), map[int]*train.Trainer{}
		for range 40 {
			step := r.IntN(1 << r.IntN(12))
			run.Seek(step)
			for !run.Work(1 + r.IntN(300)) {
			}
			if steps[step] == nil {
				steps[step] = coretest.Trained(p, cfg, step)
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

// A sweep is as many trainers, whatever the order of its targets.
func TestSweepIsIndependentTrainers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for n := range 6 {
		p := coretest.RandomProblem(r, 2, 5, 10)
		s := core.DefaultSettings()
		s[core.Optimizer], s[core.EqualSpeed] = float64(n%2), float64(n/2%2)
		if n == 5 {
			s[core.Batch] = 4
		}
		w := sweepTo(p, s, 1, coretest.FitScores(len(p.Prompts[1].Replies), p.VotesOf(1), 0).Score)
		for _, target := range []int{30, 7, 7, 100} {
			w.Seek(target)
			for !w.Work(1 + r.IntN(400)) {
			}
			m := train.NewMeter(p)
			from, to := p.Range(1)
			for i, beta := range w.Betas {
				m.Look(coretest.Trained(p, s.Config(beta), target), 1)
				if got, want := w.KL[i], num.KL(m.LogPi[from:to], p.LogRef[from:to]); got != want {
					t.Fatalf("β=%v after %d steps: KL %v, want %v", beta, target, got, want)
				}
			}
		}
		oracle.Near(t, "first β", w.Betas[0], 0.01, 1e-15)
		oracle.Near(t, "last β", w.Betas[core.SweepPoints-1], 5, 1e-12)
	}
}

// A finite fit is where the gradient vanishes, for any reference and β: fit
// once, and β only rescales it.
func TestOptimumIsStationary(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 10))
	finite := 0
	for range 200 {
		p := coretest.RandomProblem(r, 1, 6, 25)
		cfg := randomConfig(r)
		s := coretest.FitScores(p.Arms(), p.VotesOf(0), cfg.Epsilon)
		if !s.Finite {
			continue
		}
		finite++
		run := train.NewTrainer(p, cfg)
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

// AddLogRatios, LogRatio, StartAt and Advance agree on which arm is which.
func TestLogRatiosKeepTheirArms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 11))
	for range 100 {
		p := coretest.RandomProblem(r, 3, 6, 6)
		run := coretest.Trained(p, randomConfig(r), 5)
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
		again := train.NewTrainer(p, run.Cfg)
		again.StartAt(all)
		if again.Step = run.Step; !sameBits(again, run) {
			t.Fatal("StartAt with a run's log-ratios is not where the run stands")
		}
	}
}

func TestWarmPathsDoNotAllocate(t *testing.T) {
	p := coretest.RandomProblem(rand.New(rand.NewPCG(3, 12)), 2, 12, 40)
	m := train.NewMeter(p)
	for name, cfg := range map[string]train.Config{
		"SGD": {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1}, "Adam": {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 0.1, Optimizer: train.Adam},
		"minibatch": {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1, Batch: 7}, "smoothed": {HyperParams: objective.HyperParams{Beta: 0.5, Epsilon: 0.1}, Rate: 1, Batch: 7},
	} {
		run := train.NewTrainer(p, cfg)
		oracle.NoAllocations(t, name+" step", func() { run.Advance(1) })
		oracle.NoAllocations(t, "slope", func() { run.Slope() })
		oracle.NoAllocations(t, "look", func() { m.Look(run, 0) })
		oracle.NoAllocations(t, "read", func() { m.Read(run, 1) })
	}
	var f train.Flow
	var tilt scores.Tilt
	z0, z1 := make8(0), []float64{1, 2, 3, 4, 5, 6, 7, 8}
	oracle.NoAllocations(t, "flow", func() { f.Between(z0, z1) })
	oracle.NoAllocations(t, "tilt", func() { tilt.Set(logs8(), z1, 0.5) })
}

func logs8() []float64 { return eighth[:] }

var eighth = [8]float64{-2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415, -2.0794415}

// A run's checkpoints have room of their own and are used again once thinned
// out: beyond the first 64 checkpoints, a slice each, plus the growth of
// two lists, a run allocates nothing however long it is.
func TestRunStopsAllocating(t *testing.T) {
	p := coretest.RandomProblem(rand.New(rand.NewPCG(3, 13)), 1, 12, 40)
	for _, cfg := range []train.Config{{HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1}, {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 0.1, Optimizer: train.Adam}, {HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 1, Batch: 3}} {
		run := train.NewRun(p, cfg)
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

// Which pairs are compared, as drawn.
func TestCoverage(t *testing.T) {
	s := core.DefaultSettings()
	for _, row := range []struct {
		coverage float64
		k        int
		want     [][2]int
	}{
		{core.CoverAll, 3, [][2]int{{0, 1}, {0, 2}, {1, 2}}},
		{core.CoverChain, 4, [][2]int{{0, 1}, {1, 2}, {2, 3}}},
		{core.CoverFirst, 4, [][2]int{{0, 1}, {0, 2}, {0, 3}}},
		{core.CoverSeen, 4, [][2]int{{0, 1}, {0, 2}, {1, 2}}},
		{core.CoverSeen, 2, [][2]int{{0, 1}}},
		{core.CoverHalf, 2, [][2]int{{0, 1}}},
	} {
		s[core.Coverage] = row.coverage
		if got := core.compared(row.k, 0, &s); !slices.Equal(got, row.want) {
			t.Errorf("coverage %v of %d replies compares %v, want %v", row.coverage, row.k, got, row.want)
		}
	}
	s[core.Coverage] = core.CoverHalf
	times := map[[2]int]int{}
	for seed := range 400 {
		s[core.Seed] = float64(seed)
		half := core.compared(5, 0, &s)
		if len(half) != 5 {
			t.Fatalf("half of 10 pairs are %v", half)
		}
		for _, pair := range half {
			times[pair]++
		}
	}
	for pair, n := range times {
		oracle.Near(t, fmt.Sprint(pair, " in 400 draws of half"), float64(n), 200, 5*math.Sqrt(400*0.25))
	}
	if len(times) != 10 {
		t.Errorf("only %d pairs were ever drawn", len(times))
	}
}

// Votes are asked of every pair equally often up to one, number what was asked
// for, and side with a reply as often as Agreement says.
func TestVotesFollowAgreement(t *testing.T) {
	prompts := []data.Prompt{{Replies: []data.Reply{{Reward: 1}, {Reward: 0}, {Reward: -0.5}}}, {Replies: []data.Reply{{Reward: 0}, {Reward: 2}}}}
	s := core.DefaultSettings()
	s[core.Votes], s[core.Sharpness], s[core.Flip] = 20_000, 0.7, 0.1
	p, c := core.Prepare(&data.Dataset{Prompts: prompts, Rewarded: true}, &s, nil)
	if c != nil {
		t.Fatal(c)
	}
	if p.Total != 40_000 || p.Fractional || len(p.Tallies) != 4 {
		t.Fatalf("%v votes on %d pairs", p.Total, len(p.Tallies))
	}
	for _, tally := range p.Tallies {
		i := 0
		if tally.A >= 3 {
			i = 1
		}
		r := prompts[i].Replies
		gap := 0.7 * (r[tally.A-p.Offset[i]].Reward - r[tally.B-p.Offset[i]].Reward)
		clean := 1 / (1 + math.Exp(-gap))
		want, n := 0.9*clean+0.1*(1-clean), tally.ForA+tally.ForB
		oracle.Near(t, "votes on a pair", n, []float64{20_000.0 / 3, 20_000}[i], 1)
		oracle.Near(t, "share", tally.ForA/n, want, 5*math.Sqrt(want*(1-want)/n))
	}
}

// The three references: the data's, uniform, and drawn, peaked where the
// temperature is small and flat where it is large.
func TestReferences(t *testing.T) {
	data := &data.Dataset{Prompts: []data.Prompt{coretest.BanditPrompt([]float64{1, 3}), {Replies: make([]data.Reply, 5)}}, Rewarded: true}
	at := func(reference, temperature, seed float64) []float64 {
		s := core.DefaultSettings()
		s[core.Reference], s[core.Temperature], s[core.Seed] = reference, temperature, seed
		p, c := core.Prepare(data, &s, nil)
		if c != nil {
			t.Fatal(c)
		}
		return oracle.Exps(p.LogRef)
	}
	oracle.NearAll(t, "the data's", at(core.ReferencePreset, 1, 0), []float64{0.25, 0.75, 0.2, 0.2, 0.2, 0.2, 0.2}, 1e-15)
	oracle.NearAll(t, "uniform", at(core.ReferenceUniform, 1, 0), []float64{0.5, 0.5, 0.2, 0.2, 0.2, 0.2, 0.2}, 1e-15)
	// Log-ratios of drawn weights times the temperature are differences of two
	// standard normals: their variance is 2.
	square, n := 0.0, 2000
	for seed := range n {
		p := at(core.ReferenceDrawn, 3, float64(seed))
		oracle.Near(t, "Σ", oracle.Sum(p[:2]), 1, 1e-15)
		square += math.Pow(3*math.Log(p[2]/p[3]), 2)
	}
	oracle.Near(t, "variance", square/float64(n), 2, 5*2*math.Sqrt(2/float64(n)))
}

// Votes on the same pair add up, either way round, and parts of votes anywhere
// make the counts expectations.
func TestTalliesAddUp(t *testing.T) {
	p := coretest.Bandit([]float64{1, 1, 1}, data.Pair{0, 2, 0, 1}, data.Pair{0, 0, 1, 2}, data.Pair{0, 0, 2, 5}, data.Pair{0, 2, 0, 3})
	if want := []data.Tally{{0, 1, 2, 0}, {0, 2, 5, 4}}; !slices.Equal(p.Tallies, want) || p.Total != 11 || p.Fractional {
		t.Errorf("%+v, %v in all", p.Tallies, p.Total)
	}
	if got := p.VotesOf(0); !slices.Equal(got, []data.Pair{{0, 0, 1, 2}, {0, 0, 2, 5}, {0, 2, 0, 4}}) {
		t.Errorf("VotesOf gives %v", got)
	}
	if p := coretest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 0.5}, data.Pair{0, 1, 0, 2}); !p.Fractional {
		t.Error("half a vote is an expectation")
	}
}

// Settings refuse what their table does not allow, and say so.
func TestSettingsRefuse(t *testing.T) {
	s := core.DefaultSettings()
	for p := range core.ParamCount {
		info := &core.Params()[p]
		for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), info.Max + 1, info.Min - 1} {
			if again, c := s.With(p, x); c == nil || again != s || c.Field != info.Key {
				t.Errorf("%s = %v is allowed", info.Key, x)
			}
		}
		if again, c := s.With(p, info.Max); c != nil || again[p] != info.Max {
			t.Errorf("%s = %v is refused: %v", info.Key, info.Max, c)
		}
		if _, c := s.With(p, info.Min+0.5*math.Min(1, info.Max-info.Min)); (c != nil) != info.Whole {
			t.Errorf("%s: half a step is %v", info.Key, c)
		}
		if info.check(info.Default) != nil || info.Choices != nil && int(info.Max) != len(info.Choices)-1 {
			t.Errorf("%s: the table contradicts itself", info.Key)
		}
	}
}

// Where the policy all but gives up a reply that the reference says often, the
// divergence is still that of what is left: log 3 when one of three is kept.
func TestKLOfAPolicyThatGivesUpReplies(t *testing.T) {
	ref := []float64{-math.Log(3), -math.Log(3), -math.Log(3)}
	for _, lost := range []float64{-300, -700, -743, -745, -1000, math.Inf(-1)} {
		if got := num.KL([]float64{0, lost, lost}, ref); math.Abs(got-math.Log(3)) > 1e-12 {
			t.Errorf("two of three replies at log-probability %v: KL = %v, want log 3", lost, got)
		}
	}
}
