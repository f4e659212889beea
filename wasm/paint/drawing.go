//go:build js

package paint

import (
	"syscall/js"

	"dpoplayground/scenes/picture"
)

// A drawing is a picture's marks as SVG, for where there is no WebGL.
type drawing struct {
	box    js.Value
	parser js.Value
	svg    []byte
}

// Draw shows the picture's marks as SVG under the layer, in place of the
// canvas. Show shows the rest, as it does over a canvas.
func (l *Layer) Draw(p *picture.Picture) {
	d := &l.drawing
	if !d.box.Truthy() {
		l.startDrawing()
	}
	marks := *p
	marks.Labels = nil
	d.svg = picture.AppendSVG(d.svg[:0], &marks, nil)
	parsed := d.parser.Call("parseFromString", string(d.svg), "image/svg+xml")
	d.box.Call("replaceChildren", l.document.Call("importNode", parsed.Get("documentElement"), true))
}

func (l *Layer) startDrawing() {
	d := &l.drawing
	d.box = l.document.Call("createElement", "div")
	d.box.Set("className", "drawing")
	d.box.Call("setAttribute", "aria-hidden", "true")
	l.box.Get("parentNode").Call("insertBefore", d.box, l.box)
	d.parser = js.Global().Get("DOMParser").New()
	if canvas := l.document.Call("querySelector", "canvas"); canvas.Truthy() {
		canvas.Set("hidden", true)
	}
}
