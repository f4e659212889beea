package core_test

import (
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
)

// What is written is read back by the standard library's reader, to the last
// bit, whatever the replies' texts are.
func TestCSVIsReadBack(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 300})
	e := l.Experiment.Own(l.Presets)
	texts := []string{"=SUM(A1)", "a, \"quoted\" one", "two\nlines", "-", "ünï", "plain"}
	for k := range e.Prompts[0].Replies {
		e.Prompts[0].Replies[k].Text = texts[k]
	}
	if c := l.Set(e); c != nil {
		t.Fatal(c)
	}
	for l.Work(1000) {
	}
	rows, err := csv.NewReader(strings.NewReader(string(core.AppendCSV(nil, []core.Record{{"DPO, β", l}, {"again", l}})))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	h := l.History
	if len(rows) != 1+2*len(h.Steps) {
		t.Fatalf("%d rows of %d steps", len(rows), len(h.Steps))
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	if _, there := column["p: two\nlines"]; !there {
		t.Errorf("header %q", rows[0])
	}
	number := func(row []string, name string) float64 {
		x, err := strconv.ParseFloat(row[column[name]], 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return x
	}
	for i, row := range rows[1:] {
		j := i % len(h.Steps)
		if want := []string{"DPO, β", "again"}[i/len(h.Steps)]; row[0] != want {
			t.Fatalf("run %q, want %q", row[0], want)
		}
		if number(row, "step") != float64(h.Steps[j]) || number(row, "kl") != h.Measures[j].KL || number(row, "beta") != l.Beta() {
			t.Errorf("row %d: %q", i, row)
		}
		sum := 0.0
		for k := range texts {
			sum += number(row, rows[0][len(rows[0])-len(texts)+k])
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("row %d: probabilities sum to %v", i, sum)
		}
	}
}

// A measure that is not defined leaves its field empty.
func TestCSVLeavesOutWhatIsNotDefined(t *testing.T) {
	l := coretest.NewLab(t, "tyre", map[core.Param]float64{core.Step: 2, core.How: core.LearnByRLHF})
	for l.Work(1000) {
	}
	rows, err := csv.NewReader(strings.NewReader(string(core.AppendCSV(nil, []core.Record{{"RLHF", l}})))).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatal(len(rows), err)
	}
	for i, name := range rows[0] {
		if empty := rows[1][i] == ""; empty != (name == "loss") {
			t.Errorf("%s is %q", name, rows[1][i])
		}
	}
}
