//go:build js

package main

import (
	"math"
	"syscall/js"
)

// A finger is one that has touched a slider. Until it moves along the slider, or is
// lifted, it may be about to scroll the page: so long the slider changes nothing, and
// if the browser takes the finger over to scroll it goes back to what it was.
type finger struct {
	slider js.Value
	was    string
	x      float64
	waits  bool
}

// leastSlide is how far a finger moves along a slider before it means it, in pixels.
const leastSlide = 8

// follow takes a pointer's event on a slider.
func (f *finger) follow(a *app, kind string, event js.Value) {
	switch x := event.Get("clientX").Float(); {
	case kind == "pointerdown" && event.Get("pointerType").String() == "touch":
		slider := event.Get("target")
		*f = finger{slider, slider.Get("value").String(), x, true}
	case !f.waits:
	case kind == "pointercancel":
		f.waits = false
		f.slider.Set("value", f.was)
	case kind == "pointerup", kind == "pointermove" && math.Abs(x-f.x) >= leastSlide:
		f.waits = false
		callFor(a.on.input, f.slider)
	}
}

// holds tells that what a slider says is not to be taken yet.
func (f *finger) holds(control js.Value) bool { return f.waits && f.slider.Equal(control) }
