package slow

import (
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/words"
)

// The loss of a pair is written, well formed and with its numbers, for every loss.
func TestPairLossIsWritten(t *testing.T) {
	for i, o := range objective.All() {
		set := map[core.Param]float64{core.ObjectiveChoice: float64(i)}
		if o.Key == "exo_pair" { // it needs an ε above 0
			set[core.Smoothing] = 0.1
		}
		l := slowLab(t, "tyre", 30, set)
		l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
		v := l.Worked(0, 5)
		markup := PairLoss(l, &v)
		wellFormed(t, o.Key, "<div>"+markup+"</div>")
		if want := ">" + words.Fixed(v.Loss, 3) + "<"; !strings.Contains(strings.ReplaceAll(markup, words.Minus, "−"), want) {
			t.Errorf("%s: the loss %v is not in %s", o.Key, v.Loss, markup)
		}
	}
}

// For DPO ℓ = −log σ(β (log-ratio of the chosen − log-ratio of the rejected)).
func TestPairLossOfDPO(t *testing.T) {
	l := slowLab(t, "tyre", 30, nil)
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	v := l.Worked(1, 5)
	ratio := func(k int) float64 { return l.Policy()[k] - l.Reference()[k] }
	u := l.Beta() * (ratio(1) - ratio(5))
	markup := PairLoss(l, &v)
	for _, want := range []string{words.Fixed(ratio(1), 2), words.Fixed(u, 2)} {
		if !strings.Contains(markup, want) {
			t.Errorf("%s is not in %s", want, markup)
		}
	}
}
