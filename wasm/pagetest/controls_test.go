//go:build !js

package pagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core"
)

func TestPageLoadsAndTrains(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	before := p.agree()
	if before.Now != "0.000" {
		t.Errorf("at the reference KL is 0, not %q", before.Now)
	}
	p.click("#play")
	p.meanwhile(`document.getElementById("play").classList.contains("playing")`)
	p.meanwhile(`parseFloat(document.getElementById("kl-now").textContent) > 0.005`)
	p.click("#play")
	p.until(`document.getElementById("play-label").textContent === "Play"`)
	p.until(`location.hash.includes("step=")`)
	after := p.agree()
	if after.Now == before.Now || after.Bars[0] == before.Bars[0] {
		t.Errorf("playing changed nothing: %v", after)
	}
	if eval[bool](p, `!document.getElementById("loading").hidden`) {
		t.Error("the page still says that it is loading")
	}
}

func TestPlayEndsWithTheTimelineAndStartsAgain(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&steps=50&speed=1000")
	p.play()
	p.until(`location.hash.includes("step=50")`)
	if s := p.agree(); s.Play != "Play" {
		t.Errorf("at the end of the timeline the button says %q", s.Play)
	}
	if from := p.play(); from != "0" {
		t.Errorf("from the end of the timeline the run starts at %s", from)
	}
	p.until(`location.hash.includes("step=50")`)
	if s := p.agree(); s.Play != "Play" {
		t.Errorf("at the end of the timeline the button says %q the second time", s.Play)
	}
}

// play presses Play, sees that the page plays at once, and returns the step on
// the timeline at that moment.
func (p *tab) play() string {
	p.t.Helper()
	p.run(`window.played = null; window.addEventListener("click", () => {
		window.played = document.getElementById("play").className + " " + document.getElementById("time").value }, { once: true })`)
	p.click("#play")
	class, step, _ := strings.Cut(eval[string](p, `window.played`), " playing ")
	if class != "primary" {
		p.t.Fatalf("Play was pressed, and the button is %q", class)
	}
	return step
}

func TestBetaByKeyboard(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=300")
	last := p.agree()
	p.focus("#beta-range")
	for _, key := range []struct{ name, key string }{
		{"ArrowRight", kb.ArrowRight}, {"ArrowLeft", kb.ArrowLeft}, {"PageUp", kb.PageUp}, {"PageDown", kb.PageDown}, {"Home", kb.Home}, {"End", kb.End},
	} {
		p.press(key.key)
		p.until(`document.getElementById("beta").value !== $`, last.Beta)
		p.until(`location.hash !== $`, "#"+last.Hash)
		now := p.agree()
		if now.Optimum == last.Optimum && now.Now == last.Now {
			t.Errorf("%s moved β from %s to %s and no number", key.name, last.Beta, now.Beta)
		}
		last = now
		switch {
		case key.name == "Home" && now.Beta != "0.01", key.name == "End" && now.Beta != "5":
			t.Errorf("%s goes to β = %s", key.name, now.Beta)
		}
	}
}

func TestBetaTyped(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=40")
	p.agree()
	for _, c := range []struct{ typed, beta string }{
		{"0.1", "0.1"}, {"0.123456789", "0.123456789"}, {"5", "5"}, {"1e-2", "0.01"}, {"0,25", "0.25"}, {" 0.7 ", "0.7"},
	} {
		p.enter("#beta", c.typed)
		p.until(`document.getElementById("beta").value === $ && location.hash.includes($)`, c.beta, "beta="+c.beta)
		p.agree()
	}
	p.click(`[data-do="beta"][data-value="0.1"]`)
	p.until(`document.getElementById("beta").value === "0.1"`)
	p.agree()
}

func TestWrongValuesAreRefusedInWords(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=40&open=data.more&ref=drawn")
	before := p.agree()
	for _, c := range []struct {
		field, typed string
		words        []string
	}{
		{"#beta", "0", []string{"β", "0.01", "5"}},
		{"#beta", "5.01", []string{"β", "5.01", "0.01", "5"}},
		{"#beta", "-1", []string{"β", "-1", "0.01", "5"}},
		{"#beta", "NaN", []string{"β", "“NaN”", "number"}},
		{"#beta", "Infinity", []string{"β", "“Infinity”", "number"}},
		{"#beta", "", []string{"β", "number"}},
		{"#beta", "<b>x</b>", []string{"β", "“<b>x</b>”"}},
		{"#beta", "0x1p-2", []string{"β", "“0x1p-2”"}},
		{"#votes", "2.5", []string{"Preferences for each question", "2.5", "whole number"}},
		{"#votes", "1e9", []string{"Preferences for each question", "1000000000", "100000"}},
		{"#sharp", "1000", []string{"How far annotators agree", "1000", "0.1", "100"}},
		{"#flip", "0.6", []string{"Labels flipped", "0.6", "0.5"}},
		{"#eps", "-0.1", []string{"Label smoothing", "-0.1", "0.5"}},
		{"#lr", "1e9", []string{"Learning rate", "1000000000", "0.001", "1000"}},
		{"#batch", "1.5", []string{"Preferences in a batch", "1.5", "whole number"}},
		{"#steps", "5", []string{"Length of the timeline", "5", "10"}},
		{"#temp", "0", []string{"Temperature", "0.1", "10"}},
		{"#seed", "-3", []string{"Seed", "-3", "4294967295"}},
		{"#seed", "4294967296", []string{"Seed", "4294967296", "4294967295"}},
	} {
		held := eval[string](p, `document.querySelector($).value`, c.field)
		p.enter(c.field, c.typed)
		p.waitMessage(c.words...)
		p.until(`document.querySelector($).value === $`, c.field, held)
		p.closeMessages()
	}
	if after := p.agree(); after.Hash != before.Hash || after.numbers() != before.numbers() {
		t.Errorf("refused values changed the page from\n%v\nto\n%v", before, after)
	}
}

func TestTimelineGoesBackToIdenticalValues(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&beta=0.2")
	at := map[int]shown{0: p.agree()}
	for step := 1; step <= 4; step++ {
		p.click(`[data-do="forward"]`)
		p.until(`location.hash.includes($)`, fmt.Sprintf("step=%d", step))
		at[step] = p.agree()
	}
	p.dragTimeline(0.7)
	far := p.agree()
	same := func(what string, want shown) {
		t.Helper()
		if got := p.agree(); got.numbers() != want.numbers() {
			t.Errorf("%s gives\n%s\nand not, as at first,\n%s", what, got.numbers(), want.numbers())
		}
	}
	p.run(`history.back()`)
	p.until(`location.hash.endsWith("step=4")`)
	same("the browser's Back", at[4])
	for step := 3; step >= 0; step-- {
		p.click(`[data-do="back"]`)
		p.until(`document.getElementById("clock").textContent.startsWith($)`, fmt.Sprintf("%d /", step))
		same(fmt.Sprintf("step back to %d", step), at[step])
	}
	for step := 1; step <= 4; step++ {
		p.click(`[data-do="forward"]`)
		p.until(`document.getElementById("clock").textContent.startsWith($)`, fmt.Sprintf("%d /", step))
		same(fmt.Sprintf("step on to %d", step), at[step])
	}
	p.open(far.Hash)
	same("opening the link", far)
	p.click(`[data-do="reset"]`)
	p.until(`document.getElementById("clock").textContent.startsWith("0 /")`)
	same("reset", at[0])
}

// dragTimeline drags the timeline's thumb to a share of its length, with the
// mouse, and checks that this is one step of the browser's history.
func (p *tab) dragTimeline(share float64) {
	p.t.Helper()
	track := p.place(one("#time"))
	from := eval[float64](p, `document.getElementById("time").value / document.getElementById("time").max`)
	length := eval[int](p, `history.length`)
	const thumb = 8 // half of it: the thumb's middle does not reach the ends
	drag := func(kind input.DispatchMouseEventType, share float64) {
		p.mouse(kind, track.X+thumb+share*(track.W-2*thumb), track.Y+track.H/2)
	}
	drag(input.DispatchMouseEventTypeMousePressed, from)
	for i := 1; i <= 8; i++ {
		drag(input.DispatchMouseEventTypeMouseMoved, from+(share-from)*float64(i)/8)
	}
	drag(input.DispatchMouseEventTypeMouseReleased, share)
	p.until(`Math.abs(document.getElementById("time").value / document.getElementById("time").max - $) < 0.05`, share)
	p.until(`location.hash.includes("step=" + document.getElementById("time").value)`)
	if now := eval[int](p, `history.length`); now != length+1 {
		p.t.Errorf("a drag made %d steps of history", now-length)
	}
}

func TestTimelineByKeyboard(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	p.agree()
	p.focus("#time")
	p.press(kb.End)
	p.until(`location.hash.includes("step=1000")`)
	p.agree()
	p.press(kb.Home)
	p.until(`!location.hash.includes("step=")`)
	p.agree()
	p.run(`document.activeElement.blur()`)
	p.press(kb.ArrowRight)
	p.until(`location.hash.includes("step=1")`)
	p.agree()
	p.press(" ")
	p.meanwhile(`document.getElementById("play").classList.contains("playing")`)
	p.press(" ")
	p.until(`!document.getElementById("play").classList.contains("playing")`)
	p.agree()
}

func TestRunUntilItArrives(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&beta=1")
	p.click("#converge")
	p.waitMessage("Converged at step")
	s := p.agree()
	l := labAt(t, s.Hash)
	if !l.Arrived() || s.Now != s.Optimum {
		t.Errorf("arrived, KL is %s and at the optimum %s", s.Now, s.Optimum)
	}
	p.open("v=1&preset=agree")
	p.click("#converge")
	p.waitMessage("never converges")
}

func TestLinkRoundTrip(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	p.enter("#beta", "0.3137")
	p.openSection("time")
	p.openSection("more")
	p.enter("#seed", "123456")
	p.choose("#opt", "adam")
	p.enter("#lr", "0.05")
	p.enter("#batch", "16")
	p.until(`location.hash.includes("batch=16")`)
	p.dragTimeline(0.33)
	p.click(`[data-do="share"]`)
	p.until(`document.getElementById("share").open`)
	link := eval[string](p, `document.getElementById("share-link").value`)
	p.click(`[data-do="share-close"]`)
	first := p.agree()
	if !strings.HasSuffix(link, "#"+first.Hash) || !strings.HasPrefix(link, p.base) {
		t.Fatalf("the link %q is not the address %q", link, p.base+"#"+first.Hash)
	}
	const charts = `document.getElementById("chart-kl").innerHTML + document.getElementById("chart-probs").innerHTML`
	p.click(`.controls [data-do="side-close"]`)
	p.until(`document.querySelector("#chart-kl svg") && document.querySelector("#chart-probs svg")`)

	other := newTab(t, browser(t), p.base)
	other.open(strings.TrimPrefix(link, p.base+"#"))
	if second := other.agree(); second.numbers() != first.numbers() || second.Hash != first.Hash {
		t.Errorf("the link shows\n%v\nand not\n%v", second, first)
	}
	other.eventually(func() error {
		if a, b := eval[string](p, charts), eval[string](other, charts); a != b {
			return fmt.Errorf("the link's charts differ:\n%s\n%s", a, b)
		}
		return nil
	})
	assertSameTrace(t, first.Hash, other.read().Hash)
}

// assertSameTrace runs two links and compares every logit to the last bit.
func assertSameTrace(t *testing.T, a, b string) {
	t.Helper()
	one, two := labAt(t, a), labAt(t, b)
	if one.Experiment.Settings != two.Experiment.Settings {
		t.Fatalf("links %q and %q hold other settings", a, b)
	}
	za, zb := one.Logits(nil), two.Logits(nil)
	for k := range za {
		if za[k] != zb[k] {
			t.Errorf("logit %d is %v in one and %v in the other", k, za[k], zb[k])
		}
	}
}

func TestBackAndForward(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	states := []shown{p.agree()}
	for _, beta := range []string{"0.05", "1", "2.5"} {
		p.enter("#beta", beta)
		p.until(`location.hash.includes($)`, "beta="+beta)
		states = append(states, p.agree())
	}
	check := func(i int) {
		t.Helper()
		p.until(`document.getElementById("beta").value === $`, states[i].Beta)
		if got := p.agree(); got.numbers() != states[i].numbers() {
			t.Errorf("state %d is now\n%v\nand was\n%v", i, got, states[i])
		}
	}
	for i := 2; i >= 0; i-- {
		p.run(`history.back()`)
		check(i)
	}
	for i := 1; i <= 3; i++ {
		p.run(`history.forward()`)
		check(i)
	}
}

func TestPresetsAndSettingsAgreeWithCore(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&open=data.more")
	for _, preset := range []string{"jury", "agree", "rare", "three", "tyre"} {
		p.choose("#preset", preset)
		p.until(`document.getElementById("preset").value === $ && location.hash.includes($)`, preset, "preset="+preset)
		p.click(`[data-do="forward"]`)
		p.until(`document.getElementById("clock").textContent.startsWith("1 /")`)
		p.agree()
	}
	for _, c := range []struct{ selector, value string }{
		{"#from", "population"}, {"#cover", "chain"}, {"#ref", "uniform"}, {"#ref", "drawn"}, {"#opt", "adam"}, {"#from", "votes"}, {"#cover", "half"},
	} {
		p.choose(c.selector, c.value)
		p.until(`location.hash.includes($) || $ === "votes"`, c.selector[1:]+"="+c.value, c.value)
		p.agree()
	}
	for _, c := range []struct{ selector, value string }{{"#votes", "37"}, {"#flip", "0.2"}, {"#eps", "0.1"}, {"#sharp", "3"}, {"#temp", "0.4"}, {"#seed", "99"}} {
		p.enter(c.selector, c.value)
		p.until(`location.hash.includes($)`, c.selector[1:]+"="+c.value)
		p.agree()
	}
	p.run(`document.getElementById("equal").click()`)
	p.until(`location.hash.includes("equal=on")`)
	p.agree()
	if l := labAt(t, p.read().Hash); l.Experiment.Settings[core.Smoothing] != 0.1 {
		t.Errorf("ε is %v after 0.1 was typed", l.Experiment.Settings[core.Smoothing])
	}
}
