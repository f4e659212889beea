//go:build js

package main

import (
	"errors"
	"strings"
	"syscall/js"
	"time"

	"dpoplayground/core"
	"dpoplayground/core/intake"
	"dpoplayground/scenes"
)

// files reads preferences that the user brings. They are read in slices, so
// that the page goes on meanwhile, and never leave the machine.
type files struct {
	reading   bool
	cancelled bool
	again     js.Value // a file brought while another was being read

	tag      core.FileTag // of the last file read
	switched objectives   // what the last file of thumbs made of the objective

	prompts []core.Prompt
	given   []core.Pair
	thumbs  []core.Thumb
}

// objectives are what was learnt by before a file and since.
type objectives struct{ left, taken [2]float64 }

// holds tells whether the last file read is the one that a link names.
func (f *files) holds(tag *core.FileTag) bool {
	return f.prompts != nil && f.tag.Hash == tag.Hash && f.tag.Rows == tag.Rows
}

// missFile says that a link needs a file, unless the page is about to give it.
func (a *app) missFile(tag *core.FileTag) {
	if file := a.page.playground.Get("file"); !file.Truthy() || shortName(file.Get("name").String()) != tag.Name {
		a.say("file.needed", "name", tag.Name, "rows", scenes.Count(float64(tag.Rows)))
	}
}

// readKept reads a file that an earlier frame was given, if that is what the
// experiment stands on: it may have been edited since, or left for another.
func (a *app) readKept(file js.Value) {
	if tag := a.lab.Experiment.File; tag != nil && tag.Name == shortName(file.Get("name").String()) {
		a.readFile(file)
	}
}

// readFile starts reading a file. One that is being read is given up.
func (a *app) readFile(file js.Value) {
	f := &a.files
	if f.reading {
		f.cancelled, f.again = true, file
		return
	}
	f.reading, f.cancelled = true, false
	a.page.get("file-progress").setHidden(false)
	go func() {
		a.readAll(file)
		f.reading = false
		a.page.get("file-progress").setHidden(true)
		if f.again.Truthy() {
			next := f.again
			f.again = js.Value{}
			a.readFile(next)
		}
	}()
}

var (
	errCancelled  = errors.New("cancelled")
	errUnreadable = &intake.Error{Code: "file.unreadable"} // by the browser: a folder, or a file that has gone
)

// readAll reads a file to its end and makes it the experiment's data.
func (a *app) readAll(file js.Value) {
	name, size := file.Get("name").String(), int64(file.Get("size").Float())
	r := intake.NewReader(name, size)
	r.Pause = breather()
	err := a.feed(r, file, size)
	if err == errCancelled {
		a.say("file.cancelled", "name", name)
		return
	}
	var data *core.Dataset
	var summary intake.Summary
	if err == nil {
		data, summary, err = r.Finish()
	}
	if err != nil {
		a.page.message(a.words.Say("file.bad", "name", name, "why", a.fileSentence(err)), "", a.words.Say("message.close"))
		return
	}
	a.useFile(name, data, summary)
}

// pieceBytes is how much of a file is fetched at a time.
const pieceBytes = 256 << 10

// feed hands a file to the reader, leaving the page time between slices.
func (a *app) feed(r *intake.Reader, file js.Value, size int64) error {
	piece, breathe := make([]byte, pieceBytes), breather()
	for at := int64(0); at < size; at += pieceBytes {
		buffer, err := await(file.Call("slice", at, min(size, at+pieceBytes)).Call("arrayBuffer"))
		if err != nil {
			return errUnreadable
		}
		n := js.CopyBytesToGo(piece, js.Global().Get("Uint8Array").New(buffer))
		for from := 0; from < n; from += intake.ChunkBytes {
			if err := r.Feed(piece[from:min(n, from+intake.ChunkBytes)]); err != nil {
				return err
			}
			breathe()
			if a.files.cancelled {
				return errCancelled
			}
		}
		a.showProgress(float64(at+int64(n))/float64(size), r.Rows())
	}
	return nil
}

func (a *app) showProgress(share float64, rows int) {
	a.page.get("file-bar").Set("value", share)
	a.page.get("file-state").setText(a.words.Say("file.state", "rows", scenes.Count(float64(rows))))
}

// fileSentence is an error of a file in the page's language.
func (a *app) fileSentence(err error) string {
	var e *intake.Error
	if errors.As(err, &e) {
		return e.Fill(a.words.Say(e.Code))
	}
	return err.Error()
}

// useFile makes what a file held the experiment's data. A link that named the
// file is continued where it stood.
func (a *app) useFile(name string, data *core.Dataset, summary intake.Summary) {
	f := &a.files
	a.page.get("file-state").setText(a.words.Say("file.counting"))
	breathe := breather()
	tag := core.FileTag{Name: shortName(name), Rows: summary.Rows, Hash: data.Hash(breathe)}
	compiled := core.NewProblemPausing(data, breathe)
	if f.cancelled {
		a.say("file.cancelled", "name", name)
		return
	}
	e := a.lab.Experiment
	before, base := e.Settings.Objective().Key, e
	base.Settings = f.unswitched(base.Settings, data)
	fresh := base.Use(data, &tag)
	f.prompts, f.given, f.thumbs, f.tag = data.Prompts, data.Pairs, data.Thumbs, tag
	if e.File != nil && f.holds(e.File) {
		e.Prompts, e.Given, e.Thumbs, e.File = data.Prompts, data.Pairs, data.Thumbs, &tag
	} else {
		e = fresh
	}
	a.clock.playing = false
	if c := a.lab.Adopt(e, compiled); c != nil {
		a.complain(c) // the link points to a place that the file does not have
		if c = a.lab.Adopt(fresh, compiled); c != nil {
			a.complain(c)
			return
		}
	}
	f.switched = objectives{objectiveOf(base.Settings), objectiveOf(a.lab.Experiment.Settings)}
	a.changed()
	a.commit()
	a.tellSummary(name, summary, before)
}

// breather returns a function that lets the page go on whenever this frame's
// time is used up.
func breather() func() {
	start := time.Now()
	return func() {
		if time.Since(start) > sliceTime/2 {
			time.Sleep(time.Millisecond)
			start = time.Now()
		}
	}
}

// shortName keeps the end of a long file name.
func shortName(name string) string {
	r := []rune(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, name))
	const most = 60
	if len(r) > most {
		r = r[len(r)-most:]
	}
	return string(r)
}

// tellSummary says what a file held, and what became of the objective that was
// there before it.
func (a *app) tellSummary(name string, s intake.Summary, before string) {
	up, down := scenes.Count(s.Up), scenes.Count(s.Down)
	parts := []string{a.counted("rows", s.Rows), a.counted("questions", s.Prompts), a.counted("replies", s.Replies)}
	if s.Pairs > 0 {
		parts = append(parts, a.counted("pairs", s.Pairs), a.counted("votes", int(s.Votes)))
	} else {
		parts = append(parts, a.words.Say("file.summary.thumbs", "up", up, "down", down))
	}
	text := a.words.Say("file.summary", "name", name, "counts", strings.Join(parts, ", "))
	if s.Pairs > 0 && s.Thumbs > 0 {
		text += " " + a.words.Say("file.summary.beside", "up", up, "down", down)
	}
	text += a.switchSentence(s, before) + a.noteSentences(s)
	if others := a.page.playground.Get("others"); others.Truthy() && others.String() != "" {
		text += " " + a.words.Say("file.others", "names", others.String())
	}
	a.page.get("file-summary").setText(text)
	a.page.message(text, "news", a.words.Say("message.close"))
}

// unswitched returns the settings for the next file: the objective that a file
// of thumbs has put aside comes back, unless another was chosen since.
func (f *files) unswitched(now core.Settings, data *core.Dataset) core.Settings {
	o := f.switched
	if len(data.Pairs) > 0 && o.taken == objectiveOf(now) && o.left != o.taken {
		now[core.How], now[core.ObjectiveChoice] = o.left[0], o.left[1]
	}
	return now
}

// objectiveOf returns the settings that say what is learnt by.
func objectiveOf(s core.Settings) [2]float64 { return [2]float64{s[core.How], s[core.ObjectiveChoice]} }

// switchSentence says what became of the objective that was there before.
func (a *app) switchSentence(s intake.Summary, before string) string {
	now := a.lab.Experiment.Settings.Objective().Key
	switch {
	case now == before:
		return ""
	case s.Pairs > 0:
		return " " + a.words.Say("file.pairsread", "objective", a.words.Say("objective."+now))
	}
	return " " + a.words.Say("file.thumbsread", "objective", a.words.Say("objective."+now))
}

// noteSentences says which rows were left out and why, and what else a user
// must know of the file.
func (a *app) noteSentences(s intake.Summary) (text string) {
	for _, skip := range s.Skipped {
		text += " " + a.words.Say(skip.Code, "rows", scenes.Count(float64(skip.Rows)))
	}
	if s.Fault != nil {
		text += " " + a.words.Say("file.fault", "why", a.fileSentence(s.Fault))
	}
	for _, note := range s.Notes {
		text += " " + a.words.Say(note.Code, "rows", scenes.Count(float64(note.Rows)), "keys", strings.Join(note.Keys, ", "))
	}
	return text
}

// counted says how many of a thing a file holds.
func (a *app) counted(thing string, n int) string {
	return a.words.Say(plural("file.count."+thing, n), "n", scenes.Count(float64(n)))
}
