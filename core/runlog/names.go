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

// splitRun splits the run's name from a measure's: "my run - train/loss".
func splitRun(key string) (run, measure string) {
	if cut := strings.LastIndex(key, " - "); cut >= 0 {
		return key[:cut], key[cut+len(" - "):]
	}
	return "", key
}

// rankOf returns how well a key says the step; 0 for a key that does not.
func rankOf(key string) int {
	_, key = splitRun(key)
	return steps[strings.ToLower(key)]
}

// known tells that a key is a measure that is kept.
func known(key string) bool {
	_, key = splitRun(key)
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
	name, eval = bare(key)
	if other := others[name]; other != "" {
		name = other
	}
	return name, eval
}

// bare returns a measure's name without what says of which set it is.
func bare(key string) (name string, eval bool) {
	key = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(key), " / ", "/"), " ", "_")
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

// tagOf splits a file's name into the run's and that of the one measure which
// TensorBoard writes to a file: run-dpo-tag-train_loss, dpo_train_loss or
// rewards_chosen. A browser may have added a number.
func tagOf(name string) (run, tag string) {
	if cut := strings.LastIndex(name, " ("); cut > 0 && strings.HasSuffix(name, ")") {
		name = name[:cut]
	}
	if run, tag, found := strings.Cut(name, "-tag-"); found {
		if run = strings.TrimPrefix(run, "run-"); run == "." {
			run = unnamed
		}
		return run, tag
	}
	if known(name) {
		return unnamed, name
	}
	for i, c := range name {
		if strings.ContainsRune("_- .", c) && known(name[i+1:]) {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}

// unnamed is what a run is called of which only the measure is known.
const unnamed = "TensorBoard"
