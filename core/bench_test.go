package core_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

// arenaProblem returns one prompt with k replies and n votes, on n distinct
// pairs if there are as many, else on every pair, some repeated.
func arenaProblem(k, n int) *data.Problem {
	r := rand.New(rand.NewPCG(uint64(k), uint64(n)))
	d := &data.Dataset{Prompts: []data.Prompt{{Replies: make([]data.Reply, k)}}}
	all, seen := k*(k-1)/2, map[[2]int]bool{}
	for len(d.Pairs) < n {
		a := r.IntN(k)
		b := (a + 1 + r.IntN(k-1)) % k
		pair := [2]int{min(a, b), max(a, b)}
		if seen[pair] && len(seen) < min(all, n) {
			continue
		}
		seen[pair] = true
		d.Pairs = append(d.Pairs, data.Pair{0, a, b, 1})
	}
	return data.NewProblem(d)
}

// BenchmarkStep times a full-batch step. With 8 replies there are 28 pairs, so
// 32 votes and more stand on 28.
func BenchmarkStep(b *testing.B) {
	for _, k := range []int{8, 64, 1000, 50257} {
		for _, n := range []int{32, 1024, 65536} {
			p := arenaProblem(k, n)
			b.Run(fmt.Sprintf("sgd/K=%d/N=%d/pairs=%d", k, n, len(p.Tallies)), func(b *testing.B) {
				benchmarkSteps(b, p, train.Config{HyperParams: objective.HyperParams{Beta: 0.1}, Rate: 0.1})
			})
		}
	}
	p := arenaProblem(1000, 1024)
	b.Run("adam/K=1000/N=1024", func(b *testing.B) {
		benchmarkSteps(b, p, train.Config{HyperParams: objective.HyperParams{Beta: 0.1}, Rate: 0.01, Optimizer: train.Adam})
	})
	b.Run("batch=32/K=1000/N=1024", func(b *testing.B) {
		benchmarkSteps(b, p, train.Config{HyperParams: objective.HyperParams{Beta: 0.1}, Rate: 0.1, Batch: 32})
	})
}

// BenchmarkStepOf times a full-batch step under each objective, with SGD, on a
// table of 64 replies and 1024 distinct pairs. Replies have lengths, so that
// losses per token see log π. The ratio to DPO is of the fastest of many rounds
// in which the two take turns: other work on the machine slows both or neither.
func BenchmarkStepOf(b *testing.B) {
	p := arenaProblem(64, 1024)
	p.Tokens = make([]float64, p.Arms())
	for k := range p.Tokens {
		p.Tokens[k] = float64(5 + k%7)
	}
	dpo := train.NewTrainer(p, train.Config{HyperParams: objective.HyperParams{Beta: 0.5}, Rate: 0.1})
	for i := range objective.All() {
		o := &objective.All()[i]
		b.Run(o.Key, func(b *testing.B) {
			run := train.NewTrainer(p, train.Config{Objective: o, HyperParams: o.Defaults(0.5), Rate: 0.1})
			fastest, fastestDPO := math.Inf(1), math.Inf(1)
			b.ReportAllocs()
			for b.Loop() {
				fastestDPO = min(fastestDPO, nanoseconds(dpo, 10))
				fastest = min(fastest, nanoseconds(run, 10))
			}
			b.ReportMetric(fastest/10/float64(len(p.Tallies)), "ns/pair")
			b.ReportMetric(fastest/fastestDPO, "times-dpo")
		})
	}
}

func nanoseconds(t *train.Trainer, steps int) float64 {
	start := time.Now()
	t.Advance(steps)
	return float64(time.Since(start).Nanoseconds())
}

func benchmarkSteps(b *testing.B, p *data.Problem, cfg train.Config) {
	run := train.NewTrainer(p, cfg)
	b.ReportAllocs()
	for b.Loop() {
		run.Advance(1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(p.Tallies)), "ns/pair")
}

func BenchmarkLook(b *testing.B) {
	for _, k := range []int{8, 1000, 50257} {
		p := arenaProblem(k, 1024)
		run, meter := coretest.Trained(p, train.Config{HyperParams: objective.HyperParams{Beta: 0.1}, Rate: 1}, 10), train.NewMeter(p)
		b.Run(fmt.Sprintf("K=%d", k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				meter.ReadPrompt(run, 0)
			}
		})
	}
}

func BenchmarkFlow(b *testing.B) {
	for _, size := range []float64{0.01, 10, 1000} {
		z0, z1 := make([]float64, 12), make([]float64, 12)
		for k := range z1 {
			z1[k] = size * math.Sin(float64(k))
		}
		b.Run(fmt.Sprintf("K=12/nats=%v", size), func(b *testing.B) {
			var f train.Flow
			b.ReportAllocs()
			for b.Loop() {
				f.Between(z0, z1)
			}
		})
	}
}

func BenchmarkFitScores(b *testing.B) {
	for _, size := range [][2]int{{6, 240}, {64, 1024}, {1000, 65536}} {
		votes := arenaProblem(size[0], size[1]).VotesOf(0)
		b.Run(fmt.Sprintf("K=%d/N=%d", size[0], size[1]), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				coretest.FitScores(size[0], votes, 0)
			}
		})
	}
}

// BenchmarkWork times a thousand steps with everything a page asks for on the
// way: checkpoints, history, the look for arrival.
func BenchmarkWork(b *testing.B) {
	presets := coretest.TestPresets()
	l, c := core.NewLab(presets, presets[0].Start())
	if c != nil {
		b.Fatal(c)
	}
	coretest.SettleLab(l, 1000)
	step := 0
	b.ReportAllocs()
	for b.Loop() {
		step += 1000
		l.Seek(step)
		coretest.SettleLab(l, 1000)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/step")
}
