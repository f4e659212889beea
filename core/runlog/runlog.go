// Package runlog reads the log of a real training run: trainer_state.json with
// its log_history, JSON or JSONL rows, and CSV as trackers export it.
package runlog

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core/parse"
)

// A Series is one measure over the steps at which it was logged. Values may be
// NaN where the log says so.
type Series struct {
	Name   string // canonical: TRL's name, "rewards/chosen"
	Eval   bool   // of the evaluation set
	Unit   string // "nats", "share" or ""
	Steps  []float64
	Values []float64
}

// A Log is what a file held.
type Log struct {
	Series   []Series // in order of first appearance
	Rows     int
	Stepless int // rows left out because no step is given
	Back     int // rows whose step is below the one before: two runs in one file, or rows out of order
}

// names are other libraries' and older names of TRL's measures.
var names = map[string]string{
	"chosen_rewards": "rewards/chosen", "rejected_rewards": "rewards/rejected", "reward_chosen": "rewards/chosen",
	"reward_rejected": "rewards/rejected", "rewards_chosen": "rewards/chosen", "rewards_rejected": "rewards/rejected",
	"reward_accuracy": "rewards/accuracies", "rewards/accuracy": "rewards/accuracies", "accuracy": "rewards/accuracies",
	"reward_margin": "rewards/margins", "rewards/margin": "rewards/margins", "margin": "rewards/margins",
	"policy_chosen_logps": "logps/chosen", "policy_rejected_logps": "logps/rejected",
	"logps_chosen": "logps/chosen", "logps_rejected": "logps/rejected",
	"lr": "learning_rate", "gradient_norm": "grad_norm", "objective/kl": "kl",
}

// units of what is measured: log-probabilities and rewards are in nats.
var units = map[string]string{
	"loss": "nats", "rewards/chosen": "nats", "rewards/rejected": "nats", "rewards/margins": "nats",
	"logps/chosen": "nats", "logps/rejected": "nats", "kl": "nats", "rewards/accuracies": "share",
}

var stepNames = map[string]bool{"step": true, "global_step": true, "train/global_step": true, "_step": true, "steps": true}

// A Reader reads one log. Feed it the bytes in order, then call Finish.
type Reader struct {
	stream  *parse.Stream
	log     Log
	series  map[string]int
	columns []string
	last    float64
	tag     string // of the one measure that TensorBoard writes to a file, which names it
}

// NewReader starts reading a file of the given name and size in bytes.
func NewReader(name string, size int64) *Reader {
	r := &Reader{series: map[string]int{}, last: math.Inf(-1)}
	r.stream = parse.NewStream(name, size, r)
	if _, tag, found := strings.Cut(strings.TrimSuffix(name, ".csv"), "tag-"); found {
		r.tag = tag
	}
	return r
}

// Feed reads the file's next bytes.
func (r *Reader) Feed(chunk []byte) error { return r.stream.Feed(chunk) }

// Finish ends the file. The error, a *parse.Error, says why it is no log.
func (r *Reader) Finish() (*Log, error) {
	if err := r.stream.Finish(); err != nil {
		return nil, err
	}
	if len(r.log.Series) == 0 {
		return nil, parse.FileError("log.empty", "rows", strconv.Itoa(r.log.Rows))
	}
	return &r.log, nil
}

// TakeObject takes a row, or the object that holds log_history.
func (r *Reader) TakeObject(t *parse.Tree, root int) error {
	if history, found := t.Member(root, "log_history"); found && t.Kind(history) == parse.List {
		t.Children(history, func(row int) bool {
			if t.Kind(row) == parse.Object {
				r.row(t, row)
			}
			return true
		})
		return nil
	}
	r.row(t, root)
	return nil
}

func (r *Reader) row(t *parse.Tree, node int) {
	var keys []string
	var values []float64
	t.Children(node, func(c int) bool {
		if x, ok := number(t.Text(c)); ok && t.Kind(c) != parse.List && t.Kind(c) != parse.Object {
			keys, values = append(keys, string(t.Key(c))), append(values, x)
		}
		return true
	})
	r.take(keys, values)
}

// IsColumn tells the names of columns from others.
func (r *Reader) IsColumn(name []byte) bool {
	key, _ := canonical(string(name))
	return stepNames[strings.ToLower(string(name))] || units[key] != ""
}

// TakeRecord takes the names of the columns, or a row.
func (r *Reader) TakeRecord(record *parse.Record) error {
	var keys []string
	var values []float64
	for i := range record.Len() {
		cell := strings.TrimSpace(string(record.Field(i)))
		if r.columns == nil {
			keys = append(keys, cell)
		} else if x, ok := number([]byte(cell)); ok && i < len(r.columns) {
			keys, values = append(keys, r.columns[i]), append(values, x)
		}
	}
	if r.columns == nil {
		r.columns = keys
		return nil
	}
	r.take(keys, values)
	return nil
}

// number reads a number as JSON, Python or a tracker write it.
func number(text []byte) (float64, bool) {
	switch string(text) {
	case "NaN", "nan":
		return math.NaN(), true
	case "Infinity", "inf":
		return math.Inf(1), true
	case "-Infinity", "-inf":
		return math.Inf(-1), true
	}
	if !parse.IsNumber(text) {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(text), 64)
	return x, err == nil
}

// take adds a row's measures to their series.
func (r *Reader) take(keys []string, values []float64) {
	r.log.Rows++
	step := math.NaN()
	for i, key := range keys {
		if stepNames[strings.ToLower(key)] && step != step {
			step = values[i]
		}
	}
	if step != step {
		r.log.Stepless++
		return
	}
	if step < r.last {
		r.log.Back++
	}
	r.last = step
	for i, key := range keys {
		if strings.EqualFold(key, "value") && r.tag != "" {
			key = r.tag
		}
		if !stepNames[strings.ToLower(key)] && !strings.HasPrefix(key, "_") && key != "Wall time" {
			r.add(key, step, values[i])
		}
	}
}

func (r *Reader) add(key string, step, value float64) {
	name, eval := canonical(key)
	id := name
	if eval {
		id = "eval_" + name
	}
	i, known := r.series[id]
	if !known {
		i = len(r.log.Series)
		r.series[id] = i
		r.log.Series = append(r.log.Series, Series{Name: name, Eval: eval, Unit: units[name]})
	}
	s := &r.log.Series[i]
	s.Steps, s.Values = append(s.Steps, step), append(s.Values, value)
}

// canonical returns TRL's name of a measure and whether it is of the evaluation
// set. Trackers put train/ or eval/ before it, and "run - " before that.
func canonical(key string) (name string, eval bool) {
	if i := strings.LastIndex(key, " - "); i >= 0 {
		key = key[i+3:]
	}
	key = strings.ToLower(key)
	for _, prefix := range []string{"train/", "train_", "eval/", "eval_"} {
		if rest, has := strings.CutPrefix(key, prefix); has {
			key, eval = rest, eval || prefix[0] == 'e'
		}
	}
	if other := names[key]; other != "" {
		key = other
	}
	return key, eval
}
