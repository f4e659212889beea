//go:build js

package main

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// cost is the panel of what the run has taken.
type cost struct{ *app }

func (co *cost) register(on *handlers) {
	on.tells = append(on.tells, panelWriter{"cost", co.write})
}

// write writes what the run has taken, beside DPO's cost for as many
// updates of the policy.
func (co *cost) write() {
	here := co.lab.Run.Cost()
	dpo := core.ObjectiveNamed("dpo").Cost(here.PolicyUpdates)
	for _, row := range [...]struct {
		this, dpo string
		count     func(core.Cost) int
	}{
		{"cost.this.models", "cost.dpo.models", func(c core.Cost) int { return c.Models.Count() }},
		{"cost.this.replies", "cost.dpo.replies", func(c core.Cost) int { return c.Replies }},
		{"cost.this.calls", "cost.dpo.calls", func(c core.Cost) int { return c.RewardCalls }},
		{"cost.this.votes", "cost.dpo.votes", func(c core.Cost) int { return c.Votes }},
		{"cost.this.policy", "cost.dpo.policy", func(c core.Cost) int { return c.PolicyUpdates }},
		{"cost.this.reward", "cost.dpo.reward", func(c core.Cost) int { return c.RewardUpdates }},
		{"cost.this.value", "cost.dpo.value", func(c core.Cost) int { return c.ValueUpdates }},
	} {
		co.Page.WriteOut(row.this, scenes.Count(float64(row.count(here))))
		co.Page.WriteOut(row.dpo, scenes.Count(float64(row.count(dpo))))
	}
	solved := ""
	if here.RewardSolves > 0 {
		solved = co.Words.Say("cost.solved")
	}
	co.Page.WriteOut("cost.this.solved", solved)
	co.Page.ByID("cost-note").SetText(co.note(here))
}

func (co *cost) note(c core.Cost) string {
	switch n := c.Models.Count(); co.lab.Experiment.Settings[core.How] {
	case core.LearnByRLHF:
		return co.Words.Say("cost.note.rlhf")
	case core.LearnOnline:
		return co.Words.Say("cost.note.online")
	default:
		return co.Words.Say(plural("cost.note.direct", n), "models", strconv.Itoa(n))
	}
}
