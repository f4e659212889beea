package core_test

import (
	"math"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/train"
)

// The band holds each of its runs, touches the outermost at every step, and
// is where plain runs of those seeds are.
func TestSpreadHoldsTheRunsOfItsSeeds(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Batch: 4, core.Steps: 200})
	w := core.NewSpread(l.Problem, l.Experiment.Settings, 0)
	for !w.Work(37) {
	}
	low, high := make([]float64, len(w.Steps)), make([]float64, len(w.Steps))
	for i := range low {
		low[i], high[i] = math.Inf(1), math.Inf(-1)
	}
	meter := train.NewMeter(l.Problem)
	for seed := 1; seed <= core.SpreadSeeds; seed++ {
		cfg := l.Experiment.Settings.Config(l.Beta())
		cfg.Seed += uint64(seed)
		run := train.NewTrainer(l.Problem, cfg)
		for i, step := range w.Steps {
			run.Advance(step - run.StepCount())
			kl := meter.Read(run, 0).KL
			low[i], high[i] = math.Min(low[i], kl), math.Max(high[i], kl)
		}
	}
	for i := range low {
		if w.Low[i] != low[i] || w.High[i] != high[i] {
			t.Fatalf("step %d: band %v to %v, runs %v to %v", w.Steps[i], w.Low[i], w.High[i], low[i], high[i])
		}
	}
	if w.Low[0] != 0 || w.High[0] != 0 || w.High[len(w.High)-1] <= w.Low[len(w.Low)-1] {
		t.Errorf("the band begins at %v to %v and ends at %v to %v", w.Low[0], w.High[0], w.Low[len(w.Low)-1], w.High[len(w.High)-1])
	}
}

// With all votes at every step there is nothing to be lucky in.
func TestSpreadOfTheFullBatchIsALine(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Steps: 50})
	w := core.NewSpread(l.Problem, l.Experiment.Settings, 0)
	for !w.Work(1000) {
	}
	for i := range w.Low {
		if w.Low[i] != w.High[i] {
			t.Fatalf("step %d: %v to %v", w.Steps[i], w.Low[i], w.High[i])
		}
	}
}
