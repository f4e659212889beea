//go:build js

package page

import (
	"slices"
	"syscall/js"
)

// An Element is one of the document's, with what was last written to it.
type Element struct {
	js.Value
	text         string
	textSet      bool
	hidden, seen bool
	attrs        map[string]string
	options      []string
}

// SetText writes an element's content.
func (e *Element) SetText(text string) { e.setContent("textContent", text) }

// SetMarkup writes an element's content as HTML.
func (e *Element) SetMarkup(html string) { e.setContent("innerHTML", html) }

func (e *Element) setContent(property, content string) {
	if !e.textSet || e.text != content {
		e.text, e.textSet = content, true
		e.Set(property, content)
	}
}

// SetValue writes a control's value, which the user may have changed since it
// was last written.
func (e *Element) SetValue(value string) {
	if e.Get("value").String() != value {
		e.Set("value", value)
	}
}

// SetHidden hides an element, or shows it.
func (e *Element) SetHidden(hidden bool) {
	if !e.seen || e.hidden != hidden {
		e.hidden, e.seen = hidden, true
		e.Call("toggleAttribute", "hidden", hidden)
	}
}

// SetAttr writes an attribute.
func (e *Element) SetAttr(name, value string) {
	if old, set := e.attrs[name]; !set || old != value {
		if e.attrs == nil {
			e.attrs = map[string]string{}
		}
		e.attrs[name] = value
		e.Call("setAttribute", name, value)
	}
}

// Offer fills a list with options, if it does not have them yet, and selects
// one.
func (e *Element) Offer(options []string, selected int) {
	if !slices.Equal(e.options, options) {
		e.options = slices.Clone(options)
		Fill(e.Value, options, nil)
	}
	e.Set("selectedIndex", selected)
}

// Nodes are the children of an element that the program makes, each with the
// elements in it that are written to.
type Nodes [][]*Element

// Fit makes as many children as are wanted.
func (n *Nodes) Fit(count int, addNode func() []*Element) {
	for len(*n) < count {
		*n = append(*n, addNode())
	}
	for len(*n) > count {
		last := len(*n) - 1
		(*n)[last][0].Call("remove")
		*n = (*n)[:last]
	}
}

// HasFocus tells whether the user is in the element.
func (e *Element) HasFocus() bool { return e.Get("ownerDocument").Get("activeElement").Equal(e.Value) }
