// Package optimum works out where a run is headed: in closed form, from the scores,
// or by following the descent in time instead of steps. Steps never depend on it, so
// it may also use gonum. It may import num, data, objective, scores, train and rlhf.
package optimum
