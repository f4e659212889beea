//go:build js

// Package page is the document around the frame: elements that are found once
// and touched only where they change, lists, messages, promises, and what the
// browser does with files. It knows nothing of experiments. It imports
// syscall/js and the standard library.
package page

import (
	"strconv"
	"syscall/js"
)

// A Page is the document around the frame. It keeps the elements it has found
// and what they show, so that the document is touched only for changes.
type Page struct {
	Window, Document js.Value
	Playground       js.Value // the page's own script
	mostMessages     int      // at a time
	found            map[string]*Element
	lists            map[string][]*Element // by selector
}

// New returns the page of the frame that the program runs in, which shows so many
// messages at a time.
func New(mostMessages int) *Page {
	window := js.Global().Get("parent")
	return &Page{Window: window, Document: window.Get("document"), Playground: window.Get("playground"),
		mostMessages: mostMessages, found: map[string]*Element{}, lists: map[string][]*Element{}}
}

// ByID returns the element with an id.
func (p *Page) ByID(id string) *Element {
	e := p.found[id]
	if e == nil {
		e = &Element{Value: p.Document.Call("getElementById", id)}
		p.found[id] = e
	}
	return e
}

// First returns the first element that a selector matches, which may be null.
func (p *Page) First(selector string) js.Value { return p.Document.Call("querySelector", selector) }

// All returns the elements that a selector matched when it was first asked for.
func (p *Page) All(selector string) []*Element {
	list, known := p.lists[selector]
	if !known {
		found := p.Document.Call("querySelectorAll", selector)
		for i := range found.Length() {
			list = append(list, &Element{Value: found.Index(i)})
		}
		p.lists[selector] = list
	}
	return list
}

// Each calls f with the elements that a selector matches now.
func (p *Page) Each(selector string, f func(e js.Value)) {
	found := p.Document.Call("querySelectorAll", selector)
	for i := range found.Length() {
		f(found.Index(i))
	}
}

// WriteOut writes a text into every element that data-out gives this name.
func (p *Page) WriteOut(name, text string) {
	for _, e := range p.All(`[data-out="` + name + `"]`) {
		e.SetText(text)
	}
}

// Make appends a new element to another.
func (p *Page) Make(parent js.Value, tag, class string) js.Value {
	return Make(p.Document, parent, tag, class)
}

// Make appends a new element of a document to another.
func Make(document, parent js.Value, tag, class string) js.Value {
	e := document.Call("createElement", tag)
	if class != "" {
		e.Set("className", class)
	}
	parent.Call("append", e)
	return e
}

// Button appends a button with a text, and with a name for those who cannot see
// it, that does what data-do says.
func (p *Page) Button(parent js.Value, do, text, name string) js.Value {
	button := p.Make(parent, "button", "")
	button.Set("type", "button")
	button.Set("textContent", text)
	button.Call("setAttribute", "aria-label", name)
	button.Get("dataset").Set("do", do)
	return button
}

// Fill gives a list, or a group of one, choices in place of those it has: their
// texts, and their values where these are others.
func Fill(list js.Value, texts, values []string) {
	option := list.Get("ownerDocument").Get("defaultView").Get("Option")
	choices := make([]any, len(texts))
	for i, text := range texts {
		if values == nil {
			choices[i] = option.New(text)
		} else {
			choices[i] = option.New(text, values[i])
		}
	}
	list.Call("replaceChildren", choices...)
}

// Rows makes a table's body have n rows, made by addRow, and returns them.
func (p *Page) Rows(table string, n int, addRow func(row js.Value)) js.Value {
	body := p.ByID(table).Call("querySelector", "tbody")
	for body.Get("children").Length() > n {
		body.Get("lastElementChild").Call("remove")
	}
	for body.Get("children").Length() < n {
		addRow(p.Make(body, "tr", ""))
	}
	return body.Get("children")
}

// Address returns the page's address with a fragment, or without one.
func (p *Page) Address(fragment string) string {
	if fragment != "" {
		return "#" + fragment
	}
	where := p.Window.Get("location")
	return where.Get("pathname").String() + where.Get("search").String()
}

// FontSize returns the size of the page's text in pixels.
func (p *Page) FontSize() float32 {
	style := p.Window.Call("getComputedStyle", p.Document.Get("documentElement"))
	return float32(js.Global().Call("parseFloat", style.Get("fontSize")).Float())
}

// Follow calls f with whether a media query holds, now and whenever that
// changes.
func (p *Page) Follow(query string, f func(holds bool)) {
	media := p.Window.Call("matchMedia", query)
	media.Call("addEventListener", "change", js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(args[0].Get("matches").Bool())
		return nil
	}))
	f(media.Get("matches").Bool())
}

// Show scrolls as little as brings an element into sight.
func Show(element js.Value) {
	element.Call("scrollIntoView", map[string]any{"block": "nearest", "inline": "nearest"})
}

// Message shows a sentence until it is closed: at the control of the field that it is
// about, if that is in sight, and else in a corner of the page.
func (p *Page) Message(text, class, closing, field string) {
	var line js.Value
	if control := p.controlOf(field); control.Truthy() {
		line = p.Make(control.Get("parentElement"), "p", "fault")
		line.Call("setAttribute", "role", "alert")
	} else {
		box := p.ByID("messages")
		for n := box.Get("children").Length(); n >= p.mostMessages; n-- {
			box.Get("firstElementChild").Call("remove")
		}
		line = p.Make(box.Value, "p", class)
	}
	p.Make(line, "span", "").Set("textContent", text)
	p.Button(line, "message-close", "×", closing)
	line.Get("dataset").Set("field", field)
}

// controlOf returns the control that a field is typed or chosen in, if it is in sight.
func (p *Page) controlOf(field string) js.Value {
	if field != "" {
		control := p.Document.Call("querySelector", p.having("param", field))
		if control.Truthy() && control.Call("checkVisibility").Bool() {
			return control
		}
	}
	return js.Null()
}

// Retract takes back what was said about a field.
func (p *Page) Retract(field string) { p.retract(p.having("field", field)) }

// having is the selector of what has a value, be it of whatever characters, in a data
// attribute.
func (p *Page) having(attribute, value string) string {
	return `[data-` + attribute + `="` + p.Window.Get("CSS").Call("escape", value).String() + `"]`
}

// ClearMessages takes back everything that was said.
func (p *Page) ClearMessages() { p.retract("") }

func (p *Page) retract(condition string) {
	lines := p.Document.Call("querySelectorAll", "#messages > p"+condition+", .fault"+condition)
	for i := range lines.Length() {
		lines.Index(i).Call("remove")
	}
}

// Data returns an element's data attribute, or "".
func Data(el js.Value, name string) string {
	set := el.Get("dataset")
	if !set.Truthy() {
		return ""
	}
	v := set.Get(name)
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}

// Row returns the row of a table that a control stands in, from its data-row.
func Row(el js.Value) int {
	row, _ := strconv.Atoi(Data(el, "row"))
	return row
}

// Closest returns the nearest element around an event's target that a selector
// matches. The target may be a document, which has none.
func Closest(target js.Value, selector string) (found js.Value, ok bool) {
	if target.Get("closest").Type() != js.TypeFunction {
		return found, false
	}
	found = target.Call("closest", selector)
	return found, found.Truthy()
}

// Modified tells that a key is held that gives others another meaning.
func Modified(event js.Value) bool {
	return event.Get("ctrlKey").Bool() || event.Get("metaKey").Bool() || event.Get("altKey").Bool()
}

// Store keeps a text under a name for as long as the tab is open. A browser that
// keeps nothing for this page is left alone.
func (p *Page) Store(name, text string) { p.stored("setItem", name, text) }

// Stored returns what Store has kept under a name, or "".
func (p *Page) Stored(name string) string {
	if v := p.stored("getItem", name); v.Type() == js.TypeString {
		return v.String()
	}
	return ""
}

// stored calls the tab's storage, which a browser may refuse by throwing.
func (p *Page) stored(method string, args ...any) (v js.Value) {
	defer func() {
		if recover() != nil {
			v = js.Null()
		}
	}()
	return p.Window.Get("sessionStorage").Call(method, args...)
}
