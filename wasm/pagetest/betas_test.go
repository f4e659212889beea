//go:build !js

package pagetest

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core"
	"dpoplayground/core/race"
)

// columnsAgree waits until the columns of β are those named, and say what core
// computes natively for each at the step of the page's address.
func (p *tab) columnsAgree(betas ...string) {
	p.t.Helper()
	p.eventually(func() error {
		s := p.read()
		if len(s.Bars) != 2*len(betas) {
			return fmt.Errorf("%d targets for %d βs", len(s.Bars), len(betas))
		}
		for i, beta := range betas {
			l := labAt(p.t, s.Hash)
			e := l.Experiment
			e.Settings[core.Beta], _ = strconv.ParseFloat(beta, 64)
			if c := l.Set(e); c != nil {
				p.t.Fatal(c)
			}
			for l.Work(1 << 12) {
			}
			want := fmt.Sprintf("β = %s: KL %.3f after ", beta, l.Now())
			end := fmt.Sprintf(", %.3f at the optimum.", l.Optimum.KL)
			if !strings.HasPrefix(s.Bars[i], want) || !strings.Contains(s.Bars[i], end) {
				return fmt.Errorf("%q is not %s…%s", s.Bars[i], want, end)
			}
			if here := strings.Contains(s.Bars[i], "It is the present β."); here != (s.Beta == beta) {
				return fmt.Errorf("%q, and β is %s", s.Bars[i], s.Beta)
			}
		}
		return nil
	})
}

// βs stand side by side: each shows what it would alone, can be made the
// present one, typed, moved on the axis, and run to its own arrival.
func TestBetasSideBySide(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&view=betas&step=40&steps=60&speed=1000")
	p.columnsAgree("0.05", "0.2", "0.5", "1", "5")
	p.until(`document.getElementById("betas-said").textContent.startsWith("After 40 steps the smallest")`)
	p.play()
	p.until(`location.hash.includes("step=60") && !document.getElementById("play").classList.contains("playing")`)
	p.columnsAgree("0.05", "0.2", "0.5", "1", "5")
	p.run(`document.querySelector("#stage iframe").contentDocument.querySelectorAll("button.target")[1].click()`)
	p.until(`document.getElementById("beta").value === "0.2" && location.hash.includes("betas=0.05_0.5_1_5")`)
	p.columnsAgree("0.05", "0.2", "0.5", "1", "5")
	p.enter("#betas", "0.3, 2, 2")
	p.waitMessage("2", "twice")
	p.enter("#betas", "2; 0.3")
	p.columnsAgree("0.2", "0.3", "2")
	p.run(`document.querySelector("#stage iframe").contentDocument.querySelectorAll("button.drag")[2].focus()`)
	p.press(kb.ArrowLeft) // from place 184 of 216 to 183: 0.01·500^(183/216) = 1.93
	p.until(`location.hash.includes("betas=0.3_1.93")`)
	p.columnsAgree("0.2", "0.3", "1.93")
	p.click("#equal-beside")
	p.until(`document.getElementById("equal").checked && location.hash.includes("equal=on")`)
	p.columnsAgree("0.2", "0.3", "1.93")
	p.click("#equal-beside")
	p.until(`!document.getElementById("equal").checked`)
	slowest := labAt(t, "v=1&preset=tyre&beta=0.2")
	slowest.Converge(1 << 22)
	for slowest.Work(1 << 14) {
	}
	p.click("#converge")
	p.waitMessage("3 of 3 have converged", "β = 0.2")
	p.until(`location.hash.includes("step="+$+"&")`, strconv.Itoa(slowest.Run.StepCount()))
	p.click("#tab-mass")
	p.agree()
}

// savedRuns waits until the measures that the page saves are of the runs given,
// in their order, and end as these do natively.
func (p *tab) savedRuns(want ...*core.Lab) {
	p.t.Helper()
	p.eventually(func() error {
		p.run(`window.kept.length = 0`)
		p.click(`[data-do="share"]`)
		p.click(`[data-do="save"][data-value="csv"]`)
		p.until(`window.kept.length === 1`)
		p.press(kb.Escape)
		return runsEnd(p.await(`window.kept[0].text().then((text) => { window.said = text; })`), want)
	})
}

// runsEnd compares the last row of each run with the run itself.
func runsEnd(file string, want []*core.Lab) error {
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		return err
	}
	var last [][]string
	for i, row := range rows[1:] {
		if i+2 == len(rows) || rows[i+2][0] != row[0] {
			last = append(last, row)
		}
	}
	if len(last) != len(want) {
		return fmt.Errorf("%d runs are saved, not %d", len(last), len(want))
	}
	for i, l := range want {
		h := l.History
		n := len(h.Steps) - 1
		kl, _ := strconv.ParseFloat(last[i][3], 64)
		if beta, _ := strconv.ParseFloat(last[i][1], 64); beta != l.Beta() || last[i][2] != strconv.Itoa(h.Steps[n]) || kl != h.Measures[n].KL {
			return fmt.Errorf("run %d ends with %q, want β %v, step %d, KL %v", i, last[i][:4], l.Beta(), h.Steps[n], h.Measures[n].KL)
		}
	}
	return nil
}

// What is saved has every run that the view shows: the present one first.
func TestMeasuresOfWhatTheViewShows(t *testing.T) {
	t.Parallel()
	p := newTab(t, browser(t), servePage(t))
	p.onEveryLoad(keepBlobs)
	p.open("v=1&preset=tyre&view=betas&betas=0.05_2&step=40")
	p.columnsAgree("0.05", "0.5", "2")
	at := func(beta string) *core.Lab { return labAt(t, "v=1&preset=tyre&step=40&beta="+beta) }
	p.savedRuns(at("0.5"), at("0.05"), at("2"))
	p.click("#tab-race")
	p.until(`location.hash.includes("view=race")`)
	l := at("0.5")
	presets, _ := pagePresets(t)
	rlhf, c := core.NewLab(presets, race.Entrant(l.Experiment, race.RLHF))
	if c != nil {
		t.Fatal(c)
	}
	for rlhf.Work(1 << 12) {
	}
	p.savedRuns(l, rlhf)
}
