package read

import (
	"dpoplayground/core"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/words"
)

// BetaRole returns the end of the keys of what β means to what learns, whose
// sentence is under "beta.role." and whose heading is under "beta.title.": the
// role of the objective, with its own key where the catalogue has a sentence for it
// alone. RLHF and online DPO use β as DPO does.
func BetaRole(s *core.Settings, w words.Words) string {
	if s[core.How] != core.LearnDirectly {
		return string(objective.BetaLeash)
	}
	o := s.Objective()
	own := string(o.Beta) + "." + o.Key
	if _, there := w["beta.role."+own]; there {
		return own
	}
	return string(o.Beta)
}

// IsDPOsBeta tells that what learns is DPO's own loss, or RLHF, whose β is meant
// wherever nothing is said of β.
func IsDPOsBeta(s *core.Settings) bool {
	return s[core.How] != core.LearnDirectly || s.Objective().Key == "dpo"
}
