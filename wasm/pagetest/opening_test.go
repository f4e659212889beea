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
