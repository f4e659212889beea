package train

import "dpoplayground/core/num"

// A History keeps the measures of a run at evenly spaced steps, from step 0 to
// the furthest step seen: at most historyPoints of them. When it is full, every
// second one goes and the spacing doubles, so what it holds is a function of
// how far the run has been, not of how it got there.
type History struct {
	Prompt   int   // whose KL, entropy and probabilities are kept
	Arms     []int // arms whose probabilities are kept
	Steps    []int
	Measures []Measures
	Probs    []float64 // len(Arms) for each of Steps
	stride   int
}

const historyPoints = 256

// NewHistory returns an empty history for one prompt and some of its arms, that
// at first records every stride-th step.
func NewHistory(prompt int, arms []int, stride int) *History {
	return &History{Prompt: prompt, Arms: arms, stride: stride,
		Steps:    make([]int, 0, historyPoints+1),
		Measures: make([]Measures, 0, historyPoints+1),
		Probs:    make([]float64, 0, (historyPoints+1)*len(arms))}
}

// Next returns the first step after the furthest one that is to be recorded.
func (h *History) Next() int {
	if len(h.Steps) == 0 {
		return 0
	}
	return h.Steps[len(h.Steps)-1] + h.stride
}

// Record keeps what a meter has read at the step that Next names.
func (h *History) Record(step int, meter *Meter) {
	if len(h.Steps) > historyPoints {
		h.thin()
		if step != h.Next() {
			return
		}
	}
	h.Steps = append(h.Steps, step)
	h.Measures = append(h.Measures, meter.Measures())
	for _, k := range h.Arms {
		h.Probs = append(h.Probs, num.Exp(meter.LogPi[k]))
	}
}

func (h *History) thin() {
	h.stride *= 2
	n, k := 0, len(h.Arms)
	for i, step := range h.Steps {
		if step%h.stride == 0 {
			h.Steps[n], h.Measures[n] = step, h.Measures[i]
			copy(h.Probs[n*k:(n+1)*k], h.Probs[i*k:(i+1)*k])
			n++
		}
	}
	h.Steps, h.Measures, h.Probs = h.Steps[:n], h.Measures[:n], h.Probs[:n*k]
}
