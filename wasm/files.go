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

	tag     core.FileTag // of the last file read
	prompts []core.Prompt
	given   []core.Pair
	thumbs  []core.Thumb
}

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

var errCancelled = errors.New("cancelled")

// readAll reads a file to its end and makes it the experiment's data.
func (a *app) readAll(file js.Value) {
	name, size := file.Get("name").String(), int64(file.Get("size").Float())
	r := intake.NewReader(name, size)
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
			return err
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
	a.page.get("file-state").setText(a.words.Say(a.words.Form("file.state", rows), "rows", scenes.Count(float64(rows))))
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
	fresh, before := e.Use(data, &tag), e.Settings.Objective().Key
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
	key, up, down := "file.summary", scenes.Count(s.Up), scenes.Count(s.Down)
	if s.Pairs == 0 {
		key = "file.summary.thumbs"
	}
	text := a.words.Say(a.words.Form(key, s.Prompts), "name", name, "rows", scenes.Count(float64(s.Rows)),
		"prompts", scenes.Count(float64(s.Prompts)), "replies", scenes.Count(float64(s.Replies)),
		"pairs", scenes.Count(float64(s.Pairs)), "votes", scenes.Count(s.Votes), "up", up, "down", down)
	if s.Pairs > 0 && s.Thumbs > 0 {
		text += " " + a.words.Say("file.summary.beside", "up", up, "down", down)
	}
	if now := a.lab.Experiment.Settings.Objective().Key; now != before {
		text += " " + a.words.Say("file.thumbsread", "objective", a.words.Say("objective."+now))
	}
	for _, skip := range s.Skipped {
		text += " " + a.words.Say(skip.Code, "rows", scenes.Count(float64(skip.Rows)))
	}
	a.page.get("file-summary").setText(text)
	a.page.message(text, "news", a.words.Say("message.close"))
}
