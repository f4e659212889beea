//go:build !js

package pagetest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// explained is the text of the popover that is open, or "" for none.
const explained = `(document.querySelector(".explained:popover-open")?.textContent ?? "")`

// Each button of the page and each row of terms names a term of the glossary, and
// each term has a button. A term has two sentences.
func TestGlossaryIsWithinReach(t *testing.T) {
	_, w := pagePresets(t)
	offered := map[string]bool{}
	for _, e := range pageElements(t) {
		names := strings.Fields(e.attrs["data-terms"])
		if name, is := strings.CutPrefix(e.attrs["popovertarget"], "gloss-"); is {
			names = append(names, name)
		}
		for _, name := range names {
			offered[name] = true
			if w["gloss."+name] == "" || w["gloss."+name+".name"] == "" {
				t.Errorf("the page offers to explain %q, which the glossary lacks", name)
			}
		}
	}
	sentence := regexp.MustCompile(`\.( |$)`)
	terms := 0
	for key, text := range w {
		name, is := strings.CutPrefix(key, "gloss.")
		if !is || strings.Contains(name, ".") {
			continue
		}
		terms++
		if !offered[name] {
			t.Errorf("no button explains %q", name)
		}
		if n := len(sentence.FindAllString(text, -1)); n != 2 {
			t.Errorf("%s has %d sentences: %s", key, n, text)
		}
	}
	if terms < 15 {
		t.Errorf("the glossary has only %d terms", terms)
	}
}

// tap touches an element of the page.
func (p *tab) tap(selector string) {
	p.t.Helper()
	x, y := p.point(selector)
	p.do(chromedp.TapXY(x, y))
}

// A term is explained by keyboard and by tap, with the number that the run has; Esc
// closes it and gives the focus back; nothing on the page moves.
func TestGlossaryOpensByKeyboardAndByTap(t *testing.T) {
	t.Parallel()
	_, w := pagePresets(t)
	p := newTab(t, browser(t), servePage(t))
	p.do(chromedp.EmulateViewport(1280, 900, chromedp.EmulateTouch))
	p.open("v=1&preset=tyre&step=40&open=derive.time.measures")
	p.agree()
	const button = `.honest dd [popovertarget="gloss-kl"]`
	const places = `[...document.querySelectorAll("main *")].map((e) => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.width].join(); }).join(";")`
	before := eval[string](p, places)
	p.focus(button)
	p.press(kb.Enter)
	p.until(explained+`.includes($)`, w["gloss.kl"])
	p.until(explained+`.includes($ + document.getElementById("kl-now").textContent + " nats")`, strings.Split(w["gloss.kl.now"], "{kl}")[0])
	if after := eval[string](p, places); after != before {
		t.Error("the page moved when a term was explained")
	}
	if !eval[bool](p, `document.activeElement.matches(".explained[role=dialog]") && document.getElementById(document.activeElement.getAttribute("aria-labelledby")).textContent === "KL"`) {
		t.Error("the focus is not in the explanation, by which it would be read")
	}
	p.press(kb.Escape)
	p.until(explained+` === "" && document.activeElement === document.querySelector($)`, button)

	// The number follows the run.
	p.tap(button)
	p.until(explained + ` !== ""`)
	was := eval[string](p, explained)
	p.press(kb.Escape)
	p.enter("#beta", "0.1")
	p.agree()
	p.tap(button)
	p.until(explained+` !== "" && `+explained+` !== $ && `+explained+`.includes(document.getElementById("kl-now").textContent)`, was)

	// A tap on another term explains that one; a tap beside it closes it.
	p.tap(`[data-section=derive] [data-terms] [popovertarget="gloss-z"]`)
	p.until(explained+`.includes($ + document.querySelector('[data-out="derive.blogz"]').textContent)`, "β log Z is ")
	if !eval[bool](p, `(() => { const r = document.querySelector(".explained:popover-open").getBoundingClientRect(); return r.left >= 0 && r.top >= 0 && r.right <= innerWidth && r.bottom <= innerHeight; })()`) {
		t.Error("the explanation is not in the window")
	}
	p.tap("h1")
	p.until(explained + ` === ""`)
}

// Esc closes an explanation and does not end the presentation.
func TestEscapeClosesTheExplanationAlone(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=40")
	p.click("[data-do=present]")
	p.until(`document.documentElement?.classList.contains("presenting")`)
	p.click(`.honest dd [popovertarget="gloss-kl"]`)
	p.until(explained + ` !== ""`)
	p.press(kb.Escape)
	p.until(explained + ` === "" && document.documentElement?.classList.contains("presenting")`)
	p.press(kb.Escape)
	p.until(`!document.documentElement?.classList.contains("presenting")`)
}
