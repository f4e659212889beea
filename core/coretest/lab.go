package coretest

import (
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

// SettleLab works until nothing is left to do, in slices of odd sizes.
func SettleLab(l *core.Lab, slice int) {
	for n := 0; l.Work(slice); n++ {
		if n > 1e6 {
			panic("a lab never settles")
		}
	}
}

func NewLab(t *testing.T, preset string, set map[core.Param]float64) *core.Lab {
	t.Helper()
	presets := TestPresets()
	e := core.FindPreset(presets, preset).Start()
	for p, x := range set {
		e.Settings[p] = x
	}
	return settled(t, presets, e, 97)
}

// settled returns a lab of an experiment whose work is done, in slices of so many
// steps.
func settled(t *testing.T, presets []core.Preset, e core.Experiment, slice int) *core.Lab {
	t.Helper()
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	SettleLab(l, slice)
	return l
}

// LabWith runs an experiment on prompts and pairs of its own.
func LabWith(t *testing.T, prompts []data.Prompt, pairs []data.Pair, set map[core.Param]float64) *core.Lab {
	t.Helper()
	presets := TestPresets()
	e := presets[0].Start()
	e.Prompts, e.Given = prompts, pairs
	e.Settings[core.Source] = core.FromGiven
	for p, x := range set {
		e.Settings[p] = x
	}
	return settled(t, presets, e, 1000)
}

// Moment is what is read off a lab at a step.
func Moment(l *core.Lab) [2][]float64 {
	return [2][]float64{append([]float64(nil), l.Policy()...), append([]float64(nil), l.Before...)}
}
