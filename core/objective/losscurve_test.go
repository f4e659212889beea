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

	"dpoplayground/core/coretest"
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
