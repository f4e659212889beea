//go:build !js

package pagetest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"dpoplayground/core"
	"dpoplayground/core/link"
	"dpoplayground/scenes/words"
	"dpoplayground/serve/build"
	"dpoplayground/serve/catalogue"
	"dpoplayground/serve/site"
)

// The tests of this package drive the page in a real browser, as a person
// would: with keys and the mouse, reading what is on screen.

// patience is how long anything on the page may take before a test gives up. It
// is generous: what is tested is what happens, not how fast.
const patience = 3 * time.Minute

// atOnce is how many tests run at once: on a small machine one more than it has cores,
// as a test waits for its page's pauses about half of the time.
const atOnce = 3

// The tests run in the folder of the sources, by whose paths they name files.
func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", strconv.Itoa(atOnce))
	if err := os.Chdir(filepath.Join("..", "..")); err != nil {
		panic(err)
	}
	code := m.Run()
	closeBrowsers()
	os.Exit(code)
}

// realProgram is the real program, built once.
var realProgram = sync.OnceValues(func() (*build.Program, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return build.ForBrowser(context.Background(), dir, os.Stderr)
})

// pageSite is the real site.
var pageSite = sync.OnceValues(func() (*site.Site, error) {
	program, err := realProgram()
	if err != nil {
		return nil, err
	}
	return site.New(os.DirFS("."), program, "https://example.org/code")
})

// findBrowser returns the browser to test with: $CHROME, or the first of the
// usual names on the PATH.
func findBrowser() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
	if chrome := os.Getenv("CHROME"); chrome != "" {
		names = []string{chrome}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no browser: none of %s can be run; install Chromium or set CHROME to one", strings.Join(names, ", "))
}

// browsers holds the running browsers by their extra flags.
var browsers = struct {
	sync.Mutex
	running map[string]context.Context
	close   []func()
}{running: map[string]context.Context{}}

func closeBrowsers() {
	browsers.Lock()
	defer browsers.Unlock()
	for _, stop := range browsers.close {
		stop()
	}
}

// browser returns a headless browser with the given extra flags, started when
// first asked for. Without one the test is skipped, and fails where CI is set.
func browser(t *testing.T, flags ...string) context.Context {
	t.Helper()
	path, err := findBrowser()
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal(err)
	case err != nil:
		t.Skip("SKIPPED, and the page is untested: ", err)
	}
	browsers.Lock()
	defer browsers.Unlock()
	key := strings.Join(flags, " ")
	if ctx, ok := browsers.running[key]; ok {
		return ctx
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-component-update", true))
	if len(flags) == 0 {
		flags = []string{"use-angle=swiftshader", "enable-unsafe-swiftshader", "ignore-gpu-blocklist"}
	}
	for _, flag := range flags {
		name, value, valued := strings.Cut(flag, "=")
		if valued {
			options = append(options, chromedp.Flag(name, value))
		} else {
			options = append(options, chromedp.Flag(name, true))
		}
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		t.Fatalf("the browser %s does not start: %v", path, err)
	}
	browsers.running[key] = ctx
	browsers.close = append(browsers.close, func() { cancel(); stop() })
	return ctx
}

// serveHandler serves a handler as `go run .` does, for the time of a test.
func serveHandler(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(site.LocalHostsOnly(h))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// pageServer serves the real page to all tests, so that the browser fetches and
// compiles the program once and finds it in its cache from then on.
var pageServer = sync.OnceValues(func() (*httptest.Server, error) {
	s, err := pageSite()
	if err != nil {
		return nil, err
	}
	return httptest.NewServer(site.LocalHostsOnly(s)), nil
})

// servePage returns the address of the real page.
func servePage(t *testing.T) string {
	t.Helper()
	server, err := pageServer()
	if err != nil {
		t.Fatal(err)
	}
	return server.URL + "/"
}

// A tab is one tab of the browser, and what the browser said about it.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu       sync.Mutex
	noise    []string // errors and warnings on the console
	requests []string
}

// newTab opens an empty tab. Whatever the page then writes to the console as
// an error or a warning, and any request to elsewhere, fails the test, but for
// noise that holds one of the expected texts.
// The page has been met before, so that it opens with the playground.
func newTab(t *testing.T, parent context.Context, base string, expected ...string) *tab {
	t.Helper()
	p := newVisitor(t, parent, base, expected...)
	p.onEveryLoad(`try { localStorage.setItem("annotator", "met"); } catch {}`)
	return p
}

// newVisitor opens an empty tab in which the page has not been met.
func newVisitor(t *testing.T, parent context.Context, base string, expected ...string) *tab {
	t.Helper()
	p := &tab{t: t, base: base}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithListener(p.hear))
	p.ctx = ctx
	t.Cleanup(func() {
		cancel()
		p.checkNoise(expected)
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	return p
}

// openPage opens the real page at a fragment in a tab of its own and waits
// until the program runs.
func openPage(t *testing.T, fragment string) *tab {
	t.Helper()
	p := newTab(t, browser(t), servePage(t))
	p.open(fragment)
	return p
}

func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			text := string(e.Type)
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
			p.noise = append(p.noise, text)
		}
	case *runtime.EventExceptionThrown:
		text := "exception " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		p.noise = append(p.noise, text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			p.noise = append(p.noise, string(e.Entry.Source)+" "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

func (p *tab) checkNoise(expected []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.noise {
		known := false
		for _, text := range expected {
			known = known || strings.Contains(line, text)
		}
		if !known {
			p.t.Errorf("on the console: %s", line)
		}
	}
	for _, url := range p.requests {
		local := strings.HasPrefix(url, p.base) || strings.HasPrefix(url, "data:") || strings.HasPrefix(url, "blob:")
		if !local && url != "about:blank" {
			p.t.Errorf("a request left the site: %s", url)
		}
	}
}

// do runs actions within the test's patience.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// eval runs JavaScript in the page and returns its value.
func eval[T any](p *tab, script string, args ...any) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](fill(script, args)))
	if err != nil {
		p.t.Fatalf("%v in %s", err, fill(script, args))
	}
	return v
}

// run runs JavaScript for its effect.
func (p *tab) run(script string, args ...any) {
	p.t.Helper()
	eval[chromedp.Void](p, "{"+script+"};undefined", args...)
}

// fill puts values as JSON where the script has $.
func fill(script string, args []any) string {
	for _, a := range args {
		b, err := json.Marshal(a)
		if err != nil {
			panic(err)
		}
		script = strings.Replace(script, "$", string(b), 1)
	}
	return script
}

// eventually waits until check has nothing to complain of.
func (p *tab) eventually(check func() error) {
	p.t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if err = check(); err == nil {
			return
		}
	}
	p.t.Fatalf("%v\nthe page shows %+v", err, p.look())
}

// settled is whether the page shows all that the program holds and nothing is
// left to do; a page without a program has nothing to do.
const settled = `(document.getElementById("stage")?.dataset.settled === "true" || document.documentElement?.classList.contains("running") === false)`

// until waits until the page is settled and a JavaScript expression is true.
func (p *tab) until(script string, args ...any) {
	p.t.Helper()
	p.meanwhile(settled+" && ("+script+")", args...)
}

// meanwhile waits until a JavaScript expression is true, be the page settled or not.
func (p *tab) meanwhile(script string, args ...any) {
	p.t.Helper()
	script = "Boolean(" + fill(script, args) + ")"
	p.eventually(func() error {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		switch holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); {
		case err != nil && !left(err):
			p.t.Fatalf("%v in %s", err, script)
		case !holds:
			return fmt.Errorf("not in %v: %s", patience, script)
		}
		return nil
	})
}

// left tells that a page could not answer as another was loaded in its place.
func left(err error) bool {
	return strings.Contains(err.Error(), "navigated or closed") || strings.Contains(err.Error(), "context was destroyed") || strings.Contains(err.Error(), "Cannot find context")
}

// open loads the page anew at a fragment and waits until the program runs and
// has settled.
func (p *tab) open(fragment string) {
	p.t.Helper()
	p.load(fragment)
	p.running()
}

// running waits until the program runs and has settled.
func (p *tab) running() {
	p.t.Helper()
	p.until(`document.documentElement?.classList.contains("running")`)
}

// load loads the page anew at a fragment.
func (p *tab) load(fragment string) {
	p.t.Helper()
	url := p.base
	if fragment != "" {
		url += "#" + fragment
	}
	p.do(chromedp.Navigate("about:blank"), chromedp.Navigate(url))
}

// onEveryLoad runs JavaScript in each new document before its own.
func (p *tab) onEveryLoad(script string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		p.t.Fatal(err)
	}
}

// shown is what the page shows of the experiment.
type shown struct {
	Running, Settled                            bool
	Hash, Clock, Now, After, Optimum, OptimumIs string
	Arrives, Said, Beta, Play                   string
	Bars, Messages                              []string
}

// read reads the page once it is settled.
func (p *tab) read() (s shown) {
	p.t.Helper()
	p.eventually(func() error {
		if s = p.look(); !s.Settled {
			return errors.New("the page does not settle")
		}
		return nil
	})
	return s
}

// look reads the page as it is.
func (p *tab) look() shown {
	p.t.Helper()
	return eval[shown](p, `(() => {
		const text = (id) => document.getElementById(id)?.textContent ?? "";
		const frame = document.querySelector("#stage iframe")?.contentDocument;
		return {
			Running: document.documentElement?.classList.contains("running"), Settled: `+settled+`,
			Hash: location.hash.slice(1), Clock: text("clock"), Now: text("kl-now"), After: text("honest-now"),
			Optimum: text("kl-optimum"), OptimumIs: text("honest-headed"), Arrives: text("arrives"), Said: text("said"),
			Beta: document.getElementById("beta")?.value ?? "", Play: text("play-label"),
			Messages: [...document.querySelectorAll("#messages > p > span, .fault > span")].map((e) => e.textContent),
			Bars: frame ? [...frame.querySelectorAll("button.target")].filter((b) => !b.hidden).map((b) => b.getAttribute("aria-label")) : [],
		};
	})()`)
}

// numbers is what of the page must be the same whenever the run stands at the
// same step.
func (s shown) numbers() string {
	return strings.Join([]string{s.Clock, s.Now, s.After, s.Optimum, s.OptimumIs, s.Arrives, s.Said, strings.Join(s.Bars, "\n")}, "\n")
}

// pagePresets are the ready-made experiments with the page's texts.
func pagePresets(t *testing.T) ([]core.Preset, words.Words) {
	t.Helper()
	text, err := catalogue.English()
	if err != nil {
		t.Fatal(err)
	}
	words, err := words.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return core.Presets(func(key string) string { return words.Say(key) }), words
}

// labAt runs the experiment of a fragment to its step, natively.
func labAt(t *testing.T, fragment string) *core.Lab {
	t.Helper()
	presets, _ := pagePresets(t)
	e, complaints := link.Parse(fragment, presets)
	if len(complaints) > 0 {
		t.Fatalf("the address %q: %v", fragment, complaints[0])
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatalf("the address %q: %v", fragment, c)
	}
	for l.Work(1 << 12) {
	}
	return l
}

// agree waits until every number on the page is what core computes natively
// from the page's address, and returns what the page shows then.
func (p *tab) agree() shown {
	p.t.Helper()
	var s shown
	fragment := "\x00"
	var l *core.Lab
	p.eventually(func() error {
		if s = p.read(); s.Hash != fragment {
			fragment, l = s.Hash, labAt(p.t, s.Hash)
		}
		return s.differs(l)
	})
	return s
}

// differs tells how the page differs from a lab.
func (s shown) differs(l *core.Lab) error {
	step := l.Run.StepCount()
	if at, _, _ := strings.Cut(digits(s.Clock), "/"); strings.TrimSpace(at) != strconv.Itoa(step) {
		return fmt.Errorf("the clock shows %q at step %d", s.Clock, step)
	}
	said := s.Said
	if again, rest, moved := strings.Cut(said, "The outline shows the policy before. "); moved {
		if !strings.HasPrefix(again, "β is now "+s.Beta+".") {
			return fmt.Errorf("at β = %s the page says %q", s.Beta, again)
		}
		said = rest
	}
	if !strings.HasPrefix(digits(said), fmt.Sprintf("Step%d:", step)) {
		return fmt.Errorf("at step %d the page says %q", step, s.Said)
	}
	if !near(s.Now, l.Now()) {
		return fmt.Errorf("KL after %d steps is %v, not %q", step, l.Now(), s.Now)
	}
	if l.HasOptimum() && !near(s.Optimum, l.Optimum.KL) {
		return fmt.Errorf("KL at the optimum is %v, not %q", l.Optimum.KL, s.Optimum)
	}
	if beta, err := strconv.ParseFloat(s.Beta, 64); err != nil || beta != l.Beta() {
		return fmt.Errorf("beta is %v, not %q", l.Beta(), s.Beta)
	}
	return s.barsDiffer(l)
}

func (s shown) barsDiffer(l *core.Lab) error {
	replies := l.Problem.Prompts[l.Prompt()].Replies
	if len(replies) > 12 {
		return nil // some of them are summed up
	}
	if len(s.Bars) != len(replies) {
		return fmt.Errorf("there are %d replies, but %d bars", len(replies), len(s.Bars))
	}
	for k, r := range replies {
		if !strings.HasPrefix(s.Bars[k], r.Text+": ") {
			return fmt.Errorf("bar %d is %q, not of %q", k, s.Bars[k], r.Text)
		}
		rest := strings.TrimPrefix(s.Bars[k], r.Text+": ")
		values := [...]float64{math.Exp(l.Policy()[k]), math.Exp(l.Reference()[k]), 0}
		if l.HasOptimum() {
			values[2] = math.Exp(l.Optimum.LogPi[k])
		}
		parts := strings.Split(rest, ", ")
		for i, part := range parts[:min(3, len(parts))] {
			number, _, found := strings.Cut(strings.TrimPrefix(part, "approaching "), "%")
			if found && (!near(number, 100*values[i]) || number != words.Percent(values[i])) {
				return fmt.Errorf("bar %q, number %d: %v is right", s.Bars[k], i, 100*values[i])
			}
		}
	}
	return nil
}

// digits drops what is between the digits of large numbers.
func digits(s string) string {
	return strings.NewReplacer("\u202f", "", "\u00a0", "", " ", "").Replace(s)
}

// near tells whether a number on screen is a value rounded to the digits shown.
func near(text string, want float64) bool {
	text = strings.TrimSpace(strings.Replace(digits(text), "−", "-", 1))
	if bound, is := strings.CutPrefix(text, "<"); is {
		limit, err := strconv.ParseFloat(bound, 64)
		return err == nil && want < limit
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	_, decimals, _ := strings.Cut(text, ".")
	return math.Abs(x-want) <= 0.5000001*math.Pow(10, -float64(len(decimals))) || text == "99.9" && want > 99.5 && want < 100
}

// A place is where an element stands in the window, or why that cannot be said.
type place struct {
	X, Y, W, H float64
	Wrong      string
}

// at is a place in an element, by shares of its width and its height.
func (r place) at(x, y float64) (float64, float64) { return r.X + x*r.W, r.Y + y*r.H }

// placeOf is where the element that a JavaScript expression names stands, once
// that is the same in two frames that follow each other. Until then its error says
// what is wrong.
const placeOf = `(async () => {
	const e = $EXPRESSION;
	if (!e) return { Wrong: "nothing is there" };
	const frame = e.ownerDocument.defaultView.frameElement;
	const look = () => {
		const r = e.getBoundingClientRect(), f = frame?.getBoundingClientRect() ?? { left: 0, top: 0 };
		return { X: f.left + r.left, Y: f.top + r.top, W: r.width, H: r.height };
	};
	(frame ?? e).scrollIntoView({ block: "nearest", behavior: "instant" });
	const first = look();
	await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
	const at = look();
	if (["X", "Y", "W", "H"].some((side) => at[side] !== first[side])) return { Wrong: "it does not stay where it is" };
	const x = at.X + at.W / 2, y = at.Y + at.H / 2, hit = document.elementFromPoint(x, y);
	if (!frame && !(hit && (e.contains(hit) || hit.contains(e)))) return { Wrong: "it is covered by " + (hit?.outerHTML ?? "nothing").slice(0, 100) };
	return at;
})()`

// place waits until the element that a JavaScript expression names stands still
// where it can be pressed, and returns where.
func (p *tab) place(expression string) place {
	p.t.Helper()
	script := strings.Replace(placeOf, "$EXPRESSION", expression, 1)
	var at place
	p.eventually(func() error {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		var err error
		if at, err = chromedp.Run(ctx, chromedp.Evaluate[place](script, chromedp.EvalAwaitPromise)); err != nil {
			p.t.Fatalf("%v in %s", err, script)
		}
		if at.Wrong != "" {
			return fmt.Errorf("%s cannot be pressed: %s", expression, at.Wrong)
		}
		return nil
	})
	return at
}

// one is the JavaScript for the first element that a selector matches.
func one(selector string) string { return fill(`document.querySelector($)`, []any{selector}) }

// point is the middle of an element of the page that can be pressed there.
func (p *tab) point(selector string) (x, y float64) {
	p.t.Helper()
	return p.place(one(selector)).at(0.5, 0.5)
}

// aim keeps what the mouse does from every element but one. Where it went is left
// in window.met.
const aim = `
	const aimed = document.querySelector($);
	window.met = { aimed, types: [], missed: "" };
	if (!window.aiming) {
		window.aiming = (event) => {
			if (!window.met?.aimed) return;
			if (window.met.aimed.contains(event.target) || window.met.aimed.control === event.target) { window.met.types.push(event.type); return; }
			window.met.missed = event.target.outerHTML.slice(0, 100);
			event.stopImmediatePropagation();
			event.preventDefault();
		};
		for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) window.addEventListener(type, window.aiming, true);
	}`

// click presses an element of the page with the mouse, and sees that it was that
// element which was pressed.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.reach(selector)
	p.eventually(func() error {
		x, y := p.point(selector)
		p.run(aim, selector)
		p.do(chromedp.MouseClickXY(x, y))
		missed := eval[string](p, `(() => { const { types, missed } = window.met; window.met = null; return types.includes("click") ? "" : missed || "nothing was hit"; })()`)
		if missed != "" {
			return fmt.Errorf("a click on %s hit %s", selector, missed)
		}
		return nil
	})
}

// mouse sends one event of the mouse's left button.
func (p *tab) mouse(kind input.DispatchMouseEventType, x, y float64) {
	p.t.Helper()
	p.do(chromedp.MouseEvent(kind, x, y, chromedp.ButtonLeft, func(e *input.DispatchMouseEventParams) { e.Buttons = 1 }))
}

// reach brings an element into sight that another part of the page's side stands
// over: the settings, the panels or the argument, by the buttons that do it.
func (p *tab) reach(selector string) {
	p.t.Helper()
	p.run(`const e = document.querySelector($), press = (what) => document.querySelector(what).click();
		if (e && !e.checkVisibility()) {
			const side = document.documentElement.dataset.side, panel = e.closest(".insight > details");
			if (e.closest(".controls") !== null !== (side === "settings")) press("[data-do=settings]");
			if (panel && !panel.open) press('#closer-menu [data-value="' + panel.dataset.section + '"]');
			if (e.closest(".argument")) press(".insight [data-do=side-close]");
		}`, selector)
}

// focus gives an element the focus.
func (p *tab) focus(selector string) {
	p.t.Helper()
	p.reach(selector)
	p.run(`document.querySelector($).focus()`, selector)
}

// press presses keys.
func (p *tab) press(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// enter types a value into a field in place of what it holds, and Enter.
func (p *tab) enter(selector, text string) {
	p.t.Helper()
	p.reach(selector)
	p.run(`const e = document.querySelector($); e.focus(); e.select()`, selector)
	if text == "" {
		p.press("\b")
	}
	p.press(text + "\r")
}

// choose picks a value of a list.
func (p *tab) choose(selector, value string) {
	p.t.Helper()
	p.reach(selector)
	p.run(`const e = document.querySelector($); e.focus(); e.value = $;
		e.dispatchEvent(new Event("input", { bubbles: true })); e.dispatchEvent(new Event("change", { bubbles: true }))`, selector, value)
}

// openSection opens a section of the page with the keyboard: by the menu, or where
// it stands.
func (p *tab) openSection(name string) {
	p.t.Helper()
	if eval[bool](p, `document.querySelector($) !== null`, `#closer-menu [data-value="`+name+`"]`) {
		p.run(`document.getElementById("closer-menu").showPopover(); document.querySelector($).focus()`, `#closer-menu [data-value="`+name+`"]`)
	} else {
		p.focus(`details[data-section="` + name + `"] > summary`)
	}
	p.press(" ")
	p.until(`document.querySelector($).open`, `details[data-section="`+name+`"]`)
}

// bring gives the page files as its picker would.
func (p *tab) bring(paths ...string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), paths))
}

// waitMessage waits for a message that holds all the texts, and returns it.
func (p *tab) waitMessage(texts ...string) string {
	p.t.Helper()
	var found string
	p.eventually(func() error {
		for _, m := range p.read().Messages {
			all := true
			for _, text := range texts {
				all = all && strings.Contains(m, text)
			}
			if all {
				found = m
				return nil
			}
		}
		return fmt.Errorf("no message holds %q", texts)
	})
	return found
}

// closeMessages closes every message, with its button.
func (p *tab) closeMessages() {
	p.t.Helper()
	for len(p.read().Messages) > 0 {
		p.click("#messages button, .fault button")
	}
}

// What the other tests rest on must be able to say no.
func TestNearTellsRoundedValues(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"0.123", 0.1234, true}, {"0.123", 0.1236, false}, {"12", 12.4, true}, {"12", 12.6, false},
		{"<0.1", 0.04, true}, {"<0.1", 0.2, false}, {"1\u202f234", 1234, true}, {"–", 0, false}, {"−0.5", -0.5, true},
	} {
		if near(c.text, c.want) != c.ok {
			t.Errorf("near(%q, %v) is %v", c.text, c.want, !c.ok)
		}
	}
}
