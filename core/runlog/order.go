package runlog

import (
	"cmp"
	"math"
	"slices"
)

// sort puts a run's values in the order of their steps. Where they begin again,
// a second run follows in the file: it is returned.
func (l *Log) sort(r *Run) (second Run, found bool) {
	kept := r.Series[:0]
	for _, s := range r.Series {
		if cut := again(s.Steps); cut > 0 {
			more := Series{s.Name, s.Eval, slices.Clone(s.Steps[cut:]), slices.Clone(s.Values[cut:])}
			second.Series = append(second.Series, more)
			s.Steps, s.Values = s.Steps[:cut:cut], s.Values[:cut:cut]
		}
		l.order(&s)
		kept = append(kept, s)
	}
	r.Series = kept
	return second, len(second.Series) > 0
}

// again returns where steps begin again: the first that does not lie beyond the
// very first, if the steps rise there on both sides. 0 stands for nowhere.
func again(steps []float64) int {
	for i := 2; i+1 < len(steps); i++ {
		if steps[i] <= steps[0] && steps[i-1] > steps[0] {
			if steps[i+1] > steps[i] && slices.IsSorted(steps[:i]) {
				return i
			}
			return 0
		}
	}
	return 0
}

// order sorts a series by step. Of several values at one step the last counts.
func (l *Log) order(s *Series) {
	type point struct{ step, value float64 }
	points := make([]point, len(s.Steps))
	for i, step := range s.Steps {
		points[i] = point{step, s.Values[i]}
		if i > 0 && step < s.Steps[i-1] {
			l.Back++
		}
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.step, b.step) })
	s.Steps, s.Values = s.Steps[:0], s.Values[:0]
	for _, p := range points {
		if n := len(s.Steps); n > 0 && s.Steps[n-1] == p.step {
			s.Values[n-1] = p.value
			l.Twice++
			continue
		}
		s.Steps, s.Values = append(s.Steps, p.step), append(s.Values, p.value)
	}
	for _, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			l.Odd++
		}
	}
}
