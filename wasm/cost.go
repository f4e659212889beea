//go:build js

package main

import (
	"strconv"

	"dpoplayground/core"
	"dpoplayground/scenes"
)

// writeCost writes what the run has taken, beside DPO's cost for as many
// updates of the policy.
func (a *app) writeCost() {
	if !a.isOpen("cost") {
		return
	}
	here := a.lab.Run.Cost()
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
		a.page.out(row.this, scenes.Count(float64(row.count(here))))
		a.page.out(row.dpo, scenes.Count(float64(row.count(dpo))))
	}
	solved := ""
	if here.RewardSolves > 0 {
		solved = a.words.Say("cost.solved")
	}
	a.page.out("cost.this.solved", solved)
	a.page.get("cost-note").setText(a.costNote(here))
}

func (a *app) costNote(c core.Cost) string {
	switch n := c.Models.Count(); a.lab.Experiment.Settings[core.How] {
	case core.LearnByRLHF:
		return a.words.Say("cost.note.rlhf")
	case core.LearnOnline:
		return a.words.Say("cost.note.online")
	default:
		return a.words.Say(a.words.Form("cost.note.direct", n), "models", strconv.Itoa(n))
	}
}

// writeRewards writes the three rewards of each reply: the true one, the one
// fitted to the votes and the one that the policy implies.
func (a *app) writeRewards() {
	if !a.isOpen("rewards") {
		return
	}
	columns := [3][]float64{a.lab.True(), a.lab.Learned(), a.lab.Implicit()}
	a.writeReplyTable("rewards-table", len(columns), func(k int) []string {
		return []string{entry(columns[0], k), entry(columns[1], k), entry(columns[2], k)}
	})
	a.page.get("rewards-status").setText(a.rewardStatus(columns[1] != nil))
}

// entry writes number k of a column, or that there is none.
func entry(column []float64, k int) string {
	if column == nil {
		return "–"
	}
	return scenes.Signed(column[k], 3)
}

func (a *app) rewardStatus(known bool) string {
	if rlhf := a.lab.Run.RLHF(); rlhf != nil {
		return a.words.Say("reward.status." + string(rlhf.RewardStatus()))
	}
	if known {
		return a.words.Say("rewards.scores")
	}
	return a.words.Say("rewards.none")
}
