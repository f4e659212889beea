package chart

import (
	"math"

	"dpoplayground/core"
	"dpoplayground/core/facts"
	"dpoplayground/core/num"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
)

// Expected is the expected true reward of a policy for the shown prompt: NaN
// where there is none.
func Expected(l *core.Lab, logPi []float64) float64 {
	sum := 0.0
	for k, r := range l.Problem.Prompts[l.Prompt()].Replies {
		if p := num.Exp(logPi[k]); p > 0 {
			sum += p * r.Reward
		}
	}
	return sum
}

// Read takes over what a lab's sweep has worked out as yet.
func (s *Sweep) Read(l *core.Lab, measure SweepMeasure) {
	*s = Sweep{Measure: measure, Marks: s.Marks, Low: s.Low, High: s.High, Reached: picture.Unknown,
		Steps: l.Run.StepCount(), Present: l.Beta(), Baseline: math.NaN()}
	if measure == SweepReward {
		s.Baseline = Expected(l, l.Reference())
	}
	w := l.Sweep
	if w == nil {
		return
	}
	s.Beta = w.Betas
	after, optimum := w.KL, w.AtOptimum
	if measure == SweepReward {
		after, optimum = w.Reward, w.RewardAtOptimum
	}
	if w.Trained {
		s.After, s.Steps = after, w.Step
		if star, ok := facts.Star(w); ok && w.Step > 0 && measure == SweepKL {
			s.Star = star
		}
	}
	if optimum == nil {
		return
	}
	if s.Reached = read.ReachedBy(l); s.Reached == picture.Unknown {
		s.Reached = picture.Reachable
	}
	s.Optimum = optimum
	if w.Every > 1 {
		s.thin(w.Every)
	}
}

// thin keeps the points of the optimum that were worked out.
func (s *Sweep) thin(every int) {
	all := s.Optimum
	s.OptimumBeta, s.Optimum = nil, nil
	for i := 0; i < len(all); i += every {
		s.OptimumBeta, s.Optimum = append(s.OptimumBeta, s.Beta[i]), append(s.Optimum, all[i])
	}
}

// Grow keeps what the axis has held, so that it never shrinks.
func (s *Sweep) Grow() {
	s.Low, s.High = s.Range()
}
