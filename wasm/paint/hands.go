//go:build js

package paint

import "syscall/js"

// hands is what pointers and arrow keys are doing to targets that can be
// dragged.
type hands struct {
	id      int // of the target that is held
	holding bool
}

// listenToHands has one listener for each event of pointers and keys.
func (l *Layer) listenToHands() {
	for event, f := range map[string]func(event js.Value){
		"pointerdown": l.press, "pointermove": l.dragOn, "pointerup": l.drop, "pointercancel": l.drop, "keydown": l.arrow} {
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
	l.hands = hands{l.targets[i].id, true}
	l.tell("press", event)
}

func (l *Layer) dragOn(event js.Value) {
	if l.hands.holding {
		l.tell("drag", event)
	}
}

func (l *Layer) drop(event js.Value) {
	if l.hands.holding {
		l.hands.holding = false
		l.tell("drop", event)
	}
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
