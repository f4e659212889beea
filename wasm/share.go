//go:build js

package main

import (
	"slices"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/link"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

// share gives a moment away: as a link, a picture or a table.
type share struct{ *app }

func (sh *share) register(on *handlers) {
	on.do["share"] = func(js.Value) { sh.open() }
	on.do["share-close"] = func(js.Value) { sh.page.ByID("share").Call("close") }
	on.do["copy"] = func(js.Value) { sh.copyLink() }
	on.do["save"] = func(button js.Value) { sh.save(page.Data(button, "value")) }
}

// open shows a link to this moment.
func (sh *share) open() {
	sh.clock.halt()
	sh.link.commit()
	note := sh.words.Say("share.note")
	switch {
	case sh.link.dropped && sh.lab.Experiment.File != nil:
		note = sh.words.Say("share.file", "name", sh.lab.Experiment.File.Name, "limit", words.Count(link.MaxLength))
	case sh.link.dropped:
		note = sh.words.Say("share.long", "limit", words.Count(link.MaxLength))
	}
	if names := sh.realRuns.names; len(names) > 0 {
		note += " " + sh.words.Say("run.log.share", "names", strings.Join(names, ", "))
	}
	sh.page.ByID("share-note").SetText(note)
	sh.page.ByID("save-note").SetText("")
	sh.page.ByID("share-link").Set("value", sh.address())
	sh.prepare.open()
	sh.page.ByID("share").Call("showModal")
	sh.page.ByID("share-link").Call("select")
}

// address is the link to the moment that was shared last.
func (sh *share) address() string {
	where := sh.page.Window.Get("location")
	return where.Get("origin").String() + where.Get("pathname").String() + "#" + sh.link.shown
}

// copyLink copies the link, or has the user do so.
func (sh *share) copyLink() {
	sh.page.Copy(sh.page.ByID("share-link"), func(copied bool) {
		key := "share.manual"
		if copied {
			key = "share.copied"
		}
		sh.page.ByID("share-note").SetText(sh.words.Say(key))
	})
}

// save gives the picture or the measures to the browser as a file. Nothing
// leaves the computer.
func (sh *share) save(kind string) {
	switch kind {
	case "svg":
		sh.download(sh.page.Blob(sh.pictureFile(), "image/svg+xml"), "svg")
	case "png":
		sh.savePNG()
	case "csv":
		sh.download(sh.page.Blob(sh.measuresFile(), "text/csv"), "csv")
	}
}

// pictureFile is what the frame shows, with a caption that holds the link.
func (sh *share) pictureFile() []byte {
	var p picture.Picture
	p.Caption(&sh.screen.picture, sh.caption(), sh.address(), sh.screen.frame.Font)
	return picture.AppendSVG(nil, &p, sh.screen.theme)
}

// print puts the picture on the page as it is printed: in light colours, with the link.
func (sh *share) print() {
	sh.link.amend()
	var p picture.Picture
	p.Caption(&sh.screen.picture, sh.caption(), sh.address(), sh.screen.frame.Font)
	sh.page.ByID("printed").SetMarkup(string(picture.AppendSVG(nil, &p, picture.Light())))
}

// caption says what the picture is of, in a line.
func (sh *share) caption() string {
	step := sh.lab.Run.StepCount()
	return sh.words.Say(sh.words.Form("save.caption", step), "view", sh.words.Say("param.view."+sh.screen.viewName()), "run", view.RunName(sh.lab, sh.words),
		"step", words.Count(float64(step)), "prompt", read.Quoted(sh.lab.Problem.Prompts[sh.lab.Prompt()].Text))
}

// measuresFile is the history of all runs: the experiment's own, those that it
// is compared with, and those that the view shows beside it.
func (sh *share) measuresFile() []byte {
	var records []core.Record
	for _, l := range slices.Concat([]*core.Lab{sh.lab}, sh.versus.runs(), sh.screen.view().Runs()) {
		there := func(r core.Record) bool { return r.Lab == l || r.Lab.Experiment.Settings == l.Experiment.Settings }
		if !slices.ContainsFunc(records, there) {
			records = append(records, core.Record{Name: view.RunName(l, sh.words), Lab: l})
		}
	}
	return core.AppendCSV(nil, records)
}

// pngScale is how many pixels of the image there are to one of the page.
const pngScale = 2

// savePNG has the browser draw the picture.
func (sh *share) savePNG() {
	svg := sh.pictureFile()
	go func() {
		blob, err := sh.page.DrawPNG(svg, pngScale)
		if err != nil {
			sh.page.ByID("save-note").SetText(sh.words.Say("save.failed"))
			return
		}
		sh.download(blob, "png")
	}()
}

// download offers a blob as a file, named after the experiment and the moment.
func (sh *share) download(blob js.Value, ending string) {
	name := "dpo-" + sh.lab.Experiment.Preset + "-" + sh.screen.viewName() + "-step" + strconv.Itoa(sh.lab.Run.StepCount()) + "." + ending
	sh.page.Download(blob, name)
	sh.page.ByID("save-note").SetText(sh.words.Say("save.done", "name", name))
}
