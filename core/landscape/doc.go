// Package landscape reads off a lab the loss, or the reward less the leash, of all
// policies on three replies, and the run's way over it. It may import core, num,
// objective, train, rlhf and optimum.
package landscape
