package runlog

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Fact is something that a run's numbers show. Its sentence is in the
// catalogue under the code, with places for the values, which are named.
type Fact struct {
	Code   string
	Values map[string]float64
}

// Facts returns what the run's numbers show, of those things that people ask
// about. What was not logged is not spoken of.
func (r *Run) Facts() (facts []Fact) {
	for _, show := range []func() (Fact, bool){r.sunk, r.memorised, r.parted, r.spiked} {
		if f, shown := show(); shown {
			facts = append(facts, f)
		}
	}
	return facts
}

// ends returns the first and the last finite value of a measure, of the
// evaluation set where that was logged.
func (r *Run) ends(name string) (first, last float64, ok bool) {
	s := r.Find(name, true)
	if s == nil {
		s = r.Find(name, false)
	}
	if s == nil {
		return 0, 0, false
	}
	finite := s.finite()
	if len(finite) < 2 {
		return 0, 0, false
	}
	return finite[0], finite[len(finite)-1], true
}

func (s *Series) finite() []float64 {
	return slices.DeleteFunc(slices.Clone(s.Values), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// sunk: the chosen reward fell and ended below 0 while the margin rose.
func (r *Run) sunk() (Fact, bool) {
	c0, c1, okC := r.ends("rewards/chosen")
	m0, m1, okM := r.ends("rewards/margins")
	if !okM {
		var r0, r1 float64
		r0, r1, okM = r.ends("rewards/rejected")
		m0, m1 = c0-r0, c1-r1
	}
	return Fact{"run.log.fact.sunk", map[string]float64{"from": c0, "to": c1, "was": m0, "margin": m1}},
		okC && okM && c1 < c0 && c1 < 0 && m1 > m0
}

// memorised: on the training pairs the accuracy is 1 and the loss near 0, which
// is less than a tenth of log 2, where DPO begins.
func (r *Run) memorised() (Fact, bool) {
	accuracy, loss := r.Find("rewards/accuracies", false), r.Find("loss", false)
	if accuracy == nil || loss == nil {
		return Fact{}, false
	}
	a, l := accuracy.finite(), loss.finite()
	if len(a) < 2 || len(l) < 2 {
		return Fact{}, false
	}
	share, value := a[len(a)-1], l[len(l)-1]
	return Fact{"run.log.fact.memorised", map[string]float64{"accuracy": share, "loss": value}}, share >= 0.995 && value < math.Ln2/10
}

// parted: the evaluation loss rose again by a twentieth of its fall or more,
// while the training loss fell on.
func (r *Run) parted() (Fact, bool) {
	eval, train := r.Find("loss", true), r.Find("loss", false)
	if eval == nil || train == nil || len(train.finite()) < 2 || len(eval.finite()) != len(eval.Values) || len(eval.Values) < 3 {
		return Fact{}, false
	}
	least := 0
	for i, v := range eval.Values {
		if v < eval.Values[least] {
			least = i
		}
	}
	first, low, last := eval.Values[0], eval.Values[least], eval.Values[len(eval.Values)-1]
	at := eval.Steps[least]
	before, after := train.around(at)
	return Fact{"run.log.fact.parted", map[string]float64{"step": at, "low": low, "end": last}},
		0 < least && last-low > 0.05*(first-low) && after < before
}

// around returns a series' mean up to a step, over as many values as follow it
// at most, and its mean behind it.
func (s *Series) around(step float64) (before, after float64) {
	cut, _ := slices.BinarySearch(s.Steps, step+0.5)
	n := len(s.Values) - cut
	return mean(s.Values[max(0, cut-n):cut]), mean(s.Values[cut:])
}

// mean is NaN for no values.
func mean(values []float64) (sum float64) {
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// spiked: some norm of the gradient is more than five times the median.
func (r *Run) spiked() (Fact, bool) {
	s := r.Find("grad_norm", false)
	if s == nil || len(s.finite()) < 5 {
		return Fact{}, false
	}
	sorted := s.finite()
	slices.Sort(sorted)
	median, most := sorted[len(sorted)/2], sorted[len(sorted)-1]
	return Fact{"run.log.fact.spiked", map[string]float64{"step": s.Steps[slices.Index(s.Values, most)], "norm": most, "median": median}}, most > 5*median && median > 0
}

// FactCodes returns every code that a Fact may have.
func FactCodes() []string {
	return []string{"run.log.fact.sunk", "run.log.fact.memorised", "run.log.fact.parted", "run.log.fact.spiked"}
}

// IsDPO tells that a run's losses can be DPO's: they begin within a twentieth
// of log 2, and no mean of log(1+e^−u) is below that of the mean margin u.
func (r *Run) IsDPO() bool {
	loss, margins := r.Find("loss", false), r.Find("rewards/margins", false)
	if loss == nil {
		loss, margins = r.Find("loss", true), r.Find("rewards/margins", true)
	}
	if loss == nil || margins == nil || len(loss.Values) == 0 || math.Abs(loss.Values[0]-math.Ln2) > math.Ln2/20 {
		return false
	}
	for i, step := range loss.Steps {
		k, found := slices.BinarySearch(margins.Steps, step)
		if found && loss.Values[i] < 0.99*math.Log1p(math.Exp(-margins.Values[k]))-0.001 {
			return false
		}
	}
	return true
}

// IsReferenceFree tells that a run's rewards are its log-probabilities scaled, as
// SimPO, ORPO and CPO have them, and no log-ratios to a reference.
func (r *Run) IsReferenceFree() bool {
	rewards, logps := r.Find("rewards/chosen", false), r.Find("logps/chosen", false)
	if rewards == nil || logps == nil {
		rewards, logps = r.Find("rewards/chosen", true), r.Find("logps/chosen", true)
	}
	if rewards == nil || logps == nil {
		return false
	}
	least, most, n := math.Inf(1), math.Inf(-1), 0
	for i, step := range rewards.Steps {
		if k, found := slices.BinarySearch(logps.Steps, step); found {
			scale := rewards.Values[i] / logps.Values[k]
			least, most, n = min(least, scale), max(most, scale), n+1
		}
	}
	return n >= 2 && least > 0 && most < 1.01*least
}

// BetaOf returns the β that a run's name says, as "dpo_beta_0.02" does, or 0.
func BetaOf(name string) float64 {
	name = strings.ToLower(name)
	for _, word := range []string{"beta", "β"} {
		_, rest, found := strings.Cut(name, word)
		rest = strings.TrimLeft(rest, " _=-")
		end := 0
		for end < len(rest) && (rest[end] == '.' || '0' <= rest[end] && rest[end] <= '9') {
			end++
		}
		if x, err := strconv.ParseFloat(strings.TrimSuffix(rest[:end], "."), 64); found && err == nil && x > 0 {
			return x
		}
	}
	return 0
}
