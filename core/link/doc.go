// Package link writes an experiment as an address and reads it back, with a
// Complaint for each part that is not allowed. It may import core, data and train.
package link
