//go:build js

package view

import (
	"time"

	"dpoplayground/core"
	"dpoplayground/core/data"
)

// A Pace is how many training steps of a lab take about a millisecond.
type Pace struct {
	Steps   int
	problem *data.Problem // that they are steps of
}

// Meet sizes the slices for a problem that is new: a step of it may take a
// thousand times as long as one of the last.
func (p *Pace) Meet(l *core.Lab) {
	if l.Problem != p.problem {
		p.problem, p.Steps = l.Problem, max(1, min(256, 50_000/l.Size()))
	}
}

// Work does one slice of a lab's work and fits the size of the next to its
// duration.
func (p *Pace) Work(l *core.Lab, work func(n int) bool) (busy bool) {
	p.Meet(l)
	start, from := time.Now(), l.Run.StepCount()
	busy = work(p.Steps)
	if l.Run.StepCount()-from >= p.Steps/2 {
		p.Steps = fitSlice(p.Steps, 1, 1<<20, time.Since(start))
	}
	return busy
}

// fitSlice returns the size of the next slice by how long the last one took.
func fitSlice(size, least, most int, took time.Duration) int {
	switch {
	case took < 400*time.Microsecond && size < most:
		return 2 * size
	case took > 1500*time.Microsecond && size > least:
		return size / 2
	}
	return size
}
