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

// SideBySide returns the βs that stand side by side, rising: those chosen, or
// the default ones, and the present β among them. Where there is no room for
// it, it takes the place of the nearest in log β.
func (e *Experiment) SideBySide() []float64 {
	betas := slices.Clone(e.View.Betas)
	if betas == nil {
		betas = slices.Clone(defaultBetas[:])
	}
	present := e.Settings[Beta]
	switch {
	case slices.Contains(betas, present):
	case len(betas) < MostBetas:
		betas = append(betas, present)
	default:
		nearest := 0
		for i := range betas {
			if math.Abs(math.Log(betas[i]/present)) < math.Abs(math.Log(betas[nearest]/present)) {
				nearest = i
			}
		}
		betas[nearest] = present
	}
	slices.Sort(betas)
	return betas
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
