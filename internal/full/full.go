// Package full tells tests whether to run in full. By default the slowest of them
// look at a part of their cases; in full they look at all:
//
//	DPO_TESTS=full go test ./...
//
// It may import the standard library alone.
package full

import "os"

// Asked tells whether the tests are to run in full.
func Asked() bool { return os.Getenv("DPO_TESTS") == "full" }

// Or returns all where the tests run in full, and otherwise a part.
func Or[T any](part, all T) T {
	if Asked() {
		return all
	}
	return part
}
