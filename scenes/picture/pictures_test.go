package picture_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

func TestMassPicturesAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	p, g, v := &picture.Picture{}, mass.NewGrains(), mass.NewView(scenetest.TestWords(t))
	for n := range 1500 {
		m := scenetest.RandomMass(r)
		m.Font = float32(n % 30)
		w, h := 320+r.Float32()*1080, 260+r.Float32()*540
		g.Reset(scenetest.PolicyOf(m))
		v.Draw(p, m, g, 0, w, h)
		scenetest.Inspect(t, p, fmt.Sprintf("[mass %d, %d replies, %gx%g]", n, len(m.Replies), w, h))
		if len(p.Targets) != len(m.Replies) {
			t.Fatalf("%d targets for %d replies", len(p.Targets), len(m.Replies))
		}
		if n%10 != 0 {
			continue
		}
		for i := range m.Replies { // everything flies elsewhere
			m.Replies[i].Policy = 0
		}
		m.Replies[r.IntN(len(m.Replies))].Policy = 1
		g.Move(scenetest.PolicyOf(m), nil, 100)
		for now := 100.0; now <= 420; now += 40 {
			v.Draw(p, m, g, now, w, h)
			scenetest.Inspect(t, p, fmt.Sprintf("[mass %d in flight]", n))
		}
	}
}

func TestMassWithoutReplies(t *testing.T) {
	p := &picture.Picture{}
	mass.NewView(scenetest.TestWords(t)).Draw(p, &mass.Mass{Prompt: "?", PairChosen: -1, PairRejected: -1, Focus: -1}, nil, 0, 320, 260)
	scenetest.Inspect(t, p, "nothing")
}

func TestChartsAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	words := scenetest.TestWords(t)
	for n := range 3000 {
		c := &chart.Chart{Name: "KL", Step: r.IntN(300) - 1, End: r.IntN(500), Reached: picture.Reached(r.IntN(3)), Large: r.IntN(2) == 0, Probability: r.IntN(3) == 0, NonNegative: r.IntN(2) == 0, Font: float32(n % 28)}
		if r.IntN(2) == 0 {
			c.Value = "0.46"
		}
		size := math.Pow(10, float64(r.IntN(12)-6))
		if c.Probability {
			size = 1
		}
		c.Optimum = size * r.Float64()
		for s := range r.IntN(300) {
			c.Steps = append(c.Steps, s)
		}
		for range 1 + r.IntN(12) {
			line := chart.Line{Name: scenetest.RandomText(r)}
			for range c.Steps {
				v := size * r.Float64()
				if r.IntN(20) == 0 {
					v = []float64{math.NaN(), math.Inf(1), 0, size, 1e300}[r.IntN(5)]
				}
				line.Values = append(line.Values, v)
			}
			c.Lines = append(c.Lines, line)
		}
		w, h := 100+60*r.Float32(), 24+20*r.Float32()
		if c.Large {
			w, h = 260+300*r.Float32(), 100+200*r.Float32()
		}
		p := &picture.Picture{}
		c.Draw(p, words, w, h)
		scenetest.Inspect(t, p, fmt.Sprintf("[chart %d %gx%g]", n, w, h))
	}
}

func TestSweepsAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	words := scenetest.TestWords(t)
	for n := range 400 {
		s := &chart.Sweep{Steps: r.IntN(10000), Reached: picture.Reached(r.IntN(3)), Present: chart.SweepLow * math.Pow(500, r.Float64()), Font: float32(n % 28)}
		if r.IntN(3) > 0 {
			s.Star = chart.SweepLow * math.Pow(500, r.Float64())
		}
		points, size, bend := r.IntN(80), math.Pow(10, 3*r.Float64()-2), r.Float64()*6
		for i := range points {
			b := chart.SweepLow * math.Pow(500, float64(i)/float64(max(points-1, 1)))
			optimum := size / (1 + b*b)
			after := optimum * (1 - math.Exp(-bend*b))
			if r.IntN(30) == 0 {
				optimum = math.NaN()
			}
			s.Beta, s.Optimum, s.After = append(s.Beta, b), append(s.Optimum, optimum), append(s.After, after)
		}
		w, h := 300+400*r.Float32(), 180+120*r.Float32()
		p := &picture.Picture{}
		s.Draw(p, words, w, h)
		scenetest.Inspect(t, p, fmt.Sprintf("[sweep %d %gx%g]", n, w, h))
	}
}

// The words say the numbers that the labels show.
func TestMassSpeaks(t *testing.T) {
	p := scenetest.DrawMass(t, scenetest.Bicycle(6), 620, 400)
	if want := "Patch kit, step by step: 46% now, 17% in the reference, 52% at the optimum"; p.Targets[0].Name != want {
		t.Errorf("%q, want %q", p.Targets[0].Name, want)
	}
	for _, want := range []string{"Step 200.", "6 replies", "“Patch kit, step by step” was preferred to “Buy a new bike”", "can reach", "Not my problem: 2.0% now"} {
		if !strings.Contains(p.Desc, want) {
			t.Errorf("%q is not in %q", want, p.Desc)
		}
	}
	var texts []string
	for _, l := range p.Labels {
		texts = append(texts, l.Text)
	}
	all := strings.Join(texts, "|")
	for _, want := range []string{"46%", "▲29", "9.0%", "▼7.0", "▼10", "25%"} {
		if !strings.Contains(all, want) {
			t.Errorf("no label %q in %s", want, all)
		}
	}
}

// A visible number is written as Percent writes it.
func TestVisiblePercent(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	ps := []float64{0, 1, 1e-12, 0.0004, 0.0006, 0.05, 0.0994, 0.0996, 0.5, 0.994, 0.9951, 0.9999, 1 - 1e-12}
	for range 20000 {
		ps = append(ps, r.Float64(), r.Float64()*0.1, 1-r.Float64()*0.01)
	}
	for _, p := range ps {
		if got, want := words.PercentText(words.VisiblePercent(p)), words.Percent(p); got != want {
			t.Fatalf("%v is written %s, Percent writes %s", p, got, want)
		}
	}
}

// The axis never shrinks with the policy, only with the run's peak.
func TestCeilingIsSteady(t *testing.T) {
	m := scenetest.Bicycle(6)
	m.Peak = 0.46
	high := mass.Ceiling(m)
	for i := range m.Replies {
		m.Replies[i].Policy = 1. / 6
	}
	if low := mass.Ceiling(m); low != high {
		t.Errorf("ceiling moved from %g to %g with the policy", high, low)
	}
	if high < 0.52 {
		t.Errorf("ceiling %g is below the optimum", high)
	}
}

func TestArcPointsFromRejectedToChosen(t *testing.T) {
	for _, w := range []float32{320, 700} {
		p := scenetest.DrawMass(t, scenetest.Bicycle(6), w, 420)
		var arcs []picture.Mark
		for _, m := range p.Marks {
			if m.Arrow {
				arcs = append(arcs, m)
			}
		}
		if len(arcs) != 1 || arcs[0].Ink != picture.InkChosen {
			t.Fatalf("%d arcs", len(arcs))
		}
		in := func(q picture.Point, g picture.Target) bool {
			return q.X >= g.X && q.X <= g.X+g.W && q.Y >= g.Y && q.Y <= g.Y+g.H
		}
		if !in(p.Points[arcs[0].From], p.Targets[4]) || !in(p.Points[arcs[0].To-1], p.Targets[0]) {
			t.Errorf("at width %g the arc leads from %v to %v", w, p.Points[arcs[0].From], p.Points[arcs[0].To-1])
		}
	}
}

// A frame in which no visible number changes makes no garbage.
func TestWarmFrameAllocatesNothing(t *testing.T) {
	for _, w := range []float32{320, 700} {
		m, g, p, v := scenetest.Bicycle(6), mass.NewGrains(), &picture.Picture{}, mass.NewView(scenetest.TestWords(t))
		g.Reset(scenetest.PolicyOf(m))
		v.Draw(p, m, g, 0, w, 420)
		now := 0.0
		if n := testing.AllocsPerRun(50, func() { now += 16; v.Draw(p, m, g, now, w, 420) }); n != 0 {
			t.Errorf("%v allocations at width %g", n, w)
		}
	}
}

// BenchmarkMassFrame is a frame at play: the policy moves, 2,000 grains follow.
func BenchmarkMassFrame(b *testing.B) {
	r := rand.New(rand.NewPCG(15, 16))
	m, g, p, v := scenetest.Bicycle(6), mass.NewGrains(), &picture.Picture{}, mass.NewView(scenetest.TestWords(b))
	start := scenetest.PolicyOf(m)
	next, flow := scenetest.Drift(r, start, 0.05)
	back := make([]float64, len(flow))
	for i := range flow {
		back[i] = -flow[i]
	}
	g.Reset(start)
	now := 0.0
	b.ReportAllocs()
	for b.Loop() {
		for i := range m.Replies {
			m.Replies[i].Policy = next[i]
		}
		g.Move(next, flow, now)
		v.Draw(p, m, g, now, 1100, 640)
		start, next, flow, back = next, start, back, flow
		now += 16
		m.Step++
	}
}

func BenchmarkGrains(b *testing.B) {
	g, bars := mass.NewGrains(), scenetest.Columns(6)
	g.Reset(scenetest.PolicyOf(scenetest.Bicycle(6)))
	var dst []picture.Point
	now := 0.0
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = g.Place(dst[:0], bars, now)
		now += 16
	}
}

func BenchmarkMassSVG(b *testing.B) {
	p, light := scenetest.DrawMass(b, scenetest.Bicycle(6), 1100, 640), picture.Light()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = picture.AppendSVG(buf[:0], p, light)
	}
	b.SetBytes(int64(len(buf)))
}
