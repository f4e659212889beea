package core

// A recent keeps the logits of the shown prompt at the run's last steps, so that
// what a run does can be measured instead of deduced from its settings.
type recent struct {
	arms  int
	z     []float64 // a ring of rows, one a step
	first int       // the step of the oldest row
	rows  int       // how many there are
}

const (
	// RecentSteps is how many steps before the present are kept.
	RecentSteps = 64
	// mostRecent is the number of replies beyond which only the step before is kept.
	mostRecent = 256
)

// window is how many steps before the present are kept for a lab.
func (l *Lab) window() int {
	if l.Large() || l.Arms() > mostRecent {
		return 1
	}
	return RecentSteps
}

// forget drops what is kept, for a run of so many replies.
func (r *recent) forget(arms, window int) {
	r.arms, r.rows = arms, 0
	if n := (window + 1) * arms; len(r.z) != n {
		r.z = make([]float64, n)
	}
}

// row returns the row of a step that is kept.
func (r *recent) row(step int) []float64 {
	i := step % (len(r.z) / r.arms) * r.arms
	return r.z[i : i+r.arms]
}

// last returns the latest step that is kept, or −1.
func (r *recent) last() int { return r.first + r.rows - 1 }

// reaches tells whether the steps from one to that before the other are kept, so
// that the latter can be added.
func (r *recent) reaches(from, step int) bool {
	return r.rows > 0 && r.first <= from && (r.last() == step || r.last() == step-1)
}

// addStep makes room for a step and returns its row. Steps that it does not follow
// are forgotten.
func (r *recent) addStep(step int) []float64 {
	switch {
	case r.rows == 0 || step != r.last()+1:
		r.first, r.rows = step, 1
	case (r.rows+1)*r.arms > len(r.z):
		r.first++
	default:
		r.rows++
	}
	return r.row(step)
}

// remember keeps the logits where the run stands.
func (l *Lab) remember() {
	if step := l.Run.StepCount(); l.recent.rows == 0 || l.recent.last() != step {
		l.Logits(l.recent.addStep(step))
	}
}

// Recent returns how many steps before the present are kept: at most RecentSteps,
// and fewer near the start. It is 0 while the lab is not settled.
func (l *Lab) Recent() int {
	if !l.settled {
		return 0
	}
	return min(l.Run.StepCount(), l.window())
}

// LogitsBefore returns z of the shown prompt so many steps before the present, at
// most Recent. The caller must not change it.
func (l *Lab) LogitsBefore(steps int) []float64 { return l.recent.row(l.Run.StepCount() - steps) }
