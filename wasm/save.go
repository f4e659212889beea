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
		a.download(a.blob(a.pictureFile(), "image/svg+xml"), "svg")
	case "png":
		a.savePNG()
	case "csv":
		a.download(a.blob(a.measuresFile(), "text/csv"), "csv")
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
	view := core.Params()[core.ViewChoice].Choices[int(a.lab.Experiment.Settings[core.ViewChoice])]
	step := a.lab.Run.StepCount()
	return a.words.Say(a.words.Form("save.caption", step), "view", a.words.Say("param.view."+view), "run", a.runName(a.lab),
		"step", scenes.Count(float64(step)), "prompt", scenes.Quoted(a.lab.Problem.Prompts[a.lab.Prompt()].Text))
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

// blob hands bytes to the browser.
func (a *app) blob(file []byte, kind string) js.Value {
	array := js.Global().Get("Uint8Array").New(len(file))
	js.CopyBytesToJS(array, file)
	return a.page.window.Get("Blob").New([]any{array}, map[string]any{"type": kind})
}

// pngScale is how many pixels of the image there are to one of the page.
const pngScale = 2

// savePNG has the browser draw the SVG.
func (a *app) savePNG() {
	where := a.page.window.Get("URL").Call("createObjectURL", a.blob(a.pictureFile(), "image/svg+xml"))
	picture := a.page.window.Get("Image").New()
	picture.Set("src", where)
	go func() {
		defer a.page.window.Get("URL").Call("revokeObjectURL", where)
		if _, err := await(picture.Call("decode")); err != nil {
			a.page.get("save-note").setText(a.words.Say("save.failed"))
			return
		}
		canvas := a.page.document.Call("createElement", "canvas")
		w, h := pngScale*picture.Get("naturalWidth").Int(), pngScale*picture.Get("naturalHeight").Int()
		canvas.Set("width", w)
		canvas.Set("height", h)
		canvas.Call("getContext", "2d").Call("drawImage", picture, 0, 0, w, h)
		var done js.Func
		done = js.FuncOf(func(_ js.Value, args []js.Value) any {
			a.download(args[0], "png")
			done.Release()
			return nil
		})
		canvas.Call("toBlob", done, "image/png")
	}()
}

// download offers a blob as a file, named after the experiment and the moment.
func (a *app) download(blob js.Value, ending string) {
	s := &a.lab.Experiment.Settings
	view := core.Params()[core.ViewChoice].Choices[int(s[core.ViewChoice])]
	link := a.page.document.Call("createElement", "a")
	where := a.page.window.Get("URL").Call("createObjectURL", blob)
	name := "dpo-" + a.lab.Experiment.Preset + "-" + view + "-step" + strconv.Itoa(a.lab.Run.StepCount()) + "." + ending
	link.Set("href", where)
	link.Set("download", name)
	link.Call("click")
	a.page.get("save-note").setText(a.words.Say("save.done", "name", name))
	js.Global().Call("setTimeout", js.FuncOf(func(js.Value, []js.Value) any {
		a.page.window.Get("URL").Call("revokeObjectURL", where)
		return nil
	}), 60_000)
}
