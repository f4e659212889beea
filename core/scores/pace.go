package scores

import "iter"

// Pace lets long work stop now and then: Spend counts operations and hands
// control back when the budget is used up. The zero pace never stops.
type Pace struct {
	left  int
	yield func(struct{}) bool
}

// stopped is what Spend panics with, to leave abandoned work from any depth.
type stopped struct{}

// Spend counts operations, and pauses when the budget of the slice is used up.
func (p *Pace) Spend(ops int) {
	p.left -= ops
	if p.left > 0 || p.yield == nil {
		return
	}
	if !p.yield(struct{}{}) {
		panic(stopped{})
	}
}

// each runs through 0..n−1 in stretches [from, to) short enough to pause after
// each, at a cost of so many operations an item.
func (p *Pace) each(n, cost int) iter.Seq2[int, int] {
	const stretch = 4096
	return func(yield func(from, to int) bool) {
		for from := 0; from < n; from += stretch {
			to := min(from+stretch, n)
			if !yield(from, to) {
				return
			}
			p.Spend(cost * (to - from))
		}
	}
}

// A Task is work that is done a slice at a time. The answer does not depend on the
// slices.
type Task struct {
	Pace Pace // which the work spends
	Done bool
	next func() (struct{}, bool)
	stop func()
}

// Advance goes on with the work for about ops units (see WorkBudget), and reports
// whether it is done. The first call of Advance begins it.
func (t *Task) Advance(ops int, work func()) bool {
	if t.Done {
		return true
	}
	t.Pace.left = ops
	if t.next == nil {
		t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
			defer func() {
				if r := recover(); r != nil && r != (stopped{}) {
					panic(r)
				}
			}()
			t.Pace.yield = yield
			work()
			t.Done = true
		})
	}
	if t.next(); t.Done {
		t.Stop()
	}
	return t.Done
}

// Stop abandons unfinished work and frees what it holds.
func (t *Task) Stop() {
	if t.stop != nil {
		t.stop()
	}
	t.next, t.stop, t.Pace = nil, nil, Pace{}
}
