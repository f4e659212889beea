//go:build js

// Command wasm is the playground in the browser. It runs in a frame of the
// page, draws into it with Ebitengine, and reads and writes the page's native
// controls. The state is here; the page only asks for changes and shows them.
package main

import (
	"syscall/js"

	"dpoplayground/assets"
	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/paint"

	"github.com/hajimehoshi/ebiten/v2"
)

func main() {
	catalogue, built := assets.Catalogue("en")
	words, err := scenes.ParseWords(catalogue)
	if err != nil || !built {
		panic("the program has no sentences: build it with go run . in the playground's folder")
	}
	a := newApp(pageWords(words))
	a.begin()
	if hasWebGL() {
		a.stage = paint.NewStage(a.tick, a.draw)
		if a.stage.Run() == nil {
			return
		}
		a.stage = nil
	}
	a.say("graphics.none")
	a.runWithoutWebGL()
}

// hasWebGL tells whether Ebitengine can draw here.
func hasWebGL() bool {
	canvas := js.Global().Get("document").Call("createElement", "canvas")
	return canvas.Call("getContext", "webgl2").Truthy()
}

// draw prints the picture that tick has made.
func (a *app) draw(screen *ebiten.Image) {
	if a.painter == nil {
		a.painter = paint.NewPainter()
	}
	a.painter.Draw(screen, &a.show.picture, a.theme, a.stage.Scale())
}

// svgInterval is the time between two pictures where there is no WebGL, in
// milliseconds: an SVG of two thousand grains is heavy work for a browser.
const svgInterval = 90

// runWithoutWebGL runs for ever: everything works, the picture is SVG.
func (a *app) runWithoutWebGL() {
	last, stale := 0.0, false
	var frame js.Func
	frame = js.FuncOf(func(_ js.Value, args []js.Value) any {
		now := args[0].Float()
		stale = a.tick(now) || stale
		if stale && now-last >= svgInterval {
			a.layer.Draw(&a.show.picture)
			last, stale = now, false
		}
		js.Global().Call("requestAnimationFrame", frame)
		return nil
	})
	js.Global().Call("requestAnimationFrame", frame)
	select {}
}

// An app ties the lab to the page.
type app struct {
	words   scenes.Words
	presets []core.Preset
	lab     *core.Lab
	page    *page
	theme   *scenes.Theme
	stage   *paint.Stage // nil without WebGL
	painter *paint.Painter
	layer   *paint.Layer

	show    show
	clock   clock
	mass    mass
	card    card
	link    link
	readout readout
	charts  charts
	plane   plane
	ledger  ledger
	files   files
	versus  versus
	slow    slow

	sections   string // those open in the page, joined by dots; ? until that is known
	presenting bool
	pace       pace
	fresh      bool // the lab stands where the page does not show it yet
}

func newApp(words scenes.Words) *app {
	scenes.NameObjectives(words)
	scenes.UseNumbers(words)
	a := &app{words: words, page: newPage(), sections: "?"}
	a.presets = core.Presets(func(key string) string { return words.Say(key) })
	a.show = show{views: newViews(), shown: -1}
	a.mass.view = scenes.NewMassView(words)
	a.mass.state.Focus = -1
	a.mass.grains = scenes.NewGrains()
	return a
}

// begin reads the link and takes over the page.
func (a *app) begin() {
	a.watchTheme()
	document := js.Global().Get("document")
	a.layer = paint.NewLayer(document, document.Get("body"), a.onTarget)
	a.card.make(a, document)
	a.listPresets()
	a.listObjectives()
	fragment := a.page.playground.Get("fragment").String()
	a.open(fragment)
	a.link.shown = fragment
	a.page.playground.Call("ready", js.FuncOf(func(_ js.Value, args []js.Value) any {
		a.handle(args[0].String(), args[1])
		return nil
	}))
}

// open starts the experiment of a link's fragment, saying what of it cannot be
// used.
func (a *app) open(fragment string) {
	e, complaints := core.ParseLink(fragment, a.presets)
	lab, c := core.NewLab(a.presets, e)
	if c != nil {
		complaints = append(complaints, c)
		start := a.presets[0].Start()
		lab, _ = core.NewLab(a.presets, start)
	}
	a.clock.playing = false
	a.lab = lab
	a.page.clearMessages()
	for _, c := range complaints {
		a.complain(c)
	}
	if e.File != nil {
		a.missFile(e.File)
	}
	a.changed()
}

// set changes the experiment, or says why it cannot.
func (a *app) set(e core.Experiment) bool {
	if c := a.lab.Set(e); c != nil {
		a.complain(c)
		a.syncControls()
		return false
	}
	a.changed()
	return true
}

// changed brings everything that follows the experiment up to date.
func (a *app) changed() {
	a.fresh = true
	a.syncVersus()
	a.syncView()
	a.syncControls()
	a.syncSections()
	a.readout.stale = true
	a.wake()
}

func (a *app) wake() {
	if a.stage != nil {
		a.stage.Wake()
	}
}

// watchTheme follows the system from light to dark.
func (a *app) watchTheme() {
	query := a.page.window.Call("matchMedia", "(prefers-color-scheme: dark)")
	follow := func(dark bool) {
		a.theme = scenes.Light()
		if dark {
			a.theme = scenes.Dark()
		}
		a.show.stale = true
		a.wake()
	}
	follow(query.Get("matches").Bool())
	query.Call("addEventListener", "change", js.FuncOf(func(_ js.Value, args []js.Value) any {
		follow(args[0].Get("matches").Bool())
		return nil
	}))
	still := a.page.window.Call("matchMedia", "(prefers-reduced-motion: reduce)")
	a.mass.grains.Jump = still.Get("matches").Bool()
	still.Call("addEventListener", "change", js.FuncOf(func(_ js.Value, args []js.Value) any {
		a.mass.grains.Jump = args[0].Get("matches").Bool()
		return nil
	}))
}
