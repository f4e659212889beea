//go:build !js

package pagetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused names the element that has the focus, in the page or in its frame.
func (p *tab) focused() string {
	p.t.Helper()
	return eval[string](p, `(() => {
		const gloss = [...document.querySelectorAll('[data-do="gloss"]')];
		const name = (e) => gloss.includes(e) ? "gloss " + gloss.indexOf(e) : e.id || e.matches(".pair") && e.textContent || e.dataset.do || e.getAttribute("aria-label") || e.textContent.trim() || e.tagName;
		const e = document.activeElement;
		return e.tagName === "IFRAME" ? "stage: " + name(e.contentDocument.activeElement) : name(e);
	})()`)
}

func TestTabReachesAndLeavesTheStage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	bars := p.agree().Bars
	walk := func(modifiers ...chromedp.Modifier) (list []string) {
		for range 80 {
			p.press(kb.Tab, modifiers...)
			at := p.focused()
			if at == "BODY" || len(list) > 3 && at == list[0] {
				return list
			}
			list = append(list, at)
		}
		t.Fatalf("Tab goes round in circles: %q", list)
		return nil
	}
	p.run(`document.activeElement.blur(); window.scrollTo(0, 0)`)
	forth := walk()
	stage := -1
	for i, at := range forth {
		if strings.HasPrefix(at, "stage: ") {
			stage = i
			break
		}
	}
	if stage < 1 || stage+len(bars) >= len(forth) {
		t.Fatalf("the stage is not on Tab's way, or is its end: %q", forth)
	}
	for k := range bars {
		if !strings.HasPrefix(forth[stage+k], "stage: "+bars[k][:10]) {
			t.Errorf("stop %d in the stage is %q, not %q", k, forth[stage+k], bars[k])
		}
	}
	if after := forth[stage+len(bars)]; strings.HasPrefix(after, "stage: ") {
		t.Errorf("after the last bar Tab stays in the stage: %q", after)
	}
	for i, at := range forth {
		for _, earlier := range forth[:i] {
			if at == earlier && !strings.HasPrefix(at, "stage") && at != "beta" {
				t.Errorf("Tab comes to %q twice", at)
			}
		}
	}
	play := slices.Index(forth, "play")
	if play < 0 || play > 9 {
		t.Errorf("Play is stop %d of Tab, not among the first ten: %q", play+1, forth)
	}
	p.focus("#beta")
	p.press(kb.Tab, chromedp.ModifierShift)
	if at := p.focused(); !strings.HasPrefix(at, "stage: "+bars[len(bars)-1][:10]) {
		t.Errorf("back from β Tab comes to %q", at)
	}
	for range bars {
		p.press(kb.Tab, chromedp.ModifierShift)
	}
	if at := p.focused(); strings.HasPrefix(at, "stage: ") {
		t.Errorf("back from the first bar Tab stays in the stage: %q", at)
	}
}

// inStage runs JavaScript with d as the frame's document.
func inStage[T any](p *tab, script string, args ...any) T {
	p.t.Helper()
	return eval[T](p, `(() => { const d = document.querySelector("#stage iframe").contentDocument; return `+script+`; })()`, args...)
}

func TestFocusShowsNumbersAndEnterEdits(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=200")
	p.agree()
	card := func() string {
		return inStage[string](p, `(() => { const c = d.querySelector(".card"); return c.hidden ? "" : c.innerText; })()`)
	}
	if text := card(); text != "" {
		t.Errorf("without a focus a card shows %q", text)
	}
	p.run(`const f = document.querySelector("#stage iframe"); f.contentWindow.focus(); f.contentDocument.querySelectorAll("button.target")[1].focus()`)
	p.eventually(func() error {
		if text := card(); !strings.Contains(text, "Take it to a bike shop") || !strings.Contains(text, "Reference") || !strings.Contains(text, "20%") {
			return fmt.Errorf("the card of the focused bar says %q", text)
		}
		return nil
	})
	p.press("\r")
	p.eventually(func() error {
		if !inStage[bool](p, `d.activeElement.className === "card-edit"`) {
			return fmt.Errorf("Enter offers no edit; the focus is on %s", p.focused())
		}
		return nil
	})
	p.press("\r")
	p.eventually(func() error {
		if !inStage[bool](p, `d.activeElement.tagName === "INPUT"`) {
			return fmt.Errorf("the offer opens no field; the focus is on %s", p.focused())
		}
		return nil
	})
	p.press("Walk\t")
	p.eventually(func() error {
		if bars := p.read().Bars; len(bars) < 2 || !strings.HasPrefix(bars[1], "Walk:") {
			return fmt.Errorf("the bars are %q", bars)
		}
		return nil
	})
	before := p.read().Hash
	p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	inStage[chromedp.Void](p, `d.activeElement.select()`)
	p.press("2.5\r")
	p.until(`location.hash !== $`, "#"+before)
	s := p.agree()
	l := labAt(t, s.Hash)
	if r := l.Data.Prompts[0].Replies[1]; r.Text != "Walk" || r.Reward != 2.5 {
		t.Errorf("the edited reply is %+v", r)
	}
	inStage[chromedp.Void](p, `d.activeElement.select?.()`)
	p.press("NaN\r")
	p.waitMessage("NaN")
	if now := p.read().Hash; now != s.Hash {
		t.Errorf("a wrong reward changed the link to %q", now)
	}
	p.press(kb.Escape)
	p.eventually(func() error {
		if inStage[bool](p, `[...d.querySelectorAll(".card input")].some((e) => e.checkVisibility())`) {
			return fmt.Errorf("Escape leaves the card's fields open")
		}
		return nil
	})
}

func TestVotesAreEdited(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=agree&open=edit")
	first := p.agree()
	pairs := func() string {
		s := ""
		for _, v := range labAt(t, p.agree().Hash).Data.Pairs {
			s += fmt.Sprintf("%d-%dx%g ", v.Chosen, v.Rejected, v.Count)
		}
		return strings.TrimSpace(s)
	}
	change := func(what, want string, do func()) {
		t.Helper()
		before := p.read().Hash
		do()
		p.until(`location.hash !== $`, "#"+before)
		if got := pairs(); got != want {
			t.Errorf("after %s the pairs are %s, not %s", what, got, want)
		}
	}
	const row = `#edit-votes tbody tr:nth-child(1) `
	change("a flip", "2-0x12 0-4x9 1-3x6 1-5x8 2-4x10 3-5x7", func() { p.click(row + `[data-do="vote-flip"]`) })
	change("a count", "2-0x5 0-4x9 1-3x6 1-5x8 2-4x10 3-5x7", func() { p.enter(row+`[data-field="count"]`, "5") })
	change("a removal", "0-4x9 1-3x6 1-5x8 2-4x10 3-5x7", func() { p.click(row + `[data-do="vote-remove"]`) })
	change("another chosen reply", "3-4x9 1-3x6 1-5x8 2-4x10 3-5x7", func() {
		p.run(`const e = document.querySelector($); e.selectedIndex = 3; e.dispatchEvent(new Event("change", { bubbles: true }))`, row+`[data-field="chosen"]`)
	})
	added := labAt(t, p.read().Hash).Data.Pairs
	before := p.read().Hash
	p.click("#vote-add")
	p.until(`location.hash !== $`, "#"+before)
	if now := labAt(t, p.agree().Hash).Data.Pairs; len(now) != len(added)+1 {
		t.Errorf("after adding one to %d pairs there are %d", len(added), len(now))
	}
	before = p.read().Hash
	for _, wrong := range []string{"0", "-1", "1.5", "NaN", "1e99"} {
		p.enter(row+`[data-field="count"]`, wrong)
		p.waitMessage("Preferences")
		p.closeMessages()
	}
	if p.read().Hash != before {
		t.Error("a wrong count changed the link")
	}
	p.click(`[data-do="reply-add"]`)
	p.until(`document.querySelectorAll("#edit-replies tbody tr").length === 7`)
	p.agree()
	p.click(`#edit-replies tbody tr:nth-child(2) [data-do="reply-remove"]`)
	p.until(`document.querySelectorAll("#edit-replies tbody tr").length === 6`)
	p.agree()
	p.enter("#edit-prompt", "<b>Why?</b>")
	p.until(`document.getElementById("prompt").textContent.includes("<b>Why?</b>")`)
	for range 40 {
		if p.read().Hash == first.Hash {
			break
		}
		at := p.read().Hash
		p.run(`history.back()`)
		p.until(`location.hash !== $`, "#"+at)
	}
	if back := p.agree(); back.numbers() != first.numbers() {
		t.Errorf("going back to the start shows\n%v\nand not\n%v", back, first)
	}
}

func TestSimulatedVotesAreTakenOver(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&open=edit")
	before := labAt(t, p.agree().Hash)
	p.click("#votes-edit")
	p.until(`location.hash.includes("from=given")`)
	after := labAt(t, p.agree().Hash)
	if before.Problem.Total != after.Problem.Total || before.Optimum.KL != after.Optimum.KL {
		t.Errorf("%v votes with KL %v became %v with %v", before.Problem.Total, before.Optimum.KL, after.Problem.Total, after.Optimum.KL)
	}
}

const everySection = "open=scale.data.more.sweep.time.measures.pair.derive.edit.comparetable.figures"

func TestEveryControlHasANameAndEveryIDIsUnique(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=three&ref=drawn&"+everySection)
	p.agree()
	const check = `(document) => {
		const wrong = [], ids = {};
		for (const e of document.querySelectorAll("[id]")) { if (ids[e.id]) wrong.push("id " + e.id + " twice"); ids[e.id] = true; }
		const text = (ids) => (ids ?? "").split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join("").trim();
		for (const e of document.querySelectorAll("button, input, select, textarea, summary, iframe, dialog, progress, [role=group]")) {
			const label = [...(e.labels ?? [])].map((l) => l.textContent).join("").trim();
			const name = e.getAttribute("aria-label") || text(e.getAttribute("aria-labelledby")) || label || e.title ||
				(/BUTTON|SUMMARY/.test(e.tagName) ? e.textContent.trim() : "");
			if (!name || /[[\]{}]/.test(name)) wrong.push("no name: " + e.outerHTML.slice(0, 120));
		}
		for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]"))
			for (const id of [e.getAttribute("aria-labelledby"), e.getAttribute("aria-describedby"), e.getAttribute("for")].join(" ").trim().split(/\s+/))
				if (!document.getElementById(id)) wrong.push("refers to nothing: " + e.outerHTML.slice(0, 120));
		for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) wrong.push("no alt: " + e.outerHTML);
		for (const e of document.querySelectorAll("svg")) if (e.getAttribute("aria-hidden") !== "true" && !e.querySelector("title") && !e.getAttribute("aria-label")) wrong.push("no title: " + e.outerHTML.slice(0, 120));
		if (!document.documentElement.lang) wrong.push("no language");
		return wrong;
	}`
	p.until(`document.querySelector("#chart-sweep svg") && document.querySelector("#spark-loss svg")`)
	for _, wrong := range append(eval[[]string](p, `(`+check+`)(document)`), inStage[[]string](p, `(`+check+`)(d)`)...) {
		t.Error(wrong)
	}
	if bad := unsaid.FindString(eval[string](p, `document.body.innerText`)); bad != "" {
		t.Errorf("the page reads %q", bad)
	}
}

// unsaid is what a page reads where a sentence or a number is missing.
var unsaid = regexp.MustCompile(`\[[a-z]+\.[a-z.]+\]|\{[a-z]+\}|NaN|undefined|\[object|%!`)

// overflow lists what is wider than the window, and buttons too small to touch.
const overflow = `(() => {
	const wrong = [], root = document.scrollingElement, room = $;
	if (root.scrollWidth > room) {
		wrong.push("the page is " + root.scrollWidth + " px wide in a window of " + room);
		for (const e of document.querySelectorAll("body *")) if (e.getBoundingClientRect().right > room + 1 && !e.closest(".scroll")) wrong.push("too wide: " + e.outerHTML.slice(0, 90));
	}
	return wrong.slice(0, 6);
})()`

const smallButtons = `[...document.querySelectorAll("button, summary, select, input[type=checkbox], input[type=text], input[type=file]")].filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".scroll, .skip")).map((e) => {
	const r = e.getBoundingClientRect(), l = e.type === "checkbox" ? e.labels[0].getBoundingClientRect() : r;
	return r.width < 2 || Math.max(r.height, l.height) >= 40 ? "" : r.width.toFixed(0) + " x " + r.height.toFixed(0) + ": " + e.outerHTML.slice(0, 90);
}).filter(Boolean)`

func TestSizesAndThemes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		w, h  int64
		touch bool
	}{{390, 844, true}, {768, 1024, true}, {1280, 800, false}, {1920, 1080, false}} {
		for _, scheme := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%dx%d %s", c.w, c.h, scheme), func(t *testing.T) {
				p := newTab(t, browser(t), servePage(t))
				if c.touch {
					p.do(chromedp.EmulateViewport(c.w, c.h, chromedp.EmulateTouch, chromedp.EmulateMobile))
				} else {
					p.do(chromedp.EmulateViewport(c.w, c.h))
				}
				p.media("prefers-color-scheme", scheme)
				for _, fragment := range []string{"", "v=1&preset=three&ref=drawn&" + everySection, "v=1&preset=displacement&obj=simpo&open=plane.edit.more"} {
					p.open(fragment)
					p.agree()
					for _, wrong := range eval[[]string](p, overflow, c.w) {
						t.Errorf("at %q: %s", fragment, wrong)
					}
					if c.touch {
						for _, wrong := range eval[[]string](p, smallButtons) {
							t.Errorf("at %q too small to touch: %s", fragment, wrong)
						}
					}
				}
				want := map[string]bool{"light": false, "dark": true}[scheme]
				for where, colour := range map[string]string{
					"page":  eval[string](p, `getComputedStyle(document.documentElement).backgroundColor + getComputedStyle(document.body).backgroundColor`),
					"stage": inStage[string](p, `d.documentElement.dataset.theme === "dark" ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)"`),
				} {
					if dark := isDark(colour); dark != want {
						t.Errorf("in a %s scheme the %s is %s", scheme, where, colour)
					}
				}
			})
		}
	}
}

// isDark tells whether the first opaque colour in a list of CSS colours is dark.
func isDark(css string) bool {
	for _, colour := range strings.SplitAfter(css, ")") {
		var r, g, b int
		if n, _ := fmt.Sscanf(colour, "rgb(%d, %d, %d)", &r, &g, &b); n == 3 {
			return r+g+b < 3*128
		}
	}
	return false
}

// media makes the browser prefer something.
func (p *tab) media(name, value string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}}); err != nil {
		p.t.Fatal(err)
	}
}

func TestThemeFollowsTheSystem(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.media("prefers-color-scheme", "light")
	p.open("")
	p.agree()
	p.media("prefers-color-scheme", "dark")
	p.until(`document.querySelector("#stage iframe").contentDocument.documentElement.dataset.theme === "dark"`)
	p.agree()
}

func TestTouchPlaysAndScrolls(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateTouch, chromedp.EmulateMobile))
	p.open("")
	p.agree()
	x, y := p.point("#play")
	p.do(chromedp.TapXY(x, y))
	p.meanwhile(`document.getElementById("play").classList.contains("playing")`)
	x, y = p.point("#play")
	p.do(chromedp.TapXY(x, y))
	p.until(`!document.getElementById("play").classList.contains("playing")`)
	p.agree()
}

// grainsBetween is how many places grains are seen at, after a jump of the
// timeline, that are neither where they were nor where they come to rest.
const grainsBetween = `new Promise((done) => {
	const d = document.querySelector("#stage iframe").contentDocument, stage = document.getElementById("stage"), seen = [];
	const grains = () => { // the longest of all paths, taken apart
		let longest = "";
		for (const path of d.querySelectorAll("svg path")) if (path.getAttribute("d").length > longest.length) longest = path.getAttribute("d");
		return longest.split("M");
	};
	const look = () => {
		seen.push(grains());
		if (stage.dataset.settled !== "true") { requestAnimationFrame(look); return; }
		const known = new Set([...seen[0], ...seen[seen.length - 1]]);
		done(new Set(seen.flat().filter((at) => !known.has(at))).size);
	};
	seen.push(grains());
	document.querySelector('[data-do="reset"]').click(); // from here on the page is not settled
	look();
})`

// countedFrames makes every frame last 1/60 s for the program, however long the
// machine takes for it.
const countedFrames = `{
	const next = window.requestAnimationFrame.bind(window);
	let now = 0;
	window.requestAnimationFrame = (draw) => next(() => draw(now += 1000 / 60));
}`

const grains = 2000 // in the picture

func TestReducedMotion(t *testing.T) {
	t.Parallel()
	p := newTab(t, withoutWebGL(t), servePage(t), "WebGL", "GPU", "GL") // SVG can be looked at
	p.onEveryLoad(countedFrames)
	count := func(preference string) int {
		t.Helper()
		p.media("prefers-reduced-motion", preference)
		p.open("v=1&preset=tyre&beta=0.3&step=1000")
		p.agree()
		n, err := chromedp.Run(p.ctx, chromedp.Evaluate[int](grainsBetween, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	moving, still := count("no-preference"), count("reduce")
	t.Logf("places between: %d with motion, %d with reduced motion", moving, still)
	// One picture between is the change of scale; travelling takes many more places.
	if still > grains || moving < still+100 {
		t.Errorf("on their way grains are seen at %d places, and with reduced motion at %d", moving, still)
	}
}
