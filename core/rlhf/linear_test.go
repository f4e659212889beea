package rlhf_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/optimum"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// featured returns two prompts of 3 and 4 replies with two features each.
func featured(r *rand.Rand) *data.Problem {
	d := &data.Dataset{}
	for _, n := range []int{3, 4} {
		p := data.Prompt{Replies: make([]data.Reply, n)}
		for k := range p.Replies {
			p.Reference = append(p.Reference, math.Exp(r.NormFloat64()))
			p.Replies[k].Features = []float64{r.NormFloat64(), r.NormFloat64()}
		}
		d.Prompts = append(d.Prompts, p)
	}
	return data.NewProblem(d)
}

// objectiveAt is J at weights, written without the code under test.
func objectiveAt(p *data.Problem, theta, rewards []float64, beta float64, leash rlhf.Leash) (sum float64) {
	for i := range p.Prompts {
		from, to := p.Range(i)
		z, total := make([]float64, to-from), 0.0
		for k := from; k < to; k++ {
			z[k-from] = p.LogRef[k]
			for j, t := range theta {
				z[k-from] += t * p.Features[k*p.Dim+j]
			}
			total += math.Exp(z[k-from])
		}
		for k := from; k < to; k++ {
			logPi := z[k-from] - math.Log(total)
			if leash == rlhf.LeashK3Loss {
				sum += math.Exp(logPi)*rewards[k] - beta*math.Exp(p.LogRef[k])*(p.LogRef[k]-logPi)
			} else {
				sum += math.Exp(logPi) * (rewards[k] - beta*(logPi-p.LogRef[k]))
			}
		}
	}
	return sum / float64(len(p.Prompts))
}

// A step of the exact gradient goes along ∂J/∂θ, and the run ends, and is said to
// be headed, where gonum's BFGS finds J greatest.
func TestLinearPolicyUnderRLHF(t *testing.T) {
	r := rand.New(rand.NewPCG(101, 102))
	compared := 0
	for turn := range 12 {
		p, beta, leash := featured(r), 0.2+r.Float64(), rlhf.Leash(turn%2)
		rewards := make([]float64, p.Arms())
		for k := range rewards {
			rewards[k] = r.NormFloat64()
		}
		cfg := rlhf.Config{Beta: beta, Rule: coretest.SgdRule(0.5), Leash: leash, Policy: train.LinearPolicy}
		run := coretest.GivenReward(p, cfg, rewards...)
		rewards = append([]float64(nil), run.Reward()...) // centred
		f := func(theta []float64) float64 { return -objectiveAt(p, theta, rewards, beta, leash) }
		for range 3 {
			theta := append([]float64(nil), run.Weights()...)
			oracle.Near(t, "the objective", run.Objective(), -f(theta), 1e-12)
			run.Advance(1)
			for j, g := range fd.Gradient(nil, f, theta, &fd.Settings{Formula: fd.Central}) {
				oracle.Near(t, "a step", run.Weights()[j]-theta[j], -0.5*g, 1e-8)
			}
		}
		run.Advance(200_000)
		oracle.Near(t, "the slope in the end", run.Slope(), 0, 1e-9)
		result, err := optimize.Minimize(optimize.Problem{Func: f, Grad: func(g, x []float64) { fd.Gradient(g, f, x, &fd.Settings{Formula: fd.Central}) }},
			make([]float64, 2), &optimize.Settings{GradientThreshold: 1e-7}, &optimize.BFGS{})
		if result == nil {
			t.Fatal(err)
		}
		h := optimum.NewRewardHeading(run, 1)
		for !h.Work(math.MaxInt) {
		}
		d, from := h.Destination(), p.Offset[1]
		z := append([]float64(nil), p.LogRef[from:]...)
		run.AddLogRatios(z, from)
		oracle.NearAll(t, "where it is headed", oracle.Exps(d.LogPi), oracle.Exps(oracle.LogNormalised(z)), 1e-7)
		if math.Abs(f(result.X)+run.Objective()) < 1e-7 { // else another top
			compared++
			oracle.Near(t, "J there", -d.Loss, -f(result.X), 1e-9)
		}
		if !d.Finite || !(d.Gradient < 1e-9) {
			t.Errorf("%+v", d)
		}
	}
	if compared < 8 {
		t.Errorf("only %d tops were found by BFGS too", compared)
	}
}

// With a feature for each reply but one the weights reach every policy, and the
// optimum is the tilt.
func TestFullFeaturesAreATable(t *testing.T) {
	d := &data.Dataset{Prompts: []data.Prompt{{Replies: []data.Reply{{}, {Features: []float64{1, 0}}, {Features: []float64{0, 1}}}, Reference: []float64{1, 2, 3}}}}
	p, rewards := data.NewProblem(d), []float64{1, -0.5, 0.3}
	run := coretest.GivenReward(p, rlhf.Config{Beta: 0.5, Rule: coretest.SgdRule(0.5), Policy: train.LinearPolicy}, rewards...)
	h := optimum.NewRewardHeading(run, 0)
	for !h.Work(math.MaxInt) {
	}
	oracle.NearAll(t, "headed for", oracle.Exps(h.Destination().LogPi), coretest.Tilted([]float64{1, 2, 3}, rewards, 0.5), 1e-9)
	run.Advance(20_000)
	z := append([]float64(nil), p.LogRef...)
	run.AddLogRatios(z, 0)
	oracle.NearAll(t, "after a run", oracle.Exps(oracle.LogNormalised(z)), coretest.Tilted([]float64{1, 2, 3}, rewards, 0.5), 1e-9)
}

// Whatever the estimator, the policy is log π_ref + Fθ, and steps allocate nothing.
func TestLinearSteppersKeepToTheirWeights(t *testing.T) {
	for name, start := range coretest.EveryStepper() {
		r := start()
		w, ok := r.(interface{ Weights() []float64 })
		if !ok || w.Weights() == nil {
			continue
		}
		r.Advance(60)
		var p *data.Problem
		switch r := r.(type) {
		case *rlhf.RLHF:
			p = r.P
		case *rlhf.OnlineDPO:
			p = r.P
		}
		want := mat.NewVecDense(p.Arms(), nil)
		want.MulVec(mat.NewDense(p.Arms(), p.Dim, p.Features), mat.NewVecDense(p.Dim, w.Weights()))
		got := make([]float64, p.Arms())
		r.AddLogRatios(got, 0)
		oracle.NearAll(t, name, got, want.RawVector().Data, 1e-12)
		if moved := mat.Norm(want, 2); moved == 0 {
			t.Errorf("%s: nothing moved", name)
		}
		if n := testing.AllocsPerRun(20, func() { r.Advance(1) }); n > 0 {
			t.Errorf("%s: a step allocates %v times", name, n)
		}
	}
}

// On the page: a linear policy under RLHF is headed for a place, and gets there.
func TestLabOfLinearRLHF(t *testing.T) {
	set := map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.ExactGradient), core.Source: core.FromVotes, core.Steps: 5000, core.Step: 5000}
	l := coretest.Exhibit(t, "displacement", "", set)
	if !l.HasOptimum() || !l.CanArrive() || l.Destination == nil {
		t.Fatalf("no destination: %+v", l.Destination)
	}
	oracle.NearAll(t, "the run's end", coretest.PolicyOf(l), oracle.Exps(l.Optimum.LogPi), 2e-3)
	online := coretest.Exhibit(t, "displacement", "", map[core.Param]float64{core.How: core.LearnOnline, core.Source: core.FromVotes})
	if online.HasOptimum() {
		t.Error("online DPO of a linear policy is said to be headed for the tilt")
	}
}
