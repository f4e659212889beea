//go:build js

package main

import (
	"math"
	"slices"
	"strconv"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/train"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// derivation is the panel that derives DPO with the numbers of the experiment.
type derivation struct {
	*app
	table replyTable
}

func (dv *derivation) register(on *handlers) {
	on.tells = append(on.tells, panelWriter{"", dv.place}, panelWriter{"derive", dv.write})
}

// fits tells whether the derivation is of what is learnt.
func (dv *derivation) fits() bool {
	return dv.lab.Scores != nil && dv.lab.Scores.Computed && !dv.lab.Veiled()
}

// place has the panel say what it holds before it is opened.
func (dv *derivation) place() {
	dv.page.ByID("derive-body").SetHidden(!dv.fits())
	dv.page.ByID("derive-none").SetHidden(dv.fits() || dv.lab.WorkingOut())
	if key := "derive.none"; !dv.fits() {
		if dv.lab.Veiled() {
			key = "arrives.hidden"
		}
		dv.page.ByID("derive-none").SetText(dv.words.Say(key))
	}
}

// inner writes a number that stands after a sign or a factor: a negative one
// in brackets.
func inner(x float64, decimals int) string {
	s := words.Fixed(x, decimals)
	if x < 0 && s != words.Fixed(0, decimals) {
		return "(" + s + ")"
	}
	return s
}

// write writes the table of rewards and policies at the optimum, and
// what follows from it for the worked pair.
func (dv *derivation) write() {
	if !dv.fits() {
		return
	}
	l, p, pair := dv.lab, dv.page, read.WorkedPair(dv.lab)
	blogz := l.Optimum.Objective(l.Beta())
	p.WriteOut("derive.blogz", words.Fixed(blogz, 3))
	dv.writeTable(blogz)
	w, r := l.Scores.Score[pair[0]], l.Scores.Score[pair[1]]
	p.WriteOut("derive.w", words.Fixed(w, 3))
	p.WriteOut("derive.l.in", inner(r, 3))
	p.WriteOut("derive.diff", words.Fixed(w-r, 3))
	p.WriteOut("derive.p", words.Fixed(num.Sigmoid(w-r), 3))
	v := l.Worked(pair[0], pair[1])
	p.WriteOut("derive.loss", words.Fixed(num.Softplus(-v.Margin), 3))
	votes := dv.words.Say("derive.unvoted")
	if n := v.For + v.Against; n > 0 {
		votes = dv.words.Say("derive.voted", "share", words.Fixed(v.For/n, 3))
	}
	p.ByID("derive-votes").SetText(votes)
	source := "derive.source.fit"
	if !l.Scores.Finite {
		source = "derive.source.limit"
	}
	p.ByID("derive-source").SetText(dv.words.Say(source))
}

func (dv *derivation) writeTable(blogz float64) {
	l, truth := dv.lab, dv.lab.True()
	dv.table.write(dv.app, "derive-table", 5, func(k int) []string {
		implied := l.Beta() * (l.Optimum.LogPi[k] - l.Reference()[k])
		right := math.NaN()
		if truth != nil {
			right = truth[k]
		}
		return []string{words.Fixed(l.Scores.Score[k], 3), words.Fixed(num.Exp(l.Optimum.LogPi[k]), 3),
			words.Fixed(implied, 3), words.Fixed(implied+blogz, 3), words.Fixed(right, 3)}
	})
}

// rewards is the panel of each reply's rewards.
type rewards struct {
	*app
	table replyTable
}

func (rw *rewards) register(on *handlers) {
	on.tells = append(on.tells, panelWriter{"rewards", rw.write})
}

// write writes the three rewards of each reply: the true one, the one
// fitted to the votes and the one that the policy implies.
func (rw *rewards) write() {
	columns := [3][]float64{rw.lab.True(), rw.lab.Learned(), rw.lab.Implicit()}
	rw.table.write(rw.app, "rewards-table", len(columns), func(k int) []string {
		return []string{entry(columns[0], k), entry(columns[1], k), entry(columns[2], k)}
	})
	rw.page.ByID("rewards-status").SetText(rw.status(columns[1] != nil))
}

// entry writes number k of a column, or that there is none.
func entry(column []float64, k int) string {
	if column == nil {
		return "–"
	}
	return words.Signed(column[k], 3)
}

func (rw *rewards) status(known bool) string {
	if rlhf := rw.lab.RLHF(); rlhf != nil {
		return rw.words.Say("reward.status." + string(rlhf.RewardStatus()))
	}
	if known {
		return rw.words.Say("rewards.scores")
	}
	return rw.words.Say("rewards.none")
}

// cost is the panel of what the run has taken.
type cost struct{ *app }

func (co *cost) register(on *handlers) {
	on.tells = append(on.tells, panelWriter{"cost", co.write})
}

// write writes what the run has taken, beside DPO's cost for as many
// updates of the policy.
func (co *cost) write() {
	here := co.lab.Run.Cost()
	dpo := train.CostOf(objective.Named("dpo"), here.PolicyUpdates)
	for _, row := range [...]struct {
		this, dpo string
		count     func(train.Cost) int
	}{
		{"cost.this.models", "cost.dpo.models", func(c train.Cost) int { return c.Models.Count() }},
		{"cost.this.replies", "cost.dpo.replies", func(c train.Cost) int { return c.Replies }},
		{"cost.this.calls", "cost.dpo.calls", func(c train.Cost) int { return c.RewardCalls }},
		{"cost.this.votes", "cost.dpo.votes", func(c train.Cost) int { return c.Votes }},
		{"cost.this.policy", "cost.dpo.policy", func(c train.Cost) int { return c.PolicyUpdates }},
		{"cost.this.reward", "cost.dpo.reward", func(c train.Cost) int { return c.RewardUpdates }},
		{"cost.this.value", "cost.dpo.value", func(c train.Cost) int { return c.ValueUpdates }},
	} {
		co.page.WriteOut(row.this, words.Count(float64(row.count(here))))
		co.page.WriteOut(row.dpo, words.Count(float64(row.count(dpo))))
	}
	solved := ""
	if here.RewardSolves > 0 {
		solved = co.words.Say("cost.solved")
	}
	co.page.WriteOut("cost.this.solved", solved)
	co.page.ByID("cost-note").SetText(co.note(here))
}

func (co *cost) note(c train.Cost) string {
	switch n := c.Models.Count(); co.lab.Experiment.Settings[core.How] {
	case core.LearnByRLHF:
		return co.words.Say("cost.note.rlhf")
	case core.LearnOnline:
		return co.words.Say("cost.note.online")
	default:
		return co.words.Say(co.words.Form("cost.note.direct", n), "models", strconv.Itoa(n))
	}
}

// A replyTable is a table of the replies of the shown prompt.
type replyTable struct{ texts []string }

// write fills a table that has two rows a reply of the shown prompt:
// its name, and below it as many cells as there are columns. What already
// stands there is left alone.
func (tb *replyTable) write(a *app, id string, columns int, entries func(k int) []string) {
	n := min(a.lab.Arms(), mostRows)
	texts := make([]string, 0, n*(columns+1))
	replies := a.lab.Problem.Prompts[a.lab.Prompt()].Replies
	for k := range n {
		texts = append(append(texts, read.Quoted(read.Told(replies, k))), entries(k)...)
	}
	if slices.Equal(texts, tb.texts) {
		return
	}
	tb.texts = texts
	rows := a.page.Rows(id, 2*n, func(row js.Value) { tb.makeRow(a.page, row, columns) })
	for k := 0; k < n; k++ {
		line := texts[k*(columns+1):]
		rows.Index(2*k).Get("firstElementChild").Set("textContent", line[0])
		cells := rows.Index(2*k + 1).Get("children")
		for i := 0; i < columns; i++ {
			cells.Index(i).Set("textContent", line[1+i])
		}
	}
}

// makeRow makes the next row of such a table; its head is row 0.
func (tb *replyTable) makeRow(p *page.Page, row js.Value, columns int) {
	if row.Get("rowIndex").Int()%2 == 1 {
		name := p.Make(row, "th", "")
		name.Call("setAttribute", "scope", "rowgroup")
		name.Set("colSpan", columns)
		return
	}
	for range columns {
		p.Make(row, "td", "")
	}
}

// mostRows is how many replies a table of the page lists.
const mostRows = 30
