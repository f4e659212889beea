package landscape

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
)

// fieldLab is a lab on one prompt of k replies with random votes, at a random
// place.
func fieldLab(t *testing.T, r *rand.Rand, k int, objective string, beta float64) *core.Lab {
	t.Helper()
	replies, ref := make([]data.Reply, k), make([]float64, k)
	for i := range replies {
		replies[i] = data.Reply{Reward: r.NormFloat64(), Tokens: float64(1 + r.IntN(9))}
		ref[i] = 0.05 + r.Float64()
	}
	var pairs []data.Pair
	for a := range k {
		for b := range a {
			pairs = append(pairs, data.Pair{0, a, b, float64(1 + r.IntN(9))}, data.Pair{0, b, a, float64(1 + r.IntN(9))})
		}
	}
	l := coretest.LabWith(t, []data.Prompt{{Replies: replies, Reference: ref}}, pairs, nil)
	e := l.Experiment
	e.Settings = e.Settings.Choose(objective)
	e.Settings[core.Beta], e.Settings[core.Rate] = beta, 1e-6
	for range k {
		e.Start = append(e.Start, math.Round(1000*r.NormFloat64())/1000)
	}
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	l.Launch.Work(scores.WorkBudget)
	l.Meter.ReadPrompt(l.Run.Policy(), 0)
	return l
}

// put sends a lab's run to a point of the triangle, the others staying at base.
func put(l *core.Lab, base []float64, corners [3]int, p [3]float64) {
	total := 0.0
	for _, k := range corners {
		total += math.Exp(base[k])
	}
	start := make([]float64, l.Arms())
	for k := range start {
		start[k] = base[k] - l.Reference()[k]
	}
	for i, k := range corners {
		start[k] = math.Log(total*p[i]) - l.Reference()[k]
	}
	l.Run.Trainer.StartAt(start)
	l.Meter.ReadPrompt(l.Run.Policy(), 0)
}

func posed(t *testing.T, l *core.Lab, corners [3]int) *Field {
	t.Helper()
	f := NewField()
	if state := Pose(l, f, corners[:]); state != FieldShown {
		t.Fatalf("%s: no field, %q", l.Experiment.Settings.Objective().Key, state)
	}
	f.HoldPolicy(l.Policy())
	for !f.Work(1000) {
	}
	return f
}

// cellPoint is what a cell's place comes to, by the geometry of the doc comment.
func cellPoint(row, column int) [3]float64 {
	a, x := 1-float64(row)/FieldSteps, float64(column)/FieldSteps
	return [3]float64{a, 1 - x - a/2, x - a/2}
}

// Every cell is the mean loss that a meter reads off a run at that place, and
// the flow is the way that a small step of plain descent takes the shares, for
// every objective.
func TestFieldIsTheLoss(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 1))
	for i := range objective.All() {
		key := objective.All()[i].Key
		for _, k := range []int{3, 5} {
			corners := [3]int{2, 0, k - 2}
			l := fieldLab(t, r, k, key, []float64{0.1, 0.7, 2}[r.IntN(3)])
			f, base := posed(t, l, corners), append([]float64(nil), l.Policy()...)
			for range 12 {
				row := 1 + r.IntN(FieldSteps-2)
				from, to := FieldRow(row)
				column := from + r.IntN(to-from+1)
				p := cellPoint(row, column)
				if min(p[0], p[1], p[2]) <= 0 {
					continue
				}
				put(l, base, corners, p)
				want := l.Meter.Read(l.Run.Policy(), 0).Loss
				if got := f.Loss[row*FieldSide+column]; math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
					t.Errorf("%s, %d replies: %v at %v, a meter reads %v", key, k, got, p, want)
				}
				if got := f.At(p[:]); math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
					t.Errorf("%s, %d replies: At is %v at %v, a meter reads %v", key, k, got, p, want)
				}
				checkFieldFlow(t, f, l, corners, p)
			}
		}
	}
}

func checkFieldFlow(t *testing.T, f *Field, l *core.Lab, corners [3]int, p [3]float64) {
	t.Helper()
	var dp [3]float64
	f.Flow(dp[:], p[:])
	const rate = 1e-6
	l.Run.Trainer.Advance(1)
	l.Meter.ReadPrompt(l.Run.Policy(), 0)
	total, size := 0.0, 0.0
	for i, k := range corners {
		total += math.Exp(l.Policy()[k])
		size = max(size, math.Abs(dp[i]))
	}
	for i, k := range corners {
		got := (math.Exp(l.Policy()[k])/total - p[i]) / rate
		if math.Abs(got-dp[i]) > 1e-3*size+1e-8 {
			t.Errorf("%s: the flow at %v is %v, and a step goes %v", l.Experiment.Settings.Objective().Key, p, dp[i], got)
			return
		}
	}
}

// One pair, three replies: L = −log σ(β(log p₀/p₁ − log q₀/q₁)), nothing held.
func TestFieldOfOnePair(t *testing.T) {
	l := coretest.NewLab(t, "unseen", nil)
	f := posed(t, l, [3]int{0, 1, 2})
	for _, cell := range [][2]int{{64, 64}, {100, 40}, {20, 66}, {127, 3}} {
		p := cellPoint(cell[0], cell[1])
		u := 0.5 * (math.Log(p[0]/p[1]) - math.Log(.1/.6))
		if got, want := f.Loss[cell[0]*FieldSide+cell[1]], math.Log1p(math.Exp(-u)); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: %v, want %v", p, got, want)
		}
	}
}

// The exhibit of three one-sided pairs: IPO's pit is at logits (1/(3β), 0, −1/(3β)).
func TestFieldHasIPOsPit(t *testing.T) {
	l := coretest.NewLab(t, "onesided", nil)
	f := posed(t, l, [3]int{0, 1, 2})
	best, low := [3]float64{}, math.Inf(1)
	for row := range FieldSide {
		from, to := FieldRow(row)
		for column := from; column <= to; column++ {
			if v := f.Loss[row*FieldSide+column]; v < low {
				low, best = v, cellPoint(row, column)
			}
		}
	}
	for i, want := range []float64{.448, .321, .230} {
		if math.Abs(best[i]-want) > 1.0/FieldSteps {
			t.Errorf("the pit is at %v", best)
		}
	}
	if f.Low != low || !(f.Low < f.Middle && f.Middle < f.High) {
		t.Errorf("bounds %v %v %v, least %v", f.Low, f.Middle, f.High, low)
	}
}

// rlhfField is the field of a lab under RLHF, at its reference.
func rlhfField(t *testing.T, leash float64, corners [3]int) (*core.Lab, *Field) {
	t.Helper()
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.ExactGradient), core.LeashChoice: leash, core.Rate: 1e-6})
	return l, posed(t, l, corners)
}

// minusJ is −J of RLHF, from its definition.
func minusJ(l *core.Lab, leash float64, logPi []float64) float64 {
	j, reward := 0.0, l.RLHF().Reward()
	for k, lp := range logPi {
		j += math.Exp(lp) * reward[k]
	}
	if leash == float64(rlhf.LeashK3Loss) {
		return l.Beta()*num.KL(l.Reference(), logPi) - j
	}
	return l.Beta()*num.KL(logPi, l.Reference()) - j
}

// sharesOf are the corners' shares of what they have together.
func sharesOf(logPi []float64, corners [3]int) (p [3]float64, total float64) {
	for i, k := range corners {
		p[i] = math.Exp(logPi[k])
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p, total
}

// Under RLHF the surface is −J, and the flow the exact gradient's.
func TestFieldOfRLHF(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	corners := [3]int{1, 3, 0}
	for _, leash := range []float64{float64(rlhf.LeashInReward), float64(rlhf.LeashK3Loss)} {
		l, f := rlhfField(t, leash, corners)
		logPi := append([]float64(nil), l.Policy()...)
		_, total := sharesOf(logPi, corners)
		for range 20 {
			row := 4 + r.IntN(FieldSteps-8)
			from, to := FieldRow(row)
			column := from + 1 + r.IntN(to-from-1)
			p := cellPoint(row, column)
			for i, k := range corners {
				logPi[k] = math.Log(total * p[i])
			}
			if got, want := f.Loss[row*FieldSide+column], minusJ(l, leash, logPi); math.Abs(got-want) > 1e-12 {
				t.Errorf("−J is %v at %v, want %v", got, p, want)
			}
			ratio := make([]float64, len(logPi))
			for k := range ratio {
				ratio[k] = logPi[k] - l.Reference()[k]
			}
			rlhf := l.RLHF()
			coretest.StandAt(rlhf, ratio)
			rlhf.Advance(1)
			l.Meter.ReadPrompt(rlhf, 0)
			var dp [3]float64
			f.Flow(dp[:], p[:])
			now, _ := sharesOf(l.Policy(), corners)
			for i := range p {
				if got := (now[i] - p[i]) / 1e-6; math.Abs(got-dp[i]) > 1e-4 {
					t.Errorf("the flow at %v is %v, and a step goes %v", p, dp[i], got)
				}
			}
		}
	}
}

// At RLHF's optimum, the tilt of its reward, nothing flows.
func TestFieldOfRLHFRestsAtTheTilt(t *testing.T) {
	corners := [3]int{1, 3, 0}
	for _, leash := range []float64{float64(rlhf.LeashInReward), float64(rlhf.LeashK3Loss)} {
		l, f := rlhfField(t, leash, corners)
		f.HoldPolicy(l.Optimum.LogPi)
		p, _ := sharesOf(l.Optimum.LogPi, corners)
		var dp [3]float64
		if f.Flow(dp[:], p[:]); math.Abs(dp[0])+math.Abs(dp[1]) > 1e-9 {
			t.Errorf("at the optimum the flow is %v", dp)
		}
	}
}

// A field is finite at every β, its bounds in order, and filled in bit by bit it
// never shows what is not there.
func TestFieldsAreFinite(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 3))
	for i := range objective.All() {
		for _, beta := range []float64{0.01, 5} {
			l := fieldLab(t, r, 4, objective.All()[i].Key, beta)
			f := NewField()
			Pose(l, f, []int{3, 1, 0})
			f.HoldPolicy(l.Policy())
			for done := false; !done; {
				done = f.Work(997)
				if f.Grids() == 0 {
					continue
				}
				for row := range FieldSide {
					from, to := FieldRow(row)
					for column := max(0, from-1); column <= min(FieldSteps, to+1); column++ {
						if v := f.Loss[row*FieldSide+column]; v-v != 0 {
							t.Fatalf("%s, β=%v: %v in row %d, column %d", objective.All()[i].Key, beta, v, row, column)
						}
					}
				}
				if !(f.Low <= f.Middle && f.Middle <= f.High) || f.High-f.High != 0 {
					t.Fatalf("%s, β=%v: bounds %v %v %v", objective.All()[i].Key, beta, f.Low, f.Middle, f.High)
				}
			}
		}
	}
}

// Why there is no surface.
func TestFieldStates(t *testing.T) {
	f := NewField()
	for _, c := range []struct {
		preset, objective string
		how               float64
		want              FieldState
	}{
		{"three", "kto", core.LearnDirectly, FieldShared}, {"three", "aot", core.LearnDirectly, FieldShared}, {"three", "dpo", core.LearnDirectly, FieldShown},
		{"three", "kto", core.LearnByRLHF, FieldShown}, {"same", "dpo", core.LearnOnline, FieldOnline}, {"displacement", "dpo", core.LearnDirectly, FieldShown},
		{"shared", "dpo", core.LearnDirectly, FieldCarried},
	} {
		e := core.FindPreset(coretest.TestPresets(), c.preset).Start()
		e.Settings = e.Settings.Choose(c.objective)
		e.Settings[core.How] = c.how
		l, complaint := core.NewLab(coretest.TestPresets(), e)
		if complaint != nil {
			t.Fatal(complaint)
		}
		if c.how == core.LearnByRLHF {
			if got := Pose(l, f, []int{0, 1, 2}); got != FieldFitting {
				t.Errorf("%s: %q before the reward is fitted", c.preset, got)
			}
		}
		coretest.SettleLab(l, 100)
		if got := Pose(l, f, []int{0, 1, 2}); got != c.want {
			t.Errorf("%s, %s: %q, want %q", c.preset, c.objective, got, c.want)
		}
	}
	silent := coretest.LabWith(t, []data.Prompt{{Replies: make([]data.Reply, 3)}}, []data.Pair{}, nil)
	if got := Pose(silent, f, []int{0, 1, 2}); got != FieldSilent {
		t.Errorf("%q where nothing was said", got)
	}
}

// While a run plays, a field is placed and filled again and again.
func TestFieldAllocatesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 4))
	for _, key := range []string{"dpo", "ipo", "orpo", "kto", "aot"} {
		l := fieldLab(t, r, 6, key, 0.5)
		f := posed(t, l, [3]int{0, 1, 2})
		var dp [3]float64
		if n := testing.AllocsPerRun(3, func() {
			f.HoldPolicy(l.Policy())
			f.Work(2000)
			f.Flow(dp[:], []float64{.2, .3, .5})
		}); n != 0 {
			t.Errorf("%s: %v allocations", key, n)
		}
	}
}

// BenchmarkField is a field of fifteen pairs after a change of β.
func BenchmarkField(b *testing.B) {
	for _, key := range []string{"dpo", "ipo", "dpop", "orpo", "kto", "aot"} {
		b.Run(key, func(b *testing.B) {
			presets := coretest.TestPresets()
			e := presets[0].Start()
			e.Settings = e.Settings.Choose(key)
			l, _ := core.NewLab(presets, e)
			f := NewField()
			l.Meter.ReadPrompt(l.Run.Policy(), 0)
			b.ReportAllocs()
			for b.Loop() {
				Pose(l, f, []int{0, 1, 2})
				f.HoldPolicy(l.Policy())
				for !f.Work(1 << 20) {
				}
			}
		})
	}
}
