package core

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Where a run starts, if not at the reference.

// MostStart bounds |z − log π_ref| of a reply where a run starts.
const MostStart = 50.0

// CanStartElsewhere says why a run cannot start elsewhere than at the
// reference, or returns nil. A linear policy is counted from the reference in
// weights that all replies share: its start would add a term that no weights
// reach. RLHF and online DPO begin at the reference, before anything is
// generated. replies is the number of replies to the shown prompt.
func (s *Settings) CanStartElsewhere(replies int) *Complaint {
	switch {
	case s[How] != LearnDirectly:
		info := &params[How]
		return &Complaint{Code: "start.how", Field: "at", Value: info.Choices[int(s[How])], Allowed: info.Choices[LearnDirectly]}
	case s[PolicyChoice] != TabularPolicy:
		info := &params[PolicyChoice]
		return &Complaint{Code: "start.policy", Field: "at", Value: info.Choices[LinearPolicy], Allowed: info.Choices[TabularPolicy]}
	case replies > maxLinkReplies:
		return &Complaint{Code: "start.many", Field: "at", Value: strconv.Itoa(replies), Allowed: strconv.Itoa(maxLinkReplies)}
	}
	return nil
}

// checkStart says what is wrong with where the run starts, or returns nil.
func (e *Experiment) checkStart(replies int) *Complaint {
	if e.Start == nil {
		return nil
	}
	if c := e.Settings.CanStartElsewhere(replies); c != nil {
		return c
	}
	if n := len(e.Start); n != replies {
		return &Complaint{Code: "start", Field: "at", Value: strconv.Itoa(n), Allowed: strconv.Itoa(replies)}
	}
	for _, d := range e.Start {
		if !(math.Abs(d) <= MostStart) {
			return &Complaint{Code: "range", Field: "at", Value: formatNumber(d),
				Min: formatNumber(-MostStart), Max: formatNumber(MostStart)}
		}
	}
	return nil
}

// dropStart takes back a start that was carried along from an experiment that
// shows other replies: it says nothing of these.
func (e *Experiment) dropStart(old *Experiment) {
	carried := len(e.Start) > 0 && len(old.Start) == len(e.Start) && &old.Start[0] == &e.Start[0]
	found := old.awaitsFile() && !e.awaitsFile() // the file that the start was named with
	other := old.Preset != e.Preset || !samePrompts(old.Prompts, e.Prompts) || old.Settings[ShownPrompt] != e.Settings[ShownPrompt]
	if carried && other && !found {
		e.Start = nil
	}
}

// StartPlace rounds log-ratios to what a link spells out, and puts them where
// the mean is 0, as a common shift moves nothing. Those beyond the limits are
// brought to them.
func StartPlace(logRatio []float64) []float64 {
	mean := 0.0
	for _, d := range logRatio {
		mean += d / float64(len(logRatio))
	}
	start := make([]float64, len(logRatio))
	for k, d := range logRatio {
		d = math.Round(1000*(d-mean)) / 1000
		start[k] = max(-MostStart, min(MostStart, d)) + 0 // not −0
	}
	return start
}

// start returns the log-ratios that the run starts at, one for each arm of the
// problem, or nil where it starts at the reference.
func (l *Lab) start() []float64 {
	if l.Experiment.Start == nil || l.Experiment.awaitsFile() {
		return nil
	}
	start := make([]float64, l.Problem.Arms())
	from, _ := l.Problem.Range(l.Prompt())
	copy(start[from:], l.Experiment.Start)
	return start
}

// Config returns what the lab's run is made of, at a given β.
func (l *Lab) Config(beta float64) Config {
	c := l.Experiment.Settings.Config(beta)
	c.Start = l.start()
	return c
}

// startDecides tells that where DPO is headed depends, beside the votes, on
// where it started: the logits' sum over each component stays, and so does what
// is left of the start where several replies rise for ever.
func (l *Lab) startDecides() bool {
	s := l.Scores
	return l.start() != nil && s.Computed && !(s.Finite && s.Unique) && !(!s.Finite && len(s.Survivors) == 1)
}

// start returns the logits that descent starts at.
func (c *Course) start() []float64 {
	z := append([]float64(nil), c.LogRef...)
	for k, d := range c.Start {
		z[k] += d
	}
	return z
}

// shift returns, for each reply, the mean of the start's log-ratios over its
// component: descent on margins keeps it.
func (c *Course) shift(component []int) []float64 {
	shift := make([]float64, len(c.LogRef))
	if c.Start == nil {
		return shift
	}
	sum, n := make([]float64, len(shift)), make([]float64, len(shift))
	for k, of := range component {
		sum[of] += c.Start[k]
		n[of]++
	}
	for k, of := range component {
		shift[k] = sum[of] / n[of]
	}
	return shift
}

func (e *Experiment) writeStart(b *strings.Builder) {
	if e.Start == nil {
		return
	}
	list := make([]string, len(e.Start))
	for k, d := range e.Start {
		list[k] = formatNumber(d)
	}
	writeField(b, "at", strings.Join(list, ","))
}

// start reads where the run starts.
func (r *linkReader) start(f linkField) {
	info := ParamInfo{Key: f.key, Min: -MostStart, Max: MostStart}
	list := strings.Split(f.value, ",")
	start := make([]float64, len(list))
	for k, text := range list {
		var c *Complaint
		if start[k], c = info.Parse(text); c != nil {
			r.add(c)
			return
		}
	}
	r.e.Start = start
}

// finishStart sees to it that the run can start where the link says.
func (r *linkReader) finishStart(prompts []Prompt) {
	if r.e.awaitsFile() {
		return
	}
	if c := r.e.checkStart(len(prompts[int(r.e.Settings[ShownPrompt])].Replies)); c != nil {
		r.add(c)
		r.e.Start = nil
	}
}

// sameStart tells whether two experiments start in the same place.
func sameStart(a, b *Experiment) bool {
	return (a.Start == nil) == (b.Start == nil) && slices.Equal(a.Start, b.Start)
}
