//go:build js

package main

import (
	"errors"
	"strconv"
	"strings"
	"syscall/js"
	"time"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/intake"
	"dpoplayground/core/lesson"
	"dpoplayground/core/parse"
	"dpoplayground/core/runlog"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// files reads preferences and logs that the user brings. They are read in slices,
// so that the page goes on meanwhile, and never leave the machine.
type files struct {
	*app
	reading   bool
	cancelled bool
	again     *bringing // what was brought while others were being read

	sets     []fileSet  // the last that were read or joined, the present one last
	offered  *fileSet   // what the present one has taken the place of, while that is offered again
	switched objectives // what the last file of thumbs made of the objective
}

// A bringing is a list of files. Those that an earlier frame was given are kept:
// of them, preferences count only if the experiment stands on them, as it may
// have been edited since, or left for another.
type bringing struct {
	list js.Value
	kept bool
}

// objectives are what was learnt by before a file and since.
type objectives struct{ left, taken [2]float64 }

func (fl *files) register(on *handlers) {
	on.do["file-cancel"] = func(js.Value) { fl.cancelled = true }
	on.do["file-join"] = func(js.Value) { fl.alone(fl.joinOffered) }
	on.do["file-back"] = func(js.Value) { fl.alone(fl.takeOffered) }
	on.shows(fl.withdraw, theName)
}

// miss says that a link needs a file, unless the page is about to give it.
func (fl *files) miss(tag *core.FileTag) {
	kept := fl.page.Playground.Get("files")
	for i := range kept.Length() {
		if isPart(kept.Index(i).Get("name").String(), tag) {
			return
		}
	}
	fl.voice.Announce("file.needed", "name", tag.Name, "rows", words.Count(float64(tag.Rows)))
}

// read starts reading files. Those that are being read are given up.
func (fl *files) read(list js.Value, kept bool) {
	if fl.reading {
		fl.cancelled, fl.again = true, &bringing{list, kept}
		return
	}
	fl.alone(func() { fl.readAll(bringing{list, kept}) })
}

// alone does what takes long while the page goes on, unless files are being read.
func (fl *files) alone(work func()) {
	if fl.reading {
		return
	}
	fl.reading, fl.cancelled = true, false
	fl.page.ByID("file-progress").SetHidden(false)
	go func() {
		work()
		fl.reading = false
		fl.page.ByID("file-progress").SetHidden(true)
		if next := fl.again; next != nil {
			fl.again = nil
			fl.read(next.list, next.kept)
		}
	}()
}

var (
	errCancelled  = errors.New("cancelled")
	errUnreadable = &intake.Error{Code: "file.unreadable"} // by the browser: a folder, or a file that has gone
)

// readAll reads files to their ends. Preferences together become the
// experiment's data, and every log is shown beside it.
func (fl *files) readAll(b bringing) {
	var logs string
	var sets []fileSet
	for i := range b.list.Length() {
		file := b.list.Index(i)
		name := file.Get("name").String()
		if fl.isLesson(file, name) {
			continue
		}
		r, set, summary, err := fl.readFile(file)
		switch {
		case err == errCancelled:
			fl.voice.Announce("file.cancelled", "name", name)
			return
		case err != nil:
			fl.refuse(name, err)
		case r.Log() != nil:
			logs += fl.takeLog(name, r.Log())
		default:
			tag := core.FileTag{Name: shortName(name), Rows: summary.Rows, Hash: set.Hash(breather())}
			sets = append(sets, fileSet{tag, set, fl.summarised(name, summary)})
		}
	}
	if b.kept {
		sets = named(sets, fl.lab.Experiment.File)
	}
	if len(sets) > 0 {
		fl.use(sets)
	}
	if logs != "" {
		fl.page.ByID("log-read").SetText(logs)
	}
	if !b.kept {
		fl.openSections(len(sets) > 0, logs != "")
	}
}

// isLesson opens a file that is a lesson, and tells whether it is.
func (fl *files) isLesson(file js.Value, name string) bool {
	if !strings.HasSuffix(strings.ToLower(name), ".txt") || file.Get("size").Int() > lesson.MaxSize {
		return false
	}
	text, err := page.Await(file.Call("text"))
	return err == nil && fl.lessons.bring(name, text.String())
}

// openSections opens where the page says what became of files. That covers
// nothing.
func (fl *files) openSections(data, log bool) {
	if data {
		fl.panels.setOpen("data", true)
	}
	if log {
		fl.panels.setOpen("log", true)
	}
	fl.panels.sync()
	fl.link.due = true
}

func (fl *files) refuse(name string, err error) {
	fl.page.Message(fl.words.Say("file.bad", "name", name, "why", fl.sentence(err)), "", fl.words.Say("message.close"), "")
}

// takeLog shows a log beside the toy and returns what was read of it.
func (fl *files) takeLog(name string, log *runlog.Log) string {
	if !fl.realRuns.add(log) {
		fl.refuse(name, parse.FileError("run.log.runs", "found", strconv.Itoa(len(fl.realRuns.list)+len(log.Runs)), "limit", strconv.Itoa(runlog.MaxRuns)))
		return ""
	}
	text := fl.words.Say(fl.words.Form("run.log.summary", log.Rows), "name", name, "n", words.Count(float64(log.Rows)))
	if log.Again {
		text += " " + fl.words.Say("run.log.second")
	}
	for _, c := range []struct {
		key string
		n   int
	}{{"run.log.broken", log.Broken}, {"run.log.left", log.Stepless}, {"run.log.back", log.Back}, {"run.log.twice", log.Twice}, {"run.log.odd", log.Odd}} {
		if c.n > 0 {
			text += " " + fl.words.Say(c.key, "n", words.Count(float64(c.n)))
		}
	}
	return text + " "
}

// readFile reads a file to its end.
func (fl *files) readFile(file js.Value) (*intake.Reader, *data.Dataset, intake.Summary, error) {
	size := int64(file.Get("size").Float())
	r := intake.NewReader(file.Get("name").String(), size)
	r.Pause = breather()
	if err := fl.feed(r, file, size); err != nil {
		return r, nil, intake.Summary{}, err
	}
	set, summary, err := r.Finish()
	return r, set, summary, err
}

// pieceBytes is how much of a file is fetched at a time.
const pieceBytes = 256 << 10

// feed hands a file to the reader, leaving the page time between slices.
func (fl *files) feed(r *intake.Reader, file js.Value, size int64) error {
	piece, breathe := make([]byte, pieceBytes), breather()
	for at := int64(0); at < size; at += pieceBytes {
		buffer, err := page.Await(file.Call("slice", at, min(size, at+pieceBytes)).Call("arrayBuffer"))
		if err != nil {
			return errUnreadable
		}
		n := js.CopyBytesToGo(piece, js.Global().Get("Uint8Array").New(buffer))
		for from := 0; from < n; from += intake.ChunkBytes {
			if err := r.Feed(piece[from:min(n, from+intake.ChunkBytes)]); err != nil {
				return err
			}
			breathe()
			if fl.cancelled {
				return errCancelled
			}
		}
		fl.showProgress(float64(at+int64(n))/float64(size), r.Rows())
	}
	return nil
}

func (fl *files) showProgress(share float64, rows int) {
	fl.page.ByID("file-bar").Set("value", share)
	fl.page.ByID("file-state").SetText(fl.words.Say(fl.words.Form("file.state", rows), "rows", words.Count(float64(rows))))
}

// sentence is an error of a file in the page's language.
func (fl *files) sentence(err error) string {
	var e *intake.Error
	if errors.As(err, &e) {
		return e.Fill(fl.words.Say(e.Code))
	}
	return err.Error()
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

// summarised says what a file held, which rows were left out and why, and what
// else a user must know of it.
func (fl *files) summarised(name string, s intake.Summary) string {
	up, down := words.Count(s.Up), words.Count(s.Down)
	parts := []string{fl.counted("rows", s.Rows), fl.counted("questions", s.Prompts), fl.counted("replies", s.Replies)}
	if s.Pairs > 0 {
		parts = append(parts, fl.counted("pairs", s.Pairs), fl.counted("votes", int(s.Votes)))
	} else {
		parts = append(parts, fl.words.Say("file.summary.thumbs", "up", up, "down", down))
	}
	text := fl.words.Say("file.summary", "name", name, "counts", strings.Join(parts, ", "))
	if s.Pairs > 0 && s.Thumbs > 0 {
		text += " " + fl.words.Say("file.summary.beside", "up", up, "down", down)
	}
	return text + fl.noteSentences(s)
}

// unswitched returns the settings for the next file: the objective that a file
// of thumbs has put aside comes back, unless another was chosen since.
func (fl *files) unswitched(now core.Settings, data *data.Dataset) core.Settings {
	o := fl.switched
	if len(data.Pairs) > 0 && o.taken == objectiveOf(now) && o.left != o.taken {
		now[core.How], now[core.ObjectiveChoice] = o.left[0], o.left[1]
	}
	return now
}

// objectiveOf returns the settings that say what is learnt by.
func objectiveOf(s core.Settings) [2]float64 { return [2]float64{s[core.How], s[core.ObjectiveChoice]} }

// switchSentence says what became of the objective that was there before.
func (fl *files) switchSentence(set *data.Dataset, before string) string {
	now := fl.lab.Experiment.Settings.Objective().Key
	switch {
	case now == before:
		return ""
	case len(set.Pairs) > 0:
		return " " + fl.words.Say("file.pairsread", "objective", fl.words.Say("objective."+now))
	}
	return " " + fl.words.Say("file.thumbsread", "objective", fl.words.Say("objective."+now))
}

// noteSentences says which rows were left out and why, and what else is noted.
func (fl *files) noteSentences(s intake.Summary) (text string) {
	for _, skip := range s.Skipped {
		text += " " + fl.words.Say(skip.Code, "rows", words.Count(float64(skip.Rows)))
	}
	if s.Fault != nil {
		text += " " + fl.words.Say("file.fault", "why", fl.sentence(s.Fault))
	}
	for _, note := range s.Notes {
		text += " " + fl.words.Say(note.Code, "rows", words.Count(float64(note.Rows)), "keys", strings.Join(note.Keys, ", "))
	}
	return text
}

// counted says how many of a thing a file holds.
func (fl *files) counted(thing string, n int) string {
	return fl.words.Say(fl.words.Form("file.count."+thing, n), "n", words.Count(float64(n)))
}
