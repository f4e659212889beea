// Package census looks through the votes of the shown prompt: where each pair lies on
// the curve of the loss, and how hard it is pulled. It may import core, num, data,
// objective and rlhf.
package census
