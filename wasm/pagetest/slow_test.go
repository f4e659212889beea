//go:build !js

package pagetest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"dpoplayground/core/slowmotion"
	"dpoplayground/scenes/slow"
	"dpoplayground/scenes/words"
)

// What the panel of the step in slow motion shows.
type slowShown struct {
	Step                      int
	Title, Count, About, Note string
	Code, Got, Math           []string
	Cells                     []string
	Lit                       int
	First                     bool
}

const readSlow = `(() => {
	const t = (id) => document.getElementById(id).textContent, all = (s) => [...document.querySelectorAll(s)];
	return { Step: +(/step=(\d+)/.exec(location.hash) ?? [0, 0])[1], Title: t("slow-title"), Count: t("slow-count"), About: t("slow-about"), Note: t("slow-note"),
		Code: all("#slow-code > li > div > code").map((e) => e.textContent), Got: all("#slow-code > li > div > code + span").map((e) => e.textContent),
		Math: all("#slow-lines math").map((e) => e.textContent), Cells: all("#slow-table :is(th, td)").map((e) => e.textContent),
		Lit: all("#slow-code > li").findIndex((e) => e.getAttribute("aria-current") === "step" && e.contains(document.getElementById("slow-values"))),
		First: document.querySelector(".insight > details").dataset.section === "pair" };
})()`

var markupTags = regexp.MustCompile(`<[^>]*>`)

// sees waits until the panel shows a stage of the step that core would take from
// where the address says.
func (p *tab) sees(stage int, words words.Words) slowShown {
	p.t.Helper()
	var got slowShown
	p.eventually(func() error {
		got = eval[slowShown](p, readSlow)
		l := labAt(p.t, p.read().Hash)
		var s slowmotion.SlowMotion
		pair := l.Experiment.View.Pair
		s.Read(l, pair[0], pair[1])
		v := slow.StageOf(&s, l, stage, words)
		want := slowShown{Title: v.Title, Count: v.Count, About: v.About, Note: v.Note, Lit: v.At}
		for _, line := range v.Code {
			want.Code = append(want.Code, strings.ReplaceAll(line.Text, "_", ""))
			want.Got = append(want.Got, line.Got)
		}
		for _, line := range v.Lines {
			want.Math = append(want.Math, markupTags.ReplaceAllString(line.Math, ""))
		}
		if want.Cells = v.Table.Head; len(v.Table.Rows) == 0 {
			got.Cells = nil // what stood there before is hidden
		}
		for _, row := range v.Table.Rows {
			want.Cells = append(want.Cells, row...)
		}
		want.Step, want.First = got.Step, got.First
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("stage %d shows\n%+v\nwant\n%+v", stage, got, want)
		}
		return nil
	})
	return got
}

// The step is gone through stage by stage, taken, and taken back; each stage is
// in the link, and its numbers are those of core.
func TestSlowMotionOnThePage(t *testing.T) {
	t.Parallel()
	_, words := pagePresets(t)
	p := openPage(t, "v=1&preset=tyre&step=20&view=loss&pair=0-5")
	if s := p.sees(0, words); !s.First || s.Step != 20 {
		t.Errorf("beside the loss the panel is first: %v; at step %d", s.First, s.Step)
	}
	for stage := 1; stage < 8; stage++ {
		p.click("#slow-forward")
		p.sees(stage, words)
		p.until(`location.hash.includes("stage=" + $)`, stage)
	}
	moved := p.sees(7, words)
	p.click("#slow-forward")
	p.until(`location.hash.includes("step=21")`)
	if s := p.sees(0, words); s.Step != 21 {
		t.Errorf("the step leads to %d", s.Step)
	}
	p.click("#slow-back")
	p.until(`location.hash.includes("step=20")`)
	if s := p.sees(7, words); fmt.Sprint(s) != fmt.Sprint(moved) {
		t.Errorf("taken back, the step shows\n%v\nnot\n%v", s, moved)
	}
	p.focus("#slow-forward")
	p.press(kb.ArrowLeft)
	p.press(kb.ArrowUp)
	p.sees(5, words)
	p.press(kb.Home)
	p.sees(0, words)
	p.click(`#slow-code > li:nth-child(5)`)
	if s := p.sees(3, words); s.Step != 20 {
		t.Errorf("the keys went to step %d", s.Step)
	}
	p.click("#tab-mass")
	p.until(`!document.querySelector("[data-section=pair]").open && document.querySelector(".insight > details").dataset.section !== "pair"`)
}

// Each way to learn has stages of its own; an old link that has the worked pair
// open shows them where it stood.
func TestSlowMotionOfOtherWaysToLearn(t *testing.T) {
	t.Parallel()
	_, words := pagePresets(t)
	p := openPage(t, "v=1&preset=tyre&step=3&open=pair&pair=1-2&how=rlhf&stage=4")
	if s := p.sees(4, words); s.First {
		t.Error("in the mass view the panel is first")
	}
	for _, set := range []string{"how=rlhf&est=exact", "how=rlhf&rmfit=steps", "how=online", "obj=kto&batch=8", "obj=orpo&opt=adam", "obj=aot"} {
		p.open("v=1&preset=tyre&step=3&open=pair&pair=1-2&stage=3&" + set)
		p.sees(3, words)
	}
	p.open("v=1&preset=displacement&step=3&open=pair&pair=0-1&stage=6")
	p.sees(6, words)
}

// A professor projects exactly this.
func TestSlowMotionIsPresented(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&step=20&view=loss")
	p.until(`document.getElementById("slow-title").textContent`)
	p.click("[data-do=present]")
	const seen = `[...document.querySelectorAll(".insight > details")].filter((e) => e.checkVisibility()).map((e) => e.dataset.section).join()`
	if got := eval[string](p, seen); got != "pair" {
		t.Errorf("beside the loss %q is presented", got)
	}
	p.click("#tab-mass")
	p.until(seen + ` === ""`)
}
