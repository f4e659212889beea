package coretest

// The bandit of over-optimisation: the proxy likes best what the truth likes
// least, and the reference hardly ever says it.
var (
	HackRef   = []float64{0.55, 0.4, 0.049, 0.001}
	HackProxy = []float64{0, 0.6, 1, 2}
	HackTruth = []float64{0, 0.6, 1, -2}
)
