package rlhf

// Refit fits the model to the votes as they are now, after new ones: to the end
// if it was, else by the configured number of steps.
func (m *RewardModel) Refit() {
	for left := m.beginRefit(); left > 0; {
		left, _ = m.refit(left)
	}
}
