//go:build js

package main

import (
	"math"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
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

	code  page.Nodes // a line of the loop: the line, its code, what it has come to
	lines page.Nodes // a worked line: it, its label, its formula
	table [][]*page.Element
	shape string
}

// choosePair takes the pair that the page's lists name.
func (a *app) choosePair() {
	e := a.lab.Experiment
	w := int(a.page.ByID("pair-chosen").Get("selectedIndex").Int())
	l := int(a.page.ByID("pair-rejected").Get("selectedIndex").Int())
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

// quoted writes replies for a list of the page, as many as it offers.
func quoted(replies []core.Reply) []string {
	texts := make([]string, min(len(replies), mostListed))
	for i := range texts {
		texts[i] = scenes.Quoted(replies[i].Text)
	}
	return texts
}

func (a *app) syncPair() {
	replies := a.lab.Problem.Prompts[a.lab.Prompt()].Replies
	pair := a.pair()
	for i, id := range [2]string{"pair-chosen", "pair-rejected"} {
		a.page.ByID(id).Offer(quoted(replies), pair[i])
	}
	a.placeSlow()
}

// placeSlow puts the panel first and opens it where the loss is shown, and back
// where it is not.
func (a *app) placeSlow() {
	first := a.lab.Experiment.Settings[core.ViewChoice] == core.ViewLoss
	if first == a.slow.first {
		return
	}
	a.slow.first = first
	panel := a.page.First(`[data-section="pair"]`)
	before := panel.Get("parentElement").Get("firstElementChild")
	if !first {
		before = a.page.First(`[data-section="derive"]`)
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
		if n, err := strconv.Atoi(page.Data(target, "value")); err == nil {
			a.stageTo(n)
		}
	}
}

// stageKey takes the arrows while the focus is in the panel, and tells whether
// it did.
func (a *app) stageKey(event js.Value) bool {
	if _, in := page.Closest(event.Get("target"), "#slow-body"); !in || page.Modified(event) {
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
		p.ByID("slow-about").SetText(a.words.Say("slow.alone"))
		p.ByID("slow-body").SetHidden(true)
		return
	}
	s.motion.Read(a.lab, pair[0], pair[1])
	s.stages = len(s.motion.Stages)
	v := scenes.ViewSlow(&s.motion, a.lab, a.lab.Experiment.View.Stage, a.words)
	p.ByID("slow-about").SetText(v.About)
	p.ByID("slow-body").SetHidden(s.stages == 0)
	if s.stages == 0 {
		return
	}
	p.ByID("slow-title").SetText(v.Title)
	p.ByID("slow-count").SetText(v.Count)
	a.writeStageButtons(v)
	a.writeLoop(v)
	a.writeWorked(v)
	p.ByID("slow-note").SetText(v.Note)
	if s.turned {
		s.turned = false
		a.reveal(s.code[v.At][0])
	}
}

// reveal scrolls the panel's column, where it scrolls by itself, so that the lit
// line and what is below it are in sight, under the buttons.
func (a *app) reveal(lit *page.Element) {
	column := lit.Call("closest", ".column")
	bottom := func(e js.Value) float64 { return e.Call("getBoundingClientRect").Get("bottom").Float() }
	below := bottom(lit.Value) - bottom(column)
	above := lit.Call("getBoundingClientRect").Get("top").Float() - bottom(a.page.ByID("slow-back").Value) - 12
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
		a.page.ByID(id).SetAttr("aria-label", a.words.Say(key))
		a.page.ByID(id).SetAttr("title", a.words.Say(key))
	}
	a.page.ByID("slow-back").SetAttr("aria-disabled", strconv.FormatBool(v.Stage == 0 && s[core.Step] == 0))
	a.page.ByID("slow-forward").SetAttr("aria-disabled", strconv.FormatBool(v.Last && s[core.Step] >= s[core.Steps]))
	a.page.ByID("slow-take").SetHidden(!v.Last)
}

// writeLoop writes the pseudo-code and puts the live values below its lit line.
func (a *app) writeLoop(v *scenes.SlowView) {
	s, p := &a.slow, a.page
	values := p.ByID("slow-values")
	if !s.ready {
		s.ready = true
		p.ByID("slow-body").Call("append", values.Value)
		for _, id := range [...]string{"slow-code", "slow-lines"} {
			p.ByID(id).Call("replaceChildren")
		}
	}
	if len(s.code) > len(v.Code) {
		p.ByID("slow-body").Call("append", values.Value) // not to go with its line
	}
	s.code.Fit(len(v.Code), a.makeCodeLine)
	for i, line := range v.Code {
		item := s.code[i]
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

func (a *app) makeCodeLine() []*page.Element {
	line := a.page.Make(a.page.ByID("slow-code").Value, "li", "")
	line.Get("dataset").Set("do", "stage")
	row := a.page.Make(line, "div", "")
	return []*page.Element{{Value: line}, {Value: a.page.Make(row, "code", "")}, {Value: a.page.Make(row, "span", "")}}
}

// writeWorked writes the formulas and the table of a stage.
func (a *app) writeWorked(v *scenes.SlowView) {
	s := &a.slow
	s.lines.Fit(len(v.Lines), func() []*page.Element {
		line := a.page.Make(a.page.ByID("slow-lines").Value, "li", "")
		return []*page.Element{{Value: line}, {Value: a.page.Make(line, "span", "")}, {Value: a.page.Make(line, "div", "")}}
	})
	for i, line := range v.Lines {
		s.lines[i][1].SetText(line.Label)
		s.lines[i][2].SetMarkup(line.Math)
	}
	a.page.ByID("slow-table").SetHidden(len(v.Table.Rows) == 0)
	if shape := strconv.Itoa(len(v.Table.Head)) + "x" + strconv.Itoa(len(v.Table.Rows)) + strings.Join(v.Table.Inks, "."); shape != s.shape {
		s.shape = shape
		a.makeSlowTable(&v.Table)
	}
	for i, cell := range v.Table.Head {
		s.table[0][i].SetText(cell)
	}
	for i, row := range v.Table.Rows {
		for j, cell := range row {
			s.table[i+1][j].SetText(cell)
		}
	}
}

// makeSlowTable makes the cells of a table anew.
func (a *app) makeSlowTable(t *scenes.WorkedTable) {
	table := a.page.ByID("slow-table").Value
	table.Call("replaceChildren")
	head, body := a.page.Make(table, "thead", ""), a.page.Make(table, "tbody", "")
	a.slow.table = [][]*page.Element{a.makeCells(a.page.Make(head, "tr", ""), "th", "col", len(t.Head))}
	for _, ink := range t.Inks {
		row := a.page.Make(body, "tr", "")
		name := a.makeCells(row, "th", "row", 1)
		name[0].SetAttr("class", ink)
		a.slow.table = append(a.slow.table, append(name, a.makeCells(row, "td", "", len(t.Head)-1)...))
	}
}

func (a *app) makeCells(row js.Value, tag, scope string, n int) []*page.Element {
	cells := make([]*page.Element, max(0, n))
	for i := range cells {
		cells[i] = &page.Element{Value: a.page.Make(row, tag, "")}
		if scope != "" {
			cells[i].SetAttr("scope", scope)
		}
	}
	return cells
}
