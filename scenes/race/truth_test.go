package race

import (
	"math"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/link"
	"dpoplayground/core/race"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// linkedRace runs the race of a link to its end.
func linkedRace(t *testing.T, w words.Words, fragment string) *race.Race {
	t.Helper()
	presets := core.Presets(func(key string) string { return w.Say(key) })
	e, complaints := link.Parse("v=1&view=race&"+fragment, presets)
	if len(complaints) > 0 {
		t.Fatal(fragment, complaints[0])
	}
	lead, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(fragment, c)
	}
	return raceOn(lead)
}

// TestRaceSaysWhatIsSo: links under which the race gave causes that were not so.
func TestRaceSaysWhatIsSo(t *testing.T) {
	w := scenetest.PageWords(t)
	for _, c := range []struct{ link, lack string }{
		{"preset=agree&steps=100&step=100", "exact gradient"},
		{"preset=greedy&batch=1&beta=0.1&lr=5&steps=400&step=400", "disagree"},
		{"preset=three&how=rlhf&est=reinforce&step=1000", "noise"},
		{"preset=rare&how=rlhf&est=exact&lr=0.01&steps=2000&step=2000&beta=0.05", "too large"},
	} {
		r := linkedRace(t, w, c.link)
		s := Tell(r, w)
		if said := s.Said + " " + s.Why; strings.Contains(said, c.lack) || strings.Contains(said, "[") {
			t.Errorf("%s: %q is in %q", c.link, c.lack, said)
		}
		both, generated := false, 0
		for i := range r.Lead.Problem.Tallies {
			p := &r.Lead.Problem.Tallies[i]
			both = both || math.Min(p.ForA, p.ForB) > 0
		}
		h := r.Heats[race.RLHF]
		_, generated = r.Laps(race.RLHF, h.Steps[len(h.Steps)-1])
		if none := w.Say("race.generated.none"); strings.Contains(s.Said, none) != (generated == 0) {
			t.Errorf("%s: RLHF generated %d replies, and %q", c.link, generated, s.Said)
		}
		if batch := r.Lead.Experiment.Settings[core.Batch] > 0; strings.Contains(s.Why, w.Say("race.why.batch")) != (both && batch) {
			t.Errorf("%s: votes both ways %v, and %q", c.link, both, s.Why)
		}
		for i, h := range r.Heats {
			name := w.Say([...]string{"race.dpo", "race.rlhf"}[i])
			last := h.Last()
			if strings.Contains(s.Said, w.Say("race.farther", "name", name)) && last[len(last)/2] <= h.Distance[0][0] {
				t.Errorf("%s: %s ends %v away and began %v away: %q", c.link, name, last[len(last)/2], h.Distance[0][0], s.Said)
			}
		}
	}
}
