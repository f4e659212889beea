package core_test

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/internal/oracle"
)

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
	data := &data.Dataset{Prompts: []data.Prompt{datatest.Prompt([]float64{1, 3}), {Replies: make([]data.Reply, 5)}}, Rewarded: true}
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
