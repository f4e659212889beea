//go:build !js

package pagetest

import (
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/scenes/words"
)

// learnt reads a column of the page's table of costs or rewards.
func (p *tab) learnt(selector string) []string {
	p.t.Helper()
	return eval[[]string](p, `[...document.querySelectorAll($)].map((e) => e.textContent)`, selector)
}

// RLHF is chosen, its settings appear, it trains as core does, counts as core
// counts, and goes back to identical values.
func TestRLHFOnThePage(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=tyre&beta=1&open=cost.rewards")
	visible := func(id string) bool {
		return eval[bool](p, `document.getElementById($).closest("[hidden]") === null`, id)
	}
	if visible("est") || !visible("obj") {
		t.Error("settings of RLHF are shown beside DPO's")
	}
	p.choose("#how", "rlhf")
	p.until(`location.hash.includes("how=rlhf") && document.getElementById("est").closest("[hidden]") === null`)
	if visible("obj") || visible("every") {
		t.Error("beside RLHF's settings others are shown")
	}
	p.dragTimeline(0.04)
	s := p.agree()
	l := labAt(t, s.Hash)
	p.checkCost(l)
	p.until(`document.querySelector("#rewards-table tbody tr:nth-child(2)").children[1].textContent === $`, words.Signed(l.Learned()[0], 3))
	before := s.numbers()
	p.click(`[data-do="back"]`)
	p.agree()
	p.click(`[data-do="forward"]`)
	if again := p.agree(); again.numbers() != before {
		t.Errorf("after a step back and one forward the page shows %v, not %v", again.numbers(), before)
	}
	p.choose("#est", "grpo") // divides advantages by their spread, which keeps the noise up
	p.until(`location.hash.includes("est=grpo")`)
	p.agree()
	p.click("#converge")
	p.waitMessage("Steps depend on samples")
	p.closeMessages()
	p.choose("#est", "exact")
	p.until(`location.hash.includes("est=exact")`)
	p.agree()
	p.click("#converge")
	p.waitMessage("Converged at step")
	if s := p.agree(); s.Now != s.Optimum {
		t.Errorf("arrived, KL is %s and at the optimum %s", s.Now, s.Optimum)
	}
	p.choose("#how", "online")
	p.until(`location.hash.includes("how=online")`)
	p.checkCost(labAt(t, p.agree().Hash))
}

// checkCost compares the table of costs with a lab's.
func (p *tab) checkCost(l *core.Lab) {
	p.t.Helper()
	c := l.Run.Cost()
	for name, n := range map[string]int{"models": c.Models.Count(), "replies": c.Replies, "calls": c.RewardCalls,
		"votes": c.Votes, "policy": c.PolicyUpdates, "reward": c.RewardUpdates, "value": c.ValueUpdates} {
		p.until(`document.querySelector($).textContent === $`, `[data-out="cost.this.`+name+`"]`, words.Count(float64(n)))
	}
	if dpo := p.learnt(`[data-out="cost.dpo.models"],[data-out="cost.dpo.replies"],[data-out="cost.dpo.calls"],[data-out="cost.dpo.reward"]`); strings.Join(dpo, " ") != "2 0 0 0" {
		p.t.Errorf("DPO is said to cost %v", dpo)
	}
}

// On one-sided votes it is said that the number of steps decides.
func TestRLHFOnOneSidedVotes(t *testing.T) {
	t.Parallel()
	p := openPage(t, "v=1&preset=agree&how=rlhf&est=exact&step=3&rmsteps=40")
	s := p.agree()
	if !strings.Contains(s.Arrives, "Unanimous preferences") || !strings.Contains(s.Said, "being fitted") {
		t.Errorf("the page says %q and %q", s.Arrives, s.Said)
	}
	p.enter("#steps", strconv.Itoa(10))
	p.agree()
}
