package chart

import (
	"math"
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
