//go:build js

package main

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/view"
)

// derivation is the panel that derives DPO with the numbers of the experiment.
type derivation struct {
	*app
	table replyTable
}

func (dv *derivation) register(on *handlers) {
	on.tells = append(on.tells, panelWriter{"derive", dv.write})
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

// write writes the table of rewards and policies at the optimum, and
// what follows from it for the worked pair.
func (dv *derivation) write() {
	fits := dv.lab.Scores != nil && dv.lab.Scores.Computed
	dv.Page.ByID("derive-body").SetHidden(!fits)
	dv.Page.ByID("derive-none").SetHidden(fits || dv.lab.WorkingOut())
	if !fits {
		return
	}
	l, p, pair := dv.lab, dv.Page, view.WorkedPair(dv.lab)
	blogz := l.Optimum.Objective(l.Beta())
	p.WriteOut("derive.blogz", scenes.Fixed(blogz, 3))
	dv.writeTable(blogz)
	w, r := l.Scores.Score[pair[0]], l.Scores.Score[pair[1]]
	p.WriteOut("derive.w", scenes.Fixed(w, 3))
	p.WriteOut("derive.l.in", inner(r, 3))
	p.WriteOut("derive.diff", scenes.Fixed(w-r, 3))
	p.WriteOut("derive.p", scenes.Fixed(core.Sigmoid(w-r), 3))
	v := l.Worked(pair[0], pair[1])
	p.WriteOut("derive.loss", scenes.Fixed(core.Softplus(-v.Margin), 3))
	votes := dv.Words.Say("derive.unvoted")
	if n := v.For + v.Against; n > 0 {
		votes = dv.Words.Say("derive.voted", "share", scenes.Fixed(v.For/n, 3))
	}
	p.ByID("derive-votes").SetText(votes)
	source := "derive.source.fit"
	if !l.Scores.Finite {
		source = "derive.source.limit"
	}
	p.ByID("derive-source").SetText(dv.Words.Say(source))
}

func (dv *derivation) writeTable(blogz float64) {
	l, truth := dv.lab, dv.lab.True()
	dv.table.write(dv.app, "derive-table", 5, func(k int) []string {
		implied := l.Beta() * (l.Optimum.LogPi[k] - l.Reference()[k])
		right := math.NaN()
		if truth != nil {
			right = truth[k]
		}
		return []string{scenes.Fixed(l.Scores.Score[k], 3), scenes.Fixed(core.Exp(l.Optimum.LogPi[k]), 3),
			scenes.Fixed(implied, 3), scenes.Fixed(implied+blogz, 3), scenes.Fixed(right, 3)}
	})
}
