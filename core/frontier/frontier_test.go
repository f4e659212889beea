package frontier

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/internal/oracle"
)

// traced traces a curve to its end.
func traced(logRef, scores, reward []float64, leash rlhf.Leash) *Tradeoff {
	var c Tradeoff
	c.Reset(logRef, scores, reward, leash)
	for !c.Work(1000) {
	}
	return &c
}

// randomTradeoff draws a reference and a reward: flat or peaked, of 1 to 40
// replies, with ties now and then.
func randomTradeoff(r *rand.Rand) (logRef, reward []float64) {
	k := 1 + r.IntN(40)
	logRef, reward = make([]float64, k), make([]float64, k)
	size := math.Pow(10, float64(r.IntN(5)-2))
	for i := range logRef {
		logRef[i], reward[i] = 6*r.Float64(), size*r.NormFloat64()
		if r.IntN(4) == 0 {
			reward[i] = reward[0]
		}
	}
	num.LogSoftmax(logRef, logRef)
	return logRef, reward
}

// The frontier begins at the reference, ends with the best replies alone, rises
// all the way and bends down, and its slope is β.
func TestFrontierIsConcaveWithSlopeBeta(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	for n := range 200 {
		logRef, reward := randomTradeoff(r)
		c := traced(logRef, reward, reward, rlhf.LeashInReward)
		first, last := c.Points[0], c.Points[len(c.Points)-1]
		best, mass := math.Inf(-1), 0.0
		for k, x := range reward {
			if x > best {
				best, mass = x, 0
			}
			if x == best {
				mass += math.Exp(logRef[k])
			}
		}
		size := width(reward)
		oracle.Near(t, "KL at the reference", first.KL, 0, 0)
		oracle.Near(t, "reward at the reference", first.Reward, oracle.Mean(oracle.Exps(logRef), reward), 1e-12*size)
		oracle.Near(t, "KL of the best alone", last.KL, -math.Log(mass), 1e-9)
		oracle.Near(t, "the best reward", last.Reward, best, 1e-12*size)
		for i := 1; i < len(c.Points); i++ {
			a, b := c.Points[i-1], c.Points[i]
			if b.KL < a.KL-1e-13 || b.Reward < a.Reward-1e-12*size || b.Beta >= a.Beta {
				t.Fatalf("frontier %d does not rise from %+v to %+v", n, a, b)
			}
			// A chord of a concave curve is less steep than the curve before it and
			// steeper than the curve after it.
			if dk := b.KL - a.KL; dk > 1e-6 {
				if slope := (b.Reward - a.Reward) / dk; slope > a.Beta*(1+1e-6) || slope < b.Beta*(1-1e-6) {
					t.Fatalf("frontier %d: slope %v between β = %v and %v", n, slope, a.Beta, b.Beta)
				}
			}
		}
	}
}

// A Tradeoff's moments are those of a Tilt, which computes them another way.
func TestTradeoffAgreesWithTilt(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 2))
	for range 200 {
		logRef, reward := randomTradeoff(r)
		_, values := randomTradeoff(r)
		for len(values) < len(logRef) {
			values = append(values, math.Inf(-1))
		}
		values = values[:len(logRef)]
		var c Tradeoff
		c.Reset(logRef, values, reward, rlhf.LeashInReward)
		for _, beta := range []float64{0.01, 0.1, 0.5, 1, 5} {
			p := c.At(beta)
			var tilt scores.Tilt
			tilt.Set(logRef, values, beta)
			size := width(reward) + width(values)
			oracle.Near(t, "KL", p.KL, tilt.KL, 1e-9*math.Max(1, tilt.KL))
			oracle.Near(t, "score", p.score, tilt.Expected, 1e-10*size)
			oracle.Near(t, "reward", p.Reward, num.Expect(tilt.LogPi, reward), 1e-10*size)
		}
	}
}

// No policy has more than Most at its divergence, and the tilts have just that.
func TestNoPolicyIsAboveTheFrontier(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 3))
	for n := range 100 {
		logRef, reward := randomTradeoff(r)
		c := traced(logRef, reward, reward, rlhf.LeashInReward)
		size := width(reward)
		for range 50 {
			pi := make([]float64, len(logRef))
			for k := range pi {
				pi[k] = logRef[k] + 3*r.NormFloat64()
			}
			num.LogSoftmax(pi, pi)
			if most, has := c.Most(num.KL(pi, logRef)), num.Expect(pi, reward); has > most+1e-6*size {
				t.Fatalf("frontier %d: %v at KL %v, most is %v", n, has, num.KL(pi, logRef), most)
			}
			p := c.At(size * math.Pow(10, 4*r.Float64()-3))
			oracle.Near(t, "most", c.Most(p.KL), p.Reward, 1e-6*size)
		}
		if math.IsNaN(c.Most(0)) || !math.IsNaN(c.Most(-1)) || c.Most(1e9) != c.Points[len(c.Points)-1].Reward {
			t.Fatal("beyond its ends the frontier is", c.Most(0), c.Most(-1), c.Most(1e9))
		}
	}
}

// A traced curve is smooth: at any β the policy is close to the straight lines
// between the points.
func TestTradeoffIsTracedClosely(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 4))
	most := 0
	for n := range 120 {
		logRef, reward := randomTradeoff(r)
		scores := make([]float64, len(reward))
		for k := range scores {
			scores[k] = reward[k] + 0.4*width(reward)*r.NormFloat64()
		}
		leash := rlhf.Leash(n % 2)
		c := traced(logRef, scores, reward, leash)
		most = max(most, len(c.Points))
		for range 100 {
			p := c.At(width(scores) * math.Pow(10, 6*r.Float64()-4))
			if off := offLine(c, &p); off > 0.004 {
				t.Fatalf("curve %d, leash %d: β = %v is %v beside the line of %d points", n, leash, p.Beta, off, len(c.Points))
			}
		}
	}
	t.Log("at most", most, "points")
}

// offLine is that of a point from the straight lines, in the size of the whole.
func offLine(c *Tradeoff, p *TradeoffPoint) float64 {
	q, first := c.scaledPoint(p), c.scaledPoint(&c.Points[0])
	least := math.Hypot(q[0]-first[0], q[1]-first[1])
	for i := 1; i < len(c.Points); i++ {
		a, b := c.scaledPoint(&c.Points[i-1]), c.scaledPoint(&c.Points[i])
		dx, dy := b[0]-a[0], b[1]-a[1]
		t := 0.0
		if d := dx*dx + dy*dy; d > 0 {
			t = math.Max(0, math.Min(1, ((q[0]-a[0])*dx+(q[1]-a[1])*dy)/d))
		}
		least = math.Min(least, math.Hypot(q[0]-a[0]-t*dx, q[1]-a[1]-t*dy))
	}
	return least
}

// How the work is sliced changes nothing, and what is one point stays one.
func TestTradeoffSlices(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 5))
	logRef, reward := randomTradeoff(r)
	a := traced(logRef, reward, reward, rlhf.LeashInReward)
	var b Tradeoff
	b.Reset(logRef, reward, reward, rlhf.LeashInReward)
	for !b.Work(1) {
	}
	if len(a.Points) != len(b.Points) || !a.isOf(logRef, reward, reward, rlhf.LeashInReward) {
		t.Fatalf("%d and %d points", len(a.Points), len(b.Points))
	}
	for i := range a.Points {
		if a.Points[i] != b.Points[i] {
			t.Fatal(a.Points[i], b.Points[i])
		}
	}
	// One-sided votes for one reply: every β leads to it, at −log of its mass.
	only := traced([]float64{math.Log(0.25), math.Log(0.75)}, []float64{0, math.Inf(-1)}, []float64{3, 1}, rlhf.LeashInReward)
	if p := only.Points[0]; len(only.Points) != 1 || math.Abs(p.KL-math.Log(4)) > 1e-15 || p.Reward != 3 {
		t.Fatal(only.Points)
	}
}

// frontierOf follows a lab until nothing is left to do.
func frontierOf(l *core.Lab) *Frontier {
	var f Frontier
	f.Follow(l)
	for f.Work(scores.WorkBudget) {
		f.Follow(l)
	}
	return &f
}

// math.md §4: the true reward of the proxy's optimum is .31 at β = 5, .457 at
// .5 and −2 at .05, while the proxy's own reward only rises.
func TestFrontierShowsOverOptimisation(t *testing.T) {
	f := frontierOf(coretest.Exhibit(t, "proxy", "", map[core.Param]float64{core.Step: 0}))
	if !f.HasOptima || f.Proxy != ProxyOfOwn || f.Yardstick != ByTrueReward {
		t.Fatalf("optima %v, proxy %v, yardstick %v", f.HasOptima, f.Proxy, f.Yardstick)
	}
	for beta, want := range map[float64]float64{5: 0.31, 0.5: 0.457, 0.05: -2} {
		oracle.Near(t, "true reward at the proxy's optimum", f.optima.At(beta).Reward, want, 5e-3)
	}
	// The hump's top, by trying every β, to the square root of a double's digits.
	top := TradeoffPoint{Reward: math.Inf(-1)}
	for beta := 0.3; beta < 1.5; beta *= 1.0001 {
		if p := f.optima.At(beta); p.Reward > top.Reward {
			top = p
		}
	}
	peak, lost := f.optima.peak()
	oracle.Near(t, "β of the top", peak.Beta, top.Beta, 1e-4)
	oracle.Near(t, "the top", peak.Reward, top.Reward, 1e-8)
	oracle.Near(t, "lost", lost, top.Reward+2, 1e-6)
	last := math.Inf(-1)
	for i := range f.optima.Points {
		now := f.Promised(&f.optima.Points[i])
		if now < last {
			t.Fatalf("what the proxy says falls from %v to %v", last, now)
		}
		last = now
	}
	start, end := f.optima.Points[0], f.optima.Points[len(f.optima.Points)-1]
	oracle.Near(t, "the proxy at the reference", f.Promised(&start), 0.287, 1e-9) // .4·.6 + .049·1 − .001·2
	// From E_ref = .291 to 2 by the proxy, shifted by .287 − .291.
	oracle.Near(t, "the proxy at the end", f.Promised(&end), 2-0.004, 1e-9)
	oracle.Near(t, "KL at the end", end.KL, -math.Log(0.001), 1e-9)
}

// Votes of all annotators make DPO's optima the frontier itself, at β/sharpness.
func TestOptimaOfThePopulationAreTheFrontier(t *testing.T) {
	l := coretest.Exhibit(t, "same", "", map[core.Param]float64{core.Step: 0, core.Sharpness: 2})
	f := frontierOf(l)
	if f.Proxy != NoProxy {
		t.Fatal("the true reward is taken for a proxy")
	}
	for _, beta := range []float64{0.1, 0.5, 2} {
		a, b := f.optima.At(beta), f.Best.At(beta/2)
		oracle.Near(t, "KL", a.KL, b.KL, 1e-7)
		oracle.Near(t, "reward", a.Reward, b.Reward, 1e-7)
	}
	oracle.Near(t, "KL", f.optima.At(l.Beta()).KL, l.Optimum.KL, 1e-12)
}

// Where a loss depends on u = βh alone, the destination at one β tells that at
// every other. The oracle is the destination found there by itself.
func TestOptimaOfMarginObjectives(t *testing.T) {
	found := 0
	for i := range objective.All() {
		o := &objective.All()[i]
		for _, id := range []string{"same", "smoothing", "noise", "cycle"} {
			l := coretest.Exhibit(t, id, o.Key, map[core.Param]float64{core.Step: 0})
			f := frontierOf(l)
			if o.Key == "dpo" || !f.HasOptima || f.Apart {
				continue
			}
			for _, beta := range []float64{0.1, 0.7, 3} {
				e := l.Experiment
				e.Settings[core.Beta] = beta
				other, c := core.NewLab(coretest.TestPresets(), e)
				if c != nil {
					t.Fatal(c)
				}
				coretest.SettleLab(other, 4096)
				p := f.optima.At(beta)
				oracle.Near(t, o.Key+" in "+id+": KL", p.KL, other.Optimum.KL, 1e-7)
				oracle.Near(t, o.Key+" in "+id+": reward", p.Reward, f.Reward(other.Optimum.LogPi), 1e-7)
				found++
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d were compared", found)
	}
}

// Where every β is worked out for itself, any other β lies close to the curve,
// and what it is headed for is found there.
func TestOptimaApart(t *testing.T) {
	found := 0
	for _, key := range []string{"chi_po", "fdiv_js", "fdiv_alpha", "hinge", "rdpo", "simpo"} {
		l := coretest.Exhibit(t, "noise", key, map[core.Param]float64{core.Step: 0})
		f := frontierOf(l)
		if !f.Apart {
			continue
		}
		found++
		for _, beta := range []float64{0.07, 0.3, 2.1} {
			e := l.Experiment
			e.Settings[core.Beta] = beta
			if c := l.Set(e); c != nil {
				t.Fatal(c)
			}
			changed := f.Follow(l) // as when β is dragged
			coretest.SettleLab(l, 4096)
			if changed || f.Follow(l) {
				t.Errorf("%s: another curve at another β", key)
			}
			p := f.At(beta)
			oracle.Near(t, key+": KL", p.KL, l.Optimum.KL, 0.02)
			oracle.Near(t, key+": reward", p.Reward, f.Reward(l.Optimum.LogPi), 0.02)
		}
	}
	if found < 4 {
		t.Errorf("only %d were worked out apart", found)
	}
}

// Without true rewards the votes' scores stand in where they are finite, and
// the history's path is counted by them.
func TestFrontierWithoutRewards(t *testing.T) {
	for _, both := range []bool{true, false} {
		d := &data.Dataset{Prompts: []data.Prompt{{Text: "?", Replies: []data.Reply{{Text: "a"}, {Text: "b"}}}}, Pairs: []data.Pair{{0, 0, 1, 3}}}
		if both {
			d.Pairs = append(d.Pairs, data.Pair{0, 1, 0, 1})
		}
		e := coretest.TestPresets()[0].Start().Use(d, nil)
		e.Settings[core.Step] = 20
		l, c := core.NewLab(coretest.TestPresets(), e)
		if c != nil {
			t.Fatal(c)
		}
		coretest.SettleLab(l, 256)
		f := frontierOf(l)
		path := f.Trace(nil, l.History, 20)
		if !both {
			if f.Yardstick != NoYardstick || len(path) != 0 || !f.Whole() {
				t.Fatal("a yardstick of one-sided votes:", f.Yardstick, path)
			}
			continue
		}
		// log 3 between the two, ±log 3/2 when centred.
		half := math.Log(3) / 2
		oracle.Near(t, "the best score", f.Best.Points[len(f.Best.Points)-1].Reward, half, 1e-9)
		last := path[len(path)-1]
		oracle.Near(t, "the run's score", last.Reward, half*(2*math.Exp(l.Policy()[0])-1), 1e-9)
		oracle.Near(t, "the run's KL", last.KL, l.Now(), 1e-12)
	}
}

// The true reward on the way is what the measures say.
func TestFrontierTrace(t *testing.T) {
	l := coretest.Exhibit(t, "proxy", "", map[core.Param]float64{core.Step: 100})
	f := frontierOf(l)
	path := f.Trace(nil, l.History, 60)
	if len(path) == 0 || len(path) > 61 {
		t.Fatal(len(path))
	}
	oracle.Near(t, "reward", path[len(path)-1].Reward, l.History.Measures[len(path)-1].Expected, 0)
	oracle.Near(t, "now", f.Reward(l.Policy()), oracle.Mean(coretest.PolicyOf(l), []float64{0, 0.6, 1, -2}), 1e-12)
	if f.Follow(l) {
		t.Error("nothing changed and a change is told")
	}
}

// BenchmarkFrontierTrace is one curve of a thousand replies from end to end.
func BenchmarkFrontierTrace(b *testing.B) {
	r := rand.New(rand.NewPCG(31, 6))
	logRef, reward := make([]float64, 1000), make([]float64, 1000)
	for k := range reward {
		logRef[k], reward[k] = r.NormFloat64(), r.NormFloat64()
	}
	num.LogSoftmax(logRef, logRef)
	var c Tradeoff
	for range b.N {
		c.Reset(logRef, reward, reward, rlhf.LeashInReward)
		for !c.Work(scores.WorkBudget) {
		}
	}
	b.ReportMetric(float64(len(c.Points)), "points")
}
