package runlog

import "slices"

// AddTo adds the log's runs to a list. Measures of a run that is there already
// join it, as TensorBoard's files hold one each; what goes on from there takes
// its place; and another run of the same name gets a number.
func (l *Log) AddTo(list []*Run) []*Run {
	list = slices.Clone(list)
	for i := range l.Runs {
		run := l.Runs[i]
		for at := 0; at >= 0; {
			at = slices.IndexFunc(list, func(r *Run) bool { return r.Name == run.Name })
			if at < 0 {
				list = append(list, &run)
			} else if list[at].leadsTo(&run) {
				list[at] = list[at].with(&run)
				break
			} else {
				run.Name = nextName(run.Name)
			}
		}
	}
	return list
}

// leadsTo tells that no measure of r contradicts one of another reading: what
// both have begins alike.
func (r *Run) leadsTo(later *Run) bool {
	for i := range later.Series {
		s := &later.Series[i]
		if o := r.Find(s.Name, s.Eval); o != nil && (!prefix(o.Steps, s.Steps) || !prefix(o.Values, s.Values)) {
			return false
		}
	}
	return true
}

// prefix tells that a list begins with the values of another. A NaN equals a NaN.
func prefix(short, long []float64) bool {
	return len(short) <= len(long) && slices.EqualFunc(short, long[:len(short)], func(a, b float64) bool { return a == b || a != a && b != b })
}

// with returns the run with the measures of a later reading.
func (r *Run) with(later *Run) *Run {
	all := &Run{Name: r.Name, Series: slices.Clone(later.Series), PerToken: r.PerToken || later.PerToken}
	for _, s := range r.Series {
		if later.Find(s.Name, s.Eval) == nil {
			all.Series = append(all.Series, s)
		}
	}
	return all
}
