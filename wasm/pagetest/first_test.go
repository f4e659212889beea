//go:build !js

package pagetest

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dpoplayground/internal/full"
)

// swipe moves a finger from the middle of an element in steps, and lifts it.
func (p *tab) swipe(selector string, dx, dy float64) {
	p.t.Helper()
	x, y := p.point(selector)
	p.swipeFrom(x, y, dx, dy)
}

func (p *tab) swipeFrom(x, y, dx, dy float64) {
	p.t.Helper()
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points}); err != nil {
			p.t.Fatal(err)
		}
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
	const steps = 12
	for i := 1; i <= steps; i++ {
		touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x + dx*float64(i)/steps, Y: y + dy*float64(i)/steps})
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// phone makes the page a phone's.
func (p *tab) phone(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height, chromedp.EmulateTouch, chromedp.EmulateMobile))
}

// A finger that scrolls changes nothing: not on a slider, not on the landscape, not on
// the bars. One that moves along a slider moves it, and one that taps sets it.
func TestScrollingFingerChangesNothing(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.phone(390, 664)
	for _, c := range []struct{ link, selector string }{
		{"v=1&preset=tyre&step=40", "#beta-range"},
		{"v=1&preset=tyre&step=40", "#time"},
		{"v=1&preset=tyre&step=40&view=landscape", "#stage"},
		{"v=1&preset=tyre&step=40", "#stage"},
		{"v=1&preset=tyre&step=40&view=betas", "#stage"},
		{"v=1&preset=tyre&step=40&view=loss", "#stage"},
	} {
		p.open(c.link)
		before := p.read()
		for _, dy := range []float64{-150, 90} {
			p.swipe(c.selector, 2, dy)
			p.until("true")
			after := p.read()
			if after.Hash != before.Hash || after.numbers() != before.numbers() {
				t.Errorf("%s: a swipe of %v down over %s changes %q into %q", c.link, dy, c.selector, before.Hash, after.Hash)
			}
			p.run(`window.scrollTo(0, 0)`)
		}
	}
	p.open("v=1&preset=tyre&step=40")
	p.swipe("#beta-range", 90, 3)
	p.until(`Number(document.getElementById("beta").value) > 0.5 && location.hash.includes("beta=")`)
	p.agree()
	x, y := p.point("#beta-range")
	p.do(chromedp.TapXY(x-100, y))
	p.until(`Number(document.getElementById("beta").value) < 0.5`)
	p.agree()
}

// What is wrong with a value stands at its field while the field is in sight, and goes
// when the field is right again.
func TestErrorsStandAtTheirField(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=40")
	before := p.agree()
	p.enter("#beta", "-3")
	p.waitMessage("β")
	near := eval[float64](p, `(() => { const f = document.querySelector(".fault").getBoundingClientRect(), b = document.getElementById("beta").getBoundingClientRect();
		return Math.max(f.left - b.right, b.left - f.right, f.top - b.bottom, b.top - f.bottom); })()`)
	if near > 12 {
		t.Errorf("what is wrong with β is said %v pixels from its field", near)
	}
	if now := p.agree(); now.Hash != before.Hash {
		t.Errorf("a wrong β changes the link to %q", now.Hash)
	}
	p.enter("#beta", "0.2")
	p.until(`document.querySelectorAll(".fault").length === 0 && location.hash.includes("beta=0.2")`)
	// Moving β in the middle of a run computes the run again, which is said.
	if said := p.read().Said; !strings.Contains(said, "0.2") || !strings.Contains(said, "again from step 0") {
		t.Errorf("after β was moved the page says %q", said)
	}
	p.click(`[data-do="forward"]`)
	p.until(`!document.getElementById("said").textContent.includes("again from step 0")`)
}

// Header, picture, β and transport keep their places, to a pixel, while the run plays
// and from view to view. The short form looks at one size.
func TestNothingShifts(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&speed=1000")
	const places = `(() => ["header", "#stage", "#beta-range", ".timeline", "#play", "#time", "#beta"].map((s) => { const r = document.querySelector(s).getBoundingClientRect(); return [s, r.left, r.top, r.width, r.height].map((v) => typeof v === "number" ? Math.round(v) : v).join(" "); }).join("\n"))()`
	sizes := [][2]int64{{1280, 720}, {1920, 1080}, {1024, 768}}
	for _, size := range sizes[:full.Or(1, len(sizes))] {
		p.do(chromedp.EmulateViewport(size[0], size[1]))
		p.open("v=1&preset=tyre&speed=1000")
		still := eval[string](p, places)
		same := func(when string) {
			t.Helper()
			if now := eval[string](p, places); now != still {
				t.Errorf("at %v %s the places are\n%s\nnot\n%s", size, when, now, still)
			}
		}
		p.click("#play")
		p.until(`location.hash.includes("step=1000")`)
		same("after a run")
		for _, view := range []string{"betas", "landscape", "frontier", "loss", "race", "mass"} {
			p.run(`document.querySelector($).click()`, "#tab-"+view)
			p.until(`document.documentElement.dataset.view === $`, view)
			same(fmt.Sprintf("in view %s", view))
		}
	}
}

// collisions lists texts that are cut off at the window's edge or lie over each other,
// within each part of what is always there: header, question, β and transport.
const collisions = `["header", ".lede", ".tie", ".told", ".timeline"].flatMap((part) => {
	const wrong = [], texts = [], walk = document.createTreeWalker(document.querySelector(part), NodeFilter.SHOW_TEXT);
	for (let n; (n = walk.nextNode()); ) {
		const e = n.parentElement;
		if (!n.data.trim() || e.matches("option") || !e.checkVisibility({ visibilityProperty: true }) || e.closest("[popover]")) continue;
		let hidden = false;
		for (let a = e; a; a = a.parentElement) hidden ||= getComputedStyle(a).clipPath !== "none";
		const range = document.createRange();
		range.selectNodeContents(n);
		if (!hidden) for (const line of range.getClientRects()) {
			const r = { left: line.left, right: line.right, top: line.top, bottom: line.bottom };
			for (let a = e; a; a = a.parentElement) if (getComputedStyle(a).overflowY !== "visible") { // what can be scrolled to
				const box = a.getBoundingClientRect();
				r.left = Math.max(r.left, box.left); r.right = Math.min(r.right, box.right);
				r.top = Math.max(r.top, box.top); r.bottom = Math.min(r.bottom, box.bottom);
			}
			if (r.right > r.left && r.bottom > r.top) texts.push({ n, r, name: n.data.trim().slice(0, 20) });
		}
	}
	for (const e of document.querySelectorAll(part + " :is(input, select)")) if (e.checkVisibility()) texts.push({ n: e, r: e.getBoundingClientRect(), name: e.id });
	texts.forEach(({ n, r, name }, i) => {
		if (r.left < -1 || r.right > innerWidth + 1) wrong.push(name + " is cut off: " + Math.round(r.left) + " to " + Math.round(r.right));
		for (const o of texts.slice(i + 1)) {
			if (o.n !== n && Math.min(r.right, o.r.right) - Math.max(r.left, o.r.left) > 2 && Math.min(r.bottom, o.r.bottom) - Math.max(r.top, o.r.top) > 5) wrong.push(name + " lies over " + o.name);
		}
	});
	return wrong;
})`

// Long words cut nothing off and lie over nothing, at six sizes and where the page is
// enlarged to twice and four times its size. The short form looks at four, with long words.
func TestLongStringsFit(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	sizes := [][2]int64{{1280, 720}, {390, 664}, {640, 360}, {1024, 768}, {1920, 1080}, {844, 330}, {320, 568}, {320, 256}}
	for _, size := range sizes[:full.Or(4, len(sizes))] {
		if size[0] < 860 {
			p.phone(size[0], size[1])
		} else {
			p.do(chromedp.EmulateViewport(size[0], size[1]))
		}
		for _, strings := range []string{"?strings=long", ""}[:full.Or(1, 2)] {
			p.do(chromedp.Navigate("about:blank"), chromedp.Navigate(p.base+strings+"#v=1&preset=tyre&step=1000"))
			p.running()
			for _, wrong := range eval[[]string](p, collisions) {
				t.Errorf("%v %s: %s", size, strings, wrong)
			}
			if play := eval[float64](p, `document.getElementById("play").getBoundingClientRect().bottom`); play > float64(size[1])+1 {
				t.Errorf("%v %s: Play ends %v pixels down", size, strings, play)
			}
		}
	}
}

// Present is one key away, in the link, and left by Escape; another example leaves it on.
func TestPresentIsInTheLink(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=40")
	const large = `document.documentElement?.classList.contains("presenting")`
	bar := `document.querySelector("#stage").getBoundingClientRect().width`
	before := eval[float64](p, bar)
	p.run(`document.activeElement.blur()`)
	p.press("p")
	p.until(large + ` && location.hash.includes("present=on")`)
	if now := eval[float64](p, bar); now <= before {
		t.Errorf("presented, the picture is %v pixels wide, and was %v", now, before)
	}
	p.agree()
	p.press(kb.Escape)
	p.until(`!(` + large + `) && !location.hash.includes("present")`)
	p.open("v=1&preset=tyre&step=40&present=on")
	p.until(large)
	p.choose("#preset", "agree")
	p.until(large + ` && location.hash.includes("preset=agree") && location.hash.includes("present=on")`)
}

// On paper the page has the question, the pairs, the loss with its numbers, the picture
// and the link, on one sheet.
func TestPageIsPrinted(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=300")
	sheet, err := chromedp.Call(p.ctx, page.PrintToPDF, page.PrintToPDFParams{})
	if err != nil {
		t.Fatal(err)
	}
	if file := os.Getenv("PRINTED"); file != "" { // to be looked at
		if err := os.WriteFile(file, sheet.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if pages := bytes.Count(sheet.Data, []byte("/Type /Page\n")); pages != 1 {
		t.Errorf("the page is printed on %d sheets", pages)
	}
	printed := eval[string](p, `document.getElementById("printed").textContent`)
	for _, want := range []string{"Patch it: here is how, step by step", "52%", "#" + p.read().Hash} {
		if !strings.Contains(printed, want) {
			t.Errorf("the picture lacks %q: %s", want, printed)
		}
	}
}
