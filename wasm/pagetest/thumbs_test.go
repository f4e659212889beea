//go:build !js

package pagetest

import (
	"slices"
	"strings"
	"testing"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
)

// Thumbs are seen and typed beside the replies they are of, where what learns
// reads them; what cannot read them is refused in words.
func TestThumbsOnThePage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=thumbs&vs=&open=edit.time.measures&step=50")
	p.agree()
	if note := eval[string](p, `document.getElementById("reads-note").textContent`); !strings.Contains(note, "100 up and 100 down") || !strings.Contains(note, "z₀") {
		t.Errorf("of what it reads the page says %q", note)
	}
	if accuracy := eval[string](p, `document.getElementById("m-accuracy").textContent`); accuracy != "–" {
		t.Errorf("without pairs the accuracy is %q", accuracy)
	}
	const third = `#edit-replies tbody tr:nth-child(3) `
	p.enter(third+`[data-field=up]`, "50")
	p.until(`location.hash.includes("2u50d10")`)
	p.enter(third+`[data-field=down]`, "")
	p.until(`location.hash.includes("2u50_") || /2u50(&|$)/.test(location.hash)`)
	want := []data.Thumb{{Prompt: 0, Reply: 0, Up: 60, Down: 20}, {Prompt: 0, Reply: 1, Up: 30, Down: 70}, {Prompt: 0, Reply: 2, Up: 50}}
	if l := labAt(t, p.agree().Hash); !slices.Equal(l.Data.Thumbs, want) {
		t.Errorf("thumbs are %v, want %v", l.Data.Thumbs, want)
	}
	before := p.read().Hash
	for _, wrong := range []string{"-1", "1.5", "x"} {
		p.enter(third+`[data-field=up]`, wrong)
		p.waitMessage("Thumbs")
		p.closeMessages()
	}
	p.choose("#obj", "ipo")
	p.waitMessage("no pairs", "KTO")
	if now := eval[string](p, `document.getElementById("obj").value`); now != "kto" || p.read().Hash != before {
		t.Errorf("after what was refused the objective is %q at %s", now, p.read().Hash)
	}
	p.choose("#obj", "sft")
	p.until(`location.hash.includes("obj=sft")`)
	p.agree()
	p.choose("#preset", "tyre")
	p.until(`!document.querySelector("#edit-replies tbody [data-field=up]").checkVisibility() && document.getElementById("reads-note").textContent === ""`)
}

// Votes become thumbs, which teach KTO the same.
func TestVotesBecomeThumbs(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&obj=kto&open=edit&step=40")
	before := p.agree()
	p.click("#votes-thumbs")
	p.until(`location.hash.includes("thumbs=")`)
	after := p.agree()
	if l := labAt(t, after.Hash); l.Problem.Total != 0 || l.Problem.Ups != labAt(t, before.Hash).Problem.Total {
		t.Errorf("%v votes are left, and %v thumbs up", l.Problem.Total, l.Problem.Ups)
	}
	if strings.Join(after.Bars, "\n") != strings.Join(before.Bars, "\n") {
		t.Errorf("the policy was\n%s\nand is\n%s", strings.Join(before.Bars, "\n"), strings.Join(after.Bars, "\n"))
	}
}

// A file of single replies makes the objective one that reads them, and says so.
func TestFileOfThumbs(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&open=data")
	p.agree()
	p.bring(writeTemp(t, "thumbs.csv", "prompt,completion,label\nq,x,true\nq,y,0\nq,x,1\nq,y,\nlonely,z,true\n"))
	p.waitTold("file-summary", "thumbs.csv", "2 thumbs up", "1 down", "KTO", "no label is given: 1", "no other reply: 1")
	s := p.agree()
	if l := labAt(t, s.Hash); l.Experiment.Settings.Objective().Key != "kto" || len(l.Data.Thumbs) != 2 {
		t.Errorf("it is trained by %s on %v", l.Experiment.Settings.Objective().Key, l.Data.Thumbs)
	}
	p.bring(writeTemp(t, "wrong.csv", "prompt,completion,label\nq,x,true\nq,y,maybe\n"))
	p.waitMessage("Line 3, column 5", "maybe")
	if p.read().Hash != s.Hash {
		t.Error("a file with a mistake changed something")
	}
}

// The page's lists hold every objective of the table, in its tier, by some
// name; the list to compare with, the first two tiers.
func TestObjectivesAreListed(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1")
	p.agree()
	for list, tiers := range map[string]int{"obj": 3, "versus-add": 2} {
		for tier := range tiers {
			var want []string
			for _, o := range objective.All() {
				if int(o.Tier) == tier {
					want = append(want, map[string]string{"obj": "", "versus-add": "obj:"}[list]+o.Key)
				}
			}
			options := eval[[]string](p, `[...document.querySelectorAll("#" + $ + " [data-tier='" + $ + "'] option")].map(o => o.value)`, list, tier)
			if !slices.Equal(options, want) {
				t.Errorf("#%s lists %v in tier %d, want %v", list, options, tier, want)
			}
		}
	}
	for _, name := range eval[[]string](p, `[...document.querySelectorAll("#obj option")].map(o => o.textContent)`) {
		if name == "" || strings.ContainsAny(name, "[]") {
			t.Errorf("an objective is called %q", name)
		}
	}
}
