//go:build !js

package pagetest

import (
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core"
	"dpoplayground/core/ledger"
	"dpoplayground/internal/full"
	"dpoplayground/scenes/words"
)

// viewNames are the views in the order of their tabs.
var viewNames = core.Params()[core.ViewChoice].Choices

// Every view is one of the same experiment: it describes itself, a step in it is
// the step core takes, and going from view to view changes no number.
func TestViewsShowOneExperiment(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=40")
	before := p.agree().numbers()
	titles := map[string]bool{}
	for i, name := range viewNames {
		p.click("#tab-" + name)
		p.until(`document.querySelectorAll("[role=tab][aria-selected=true]").length === 1 && document.getElementById("tab-"+$).ariaSelected === "true"`, name)
		if in := strings.Contains(p.read().Hash, "view="+name); in != (name != "mass") {
			t.Errorf("%s: the address is %s", name, p.read().Hash)
		}
		p.until(`(() => { const d = document.querySelector("#stage iframe").contentDocument;
			return d.getElementById("picture-title").textContent && d.getElementById("picture-words").textContent; })()`)
		p.checkNumbers(name, 40)
		p.click(`[data-do="forward"]`)
		p.checkNumbers(name, 41)
		p.click(`[data-do="back"]`)
		p.checkNumbers(name, 40)
		p.eventually(func() error {
			title := inStage[string](p, `d.getElementById("picture-title").textContent`)
			if titles[title] {
				return fmt.Errorf("%s has another view's title, %q", name, title)
			}
			return nil
		})
		titles[inStage[string](p, `d.getElementById("picture-title").textContent`)] = true
		if i == 0 && len(p.read().Bars) != 6 {
			t.Errorf("the mass view has the targets %q", p.read().Bars)
		}
	}
	p.click("#tab-mass")
	if after := p.agree().numbers(); after != before {
		t.Errorf("after a look at every view the page shows %v, not %v", after, before)
	}
}

// checkNumbers waits until the page shows what core computes, but for the bars,
// which not every view has.
func (p *tab) checkNumbers(view string, step int) {
	p.t.Helper()
	p.eventually(func() error {
		s := p.read()
		l := labAt(p.t, s.Hash)
		if l.Run.StepCount() != step {
			return fmt.Errorf("%s: the address is of step %d, not %d", view, l.Run.StepCount(), step)
		}
		if !near(s.Now, l.Now()) || !near(s.Optimum, l.Optimum.KL) || !strings.HasPrefix(digits(s.Clock), strconv.Itoa(step)+"/") {
			return fmt.Errorf("%s at step %d: %v", view, step, s.numbers())
		}
		return nil
	})
}

// The arrow keys turn the tabs, Tab leaves them, and the browser's back button
// undoes it.
func TestTabsByKeyboard(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre")
	p.agree()
	p.focus("#tab-mass")
	for _, name := range viewNames[1:] {
		p.press(kb.ArrowRight)
		p.until(`document.activeElement.id === "tab-"+$ && location.hash.includes("view="+$)`, name, name)
	}
	p.press(kb.ArrowLeft)
	p.until(`document.activeElement.id === "tab-"+$`, viewNames[len(viewNames)-2])
	p.run(`history.back()`)
	p.until(`document.getElementById("tab-"+$).ariaSelected === "true"`, viewNames[len(viewNames)-1])
}

// keepBlobs makes the page keep what it offers for download.
const keepBlobs = `window.kept = []; const make = URL.createObjectURL;
	URL.createObjectURL = (blob) => { window.kept.push(blob); return make.call(URL, blob); };`

// What the page saves is what it shows: an SVG whose caption is the link, a PNG
// of it, and the measures, as core writes them natively.
func TestPictureAndMeasuresAreSaved(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.onEveryLoad(keepBlobs)
	p.open("v=1&preset=tyre&step=40&vs=beta:0.1")
	p.checkNumbers("mass", 40)
	p.click(`[data-do="share"]`)
	p.click(`[data-do="save"][data-value="svg"]`)
	p.until(`window.kept.length === 1`)
	if got := p.await(`window.kept[0].text().then((svg) => {
		const d = new DOMParser().parseFromString(svg, "image/svg+xml");
		window.said = [d.documentElement.nodeName, d.querySelector("desc").textContent.includes(location.href), [...d.querySelectorAll("text")].some((e) => e.textContent.includes("preset=tyre"))].join(" "); })`); got != "svg true true" {
		t.Errorf("the picture: %s", got)
	}
	p.click(`[data-do="save"][data-value="png"]`)
	p.until(`window.kept.length === 3`) // the SVG that it is drawn from comes first
	if got := p.await(`createImageBitmap(window.kept[2]).then((b) => { window.said = window.kept[2].type + " " + (b.width > 500 && b.height > 300); })`); got != "image/png true" {
		t.Errorf("the image: %s", got)
	}
	p.click(`[data-do="save"][data-value="csv"]`)
	p.until(`window.kept.length === 4`)
	p.checkMeasures(p.await(`window.kept[3].text().then((text) => { window.said = text; })`))
}

// await waits for a promise that leaves its result in window.said.
func (p *tab) await(promise string) string {
	p.t.Helper()
	p.run(`window.said = ""; ` + promise)
	p.until(`window.said`)
	return eval[string](p, `window.said`)
}

// checkMeasures compares saved measures with the same runs natively.
func (p *tab) checkMeasures(file string) {
	p.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	lead := labAt(p.t, p.read().Hash)
	panel, _ := core.NewPanel(lead)
	for panel.Work(1000) {
	}
	row := 1
	for _, l := range append([]*core.Lab{lead}, panel.Others...) {
		for i, step := range l.History.Steps {
			if row == len(rows) {
				p.t.Fatalf("%d rows are too few", row)
			}
			beta, _ := strconv.ParseFloat(rows[row][1], 64)
			kl, _ := strconv.ParseFloat(rows[row][3], 64)
			if rows[row][2] != strconv.Itoa(step) || beta != l.Beta() || kl != l.History.Measures[i].KL {
				p.t.Fatalf("row %d is %q, want β %v, step %d, KL %v", row, rows[row], l.Beta(), step, l.History.Measures[i].KL)
			}
			row++
		}
	}
	if row != len(rows) {
		p.t.Errorf("%d rows, want %d", len(rows), row)
	}
}

// The ledger on the page is the one that core keeps, and what cannot be a step
// is refused.
func TestLedgerOnThePage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=60&open=ledger&since=20")
	s := p.agree()
	l := labAt(t, s.Hash)
	g := ledger.New(l, 20, func(dst, logits []float64) []float64 { return append(dst[:0], logits...) })
	g.Seek(60)
	for !g.Work(1000) {
	}
	total := 0.0
	for _, m := range g.Net {
		total += math.Max(0, m)
	}
	p.until(`document.querySelector("#chart-ledger desc")?.textContent.includes($)`, "From step 20 to step 60, "+words.Percent(total)+" percentage points")
	p.enter("#since", "-3")
	p.waitMessage("-3", "0", "10000000")
	p.click(`[data-do="since-here"]`)
	p.until(`location.hash.includes("since=60") && document.querySelector("#chart-ledger desc")?.textContent.includes("No probability moved")`)
}

// A run that diverges is said to, in every view, and takes nothing down.
func TestDivergedRunsInEveryView(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre")
	links := []string{"preset=minority&obj=ipo&step=1000", "preset=tyre&lr=100&step=900&vs=obj:ipo_obj:kto_beta:5&open=ledger",
		"preset=displacement&obj=ipo&lr=1000&step=1000", "preset=tyre&lr=1000&step=1000&obj=orpo&beta=5"}
	for _, link := range links[:full.Or(2, len(links))] {
		for _, name := range viewNames {
			p.run(`location.hash = "v=1&view=" + $ + "&" + $`, name, link)
			p.until(`document.getElementById("tab-"+$).ariaSelected === "true" && location.hash.includes($)`, name, strings.Split(link, "&")[0])
			p.eventually(func() error {
				s := p.read()
				if diverged := strings.Contains(s.Arrives, "diverged"); diverged == strings.Contains(link, "vs=") {
					return fmt.Errorf("%s, %s: it is said to be headed so: %s", link, name, s.Arrives)
				}
				return nil
			})
			p.click(`[data-do="forward"]`)
			p.checkRuns(link, name)
		}
	}
}

// checkRuns checks that the program runs and shows no number that is none.
func (p *tab) checkRuns(link, view string) {
	p.t.Helper()
	text := inStage[string](p, `d.body.textContent`) + eval[string](p, `document.querySelector("main").innerText`)
	if !p.read().Running || strings.Contains(text, "NaN") {
		p.t.Errorf("%s, %s: running %v, text %s", link, view, p.read().Running, text)
	}
}
