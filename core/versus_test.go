package core_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
)

func variant(t *testing.T, text string) core.Variant {
	t.Helper()
	v, c := core.ParseVariant(text)
	if c != nil {
		t.Fatal(c)
	}
	return v
}

// settlePanel works on lead and others in turns until nothing is left to do.
func settlePanel(p *core.Panel, slice int) {
	for n, busy := 0, true; busy; n++ {
		lead := p.Lead.Work(slice)
		busy = workOthers(p, slice) || lead
		if n > 1e6 {
			panic("a panel never settles")
		}
	}
}

// alone checks that each of a panel's runs is, bit for bit, the one that a lab
// of its own makes of the experiment with that setting changed.
func alone(t *testing.T, p *core.Panel) {
	t.Helper()
	if !p.Settled() || !p.Lead.Settled() {
		t.Fatal("the panel has not settled")
	}
	for i, v := range p.Lead.Experiment.Versus {
		e := p.Lead.Experiment
		e.Versus = nil
		if v.Param == core.ObjectiveChoice {
			e.Settings = e.Settings.Choose(objective.All()[int(v.Value)].Key)
		} else {
			e.Settings[v.Param] = v.Value
		}
		own, c := core.NewLab(coretest.TestPresets(), e)
		if c != nil {
			t.Fatal(c)
		}
		coretest.SettleLab(own, 1000)
		other := p.Others[i]
		if step := int(p.Lead.Experiment.Settings[core.Step]); other.Run.StepCount() != step {
			t.Fatalf("%v stands at step %d, the lead at %d", v, other.Run.StepCount(), step)
		}
		if !reflect.DeepEqual(coretest.Moment(own), coretest.Moment(other)) || own.Optimum.KL != other.Optimum.KL || own.HasOptimum() != other.HasOptimum() {
			t.Fatalf("%v beside the lead is\n%v\n and alone\n%v", v, coretest.Moment(other), coretest.Moment(own))
		}
		if other.Problem != p.Lead.Problem {
			t.Fatalf("%v has data of its own", v)
		}
	}
}

func TestComparedRunsAreWhatTheyAreAlone(t *testing.T) {
	presets := coretest.TestPresets()
	e := presets[0].Start()
	e.Settings[core.Step] = 40
	e.Versus = []core.Variant{variant(t, "obj:ipo"), variant(t, "beta:0.1"), variant(t, "how:rlhf")}
	lead, _ := core.NewLab(presets, e)
	p, complaints := core.NewPanel(lead)
	if complaints != nil || len(p.Others) != 3 {
		t.Fatal(complaints)
	}
	if p.Settled() {
		t.Error("the panel has settled before it worked")
	}
	settlePanel(p, 97)
	alone(t, p)
	r := rand.New(rand.NewPCG(3, 9))
	for range 6 {
		lead.Seek(r.IntN(300))
		settlePanel(p, 1+r.IntN(200))
		alone(t, p)
	}
	for _, change := range []core.Variant{{core.Seed, 99}, {core.Beta, 0.3}, {core.Batch, 16}, {core.Source, core.FromPopulation}} {
		e := lead.Experiment
		e.Settings[change.Param] = change.Value
		if c := lead.Set(e); c != nil {
			t.Fatal(c)
		}
		if c := p.Follow(); c != nil {
			t.Fatal(c)
		}
		settlePanel(p, 100)
		alone(t, p)
	}
}

// Of what is compared, a change leaves all that it does not concern.
func TestPanelKeepsWhatItCan(t *testing.T) {
	presets := coretest.TestPresets()
	e := presets[0].Start()
	e.Versus = []core.Variant{variant(t, "obj:ipo"), variant(t, "beta:0.1")}
	lead, _ := core.NewLab(presets, e)
	p, _ := core.NewPanel(lead)
	settlePanel(p, 100)
	ipo, weak := p.Others[0], p.Others[1]
	runs := [2]*train.Run{ipo.Run, weak.Run}
	e = lead.Experiment
	e.Settings[core.Beta] = 2
	lead.Set(e)
	p.Follow()
	if weak.Run != runs[1] || ipo.Run == runs[0] || ipo.Beta() != 2 || weak.Beta() != 0.1 {
		t.Error("a change of the lead's β must begin the runs that follow it anew, and no others")
	}
	e = lead.Experiment
	e.Versus = []core.Variant{variant(t, "beta:0.1"), variant(t, "obj:kto")}
	lead.Set(e)
	p.Follow()
	if p.Others[0] != weak || weak.Run != runs[1] || p.Others[1] == ipo {
		t.Error("a run that is still compared was begun anew, or one that is not was kept")
	}
	e = lead.Experiment
	e.Versus = []core.Variant{{core.Beta, 0}, variant(t, "obj:kto")}
	lead.Set(e)
	if c := p.Follow(); len(c) != 1 || len(p.Others) != 1 || len(lead.Experiment.Versus) != 1 || lead.Experiment.Versus[0] != e.Versus[1] {
		t.Errorf("β = 0 cannot be run: %v, %v", c, lead.Experiment.Versus)
	}
	e = lead.Experiment
	e.Versus = nil
	lead.Set(e)
	p.Follow()
	if len(p.Others) != 0 || workOthers(p, 100) || !p.Settled() {
		t.Error("nothing is compared, and there is something to do")
	}
}

func TestComparedRunsInLinks(t *testing.T) {
	presets := coretest.TestPresets()
	r := rand.New(rand.NewPCG(8, 1))
	for range 500 {
		e := presets[r.IntN(len(presets))].Start()
		for len(e.Versus) < r.IntN(core.MostVariants+1) {
			v := core.Variant{core.Beta, coretest.RandomValue(r, &core.Params()[core.Beta])}
			if r.IntN(4) == 0 {
				v = core.Variant{core.How, float64(r.IntN(3))}
			} else if r.IntN(2) == 0 {
				v = core.Variant{core.ObjectiveChoice, float64(r.IntN(len(objective.All())))}
			}
			if _, c := core.NewLab(presets, e.Vary(v)); c == nil && !strings.Contains(core.WriteVariants(e.Versus)+"_", v.String()+"_") {
				e.Versus = append(e.Versus, v)
			}
		}
		address, _ := link.Write(&e, presets)
		again, complaints := link.Parse(address, presets)
		if len(complaints) > 0 || !reflect.DeepEqual(again.Versus, e.Versus) {
			t.Fatalf("%s gives %v, not %v (%v)", address, again.Versus, e.Versus, complaints)
		}
	}
	e, _ := link.Parse("v=1&vs=obj:chi_po_beta:0.1_obj:dpo_reference_free", presets)
	if link, _ := link.Write(&e, presets); !strings.HasSuffix(link, "&vs=obj:chi_po_beta:0.1_obj:dpo_reference_free") || len(e.Versus) != 3 {
		t.Errorf("the link is %s", link)
	}
}

func TestHostileComparisons(t *testing.T) {
	presets := coretest.TestPresets()
	for _, h := range []struct {
		link, field, code, allowed string
		left                       int
	}{
		{"vs=_", "vs", "variant", "obj:NAME, beta:NUMBER, how:METHOD", 0},
		{"vs=ipo", "vs", "variant", "obj:NAME, beta:NUMBER, how:METHOD", 0},
		{"vs=seed:4_beta:1", "vs", "variant", "obj:NAME, beta:NUMBER, how:METHOD", 1},
		{"vs=%3Cscript%3E:1", "vs", "variant", "obj:NAME, beta:NUMBER, how:METHOD", 0},
		{"vs=beta:", "beta", "number", "0.01 to 5", 0},
		{"vs=beta:NaN_obj:ipo", "beta", "number", "0.01 to 5", 1},
		{"vs=beta:9", "beta", "range", "0.01 to 5", 0},
		{"vs=obj:ppo_beta:1", "obj", "choice", "dpo, ipo", 1},
		{"vs=obj:ipo:1", "obj", "choice", "dpo, ipo", 0},
		{"vs=obj:ipo_obj:ipo", "obj:ipo", "twice", "", 1},
		{"vs=obj:ipo_obj:kto_obj:sft_beta:1_beta:2", "vs", "lanes", "3", 3},
		{"vs=obj:ipo&vs=obj:kto", "vs", "twice", "", 1},
	} {
		e, complaints := link.Parse("temp=0.3&"+h.link+"&ref=uniform", presets)
		if len(complaints) != 1 {
			t.Errorf("%s: %d complaints, want one: %v", h.link, len(complaints), complaints)
			continue
		}
		coretest.CheckComplaint(t, h.link, complaints[0], h.field, h.code, h.allowed)
		if len(e.Versus) != h.left || e.Settings[core.Temperature] != 0.3 || e.Settings[core.Reference] != core.ReferenceUniform {
			t.Errorf("%s: what is right in it does not hold: %v", h.link, e.Versus)
		}
	}
}

// Data that is brought along is the compared runs' too, compiled once.
func TestComparedRunsShareWhatIsBrought(t *testing.T) {
	presets := coretest.TestPresets()
	e := presets[0].Start()
	e.Versus = []core.Variant{variant(t, "obj:ipo"), variant(t, "beta:0.1")}
	lead, _ := core.NewLab(presets, e)
	p, _ := core.NewPanel(lead)
	settlePanel(p, 100)
	prompts := []data.Prompt{{Replies: []data.Reply{{Text: "a"}, {Text: "b"}, {Text: "c"}}}}
	set := &data.Dataset{Prompts: prompts, Pairs: []data.Pair{{0, 0, 1, 5}, {0, 1, 0, 2}, {0, 1, 2, 3}, {0, 2, 1, 1}}}
	compiled := data.NewProblem(set)
	if c := lead.Adopt(lead.Experiment.Use(set, nil), compiled); c != nil {
		t.Fatal(c)
	}
	if c := p.Follow(); c != nil {
		t.Fatal(c)
	}
	lead.Seek(30)
	settlePanel(p, 100)
	alone(t, p)
	if lead.Problem != compiled {
		t.Error("the data was compiled again")
	}
}
