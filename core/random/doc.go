// Package random draws numbers that are a pure function of seed, purpose and
// index, so that any step can be taken again. It may import num.
package random
