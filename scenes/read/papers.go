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
		how := rlhf.Estimator(s[core.EstimatorChoice])
		if s[core.ClipHigh] > 0 && (how == rlhf.PPO || how == rlhf.GRPO) {
			return how.Papers() + "; the upper clip: Yu et al. 2025 (DAPO), arXiv:2503.14476"
		}
		return how.Papers()
	case core.LearnOnline:
		return rlhf.OnlinePapers
	}
	if s[core.RefEvery] > 0 {
		return s.Objective().Paper + "; a reference that moves: Gorbatovski et al. 2024 (TR-DPO), arXiv:2404.09656"
	}
	return s.Objective().Paper
}
