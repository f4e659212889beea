package train

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
)

// textbookStep is the step of doc.go.
func textbookStep(p *data.Problem, loss *objective.Loss, chosen, rejected []example, z []float64, rate float64) {
	logPi, c := make([]float64, len(z)), make([]float64, len(z)) // c = ∂L/∂log π
	for i := range p.Prompts {
		a, b := p.Range(i)
		num.LogSoftmax(logPi[a:b], z[a:b])
	}
	batch := objective.LossBatch{Chosen: sideOf(p, logPi, chosen), Rejected: sideOf(p, logPi, rejected)}
	batch.Mean(loss, batch.Baseline())
	for i, e := range chosen {
		c[e.arm] += batch.Chosen.Grad[i]
	}
	for i, e := range rejected {
		c[e.arm] += batch.Rejected.Grad[i]
	}
	for i := range p.Prompts {
		a, b := p.Range(i)
		sum := num.Total(c[a:b], 0)
		for k := a; k < b; k++ {
			z[k] -= rate * (c[k] - num.Exp(logPi[k])*sum)
		}
	}
}

// An example is one side of a vote, or a thumb, that counts so many times.
type example struct {
	arm    int
	weight float64
}

func sideOf(p *data.Problem, logPi []float64, list []example) (s objective.Side) {
	for _, e := range list {
		s.LogPi, s.LogRef = append(s.LogPi, logPi[e.arm]), append(s.LogRef, p.LogRef[e.arm])
		s.Tokens, s.Weight = append(s.Tokens, num.At(p.Tokens, e.arm, 1)), append(s.Weight, e.weight)
	}
	return s
}

// examplesOf lists the votes, and the thumbs if they are read one by one.
func examplesOf(p *data.Problem, o *objective.Objective) (chosen, rejected []example) {
	for _, t := range p.Tallies {
		for _, v := range []struct {
			won, lost int
			count     float64
		}{{t.A, t.B, t.ForA}, {t.B, t.A, t.ForB}} {
			if v.count > 0 {
				chosen, rejected = append(chosen, example{v.won, v.count}), append(rejected, example{v.lost, v.count})
			}
		}
	}
	if o.Reply != nil {
		for _, t := range p.Thumbs {
			chosen, rejected = append(chosen, example{t.Arm, t.Up}), append(rejected, example{t.Arm, t.Down})
		}
	}
	return chosen, rejected
}

// textbookProblems are problems with replies of several lengths and of one.
func textbookProblems(r *rand.Rand) []*data.Problem {
	several, one := datatest.Rich(r, 2, 6, 9, 0), datatest.Rich(r, 2, 6, 9, 0)
	for k := range one.Tokens {
		one.Tokens[k] = 3
	}
	return []*data.Problem{several, one, data.NewProblem(datatest.Thumbed(true, true))}
}

// Every way takes the textbook's steps, each loss at hyper-parameters drawn from
// its bounds, on votes of all kinds, from starts drawn anew.
func TestEveryWayTakesTheTextbooksStep(t *testing.T) {
	taken := map[way]int{}
	for i := range objective.All() {
		o := &objective.All()[i]
		r := rand.New(rand.NewPCG(121, uint64(i)))
		for range 8 {
			for _, p := range textbookProblems(r) {
				if len(p.Thumbs) > 0 && o.Alone {
					continue // of these it reads but the thumbs up: see TestThumbsAgainstExamplesOneByOne
				}
				cfg := Config{Objective: o, HyperParams: tameHypersOf(o, r), Rate: 0.2}
				start := make([]float64, p.Arms())
				for k := range start {
					start[k] = r.NormFloat64()
				}
				own := NewTrainer(p, cfg).Way
				taken[own]++
				takeTextbookSteps(t, p, cfg, start, own)
				if own == byParts { // it falls back on the pairs
					taken[byPair]++
					takeTextbookSteps(t, p, cfg, start, byPair)
				}
			}
		}
	}
	if len(taken) != len(wayNames(t)) {
		t.Errorf("of the ways %v only %v were taken", wayNames(t), taken)
	}
}

// takeTextbookSteps compares a few steps on all votes with the textbook's.
func takeTextbookSteps(t *testing.T, p *data.Problem, cfg Config, start []float64, by way) {
	t.Helper()
	run, z := NewTrainer(p, cfg), make([]float64, p.Arms())
	for k := range z {
		z[k] = p.LogRef[k] + start[k]
	}
	run.Way = by
	run.StartAt(start)
	chosen, rejected := examplesOf(p, cfg.Objective)
	for step := range 4 {
		run.Advance(1)
		textbookStep(p, run.Loss(), chosen, rejected, z, cfg.Rate)
		for k := range z {
			if got, want := run.LogRatio(k), z[k]-p.LogRef[k]; !(math.Abs(got-want) <= 1e-10*(1+math.Abs(want))) {
				t.Fatalf("%s by way %d, step %d: d[%d] = %v, the textbook has %v", cfg.Objective.Key, by, step+1, k, got, want)
			}
		}
	}
}

// tameHypersOf draws β, and the rest near its defaults.
func tameHypersOf(o *objective.Objective, r *rand.Rand) objective.HyperParams {
	p := o.Defaults(0.2 + r.Float64())
	for _, u := range o.Uses {
		if u.Hyper == objective.HyperEpsilon {
			p.Epsilon = u.Min + 0.3*r.Float64()
		}
	}
	return p
}

// wayNames reads the names of the ways off grad.go, in their order.
func wayNames(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "grad.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
			for _, s := range g.Specs {
				names = append(names, s.(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	return names
}

// docText is the comment of doc.go, a line each.
func docText(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
	}
	return lines
}

// The step that doc.go shows is textbookStep, to the letter.
func TestDocShowsTheTextbooksStep(t *testing.T) {
	code, err := os.ReadFile("textbook_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(code), "\nfunc textbookStep(")
	body, _, _ = strings.Cut("func textbookStep("+body, "\n}\n")
	want := strings.Split(body+"\n}", "\n")
	doc := docText(t)
	at := slices.Index(doc, "\t"+want[0])
	for i, line := range want {
		if line != "" {
			line = "\t" + line
		}
		if at < 0 || at+i >= len(doc) || doc[at+i] != line {
			t.Fatalf("doc.go does not show line %d of textbookStep: %q", i+1, line)
		}
	}
}

// doc.go names every way, in order, with the losses that take it where all
// replies have one length and, in brackets, those that do only where they have
// several.
func TestDocSaysWhoTakesWhichWay(t *testing.T) {
	problems := textbookProblems(rand.New(rand.NewPCG(1, 1)))
	doc, last := docText(t), 0
	for w, name := range wayNames(t) {
		var losses, more []string
		for i := range objective.All() {
			o := &objective.All()[i]
			wayOn := func(p *data.Problem) way {
				return NewTrainer(p, Config{Objective: o, HyperParams: o.Defaults(0.5)}).Way
			}
			switch several, one := wayOn(problems[0]), wayOn(problems[1]); {
			case one == way(w):
				losses = append(losses, o.Key)
			case several == way(w):
				more = append(more, o.Key)
			}
		}
		want := strings.Join(losses, " ")
		if more != nil {
			want = strings.TrimSpace(want + " (" + strings.Join(more, " ") + ")")
		}
		at := slices.IndexFunc(doc, func(line string) bool { return strings.HasPrefix(line, "\t"+name+" ") })
		if at <= last {
			t.Errorf("doc.go does not name %s in its place", name)
			continue
		}
		last = at
		said := ""
		for _, line := range doc[at+1:] {
			if !strings.HasPrefix(line, "\t    ") {
				break
			}
			said += " " + strings.TrimSpace(line)
		}
		if strings.TrimSpace(said) != want {
			t.Errorf("doc.go says that %s is taken by %q, it is by %q", name, strings.TrimSpace(said), want)
		}
	}
}
