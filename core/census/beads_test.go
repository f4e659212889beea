package census

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

func workedBead(l *core.Lab, chosen, rejected int) BeadView {
	c := l.LossCurve()
	return Worked(l, &c, chosen, rejected)
}

// A bead stands where the worked pair's numbers are, under every objective, and
// is pushed as that is.
func TestBeadsAreWorkedPairs(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		set := map[core.Param]float64{core.ObjectiveChoice: float64(i), core.Step: 60, core.Smoothing: o.Defaults(1).Epsilon}
		l := coretest.NewLab(t, "tyre", set)
		var c Census
		c.Begin(l, l.LossCurve(), 5)
		for !c.Work(l, 4) {
		}
		if len(c.Beads) != c.Count || c.Votes != l.Problem.Total {
			t.Errorf("%s: %d of %d beads, %v of %v votes", o.Key, len(c.Beads), c.Count, c.Votes, l.Problem.Total)
		}
		for _, b := range c.Beads {
			v, w := l.Worked(b.Chosen, b.Rejected), workedBead(l, b.Chosen, b.Rejected)
			near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-12*(1+math.Abs(y)) }
			if !near(b.H, v.RatioChosen-v.RatioRejected) || !near(b.Loss, v.Loss) || b.Votes != v.For || !near(w.Push[0], v.Push) {
				t.Fatalf("%s: bead %+v, worked %+v, pair %+v", o.Key, b, w, v)
			}
			if w.Votes != b.Votes || w.Against != v.Against || !near(w.H, b.H) || !near(w.Slope, b.Slope) || !near(w.SlopeInMargin(), b.SlopeInMargin()) || !near(w.Net(), b.Net()) {
				t.Fatalf("%s: bead %+v, worked %+v", o.Key, b, w)
			}
			if c := l.LossCurve(); c.Known() && !near(b.Slope, -v.Push) {
				t.Fatalf("%s: slope %v, push %v", o.Key, b.Slope, v.Push)
			}
		}
	}
}

// All beads' pulls together are the gradient: +pull on the chosen logit, −pull
// on the rejected one.
func TestPullsSumToTheGradient(t *testing.T) {
	for _, key := range objective.CurvedKeys() {
		l := coretest.NewLab(t, "jury", map[core.Param]float64{core.ObjectiveChoice: core.DefaultSettings().Choose(key)[core.ObjectiveChoice],
			core.Smoothing: objective.Named(key).Defaults(1).Epsilon, core.Step: 40})
		var c Census
		c.Begin(l, l.LossCurve(), 5)
		c.Work(l, 1000)
		want, got := make([]float64, l.Arms()), make([]float64, l.Arms())
		coretest.AddGradient(l.Run.Trainer, want)
		for _, b := range c.Beads {
			got[b.Chosen] -= b.SlopeInMargin()
			got[b.Rejected] += b.SlopeInMargin()
		}
		for k := range want {
			if math.Abs(got[k]-want[k]) > 1e-13 {
				t.Errorf("%s: logit %d: %v, want %v", key, k, got[k], want[k])
			}
		}
	}
}

// Among many pairs the census keeps those that are pulled hardest, and counts all.
func TestCensusOfManyPairs(t *testing.T) {
	replies := make([]data.Reply, 40)
	for k := range replies {
		replies[k] = data.Reply{Text: string(rune('A' + k)), Reward: math.Sin(float64(k))}
	}
	l := coretest.LabWith(t, []data.Prompt{{Text: "?", Replies: replies}}, nil,
		map[core.Param]float64{core.Source: core.FromPopulation, core.Step: 30, core.Rate: 100})
	var all, some Census
	all.Begin(l, l.LossCurve(), 3)
	all.Work(l, math.MaxInt)
	some.Begin(l, l.LossCurve(), 3)
	for slices := 0; !some.Work(l, 7); slices++ {
		if slices > 1000 {
			t.Fatal("the census never ends")
		}
	}
	if all.Count != 40*39 || len(all.Beads) != MostBeads || all.Votes != some.Votes || all.Bins != some.Bins {
		t.Fatalf("%d beads, %d kept, %v and %v votes", all.Count, len(all.Beads), all.Votes, some.Votes)
	}
	sum, beyond := 0.0, 0
	for _, v := range all.Bins {
		sum += v
	}
	least := math.Inf(1)
	for _, b := range all.Beads {
		least = math.Min(least, math.Abs(b.Net()))
	}
	for a := range 40 {
		for b := range 40 {
			if a == b {
				continue
			}
			v := workedBead(l, a, b)
			if v.Votes > 0 && math.Abs(v.Net()) > least*(1+1e-12) {
				beyond++
			}
		}
	}
	if math.Abs(sum-l.Problem.Total) > 1e-9*sum || beyond >= MostBeads {
		t.Errorf("%v votes in bins of %v; %d beads are of pairs pulled harder than one that was kept", sum, l.Problem.Total, beyond)
	}
}

// Under RLHF the beads are those of the reward model, which is fitted where they
// balance: each reply's votes pull it up as hard as down.
func TestBeadsOfRLHF(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.Step: 5})
	var c Census
	c.Begin(l, l.LossCurve(), 5)
	c.Work(l, 1000)
	sum := make([]float64, l.Arms())
	for _, b := range c.Beads {
		if want := math.Log1p(math.Exp(-b.H)); math.Abs(b.Loss-want) > 1e-12 {
			t.Errorf("loss %v at a difference of %v, want %v", b.Loss, b.H, want)
		}
		if got, want := b.H, l.RLHF().Reward()[b.Chosen]-l.RLHF().Reward()[b.Rejected]; math.Abs(got-want) > 1e-12 {
			t.Errorf("difference %v, want %v", got, want)
		}
		sum[b.Chosen] += b.SlopeInMargin()
		sum[b.Rejected] -= b.SlopeInMargin()
	}
	for k, x := range sum {
		if math.Abs(x) > 1e-9 {
			t.Errorf("reply %d is pulled by %v", k, x)
		}
	}
	l = coretest.NewLab(t, "proxy", map[core.Param]float64{core.Step: 5})
	if c := l.LossCurve(); c.Known() {
		t.Error("a reward that is given has a curve of votes")
	}
	if v := workedBead(l, 3, 2); v.H != 1 || v.Slope != 0 { // the preset's own rewards are 2 and 1
		t.Errorf("given rewards: %+v", v)
	}
}

// Under online DPO the beads are the pairs that were judged last.
func TestBeadsOfOnlineDPO(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnOnline, core.Step: 12, core.Judged: 32})
	var c Census
	c.Begin(l, l.LossCurve(), 5)
	c.Work(l, 1000)
	share, votes := 0.0, 0.0
	for _, b := range c.Beads {
		v := workedBead(l, b.Chosen, b.Rejected)
		if v.Votes != b.Votes || v.Total != b.Total {
			t.Errorf("bead %+v, worked %+v", b, v)
		}
		share, votes = share+b.Votes/b.Total, votes+b.Votes
	}
	if !(votes > 0 && votes <= 32) || math.Abs(share-votes/32) > 1e-12 {
		t.Errorf("%v votes, a share of %v", votes, share)
	}
}

// A census of votes that it has seen before allocates nothing.
func TestCensusAllocatesNothing(t *testing.T) {
	for how := range 3 {
		l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 30, core.How: float64(how)})
		var c Census
		curve := l.LossCurve()
		look := func() {
			c.Begin(l, curve, 5)
			c.Work(l, 1000)
			Worked(l, &curve, 0, 1)
		}
		look()
		if n := testing.AllocsPerRun(20, look); n > 0 {
			t.Errorf("how %d: %v allocations", how, n)
		}
	}
}
