//go:build js

package main

import (
	"slices"
	"strconv"
	"strings"
	"syscall/js"
	"unicode/utf8"

	"rsc.io/qr/coding"

	"dpoplayground/core"
	"dpoplayground/core/link"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// prepare makes a link for a class of what the page shows: a teacher ticks what it
// hides and locks, and takes the link, a title, a QR code and a snippet.
type prepare struct {
	*app
	origin string // the fragment that the reader came with; see startOver
}

// offered lists the names that can be ticked; docs/teaching.md lists all.
var offered = [2][]string{
	{core.HideOptimum, core.HideKL, core.HideVerdicts, "tabs", "panels", "settings", "timeline", "people", "push", "preset", "share"},
	{"all", "beta", "lr", "obj", "timeline", "people", "preset", "settings", "tabs", "panels"},
}

func (pr *prepare) register(on *handlers) {
	on.change["prepare"] = func(js.Value) { pr.write() }
	on.do["start-over"] = func(js.Value) { pr.startOver() }
	on.do["copy-prepared"] = func(button js.Value) { pr.copy(page.Data(button, "value")) }
}

// open offers what can be hidden and locked, as the page has it now.
func (pr *prepare) open() {
	h := &pr.lab.Experiment.View.Handout
	for i, id := range [2]string{"prepare-hide", "prepare-lock"} {
		now, mark := [2][]string{h.Hide, h.Lock}[i], [2]string{"h", "l"}[i]
		var b strings.Builder
		for _, name := range offered[i] {
			b.WriteString(`<label><input type="checkbox" data-do-change="prepare" data-value="` + mark + name + `"`)
			for _, is := range now {
				if is == name {
					b.WriteString(" checked")
				}
			}
			b.WriteString("> " + words.Escaped(pr.words.Say("handout.name."+name)) + "</label> ")
		}
		pr.page.ByID(id).SetMarkup(b.String())
	}
	pr.write()
}

// prepared is the experiment with what is ticked.
func (pr *prepare) prepared() core.Experiment {
	e := pr.lab.Experiment
	h := &e.View.Handout
	h.Hide, h.Lock, h.Present, h.Play = notOffered(h.Hide, 0), notOffered(h.Lock, 1), false, false
	pr.page.Each("#prepare input:checked", func(box js.Value) {
		switch name := page.Data(box, "value"); name[0] {
		case 'h':
			h.Hide = append(h.Hide, name[1:])
		case 'l':
			h.Lock = append(h.Lock, name[1:])
		case 'p':
			h.Present = h.Present || name == "present"
			h.Play = h.Play || name == "play"
		}
	})
	return e
}

// notOffered returns the names that a link has and that cannot be ticked: they stay.
func notOffered(names []string, list int) (kept []string) {
	for _, name := range names {
		if !slices.Contains(offered[list], name) {
			kept = append(kept, name)
		}
	}
	return kept
}

// write writes the link of what is ticked, and all that is made of it.
func (pr *prepare) write() {
	e := pr.prepared()
	fragment, _ := link.Write(&e, pr.presets)
	where := pr.page.Window.Get("location")
	address := where.Get("origin").String() + where.Get("pathname").String() + "#" + fragment
	title := pr.share.caption()
	pr.page.ByID("prepare-link").Set("value", address)
	pr.page.ByID("prepare-title").Set("value", title)
	pr.page.ByID("prepare-snippet").Set("value", `<iframe src="`+words.Escaped(address)+`" title="`+words.Escaped(title)+
		`" width="100%" height="700" loading="lazy"></iframe>`)
	pr.drawQR(address)
}

// longestQR is the longest link, in characters, of which a code is made: a longer one
// has points too fine for a phone at the back of a room.
const longestQR = 300

// drawQR draws the code of a link, or says why there is none.
func (pr *prepare) drawQR(address string) {
	n := utf8.RuneCountInString(address)
	markup := ""
	if n <= longestQR {
		markup = codeOf(address, pr.words.Say("prepare.qr"))
	}
	pr.page.ByID("prepare-qr").SetMarkup(markup)
	key := "prepare.qr.note"
	if markup == "" {
		key = "prepare.qr.long"
	}
	pr.page.ByID("prepare-qr-note").SetText(pr.words.Say(key, "n", strconv.Itoa(n), "limit", strconv.Itoa(longestQR)))
}

// codeOf returns a QR code as SVG, black on white with a margin of four points.
func codeOf(text, name string) string {
	const level = coding.M
	data := coding.String(text)
	version := coding.Version(coding.MinVersion)
	for data.Bits(version) > version.DataBytes(level)*8 {
		if version++; version > coding.MaxVersion {
			return ""
		}
	}
	plan, err := coding.NewPlan(version, level, 0)
	if err != nil {
		return ""
	}
	code, err := plan.Encode(data)
	if err != nil {
		return ""
	}
	var b strings.Builder
	side := strconv.Itoa(code.Size + 8)
	b.WriteString(`<svg viewBox="-4 -4 ` + side + " " + side + `" role="img" aria-label="` + words.Escaped(name) + `" shape-rendering="crispEdges"><path fill="#fff" d="M-4-4h` +
		side + "v" + side + "h-" + side + `z"/><path d="`)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				b.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h1v1h-1z")
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}

// copy copies one of the boxes.
func (pr *prepare) copy(id string) {
	pr.page.Copy(pr.page.ByID(id), func(copied bool) {
		key := "share.manual"
		if copied {
			key = "share.copied"
		}
		pr.page.ByID("prepare-note").SetText(pr.words.Say(key))
	})
}

// arrive notes the link that a reader comes with, if it is of another handout than the
// page's: it is what the page goes back to for the next class.
func (pr *prepare) arrive(fragment string, e *core.Experiment) {
	same := func(a, b *core.Handout) bool {
		return strings.Join(a.Hide, ".") == strings.Join(b.Hide, ".") && strings.Join(a.Lock, ".") == strings.Join(b.Lock, ".") &&
			a.Present == b.Present && a.Lesson == b.Lesson
	}
	if pr.lab == nil || pr.origin == "" || !same(&e.View.Handout, &pr.lab.Experiment.View.Handout) {
		pr.origin = fragment
	}
}

// startOver puts everything back as the link had it, with no answer given.
func (pr *prepare) startOver() {
	pr.lessons.forget()
	if pr.lab.Experiment.View.Lesson != "" && !strings.Contains(pr.origin, "lesson=") || pr.lessons.name == ownLesson {
		pr.lessons.goTo(0)
		return
	}
	pr.link.open(pr.origin)
	pr.link.commit()
	pr.lessons.again()
}
