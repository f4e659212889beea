package optimum_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

func course(key string, p objective.HyperParams, reference []float64, votes ...data.Pair) optimum.Course {
	o := objective.Named(key)
	filled := strayed(o, p.Beta)
	for _, u := range o.Uses {
		if given := *p.At(u.Hyper); given != 0 {
			*filled.At(u.Hyper) = given
		}
	}
	return optimum.Course{Loss: o.With(filled), LogRef: oracle.Logs(reference), Votes: votes}
}

// strayed returns the objective's hyper-parameters at their defaults, and those
// that it does not use as the page has them if nothing is said, which is not 0.
func strayed(o *objective.Objective, beta float64) objective.HyperParams {
	s := core.DefaultSettings()
	p := s.Hypers(beta)
	for _, u := range o.Uses {
		*p.At(u.Hyper) = u.Default
	}
	return p
}

// TestForwardKLExactly: where votes are as r says, f(π/π_ref) = −π_ref/π is (r − c)/β,
// and so π = β π_ref/(c − r), with c such that the probabilities add up to 1.
func TestForwardKLExactly(t *testing.T) {
	for _, c := range []struct{ beta, kl float64 }{{0.5, 0.38756}, {0.1, 1.2517}} {
		set := map[core.Param]float64{core.Source: core.FromPopulation, core.Beta: c.beta}
		set[core.ObjectiveChoice] = core.DefaultSettings().Choose("fdiv_forward_kl")[core.ObjectiveChoice]
		l := coretest.NewLab(t, "tyre", set)
		ref, r := oracle.Exps(l.Reference()), []float64{}
		for _, reply := range l.Problem.Prompts[0].Replies {
			r = append(r, reply.Reward)
		}
		want := make([]float64, len(r))
		low, high := slices.Max(r), slices.Max(r)+10
		for range 200 {
			sum, mid := 0.0, (low+high)/2
			for k := range r {
				want[k] = c.beta * ref[k] / (mid - r[k])
				sum += want[k]
			}
			if sum > 1 {
				low = mid
			} else {
				high = mid
			}
		}
		kl := 0.0
		for k, p := range want {
			kl += p * math.Log(p/ref[k])
		}
		oracle.Near(t, "KL of the closed form", kl, c.kl, 5e-5)
		oracle.Near(t, "KL at the optimum", l.Optimum.KL, kl, 1e-9)
		oracle.NearAll(t, "π at the optimum", oracle.Exps(l.Optimum.LogPi), want, 1e-9)
	}
}

// TestDestinationsReadTheirOwnHyperParams: what an objective does not use, however
// odd, moves its destination by nothing, on a table and on shared weights.
func TestDestinationsReadTheirOwnHyperParams(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		plain, odd := o.Defaults(0.5), objective.HyperParams{0.5, 0.3, 3, 2, 1.7, -4, 0.2, 0.7, 9, 0.1, 6, 0.9}
		for _, u := range o.Uses {
			*odd.At(u.Hyper) = *plain.At(u.Hyper)
		}
		c := presetCourse(t, &core.Presets(func(key string) string { return key })[0], 0, o, 0.5)
		c.Loss = o.With(plain)
		want := coretest.FindDestination(c)
		c.Loss = o.With(odd)
		if got := coretest.FindDestination(c); !slices.Equal(got.LogPi, want.LogPi) || got.Kind != want.Kind {
			t.Errorf("%s: %v, else %v", o.Key, oracle.Exps(got.LogPi), oracle.Exps(want.LogPi))
		}
		if o.Key == "dpo" {
			odd.Epsilon = 0 // with it, DPO is cDPO
		}
		p := sharedProblem(t)
		find := func(h objective.HyperParams) *optimum.Destination {
			return findShared(optimum.SharedCourse{p, train.Config{Objective: o, HyperParams: h, Rate: 0.1, Policy: train.LinearPolicy}, 0})
		}
		if a, b := find(plain), find(odd); !slices.Equal(a.LogPi, b.LogPi) || a.Kind != b.Kind {
			t.Errorf("%s, shared weights: %v, else %v", o.Key, oracle.Exps(b.LogPi), oracle.Exps(a.LogPi))
		}
	}
}

func sharedProblem(t *testing.T) *data.Problem {
	presets := core.Presets(func(key string) string { return key })
	e := core.FindPreset(presets, "displacement").Start()
	p, complaint := core.Prepare(e.Dataset(presets), &e.Settings, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	return p
}

func wantDestination(t *testing.T, what string, c optimum.Course, kind optimum.DestinationKind, want []float64, tolerance float64) *optimum.Destination {
	t.Helper()
	d := coretest.FindDestination(c)
	if d.Kind != kind || d.Finite != (kind == optimum.KindUnique || kind == optimum.KindFamily || kind == optimum.KindStart) && kind != optimum.KindUnanchored {
		t.Errorf("%s: kind %q, finite %v, want %q", what, d.Kind, d.Finite, kind)
	}
	if want != nil {
		oracle.NearAll(t, what, oracle.Exps(d.LogPi), want, tolerance)
	}
	return d
}

// The exact rows of what a bandit shows.
func TestDestinationsKnownExactly(t *testing.T) {
	two, three := []float64{1, 1}, []float64{1, 1, 1}
	always := datatest.Vote(0, 1, 3)
	for _, beta := range []float64{0.1, 1, 5} {
		p := objective.HyperParams{Beta: beta}
		wantDestination(t, "DPO, one way", course("dpo", p, two, always), optimum.KindLimit, []float64{1, 0}, 0)
		s := 1 / (1 + math.Exp(-1/(2*beta)))
		wantDestination(t, "IPO, one way", course("ipo", p, two, always), optimum.KindUnique, []float64{s, 1 - s}, 1e-14)
		wantDestination(t, "IPO, three in order", course("ipo", p, three, datatest.Vote(0, 1, 1), datatest.Vote(1, 2, 1), datatest.Vote(0, 2, 1)),
			optimum.KindUnique, coretest.Boltzmann(three, []float64{1.0 / 3, 0, -1.0 / 3}, beta), 1e-14)
		missing := []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(1, 0, 1), datatest.Vote(0, 2, 1)}
		wantDestination(t, "IPO, missing comparison", course("ipo", p, three, missing...), optimum.KindUnique,
			coretest.Boltzmann(three, []float64{0, 0, -0.5}, beta), 1e-14)
		wantDestination(t, "DPO, missing comparison", course("dpo", p, three, missing...), optimum.KindLimit, []float64{0.5, 0.5, 0}, 1e-14)
		ring := []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(1, 2, 1), datatest.Vote(2, 0, 1)}
		wantDestination(t, "IPO, a cycle", course("ipo", p, []float64{1, 2, 3}, ring...), optimum.KindUnique, []float64{1.0 / 6, 2.0 / 6, 0.5}, 1e-14)
		wantDestination(t, "cDPO, one way", course("cdpo", objective.HyperParams{Beta: beta, Epsilon: 0.2}, two, always), optimum.KindUnique,
			coretest.Boltzmann(two, []float64{math.Log(4), 0}, beta), 1e-12)
		wantDestination(t, "rDPO, one way", course("rdpo", objective.HyperParams{Beta: beta, Epsilon: 0.2}, two, always), optimum.KindUnbounded, []float64{1, 0}, 1e-9)
		wantDestination(t, "DPOP, one way", course("dpop", p, three, datatest.Vote(0, 1, 1), datatest.Vote(0, 2, 1)), optimum.KindLimit, []float64{1, 0, 0}, 1e-6)
		wantDestination(t, "EXO, a chain", course("exo_pair", objective.HyperParams{Beta: beta, Epsilon: 0.1}, three, datatest.Vote(0, 1, 3), datatest.Vote(1, 0, 1), datatest.Vote(1, 2, 5)),
			optimum.KindUnique, coretest.Boltzmann(three, []float64{1.5 * math.Log(9), math.Log(9), 0}, beta), 1e-12)
	}
	oracle.Near(t, "IPO at β = 1", math.Exp(coretest.FindDestination(course("ipo", objective.HyperParams{Beta: 1}, two, always)).LogPi[0]), 0.622, 5e-4)
	oracle.Near(t, "IPO at β = .1", math.Exp(coretest.FindDestination(course("ipo", objective.HyperParams{Beta: 0.1}, two, always)).LogPi[0]), 0.9933, 5e-5)
}

// KTO goes all the way to the majority, though it is the minority of the reference.
func TestDestinationMinorityBeatsMajority(t *testing.T) {
	votes := []data.Pair{datatest.Vote(0, 1, 0.6), datatest.Vote(1, 0, 0.4)}
	ref := []float64{0.05, 0.95}
	d := wantDestination(t, "DPO", course("dpo", objective.HyperParams{Beta: 0.5}, ref, votes...), optimum.KindUnique, nil, 0)
	oracle.Near(t, "DPO", math.Exp(d.LogPi[0]), 0.106, 5e-4)
	for _, rule := range []optimum.BaselineRule{optimum.BatchBaseline, optimum.ExactBaseline} {
		c := course("kto", objective.HyperParams{Beta: 0.5}, ref, votes...)
		c.Baseline = rule
		wantDestination(t, fmt.Sprint("KTO with baseline ", rule), c, optimum.KindLimit, []float64{1, 0}, 1e-9)
	}
	wantDestination(t, "apo_zero", course("apo_zero", objective.HyperParams{Beta: 0.5}, ref, votes...), optimum.KindLimit, []float64{1, 0}, 1e-9)
}

// With labels flipped at a known rate rDPO recovers the clean optimum; DPO and,
// still more, cDPO stay nearer to the reference.
func TestDestinationsUnderNoise(t *testing.T) {
	rewards, ref, eps, beta := []float64{1, 0.2, -0.4, -0.8}, []float64{0.1, 0.4, 0.3, 0.2}, 0.2, 0.5
	var noisy []data.Pair
	for i := range rewards {
		for j := range rewards {
			if i != j {
				p := 1 / (1 + math.Exp(rewards[j]-rewards[i]))
				noisy = append(noisy, datatest.Vote(i, j, (1-eps)*p+eps*(1-p)))
			}
		}
	}
	p := objective.HyperParams{Beta: beta, Epsilon: eps}
	clean := coretest.Boltzmann(ref, rewards, beta)
	robust := wantDestination(t, "rDPO", course("rdpo", p, ref, noisy...), optimum.KindUnique, clean, 1e-9)
	plain := wantDestination(t, "DPO", course("dpo", p, ref, noisy...), optimum.KindUnique, nil, 0)
	cautious := wantDestination(t, "cDPO", course("cdpo", p, ref, noisy...), optimum.KindUnique, nil, 0)
	if !(robust.KL > plain.KL && plain.KL > cautious.KL) {
		t.Errorf("KL: rDPO %v, DPO %v, cDPO %v", robust.KL, plain.KL, cautious.KL)
	}
}

// A margin that reaches the hinge, or χPO's clip, is pushed no further.
func TestDestinationsThatStop(t *testing.T) {
	for _, beta := range []float64{0.2, 1, 4} {
		p := objective.HyperParams{Beta: beta, RMax: 1}
		u := func(d *optimum.Destination, f func(x float64) float64) float64 {
			return beta * (f(d.LogPi[0]) - f(d.LogPi[1]))
		}
		d := wantDestination(t, "hinge", course("hinge", p, []float64{1, 1}, datatest.Vote(0, 1, 2), datatest.Vote(1, 0, 1)), optimum.KindStart, nil, 0)
		oracle.Near(t, "hinge stops at u", u(d, func(x float64) float64 { return x }), 1, 1e-9)
		d = wantDestination(t, "χPO", course("chi_po", p, []float64{1, 1}, datatest.Vote(0, 1, 2)), optimum.KindStart, nil, 0)
		oracle.Near(t, "χPO stops at u", u(d, func(x float64) float64 { return x + 2*math.Exp(x) }), 2, 0.06)
	}
	d := wantDestination(t, "balanced hinge", course("hinge", objective.HyperParams{Beta: 1}, []float64{1, 3}, datatest.Vote(0, 1, 1), datatest.Vote(1, 0, 1)), optimum.KindStart, []float64{0.25, 0.75}, 1e-15)
	oracle.Near(t, "its loss", d.Loss, 1, 1e-12)
}

// TestHingeGivesUp: a long chain of replies is worked out or given up, and the work
// ends.
func TestHingeGivesUp(t *testing.T) {
	t.Parallel()
	for _, n := range []int{100, 1000} {
		ref, votes := make([]float64, n), []data.Pair{}
		for k := range ref {
			if ref[k] = math.Exp(math.Sin(float64(k))); k > 0 {
				votes = append(votes, datatest.Vote(k-1, k, float64(5+k%4)), datatest.Vote(k, k-1, float64(1+k%3)))
			}
		}
		h := optimum.NewHeading(course("hinge", objective.HyperParams{Beta: 0.5}, ref, votes...))
		slices := 0
		for !h.Work(scores.WorkBudget) {
			if slices++; slices > optimum.Patience/scores.WorkBudget {
				t.Fatalf("%d replies: no end after %d slices", n, slices)
			}
		}
		if d := h.Destination(); n == 100 && !(d.Kind == optimum.KindStart && d.Gradient < 1e-9) || d.Kind == optimum.KindUnknown && d.LogPi != nil {
			t.Errorf("%d replies: %s, gradient %v", n, d.Kind, d.Gradient)
		}
	}
}

// TestBentDestinations: DPOP on rare replies stops where a chosen reply is as likely as in the
// reference, where its loss bends; without a penalty it is DPO, and smooth.
func TestBentDestinations(t *testing.T) {
	presets := core.Presets(func(key string) string { return key })
	c := presetCourse(t, core.FindPreset(presets, "rare"), 0, objective.Named("dpop"), 0.5)
	d, nearest := coretest.FindDestination(c), math.Inf(1)
	for k, l := range d.LogPi {
		nearest = min(nearest, math.Abs(l-c.LogRef[k]))
	}
	if !d.Bent || !(nearest < 1e-5) {
		t.Errorf("DPOP: bent %v, and the log-ratio nearest to 0 is %v", d.Bent, nearest)
	}
	p := c.Loss.Params
	p.Lambda = 0
	if c.Loss = c.Loss.Objective.With(p); coretest.FindDestination(c).Bent {
		t.Error("DPOP with λ = 0 is bent")
	}
	if c.Loss = objective.Named("hinge").With(p); !coretest.FindDestination(c).Bent {
		t.Error("the hinge is not bent")
	}
}

// Kinds that say what is open: a family, no anchor, no votes.
func TestDestinationsThatLeaveSomethingOpen(t *testing.T) {
	ref := []float64{0.1, 0.6, 0.3}
	one := []data.Pair{datatest.Vote(0, 1, 2), datatest.Vote(1, 0, 1)}
	root := math.Sqrt(0.1 * 0.6)
	h := math.Log(2) // of scores, at β = 1
	want := []float64{root * math.Exp(h/2), root * math.Exp(-h/2), 0.3}
	sum := want[0] + want[1] + want[2]
	for k := range want {
		want[k] /= sum
	}
	// Without a reference the two share e^(their mean logit) by the votes alone.
	wantDestination(t, "dpo_reference_free", course("dpo_reference_free", objective.HyperParams{Beta: 1}, ref, one...), optimum.KindUnanchored, nil, 0)
	d := coretest.FindDestination(course("dpo_reference_free", objective.HyperParams{Beta: 1}, ref, one...))
	oracle.NearAll(t, "dpo_reference_free", oracle.Exps(d.LogPi), want, 1e-12)
	wantDestination(t, "IPO", course("ipo", objective.HyperParams{Beta: 1}, ref, one...), optimum.KindFamily, nil, 0)
	wantDestination(t, "no votes", course("ipo", objective.HyperParams{Beta: 1}, ref), optimum.KindFamily, ref, 1e-15)
	sft := coretest.FindDestination(course("sft", objective.HyperParams{Beta: 1}, ref, datatest.Vote(0, 1, 3), datatest.Vote(1, 2, 1)))
	oracle.NearAll(t, "sft", oracle.Exps(sft.LogPi), []float64{0.75, 0.25, 0}, 1e-15)
	if sft.Kind != optimum.KindUnanchored || sft.Finite {
		t.Errorf("sft with a reply that was never chosen: %q, finite %v", sft.Kind, sft.Finite)
	}
}

// TestDestinationsThatHangOnTheStart: χPO is flat where its margins are clipped, so a
// start there stays; and without a reference the start fixes what no vote does.
func TestDestinationsThatHangOnTheStart(t *testing.T) {
	votes := []data.Pair{datatest.Vote(0, 1, 3), datatest.Vote(1, 0, 2), datatest.Vote(1, 2, 3), datatest.Vote(2, 1, 2)}
	c := course("chi_po", objective.HyperParams{Beta: 5, RMax: 1}, []float64{1, 1, 1}, votes...)
	near := coretest.FindDestination(c)
	c.Start = []float64{0, -20, 0}
	far := coretest.FindDestination(c)
	if near.Kind != optimum.KindStart || !near.FromStart || near.Clipped || !far.Clipped || optimum.Apart(near.LogPi, far.LogPi) < 0.01 {
		t.Errorf("χPO: %+v from the reference, %+v from where margins are clipped", near, far)
	}
	for _, replies := range []int{2, 3} {
		free := coretest.FindDestination(course("dpo_reference_free", objective.HyperParams{Beta: 1}, []float64{1, 2, 3}[:replies], votes[:2]...))
		if free.Kind != optimum.KindUnanchored || free.FromStart != (replies == 3) {
			t.Errorf("DPO without reference, %d replies: %+v", replies, free)
		}
	}
}

// TestDestinationsAgainstBFGS minimises smooth losses by gonum's BFGS, from a
// start of its own, on random votes that go both ways.
func TestDestinationsAgainstBFGS(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 72))
	compared := map[string]int{}
	keys := []string{"dpo", "cdpo", "ipo", "rdpo", "simpo", "sigmoid_norm", "ipo_norm", "dpo_reference_free",
		"nca_pair", "bco_pair", "sppo_hard", "sft", "fdiv_js", "fdiv_forward_kl", "fdiv_alpha", "chi_po"}
	for _, key := range keys {
		for range 12 {
			c := randomCourse(r, key)
			d := coretest.FindDestination(c)
			if !d.Finite {
				t.Errorf("%s: %s", key, d.Kind)
				continue
			}
			if d.Kind != optimum.KindUnique && d.Kind != optimum.KindUnanchored && !(key == "chi_po" && !d.Clipped) {
				continue // another start may lead elsewhere
			}
			p := newPlainDescender(c)
			problem := optimize.Problem{
				Func: func(z []float64) float64 { return p.lossAt(z) },
				Grad: func(g, z []float64) { p.lossAt(z); copy(g, p.gradient) },
			}
			start := make([]float64, len(c.LogRef))
			result, err := optimize.Minimize(problem, start, &optimize.Settings{GradientThreshold: 1e-9, MajorIterations: 5000}, &optimize.BFGS{})
			if result == nil {
				t.Errorf("%s: %v", key, err)
				continue
			}
			p.lossAt(result.X)
			if p.last > 1e-7 {
				continue // BFGS itself gave up
			}
			oracle.NearAll(t, key, oracle.Exps(d.LogPi), oracle.Exps(p.logPi), 3e-6)
			compared[key]++
			if !(d.Gradient < 1e-9) {
				t.Errorf("%s: gradient %v", key, d.Gradient)
			}
		}
		if compared[key] < 4 {
			t.Errorf("%s: only %d minima could be compared", key, compared[key])
		}
	}
}

func randomCourse(r *rand.Rand, key string) optimum.Course {
	k := 2 + r.IntN(5)
	ref := make([]float64, k)
	for i := range ref {
		ref[i] = math.Exp(r.NormFloat64())
	}
	c := course(key, objective.HyperParams{Beta: 0.3 + r.Float64()}, ref)
	for i := range k {
		c.Tokens = append(c.Tokens, float64(1+r.IntN(3)))
		for j := range i {
			c.Votes = append(c.Votes, datatest.Vote(i, j, float64(4+r.IntN(5))), datatest.Vote(j, i, float64(4+r.IntN(5))))
		}
	}
	return c
}

// lossAt looks at logits and returns the mean loss there.
func (p *plainDescender) lossAt(z []float64) (mean float64) {
	copy(p.z, z)
	p.look()
	n := 0.0
	for _, v := range p.c.Votes {
		loss, _, _ := p.c.Loss.Pair(p.score(v.Chosen), p.score(v.Rejected))
		mean += v.Count * loss
		n += v.Count
	}
	return mean / n
}

// TestDestinationsInSlices: the answer has the same bits however it is sliced,
// and work may be dropped.
func TestDestinationsInSlices(t *testing.T) {
	r := rand.New(rand.NewPCG(73, 74))
	for i := range objective.All() {
		c := randomCourse(r, objective.All()[i].Key)
		want := coretest.FindDestination(c)
		for _, ops := range []int{1, 1000} {
			h, pieces := optimum.NewHeading(c), 0
			for !h.Work(ops) {
				pieces++
			}
			got := h.Destination()
			if !slices.Equal(got.LogPi, want.LogPi) || got.Kind != want.Kind || got.Gradient != want.Gradient {
				t.Errorf("%s in %d slices: %v, at once %v", objective.All()[i].Key, pieces, got, want)
			}
		}
		h := optimum.NewHeading(c)
		h.Work(1)
		h.Stop()
	}
}

// TestDestinationMovesWithBeta: β moved a little moves the answer a little.
func TestDestinationMovesWithBeta(t *testing.T) {
	r := rand.New(rand.NewPCG(75, 76))
	for _, key := range []string{"ipo", "rdpo", "nca_pair", "sppo_hard", "simpo", "dpop", "hinge", "kto", "orpo"} {
		c := randomCourse(r, key)
		p := c.Loss.Params
		a := coretest.FindDestination(c)
		p.Beta *= 1 + 1e-7
		c.Loss = c.Loss.Objective.With(p)
		b := coretest.FindDestination(c)
		oracle.NearAll(t, key, oracle.Exps(b.LogPi), oracle.Exps(a.LogPi), 1e-5)
		if a.Kind != b.Kind {
			t.Errorf("%s: %q becomes %q", key, a.Kind, b.Kind)
		}
	}
}

// TestEveryPresetHasADestination: under every objective and β of the table of
// settings there is an answer, it is a distribution, and its gradient says so. In
// a few it is that the limit is not known: where the loss fades so fast that the
// replies left go on trading probability for longer than any clock.
func TestEveryPresetHasADestination(t *testing.T) {
	t.Parallel()
	presets, endless := core.Presets(func(key string) string { return key }), 0
	slow := map[string][]string{"unseen": {"fdiv_forward_kl", "fdiv_alpha"}, "displacement": {"fdiv_forward_kl", "fdiv_alpha"}, "agree": {"dpop"}}
	for i := range presets {
		for j := range objective.All() {
			for _, beta := range []float64{0.01, 0.03, 0.1, 0.3, 1, 3, 5} {
				o := &objective.All()[j]
				c := presetCourse(t, &presets[i], 0, o, beta)
				d := coretest.FindDestination(c)
				if d.Kind == optimum.KindEndless && d.LogPi == nil && slices.Contains(slow[presets[i].ID], o.Key) {
					endless++
					continue
				}
				sum := 0.0
				for _, l := range d.LogPi {
					sum += math.Exp(l)
				}
				if !(math.Abs(sum-1) < 1e-12) || d.Kind != optimum.KindUnbounded && !(d.Gradient <= 1e-6) {
					t.Errorf("%s on %s, β = %v: %+v", o.Key, presets[i].ID, beta, d)
				}
			}
		}
	}
	if endless > 20 {
		t.Errorf("%d limits are not known", endless)
	}
}

// Courses at the edge of what there is.
func TestSmallCourses(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		d := coretest.FindDestination(course(o.Key, objective.HyperParams{Beta: 0.5}, []float64{1}))
		if d.Kind == optimum.KindUnknown || d.LogPi[0] != 0 {
			t.Errorf("%s with one reply: %+v", o.Key, d)
		}
		d = coretest.FindDestination(course(o.Key, objective.HyperParams{Beta: 0.5}, []float64{1, 3}, datatest.Vote(0, 1, 0)))
		oracle.NearAll(t, o.Key+" with no votes", oracle.Exps(d.LogPi), []float64{0.25, 0.75}, 1e-15)
		many := make([]float64, 50_000)
		for k := range many {
			many[k] = 1
		}
		d = coretest.FindDestination(course(o.Key, objective.HyperParams{Beta: 0.5}, many, datatest.Vote(0, 1, 2), datatest.Vote(1, 0, 1)))
		if d.Kind == optimum.KindUnknown && d.LogPi != nil || d.Kind != optimum.KindUnknown && len(d.LogPi) != 50_000 {
			t.Errorf("%s with 50 000 replies: %s, %d probabilities", o.Key, d.Kind, len(d.LogPi))
		}
	}
}

// BenchmarkDestination times each objective on six replies and all 15 pairs.
func BenchmarkDestination(b *testing.B) {
	presets := core.Presets(func(key string) string { return key })
	for i := range objective.All() {
		b.Run(objective.All()[i].Key, func(b *testing.B) {
			e := presets[0].Start()
			p, _ := core.Prepare(e.Dataset(presets), &e.Settings, nil)
			c := optimum.Course{Loss: objective.All()[i].With(strayed(&objective.All()[i], 0.5)), LogRef: p.LogRef, Votes: p.VotesOf(0),
				Tokens: []float64{3, 5, 7, 4, 6, 3}}
			for b.Loop() {
				coretest.FindDestination(c)
			}
		})
	}
}
