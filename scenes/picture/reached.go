package picture

// Reached says whether training can arrive at the optimum that is shown.
type Reached uint8

// The kinds of optimum.
const (
	Reachable    Reached = iota // finite
	NeverReached                // a limit: training heads there for ever
	Unknown                     // not computed; no marker is shown
)
