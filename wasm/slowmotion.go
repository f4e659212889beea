//go:build js

package main

import (
	"math"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// slow keeps the panel of the step in slow motion in step with the lab.
type slow struct {
	motion core.SlowMotion
	stages int     // of the step, as last read
	ready  bool    // what an earlier program left in the panel is gone
	first  bool    // the panel stands first in its column, as it does beside the loss
	opened bool    // it was opened for that, not by the user
	shut   bool    // the user closed it where it had been opened for that
	stale  bool    // what it shows may have changed
	last   float64 // when it was last written, ms
	turned bool    // another stage was chosen, which must come into sight

	code  nodes // a line of the loop: the line, its code, what it has come to
	lines nodes // a worked line: it, its label, its formula
	table [][]*element
	shape string
}

// nodes are the children of an element that the program makes, each with the
// elements in it that are written to.
type nodes [][]*element

// fit makes as many children as are wanted.
func (n *nodes) fit(count int, make func() []*element) {
	for len(*n) < count {
		*n = append(*n, make())
	}
	for len(*n) > count {
		last := len(*n) - 1
		(*n)[last][0].Call("remove")
		*n = (*n)[:last]
	}
}

// setMarkup writes an element's content as HTML, if it is another than before.
func (e *element) setMarkup(html string) {
	if !e.textSet || e.text != html {
		e.text, e.textSet = html, true
		e.Set("innerHTML", html)
	}
}

// choosePair takes the pair that the page's lists name.
func (a *app) choosePair() {
	e := a.lab.Experiment
	w := int(a.page.get("pair-chosen").Get("selectedIndex").Int())
	l := int(a.page.get("pair-rejected").Get("selectedIndex").Int())
	if w == l { // the other list gives way
		old := a.pair()
		if old[0] == w {
			w = old[1]
		} else {
			l = old[0]
		}
	}
	e.View.Pair = [2]int{w, l}
	if a.set(e) {
		a.commit()
	}
}

// pair returns the pair being worked: the user's, or else the one with the
// clearest votes.
func (a *app) pair() [2]int {
	if v := a.lab.Experiment.View.Pair; v[0] != v[1] && max(v[0], v[1]) < a.lab.Arms() {
		return v
	}
	from, _ := a.lab.Problem.Range(a.lab.Prompt())
	best, pair := -1.0, [2]int{0, min(1, a.lab.Arms()-1)}
	for _, t := range a.lab.Problem.TalliesOf(a.lab.Prompt()) {
		if d := math.Abs(t.ForA - t.ForB); d > best {
			best, pair = d, [2]int{t.A - from, t.B - from}
			if t.ForB > t.ForA {
				pair[0], pair[1] = pair[1], pair[0]
			}
		}
	}
	return pair
}

// mostListed is how many replies a list of the page offers.
const mostListed = 200

func (a *app) syncPair() {
	replies := a.lab.Problem.Prompts[a.lab.Prompt()].Replies
	pair := a.pair()
	for i, id := range [2]string{"pair-chosen", "pair-rejected"} {
		list := a.page.get(id)
		a.fillList(list, replies)
		list.Set("selectedIndex", pair[i])
	}
	a.placeSlow()
}

// fillList offers a prompt's replies, if it does not yet.
func (a *app) fillList(list *element, replies []core.Reply) {
	n := min(len(replies), mostListed)
	key := strconv.Itoa(n)
	for _, r := range replies[:n] {
		key += "\x00" + r.Text
	}
	if list.value == key {
		return
	}
	list.value = key
	list.Call("replaceChildren")
	for k := range n {
		a.page.make(list.Value, "option", "").Set("textContent", scenes.Quoted(scenes.Told(replies, k)))
	}
}

// placeSlow puts the panel first and opens it where the loss is shown, and back
// where it is not.
func (a *app) placeSlow() {
	first := a.lab.Experiment.Settings[core.ViewChoice] == core.ViewLoss
	if first == a.slow.first {
		return
	}
	a.slow.first = first
	panel := a.page.document.Call("querySelector", `[data-section="pair"]`)
	before := panel.Get("parentElement").Get("firstElementChild")
	if !first {
		before = a.page.document.Call("querySelector", `[data-section="derive"]`)
	}
	if !before.Equal(panel) {
		panel.Get("parentElement").Call("insertBefore", panel, before)
	}
	switch open := a.isOpen("pair"); {
	case first && !open && !a.slow.shut:
		a.slow.opened = true
		a.setOpen("pair", true)
	case !first && open && a.slow.opened:
		a.setOpen("pair", false)
	case !first:
		a.slow.shut = !open
	}
	a.slow.opened = a.slow.opened && first
}

// setOpen has a section open or closed in the experiment's view.
func (a *app) setOpen(section string, open bool) {
	var list []string
	for _, s := range a.lab.Experiment.View.Open {
		if s != section {
			list = append(list, s)
		}
	}
	if open {
		list = append(list, section)
	}
	a.lab.Experiment.View.Open = list
}

// stageTo shows another stage of the step. Past the last one the step is taken,
// and before the first one the last is taken back.
func (a *app) stageTo(stage int) {
	step := int(a.lab.Experiment.Settings[core.Step])
	switch {
	case stage >= a.slow.stages && step < int(a.lab.Experiment.Settings[core.Steps]):
		stage = 0
		a.goTo(step + 1)
	case stage < 0 && step > 0:
		stage = a.slow.stages - 1
		a.goTo(step - 1)
	}
	e := a.lab.Experiment
	e.View.Stage = max(0, min(stage, a.slow.stages-1))
	a.slow.turned = true
	a.lab.Experiment = e
	a.link.due = true
	a.readout.stale = true
}

// slowStage returns the stage that is shown.
func (a *app) slowStage() int { return max(0, min(a.lab.Experiment.View.Stage, a.slow.stages-1)) }

// clickStage follows the panel's own buttons and lines.
func (a *app) clickStage(do string, target js.Value) {
	switch do {
	case "stage-back":
		a.stageTo(a.slowStage() - 1)
	case "stage-forward":
		a.stageTo(a.slowStage() + 1)
	case "stage":
		if n, err := strconv.Atoi(data(target, "value")); err == nil {
			a.stageTo(n)
		}
	}
}

// stageKey takes the arrows while the focus is in the panel, and tells whether
// it did.
func (a *app) stageKey(event js.Value) bool {
	target := event.Get("target")
	if target.Get("closest").Type() != js.TypeFunction || !target.Call("closest", "#slow-body").Truthy() ||
		event.Get("ctrlKey").Bool() || event.Get("metaKey").Bool() || event.Get("altKey").Bool() {
		return false
	}
	switch event.Get("key").String() {
	case "ArrowRight", "ArrowDown":
		a.stageTo(a.slowStage() + 1)
	case "ArrowLeft", "ArrowUp":
		a.stageTo(a.slowStage() - 1)
	case "Home":
		a.stageTo(0)
	case "End":
		a.stageTo(a.slow.stages - 1)
	default:
		return false
	}
	event.Call("preventDefault")
	return true
}

// updateSlow writes the panel, ten times a second at most unless another stage was
// chosen, as its formulas are costly for the page to lay out.
func (a *app) updateSlow(now float64) {
	if s := &a.slow; s.stale && (s.turned || now-s.last >= readoutInterval) {
		s.stale, s.last = false, now
		a.writeSlow()
	}
}

// writeSlow takes the next step apart and writes the stage that is shown.
func (a *app) writeSlow() {
	if !a.isOpen("pair") {
		return
	}
	s, p, pair := &a.slow, a.page, a.pair()
	if pair[0] == pair[1] {
		p.get("slow-about").setText(a.words.Say("slow.alone"))
		p.get("slow-body").setHidden(true)
		return
	}
	s.motion.Read(a.lab, pair[0], pair[1])
	s.stages = len(s.motion.Stages)
	v := scenes.ViewSlow(&s.motion, a.lab, a.lab.Experiment.View.Stage, a.words)
	p.get("slow-about").setText(v.About)
	p.get("slow-body").setHidden(s.stages == 0)
	if s.stages == 0 {
		return
	}
	p.get("slow-title").setText(v.Title)
	p.get("slow-count").setText(v.Count)
	a.writeStageButtons(v)
	a.writeLoop(v)
	a.writeWorked(v)
	p.get("slow-note").setText(v.Note)
	if s.turned {
		s.turned = false
		a.reveal(s.code[v.At][0])
	}
}

// reveal scrolls the panel's column, where it scrolls by itself, so that the lit
// line and what is below it are in sight, under the buttons.
func (a *app) reveal(lit *element) {
	column := lit.Call("closest", ".column")
	bottom := func(e js.Value) float64 { return e.Call("getBoundingClientRect").Get("bottom").Float() }
	below := bottom(lit.Value) - bottom(column)
	above := lit.Call("getBoundingClientRect").Get("top").Float() - bottom(a.page.get("slow-back").Value) - 12
	if by := min(max(below, 0), above); by != 0 {
		column.Set("scrollTop", column.Get("scrollTop").Float()+by)
	}
}

// writeStageButtons says what the two buttons do at this stage.
func (a *app) writeStageButtons(v *scenes.SlowView) {
	s := &a.lab.Experiment.Settings
	back, forward := "slow.back", "slow.forward"
	if v.Stage == 0 {
		back = "slow.undo"
	}
	if v.Last {
		forward = "slow.take"
	}
	for id, key := range map[string]string{"slow-back": back, "slow-forward": forward} {
		a.page.get(id).setAttr("aria-label", a.words.Say(key))
		a.page.get(id).setAttr("title", a.words.Say(key))
	}
	a.page.get("slow-back").setAttr("aria-disabled", strconv.FormatBool(v.Stage == 0 && s[core.Step] == 0))
	a.page.get("slow-forward").setAttr("aria-disabled", strconv.FormatBool(v.Last && s[core.Step] >= s[core.Steps]))
	a.page.get("slow-take").setHidden(!v.Last)
}

// writeLoop writes the pseudo-code and puts the live values below its lit line.
func (a *app) writeLoop(v *scenes.SlowView) {
	s, p := &a.slow, a.page
	values := p.get("slow-values")
	if !s.ready {
		s.ready = true
		p.get("slow-body").Call("append", values.Value)
		for _, id := range [...]string{"slow-code", "slow-lines"} {
			p.get(id).Call("replaceChildren")
		}
	}
	if len(s.code) > len(v.Code) {
		p.get("slow-body").Call("append", values.Value) // not to go with its line
	}
	s.code.fit(len(v.Code), a.makeCodeLine)
	for i, line := range v.Code {
		item := s.code[i]
		item[1].setMarkup(line.Markup())
		item[2].setText(line.Got)
		item[0].setAttr("class", lineClass(&line, v.Stage))
		item[0].setAttr("data-value", strconv.Itoa(line.Stage))
		current := "false"
		if i == v.At {
			current = "step"
		}
		item[0].setAttr("aria-current", current)
	}
	if lit := s.code[v.At][0]; !values.Get("parentElement").Equal(lit.Value) {
		lit.Call("append", values.Value)
	}
}

// lineClass tells lines around others from those that are stages, and of these
// those that have been passed from those to come.
func lineClass(line *scenes.CodeLine, stage int) string {
	class := ""
	switch {
	case line.Stage < 0:
		class = "around "
	case line.Stage < stage:
		class = "done "
	}
	if line.Indent > 0 {
		class += "within"
	}
	return class
}

func (a *app) makeCodeLine() []*element {
	line := a.page.make(a.page.get("slow-code").Value, "li", "")
	line.Get("dataset").Set("do", "stage")
	row := a.page.make(line, "div", "")
	return []*element{{Value: line}, {Value: a.page.make(row, "code", "")}, {Value: a.page.make(row, "span", "")}}
}

// writeWorked writes the formulas and the table of a stage.
func (a *app) writeWorked(v *scenes.SlowView) {
	s := &a.slow
	s.lines.fit(len(v.Lines), func() []*element {
		line := a.page.make(a.page.get("slow-lines").Value, "li", "")
		return []*element{{Value: line}, {Value: a.page.make(line, "span", "")}, {Value: a.page.make(line, "div", "")}}
	})
	for i, line := range v.Lines {
		s.lines[i][1].setText(line.Label)
		s.lines[i][2].setMarkup(line.Math)
	}
	a.page.get("slow-table").setHidden(len(v.Table.Rows) == 0)
	if shape := strconv.Itoa(len(v.Table.Head)) + "x" + strconv.Itoa(len(v.Table.Rows)) + strings.Join(v.Table.Inks, "."); shape != s.shape {
		s.shape = shape
		a.makeSlowTable(&v.Table)
	}
	for i, cell := range v.Table.Head {
		s.table[0][i].setText(cell)
	}
	for i, row := range v.Table.Rows {
		for j, cell := range row {
			s.table[i+1][j].setText(cell)
		}
	}
}

// makeSlowTable makes the cells of a table anew.
func (a *app) makeSlowTable(t *scenes.WorkedTable) {
	table := a.page.get("slow-table").Value
	table.Call("replaceChildren")
	head, body := a.page.make(table, "thead", ""), a.page.make(table, "tbody", "")
	a.slow.table = [][]*element{a.makeCells(a.page.make(head, "tr", ""), "th", "col", len(t.Head))}
	for _, ink := range t.Inks {
		row := a.page.make(body, "tr", "")
		name := a.makeCells(row, "th", "row", 1)
		name[0].setAttr("class", ink)
		a.slow.table = append(a.slow.table, append(name, a.makeCells(row, "td", "", len(t.Head)-1)...))
	}
}

func (a *app) makeCells(row js.Value, tag, scope string, n int) []*element {
	cells := make([]*element, max(0, n))
	for i := range cells {
		cells[i] = &element{Value: a.page.make(row, tag, "")}
		if scope != "" {
			cells[i].setAttr("scope", scope)
		}
	}
	return cells
}
