package data

// Limits of what may be typed in, and of what a link may hold.
const (
	MaxText     = 2000 // characters of one text
	MaxReward   = 100.0
	MinWeight   = 1e-12 // of a reply in the reference
	MaxWeight   = 1e12
	MaxCount    = 1e9
	MaxTokens   = 100_000 // of a reply
	MostFeature = 100.0   // either way
	MaxFeatures = 16      // of a reply

	MaxLinkReplies = 400 // of all prompts
)

// hashedAtOnce is how many bytes of one text are hashed between pauses.
const hashedAtOnce = 1 << 16

// SameList tells that two lists are one and the same.
func SameList[T any](a, b []T) bool {
	return (a == nil) == (b == nil) && len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}
