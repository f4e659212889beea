//go:build js

package main

import (
	"strconv"
	"syscall/js"

	"github.com/hajimehoshi/ebiten/v2"

	"dpoplayground/core"
	"dpoplayground/scenes/picture"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/paint"
	"dpoplayground/wasm/view"
)

// screen is what the frame shows: one of the views.
type screen struct {
	*app
	stage   *paint.Stage // nil without WebGL
	painter *paint.Painter
	layer   *paint.Layer
	theme   *picture.Theme

	views   view.Views
	chosen  int // −1 before the first
	picture picture.Picture
	frame   view.Frame // of the picture
	body    js.Value
	fresh   bool // the lab stands where the picture does not show it yet
	stale   bool // the picture must be made anew although the lab has not moved

	presenting bool
}

func newScreen(a *app) *screen {
	sc := &screen{app: a, chosen: -1, views: view.New(a.host, a.voice)}
	sc.body = js.Global().Get("document").Get("body")
	sc.layer = paint.NewLayer(js.Global().Get("document"), sc.body, sc.onTarget)
	return sc
}

func (sc *screen) register(on *handlers) {
	on.do["view"] = func(tab js.Value) { sc.chooseView(page.Data(tab, "value")) }
	on.do["present"] = func(js.Value) { sc.askPresent(!sc.presenting) }
	on.do["skip"] = func(js.Value) { sc.page.First("#stage iframe").Call("focus") }
	on.do["message-close"] = func(button js.Value) { button.Call("closest", "p").Call("remove") }
	on.do["start-reference"] = func(js.Value) { sc.views.Landscape.StartAtReference() }
	on.change["betas"] = func(input js.Value) { sc.views.Betas.ChooseTyped(input.Get("value").String()) }
	on.change["corner"] = func(list js.Value) {
		sc.views.Landscape.ChooseCorner(list.Get("id").String(), list.Get("selectedIndex").Int())
	}
	on.keys = append(on.keys, sc.turnTab, sc.onKey)
	on.shows(func() { sc.page.ByID("start-note").SetHidden(sc.lab.Experiment.Start == nil) }, theStart)
	sc.watchTheme()
}

// watchTheme follows the system from light to dark, and its wish for stillness.
func (sc *screen) watchTheme() {
	sc.page.Follow("(prefers-color-scheme: dark)", func(dark bool) {
		sc.theme = picture.Light()
		if dark {
			sc.theme = picture.Dark()
		}
		sc.stale = true
		sc.wake()
	})
	sc.page.Follow("(prefers-reduced-motion: reduce)", func(still bool) { sc.views.Mass.Still = still })
}

// run shows the pictures, for ever.
func (sc *screen) run() {
	sc.stage = paint.NewStage(sc.clock.tick, sc.draw)
	if sc.stage.Run() == nil {
		return
	}
	sc.stage = nil
	sc.voice.Announce("graphics.none")
	sc.runWithoutWebGL()
}

// draw prints the picture that tick has made.
func (sc *screen) draw(screen *ebiten.Image) {
	if sc.painter == nil {
		sc.painter = paint.NewPainter()
	}
	sc.painter.Draw(screen, &sc.picture, sc.theme, sc.stage.Scale())
}

// svgInterval is the time between two pictures where there is no WebGL, in
// milliseconds: an SVG of two thousand grains is heavy work for a browser.
const svgInterval = 90

// runWithoutWebGL runs for ever: everything works, the picture is SVG.
func (sc *screen) runWithoutWebGL() {
	last, stale := 0.0, false
	var frame js.Func
	frame = js.FuncOf(func(_ js.Value, args []js.Value) any {
		now := args[0].Float()
		stale = sc.clock.tick(now) || stale
		if stale && now-last >= svgInterval {
			sc.layer.Draw(&sc.picture)
			last, stale = now, false
		}
		if stale {
			sc.markSettled(false)
		}
		js.Global().Call("requestAnimationFrame", frame)
		return nil
	})
	js.Global().Call("requestAnimationFrame", frame)
	select {}
}

// markSettled notes on the page whether it shows all that the lab holds and
// nothing is left to do.
func (sc *screen) markSettled(settled bool) {
	sc.page.ByID("stage").SetAttr("data-settled", strconv.FormatBool(settled))
}

// rest says that the page has settled, and has no frames made until it wakes.
func (sc *screen) rest() {
	sc.markSettled(true)
	if sc.stage != nil {
		sc.stage.Sleep()
	}
}

// wake has frames made again, where nothing had moved.
func (sc *screen) wake() {
	sc.markSettled(false)
	if sc.stage != nil {
		sc.stage.Wake()
	}
}

// view returns the one that is shown.
func (sc *screen) view() view.View { return sc.views.All[max(0, sc.chosen)] }

// is tells whether the view of a core.ViewChoice is shown.
func (sc *screen) is(choice int) bool { return sc.chosen == choice }

// sideBySide returns the view of several β if it is the one that is shown.
func (sc *screen) sideBySide() *view.Betas {
	if sc.is(core.ViewBetas) {
		return sc.views.Betas
	}
	return nil
}

// sync shows the view that the experiment is looked at by.
func (sc *screen) sync() {
	if chosen := int(sc.lab.Experiment.Settings[core.ViewChoice]); chosen != sc.chosen {
		if sc.chosen >= 0 {
			sc.view().Leave()
		}
		sc.chosen = chosen
		sc.markTab(sc.viewName())
	}
	sc.view().Enter()
	sc.stale = true
}

func (sc *screen) viewName() string { return core.Params()[core.ViewChoice].Choices[sc.chosen] }

// markTab marks the tab of the view that is shown.
func (sc *screen) markTab(name string) {
	sc.page.Document.Get("documentElement").Get("dataset").Set("view", name)
	sc.page.ByID("stage").SetAttr("aria-labelledby", "tab-"+name)
	sc.page.ByID("picture-name").SetText(sc.words.Say("view." + name + ".question"))
	for _, tab := range sc.page.All("[role=tab]") {
		chosen := page.Data(tab.Value, "value") == name
		tab.Call("setAttribute", "aria-selected", chosen)
		tab.Set("tabIndex", map[bool]int{true: 0, false: -1}[chosen])
		if chosen {
			page.Show(tab.Value)
		}
	}
}

// turnTab chooses the tab beside the one that has the focus, and tells whether
// the key was for that.
func (sc *screen) turnTab(event js.Value) bool {
	tab := event.Get("target")
	sibling := map[string]string{"ArrowRight": "nextElementSibling", "ArrowLeft": "previousElementSibling"}[event.Get("key").String()]
	if sibling == "" || page.Data(tab, "do") != "view" {
		return false
	}
	if next := tab.Get(sibling); next.Truthy() {
		sc.chooseView(page.Data(next, "value"))
		next.Call("focus")
	}
	return true
}

// chooseView shows another view.
func (sc *screen) chooseView(name string) { sc.controls.setTyped(core.ViewChoice, name) }

// onKey shows the page large at p, where letters mean nothing to what has the focus.
func (sc *screen) onKey(event js.Value) bool {
	on := event.Get("target").Get("tagName").String()
	if event.Get("key").String() != "p" || on != "BODY" && on != "BUTTON" {
		return false
	}
	sc.askPresent(!sc.presenting)
	return true
}

// askPresent has the page shown large, or as it was, as the link then says as well.
func (sc *screen) askPresent(on bool) {
	if e := sc.lab.Experiment; e.View.Present != on {
		e.View.Present = on
		sc.host.Set(e)
		sc.link.amend()
	}
}

// present shows the page large, for a room, or as it was.
func (sc *screen) present(on bool) {
	if on == sc.presenting {
		return
	}
	sc.presenting = on
	sc.page.Document.Get("documentElement").Get("classList").Call("toggle", "presenting", on)
	sc.page.First("[data-do=present]").Call("setAttribute", "aria-pressed", on)
	sc.frame.W = 0 // its text is of another size now, whether its frame is or not
}

// update makes a new picture if anything in it changed, and tells whether it
// did.
func (sc *screen) update(now float64) bool {
	f := &sc.frame
	f.Now = now
	w, h := float32(sc.body.Get("clientWidth").Float()), float32(sc.body.Get("clientHeight").Float())
	if w != f.W || h != f.H {
		f.W, f.H, f.Font, sc.stale = w, h, sc.page.FontSize(), true
	}
	if sc.fresh {
		sc.refresh(now)
	}
	if !sc.stale && !sc.view().Moving(now) {
		return false
	}
	sc.stale = false
	if w < 1 || h < 1 {
		return false
	}
	sc.view().Draw(&sc.picture, *f)
	sc.layer.Show(&sc.picture, sc.theme)
	sc.page.ByID("opening").SetHidden(true)
	return true
}

// refresh reads where the lab stands into the picture's data.
func (sc *screen) refresh(now float64) {
	sc.fresh = false
	sc.lab.Meter.ReadPrompt(sc.lab.Run.Policy(), sc.lab.Prompt())
	sc.views.Mass.Follow(now, sc.is(core.ViewMass))
	sc.view().Refresh(now)
	sc.stale, sc.readout.stale = true, true
}

// onTarget follows what happens to a target of the picture.
func (sc *screen) onTarget(event string, id int, x, y float32) {
	sc.wake()
	sc.view().OnTarget(event, id, x, y)
}
