package core

import (
	"slices"

	"dpoplayground/core/data"
)

// An Experiment is everything a run depends on, seeds included, and what of
// it is on screen. It is a value that is never changed in place: a change
// makes a new one.
type Experiment struct {
	Preset   string // the preset it started from
	Settings Settings
	// Prompts replaces the preset's prompts and replies; nil keeps them.
	Prompts []data.Prompt
	// Given replaces the preset's own pairs; it is used with Source FromGiven.
	Given []data.Pair
	// Thumbs replaces the preset's own thumbs up and down; they are used with the
	// pairs.
	Thumbs []data.Thumb
	// File names the file that Prompts and Given came from, if they did and
	// are more than a link can carry.
	File *FileTag
	// Start is where the run starts: log-ratios z − log π_ref of the shown
	// prompt's replies; nil is the reference. Other prompts start at theirs.
	Start []float64
	// Versus lists the runs to compare with, at most MostVariants.
	Versus []Variant
	View   View
}

// A FileTag recognises a file that a link names but does not carry.
type FileTag struct {
	Name string
	Rows int
	Hash uint64 // of the data set's texts and counts
}

// AwaitsFile tells that the experiment is of a file that has not been brought:
// until then it runs on its preset's data.
func (e *Experiment) AwaitsFile() bool { return e.File != nil && e.Prompts == nil }

// A Preset is a ready-made experiment. Its texts are in the catalogue.
type Preset struct {
	ID       string
	Exhibit  bool // it shows one phenomenon, whose number is known exactly
	Prompts  []data.Prompt
	given    []data.Pair
	Thumbs   []data.Thumb
	Settings Settings
	Versus   []Variant
	Open     []string
}

// Start returns the preset's experiment.
func (p *Preset) Start() Experiment {
	return Experiment{Preset: p.ID, Settings: p.Settings, Versus: slices.Clone(p.Versus), View: View{Open: p.Open}}
}

// FindPreset returns the preset with an ID, or nil.
func FindPreset(presets []Preset, id string) *Preset {
	for i := range presets {
		if presets[i].ID == id {
			return &presets[i]
		}
	}
	return nil
}

// Dataset returns the data that an experiment trains on, before any annotator
// is simulated: its own prompts, pairs and thumbs, or else the preset's.
func (e *Experiment) Dataset(presets []Preset) *data.Dataset {
	d := &data.Dataset{Prompts: e.Prompts, Pairs: e.Given, Thumbs: e.Thumbs, Rewarded: true}
	if base := FindPreset(presets, e.Preset); base != nil {
		if d.Prompts == nil {
			d.Prompts = base.Prompts
		}
		if d.Pairs == nil && e.Prompts == nil {
			d.Pairs = base.given
		}
		if d.Thumbs == nil && e.Prompts == nil {
			d.Thumbs = base.Thumbs
		}
	}
	for i := range d.Prompts {
		for _, r := range d.Prompts[i].Replies {
			d.Rewarded = d.Rewarded && r.Reward == r.Reward
		}
	}
	return d
}

// Use returns the experiment with a data set as its own, its pairs and thumbs as
// the source of votes, and everything that points into the old data back at its
// beginning. Where there are only thumbs and the objective needs pairs, it
// becomes KTO.
func (e Experiment) Use(d *data.Dataset, tag *FileTag) Experiment {
	if !d.Rewarded {
		d.ForgetRewards()
	}
	e.Prompts, e.Given, e.Thumbs, e.File = d.Prompts, d.Pairs, d.Thumbs, tag
	e.Settings[Source], e.Settings[Reference] = FromGiven, ReferencePreset
	e.Settings[ShownPrompt], e.Settings[Step] = 0, 0
	e.View.ForgetReplies()
	e.Start = nil
	if e.Settings.CheckPaired(d) != nil {
		e.Settings = e.Settings.ReadThumbs()
	}
	return e
}
