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
	const told = `[document.getElementById("beta-title-text").textContent, document.getElementById("beta-role").textContent, document.querySelector("[data-section=sweep] [data-out='beta.role']").textContent]`
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

// The papers behind what learns are linked, and nothing is asked of another host,
// which every tab of the tests checks, before a link is followed.
func TestPapersAreLinked(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre")
	const links = `[...document.querySelectorAll("#papers a")].map((a) => [a.getAttribute("href"), a.rel, a.target].join(" ")).join()`
	const to = "https://arxiv.org/abs/"
	for _, c := range []struct{ link, want string }{
		{"v=1&preset=tyre", to + "2305.18290 noreferrer _blank"},
		{"v=1&preset=tyre&obj=hinge", to + "2305.10425 noreferrer _blank," + to + "2309.06657 noreferrer _blank"},
		{"v=1&preset=tyre&obj=sft", ""},
		{"v=1&preset=tyre&how=rlhf&est=grpo", to + "2203.02155 noreferrer _blank," + to + "2402.03300 noreferrer _blank"},
		{"v=1&preset=tyre&how=online", to + "2402.04792 noreferrer _blank," + to + "2305.18290 noreferrer _blank"},
	} {
		p.open(c.link)
		p.until(links+` === $`, c.want)
	}
	p.choose("#how", "direct")
	p.choose("#obj", "kto")
	p.until(links+` === $ && document.getElementById("papers").textContent === "Ethayarajh et al. 2024, arXiv:2402.01306"`, to+"2402.01306 noreferrer _blank")
	if got := eval[string](p, `document.querySelector("[data-source]").href`); got != "https://example.org/code" {
		t.Errorf("the source is at %q", got)
	}
	if got := p.await(`fetch(document.querySelector(".links a").href).then((r) => r.text()).then((text) => { window.said = text; })`); !strings.HasPrefix(got, "# ") {
		t.Errorf("the README begins %q", got)
	}
}

// DPO is spelt out where it is first met: before the program has arrived, and
// beside the loss that the page begins with.
func TestDPOIsSpeltOut(t *testing.T) {
	_, w := pagePresets(t)
	for _, key := range []string{"load.what", "objective.dpo.note", "gloss.dpo"} {
		if !strings.Contains(w[key], "Direct Preference Optimization") {
			t.Errorf("%s does not say what DPO stands for: %q", key, w[key])
		}
	}
}
