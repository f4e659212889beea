package optimum_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// linearProblem returns prompts of 2 to 5 replies with random features and votes
// on random pairs, each for one side, or both.
func linearProblem(r *rand.Rand, prompts, dim, pairs int, both bool) *data.Problem {
	d := &data.Dataset{}
	for range prompts {
		p := data.Prompt{Replies: make([]data.Reply, 2+r.IntN(4))}
		for k := range p.Replies {
			p.Reference = append(p.Reference, math.Exp(r.NormFloat64()))
			for range dim {
				p.Replies[k].Features = append(p.Replies[k].Features, r.NormFloat64())
			}
		}
		d.Prompts = append(d.Prompts, p)
	}
	for range pairs {
		i := r.IntN(prompts)
		k := len(d.Prompts[i].Replies)
		a := r.IntN(k)
		b := (a + 1 + r.IntN(k-1)) % k
		d.Pairs = append(d.Pairs, data.Pair{i, a, b, float64(1 + r.IntN(9))})
		if both {
			d.Pairs = append(d.Pairs, data.Pair{i, b, a, float64(1 + r.IntN(9))})
		}
	}
	return data.NewProblem(d)
}

func sharedCourse(p *data.Problem, key string, h objective.HyperParams) optimum.SharedCourse {
	o := objective.Named(key)
	filled := strayed(o, h.Beta)
	for _, u := range o.Uses {
		if given := *h.At(u.Hyper); given != 0 {
			*filled.At(u.Hyper) = given
		}
	}
	return optimum.SharedCourse{Problem: p, Config: train.Config{Objective: o, HyperParams: filled, Rate: 0.1, Policy: train.LinearPolicy}}
}

func findShared(c optimum.SharedCourse) *optimum.Destination {
	h := optimum.NewSharedHeading(c)
	for !h.Work(math.MaxInt) {
	}
	return h.Destination()
}

// tiltedAlong is π ∝ π_ref e^(reach·t), for one vote's direction.
func tiltedAlong(reference, reach []float64, t float64) []float64 {
	out, sum := make([]float64, len(reference)), 0.0
	for k := range out {
		out[k] = reference[k] * math.Exp(t*reach[k])
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}

// Likelihood displacement: the votes ask for θ₂ alone, which moves the three
// replies by 0, −1 and 1.
func TestDestinationsOfDisplacement(t *testing.T) {
	l := coretest.Exhibit(t, "displacement", "", nil)
	reference, reach := []float64{0.547, 0.331, 0.122}, []float64{0, -1, 1}
	find := func(key string, h objective.HyperParams) *optimum.Destination {
		return findShared(sharedCourse(l.Problem, key, h))
	}
	for _, beta := range []float64{0.1, 0.5, 3} {
		for _, key := range []string{"dpo", "sigmoid_norm", "dpo_reference_free", "fdiv_js", "aot"} {
			d := find(key, objective.HyperParams{Beta: beta})
			if oracle.NearAll(t, key, oracle.Exps(d.LogPi), []float64{0, 0, 1}, 1e-12); d.Finite {
				t.Errorf("%s is said to arrive", key)
			}
		}
		h := objective.HyperParams{Beta: beta, Epsilon: 0.2}
		oracle.NearAll(t, "cDPO", oracle.Exps(find("cdpo", h).LogPi), tiltedAlong(reference, reach, math.Log(4)/beta), 1e-9)
		oracle.NearAll(t, "IPO", oracle.Exps(find("ipo", h).LogPi), tiltedAlong(reference, reach, 1/(2*beta)), 1e-9)
		oracle.NearAll(t, "hinge", oracle.Exps(find("hinge", h).LogPi), tiltedAlong(reference, reach, 1/beta), 2e-3/beta)
		if d := find("rdpo", h); d.Kind != optimum.KindUnbounded || math.Exp(d.LogPi[2]) != 1 {
			t.Errorf("rDPO: %+v", d)
		}
		// DPOP holds the chosen reply where it starts, and the other two share the rest.
		d := find("dpop", h)
		oracle.NearAll(t, "DPOP", oracle.Exps(d.LogPi), []float64{0.547, 0, 0.453}, 2e-3) // a limit, on the way to which kinks are rounded
	}
	d := find("dpo", objective.HyperParams{Beta: 0.5})
	if d.Kind != optimum.KindLimit || !d.Closed || !d.Shared {
		t.Errorf("DPO: %+v", d)
	}
	oracle.Near(t, "KL", d.KL, -math.Log(0.122), 1e-12)
	if d := find("sft", objective.HyperParams{Beta: 0.5}); d.Kind != optimum.KindUnanchored || d.Finite {
		t.Errorf("SFT: %q, finite %v", d.Kind, d.Finite)
	}
}

// TestLinearDestinationsAgainstBFGS minimises convex losses over θ by gonum's
// BFGS, from a start of its own.
func TestLinearDestinationsAgainstBFGS(t *testing.T) {
	r := rand.New(rand.NewPCG(91, 92))
	for _, key := range []string{"dpo", "cdpo", "ipo", "rdpo", "simpo", "dpo_reference_free", "sft", "exo_pair"} {
		compared := 0
		for turn := range 12 {
			dim := 1 + turn%4
			p := linearProblem(r, 1+turn%3, dim, 4*dim+6, true)
			c := sharedCourse(p, key, objective.HyperParams{Beta: 0.3 + r.Float64(), Epsilon: 0.1})
			c.Prompt = r.IntN(len(p.Prompts))
			d := findShared(c)
			if key == "rdpo" && d.Kind == optimum.KindUnbounded {
				continue
			}
			if !d.Finite {
				t.Errorf("%s: %+v", key, d)
				continue
			}
			run, meter := train.NewTrainer(p, c.Config), train.NewMeter(p)
			loss := func(theta []float64) float64 {
				run.StartAt(make([]float64, p.Arms()))
				copy(run.Params, theta)
				run.Linear.ToLogits(run)
				return meter.Read(run, c.Prompt).Loss
			}
			problem := optimize.Problem{Func: loss, Grad: func(g, theta []float64) {
				loss(theta)
				clear(g)
				coretest.AddWeightGradient(run, g)
			}}
			result, _ := optimize.Minimize(problem, make([]float64, dim), &optimize.Settings{GradientThreshold: 1e-9, MajorIterations: 3000}, &optimize.BFGS{})
			g := make([]float64, dim)
			problem.Grad(g, result.X)
			if num.Dot(g, g) > 1e-14 || d.Kind == optimum.KindStart && math.Abs(loss(result.X)-d.Loss) > 1e-9 {
				continue // it gave up, or found another valley
			}
			loss(result.X)
			from, to := p.Range(c.Prompt)
			oracle.NearAll(t, key, oracle.Exps(d.LogPi), oracle.Exps(meter.LogPi[from:to]), 1e-5)
			oracle.Near(t, key+" loss", d.Loss, loss(result.X), 1e-9)
			if compared++; !(d.Gradient < 1e-9) {
				t.Errorf("%s: gradient %v", key, d.Gradient)
			}
		}
		if compared < 6 {
			t.Errorf("%s: only %d minima could be compared", key, compared)
		}
	}
}

// TestLinearDestinationsInKinks holds DPOP's destinations, which are often in a kink,
// to the lowest place that gonum's Nelder–Mead method finds, which takes no slope.
func TestLinearDestinationsInKinks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(195, 96))
	bent := 0
	for turn := range 16 {
		p := linearProblem(r, 1+turn%3, 2, 6, true)
		c := sharedCourse(p, "dpop", objective.HyperParams{Beta: 0.3 + r.Float64(), Lambda: 1 + 5*r.Float64()})
		run, meter := train.NewTrainer(p, c.Config), train.NewMeter(p)
		loss := func(theta []float64) float64 {
			copy(run.Params, theta)
			run.Linear.ToLogits(run)
			return meter.Read(run, c.Prompt).Loss
		}
		x := make([]float64, p.Dim)
		for range 12 { // a simplex may collapse
			result, _ := optimize.Minimize(optimize.Problem{Func: loss}, x,
				&optimize.Settings{FuncEvaluations: 4000, Converger: &optimize.FunctionConverge{Absolute: 1e-15, Iterations: 200}}, &optimize.NelderMead{SimplexSize: 0.1})
			x = result.X
		}
		d := findShared(c)
		oracle.Near(t, "loss", d.Loss, loss(x), 1e-6)
		from, to := p.Range(c.Prompt)
		oracle.NearAll(t, "π", oracle.Exps(d.LogPi), oracle.Exps(meter.LogPi[from:to]), 1e-6)
		if d.Bent {
			bent++
		}
	}
	if bent < 8 {
		t.Errorf("only %d destinations are in a kink", bent)
	}
}

// TestLinearDestinationsAgainstRuns: a run that comes to rest does so where it is
// said to, and most get there. The others are slow.
func TestLinearDestinationsAgainstRuns(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(95, 96))
	answered, there := 0, 0
	for i := range objective.All() {
		for turn := range 4 {
			p := linearProblem(r, 2, 2, 6, turn%2 == 0)
			c := sharedCourse(p, objective.All()[i].Key, objective.HyperParams{Beta: 0.5})
			d := findShared(c)
			if d.LogPi == nil || d.Within > 1e-3 {
				continue // not known, or on edge
			}
			run, meter := train.NewTrainer(p, c.Config), train.NewMeter(p)
			run.Advance(100_000)
			meter.ReadPrompt(run, 0)
			from, to := p.Range(0)
			off, slope := optimum.Apart(meter.LogPi[from:to], d.LogPi), run.Slope()
			switch {
			case d.Finite && slope < 1e-10 && off > 1e-6:
				t.Errorf("%s: headed for %.6f (%s), but at rest off by %v", c.Config.Objective.Key, oracle.Exps(d.LogPi), d.Kind, off)
			case !d.Finite && slope < 1e-10:
				t.Errorf("%s: never arrives (%s), but is at rest", c.Config.Objective.Key, d.Kind)
			case !d.Finite && off < 0.05 || d.Finite && off < 1e-6:
				there++
			}
			answered++
		}
	}
	if t.Logf("%d of %d runs are there", there, answered); answered < 80 || there < answered*3/4 {
		t.Errorf("%d of %d runs are there", there, answered)
	}
}

// TestSharedDestinationsInSlices: the answer does not depend on the slices.
func TestSharedDestinationsInSlices(t *testing.T) {
	r := rand.New(rand.NewPCG(97, 98))
	for i := range objective.All() {
		c := sharedCourse(linearProblem(r, 3, 3, 8, i%2 == 0), objective.All()[i].Key, objective.HyperParams{Beta: 0.5})
		want := findShared(c)
		h := optimum.NewSharedHeading(c)
		for !h.Work(500) {
		}
		got := h.Destination()
		if !slices.Equal(got.LogPi, want.LogPi) || got.Kind != want.Kind {
			t.Errorf("%s: %v in slices, %v at once", objective.All()[i].Key, got, want)
		}
	}
}

// β only rescales where a loss of margins leads: a sweep has the destinations of
// all β from one.
func TestSweepOfLinearOptima(t *testing.T) {
	for _, set := range []map[core.Param]float64{{}, {core.Beta: 0.2, core.Steps: 50}} {
		for _, objective := range []string{"dpo", "cdpo", "ipo"} {
			l := coretest.Exhibit(t, "shared", objective, set)
			l.WantSweep(true)
			coretest.SettleLab(l, 4096)
			for i := 0; i < core.SweepPoints; i += 8 {
				c := optimum.SharedCourse{l.Problem, l.Config(l.Sweep.Betas[i]), l.Prompt()}
				oracle.Near(t, objective, l.Sweep.AtOptimum[i], findShared(c).KL, 1e-8)
			}
		}
	}
}

// TestLargeSharedDestinationsEnd: where following the descent takes too long, it
// is given up and said to be.
func TestLargeSharedDestinationsEnd(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes a second")
	}
	r := rand.New(rand.NewPCG(99, 100))
	d := findShared(sharedCourse(linearProblem(r, 1000, 16, 5000, true), "kto", objective.HyperParams{Beta: 0.5}))
	if d.Kind != optimum.KindUnknown || d.LogPi != nil {
		t.Errorf("%+v", d)
	}
}

// TestCoupledDestinations: a loss that couples the votes of several questions is
// followed on all their tables together.
func TestCoupledDestinations(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(111, 112))
	there, answered := 0, 0
	for _, key := range []string{"kto", "aot", "aot_unpaired"} {
		for range 6 {
			c := sharedCourse(linearProblem(r, 2, 1, 6, true), key, objective.HyperParams{Beta: 0.5})
			c.Config.Policy, c.Config.Rate = train.TabularPolicy, 0.5
			d := findShared(c)
			if d.LogPi == nil || d.Within > 1e-3 {
				continue
			}
			answered++
			run, meter := train.NewTrainer(c.Problem, c.Config), train.NewMeter(c.Problem)
			run.Advance(200_000)
			meter.ReadPrompt(run, 0)
			from, to := c.Problem.Range(0)
			off, slope := optimum.Apart(meter.LogPi[from:to], d.LogPi), run.Slope()
			if d.Finite && slope < 1e-10 && off > 1e-6 || d.Shared {
				t.Errorf("%s: %+v, but at rest off by %v", key, d, off)
			}
			if off < 0.02 {
				there++
			}
		}
	}
	if answered < 9 || there < answered*3/4 {
		t.Errorf("%d of %d runs are there", there, answered)
	}
}
