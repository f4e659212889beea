// Package race trains on the same votes by DPO and by RLHF side by side, and keeps
// what each has spent and how far each has come. It may import core, num, data, train,
// rlhf and optimum.
package race
