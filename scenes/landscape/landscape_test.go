package landscape

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/landscape"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// landscapeLab is a preset with names from the program's own catalogue, some
// settings changed, at a step.
func landscapeLab(t testing.TB, preset, objective string, set map[core.Param]float64, start ...float64) *core.Lab {
	t.Helper()
	presets := core.Presets(label(t))
	e := core.FindPreset(presets, preset).Start()
	if objective != "" {
		e.Settings = e.Settings.Choose(objective)
	}
	for p, x := range set {
		e.Settings[p] = x
	}
	e.Start = start
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(1000) {
	}
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	return l
}

// label is the program's own catalogue as what names presets.
func label(t testing.TB) func(key string) string {
	w := scenetest.PageWords(t)
	return func(key string) string { return w.Say(key) }
}

// landscapeOf is a lab's landscape, and the view that shows it.
func landscapeOf(t testing.TB, l *core.Lab, corners ...int) (*View, *Landscape) {
	t.Helper()
	v, m, f := NewView(scenetest.TestWords(t)), &Landscape{}, landscape.NewField()
	if corners == nil {
		corners = ChooseCorners(l)
	}
	new(Reader).Read(m, l, corners)
	if m.None = landscape.Pose(l, f, corners); m.None == landscape.FieldShown {
		f.HoldPolicy(l.Policy())
		m.Loss = f.At(m.policy[:len(corners)])
		if len(corners) == 3 {
			for !f.Work(1000) {
			}
			v.Take(f, 12, true)
		} else {
			v.TakeLine(f)
		}
	}
	return v, m
}

func TestLandscapeSamples(t *testing.T) {
	write := scenetest.Samples(t)
	at := func(step float64) map[core.Param]float64 { return map[core.Param]float64{core.Step: step} }
	for name, l := range map[string]*core.Lab{
		"tyre": landscapeLab(t, "tyre", "", at(300)), "same": landscapeLab(t, "same", "", at(800)),
		"ipo": landscapeLab(t, "onesided", "", at(500)), "unseen": landscapeLab(t, "unseen", "", at(600)),
		"start":   landscapeLab(t, "same", "", at(400), -1.5, -0.5, 2.2),
		"rlhf":    landscapeLab(t, "same", "", map[core.Param]float64{core.Step: 300, core.How: core.LearnByRLHF}),
		"kto":     landscapeLab(t, "tyre", "kto", at(300)),
		"orpo":    landscapeLab(t, "tyre", "orpo", at(0)),
		"shared":  landscapeLab(t, "three", "kto", at(300)),
		"greedy":  landscapeLab(t, "greedy", "", at(900)),
		"minor":   landscapeLab(t, "minority", "", at(100)),
		"cycle":   landscapeLab(t, "cycle", "", at(100), 2, 0, -2),
		"disco":   landscapeLab(t, "tyre", "discopop", map[core.Param]float64{core.Step: 100, core.Beta: 5}),
		"ipolow":  landscapeLab(t, "tyre", "ipo", map[core.Param]float64{core.Step: 100, core.Beta: 0.01}),
		"display": landscapeLab(t, "displacement", "", at(300)),
	} {
		v, m := landscapeOf(t, l)
		for _, size := range [][3]float32{{650, 420, 16}, {1000, 640, 16}, {362, 400, 16}, {1100, 800, 26}} {
			p := &picture.Picture{}
			m.Font = size[2]
			v.Draw(p, m, size[0], size[1])
			write(name, p)
		}
	}
}

// anyLandscape is a lab of any legal state, and some of its replies.
func anyLandscape(t *testing.T, r *rand.Rand, n int) (*core.Lab, []int) {
	presets := core.Presets(label(t))
	e := presets[0].Start()
	k := []int{2, 3, 4, 6, 20, 300}[r.IntN(6)]
	prompt := data.Prompt{Text: "?", Replies: make([]data.Reply, k), Reference: scenetest.RandomSimplex(r, k)}
	for i := range prompt.Replies {
		prompt.Replies[i] = data.Reply{Text: scenetest.RandomText(r), Reward: r.NormFloat64(), Tokens: float64(1 + r.IntN(30))}
		prompt.Reference[i] = max(prompt.Reference[i], 1e-12)
	}
	e.Prompts, e.Given = []data.Prompt{prompt}, []data.Pair{}
	for range r.IntN(3) * r.IntN(3*k) {
		a := r.IntN(k)
		e.Given = append(e.Given, data.Pair{Chosen: a, Rejected: (a + 1 + r.IntN(k-1)) % k, Count: float64(1 + r.IntN(50))})
	}
	e.Settings[core.Source] = core.FromGiven
	objectives := objective.All()
	e.Settings = e.Settings.Choose(objectives[n%len(objectives)].Key)
	e.Settings[core.Beta] = []float64{0.01, 0.1, 0.5, 5}[r.IntN(4)]
	e.Settings[core.Rate] = []float64{0.01, 1, 1000}[r.IntN(3)]
	e.Settings[core.Step] = float64(r.IntN(40))
	if n%9 == 8 {
		e.Settings[core.How], e.Settings[core.RewardL2] = float64(1+r.IntN(2)), 0.1
	} else if r.IntN(2) == 0 {
		for range k {
			e.Start = append(e.Start, math.Round(20*r.NormFloat64()))
		}
		e.Start = core.StartPlace(e.Start)
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for i := 0; i < 3000 && l.Work(200); i++ {
	}
	l.Meter.ReadPrompt(l.Run.Policy(), 0)
	return l, r.Perm(k)[:min(3, k)]
}

func TestLandscapesAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 1))
	p := &picture.Picture{}
	for n := range 90 {
		l, corners := anyLandscape(t, r, n)
		v, m := landscapeOf(t, l, corners...)
		for range 4 {
			m.Font = float32(r.IntN(30))
			w, h := 330+r.Float32()*1000, 300+r.Float32()*600
			v.Draw(p, m, w, h)
			scenetest.Inspect(t, p, fmt.Sprintf("[landscape %d, %s, %d replies, %gx%g]", n, l.Experiment.Settings.Objective().Key, l.Arms(), w, h))
			for _, mark := range p.Marks {
				for _, x := range []float32{mark.X, mark.Y, mark.W, mark.H, mark.R, mark.Stroke} {
					if x-x != 0 {
						t.Fatalf("landscape %d: a mark %+v", n, mark)
					}
				}
			}
		}
	}
}

// Level lines lie where the loss is what they stand for, and end at an edge or
// where they began.
func TestLevelLinesAreLevel(t *testing.T) {
	for _, c := range []struct{ preset, objective string }{{"onesided", "ipo"}, {"same", "dpo"}, {"tyre", "orpo"}, {"cycle", "dpop"}} {
		l := landscapeLab(t, c.preset, c.objective, nil)
		corners, f := ChooseCorners(l), landscape.NewField()
		landscape.Pose(l, f, corners)
		f.HoldPolicy(l.Policy())
		for !f.Work(5000) {
		}
		rel := newRelief()
		rel.make(f, 12, true)
		if len(rel.lines) < levels-1 {
			t.Errorf("%s: %d level lines", c.preset, len(rel.lines))
		}
		for _, line := range rel.lines {
			points := rel.points[line.from:line.to]
			for _, q := range points {
				p := shares(q)
				if min(p[0], p[1], p[2]) < 0.05 {
					continue // near an edge a loss may be steep
				}
				if got := rel.scale.place(f.At(p[:])); math.Abs(got*got-line.at*line.at) > 0.03 {
					t.Fatalf("%s, %s: the line of %v passes %v, which is on %v", c.preset, c.objective, line.at, p, got)
				}
			}
			a, z := points[0], points[len(points)-1]
			if closed := math.Hypot(float64(a.X-z.X), float64(a.Y-z.Y)) < 1e-6; !closed && (!onEdge(a) || !onEdge(z)) {
				t.Errorf("%s, %s: the line of %v goes from %v to %v", c.preset, c.objective, line.at, a, z)
			}
		}
	}
}

func onEdge(q picture.Point) bool {
	p := shares(q)
	return min(p[0], p[1], p[2]) < 1e-6
}

// The arrows point where a run goes: those of an exhibit whose optimum is known
// lead there.
func TestArrowsLeadToTheOptimum(t *testing.T) {
	l := landscapeLab(t, "same", "", nil)
	v, m := landscapeOf(t, l, 0, 1, 2)
	optimum := triangular(m.optimum)
	for _, a := range v.relief.arrows {
		dx, dy := optimum.X-a.at.X, (optimum.Y-a.at.Y)*sine60
		if dx*a.dx+dy*a.dy <= 0 {
			t.Errorf("at %v it goes %v, %v, and the optimum is at %v", a.at, a.dx, a.dy, optimum)
		}
	}
	if len(v.relief.arrows) != 78 {
		t.Errorf("%d arrows", len(v.relief.arrows))
	}
}

// The curve is π_ref e^(r/β)/Z of the true rewards where the votes are all that
// annotators think, and of RLHF's reward; it begins at the reference.
func TestCurveOfOptima(t *testing.T) {
	for _, how := range []float64{core.LearnDirectly, core.LearnByRLHF} {
		l := landscapeLab(t, "same", "", map[core.Param]float64{core.How: how})
		_, m := landscapeOf(t, l, 0, 1, 2)
		reference, rewards := []float64{.3, .4, .3}, []float64{1, 0, -1}
		ticks := 0
		for _, c := range m.Curve {
			var p [3]float64
			sum := 0.0
			for i := range p {
				p[i] = reference[i] * math.Exp((rewards[i]-1)/c.beta)
				sum += p[i]
			}
			got := shares(c.at)
			for i := range p {
				if math.Abs(got[i]-p[i]/sum) > 1e-6 {
					t.Fatalf("how %v: at β = %v reply %d has %v, want %v", how, c.beta, i, got[i], p[i]/sum)
				}
			}
			if tickOf(c.beta) >= 0 {
				ticks++
			}
		}
		if first := m.Curve[0]; !math.IsInf(first.beta, 1) || ticks != len(chart.BetaTicks) {
			t.Errorf("the curve begins at β = %v and has %d ticks", first.beta, ticks)
		}
	}
}

// IPO's log-ratios go as 1/β: its curve, made from the optimum at one β, passes
// the optimum at another.
func TestCurveOfIPO(t *testing.T) {
	_, m := landscapeOf(t, landscapeLab(t, "onesided", "ipo", map[core.Param]float64{core.Beta: 1}), 0, 1, 2)
	_, at := landscapeOf(t, landscapeLab(t, "onesided", "ipo", map[core.Param]float64{core.Beta: 0.1}), 0, 1, 2)
	for _, c := range m.Curve {
		if c.beta != 0.1 {
			continue
		}
		if got := shares(c.at); math.Abs(got[0]-at.optimum[0]) > 1e-6 {
			t.Errorf("at β = .1 the curve is at %v, the optimum at %v", got, at.optimum)
		}
	}
}

// The path begins at the start and ends at the policy; what is said are the
// numbers.
func TestLandscapeTells(t *testing.T) {
	l := landscapeLab(t, "same", "", map[core.Param]float64{core.Step: 100}, 1, 0, -1)
	v, m := landscapeOf(t, l, 0, 1, 2)
	z := []float64{.3 * math.E, .4, .3 / math.E}
	sum := z[0] + z[1] + z[2]
	for i, got := range shares(m.path[0]) {
		if want := z[i] / sum; math.Abs(got-want) > 1e-6 || math.Abs(m.start[i]-want) > 1e-12 {
			t.Errorf("reply %d starts at %v, want %v", i, got, want)
		}
	}
	for i, got := range shares(m.path[len(m.path)-1]) {
		if want := math.Exp(l.Policy()[i]); math.Abs(got-want) > 1e-6 {
			t.Errorf("the path of reply %d ends at %v, the policy is at %v", i, got, want)
		}
	}
	p := &picture.Picture{}
	v.Draw(p, m, 700, 450)
	h := l.History.Measures[100]
	for _, want := range []string{"After 100 steps", "The loss there is " + words.Digits(h.Loss, 3), "The reference is at 30% “", "The optimum at β = 0.5 is at 83% “"} {
		if !strings.Contains(p.Desc, want) {
			t.Errorf("%q is not in %q", want, p.Desc)
		}
	}
	if len(p.Targets) != 1 || !p.Targets[0].Drag || !strings.Contains(p.Targets[0].Name, "62%") {
		t.Errorf("targets %+v", p.Targets)
	}
}

// A place in the picture and the shares there are each other's.
func TestLandscapePlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 2))
	v, m := landscapeOf(t, landscapeLab(t, "same", "", nil), 0, 1, 2)
	for range 200 {
		w, h := 330+r.Float32()*1000, 300+r.Float32()*600
		l := v.layout(m, w, h)
		var p [3]float64
		copy(p[:], scenetest.RandomSimplex(r, 3))
		q := l.share(p)
		got := v.At(m, q.X, q.Y, w, h)
		for i := range p {
			if want := math.Max(p[i], closest); math.Abs(got[i]-want) > 0.005 {
				t.Fatalf("%v is drawn at %v, and there is %v", p, q, got)
			}
		}
		got = v.At(m, -500+r.Float32()*2000, -500+r.Float32()*2000, w, h)
		if sum := got[0] + got[1] + got[2]; math.Abs(sum-1) > 1e-12 || min(got[0], got[1], got[2]) < closest-1e-15 {
			t.Fatalf("beside the triangle is %v", got)
		}
	}
}

// The scale of colours rises, and its inverse undoes it.
func TestReliefScale(t *testing.T) {
	s := reliefScale{low: -2, middle: 3, high: 1e6}
	s.span = math.Log1p(1e6 / 5)
	last := -1.0
	for _, x := range []float64{-2, -1.9, 0, 3, 100, 1e4, 999998} {
		at := s.place(x)
		if at < last || math.Abs(s.loss(at)-x) > 1e-6*math.Max(1, math.Abs(x)) {
			t.Errorf("%v is placed at %v, after %v, and undone %v", x, at, last, s.loss(at))
		}
		last = at
	}
	if s.place(math.Inf(1)) != 1 || s.place(math.NaN()) != 0 || s.place(-5) != 0 {
		t.Error("what lies beyond is not at the ends")
	}
}

// The colours are those published at the ends and in the middle, and rise in
// lightness (luminance of sRGB, IEC 61966-2-1).
func TestViridis(t *testing.T) {
	m := picture.NewColourMap(picture.Viridis[:])
	for at, want := range map[float64]uint32{0: 0x440154, 1: 0xfde725} {
		if got := m.At(at) >> 8; got != want {
			t.Errorf("%v is %06x, want %06x", at, got, want)
		}
	}
	last := -1.0
	for _, c := range m {
		light := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			x := float64(c>>(24-8*i)&255) / 255
			light += weight * math.Pow((x+0.055)/1.055, 2.4)
		}
		if light < last-1e-4 {
			t.Errorf("%08x is darker than the colour before it", c)
		}
		last = light
	}
}

func TestWarmLandscapeAllocatesNothing(t *testing.T) {
	for _, preset := range []string{"tyre", "greedy"} {
		v, m := landscapeOf(t, landscapeLab(t, preset, "", map[core.Param]float64{core.Step: 100}))
		p := &picture.Picture{}
		v.Draw(p, m, 700, 450)
		if n := testing.AllocsPerRun(20, func() { v.Draw(p, m, 700, 450) }); n != 0 {
			t.Errorf("%s: %v allocations a frame", preset, n)
		}
	}
}

// BenchmarkLandscape is a frame, and what a new field costs on top.
func BenchmarkLandscape(b *testing.B) {
	l := landscapeLab(b, "tyre", "", map[core.Param]float64{core.Step: 300})
	v, m := landscapeOf(b, l)
	f := landscape.NewField()
	corners := ChooseCorners(l)
	landscape.Pose(l, f, corners)
	f.HoldPolicy(l.Policy())
	f.Work(1 << 20)
	p := &picture.Picture{}
	b.Run("frame", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Draw(p, m, 700, 450)
		}
	})
	b.Run("relief", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			v.Take(f, 12, false)
		}
	})
	b.Run("read", func(b *testing.B) {
		var r Reader
		b.ReportAllocs()
		for b.Loop() {
			r.Read(m, l, corners)
		}
	})
}

// The history keeps the way of corners beyond those that are charted anyway.
func TestPathOfFarCorners(t *testing.T) {
	presets := core.Presets(label(t))
	e := presets[0].Start()
	prompt := data.Prompt{Text: "?", Replies: make([]data.Reply, 30)}
	for i := range prompt.Replies {
		prompt.Replies[i] = data.Reply{Text: "reply", Reward: float64(i)}
	}
	e.Prompts, e.Given = []data.Prompt{prompt}, []data.Pair{{Chosen: 29, Rejected: 3, Count: 5}}
	e.Settings[core.Source], e.Settings[core.Step] = core.FromGiven, 40
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(100) {
	}
	next := l.Experiment
	next.View.Corners = [3]int{29, 3, 17}
	if c := l.Set(next); c != nil {
		t.Fatal(c)
	}
	for l.Work(100) {
	}
	l.Meter.ReadPrompt(l.Run.Policy(), 0)
	_, m := landscapeOf(t, l, 29, 3, 17)
	if len(m.path) != 41 {
		t.Errorf("the path has %d places after 40 steps", len(m.path))
	}
	if got, want := shares(m.path[40]), m.policy; math.Abs(got[0]-want[0]) > 1e-6 || want[0] <= want[1] {
		t.Errorf("it ends at %v, the policy is at %v", got, want)
	}
}

// The curve's βs are named clear of the markers, the lower corners and each
// other; the present β has its name at the optimum.
func TestCurveIsNamedClearOfMarkers(t *testing.T) {
	p := &picture.Picture{}
	for _, beta := range []float64{0.01, 0.1, 0.5, 1, 5} {
		for _, preset := range []string{"tyre", "same", "unseen"} {
			v, m := landscapeOf(t, landscapeLab(t, preset, "", map[core.Param]float64{core.Beta: beta, core.Step: 60}))
			v.Draw(p, m, 640, 420)
			for _, l := range p.Labels {
				if !strings.HasPrefix(l.Text, "β ") {
					continue
				}
				if l.Text == "β "+strings.TrimPrefix(chart.BetaText(beta), "0") {
					t.Errorf("%s: the present β is named as %q", preset, l.Text)
				}
				for _, mark := range p.Marks {
					if (mark.Kind == picture.KindDiamond || mark.Kind == picture.KindDisc && mark.R > 4) && l.Box().Overlaps(mark.Extent(p.Points), 3) {
						t.Errorf("%s at β = %v: %q lies over a marker", preset, beta, l.Text)
					}
				}
			}
		}
	}
}
