package core

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// featured returns two prompts of 3 and 4 replies with two features each.
func featured(r *rand.Rand) *Problem {
	d := &Dataset{}
	for _, n := range []int{3, 4} {
		p := Prompt{Replies: make([]Reply, n)}
		for k := range p.Replies {
			p.Reference = append(p.Reference, math.Exp(r.NormFloat64()))
			p.Replies[k].Features = []float64{r.NormFloat64(), r.NormFloat64()}
		}
		d.Prompts = append(d.Prompts, p)
	}
	return NewProblem(d)
}

// objectiveAt is J at weights, written without the code under test.
func objectiveAt(p *Problem, theta, rewards []float64, beta float64, leash Leash) (sum float64) {
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
			if leash == LeashK3Loss {
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
		p, beta, leash := featured(r), 0.2+r.Float64(), Leash(turn%2)
		rewards := make([]float64, p.Arms())
		for k := range rewards {
			rewards[k] = r.NormFloat64()
		}
		cfg := RLHFConfig{Beta: beta, Rule: sgdRule(0.5), Leash: leash, Policy: LinearPolicy}
		run := givenReward(p, cfg, rewards...)
		rewards = append([]float64(nil), run.Reward()...) // centred
		f := func(theta []float64) float64 { return -objectiveAt(p, theta, rewards, beta, leash) }
		for range 3 {
			theta := append([]float64(nil), run.Weights()...)
			near(t, "the objective", run.Objective(), -f(theta), 1e-12)
			run.Advance(1)
			for j, g := range fd.Gradient(nil, f, theta, &fd.Settings{Formula: fd.Central}) {
				near(t, "a step", run.Weights()[j]-theta[j], -0.5*g, 1e-8)
			}
		}
		run.Advance(200_000)
		near(t, "the slope in the end", run.Slope(), 0, 1e-9)
		result, err := optimize.Minimize(optimize.Problem{Func: f, Grad: func(g, x []float64) { fd.Gradient(g, f, x, &fd.Settings{Formula: fd.Central}) }},
			make([]float64, 2), &optimize.Settings{GradientThreshold: 1e-7}, &optimize.BFGS{})
		if result == nil {
			t.Fatal(err)
		}
		h := NewRewardHeading(run, 1)
		h.solve()
		d, from := h.Destination(), p.Offset[1]
		z := append([]float64(nil), p.LogRef[from:]...)
		run.AddLogRatios(z, from)
		nearAll(t, "where it is headed", exps(d.LogPi), exps(logNormalised(z)), 1e-7)
		if math.Abs(f(result.X)+run.Objective()) < 1e-7 { // else another top
			compared++
			near(t, "J there", -d.Loss, -f(result.X), 1e-9)
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
	d := &Dataset{Prompts: []Prompt{{Replies: []Reply{{}, {Features: []float64{1, 0}}, {Features: []float64{0, 1}}}, Reference: []float64{1, 2, 3}}}}
	p, rewards := NewProblem(d), []float64{1, -0.5, 0.3}
	run := givenReward(p, RLHFConfig{Beta: 0.5, Rule: sgdRule(0.5), Policy: LinearPolicy}, rewards...)
	h := NewRewardHeading(run, 0)
	h.solve()
	nearAll(t, "headed for", exps(h.Destination().LogPi), tilted([]float64{1, 2, 3}, rewards, 0.5), 1e-9)
	run.Advance(20_000)
	z := append([]float64(nil), p.LogRef...)
	run.AddLogRatios(z, 0)
	nearAll(t, "after a run", exps(logNormalised(z)), tilted([]float64{1, 2, 3}, rewards, 0.5), 1e-9)
}

// Whatever the estimator, the policy is log π_ref + Fθ, and steps allocate nothing.
func TestLinearSteppersKeepToTheirWeights(t *testing.T) {
	for name, start := range everyStepper() {
		r := start()
		w, ok := r.(interface{ Weights() []float64 })
		if !ok || w.Weights() == nil {
			continue
		}
		r.Advance(60)
		var p *Problem
		switch r := r.(type) {
		case *RLHF:
			p = r.p
		case *OnlineDPO:
			p = r.p
		}
		want := mat.NewVecDense(p.Arms(), nil)
		want.MulVec(mat.NewDense(p.Arms(), p.Dim, p.Features), mat.NewVecDense(p.Dim, w.Weights()))
		got := make([]float64, p.Arms())
		r.AddLogRatios(got, 0)
		nearAll(t, name, got, want.RawVector().Data, 1e-12)
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
	set := map[Param]float64{How: LearnByRLHF, EstimatorChoice: float64(ExactGradient), Source: FromVotes, Steps: 5000, Step: 5000}
	l := exhibit(t, "displacement", "", set)
	if !l.HasOptimum() || !l.CanArrive() || l.Destination == nil {
		t.Fatalf("no destination: %+v", l.Destination)
	}
	nearAll(t, "the run's end", policyOf(l), exps(l.Optimum.LogPi), 2e-3)
	online := exhibit(t, "displacement", "", map[Param]float64{How: LearnOnline, Source: FromVotes})
	if online.HasOptimum() {
		t.Error("online DPO of a linear policy is said to be headed for the tilt")
	}
}
