//go:build !js

package pagetest

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// everything is all that a page says: its text, what is said of its parts, and the
// texts of the picture, which its SVG holds.
const everything = `(async () => {
	const old = URL.createObjectURL;
	const svg = new Promise(found => URL.createObjectURL = blob => { if (blob.type.startsWith("image/svg")) found(blob.text()); return old.call(URL, blob) });
	document.querySelector('[data-do="save"][data-value="svg"]').click();
	const picture = await svg;
	URL.createObjectURL = old;
	const said = [];
	for (const e of document.querySelectorAll("[aria-label], [title], [aria-description], [aria-valuetext]"))
		if (e.checkVisibility()) for (const a of ["aria-label", "title", "aria-description", "aria-valuetext"]) said.push(e.getAttribute(a));
	for (const e of document.querySelectorAll("#aloud, #picture-words, #picture-title, [aria-live]")) if (e.checkVisibility()) said.push(e.textContent);
	window.said = document.body.innerText + "\n" + said.join("\n") + "\n" + picture;
})()`

// What tells of an optimum, of its distance, or of what came of a run. This run ends at
// KL 0.499 with the first reply at 57 %, and at KL 1.210 and 87 % at β = 0.25.
var (
	tellsOptimum = regexp.MustCompile(`0\.499|1\.210|\b57 ?%|\b87 ?%|This run converges|KL at the optimum|its optimum`)
	tellsKL      = regexp.MustCompile(`0\.499|1\.210|KL at the optimum`)
	tellsVerdict = regexp.MustCompile(`This run converges|rose by|agrees with \d|DPO none`)
)

// all reads everything once the page has settled.
func (p *tab) all() string {
	p.t.Helper()
	p.settle()
	return p.await(everything)
}

// settle waits until the page has.
func (p *tab) settle() {
	p.t.Helper()
	p.eventually(func() error {
		if !p.look().Settled {
			return errors.New("the page does not settle")
		}
		return nil
	})
}

// Where the run is headed is told in every view, and in none where a link hides it:
// not on the page, not in the picture, and not to those who listen. The same holds for
// its distance and for what came of a run. Opened in full, the page tells all of it.
func TestVeilIsWhole(t *testing.T) {
	t.Parallel()
	p := openPage(t, "")
	for _, view := range []string{"mass", "betas", "frontier", "landscape", "loss", "race"} {
		state := "v=1&preset=tyre&step=20&view=" + view + "&open=time.sweep.derive.rewards.ledger.versus&vs=beta:0.25"
		p.open(state + "&hide=kl.verdicts")
		p.waitTold("locked-said", "kl, verdicts")
		text := p.all()
		for _, tells := range []*regexp.Regexp{tellsKL, tellsVerdict} {
			if found := tells.FindString(text); found != "" {
				t.Errorf("%s tells %q, which is hidden", view, found)
			}
		}
		p.open(state + "&hide=optimum")
		p.waitTold("locked-said", "optimum")
		if found := tellsOptimum.FindString(p.all()); found != "" {
			t.Errorf("%s tells %q of a hidden optimum", view, found)
		}
		p.click(`[data-do="unlock"]`)
		p.until(`document.getElementById("locked").hidden && document.getElementById("kl-optimum").textContent === "0.499"`)
		text = p.all()
		for _, tells := range []*regexp.Regexp{tellsOptimum, tellsKL, tellsVerdict} {
			if !tells.MatchString(text) {
				t.Errorf("%s tells nothing of %s even in full", view, tells)
			}
		}
	}
}

// A locked timeline takes no key, a locked page no change of its data, and a part that
// is locked no button that is made later.
func TestLocksHoldAgainstEveryWay(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=20&lock=timeline.people.panels.versus")
	p.waitTold("locked-said", "timeline")
	clock := p.read().Clock
	for _, key := range []string{" ", kb.ArrowRight, kb.ArrowLeft} {
		p.closeMessages()
		p.press(key)
		p.waitMessage("timeline", "locked")
	}
	p.closeMessages()
	p.run(`const b = document.createElement("button"); b.dataset.do = "play"; document.querySelector(".timeline").append(b); b.click()`)
	p.waitMessage("locked")
	p.closeMessages()
	p.run(`document.querySelector(".people button[data-do]:not([data-do=gloss])").click(); const late = document.createElement("button"); late.dataset.do = "section"; late.dataset.value = "edit"; document.querySelector(".people").append(late); late.click()`)
	p.waitMessage("locked")
	if s := p.read(); s.Clock != clock || strings.Contains(s.Hash, "pairs=") || strings.Contains(s.Hash, "open=edit") || s.Play != "Play" {
		t.Errorf("the page went on: %q, %q at %s", s.Play, s.Clock, s.Hash)
	}
	p.open("v=1&preset=tyre&step=20&view=landscape&lock=all")
	p.waitTold("locked-said", "all")
	p.run(`const h = document.querySelector("#stage iframe").contentDocument.querySelector('[role="slider"], button.target'); h.focus(); h.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}))`)
	if s := p.read(); strings.Contains(s.Hash, "start=") || s.Clock != clock {
		t.Errorf("the start was moved: %s", s.Hash)
	}
}
