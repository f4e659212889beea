package core_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
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
	Snapshots []coretest.Numbers
}

// checkTrajectory has the trainer take every step of a case. There are no pairs
// to train on in a case of kl_reward, whose exact gradient a plainRun follows.
func checkTrajectory(h goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v goldenTrajectory
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	if v.Loss == "kl_reward" {
		return checkPlainly(h, raw)
	}
	rule, known := v.rule()
	switch {
	case !known:
		c.Skip = "optimizer " + v.Optimizer.Name
	case !strings.HasPrefix(v.Reduction, "mean"):
		c.Skip = "reduction " + v.Reduction
	case len(v.Snapshots) == 0:
		c.Wrong = append(c.Wrong, "no snapshots")
	}
	exact := v.Loss == "kto_exact_kl"
	if exact {
		v.Loss = "kto"
	}
	loss := c.Bind(v.Loss, v.HP)
	if c.Skip != "" || len(c.Wrong) > 0 {
		return c
	}
	v.train(&c, train.Config{Objective: loss.Objective, HyperParams: loss.Params, ExactBaseline: exact, Optimizer: rule.Kind}, rule)
	return c
}

func (v *goldenTrajectory) train(c *coretest.GoldenResult, cfg train.Config, rule train.UpdateRule) {
	p := v.problem()
	if v.Features != nil {
		cfg.Policy = train.LinearPolicy
	}
	trainer, meter := train.NewTrainer(p, cfg), train.NewMeter(p)
	trainer.Updater = train.NewUpdater(rule, len(trainer.Params))
	offset := make([]float64, v.Arms)
	for k := range offset {
		offset[k] = v.InitLogits[k] - v.RefLogits[k]
	}
	trainer.StartAt(offset)
	for _, want := range v.Snapshots {
		step := int(want["step"][0])
		trainer.Advance(step - trainer.StepCount())
		got := v.snapshot(trainer, meter)
		c.Accuracy(step, p, trainer, got, want)
		c.Compare(fmt.Sprintf("step %d ", step), got, want, afterRun)
	}
}

// problem compiles the case. Every arm is put in a pair, if need be in one that
// nobody was asked about, so that StartAt can place it.
func (v *goldenTrajectory) problem() *data.Problem {
	d := &data.Dataset{Prompts: []data.Prompt{datatest.Prompt(oracle.Exps(oracle.LogNormalised(v.RefLogits)))}}
	for k := range d.Prompts[0].Replies {
		r := &d.Prompts[0].Replies[k]
		r.Tokens = num.At(v.Lengths, k, 0)
		if v.Features != nil {
			r.Features = v.Features[k]
		}
	}
	for _, pair := range v.Pairs {
		d.Pairs = append(d.Pairs, data.Pair{0, pair[0], pair[1], 1})
	}
	for k := 1; k < v.Arms; k++ {
		d.Pairs = append(d.Pairs, data.Pair{0, 0, k, 0})
	}
	return data.NewProblem(d)
}

func (v *goldenTrajectory) snapshot(t *train.Trainer, meter *train.Meter) coretest.Numbers {
	m := meter.Read(t, 0)
	logits := append([]float64(nil), v.RefLogits...)
	t.AddLogRatios(logits, 0)
	n := coretest.Numbers{"step": {float64(t.StepCount())}, "logits": logits, "probs": oracle.Exps(meter.LogPi), "loss": {m.Loss},
		"kl_pi_ref": {m.KL}, "entropy": {m.Entropy}, "accuracy": {m.Accuracy}, "mean_margin": {m.Margin},
		"mean_chosen_reward": {m.ChosenReward}, "mean_rejected_reward": {m.RejectedReward}}
	if v.Features == nil {
		n["grad"] = make([]float64, v.Arms)
		coretest.AddGradient(t, n["grad"])
		return n
	}
	n["grad"], n["theta"] = make([]float64, len(v.InitTheta)), append([]float64(nil), v.InitTheta...)
	coretest.AddWeightGradient(t, n["grad"])
	for j, w := range t.Weights() {
		n["theta"][j] += w
	}
	return n
}
