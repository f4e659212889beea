//go:build !js

package pagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
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
// and from view to view.
func TestNothingShifts(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&speed=1000")
	const places = `(() => ["header", "#stage", "#beta-range", ".timeline", "#play", "#time", "#beta"].map((s) => { const r = document.querySelector(s).getBoundingClientRect(); return [s, r.left, r.top, r.width, r.height].map((v) => typeof v === "number" ? Math.round(v) : v).join(" "); }).join("\n"))()`
	for _, size := range [][2]int64{{1280, 720}, {1920, 1080}, {1024, 768}} {
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
