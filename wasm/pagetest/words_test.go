//go:build !js

package pagetest

import (
	"testing"

	"dpoplayground/scenes/words"
)

// TestPseudoLanguageInThePage: the query puts the whole page into a
// pseudo-language, what index.html says as well as what the program says, and
// changes no number.
func TestPseudoLanguageInThePage(t *testing.T) {
	t.Parallel()
	_, w := pagePresets(t)
	long, _ := words.Pseudo(w, "long")
	p := openPage(t, "v=1&preset=tyre&step=40")
	p.run(`location.search = "?strings=long"`)
	for selector, want := range map[string]string{
		`[data-t="time.play"]`:  long["time.play"],
		`[data-t="more.title"]`: long["more.title"],
		"#honest-now":           long.Say(long.Form("honest.now", 40), "step", "40"),
	} {
		p.until(`document.querySelector($)?.textContent.trim() === $`, selector, want)
	}
	if links := eval[string](p, `location.search`); links != "?strings=long" {
		t.Errorf("the address has the query %q", links)
	}
}
