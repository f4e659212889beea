//go:build js

package main

import (
	"strings"
	"syscall/js"

	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// labels are the attributes that name the sentence of an attribute.
var labels = [...][2]string{{"data-t-aria", "aria-label"}, {"data-t-title", "title"}, {"data-t-placeholder", "placeholder"}, {"data-t-label", "label"}}

// pageWords returns the words that the page's query asks for: with strings=long
// or strings=double a pseudo-language, into which the page is put as well. A
// catalogue of another language will be chosen here.
func pageWords(p *page.Page, w words.Words) words.Words {
	for _, field := range strings.Split(strings.TrimPrefix(p.Window.Get("location").Get("search").String(), "?"), "&") {
		if kind, ok := strings.CutPrefix(field, "strings="); ok {
			if pseudo, known := words.Pseudo(w, kind); known {
				relabel(p, pseudo)
				return pseudo
			}
			js.Global().Get("console").Call("warn", "strings="+kind+" is not known: it may be long or double")
		}
	}
	return w
}

// relabel writes the sentences of a catalogue into the page's own elements.
func relabel(p *page.Page, words words.Words) {
	for _, e := range p.All("[data-t]") {
		if e.Get("childElementCount").Int() == 0 {
			e.SetText(words.Say(e.Get("dataset").Get("t").String()))
		}
	}
	for _, label := range labels {
		for _, e := range p.All("[" + label[0] + "]") {
			e.SetAttr(label[1], words.Say(e.Call("getAttribute", label[0]).String()))
		}
	}
}
