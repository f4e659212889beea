//go:build js

package paint

import (
	"math"
	"syscall/js"
)

// hands is what pointers and arrow keys are doing to targets that can be
// dragged.
type hands struct {
	id      int // of the target that is held
	holding bool

	undecided bool     // a finger holds it that may be about to scroll
	first     js.Value // the event by which it came
}

// listenToHands has one listener for each event of pointers and keys.
func (l *Layer) listenToHands() {
	for event, f := range map[string]func(event js.Value){
		"pointerdown": l.press, "pointermove": l.dragOn, "pointerup": l.drop, "pointercancel": l.cancel, "keydown": l.arrow} {
		l.targetBox.Call("addEventListener", event, js.FuncOf(func(_ js.Value, args []js.Value) any {
			f(args[0])
			return nil
		}))
	}
}

func (l *Layer) press(event js.Value) {
	i := l.slotAt(event)
	if i < 0 || !l.targets[i].drag || event.Get("button").Int() != 0 {
		return
	}
	l.targets[i].el.Call("setPointerCapture", event.Get("pointerId"))
	l.hands = hands{id: l.targets[i].id, holding: true}
	if event.Get("pointerType").String() == "touch" {
		l.hands.undecided, l.hands.first = true, event
		return
	}
	l.tell("press", event)
}

// decide tells of the press of a finger that neither scrolls nor has told yet.
func (l *Layer) decide() {
	if l.hands.undecided {
		l.hands.undecided = false
		l.tell("press", l.hands.first)
	}
}

// leastSwipe is how far a finger moves before it drags, in pixels.
const leastSwipe = 8

// wanders tells that a finger may still be about to scroll, or to tap.
func (h *hands) wanders(event js.Value) bool {
	return h.undecided && math.Abs(event.Get("clientX").Float()-h.first.Get("clientX").Float()) < leastSwipe
}

func (l *Layer) dragOn(event js.Value) {
	if l.hands.holding && !l.hands.wanders(event) {
		l.decide()
		l.tell("drag", event)
	}
}

func (l *Layer) drop(event js.Value) {
	if l.hands.holding {
		l.hands.holding = false
		l.decide()
		l.tell("drop", event)
	}
}

// cancel lets a target go that the browser takes over to scroll. A finger that only
// scrolls has done nothing to it.
func (l *Layer) cancel(event js.Value) {
	if l.hands.undecided {
		l.hands = hands{}
		return
	}
	l.drop(event)
}

// tell reports what is done to the target that is held.
func (l *Layer) tell(what string, event js.Value) {
	rect := l.box.Call("getBoundingClientRect")
	l.on(what, l.hands.id, float32(event.Get("clientX").Float()-rect.Get("left").Float()),
		float32(event.Get("clientY").Float()-rect.Get("top").Float()))
}

// arrow takes the arrow keys of a target that can be dragged from the page.
func (l *Layer) arrow(event js.Value) {
	i := l.slotAt(event)
	if i < 0 || !l.targets[i].drag || event.Get("ctrlKey").Bool() || event.Get("metaKey").Bool() || event.Get("altKey").Bool() {
		return
	}
	var x, y float32
	switch event.Get("key").String() {
	case "ArrowLeft":
		x = -1
	case "ArrowRight":
		x = 1
	case "ArrowUp":
		y = -1
	case "ArrowDown":
		y = 1
	default:
		return
	}
	event.Call("preventDefault")
	event.Call("stopPropagation")
	l.on("arrow", l.targets[i].id, x, y)
}
