package betas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// sideBySide runs an experiment of the program under its βs.
func sideBySide(t testing.TB, preset string, step int, set map[core.Param]float64) *Betas {
	t.Helper()
	s, _ := sideBySideOf(t, preset, step, set)
	return s
}

// sideBySideOf returns the lead's lab too.
func sideBySideOf(t testing.TB, preset string, step int, set map[core.Param]float64) (*Betas, *core.Lab) {
	t.Helper()
	words := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return words.Say(key) })
	e := core.FindPreset(presets, preset).Start()
	e.Settings[core.Step] = float64(step)
	for p, x := range set {
		e.Settings[p] = x
	}
	return runSideBySide(t, presets, e)
}

// runSideBySide does all the work of an experiment and of its βs, and reads them.
func runSideBySide(t testing.TB, presets []core.Preset, e core.Experiment) (*Betas, *core.Lab) {
	t.Helper()
	lead, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	lead.WantSweep(true)
	panel := &core.Panel{Lead: lead, Rest: true}
	var variants []core.Variant
	for _, beta := range e.SideBySide() {
		if beta != e.Settings[core.Beta] {
			variants = append(variants, core.Variant{Param: core.Beta, Value: beta})
		}
	}
	panel.Compare(variants)
	for busy := true; busy; {
		busy = lead.Work(2000)
		busy = scenetest.WorkOthers(panel, 2000) || busy
	}
	return readPanel(panel), lead
}

// readPanel reads a panel with the lead in its place.
func readPanel(panel *core.Panel) *Betas {
	var labs []*core.Lab
	lead := panel.Lead
	placed := false
	for _, l := range panel.Others {
		if !placed && l.Beta() > lead.Beta() {
			labs, placed = append(labs, lead), true
		}
		labs = append(labs, l)
	}
	if !placed {
		labs = append(labs, lead)
	}
	s := &Betas{Font: 16}
	lead.Meter.ReadPrompt(lead.Run.Policy(), lead.Prompt())
	s.Read(labs, lead, true)
	return s
}

// TestBetasSamples writes pictures to look at: SAMPLES=folder.
func TestBetasSamples(t *testing.T) {
	write := scenetest.Samples(t)
	rlhf := map[core.Param]float64{core.How: core.LearnByRLHF}
	for name, s := range map[string]*Betas{
		"start": sideBySide(t, "tyre", 0, nil), "40": sideBySide(t, "tyre", 40, nil), "1000": sideBySide(t, "tyre", 1000, nil),
		"agree": sideBySide(t, "agree", 300, nil), "linear": sideBySide(t, "displacement", 300, nil),
		"rlhf": sideBySide(t, "tyre", 100, rlhf), "proxy": sideBySide(t, "proxy", 2000, nil),
		"hinge": sideBySide(t, "tyre", 300, map[core.Param]float64{core.ObjectiveChoice: core.DefaultSettings().Choose("hinge")[core.ObjectiveChoice]}),
	} {
		for _, size := range [][3]float32{{362, 400, 16}, {374, 620, 16}, {650, 420, 16}, {1000, 700, 16}, {1300, 800, 26}} {
			p := &picture.Picture{}
			s.Font = size[2]
			NewView(scenetest.PageWords(t)).Draw(p, s, size[0], size[1])
			scenetest.Inspect(t, p, name)
			write("betas-"+name, p)
		}
	}
}

// randomBetas is any state that may come up: replies few and many, optima of
// every kind, and numbers that are none.
func randomBetas(r *rand.Rand) *Betas {
	s := &Betas{step: r.IntN(2_000_000), rewarded: r.IntN(4) > 0, Font: []float32{0, 16, 26}[r.IntN(3)], version: r.Int()}
	for _, reference := range scenetest.RandomSimplex(r, 1+r.IntN(mostRows)) {
		s.replies = append(s.replies, reply{text: scenetest.RandomText(r), reference: reference, rest: r.IntN(12) == 0, restCount: r.IntN(60000)})
	}
	odd := func(x float64) float64 {
		if r.IntN(12) == 0 {
			return []float64{math.NaN(), math.Inf(1), 0, 1e-300, 30}[r.IntN(5)]
		}
		return x
	}
	present, beta, reached := r.IntN(5), 0.01, picture.Reached(r.IntN(3))
	for i := range 2 + r.IntN(4) {
		beta = min(beta*(1+8*r.Float64()*r.Float64()), 5)
		c := column{beta: beta, present: i == present, reached: reached, arrived: -1, policy: scenetest.RandomSimplex(r, len(s.replies)),
			optimum: scenetest.RandomSimplex(r, len(s.replies)), kl: odd(3 * r.Float64()), klOptimum: odd(3 * r.Float64()),
			expected: odd(r.NormFloat64()), expectedOptimum: odd(r.NormFloat64())}
		s.columns = append(s.columns, c)
	}
	s.kl, s.reward = randomSweep(r, odd), randomSweep(r, odd)
	s.reward.Baseline = odd(r.NormFloat64())
	return s
}

func randomSweep(r *rand.Rand, odd func(float64) float64) chart.Sweep {
	s := chart.Sweep{Reached: picture.Reached(r.IntN(3)), Steps: r.IntN(1_000_000), Present: sweepBeta(r.Float64())}
	if r.IntN(2) == 0 {
		s.Star = sweepBeta(r.Float64())
	}
	size := math.Pow(10, 3*r.Float64()-2)
	for i := range core.SweepPoints {
		s.Beta = append(s.Beta, sweepBeta(float64(i)/48))
		s.After, s.Optimum = append(s.After, odd(size*r.Float64())), append(s.Optimum, odd(size*r.Float64()))
	}
	switch r.IntN(4) {
	case 0:
		s.After = nil
	case 1:
		s.OptimumBeta, s.Optimum = s.Beta[:13], s.Optimum[:13]
	}
	return s
}

func TestBetasAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	p, v := &picture.Picture{}, NewView(scenetest.PageWords(t))
	for n := range 1200 {
		s := randomBetas(r)
		w, h := 340+r.Float32()*1200, 380+r.Float32()*600
		v.Draw(p, s, w, h)
		what := fmt.Sprintf("betas %d: %d βs, %d replies, %gx%g, font %g", n, len(s.columns), len(s.replies), w, h, s.Font)
		scenetest.Inspect(t, p, "["+what+"]")
		for _, target := range p.Targets {
			column, handle := BetaHandle(target.ID)
			if column >= len(s.columns) || handle != target.Drag {
				t.Fatalf("%s: target %+v", what, target)
			}
		}
		if n := len(p.Targets); n != len(s.columns) && n != 2*len(s.columns) {
			t.Fatalf("%s: %d targets", what, n)
		}
	}
}

// Every dot and diamond lies where its probability is on an axis that ends at 100 %,
// as long at every step and β; the two are on lanes of their own, so that neither hides
// the other, and both are inside their column.
func TestBetasDotsLieAtTheirProbabilities(t *testing.T) {
	for _, step := range []int{0, 400} {
		s := sideBySide(t, "tyre", step, nil)
		v, p := NewView(scenetest.PageWords(t)), &picture.Picture{}
		for _, size := range [][2]float32{{362, 400}, {1000, 600}} {
			v.Draw(p, s, size[0], size[1])
			scenetest.Inspect(t, p, "side by side")
			l := v.layout(s, size[0], size[1])
			for k := range s.replies {
				for i := range s.columns {
					c := &s.columns[i]
					if l.single >= 0 && !c.present {
						continue
					}
					zero := l.from(i)
					dot := picture.Point{zero + float32(c.policy[k])*l.span, l.across(k) - l.lane}
					diamond := picture.Point{zero + float32(c.optimum[k])*l.span, l.across(k) + l.lane}
					if !drawn(p, picture.KindDisc, dot) || !drawn(p, picture.KindDiamond, diamond) {
						t.Errorf("step %d, %v: reply %d at β = %v: no dot at %v, or no diamond at %v", step, size, k, c.beta, dot, diamond)
					}
				}
			}
			if l.single < 0 && (l.span > l.wide || l.x(1)-l.x(0) < l.span+2*l.diamond) {
				t.Errorf("%v: an axis of %g pixels in a column of %g", size, l.span, l.wide)
			}
			if l.charts[0].H < 0.4*size[1] {
				t.Errorf("%v: the chart of KL is %g pixels high", size, l.charts[0].H)
			}
		}
	}
}

// drawn tells whether there is a mark of a kind at a place.
func drawn(p *picture.Picture, kind picture.Kind, at picture.Point) bool {
	return slices.ContainsFunc(p.Marks, func(m picture.Mark) bool {
		return m.Kind == kind && math.Abs(float64(m.X-at.X)) < 0.1 && math.Abs(float64(m.Y-at.Y)) < 0.1
	})
}

// The rows are the three replies that are most probable at the optimum, in their order,
// and one for all others; they and the others make 1.
func TestBetasRows(t *testing.T) {
	s, lead := sideBySideOf(t, "tyre", 100, nil)
	replies := lead.Problem.Prompts[0].Replies
	least := 1.0
	for _, r := range s.replies[:3] {
		for k := range replies {
			if replies[k].Text == r.text {
				least = min(least, math.Exp(lead.Optimum.LogPi[k]))
			}
		}
	}
	above := 0
	for _, lp := range lead.Optimum.LogPi {
		if math.Exp(lp) >= least {
			above++
		}
	}
	if above != 3 || len(s.replies) != 4 || !s.replies[3].rest || s.replies[3].restCount != len(replies)-3 {
		t.Errorf("%d replies are as probable as the rows %+v", above, s.replies)
	}
	for _, c := range s.columns {
		sum := 0.0
		for _, x := range c.policy {
			sum += x
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("the rows of β = %v make %v", c.beta, sum)
		}
	}
}

// The numbers are those of labs of their own: KL after the steps, and at the
// optimum π_ref e^{s/β}/Z for the one fit of the votes.
func TestBetasSayTheNumbers(t *testing.T) {
	s := sideBySide(t, "tyre", 40, nil)
	v, p := NewView(scenetest.PageWords(t)), &picture.Picture{}
	v.Draw(p, s, 1000, 700)
	var texts []string
	for _, l := range p.Labels {
		texts = append(texts, l.Text)
	}
	all := strings.Join(texts, "|")
	presets := core.Presets(func(key string) string { return key })
	for _, beta := range []float64{0.05, 0.2, 0.5, 1, 5} {
		e := presets[0].Start()
		e.Settings[core.Beta], e.Settings[core.Step] = beta, 40
		l, _ := core.NewLab(presets, e)
		for l.Work(1000) {
		}
		score, logRef := l.Scores.Score, l.Reference()
		z, kl := 0.0, 0.0
		for k := range score {
			z += math.Exp(logRef[k] + score[k]/beta)
		}
		for k := range score {
			d := score[k]/beta - math.Log(z)
			kl += math.Exp(logRef[k]+d) * d
		}
		for _, want := range []string{"β = " + chart.BetaText(beta), fmt.Sprintf("%.3f", l.Now()), fmt.Sprintf("%.3f", kl)} {
			if !strings.Contains(all, want) {
				t.Errorf("no label %q in %s", want, all)
			}
		}
		if want := fmt.Sprintf("β = %s: KL %.3f, at the optimum %.3f", chart.BetaText(beta), l.Now(), kl); !strings.Contains(p.Desc, want) {
			t.Errorf("%q is not in %q", want, p.Desc)
		}
	}
	if p.Targets[2].Name != "β = 0.5: KL "+fmt.Sprintf("%.3f", s.columns[2].kl)+" after 40 steps, "+fmt.Sprintf("%.3f", s.columns[2].klOptimum)+" at the optimum. "+scenetest.PageWords(t).Say("betas.name.present") {
		t.Errorf("the present column is called %q", p.Targets[2].Name)
	}
}

// A handle lies where its β is read off the axis.
func TestBetaAt(t *testing.T) {
	s := sideBySide(t, "tyre", 40, nil)
	v, p := NewView(scenetest.PageWords(t)), &picture.Picture{}
	for _, size := range [][2]float32{{360, 620}, {700, 450}, {1200, 800}} {
		v.Draw(p, s, size[0], size[1])
		for _, target := range p.Targets {
			column, handle := BetaHandle(target.ID)
			if !handle || s.columns[column].beta == 5 {
				continue // that handle is cut off by the frame
			}
			if got, want := v.BetaAt(target.X+target.W/2), s.columns[column].beta; math.Abs(math.Log(got/want)) > 0.02 {
				t.Errorf("the handle of β = %v lies at %v", want, got)
			}
		}
	}
}

// While a run plays the axes only grow, and another experiment begins anew.
func TestBetasAxesAreSteady(t *testing.T) {
	s := &Betas{}
	s.kl = chart.Sweep{Beta: []float64{0.1, 1}, After: []float64{2, 1}, Reached: picture.Unknown}
	s.kl.Grow()
	s.kl.After = []float64{0.1, 0.2}
	s.kl.Grow()
	if _, high := s.kl.Range(); high != 2 {
		t.Errorf("the axis went from 2 down to %v", high)
	}
	again := sideBySide(t, "tyre", 40, nil)
	if _, high := again.kl.Range(); again.kl.High != high || high > 1.9 || high < 1.7 {
		t.Errorf("KL's axis holds %v", high)
	}
}

func TestBetasAllocateNothingWhereNothingChanges(t *testing.T) {
	s := sideBySide(t, "tyre", 40, nil)
	v, p := NewView(scenetest.PageWords(t)), &picture.Picture{}
	for _, size := range [][2]float32{{360, 620}, {900, 600}} {
		v.Draw(p, s, size[0], size[1])
		if n := testing.AllocsPerRun(20, func() { v.Draw(p, s, size[0], size[1]) }); n > 0 {
			t.Errorf("a frame in which nothing changes makes %v allocations", n)
		}
	}
}

// BenchmarkBetasFrame is a frame at play: every number and both curves change.
func BenchmarkBetasFrame(b *testing.B) {
	s := sideBySide(b, "tyre", 40, nil)
	v, p := NewView(scenetest.PageWords(b)), &picture.Picture{}
	b.ReportAllocs()
	for b.Loop() {
		s.step++
		s.version++
		for i := range s.columns {
			s.columns[i].kl += 0.001
		}
		v.Draw(p, s, 1000, 700)
	}
}

// What is said follows from the numbers.
func TestBetasSaid(t *testing.T) {
	words := scenetest.PageWords(t)
	equal := map[core.Param]float64{core.EqualSpeed: 1}
	adam := map[core.Param]float64{core.Optimizer: train.Adam, core.Rate: 0.05}
	sft := map[core.Param]float64{core.ObjectiveChoice: core.DefaultSettings().Choose("sft")[core.ObjectiveChoice]}
	ipo := map[core.Param]float64{core.ObjectiveChoice: core.DefaultSettings().Choose("ipo")[core.ObjectiveChoice]}
	for _, c := range []struct {
		preset string
		step   int
		set    map[core.Param]float64
		want   []string
	}{
		{"tyre", 0, nil, []string{"still the reference", "At the optimum β = 0.05 is furthest (KL 1.7", "β = 5 nearest (0.008)"}},
		{"tyre", 1, nil, []string{"After 1 step the", "is nearest"}},
		{"tyre", 20, nil, []string{"After 20 steps the smallest β, 0.05, is nearest to the reference (KL 0.000)", "it is furthest (1.7", words.Say("betas.why.factor")}},
		{"tyre", 1000, nil, []string{"is furthest at β = 0.2 (KL 1.0", "At the optimum β = 0.05 is furthest (1.7", "its KL is now 0.3"}},
		{"tyre", 30_000, nil, []string{"β = 0.05 is furthest from the reference", "4 of 5 have converged."}},
		{"tyre", 300, equal, []string{"β = 0.05 is furthest"}},
		{"tyre", 100, adam, []string{"is furthest at β = 0.2", words.Say("betas.why.adaptive", "opt", "Adam")}},
		{"agree", 10, nil, []string{words.Say("betas.headed.limit") + " it is furthest (2.12"}},
		{"greedy", 100, nil, []string{"all β are equally far (0.693)"}},
		{"cycle", 100, nil, []string{words.Say("betas.said.reference")}},
		{"displacement", 100, nil, []string{"is furthest at", "nearest"}},
		{"tyre", 5, sft, []string{words.Say("betas.said.unused")}},
		{"tyre", 3, ipo, []string{"β = 0.05 is furthest"}},
	} {
		set := map[core.Param]float64{}
		for p, x := range c.set {
			set[p] = x
		}
		s, lead := sideBySideOf(t, c.preset, c.step, set)
		got := Said(s, lead, words)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s after %d steps, %v: %q is not in %q", c.preset, c.step, c.set, want, got)
			}
		}
		if shared := Shared(s, lead, words); strings.Contains(got+shared, "{") || strings.Contains(got+shared, "[") || strings.Contains(got+shared, "NaN") {
			t.Errorf("%s after %d steps: %q, %q", c.preset, c.step, got, shared)
		}
	}
}

// A thousand replies are read, shown as the few that moved and the rest, and
// their descents are not followed at every β.
func TestBetasOfManyReplies(t *testing.T) {
	words := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return words.Say(key) })
	for _, objective := range []string{"dpo", "sppo_hard"} {
		prompt := data.Prompt{Text: "Which?"}
		var pairs []data.Pair
		for k := range 1000 {
			prompt.Replies = append(prompt.Replies, data.Reply{Text: fmt.Sprintf("Reply %d", k), Reward: math.Sin(float64(k))})
			if k > 0 {
				pairs = append(pairs, data.Pair{Chosen: k, Rejected: k - 1, Count: 3}, data.Pair{Chosen: k - 1, Rejected: k, Count: 2})
			}
		}
		e := presets[0].Start().Use(&data.Dataset{Prompts: []data.Prompt{prompt}, Pairs: pairs, Rewarded: true}, nil)
		e.Settings = e.Settings.Choose(objective)
		e.Settings[core.Step] = 5
		lead, c := core.NewLab(presets, e)
		if c != nil {
			t.Fatal(c)
		}
		lead.WantSweep(true)
		panel := &core.Panel{Lead: lead, Rest: true}
		panel.Compare([]core.Variant{{Param: core.Beta, Value: 0.01}, {Param: core.Beta, Value: 5}})
		for busy := true; busy; {
			busy = lead.Work(100)
			busy = scenetest.WorkOthers(panel, 100) || busy
		}
		s, p := readPanel(panel), &picture.Picture{}
		NewView(words).Draw(p, s, 900, 600)
		scenetest.Inspect(t, p, objective)
		if n := len(s.replies); n != 4 || !s.replies[n-1].rest || s.replies[n-1].restCount != 1000-n+1 {
			t.Errorf("%s: %d rows", objective, n)
		}
		said := Said(s, lead, words) + Shared(s, lead, words)
		if strings.Contains(said, "NaN") || strings.Contains(said, "[") || strings.Contains(said, "more than 64 replies") != (objective == "sppo_hard") {
			t.Errorf("%s: %s", objective, said)
		}
	}
}

// The reference is named in the chart of rewards, whether or not it is known
// where each β is headed.
func TestSweepNamesTheReference(t *testing.T) {
	words := scenetest.PageWords(t)
	for _, reached := range []picture.Reached{picture.Unknown, picture.Reachable, picture.NeverReached} {
		s := &chart.Sweep{Measure: chart.SweepReward, Beta: []float64{0.01, 0.2, 5}, After: []float64{0.1, 0.5, 0.2}, Optimum: []float64{0.9, 0.8, 0.2}, Reached: reached, Baseline: 0.13, Steps: 200, Present: 0.5}
		p := &picture.Picture{}
		s.Draw(p, words, 300, 180)
		if !slices.ContainsFunc(p.Labels, func(t picture.Label) bool { return t.Text == words.Say("sweep.reference") }) {
			t.Errorf("reached %v: the reference has no name", reached)
		}
	}
}

// The reference's name stands above or below its dashed line, which is level: it is
// not struck through by it.
func TestBetasStrikeNoNames(t *testing.T) {
	words := scenetest.PageWords(t)
	named := 0
	for _, step := range []int{0, 40, 236, 1000} {
		s, v := sideBySide(t, "tyre", step, nil), NewView(words)
		for _, size := range [][2]float32{{868, 372}, {900, 420}, {1300, 700}} {
			v.Draw(&picture.Picture{}, s, size[0], size[1])
			p, line := &v.charts[1].picture, math.NaN()
			for _, m := range p.Marks {
				if m.Ink == picture.InkReference && m.Dash > 0 {
					line = float64(p.Points[m.From].Y)
				}
			}
			for i := range p.Labels {
				if p.Labels[i].Text != words.Say("sweep.reference") {
					continue
				}
				named++
				box := p.Labels[i].Box()
				if away := math.Abs(line - float64(box.Y+box.H/2)); !(away > 0.4*float64(box.H)) {
					t.Errorf("step %d, %v: the reference's name is %v from its line", step, size, away)
				}
			}
		}
	}
	if named == 0 {
		t.Error("the reference is named nowhere")
	}
}
