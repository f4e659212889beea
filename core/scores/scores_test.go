package scores_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/scores"
)

var never = math.Inf(-1)

// wantScores compares scores, −Inf exactly.
func wantScores(t *testing.T, name string, got *scores.Scores, want []float64, tolerance float64) {
	t.Helper()
	for k, w := range want {
		if g := got.Score[k]; g != w && !(math.Abs(g-w) <= tolerance) {
			t.Errorf("%s: scores %v, want %v within %g", name, got.Score, want, tolerance)
			return
		}
	}
}

func TestScoresThatAreKnownInClosedForm(t *testing.T) {
	ln := math.Log
	for _, c := range []struct {
		name           string
		k              int
		votes          []data.Pair
		eps            float64
		score          []float64
		finite, unique bool
	}{
		{"one reply", 1, nil, 0, []float64{0}, true, true},
		{"no votes, two replies", 2, nil, 0, []float64{0, 0}, true, false},
		{"no votes", 4, nil, 0.1, []float64{0, 0, 0, 0}, true, false},
		{"counts of zero say nothing", 3, []data.Pair{datatest.Vote(0, 1, 0)}, 0, []float64{0, 0, 0}, true, false},
		{"one label, greedy whatever β", 2, []data.Pair{datatest.Vote(0, 1, 3)}, 0, []float64{0, never}, false, true},
		{"one label the other way", 2, []data.Pair{datatest.Vote(1, 0, 3)}, 0, []float64{never, 0}, false, true},
		{"two replies, 3 to 1", 2, []data.Pair{datatest.Vote(0, 1, 3), datatest.Vote(1, 0, 1)}, 0, []float64{ln(3) / 2, -ln(3) / 2}, true, true},
		{"two replies, 1e9 to 1", 2, []data.Pair{datatest.Vote(0, 1, 1e9), datatest.Vote(1, 0, 1)}, 0, []float64{ln(1e9) / 2, -ln(1e9) / 2}, true, true},
		{"label smoothing on one label", 2, []data.Pair{datatest.Vote(0, 1, 7)}, 0.2, []float64{ln(4) / 2, -ln(4) / 2}, true, true},
		{"label smoothing one half", 3, []data.Pair{datatest.Vote(0, 1, 7), datatest.Vote(1, 2, 5)}, 0.5, []float64{0, 0, 0}, true, true},
		{"two of three replies, 3 to 1", 3, []data.Pair{datatest.Vote(0, 2, 3), datatest.Vote(2, 0, 1)}, 0, []float64{ln(3) / 2, 0, -ln(3) / 2}, true, false},
		{"a cycle", 3, []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(1, 2, 1), datatest.Vote(2, 0, 1)}, 0, []float64{0, 0, 0}, true, true},
		{"a tree, 1e9 to 1e-9", 3, []data.Pair{datatest.Vote(0, 1, 1e9), datatest.Vote(1, 0, 1e-9), datatest.Vote(1, 2, 1), datatest.Vote(2, 1, 1)}, 0,
			[]float64{2 * ln(1e18) / 3, -ln(1e18) / 3, -ln(1e18) / 3}, true, true},
		{"missing comparison", 3, []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(1, 0, 1), datatest.Vote(0, 2, 1)}, 0, []float64{0, 0, never}, false, true},
		{"a chain", 4, []data.Pair{datatest.Vote(2, 1, 1), datatest.Vote(1, 0, 5), datatest.Vote(0, 3, 2)}, 0, []float64{never, never, 0, never}, false, true},
		{"an unseen arm vanishes beside a winner", 3, []data.Pair{datatest.Vote(0, 1, 1)}, 0, []float64{0, never, never}, false, false},
		{"a finite component vanishes beside a winner", 5, []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(2, 3, 1), datatest.Vote(3, 2, 9)}, 0,
			[]float64{0, never, never, never, never}, false, false},
		// Both components follow y = ½ log(2nt).
		{"two winners, 9 votes to 1", 4, []data.Pair{datatest.Vote(0, 1, 9), datatest.Vote(2, 3, 1)}, 0, []float64{0, never, -ln(9) / 2, never}, false, false},
		// y_0 and y_1 rise like ⅓ log t and differ by the logarithm of their counts.
		{"two beat one", 3, []data.Pair{datatest.Vote(0, 2, 1), datatest.Vote(1, 2, 3)}, 0, []float64{-ln(3), 0, never}, false, true},
		// y_0 rises by ½ log t + ¼ log log t, y_2 by ½ log t − ¼ log log t.
		{"a drift like log log t", 4, []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(0, 3, 1), datatest.Vote(2, 3, 1)}, 0, []float64{0, never, never, never}, false, true},
		// Of two winners, one is the fit of a contested pair.
		{"a winning pair and a loser", 4, []data.Pair{datatest.Vote(0, 1, 4), datatest.Vote(1, 0, 1), datatest.Vote(1, 2, 2), datatest.Vote(0, 3, 1)}, 0,
			[]float64{0, -ln(4), never, never}, false, true},
	} {
		s := coretest.FitScores(c.k, c.votes, c.eps)
		wantScores(t, c.name, s, c.score, 1e-12)
		if s.Finite != c.finite || s.Unique != c.unique || !s.Computed {
			t.Errorf("%s: finite %v, unique %v, computed %v; want %v, %v, true", c.name, s.Finite, s.Unique, s.Computed, c.finite, c.unique)
		}
		for k, score := range s.Score {
			if slices.Contains(s.RunsAway, k) != (score == never) || slices.Contains(s.Survivors, k) == (score == never) {
				t.Errorf("%s: survivors %v, running away %v, scores %v", c.name, s.Survivors, s.RunsAway, s.Score)
			}
		}
	}
}

func TestTheSplitAmongSurvivorsDependsOnBeta(t *testing.T) {
	s := coretest.FitScores(4, []data.Pair{datatest.Vote(0, 1, 9), datatest.Vote(2, 3, 1)}, 0)
	uniform := []float64{-math.Log(4), -math.Log(4), -math.Log(4), -math.Log(4)}
	for _, c := range []struct{ beta, share, kl float64 }{{0.5, 0.900, 1.061}, {1, 0.750, 0.824}} {
		var tilt scores.Tilt
		tilt.Set(uniform, s.Score, c.beta)
		if got := math.Exp(tilt.LogPi[0]); math.Abs(got-c.share) > 1e-12 {
			t.Errorf("β = %v: π(a) = %v, want %v", c.beta, got, c.share)
		}
		if math.Abs(tilt.KL-c.kl) > 5e-4 {
			t.Errorf("β = %v: KL = %v, want %v", c.beta, tilt.KL, c.kl)
		}
	}
}

func TestComponentsAndWhichConverge(t *testing.T) {
	s := coretest.FitScores(7, []data.Pair{datatest.Vote(5, 1, 1), datatest.Vote(6, 2, 1), datatest.Vote(2, 6, 3), datatest.Vote(0, 5, 2)}, 0)
	if want := []int{0, 0, 1, 2, 3, 0, 1}; !slices.Equal(s.Component, want) {
		t.Errorf("components %v, want %v", s.Component, want)
	}
	if want := []bool{false, true, true, true}; !slices.Equal(s.Converges, want) {
		t.Errorf("converges %v, want %v", s.Converges, want)
	}
	if want := []int{0}; !slices.Equal(s.Survivors, want) {
		t.Errorf("survivors %v, want %v", s.Survivors, want)
	}
}

// TestScoresAgreeWithPeers checks the minimisers that peers' loss code has:
// π_ref·exp(ŝ/β) is the minimiser of the expected dpo and cdpo losses.
func TestScoresAgreeWithPeers(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(coretest.GoldenPath(t, "core/testdata/golden"), "population_minimisers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			ID, Objective string
			In            struct {
				Ref        []float64          `json:"ref_probs"`
				HP         map[string]float64 `json:"hp"`
				Preference [][]float64        `json:"preference"`
				Weight     [][]float64        `json:"pair_weight"`
			} `json:"in"`
			Out struct {
				Pi []float64 `json:"pi"`
			} `json:"out"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(file, &golden); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range golden.Cases {
		if c.Objective != "dpo" && c.Objective != "cdpo" {
			continue
		}
		seen++
		var votes []data.Pair
		for i, row := range c.In.Preference {
			for j, p := range row {
				if i != j {
					if c.In.Weight != nil {
						p *= c.In.Weight[i][j]
					}
					votes = append(votes, datatest.Vote(i, j, p))
				}
			}
		}
		s := coretest.FitScores(len(c.In.Ref), votes, c.In.HP["label_smoothing"])
		logRef := make([]float64, len(c.In.Ref))
		for k, p := range c.In.Ref {
			logRef[k] = math.Log(p)
		}
		var tilt scores.Tilt
		tilt.Set(logRef, s.Score, c.In.HP["beta"])
		for k, want := range c.Out.Pi {
			if got := math.Exp(tilt.LogPi[k]); math.Abs(got-want) > 1e-8 {
				t.Errorf("%s: π[%d] = %v, want %v", c.ID, k, got, want)
			}
		}
	}
	if seen == 0 {
		t.Error("the file has no case for dpo or cdpo")
	}
}

// randomVotes draws votes on pairs of k replies, each pair compared with the
// given probability, with two-sided counts of 10^(±spread).
func randomVotes(rng *rand.Rand, k int, coverage, spread float64) []data.Pair {
	var votes []data.Pair
	for a := range k {
		for b := range a {
			if rng.Float64() < coverage {
				votes = append(votes, datatest.Vote(a, b, math.Pow(10, spread*(2*rng.Float64()-1))))
				votes = append(votes, datatest.Vote(b, a, math.Pow(10, spread*(2*rng.Float64()-1))))
			}
		}
	}
	return votes
}

// imbalance returns the largest |gradient| at a reply, as a share of the
// forces that pull at it.
func imbalance(y []float64, votes []data.Pair, eps float64) float64 {
	gradient, scale := make([]float64, len(y)), make([]float64, len(y))
	push := func(w, l int, n float64) {
		f := n / (1 + math.Exp(y[w]-y[l]))
		gradient[w] += f
		gradient[l] -= f
		scale[w] += f
		scale[l] += f
	}
	for _, v := range votes {
		push(v.Chosen, v.Rejected, (1-eps)*v.Count)
		push(v.Rejected, v.Chosen, eps*v.Count)
	}
	worst := 0.0
	for i, g := range gradient {
		if scale[i] > 0 {
			worst = math.Max(worst, math.Abs(g)/scale[i])
		}
	}
	return worst
}

func TestTheGradientVanishesAtTheScores(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, spread := range []float64{0.3, 3, 9} {
		for _, k := range []int{3, 4, 6, 20, 101, 150} {
			for _, coverage := range []float64{0.2, 1} {
				votes := randomVotes(rng, k, coverage, spread)
				s := coretest.FitScores(k, votes, 0)
				if !s.Finite || !s.Computed {
					t.Fatalf("k = %d, spread %v: finite %v, computed %v", k, spread, s.Finite, s.Computed)
				}
				if got := imbalance(s.Score, votes, 0); got > 1e-13 {
					t.Errorf("k = %d, spread %v, coverage %v: gradient %g of the forces", k, spread, coverage, got)
				}
			}
		}
	}
}

func TestScoresMaximiseTheLikelihood(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 30 {
		k := 3 + rng.IntN(5)
		votes := randomVotes(rng, k, 1, 1)
		loss := func(y []float64) float64 {
			l := 0.0
			for _, v := range votes {
				l += v.Count * math.Log1p(math.Exp(y[v.Rejected]-y[v.Chosen]))
			}
			return l
		}
		grad := func(g, y []float64) {
			clear(g)
			for _, v := range votes {
				f := v.Count / (1 + math.Exp(y[v.Chosen]-y[v.Rejected]))
				g[v.Chosen] -= f
				g[v.Rejected] += f
			}
		}
		found, err := optimize.Minimize(optimize.Problem{Func: loss, Grad: grad}, make([]float64, k),
			&optimize.Settings{GradientThreshold: 1e-9}, &optimize.BFGS{})
		if found == nil {
			t.Fatal(err)
		}
		mean := 0.0
		for _, y := range found.X {
			mean += y / float64(k)
		}
		for i := range found.X {
			found.X[i] -= mean
		}
		wantScores(t, fmt.Sprint(votes), coretest.FitScores(k, votes, 0), found.X, 1e-6)
	}
}

// TestNearlySeparableVotes: in a cycle 0 ≻ 1 ≻ … ≻ k−1 of strong votes with one
// weak vote back, every link carries the same flux, n·σ(−Δ) = weak·σ(ΣΔ).
func TestNearlySeparableVotes(t *testing.T) {
	for _, k := range []int{3, 10, 60, 130} {
		votes := []data.Pair{datatest.Vote(k-1, 0, 1e-9)}
		for i := range k - 1 {
			votes = append(votes, datatest.Vote(i, i+1, 1e9))
		}
		gap := math.Log(1e18 - 1) // σ(ΣΔ) = 1 to rounding
		want := make([]float64, k)
		for i := range want {
			want[i] = gap * (float64(k-1)/2 - float64(i))
		}
		wantScores(t, fmt.Sprint(k), coretest.FitScores(k, votes, 0), want, 1e-9*float64(k))
	}
}

func TestSlicingChangesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	finite := randomVotes(rng, 130, 0.3, 1)
	oneSided := []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(1, 2, 1), datatest.Vote(3, 4, 1), datatest.Vote(4, 5, 1), datatest.Vote(0, 5, 1)}
	f := new(scores.Fit)
	for _, c := range []struct {
		k     int
		votes []data.Pair
	}{{130, finite}, {6, oneSided}, {2, oneSided[:1]}, {130, finite}} {
		want := coretest.FitScores(c.k, c.votes, 0)
		f.Reset(c.k, c.votes, 0)
		f.Work(10) // and abandon it
		f.Reset(c.k, c.votes, 0)
		calls := 0
		for !f.Work(1000) {
			calls++
		}
		if c.k > 2 && calls == 0 {
			t.Errorf("k = %d: the work was not sliced", c.k)
		}
		if got := f.Scores(); !slices.Equal(got.Score, want.Score) || !slices.Equal(got.Survivors, want.Survivors) {
			t.Errorf("k = %d: sliced %v, whole %v", c.k, got, want)
		}
	}
}

func TestTheOrderOfVotesAndTheirScaleDoNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		k := 3 + rng.IntN(5)
		votes := oneSidedVotes(rng, k)
		want := coretest.FitScores(k, votes, 0)
		name, moved := rng.Perm(k), make([]float64, k)
		other := make([]data.Pair, 0, len(votes))
		for _, i := range rng.Perm(len(votes)) {
			v := votes[i]
			other = append(other, datatest.Vote(name[v.Chosen], name[v.Rejected], 7*v.Count))
		}
		for i, s := range want.Score {
			moved[name[i]] = s
		}
		wantScores(t, fmt.Sprint(votes), coretest.FitScores(k, other, 0), moved, 1e-6)
	}
}

func TestMisuseIsReported(t *testing.T) {
	for name, call := range map[string]func(){
		"no reply":            func() { coretest.FitScores(0, nil, 0) },
		"smoothing too large": func() { coretest.FitScores(2, nil, 0.6) },
		"smoothing NaN":       func() { coretest.FitScores(2, nil, math.NaN()) },
		"same reply":          func() { coretest.FitScores(2, []data.Pair{datatest.Vote(1, 1, 1)}, 0) },
		"reply out of range":  func() { coretest.FitScores(2, []data.Pair{datatest.Vote(0, 2, 1)}, 0) },
		"negative count":      func() { coretest.FitScores(2, []data.Pair{datatest.Vote(0, 1, -1)}, 0) },
		"infinite count":      func() { coretest.FitScores(2, []data.Pair{datatest.Vote(0, 1, math.Inf(1))}, 0) },
		"not done":            func() { scores.NewFit(3, nil, 0).Scores() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
