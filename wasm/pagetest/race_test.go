//go:build !js

package pagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core/race"
	"dpoplayground/scenes/picture"
	raceview "dpoplayground/scenes/race"
	"dpoplayground/scenes/read"
)

// raceAt runs the race of a fragment to its end, natively.
func raceAt(t *testing.T, fragment string) *race.Race {
	t.Helper()
	r := race.New(labAt(t, fragment))
	for busy := true; busy; {
		busy = r.Lead.Work(1 << 12)
		for i := range r.Lanes {
			busy = r.WorkOn(i, 1<<12) || busy
		}
		busy = r.Work(1<<20) || busy
	}
	return r
}

// raceAgrees waits until what the page says of the race, its table and its
// picture's counters are what core computes natively for the page's address.
func (p *tab) raceAgrees() {
	p.t.Helper()
	_, words := pagePresets(p.t)
	fragment := "\x00"
	var story raceview.Story
	var picture picture.Picture
	p.eventually(func() error {
		s := p.read()
		if s.Hash != fragment {
			fragment = s.Hash
			r, shown, m := raceAt(p.t, s.Hash), read.Shown{}, raceview.Race{}
			shown.Choose(r.Lead)
			m.Read(r, &shown, words)
			raceview.NewView(words).Draw(&picture, &m, 1000, 500)
			story = raceview.Tell(r, words)
		}
		if said := eval[string](p, `document.getElementById("race-said").textContent`); said != story.Said {
			return fmt.Errorf("it says %q, not %q", said, story.Said)
		}
		cells := eval[string](p, `[...document.querySelectorAll(".race td span, .race td:not(:has(span))")].map((c) => c.textContent).join(" ").trim()`)
		want := ""
		for _, row := range story.Rows {
			want += row[0] + " " + row[1] + " "
		}
		if cells != strings.TrimSpace(want) {
			return fmt.Errorf("the table has %q, not %q", cells, want)
		}
		if desc := inStage[string](p, `d.getElementById("picture-words").textContent`); desc != picture.Desc {
			return fmt.Errorf("the picture says %q, not %q", desc, picture.Desc)
		}
		return nil
	})
}

// The race is the one that core runs, whichever method the experiment learns
// by; pointer and keys go along its timeline, and other views leave it alone.
func TestRace(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&view=race&step=150&replies=16&steps=400")
	p.raceAgrees()
	track := p.place(handle)
	x, y := track.at(0.9, 0.5)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
	for i := 1.0; i <= 5; i++ {
		p.mouse(input.DispatchMouseEventTypeMouseMoved, x-0.08*i*track.W, y)
	}
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x-0.4*track.W, y)
	p.until(`/step=\d+/.test(location.hash) && !location.hash.includes("step=150")`)
	p.raceAgrees()
	inStage[any](p, `d.querySelector("button.drag").focus()`)
	step := eval[int](p, `Number(location.hash.match(/step=(\d+)/)[1])`)
	p.press(kb.ArrowRight)
	p.until(`location.hash.includes("step=" + $ + "&")`, step+4)
	p.raceAgrees()
	p.choose("#how", "rlhf")
	p.until(`location.hash.includes("how=rlhf")`)
	p.raceAgrees()
	p.choose("#est", "exact")
	p.until(`location.hash.includes("est=exact")`)
	p.raceAgrees()
	p.click(`[role=tab][data-value=mass]`)
	p.until(`!document.getElementById("race-said").checkVisibility()`)
	p.agree()
}
