package chart

import (
	"fmt"
	"math"
	"testing"

	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// TestSamples writes pictures to look at: SAMPLES=folder go test -run Samples.
func TestSamples(t *testing.T) {
	write := scenetest.Samples(t)
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
}

func sampleCharts() map[string]*Chart {
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
	probabilities := &Chart{Name: "Probability", Steps: steps, Step: 150, End: 400, Probability: true, Large: true, Reached: picture.Unknown}
	for k := range wide {
		probabilities.Lines = append(probabilities.Lines, Line{Name: fmt.Sprintf("reply %d", k+1), Values: wide[k]})
	}
	kl := Chart{Name: "KL to the reference", Value: "0.460", Steps: steps, Step: 200, End: 400, Lines: []Line{{Values: rising}}, Optimum: 0.55}
	large := kl
	large.Large = true
	loss := &Chart{Name: "Loss", Value: "0.09", Steps: steps, Step: 120, End: 400, Lines: []Line{{Values: falling, Ink: picture.InkText}}, Reached: picture.Unknown}
	zero, huge := large, large
	zero.Lines, zero.NonNegative, zero.Reached = []Line{{Values: make([]float64, 201)}}, true, picture.Unknown
	huge.Font, huge.NonNegative = 26, true
	return map[string]*Chart{"kl": &kl, "kl-large": &large, "kl-zero": &zero, "kl-font26": &huge, "loss": loss, "probabilities": probabilities}
}

// sampleSweeps is one pair of equally likely replies: after t steps h solves
// βh + exp(βh) = 1 + 2ηβ²t (continuous time), and the optimum of a jury that
// agrees at 85 % is h = log(.85/.15)/β.
func sampleSweeps() map[string]*Sweep {
	kl := func(h float64) float64 {
		p := 1 / (1 + math.Exp(-h))
		return math.Ln2 + p*math.Log(p) + (1-p)*math.Log1p(-p)
	}
	s := &Sweep{Steps: 200, Present: 0.2, Star: 0.31}
	for i := range 60 {
		b := SweepLow * math.Pow(SweepHigh/SweepLow, float64(i)/59)
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
	return map[string]*Sweep{"sweep": s, "sweep-never": &never}
}
