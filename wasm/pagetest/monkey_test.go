//go:build !js

package pagetest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

var (
	monkeyActions = flag.Int("monkey", 60, "how many random actions the monkey does to the page")
	monkeySeed    = flag.Uint64("seed", 1, "of the monkey's actions")
)

// A monkey does random things to the page and remembers the last of them.
type monkey struct {
	*tab
	r    *rand.Rand
	did  []string
	done int
}

// watchTasks notes tasks of the page and its frame that take long.
const watchTasks = `
	window.longTasks = [];
	new PerformanceObserver((list) => { for (const e of list.getEntries()) window.longTasks.push(Math.round(e.duration)); }).observe({ type: "longtask" });`

// pickControl scrolls a random control into sight that can be pressed there and
// returns its middle: one of the page's, or a target of the frame's. What leaves the
// page, or hands a file to the browser, is left alone.
const pickControl = `((share, kinds) => {
	const found = [];
	const frame = document.querySelector("#stage iframe");
	const seen = (e) => e.checkVisibility() && !e.disabled && e.type !== "file" && !e.closest('[data-do="save"], a[href^="http"], a[download]');
	for (const e of document.querySelectorAll(kinds)) if (seen(e)) found.push([e, 0, 0]);
	if (frame?.contentDocument) {
		const at = frame.getBoundingClientRect();
		for (const e of frame.contentDocument.querySelectorAll(kinds)) if (seen(e)) found.push([e, at.left, at.top]);
	}
	if (!found.length) return { Name: "" };
	const [e, left, top] = found[Math.floor(share * found.length)];
	e.scrollIntoView({ block: "nearest", behavior: "instant" });
	const r = e.getBoundingClientRect();
	const name = e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + JSON.stringify(e.dataset) + " " + (e.getAttribute("aria-label") ?? e.textContent).trim().slice(0, 30);
	return { X: left + r.left + r.width / 2, Y: top + r.top + r.height / 2, Name: name };
})($, $)`

type control struct {
	X, Y float64
	Name string
}

// oneOf picks one of a list.
func oneOf[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// act does one thing.
func (m *monkey) act() {
	switch m.r.IntN(12) {
	case 0, 1, 2, 3, 4:
		c := m.pick("button, summary, [role=tab], input, select, label, .target")
		m.note("click %s", c.Name)
		m.do(chromedp.MouseClickXY(c.X, c.Y))
	case 5:
		key := oneOf(m.r, " ", "\r", "\t", "\u001b", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "1", "a", "Home", "End")
		m.note("key %q", key)
		m.press(keyOf(key))
	case 6:
		m.typeSomething()
	case 7:
		m.choose()
	case 8, 9:
		m.drag()
	case 10:
		m.swipe()
	default:
		m.follow()
	}
}

// keyOf is how a key is written for the browser.
func keyOf(name string) string {
	named := map[string]string{"ArrowRight": "\u0303", "ArrowLeft": "\u0302", "ArrowUp": "\u0304", "ArrowDown": "\u0301", "Home": "\u0306", "End": "\u0305"}
	if key, is := named[name]; is {
		return key
	}
	return name
}

func (m *monkey) pick(kinds string) control {
	return eval[control](m.tab, pickControl, m.r.Float64(), kinds)
}

func (m *monkey) note(format string, args ...any) {
	m.did = append(m.did, fmt.Sprintf("%d: ", m.done)+fmt.Sprintf(format, args...))
}

// typeSomething types into a field, and Enter.
func (m *monkey) typeSomething() {
	c := m.pick("input[type=text], input[type=search]")
	text := oneOf(m.r, "0.1", "5", "-1", "1e9", "abc", "", "0.5, 2", strings.Repeat("x", 300), "0")
	m.note("type %q into %s", text, c.Name)
	if c.Name != "" {
		m.do(chromedp.MouseClickXY(c.X, c.Y, chromedp.ClickCount(3)))
		if _, err := chromedp.Call(m.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
			m.t.Fatal(err)
		}
		m.press("\r")
	}
}

// choose takes another entry of a list, or another place of a slider.
func (m *monkey) choose() {
	name := eval[string](m.tab, `((share, to) => {
		const all = [...document.querySelectorAll("select, input[type=range]")].filter((e) => e.checkVisibility() && !e.disabled);
		const e = all[Math.floor(share * all.length)];
		if (!e) return "";
		if (e.tagName === "SELECT") e.selectedIndex = Math.floor(to * e.options.length);
		else e.value = Number(e.min) + to * (Number(e.max) - Number(e.min));
		e.dispatchEvent(new Event("input", { bubbles: true }));
		e.dispatchEvent(new Event("change", { bubbles: true }));
		return (e.id || JSON.stringify(e.dataset)) + " to " + e.value;
	})($, $)`, m.r.Float64(), m.r.Float64())
	m.note("choose %s", name)
}

// drag presses somewhere, moves, and lets go.
func (m *monkey) drag() {
	x, y := 1280*m.r.Float64(), 720*m.r.Float64()
	m.note("drag from (%.0f,%.0f)", x, y)
	m.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	for range 1 + m.r.IntN(5) {
		x, y = x+300*(m.r.Float64()-0.5), y+300*(m.r.Float64()-0.5)
		m.mouse(input.DispatchMouseEventTypeMouseMoved, x, y)
	}
	m.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
}

// swipe moves a finger over the page.
func (m *monkey) swipe() {
	x, y := 1280*m.r.Float64(), 720*m.r.Float64()
	dx, dy := 400*(m.r.Float64()-0.5), 400*(m.r.Float64()-0.5)
	m.note("swipe from (%.0f,%.0f) by (%.0f,%.0f)", x, y, dx, dy)
	m.run(`const at = (x, y) => document.elementFromPoint(x, y) ?? document.body;
		const [x, y, dx, dy] = [$, $, $, $];
		const send = (type, x, y) => at(x, y).dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 77, pointerType: "touch", clientX: x, clientY: y }));
		send("pointerdown", x, y); send("pointermove", x + dx / 2, y + dy / 2); send("pointermove", x + dx, y + dy);
		send($, x + dx, y + dy)`, x, y, dx, dy, oneOf(m.r, "pointerup", "pointercancel"))
}

// follow goes to a link, or back and forward.
func (m *monkey) follow() {
	view := oneOf(m.r, "mass", "betas", "landscape", "frontier", "loss", "race")
	link := oneOf(m.r, "v=1&preset=smoothing", "v=1&preset=tyre&open=ledger.time", "v=1&how=rlhf&est=grpo&replies=64&group=8", "v=1&preset=jury&obj=kto",
		"v=1&beta=NaN&x=1", "v=1&how=online&step=20", "v=1&lr=1000&step=300", "v=1&preset=batch&step=50", "v=1&q=Two&a=1__yes&a=0__no&step=5") + "&view=" + view
	script := oneOf(m.r, "link", "link", "back", "forward")
	m.note("%s %s", script, link)
	switch script {
	case "link":
		m.run(`location.hash = $`, link)
	case "back":
		m.run(`if (history.state !== undefined && history.length > 3) history.back()`)
	default:
		m.run(`history.forward()`)
	}
}

// check sees that the program has not ended, and the page is where it was.
func (m *monkey) check() {
	m.t.Helper()
	state := eval[string](m.tab, `location.pathname !== "/" ? "the page was left for " + location.href
		: !document.getElementById("trouble")?.hidden ? "trouble: " + document.getElementById("trouble").textContent
		: document.documentElement?.classList.contains("running") ? "" : "the program does not run"`)
	if state != "" {
		m.t.Fatal(state)
	}
}

// rest lets the page come to rest: it does not play, and stands where it was asked to.
func (m *monkey) rest() shown {
	m.t.Helper()
	m.run(`document.querySelectorAll("dialog[open]").forEach((d) => d.close()); if (document.getElementById("play").classList.contains("playing")) document.getElementById("play").click()`)
	m.press("\u001b")
	var s, last shown
	m.eventually(func() error {
		last, s = s, m.read()
		step, _, _ := strings.Cut(strings.TrimPrefix(s.Said, "Step "), ":")
		if !strings.HasPrefix(digits(s.Clock), digits(step)+"/") || s.Hash == "" || s.Hash != last.Hash || s.numbers() != last.numbers() {
			return fmt.Errorf("the page does not come to rest: it shows %q and says %q", s.Clock, s.Said)
		}
		return nil
	})
	return s
}

// reopen opens the page's address in another tab, and waits until that shows the
// same.
func (m *monkey) reopen() {
	m.t.Helper()
	here := m.rest()
	if strings.Contains(here.Hash, "file=") {
		return
	}
	other := newTab(m.t, browser(m.t), m.base)
	other.do(chromedp.EmulateViewport(1280, 720))
	other.open(here.Hash)
	other.eventually(func() error {
		if s := other.read(); s.numbers() != here.numbers() {
			return fmt.Errorf("reopened, %s shows\n%s\nand was\n%s", here.Hash, s.numbers(), here.numbers())
		}
		return nil
	})
	other.run(`document.querySelector("#stage iframe").remove()`) // it takes no time from the monkey
}

// Random clicks, keys, drags, swipes and links end the program nowhere, and leave
// the page as its address says. A longer walk: -run Monkey -timeout 2h -monkey 3000 -seed 2.
func TestMonkey(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.onEveryLoad(watchTasks)
	p.do(chromedp.EmulateViewport(1280, 720))
	p.open("v=1&preset=tyre")
	m := &monkey{tab: p, r: rand.New(rand.NewPCG(*monkeySeed, 1))}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("-monkey %d -seed %d; the last actions were\n%s\nand the address is %s", *monkeyActions, *monkeySeed,
				strings.Join(m.did[max(0, len(m.did)-15):], "\n"), m.look().Hash)
		}
	})
	for m.done = 0; m.done < *monkeyActions; m.done++ {
		m.act()
		m.check()
		if m.done%100 == 99 {
			m.reopen()
		}
	}
	m.reopen()
	m.check()
	t.Logf("%d actions; tasks over 50 ms, in ms: %v", m.done, eval[[]int](p, `window.longTasks.toSorted((a, b) => b - a).slice(0, 20)`))
}

// After its end nothing calls into the program: not an event that comes in the same
// task, nor what had been asked for before.
func TestNothingCallsAProgramThatHasEnded(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t), "panic", "goroutine", "exit code", "syscall/js", "main.", "wasm_exec", "\\t", "[recovered]", "ValueError", "exception")
	p.open("v=1&preset=tyre")
	p.run(`window.calls = []; const w = document.querySelector("#stage iframe").contentWindow;
		w.addEventListener("error", (e) => window.calls.push(e.message)); window.addEventListener("error", (e) => window.calls.push(e.message));` + panicButton + `
		for (const type of ["input", "change", "keydown", "click"]) document.getElementById("beta").dispatchEvent(new Event(type, { bubbles: true }));
		w.dispatchEvent(new Event("resize"))`)
	p.until(`!document.getElementById("trouble").hidden && document.documentElement?.classList.contains("running")`)
	for _, call := range eval[[]string](p, `window.calls`) {
		if strings.Contains(call, "exited") {
			t.Errorf("a program that had ended was called: %s", call)
		}
	}
}

// A link with as many replies as there can be, and the table of votes open, makes
// no more of the page than is seen of it.
func TestManyRepliesInTheEditor(t *testing.T) {
	t.Parallel()
	var link strings.Builder
	link.WriteString("v=1&open=edit&q=Many")
	for k := range 400 {
		fmt.Fprintf(&link, "&a=%d__reply+%d", k%3, k)
	}
	link.WriteString("&pairs=0-1")
	for k := 1; k < 399; k++ {
		fmt.Fprintf(&link, "_%d-%d", k, k+1)
	}
	p := newTab(t, browser(t), servePage(t))
	p.open("v=1&preset=tyre")
	p.run(`location.hash = $`, link.String())
	p.until(`document.querySelectorAll("#edit-votes tbody tr").length > 10`)
	if n := eval[int](p, `document.querySelectorAll("#edit-votes *, #edit-replies *").length`); n > 3000 {
		t.Errorf("the tables of replies and votes have %d elements", n)
	}
	if text := eval[string](p, `document.querySelector("#edit-votes tbody tr:nth-child(3) select").selectedOptions[0].textContent`); !strings.Contains(text, "reply 2") {
		t.Errorf("the third vote is for %q", text)
	}
}

// The accounts of who gave mass to whom are open while a question with fewer
// replies takes the place of the present one.
func TestLedgerFollowsToAnotherQuestion(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&open=ledger&step=5")
	for _, link := range []string{"v=1&preset=smoothing&open=ledger&view=landscape&step=5", "v=1&preset=tyre&open=ledger&step=5", "v=1&open=ledger&q=Two&a=1__yes&a=0__no&step=5"} {
		p.until(`document.querySelector("#chart-ledger svg") && document.getElementById("ledger-note").textContent === ""`)
		before := eval[string](p, `document.getElementById("prompt").textContent`)
		p.run(`location.hash = $`, link)
		p.until(`document.getElementById("prompt").textContent !== $ && document.getElementById("said").textContent.startsWith("Step 5:")`, before)
	}
	p.until(`document.querySelector("#chart-ledger svg") && document.getElementById("ledger-note").textContent === ""`)
	if !eval[bool](p, `document.getElementById("trouble").hidden`) {
		t.Error("the program has ended")
	}
}
