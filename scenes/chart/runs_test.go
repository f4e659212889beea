package chart

import (
	"testing"

	"dpoplayground/core/runlog"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// Runs differ in their lines' patterns and names, never in the colours of chosen
// and rejected; what is of the evaluation set has dots at its values.
func TestRunsAreToldApart(t *testing.T) {
	w, err := words.Parse("run.log.beta = β = {beta}\nrun.log.eval = {name} eval\nnumber.decimal = .\nnumber.group =  \nnumber.grouped = 4\n")
	if err != nil {
		t.Fatal(err)
	}
	var runs []*runlog.Run
	for _, name := range []string{"beta_0.02", "beta_0.1", "beta_0.5", "a", "b", "c", "d", "e"} {
		runs = append(runs, &runlog.Run{Name: name, Series: []runlog.Series{
			{Name: "loss", Steps: []float64{10, 20}, Values: []float64{0.69, 0.5}},
			{Name: "loss", Eval: true, Steps: []float64{10, 20}, Values: []float64{0.69, 0.6}},
		}})
	}
	lines, names := RunLines(runs, w)
	if names[0] != "β = 0.02" || names[3] != "a" || len(lines) != 2*len(runs) {
		t.Fatalf("%d lines of %q", len(lines), names)
	}
	c := Chart{Step: -1, Large: true}
	if c.AddRuns(lines, "kl") || !c.AddRuns(lines, "loss") {
		t.Error("the runs have a loss and no KL")
	}
	type pattern struct {
		ink  picture.Ink
		dash float32
		dots bool
	}
	seen := map[pattern]string{}
	for i, l := range c.Lines {
		style := c.style(i)
		if style.Ink == picture.InkChosen || style.Ink == picture.InkRejected || style.Ink == picture.InkPolicy || style.Dash == 0 {
			t.Errorf("%s is drawn as %+v", l.Name, style)
		}
		p := pattern{style.Ink, style.Dash, l.dots}
		if other := seen[p]; other != "" {
			t.Errorf("%s and %s look alike", l.Name, other)
		}
		seen[p] = l.Name
	}
}

func TestRunsOfOneBetaKeepTheirNames(t *testing.T) {
	w, err := words.Parse("run.log.beta = β = {beta}\nrun.log.eval = {name} eval\n")
	if err != nil {
		t.Fatal(err)
	}
	_, names := RunLines([]*runlog.Run{{Name: "beta_0.1 seed 1"}, {Name: "a long folder of runs, beta_0.1 seed 2"}}, w)
	if names[0] != "beta_0.1 seed 1" || names[1] != "…of runs, beta_0.1 seed 2" {
		t.Errorf("%q", names)
	}
}
