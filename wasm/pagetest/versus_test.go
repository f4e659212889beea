//go:build !js

package pagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core"
)

// panelAt runs the experiment of a fragment and what it is compared with to its
// step, natively.
func panelAt(t *testing.T, fragment string) []*core.Lab {
	t.Helper()
	panel, complaints := core.NewPanel(labAt(t, fragment))
	if complaints != nil {
		t.Fatal(complaints[0])
	}
	for panel.Work(1 << 12) {
	}
	return append([]*core.Lab{panel.Lead}, panel.Others...)
}

// lanesAgree waits until every lane's bars, and the sentence about the lanes,
// are what core computes natively from the page's address.
func (p *tab) lanesAgree(names ...string) {
	p.t.Helper()
	fragment := "\x00"
	var labs []*core.Lab
	p.eventually(func() error {
		s := p.read()
		if s.Hash != fragment {
			fragment, labs = s.Hash, panelAt(p.t, s.Hash)
		}
		if len(labs) != len(names) || len(s.Bars) != len(names)*labs[0].Arms() {
			return fmt.Errorf("%d runs of %s have %d bars", len(labs), s.Hash, len(s.Bars))
		}
		said := eval[string](p, `document.getElementById("lanes-said").textContent`)
		for i, l := range labs {
			lane := shown{Bars: s.Bars[i*l.Arms() : (i+1)*l.Arms()]}
			for k := range lane.Bars {
				if i > 0 && !strings.HasPrefix(lane.Bars[k], names[i]+": ") {
					return fmt.Errorf("a bar of %s is called %q", names[i], lane.Bars[k])
				}
				lane.Bars[k] = strings.TrimPrefix(lane.Bars[k], names[i]+": ")
			}
			if err := lane.barsDiffer(l); err != nil {
				return fmt.Errorf("%s: %w", names[i], err)
			}
			if kl := fmt.Sprintf("KL %.3f", l.Now()); !strings.Contains(said, names[i]) || !strings.Contains(said, kl) {
				return fmt.Errorf("%q does not tell of %s, %s", said, names[i], kl)
			}
		}
		return nil
	})
}

func TestRunsAreCompared(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&open=versus.time&steps=60&speed=1000")
	before := p.agree()
	for _, value := range []string{"obj:ipo", "beta:0.1"} {
		p.run(`document.getElementById("versus-add").value = $`, value)
		p.click(`button[data-do="versus-add"]`)
		p.until(`location.hash.includes($)`, value)
	}
	p.lanesAgree("DPO, β = 0.5", "IPO, β = 0.5", "DPO, β = 0.1")
	p.play()
	p.until(`location.hash.includes("step=60") && !document.getElementById("play").classList.contains("playing")`)
	p.lanesAgree("DPO, β = 0.5", "IPO, β = 0.5", "DPO, β = 0.1")
	for _, chart := range []string{"chart-kl", "chart-versus-kl", "chart-versus-expected", "chart-versus-accuracy"} {
		p.until(`["DPO, β = 0.5", "IPO, β = 0.5", "DPO, β = 0.1"].every((name) => document.getElementById($).textContent.includes(name))`, chart)
	}
	p.open(p.read().Hash)
	p.lanesAgree("DPO, β = 0.5", "IPO, β = 0.5", "DPO, β = 0.1")
	p.run(`document.querySelector("#stage iframe").contentDocument.querySelectorAll("button.target")[7].focus()`)
	p.until(`document.querySelector("#stage iframe").contentDocument.querySelector(".card-title").textContent.startsWith("IPO, β = 0.5: ")`)
	p.choose("#preset", "jury")
	p.lanesAgree("DPO, β = 0.5", "IPO, β = 0.5", "DPO, β = 0.1")
	p.run(`history.back()`)
	p.until(`location.hash.includes("preset=tyre")`)
	p.enter("#beta", "0.2")
	p.lanesAgree("DPO, β = 0.2", "IPO, β = 0.2", "DPO, β = 0.1")
	p.run(`history.back()`)
	p.until(`!location.hash.includes("beta=0.2")`)
	p.lanesAgree("DPO, β = 0.5", "IPO, β = 0.5", "DPO, β = 0.1")
	p.focus(`#versus-list button`)
	p.press(kb.Enter)
	p.until(`location.hash.includes("vs=beta:0.1")`)
	p.lanesAgree("DPO, β = 0.5", "DPO, β = 0.1")
	p.focus(`#versus-list button`)
	p.press(kb.Enter)
	p.until(`!location.hash.includes("vs=")`)
	if s := p.agree(); len(s.Bars) != len(before.Bars) || eval[bool](p, `document.querySelector(".frame").className !== "frame"`) {
		t.Errorf("nothing is compared any more, and there are %d bars", len(s.Bars))
	}
}
