//go:build js

package main

import (
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

// A card tells the numbers of the reply that is pointed at or has the focus.
// Pressing the reply pins the card, which then offers to edit its text and true reward
// in place: to look at a reply is not to edit it.
type card struct {
	*app
	box, numbers, form js.Value
	title              js.Value
	text, reward, edit js.Value
	lane               int // of the picture, the present run's being 0
	reply              int // −1: none
	pinned             bool
	shownWords         string
	shownText          string // of the reply, whole
}

func (c *card) register(*handlers) {
	document := js.Global().Get("document")
	c.screen.views.Mass.OnReply = c.onReply
	c.make(document)
	c.listen(document)
}

func (c *card) make(document js.Value) {
	make := func(parent js.Value, tag, class string) js.Value { return page.Make(document, parent, tag, class) }
	c.box = make(document.Get("body"), "div", "card")
	c.box.Set("hidden", true)
	c.title = make(c.box, "p", "card-title")
	c.title.Set("dir", "auto")
	c.numbers = make(c.box, "dl", "card-numbers")
	c.edit = make(c.box, "button", "card-edit")
	c.edit.Set("type", "button")
	c.edit.Set("textContent", c.words.Say("card.edit"))
	c.edit.Call("addEventListener", "click", js.FuncOf(func(js.Value, []js.Value) any { c.openForm(); return nil }))
	c.form = make(c.box, "div", "card-form")
	field := func(key string) js.Value {
		label := make(c.form, "label", "")
		make(label, "span", "").Set("textContent", c.words.Say(key))
		input := make(label, "input", "")
		input.Set("type", "text")
		input.Set("autocomplete", "off")
		return input
	}
	c.text, c.reward = field("card.text"), field("card.reward")
	c.text.Set("dir", "auto")
	close := make(c.form, "button", "")
	close.Set("type", "button")
	close.Set("textContent", c.words.Say("card.close"))
	close.Call("addEventListener", "click", js.FuncOf(func(js.Value, []js.Value) any { c.unpin(); return nil }))
	c.form.Call("addEventListener", "change", js.FuncOf(func(js.Value, []js.Value) any { c.apply(); return nil }))
}

// listen follows the frame's own events.
func (c *card) listen(document js.Value) {
	document.Call("addEventListener", "pointerdown", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if on := args[0].Get("target"); !on.Call("closest", ".card, .target").Truthy() {
			c.dismiss()
		}
		return nil
	}))
	document.Call("addEventListener", "keydown", js.FuncOf(func(_ js.Value, args []js.Value) any {
		if args[0].Get("key").String() == "Escape" && c.pinned {
			c.unpin()
		} else {
			handleKey(c.app, args[0])
		}
		return nil
	}))
}

// onReply follows what happens to a reply's region of the picture.
func (c *card) onReply(event string, id int) {
	lane, reply := mass.LaneOf(id)
	switch event {
	case "enter", "focus":
		if !c.pinned {
			c.lane = lane
			c.point(reply)
		}
	case "leave", "blur":
		if !c.pinned && c.reply == reply && c.lane == lane {
			c.point(-1)
		}
	case "gone":
		c.dismiss()
		c.point(-1)
	case "click":
		c.pinned, c.lane = false, lane
		c.point(reply)
		if lane == 0 {
			c.pin()
		}
	}
}

func (c *card) point(reply int) {
	if reply >= c.lab.Arms() {
		reply = -1 // the rest is no one reply
	}
	c.reply = reply
	c.screen.views.Mass.Point(reply)
	c.host.Redraw()
	c.box.Set("hidden", reply < 0)
	c.box.Set("className", "card")
	if reply >= 0 {
		c.form.Set("hidden", true)
		c.edit.Set("hidden", true)
		c.write()
		c.place()
	}
}

// pin keeps the card and offers to edit the reply.
func (c *card) pin() {
	if c.reply < 0 || !c.editor.canEdit() {
		return
	}
	c.pinned = true
	c.edit.Set("hidden", false)
	c.box.Set("className", "card pinned")
	c.place()
	c.edit.Call("focus", map[string]any{"preventScroll": true})
}

// openForm opens the card for editing.
func (c *card) openForm() {
	c.offer()
	c.edit.Set("hidden", true)
	c.form.Set("hidden", false)
	c.place()
	c.text.Call("focus")
	c.text.Call("select")
}

func (c *card) unpin() {
	if c.pinned {
		reply := c.reply
		c.dismiss()
		c.host.Focus(reply)
	}
}

// dismiss closes the pinned card as something else has been pressed, which keeps
// the focus.
func (c *card) dismiss() {
	if c.pinned {
		c.pinned = false
		c.point(-1)
	}
}

// apply takes what was typed into the card.
func (c *card) apply() {
	if !c.pinned {
		return
	}
	text := c.lab.Data.Prompts[c.lab.Prompt()].Replies[c.reply].Text
	if core.Typed(text) {
		text = strings.TrimSpace(c.text.Get("value").String())
	}
	c.editor.editReply(c.reply, text, c.reward.Get("value").String())
	if c.pinned && c.reply < c.lab.Arms() {
		c.offer()
	}
}

// offer puts the reply into the form. A text too long to be typed stays as it is.
func (c *card) offer() {
	r := &c.lab.Data.Prompts[c.lab.Prompt()].Replies[c.reply]
	c.text.Set("disabled", !core.Typed(r.Text))
	c.text.Set("value", typedText(r.Text))
	c.reward.Set("value", rewardText(r.Reward))
}

// typedText is what a control shows of a text.
func typedText(text string) string {
	if core.Typed(text) {
		return text
	}
	return data.Shown(text)
}

// place puts the card beside the reply's bar, inside the frame.
func (c *card) place() {
	m := c.screen
	for _, t := range m.picture.Targets {
		if lane, reply := mass.LaneOf(t.ID); lane != c.lane || reply != c.reply {
			continue
		}
		w, h := float32(c.box.Get("offsetWidth").Float()), float32(c.box.Get("offsetHeight").Float())
		x := t.X + t.W + 6
		if x+w > m.frame.W {
			x = t.X - w - 6
		}
		y := t.Y + 8
		if t.W > 0.7*m.frame.W { // rows: below the row, or above it
			x = t.X + 12
			if y = t.Y + t.H + 4; y+h > m.frame.H {
				y = t.Y - h - 4
			}
		}
		style := c.box.Get("style")
		style.Set("left", px(max(0, min(x, m.frame.W-w))))
		style.Set("top", px(max(0, min(y, m.frame.H-h))))
	}
}

func px(x float32) string { return strconv.Itoa(int(x)) + "px" }

// write writes the card's numbers.
func (c *card) write() {
	if c.reply < 0 {
		return
	}
	if c.reply >= c.lab.Arms() || c.lane > len(c.versus.runs()) {
		c.pinned = false
		c.point(-1)
		return
	}
	l, k, run := c.lab, c.reply, ""
	if c.lane > 0 {
		l = c.versus.runs()[c.lane-1]
		run = view.RunName(l, c.words) + ": "
	}
	r := &l.Data.Prompts[l.Prompt()].Replies[k]
	ratio := l.Policy()[k] - l.Reference()[k]
	percent := func(logP float64) string {
		return c.words.Say("card.percent", "n", words.Percent(num.Exp(logP)))
	}
	lines := [][2]string{
		{c.words.Say("card.now"), percent(l.Policy()[k])},
		{c.words.Say("card.reference"), percent(l.Reference()[k])},
	}
	if l.HasOptimum() {
		key := "card.optimum"
		if !l.CanArrive() {
			key = "card.limit"
		}
		lines = append(lines, [2]string{c.words.Say(key), percent(l.Optimum.LogPi[k])})
	}
	lines = append(lines, [2]string{c.words.Say("card.ratio"), words.Signed(ratio, 3)},
		[2]string{c.words.Say("card.implicit"), words.Signed(l.Beta()*ratio, 3)})
	if l.Data.Rewarded {
		lines = append(lines, [2]string{c.words.Say("card.reward"), words.Signed(r.Reward, 2)})
	}
	if l.Experiment.Settings[core.How] == core.LearnByRLHF {
		lines = append(lines, [2]string{c.words.Say("card.true"), entry(l.True(), k)},
			[2]string{c.words.Say("card.fitted"), entry(l.Learned(), k)}, [2]string{c.words.Say("card.inpolicy"), entry(l.Implicit(), k)})
	}
	c.fill(run, r.Text, lines)
}

// mostRead is how many bytes of a text the card shows.
const mostRead = 100_000

// fill writes a reply's text, whole but for one that nobody reads, with numbers
// below.
func (c *card) fill(run, text string, lines [][2]string) {
	key := run
	for _, l := range lines {
		key += "\x00" + l[0] + "\x00" + l[1]
	}
	if key == c.shownWords && text == c.shownText {
		return
	}
	c.shownWords, c.shownText = key, text
	if len(text) > mostRead {
		text = strings.ToValidUTF8(text[:mostRead], "") + "…"
	}
	c.title.Set("textContent", run+text)
	c.numbers.Call("replaceChildren")
	document := c.box.Get("ownerDocument")
	for _, l := range lines {
		for i, tag := range [2]string{"dt", "dd"} {
			e := document.Call("createElement", tag)
			e.Set("textContent", l[i])
			c.numbers.Call("append", e)
		}
	}
}
