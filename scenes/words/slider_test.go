package words_test

import (
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/link"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// TestComplainNamesChoices: choices are told as the page has them, and as a link
// must spell them where that is what went wrong.
func TestComplainNamesChoices(t *testing.T) {
	w := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return key })
	for address, want := range map[string]string{
		"thumbs=0u9&obj=dpo":        "“Loss” cannot be “DPO” here: there are thumbs up and down on single replies, and no pairs to compare. Losses that read thumbs: KTO, SFT on the chosen, APO-zero, unpaired.",
		"thumbs=0u9&how=rlhf":       "“Method” cannot be “RLHF” here: there are thumbs up and down on single replies, and no pairs to compare. Losses that read thumbs: KTO, SFT on the chosen, APO-zero, unpaired.",
		"preset=tyre&policy=linear": "“Policy” cannot be “Linear in features of the replies” here: the replies have no features. Give them x and y under “Replies and preferences”, or keep “A number for each reply”.",
		"preset=tyre&opt=adamw":     "“Optimiser” cannot be “adamw”: it may be sgd, adam, momentum, rmsprop.",
		"preset=tyre&beta=name":     "“β” cannot be “name”: it must be a number between 0.01 and 5.",
	} {
		_, complaints := link.Parse(address, presets)
		if len(complaints) != 1 {
			t.Errorf("%s: %d complaints", address, len(complaints))
			continue
		}
		if got := words.Complain(complaints[0], w); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
