package core

import (
	"math"
	"slices"
	"strings"
)

// defaultBetas stand side by side where none are chosen: in the default
// experiment the first lags after a thousand steps and is headed furthest, and
// the last never leaves the reference.
var defaultBetas = [...]float64{0.05, 0.2, 1, 5}

// SideBySide returns the βs that stand side by side, rising: the present β, and
// beside it those chosen or the default ones. One that the present β comes to
// coincide with is one column with it for as long as that lasts.
func (e *Experiment) SideBySide() []float64 {
	betas := e.View.Betas
	if betas == nil {
		betas = defaultBetas[:]
	}
	betas = e.others(betas)
	betas = append(betas, e.Settings[Beta])
	slices.Sort(betas)
	return betas
}

// ChooseBetas has the βs of a list stand side by side: those that are not the
// present one beside it. They stay when it moves.
func (e *Experiment) ChooseBetas(list []float64) { e.View.Betas = e.others(list) }

// others returns a list without the present β or, where there would be no room
// for that, without the nearest to it in log β.
func (e *Experiment) others(list []float64) []float64 {
	betas, present := slices.Clone(list), e.Settings[Beta]
	if at := slices.Index(betas, present); at >= 0 {
		return slices.Delete(betas, at, at+1)
	}
	if len(betas) < MostBetas {
		return betas
	}
	nearest := 0
	for i := range betas {
		if math.Abs(math.Log(betas[i]/present)) < math.Abs(math.Log(betas[nearest]/present)) {
			nearest = i
		}
	}
	return slices.Delete(betas, nearest, nearest+1)
}

// SplitBetas cuts a typed list of βs into its numbers, for ParseBetas. They
// stand apart by spaces, semicolons or commas; a comma is a decimal one where
// spaces or semicolons do the separating and no number has a point.
func SplitBetas(text string) []string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ';' || r == '\t' || r == '\n' })
	var out []string
	for _, part := range parts {
		part = strings.Trim(part, ",")
		if part == "" {
			continue
		}
		if len(parts) > 1 && !strings.Contains(text, ".") && strings.Count(part, ",") == 1 {
			out = append(out, strings.Replace(part, ",", ".", 1))
			continue
		}
		for _, number := range strings.Split(part, ",") {
			if number != "" {
				out = append(out, number)
			}
		}
	}
	return out
}
