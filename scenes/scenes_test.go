package scenes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"dpoplayground/serve/catalogue"
)

// testWords is a catalogue of these tests, kept apart from the program's.
func testWords(t testing.TB) Words { return wordsOf(t, "testdata/words.txt") }

// pageWords is the program's own catalogue.
func pageWords(t testing.TB) Words {
	t.Helper()
	text, err := catalogue.English()
	if err != nil {
		t.Fatal(err)
	}
	words, err := ParseWords(text)
	if err != nil {
		t.Fatal(err)
	}
	NameObjectives(words)
	return words
}

func wordsOf(t testing.TB, path string) Words {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := ParseWords(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// bicycle is an everyday prompt with K replies.
func bicycle(k int) *Mass {
	texts := []string{"Patch kit, step by step", "Take it to a shop", "Pump and hope", "Depends. Which tyre?", "Buy a new bike", "Not my problem",
		"Sealant, then ride gently home and look for the thorn", "Call a friend with a car", "Walk", "自転車屋さんに持って行ってください", "Donaudampfschifffahrtsgesellschaftskapitän", ""}
	ref := []float64{.17, .2, .16, .22, .15, .1, .05, .03, .02, .02, .01, .01}
	policy := []float64{.46, .21, .09, .17, .05, .02, .011, .004, 1e-9, .002, .001, .003}
	optimum := []float64{.52, .2, .07, .16, .035, .015, .01, .001, 0, .001, .001, .002}
	m := &Mass{Prompt: "My bike tyre is flat. What do I do?", Step: 200, PairChosen: 0, PairRejected: min(4, k-1), Focus: -1}
	for i := range k {
		m.Replies = append(m.Replies, MassReply{Text: texts[i], Policy: policy[i] / total(policy[:k]), Reference: ref[i] / total(ref[:k]), Optimum: optimum[i] / total(optimum[:k]), ID: 100 + i})
	}
	if k == 12 {
		m.Replies[11].Rest, m.Replies[11].RestCount = true, 1234
	}
	return m
}

func total(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum
}

func policyOf(m *Mass) []float64 {
	out := make([]float64, len(m.Replies))
	for i := range out {
		out[i] = m.Replies[i].Policy
	}
	return out
}

// TestSamples writes pictures to look at: SAMPLES=folder go test -run Samples.
func TestSamples(t *testing.T) {
	dir := os.Getenv("SAMPLES")
	if dir == "" {
		t.Skip("SAMPLES names no folder to write sample pictures to")
	}
	write := func(name string, p *Picture) {
		file := filepath.Join(dir, fmt.Sprintf("%s-%gx%g-inline.txt", name, p.W, p.H))
		if err := os.WriteFile(file, AppendSVG(nil, p, nil), 0o644); err != nil {
			t.Fatal(err)
		}
		for theme, colours := range map[string]*Theme{"light": Light(), "dark": Dark()} {
			file := filepath.Join(dir, fmt.Sprintf("%s-%gx%g-%s.svg", name, p.W, p.H, theme))
			if err := os.WriteFile(file, AppendSVG(nil, p, colours), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range sampleCharts() {
		p := &Picture{}
		w, h := float32(130), float32(28)
		if c.Large {
			w, h = 320, 130
		}
		c.Draw(p, testWords(t), w, h)
		write(name, p)
	}
	for name, s := range sampleSweeps() {
		for _, size := range [][2]float32{{600, 260}, {300, 180}} {
			p := &Picture{}
			s.Draw(p, testWords(t), size[0], size[1])
			write(name, p)
		}
	}
	write("flight", flight(t))
	for _, size := range [][3]float32{{607, 440, 16}, {900, 560, 20}, {1150, 600, 16}, {1150, 600, 26}, {362, 500, 16}, {320, 260, 16}} {
		for name, m := range sampleMasses() {
			m.Font = size[2]
			write(fmt.Sprintf("%s-font%g", name, m.Font), drawMass(t, m, size[0], size[1]))
		}
	}
}

// flight is the mass view while grains are under way.
func flight(t *testing.T) *Picture {
	m, g, p, v := bicycle(6), NewGrains(), &Picture{}, NewMassView(testWords(t))
	g.Reset(policyOf(m))
	v.Draw(p, m, g, 0, 620, 400)
	for i, x := range []float64{.2, .2, .1, .2, .2, .1} {
		m.Replies[i].Policy = x
	}
	g.Move(policyOf(m), nil, 100)
	v.Draw(p, m, g, 200, 620, 400)
	return p
}

func drawMass(t testing.TB, m *Mass, w, h float32) *Picture {
	g := NewGrains()
	g.Reset(policyOf(m))
	p := &Picture{}
	NewMassView(testWords(t)).Draw(p, m, g, 0, w, h)
	return p
}

func sampleMasses() map[string]*Mass {
	sure := bicycle(6)
	for i := range sure.Replies {
		sure.Replies[i].Policy, sure.Replies[i].Optimum = 1e-9, 0
	}
	sure.Replies[0].Policy, sure.Replies[0].Optimum = 1-5e-9, 1
	sure.Reached, sure.Focus = NeverReached, 2
	two := bicycle(2)
	two.PairChosen, two.PairRejected = 1, 0
	start := bicycle(6)
	for i := range start.Replies {
		start.Replies[i].Policy = start.Replies[i].Reference
	}
	start.Reached, start.PairChosen = Unknown, -1
	return map[string]*Mass{"six": bicycle(6), "two": two, "twelve": bicycle(12), "sure": sure, "start": start,
		"begin": begin(), "passing": passing(), "arrived": arrived()}
}

// begin is step 0, with the optimum far above the policy.
func begin() *Mass {
	m := bicycle(6)
	for i := range m.Replies {
		m.Replies[i].Policy = m.Replies[i].Reference
	}
	m.Replies[0].Optimum, m.Replies[1].Optimum = 0.57, 0.15
	m.Step = 0
	return m
}

// passing has optima close above and below the tops of the bars.
func passing() *Mass {
	m := bicycle(6)
	for i, d := range []float64{0.03, -0.02, 0.02, 0.035, 0.01, 0.05} {
		m.Replies[i].Optimum = m.Replies[i].Policy + d
	}
	m.Focus = 0
	return m
}

// arrived is a run at its optimum.
func arrived() *Mass {
	m := bicycle(6)
	for i := range m.Replies {
		m.Replies[i].Policy = m.Replies[i].Optimum
	}
	return m
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
	probabilities := &Chart{Name: "Probability", Steps: steps, Step: 150, End: 400, Probability: true, Large: true, Reached: Unknown}
	for k := range wide {
		probabilities.Lines = append(probabilities.Lines, ChartLine{Name: bicycle(6).Replies[k].Text, Values: wide[k]})
	}
	kl := Chart{Name: "KL to the reference", Value: "0.460", Steps: steps, Step: 200, End: 400, Lines: []ChartLine{{Values: rising}}, Optimum: 0.55}
	large := kl
	large.Large = true
	loss := &Chart{Name: "Loss", Value: "0.09", Steps: steps, Step: 120, End: 400, Lines: []ChartLine{{Values: falling, Ink: InkText}}, Reached: Unknown}
	zero, huge := large, large
	zero.Lines, zero.NonNegative, zero.Reached = []ChartLine{{Values: make([]float64, 201)}}, true, Unknown
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
		b := sweepLow * math.Pow(sweepHigh/sweepLow, float64(i)/59)
		u := math.Log1p(0.5 * b * b * 200)
		limit := math.Log(0.85/0.15) / b
		s.Beta, s.After, s.Optimum = append(s.Beta, b), append(s.After, kl(min(0.9*u/b, limit))), append(s.Optimum, kl(min(limit, 30)))
	}
	never := *s
	never.Reached, never.Present, never.Star = NeverReached, 0.3, 0.31
	never.Optimum = make([]float64, 60)
	for i := range never.Optimum {
		never.Optimum[i] = math.Ln2
	}
	return map[string]*Sweep{"sweep": s, "sweep-never": &never}
}

// randomMass is any legal state: lengths of text, numbers of replies, extreme
// probabilities.
func randomMass(r *rand.Rand) *Mass {
	k := 1 + r.IntN(12)
	m := &Mass{Prompt: randomText(r), Step: r.IntN(10000), Reached: Reached(r.IntN(3)), PairChosen: r.IntN(k+1) - 1, PairRejected: r.IntN(k+1) - 1, Focus: r.IntN(k+1) - 1}
	policy, reference, optimum := randomSimplex(r, k), randomSimplex(r, k), randomSimplex(r, k)
	for i := range k {
		m.Replies = append(m.Replies, MassReply{Text: randomText(r), Policy: policy[i], Reference: reference[i], Optimum: optimum[i], ID: i, Rest: r.IntN(12) == 0, RestCount: r.IntN(60000)})
	}
	return m
}

// randomSimplex draws a distribution that is flat, peaked or a point mass.
func randomSimplex(r *rand.Rand, k int) []float64 {
	temperature := []float64{0, 1, 10, 400}[r.IntN(4)]
	out := make([]float64, k)
	for i := range out {
		out[i] = math.Exp(temperature * (r.Float64() - 1))
	}
	sum := total(out)
	for i := range out {
		out[i] /= sum
	}
	return out
}

func randomText(r *rand.Rand) string {
	alphabet := []rune("aaaeeiounrstlmWM  ,.-—äé日本語한글🙂😀\u0301\u200d<&>\"'\x00\n\ufffe{}%")
	out := make([]rune, r.IntN([]int{1, 8, 40, 400}[r.IntN(4)])+1)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}
