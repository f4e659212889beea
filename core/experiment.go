package core

import (
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// An Experiment is everything a run depends on, seeds included, and what of
// it is on screen. It is a value that is never changed in place: a change
// makes a new one.
type Experiment struct {
	Preset   string // the preset it started from
	Settings Settings
	// Prompts replaces the preset's prompts and replies; nil keeps them.
	Prompts []Prompt
	// Given replaces the preset's own pairs; it is used with Source FromGiven.
	Given []Pair
	// Thumbs replaces the preset's own thumbs up and down; they are used with the
	// pairs.
	Thumbs []Thumb
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

// awaitsFile tells that the experiment is of a file that has not been brought:
// until then it runs on its preset's data.
func (e *Experiment) awaitsFile() bool { return e.File != nil && e.Prompts == nil }

// A Preset is a ready-made experiment. Its texts are in the catalogue.
type Preset struct {
	ID       string
	Exhibit  bool // it shows one phenomenon, whose number is known exactly
	Prompts  []Prompt
	Given    []Pair
	Thumbs   []Thumb
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
func (e *Experiment) Dataset(presets []Preset) *Dataset {
	d := &Dataset{Prompts: e.Prompts, Pairs: e.Given, Thumbs: e.Thumbs, Rewarded: true}
	if base := FindPreset(presets, e.Preset); base != nil {
		if d.Prompts == nil {
			d.Prompts = base.Prompts
		}
		if d.Pairs == nil && e.Prompts == nil {
			d.Pairs = base.Given
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
func (e Experiment) Use(d *Dataset, tag *FileTag) Experiment {
	if !d.Rewarded {
		d.forgetRewards()
	}
	e.Prompts, e.Given, e.Thumbs, e.File = d.Prompts, d.Pairs, d.Thumbs, tag
	e.Settings[Source], e.Settings[Reference] = FromGiven, ReferencePreset
	e.Settings[ShownPrompt], e.Settings[Step] = 0, 0
	e.View.ForgetReplies()
	e.Start = nil
	if e.Settings.checkPaired(d) != nil {
		e.Settings = e.Settings.readThumbs()
	}
	return e
}

// forgetRewards makes every reward NaN, which stands for not given.
func (d *Dataset) forgetRewards() {
	for i := range d.Prompts {
		for k := range d.Prompts[i].Replies {
			d.Prompts[i].Replies[k].Reward = math.NaN()
		}
	}
}

// hashedAtOnce is how many bytes of one text are hashed between pauses.
const hashedAtOnce = 1 << 16

// Hash returns a fingerprint of a data set's texts and votes, and of lengths
// and features where there are any (64-bit FNV-1a). It calls pause again and
// again, a fraction of a millisecond apart.
func (d *Dataset) Hash(pause func()) uint64 {
	h := fnv.New64a()
	add := func(s string) {
		for part := range slices.Chunk([]byte(s), hashedAtOnce) {
			h.Write(part)
			if len(part) == hashedAtOnce {
				pause()
			}
		}
		h.Write([]byte{0xff})
	}
	var b strings.Builder
	for i := range d.Prompts {
		if i%(pauseEvery/4) == 0 {
			pause()
		}
		add(d.Prompts[i].Text)
		for _, r := range d.Prompts[i].Replies {
			add(r.Text)
			b.Reset()
			if r.describe(&b); b.Len() > 0 {
				add(b.String())
			}
		}
	}
	for i, p := range d.Pairs {
		if i%pauseEvery == 0 {
			pause()
		}
		b.Reset()
		writePair(&b, p)
		add(b.String())
	}
	for i, t := range d.Thumbs {
		if i%pauseEvery == 0 {
			pause()
		}
		b.Reset()
		writeThumb(&b, t)
		add(b.String())
	}
	return h.Sum64()
}
