//go:build js

package main

import (
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/scores"
	"dpoplayground/core/slowmotion"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/slow"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

// slowMotion keeps the panel of the step in slow motion in step with the lab.
type slowMotion struct {
	*app
	motion slowmotion.SlowMotion
	stages int     // of the step, as last read
	ready  bool    // what an earlier program left in the panel is gone
	first  bool    // the panel stands first in its column, as it does beside the loss
	opened bool    // it was opened for that, not by the user
	shut   bool    // the user closed it where it had been opened for that
	stale  bool    // what it shows may have changed
	busy   bool    // a long step is being taken apart
	last   float64 // when it was last written, ms
	turned bool    // another stage was chosen, which must come into sight

	code  page.Nodes // a line of the loop: the line, its code, what it has come to
	lines page.Nodes // a worked line: it, its label, its formula
	table [][]*page.Element
	shape string
}

func (sl *slowMotion) register(on *handlers) {
	on.do["stage"] = func(line js.Value) {
		if n, err := strconv.Atoi(page.Data(line, "value")); err == nil {
			sl.stageTo(n)
		}
	}
	on.do["stage-back"] = func(js.Value) { sl.stageTo(sl.stage() - 1) }
	on.do["stage-forward"] = func(js.Value) { sl.stageTo(sl.stage() + 1) }
	on.change["pair"] = func(js.Value) { sl.choosePair() }
	on.keys = append(on.keys, sl.onKey)
	on.shows(sl.syncPair, theData, thePair, core.ShownPrompt)
	on.shows(sl.place, core.ViewChoice)
}

// choosePair takes the pair that the page's lists name.
func (sl *slowMotion) choosePair() {
	e := sl.lab.Experiment
	w := int(sl.page.ByID("pair-chosen").Get("selectedIndex").Int())
	l := int(sl.page.ByID("pair-rejected").Get("selectedIndex").Int())
	if w == l { // the other list gives way
		old := read.WorkedPair(sl.lab)
		if old[0] == w {
			w = old[1]
		} else {
			l = old[0]
		}
	}
	e.View.Pair = [2]int{w, l}
	sl.host.SetAndRecord(e)
}

func (sl *slowMotion) syncPair() {
	replies := sl.lab.Problem.Prompts[sl.lab.Prompt()].Replies
	pair := read.WorkedPair(sl.lab)
	for i, id := range [2]string{"pair-chosen", "pair-rejected"} {
		sl.page.ByID(id).Offer(view.Quoted(replies), pair[i])
	}
}

// place puts the panel first and opens it where the loss is shown, and back
// where it is not.
func (sl *slowMotion) place() {
	first := sl.lab.Experiment.Settings[core.ViewChoice] == core.ViewLoss
	if first == sl.first {
		return
	}
	sl.first = first
	panel := sl.page.First(`[data-section="pair"]`)
	before := sl.page.First(".insight > .panel")
	if !first {
		before = sl.page.First(`[data-section="derive"]`)
	}
	if !before.Equal(panel) {
		panel.Get("parentElement").Call("insertBefore", panel, before)
	}
	switch open := sl.panels.isOpen("pair"); {
	case first && !open && !sl.shut:
		sl.opened = true
		sl.panels.setOpen("pair", true)
	case !first && open && sl.opened:
		sl.panels.setOpen("pair", false)
	case !first:
		sl.shut = !open
	}
	sl.opened = sl.opened && first
}

// stageTo shows another stage of the step. Past the last one the step is taken,
// and before the first one the last is taken back.
func (sl *slowMotion) stageTo(stage int) {
	step := int(sl.lab.Experiment.Settings[core.Step])
	switch {
	case stage >= sl.stages && step < int(sl.lab.Experiment.Settings[core.Steps]):
		stage = 0
		sl.clock.goTo(step + 1)
	case stage < 0 && step > 0:
		stage = sl.stages - 1
		sl.clock.goTo(step - 1)
	}
	sl.lab.Experiment.View.Stage = max(0, min(stage, sl.stages-1))
	sl.turned = true
	sl.link.due = true
	sl.readout.stale = true
}

// stage returns the stage that is shown.
func (sl *slowMotion) stage() int { return max(0, min(sl.lab.Experiment.View.Stage, sl.stages-1)) }

// onKey takes the arrows while the focus is in the panel, and tells whether
// it did.
func (sl *slowMotion) onKey(event js.Value) bool {
	if _, in := page.Closest(event.Get("target"), "#slow-body"); !in {
		return false
	}
	switch event.Get("key").String() {
	case "ArrowRight", "ArrowDown":
		sl.stageTo(sl.stage() + 1)
	case "ArrowLeft", "ArrowUp":
		sl.stageTo(sl.stage() - 1)
	case "Home":
		sl.stageTo(0)
	case "End":
		sl.stageTo(sl.stages - 1)
	default:
		return false
	}
	return true
}

// update writes the panel, ten times a second at most unless another stage was
// chosen, as its formulas are costly for the page to lay out.
func (sl *slowMotion) update(now float64) {
	if sl.stale && (sl.turned || sl.busy || now-sl.last >= readoutInterval) {
		sl.stale, sl.last = false, now
		sl.write()
	}
}

// write takes the next step apart and writes the stage that is shown.
func (sl *slowMotion) write() {
	if !sl.panels.isOpen("pair") {
		return
	}
	p, pair := sl.page, read.WorkedPair(sl.lab)
	if pair[0] == pair[1] {
		p.ByID("slow-about").SetText(sl.words.Say("slow.alone"))
		p.ByID("slow-body").SetHidden(true)
		return
	}
	if sl.busy = !sl.motion.ReadWithin(sl.lab, pair[0], pair[1], scores.WorkBudget); sl.busy {
		sl.stale = true // goes on in the next frame
		return
	}
	sl.stages = len(sl.motion.Stages)
	v := slow.StageOf(&sl.motion, sl.lab, sl.lab.Experiment.View.Stage, sl.words)
	p.ByID("slow-about").SetText(v.About)
	p.ByID("slow-body").SetHidden(sl.stages == 0)
	if sl.stages == 0 {
		return
	}
	p.ByID("slow-title").SetText(v.Title)
	p.ByID("slow-count").SetText(v.Count)
	sl.writeStageButtons(v)
	sl.writeLoop(v)
	sl.writeWorked(v)
	p.ByID("slow-note").SetText(v.Note)
	if sl.turned {
		sl.turned = false
		sl.reveal(sl.code[v.At][0])
	}
}

// reveal scrolls the panel's column, where it scrolls by itself, so that the lit
// line and what is below it are in sight, under the buttons.
func (sl *slowMotion) reveal(lit *page.Element) {
	column := lit.Call("closest", ".insight")
	bottom := func(e js.Value) float64 { return e.Call("getBoundingClientRect").Get("bottom").Float() }
	below := bottom(lit.Value) - bottom(column)
	above := lit.Call("getBoundingClientRect").Get("top").Float() - bottom(sl.page.ByID("slow-back").Value) - 12
	if by := min(max(below, 0), above); by != 0 {
		column.Set("scrollTop", column.Get("scrollTop").Float()+by)
	}
}

// writeStageButtons says what the two buttons do at this stage.
func (sl *slowMotion) writeStageButtons(v *slow.View) {
	s := &sl.lab.Experiment.Settings
	back, forward := "slow.back", "slow.forward"
	if v.Stage == 0 {
		back = "slow.undo"
	}
	if v.Last {
		forward = "slow.take"
	}
	for id, key := range map[string]string{"slow-back": back, "slow-forward": forward} {
		sl.page.ByID(id).SetAttr("aria-label", sl.words.Say(key))
		sl.page.ByID(id).SetAttr("title", sl.words.Say(key))
	}
	sl.page.ByID("slow-back").SetAttr("aria-disabled", strconv.FormatBool(v.Stage == 0 && s[core.Step] == 0))
	sl.page.ByID("slow-forward").SetAttr("aria-disabled", strconv.FormatBool(v.Last && s[core.Step] >= s[core.Steps]))
	sl.page.ByID("slow-take").SetHidden(!v.Last)
}

// writeLoop writes the pseudo-code and puts the live values below its lit line.
func (sl *slowMotion) writeLoop(v *slow.View) {
	p := sl.page
	values := p.ByID("slow-values")
	if !sl.ready {
		sl.ready = true
		p.ByID("slow-body").Call("append", values.Value)
		for _, id := range [...]string{"slow-code", "slow-lines"} {
			p.ByID(id).Call("replaceChildren")
		}
	}
	if len(sl.code) > len(v.Code) {
		p.ByID("slow-body").Call("append", values.Value) // not to go with its line
	}
	sl.code.Fit(len(v.Code), sl.makeCodeLine)
	for i, line := range v.Code {
		item := sl.code[i]
		item[1].SetMarkup(line.Markup())
		item[2].SetText(line.Got)
		item[0].SetAttr("class", lineClass(&line, v.Stage))
		item[0].SetAttr("data-value", strconv.Itoa(line.Stage))
		current := "false"
		if i == v.At {
			current = "step"
		}
		item[0].SetAttr("aria-current", current)
	}
	if lit := sl.code[v.At][0]; !values.Get("parentElement").Equal(lit.Value) {
		lit.Call("append", values.Value)
	}
}

// lineClass tells lines around others from those that are stages, and of these
// those that have been passed from those to come.
func lineClass(line *slow.CodeLine, stage int) string {
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

func (sl *slowMotion) makeCodeLine() []*page.Element {
	line := sl.page.Make(sl.page.ByID("slow-code").Value, "li", "")
	line.Get("dataset").Set("do", "stage")
	row := sl.page.Make(line, "div", "")
	return []*page.Element{{Value: line}, {Value: sl.page.Make(row, "code", "")}, {Value: sl.page.Make(row, "span", "")}}
}

// writeWorked writes the formulas and the table of a stage.
func (sl *slowMotion) writeWorked(v *slow.View) {
	sl.lines.Fit(len(v.Lines), func() []*page.Element {
		line := sl.page.Make(sl.page.ByID("slow-lines").Value, "li", "")
		return []*page.Element{{Value: line}, {Value: sl.page.Make(line, "span", "")}, {Value: sl.page.Make(line, "div", "")}}
	})
	for i, line := range v.Lines {
		sl.lines[i][1].SetText(line.Label)
		sl.lines[i][2].SetMarkup(line.Math)
	}
	sl.page.ByID("slow-table").SetHidden(len(v.Table.Rows) == 0)
	if shape := strconv.Itoa(len(v.Table.Head)) + "x" + strconv.Itoa(len(v.Table.Rows)) + strings.Join(v.Table.Inks, "."); shape != sl.shape {
		sl.shape = shape
		sl.makeTable(&v.Table)
	}
	for i, cell := range v.Table.Head {
		sl.table[0][i].SetText(cell)
	}
	for i, row := range v.Table.Rows {
		for j, cell := range row {
			sl.table[i+1][j].SetText(cell)
		}
	}
}

// makeTable makes the cells of a table anew.
func (sl *slowMotion) makeTable(t *slow.WorkedTable) {
	table := sl.page.ByID("slow-table").Value
	table.Call("replaceChildren")
	head, body := sl.page.Make(table, "thead", ""), sl.page.Make(table, "tbody", "")
	sl.table = [][]*page.Element{sl.makeCells(sl.page.Make(head, "tr", ""), "th", "col", len(t.Head))}
	for _, ink := range t.Inks {
		row := sl.page.Make(body, "tr", "")
		name := sl.makeCells(row, "th", "row", 1)
		name[0].SetAttr("class", ink)
		sl.table = append(sl.table, append(name, sl.makeCells(row, "td", "", len(t.Head)-1)...))
	}
}

func (sl *slowMotion) makeCells(row js.Value, tag, scope string, n int) []*page.Element {
	cells := make([]*page.Element, max(0, n))
	for i := range cells {
		cells[i] = &page.Element{Value: sl.page.Make(row, tag, "")}
		if scope != "" {
			cells[i].SetAttr("scope", scope)
		}
	}
	return cells
}
