package scenes

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// TestSamples writes pictures to look at: SAMPLES=folder go test -run Samples.
func TestSamples(t *testing.T) {
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		t.Skip("SAMPLES names no folder to write sample pictures to")
	}
	write := func(name string, p *picture.Picture) {
		file := filepath.Join(dir, fmt.Sprintf("%s-%gx%g-inline.txt", name, p.W, p.H))
		if err := os.WriteFile(file, picture.AppendSVG(nil, p, nil), 0o644); err != nil {
			t.Fatal(err)
		}
		for theme, colours := range map[string]*picture.Theme{"light": picture.Light(), "dark": picture.Dark()} {
			file := filepath.Join(dir, fmt.Sprintf("%s-%gx%g-%s.svg", name, p.W, p.H, theme))
			if err := os.WriteFile(file, picture.AppendSVG(nil, p, colours), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range sampleCharts() {
		p := &picture.Picture{}
		w, h := float32(130), float32(28)
		if c.Large {
			w, h = 320, 130
		}
		c.Draw(p, scenetest.TestWords(t), w, h)
		write(name, p)
	}
	for name, s := range sampleSweeps() {
		for _, size := range [][2]float32{{600, 260}, {300, 180}} {
			p := &picture.Picture{}
			s.Draw(p, scenetest.TestWords(t), size[0], size[1])
			write(name, p)
		}
	}
	write("flight", flight(t))
	for _, size := range [][3]float32{{607, 440, 16}, {900, 560, 20}, {1150, 600, 16}, {1150, 600, 26}, {362, 500, 16}, {320, 260, 16}} {
		for name, m := range sampleMasses() {
			m.Font = size[2]
			write(fmt.Sprintf("%s-font%g", name, m.Font), scenetest.DrawMass(t, m, size[0], size[1]))
		}
	}
}

// flight is the mass view while grains are under way.
func flight(t *testing.T) *picture.Picture {
	m, g, p, v := scenetest.Bicycle(6), mass.NewGrains(), &picture.Picture{}, mass.NewView(scenetest.TestWords(t))
	g.Reset(scenetest.PolicyOf(m))
	v.Draw(p, m, g, 0, 620, 400)
	for i, x := range []float64{.2, .2, .1, .2, .2, .1} {
		m.Replies[i].Policy = x
	}
	g.Move(scenetest.PolicyOf(m), nil, 100)
	v.Draw(p, m, g, 200, 620, 400)
	return p
}

func sampleMasses() map[string]*mass.Mass {
	sure := scenetest.Bicycle(6)
	for i := range sure.Replies {
		sure.Replies[i].Policy, sure.Replies[i].Optimum = 1e-9, 0
	}
	sure.Replies[0].Policy, sure.Replies[0].Optimum = 1-5e-9, 1
	sure.Reached, sure.Focus = picture.NeverReached, 2
	two := scenetest.Bicycle(2)
	two.PairChosen, two.PairRejected = 1, 0
	start := scenetest.Bicycle(6)
	for i := range start.Replies {
		start.Replies[i].Policy = start.Replies[i].Reference
	}
	start.Reached, start.PairChosen = picture.Unknown, -1
	return map[string]*mass.Mass{"six": scenetest.Bicycle(6), "two": two, "twelve": scenetest.Bicycle(12), "sure": sure, "start": start,
		"begin": scenetest.Begin(), "passing": passing(), "arrived": arrived()}
}

// passing has optima close above and below the tops of the bars.
func passing() *mass.Mass {
	m := scenetest.Bicycle(6)
	for i, d := range []float64{0.03, -0.02, 0.02, 0.035, 0.01, 0.05} {
		m.Replies[i].Optimum = m.Replies[i].Policy + d
	}
	m.Focus = 0
	return m
}

// arrived is a run at its optimum.
func arrived() *mass.Mass {
	m := scenetest.Bicycle(6)
	for i := range m.Replies {
		m.Replies[i].Policy = m.Replies[i].Optimum
	}
	return m
}

func sampleCharts() map[string]*chart.Chart {
	steps := make([]int, 201)
	falling, rising, wide := make([]float64, 201), make([]float64, 201), make([][]float64, 6)
	for i := range steps {
		x := float64(i) / 200
		steps[i], falling[i], rising[i] = i, 0.69*math.Exp(-2*x)+0.02*math.Sin(40*x), 0.46*(1-math.Exp(-3*x))
		for k := range wide {
			from, to := []float64{.17, .2, .16, .22, .15, .1}[k], []float64{.46, .21, .09, .17, .05, .02}[k]
			wide[k] = append(wide[k], from+(to-from)*(1-math.Exp(-3*x)))
		}
	}
	probabilities := &chart.Chart{Name: "Probability", Steps: steps, Step: 150, End: 400, Probability: true, Large: true, Reached: picture.Unknown}
	for k := range wide {
		probabilities.Lines = append(probabilities.Lines, chart.Line{Name: scenetest.Bicycle(6).Replies[k].Text, Values: wide[k]})
	}
	kl := chart.Chart{Name: "KL to the reference", Value: "0.460", Steps: steps, Step: 200, End: 400, Lines: []chart.Line{{Values: rising}}, Optimum: 0.55}
	large := kl
	large.Large = true
	loss := &chart.Chart{Name: "Loss", Value: "0.09", Steps: steps, Step: 120, End: 400, Lines: []chart.Line{{Values: falling, Ink: picture.InkText}}, Reached: picture.Unknown}
	zero, huge := large, large
	zero.Lines, zero.NonNegative, zero.Reached = []chart.Line{{Values: make([]float64, 201)}}, true, picture.Unknown
	huge.Font, huge.NonNegative = 26, true
	return map[string]*chart.Chart{"kl": &kl, "kl-large": &large, "kl-zero": &zero, "kl-font26": &huge, "loss": loss, "probabilities": probabilities}
}

// sampleSweeps is one pair of equally likely replies: after t steps h solves
// βh + exp(βh) = 1 + 2ηβ²t (continuous time), and the optimum of a jury that
// agrees at 85 % is h = log(.85/.15)/β.
func sampleSweeps() map[string]*chart.Sweep {
	kl := func(h float64) float64 {
		p := 1 / (1 + math.Exp(-h))
		return math.Ln2 + p*math.Log(p) + (1-p)*math.Log1p(-p)
	}
	s := &chart.Sweep{Steps: 200, Present: 0.2, Star: 0.31}
	for i := range 60 {
		b := chart.SweepLow * math.Pow(chart.SweepHigh/chart.SweepLow, float64(i)/59)
		u := math.Log1p(0.5 * b * b * 200)
		limit := math.Log(0.85/0.15) / b
		s.Beta, s.After, s.Optimum = append(s.Beta, b), append(s.After, kl(min(0.9*u/b, limit))), append(s.Optimum, kl(min(limit, 30)))
	}
	never := *s
	never.Reached, never.Present, never.Star = picture.NeverReached, 0.3, 0.31
	never.Optimum = make([]float64, 60)
	for i := range never.Optimum {
		never.Optimum[i] = math.Ln2
	}
	return map[string]*chart.Sweep{"sweep": s, "sweep-never": &never}
}
