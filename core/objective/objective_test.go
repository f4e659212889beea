package objective_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/objective"
)

// TestObjectiveTable holds every row to what the table promises.
func TestObjectiveTable(t *testing.T) {
	seen, tier := map[string]bool{}, objective.FirstTier
	for i := range objective.All() {
		o := &objective.All()[i]
		if o.Key == "" || seen[o.Key] || o.Paper == "" || o.Beta == "" {
			t.Errorf("row %d, %q: a row needs a key of its own, a paper and the role of β", i, o.Key)
		}
		seen[o.Key] = true
		if o.Tier < tier {
			t.Errorf("%s stands below a later tier", o.Key)
		}
		tier = o.Tier
		forms := 0
		for _, has := range []bool{o.Margin != nil, o.Pair != nil, o.Reply != nil} {
			if has {
				forms++
			}
		}
		if forms != 1 || o.Baseline && o.Reply == nil || o.Sorted != objective.Unsorted && (o.Margin == nil || o.Lengths) {
			t.Errorf("%s: %d forms, or a baseline or sorting that goes with none", o.Key, forms)
		}
		if c := o.Check(o.Defaults(0.5)); c != nil {
			t.Errorf("%s: the defaults are out of bounds: %v", o.Key, c)
		}
	}
	if objective.Named("dpo") != &objective.All()[0] || objective.Named("rlhf") != nil {
		t.Error("ObjectiveNamed finds the wrong row")
	}
}

// TestObjectivesUseWhatTheySay changes one hyper-parameter, the reference or
// the lengths at a time: the loss must change exactly where the row says so.
func TestObjectivesUseWhatTheySay(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		uses := map[objective.Hyper]bool{objective.HyperBeta: o.Beta != objective.BetaUnused}
		for _, u := range o.Uses {
			uses[u.Hyper] = true
		}
		p := o.Defaults(0.5)
		if o.Key == "chi_po" {
			p.RMax = 0.2 // else nothing is clipped
		}
		before := batchLoss(o.With(p), testBatch())
		for h := range objective.HyperCount {
			q := p
			*q.At(h) += 0.03
			if changed := batchLoss(o.With(q), testBatch()) != before; changed != uses[h] {
				t.Errorf("%s: changes with %s: %v, the row says %v", o.Key, h.Info().Key, changed, uses[h])
			}
		}
		b := testBatch()
		b.Chosen.LogRef[0] += 0.25
		if changed := batchLoss(o.With(p), b) != before; changed != o.Reference {
			t.Errorf("%s: changes with the reference: %v, the row says %v", o.Key, changed, o.Reference)
		}
		b = testBatch()
		b.Rejected.Tokens[1]++
		if changed := batchLoss(o.With(p), b) != before; changed != o.Lengths {
			t.Errorf("%s: changes with the lengths: %v, the row says %v", o.Key, changed, o.Lengths)
		}
		if z := testBatch().Mean(o.With(p), 0.5) != before; z != o.Baseline {
			t.Errorf("%s: changes with the baseline: %v, the row says %v", o.Key, z, o.Baseline)
		}
	}
}

func batchLoss(l *objective.Loss, b *objective.LossBatch) float64 { return b.Mean(l, 0) }

// testBatch returns three pairs, one of them of weight 2.
func testBatch() *objective.LossBatch {
	w := []float64{1, 2, 1}
	return &objective.LossBatch{
		Chosen: objective.Side{LogPi: []float64{-1.2, -0.4, -2.5}, LogRef: []float64{-1.1, -0.9, -2.2}, Tokens: []float64{3, 1, 4}, Weight: w},
		Rejected: objective.Side{LogPi: []float64{-0.8, -3.1, -1.7}, LogRef: []float64{-1.0, -2.6, -1.75}, Tokens: []float64{2, 7, 5},
			Weight: w},
	}
}

// TestObjectivesAtTheReference has the losses that are known in closed form
// where π = π_ref, that is where every log-ratio is 0.
func TestObjectivesAtTheReference(t *testing.T) {
	ln2 := math.Ln2
	for _, beta := range []float64{0.01, 0.5, 5} {
		half := 1 / (2 * beta)
		for key, want := range map[string]float64{
			"dpo": ln2, "cdpo": ln2, "rdpo": ln2, "hinge": 1, "ipo": half * half, "kto": 0.5, "dpop": ln2, "chi_po": ln2,
			"fdiv_js": ln2, "fdiv_forward_kl": ln2, "fdiv_alpha": ln2, "nca_pair": 2 * ln2, "bco_pair": 2 * ln2,
			"sppo_hard": 2 * half * half, "apo_zero": 1, "apo_down": 1, "apo_zero_unpaired": 0.5, "aot": ln2,
			"aot_unpaired": ln2, "sigmoid_norm": ln2, "ipo_norm": half * half,
			"cal_dpo": ln2 + 2*half*half, "rpo": ln2, "mpo": 1.2 * ln2,
			"discopop": (ln2 + 1) / 2, "exo_pair": 0.5 * math.Log(0.25/(0.01*0.99)),
		} {
			o := objective.Named(key)
			b := testBatch()
			copy(b.Chosen.LogPi, b.Chosen.LogRef)
			copy(b.Rejected.LogPi, b.Rejected.LogRef)
			if got := b.Mean(o.With(o.Defaults(beta)), b.Baseline()); math.Abs(got-want) > 1e-14*(1+want) {
				t.Errorf("%s at the reference, β = %v: %v, want %v", key, beta, got, want)
			}
		}
	}
}

// TestObjectivesThatCoincide has the identities between losses: where a
// hyper-parameter or a length makes one into another.
func TestObjectivesThatCoincide(t *testing.T) {
	type change func(*objective.HyperParams)
	keep := func(*objective.HyperParams) {}
	eps0 := func(p *objective.HyperParams) { p.Epsilon = 0 }
	r := rand.New(rand.NewPCG(41, 42))
	for _, c := range []struct {
		one    string
		change change
		other  string
	}{
		{"cdpo", eps0, "dpo"}, {"rdpo", eps0, "dpo"}, {"sigmoid_norm", keep, "dpo"}, {"ipo_norm", keep, "ipo"},
		{"dpop", func(p *objective.HyperParams) { p.Lambda = 0 }, "dpo"}, {"fdiv_alpha", func(p *objective.HyperParams) { p.Alpha = 1 }, "dpo"},
		{"fdiv_alpha", func(p *objective.HyperParams) { p.Alpha = 1 + 1e-9 }, "dpo"},
		{"fdiv_alpha", func(p *objective.HyperParams) { p.Alpha = 0 }, "fdiv_forward_kl"},
		{"simpo", func(p *objective.HyperParams) { p.Gamma = 0 }, "dpo_reference_free"},
		{"rpo", func(p *objective.HyperParams) { p.NLL = 0 }, "dpo"},
		{"cpo", func(p *objective.HyperParams) { p.NLL = 0 }, "dpo_reference_free"},
		{"mpo", func(p *objective.HyperParams) { p.BCO = 0 }, "rpo"},
		{"mpo", func(p *objective.HyperParams) { p.BCO, p.NLL = 1, 0 }, "bco_pair"},
	} {
		a, b := objective.Named(c.one), objective.Named(c.other)
		for range 100 {
			x := randomPair(r)
			p := a.Defaults(math.Exp(r.NormFloat64()))
			c.change(&p)
			l1, c1, r1 := lossOf(a.With(p), x, [2]float64{1, 1})
			l2, c2, r2 := lossOf(b.With(p), x, [2]float64{1, 1})
			if far := math.Abs(l1-l2) + math.Abs(c1-c2) + math.Abs(r1-r2); far > 1e-6*math.Abs(l2+c2) && far > 1e-6 {
				t.Errorf("%s is not %s at %v, %+v: %v %v %v and %v %v %v", c.one, c.other, x, p, l1, c1, r1, l2, c2, r2)
			}
		}
	}
}

// marginLoss is a loss of h as its row of the table has it.
func marginLoss(key string, p objective.HyperParams) objective.MarginLoss {
	return objective.Named(key).With(p).Margin
}

// TestMarginLossesUnderAFlip: swapping the two replies takes m to −m. A flip of
// the labels is a flip of ε, and −log σ(−u) = u − log σ(u).
func TestMarginLossesUnderAFlip(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 44))
	for range 200 {
		m, beta, eps := 4*r.NormFloat64(), math.Exp(r.NormFloat64()), 0.5*r.Float64()
		p := objective.HyperParams{Beta: beta, Epsilon: eps}
		q := objective.HyperParams{Beta: beta, Epsilon: 1 - eps}
		cdpo, swapped := marginLoss("cdpo", p), marginLoss("cdpo", q)
		if a, b := cdpo.Loss(-m), swapped.Loss(m); math.Abs(a-b) > 1e-14*(1+a) {
			t.Errorf("cDPO: φ(−m; ε) = %v, φ(m; 1−ε) = %v", a, b)
		}
		dpo := marginLoss("dpo", p)
		if gap := dpo.Loss(-m) - dpo.Loss(m); math.Abs(gap-beta*m) > 1e-13*(1+math.Abs(gap)) {
			t.Errorf("DPO: φ(−m) − φ(m) = %v, want βm = %v", gap, beta*m)
		}
		if s := dpo.Slope(m) + dpo.Slope(-m); math.Abs(s+beta) > 1e-14*beta {
			t.Errorf("DPO: φ′(m) + φ′(−m) = %v, want −β = %v", s, -beta)
		}
		loss, slope := objective.DPO(beta*m, eps)
		if got := cdpo.Loss(m); got != loss {
			t.Errorf("cDPO = %v, as a function of u it is %v", got, loss)
		}
		if got := cdpo.Slope(m); math.Abs(got-beta*slope) > 1e-15*beta {
			t.Errorf("cDPO's slope = %v, as a function of u it is %v", got, beta*slope)
		}
		exo := marginLoss("exo_pair", objective.HyperParams{Beta: beta, Epsilon: 0.01 + 0.9*eps})
		best := math.Log((0.99-0.9*eps)/(0.01+0.9*eps)) / beta
		if exo.Loss(best) > 1e-15 || math.Abs(exo.Slope(best)) > 1e-14*beta {
			t.Errorf("EXO at its optimum %v: %v, slope %v", best, exo.Loss(best), exo.Slope(best))
		}
	}
}

// TestLogisticFields recomputes the losses that call themselves logistic from
// what they say of themselves.
func TestLogisticFields(t *testing.T) {
	count := 0
	for i := range objective.All() {
		o := &objective.All()[i]
		if o.Margin == nil {
			continue
		}
		p := o.Defaults(0.7)
		l := o.With(p).Margin
		if !l.Logistic {
			continue
		}
		count++
		for _, m := range []float64{-30, -1, 0, 0.3, 8} {
			u := 0.7*m - l.Shift
			want := l.Own*math.Log1p(math.Exp(-u)) + l.Other*math.Log1p(math.Exp(u))
			if got := l.Loss(m); math.Abs(got-want) > 1e-13*(1+math.Abs(want)) {
				t.Errorf("%s: φ(%v) = %v, by its own account %v", o.Key, m, got, want)
			}
		}
	}
	if count != 8 {
		t.Errorf("%d objectives are logistic, want dpo, cdpo, rdpo, simpo, sigmoid_norm, dpo_reference_free, aot, aot_unpaired", count)
	}
}

// TestObjectivesAtExtremes: no score that a log-probability can have makes a
// loss or a derivative NaN, and only what is truly beyond a float64 is infinite.
func TestObjectivesAtExtremes(t *testing.T) {
	sizes := []float64{0, 1e-300, 1e-9, 1, 36, 37.5, 709, 710, 745, 746, 2000, 1e6}
	overflows := map[string]bool{"fdiv_forward_kl": true, "fdiv_alpha": true, "chi_po": true}
	for i := range objective.All() {
		o := &objective.All()[i]
		for _, beta := range []float64{1e-4, 0.1, 10} {
			l := o.With(o.Defaults(beta))
			each(sizes, func(x, y float64) {
				values := extremeValues(l, x, y)
				for _, v := range values {
					if math.IsNaN(v) || math.IsInf(v, 0) && !overflows[o.Key] {
						t.Errorf("%s, β = %v, at %v, %v: %v", o.Key, beta, x, y, values)
						return
					}
				}
			})
		}
	}
}

// each calls f with all pairs of sizes, under either sign.
func each(sizes []float64, f func(x, y float64)) {
	for _, x := range sizes {
		for _, y := range sizes {
			f(x, y)
			f(x, -y)
			f(-x, y)
			f(-x, -y)
		}
	}
}

func extremeValues(l *objective.Loss, x, y float64) []float64 {
	if l.Objective.Reply != nil {
		a, b := l.Reply.Good(x, math.Abs(y))
		c, d := l.Reply.Bad(x, math.Abs(y))
		return []float64{a, b, c, d}
	}
	if !l.Objective.Reference && !l.Objective.Lengths || l.Objective.Key == "orpo" {
		// The scores are log-probabilities: below 0, and not infinite odds for the rejected.
		x, y = -math.Abs(x), -math.Abs(y)-1e-12
	}
	a, b, c := l.Pair(x, y)
	return []float64{a, b, c}
}

// TestOverflowIsTrue follows two losses over the largest float64: −e^−x and the
// like go there long before a log-probability does.
func TestOverflowIsTrue(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		key                string
		x, y               float64
		loss, dLow, dChose float64 // bounds: loss, and the derivative with respect to y and to x
	}{
		{"fdiv_forward_kl", -2000, 0, inf, 0.1, -inf},
		{"fdiv_forward_kl", 0, -2000, 0, 0, 0},
		{"fdiv_forward_kl", -2000, -2000, math.Ln2, inf, -inf},
		{"fdiv_forward_kl", 2000, 2000, math.Ln2, 0, 0},
		{"chi_po", 2000, -2000, math.Log1p(math.Exp(-20)), 0, 0},
		{"chi_po", -2000, 2000, 20 + math.Log1p(math.Exp(-20)), 0, 0},
	} {
		o := objective.Named(c.key)
		loss, dx, dy := o.With(o.Defaults(0.1)).Pair(c.x, c.y)
		if math.Abs(loss-c.loss) > 1e-12 || dx != c.dChose || dy != c.dLow {
			t.Errorf("%s at %v, %v = %v, %v, %v, want %v, %v, %v", c.key, c.x, c.y, loss, dx, dy, c.loss, c.dChose, c.dLow)
		}
	}
}

// TestByMarginLeavesOthersAlone: through a softmax, exactly the objectives that
// say so have a gradient on the logits of the compared replies alone, which
// is where the derivatives with respect to the log-probabilities sum to 0.
func TestByMarginLeavesOthersAlone(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		for _, tokens := range [][2]float64{{3, 3}, {3, 5}} {
			if o.Reply != nil || o.Sorted != objective.Unsorted {
				if o.ByMargin(true) {
					t.Errorf("%s cannot go by the margin of each pair", o.Key)
				}
				continue
			}
			_, dc, dr := lossOf(o.With(o.Defaults(0.5)), [4]float64{-1.3, -0.6, -0.9, -1.1}, tokens)
			cancels := math.Abs(dc+dr) < 1e-15
			if by := o.ByMargin(tokens[0] == tokens[1]); by != cancels {
				t.Errorf("%s, lengths %v: ByMargin is %v, ∂chosen + ∂rejected = %v", o.Key, tokens, by, dc+dr)
			}
		}
	}
}

func TestCheckNamesTheHyperParameter(t *testing.T) {
	for _, c := range []struct {
		key  string
		set  objective.Hyper
		to   float64
		want string
	}{
		{"dpo", objective.HyperBeta, 0, "positive: beta=0"},
		{"dpo", objective.HyperBeta, math.NaN(), "positive: beta=NaN"},
		{"rdpo", objective.HyperEpsilon, 0.5, "range: eps=0.5, allowed are 0 to 0.49"},
		{"exo_pair", objective.HyperEpsilon, 0, "range: eps=0, allowed are 0.0001 to 0.5"},
		{"discopop", objective.HyperTau, -1, "range: tau=-1, allowed are 0.01 to 10"},
		{"dpo", objective.HyperEpsilon, 7, ""},
	} {
		o := objective.Named(c.key)
		p := o.Defaults(0.5)
		*p.At(c.set) = c.to
		got := ""
		if complaint := o.Check(p); complaint != nil {
			got = complaint.Error()
		}
		if got != c.want {
			t.Errorf("%s with %s = %v: %q, want %q", c.key, c.set.Info().Key, c.to, got, c.want)
		}
	}
}

// BenchmarkObjective times one evaluation: of the slope alone, as a step on
// margins needs it, and of a whole batch of 64 pairs, per pair.
func BenchmarkObjective(b *testing.B) {
	for i := range objective.All() {
		o := &objective.All()[i]
		l := o.With(o.Defaults(0.5))
		if o.ByMargin(true) {
			b.Run(o.Key+"/slope", func(b *testing.B) {
				m, sum := 0.1, 0.0
				for b.Loop() {
					sum += l.Margin.Slope(m)
					m = 0.3 - m
				}
				if math.IsNaN(sum) {
					b.Fatal("not a number")
				}
			})
		}
		b.Run(o.Key+"/batch", func(b *testing.B) {
			batch := randomBatch(rand.New(rand.NewPCG(1, 2)), 64, true)
			for b.Loop() {
				batch.Mean(l, 0.1)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/pair")
		})
	}
}

func ExampleObjective() {
	dpo := objective.Named("dpo").With(objective.HyperParams{Beta: 0.5})
	loss, dChosen, dRejected := dpo.Pair(0, 0)
	fmt.Printf("%.6f %+.2f %+.2f\n", loss, dChosen, dRejected)
	// Output: 0.693147 -0.25 +0.25
}
