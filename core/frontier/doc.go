// Package frontier draws up what reward costs in divergence: the curve of best
// policies at every β, and where runs stand beside it. It may import core, num, data,
// scores, train, rlhf and optimum.
package frontier
