package core_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/internal/oracle"
)

// An example is one thumb on one arm, as a loss of single replies sees it.
type example struct {
	arm int
	up  bool
}

// examplesOf spells out what a loss of single replies reads of a data set, every
// thumb and every side of every vote as an example of its own.
func examplesOf(p *data.Problem, data *data.Dataset) (list []example) {
	repeat := func(n float64, e example) {
		for range int(n) {
			list = append(list, e)
		}
	}
	for _, v := range data.Pairs {
		repeat(v.Count, example{p.Offset[v.Prompt] + v.Chosen, true})
		repeat(v.Count, example{p.Offset[v.Prompt] + v.Rejected, false})
	}
	for _, t := range data.Thumbs {
		repeat(t.Up, example{p.Offset[t.Prompt] + t.Reply, true})
		repeat(t.Down, example{p.Offset[t.Prompt] + t.Reply, false})
	}
	return list
}

// logPolicy is log softmax of each prompt's logits, in plain math.
func logPolicy(p *data.Problem, z []float64) []float64 {
	out := make([]float64, len(z))
	for i := range p.Prompts {
		from, to := p.Range(i)
		sum := 0.0
		for _, v := range z[from:to] {
			sum += math.Exp(v)
		}
		for k := from; k < to; k++ {
			out[k] = z[k] - math.Log(sum)
		}
	}
	return out
}

// plainLoss is the mean loss over examples, written out: KTO with λ_D = 1.5 and
// λ_U = 0.7 from a baseline, or the mean of −log π over what is good.
func plainLoss(key string, list []example, logPi, logRef []float64, beta, z0 float64) float64 {
	sum, n := 0.0, 0.0
	for _, e := range list {
		lr := logPi[e.arm] - logRef[e.arm]
		switch {
		case key == "sft" && e.up:
			sum, n = sum-logPi[e.arm], n+1
		case key == "sft":
		case e.up:
			sum, n = sum+1.5*(1-1/(1+math.Exp(-beta*(lr-z0)))), n+1
		default:
			sum, n = sum+0.7*(1-1/(1+math.Exp(-beta*(z0-lr)))), n+1
		}
	}
	return sum / n
}

// plainBaseline is KTO's z₀ over examples, written out.
func plainBaseline(p *data.Problem, list []example, logPi []float64, exact bool) float64 {
	sum := 0.0
	for _, e := range list {
		if !exact {
			sum += logPi[e.arm] - p.LogRef[e.arm]
			continue
		}
		for i := range p.Prompts {
			if from, to := p.Range(i); e.arm >= from && e.arm < to {
				for k := from; k < to; k++ {
					sum += math.Exp(logPi[k]) * (logPi[k] - p.LogRef[k])
				}
			}
		}
	}
	return math.Max(0, sum/float64(len(list)))
}

// Loss and gradient are those of the examples one by one, with the gradient by
// differences of the loss.
func TestThumbsAgainstExamplesOneByOne(t *testing.T) {
	const beta, h = 0.4, 1e-5
	r := rand.New(rand.NewPCG(7, 1))
	for _, set := range []*data.Dataset{datatest.Thumbed(false, true), datatest.Thumbed(true, true), datatest.Thumbed(true, false)} {
		p := data.NewProblem(set)
		list := examplesOf(p, set)
		for _, key := range []string{"kto", "apo_zero_unpaired", "sft"} {
			for _, exact := range []bool{false, true} {
				hypers := objective.HyperParams{Beta: beta, Desirable: 1.5, Undesirable: 0.7}
				trainer := train.NewTrainer(p, train.Config{Objective: objective.Named(key), HyperParams: hypers, ExactBaseline: exact, Rate: 1})
				start, z := make([]float64, p.Arms()), make([]float64, p.Arms())
				for k := range start {
					start[k] = r.NormFloat64()
					if k < len(start)-2 { // the last prompt's arms do not move
						z[k] = p.LogRef[k] + start[k]
					} else {
						start[k], z[k] = 0, p.LogRef[k]
					}
				}
				trainer.StartAt(start)
				logPi, z0 := logPolicy(p, z), 0.0
				if key == "kto" {
					z0 = plainBaseline(p, list, logPi, exact)
				}
				loss := func() float64 { return plainLoss(key, list, logPolicy(p, z), p.LogRef, beta, z0) }
				m := train.NewMeter(p).Read(trainer, 0)
				oracle.Near(t, key+": loss", m.Loss, loss(), 1e-12)
				gradient := make([]float64, p.Arms())
				coretest.AddGradient(trainer, gradient)
				for k := range z {
					z[k] += h
					up := loss()
					z[k] -= 2 * h
					oracle.Near(t, key+": gradient", gradient[k], (up-loss())/(2*h), 1e-9)
					z[k] += h
				}
			}
		}
	}
}

// Thumbs in place of votes, one up and one down for each, teach the same.
func TestThumbsInPlaceOfVotes(t *testing.T) {
	presets := coretest.TestPresets()
	for _, key := range []string{"kto", "apo_zero_unpaired", "sft"} {
		for _, preset := range []string{"jury", "three"} {
			e := core.FindPreset(presets, preset).Start()
			e.Settings = e.Settings.Choose(key)
			e.Settings[core.Step] = 300
			votes, c := core.NewLab(presets, e)
			if c != nil {
				t.Fatal(c)
			}
			thumbs, c := core.NewLab(presets, e.TakeThumbs(votes.Problem, presets))
			if c != nil {
				t.Fatal(c)
			}
			coretest.SettleLab(votes, 4096)
			coretest.SettleLab(thumbs, 4096)
			if thumbs.Problem.Total != 0 || thumbs.Problem.Ups != votes.Problem.Total || thumbs.Problem.Downs != votes.Problem.Total {
				t.Errorf("%v votes give %v up and %v down beside %v votes", votes.Problem.Total, thumbs.Problem.Ups, thumbs.Problem.Downs, thumbs.Problem.Total)
			}
			oracle.NearAll(t, key+" on "+preset, oracle.Exps(thumbs.Policy()), oracle.Exps(votes.Policy()), 1e-12)
			a, b := votes.History.Measures[len(votes.History.Measures)-1], thumbs.History.Measures[len(thumbs.History.Measures)-1]
			oracle.NearAll(t, key+" on "+preset+": measures", []float64{b.Loss, b.Margin, b.Gap, b.ChosenReward, b.RejectedReward},
				[]float64{a.Loss, a.Margin, a.Gap, a.ChosenReward, a.RejectedReward}, 1e-12)
			if b.Accuracy == b.Accuracy {
				t.Errorf("without pairs the accuracy is %v", b.Accuracy)
			}
			if votes.HasOptimum() != thumbs.HasOptimum() || votes.HasOptimum() && votes.CanArrive() != thumbs.CanArrive() {
				t.Errorf("%s on %s is headed elsewhere", key, preset)
			} else if votes.HasOptimum() {
				oracle.NearAll(t, key+" on "+preset+" headed", oracle.Exps(thumbs.Optimum.LogPi), oracle.Exps(votes.Optimum.LogPi), 1e-6)
			}
		}
	}
}

// The loss of an objective that does with a thumb up in place of a pair does not
// hang on the rejected reply.
func TestAlone(t *testing.T) {
	for i := range objective.All() {
		o := &objective.All()[i]
		if !o.Alone {
			continue
		}
		l := o.With(o.Defaults(0.5))
		a, up, down := l.Pair(-1.5, -0.1)
		b, up2, _ := l.Pair(-1.5, -7)
		if a != b || up != up2 || down != 0 {
			t.Errorf("%s reads the rejected reply", o.Key)
		}
	}
}

// Where there are thumbs and no pairs, a loss of pairs is refused and nothing
// changes; where there are both, it learns from the pairs as if the thumbs were
// not there.
func TestThumbsAndLossesOfPairs(t *testing.T) {
	presets := coretest.TestPresets()
	e := core.FindPreset(presets, "thumbs").Start()
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	readers := []string{}
	for i := range objective.All() {
		next := l.Experiment
		next.Settings = next.Settings.Choose(objective.All()[i].Key)
		before := l.Experiment.Settings
		c := l.Set(next)
		switch {
		case objective.All()[i].ReadsThumbs():
			if readers = append(readers, objective.All()[i].Key); c != nil {
				t.Errorf("%s: %v", objective.All()[i].Key, c)
			}
		case c == nil || c.Code != "unpaired" || c.Field != "obj" || c.Value != objective.All()[i].Key || !strings.Contains(c.Allowed, "kto, "):
			t.Errorf("%s: %v", objective.All()[i].Key, c)
		case l.Experiment.Settings != before:
			t.Errorf("%s was refused and changed something", objective.All()[i].Key)
		}
	}
	for _, key := range []string{"kto", "sft", "apo_zero_unpaired"} {
		if !slices.Contains(readers, key) {
			t.Errorf("thumbs are read by %v, and not by %s", readers, key)
		}
	}
	for _, how := range []float64{core.LearnByRLHF, core.LearnOnline} {
		next := e
		next.Settings[core.How] = how
		if c := l.Set(next); (c != nil) != (how == core.LearnByRLHF) {
			t.Errorf("learning by %v: %v", how, c)
		}
	}
	for i := range objective.All() {
		o := &objective.All()[i]
		if o.ReadsThumbs() {
			continue
		}
		cfg := train.Config{Objective: o, HyperParams: o.Defaults(0.5), Rate: 0.1, Batch: 3, Seed: 1}
		with, without := train.NewTrainer(data.NewProblem(datatest.Thumbed(true, true)), cfg), train.NewTrainer(data.NewProblem(datatest.Thumbed(true, false)), cfg)
		with.Advance(20)
		without.Advance(20)
		if !slices.Equal(ratios(with), ratios(without)) {
			t.Errorf("%s learns from thumbs: %v, not %v", o.Key, ratios(with), ratios(without))
		}
	}
}

// A file of thumbs alone makes the objective one that reads them.
func TestUseOfThumbs(t *testing.T) {
	e := coretest.TestPresets()[0].Start()
	data := datatest.Thumbed(false, true)
	if used := e.Use(data, nil); used.Settings.Objective().Key != "kto" || len(used.Thumbs) != len(data.Thumbs) {
		t.Errorf("it is trained by %s", used.Settings.Objective().Key)
	}
	e.Settings = e.Settings.Choose("sft")
	if used := e.Use(data, nil); used.Settings.Objective().Key != "sft" {
		t.Errorf("SFT became %s", used.Settings.Objective().Key)
	}
	e.Settings = e.Settings.Choose("ipo")
	if used := e.Use(datatest.Thumbed(true, true), nil); used.Settings.Objective().Key != "ipo" {
		t.Errorf("IPO became %s", used.Settings.Objective().Key)
	}
}

// Taking a reply away takes its thumbs, and the others keep theirs.
func TestEditingThumbs(t *testing.T) {
	presets := coretest.TestPresets()
	e := core.FindPreset(presets, "thumbs").Start().Own(presets)
	e.SetThumbs(0, 1, 5, 0)
	e.SetThumbs(0, 0, 0, 0)
	if want := []data.Thumb{{0, 2, 10, 10}, {0, 1, 5, 0}}; !slices.Equal(e.Thumbs, want) {
		t.Errorf("thumbs are %v, want %v", e.Thumbs, want)
	}
	if c := e.RemoveReply(0, 1); c != nil || !slices.Equal(e.Thumbs, []data.Thumb{{0, 1, 10, 10}}) {
		t.Errorf("thumbs are %v (%v)", e.Thumbs, c)
	}
	if e.SetThumbs(0, 1, 0, 0); e.Thumbs != nil {
		t.Errorf("thumbs are %v", e.Thumbs)
	}
	if own := core.FindPreset(presets, "thumbs").Thumbs; own[1] != (data.Thumb{0, 1, 30, 70}) {
		t.Errorf("the preset's thumbs have become %v", own)
	}
	for text, want := range map[string]float64{"": 0, "0": 0, "12": 12} {
		if n, c := core.ParseThumbs(text); c != nil || n != want {
			t.Errorf("%q is %v (%v)", text, n, c)
		}
	}
	for text, code := range map[string]string{"-1": "range", "1.5": "whole", "x": "number", "1e10": "range"} {
		if _, c := core.ParseThumbs(text); c == nil || c.Code != code || c.Field != "thumbs" {
			t.Errorf("%q gives %v", text, c)
		}
	}
}

// randomThumbed returns data of one or two prompts with thumbs, some of them only
// up or only down, and perhaps votes.
func randomThumbed(r *rand.Rand) *data.Dataset {
	d := &data.Dataset{Prompts: coretest.RandomPrompts(r)}
	d.Thumbs = coretest.RandomThumbs(r, d.Prompts)
	for len(d.Thumbs) == 0 {
		d.Thumbs = coretest.RandomThumbs(r, d.Prompts)
	}
	side := r.IntN(3)
	for i := range d.Thumbs {
		if n := d.Thumbs[i].Up + d.Thumbs[i].Down; side == 0 {
			d.Thumbs[i].Up, d.Thumbs[i].Down = n, 0
		} else if side == 1 {
			d.Thumbs[i].Up, d.Thumbs[i].Down = 0, n
		}
	}
	if r.IntN(2) == 0 {
		d.Pairs = coretest.RandomPairs(r, d.Prompts)
	}
	return d
}

// Whatever the thumbs, everything that the page reads off a lab is there and
// finite, but for measures that have nothing to be the mean of.
func TestLabsOfThumbs(t *testing.T) {
	r, presets := rand.New(rand.NewPCG(7, 3)), coretest.TestPresets()
	for i := range 150 {
		d := randomThumbed(r)
		e := presets[0].Start().Use(d, nil)
		e.Settings = e.Settings.Choose([]string{"kto", "sft", "apo_zero_unpaired", "dpo", "ipo", "aot_unpaired"}[i%6])
		e.Settings[core.Beta], e.Settings[core.Step] = math.Pow(10, 2*r.Float64()-1.5), float64(r.IntN(200))
		e.Settings[core.Batch], e.Settings[core.Optimizer], e.Settings[core.Baseline] = float64(r.IntN(2)*3), float64(r.IntN(4)), float64(r.IntN(2))
		if r.IntN(4) == 0 {
			e.Settings[core.RefEvery] = 7
		}
		if e.Settings.CheckPaired(d) != nil {
			e.Settings = e.Settings.ReadThumbs()
		}
		l, c := core.NewLab(presets, e)
		if c != nil {
			t.Fatal(c)
		}
		l.WantSweep(i%10 == 0)
		l.WantSpread(i%10 == 0)
		coretest.SettleLab(l, 4096)
		checkThumbed(t, l)
	}
}

func checkThumbed(t *testing.T, l *core.Lab) {
	t.Helper()
	what := l.Experiment.Settings.Objective().Key
	for _, x := range l.Policy() {
		if math.IsNaN(x) {
			t.Fatalf("%s: policy %v", what, l.Policy())
		}
	}
	m := l.Meter.Read(l.Run.Policy(), l.Prompt())
	finite := []float64{m.KL, m.LeashKL, m.Entropy}
	if l.Problem.Total > 0 {
		finite = append(finite, m.Accuracy, m.Loss, m.Margin, m.Gap, m.ChosenReward, m.RejectedReward)
	} else if !math.IsNaN(m.Accuracy) {
		t.Errorf("%s: accuracy %v without pairs", what, m.Accuracy)
	}
	for _, x := range finite {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("%s: measures %+v", what, m)
			break
		}
	}
	if up, down, ok := l.Pushing(); ok && (up == down || min(up, down) < 0 || max(up, down) >= l.Arms()) {
		t.Errorf("%s: pushed are %d and %d", what, up, down)
	}
	if v := l.Worked(0, 1); math.IsNaN(v.Loss + v.Push + v.Margin) {
		t.Errorf("%s: the pair %+v", what, v)
	}
	if l.HasOptimum() {
		sum := 0.0
		for _, x := range l.Optimum.LogPi {
			sum += math.Exp(x)
		}
		oracle.Near(t, what+": probabilities where it is headed", sum, 1, 1e-9)
	}
	gradient := make([]float64, l.Problem.Arms())
	coretest.AddGradient(l.Run.Trainer, gradient)
	from, to := l.Problem.Range(l.Prompt())
	for _, g := range gradient[from:to] {
		if g != 0 && !l.Heard() {
			t.Errorf("%s: it is said that nothing moves the policy, and the gradient is %v", what, gradient[from:to])
			break
		}
	}
}

// ratios returns d = z − log π_ref of every reply.
func ratios(t *train.Trainer) []float64 {
	d := make([]float64, t.Problem.Arms())
	t.AddLogRatios(d, 0)
	return d
}
