// Package slowmotion takes one step of a run apart into what each vote, or each
// generated reply, did to the logits. It may import core, num, objective, rlhf and
// train.
package slowmotion
