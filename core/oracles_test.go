package core_test

import "dpoplayground/core"

// workOthers gives each of a panel's others its share of about n training steps,
// and tells whether anything is left to do.
func workOthers(p *core.Panel, n int) (busy bool) {
	for i := range p.Others {
		busy = p.WorkOn(i, max(1, n/len(p.Others))) || busy
	}
	return busy
}
