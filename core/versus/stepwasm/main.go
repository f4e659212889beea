//go:build js

// Stepwasm is the Go side of the comparison: it gives the page a problem, and
// runs of the trainer on it.
package main

import (
	"syscall/js"

	"dpoplayground/core/data"
	"dpoplayground/core/train"
	"dpoplayground/core/versus"
)

func main() {
	js.Global().Set("goRun", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return run(args[0].Int(), args[1].Int())
	}))
	js.Global().Set("ready", true)
	select {}
}

// run returns an object with the problem, for the other side to compute with,
// and two functions: advance(steps) and logRatios().
func run(replies, pairs int) map[string]any {
	p, cfg := data.NewProblem(versus.Dataset(replies, pairs)), versus.Config()
	trainer := train.NewTrainer(p, cfg)
	tallies := make([]any, len(p.Tallies))
	for i, t := range p.Tallies {
		tallies[i] = []any{t.A, t.B, t.ForA, t.ForB}
	}
	return map[string]any{
		"replies": replies, "tallies": tallies, "total": p.Total,
		"beta": cfg.Beta, "smoothing": cfg.Epsilon, "rate": cfg.Rate,
		"advance": js.FuncOf(func(_ js.Value, args []js.Value) any {
			trainer.Advance(args[0].Int())
			return nil
		}),
		"logRatios": js.FuncOf(func(js.Value, []js.Value) any {
			out := make([]any, replies)
			for k := range out {
				out[k] = trainer.LogRatio(k)
			}
			return out
		}),
	}
}
