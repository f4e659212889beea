// Package intake turns a preference file that a user brings into a
// core.Dataset, a slice of bytes at a time.
//
// JSON: one object a line (JSONL), or one array of objects. An object has the
// keys chosen and rejected, each a text or a list of chat messages
// ({"role","content"} or {"from","value"}; the content a text or a list of
// {"type":"text","text"} parts), optionally prompt (or question) of the same
// forms, and optionally count (or votes). Other keys are ignored. Row.split
// says how a prompt is found that is not given by itself.
//
// Single replies instead of pairs: completion (or response, or reply) and label
// in place of chosen and rejected. The label says whether the reply was called
// good: true or false, 1 or 0. A question with one reply alone is counted and
// left out: a policy has nothing to choose there.
//
// CSV: the same columns, named by the first line, separated by commas,
// semicolons or tabs.
//
// Votes, in either: a, b and winner instead of chosen and rejected. The two
// may be called response_a and response_b, answer_1 and answer_2, text_left
// and text_right and so on; failing those, model_a and model_b are the
// replies. The winner is named by its side (a, left, model_a; 1 and 2 where
// the columns are numbered) or by its text; winner_model_a, winner_model_b
// and winner_tie with 0 and 1 do as well. A tie says nothing about order: it
// is counted and left out.
//
// Texts are compared after trimming white space and writing every line end as
// \n; rows with the same texts become the same replies and counts add up.
package intake

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"

	"dpoplayground/core"
)

const (
	MaxBytes = 20 << 20 // of a file
	MaxRows  = 200_000  // of a file, blank lines not counted
	// MaxCount is the largest count of one row. All rows together then stay
	// far below 2⁵³, so sums of counts are exact in a float64.
	MaxCount = 1_000_000_000

	ChunkBytes = 16 << 10 // good for one call of Feed

	headBytes = 4096 // looked at to tell what kind of file this is
)

// A Reader reads one file. Feed it the bytes in order, in chunks of any size,
// then call Finish. The work of a call grows with its chunk alone: a row's
// texts are taken apart as they arrive.
type Reader struct {
	name    string
	size    int64
	fed     int64
	head    []byte // the first bytes, until the format is known
	carry   []byte // the beginning of a character that a chunk's end cut
	cursor  cursor
	format  format // nil until the format is known
	row     row
	gather  gatherer
	summary Summary
	skipped [len(skipCodes)]int
	done    bool
	err     error
}

// A format takes the file's text apart and hands its rows to the reader.
// Pieces hold whole characters.
type format interface {
	feed(c *cursor) error
	finish(c *cursor) error
}

// Summary tells what a file held.
type Summary struct {
	Format                  string // "jsonl", "json" or "csv"
	Rows                    int    // read, left-out ones included
	Skipped                 []Skip // by reason, only those that occurred
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
	r := &Reader{name: name, size: size, gather: newGatherer()}
	r.cursor.place = Place{1, 1}
	return r
}

// Rows returns how many rows have been read so far.
func (r *Reader) Rows() int { return r.summary.Rows }

// Feed reads the file's next bytes, which it does not keep. The error, an
// *Error, is the same from then on.
//
// Chunks of ChunkBytes keep a call short: under js/wasm, in a file of MaxRows
// rows that all differ, a call takes about 1 ms and the slowest took 3 to 6.
// Only the end of a text of many megabytes takes longer, by 1 to 3 ms for
// each megabyte.
func (r *Reader) Feed(chunk []byte) error {
	if r.done {
		return errors.New("intake: Feed after Finish")
	}
	if r.err == nil {
		r.err = r.accept(chunk)
	}
	return r.err
}

// Finish ends the file and returns what it held. On an error, an *Error, the
// data set is nil.
func (r *Reader) Finish() (*core.Dataset, Summary, error) {
	if r.err == nil && !r.done {
		r.err = r.end()
	}
	r.done = true
	if r.err != nil {
		return nil, r.summary, r.err
	}
	return &r.gather.data, r.summary, nil
}

// accept enforces the size limit and holds back the head of the file.
func (r *Reader) accept(chunk []byte) error {
	if r.size > MaxBytes {
		return tooLarge(r.size)
	}
	left := MaxBytes - r.fed
	r.fed += int64(len(chunk))
	if r.fed > MaxBytes {
		chunk = chunk[:left]
	}
	if r.size > 0 {
		r.gather.done = float64(r.fed) / float64(r.size)
	}
	if r.format == nil {
		n := min(headBytes-len(r.head), len(chunk))
		r.head = append(r.head, chunk[:n]...)
		chunk = chunk[n:]
		if len(r.head) < headBytes {
			return nil
		}
		if err := r.begin(); err != nil {
			return err
		}
	}
	if err := r.push(chunk); err != nil {
		return err
	}
	if r.fed > MaxBytes {
		return tooLarge(r.fed)
	}
	return nil
}

// tooLarge rounds the size up, so that it never reads as the limit itself.
func tooLarge(size int64) error {
	tenths := (10*size + 1<<20 - 1) >> 20
	megabytes := strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10)
	return fileError("file.size", "found", megabytes, "limit", strconv.Itoa(MaxBytes>>20))
}

// begin tells the format from the head and reads the head.
func (r *Reader) begin() error {
	head := bytes.TrimPrefix(r.head, []byte("\xef\xbb\xbf"))
	if err := refuse(head, r.name); err != nil {
		return err
	}
	if looksLikeJSON(head, r.name) {
		r.format, r.summary.Format = newJSON(r), "jsonl"
	} else {
		r.format, r.summary.Format = newCSV(r, delimiter(head)), "csv"
	}
	return r.push(head)
}

// push hands text on in whole characters: a character that a chunk's end cuts
// waits for its other bytes.
func (r *Reader) push(chunk []byte) error {
	for len(r.carry) > 0 && len(chunk) > 0 {
		r.carry = append(r.carry, chunk[0])
		chunk = chunk[1:]
		if utf8.FullRune(r.carry) {
			whole := r.carry
			r.carry = nil
			if err := r.text(whole); err != nil {
				return err
			}
		}
	}
	cut := len(chunk) - cutRune(chunk)
	r.carry = append(r.carry, chunk[cut:]...)
	return r.text(chunk[:cut])
}

// cutRune returns how many bytes at the end of chunk begin a character that is
// not complete.
func cutRune(chunk []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(chunk); n++ {
		tail := chunk[len(chunk)-n:]
		if utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// text reads a piece up to the first byte that is not text, so that an
// earlier mistake in it is the one that is told.
func (r *Reader) text(piece []byte) error {
	bad := notText(piece)
	r.cursor.load(piece[:bad])
	if err := r.format.feed(&r.cursor); err != nil {
		return err
	}
	r.cursor.unload()
	if bad == len(piece) {
		return nil
	}
	place := r.cursor.place
	if piece[bad] == 0 {
		return errorAt(place, "file.nul")
	}
	return errorAt(place, "file.utf8", "found", "0x"+strconv.FormatUint(uint64(piece[bad]), 16))
}

// notText returns the index of the first byte of piece that is NUL or not
// UTF-8, or len(piece).
func notText(piece []byte) int {
	if utf8.Valid(piece) && bytes.IndexByte(piece, 0) < 0 {
		return len(piece)
	}
	i := 0
	for i < len(piece) && piece[i] != 0 {
		r, size := utf8.DecodeRune(piece[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return i
}

// end reads what was held back and closes the summary.
func (r *Reader) end() error {
	if r.size > MaxBytes {
		return tooLarge(r.size)
	}
	if r.format == nil {
		if err := r.begin(); err != nil {
			return err
		}
	}
	if len(r.carry) > 0 {
		return errorAt(r.cursor.place, "file.utf8", "found", "0x"+strconv.FormatUint(uint64(r.carry[0]), 16))
	}
	if err := r.format.finish(&r.cursor); err != nil {
		return err
	}
	return r.summarise()
}

func (r *Reader) summarise() error {
	s := &r.summary
	if len(r.gather.data.Thumbs) > 0 {
		r.skipped[skipAlone] = r.gather.leaveOutAlone()
	}
	for i, rows := range r.skipped {
		if rows > 0 {
			s.Skipped = append(s.Skipped, Skip{skipCodes[i], rows})
		}
	}
	s.Prompts, s.Replies = len(r.gather.data.Prompts), r.gather.distinct
	s.Pairs, s.Votes = len(r.gather.data.Pairs), r.gather.votes
	s.Thumbs, s.Up, s.Down = len(r.gather.data.Thumbs), r.gather.up, r.gather.down
	switch {
	case s.Rows == 0:
		return fileError("file.rowless")
	case s.Pairs+s.Thumbs > 0:
	case r.skipped[skipAlone] > 0:
		return fileError("file.alone", "rows", strconv.Itoa(r.skipped[skipAlone]))
	default:
		return fileError("file.undecided", "rows", strconv.Itoa(s.Rows))
	}
	return nil
}

// take adds the row that a format has filled.
func (r *Reader) take() error {
	if r.summary.Rows == MaxRows {
		return errorAt(r.row.at, "file.rows", "limit", strconv.Itoa(MaxRows))
	}
	r.summary.Rows++
	count, err := r.row.count()
	if err != nil {
		return err
	}
	reason, err := r.judge(count)
	if err == nil && reason != skipNone {
		r.skipped[reason]++
	}
	return err
}

// judge counts the row as a pair or as a thumb, or says why it cannot be.
func (r *Reader) judge(count float64) (skip, error) {
	if r.row.single() {
		up, reason, err := r.row.thumb()
		if err == nil && reason == skipNone {
			reason = r.gather.addThumb(&r.row, up, count)
		}
		return reason, err
	}
	better, worse, reason, err := r.row.verdict()
	if err == nil && reason == skipNone {
		reason = r.gather.add(&r.row, better, worse, count)
	}
	return reason, err
}
