package core

import (
	"dpoplayground/core/data"
	"dpoplayground/core/rlhf"
)

// What the tests outside of the package look at.

func (s *Settings) RewardConfig() rlhf.RewardConfig { return s.rewardConfig() }

func (s *Settings) RLHFConfig(prompts []data.Prompt) rlhf.Config { return s.rlhfConfig(prompts) }

func (s *Settings) OnlineConfig() rlhf.OnlineDPOConfig { return s.onlineConfig() }

func (p *Panel) Converging() bool { return p.converging }

// WorkOut works out what the lab shows before its first step.
func (l *Lab) WorkOut() (done bool) { return l.workOut() }
