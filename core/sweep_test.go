package core

import (
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// sweepTo returns a sweep at step 0 on the votes. scores are those of the prompt,
// or nil where the optimum is not known.
func sweepTo(p *data.Problem, s Settings, prompt int, values []float64) *Sweep {
	w := newSweep(p, prompt)
	w.make = func(beta float64) sweeper { return train.NewTrainer(p, s.Config(beta)) }
	if values != nil {
		from, to := p.Range(prompt)
		w.headFor(func(t *scores.Tilt, beta float64) { t.Set(p.LogRef[from:to], values, beta) }, nil)
	}
	return w
}

// The largest KL of a sweep's grid lies within one grid spacing (13 % in β) of
// the true peak of a curve with one hump, and the vertex of the parabola lies
// within half a spacing of it: 1.5 spacings hold for any such curve. Here the
// curve is smooth, and the vertex is asked to be within a tenth of a spacing.
func TestSweepFindsBetaStar(t *testing.T) {
	want := math.Sqrt((math.E*math.E + 1) / 200)
	for _, reference := range [][]float64{oracle.Uniform2, {0.01, 0.99}, {1e-6, 1}} {
		s := DefaultSettings()
		s[Rate] = 0.1
		w := sweepTo(datatest.Bandit(reference, data.Pair{0, 0, 1, 1}), s, 0, nil)
		w.Seek(1000)
		for !w.Work(5000) {
		}
		got, ok := w.Peak()
		if !ok {
			t.Fatalf("reference %v: no peak", reference)
		}
		oracle.Near(t, "log β*", math.Log(got), math.Log(want), 0.1*math.Log(500)/(SweepPoints-1))
	}
}

// After enough steps the divergence falls with β throughout: no peak within.
func TestSweepWithoutPeakSaysSo(t *testing.T) {
	s := DefaultSettings()
	s[Rate] = 0.001
	w := sweepTo(datatest.Bandit(oracle.Uniform2, data.Pair{0, 0, 1, 1}), s, 0, nil)
	w.Seek(1)
	for !w.Work(1000) {
	}
	if beta, ok := w.Peak(); ok {
		t.Errorf("after one step KL grows with β, yet a peak is found at %v", beta)
	}
}

// A sweep is as many trainers, whatever the order of its targets.
func TestSweepIsIndependentTrainers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for n := range 6 {
		p := datatest.Random(r, 2, 5, 10)
		s := DefaultSettings()
		s[Optimizer], s[EqualSpeed] = float64(n%2), float64(n/2%2)
		if n == 5 {
			s[Batch] = 4
		}
		w := sweepTo(p, s, 1, fittedScores(p, 1))
		for _, target := range []int{30, 7, 7, 100} {
			w.Seek(target)
			for !w.Work(1 + r.IntN(400)) {
			}
			m := train.NewMeter(p)
			from, to := p.Range(1)
			for i, beta := range w.Betas {
				m.ReadPrompt(trained(p, s.Config(beta), target), 1)
				if got, want := w.KL[i], num.KL(m.LogPi[from:to], p.LogRef[from:to]); got != want {
					t.Fatalf("β=%v after %d steps: KL %v, want %v", beta, target, got, want)
				}
			}
		}
		oracle.Near(t, "first β", w.Betas[0], 0.01, 1e-15)
		oracle.Near(t, "last β", w.Betas[SweepPoints-1], 5, 1e-12)
	}
}

// settleSweep works until a sweep has nothing left to do.
func settleSweep(w *Sweep, slice int) {
	for n := 0; !w.Work(slice); n++ {
		if n > 1e7 {
			panic("a sweep never ends")
		}
	}
}

// What a sweep shows is always of one number of steps, whatever it is asked for
// in between.
func TestSweepNeverMixesSteps(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	p := datatest.Random(r, 1, 4, 8)
	s := DefaultSettings()
	w := sweepTo(p, s, 0, nil)
	for range 400 {
		w.Seek(r.IntN(40))
		for range r.IntN(20) {
			w.Work(1 + r.IntN(300))
		}
		if !w.Trained {
			continue
		}
		i := r.IntN(SweepPoints)
		m := train.NewMeter(p)
		m.ReadPrompt(trained(p, s.Config(w.Betas[i]), w.Step), 0)
		oracle.Near(t, "KL", w.KL[i], num.KL(m.LogPi, p.LogRef), 0)
	}
}

// A sweep does not go on with runs that stand still, and what it shows is the
// same to the digits that arrival is judged by.
func TestSweepRests(t *testing.T) {
	presets := Presets(func(key string) string { return key })
	l, c := NewLab(presets, presets[0].Start())
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(1000) {
	}
	w := sweepOf(l)
	w.Seek(400_000)
	settleSweep(w, 5000)
	oracle.Near(t, "KL at β = 5", w.KL[48], w.AtOptimum[48], 1e-9)
	oracle.Near(t, "KL at β = 0.1", w.KL[18], w.AtOptimum[18], 1e-6)
	if steps := w.runs[48].StepCount(); steps > 2000 {
		t.Errorf("β = 5 arrives before step 200 and was trained for %d", steps)
	}
	if steps := w.runs[0].StepCount(); steps != 400_000 {
		t.Errorf("β = 0.01 was trained for %d steps", steps)
	}
	w.Seek(1500)
	settleSweep(w, 5000)
	oracle.Near(t, "KL at step 1500", w.KL[10], num.KL(meterOf(l, w.Betas[10], 1500), l.Reference()), 0)
}

// meterOf returns log π of a run of its own.
func meterOf(l *Lab, beta float64, step int) []float64 {
	m := train.NewMeter(l.Problem)
	m.ReadPrompt(trained(l.Problem, l.Config(beta), step), l.Prompt())
	return m.LogPi
}

// trained returns a trainer after n steps from the reference.
func trained(p *data.Problem, cfg train.Config, n int) *train.Trainer {
	t := train.NewTrainer(p, cfg)
	t.Advance(n)
	return t
}

// fittedScores are the scores of a prompt's votes.
func fittedScores(p *data.Problem, prompt int) []float64 {
	f := scores.NewFit(len(p.Prompts[prompt].Replies), p.VotesOf(prompt), 0)
	for !f.Work(math.MaxInt) {
	}
	return f.Scores().Score
}
