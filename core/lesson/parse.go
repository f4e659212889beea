package lesson

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
)

// Limits of a lesson's file.
const (
	MaxSize     = 200_000 // bytes
	MostSteps   = 40
	mostChoices = 6
	maxText     = 1200 // runes of a paragraph
	mostFaults  = 20
)

func itoa(n int) string { return strconv.Itoa(n) }

// Is tells whether a text is meant as a lesson: its first line that says anything
// begins with lesson:.
func Is(text string) bool {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return strings.HasPrefix(line, "lesson:")
		}
	}
	return false
}

// Parse reads a lesson's file. What is wrong is told fault by fault, in the order
// of the file, at most so many as can be read; a lesson with a fault is not to be
// shown.
func Parse(file, text string, presets []core.Preset) (*Lesson, []*Fault) {
	p := &parser{l: &Lesson{File: file}, presets: presets, seen: map[string]bool{}}
	if len(text) > MaxSize || !utf8.ValidString(text) {
		p.fault("size", strconv.Itoa(len(text)), strconv.Itoa(MaxSize))
		return p.l, p.faults
	}
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		p.take(n, strings.TrimRight(line, " \t\r\n"))
	}
	p.flush()
	p.endStep()
	p.end()
	slices.SortStableFunc(p.faults, func(a, b *Fault) int { return a.Line - b.Line })
	return p.l, p.faults[:min(len(p.faults), mostFaults)]
}

// A parser reads line by line. A field goes on over the lines below it that are
// indented.
type parser struct {
	l       *Lesson
	presets []core.Preset
	faults  []*Fault
	line    int // of the field that is being read
	key     string
	name    string // of a number
	value   []string
	seen    map[string]bool // fields of the present step, or of the head
	last    *Choice         // what said and vote belong to
}

// fault notes a fault at the field being read.
func (p *parser) fault(code, found, allowed string) *Fault {
	f := &Fault{File: p.l.File, Line: max(1, p.line), Step: len(p.l.Steps), Code: code, Found: data.Shorten(data.Printable(found)), Allowed: allowed}
	p.faults = append(p.faults, f)
	return f
}

// step is the one being read, or nil in the head.
func (p *parser) step() *Step {
	if len(p.l.Steps) == 0 {
		return nil
	}
	return &p.l.Steps[len(p.l.Steps)-1]
}

// take takes a line: one that goes on with a field, or one that begins another.
func (p *parser) take(n int, line string) {
	switch {
	case line == "" && p.key == "code":
		p.value = append(p.value, "")
	case line == "" || line[0] == '#':
	case line[0] == ' ' || line[0] == '\t':
		if p.key == "" {
			p.line = n
			p.fault("field", strings.TrimSpace(line), fieldNames(p.step() != nil))
			return
		}
		p.value = append(p.value, line)
	default:
		p.flush()
		p.line, p.key = n, ""
		key, value, found := strings.Cut(line, ":")
		key, name, _ := strings.Cut(strings.TrimSpace(key), " ")
		if !found || name != "" && key != "number" {
			p.fault("field", line, fieldNames(p.step() != nil))
			return
		}
		p.key, p.name, p.value = key, strings.TrimSpace(name), append(p.value[:0], strings.TrimSpace(value))
	}
}

// A reading is how a field is read: what it does with its value, where it may
// stand, and whether it may come again.
type reading struct {
	head, step, repeats bool
	read                func(p *parser, value string)
}

var readings map[string]reading

func init() {
	readings = map[string]reading{
		"lesson":  {head: true, read: func(p *parser, v string) { p.l.Title = v }},
		"minutes": {head: true, read: (*parser).minutes},
		"for":     {head: true, read: func(p *parser, v string) { p.l.For = v }},
		"about":   {head: true, read: func(p *parser, v string) { p.l.About = v }},
		"step":    {head: true, step: true, repeats: true, read: (*parser).beginStep},
		"state":   {step: true, read: func(p *parser, v string) { p.step().State = p.fragment(v) }},
		"then":    {step: true, read: func(p *parser, v string) { p.step().Then = p.fragment(v) }},
		"run":     {step: true, read: (*parser).run},
		"hide":    {step: true, read: func(p *parser, v string) { p.step().Hide = p.names("hide", v, core.Hideable) }},
		"lock":    {step: true, read: func(p *parser, v string) { p.step().Lock = p.names("lock", v, core.Lockable) }},
		"text":    {step: true, repeats: true, read: func(p *parser, v string) { p.step().Text = append(p.step().Text, v) }},
		"code":    {step: true, read: func(p *parser, v string) { p.step().Code = v }},
		"ask":     {step: true, read: (*parser).ask},
		"choice":  {step: true, repeats: true, read: func(p *parser, v string) { p.choice(v, false) }},
		"right":   {step: true, repeats: true, read: func(p *parser, v string) { p.choice(v, true) }},
		"said":    {step: true, repeats: true, read: (*parser).said},
		"vote":    {step: true, repeats: true, read: (*parser).vote},
		"guess":   {step: true, read: (*parser).guess},
		"drag":    {step: true, read: (*parser).drag},
		"near":    {step: true, read: func(p *parser, v string) { p.step().Ask.Near = v }},
		"under":   {step: true, read: func(p *parser, v string) { p.step().Ask.Under = v }},
		"over":    {step: true, read: func(p *parser, v string) { p.step().Ask.Over = v }},
		"do":      {step: true, read: func(p *parser, v string) { p.step().Do = v }},
		"reveal":  {step: true, repeats: true, read: func(p *parser, v string) { p.step().Reveal = append(p.step().Reveal, v) }},
		"why":     {step: true, read: func(p *parser, v string) { p.step().Why = v }},
		"mistake": {step: true, repeats: true, read: func(p *parser, v string) { p.step().Mistakes = append(p.step().Mistakes, v) }},
		"discuss": {step: true, repeats: true, read: func(p *parser, v string) { p.step().Discuss = append(p.step().Discuss, v) }},
		"number":  {step: true, repeats: true, read: (*parser).number},
		"claim":   {step: true, repeats: true, read: (*parser).claim},
	}
}

// fieldNames lists the fields that may stand in a step, or in the head.
func fieldNames(step bool) string {
	var names []string
	for name, r := range readings {
		if step && r.step || !step && r.head {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// flush reads the field that has come to its end.
func (p *parser) flush() {
	if p.key == "" {
		return
	}
	key := p.key
	r, known := readings[key]
	inStep := p.step() != nil
	value := strings.TrimSpace(joinLines(p.value))
	if key == "code" {
		value = joinCode(p.value)
	}
	switch {
	case !known, inStep && !r.step, !inStep && !r.head:
		p.fault("field", key, fieldNames(inStep))
	case value == "":
		p.fault("empty", key, "")
	case p.seen[key] && !r.repeats:
		p.fault("twice", key, "")
	case utf8.RuneCountInString(value) > maxText || !data.Paragraph(value):
		p.fault("text", value, strconv.Itoa(maxText))
	default:
		r.read(p, value)
	}
	p.seen[key] = true
	p.key = ""
}

func joinLines(lines []string) string {
	parts := make([]string, len(lines))
	for i, line := range lines {
		parts[i] = strings.TrimSpace(line)
	}
	return strings.Join(parts, " ")
}

// joinCode keeps lines apart, and takes off the indentation that all of them have.
func joinCode(lines []string) string {
	if len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	indent := -1
	for _, line := range lines {
		if own := len(line) - len(strings.TrimLeft(line, " ")); line != "" && (indent < 0 || own < indent) {
			indent = own
		}
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = line[min(len(line), max(0, indent)):]
	}
	return strings.Trim(strings.Join(out, "\n"), "\n")
}

func (p *parser) minutes(value string) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 90 {
		p.fault("minutes", value, "")
		return
	}
	p.l.Minutes = n
}

// whole reads a whole number from 1 to the most.
func (p *parser) whole(code, value string, most int) (n int, ok bool) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		p.fault(code, value, strconv.Itoa(most))
		return 0, false
	}
	return n, true
}

func (p *parser) run(value string) {
	p.step().Run, _ = p.whole("run", value, int(core.Params()[core.Steps].Max))
}

func (p *parser) beginStep(title string) {
	p.endStep()
	if len(p.l.Steps) == MostSteps {
		p.fault("steps", title, strconv.Itoa(MostSteps))
	}
	p.l.Steps = append(p.l.Steps, Step{Line: p.line, Title: title})
	p.seen, p.last = map[string]bool{}, nil
}

// fragment reads a link or its fragment, which must open.
func (p *parser) fragment(value string) string {
	if _, after, found := strings.Cut(value, "#"); found {
		value = after
	}
	e, complaints := link.Parse(value, p.presets)
	if e.File != nil {
		p.fault("file", e.File.Name, "")
	}
	for _, c := range complaints {
		p.fault("state", c.Value, "").Complaint = c
	}
	if len(complaints) == 0 && e.View.Lesson != "" {
		p.fault("nested", e.View.Lesson, "")
	}
	return value
}

// names reads names of what is hidden or locked, apart by spaces.
func (p *parser) names(code, value string, allowed func(string) bool) []string {
	names, wrong := core.ParseNames(strings.Join(strings.Fields(value), "."), allowed)
	if wrong != "" {
		p.fault(code, wrong, "")
	}
	return names
}

func (p *parser) ask(value string) {
	p.step().Ask.Text, p.step().Ask.Line = value, p.line
}

func (p *parser) choice(value string, right bool) {
	q := &p.step().Ask
	if len(q.Choices) == mostChoices {
		p.fault("choices", value, strconv.Itoa(mostChoices))
		return
	}
	q.Choices = append(q.Choices, Choice{Line: p.line, Text: value, Right: right})
	p.last = &q.Choices[len(q.Choices)-1]
	p.kind(Choices)
}

// kind says how the question is answered, in one way only.
func (p *parser) kind(kind Kind) {
	q := &p.step().Ask
	if q.Kind != NoQuestion && q.Kind != kind {
		p.fault("kind", p.key, "")
		return
	}
	q.Kind = kind
}

// of tells whether there is a choice that a field belongs to.
func (p *parser) of() bool {
	if p.last == nil {
		p.fault("orphan", p.key, "")
	}
	return p.last != nil
}

func (p *parser) said(value string) {
	if p.of() {
		p.last.Said = value
	}
}

// vote reads chosen > rejected, replies counted from 1.
func (p *parser) vote(value string) {
	chosen, rejected, found := strings.Cut(value, ">")
	w, err := strconv.Atoi(strings.TrimSpace(chosen))
	r, err2 := strconv.Atoi(strings.TrimSpace(rejected))
	if !found || err != nil || err2 != nil || w < 1 || r < 1 || w == r || max(w, r) > data.MaxLinkReplies {
		p.fault("vote", value, "")
	} else if p.of() {
		p.last.Vote = &[2]int{w - 1, r - 1}
	}
}

// guess reads NAME from LOW to HIGH within DISTANCE.
func (p *parser) guess(value string) {
	words := strings.Fields(value)
	var numbers [3]float64
	ok := len(words) == 7 && words[1] == "from" && words[3] == "to" && words[5] == "within"
	for i := 0; ok && i < 3; i++ {
		numbers[i], ok = core.ParseNumber(words[2+2*i])
	}
	q := &p.step().Ask
	if !ok || numbers[0] >= numbers[1] || numbers[2] <= 0 || numbers[2] >= numbers[1]-numbers[0] {
		p.fault("guess", value, "")
		return
	}
	q.Number, q.Low, q.High, q.Within = words[0], numbers[0], numbers[1], numbers[2]
	p.kind(Guess)
}

// drag reads reply N to NAME within DISTANCE, a probability.
func (p *parser) drag(value string) {
	words := strings.Fields(value)
	if len(words) != 6 || words[0] != "reply" || words[2] != "to" || words[4] != "within" {
		p.fault("drag", value, "")
		return
	}
	reply, ok := p.whole("drag", words[1], data.MaxLinkReplies)
	share, percent := strings.CutSuffix(words[5], "%")
	within, isNumber := core.ParseNumber(share)
	if !ok || !isNumber || !percent || within <= 0 || within >= 100 {
		p.fault("drag", value, "")
		return
	}
	q := &p.step().Ask
	q.Reply, q.Number, q.Low, q.High, q.Within = reply-1, words[3], 0, 1, within/100
	p.kind(Drag)
}

// endStep checks what only the whole step tells.
func (p *parser) endStep() {
	s := p.step()
	if s == nil {
		return
	}
	p.line = s.Line
	q := &s.Ask
	missing := func(is bool, what string) {
		if is {
			p.fault("missing", s.Title, what)
		}
	}
	missing(len(s.Text) == 0, "text")
	missing(q.Text == "" && q.Kind != NoQuestion, "ask")
	missing(q.Text != "" && q.Kind == NoQuestion, "choice, guess, drag")
	missing(q.Kind == Choices && len(q.Choices) < 2, "choice")
	missing(q.Kind != NoQuestion && len(s.Reveal) == 0 && q.HasRight(), "reveal")
	missing(q.Kind == NoQuestion && len(s.Reveal) > 0, "ask")
	missing(s.Run > 0 && q.Kind == NoQuestion, "ask")
	missing(s.Run > 0 && s.State == "" && s.Then == "", "state")
	if len(p.l.Steps) == 1 {
		missing(s.State == "", "state")
	}
}

// end checks what only the whole lesson tells.
func (p *parser) end() {
	l := p.l
	p.line = 1
	for _, need := range [4]struct {
		missing bool
		what    string
	}{{l.Title == "", "lesson"}, {l.Minutes == 0 && !p.has("minutes"), "minutes"}, {l.For == "", "for"}, {len(l.Steps) == 0, "step"}} {
		if need.missing {
			p.fault("missing", l.File, need.what).Step = 0
		}
	}
	p.checkPlaces()
}

// has tells whether a fault was found in a field of this code already.
func (p *parser) has(code string) bool {
	return slices.ContainsFunc(p.faults, func(f *Fault) bool { return f.Code == code })
}
