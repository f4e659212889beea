// Package num has exponential, logarithm, softmax and divergences whose results
// have the same bits on every machine and in every browser. It may import nothing.
package num
