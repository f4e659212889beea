package lesson

import (
	"maps"
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
)

// A quantity is something that a settled run shows, for one of its replies or for
// the whole.
type quantity struct {
	ofReply bool
	read    func(l *core.Lab, reply int) float64 // NaN where there is none
}

func whole(read func(l *core.Lab) float64) quantity {
	return quantity{false, func(l *core.Lab, _ int) float64 { return read(l) }}
}

func measured(read func(m *train.Measures) float64) quantity {
	return whole(func(l *core.Lab) float64 {
		m := l.Meter.Read(l.Run.Policy(), l.Prompt())
		return read(&m)
	})
}

func counted(read func(c train.Cost) int) quantity {
	return whole(func(l *core.Lab) float64 { return float64(read(l.Run.Cost())) })
}

// ofReply reads one entry of a list that has one for each reply, or is nil.
func ofReply(list func(l *core.Lab) []float64) quantity {
	return quantity{true, func(l *core.Lab, reply int) float64 {
		all := list(l)
		if reply >= len(all) {
			return math.NaN()
		}
		return all[reply]
	}}
}

func exps(logs []float64) []float64 {
	out := make([]float64, len(logs))
	for k, x := range logs {
		out[k] = num.Exp(x)
	}
	return out
}

// atOptimum is what the policy that the run is headed for gives each reply.
func atOptimum(l *core.Lab) []float64 {
	if !l.HasOptimum() {
		return nil
	}
	return exps(l.Optimum.LogPi)
}

// ratios are log π − log π_ref.
func ratios(l *core.Lab) []float64 {
	out := make([]float64, l.Arms())
	for k, lp := range l.Policy() {
		out[k] = lp - l.Reference()[k]
	}
	return out
}

// quantities can be asked for by a lesson; docs/lessons.md says what each is.
var quantities = map[string]quantity{
	"kl": whole((*core.Lab).Now),
	"kl.optimum": whole(func(l *core.Lab) float64 {
		if !l.HasOptimum() {
			return math.NaN()
		}
		return l.Optimum.KL
	}),
	"loss":                measured(func(m *train.Measures) float64 { return m.Loss }),
	"accuracy":            measured(func(m *train.Measures) float64 { return m.Accuracy }),
	"gap":                 measured(func(m *train.Measures) float64 { return m.Gap }),
	"margin":              measured(func(m *train.Measures) float64 { return m.Margin }),
	"reward.chosen":       measured(func(m *train.Measures) float64 { return m.ChosenReward }),
	"reward.rejected":     measured(func(m *train.Measures) float64 { return m.RejectedReward }),
	"reward.true":         measured(func(m *train.Measures) float64 { return m.Expected }),
	"entropy":             measured(func(m *train.Measures) float64 { return m.Entropy }),
	"beta":                whole((*core.Lab).Beta),
	"step":                whole(func(l *core.Lab) float64 { return float64(l.Run.StepCount()) }),
	"preferences":         whole(func(l *core.Lab) float64 { return l.Problem.Total }),
	"rate.stable":         whole((*core.Lab).LargestStableRate),
	"probability":         ofReply(func(l *core.Lab) []float64 { return exps(l.Policy()) }),
	"probability.optimum": ofReply(atOptimum),
	"reference":           ofReply(func(l *core.Lab) []float64 { return exps(l.Reference()) }),
	"ratio":               ofReply(ratios),
	"reward.implicit":     ofReply((*core.Lab).Implicit),
	"reward.fitted":       ofReply((*core.Lab).Learned),
	"reward.given":        ofReply((*core.Lab).True),
	"updates":             counted(func(c train.Cost) int { return c.PolicyUpdates }),
	"updates.reward":      counted(func(c train.Cost) int { return c.RewardUpdates }),
	"replies":             counted(func(c train.Cost) int { return c.Replies }),
	"models":              counted(func(c train.Cost) int { return c.Models.Count() }),
}

// Quantities lists what a number may be.
func Quantities() []string { return slices.Sorted(maps.Keys(quantities)) }

// answers of a fact, by facts.Answer.
var answers = [...]string{facts.Unknown: "unknown", facts.Yes: "yes", facts.No: "no"}

func truth(is bool) facts.Answer {
	if is {
		return facts.Yes
	}
	return facts.No
}

// factTable holds the facts that a lesson may claim.
var factTable = map[string]func(l *core.Lab) facts.Answer{
	"finite":    facts.Finite,
	"converged": facts.Converged,
	"converges": facts.Converges,
	"rests":     func(l *core.Lab) facts.Answer { return truth(facts.Rests(l)) },
	"diverged":  func(l *core.Lab) facts.Answer { return truth(facts.Diverged(l)) },
	"oscillates": func(l *core.Lab) facts.Answer {
		m := facts.Measured(l)
		return m.Oscillates(l)
	},
}

// Facts lists what a claim may say of a run.
func Facts() []string { return slices.Sorted(maps.Keys(factTable)) }
