// Package versus keeps a comparison: the training step, compiled to
// WebAssembly, against the same arithmetic written by hand in JavaScript
// (step.js), both in one tab of one browser. Besides the speed it compares the
// results, which must be the same bits.
//
//	go test ./core/versus -bench .
//
// prints both times and their ratio. Without a Chromium it skips, and says so.
package versus

import "dpoplayground/core"

// Config is the run that is compared: full batch, plain gradient descent, some
// label smoothing so that no weight is 0.
func Config() core.Config {
	return core.Config{HyperParams: core.HyperParams{Beta: 0.1, Epsilon: 0.05}, Rate: 2, Optimizer: core.SGD}
}

// Dataset returns one prompt with the given number of replies, and as many
// distinct pairs of them, each with up to 9 votes for either side.
func Dataset(replies, pairs int) *core.Dataset {
	data := &core.Dataset{Prompts: []core.Prompt{{Replies: make([]core.Reply, replies)}}}
	// Distinct whole numbers below replies², of which those above the diagonal
	// are taken, are distinct pairs.
	square := uint64(replies) * uint64(replies)
	order := core.NewPermutation(1, 1, 0, square)
	votes := core.NewStream(1, 1, 1)
	for i := uint64(0); i < square && len(data.Pairs) < 2*pairs; i++ {
		at := order.At(i)
		a, b := int(at/uint64(replies)), int(at%uint64(replies))
		if a < b {
			data.Pairs = append(data.Pairs,
				core.Pair{Chosen: a, Rejected: b, Count: float64(1 + votes.Below(9))},
				core.Pair{Chosen: b, Rejected: a, Count: float64(votes.Below(10))})
		}
	}
	return data
}
