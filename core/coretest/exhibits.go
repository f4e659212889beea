package coretest

import (
	"testing"

	"dpoplayground/core"
	"dpoplayground/internal/oracle"
)

// Each exhibit is run as the page runs it, and shows its number. The numbers
// are closed forms; where a run is still on its way to one, the tolerance is
// what its own rate of approach leaves after its steps.

// Exhibit runs a preset to the end of its timeline, some settings changed.
func Exhibit(t *testing.T, id string, objective string, set map[core.Param]float64) *core.Lab {
	t.Helper()
	presets := TestPresets()
	p := core.FindPreset(presets, id)
	if !p.Exhibit {
		t.Fatalf("%s is no exhibit", id)
	}
	e := p.Start()
	if objective != "" {
		e.Settings = e.Settings.Choose(objective)
	}
	e.Settings[core.Step] = e.Settings[core.Steps]
	for param, x := range set {
		e.Settings[param] = x
	}
	return settled(t, presets, e, 4096)
}

func PolicyOf(l *core.Lab) []float64 { return oracle.Exps(l.Policy()) }
