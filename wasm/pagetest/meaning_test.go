//go:build !js

package pagetest

import (
	"strings"
	"testing"

	"dpoplayground/core/objective"
)

// Every loss has a sentence and a heading that tell what its β is.
func TestEveryLossTellsItsBeta(t *testing.T) {
	_, w := pagePresets(t)
	for _, o := range objective.All() {
		for _, key := range []string{"beta.role.", "beta.title."} {
			if w[key+string(o.Beta)] == "" {
				t.Errorf("%s: the catalogue lacks %s%s", o.Key, key, o.Beta)
			}
		}
	}
}

// Where another loss is chosen whose β is another β, that is said beside the loss
// and in every view that shows several β, and the heading of β changes with it.
func TestMeaningOfBetaIsTold(t *testing.T) {
	t.Parallel()
	_, w := pagePresets(t)
	p := openPage(t, "v=1&preset=tyre&step=5&open=sweep.versus")
	const told = `[document.getElementById("beta-title").textContent, document.getElementById("beta-role").textContent, document.querySelector("[data-section=sweep] [data-out='beta.role']").textContent]`
	shows := func(title, role, elsewhere string) {
		t.Helper()
		p.until(`JSON.stringify(`+told+`) === JSON.stringify($)`, []string{title, role, elsewhere})
	}
	shows(w["beta.title.leash"], "", "")
	for _, step := range []struct{ loss, role, says string }{
		{"ipo", "target", "1/(2β)"}, {"sppo_hard", "target.sppo_hard", "+1/(2β)"}, {"orpo", "odds", "odds-ratio"}, {"simpo", "sharpness", "does not tie"}, {"sft", "none", "does not use β"},
	} {
		p.choose("#obj", step.loss)
		role := w["beta.role."+step.role]
		title := w["beta.title."+step.role]
		if !strings.Contains(role, step.says) || title == "" {
			t.Errorf("%s: β is told as %q and %q", step.loss, title, role)
		}
		shows(title, "β now means something else: "+role, role)
	}
	// RLHF uses DPO's β whatever loss is chosen, and so do DPO's near relatives.
	p.choose("#how", "rlhf")
	shows(w["beta.title.leash"], "β now means something else: "+w["beta.role.leash"], "")
	p.choose("#how", "direct")
	shows(w["beta.title.none"], "β now means something else: "+w["beta.role.none"], w["beta.role.none"])
	p.choose("#obj", "cdpo")
	p.choose("#obj", "dpo")
	shows(w["beta.title.leash"], "", "")
	// A run that is compared tells its own β.
	p.choose("#versus-add", "obj:ipo")
	p.click(`[data-do="versus-add"]`)
	p.until(`document.getElementById("versus-beta").textContent.includes($) && document.getElementById("versus-beta").textContent.includes("IPO")`, w["beta.role.target"])
}
