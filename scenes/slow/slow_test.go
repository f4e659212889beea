package slow

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/slowmotion"
	"dpoplayground/core/train"
	"dpoplayground/scenes/scenetest"
)

// slowLab runs an experiment for so many steps.
func slowLab(t testing.TB, preset string, steps float64, set map[core.Param]float64) *core.Lab {
	t.Helper()
	presets := core.Presets(func(key string) string { return key })
	e := core.FindPreset(presets, preset).Start()
	e.Settings[core.Step] = steps
	for p, x := range set {
		e.Settings[p] = x
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(500) {
	}
	return l
}

// slowCases are experiments that have different stages.
func slowCases() map[string]map[core.Param]float64 {
	out := map[string]map[core.Param]float64{
		"batch":  {core.Batch: 4},
		"online": {core.How: core.LearnOnline},
		"model":  {core.How: core.LearnByRLHF, core.RewardFit: core.FitBySteps, core.RewardSteps: 1000},
		"moving": {core.RefEvery: 8},
		"value":  {core.How: core.LearnByRLHF, core.EstimatorChoice: float64(rlhf.PPO), core.ValueRate: 0.1, core.Rate: 4},
	}
	for i, o := range objective.All() {
		out[o.Key] = map[core.Param]float64{core.ObjectiveChoice: float64(i), core.Rate: 0.05}
		if o.Key != "dpo" {
			out[o.Key][core.Smoothing] = o.Defaults(1).Epsilon
		}
	}
	for kind := train.SGD; kind <= train.RMSprop; kind++ {
		out[fmt.Sprint("optimiser ", kind)] = map[core.Param]float64{core.Optimizer: float64(kind), core.Rate: 0.01}
	}
	for est := rlhf.ExactGradient; est <= rlhf.PPO; est++ {
		for leash := rlhf.LeashInReward; leash <= rlhf.LeashK3Loss; leash++ {
			out[fmt.Sprint("rlhf ", est, leash)] = map[core.Param]float64{core.How: core.LearnByRLHF, core.EstimatorChoice: float64(est), core.LeashChoice: float64(leash)}
		}
	}
	return out
}

var unsaidHere = regexp.MustCompile(`\[slow|\{[a-z]+\}|NaN|%!`)

// Every stage of every kind of step is shown whole: all is said, formulas are
// well-formed and have all their numbers, and one line of the loop is lit.
func TestSlowStages(t *testing.T) {
	words := scenetest.PageWords(t)
	for name, set := range slowCases() {
		for _, preset := range []string{"tyre", "displacement"} {
			for _, steps := range []float64{0, 7} {
				if set[core.How] != core.LearnDirectly && preset == "displacement" {
					continue // its policy is linear
				}
				l := slowLab(t, preset, steps, set)
				var s slowmotion.SlowMotion
				s.Read(l, 1, 0)
				for stage := range s.Stages {
					v := StageOf(&s, l, stage, words)
					checkSlow(t, fmt.Sprintf("%s, %s, step %v, stage %d", name, preset, steps, stage), v, stage, len(s.Stages))
				}
				if last := StageOf(&s, l, 99, words); !last.Last || last.Stage != len(s.Stages)-1 {
					t.Errorf("%s: beyond the last stage is stage %d", name, last.Stage)
				}
			}
		}
	}
}

func checkSlow(t *testing.T, what string, v *View, stage, stages int) {
	t.Helper()
	texts := []string{v.About, v.Title, v.Count, v.Note}
	for _, line := range v.Lines {
		texts = append(texts, line.Label, line.Math)
		wellFormed(t, what, line.Math)
		if strings.Contains(line.Math, "></mn>") || strings.Contains(line.Math, ">#") {
			t.Errorf("%s: a number is missing in %s", what, line.Math)
		}
	}
	for i, row := range v.Table.Rows {
		texts = append(texts, row...)
		if len(row) != len(v.Table.Head) || len(v.Table.Inks) != len(v.Table.Rows) {
			t.Errorf("%s: row %d has %d cells under %d heads", what, i, len(row), len(v.Table.Head))
		}
	}
	lit := 0
	for i, line := range v.Code {
		texts = append(texts, line.Text, line.Got)
		wellFormed(t, what, line.Markup())
		if line.Stage == stage {
			lit++
			if v.At != i {
				t.Errorf("%s: line %d is lit, not %d", what, v.At, i)
			}
		}
		if n := len([]rune(line.Text)); n > 40 {
			t.Errorf("%s: a line of %d signs: %s", what, n, line.Text)
		}
		if line.Got != "" && (line.Stage < 0 || line.Stage >= stage) {
			t.Errorf("%s: line %d has come to %s before its time", what, i, line.Got)
		}
	}
	if bad := unsaidHere.FindString(strings.Join(texts, "\n")); bad != "" {
		t.Errorf("%s reads %q", what, bad)
	}
	if lit != 1 || v.Count != fmt.Sprintf("%d of %d", stage+1, stages) || len(v.Lines)+len(v.Table.Rows) == 0 || v.Title == "" || v.Note == "" {
		t.Errorf("%s: %d lines are lit; %+v", what, lit, v)
	}
}

func wellFormed(t *testing.T, what, markup string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader("<x>" + markup + "</x>"))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v in %s", what, err, markup)
		}
	}
}

// What is read off the stages of DPO's first step, on one pair of two votes in
// three, is the closed form: u = 0, loss log 2, σ(−u) = ½.
func TestSlowNumbers(t *testing.T) {
	presets := core.Presets(func(key string) string { return key })
	e := presets[0].Start()
	e.Prompts = []data.Prompt{{Replies: []data.Reply{{Text: "a"}, {Text: "b"}}}}
	e.Given = []data.Pair{{Chosen: 0, Rejected: 1, Count: 2}, {Chosen: 1, Rejected: 0, Count: 1}}
	e.Settings[core.Source], e.Settings[core.Beta], e.Settings[core.Rate] = core.FromGiven, 0.4, 3
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(100) {
	}
	var s slowmotion.SlowMotion
	s.Read(l, 0, 1)
	// Each vote pushes 0.4/2; (2 − 1)·0.2/3 = 0.0667; z = log ½ ± 3·0.0667; π = σ(0.4).
	want := [][]string{
		{"logπ(w)=log0.5000=−0.693", "logπ(l)=log0.5000=−0.693"},
		{"logπ(w)πref(w)=log0.50000.5000=0.000", "logπ(l)πref(l)=log0.50000.5000=0.000"},
		{"u=β(0.000−0.000)", "=0.4×0.000=0.000"},
		{"−logσ(u)=−log0.5000=0.693", "σ(−u)=0.5000", "βσ(−u)=0.4×0.5000=0.200"},
		{"gw+=2×0.200−1×0.2003=+0.0667", "gl+=1×0.200−2×0.2003=−0.0667"},
		{"zw=−0.693+3×0.0667=−0.493", "zl=−0.693+3×(−0.0667)=−0.893"},
		{"π(w)=e−0.493Σez=0.61071.020=59.87%", "π(l)=e−0.893Σez=0.40941.020=40.13%"},
		nil,
	}
	for stage := range s.Stages {
		v := StageOf(&s, l, stage, scenetest.PageWords(t))
		var got []string
		for _, line := range v.Lines {
			got = append(got, tags.ReplaceAllString(line.Math, ""))
		}
		if strings.Join(got, "\n") != strings.Join(want[stage], "\n") {
			t.Errorf("stage %d shows\n%s\nwant\n%s", stage, strings.Join(got, "\n"), strings.Join(want[stage], "\n"))
		}
	}
	v := StageOf(&s, l, 7, scenetest.PageWords(t))
	table := fmt.Sprint(v.Table.Rows)
	if table != "[[“a” 50.00 59.87 +9.87] [“b” 50.00 40.13 −9.87] [All 100 100 0.00]]" {
		t.Errorf("mass moves as %s", table)
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// The loop of DPO, line by line.
func TestSlowCode(t *testing.T) {
	l := slowLab(t, "tyre", 3, nil)
	var s slowmotion.SlowMotion
	s.Read(l, 0, 1)
	v := StageOf(&s, l, 2, scenetest.PageWords(t))
	var got []string
	for _, line := range v.Code {
		got = append(got, strings.Repeat("  ", line.Indent)+line.Text)
	}
	const want = `for w, l in votes:
  p = log π[w, l]
  s = p − log π_ref
  u = β·(s_w − s_l)
  push = β·σ(−u)
  g_w, g_l += ±push/N
z += η·g
π = softmax(z)
Δ = π − π_before`
	if strings.Join(got, "\n") != want {
		t.Errorf("the loop reads\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if m := (&CodeLine{Text: "s_w < π_ref & x"}).Markup(); m != `s<sub class="w">w</sub> &lt; π<sub>ref</sub> &amp; x` {
		t.Errorf("set as %s", m)
	}
}

// The formulas that the page shows of a loss and its pushes are computed here,
// as they stand, and compared with the loss that is trained.
func TestLossFormulasAreTheLosses(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for i := range objective.All() {
		o := &objective.All()[i]
		if o.Sorted != objective.Unsorted || o.Key == "sft" {
			continue
		}
		f := formulaOf(o)
		if f.loss == "ℓ" {
			continue // none is given
		}
		for range 50 {
			h := o.Defaults(0.1 + r.Float64())
			x, y := r.NormFloat64(), r.NormFloat64()
			if !o.Reference {
				x, y = -math.Abs(x)-0.1, -math.Abs(y)-0.1
			}
			loss := o.With(h)
			var value, dx, dy float64
			if o.Reply != nil {
				bad := 0.0
				z := baselineOf(o.Key)
				value, dx = loss.Reply.Good(x, z)
				bad, dy = loss.Reply.Bad(y, z)
				value, dx, dy = (value+bad)/2, dx/2, dy/2
			} else {
				value, dx, dy = loss.Pair(x, y)
			}
			env := letters(o.Key, h, x, y)
			compare(t, o.Key+": "+f.loss, env, f.loss, value)
			if !strings.Contains(f.chosen, "∂") {
				compare(t, o.Key+": "+f.chosen, env, f.chosen, -dx)
			}
			if f.other != "" {
				compare(t, o.Key+": "+f.other, env, f.other, -dy)
			} else if dx != -dy {
				t.Errorf("%s: pushes %v and %v are not opposite", o.Key, dx, dy)
			}
		}
	}
}

// baselineOf returns some z₀.
func baselineOf(key string) float64 {
	if key == "kto" {
		return 0.3
	}
	return 0
}

// letters gives what a formula's letters stand for.
func letters(key string, h objective.HyperParams, x, y float64) map[string]float64 {
	z := baselineOf(key)
	sigma := func(u float64) float64 { return 1 / (1 + math.Exp(-u)) }
	u := h.Beta*(x-y) - h.Gamma
	env := map[string]float64{"β": h.Beta, "ε": h.Epsilon, "λ": h.Lambda, "δ": h.Delta, "λ_D": h.Desirable, "λ_U": h.Undesirable, "κ": h.NLL, "ρ": h.BCO,
		"s_w": x, "s_l": y, "h": x - y, "u": u, "q": sigma(u), "g": sigma(u / h.Tau), "a": h.Beta * x, "b": h.Beta * y,
		"t_w": h.Beta * (x - z), "t_l": h.Beta * (y - z), "p_w": math.Exp(x), "p_l": math.Exp(y), "e": math.E}
	odds := func(s float64) float64 { return math.Log(math.Exp(s) / (1 - math.Exp(s))) }
	env["L"] = odds(x) - odds(y)
	env["v"] = h.Beta * (x - y - h.Lambda*math.Max(0, -x))
	f, slope := map[string]func(float64) float64{
		"chi_po":          func(s float64) float64 { return math.Exp(s) + s },
		"fdiv_js":         func(s float64) float64 { return math.Log(sigma(s)) },
		"fdiv_forward_kl": func(s float64) float64 { return -math.Exp(-s) },
		"fdiv_alpha":      func(s float64) float64 { return math.Exp((h.Alpha-1)*s) / (h.Alpha - 1) },
	}[key], map[string]func(float64) float64{
		"chi_po":          func(s float64) float64 { return math.Exp(s) + 1 },
		"fdiv_js":         func(s float64) float64 { return sigma(-s) },
		"fdiv_forward_kl": func(s float64) float64 { return math.Exp(-s) },
		"fdiv_alpha":      func(s float64) float64 { return math.Exp((h.Alpha - 1) * s) },
	}[key]
	if f != nil {
		env["v"], env["f′w"], env["f′l"] = h.Beta*(f(x)-f(y)), slope(x), slope(y)
	}
	return env
}

func compare(t *testing.T, what string, env map[string]float64, formula string, want float64) {
	t.Helper()
	c := calculator{words: strings.Fields(strings.NewReplacer("big(", "(", "big)", ")", "f′ ( s_w )", "f′w", "f′ ( s_l )", "f′l").Replace(formula)), env: env, t: t}
	if got := c.sum(); !(math.Abs(got-want) <= 1e-12*(1+math.Abs(want))) || len(c.words) > 0 {
		t.Fatalf("%s is %v, and the loss %v (left: %v)", what, got, want, c.words)
	}
}

// A calculator computes a formula of words.MathML.
type calculator struct {
	words []string
	env   map[string]float64
	t     *testing.T
}

func (c *calculator) next() string {
	word := c.words[0]
	c.words = c.words[1:]
	return word
}

func (c *calculator) sees(words string) bool {
	return len(c.words) > 0 && strings.Contains(words, c.words[0])
}

func (c *calculator) sum() float64 {
	x := c.product()
	for c.sees("+−") {
		if c.next() == "+" {
			x += c.product()
		} else {
			x -= c.product()
		}
	}
	if c.sees("<") {
		c.next()
		x = map[bool]float64{true: 1}[x < c.sum()]
	}
	return x
}

func (c *calculator) product() float64 {
	if len(c.words) > 0 && c.words[0] == "neg" {
		c.next()
		return -c.product()
	}
	x := c.factor()
	for len(c.words) > 0 && !c.sees("+−,)]}<") {
		x *= c.factor()
	}
	return x
}

// inside computes what stands between two brackets.
func (c *calculator) inside() float64 {
	c.next()
	x := c.sum()
	c.next()
	return x
}

func (c *calculator) factor() float64 {
	if c.sees("([{") {
		return c.inside()
	}
	switch word := c.next(); word {
	case "frac":
		return c.inside() / c.inside()
	case "sup":
		return math.Pow(c.inside(), c.inside())
	case "σ":
		return 1 / (1 + math.Exp(-c.inside()))
	case "log":
		return math.Log(c.factor())
	case "max":
		c.next()
		x := c.sum()
		c.next()
		y := c.sum()
		c.next()
		return math.Max(x, y)
	default:
		if x, ok := c.env[word]; ok {
			return x
		}
		x, err := strconv.ParseFloat(word, 64)
		if err != nil {
			c.t.Fatalf("what is %q before %v?", word, c.words)
		}
		return x
	}
}

// A stage is written at most ten times a second.
func BenchmarkViewSlow(b *testing.B) {
	l, words := slowLab(b, "tyre", 20, nil), scenetest.PageWords(b)
	var s slowmotion.SlowMotion
	b.ReportAllocs()
	for b.Loop() {
		s.Read(l, 0, 5)
		StageOf(&s, l, 4, words)
	}
}
