//go:build !js

package pagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dpoplayground/scenes/words"
)

// What the frame shows of the loss view: its title, and its labels and targets
// that are seen.
type lossShown struct {
	Hash, Title, Desc, Focus string
	Labels, Targets          []string
}

const readLossView = `(() => {
	const d = document.querySelector("#stage iframe").contentDocument, seen = (e) => e.offsetParent !== null;
	return { Hash: location.hash, Title: d.getElementById("picture-title").textContent, Desc: d.getElementById("picture-words").textContent,
		Focus: d.activeElement?.getAttribute("aria-label") ?? "",
		Labels: [...d.querySelectorAll(".labels > *")].filter(seen).map((e) => e.textContent),
		Targets: [...d.querySelectorAll(".targets > button")].filter(seen).map((e) => e.getAttribute("aria-label")) };
})()`

// row is what the picture says in a row of the picked pair's numbers.
func (s *lossShown) row(name string) string {
	if i := slices.Index(s.Labels, name); i >= 0 && i+1 < len(s.Labels) {
		return s.Labels[i+1]
	}
	return ""
}

// seesLoss waits until the view shows the picked pair's h and loss as core has
// them where the address says.
func (p *tab) seesLoss(w words.Words) lossShown {
	p.t.Helper()
	var got lossShown
	p.eventually(func() error {
		got = eval[lossShown](p, readLossView)
		l := labAt(p.t, got.Hash)
		pair := l.Experiment.View.Pair
		v := l.Worked(pair[0], pair[1])
		h, loss := v.RatioChosen-v.RatioRejected, words.Digits(v.Loss, 3)
		if got.row(w["loss.row.loss"]) != loss || !strings.HasSuffix(got.row(w["loss.row.gap"]), words.Digits(h, 3)) {
			return fmt.Errorf("pair %v: h is %s and the loss %s, want %v and %s", pair, got.row(w["loss.row.gap"]), got.row(w["loss.row.loss"]), h, loss)
		}
		return nil
	})
	return got
}

// The loss view shows core's numbers, and beads are picked by key, which the link
// and the page's lists follow; other curves are a choice that is in the link.
func TestLossViewOnThePage(t *testing.T) {
	t.Parallel()
	_, words := pagePresets(t)
	p := openPage(t, "v=1&preset=tyre&step=120&view=loss&pair=0-4")
	s := p.seesLoss(words)
	if len(s.Targets) < 5 || !slices.Contains(s.Labels, "IPO") || !strings.Contains(s.Title, "DPO") {
		t.Errorf("%d targets, labels %q, title %q", len(s.Targets), s.Labels, s.Title)
	}
	eval[bool](p, `(() => { const d = document.querySelector("#stage iframe").contentDocument; const b = [...d.querySelectorAll(".targets > button")].filter((e) => e.offsetParent !== null);
		b[b.length - 1].focus(); return true })()`)
	before := s.Hash
	for range 3 {
		p.press(kb.ArrowLeft)
		p.eventually(func() error {
			if s = eval[lossShown](p, readLossView); s.Hash == before {
				return fmt.Errorf("the address is still %s", s.Hash)
			}
			return nil
		})
		before = s.Hash
		s = p.seesLoss(words)
		p.eventually(func() error {
			s = eval[lossShown](p, readLossView)
			l := labAt(t, s.Hash)
			chosen := l.Problem.Prompts[0].Replies[l.Experiment.View.Pair[0]].Text
			if !strings.HasPrefix(s.Focus, "“"+chosen) {
				return fmt.Errorf("the focus is on %q, picked is %q", s.Focus, chosen)
			}
			return nil
		})
	}
	p.choose("#beside", "betas")
	p.eventually(func() error {
		if s = eval[lossShown](p, readLossView); !slices.Contains(s.Labels, "β = 0.25") || !strings.Contains(s.Hash, "beside=betas") {
			return fmt.Errorf("at %s the labels are %q", s.Hash, s.Labels)
		}
		return nil
	})
}
