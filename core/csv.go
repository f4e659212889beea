package core

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core/train"
)

// A Record is a run whose measures are written out, with the name it goes by.
type Record struct {
	Name string
	Lab  *Lab
}

// measureColumns are the measures that are written out.
var measureColumns = [...]struct {
	name string
	of   func(m *train.Measures) float64
}{
	{"kl", func(m *train.Measures) float64 { return m.KL }},
	{"loss", func(m *train.Measures) float64 { return m.Loss }},
	{"accuracy", func(m *train.Measures) float64 { return m.Accuracy }},
	{"gap_h", func(m *train.Measures) float64 { return m.Gap }},
	{"margin", func(m *train.Measures) float64 { return m.Margin }},
	{"chosen_reward", func(m *train.Measures) float64 { return m.ChosenReward }},
	{"rejected_reward", func(m *train.Measures) float64 { return m.RejectedReward }},
	{"entropy", func(m *train.Measures) float64 { return m.Entropy }},
	{"expected_true_reward", func(m *train.Measures) float64 { return m.Expected }},
}

// AppendCSV appends the history of runs of one problem to dst, as CSV after
// RFC 4180: a header, then for each run one row a recorded step. Columns are the
// run's name, its β, the step, the measures (see Measures), and the probability
// of each charted reply of the shown prompt, whose text stands in the header. A
// measure that is not defined is left empty. Numbers have all their digits.
func AppendCSV(dst []byte, runs []Record) []byte {
	dst = append(dst, "run,beta,step"...)
	for _, c := range measureColumns {
		dst = append(append(dst, ','), c.name...)
	}
	l := runs[0].Lab
	from, _ := l.Problem.Range(l.Prompt())
	replies := l.Problem.Prompts[l.Prompt()].Replies
	for _, k := range l.History.Arms {
		dst = appendField(append(dst, ','), "p: "+replies[k-from].Text)
	}
	dst = append(dst, "\r\n"...)
	for _, run := range runs {
		for i := range run.Lab.History.Steps {
			dst = run.row(dst, i)
		}
	}
	return dst
}

// row appends the ith recorded step.
func (r *Record) row(dst []byte, i int) []byte {
	h, l := r.Lab.History, r.Lab
	dst = appendField(dst, r.Name)
	dst = appendNumber(append(dst, ','), l.Beta())
	dst = strconv.AppendInt(append(dst, ','), int64(h.Steps[i]), 10)
	for _, c := range measureColumns {
		x := c.of(&h.Measures[i])
		if c.name == "expected_true_reward" && !l.Data.Rewarded {
			x = math.NaN()
		}
		dst = appendNumber(append(dst, ','), x)
	}
	n := len(h.Arms)
	for _, p := range h.Probs[i*n : (i+1)*n] {
		dst = appendNumber(append(dst, ','), p)
	}
	return append(dst, "\r\n"...)
}

func appendNumber(dst []byte, x float64) []byte {
	if x != x {
		return dst
	}
	return strconv.AppendFloat(dst, x, 'g', -1, 64)
}

// appendField appends a text, quoted where it must be.
func appendField(dst []byte, text string) []byte {
	if !strings.ContainsAny(text, ",\"\r\n") {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(text, `"`, `""`)...)
	return append(dst, '"')
}
