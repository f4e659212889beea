//go:build !js

package pagetest

import (
	"strings"
	"testing"
)

// A teacher ticks what a link hides and locks, and gets the link, a title, a snippet
// and a code; a link that is too long for a code says so. The link does what was
// ticked, and one press puts the page back to it.
func TestLinkIsPreparedAndStartedOver(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=200")
	p.settle()
	p.click(`[data-do="share"]`)
	p.run(`document.getElementById("prepare").open = true`)
	for _, name := range []string{"hoptimum", "llr", "present"} {
		p.run(`document.querySelector($).click()`, `#prepare [data-value="`+name+`"]`)
	}
	value := func(id string) string { return eval[string](p, `document.getElementById($).value`, id) }
	_, fragment, _ := strings.Cut(value("prepare-link"), "#")
	if fragment != "v=1&preset=tyre&step=200&hide=optimum&lock=lr&present=on" {
		t.Errorf("the link is %q", fragment)
	}
	if s := value("prepare-snippet"); !strings.Contains(s, "&amp;hide=optimum&amp;lock=lr") || !strings.HasPrefix(s, "<iframe src=") {
		t.Errorf("the snippet is %q", s)
	}
	if s := value("prepare-title"); !strings.Contains(s, "200") {
		t.Errorf("the title is %q", s)
	}
	if !eval[bool](p, `document.querySelector('#prepare-qr svg[aria-label]') !== null`) {
		t.Error("there is no code")
	}
	p.open(fragment)
	p.waitTold("locked-said", "optimum", "lr")
	p.until(`document.documentElement.classList.contains("presenting")`)
	p.run(`document.querySelector('#beta').value = "2"; document.querySelector('#beta').dispatchEvent(new Event("change", {bubbles: true}))`)
	p.until(`location.hash.includes("beta=2")`)
	p.run(`document.querySelector('#locked [data-do="start-over"]').click()`)
	p.until(`location.hash === $`, "#"+fragment)

	const keys = "opt.batch.seed.lr.obj.policy.how.gamma.lambda.alpha.delta.tau.steps.speed.view.from.votes.flip.ref.refevery"
	p.open("v=1&preset=tyre&hide=" + keys + ".ledger.versus.derive.rewards&lock=" + keys + ".ledger.versus.derive.rewards.cost")
	p.settle()
	p.run(`document.querySelector('[data-do="share"]').click(); document.getElementById("prepare").open = true`)
	p.waitTold("prepare-qr-note", "no QR code", "300")
	if eval[bool](p, `document.querySelector('#prepare-qr svg') !== null`) {
		t.Error("a link too long has a code all the same")
	}
}

// Start over takes back the answers of a lesson.
func TestLessonIsStartedOver(t *testing.T) {
	t.Parallel()
	p := openPage(t, "lesson=beta.2")
	p.onStep("step 2 of 2")
	p.press("1")
	p.until(`document.querySelector('#lesson-body [aria-pressed="true"]') !== null`)
	p.click(`#lesson [data-do="start-over"]`)
	p.until(`document.querySelector('#lesson-body [data-do="lesson-choose"]:not([disabled])') !== null && document.querySelector('#lesson-body [aria-pressed="true"]') === null && document.getElementById("beta").value === "0.5"`)
	p.onStep("step 2 of 2")
}

// A link with play=on plays, at its speed.
func TestLinkPlays(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&speed=100&play=on")
	p.until(`Number(document.getElementById("clock").textContent.split("/")[0].replace(/\D/g, "")) > 20`)
}
