//go:build js

package paint

import (
	"strconv"
	"syscall/js"
	"time"

	"dpoplayground/scenes/picture"
)

// A Layer shows a picture's labels and targets as elements over the canvas.
// It keeps what each element shows and touches the page only where that
// changes. Its looks are in stage.css.
type Layer struct {
	document, html, box js.Value
	labelBox, targetBox js.Value
	labels              []label
	targets             []target
	pixels              pixelTable
	words               words
	theme               picture.Theme // that the page's colours are of
	drawing             drawing

	on           func(event string, id int, x, y float32)
	focus, hover holder
	hands        hands
	moving       bool // focus is being moved with its target, and nobody need know
}

// A holder is the target that has the focus, or the pointer over it.
type holder struct {
	id, slot int
	is       bool
}

// NewLayer puts a layer into root, an element that the canvas fills. On is
// called with what happens to a target: "click", "dblclick", "focus", "blur",
// "enter" and "leave" (of the pointer). One that can be dragged is also
// "press"ed, "drag"ged and "drop"ped, at x and y in the picture's pixels; and
// where it has the focus an "arrow" key moves it by x and y, each −1, 0 or 1.
// On may be called while Show runs, and may not call Show.
func NewLayer(document, root js.Value, on func(event string, id int, x, y float32)) *Layer {
	l := &Layer{document: document, html: document.Get("documentElement"), on: on}
	l.box = l.element(root, "div", "layer")
	l.box.Call("setAttribute", "role", "group")
	l.box.Call("setAttribute", "aria-labelledby", "picture-title")
	l.box.Call("setAttribute", "aria-describedby", "picture-words")
	l.words.title = l.element(l.box, "p", "unseen")
	l.words.title.Set("id", "picture-title")
	l.words.desc = l.element(l.box, "p", "unseen")
	l.words.desc.Set("id", "picture-words")
	l.labelBox = l.element(l.box, "div", "labels")
	l.labelBox.Call("setAttribute", "aria-hidden", "true")
	l.targetBox = l.element(l.box, "div", "targets")
	for _, event := range [...][2]string{{"click", "click"}, {"dblclick", "dblclick"}, {"focusin", "focus"},
		{"focusout", "blur"}, {"pointerover", "enter"}, {"pointerout", "leave"}} {
		l.listen(event[0], event[1])
	}
	l.listenToHands()
	return l
}

func (l *Layer) element(parent js.Value, tag, class string) js.Value {
	el := l.document.Call("createElement", tag)
	el.Set("className", class)
	parent.Call("appendChild", el)
	return el
}

// Show shows the picture's labels and targets in the theme's colours. What is
// said aloud changes at most once a second.
func (l *Layer) Show(p *picture.Picture, theme *picture.Theme) {
	l.dress(theme)
	for i := range p.Labels {
		if i == len(l.labels) {
			l.labels = append(l.labels, label{slot: newSlot(l.element(l.labelBox, "span", ""))})
		}
		l.labels[i].show(&p.Labels[i], &l.pixels)
	}
	for i := len(p.Labels); i < len(l.labels); i++ {
		l.labels[i].hide()
	}
	l.showTargets(p.Targets)
	l.words.set(p.Title, p.Desc)
	l.saySoon()
}

func (l *Layer) showTargets(targets []picture.Target) {
	for i := range targets {
		if i == len(l.targets) {
			button := l.element(l.targetBox, "button", "target")
			button.Set("type", "button")
			l.targets = append(l.targets, target{slot: newSlot(button)})
		}
		l.targets[i].show(&targets[i], &l.pixels)
	}
	l.follow(len(targets))
	for i := len(targets); i < len(l.targets); i++ {
		l.targets[i].hide()
	}
}

// follow keeps the focus on the target that had it when targets change places,
// and tells of those that are gone.
func (l *Layer) follow(shown int) {
	if h := l.hover; h.is && l.slotOf(h.id, shown) < 0 {
		l.hover = holder{}
		l.on("leave", h.id, 0, 0)
	}
	h := l.focus
	if !h.is || h.slot < shown && l.targets[h.slot].id == h.id {
		return
	}
	to := l.slotOf(h.id, shown)
	if to < 0 {
		l.targets[h.slot].el.Call("blur")
		return
	}
	l.moving = true
	l.targets[to].el.Call("focus", map[string]any{"preventScroll": true})
	l.moving = false
	l.focus.slot = to
}

// Focus moves the focus to a target, if it is shown.
func (l *Layer) Focus(id int) {
	if i := l.slotOf(id, len(l.targets)); i >= 0 {
		l.targets[i].el.Call("focus", map[string]any{"preventScroll": true})
	}
}

// slotOf is where a target is among those shown, or −1.
func (l *Layer) slotOf(id, shown int) int {
	for i := range l.targets[:shown] {
		if l.targets[i].id == id {
			return i
		}
	}
	return -1
}

// listen has one listener for an event of all targets.
func (l *Layer) listen(event, name string) {
	l.targetBox.Call("addEventListener", event, js.FuncOf(func(_ js.Value, args []js.Value) any {
		if i := l.slotAt(args[0]); i >= 0 {
			l.happen(name, i)
		}
		return nil
	}))
}

// slotAt is where an event's target is among those shown, or −1.
func (l *Layer) slotAt(event js.Value) int {
	el := event.Get("target")
	for i := range l.targets {
		if l.targets[i].el.Equal(el) {
			return i
		}
	}
	return -1
}

func (l *Layer) happen(event string, slot int) {
	id := l.targets[slot].id
	switch event {
	case "enter":
		l.hover = holder{id, slot, true}
	case "leave":
		id, l.hover = l.hover.id, holder{}
	case "focus":
		if l.moving {
			return
		}
		l.focus = holder{id, slot, true}
	case "blur":
		if l.moving {
			return
		}
		id, l.focus = l.focus.id, holder{}
	}
	l.on(event, id, 0, 0)
}

// dress gives the page the theme's colours as CSS variables: --paper, --policy …
func (l *Layer) dress(theme *picture.Theme) {
	if *theme == l.theme {
		return
	}
	l.theme = *theme
	style := l.html.Get("style")
	for ink := picture.InkPaper; int(ink) < len(theme); ink++ {
		style.Call("setProperty", "--"+ink.Name(), "#"+strconv.FormatUint(uint64(theme[ink]|1<<24), 16)[1:])
	}
	name := "light"
	if theme[picture.InkPaper]>>8&255 < 128 {
		name = "dark"
	}
	l.html.Get("dataset").Set("theme", name)
}

// Waits tells whether something new is to be said in a moment.
func (l *Layer) Waits() bool { return l.words.waiting }

// saySoon says what is new now, or when a second has passed since something was said.
func (l *Layer) saySoon() {
	rest := time.Second - time.Since(l.words.spoke)
	switch {
	case l.words.waiting:
	case rest <= 0:
		l.say()
	default:
		l.words.waiting = true
		time.AfterFunc(rest, func() {
			l.words.waiting = false
			l.say()
		})
	}
}

func (l *Layer) say() {
	l.words.say()
	for i := range l.targets {
		l.targets[i].say()
	}
}

// words are a picture's title and description: elements that only a screen
// reader shows, what they are to say, and what they say.
type words struct {
	title, desc         js.Value
	newTitle, newDesc   string
	saidTitle, saidDesc string
	spoke               time.Time
	waiting             bool
}

func (w *words) set(title, desc string) { w.newTitle, w.newDesc = title, desc }

func (w *words) say() {
	w.spoke = time.Now()
	if w.newTitle != w.saidTitle {
		w.saidTitle = w.newTitle
		w.title.Set("textContent", w.newTitle)
	}
	if w.newDesc != w.saidDesc {
		w.saidDesc = w.newDesc
		w.desc.Set("textContent", w.newDesc)
	}
}
