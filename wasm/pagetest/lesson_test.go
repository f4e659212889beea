//go:build !js

package pagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dpoplayground/internal/full"
)

// card reads the text of the lesson's card.
func (p *tab) card() string {
	p.t.Helper()
	return eval[string](p, `document.getElementById("lesson").innerText`)
}

// onStep waits until the lesson's card shows a step.
func (p *tab) onStep(count string) {
	p.t.Helper()
	p.until(`document.documentElement.dataset.side.startsWith("lesson") && document.getElementById("lesson-count").textContent === $`, count)
}

// A lesson is opened from the list and walked: its first step hides the optimum, its
// second takes a bet, runs, and says what came of the very bet with the numbers that
// core computes. The address names the step, and a reload finds the bet.
func TestLessonIsWalked(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	p.click(`[data-do="lessons"]`)
	p.until(`document.querySelector('#lessons-list [data-value="beta"]') !== null`)
	p.click(`#lessons-list [data-value="beta"]`)
	p.onStep("step 1 of 2")
	p.until(`document.getElementById("kl-optimum").textContent === "hidden" && document.getElementById("lesson-body").textContent.includes("0.497")`)
	if s := p.read(); !strings.Contains(s.Hash, "lesson=beta.1") || !strings.HasPrefix(s.Clock, "1 000") && !strings.HasPrefix(digits(s.Clock), "1000") {
		t.Errorf("the step stands at %q, %q", s.Clock, s.Hash)
	}
	for _, bar := range p.read().Bars {
		if strings.Contains(bar, "optimum") {
			t.Errorf("a hidden optimum is told: %q", bar)
		}
	}
	p.press(kb.ArrowRight)
	p.onStep("step 2 of 2")
	if card := p.card(); strings.Contains(card, "0.345") || strings.Contains(card, "1.772") {
		t.Errorf("the answer stands there before the bet: %q", card)
	}
	p.press("1")
	p.until(`document.getElementById("lesson-body").textContent.includes("The answer comes at step 1") && document.getElementById("beta").value === "0.05"`)
	p.click(`[data-do="lesson-now"]`)
	p.until(`document.getElementById("lesson-body").textContent.includes("You said further. After 1,000 steps KL is 0.345, and it was 0.497 at β = 0.5. At the optimum you are right: 1.772 against 0.499.")`)
	p.until(`document.getElementById("kl-optimum").textContent === "1.772"`)
	link := p.agree().Hash
	p.open(link)
	p.onStep("step 2 of 2")
	p.until(`document.getElementById("lesson-body").textContent.includes("You said further.")`)
	p.click(`[data-do="lesson-leave"]`)
	p.until(`document.documentElement.dataset.side === "argument" && !location.hash.includes("lesson=")`)
}

// What a link hides is not there, what it locks cannot be changed by any way, and
// one press opens the page in full.
func TestLinkHidesAndLocks(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=200&hide=optimum.tabs.lr&lock=beta")
	p.waitTold("locked-said", "optimum, tabs, lr", "beta")
	hidden := func(selector string) bool {
		return eval[bool](p, `document.querySelector($).getClientRects().length === 0`, selector)
	}
	if !hidden(".tabs") || hidden("#play") {
		t.Error("the tabs are shown, or Play is not")
	}
	if eval[bool](p, `!document.getElementById("beta").disabled || !document.getElementById("beta-range").disabled || document.getElementById("play").disabled`) {
		t.Error("β is not locked, or Play is")
	}
	p.click(`[data-do="settings"]`)
	p.until(`document.documentElement.dataset.side === "settings"`)
	p.openSection("more")
	if !hidden("#lr") || hidden("#opt") {
		t.Error("the learning rate is shown, or the optimiser is not")
	}
	for _, bar := range p.read().Bars {
		if strings.Contains(bar, "optimum") {
			t.Errorf("a hidden optimum is told: %q", bar)
		}
	}
	p.run(`const e = document.getElementById("beta"); e.value = "2"; e.dispatchEvent(new Event("change", {bubbles: true}))`)
	p.waitMessage("locked")
	if s := p.read(); s.Beta != "0.5" || !strings.Contains(s.Hash, "lock=beta") {
		t.Errorf("β is %s at %s", s.Beta, s.Hash)
	}
	p.closeMessages()
	p.click(`[data-do="unlock"]`)
	p.until(`document.querySelector(".tabs").getClientRects().length > 0 && !document.getElementById("beta").disabled && !location.hash.includes("hide=")`)
	p.agree()
}

// Every lesson is walked to its end: each question is answered by its first choice,
// or where the slider stands, and each answer comes with all its numbers. The short form
// walks three.
func TestEveryLessonIsWalked(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	all := slices.Collect(strings.Lines(string(readText(t, "assets/lessons.txt"))))
	for _, line := range all[:full.Or(3, len(all))] {
		name, _, _ := strings.Cut(line, " ")
		p.open("lesson=" + name)
		p.until(`document.documentElement.dataset.side.startsWith("lesson")`)
		steps := eval[int](p, `document.querySelectorAll("#lesson-dots button").length`)
		for i := range steps {
			p.onStep(fmt.Sprintf("step %d of %d", i+1, steps))
			p.answer()
			p.until(`!document.getElementById("lesson").innerText.includes("…") && document.querySelector("#lesson-body .faults") === null`)
			if wandered := eval[bool](p, `!document.getElementById("lesson-wandered").hidden`); wandered {
				t.Errorf("%s, step %d: the page is said to have been changed", name, i+1)
			}
			if i+1 < steps {
				p.press(kb.ArrowRight)
			}
		}
	}
}

// answer answers the step's question, if it has one, and waits for what is said.
func (p *tab) answer() {
	p.t.Helper()
	const button = `#lesson-body [data-do="lesson-choose"]:not([disabled]), #lesson-body [data-do="lesson-bet"]`
	if !eval[bool](p, `document.querySelector($) !== null`, button) {
		return
	}
	p.run(`document.querySelector($).click()`, button)
	p.until(`document.querySelector('#lesson-body .reveal, #lesson-body [data-do="lesson-now"]') !== null`)
	if eval[bool](p, `document.querySelector('#lesson-body [data-do="lesson-now"]') !== null`) {
		p.run(`document.querySelector('#lesson-body [data-do="lesson-now"]').click()`)
	}
	p.until(`document.querySelector("#lesson-body .reveal") !== null`)
}
