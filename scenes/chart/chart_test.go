package chart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

func ticks(p *picture.Picture) string {
	var texts []string
	for _, l := range p.Labels {
		texts = append(texts, l.Text)
	}
	return strings.Join(texts, "|")
}

// What cannot be negative has an axis from 0, also where it is 0 throughout.
func TestNonNegativeAxisStartsAtZero(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		optimum float64
		reached picture.Reached
		want    string
	}{
		{[]float64{0, 0}, 0, picture.Unknown, "0|1|0|400 steps"},
		{[]float64{0}, 0.55, picture.Reachable, "0|0.6|0|400 steps"},
		{[]float64{0.69, 0.68}, 0, picture.Unknown, "0|0.8|0|400 steps"},
		{[]float64{-1e-17, 1e-17}, 0, picture.Unknown, "0|1|0|400 steps"},
	} {
		chart := &Chart{Name: "KL", Steps: []int{0, 1}, End: 400, Lines: []Line{{Values: c.values}},
			Optimum: c.optimum, Reached: c.reached, NonNegative: true, Large: true}
		p := &picture.Picture{}
		chart.Draw(p, scenetest.TestWords(t), 320, 130)
		if got := ticks(p); got != c.want {
			t.Errorf("%v with optimum %g: labels %s, want %s", c.values, c.optimum, got, c.want)
		}
		scenetest.Inspect(t, p, "chart")
	}
}

// Text of charts is 0.72 of the page's, and at least 11.5.
func TestChartFont(t *testing.T) {
	for font, want := range map[float32]float32{0: 11.52, 12: 11.5, 16: 11.52, 26: 18.72} {
		p := &picture.Picture{}
		(&Chart{Name: "KL", End: 400, Font: font, Large: true, Reached: picture.Unknown}).Draw(p, scenetest.TestWords(t), 320, 130)
		if got := p.Labels[0].Size; math.Abs(float64(got-want)) > 1e-4 {
			t.Errorf("font %g: text of %g, want %g", font, got, want)
		}
	}
}

// The values given for the β in use are drawn and said; without them the
// curves are read.
func TestSweepPresent(t *testing.T) {
	s := &Sweep{Beta: []float64{0.1, 0.4}, After: []float64{0.3, 0.5}, Optimum: []float64{0.6, 0.4}, Steps: 10, Present: 0.2}
	desc := func() string {
		p := &picture.Picture{}
		s.Draw(p, scenetest.TestWords(t), 600, 260)
		scenetest.Inspect(t, p, "sweep")
		return p.Desc
	}
	// 0.2 is half way between 0.1 and 0.4 in log β.
	for _, given := range []struct {
		after, optimum float64
		want           [2]string
	}{
		{0, 0, [2]string{"KL is 0.400 nats", "KL at the optimum is 0.500 nats"}},
		{math.NaN(), math.NaN(), [2]string{"KL is 0.400 nats", "KL at the optimum is 0.500 nats"}},
		{0.405, 0.499, [2]string{"KL is 0.405 nats", "KL at the optimum is 0.499 nats"}},
	} {
		s.PresentAfter, s.PresentOptimum = given.after, given.optimum
		d := desc()
		if !strings.Contains(d, given.want[0]) || !strings.Contains(d, given.want[1]) {
			t.Errorf("given %g and %g, it says %q", given.after, given.optimum, d)
		}
	}
	s.Reached, s.PresentOptimum = picture.Unknown, 0.499
	if d := desc(); strings.Contains(d, "optimum is") {
		t.Errorf("without an optimum it says %q", d)
	}
}

func TestChartsAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	words := scenetest.TestWords(t)
	for n := range 3000 {
		c := &Chart{Name: "KL", Step: r.IntN(300) - 1, End: r.IntN(500), Reached: picture.Reached(r.IntN(3)), Large: r.IntN(2) == 0, Probability: r.IntN(3) == 0, NonNegative: r.IntN(2) == 0, Font: float32(n % 28)}
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
			line := Line{Name: scenetest.RandomText(r)}
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
		s := &Sweep{Steps: r.IntN(10000), Reached: picture.Reached(r.IntN(3)), Present: SweepLow * math.Pow(500, r.Float64()), Font: float32(n % 28)}
		if r.IntN(3) > 0 {
			s.Star = SweepLow * math.Pow(500, r.Float64())
		}
		points, size, bend := r.IntN(80), math.Pow(10, 3*r.Float64()-2), r.Float64()*6
		for i := range points {
			b := SweepLow * math.Pow(500, float64(i)/float64(max(points-1, 1)))
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

// A line with steps of its own lies where those steps are on the chart's axis.
func TestChartLinesWithStepsOfTheirOwn(t *testing.T) {
	c := &Chart{Name: "KL", Steps: []int{0, 1, 2, 3}, Step: 3, End: 100, Large: true, Reached: picture.Unknown, Lines: []Line{
		{Name: "one", Values: []float64{0, .1, .2, .3}, Ink: picture.InkPolicy},
		{Name: "other", Values: []float64{0, 1, 0.5, 7, 7}, Steps: []int{0, 50, 100}, Ink: picture.InkChosen}}}
	p := &picture.Picture{}
	c.Draw(p, scenetest.TestWords(t), 320, 130)
	scenetest.Inspect(t, p, "two lines")
	width := map[picture.Ink]float32{}
	for _, m := range p.Marks {
		if m.Kind == picture.KindLine && m.Stroke == 1.8 && m.To-m.From > 2 {
			width[m.Ink] = p.Points[m.To-1].X - p.Points[m.From].X
		}
	}
	if one, other := width[picture.InkPolicy], width[picture.InkChosen]; other < 100 || one < 0.029*other || one > 0.031*other {
		t.Errorf("3 steps are %g pixels wide and 100 are %g", one, other)
	}
}
