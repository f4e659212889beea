//go:build js

package paint

import (
	"errors"
	"syscall/js"

	"github.com/hajimehoshi/ebiten/v2"
)

// A Stage runs Ebitengine so that it draws only when there is something new:
// an animation frame in which nothing changed costs two callbacks and no drawing.
type Stage struct {
	update func(nowMS float64) (dirty bool)
	draw   func(screen *ebiten.Image)
	canvas js.Value
	scale  float64
	fitted bool
	asleep bool
	frame  js.Func
}

// NewStage makes a stage on Ebitengine's canvas, of which the document has
// exactly one. Update is called once an animation frame with the time in
// milliseconds; draw follows when update says that the picture is dirty, and
// when the window has been resized. Neither may block.
func NewStage(update func(nowMS float64) (dirty bool), draw func(screen *ebiten.Image)) *Stage {
	return &Stage{update: update, draw: draw, canvas: js.Global().Get("document").Call("querySelector", "canvas")}
}

// Run tames the canvas and runs for ever. Its error says why Ebitengine cannot
// draw here: there is no WebGL. Then update is no longer called, and pictures can
// be shown with [Layer.Draw].
func (s *Stage) Run() error {
	// Ebitengine gets the same context. Asked to run where there is none, it would
	// fall over when the window is resized.
	if !s.canvas.Call("getContext", "webgl2").Truthy() {
		return errors.New("paint: there is no WebGL")
	}
	s.scale = ebiten.Monitor().DeviceScaleFactor()
	tame(js.Global().Get("document"))
	//lint:ignore SA1019 Nothing else keeps Ebitengine from asking the page for its
	// size and for gamepads in every frame and, once nothing has been drawn for four
	// frames, from waiting a sixtieth of a second before the next.
	ebiten.SetFPSMode(ebiten.FPSModeVsyncOffMinimum)
	ebiten.SetTPS(ebiten.SyncWithFPS)
	js.Global().Call("addEventListener", "resize", js.FuncOf(func(js.Value, []js.Value) any {
		s.fit() // Ebitengine has been listening for longer, and has set the canvas's new size
		s.Wake()
		return nil
	}))
	s.frame = js.FuncOf(func(_ js.Value, args []js.Value) any {
		s.tick(args[0].Float())
		return nil
	})
	s.request() // before Ebitengine does, see tick
	defer s.Sleep()
	return ebiten.RunGameWithOptions(stageGame{s}, &ebiten.RunGameOptions{InitUnfocused: true})
}

// Scale is the number of canvas pixels to a page pixel.
func (s *Stage) Scale() float64 { return s.scale }

// Sleep stops the updates while nothing is to be done.
func (s *Stage) Sleep() { s.asleep = true }

// Wake resumes what Sleep stopped.
func (s *Stage) Wake() { s.asleep = false }

func (s *Stage) request() { js.Global().Call("requestAnimationFrame", s.frame) }

// tick runs in every animation frame, asleep or not: a browser calls back in the
// order in which it was asked, and only what asks before Ebitengine, from the
// first frame on, has the canvas drawn in the same frame in which update changes
// the page. Otherwise what is written over the canvas would be a frame ahead.
func (s *Stage) tick(nowMS float64) {
	s.request()
	if !s.asleep && s.update(nowMS) {
		ebiten.ScheduleFrame() //lint:ignore SA1019 It belongs to FPSModeVsyncOffMinimum, see Run.
	}
}

// fit makes a canvas pixel exactly one screen pixel: Ebitengine rounds the
// size down to whole canvas pixels and then stretches them over the body.
func (s *Stage) fit() {
	s.fitted = true
	style := s.canvas.Get("style")
	style.Set("width", pixels(s.canvas.Get("width").Float()/s.scale))
	style.Set("height", pixels(s.canvas.Get("height").Float()/s.scale))
}

// stageGame is what Ebitengine sees of a stage.
type stageGame struct{ *Stage }

func (stageGame) Update() error { return nil }

func (g stageGame) Draw(screen *ebiten.Image) { g.draw(screen) }

func (stageGame) Layout(int, int) (int, int) { panic("paint: LayoutF is there") }

// LayoutF makes one screen pixel of Ebitengine one of the canvas.
func (g stageGame) LayoutF(w, h float64) (float64, float64) {
	if !g.fitted {
		g.fit()
	}
	return w * g.scale, h * g.scale
}

// tame takes from Ebitengine's canvas what it would take from the page: it is
// not focused, so that Tab passes it by and keys keep their meaning, and no
// pointer reaches it, so that the page scrolls and buttons over it are pressed.
// Its listeners stay, and hear nothing.
func tame(document js.Value) {
	canvas := document.Call("querySelector", "canvas")
	canvas.Call("removeAttribute", "tabindex")
	canvas.Call("setAttribute", "aria-hidden", "true")
	canvas.Get("style").Set("pointerEvents", "none")
}
