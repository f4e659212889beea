// Package lesson reads lessons, which are plain text files, and proves what they
// claim. A lesson is a list of steps; a step has a state of the playground, which
// is an ordinary link's fragment, and may ask for a bet before it reveals what
// happened. Numbers in a lesson's texts are computed, never typed. The format is
// told in docs/lessons.md. It may import core, core/link and core/facts.
package lesson

import (
	"dpoplayground/core"
	"dpoplayground/core/data"
)

// A Lesson is what one file holds.
type Lesson struct {
	File    string // its name, for faults
	Title   string
	Minutes int
	For     string // whom it is for
	About   string // what it is about, in a sentence; may be ""
	Steps   []Step
	Numbers []Number // in the order of the file
	Claims  []Claim
}

// A Step shows a state, and may ask before it reveals.
type Step struct {
	Line       int
	Title      string
	State      string // the fragment that it opens; "" keeps the state that the page is in
	Then       string // the fragment that the bet opens; "" for none
	Run        int    // the step of training at which the answer comes; 0 for at once
	Hide, Lock []string
	Text       []string // paragraphs
	Code       string   // lines as they stand in the file, or ""
	Ask        Question
	Do         string // what the reader does now
	Reveal     []string
	Why        string
	// For the teacher's page of tips alone: what students get wrong, and what to ask.
	Mistakes, Discuss []string
}

// A Kind of question says how it is answered.
type Kind int

// The kinds.
const (
	NoQuestion Kind = iota
	Choices         // one of a list
	Guess           // a number
	Drag            // a probability, on the bar of a reply
)

// A Question asks for a bet.
type Question struct {
	Line    int
	Text    string
	Kind    Kind
	Choices []Choice
	Number  string  // that is guessed
	Reply   int     // whose bar is dragged, from 0
	Low     float64 // the ends of what may be guessed
	High    float64
	Within  float64 // the distance up to which a guess is right
	// What is said of a guess that is right, too small or too large.
	Near, Under, Over string
}

// A Choice is an answer that can be chosen.
type Choice struct {
	Line  int
	Text  string
	Said  string // what is said of it; may be ""
	Right bool
	Vote  *[2]int // the preference that it adds, chosen and rejected reply, from 0; nil for none
}

// HasRight tells that one answer or more is right: else all are as good.
func (q *Question) HasRight() bool {
	for _, c := range q.Choices {
		if c.Right {
			return true
		}
	}
	return q.Kind == Guess || q.Kind == Drag
}

// A Number is computed: read off a run, or worked out of two others.
type Number struct {
	Line, Step int // Step counts from 1; 0 for the lesson's own
	Name       string
	Quantity   string // of Quantities; "" for one that is worked out
	Reply      int    // that the quantity is of, from 0
	State      string // the fragment of the run; "" for the page's own
	Left, Op   string // of one that is worked out: Left Op Right
	Right      string
	Claimed    string // as the file writes it; "" where nothing is claimed
	Decimals   int
	Percent    bool
}

// Live tells that a number is of the page's own run, whatever that is.
func (n *Number) Live() bool { return n.State == "" && n.Op == "" }

// A Claim compares two numbers, or says that a fact holds of a run.
type Claim struct {
	Line, Step  int
	Left, Op    string // Op is <, > or =
	Right       string // a number's name, or a decimal
	Fact, State string
	Holds       string // yes, no or unknown
}

// A Fault is something wrong with a lesson's file. The sentence is in the
// catalogue: lesson.fault names file and line and says what was found, and
// lesson.expect.CODE what is expected.
type Fault struct {
	File       string
	Line, Step int
	Code       string
	Found      string
	Allowed    string          // what is allowed, where Code needs that
	Complaint  *data.Complaint // what is wrong with a fragment; nil for other faults
}

// Error gives the fault in plain English, for tests.
func (f *Fault) Error() string {
	s := f.File + ":" + itoa(f.Line) + ": step " + itoa(f.Step) + ": " + f.Code + ": found " + f.Found
	if f.Allowed != "" {
		s += ", allowed " + f.Allowed
	}
	if f.Complaint != nil {
		s += ", " + f.Complaint.Error()
	}
	return s
}

// Takes tells whether a question can be answered so: with a choice's number, from
// 0, or with a number between its ends.
func (q *Question) Takes(bet string) bool {
	x, ok := core.ParseNumber(bet)
	if q.Kind == Choices {
		return ok && x >= 0 && x < float64(len(q.Choices)) && x == float64(int(x))
	}
	return ok && q.Kind != NoQuestion && x >= q.Low && x <= q.High
}

// Of returns what is said of a guess, which depends on the truth; it may be "".
func (q *Question) Of(guess, truth float64) string {
	switch {
	case guess < truth-q.Within:
		return q.Under
	case guess > truth+q.Within:
		return q.Over
	}
	return q.Near
}
