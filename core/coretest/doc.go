// Package coretest is what the tests of several of core's packages share: vectors and
// traces of other people's code, the plain forms of every step, and random
// experiments. Only tests import it.
//
// It may import core, data, datatest, objective, optimum, oracle, rlhf, scores and train.
package coretest
