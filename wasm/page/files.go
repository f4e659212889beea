//go:build js

package page

import "syscall/js"

// Blob hands bytes to the browser.
func (p *Page) Blob(file []byte, kind string) js.Value {
	array := js.Global().Get("Uint8Array").New(len(file))
	js.CopyBytesToJS(array, file)
	return p.Window.Get("Blob").New([]any{array}, map[string]any{"type": kind})
}

// Download offers a blob as a file. It never leaves the computer.
func (p *Page) Download(blob js.Value, name string) {
	link := p.Document.Call("createElement", "a")
	where := p.Window.Get("URL").Call("createObjectURL", blob)
	link.Set("href", where)
	link.Set("download", name)
	link.Call("click")
	var forget js.Func
	forget = js.FuncOf(func(js.Value, []js.Value) any {
		p.Window.Get("URL").Call("revokeObjectURL", where)
		forget.Release()
		return nil
	})
	js.Global().Call("setTimeout", forget, 60_000)
}

// DrawPNG has the browser draw an SVG, with scale pixels of the image to one of
// the page. It waits, as Await does.
func (p *Page) DrawPNG(svg []byte, scale int) (js.Value, error) {
	where := p.Window.Get("URL").Call("createObjectURL", p.Blob(svg, "image/svg+xml"))
	defer p.Window.Get("URL").Call("revokeObjectURL", where)
	picture := p.Window.Get("Image").New()
	picture.Set("src", where)
	if _, err := Await(picture.Call("decode")); err != nil {
		return js.Value{}, err
	}
	canvas := p.Document.Call("createElement", "canvas")
	w, h := scale*picture.Get("naturalWidth").Int(), scale*picture.Get("naturalHeight").Int()
	canvas.Set("width", w)
	canvas.Set("height", h)
	canvas.Call("getContext", "2d").Call("drawImage", picture, 0, 0, w, h)
	done := make(chan js.Value, 1)
	take := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- args[0]
		return nil
	})
	defer take.Release()
	canvas.Call("toBlob", take, "image/png")
	return <-done, nil
}

// Copy puts the text of a control on the clipboard and calls done with whether
// it is there. Where the browser does not let a page copy, as on plain http in a
// local network, the text is selected.
func (p *Page) Copy(box *Element, done func(copied bool)) {
	box.Call("focus")
	box.Call("select")
	clipboard := p.Window.Get("navigator").Get("clipboard")
	if !clipboard.Truthy() {
		done(false)
		return
	}
	result := clipboard.Call("writeText", box.Get("value"))
	go func() {
		_, err := Await(result)
		done(err == nil)
	}()
}
