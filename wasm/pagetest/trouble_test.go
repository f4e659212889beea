//go:build !js

package pagetest

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// panicButton makes the program's handler panic: it gets an event whose target
// is not what an element is.
const panicButton = `const b = document.getElementById("play"); b.closest = () => 5; b.click(); delete b.closest`

// frozenClock stops the clock by which the page tells how long ago a crash was.
// The program in the frame keeps its own.
const frozenClock = `if (window === window.top) { const now = Date.now(); Date.now = () => now; }`

// crash runs what makes the program crash and waits until its frame is gone.
func (p *tab) crash(script string) {
	p.t.Helper()
	p.run(`window.crashed = document.querySelector("#stage iframe");` + script)
	p.meanwhile(`!window.crashed.isConnected`)
}

// trouble waits until the page shows one of its sentences about trouble.
func (p *tab) trouble(why string) {
	p.t.Helper()
	p.meanwhile(`(() => {
		const shown = [...document.querySelectorAll("[data-why]")].filter((e) => e.checkVisibility());
		return shown.length === 1 && shown[0].dataset.why === $ && shown[0].textContent.length > 20;
	})()`, why)
}

// stateToKeep brings a file, goes to a step of it, and returns what is shown.
func (p *tab) stateToKeep() shown {
	p.t.Helper()
	p.bring(writeTemp(p.t, "mine.csv", "chosen,rejected,count\nyes,no,3\nno,yes,1\nyes,maybe,2\nmaybe,no,2\n"))
	p.waitTold("file-summary", "mine.csv", "4 rows")
	p.enter("#beta", "0.8")
	p.until(`location.hash.includes("beta=0.8")`)
	for step := 1; step <= 3; step++ {
		p.click(`[data-do="forward"]`)
		p.until(`location.hash.includes($)`, fmt.Sprintf("step=%d", step))
	}
	return p.agree()
}

// kept waits until the page shows what it showed before.
func (p *tab) kept(before shown) {
	p.t.Helper()
	p.running()
	if after := p.agree(); after.Hash != before.Hash || after.numbers() != before.numbers() {
		p.t.Errorf("before, the page showed\n%v\nand afterwards\n%v", before, after)
	}
	if name := eval[string](p, `window.playground.files.map((f) => f.name).join()`); name != "mine.csv" {
		p.t.Errorf("the file kept is %s", name)
	}
	p.stillRuns()
}

func TestPageSurvivesACrash(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t), "panic", "goroutine", "exit code", "exception", "syscall/js", "main.", "wasm_exec", "\\t", "[recovered]", "ValueError", "error")
	p.onEveryLoad(frozenClock)
	p.open("")
	before := p.stateToKeep()
	entries := eval[int](p, `history.length`)
	p.crash(panicButton)
	p.trouble("crash")
	p.kept(before)
	if now := eval[int](p, `history.length`); now > entries+1 { // stillRuns takes a step
		t.Errorf("the restart added %d steps to the history", now-entries-1)
	}
	p.click("#hush")
	p.until(`document.getElementById("trouble").hidden`)

	// What was changed after the file came stays changed.
	p.openSection("edit")
	p.click(`#edit-replies tbody tr:nth-child(3) [data-do="reply-remove"]`)
	p.until(`document.querySelectorAll("#edit-replies tbody tr").length === 2`)
	p.until(`location.hash.includes("open=data.edit")`)
	edited := p.agree()
	p.crash(panicButton)
	p.kept(edited)

	// A script error in the frame counts as a crash as well.
	p.crash(`const w = document.querySelector("#stage iframe").contentWindow; w.dispatchEvent(new w.ErrorEvent("error", { message: "test" }))`)
	p.trouble("crash")
	p.running()
	p.stillRuns()

	// At the fourth crash within a minute the page waits to be asked.
	p.crash(panicButton)
	p.trouble("crashed")
	if eval[int](p, `document.querySelectorAll("#stage iframe").length`) != 0 {
		t.Error("the crashed frame is still there")
	}
	p.click("#retry")
	p.until(`document.documentElement?.classList.contains("running") && document.getElementById("trouble").hidden`)
	p.agree()
}

func TestPageSurvivesALostContext(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t), "WebGL", "CONTEXT_LOST")
	p.open("")
	before := p.stateToKeep()
	p.run(`window.lost = document.querySelector("#stage iframe"); lost.contentDocument.querySelector("canvas").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext()`)
	p.meanwhile(`!window.lost.isConnected`)
	p.trouble("graphics")
	p.kept(before)
	if n := eval[int](p, `document.querySelectorAll("#stage iframe").length`); n != 1 {
		t.Errorf("there are %d frames", n)
	}
}

// withoutWebGL returns a browser that has no WebGL.
func withoutWebGL(t *testing.T) context.Context {
	t.Helper()
	return browser(t, "disable-gpu", "disable-3d-apis", "disable-software-rasterizer")
}

func TestPageWithoutWebGL(t *testing.T) {
	t.Parallel()
	p := newTab(t, withoutWebGL(t), servePage(t), "WebGL", "GPU", "GL")
	p.open("v=1&preset=tyre&beta=0.4")
	if eval[bool](p, `Boolean(document.createElement("canvas").getContext("webgl2"))`) {
		t.Skip("SKIPPED: this browser cannot be kept from WebGL")
	}
	p.waitMessage("WebGL", "SVG")
	p.until(`document.querySelector("#stage iframe").contentDocument.querySelectorAll("svg rect, svg path, svg circle").length > 5`)
	before := p.agree()
	picture := eval[string](p, `document.querySelector("#stage iframe").contentDocument.querySelector("svg").outerHTML`)
	p.click(`[data-do="forward"]`)
	p.until(`location.hash.includes("step=1")`)
	p.agree()
	p.enter("#beta", "2")
	p.until(`location.hash.includes("beta=2")`)
	p.agree()
	p.choose("#speed", "1000")
	p.play()
	p.until(`location.hash.includes("step=1000")`)
	after := p.agree()
	if after.Now == before.Now {
		t.Error("nothing moved without WebGL")
	}
	p.until(`document.querySelector("#stage iframe").contentDocument.querySelector("svg").outerHTML !== $`, picture)
	p.bring(writeTemp(t, "mine.csv", "chosen,rejected\nyes,no\nno,yes\n"))
	p.waitTold("file-summary", "mine.csv")
	p.agree()
}

func TestPageWithoutWebAssembly(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.onEveryLoad(`delete window.WebAssembly`)
	p.load("")
	p.trouble("wasm")
	p.readable()
}

func TestPageWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Navigate(p.base))
	text, err := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS("noscript"), chromedp.NodeVisible))
	if err != nil || !strings.Contains(text, "needs JavaScript") {
		t.Errorf("without JavaScript the page says %q (%v)", text, err)
	}
}

func TestPageOpenedAsAFile(t *testing.T) {
	t.Parallel()
	path, err := filepath.Abs("index.html")
	if err != nil {
		t.Fatal(err)
	}
	p := newTab(t, browser(t), "file://", "")
	p.do(chromedp.Navigate("file://" + filepath.ToSlash(path)))
	p.trouble("file")
	p.readable()
}

// readable sees that the page explains itself although nothing runs.
func (p *tab) readable() {
	p.t.Helper()
	if text := eval[string](p, `document.body.innerText`); !strings.Contains(text, "DPO Playground") || unsaid.MatchString(text) {
		p.t.Errorf("without the program the page reads\n%s", text)
	}
}

func TestProgramThatCannotBeFetched(t *testing.T) {
	t.Parallel()
	s, err := pageSite()
	if err != nil {
		t.Fatal(err)
	}
	var broken atomic.Bool
	broken.Store(true)
	base := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() && strings.HasSuffix(r.URL.Path, "app.wasm") {
			http.NotFound(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
	p := newTab(t, browser(t), base, "404")
	p.load("v=1&preset=tyre&beta=0.7")
	p.trouble("fetch")
	p.readable()
	broken.Store(false)
	p.click("#retry")
	p.until(`document.documentElement?.classList.contains("running") && document.getElementById("trouble").hidden`)
	if s := p.agree(); s.Beta != "0.7" {
		t.Errorf("after the second try β is %s", s.Beta)
	}
}
