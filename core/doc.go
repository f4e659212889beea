// Package core is an experiment, its settings and presets, and the Lab that runs it
// in slices of bounded work. Everything that a run depends on is one value, the
// Experiment; the rest is read off the Lab. It may import num, random, data,
// objective, scores, train, rlhf and optimum.
package core
