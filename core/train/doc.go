// Package train takes the steps: it moves a policy down the loss of preferences, by
// the optimiser that is asked for, with checkpoints that lead back to any step and
// measures of where it stands. It may import num, random, data, objective and scores.
//
// # How a step is taken
//
// A step of gradient descent on all votes, as a textbook has it. A vote is a chosen
// and a rejected example, a thumb one of them; z are the logits of all replies.
//
//	func textbookStep(p *data.Problem, loss *objective.Loss, chosen, rejected []example, z []float64, rate float64) {
//		logPi, c := make([]float64, len(z)), make([]float64, len(z)) // c = ∂L/∂log π
//		for i := range p.Prompts {
//			a, b := p.Range(i)
//			num.LogSoftmax(logPi[a:b], z[a:b])
//		}
//		batch := objective.LossBatch{Chosen: sideOf(p, logPi, chosen), Rejected: sideOf(p, logPi, rejected)}
//		batch.Mean(loss, batch.Baseline())
//		for i, e := range chosen {
//			c[e.arm] += batch.Chosen.Grad[i]
//		}
//		for i, e := range rejected {
//			c[e.arm] += batch.Rejected.Grad[i]
//		}
//		for i := range p.Prompts {
//			a, b := p.Range(i)
//			sum := num.Total(c[a:b], 0)
//			for k := a; k < b; k++ {
//				z[k] -= rate * (c[k] - num.Exp(logPi[k])*sum)
//			}
//		}
//	}
//
// The trainer holds d = z − log π_ref and comes to the same steps, but for rounding,
// on one of seven ways. Which one (see chooseWay) is a matter of what the loss of one
// step must see; below it are the losses that take it where all replies have one
// length and, in brackets, those that take it only where they have several.
//
// Margins of two logits: log Z cancels, and a step costs O(votes) however many
// replies there are.
//
//	ByLogistic  −log σ of the margin: objective.PushLogistic, the loop that is measured
//	    dpo cdpo rdpo sigmoid_norm dpo_reference_free
//	ByMargin    another loss of the margin: objective.MarginLoss.PushPair
//	    ipo simpo hinge exo_pair discopop ipo_norm
//	byOrder     margins that are sorted first, and matched with the reference's: sorter.margins
//	    aot
//
// Scores of log π: the normaliser of each prompt is worked out, and the gradient sent
// back through it.
//
//	byPair      both scores of each pair: all losses have parts, so that only byParts, where one is not finite, turns to it
//	byParts     the same, what a reply decides by itself once a reply: Trainer.addParts
//	    orpo dpop chi_po sft fdiv_js fdiv_forward_kl fdiv_alpha nca_pair
//	    bco_pair sppo_hard apo_zero apo_down cal_dpo rpo mpo cpo
//	    (simpo sigmoid_norm ipo_norm)
//	byThumb     one reply at a time: Trainer.addReplies
//	    kto apo_zero_unpaired
//	byRank      scores that are sorted first: sorter.replies
//	    aot_unpaired
//
// What else an experiment may ask for changes what goes into the step or comes out of
// it, not the way: a minibatch is a shorter list of votes (minibatch), a reference
// that moves is subtracted from d (follower), weights that replies share turn the
// gradient in z into one in θ (Linear), and the optimiser makes of it what is added
// (Updater).
package train
