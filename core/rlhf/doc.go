// Package rlhf learns from preferences the other way: it fits a reward model, and
// moves a policy up the reward less β KL(π‖π_ref) by the exact gradient, REINFORCE,
// RLOO, GRPO or PPO; and it has online DPO. It may import num, random, data,
// objective, scores and train.
package rlhf
