package betas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/facts"
	"dpoplayground/core/link"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/internal/full"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/scenetest"
)

// runKL trains one run for itself and returns KL(π‖π_ref) after its steps.
func runKL(t *testing.T, e core.Experiment, beta float64) (kl float64) {
	t.Helper()
	presets := core.Presets(func(key string) string { return key })
	e.Settings[core.Beta] = beta
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	coretest.SettleLab(l, 1<<14)
	for k, lp := range l.Policy() {
		if p := math.Exp(lp); p > 0 {
			kl += p * (lp - l.Reference()[k])
		}
	}
	return kl
}

// TestStarsHold: what is said of the β at which KL is largest holds of runs trained one
// by one: it is furthest of them, and below it KL falls all the way.
func TestStarsHold(t *testing.T) {
	stars := 0
	for seed := range uint64(full.Or(40, 600)) {
		r := rand.New(rand.NewPCG(seed, 3))
		set := map[core.Param]float64{core.Optimizer: float64(r.IntN(4)), core.Rate: math.Pow(10, -2+3*r.Float64())}
		if r.IntN(2) == 0 {
			set[core.ObjectiveChoice] = float64(r.IntN(len(objective.All())))
		}
		presets := core.Presets(func(key string) string { return key })
		e := presets[r.IntN(len(presets))].Start()
		e.Settings = e.Settings.Choose(objective.All()[int(set[core.ObjectiveChoice])].Key)
		e.Settings[core.Optimizer], e.Settings[core.Rate], e.Settings[core.Steps], e.Settings[core.Step] = set[core.Optimizer], set[core.Rate], 1000, float64(1+r.IntN(300))
		l, c := core.NewLab(presets, e)
		if c != nil {
			continue
		}
		l.WantSweep(true)
		coretest.SettleLab(l, 1<<14)
		if l.Sweep == nil || !l.Sweep.Trained {
			continue
		}
		star, ok := facts.Star(l.Sweep)
		if !ok {
			continue
		}
		stars++
		where := fmt.Sprintf("state %d", seed)
		most, before, falling := runKL(t, e, star), -1.0, true
		for _, beta := range l.Sweep.Betas {
			kl := runKL(t, e, beta)
			if kl > most+0.002 && kl > most*1.01 {
				t.Errorf("%s: at β = %v KL is %v, and at the star %v only %v", where, beta, kl, star, most)
			}
			if beta <= star {
				falling = falling && kl > before-1e-6
				before = kl
			}
		}
		if !falling {
			t.Errorf("%s: below %v KL does not fall all the way", where, star)
		}
	}
	if stars < 5 {
		t.Errorf("only %d stars were met", stars)
	}
}

// TestMovedFurthestIsFromTheReference: the column that is said to be furthest is that
// of the largest KL, where the run starts elsewhere, too.
func TestMovedFurthestIsFromTheReference(t *testing.T) {
	presets := core.Presets(func(key string) string { return key })
	e, complaints := link.Parse("v=1&preset=tyre&at=2,0,0,0,0,-2&step=50&view=betas", presets)
	if len(complaints) > 0 {
		t.Fatal(complaints[0])
	}
	most, furthest := 0.0, 0.0
	for _, beta := range e.SideBySide() {
		if kl := runKL(t, e, beta); kl > most {
			most, furthest = kl, beta
		}
	}
	columns, lead := runSideBySide(t, presets, e)
	said := Said(columns, lead, scenetest.PageWords(t))
	if want := fmt.Sprintf("β = %v (KL %.3f)", furthest, most); !strings.Contains(said, want) || strings.Contains(said, "moved furthest") {
		t.Errorf("%q is not in %q", want, said)
	}
}

// TestRolesOfBeta: what is said of β under a loss holds of its optima at two β.
func TestRolesOfBeta(t *testing.T) {
	w := scenetest.PageWords(t)
	votes := []data.Pair{{Chosen: 0, Rejected: 1, Count: 7}, {Chosen: 1, Rejected: 0, Count: 3}, {Chosen: 1, Rejected: 2, Count: 6}, {Chosen: 2, Rejected: 1, Count: 5}, {Chosen: 2, Rejected: 0, Count: 4}, {Chosen: 0, Rejected: 2, Count: 6}}
	ref := []float64{math.Log(0.2), math.Log(0.5), math.Log(0.3)}
	for i := range objective.All() {
		o := &objective.All()[i]
		var gaps [2]float64
		var l *core.Lab
		finite := true
		for j, beta := range []float64{0.5, 0.25} {
			s := core.DefaultSettings()
			s = s.Choose(o.Key)
			s[core.Beta] = beta
			d := coretest.FindDestination(optimum.Course{Loss: s.Loss(beta), LogRef: ref, Votes: votes})
			if finite = finite && d.Finite && d.LogPi != nil; !finite {
				break
			}
			gaps[j] = beta * ((d.LogPi[0] - ref[0]) - (d.LogPi[1] - ref[1]))
		}
		s := core.DefaultSettings()
		s = s.Choose(o.Key)
		set := map[core.Param]float64{}
		for p, x := range s {
			if core.Param(p) != core.Source {
				set[core.Param(p)] = x
			}
		}
		l = coretest.NewLab(t, "same", set)
		said := w.Say("beta.role." + read.BetaRole(&l.Experiment.Settings, w))
		if strings.Contains(said, "proportional") && finite && math.Abs(gaps[0]-gaps[1]) > 1e-6*(1+math.Abs(gaps[0])) {
			t.Errorf("%s: β·gap is %v and %v, and %q", o.Key, gaps[0], gaps[1], said)
		}
		switch o.Key {
		case "sppo_hard":
			if !strings.Contains(said, "+1/(2β)") || !strings.Contains(said, "−1/(2β)") {
				t.Errorf("%s: %q", o.Key, said)
			}
		case "ipo":
			one := []data.Pair{{Chosen: 0, Rejected: 1, Count: 1}}
			s := core.DefaultSettings()
			s = s.Choose("ipo")
			d := coretest.FindDestination(optimum.Course{Loss: s.Loss(0.25), LogRef: ref[:2], Votes: one})
			if gap := d.LogPi[0] - ref[0] - d.LogPi[1] + ref[1]; math.Abs(gap-2) > 1e-9 || !strings.Contains(said, "1/(2β)") {
				t.Errorf("IPO: gap %v, %q", gap, said)
			}
		}
	}
}
