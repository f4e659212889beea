package objective_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/census"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

func curveOf(t *testing.T, key string, p objective.HyperParams) objective.LossCurve {
	t.Helper()
	c, ok := objective.Named(key).With(p).Curve(1, true)
	if !ok {
		t.Fatalf("%s has no curve", key)
	}
	return c
}

// Where a run starts, h = 0, losses and slopes are known in closed form.
func TestLossCurvesAtTheReference(t *testing.T) {
	for _, beta := range []float64{0.01, 0.2, 1, 5} {
		const eps = 0.1
		for key, want := range map[string][2]float64{
			"dpo":   {math.Ln2, -beta / 2},
			"cdpo":  {math.Ln2, -beta * (1 - 2*eps) / 2},
			"rdpo":  {math.Ln2, -beta / 2 / (1 - 2*eps)},
			"ipo":   {1 / (4 * beta * beta), -1 / beta},
			"hinge": {1, -beta},
		} {
			p := objective.Named(key).Defaults(beta)
			p.Epsilon = eps
			c := curveOf(t, key, p)
			loss, slope := c.At(0)
			if math.Abs(loss-want[0]) > 1e-14*want[0] || math.Abs(slope-want[1]) > 1e-14*-want[1] {
				t.Errorf("%s at β = %v: loss %v, slope %v, want %v", key, beta, loss, slope, want)
			}
		}
	}
}

// Loss and slope are those of public code, at any h.
func TestLossCurvesOnGoldenVectors(t *testing.T) {
	checked := 0
	for _, key := range objective.CurvedKeys() {
		text, err := os.ReadFile(filepath.Join(coretest.GoldenPath(t, *coretest.GoldenDir), "loss_"+key+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // public code may not have it
		} else if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Cases []struct {
				In, HP map[string]float64
				Out    struct {
					Loss   float64
					Chosen float64 `json:"d_policy_chosen"`
				}
			}
		}
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, v := range file.Cases {
			var r coretest.GoldenResult
			l := r.Bind(key, v.HP)
			if l == nil || r.Skip != "" {
				continue
			}
			c, _ := l.Curve(1, false)
			h := v.In["policy_chosen_logp"] - v.In["ref_chosen_logp"] - v.In["policy_rejected_logp"] + v.In["ref_rejected_logp"]
			loss, slope := c.At(h)
			if far := math.Abs(loss-v.Out.Loss) + math.Abs(slope-v.Out.Chosen); far > 1e-9*(1+math.Abs(loss)+math.Abs(slope)) {
				t.Errorf("%s at h = %v: loss %v, slope %v, want %+v", key, h, loss, slope, v.Out)
			}
			checked++
		}
	}
	if checked < 100 {
		t.Errorf("only %d cases were checked", checked)
	}
}

// A loss is a function of h where votes of one h cost the same, wherever their
// two log-ratios lie; the others are known by name.
func TestWhichLossesHaveACurve(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 52))
	for i := range objective.All() {
		o := &objective.All()[i]
		c, ok := o.With(o.Defaults(0.3)).Curve(1, true)
		if o.Pair != nil || o.Reply != nil || o.Sorted != objective.Unsorted {
			if ok {
				t.Errorf("%s has a curve", o.Key)
			}
			continue
		}
		l := o.With(o.Defaults(0.3))
		for range 50 {
			x, h := 4*r.NormFloat64(), 4*r.NormFloat64()
			want, _, _ := l.Pair(x, x-h)
			if got, _ := c.At(h); !ok || math.Abs(got-want) > 1e-9*(1+want) {
				t.Errorf("%s at h = %v: %v, want %v", o.Key, h, got, want)
			}
		}
	}
	if _, ok := objective.Named("simpo").With(objective.HyperParams{Beta: 1}).Curve(1, false); ok {
		t.Error("without a reference the loss is a function of h although the reference is not uniform")
	}
	c, _ := objective.Named("ipo_norm").With(objective.HyperParams{Beta: 0.5}).Curve(4, false)
	if loss, slope := c.At(2); loss != 0.25 || slope != -0.25 { // (2/4 − 1)², twice that over 4
		t.Errorf("IPO per token at h = 2 of four tokens: %v, %v", loss, slope)
	}
}

// The gaps at which a pair's own votes balance.
func TestBalanceOfAPair(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		key               string
		eps               float64
		votesFor, against float64
		want              func(beta float64) float64
	}{
		{"dpo", 0, 9, 3, func(beta float64) float64 { return math.Log(3) / beta }},
		{"dpo", 0, 3, 9, func(beta float64) float64 { return -math.Log(3) / beta }},
		{"dpo", 0, 4, 0, func(float64) float64 { return inf }},
		{"cdpo", 0.1, 5, 0, func(beta float64) float64 { return math.Log(9) / beta }},
		{"ipo", 0, 5, 0, func(beta float64) float64 { return 1 / (2 * beta) }},
		{"ipo", 0, 6, 2, func(beta float64) float64 { return 0.5 / (2 * beta) }},
		{"hinge", 0, 5, 0, func(beta float64) float64 { return 1 / beta }},
		{"rdpo", 0.2, 8, 2, func(float64) float64 { return inf }}, // clean labels all say so
		{"rdpo", 0.2, 5, 5, func(float64) float64 { return 0 }},
		{"exo_pair", 0.1, 5, 0, func(beta float64) float64 { return math.Log(9) / beta }},
	} {
		for _, beta := range []float64{0.01, 0.5, 5} {
			p := objective.Named(c.key).Defaults(beta)
			p.Epsilon = c.eps
			curve, want := curveOf(t, c.key, p), c.want(beta)
			h, ok := curve.Balance(c.votesFor, c.against, 0.3*want0(want))
			if ok == math.IsInf(want, 1) || ok && math.Abs(h-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("%s, %v for and %v against, β = %v: balance at %v (%v), want %v", c.key, c.votesFor, c.against, beta, h, ok, want)
			}
		}
	}
}

func want0(x float64) float64 {
	if math.IsInf(x, 0) {
		return 0
	}
	return x
}

func workedBead(l *core.Lab, chosen, rejected int) census.BeadView {
	c := l.LossCurve()
	return census.Worked(l, &c, chosen, rejected)
}

// A bead stands where the worked pair's numbers are, under every objective, and
// is pushed as that is.
func TestBeadsAreWorkedPairs(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		set := map[core.Param]float64{core.ObjectiveChoice: float64(i), core.Step: 60, core.Smoothing: o.Defaults(1).Epsilon}
		l := coretest.NewLab(t, "tyre", set)
		var census census.Census
		census.Begin(l, l.LossCurve(), 5)
		for !census.Work(l, 4) {
		}
		if len(census.Beads) != census.Count || census.Votes != l.Problem.Total {
			t.Errorf("%s: %d of %d beads, %v of %v votes", o.Key, len(census.Beads), census.Count, census.Votes, l.Problem.Total)
		}
		for _, b := range census.Beads {
			v, w := l.Worked(b.Chosen, b.Rejected), workedBead(l, b.Chosen, b.Rejected)
			near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-12*(1+math.Abs(y)) }
			if !near(b.H, v.RatioChosen-v.RatioRejected) || !near(b.Loss, v.Loss) || b.Votes != v.For || !near(w.Push[0], v.Push) {
				t.Fatalf("%s: bead %+v, worked %+v, pair %+v", o.Key, b, w, v)
			}
			if w.Votes != b.Votes || w.Against != v.Against || !near(w.H, b.H) || !near(w.Slope, b.Slope) || !near(w.Pull(), b.Pull()) || !near(w.Net(), b.Net()) {
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
		var census census.Census
		census.Begin(l, l.LossCurve(), 5)
		census.Work(l, 1000)
		want, got := make([]float64, l.Arms()), make([]float64, l.Arms())
		coretest.AddGradient(l.Run.Trainer, want)
		for _, b := range census.Beads {
			got[b.Chosen] -= b.Pull()
			got[b.Rejected] += b.Pull()
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
	var all, some census.Census
	all.Begin(l, l.LossCurve(), 3)
	all.Work(l, math.MaxInt)
	some.Begin(l, l.LossCurve(), 3)
	for slices := 0; !some.Work(l, 7); slices++ {
		if slices > 1000 {
			t.Fatal("the census never ends")
		}
	}
	if all.Count != 40*39 || len(all.Beads) != census.MostBeads || all.Votes != some.Votes || all.Bins != some.Bins {
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
	if math.Abs(sum-l.Problem.Total) > 1e-9*sum || beyond >= census.MostBeads {
		t.Errorf("%v votes in bins of %v; %d beads are of pairs pulled harder than one that was kept", sum, l.Problem.Total, beyond)
	}
}

// Under RLHF the beads are those of the reward model, which is fitted where they
// balance: each reply's votes pull it up as hard as down.
func TestBeadsOfRLHF(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.Step: 5})
	var census census.Census
	census.Begin(l, l.LossCurve(), 5)
	census.Work(l, 1000)
	sum := make([]float64, l.Arms())
	for _, b := range census.Beads {
		if want := math.Log1p(math.Exp(-b.H)); math.Abs(b.Loss-want) > 1e-12 {
			t.Errorf("loss %v at a difference of %v, want %v", b.Loss, b.H, want)
		}
		if got, want := b.H, l.RLHF().Reward()[b.Chosen]-l.RLHF().Reward()[b.Rejected]; math.Abs(got-want) > 1e-12 {
			t.Errorf("difference %v, want %v", got, want)
		}
		sum[b.Chosen] += b.Pull()
		sum[b.Rejected] -= b.Pull()
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
	var census census.Census
	census.Begin(l, l.LossCurve(), 5)
	census.Work(l, 1000)
	share, votes := 0.0, 0.0
	for _, b := range census.Beads {
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
		var census census.Census
		curve := l.LossCurve()
		look := func() {
			census.Begin(l, curve, 5)
			census.Work(l, 1000)
			census.Worked(l, &curve, 0, 1)
		}
		look()
		if n := testing.AllocsPerRun(20, look); n > 0 {
			t.Errorf("how %d: %v allocations", how, n)
		}
	}
}
