package mass

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

func TestMassPicturesAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	p, g, v := &picture.Picture{}, NewGrains(), NewView(scenetest.TestWords(t))
	for n := range 1500 {
		m := randomMass(r)
		m.Font = float32(n % 30)
		w, h := 320+r.Float32()*1080, 260+r.Float32()*540
		g.Reset(policyOf(m))
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
		g.Move(policyOf(m), nil, 100)
		for now := 100.0; now <= 420; now += 40 {
			v.Draw(p, m, g, now, w, h)
			scenetest.Inspect(t, p, fmt.Sprintf("[mass %d in flight]", n))
		}
	}
}

func TestMassWithoutReplies(t *testing.T) {
	p := &picture.Picture{}
	NewView(scenetest.TestWords(t)).Draw(p, &Mass{Prompt: "?", PairChosen: -1, PairRejected: -1, Focus: -1}, nil, 0, 320, 260)
	scenetest.Inspect(t, p, "nothing")
}

// The words say the numbers that the labels show.
func TestMassSpeaks(t *testing.T) {
	p := drawMass(t, bicycle(6), 620, 400)
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
	for _, want := range []string{"46%", "+29", "9.0%", "−7.0", "−10", "25%", "100%"} {
		if !strings.Contains(all, want) {
			t.Errorf("no label %q in %s", want, all)
		}
	}
}

// A frame in which no visible number changes makes no garbage.
func TestWarmFrameAllocatesNothing(t *testing.T) {
	for _, w := range []float32{320, 700} {
		m, g, p, v := bicycle(6), NewGrains(), &picture.Picture{}, NewView(scenetest.TestWords(t))
		g.Reset(policyOf(m))
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
	m, g, p, v := bicycle(6), NewGrains(), &picture.Picture{}, NewView(scenetest.TestWords(b))
	start := policyOf(m)
	next, flow := drift(r, start, 0.05)
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
	g, bars := NewGrains(), columns(6)
	g.Reset(policyOf(bicycle(6)))
	var dst []picture.Point
	now := 0.0
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = g.place(dst[:0], bars, now)
		now += 16
	}
}

func BenchmarkMassSVG(b *testing.B) {
	p, light := drawMass(b, bicycle(6), 1100, 640), picture.Light()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = picture.AppendSVG(buf[:0], p, light)
	}
	b.SetBytes(int64(len(buf)))
}
