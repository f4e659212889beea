package slowmotion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// slowSettings are experiments of all kinds, by name.
func slowSettings() map[string]map[core.Param]float64 {
	out := map[string]map[core.Param]float64{
		"minibatch":       {core.Batch: 8},
		"population":      {core.Batch: 8, core.Source: core.FromPopulation},
		"smoothed":        {core.Smoothing: 0.2, core.Batch: 5},
		"moving":          {core.RefEvery: 7},
		"kto kl":          {core.ObjectiveChoice: indexOf("kto"), core.Baseline: core.BaselineKL},
		"kto batch":       {core.ObjectiveChoice: indexOf("kto"), core.Batch: 6},
		"ipo batch":       {core.ObjectiveChoice: indexOf("ipo"), core.Batch: 6, core.Rate: 0.1},
		"online":          {core.How: core.LearnOnline, core.Judged: 16},
		"online smoothed": {core.How: core.LearnOnline, core.Judged: 16, core.Every: 3, core.Smoothing: 0.1, core.Optimizer: train.Adam, core.Rate: 0.02},
		"reward model":    {core.How: core.LearnByRLHF, core.RewardFit: core.FitBySteps, core.RewardSteps: 500},
		"custom reward":   {core.How: core.LearnByRLHF, core.RewardFit: core.FitNothing},
		"new votes":       {core.How: core.LearnByRLHF, core.RewardFit: core.FitBySteps, core.RewardSteps: 3, core.Fresh: 5, core.Judged: 8},
	}
	for i, o := range objective.All() {
		out[o.Key] = map[core.Param]float64{core.ObjectiveChoice: float64(i), core.Rate: 0.05}
		if o.Key != "dpo" {
			out[o.Key][core.Smoothing] = o.Defaults(1).Epsilon
		}
	}
	for _, kind := range []float64{train.Adam, train.Momentum, train.RMSprop} {
		out[fmt.Sprint("optimiser ", kind)] = map[core.Param]float64{core.Optimizer: kind, core.Rate: 0.02}
		out[fmt.Sprint("orpo, optimiser ", kind)] = map[core.Param]float64{core.Optimizer: kind, core.Rate: 0.02, core.ObjectiveChoice: indexOf("orpo")}
	}
	for est := rlhf.ExactGradient; est <= rlhf.PPO; est++ {
		for leash := rlhf.LeashInReward; leash <= rlhf.LeashK3Loss; leash++ {
			out[fmt.Sprint("rlhf ", est, leash)] = map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(est), core.LeashChoice: float64(leash), core.Rate: 0.5}
		}
	}
	out["ppo, many updates"] = map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.PPO), core.Minibatches: 4, core.Rate: 2, core.ValueRate: 0}
	out["grpo, adam"] = map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.GRPO), core.Optimizer: train.Adam, core.Rate: 0.05}
	return out
}

func indexOf(choice string) float64 {
	for i, o := range objective.All() {
		if o.Key == choice {
			return float64(i)
		}
	}
	panic(choice)
}

// The logits that slow motion ends at are, bit for bit, those that the run has
// one step later, and looking leaves no trace in the run.
func TestSlowMotionIsTheNextStep(t *testing.T) {
	for name, set := range slowSettings() {
		for _, preset := range []string{"tyre", "three"} {
			for _, step := range []float64{0, 1, 20} {
				set[core.Step] = step
				l := coretest.NewLab(t, preset, set)
				was := coretest.Moment(l)
				var s SlowMotion
				s.Read(l, 1, 2)
				s.Read(l, 0, 2)
				cost := l.Run.Cost()
				if !reflect.DeepEqual(coretest.Moment(l), was) || l.Run.StepCount() != int(step) || l.Run.Cost() != cost {
					t.Fatalf("%s: looking changed the run", name)
				}
				set[core.Step] = step + 1
				fresh := coretest.NewLab(t, preset, set)
				l.Run.Advance(1)
				l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
				if want := fresh.Logits(nil); s.By != ByScores && !reflect.DeepEqual(s.will, want) {
					t.Errorf("%s, %s, step %v: the next logits are %v, not %v", name, preset, step, s.will, want)
				}
				if !reflect.DeepEqual(l.Logits(nil), fresh.Logits(nil)) {
					t.Errorf("%s, %s, step %v: after a look the run goes elsewhere", name, preset, step)
				}
				if s.By == ByScores {
					if want := fresh.RLHF().Model.Fitted; s.Sides[0].ZNext != want[0] || s.Sides[1].ZNext != want[2] {
						t.Errorf("%s, step %v: the next scores are %v, not %v", name, step, s.Sides, want)
					}
				}
			}
		}
	}
}

func TestSlowMotionOfALinearPolicyIsTheNextStep(t *testing.T) {
	for _, kind := range []float64{train.SGD, train.Adam, train.Momentum} {
		for _, o := range []string{"dpo", "sft"} {
			set := map[core.Param]float64{core.Optimizer: kind, core.ObjectiveChoice: indexOf(o), core.Step: 12}
			l := coretest.NewLab(t, "displacement", set)
			var s SlowMotion
			s.Read(l, 0, 1)
			set[core.Step] = 13
			next := coretest.NewLab(t, "displacement", set)
			if want := next.Logits(nil); !reflect.DeepEqual(s.will, want) {
				t.Errorf("%s: the next logits are %v, not %v", o, s.will, want)
			}
			for j, w := range s.Weights {
				if w.Will != next.Run.Weights()[j] || w.Was != l.Run.Weights()[j] {
					t.Errorf("%s: weight %d goes from %v to %v, not %v to %v", o, j, w.Was, w.Will, l.Run.Weights(), next.Run.Weights())
				}
				// Δz = F Δθ, and for SGD Δθ = η·(minus the gradient).
				if kind == train.SGD {
					oracle.Near(t, "Δθ", w.Will-w.Was, s.Rule.Rate*w.Sum, 1e-14)
				}
			}
			for i, side := range s.Sides {
				dz := 0.0
				for _, w := range s.Weights {
					dz += w.Features[i] * (w.Will - w.Was)
				}
				oracle.Near(t, "Δz", side.ZNext-side.Z, dz, 1e-13)
			}
		}
	}
}

// What the pairs push adds up to what the batch pushes, under every objective
// that tells pairs apart; and SGD moves a logit by the learning rate times that.
func TestSlowMotionPartsAddUp(t *testing.T) {
	for name, set := range slowSettings() {
		if set[core.How] == core.LearnByRLHF {
			continue
		}
		set[core.Step] = 15
		l := coretest.NewLab(t, "tyre", set)
		n := l.Arms()
		sum, batch, votes := make([]float64, n), make([]float64, n), 0.0
		var s SlowMotion
		for a := range n {
			for b := a + 1; b < n; b++ {
				s.Read(l, a, b)
				if s.Vote.Loss.Objective.Sorted != objective.Unsorted {
					continue
				}
				votes += s.Vote.Won + s.Vote.Lost
				pi := oracle.Exps(l.Policy())
				through := 0.0 // the pushes on log π that do not cancel
				if rest := 1 - pi[a] - pi[b]; s.Vote.Others != 0 {
					through = -s.Vote.Others / rest
				}
				for k := range n {
					switch k {
					case a:
						sum[k] += s.Sides[0].Part
					case b:
						sum[k] += s.Sides[1].Part
					default:
						sum[k] -= pi[k] * through
					}
				}
				batch[a], batch[b] = s.Sides[0].Sum, s.Sides[1].Sum
				// Logits keep their sum: what the normaliser takes it gives.
				oracle.Near(t, name+": all", s.Sides[0].Sum+s.Sides[1].Sum+s.Vote.SumOthers, 0, 1e-14)
				for _, side := range s.Sides {
					if s.Rule.Kind == train.SGD {
						oracle.Near(t, name+": step", side.ZNext-side.Z, s.Rule.Rate*side.Sum, 1e-14)
					}
				}
			}
		}
		if s.Vote.Loss.Objective.Sorted != objective.Unsorted {
			continue
		}
		oracle.NearAll(t, name+": push", sum, batch, 1e-12)
		if s.By == ByVotes && votes != s.Vote.Batch {
			t.Errorf("%s: %v of %v votes are on some pair", name, votes, s.Vote.Batch)
		}
	}
}

// The first step of DPO from a uniform reference, in closed form: u = 0, so the
// loss is log 2, σ(−u) = ½ and each vote pushes by β/2; 5 votes against 2 of 9.
func TestSlowMotionOfTheFirstStep(t *testing.T) {
	const beta, rate = 0.4, 1.5
	l := coretest.LabWith(t, datatest.Replies(3), []data.Pair{{0, 2, 0, 5}, {0, 0, 2, 2}, {0, 1, 0, 2}}, map[core.Param]float64{core.Beta: beta, core.Rate: rate})
	var s SlowMotion
	s.Read(l, 2, 0)
	w, r, v := &s.Sides[0], &s.Sides[1], &s.Vote
	if v.Won != 5 || v.Lost != 2 || v.Batch != 9 || v.All != 7 || s.Step != 0 || s.By != ByVotes {
		t.Errorf("%+v of %+v", v, s.By)
	}
	want := []float64{-math.Log(3), -math.Log(3), 0, 0, 0, math.Ln2, 0.5, beta / 2, -beta / 2, -beta / 2, beta / 2,
		3 * beta / 2 / 9, -3 * beta / 2 / 9, 3 * beta / 2 / 9, -5 * beta / 2 / 9, 0}
	got := []float64{w.LogPi, w.LogRef, w.Score, v.Margin, v.U, v.Value, v.Weight, w.Push, r.Push, w.PushLost, r.PushLost,
		w.Part, r.Part, w.Sum, r.Sum, v.Others}
	oracle.NearAll(t, "numbers", got, want, 1e-15)
	z := []float64{-math.Log(3) - rate*5*beta/18, -math.Log(3) + rate*2*beta/18, -math.Log(3) + rate*3*beta/18}
	total := math.Exp(z[0]) + math.Exp(z[1]) + math.Exp(z[2])
	oracle.NearAll(t, "logits", []float64{r.ZNext, w.ZNext}, []float64{z[0], z[2]}, 1e-15)
	gained := 0.0
	for k, row := range s.Rows {
		oracle.Near(t, "before", row.Pi, 1.0/3, 1e-15)
		oracle.Near(t, "after", row.PiNext, math.Exp(z[k])/total, 1e-15)
		oracle.Near(t, "gained", row.Gained, row.PiNext-row.Pi, 1e-10)
		gained += row.Gained
	}
	oracle.Near(t, "sum of what was gained", gained, 0, 1e-15)
	if len(s.Rows) != 3 || !(s.Direct > 0) || !(s.Direct < -s.Rows[0].Gained) {
		t.Errorf("%v of %+v goes straight to the chosen", s.Direct, s.Rows)
	}
	if !reflect.DeepEqual(s.Stages, []Stage{StageLogProbs, StageScores, StageMargin, StagePush, StageGradient, StageUpdate, StageSoftmax, StageMoves}) {
		t.Errorf("stages %v", s.Stages)
	}
}

// On two replies the whole flow is direct: what one gains the other gives.
func TestSlowMotionDirectFlow(t *testing.T) {
	l := coretest.LabWith(t, datatest.Replies(2), []data.Pair{{0, 1, 0, 7}}, map[core.Param]float64{core.Step: 30, core.Rate: 1})
	var s SlowMotion
	s.Read(l, 1, 0)
	oracle.Near(t, "direct", s.Direct, s.Rows[1].Gained, 0)
	oracle.Near(t, "given", -s.Direct, s.Rows[0].Gained, 0)
}

// Adam's first step is η g/(|g| + ε); RMSprop's η g/(√(1−α)|g| + ε).
func TestSlowMotionOfOptimisers(t *testing.T) {
	for kind, scale := range map[float64]float64{train.Adam: 1, train.RMSprop: math.Sqrt(0.01)} {
		l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Optimizer: kind, core.Rate: 0.02})
		var s SlowMotion
		s.Read(l, 0, 1)
		for _, side := range s.Sides {
			oracle.Near(t, "step", side.ZNext-side.Z, 0.02*side.Sum/(scale*math.Abs(side.Sum)+1e-8), 1e-14)
			oracle.Near(t, "square", side.Square, scale*scale*side.Sum*side.Sum*map[float64]float64{train.Adam: 0.001, train.RMSprop: 1}[kind], 1e-12)
		}
	}
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Optimizer: train.Momentum, core.Rate: 0.02, core.Step: 5})
	var before, s SlowMotion
	s.Read(l, 0, 1)
	l.Seek(4)
	coretest.SettleLab(l, 100)
	before.Read(l, 0, 1)
	oracle.Near(t, "velocity", s.Sides[0].Moment, 0.9*before.Sides[0].Moment+s.Sides[0].Sum, 1e-15)
	oracle.Near(t, "step", s.Sides[0].ZNext-s.Sides[0].Z, 0.02*s.Sides[0].Moment, 1e-15)
}

// A loss of log π pushes on every reply: maximum likelihood of the chosen moves
// logits by Σ n/N ([k = w] − π_k).
func TestSlowMotionThroughTheNormaliser(t *testing.T) {
	l := coretest.LabWith(t, datatest.Replies(4), []data.Pair{{0, 2, 0, 3}, {0, 1, 0, 1}}, map[core.Param]float64{core.ObjectiveChoice: indexOf("sft"), core.Rate: 1, core.Step: 9})
	var s SlowMotion
	s.Read(l, 2, 0)
	pi := oracle.Exps(l.Policy())
	oracle.NearAll(t, "of the pair", []float64{s.Sides[0].Part, s.Sides[1].Part, s.Vote.Others},
		[]float64{0.75 * (1 - pi[2]), -0.75 * pi[0], -0.75 * (pi[1] + pi[3])}, 1e-14)
	oracle.NearAll(t, "of the batch", []float64{s.Sides[0].Sum, s.Sides[1].Sum}, []float64{0.75 - pi[2], -pi[0]}, 1e-14)
	if s.Stages[1] != StagePush {
		t.Errorf("maximum likelihood has the stages %v", s.Stages)
	}
}

// Pairs that a step of one batch holds nothing of, and pairs that nobody was
// asked about, push nothing.
func TestSlowMotionOfAnUnseenPair(t *testing.T) {
	l := coretest.LabWith(t, datatest.Replies(3), []data.Pair{{0, 1, 0, 3}}, map[core.Param]float64{core.Step: 2})
	var s SlowMotion
	s.Read(l, 2, 1)
	if v := s.Vote; v.All != 0 || v.Won != 0 || s.Sides[0].Part != 0 || s.Sides[0].Sum != 0 || !(s.Sides[1].Sum > 0) || !(s.Sides[0].Push > 0) {
		t.Errorf("%+v, %+v", v, s.Sides)
	}
	if s.Rows[2].Gained >= 0 {
		t.Errorf("what nobody was asked about gained %v", s.Rows[2].Gained)
	}
}

func TestSlowMotionOfManyReplies(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 5))
	var pairs []data.Pair
	for range 900 {
		if a, b := r.IntN(300), r.IntN(300); a != b {
			pairs = append(pairs, data.Pair{0, a, b, 1})
		}
	}
	l := coretest.LabWith(t, datatest.Replies(300), pairs, map[core.Param]float64{core.Step: 40, core.Rate: 100})
	var s SlowMotion
	s.Read(l, 299, 17)
	sum, rest, seen := 0.0, 0, 0
	for _, row := range s.Rows {
		sum += row.Gained
		oracle.Near(t, "gained", row.Gained, row.PiNext-row.Pi, 1e-10)
		switch row.Reply {
		case -1:
			rest = row.Count
		case 299, 17:
			seen++
		}
	}
	oracle.Near(t, "sum", sum, 0, 1e-15)
	if len(s.Rows) != mostRows || rest != 300-(mostRows-1) || seen != 2 {
		t.Errorf("%d rows, %d of the pair, the last of %d", len(s.Rows), seen, rest)
	}
}

// RLHF's step: the exact gradient is the books'; advantages are
// centred where the baseline is a mean; and a single update of SGD moves logits
// by the learning rate times the push.
func TestSlowMotionOfRLHF(t *testing.T) {
	for est := rlhf.ExactGradient; est <= rlhf.PPO; est++ {
		l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(est), core.Step: 6, core.Rate: 0.7, core.Epochs: 1, core.ValueRate: 0, core.Normalise: 0})
		var s SlowMotion
		s.Read(l, 0, 1)
		out, learner := &s.Replies, l.RLHF()
		if s.By != ByReplies || out.Updates != 1 || out.Clipped != 0 || len(s.Stages) != 7 {
			t.Fatalf("estimator %d: %+v", est, out)
		}
		drawn, centred := 0, 0.0
		for k, reply := range out.Of {
			drawn += reply.Drawn
			centred += float64(reply.Drawn) * reply.Advantage
			oracle.Near(t, "step", reply.Step, 0.7*reply.Push, 1e-14)
			oracle.Near(t, "gain", reply.Gain, reply.Reward-l.Beta()*(l.Policy()[k]-l.Reference()[k]), 1e-12)
		}
		if est == rlhf.ExactGradient {
			ofReward, ofKL, _ := coretest.PlainGradient(l.Logits(nil), l.Reference(), learner.Reward())
			for k, reply := range out.Of {
				oracle.Near(t, "exact push", reply.Push, ofReward[k]-l.Beta()*ofKL[k], 1e-14)
			}
			continue
		}
		oracle.Near(t, "sum of advantages", centred, 0, 1e-10)
		if drawn != 64 || out.Here != 64 || out.Batch != 64 {
			t.Errorf("estimator %d: %d of %d replies", est, drawn, out.Batch)
		}
	}
}

// The clip stops who is beyond it and would go further; in one update nobody is.
func TestSlowMotionOfTheClip(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.PPO), core.Rate: 3, core.Step: 1})
	var s SlowMotion
	s.Read(l, 0, 1)
	out, clipped := &s.Replies, 0
	if out.Updates != 4 || out.Part != 64 {
		t.Fatalf("%d updates on %d replies", out.Updates, out.Part)
	}
	for k, reply := range out.Of {
		beyond := reply.Drawn > 0 && (reply.Advantage > 0 && reply.Ratio > 1.2 || reply.Advantage < 0 && reply.Ratio < 0.8)
		if reply.Beyond != beyond {
			t.Errorf("reply %d: %+v", k, reply)
		}
		if beyond {
			clipped += reply.Drawn
		}
	}
	if clipped == 0 || clipped != out.Clipped {
		t.Errorf("%d replies are clipped, and %d are said to be", clipped, out.Clipped)
	}
}

// The reward model's first step from scores of 0, in closed form.
func TestSlowMotionOfTheRewardModel(t *testing.T) {
	l := coretest.LabWith(t, datatest.Replies(2), []data.Pair{{0, 1, 0, 7}, {0, 0, 1, 1}}, map[core.Param]float64{core.How: core.LearnByRLHF, core.RewardFit: core.FitBySteps, core.RewardSteps: 9, core.RewardRate: 2})
	var s SlowMotion
	s.Read(l, 1, 0)
	w := &s.Sides[0]
	oracle.NearAll(t, "numbers", []float64{s.Vote.Weight, s.Vote.Value, w.Push, w.PushLost, w.Part, w.Sum, w.Z, w.ZNext},
		[]float64{0.5, math.Ln2, 0.5, -0.5, 6.0 / 16, 6.0 / 16, 0, 12.0 / 16}, 1e-15)
	if s.By != ByScores || s.Vote.Won != 7 || s.Vote.Lost != 1 || len(s.Stages) != 5 {
		t.Errorf("%+v", s)
	}
	waiting := &SlowMotion{}
	fresh := core.FindPreset(coretest.TestPresets(), "tyre").Start()
	fresh.Settings[core.How] = core.LearnByRLHF
	unready, c := core.NewLab(coretest.TestPresets(), fresh)
	if c != nil {
		t.Fatal(c)
	}
	if waiting.Read(unready, 0, 1); waiting.By != Nothing || len(waiting.Stages) != 0 {
		t.Errorf("before the reward model is there: %+v", waiting)
	}
}

func TestSlowMotionAllocatesNothing(t *testing.T) {
	for name, set := range slowSettings() {
		if o := objective.All()[int(set[core.ObjectiveChoice])]; o.Sorted != objective.Unsorted {
			continue // sorting a batch does, as in training
		}
		l := coretest.NewLab(t, "tyre", set)
		var s SlowMotion
		s.Read(l, 0, 1)
		s.Read(l, 0, 1)
		if n := testing.AllocsPerRun(20, func() { s.Read(l, 1, 2) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkSlowMotion(b *testing.B) {
	l, _ := core.NewLab(coretest.TestPresets(), core.FindPreset(coretest.TestPresets(), "tyre").Start())
	coretest.SettleLab(l, 1000)
	var s SlowMotion
	for b.Loop() {
		s.Read(l, 0, 1)
	}
}
