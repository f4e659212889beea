//go:build js

package main

import (
	"math"
	"slices"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// readout keeps the page's words and numbers in step with the lab, at a
// humane rate.
type readout struct {
	story      scenes.Story
	stale      bool
	converging bool
	last       float64 // when the numbers were last written, ms
	aloud      float64 // when something was last said aloud, ms
	said       string
	tables     map[string][]string // what stands in the tables of replies, by id
}

const (
	readoutInterval = 100  // between two writings of numbers, ms
	aloudInterval   = 4000 // between two sentences said aloud while playing, ms
)

// updateReadouts writes what changed, while the run moves at most ten times a
// second.
func (a *app) updateReadouts(now float64, busy bool) {
	r := &a.readout
	if r.converging && !a.lab.Converging() && a.lab.Settled() {
		r.converging = false
		a.arrived()
	}
	moving := a.clock.playing || busy
	if r.stale && !(moving && now-r.last < readoutInterval) {
		r.stale, r.last = false, now
		a.writeReadouts(now, moving)
	}
	a.updateSlow(now)
	a.updateCharts(now, moving)
}

func (a *app) writeReadouts(now float64, moving bool) {
	l, p := a.lab, a.page
	step := l.Run.StepCount()
	a.clock.show(a)
	p.get("honest-now").setText(a.words.Say(plural("honest.now", step), "step", scenes.Count(float64(step))))
	p.get("kl-now").setText(scenes.Fixed(core.KL(l.Policy(), l.Reference()), 3))
	headed, kl := "honest.optimum", "–"
	if l.HasOptimum() {
		kl = scenes.Fixed(l.Optimum.KL, 3)
		if !l.CanArrive() {
			headed = "honest.limit"
		}
	}
	p.get("honest-headed").setText(a.words.Say(headed))
	p.get("kl-optimum").setText(kl)
	p.get("arrives").setText(scenes.Arrives(l, a.words))
	a.syncLegend()
	if l.Settled() {
		a.tell(now, moving)
	} else if l.Converging() {
		p.get("said").setText(a.words.Say("said.running", "step", scenes.Count(float64(step))))
		a.readout.said = ""
	}
	a.tellLanes()
	a.slow.stale = true
	a.writeDerivation()
	a.writeRewards()
	a.writeCost()
	a.card.write(a)
}

// plural picks the sentence for one of a thing.
func plural(key string, n int) string {
	if n == 1 {
		return key + ".one"
	}
	return key
}

// tell says in words what the last step did, on screen and, less often, aloud.
func (a *app) tell(now float64, moving bool) {
	r := &a.readout
	s := r.story.Tell(a.lab, &a.mass.shown, a.words)
	if a.lab.Run.StepCount() > 0 {
		if ranked := a.ranked(); ranked != "" {
			s += " " + ranked
		}
	}
	if m := &a.mass.state; m.PairChosen >= 0 {
		key := "said.push"
		if a.lab.Run.StepCount() > 0 && (r.story.Rose(m.PairRejected) || !r.story.Rose(m.PairChosen)) {
			key = "said.push.outweighed"
		}
		s += " " + a.words.Say(key, "up", a.mass.shown.Name(a.lab, m.PairChosen, a.words),
			"down", a.mass.shown.Name(a.lab, m.PairRejected, a.words))
	}
	if s == r.said {
		return
	}
	r.said = s
	a.page.get("said").setText(s)
	if !moving || now-r.aloud > aloudInterval {
		r.aloud = now
		a.page.get("aloud").setText(s)
	}
}

// ranked says how many of the votes the policy now ranks right. A run that does
// not read them is not measured by them.
func (a *app) ranked() string {
	rlhf := a.lab.Run.RLHF()
	if a.lab.Problem.Total == 0 || a.lab.Large() || rlhf != nil && rlhf.RewardStatus() == core.RewardCustom {
		return ""
	}
	m := a.lab.Meter.Read(a.lab.Run.Policy(), a.lab.Prompt())
	return a.words.Say("said.ranked", "share", scenes.Percent(m.Accuracy))
}

// inner writes a number that stands after a sign or a factor: a negative one
// in brackets.
func inner(x float64, decimals int) string {
	s := scenes.Fixed(x, decimals)
	if x < 0 && s != scenes.Fixed(0, decimals) {
		return "(" + s + ")"
	}
	return s
}

// writeDerivation writes the table of rewards and policies at the optimum, and
// what follows from it for the worked pair.
func (a *app) writeDerivation() {
	fits := a.lab.Scores != nil && a.lab.Scores.Computed
	a.page.get("derive-body").setHidden(!fits)
	a.page.get("derive-none").setHidden(fits || a.lab.WorkingOut())
	if !a.isOpen("derive") || !fits {
		return
	}
	l, p, pair := a.lab, a.page, a.pair()
	blogz := l.Optimum.Objective(l.Beta())
	p.out("derive.blogz", scenes.Fixed(blogz, 3))
	a.writeDerivationTable(blogz)
	w, r := l.Scores.Score[pair[0]], l.Scores.Score[pair[1]]
	p.out("derive.w", scenes.Fixed(w, 3))
	p.out("derive.l.in", inner(r, 3))
	p.out("derive.diff", scenes.Fixed(w-r, 3))
	p.out("derive.p", scenes.Fixed(core.Sigmoid(w-r), 3))
	v := l.Worked(pair[0], pair[1])
	p.out("derive.loss", scenes.Fixed(core.Softplus(-v.Margin), 3))
	votes := a.words.Say("derive.unvoted")
	if n := v.For + v.Against; n > 0 {
		votes = a.words.Say("derive.voted", "share", scenes.Fixed(v.For/n, 3))
	}
	p.get("derive-votes").setText(votes)
	source := "derive.source.fit"
	if !l.Scores.Finite {
		source = "derive.source.limit"
	}
	p.get("derive-source").setText(a.words.Say(source))
}

func (a *app) writeDerivationTable(blogz float64) {
	l, truth := a.lab, a.lab.True()
	a.writeReplyTable("derive-table", 5, func(k int) []string {
		implied := l.Beta() * (l.Optimum.LogPi[k] - l.Reference()[k])
		right := math.NaN()
		if truth != nil {
			right = truth[k]
		}
		return []string{scenes.Fixed(l.Scores.Score[k], 3), scenes.Fixed(core.Exp(l.Optimum.LogPi[k]), 3),
			scenes.Fixed(implied, 3), scenes.Fixed(implied+blogz, 3), scenes.Fixed(right, 3)}
	})
}

// writeReplyTable fills a table that has two rows a reply of the shown prompt:
// its name, and below it as many cells as there are columns. What already
// stands there is left alone.
func (a *app) writeReplyTable(id string, columns int, entries func(k int) []string) {
	n := min(a.lab.Arms(), mostRows)
	texts := make([]string, 0, n*(columns+1))
	for k := range n {
		told := a.mass.names.Told(a.lab.Problem, a.lab.Prompt(), k)
		texts = append(append(texts, scenes.Quoted(told)), entries(k)...)
	}
	if slices.Equal(texts, a.readout.tables[id]) {
		return
	}
	if a.readout.tables == nil {
		a.readout.tables = map[string][]string{}
	}
	a.readout.tables[id] = texts
	rows := a.rowsOf(id, 2*n, func(row js.Value) { a.makeReplyRow(row, columns) })
	for k := 0; k < n; k++ {
		line := texts[k*(columns+1):]
		rows.Index(2*k).Get("firstElementChild").Set("textContent", line[0])
		cells := rows.Index(2*k + 1).Get("children")
		for i := 0; i < columns; i++ {
			cells.Index(i).Set("textContent", line[1+i])
		}
	}
}

// makeReplyRow makes the next row of such a table; its head is row 0.
func (a *app) makeReplyRow(row js.Value, columns int) {
	if row.Get("rowIndex").Int()%2 == 1 {
		name := a.page.make(row, "th", "")
		name.Call("setAttribute", "scope", "rowgroup")
		name.Set("colSpan", columns)
		return
	}
	for range columns {
		a.page.make(row, "td", "")
	}
}

// mostRows is how many replies a table of the page lists.
const mostRows = 30
