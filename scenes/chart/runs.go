package chart

import (
	"math"

	"dpoplayground/core/runlog"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A RunLine is one measure of a real run, as charts draw it. Runs differ in the
// pattern of their lines; what is of the evaluation set has dots.
type RunLine struct {
	measure string // by TRL's name
	line    Line
}

// RunLines returns the lines of real runs, and the names that those go by.
func RunLines(runs []*runlog.Run, w words.Words) (lines []RunLine, names []string) {
	for i, run := range runs {
		name := runName(runs, i, w)
		names = append(names, name)
		for j := range run.Series {
			s := &run.Series[j]
			l := Line{Name: name, Values: s.Values, Steps: whole(s.Steps), Ink: runInks[i/len(runDashes)%len(runInks)], run: i + 1, dots: s.Eval}
			if s.Eval {
				l.Name = w.Say("run.log.eval", "name", name)
			}
			lines = append(lines, RunLine{s.Name, l})
		}
	}
	return lines, names
}

// runName is a run's β where its name says that and no other run's does, or the
// end of its name.
func runName(runs []*runlog.Run, i int, w words.Words) string {
	beta := runlog.BetaOf(runs[i].Name)
	alone := beta > 0
	for k, run := range runs {
		alone = alone && (k == i || runlog.BetaOf(run.Name) != beta)
	}
	if alone {
		return w.Say("run.log.beta", "beta", words.Decimal(beta))
	}
	const most = 24
	name := []rune(runs[i].Name)
	if len(name) > most {
		return "…" + string(name[len(name)-most:])
	}
	return string(name)
}

func whole(steps []float64) []int {
	list := make([]int, len(steps))
	for i, step := range steps {
		list[i] = int(math.Round(step))
	}
	return list
}

// AddRuns adds what real runs say of a measure, and tells whether any does.
func (c *Chart) AddRuns(lines []RunLine, measure string) (any bool) {
	for _, l := range lines {
		if l.measure == measure {
			c.Lines = append(c.Lines, l.line)
			any = true
		}
	}
	return any
}

// runDashes and runInks make the patterns of real runs: other than the toy's
// solid line, and in no colour that means chosen or rejected.
var (
	runDashes = [...]float32{6, 2, 10, 4}
	runInks   = [...]picture.Ink{picture.InkText, picture.InkReference}
)

// style is how line i is drawn.
func (c *Chart) style(i int) picture.Mark {
	l := &c.Lines[i]
	style := LineStyle(i, l.Ink)
	if l.run > 0 {
		style.Dash = runDashes[(l.run-1)%len(runDashes)]
	}
	return style
}

const dotsApart = 7 // pixels, at least

// dots marks a line's values, where there is room between them.
func (c *Chart) dots(p *picture.Picture, i int, l *layout) {
	last := float32(-dotsApart)
	steps := c.steps(i)
	for k, v := range c.Lines[i].Values[:len(steps)] {
		if x := l.x(steps[k]); Legible(v) && x >= last+dotsApart {
			p.Disc(x, l.y(v), 2.2, c.style(i).Ink)
			last = x
		}
	}
}
