package ledger

import (
	"dpoplayground/core"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A Ledger keeps the accounts of a span of steps: how much probability went
// from each group of replies to each other. It retraces the run step by step
// and sums what Flow tells of each, so that the entries of a group add up to
// what its probability changed by, exactly but for rounding.
type Ledger struct {
	From       int // the step that the span begins after
	train.Flow     // of the span; Net[j*K+k] is what went from group j to group k

	lab      *core.Lab // shares the data of the lab whose run it retraces
	group    func(dst, logits []float64) []float64
	target   int
	at       int // the step up to which it is kept, or −1
	was, now []float64
	moved    train.Flow // in one step
	logits   []float64
}

// New returns the ledger of a lab's run and shown prompt from a step on.
// group reduces the prompt's logits to those of its groups, each the log of the
// sum of e to its members', and must append to dst[:0].
func New(l *core.Lab, from int, group func(dst, logits []float64) []float64) *Ledger {
	e := l.Experiment
	e.Versus = nil
	own := &core.Lab{Presets: l.Presets, Lead: l}
	if own.Set(e) != nil {
		return nil // it was accepted before
	}
	return &Ledger{From: from, lab: own, group: group, target: from, at: -1}
}

// Seek asks for the accounts up to a step. Where it lies before From, nothing
// has moved. Work goes there.
func (g *Ledger) Seek(step int) { g.target = max(step, g.From) }

// Target returns the step up to which the accounts are wanted.
func (g *Ledger) Target() int { return g.target }

// Done tells whether the ledger is kept up to the target.
func (g *Ledger) Done() bool { return g.at == g.target }

// Work takes about n steps and tells whether the ledger is kept up to the
// target.
func (g *Ledger) Work(n int) (done bool) {
	run := g.lab.Run
	if launch := g.lab.Launch; !launch.Ready {
		launch.Work(scores.WorkBudget)
		return false
	}
	if g.at > g.target || g.at < 0 {
		run.Seek(g.From)
		if run.WorkWithin(n, scores.WorkBudget); run.StepCount() != g.From {
			return false
		}
		g.openAccounts()
	}
	for ops := scores.WorkBudget; n > 0 && ops > 0 && g.at < g.target; n-- {
		run.Seek(g.at + 1)
		if ops = run.WorkWithin(1, ops); run.StepCount() > g.at {
			g.enterStep()
			ops -= len(g.logits)
		}
	}
	return g.Done()
}

// openAccounts begins the accounts where the run stands.
func (g *Ledger) openAccounts() {
	g.at = g.From
	g.was = g.readLogits(g.was)
	g.Resize(len(g.was))
}

// enterStep adds the step just taken.
func (g *Ledger) enterStep() {
	g.at++
	g.now = g.readLogits(g.now)
	g.moved.Between(g.was, g.now)
	for i, m := range g.moved.Net {
		g.Net[i] += m
	}
	g.was, g.now = g.now, g.was
}

func (g *Ledger) readLogits(dst []float64) []float64 {
	g.logits = g.lab.Logits(g.logits)
	return g.group(dst, g.logits)
}
