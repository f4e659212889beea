//go:build js

package paint

import (
	"strconv"
	"syscall/js"

	"dpoplayground/scenes/picture"
)

// A slot is an element and where it is. It shows one thing after another.
type slot struct {
	el, style js.Value
	at        [4]int // left, top, width, height, in half pixels
	hidden    bool
}

func newSlot(el js.Value) slot {
	return slot{el: el, style: el.Get("style"), at: [4]int{-1, -1, -1, -1}}
}

// place moves the slot. A height of 0 is left to the text.
func (s *slot) place(x, y, w, h float32, table *pixelTable) {
	if s.hidden {
		s.hidden = false
		s.el.Set("hidden", false)
	}
	for i, v := range [...]float32{x, y, w, h} {
		if n := halves(v); n != s.at[i] {
			s.at[i] = n
			if i < 3 || n > 0 {
				s.style.Set([...]string{"left", "top", "width", "height"}[i], table.value(n))
			}
		}
	}
}

func (s *slot) hide() {
	if !s.hidden {
		s.hidden = true
		s.el.Set("hidden", true)
	}
}

// A label is a slot for text.
type label struct {
	slot
	shown picture.Label
	dirty bool
}

func (s *label) show(l *picture.Label, table *pixelTable) {
	s.place(l.X, l.Y, l.W, 0, table)
	was := &s.shown
	if was.Text != l.Text {
		s.el.Set("textContent", l.Text)
	}
	if was.Size != l.Size {
		s.style.Set("fontSize", table.value(halves(l.Size)))
	}
	if was.Lines != l.Lines || !s.dirty {
		s.style.Set("webkitLineClamp", max(l.Lines, 1))
	}
	if was.Ink != l.Ink {
		s.style.Set("color", "var(--"+l.Ink.Name()+")")
	}
	if was.Align != l.Align || was.Bold != l.Bold || !s.dirty {
		s.el.Set("className", labelClass(l))
	}
	s.shown, s.dirty = *l, true
}

func labelClass(l *picture.Label) string {
	class := "label"
	switch l.Align {
	case picture.AlignCentre:
		class += " centre"
	case picture.AlignEnd:
		class += " end"
	}
	if l.Bold {
		class += " bold"
	}
	return class
}

// A target is a slot that is a button.
type target struct {
	slot
	id         int
	name, said string
	drag       bool
}

func (s *target) show(t *picture.Target, table *pixelTable) {
	isNew := s.id != t.ID || s.hidden || s.said == ""
	s.place(t.X, t.Y, t.W, t.H, table)
	s.id, s.name = t.ID, t.Name
	if s.drag != t.Drag {
		s.drag = t.Drag
		s.el.Get("classList").Call("toggle", "drag", s.drag)
	}
	if isNew {
		s.say()
	}
}

func (s *target) say() {
	if s.name != s.said {
		s.said = s.name
		s.el.Call("setAttribute", "aria-label", s.name)
	}
}

// A pixelTable holds lengths as strings that JavaScript knows already: to make
// one anew takes ten times as long as to set a style with it.
type pixelTable struct {
	values []js.Value // by half pixels
}

// halves is a length in half pixels, which is as fine as labels move. What is
// far outside any page is taken for its edge.
func halves(v float32) int {
	return int(min(max(v*2+0.5, -20000), 20000)+30000) - 30000
}

// value is the CSS length of n half pixels.
func (t *pixelTable) value(n int) js.Value {
	if n < 0 || n >= 8192 {
		return js.ValueOf(pixels(float64(n) / 2))
	}
	for len(t.values) <= n {
		t.values = append(t.values, js.Undefined())
	}
	if t.values[n].IsUndefined() {
		t.values[n] = js.ValueOf(pixels(float64(n) / 2))
	}
	return t.values[n]
}

func pixels(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + "px" }
