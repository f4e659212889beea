package read

import (
	"dpoplayground/core"
	"dpoplayground/core/rlhf"
)

// Papers names the papers that what learns is from, as objective.Citations takes
// them apart.
func Papers(s *core.Settings) string {
	switch s[core.How] {
	case core.LearnByRLHF:
		return rlhf.Estimator(s[core.EstimatorChoice]).Papers()
	case core.LearnOnline:
		return rlhf.OnlinePapers
	}
	return s.Objective().Paper
}
