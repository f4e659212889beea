//go:build !js

package pagetest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// openingIDs are the elements that the build fills.
var openingIDs = []string{"prompt", "key", "key-learns", "pairs", "people-note", "push-formula", "push-note", "settings-line",
	"honest-now", "kl-now", "honest-headed", "kl-optimum", "arrives"}

// What stands in the page before the program has come is what the program shows.
func TestOpeningIsWhatTheProgramShows(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	const compare = `(async () => {
		const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), "text/html");
		const differ = $.filter((id) => page.getElementById(id).innerHTML !== document.getElementById(id).innerHTML || page.getElementById(id).innerHTML === "");
		window.said = differ.map((id) => id + ": " + page.getElementById(id).innerHTML + "\nnot\n" + document.getElementById(id).innerHTML).join("\n") || "the same";
	})()`
	if got := p.await(fill(compare, []any{openingIDs})); got != "the same" {
		t.Error(got)
	}
	for _, sheet := range []string{"opening-wide", "opening-narrow"} {
		text := eval[string](p, `document.querySelector($).textContent`, "#"+sheet+" svg")
		for _, bar := range p.read().Bars {
			name, rest, _ := strings.Cut(bar, ": ")
			percent, _, _ := strings.Cut(rest, ", ")
			if !strings.Contains(text, percent) || !strings.Contains(text, strings.Fields(name)[0]) {
				t.Errorf("%s has no %q", sheet, bar)
			}
		}
	}
	if !eval[bool](p, `document.getElementById("opening").hidden`) {
		t.Error("the picture of before still stands over the program's")
	}
}

// heldBack serves the page whose program comes when release is called.
func heldBack(t *testing.T) (p *tab, release func()) {
	held := make(chan bool)
	release = sync.OnceFunc(func() { close(held) })
	base := siteWith(t, func(w http.ResponseWriter, r *http.Request, site http.Handler) {
		<-held
		site.ServeHTTP(w, r)
	})
	t.Cleanup(release)
	return newTab(t, browser(t), base), release
}

const running = `document.documentElement?.classList.contains("running")`

// What is pressed before the program has come happens when it can.
func TestWhatIsPressedEarlyHappensLater(t *testing.T) {
	t.Parallel()
	p, release := heldBack(t)
	p.load("")
	p.until(`document.querySelector("#opening-wide svg")?.checkVisibility() && !document.getElementById("loading").hidden`)
	for _, selector := range []string{`#pairs button:nth-child(3)`, `[data-do="forward"]`, `[data-do="forward"]`, `[data-do="beta"][data-value="1"]`} {
		p.click(selector)
	}
	pair := eval[string](p, `document.querySelector("#pairs button:nth-child(3)").dataset.value`)
	p.choose("#speed", "100")
	if at := p.read().Clock; !strings.HasPrefix(at, "0 ") {
		t.Errorf("without a program the clock is at %q", at)
	}
	release()
	p.until(running + ` && location.hash.includes("step=2")`)
	for _, part := range []string{"beta=1", "speed=100", "pair=" + pair} {
		if hash := p.agree().Hash; !strings.Contains(hash, part) {
			t.Errorf("%q has no %q", hash, part)
		}
	}
}

// A link is to something else than the opening, none of which is then seen.
func TestOpeningIsNotShownForALink(t *testing.T) {
	t.Parallel()
	p, release := heldBack(t)
	p.load("v=1&preset=jury")
	p.until(`!document.getElementById("loading").hidden`)
	seen := eval[string](p, `[...$, "opening"].filter((id) => document.getElementById(id).checkVisibility({ visibilityProperty: true })).join(" ")`, openingIDs)
	if seen != "" {
		t.Errorf("before the program of a link has come, the page shows %s", seen)
	}
	release()
	p.until(running)
	if seen := eval[string](p, `$.filter((id) => !document.getElementById(id).checkVisibility({ visibilityProperty: true })).join(" ")`, openingIDs); seen != "" {
		t.Errorf("then the page does not show %s", seen)
	}
}

// Without JavaScript the page can be read.
func TestOpeningWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	p.load("")
	p.until(`[...$, "opening-wide"].every((id) => document.getElementById(id).checkVisibility({ visibilityProperty: true }) && document.getElementById(id).textContent !== "")`, openingIDs)
}

// beforeBudget is what the page may weigh before the program, in bytes of brotli.
const beforeBudget = 60_000

func TestThePageBeforeTheProgramIsLight(t *testing.T) {
	base := servePage(t)
	weight := 0
	for _, name := range []string{"", "assets/page.css", "assets/page.js", "assets/icon.svg"} {
		r, err := http.Get(base + name)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK {
			t.Fatal(fmt.Errorf("%s: %s, %v", name, r.Status, err))
		}
		var packed bytes.Buffer
		w := brotli.NewWriterLevel(&packed, brotli.DefaultCompression)
		w.Write(body)
		w.Close()
		weight += packed.Len()
	}
	if t.Logf("%d bytes", weight); weight > beforeBudget {
		t.Errorf("before the program the page weighs %d bytes, more than %d", weight, beforeBudget)
	}
}

// stranger opens a tab of which the page knows nothing: at an address of its own, as
// other tests that run beside it have met the page, and not from an earlier test there.
func stranger(t *testing.T, flags ...string) *tab {
	t.Helper()
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	p := newVisitor(t, browser(t, flags...), serveHandler(t, s))
	p.open("v=1&preset=tyre")
	p.run(`localStorage.clear()`)
	return p
}

// visitor opens the page for the first time.
func visitor(t *testing.T, flags ...string) *tab {
	t.Helper()
	p := stranger(t, flags...)
	p.open("")
	p.until(`location.hash.includes("open=annotate")`)
	return p
}

// votes is how many choices there are as the page's link has it, in JavaScript.
const votes = `(location.hash.match(/pairs=([^&]*)/)?.[1].split("_") ?? []).reduce((n, pair) => n + Number(pair.split("x")[1] ?? 1), 0)`

// walk makes six choices, each by choose, and sees that after each the page shows what
// its link says.
func (p *tab) walk(choose func(n int)) {
	p.t.Helper()
	p.agree()
	for n := range 6 {
		p.until(`document.getElementById("annotator-choices").checkVisibility()`)
		choose(n)
		p.until(votes+` === $`, n+1)
		s := p.agree()
		if !strings.Contains(s.Hash, fmt.Sprintf("step=%d&", 10*(n+1))) {
			p.t.Errorf("after %d choices the link is %q", n+1, s.Hash)
		}
	}
	p.until(`!document.getElementById("annotator-choices").checkVisibility() && document.documentElement.classList.contains("handed")`)
	kl := p.read().Now
	if said := eval[string](p, `document.getElementById("annotator-said").textContent`); !strings.Contains(said, kl+" nats") {
		p.t.Errorf("at KL %s it is said: %q", kl, said)
	}
}

// justPlay goes on to the playground, with the choices as its data, and comes back to
// it at the next visit.
func (p *tab) justPlay() {
	p.t.Helper()
	p.click("#annotator-end")
	p.until(`!location.hash.includes("open=annotate") && document.getElementById("pairs").checkVisibility()`)
	if n := eval[int](p, votes); n != 6 {
		p.t.Errorf("the playground goes on with %d choices", n)
	}
	p.agree()
	p.open("")
	p.until(`document.getElementById("pairs").checkVisibility() && location.hash === ""`)
}

func TestAnnotatorByMouse(t *testing.T) {
	t.Parallel()
	p := visitor(t)
	p.walk(func(n int) { p.click([]string{`[data-value="left"]`, `[data-value="right"]`}[n%2]) })
	p.justPlay()
}

func TestAnnotatorByKeyboardWithoutWebGL(t *testing.T) {
	t.Parallel()
	p := visitor(t, "disable-gpu", "disable-3d-apis")
	p.walk(func(n int) { p.press([]string{kb.ArrowRight, kb.ArrowLeft}[n%2]) })
	p.justPlay()
}

func TestAnnotatorByTouch(t *testing.T) {
	t.Parallel()
	p := stranger(t)
	p.phone(390, 664)
	p.open("")
	p.until(`location.hash.includes("open=annotate")`)
	inSight := func() {
		t.Helper()
		out := eval[string](p, `["#annotator-end", "#stage", "#beta-range", "#play", ...(document.getElementById("annotator-choices").hidden ? [] : ["[data-value=left]", "[data-value=right]"])]
			.filter((s) => { const r = document.querySelector(s).getBoundingClientRect(); return r.top < 0 || r.bottom > innerHeight || r.height < (s.includes("value") || s.includes("end") ? 44 : 40); }).join(" ")`)
		if out != "" {
			t.Errorf("out of sight or too small for a finger: %s", out)
		}
	}
	p.walk(func(n int) {
		inSight()
		x, y := p.point([]string{`[data-value="right"]`, `[data-value="left"]`}[n%2])
		p.do(chromedp.TapXY(x, y))
	})
	p.justPlay()
}

// Whoever skips sees the playground as it is without the annotator, now and at the
// next visit, and finds the annotator in the menu.
func TestAnnotatorIsSkippedAndFound(t *testing.T) {
	t.Parallel()
	p := visitor(t)
	p.click("#annotator-end")
	p.until(`["", "#v=1&preset=tyre"].includes(location.hash) && document.getElementById("pairs").checkVisibility()`)
	p.agree()
	p.open("")
	p.until(`["", "#v=1&preset=tyre"].includes(location.hash) && document.getElementById("pairs").checkVisibility()`)
	p.click("#closer")
	p.click(`[data-do="annotate-begin"]`)
	p.until(`location.hash.includes("open=annotate") && document.getElementById("annotator").checkVisibility()`)
	p.agree()
}

// A link comes first, and one to the annotator opens it with the choices that it holds.
func TestLinksAndTheAnnotator(t *testing.T) {
	t.Parallel()
	p := stranger(t)
	p.open("v=1&preset=tyre&beta=0.7")
	p.until(`!document.getElementById("annotator").checkVisibility() && location.hash === "#v=1&preset=tyre&beta=0.7"`)
	p.agree()
	p.open("v=1&preset=tyre&step=20&from=given&open=annotate&pairs=0-1_2-3")
	p.until(`document.getElementById("annotator-count").textContent.startsWith("2 of ")`)
	p.agree()
}

// An annotator who takes a choice back is told so, and one who never does that the run
// has no end. Going back in the browser takes back the last choice.
func TestAnnotatorContradictsHimself(t *testing.T) {
	t.Parallel()
	p := visitor(t)
	p.press(kb.ArrowRight)
	p.until(votes + ` === 1`)
	p.press(kb.ArrowRight)
	p.until(votes + ` === 2`)
	p.run(`history.back()`)
	p.until(votes + ` === 1`)
	p.agree()
	said := map[bool]string{}
	for _, same := range []bool{true, false} {
		last := map[bool]string{true: "0-1x2_2-3_4-5_0-2_1-3", false: "0-1_1-0_2-3_4-5_0-2_1-3"}[same]
		p.open("v=1&preset=tyre&step=60&from=given&open=annotate&pairs=" + last)
		p.until(`document.getElementById("annotator-said").textContent !== ""`)
		p.agree()
		said[same] = eval[string](p, `document.getElementById("annotator-said").textContent`)
	}
	if !strings.Contains(said[true], "never converges") || strings.Contains(said[false], "never converges") || !strings.Contains(said[false], "other way") {
		t.Errorf("of choices that agree and that do not it is said: %v", said)
	}
}
