// Package intake turns a preference file that a user brings into a
// core.Dataset, a slice of bytes at a time. README.md, "Bring your own
// preferences", has a table of the shapes that are taken; a test reads it.
//
// A row is a preference of two replies (chosen and rejected), a vote (a, b and
// winner), a list of replies with ranks or scores, one reply with a label that
// calls it good or bad, or one reply with a score, which is compared with the
// others of its question. fieldNames has the names of keys and columns.
//
// A reply or question is a text, a chat message, a list of messages, or a list
// of turns; in a text, JSON or Python may hold these. Row.split says how a
// question is found that is not given by itself.
//
// Rows that cannot be read are left out and counted by reason. The summary says
// what else a user must know: which keys were not read, which rows have no
// question, where keys contradict each other.
//
// Texts are compared after trimming white space, writing every line end as \n
// and composing letters with their marks (Unicode's NFC); rows with the same
// texts become the same replies and counts add up.
package intake

import (
	"slices"
	"strconv"

	"dpoplayground/core/data"
	"dpoplayground/core/parse"
	"dpoplayground/core/runlog"
)

const (
	MaxBytes = parse.MaxBytes // of a file
	MaxRows  = 200_000        // of a file, blank lines not counted
	// MaxCount is the largest count of one row. All rows together then stay
	// far below 2⁵³, so sums of counts are exact in a float64.
	MaxCount = 1_000_000_000

	ChunkBytes = 16 << 10 // good for one call of Feed
)

// An Error says why a file cannot be read.
type Error = parse.Error

// A Reader reads one file. Feed it the bytes in order, in chunks of any size,
// then call Finish. The work of a call grows with its chunk alone, but for the
// ends of long rows and of a wrapper around all rows; Pause is called in there.
type Reader struct {
	Pause func() // lets other work go on; may be nil

	name    string
	log     *runlog.Reader // of a file that is a log, else nil
	read    *runlog.Log    // what that held
	stream  *parse.Stream
	table   table
	row     row
	probe   row
	gather  gatherer
	scored  scored
	zeros   []zero
	minus   bool // a label was −1
	notes   notes
	summary Summary
	skipped [len(skipCodes)]int
	err     error
}

// Summary tells what a file held.
type Summary struct {
	Format                  string // "jsonl", "json" or "csv"
	Rows                    int    // read, left-out ones included
	Skipped                 []Skip // by reason, only those that occurred
	Fault                   *Error // what was wrong with the first row that could not be read, or nil
	Notes                   []Note // what else is to be said
	Prompts, Replies, Pairs int    // distinct
	Votes                   float64
	Thumbs                  int     // distinct replies that have some
	Up, Down                float64 // thumbs
}

// Skip says how many rows were left out for one reason. Its sentence is in the
// catalogue under the code.
type Skip struct {
	Code string
	Rows int
}

// NewReader starts reading a file of the given name and size in bytes. The
// content decides the format; the name helps where it is unclear. A size not
// known beforehand is given as 0.
func NewReader(name string, size int64) *Reader {
	r := &Reader{name: name, gather: newGatherer(), notes: notes{names: map[string]*keyName{}}}
	r.stream = parse.NewStream(name, size, r)
	return r
}

// Rows returns how many rows have been read so far.
func (r *Reader) Rows() int {
	if r.log != nil {
		return r.log.Rows()
	}
	return r.summary.Rows
}

// Log returns what a file held that was no preferences but the log of a real
// run, after Finish; else nil.
func (r *Reader) Log() *runlog.Log { return r.read }

// mayBeLog tells that nothing in the file's beginning was a preference.
func (r *Reader) mayBeLog() bool { return r.notes.rows == 0 && r.summary.Rows < mostTitles }

// asLog has the rest of the file read as a log.
func (r *Reader) asLog() *runlog.Reader {
	r.log = runlog.NewReader(r.name)
	return r.log
}

// Feed reads the file's next bytes, which it does not keep. The error, an
// *Error, is the same from then on.
func (r *Reader) Feed(chunk []byte) error {
	err := r.stream.Feed(chunk)
	r.gather.done = r.stream.Share()
	return err
}

// Finish ends the file and returns what it held. On an error, an *Error, and
// where Log has the file's content, the data set is nil.
func (r *Reader) Finish() (*data.Dataset, Summary, error) {
	if r.err == nil && r.summary.Format == "" {
		r.err = r.stream.Finish()
		r.summary.Format = r.stream.Format()
		if r.err == nil {
			r.err = r.conclude()
		}
	}
	if r.err != nil || r.read != nil {
		return nil, r.summary, r.err
	}
	return &r.gather.data, r.summary, nil
}

func (r *Reader) pause() {
	if r.Pause != nil {
		r.Pause()
	}
}

// conclude makes what the file held of its rows.
func (r *Reader) conclude() (err error) {
	switch {
	case r.log != nil:
		r.read, err = r.log.Finish()
	case r.table.columns == nil && r.table.wrong != nil:
		err = r.table.wrong
	default:
		err = r.summarise()
	}
	return err
}

func (r *Reader) summarise() error {
	s := &r.summary
	if err := r.compareScores(); err != nil {
		return err
	}
	if r.minus {
		r.skipped[skipNeither] += r.gather.takeBack(r.zeros)
	}
	if len(r.gather.data.Thumbs) > 0 {
		r.skipped[skipAlone] += r.gather.leaveOutAlone()
	}
	r.gather.tellApart()
	for i, rows := range r.skipped {
		if rows > 0 {
			s.Skipped = append(s.Skipped, Skip{skipCodes[i], rows})
		}
	}
	s.Prompts, s.Replies = len(r.gather.data.Prompts), r.gather.distinct
	s.Pairs, s.Votes = len(r.gather.data.Pairs), r.gather.votes
	s.Thumbs, s.Up, s.Down = len(r.gather.data.Thumbs), r.gather.up, r.gather.down
	s.Notes = r.notes.list()
	switch {
	case s.Rows == 0:
		return parse.FileError("file.rowless")
	case s.Pairs+s.Thumbs > 0:
		return nil
	case s.Fault != nil:
		return s.Fault
	case r.skipped[skipAlone] > 0:
		return parse.FileError("file.alone", "rows", strconv.Itoa(r.skipped[skipAlone]))
	}
	return parse.FileError("file.undecided", "rows", strconv.Itoa(s.Rows))
}

// take judges the row that has been filled in: it is counted, or left out.
func (r *Reader) take() error {
	if r.summary.Rows == MaxRows {
		return parse.ErrorAt(r.row.at, "file.rows", "limit", strconv.Itoa(MaxRows))
	}
	r.summary.Rows++
	reason, err := r.judge()
	if err != nil {
		e := err.(*Error)
		if e.Code == "row.ambiguous" {
			return err
		}
		reason = r.leaveOut(e)
	}
	r.notes.read(&r.row)
	if reason != skipNone {
		r.skipped[reason]++
		return nil
	}
	switch r.row.sign {
	case signMinus:
		r.minus = true
	case signZero:
		r.zeros = append(room(r.zeros, r.gather.done), r.gather.last)
	}
	r.notes.taken(r)
	return nil
}

// Pass leaves out a line of JSON that cannot be read, if there were rows before
// it.
func (r *Reader) Pass(e *Error) bool {
	if r.log != nil {
		return r.log.Pass(e)
	}
	if r.notes.rows == 0 || r.summary.Rows == MaxRows {
		return false
	}
	r.summary.Rows++
	r.skipped[r.leaveOut(e)]++
	return true
}

// leaveOut keeps the first thing that was wrong with a row and returns under
// which reason the row counts.
func (r *Reader) leaveOut(e *Error) skip {
	if r.summary.Fault == nil {
		r.summary.Fault = e
	}
	switch e.Code {
	case "json.part":
		return skipPicture
	case "csv.fields":
		return skipFields
	case "row.missing":
		return skipMissing
	}
	return skipUnread
}

// judge counts the row, or says why it cannot be counted.
func (r *Reader) judge() (skip, error) {
	w := &r.row
	shape, missing := w.shape()
	if shape == shapeNone {
		return skipNone, parse.ErrorAt(w.at, "row.missing", "name", missing, "keys", r.notes.keysOf())
	}
	count, err := w.count()
	switch {
	case err != nil:
		return skipNone, err
	case count == 0:
		return skipZero, nil
	}
	switch shape {
	case shapePair:
		chosen, rejected, err := w.pair()
		if err != nil {
			return skipNone, err
		}
		return r.addPairs(chosen, rejected, count)
	case shapeVote:
		better, worse, reason, err := w.vote()
		if err != nil || reason != skipNone {
			return reason, err
		}
		return r.addPair(better, worse, count)
	case shapeRanked:
		return r.addRanked(count)
	case shapeThumb:
		return r.addThumb(count)
	}
	return r.addScored()
}

// asked returns the row's question, filled down where the row's cell is blank.
func (r *Reader) asked() (q *value, system []byte, err error) {
	w := &r.row
	q, err = w.question()
	if s := &w.values[fieldSystem]; s.given && !s.list && s.fault == nil && len(s.text) > 0 {
		w.used[fieldSystem] = true
		system = s.text
	}
	if err == nil {
		q, system = r.table.fillDown(w, q, system)
	}
	return q, system, err
}

func (r *Reader) addPair(better, worse *value, count float64) (skip, error) {
	for _, v := range []*value{better, worse} {
		if v.fault != nil {
			return skipNone, v.fault
		}
	}
	if better.empty() || worse.empty() {
		return skipEmpty, nil
	}
	q, system, err := r.asked()
	if err != nil {
		return skipNone, err
	}
	prompt, chosen, rejected := r.row.split(q, better, worse)
	r.row.questioned = len(prompt) > 0
	return r.gather.add(system, prompt, chosen, rejected, count), nil
}

// addPairs counts a pair, or where replies are listed one for each chosen and
// each rejected one.
func (r *Reader) addPairs(chosen, rejected *value, count float64) (skip, error) {
	if !r.row.listed(chosen, rejected) {
		return r.addPair(chosen, rejected, count)
	}
	if len(chosen.messages) > maxRanked || len(rejected.messages) > maxRanked {
		return skipNone, parse.ErrorAt(chosen.at, "row.ranks")
	}
	reason := skipNone
	for i, c := range chosen.each() {
		for k, d := range rejected.each() {
			why, err := r.addPair(&c, &d, count)
			if err != nil {
				return skipNone, err
			}
			if i+k == 0 || reason != skipNone {
				reason = why
			}
		}
	}
	return reason, nil
}

// addRanked counts a pair for each two replies of which one is better.
func (r *Reader) addRanked(count float64) (reason skip, err error) {
	w := &r.row
	if err := w.ranked(); err != nil {
		return skipNone, err
	}
	reason = skipTie
	for i := range w.replies {
		for k := range i {
			better, worse := &w.replies[k], &w.replies[i]
			if w.worth[i] > w.worth[k] {
				better, worse = worse, better
			}
			if w.worth[i] == w.worth[k] {
				continue
			}
			why, err := r.addPair(better, worse, count)
			if err != nil {
				return skipNone, err
			}
			if reason != skipNone {
				reason = why
			}
		}
	}
	return reason, nil
}

func (r *Reader) addThumb(count float64) (skip, error) {
	reply, up, reason, err := r.row.thumb()
	if err != nil || reason != skipNone {
		return reason, err
	}
	q, system, err := r.asked()
	if err != nil {
		return skipNone, err
	}
	prompt, text := r.row.splitSingle(q, reply)
	r.row.questioned = len(prompt) > 0
	return r.gather.addThumb(system, prompt, text, up, count), nil
}

func (r *Reader) addScored() (skip, error) {
	w := &r.row
	reply := w.use(fieldReply)
	worth, reason, err := w.score()
	switch {
	case err != nil || reason != skipNone:
		return reason, err
	case reply.fault != nil:
		return skipNone, reply.fault
	}
	q, system, err := r.asked()
	if err != nil {
		return skipNone, err
	}
	prompt, text := w.splitSingle(q, reply)
	if r.row.questioned = len(prompt) > 0; len(text) == 0 {
		return skipEmpty, nil
	}
	r.scored.add(system, prompt, text, worth)
	return skipNone, nil
}

// codes lists every code of an Error, a Skip and a Note of this package.
var codes = [...]string{
	"file.rowless", "file.undecided", "file.alone", "file.rows", "file.pairs",
	"json.repeated", "json.text", "json.plain", "json.message", "json.role", "json.content", "json.part",
	"csv.columns", "csv.form", "csv.repeated", "csv.fields",
	"row.missing", "row.label", "row.count", "row.winner", "row.ambiguous", "row.score", "row.ranks", "row.ranking", "row.structure",
	"skip.tie", "skip.undecided", "skip.same", "skip.empty", "skip.unlabelled", "skip.alone",
	"skip.zero", "skip.picture", "skip.fields", "skip.missing", "skip.unread", "skip.neither",
	"note.noquestion", "note.somequestion", "note.filled", "note.ordered", "note.differs", "note.title", "note.unread",
}

// Codes returns every code that an Error, a Skip or a Note may have. Their
// sentences are in the catalogue, under the code.
func Codes() []string { return slices.Concat(codes[:], parse.Codes(), runlog.Codes()) }
