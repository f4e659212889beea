//go:build !js

package pagetest

import (
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"dpoplayground/internal/full"
)

// axe is axe-core 4.10.3 by Deque Systems, under the Mozilla Public License 2.0:
// npm's axe.min.js as it is, compressed. Only this test uses it.
//
//go:embed testdata/axe.min.js.gz
var axe string

// violations are what axe-core finds against WCAG 2.2 AA, in the page and its frame.
const violations = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]}).then((r) =>
	r.violations.flatMap((v) => v.nodes.map((n) => v.id + " at " + n.target.join(" in ") + ": " + n.failureSummary.replace(/\s+/g, " ").slice(0, 300))))`

// Every view is free of what axe-core can find, light and dark, on a laptop, a projector
// and a phone. The short form looks at all views on a laptop, light, and at one in all ways.
func TestAxeFindsNothing(t *testing.T) {
	t.Parallel()
	zipped, err := gzip.NewReader(strings.NewReader(axe))
	if err != nil {
		t.Fatal(err)
	}
	script, err := io.ReadAll(zipped)
	if err != nil {
		t.Fatal(err)
	}
	p := newTab(t, browser(t), servePage(t))
	p.onEveryLoad(string(script))
	look := func(w, h int64, scheme, link string) {
		t.Helper()
		if p.media("prefers-color-scheme", scheme); w < 800 {
			p.phone(w, h)
		} else {
			p.do(chromedp.EmulateViewport(w, h))
		}
		p.open(link)
		found, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](violations, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range found {
			t.Errorf("%d×%d %s %s: %s", w, h, scheme, link, what)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		for _, view := range []string{"mass", "betas", "landscape", "frontier", "loss", "race"} {
			link := fmt.Sprintf("v=1&preset=tyre&step=40&view=%s", view)
			if full.Asked() || view == "mass" || scheme == "light" {
				look(1280, 720, scheme, link)
			}
			if full.Asked() || view == "mass" {
				look(390, 664, scheme, link)
			}
			if full.Asked() {
				look(1920, 1080, scheme, link)
			}
		}
		if scheme == "dark" && !full.Asked() {
			continue
		}
		look(1280, 720, scheme, "v=1&preset=tyre&step=40&open=pair.time.measures.sweep.ledger.versus.derive.rewards.cost.comparetable.edit")
	}
}
