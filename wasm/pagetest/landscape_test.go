//go:build !js

package pagetest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core/landscape"
	"dpoplayground/scenes/words"
)

// handle is what can be dragged in the picture, from the page.
const handle = `document.querySelector("#stage iframe").contentDocument.querySelector("button.target.drag")`

// landscapeAgrees waits until the triangle tells where the run starts, and the
// picture what the loss is, as core has it natively for the page's address.
func (p *tab) landscapeAgrees(corners ...int) {
	p.t.Helper()
	p.eventually(func() error {
		l := labAt(p.t, eval[string](p, `location.hash`))
		logits := append([]float64(nil), l.Reference()...)
		for k := range l.Experiment.Start {
			logits[k] += l.Experiment.Start[k]
		}
		sum := 0.0
		for _, k := range corners {
			sum += math.Exp(logits[k])
		}
		name, want := eval[string](p, handle+`.ariaLabel`), ""
		for i, k := range corners {
			if want = words.Percent(math.Exp(logits[k])/sum) + "% “"; !strings.Contains(name, want) {
				return fmt.Errorf("corner %d: %q has no %q", i, name, want)
			}
		}
		f := landscape.NewField()
		l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
		landscape.Pose(l, f, corners)
		want = "The loss there is " + words.Digits(f.LossAt(l.Policy()), 3)
		if said := eval[string](p, `document.querySelector("#stage iframe").contentDocument.body.textContent`); !strings.Contains(said, want) {
			return fmt.Errorf("the picture does not say %q", want)
		}
		return nil
	})
}

// A press starts the run where it is, and the run goes on from there; arrow keys
// move the start; the link holds it, and one button takes it back.
func TestLandscapeStartsRuns(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=same&view=landscape&steps=60&speed=100")
	p.until(`!!` + handle)
	p.landscapeAgrees(0, 1, 2)
	triangle := p.place(handle)
	x, y := triangle.at(0.5, 0.9)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	x, y = triangle.at(0.6, 0.8)
	p.mouse(input.DispatchMouseEventTypeMouseMoved, x, y)
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
	p.until(`location.hash.includes("step=60") && location.hash.includes("at=") && !document.getElementById("start-note").hidden`)
	p.landscapeAgrees(0, 1, 2)
	share := func() float64 { // of the top corner at the start
		l := labAt(t, eval[string](p, `location.hash`))
		return math.Exp(l.Reference()[0] + l.Experiment.Start[0])
	}
	before := share()
	p.run(handle + `.focus()`)
	p.press(kb.ArrowUp)
	p.until(`!location.hash.includes("step=60") && document.getElementById("kl-now").textContent > "0"`)
	p.landscapeAgrees(0, 1, 2)
	if after := share(); after <= before {
		t.Errorf("the arrow key moved the first reply's start from %v to %v", before, after)
	}
	p.choose("#how", "rlhf")
	p.waitMessage("Start from the reference again")
	p.closeMessages()
	p.choose("#obj", "ipo")
	p.landscapeAgrees(0, 1, 2)
	p.click(`[data-do="start-reference"]`)
	p.until(`!location.hash.includes("at=") && document.getElementById("start-note").hidden`)
	p.landscapeAgrees(0, 1, 2)
}

// Of six replies three are the corners, and lists say which.
func TestLandscapeCorners(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&view=landscape&step=40")
	p.until(`location.hash.includes("tri=")`)
	p.run(`document.getElementById("corner-top").selectedIndex = 4; document.getElementById("corner-top").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.until(`location.hash.includes("tri=4-")`)
	c := labAt(t, eval[string](p, `location.hash`)).Experiment.View.Corners
	p.landscapeAgrees(c[:]...)
	p.run(`document.getElementById("corner-left").selectedIndex = 4; document.getElementById("corner-left").dispatchEvent(new Event("change", {bubbles: true}))`)
	p.until(`location.hash.includes("tri=" + $)`, fmt.Sprintf("%d-4-%d", c[1], c[2]))
	p.landscapeAgrees(c[1], 4, c[2])
	p.choose("#preset", "minority") // two replies make a line
	p.until(`!location.hash.includes("tri=") && document.getElementById("landscape-corners").hidden`)
	p.landscapeAgrees(0, 1)
}
