package core

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// goldenTrajectory is a case of trajectories.json.
type goldenTrajectory struct {
	ID, Loss, Reduction string
	Arms                int
	InitLogits          []float64 `json:"init_logits"`
	RefLogits           []float64 `json:"ref_logits"`
	Pairs               [][2]int
	HP                  map[string]float64
	Features            [][]float64
	InitTheta           []float64 `json:"init_theta"`
	Lengths, Rewards    []float64
	Optimizer           struct {
		Name                                   string
		LR, Momentum, Beta1, Beta2, Eps, Alpha *float64
	}
	Snapshots []numbers
}

// checkTrajectory has the trainer take every step of a case. There are no pairs
// to train on in a case of kl_reward, whose exact gradient a plainRun follows.
func checkTrajectory(h goldenHeader, raw json.RawMessage) (c goldenResult) {
	var v goldenTrajectory
	if !c.decode(raw, &v) {
		return c
	}
	c.id = v.ID
	if v.Loss == "kl_reward" {
		return checkPlainly(h, raw)
	}
	rule, known := v.rule()
	switch {
	case !known:
		c.skip = "optimizer " + v.Optimizer.Name
	case !strings.HasPrefix(v.Reduction, "mean"):
		c.skip = "reduction " + v.Reduction
	case len(v.Snapshots) == 0:
		c.wrong = append(c.wrong, "no snapshots")
	}
	exact := v.Loss == "kto_exact_kl"
	if exact {
		v.Loss = "kto"
	}
	loss := c.bind(v.Loss, v.HP)
	if c.skip != "" || len(c.wrong) > 0 {
		return c
	}
	v.train(&c, Config{Objective: loss.Objective, HyperParams: loss.Params, ExactBaseline: exact, Optimizer: rule.Kind}, rule)
	return c
}

func (v *goldenTrajectory) train(c *goldenResult, cfg Config, rule UpdateRule) {
	p := v.problem()
	if v.Features != nil {
		cfg.Policy = LinearPolicy
	}
	trainer, meter := NewTrainer(p, cfg), NewMeter(p)
	trainer.updater = NewUpdater(rule, len(trainer.params))
	offset := make([]float64, v.Arms)
	for k := range offset {
		offset[k] = v.InitLogits[k] - v.RefLogits[k]
	}
	trainer.StartAt(offset)
	for _, want := range v.Snapshots {
		step := int(want["step"][0])
		trainer.Advance(step - trainer.StepCount())
		got := v.snapshot(trainer, meter)
		c.accuracy(step, p, trainer, got, want)
		c.compare(fmt.Sprintf("step %d ", step), got, want, afterRun)
	}
}

// problem compiles the case. Every arm is put in a pair, if need be in one that
// nobody was asked about, so that StartAt can place it.
func (v *goldenTrajectory) problem() *Problem {
	d := &Dataset{Prompts: []Prompt{banditPrompt(exps(logNormalised(v.RefLogits)))}}
	for k := range d.Prompts[0].Replies {
		r := &d.Prompts[0].Replies[k]
		r.Tokens = at(v.Lengths, k, 0)
		if v.Features != nil {
			r.Features = v.Features[k]
		}
	}
	for _, pair := range v.Pairs {
		d.Pairs = append(d.Pairs, Pair{0, pair[0], pair[1], 1})
	}
	for k := 1; k < v.Arms; k++ {
		d.Pairs = append(d.Pairs, Pair{0, 0, k, 0})
	}
	return NewProblem(d)
}

func (v *goldenTrajectory) snapshot(t *Trainer, meter *Meter) numbers {
	m := meter.Read(t, 0)
	logits := append([]float64(nil), v.RefLogits...)
	t.AddLogRatios(logits, 0)
	n := numbers{"step": {float64(t.StepCount())}, "logits": logits, "probs": exps(meter.LogPi), "loss": {m.Loss},
		"kl_pi_ref": {m.KL}, "entropy": {m.Entropy}, "accuracy": {m.Accuracy}, "mean_margin": {m.Margin},
		"mean_chosen_reward": {m.ChosenReward}, "mean_rejected_reward": {m.RejectedReward}}
	if v.Features == nil {
		n["grad"] = make([]float64, v.Arms)
		addGradient(t, n["grad"])
		return n
	}
	n["grad"], n["theta"] = make([]float64, len(v.InitTheta)), append([]float64(nil), v.InitTheta...)
	addWeightGradient(t, n["grad"])
	for j, w := range t.Weights() {
		n["theta"][j] += w
	}
	return n
}

// accuracy compares the share of votes whose chosen reply has the greater
// reward. Where the two agree up to rounding, the sign of their difference is
// rounding noise in the vectors (some show 0.125 at the reference itself): such
// votes may fall either way.
func (c *goldenResult) accuracy(step int, p *Problem, t *Trainer, got, want numbers) {
	if want["accuracy"] == nil {
		return
	}
	open, m := 0.0, NewMeter(p)
	m.Read(t, 0)
	for _, tally := range p.Tallies {
		if math.Abs(m.reward(t.Loss(), tally.A)-m.reward(t.Loss(), tally.B)) <= 1e-8*t.cfg.Beta {
			open += (tally.ForA + tally.ForB) / p.Total
		}
	}
	g, w := got["accuracy"][0], want["accuracy"][0]
	if !(math.Abs(g-w) <= open+1e-9) {
		c.wrong = append(c.wrong, fmt.Sprintf("step %d accuracy = %v, want %v within %v", step, g, w, open))
	}
	got["accuracy"][0] = w
}
