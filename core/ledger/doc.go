// Package ledger compares what methods cost: for each, what a lab counted up to where
// it stands, and whether it is there. It may import core, scores and train.
package ledger
