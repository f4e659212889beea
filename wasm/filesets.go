//go:build js

package main

import (
	"slices"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/intake"
	"dpoplayground/scenes/words"
)

// A fileSet is what one file held, or several that were joined.
type fileSet struct {
	tag  core.FileTag
	data *data.Dataset
	told string // what was said of it when it was read
}

const (
	setsKept = 4     // for links and to go back to
	joining  = " + " // stands between the names of joined files
)

// is tells that a set is the one that a link or an experiment names.
func (s *fileSet) is(tag *core.FileTag) bool {
	return tag != nil && s.tag.Hash == tag.Hash && s.tag.Rows == tag.Rows
}

// isPart tells that a file's name is a tag's, or one of those joined in it.
func isPart(name string, tag *core.FileTag) bool {
	return tag != nil && strings.Contains(joining+tag.Name+joining, joining+shortName(name)+joining)
}

// named returns the sets of a list that an experiment stands on: the very one,
// else those that were joined, else the last one of its name.
func named(sets []fileSet, tag *core.FileTag) []fileSet {
	for i := range sets {
		if sets[i].is(tag) {
			return sets[i : i+1]
		}
	}
	var parts []fileSet
	for _, s := range sets {
		if isPart(s.tag.Name, tag) {
			parts = append(parts, s)
		}
	}
	if len(parts) > 1 && parts[len(parts)-1].tag.Name == tag.Name {
		return parts[len(parts)-1:]
	}
	return parts
}

// find returns the set that a link names, if it is at hand.
func (fl *files) find(tag *core.FileTag) *fileSet {
	for i := range fl.sets {
		if fl.sets[i].is(tag) {
			return &fl.sets[i]
		}
	}
	return nil
}

// keep puts a set last among those at hand.
func (fl *files) keep(s fileSet) {
	fl.sets = slices.DeleteFunc(slices.Clone(fl.sets), func(o fileSet) bool { return o.is(&s.tag) })
	fl.sets = append(fl.sets, s)
	fl.sets = fl.sets[max(0, len(fl.sets)-setsKept):]
}

// use makes what files held the experiment's data, all of it together, and says
// so. What they take the place of is offered again.
func (fl *files) use(sets []fileSet) {
	fl.page.ByID("file-state").SetText(fl.words.Say("file.counting"))
	earlier := fl.find(fl.lab.Experiment.File)
	for _, s := range sets[:len(sets)-1] {
		fl.keep(s)
	}
	all, ok := fl.joined(sets)
	if !ok {
		return
	}
	said := fl.adopt(&all)
	if said == "" {
		return
	}
	if earlier != nil && !earlier.is(&all.tag) {
		said += " " + fl.words.Say("file.replaced", "name", earlier.tag.Name)
		fl.offered = earlier
	}
	fl.tell(said)
}

// tell says what became of files and shows whether a choice is left.
func (fl *files) tell(said string) {
	fl.page.ByID("file-summary").SetText(said)
	fl.page.ByID("file-choice").SetHidden(fl.offered == nil)
}

// withdraw offers nothing once the data are no longer those of the last file.
func (fl *files) withdraw() {
	if n := len(fl.sets); fl.offered != nil && (n == 0 || !fl.sets[n-1].is(fl.lab.Experiment.File)) {
		fl.offered = nil
		fl.page.ByID("file-choice").SetHidden(true)
	}
}

// joined returns sets as one, if that is not too large.
func (fl *files) joined(sets []fileSet) (all fileSet, ok bool) {
	all = sets[0]
	breathe := breather()
	for _, s := range sets[1:] {
		all.tag = core.FileTag{Name: shortName(all.tag.Name + joining + s.tag.Name), Rows: all.tag.Rows + s.tag.Rows}
		all.told += " " + s.told
		if all.tag.Rows > intake.MaxRows {
			fl.refuse(all.tag.Name, &intake.Error{Code: "file.joint", Args: map[string]string{"limit": words.Count(intake.MaxRows)}})
			return all, false
		}
		all.data = data.Join(all.data, s.data, breathe)
	}
	if len(sets) > 1 {
		all.tag.Hash = all.data.Hash(breathe)
		all.told += " " + fl.words.Say("file.joined",
			"questions", fl.counted("questions", len(all.data.Prompts)), "pairs", fl.counted("pairs", len(all.data.Pairs)))
	}
	return all, true
}

// joinOffered adds the set that was replaced to the present one.
func (fl *files) joinOffered() {
	if present := fl.find(fl.lab.Experiment.File); present != nil && fl.offered != nil {
		if all, ok := fl.joined([]fileSet{*fl.offered, *present}); ok {
			fl.change(&all)
		}
	}
}

// takeOffered goes back to the set that was replaced, and offers the present one.
func (fl *files) takeOffered() {
	if fl.offered != nil {
		fl.use([]fileSet{*fl.offered})
	}
}

// change makes a set the experiment's data and leaves no choice.
func (fl *files) change(s *fileSet) {
	if said := fl.adopt(s); said != "" {
		fl.offered = nil
		fl.tell(said)
	}
}

// adopt makes a set the experiment's data, and returns what is to be said of it,
// or "" where it cannot be taken. A link that named it is continued where it
// stood.
func (fl *files) adopt(s *fileSet) string {
	breathe := breather()
	compiled := data.NewProblemPausing(s.data, breathe)
	if fl.cancelled {
		fl.voice.Announce("file.cancelled", "name", s.tag.Name)
		return ""
	}
	e, tag := fl.lab.Experiment, s.tag
	before, base := e.Settings.Objective().Key, e
	base.Settings = fl.unswitched(base.Settings, s.data)
	fresh := base.Use(s.data, &tag)
	fl.keep(*s)
	if s.is(e.File) {
		e.Prompts, e.Given, e.Thumbs, e.File = s.data.Prompts, s.data.Pairs, s.data.Thumbs, &tag
	} else {
		e = fresh
	}
	fl.clock.halt()
	if c := fl.lab.Adopt(e, compiled); c != nil {
		fl.voice.Complain(c) // the link points to a place that the file does not have
		if c = fl.lab.Adopt(fresh, compiled); c != nil {
			fl.voice.Complain(c)
			return ""
		}
	}
	fl.switched = objectives{objectiveOf(base.Settings), objectiveOf(fl.lab.Experiment.Settings)}
	fl.host.changed()
	fl.link.commit()
	return s.told + fl.switchSentence(s.data, before)
}
