// Package runlog reads the log of a real training run: trainer_state.json with
// its log_history, JSON or JSONL rows, and CSV as trackers export it.
package runlog

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core/parse"
)

const (
	MaxRows = 200_000 // of a file
	MaxRuns = 8       // shown together: as many patterns of line can be told apart
)

// A Series is one measure over the steps at which it was logged, rising. Values
// are NaN or infinite where the log says so.
type Series struct {
	Name   string // canonical: TRL's name, "rewards/chosen"
	Eval   bool   // of the evaluation set
	Steps  []float64
	Values []float64
}

// A Run is what was logged of one training run.
type Run struct {
	Name     string
	Series   []Series // in order of first appearance
	PerToken bool     // the KL is a mean over tokens, as GRPO's trainer logs it
}

// Find returns a run's series of a measure, or nil.
func (r *Run) Find(name string, eval bool) *Series {
	for i := range r.Series {
		if s := &r.Series[i]; s.Name == name && s.Eval == eval {
			return s
		}
	}
	return nil
}

// A Log is what a file held.
type Log struct {
	Runs     []Run // in order of first appearance
	Rows     int
	Broken   int  // lines of JSON left out that cannot be read
	Stepless int  // rows left out because no step is given
	Back     int  // values whose step is below the one before; they were sorted in
	Twice    int  // values given again for a step: the later one counts
	Odd      int  // values that are no finite number: the lines have gaps there
	Again    bool // steps begin again in the file, so that it is several runs
}

// A Reader is the sink of a parse.Stream that reads a log.
type Reader struct {
	log     Log
	runs    map[string]int
	places  map[seriesKey][2]int // of a run, and of a series in it
	rowOf   map[seriesKey]int    // the last row that a series has a value of
	tokens  map[string]bool      // runs whose KL is a mean over tokens
	columns []string
	axis    string // the key that says the steps, from the first row that has one
	name    string // of the file's run
	file    string // the file's name without its ending
	tag     string // of the one measure that TensorBoard writes to a file, which names it

	keys   []string // of the row
	values []float64
}

type seriesKey struct {
	run, name string
	eval      bool
}

// NewReader returns a reader for a file of the given name.
func NewReader(name string) *Reader {
	r := &Reader{runs: map[string]int{}, places: map[seriesKey][2]int{}, rowOf: map[seriesKey]int{}, tokens: map[string]bool{}}
	if cut := strings.LastIndexByte(name, '.'); cut > 0 {
		name = name[:cut]
	}
	r.name, r.file = name, name
	return r
}

// HoldsLog tells that an object is a row of a log, or holds a list of such rows.
func HoldsLog(t *parse.Tree, root int) bool {
	_, found := history(t, root)
	_, epoch := t.Member(root, "epoch")
	return found || isRow(t, root) || epoch && holdsMeasure(t, root)
}

// holdsMeasure tells that an object has a measure that is kept.
func holdsMeasure(t *parse.Tree, node int) (holds bool) {
	t.Children(node, func(c int) bool {
		holds = known(string(t.Key(c)))
		return !holds
	})
	return holds
}

// history returns an object's list of rows: log_history, or whatever list
// begins with one.
func history(t *parse.Tree, root int) (list int, found bool) {
	t.Children(root, func(c int) bool {
		if t.Kind(c) == parse.List {
			found = string(t.Key(c)) == "log_history" || t.Len(c) > 0 && isRow(t, c+1)
			list = c
		}
		return !found
	})
	return list, found
}

func isRow(t *parse.Tree, node int) bool {
	step, measure := false, false
	if t.Kind(node) == parse.Object {
		t.Children(node, func(c int) bool {
			key := string(t.Key(c))
			step, measure = step || rankOf(key) > 0, measure || known(key)
			return true
		})
	}
	return step && measure
}

// IsHeader tells that a record names the columns of a log.
func IsHeader(record *parse.Record) bool {
	step, measure := false, false
	for i := range record.Len() {
		name := strings.TrimSpace(string(record.Field(i)))
		step, measure = step || rankOf(name) > 0, measure || known(name) || strings.EqualFold(name, "value")
	}
	return step && measure
}

// IsColumn tells the names of a log's columns from others.
func IsColumn(name []byte) bool { return rankOf(string(name)) > 0 || known(string(name)) }

// IsColumn tells the names of a log's columns from others.
func (r *Reader) IsColumn(name []byte) bool { return IsColumn(name) }

// Rows returns how many rows have been read so far.
func (r *Reader) Rows() int { return r.log.Rows }

// TakeObject takes a row, or the object that holds the list of rows.
func (r *Reader) TakeObject(t *parse.Tree, root int) (err error) {
	list, found := history(t, root)
	if !found {
		return r.row(t, root)
	}
	t.Children(list, func(row int) bool {
		if t.Kind(row) == parse.Object {
			err = r.row(t, row)
		}
		return err == nil
	})
	return err
}

func (r *Reader) row(t *parse.Tree, node int) error {
	r.keys, r.values = r.keys[:0], r.values[:0]
	t.Children(node, func(c int) bool {
		if kind := t.Kind(c); kind == parse.Word || kind == parse.Text {
			r.cell(string(t.Key(c)), t.Text(c))
		}
		return true
	})
	return r.take(t.At(node))
}

// TakeRecord takes the names of the columns, or a row.
func (r *Reader) TakeRecord(record *parse.Record) error {
	if r.columns == nil {
		for i := range record.Len() {
			r.columns = append(r.columns, strings.TrimSpace(string(record.Field(i))))
		}
		if r.isUnnamed() {
			r.name, r.tag = tagOf(r.file)
		}
		return nil
	}
	r.keys, r.values = r.keys[:0], r.values[:0]
	for i := range min(record.Len(), len(r.columns)) {
		r.cell(r.columns[i], []byte(strings.TrimSpace(string(record.Field(i)))))
	}
	return r.take(record.At(0))
}

// cell keeps what the row says of a key, if that is a number.
func (r *Reader) cell(key string, text []byte) {
	if x, ok := number(text); ok {
		r.keys, r.values = append(r.keys, key), append(r.values, x)
	}
}

// number reads a number as JSON, Python or a tracker writes it.
func number(text []byte) (float64, bool) {
	switch strings.ToLower(string(text)) {
	case "nan":
		return math.NaN(), true
	case "infinity", "inf":
		return math.Inf(1), true
	case "-infinity", "-inf":
		return math.Inf(-1), true
	}
	if len(bytes.Trim(text, "0123456789.eE+-")) > 0 {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(text), 64)
	return x, err == nil || len(text) > 0 && math.IsInf(x, 0)
}

// take adds the row's measures to their series.
func (r *Reader) take(at parse.Place) error {
	if r.log.Rows == MaxRows {
		return parse.ErrorAt(at, "run.log.rows", "limit", strconv.Itoa(MaxRows))
	}
	r.log.Rows++
	step, ok := r.step()
	if !ok {
		r.log.Stepless++
		return nil
	}
	summary := false
	for _, key := range r.keys {
		summary = summary || strings.HasSuffix(key, "train_runtime")
	}
	for i, key := range r.keys {
		if strings.EqualFold(key, "value") && r.tag != "" {
			key = r.tag
		}
		if summary && strings.HasSuffix(key, "train_loss") {
			continue // the mean over the whole run
		}
		r.add(key, step, r.values[i])
	}
	return nil
}

// step returns the row's step. All rows count by one key, the best that the
// first row with a step has.
func (r *Reader) step() (step float64, ok bool) {
	if r.axis == "" {
		best := 0
		for _, key := range r.keys {
			if rank := rankOf(key); rank > best {
				best, r.axis = rank, key
			}
		}
	}
	for i, key := range r.keys {
		if key == r.axis {
			return r.values[i], math.Abs(r.values[i]) <= 1e9
		}
	}
	return 0, false
}

func (r *Reader) add(key string, step, value float64) {
	run, rest := splitRun(key)
	if run == "" {
		run = r.name
	}
	name, eval := canonical(rest)
	if perToken[name] {
		r.tokens[run] = true
	}
	if !measures[name] {
		return
	}
	k := seriesKey{run, name, eval}
	place, there := r.places[k]
	if !there {
		place = r.open(k)
	}
	s := &r.log.Runs[place[0]].Series[place[1]]
	if r.rowOf[k] == r.log.Rows {
		if own, _ := bare(rest); own == name {
			s.Values[len(s.Values)-1] = value // a row may have a measure by two names: TRL's own counts
		}
		return
	}
	r.rowOf[k] = r.log.Rows
	s.Steps, s.Values = append(s.Steps, step), append(s.Values, value)
}

// open makes room for a series.
func (r *Reader) open(k seriesKey) [2]int {
	i, known := r.runs[k.run]
	if !known {
		i = len(r.log.Runs)
		r.runs[k.run] = i
		r.log.Runs = append(r.log.Runs, Run{Name: k.run})
	}
	run := &r.log.Runs[i]
	run.Series = append(run.Series, Series{Name: k.name, Eval: k.eval})
	r.places[k] = [2]int{i, len(run.Series) - 1}
	return r.places[k]
}

// Finish ends the file. The error, a *parse.Error, says why it is no log that
// can be shown.
func (r *Reader) Finish() (*Log, error) {
	for i := 0; i < len(r.log.Runs); i++ {
		run := &r.log.Runs[i]
		if run.PerToken = r.tokens[run.Name]; run.PerToken {
			run.dropAccuracy()
		}
		if more, found := r.log.sort(&r.log.Runs[i]); found {
			more.Name = nextName(r.log.Runs[i].Name)
			r.log.Again = true
			r.log.Runs = slices.Insert(r.log.Runs, i+1, more)
		}
	}
	switch {
	case len(r.log.Runs) > MaxRuns:
		return nil, parse.FileError("run.log.runs", "found", strconv.Itoa(len(r.log.Runs)), "limit", strconv.Itoa(MaxRuns))
	case len(r.log.Runs) > 0:
		return &r.log, nil
	case r.log.Rows > 0 && r.log.Stepless == r.log.Rows:
		return nil, parse.FileError("run.log.stepless", "rows", strconv.Itoa(r.log.Rows))
	case r.isUnnamed():
		return nil, parse.FileError("run.log.unnamed")
	}
	return nil, parse.FileError("run.log.empty", "rows", strconv.Itoa(r.log.Rows))
}

// dropAccuracy drops the accuracies of a run that logs no reward of chosen
// replies. GRPO's trainer names the means of its reward functions like that.
func (r *Run) dropAccuracy() {
	if r.Find("rewards/chosen", false) == nil && r.Find("rewards/chosen", true) == nil {
		r.Series = slices.DeleteFunc(r.Series, func(s Series) bool { return s.Name == "rewards/accuracies" })
	}
}

// Pass counts a row that cannot be read, if there were rows before it.
func (r *Reader) Pass(*parse.Error) bool {
	if r.log.Rows > 0 {
		r.log.Broken++
	}
	return r.log.Rows > 0
}

// nextName counts the runs of one name.
func nextName(name string) string {
	base, number, found := strings.Cut(name, " (")
	n, err := strconv.Atoi(strings.TrimSuffix(number, ")"))
	if !found || err != nil {
		return name + " (2)"
	}
	return base + " (" + strconv.Itoa(n+1) + ")"
}

// isUnnamed tells TensorBoard's file of one measure where nothing says which.
func (r *Reader) isUnnamed() bool {
	for _, name := range r.columns {
		if strings.EqualFold(name, "value") {
			return true
		}
	}
	return false
}

// Codes returns every code that an Error of this package may have.
func Codes() []string {
	return []string{"run.log.rows", "run.log.runs", "run.log.stepless", "run.log.unnamed", "run.log.empty"}
}
