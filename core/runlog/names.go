package runlog

import "strings"

// measures are those that are kept, by TRL's names.
var measures = map[string]bool{
	"loss": true, "rewards/chosen": true, "rewards/rejected": true, "rewards/margins": true, "rewards/accuracies": true,
	"logps/chosen": true, "logps/rejected": true, "kl": true, "grad_norm": true,
}

// perToken are measures of trainers that sample replies and take KL as a mean
// over tokens.
var perToken = map[string]bool{"completions/mean_length": true, "completion_length": true, "reward_std": true}

// others are other libraries' and older names of TRL's measures.
var others = map[string]string{
	"chosen_rewards": "rewards/chosen", "rejected_rewards": "rewards/rejected",
	"chosen_reward": "rewards/chosen", "rejected_reward": "rewards/rejected", "reject_reward": "rewards/rejected",
	"reward_chosen": "rewards/chosen", "reward_rejected": "rewards/rejected",
	"rewards_chosen": "rewards/chosen", "rewards_rejected": "rewards/rejected",
	"rewards_chosen_mean": "rewards/chosen", "rewards_rejected_mean": "rewards/rejected",
	"reward_accuracy": "rewards/accuracies", "rewards_accuracies": "rewards/accuracies", "rewards_accuracy": "rewards/accuracies",
	"rewards/accuracy": "rewards/accuracies", "accuracy": "rewards/accuracies", "acc": "rewards/accuracies", "acc_mean": "rewards/accuracies",
	"reward_margin": "rewards/margins", "rewards_margins": "rewards/margins", "rewards_margin": "rewards/margins",
	"rewards/margin": "rewards/margins", "margin": "rewards/margins", "reward_diff": "rewards/margins",
	"policy_chosen_logps": "logps/chosen", "policy_rejected_logps": "logps/rejected",
	"logps_chosen": "logps/chosen", "logps_rejected": "logps/rejected",
	"log_probs/chosen": "logps/chosen", "log_probs/rejected": "logps/rejected",
	"gradient_norm": "grad_norm", "grad_norm/total": "grad_norm", "loss_mean": "loss", "preference_loss": "loss", "dpo_loss": "loss",
	"objective/kl": "kl", "objective_kl": "kl", "kl_sampled": "kl", "kl_divergence": "kl", "approx_kl": "kl",
}

// steps are the keys that say a row's step. Where a row has several, the one
// with the highest number counts: trackers also count what they were sent.
var steps = map[string]int{
	"global_step": 6, "train/global_step": 5, "trainer/global_step": 4, "step": 3, "steps": 3, "current_steps": 3, "iteration": 2, "iter": 2, "_step": 1,
}

// rankOf returns how well a key says the step; 0 for a key that does not.
func rankOf(key string) int {
	if _, rest, found := strings.Cut(key, " - "); found {
		key = rest
	}
	return steps[strings.ToLower(key)]
}

// known tells that a key is a measure that is kept.
func known(key string) bool {
	if _, rest, found := strings.Cut(key, " - "); found {
		key = rest
	}
	name, _ := canonical(key)
	return measures[name]
}

// trainWords and evalWords are written around a measure's name.
var (
	trainWords = []string{"train", "training"}
	evalWords  = []string{"eval", "evaluation", "valid", "val", "validation", "test"}
)

// canonical returns TRL's name of a measure and whether it is of the evaluation
// set. What says so stands before the name, behind it, or inside it.
func canonical(key string) (name string, eval bool) {
	key = strings.ToLower(key)
	if strings.HasSuffix(key, "train/train_loss") {
		return "", false // the mean over the whole run
	}
	for _, word := range trainWords {
		key = without(key, word)
	}
	for _, word := range evalWords {
		if rest := without(key, word); rest != key {
			key, eval = rest, true
		}
	}
	if other := others[key]; other != "" {
		key = other
	}
	return key, eval
}

// without takes a word off a key: train/loss, train_loss, loss/train,
// rewards_train/chosen.
func without(key, word string) string {
	for _, mark := range []string{"/", "_"} {
		if rest, has := strings.CutPrefix(key, word+mark); has {
			return rest
		}
	}
	key = strings.TrimSuffix(key, "/"+word)
	return strings.Replace(key, "_"+word+"/", "/", 1)
}
