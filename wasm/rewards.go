//go:build js

package main

import "dpoplayground/scenes"

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
	rw.Page.ByID("rewards-status").SetText(rw.status(columns[1] != nil))
}

// entry writes number k of a column, or that there is none.
func entry(column []float64, k int) string {
	if column == nil {
		return "–"
	}
	return scenes.Signed(column[k], 3)
}

func (rw *rewards) status(known bool) string {
	if rlhf := rw.lab.Run.RLHF(); rlhf != nil {
		return rw.Words.Say("reward.status." + string(rlhf.RewardStatus()))
	}
	if known {
		return rw.Words.Say("rewards.scores")
	}
	return rw.Words.Say("rewards.none")
}
