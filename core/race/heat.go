package race

import (
	"math"
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/train"
)

// A Heat runs one lane's method from several seeds: the votes stay those of the
// experiment's own seed, and only what is drawn while training differs, replies
// and minibatches. The first run is the experiment's own.
type Heat struct {
	Seeds int   // runs to make: RaceSeeds, or 1 where nothing is drawn
	Steps []int // that are looked at, from 0 to the timeline's end or as far as the heat goes
	// Distance holds the distance from the goal at Steps, a row for each run.
	// The last row is shorter while its run is under way.
	Distance [][]float64
	// Within is the step of each finished run from which on the distance stayed at
	// most Near, to the heat's last step, or −1.
	Within []int
	// Left counts the finished runs that were that near, and are not at the end.
	Left int
	// Low and High are the least and the largest distance of the finished runs.
	Low, High []float64

	problem  *data.Problem
	settings core.Settings
	prompt   int
	goal     []float64
	weight   int // work of a step
	meter    *train.Meter
	launch   *core.Launch
	run      *train.Run
	within   int  // of the run at hand
	been     bool // the run at hand was near at some step
}

// RaceSeeds is how many seeds a heat tries. raceSteps bounds how many steps of
// a run are kept, and raceWork the work of all its runs together.
const (
	Seeds     = 20
	raceSteps = 192
	work      = 1_000_000_000
)

func newHeat(l *core.Lab, goal []float64) *Heat {
	s := heatSettings(l)
	h := &Heat{Seeds: 1, problem: l.Problem, settings: s, prompt: l.Prompt(), goal: goal,
		weight: stepWork(l), meter: train.NewMeter(l.Problem), within: -1}
	if draws(&s) {
		h.Seeds = Seeds
	}
	end := int(s[core.Steps])
	end = min(end, max(raceSteps, work/(h.Seeds*h.weight)))
	h.Steps = heatSteps(end)
	return h
}

// heatSettings are a lane's settings without what changes no run of its method.
func heatSettings(l *core.Lab) core.Settings {
	s := l.Experiment.Settings
	s[core.Step], s[core.Speed], s[core.ShownPrompt], s[core.ViewChoice] = 0, 0, 0, 0
	if s[core.How] == core.LearnByRLHF {
		s[core.Batch], s[core.Smoothing], s[core.EqualSpeed], s[core.RefEvery], s[core.ObjectiveChoice] = 0, 0, 0, 0, 0
		return s
	}
	for p := core.EstimatorChoice; p <= core.Refit; p++ {
		s[p] = 0
	}
	return s
}

// serves tells whether the heat is that of a lane.
func (h *Heat) serves(l *core.Lab, goal []float64) bool {
	return h.problem == l.Problem && h.settings == heatSettings(l) && h.prompt == l.Prompt() && slices.Equal(h.goal, goal)
}

// draws tells whether a run depends on more than the votes.
func draws(s *core.Settings) bool {
	if s[core.How] == core.LearnByRLHF {
		return s[core.EstimatorChoice] != float64(rlhf.ExactGradient)
	}
	return s[core.Batch] > 0
}

// stepWork estimates the work of a step, in looks at a reply or a comparison.
func stepWork(l *core.Lab) int {
	s := &l.Experiment.Settings
	work := l.Arms() + 1
	switch {
	case s[core.How] == core.LearnByRLHF && s[core.EstimatorChoice] == float64(rlhf.ExactGradient):
		return work + 2*l.Problem.Arms()
	case s[core.How] == core.LearnByRLHF:
		passes := 1
		if e := rlhf.Estimator(s[core.EstimatorChoice]); e == rlhf.PPO || e == rlhf.GRPO {
			passes = int(s[core.Epochs])
		}
		return work + int(s[core.Replies])*(2+3*passes) + l.Problem.Arms()
	case s[core.Batch] > 0:
		return work + 4*int(s[core.Batch])
	}
	return work + len(l.Problem.Tallies)
}

// heatSteps spreads at most raceSteps steps and 0 over a timeline: all the first
// ones, and then ever fewer, for that is how a run's distance changes.
func heatSteps(end int) []int {
	steps, all := []int{0}, num.Log(1+float64(end))
	for i := 1; i <= raceSteps; i++ {
		step := int(math.Round(num.Exp(all*float64(i)/raceSteps))) - 1
		if i == raceSteps {
			step = end
		}
		if step > steps[len(steps)-1] {
			steps = append(steps, step)
		}
	}
	return steps
}

// Done tells whether all runs are in.
func (h *Heat) Done() bool { return h.done(h.Seeds) }

func (h *Heat) done(seeds int) bool { return len(h.Within) >= seeds }

// Work goes on, about ops units of work.
func (h *Heat) Work(ops int) {
	for ops > 0 && !h.Done() {
		if h.run == nil {
			h.beginRun()
		}
		if !h.launch.Ready {
			h.launch.Work(ops)
			return
		}
		ops = h.advanceRun(ops)
	}
}

// begin starts the next run.
func (h *Heat) beginRun() {
	s := h.settings
	s[core.Seed] += float64(len(h.Within))
	h.launch = core.NewLaunch(h.problem, s.Config(s[core.Beta]), &s)
	h.run = h.launch.Run
	h.within, h.been = -1, false
	h.Distance = append(h.Distance, make([]float64, 0, len(h.Steps)))
}

// advanceRun takes the run one step on, and looks where that leads: whoever is to
// have arrived must stay. It returns what is left of ops units of work; the step
// may be half way then.
func (h *Heat) advanceRun(ops int) (left int) {
	row := &h.Distance[len(h.Distance)-1]
	next := h.Steps[len(*row)]
	if n := h.run.StepCount(); n < next {
		if ops = h.run.AdvanceWithin(1, ops); h.run.StepCount() == n {
			return ops
		}
	}
	step, d := h.run.StepCount(), h.distanceNow()
	switch near := d <= Near; {
	case !near:
		h.within = -1
	case h.within < 0:
		h.within, h.been = step, true
	}
	if step == next {
		*row = append(*row, d)
	}
	if len(*row) == len(h.Steps) {
		h.finishRun(*row)
	}
	from, to := h.problem.Range(h.prompt)
	return ops - rlhf.LookCost*(to-from)
}

func (h *Heat) distanceNow() float64 {
	h.meter.ReadPrompt(h.run.Policy(), h.prompt)
	from, to := h.problem.Range(h.prompt)
	return distance(h.goal, h.meter.LogPi[from:to], h.problem.LogRef[from:to])
}

// finishRun takes in a run that has come to its end.
func (h *Heat) finishRun(row []float64) {
	h.run = nil
	h.Within = append(h.Within, h.within)
	if h.been && h.within < 0 {
		h.Left++
	}
	if h.Low == nil {
		h.Low, h.High = slices.Clone(row), slices.Clone(row)
		return
	}
	for i, d := range row {
		h.Low[i], h.High[i] = math.Min(h.Low[i], d), math.Max(h.High[i], d)
	}
}

// Last returns the distances of the finished runs at the heat's last step, the
// least first.
func (h *Heat) Last() []float64 {
	var last []float64
	for _, row := range h.Distance[:len(h.Within)] {
		last = append(last, row[len(row)-1])
	}
	slices.Sort(last)
	return last
}

// Settles tells whether all runs are in and have come near the goal to stay.
func (h *Heat) Settles() bool { return h.Done() && !slices.Contains(h.Within, -1) }

// Arrivals returns the steps from which on the finished runs stayed near the
// goal, the earliest first, of those that did.
func (h *Heat) Arrivals() []int {
	var steps []int
	for _, step := range h.Within {
		if step >= 0 {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps
}
