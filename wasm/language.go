//go:build js

package main

import (
	"strings"
	"syscall/js"

	"dpoplayground/scenes"
)

// labels are the attributes that name the sentence of an attribute.
var labels = [...][2]string{{"data-t-aria", "aria-label"}, {"data-t-title", "title"}, {"data-t-placeholder", "placeholder"}, {"data-t-label", "label"}}

// pageWords returns the words that the page's query asks for: with strings=long
// or strings=double a pseudo-language, into which the page is put as well. A
// catalogue of another language will be chosen here.
func pageWords(words scenes.Words) scenes.Words {
	page := newPage()
	for _, field := range strings.Split(strings.TrimPrefix(page.window.Get("location").Get("search").String(), "?"), "&") {
		if kind, ok := strings.CutPrefix(field, "strings="); ok {
			if pseudo, known := scenes.Pseudo(words, kind); known {
				page.relabel(pseudo)
				return pseudo
			}
			js.Global().Get("console").Call("warn", "strings="+kind+" is not known: it may be long or double")
		}
	}
	return words
}

// relabel writes the sentences of a catalogue into the page's own elements.
func (p *page) relabel(words scenes.Words) {
	p.each("[data-t]", func(v js.Value) {
		if v.Get("childElementCount").Int() == 0 {
			v.Set("textContent", words.Say(v.Get("dataset").Get("t").String()))
		}
	})
	for _, label := range labels {
		p.each("["+label[0]+"]", func(v js.Value) {
			v.Call("setAttribute", label[1], words.Say(v.Call("getAttribute", label[0]).String()))
		})
	}
}
