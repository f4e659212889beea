// Package objective has the losses: DPO and its relatives, each with its slope, its
// parts, its curve and the loop that a step spends its time in. It may import num
// and data.
package objective
