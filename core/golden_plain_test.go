package core_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dpoplayground/core/coretest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// A plainRun is gradient descent on any objective, one straightforward step
// after the other: log π, the batch's gradient, through the softmax and the
// features, into the optimiser. It shares the losses and the optimisers with
// the program, not the trainer.
type plainRun struct {
	v       *goldenTrajectory
	loss    *objective.Loss // nil for kl_reward
	exactKL bool
	beta    float64

	x, logits, logPi, logRef []float64
	batch                    objective.LossBatch
	updater                  *train.Updater
	steps                    int
}

// checkPlainly checks a trajectory with a plainRun.
func checkPlainly(_ goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v goldenTrajectory
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	run := &plainRun{v: &v, exactKL: v.Loss == "kto_exact_kl", beta: v.HP["beta"]}
	if v.Loss != "kl_reward" {
		key := v.Loss
		if run.exactKL {
			key = "kto"
		}
		run.loss = c.Bind(key, v.HP)
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
	if c.Skip != "" || len(c.Wrong) > 0 {
		return c
	}
	run.start(rule)
	for _, want := range v.Snapshots {
		run.advance(int(want["step"][0]))
		got := run.snapshot()
		run.openAccuracy(got, want)
		c.Compare(fmt.Sprintf("step %d ", run.steps), got, want, afterRun)
	}
	return c
}

// rule reads the optimiser of a case, with the usual constants where it names none.
func (v *goldenTrajectory) rule() (train.UpdateRule, bool) {
	o := &v.Optimizer
	kind, known := map[string]int{"sgd": train.SGD, "adam": train.Adam, "rmsprop": train.RMSprop}[o.Name]
	if o.LR == nil {
		return train.UpdateRule{}, false
	}
	r := train.NewUpdateRule(kind, *o.LR)
	if o.Name == "sgd" && o.Momentum != nil && *o.Momentum != 0 {
		r.Kind = train.Momentum
	}
	for _, c := range []struct {
		from *float64
		to   *float64
	}{{o.Momentum, &r.Momentum}, {o.Alpha, &r.Decay}, {o.Beta1, &r.Beta1}, {o.Beta2, &r.Beta2}, {o.Eps, &r.Eps}} {
		if c.from != nil {
			*c.to = *c.from
		}
	}
	return r, known
}

func (p *plainRun) start(rule train.UpdateRule) {
	n := p.v.Arms
	p.x = append([]float64(nil), p.v.InitLogits...)
	if p.v.Features != nil {
		p.x = append([]float64(nil), p.v.InitTheta...)
	}
	p.logits, p.logPi = make([]float64, n), make([]float64, n)
	// With LogSoftmax, so that a policy with the reference's logits has log-ratios of 0.
	p.logRef = make([]float64, n)
	num.LogSoftmax(p.logRef, p.v.RefLogits)
	p.updater = train.NewUpdater(rule, len(p.x))
	p.look()
}

func (p *plainRun) advance(to int) {
	for ; p.steps < to; p.steps++ {
		_, grad := p.gradient()
		for i := range grad {
			grad[i] = -grad[i]
		}
		p.updater.Step(p.x, grad)
		p.look()
	}
}

// look computes logits and log π from the parameters.
func (p *plainRun) look() {
	copy(p.logits, p.x)
	for k, phi := range p.v.Features {
		p.logits[k] = 0
		for i, f := range phi {
			p.logits[k] += f * p.x[i]
		}
	}
	num.LogSoftmax(p.logPi, p.logits)
}

// gradient returns the loss and its gradient with respect to the parameters.
func (p *plainRun) gradient() (loss float64, grad []float64) {
	grad = make([]float64, p.v.Arms)
	if p.loss == nil {
		r := coretest.AtLogits(p.logits, p.v.RefLogits, p.v.Rewards, p.beta, rlhf.LeashInReward)
		for k, g := range coretest.Slopes(r) {
			grad[k] = -g
		}
		mean := oracle.Sum(p.v.Rewards) / float64(p.v.Arms) // RLHF centres its rewards
		return -r.Objective() - mean, p.throughFeatures(grad)
	}
	p.gather()
	z0 := p.batch.Baseline()
	if p.exactKL {
		z0 = num.KL(p.logPi, p.logRef)
	}
	loss = p.batch.Mean(p.loss, z0)
	sum := 0.0
	for i, pair := range p.v.Pairs {
		grad[pair[0]] += p.batch.Chosen.Grad[i]
		grad[pair[1]] += p.batch.Rejected.Grad[i]
		sum += p.batch.Chosen.Grad[i] + p.batch.Rejected.Grad[i]
	}
	// Where the normaliser cancels, its rounding must not reach the optimiser.
	if o := p.loss.Objective; !o.ByMargin(p.v.Lengths == nil) && o.Sorted == objective.Unsorted {
		for k := range grad {
			grad[k] -= math.Exp(p.logPi[k]) * sum
		}
	}
	return loss, p.throughFeatures(grad)
}

func (p *plainRun) gather() {
	b := &p.batch
	for i, s := range []*objective.Side{&b.Chosen, &b.Rejected} {
		s.LogPi, s.LogRef, s.Tokens = s.LogPi[:0], s.LogRef[:0], s.Tokens[:0]
		for _, pair := range p.v.Pairs {
			s.LogPi = append(s.LogPi, p.logPi[pair[i]])
			s.LogRef = append(s.LogRef, p.logRef[pair[i]])
			s.Tokens = append(s.Tokens, num.At(p.v.Lengths, pair[i], 1))
		}
	}
}

func (p *plainRun) throughFeatures(grad []float64) []float64 {
	if p.v.Features == nil {
		return grad
	}
	out := make([]float64, len(p.x))
	for k, phi := range p.v.Features {
		for i, f := range phi {
			out[i] += f * grad[k]
		}
	}
	return out
}

func (p *plainRun) snapshot() coretest.Numbers {
	loss, grad := p.gradient()
	n := coretest.Numbers{"step": {float64(p.steps)}, "theta": p.x, "logits": p.logits, "probs": oracle.Exps(p.logPi), "loss": {loss}, "grad": grad,
		"kl_pi_ref": {num.KL(p.logPi, p.logRef)}, "entropy": {num.Entropy(p.logPi)}}
	if p.v.Rewards != nil {
		n["expected_reward"] = []float64{num.Expect(p.logPi, p.v.Rewards)}
	}
	if p.loss == nil {
		return n
	}
	chosen, rejected := rewardsOf(&p.batch.Chosen, p.loss), rewardsOf(&p.batch.Rejected, p.loss)
	var c, r, wins float64
	for i := range chosen {
		c += chosen[i] / float64(len(chosen))
		r += rejected[i] / float64(len(chosen))
		if chosen[i] > rejected[i] {
			wins += 1 / float64(len(chosen))
		}
	}
	n["mean_chosen_reward"], n["mean_rejected_reward"] = []float64{c}, []float64{r}
	n["mean_margin"], n["accuracy"] = []float64{c - r}, []float64{wins}
	return n
}

// openAccuracy takes the vectors' accuracy where only pairs whose rewards are
// equal up to rounding make the difference; see goldenResult.accuracy.
func (p *plainRun) openAccuracy(got, want coretest.Numbers) {
	if p.loss == nil || want["accuracy"] == nil {
		return
	}
	open, rejected := 0.0, rewardsOf(&p.batch.Rejected, p.loss)
	for i, c := range rewardsOf(&p.batch.Chosen, p.loss) {
		if math.Abs(c-rejected[i]) <= 1e-8*p.beta {
			open += 1 / float64(len(rejected))
		}
	}
	if math.Abs(got["accuracy"][0]-want["accuracy"][0]) <= open+1e-9 {
		got["accuracy"] = want["accuracy"]
	}
}

// TestPlainRunsOnGoldenTrajectories checks the losses and optimisers on every
// trajectory, also on those that the trainer itself is checked on.
func TestPlainRunsOnGoldenTrajectories(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(coretest.GoldenPath(t, *coretest.GoldenDir), "trajectories.json"))
	if os.IsNotExist(err) {
		t.Skip("no trajectories.json in the folder")
	} else if err != nil {
		t.Fatal(err)
	}
	var h goldenHeader
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	for _, raw := range h.Cases {
		c := checkPlainly(h, raw)
		if c.Skip != "" {
			t.Logf("%s: skipped: %s", c.Id, c.Skip)
		}
		for _, w := range c.Wrong {
			t.Errorf("%s: %s", c.Id, w)
		}
	}
}

// TestObjectivesAreFlatAtMinimisers: at the minimiser of an expected loss over
// all pairs the loss is the given one and the gradient through the softmax is 0.
func TestObjectivesAreFlatAtMinimisers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(coretest.GoldenPath(t, *coretest.GoldenDir), "population_minimisers.json"))
	if os.IsNotExist(err) {
		t.Skip("no population_minimisers.json in the folder")
	} else if err != nil {
		t.Fatal(err)
	}
	var h goldenHeader
	if err := json.Unmarshal(text, &h); err != nil {
		t.Fatal(err)
	}
	for _, raw := range h.Cases {
		c := checkFlat(raw)
		for _, w := range c.Wrong {
			t.Errorf("%s: %s", c.Id, w)
		}
	}
}

func checkFlat(raw json.RawMessage) (c coretest.GoldenResult) {
	var v goldenMinimiser
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	l := c.Bind(v.Objective, v.In.HP)
	if c.Skip != "" || len(c.Wrong) > 0 {
		return c
	}
	logRef, b := oracle.Logs(v.In.RefProbs), objective.LossBatch{}
	pairs := expectedPairs(v.In.Preference, v.In.PairWeight)
	for _, pair := range pairs {
		for k, s := range map[int]*objective.Side{pair.Chosen: &b.Chosen, pair.Rejected: &b.Rejected} {
			s.LogRef = append(s.LogRef, logRef[k])
			s.LogPi = append(s.LogPi, logRef[k]+v.Out.LogRatio[k])
			s.Weight = append(s.Weight, pair.Count)
		}
	}
	c.Compare("", coretest.Numbers{"loss": {b.Mean(l, b.Baseline())}}, coretest.Numbers{"loss": {v.Out.Loss}}, minimised)
	grad, sum := make([]float64, len(logRef)), 0.0
	for i, pair := range pairs {
		grad[pair.Chosen] += b.Chosen.Grad[i]
		grad[pair.Rejected] += b.Rejected.Grad[i]
		sum += b.Chosen.Grad[i] + b.Rejected.Grad[i]
	}
	for k := range grad {
		grad[k] -= v.Out.Pi[k] * sum
	}
	c.Compare("", coretest.Numbers{"gradient": grad}, coretest.Numbers{"gradient": make([]float64, len(grad))}, minimised)
	return c
}

// goldenMinimiser is a case of population_minimisers.json.
type goldenMinimiser struct {
	ID, Objective string
	In            struct {
		RefProbs   []float64 `json:"ref_probs"`
		HP         map[string]float64
		Preference [][]float64
		PairWeight [][]float64 `json:"pair_weight"`
	}
	Out struct {
		Pi       []float64
		LogRatio []float64 `json:"log_ratio"`
		Loss     float64
	}
}

// checkPolicyGradient holds RLHF's exact gradient to the file: without a leash,
// without a reward, and with both.
func checkPolicyGradient(_ goldenHeader, raw json.RawMessage) (c coretest.GoldenResult) {
	var v struct {
		ID string
		In struct {
			Logits, Rewards []float64
			RefLogits       []float64 `json:"ref_logits"`
			Beta            float64
		}
		Out coretest.Numbers
	}
	if !c.Decode(raw, &v) {
		return c
	}
	c.Id = v.ID
	none, mean := make([]float64, len(v.In.Rewards)), oracle.Sum(v.In.Rewards)/float64(len(v.In.Rewards)) // rewards are centred
	at := func(rewards []float64, beta float64, leash rlhf.Leash) *rlhf.RLHF {
		return coretest.AtLogits(v.In.Logits, v.In.RefLogits, rewards, beta, leash)
	}
	both, free := at(v.In.Rewards, v.In.Beta, rlhf.LeashInReward), at(v.In.Rewards, 0, rlhf.LeashInReward)
	kl, forward := at(none, -1, rlhf.LeashInReward), at(none, -1, rlhf.LeashK3Loss)
	got := coretest.Numbers{"expected_reward": {free.Objective() + mean}, "kl": {kl.Objective()}, "forward_kl": {forward.Objective()},
		"objective": {both.Objective() + mean}, "grad_objective": coretest.Slopes(both), "grad_expected_reward": coretest.Slopes(free),
		"grad_kl": coretest.Slopes(kl), "grad_forward_kl": coretest.Slopes(forward), "expected_grad_k3": coretest.Slopes(forward)}
	c.Compare("", got, v.Out, exactly)
	return c
}
