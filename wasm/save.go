//go:build js

package main

import (
	"slices"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// save gives the picture or the measures to the browser as a file. Nothing
// leaves the computer.
func (a *app) save(kind string) {
	switch kind {
	case "svg":
		a.download(a.page.Blob(a.pictureFile(), "image/svg+xml"), "svg")
	case "png":
		a.savePNG()
	case "csv":
		a.download(a.page.Blob(a.measuresFile(), "text/csv"), "csv")
	}
}

// pictureFile is what the frame shows, with a caption that holds the link.
func (a *app) pictureFile() []byte {
	var p scenes.Picture
	p.Caption(&a.show.picture, a.caption(), a.address(), a.show.font)
	return scenes.AppendSVG(nil, &p, a.theme)
}

// caption says what the picture is of, in a line.
func (a *app) caption() string {
	step := a.lab.Run.StepCount()
	return a.words.Say(plural("save.caption", step), "view", a.words.Say("param.view."+a.viewName()), "run", a.runName(a.lab),
		"step", scenes.Count(float64(step)), "prompt", scenes.Quoted(a.lab.Problem.Prompts[a.lab.Prompt()].Text))
}

func (a *app) viewName() string {
	return core.Params()[core.ViewChoice].Choices[int(a.lab.Experiment.Settings[core.ViewChoice])]
}

// measuresFile is the history of all runs: the experiment's own, those that it
// is compared with, and those that the view shows beside it.
func (a *app) measuresFile() []byte {
	var records []core.Record
	for _, l := range slices.Concat([]*core.Lab{a.lab}, a.versus.runs(), a.show.view().runs()) {
		there := func(r core.Record) bool { return r.Lab == l || r.Lab.Experiment.Settings == l.Experiment.Settings }
		if !slices.ContainsFunc(records, there) {
			records = append(records, core.Record{Name: a.runName(l), Lab: l})
		}
	}
	return core.AppendCSV(nil, records)
}

// runs are the lanes that can be run.
func (v *raceView) runs() (labs []*core.Lab) {
	for _, l := range v.race.Lanes {
		if l != nil {
			labs = append(labs, l)
		}
	}
	return labs
}

// pngScale is how many pixels of the image there are to one of the page.
const pngScale = 2

// savePNG has the browser draw the picture.
func (a *app) savePNG() {
	svg := a.pictureFile()
	go func() {
		blob, err := a.page.DrawPNG(svg, pngScale)
		if err != nil {
			a.page.ByID("save-note").SetText(a.words.Say("save.failed"))
			return
		}
		a.download(blob, "png")
	}()
}

// download offers a blob as a file, named after the experiment and the moment.
func (a *app) download(blob js.Value, ending string) {
	name := "dpo-" + a.lab.Experiment.Preset + "-" + a.viewName() + "-step" + strconv.Itoa(a.lab.Run.StepCount()) + "." + ending
	a.page.Download(blob, name)
	a.page.ByID("save-note").SetText(a.words.Say("save.done", "name", name))
}
