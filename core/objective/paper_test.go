package objective_test

import (
	"regexp"
	"strings"
	"testing"

	"dpoplayground/core/objective"
)

// The pieces of a text add up to it, and each has the number that stands at its end.
func TestCitations(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil,
		"Mitchell 2023, A note on DPO with noisy preferences":                                    {""},
		"Rafailov et al. 2023, arXiv:2305.18290":                                                 {"2305.18290"},
		"Huang et al. 2024, arXiv:2407.13399, algorithm 1":                                       {"2407.13399", ""},
		"See arXiv:2402.00856.":                                                                  {"2402.00856", ""},
		"Zhao et al. 2023, arXiv:2305.10425; with log-ratios: Liu et al. 2023, arXiv:2309.06657": {"2305.10425", "2309.06657"},
	} {
		pieces, whole := objective.Citations(text), ""
		for i, p := range pieces {
			whole += p.Text
			if i >= len(want) || p.ID != want[i] || !strings.HasSuffix(p.Text, p.ID) {
				t.Errorf("%q: piece %d is %+v", text, i, p)
			}
		}
		if len(pieces) != len(want) || whole != text {
			t.Errorf("%q: %d pieces that add up to %q", text, len(pieces), whole)
		}
	}
}

// Each loss but maximum likelihood and cDPO, whose note is not on arXiv, has papers
// that can be linked.
func TestPapersCanBeLinked(t *testing.T) {
	number := regexp.MustCompile(`^\d{4}\.\d{5}$`)
	for _, o := range objective.All() {
		linked := 0
		for _, p := range objective.Citations(o.Paper) {
			if p.ID != "" {
				linked++
				if !number.MatchString(p.ID) {
					t.Errorf("%s: %q is no number of arXiv", o.Key, p.ID)
				}
			}
		}
		if want := o.Key != "sft" && o.Key != "cdpo"; (linked > 0) != want {
			t.Errorf("%s: %d papers can be linked in %q", o.Key, linked, o.Paper)
		}
	}
}
