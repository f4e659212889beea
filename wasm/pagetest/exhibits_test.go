//go:build !js

package pagetest

import (
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core"
	"dpoplayground/core/train"
)

// An exhibit is opened from the tables, from the list of questions, and shows
// what core computes. Its own panels open, and those of others close.
func TestExhibitsOnThePage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&open=comparetable")
	p.agree()
	p.click(`.choose [data-value="cost"]`)
	p.until(`document.querySelector("[data-section=cost]").open && location.hash.includes("cost")`)
	p.openSection("comparetable")
	p.click(`.choose [data-value="displacement"]`)
	p.until(`location.hash.includes("preset=displacement") && document.querySelector("[data-section=plane]").open && !document.querySelector("[data-section=comparetable]").open`)
	p.agree()
	if note := eval[string](p, `document.getElementById("preset-note").textContent`); !strings.Contains(note, "DPOP") {
		t.Errorf("the note is %q", note)
	}
	if groups := eval[int](p, `document.querySelectorAll("#preset optgroup").length`); groups != 2 {
		t.Errorf("the questions are in %d groups", groups)
	}
	p.choose("#preset", "moving")
	p.until(`location.hash.includes("preset=moving") && !document.querySelector("[data-section=plane]").checkVisibility()`)
	p.agree()
}

// A figure of a paper is opened by its link, and runs as core does; the list stays open.
func TestFiguresOnThePage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&open=figures")
	for _, f := range [][2]string{{"ipo2", "pairs=0-1x10_1-0x10"}, {"cal", "obj=cal_dpo"}, {"xu1", "at="}, {"tajwar", "_0.000335_100"}} {
		p.click(`[data-t="figure.` + f[0] + `.name"]`)
		p.until(`location.hash.includes("` + f[1] + `") && document.querySelector("[data-section=figures]").open`)
		if f[0] != "ipo2" { // which is compared with DPO: its bars are of two runs
			p.agree()
		}
	}
	p.until(`document.getElementById("chart-replies").checkVisibility() && document.querySelector("#chart-replies svg").textContent.includes("100 replies")`)
	p.run(`location.hash = "v=1&open=time"`)
	p.until(`document.getElementById("chart-probs").checkVisibility() && !document.getElementById("chart-replies").checkVisibility()`)
}

// replyAt reads where the experiment in the address has a reply.
func (p *tab) replyAt(k int) (x, y float64) {
	p.t.Helper()
	f := labAt(p.t, p.agree().Hash).Problem.Prompts[0].Replies[k].Features
	return f[0], f[1]
}

// A reply on the plane is moved with the arrow keys and with the mouse; the
// policy that follows is core's.
func TestPlaneOnThePage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=displacement&step=50")
	before := p.agree()
	const handle = `#plane-handles [data-row="1"]`
	p.until(`document.querySelectorAll("#plane-handles button").length === 3`)
	p.focus(handle)
	p.press(kb.ArrowUp)
	p.until(`location.hash.includes("f=")`)
	p.press(kb.ArrowLeft)
	p.until(`location.hash.includes("0.95")`)
	if x, y := p.replyAt(1); x != 0.95 || y != -0.95 {
		t.Errorf("the reply is at (%v, %v)", x, y)
	}
	if row := eval[string](p, `document.activeElement.dataset.row`); row != "1" {
		t.Errorf("the focus is on %q", row)
	}
	if now := p.agree(); now.Now == before.Now {
		t.Error("another place changes no number")
	}
	length := eval[int](p, `history.length`)
	side := p.place(one("#chart-plane svg")).H
	x, y := p.point(handle)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	for i := 1.0; i <= 5; i++ {
		p.mouse(input.DispatchMouseEventTypeMouseMoved, x, y-side/4*i/5)
	}
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x, y-side/4)
	p.until(`history.length === $`, length+1)
	// The edges are at 1.4 times the largest coordinate, so a quarter of the side is 0.7 of it.
	if fx, fy := p.replyAt(1); math.Abs(fx-0.95) > 0.03 || math.Abs(fy-(-0.95+0.7)) > 0.03 {
		t.Errorf("after a drag the reply is at (%v, %v)", fx, fy)
	}
}

// A linear policy gives replies without features some, and says so; features and
// lengths are typed in where they are read.
func TestFeaturesAndLengthsAreTyped(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=20&open=edit.more")
	visible := func(field string) bool {
		return eval[bool](p, `document.querySelector("#edit-replies tbody [data-field=" + $ + "]").closest("[hidden]") === null`, field)
	}
	p.agree()
	if visible("x") || visible("tokens") {
		t.Error("features and lengths are shown where nothing reads them")
	}
	p.choose("#policy", "linear")
	p.waitMessage("circle")
	p.until(`location.hash.includes("policy=linear")`)
	if !visible("y") || visible("tokens") {
		t.Error("features are not shown, or lengths are")
	}
	if x, y := p.replyAt(0); x != 1 || y != 0 {
		t.Errorf("the first reply is at (%v, %v)", x, y)
	}
	p.enter(`#edit-replies tbody tr:nth-child(2) [data-field=y]`, "-1,5")
	p.until(`location.hash.includes("-1.5")`)
	p.enter(`#edit-replies tbody tr:nth-child(2) [data-field=y]`, "1e9")
	p.waitMessage("Feature", "between −100 and 100")
	p.choose("#policy", "tabular")
	p.choose("#obj", "simpo")
	p.until(`location.hash.includes("obj=simpo")`)
	if visible("x") || !visible("tokens") {
		t.Error("lengths are not shown, or features are")
	}
	before := p.agree()
	p.enter(`#edit-replies tbody tr:nth-child(1) [data-field=tokens]`, "12")
	p.until(`location.hash.includes("n=12")`)
	after := p.agree()
	if l := labAt(t, after.Hash); l.Data.Prompts[0].Replies[0].Tokens != 12 || l.Experiment.Settings[core.PolicyChoice] != train.TabularPolicy {
		t.Errorf("the lab has %+v", l.Data.Prompts[0].Replies[0])
	}
	if before.Now == after.Now {
		t.Error("another length changes no number")
	}
}
