package core

import (
	"cmp"
	"slices"
	"strings"

	"dpoplayground/core/data"
)

// A Handout is what a teacher has the page do beside showing an experiment. It is
// part of a link, and changes no number.
type Handout struct {
	Lesson     string   // the file's name without its ending; "" for none
	LessonStep int      // from 1; 0 where no lesson is open
	Hide, Lock []string // names of Hideable and of Lockable
	Present    bool     // the page is shown large
	Play       bool     // the run plays when it is opened
	Lang       string   // the page's language; "" for the reader's own

	// What the open step of a lesson hides and locks, until its question is answered.
	// It is the lesson's to say, so a link does not.
	StepHide, StepLock []string
}

// What can be hidden beside controls and panels.
const (
	HideOptimum  = "optimum"  // every mark, number and sentence of where the run is headed
	HideKL       = "kl"       // the distance at the optimum, as a number
	HideVerdicts = "verdicts" // the sentences that say what came of a run
)

// regions are the parts of the page that can be hidden or locked as a whole, in the
// order of docs/teaching.md.
var regions = []string{"tabs", "panels", "settings", "timeline", "people", "push", "preset", "share", "present"}

// Panels are the page's sections that can be opened.
var Panels = []string{"comparetable", "cost", "data", "derive", "edit", "ledger", "log", "measures", "more", "pair", "plane",
	"racehow", "rewards", "rlhf", "scale", "sweep", "time", "versus"}

// Hideable tells whether a link can hide what has this name.
func Hideable(name string) bool {
	return slices.Contains([]string{HideOptimum, HideKL, HideVerdicts}, name) || Lockable(name) && name != "all"
}

// Lockable tells whether a link can lock what has this name: a control by the key
// of its setting, a panel, a part of the page, or all of them.
func Lockable(name string) bool {
	isKey := slices.ContainsFunc(params[:], func(info ParamInfo) bool { return info.Key == name })
	return name == "all" || isKey || slices.Contains(Panels, name) || slices.Contains(regions, name)
}

// Hides tells whether a name is hidden, by the link or by a lesson's step.
func (h *Handout) Hides(name string) bool {
	return slices.Contains(h.Hide, name) || slices.Contains(h.StepHide, name)
}

// Locks tells whether a name is locked, by the link or by a lesson's step.
func (h *Handout) Locks(name string) bool {
	for _, list := range [2][]string{h.Lock, h.StepLock} {
		if slices.Contains(list, name) || slices.Contains(list, "all") {
			return true
		}
	}
	return false
}

// ParseNames reads a list of names, joined by dots, each of which must be allowed.
// It returns the first that is not, or "".
func ParseNames(text string, allowed func(name string) bool) (names []string, wrong string) {
	if text == "" {
		return nil, ""
	}
	for _, name := range strings.Split(text, ".") {
		if !allowed(name) {
			return nil, cmp.Or(data.Shorten(data.Printable(name)), ".")
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, ""
}
