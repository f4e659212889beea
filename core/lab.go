package core

import (
	"math"
	"slices"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/core/scores"
	"dpoplayground/core/train"
)

// A Lab runs an experiment: it holds the problem the experiment poses, the run
// at some step of it, where that run is headed, and what was measured on the
// way. Everything the page shows is read off a Lab.
//
// Nothing here takes long: what does is done by Work, a slice at a time.
type Lab struct {
	Experiment Experiment
	Data       *data.Dataset // before annotators
	Problem    *data.Problem
	Run        *train.Run
	Meter      *train.Meter
	History    *train.History
	// Scores of the shown prompt. It is nil while the fit is running, and for
	// objectives whose destination does not come from scores.
	Scores  *scores.Scores
	Optimum scores.Tilt // at the experiment's β; valid where HasOptimum
	// Destination is where objectives other than DPO are headed; nil until that
	// is worked out, and where it is not known how to.
	Destination *optimum.Destination
	Sweep       *Sweep  // nil unless wanted
	Spread      *Spread // nil unless wanted, and but for minibatches

	// Before holds z of the shown prompt one step earlier than the run stands;
	// at step 0 it is that of the start.
	Before []float64

	Lead       *Lab // whose data this lab shares, as one of a Panel; or nil
	stable     stability
	Presets    []Preset
	Launch     *Launch
	fit        *scores.Fit
	heading    *optimum.Heading
	wantSweep  bool
	wantSpread bool
	Target     int
	recent     recent
	reading    bool // the meter is in the middle of reading what the history wants
	settled    bool // the run is where it was asked to go, and Before one step earlier
	converge   bool
	arrival    int // the first step at which the run was seen to stand still, or −1
	check      int // the next step at which that is looked for
}

// NewLab returns a lab at the start of an experiment.
func NewLab(presets []Preset, e Experiment) (*Lab, *data.Complaint) {
	l := &Lab{Presets: presets}
	if c := l.Set(e); c != nil {
		return nil, c
	}
	return l, nil
}

// Prompt returns the index of the shown prompt. While a file is awaited, whose
// prompts the setting counts, it is the first.
func (l *Lab) Prompt() int {
	if l.Experiment.AwaitsFile() {
		return 0
	}
	return int(l.Experiment.Settings[ShownPrompt])
}

// Arms returns how many replies the shown prompt has.
func (l *Lab) Arms() int { return len(l.Problem.Prompts[l.Prompt()].Replies) }

// Beta returns the experiment's β.
func (l *Lab) Beta() float64 { return l.Experiment.Settings[Beta] }

// Reference returns log π_ref of the shown prompt.
func (l *Lab) Reference() []float64 {
	from, to := l.Problem.Range(l.Prompt())
	return l.Problem.LogRef[from:to]
}

// Policy returns log π of the shown prompt at the run's step.
func (l *Lab) Policy() []float64 {
	from, to := l.Problem.Range(l.Prompt())
	return l.Meter.LogPi[from:to]
}

// Logits writes z of the shown prompt at the run's step to dst.
func (l *Lab) Logits(dst []float64) []float64 {
	from, _ := l.Problem.Range(l.Prompt())
	dst = append(dst[:0], l.Reference()...)
	l.Run.AddLogRatios(dst, from)
	return dst
}

// changed tells which groups of settings differ between two experiments.
type changed struct{ problem, run, sweep, prompt, optimum, timeline, charted bool }

var problemParams = [...]Param{Source, Votes, Sharpness, Flip, Coverage, Reference, Temperature, Seed}

var runParams = [...]Param{Beta, Smoothing, Rate, EqualSpeed, Optimizer, Batch, Seed, ObjectiveChoice, Gamma, Lambda, Alpha, Delta,
	Tau, RMax, Desirable, Undesirable, NLLWeight, BCOShare, Baseline, MomentumFactor, PolicyChoice, RefEvery, RefMix,
	How, EstimatorChoice, Replies, Group, Epochs, Minibatches, Clip, ClipHigh, ValueRate, Normalise, LeashChoice,
	RewardFit, RewardSteps, RewardRate, RewardL2, Fresh, Every, Judged, Refit}

// headingParams change where a run is headed, beside the problem and β.
var headingParams = [...]Param{Smoothing, ObjectiveChoice, PolicyChoice, RefEvery, How}

func (l *Lab) changesTo(e *Experiment) (c changed) {
	old, now := &l.Experiment, e
	c.problem = l.Problem == nil || l.Lead != nil && l.Problem != l.Lead.Problem || old.AwaitsFile() != now.AwaitsFile() || old.Preset != now.Preset || !samePrompts(old.Prompts, now.Prompts) || !data.SameList(old.Given, now.Given) || !data.SameList(old.Thumbs, now.Thumbs)
	for _, p := range problemParams {
		c.problem = c.problem || old.Settings[p] != now.Settings[p]
	}
	c.run, c.sweep = c.problem, c.problem
	for _, p := range runParams {
		differs := old.Settings[p] != now.Settings[p]
		c.run = c.run || differs
		c.sweep = c.sweep || differs && p != Beta
	}
	elsewhere := !sameStart(old, now)
	c.run, c.sweep = c.run || elsewhere, c.sweep || elsewhere
	c.prompt = c.problem || old.Settings[ShownPrompt] != now.Settings[ShownPrompt]
	c.timeline = old.Settings[Steps] != now.Settings[Steps]
	c.charted = old.View.Corners != now.View.Corners && max(slices.Max(old.View.Corners[:]), slices.Max(now.View.Corners[:])) >= maxCharted
	c.optimum = c.prompt || elsewhere
	for _, p := range headingParams {
		c.optimum = c.optimum || old.Settings[p] != now.Settings[p]
	}
	veiled := old.View.Hides(HideOptimum) != now.View.Hides(HideOptimum)
	c.optimum, c.sweep = c.optimum || veiled, c.sweep || veiled || old.View.Hides(HideKL) != now.View.Hides(HideKL)
	c.optimum = c.optimum || c.run && (!now.Settings.headedForScores() || now.Start != nil)
	return c
}

func samePrompts(a, b []data.Prompt) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Set changes the experiment and keeps what the change leaves as it is. The
// lab is left untouched when the experiment cannot be run: among other things
// where the objective is not defined at a hyper-parameter, or where a linear
// policy finds no features.
func (l *Lab) Set(e Experiment) *data.Complaint {
	e.dropStart(&l.Experiment)
	c := l.changesTo(&e)
	set, problem := l.Data, l.Problem
	switch {
	case c.problem && l.Lead != nil:
		set, problem = l.Lead.Data, l.Lead.Problem
	case c.problem:
		set = e.Dataset(l.Presets)
	}
	if complaint := e.Check(set); complaint != nil {
		return complaint
	}
	if c.problem && l.Lead == nil {
		var complaint *data.Complaint
		if problem, complaint = Prepare(set, &e.Settings, l.Problem); complaint != nil {
			return complaint
		}
	}
	if c.problem {
		l.Data, l.Problem, l.Meter = set, problem, train.NewMeter(problem)
	}
	step, moved := int(e.Settings[Step]), e.Settings[Step] != l.Experiment.Settings[Step]
	l.Experiment = e
	l.renew(c)
	if c.run || c.prompt || c.charted || moved {
		l.Seek(step)
	}
	return nil
}

// Check says what of an experiment on a data set cannot be run, or returns nil.
// Links are held to it as they are read.
func (e *Experiment) Check(set *data.Dataset) *data.Complaint {
	s := &e.Settings
	if c := s.CheckHypers(); c != nil {
		return c
	}
	if c := s.checkSource(set); c != nil {
		return c
	}
	if c := s.CheckLearning(set.Prompts, set.Rewarded); c != nil || e.AwaitsFile() {
		return c
	}
	shown, n := int(s[ShownPrompt]), len(set.Prompts)
	if shown >= n {
		return &data.Complaint{Code: "shown", Field: params[ShownPrompt].Key, Value: data.FormatNumber(s[ShownPrompt]), Allowed: data.FormatNumber(float64(n - 1))}
	}
	if c := s.CheckPolicy(set.Prompts); c != nil {
		return c
	}
	if c := s.CheckPaired(set); c != nil {
		return c
	}
	return e.CheckStart(len(set.Prompts[shown].Replies))
}

// Adopt changes the experiment to one whose data has been compiled beforehand,
// as is well for much of it.
func (l *Lab) Adopt(e Experiment, compiled *data.Problem) *data.Complaint {
	old := l.Problem
	l.Problem = compiled
	c := l.Set(e)
	if c != nil {
		l.Problem = old
	}
	return c
}

// renew makes what a change leaves without meaning anew.
func (l *Lab) renew(c changed) {
	if c.run {
		l.Launch.Stop()
		l.Launch = NewLaunch(l.Problem, l.Config(l.Beta()), &l.Experiment.Settings)
		l.Run = l.Launch.Run
		l.arrival, l.check = -1, 0
	}
	if c.optimum {
		l.headFor()
	}
	if c.run || c.prompt {
		l.recent.forget(l.Arms(), l.window())
	}
	if c.run || c.prompt || c.charted {
		l.History = train.NewHistory(l.Prompt(), l.charted(), l.historyStride())
		l.Run.Seek(0)
	}
	if c.sweep || c.prompt {
		l.dropSweep()
	}
	if c.run || c.prompt || c.timeline {
		l.Spread = nil
	}
	l.placeOptimum()
}

// charted lists the arms of the shown prompt whose probabilities are kept.
func (l *Lab) charted() []int {
	from, to := l.Problem.Range(l.Prompt())
	arms := make([]int, 0, min(to-from, maxCharted))
	for k := from; k < to && k-from < maxCharted; k++ {
		arms = append(arms, k)
	}
	for _, k := range l.Experiment.View.Corners {
		if k >= maxCharted && from+k < to {
			arms = append(arms, from+k)
		}
	}
	return arms
}

// maxCharted is the number of replies beyond which probabilities over time are
// kept for the first ones only, and for the corners of the landscape.
const maxCharted = 12

// Seek asks for a step of the run. Work goes there.
func (l *Lab) Seek(step int) {
	l.Target, l.converge = step, false
	l.Experiment.Settings[Step] = float64(step)
	l.approachTarget()
}

// approachTarget sends the run towards the target.
func (l *Lab) approachTarget() {
	l.settled, l.reading = false, false
	l.Run.Seek(l.nextStop())
	if l.Sweep != nil {
		l.Sweep.Seek(l.Target)
	}
}

// Converge asks for the first step at which the run has arrived, as Arrived
// tells. Work goes there, at most to the given step.
func (l *Lab) Converge(most int) {
	l.converge, l.settled, l.reading, l.Target = true, false, false, most
	l.Run.Seek(l.nextStop())
}

// Converging tells whether a Converge is under way.
func (l *Lab) Converging() bool { return l.converge }

// Arrived tells whether the run stands at the optimum: the gradient is 0 to
// within 1e-9 of its scale.
func (l *Lab) Arrived() bool { return l.Launch.Ready && l.Run.AtRest() }

// WantSweep says whether the sweep over β is to be kept up.
func (l *Lab) WantSweep(want bool) {
	l.wantSweep = want
	if !want {
		l.dropSweep()
	}
}

func (l *Lab) dropSweep() {
	l.Sweep.abandonHeading()
	l.Sweep = nil
}

// Settled tells whether the run stands where it was asked to and what is read
// off it belongs to that step.
func (l *Lab) Settled() bool { return l.settled }

// Work does a slice of what is to be done: about n training steps, or as much
// fitting. It tells whether anything is left.
func (l *Lab) Work(n int) (busy bool) {
	if !l.workOut() {
		return true
	}
	if !l.settled {
		l.train(n)
		return true
	}
	return l.sweep(n) || l.workSpread(n)
}

// train takes at most n steps, or goes back to a checkpoint.
func (l *Lab) train(n int) {
	for ops := scores.WorkBudget; !l.settled; {
		if !l.record(n) {
			return
		}
		l.lookForArrival()
		step := l.Run.StepCount()
		switch {
		case l.converge && l.arrival >= 0:
			l.Seek(min(l.arrival, l.Target))
		case l.converge && step == l.Target:
			l.Seek(l.Target)
		case !l.converge && step == l.approachStep():
			if l.remember(); step == l.Target {
				l.readTarget()
				return
			}
		}
		if n <= 0 || ops <= 0 {
			return
		}
		l.Run.Seek(l.nextStop())
		ops = l.Run.WorkWithin(n, ops)
		n -= max(1, l.Run.StepCount()-step)
	}
}

// readTarget reads what belongs to the target, where the run has come.
func (l *Lab) readTarget() {
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	l.Before = append(l.Before[:0], l.recent.row(max(0, l.Target-1))...)
	l.settled = true
}

// record reads what the history wants at this step, in a slice as large as n
// training steps would be. It tells whether nothing is left to read.
func (l *Lab) record(n int) bool {
	step := l.Run.StepCount()
	if step != l.History.Next() {
		return true
	}
	if !l.reading {
		l.Meter.Begin(l.Run.Policy(), l.Prompt())
		l.reading = true
	}
	if !l.Meter.Work(max(1, n) * max(1000, l.Size()/8)) {
		return false
	}
	l.reading = false
	l.History.Record(step, l.Meter)
	return true
}

// Size measures how much there is to be looked at in one pass: replies,
// compared pairs and replies with thumbs.
func (l *Lab) Size() int {
	return l.Problem.Arms() + len(l.Problem.Tallies) + len(l.Problem.Thumbs)
}

// Large tells that one pass over all replies and pairs takes longer than a
// moment.
func (l *Lab) Large() bool { return l.Size() > 20_000 }

// historyStride is how often the history of a run records at first. Reading a
// large problem costs as much as several steps.
func (l *Lab) historyStride() int {
	if l.Large() {
		return 8
	}
	return 1
}

// approachStep is where the run goes at once: as many steps short of the target as are
// kept. From there it goes one by one, and so it does from where the steps before
// it are kept already.
func (l *Lab) approachStep() int {
	if l.converge {
		return l.Target
	}
	from, step := max(0, l.Target-l.window()), l.Run.StepCount()
	if step <= l.Target && l.recent.reaches(from, step) {
		return step
	}
	return from
}

// stop is how far the run may go in one go: steps at which something is looked
// at for the first time are not passed over.
func (l *Lab) nextStop() int {
	stop, step := l.approachStep(), l.Run.StepCount()
	if !l.converge && stop == step && l.recent.rows > 0 && l.recent.last() == step {
		stop = min(step+1, l.Target)
	}
	if next := l.History.Next(); next >= step {
		stop = min(stop, next)
	}
	if l.arrival < 0 && l.check >= step {
		stop = min(stop, l.check)
	}
	return stop
}

// lookForArrival notes the first step at which the run stands still. It looks
// at steps that depend on nothing but their number, whatever the run is on its
// way to, so that the answer is the same on every visit.
func (l *Lab) lookForArrival() {
	step := l.Run.StepCount()
	if l.arrival >= 0 || step != l.check {
		return
	}
	l.check = nextCheck(step)
	if l.Arrived() {
		l.arrival = step
	}
}

// nextCheck returns the first step after the given one at which arrival is
// looked for: every step up to 128, then 64 to 128 times for each doubling.
func nextCheck(step int) int {
	spacing := 1
	for 128*spacing <= step {
		spacing *= 2
	}
	return (step/spacing + 1) * spacing
}

func (l *Lab) sweep(n int) (busy bool) {
	if !l.wantSweep || l.WorkingOut() {
		return false
	}
	if l.Sweep == nil {
		l.Sweep = sweepOf(l)
		l.Sweep.Seek(l.Target)
	}
	return !l.Sweep.Work(n)
}

// WantSpread says whether the spread over seeds is to be worked out, where the
// run is one of minibatches.
func (l *Lab) WantSpread(want bool) {
	if l.wantSpread = want; !want {
		l.Spread = nil
	}
}

func (l *Lab) workSpread(n int) (busy bool) {
	s := &l.Experiment.Settings
	if !l.wantSpread || s[Batch] == 0 || s[How] != LearnDirectly || l.Large() {
		return false
	}
	if l.Spread == nil {
		l.Spread = NewSpread(l.Problem, *s, l.Prompt())
		l.Spread.start = l.start()
	}
	return !l.Spread.Work(n)
}

// Now returns KL(π‖π_ref) of the shown prompt at the run's step.
func (l *Lab) Now() float64 { return num.KL(l.Policy(), l.Reference()) }

// A PairView is one pair of replies of the shown prompt worked with numbers.
type PairView struct {
	chosen, rejected           int
	For, Against               float64 // votes for this order and for the other
	RatioChosen, RatioRejected float64 // log π − log π_ref
	Margin                     float64 // difference of the implicit rewards; u for dpo and its kin
	Loss                       float64 // of one vote for this order; −log σ(u) for dpo
	Weight                     float64 // σ(−u)
	Push                       float64 // minus dLoss/d(log π of chosen) of that vote; βσ(−u) for dpo
}

// Worked returns the numbers of the pair (chosen, rejected), both replies of
// the shown prompt.
func (l *Lab) Worked(chosen, rejected int) PairView {
	from, _ := l.Problem.Range(l.Prompt())
	v := PairView{chosen: chosen, rejected: rejected,
		RatioChosen:   l.Meter.LogRatio[from+chosen],
		RatioRejected: l.Meter.LogRatio[from+rejected]}
	l.work(&v, from)
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		switch {
		case t.A == from+chosen && t.B == from+rejected:
			v.For, v.Against = t.ForA, t.ForB
		case t.B == from+chosen && t.A == from+rejected:
			v.For, v.Against = t.ForB, t.ForA
		}
	}
	return v
}

// work sets what the vote of a pair comes to under the objective.
func (l *Lab) work(v *PairView, from int) {
	t, a, b := l.Run.Trainer, from+v.chosen, from+v.rejected
	t.Rebase()
	if t.Way != train.ByLogistic {
		v.Margin = l.Meter.Reward(t.Loss(), a) - l.Meter.Reward(t.Loss(), b)
		v.Weight = num.Sigmoid(-v.Margin)
		v.Loss, v.Push, _ = l.Vote(a, b)
		return
	}
	v.Margin = t.Beta() * (l.Meter.Seen(t.Loss().Objective, a) - l.Meter.Seen(t.Loss().Objective, b))
	loss, slope := objective.DPO(v.Margin, t.Flip)
	v.Loss, v.Weight, v.Push = loss, num.Sigmoid(-v.Margin), -t.Beta()*slope
}

// Vote returns the loss of one vote, and how it pushes log π of the chosen and
// of the rejected arm. A vote that is two examples counts as their mean; one of
// a loss that sorts is taken by itself.
func (l *Lab) Vote(chosen, rejected int) (loss, up, down float64) {
	t := l.Run.Trainer
	o := t.Loss().Objective
	a, b := l.Meter.Score(o, chosen), l.Meter.Score(o, rejected)
	var da, db float64
	if o.Reply != nil {
		var bad float64
		loss, da = t.Loss().Reply.Good(a, t.Z0)
		bad, db = t.Loss().Reply.Bad(b, t.Z0)
		loss, da, db = (loss+bad)/2, da/2, db/2
	} else {
		loss, da, db = t.Loss().Pair(a, b)
	}
	return loss, -da * o.ScoreSlope(num.At(l.Problem.Tokens, chosen, 1)), -db * o.ScoreSlope(num.At(l.Problem.Tokens, rejected, 1))
}

// Pushing returns the pair of the shown prompt whose votes push hardest at the
// run's step, all votes on the pair taken together: the reply that is pushed
// up, and the one that is pushed down. Under RLHF, and where there are thumbs to
// learn from, they are the two replies that the gradient moves most. ok is false
// where nothing pushes.
func (l *Lab) Pushing() (up, down int, ok bool) {
	from, to := l.Problem.Range(l.Prompt())
	if l.Experiment.Settings[How] != LearnDirectly {
		if rlhf := l.RLHF(); rlhf != nil {
			up, down, ok = rlhf.Pushing(from, to)
		}
		return up - from, down - from, ok
	}
	if len(l.Run.Trainer.ThumbMarks) > 0 {
		up, down, ok = l.Run.Trainer.Pushing(from, to)
		return up - from, down - from, ok
	}
	most := 0.0
	l.Run.Trainer.Rebase()
	for _, t := range l.Problem.TalliesOf(l.Prompt()) {
		force := l.pairForce(&t)
		if math.Abs(force) > most {
			most, ok = math.Abs(force), true
			up, down = t.A-from, t.B-from
			if force < 0 {
				up, down = down, up
			}
		}
	}
	return up, down, ok
}

// balanced is the share of both sides' forces below which what is left of them is
// rounding.
const balanced = 1e-9

// pairForce returns how hard the votes on a pair push A up and B down together.
func (l *Lab) pairForce(t *data.Tally) float64 {
	forA, forB := l.forces(t)
	if net := forA - forB; math.Abs(net) > balanced*(math.Abs(forA)+math.Abs(forB)) {
		return net
	}
	return 0
}

// forces returns how hard the votes for A push it up and B down, and those for B
// the other way.
func (l *Lab) forces(t *data.Tally) (forA, forB float64) {
	trainer := l.Run.Trainer
	if trainer.Way == train.ByLogistic {
		o := trainer.Loss().Objective
		u := trainer.Beta() * (l.Meter.Seen(o, t.A) - l.Meter.Seen(o, t.B))
		_, forA = objective.DPO(u, trainer.Flip)
		_, forB = objective.DPO(-u, trainer.Flip)
		return -t.ForA * forA, -t.ForB * forB
	}
	if t.ForA != 0 {
		_, up, down := l.Vote(t.A, t.B)
		forA = t.ForA * (up - down) / 2
	}
	if t.ForB != 0 {
		_, up, down := l.Vote(t.B, t.A)
		forB = t.ForB * (up - down) / 2
	}
	return forA, forB
}
