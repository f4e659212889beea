package debug

// CallerType says where a draw call came from.
type CallerType int

// The kinds of caller.
const (
	CallerTypeNone CallerType = iota
	CallerTypeRegular
	CallerTypeInternal
)

// FirstCaller finds nothing: looking for the caller needs go/build and a
// source tree, and a page has neither.
func FirstCaller() (file string, line int, callerType CallerType) {
	return "", 0, CallerTypeNone
}
