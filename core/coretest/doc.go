// Package coretest is what the tests of several of core's packages share: vectors and
// traces of other people's code, the plain forms of every step, and random
// experiments. Only tests import it, and it may import core and what core may.
package coretest
