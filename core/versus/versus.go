// Package versus keeps a comparison: the training step, compiled to
// WebAssembly, against the same arithmetic written by hand in JavaScript
// (step.js), both in one tab of one browser. Besides the speed it compares the
// results, which must be the same bits.
//
//	go test ./core/versus -bench .
//
// prints both times and their ratio. Without a Chromium it skips, and says so.
package versus

import (
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/random"
	"dpoplayground/core/train"
)

// Config is the run that is compared: full batch, plain gradient descent, some
// label smoothing so that no weight is 0.
func Config() train.Config {
	return train.Config{HyperParams: objective.HyperParams{Beta: 0.1, Epsilon: 0.05}, Rate: 2, Optimizer: train.SGD}
}

// Dataset returns one prompt with the given number of replies, and as many
// distinct pairs of them, each with up to 9 votes for either side.
func Dataset(replies, pairs int) *data.Dataset {
	set := &data.Dataset{Prompts: []data.Prompt{{Replies: make([]data.Reply, replies)}}}
	// Distinct whole numbers below replies², of which those above the diagonal
	// are taken, are distinct pairs.
	square := uint64(replies) * uint64(replies)
	order := random.NewPermutation(1, 1, 0, square)
	votes := random.NewStream(1, 1, 1)
	for i := uint64(0); i < square && len(set.Pairs) < 2*pairs; i++ {
		at := order.At(i)
		a, b := int(at/uint64(replies)), int(at%uint64(replies))
		if a < b {
			set.Pairs = append(set.Pairs,
				data.Pair{Chosen: a, Rejected: b, Count: float64(1 + votes.Below(9))},
				data.Pair{Chosen: b, Rejected: a, Count: float64(votes.Below(10))})
		}
	}
	return set
}
