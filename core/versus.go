package core

import (
	"slices"
	"strings"

	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
)

// A Variant is one setting in which a run differs from the present one, and its
// value there. Runs with other objectives, other β or another method can be
// compared: they train on the same votes, drawn with the same seed.
type Variant struct {
	Param Param
	Value float64
}

// MostVariants is how many runs can be compared with the present one.
const MostVariants = 3

// variantParams are the settings that compared runs may differ in.
var variantParams = [...]Param{ObjectiveChoice, Beta, How}

// variantForm is how a variant is written, for complaints.
const variantForm = "obj:NAME, beta:NUMBER, how:METHOD"

// String writes the variant as links do: the setting's key, a colon and the
// value, as in obj:ipo or beta:0.1.
func (v Variant) String() string {
	info := &params[v.Param]
	if info.Choices != nil {
		return info.Key + ":" + info.Choices[int(v.Value)]
	}
	return info.Key + ":" + data.FormatNumber(v.Value)
}

// ParseVariant reads what String writes.
func ParseVariant(text string) (Variant, *data.Complaint) {
	key, value, _ := strings.Cut(text, ":")
	for _, p := range variantParams {
		if params[p].Key == key {
			x, c := params[p].Parse(value)
			return Variant{p, x}, c
		}
	}
	return Variant{}, &data.Complaint{Code: "variant", Field: "vs", Value: data.Shorten(data.Printable(text)), Allowed: variantForm}
}

// WriteVariants joins variants with underscores.
func WriteVariants(list []Variant) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = v.String()
	}
	return strings.Join(texts, "_")
}

// SplitVariants undoes writeVariants: as the names of objectives hold
// underscores, and keys and names hold no colons, a variant begins only where
// a colon comes before the next underscore.
func SplitVariants(text string) (items []string) {
	for i, part := range strings.Split(text, "_") {
		if i == 0 || strings.Contains(part, ":") {
			items = append(items, part)
		} else {
			items[len(items)-1] += "_" + part
		}
	}
	return items
}

// Vary returns the experiment of a compared run. It compares nothing itself.
// One with another objective is trained on it directly, also beside RLHF.
func (e Experiment) Vary(v Variant) Experiment {
	e.Versus = nil
	if v.Param == ObjectiveChoice {
		e.Settings[How] = LearnDirectly
		e.Settings = e.Settings.Choose(objective.All()[int(v.Value)].Key)
	} else {
		e.Settings[v.Param] = v.Value
	}
	return e
}

// A Panel runs what an experiment is compared with: one lab for each of some
// variants of it, beside the lead, which runs the experiment itself. They share
// the lead's data and go where it goes.
type Panel struct {
	Lead   *Lab
	Others []*Lab // in the order of their variants
	// Rest lets runs that have arrived stand where they did, however far the lead
	// goes: nothing moves them any more.
	Rest bool

	variants   []Variant // of Others
	converging bool
}

// NewPanel returns the panel of a lab.
func NewPanel(lead *Lab) (*Panel, []*data.Complaint) {
	p := &Panel{Lead: lead}
	return p, p.Follow()
}

// Follow takes over the lead's experiment, and compares what that is compared
// with. A variant that cannot be run is taken out of it, with a complaint.
func (p *Panel) Follow() (complaints []*data.Complaint) {
	if len(p.Others) == 0 && len(p.Lead.Experiment.Versus) == 0 {
		return nil
	}
	complaints = p.Compare(p.Lead.Experiment.Versus)
	p.Lead.Experiment.Versus = p.variants
	return complaints
}

// Compare takes over the lead's experiment and compares the given variants of
// it. Of each run it keeps what the change leaves as it is. A variant that
// cannot be run is left out, with a complaint.
func (p *Panel) Compare(variants []Variant) (complaints []*data.Complaint) {
	var others []*Lab
	var kept []Variant
	for _, v := range variants {
		l := p.lab(v)
		if c := l.Set(p.Lead.Experiment.Vary(v)); c != nil {
			complaints = append(complaints, c)
			continue
		}
		others, kept = append(others, l), append(kept, v)
	}
	for _, old := range p.Others {
		if !slices.Contains(others, old) {
			old.GiveUp()
			old.Launch.Stop()
		}
	}
	p.Others, p.variants = others, kept
	return complaints
}

// lab returns the lab that has run a variant so far, or a new one.
func (p *Panel) lab(v Variant) *Lab {
	for i, old := range p.variants {
		if old == v {
			return p.Others[i]
		}
	}
	return &Lab{Presets: p.Lead.Presets, Lead: p.Lead}
}

// Work gives each of the others its share of about n training steps towards the
// lead's step. It tells whether anything is left to do.
func (p *Panel) Work(n int) (busy bool) {
	for i := range p.Others {
		busy = p.WorkOn(i, max(1, n/len(p.Others))) || busy
	}
	return busy
}

// WorkOn sends one of the others to the lead's step, as Lab.Work does about n
// training steps at a time. It tells whether anything is left to do.
func (p *Panel) WorkOn(i, n int) (busy bool) {
	l := p.Others[i]
	if goal := p.stepOf(l); l.Target != goal && !p.converging {
		l.Seek(goal)
	}
	return l.Work(n)
}

// stepOf is the step that one of the others belongs at.
func (p *Panel) stepOf(l *Lab) int {
	step := int(p.Lead.Experiment.Settings[Step])
	if p.Rest && l.arrival >= 0 {
		return min(step, l.arrival)
	}
	return step
}

// Settled tells whether every other run stands where it belongs.
func (p *Panel) Settled() bool {
	for _, l := range p.Others {
		if !l.settled || l.Target != p.stepOf(l) && !p.converging {
			return false
		}
	}
	return true
}

// Converge asks of every run that comes to rest for its own arrival, as
// Lab.Converge does, and tells whether there is any. The lead need not be among
// them. All stay where they come to until Arrive or Halt.
func (p *Panel) Converge(most int) (any bool) {
	for _, l := range append([]*Lab{p.Lead}, p.Others...) {
		if l.ComesToRest() {
			l.Converge(most)
			any = true
		}
	}
	p.converging = any
	return any
}

// Arrive ends a Converge: the lead goes to the step of the slowest.
func (p *Panel) Arrive() {
	step := p.Lead.Run.StepCount()
	for _, l := range p.Others {
		step = max(step, l.Run.StepCount())
	}
	p.converging = false
	p.Lead.Seek(step)
}

// Halt gives a Converge up: all go to where the lead has come.
func (p *Panel) Halt() {
	p.Release()
	p.Lead.Seek(p.Lead.Run.StepCount())
}

// Release gives a Converge of the others up: they follow the lead.
func (p *Panel) Release() {
	for _, l := range p.Others {
		l.converge = false
	}
	p.converging = false
}

// ComesToRest tells whether the run arrives where it is headed and then stands
// still: there is such a place, no step depends on what is drawn, and none
// overshoots for ever.
func (l *Lab) ComesToRest() bool {
	s := &l.Experiment.Settings
	switch {
	case !l.HasOptimum() || !l.CanArrive() || s[How] == LearnOnline:
		return false
	case s[How] == LearnByRLHF:
		return s[Fresh] == 0 && s[EstimatorChoice] == float64(rlhf.ExactGradient)
	}
	return s[Batch] == 0 && !l.Overshoots()
}

// Arrival returns the first step at which the run was seen to stand still, or
// −1: it is looked for on the way.
func (l *Lab) Arrival() int { return l.arrival }
