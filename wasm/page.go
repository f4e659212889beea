//go:build js

package main

import (
	"syscall/js"

	"dpoplayground/core"
)

// A page is the document around the frame. It keeps the elements it has found
// and what they show, so that the document is touched only for changes.
type page struct {
	window, document, playground js.Value
	found                        map[string]*element
	outs                         map[string][]*element // by data-out
	params                       map[string][]*element // by data-param
}

func newPage() *page {
	window := js.Global().Get("parent")
	return &page{window: window, document: window.Get("document"), playground: window.Get("playground"),
		found: map[string]*element{}, outs: map[string][]*element{}, params: map[string][]*element{}}
}

// get returns the element with an id.
func (p *page) get(id string) *element {
	e := p.found[id]
	if e == nil {
		e = &element{Value: p.document.Call("getElementById", id)}
		p.found[id] = e
	}
	return e
}

// out writes a text into every element that data-out gives this name.
func (p *page) out(name, text string) {
	list, known := p.outs[name]
	if !known {
		p.each(`[data-out="`+name+`"]`, func(v js.Value) { list = append(list, &element{Value: v}) })
		p.outs[name] = list
	}
	for _, e := range list {
		e.setText(text)
	}
}

// controls returns the controls of a setting: there may be several.
func (p *page) controls(key string) []*element {
	list, known := p.params[key]
	if !known {
		p.each(`[data-param="`+key+`"]`, func(v js.Value) { list = append(list, &element{Value: v}) })
		p.params[key] = list
	}
	return list
}

// each calls f with every element that a selector matches.
func (p *page) each(selector string, f func(js.Value)) {
	list := p.document.Call("querySelectorAll", selector)
	for i, n := 0, list.Length(); i < n; i++ {
		f(list.Index(i))
	}
}

func (p *page) make(parent js.Value, tag, class string) js.Value {
	e := p.document.Call("createElement", tag)
	if class != "" {
		e.Set("className", class)
	}
	parent.Call("append", e)
	return e
}

// An element is one of the document's, with what was last written to it.
type element struct {
	js.Value
	text, value  string
	textSet      bool
	hidden, seen bool
	attrs        map[string]string
}

func (e *element) setText(text string) {
	if !e.textSet || e.text != text {
		e.text, e.textSet = text, true
		e.Set("textContent", text)
	}
}

// setValue writes a control's value. A control that is being typed into is
// left alone unless the value is forced.
func (e *element) setValue(value string, force bool) {
	if e.Get("value").String() == value {
		return
	}
	if !force && e.Get("ownerDocument").Get("activeElement").Equal(e.Value) && e.Get("type").String() == "text" {
		return
	}
	e.Set("value", value)
}

func (e *element) setHidden(hidden bool) {
	if !e.seen || e.hidden != hidden {
		e.hidden, e.seen = hidden, true
		e.Set("hidden", hidden)
	}
}

func (e *element) setAttr(name, value string) {
	if e.attrs == nil {
		e.attrs = map[string]string{}
	}
	if old, set := e.attrs[name]; !set || old != value {
		e.attrs[name] = value
		e.Call("setAttribute", name, value)
	}
}

// address returns the page's address with a fragment, or without one.
func (p *page) address(fragment string) string {
	if fragment != "" {
		return "#" + fragment
	}
	where := p.window.Get("location")
	return where.Get("pathname").String() + where.Get("search").String()
}

// fontSize returns the size of the page's text in pixels.
func (p *page) fontSize() float32 {
	style := p.window.Call("getComputedStyle", p.document.Get("documentElement"))
	return float32(js.Global().Call("parseFloat", style.Get("fontSize")).Float())
}

// message shows a sentence across the top of the page until it is closed.
func (p *page) message(text, class, closing string) js.Value {
	box := p.get("messages")
	const most = core.MostComplaints + 1 // and how many more there are
	for n := box.Get("children").Length(); n >= most; n-- {
		box.Get("firstElementChild").Call("remove")
	}
	line := p.make(box.Value, "p", class)
	p.make(line, "span", "").Set("textContent", text)
	button := p.make(line, "button", "")
	button.Set("type", "button")
	button.Set("textContent", "×")
	button.Call("setAttribute", "aria-label", closing)
	button.Get("dataset").Set("do", "message-close")
	return line
}

// retract takes back what was said about a field.
func (p *page) retract(field string) {
	p.each("#messages p", func(line js.Value) {
		if data(line, "field") == field {
			line.Call("remove")
		}
	})
}

func (p *page) clearMessages() { p.get("messages").Call("replaceChildren") }
