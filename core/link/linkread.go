package link

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
)

// Parse reads a fragment, with or without its #. Each field that cannot
// be used gives one complaint and leaves its setting as the preset has it; all
// other fields hold, and a lab can run what comes of them. Of more than
// MostComplaints complaints the last says how many more there are.
func Parse(fragment string, presets []core.Preset) (core.Experiment, []*data.Complaint) {
	r := reader{presets: presets, seen: map[string]bool{}}
	fragment = strings.TrimPrefix(fragment, "#")
	if len(fragment) > maxRead {
		r.complain("long", "link", strconv.Itoa(len(fragment)), strconv.Itoa(maxRead))
		fragment = ""
	}
	fields := r.split(fragment)
	r.e = presets[0].Start()
	for _, f := range fields {
		if f.key == "preset" {
			r.preset(f)
		}
	}
	for _, f := range fields {
		if x, c := core.Params()[core.ObjectiveChoice].Parse(f.value); f.key == core.Params()[core.ObjectiveChoice].Key && c == nil {
			r.e.Settings[core.Smoothing] = r.e.Settings.EpsilonWith(x)
		}
	}
	for _, f := range fields {
		r.read(f)
	}
	r.finish()
	r.mend()
	if r.more > 0 {
		r.complaints = append(r.complaints, &data.Complaint{Code: "more", Field: "link", Value: data.FormatNumber(float64(r.more))})
	}
	return r.e, r.complaints
}

// MostComplaints is how many complaints of a link are told one by one.
const MostComplaints = 5

type field struct{ key, value string }

type reader struct {
	presets    []core.Preset
	e          core.Experiment
	prompts    []data.Prompt
	pairs      *field
	thumbs     *field
	broken     bool // the prompts cannot be used
	replies    int
	seen       map[string]bool
	complaints []*data.Complaint
	more       int // complaints beyond these
}

// add takes a complaint down, or counts it where there are many.
func (r *reader) add(c *data.Complaint) {
	if len(r.complaints) == MostComplaints {
		r.more++
		return
	}
	r.complaints = append(r.complaints, c)
}

func (r *reader) complain(code, field, value, allowed string) {
	if len(r.complaints) == MostComplaints {
		r.more++ // and nobody reads what it would say
		return
	}
	r.add(&data.Complaint{Code: code, Field: data.Shorten(data.Printable(field)), Value: data.Shorten(data.Printable(value)), Allowed: allowed})
}

// split cuts a fragment into decoded fields.
func (r *reader) split(fragment string) []field {
	var fields []field
	for _, part := range strings.Split(fragment, "&") {
		if part == "" {
			continue
		}
		rawKey, rawValue, found := strings.Cut(part, "=")
		key, ok := data.Unescape(rawKey)
		value, ok2 := data.Unescape(rawValue)
		if isData := key == "q" || key == "a"; isData && !(ok2 && found) {
			r.broken = true // the replies after it would have others' numbers
		}
		switch {
		case !ok || !ok2:
			r.complain("escape", rawKey, rawValue, "")
		case !found:
			r.complain("empty", key, "", "")
		case !repeats(key) && r.seen[key]:
			r.complain("twice", key, value, "")
		default:
			r.seen[key] = true
			fields = append(fields, field{key, value})
		}
	}
	return fields
}

// repeats tells of the keys that a link may hold again and again.
func repeats(key string) bool {
	return key == "q" || key == "a" || key == "n" || key == "f" || key == "c"
}

func (r *reader) preset(f field) {
	if p := core.FindPreset(r.presets, f.value); p != nil {
		r.e = p.Start()
		return
	}
	var ids []string
	for i := range r.presets {
		ids = append(ids, r.presets[i].ID)
	}
	r.complain("choice", f.key, f.value, strings.Join(ids, ", "))
}

func (r *reader) read(f field) {
	switch f.key {
	case "preset":
	case "v":
		if f.value != version {
			r.complain("version", f.key, f.value, version)
		}
	case "q":
		r.question(f.value)
	case "a":
		r.answer(f.value)
	case "n", "f", "c":
		r.describe(f)
	case "pairs":
		r.pairs = &f
	case "thumbs":
		r.thumbs = &f
	case "file":
		r.file(f)
	case "vs":
		r.versus(f)
	case "at":
		r.start(f)
	default:
		if !r.view(f) {
			r.setting(f)
		}
	}
}

func (r *reader) setting(f field) {
	for p := core.Param(0); p < core.ParamCount; p++ {
		info := &core.Params()[p]
		if info.Key != f.key {
			continue
		}
		x, c := info.Parse(f.value)
		if c != nil {
			r.add(c)
			return
		}
		r.e.Settings[p] = x
		return
	}
	r.complain("unknown", f.key, f.value, "")
}

func (r *reader) question(text string) {
	if !r.text("q", text) {
		return
	}
	r.prompts = append(r.prompts, data.Prompt{Text: text})
}

func (r *reader) text(field, text string) bool {
	if utf8.RuneCountInString(text) > data.MaxText {
		r.complain("text", field, text, strconv.Itoa(data.MaxText))
		r.broken = true
		return false
	}
	if !data.Paragraph(text) {
		r.complain("control", field, text, "")
		r.broken = true
		return false
	}
	return true
}

func (r *reader) answer(value string) {
	parts := strings.SplitN(value, "_", 3)
	r.replies++
	switch {
	case r.broken:
		return
	case len(parts) != 3:
		r.breakAt("answer", value, "REWARD_REFERENCE_TEXT")
	case len(r.prompts) == 0:
		r.breakAt("orphan", value, "q")
	case r.replies > data.MaxLinkReplies:
		r.breakAt("replies", value, strconv.Itoa(data.MaxLinkReplies))
	default:
		r.reply(parts, value)
	}
}

func (r *reader) breakAt(code, value, allowed string) {
	r.broken = true
	r.complain(code, "a", value, allowed)
}

func (r *reader) reply(parts []string, value string) {
	reward, weight := math.NaN(), 0.0
	ok := true
	if parts[0] != "" {
		reward, ok = core.ParseNumber(parts[0])
		ok = ok && math.Abs(reward) <= data.MaxReward
	}
	if ok && parts[1] != "" {
		weight, ok = core.ParseNumber(parts[1])
		ok = ok && weight >= data.MinWeight && weight <= data.MaxWeight
	}
	if !ok {
		r.breakAt("answer", value, "REWARD_REFERENCE_TEXT")
		return
	}
	if !r.text("a", parts[2]) {
		return
	}
	p := &r.prompts[len(r.prompts)-1]
	p.Replies = append(p.Replies, data.Reply{Text: parts[2], Reward: reward})
	if weight > 0 {
		p.Reference = append(p.Reference, weight)
	}
}

// describe reads the length, features or custom reward of the reply before it. What
// cannot be used leaves the reply without.
func (r *reader) describe(f field) {
	if r.broken {
		return // and it has been said why
	}
	if len(r.prompts) == 0 || len(r.prompts[len(r.prompts)-1].Replies) == 0 {
		r.complain("before", f.key, f.value, "a")
		return
	}
	replies := r.prompts[len(r.prompts)-1].Replies
	reply := &replies[len(replies)-1]
	var c *data.Complaint
	switch {
	case f.key == "n" && reply.Tokens != 0 || f.key == "f" && reply.Features != nil || f.key == "c" && reply.Custom != 0:
		r.complain("twice", f.key, f.value, "")
	case f.key == "n":
		reply.Tokens, c = core.ParseTokenCount(f.value)
	case f.key == "c":
		reply.Custom, c = core.ParseReward(f.value)
		reply.Custom += 0 // not −0
	default:
		reply.Features, c = parseFeatures(f.value)
	}
	if c != nil {
		c.Field = f.key
		r.add(c)
	}
}

// parseFeatures reads numbers joined by commas.
func parseFeatures(text string) ([]float64, *data.Complaint) {
	list := strings.Split(text, ",")
	if len(list) > data.MaxFeatures {
		return nil, &data.Complaint{Code: "features", Field: "f", Value: data.Shorten(data.Printable(text)), Allowed: strconv.Itoa(data.MaxFeatures)}
	}
	features := make([]float64, len(list))
	for j, number := range list {
		var c *data.Complaint
		if features[j], c = core.ParseFeature(number); c != nil {
			return nil, c
		}
	}
	return features, nil
}

func (r *reader) file(f field) {
	parts := strings.SplitN(f.value, "_", 3)
	if len(parts) == 3 && r.shortText(parts[2]) {
		hash, err := strconv.ParseUint(parts[0], 16, 64)
		rows, err2 := strconv.Atoi(parts[1])
		if err == nil && err2 == nil && rows > 0 {
			r.e.File = &core.FileTag{Name: parts[2], Rows: rows, Hash: hash}
			return
		}
	}
	r.complain("file", f.key, f.value, "HASH_ROWS_NAME")
}

func (r *reader) shortText(s string) bool {
	return len(s) <= 255 && data.Printable(s) == s
}

// finish checks what only the whole link tells.
func (r *reader) finish() {
	base := core.FindPreset(r.presets, r.e.Preset)
	if r.prompts != nil && !r.broken {
		r.usePrompts()
	}
	prompts := r.e.Prompts
	if prompts == nil {
		prompts = base.Prompts
	}
	if r.pairs != nil && !r.broken {
		r.usePairs(*r.pairs, prompts)
	}
	if r.thumbs != nil && !r.broken {
		r.useThumbs(*r.thumbs, prompts)
	}
	if len(r.e.Given)+len(r.e.Thumbs) > 0 && !r.seen[core.Params()[core.Source].Key] {
		r.e.Settings[core.Source] = core.FromGiven
	}
	if !r.e.AwaitsFile() {
		r.finishSource(base)
		r.finishView(prompts)
	}
	if s := &r.e.Settings; s[core.Step] > s[core.Steps] {
		r.add(&data.Complaint{Code: "range", Field: core.Params()[core.Step].Key,
			Value: data.FormatNumber(s[core.Step]), Min: "0", Max: data.FormatNumber(s[core.Steps])})
		s[core.Step] = 0
	}
	r.finishObjective(prompts)
	r.finishStart(prompts)
}

// finishObjective sees to it that the objective is defined, the policy has
// features if it needs them, and RLHF can be run.
func (r *reader) finishObjective(prompts []data.Prompt) {
	s := &r.e.Settings
	if c := s.CheckLearning(prompts, r.e.Dataset(r.presets).Rewarded); c != nil {
		r.add(c)
		s[core.How] = core.LearnDirectly
	}
	if c := s.CheckHypers(); c != nil {
		r.add(c)
		*s = s.Choose(s.Objective().Key)
	}
	r.finishThumbs()
	if c := s.CheckPolicy(prompts); c != nil && !r.e.AwaitsFile() {
		r.add(c)
		s[core.PolicyChoice] = train.TabularPolicy
	}
	r.finishVersus()
}

// mend takes back what a lab would refuse, setting by setting, and names it: a
// link is not lost for one field.
func (r *reader) mend() {
	base, data := core.FindPreset(r.presets, r.e.Preset), r.e.Dataset(r.presets)
	for range core.ParamCount {
		c := r.e.Check(data)
		if c == nil {
			return
		}
		r.add(c)
		if !r.takeBack(c.Field, base) {
			break
		}
	}
	if r.e.Check(data) != nil {
		r.e = base.Start()
	}
}

// takeBack makes a field what the preset has, or where it is that, the default. It
// tells whether that changed anything.
func (r *reader) takeBack(field string, base *core.Preset) bool {
	if field == "at" {
		had := r.e.Start != nil
		r.e.Start = nil
		return had
	}
	for p := range core.Params() {
		if core.Params()[p].Key != field {
			continue
		}
		for _, x := range [...]float64{base.Settings[p], core.Params()[p].Default} {
			if r.e.Settings[p] != x {
				r.e.Settings[p] = x
				return true
			}
		}
	}
	return false
}

// finishThumbs sees to it that thumbs without pairs are learnt from by an
// objective that reads them: a link that names none means one.
func (r *reader) finishThumbs() {
	s := &r.e.Settings
	c := s.CheckPaired(r.e.Dataset(r.presets))
	if c == nil || r.e.AwaitsFile() {
		return
	}
	if r.seen[core.Params()[core.ObjectiveChoice].Key] || s[core.How] != core.LearnDirectly {
		r.add(c)
	}
	*s = s.ReadThumbs()
}

// finishSource sees to it that there are preferences to learn from: given ones
// only where none of what was given is broken, others only where there are
// rewards to draw them by.
func (r *reader) finishSource(base *core.Preset) {
	source := &r.e.Settings[core.Source]
	if r.broken && *source == core.FromGiven {
		*source = base.Settings[core.Source]
	}
	if *source == core.FromGiven || r.e.Dataset(r.presets).Rewarded {
		return
	}
	if !r.broken {
		r.complain("unrewarded", core.Params()[core.Source].Key, core.Params()[core.Source].Choices[int(*source)], core.Params()[core.Source].Choices[core.FromGiven])
	}
	*source = core.FromGiven
}

func (r *reader) usePrompts() {
	for _, p := range r.prompts {
		if len(p.Replies) < 2 {
			r.complain("few", "q", p.Text, "2")
			r.broken = true
			return
		}
		if p.Reference != nil && len(p.Reference) != len(p.Replies) {
			r.complain("reference", "q", p.Text, "")
			r.broken = true
			return
		}
	}
	r.e.Prompts = r.prompts
}

func (r *reader) usePairs(f field, prompts []data.Prompt) {
	wrong := func(item string) { r.complain("pairs", f.key, item, "0-1x9") }
	if list, ok := readList(r, f, prompts, wrong, parsePair, func(p *data.Pair) int { return p.Prompt }, (*data.Pair).Fits); ok {
		r.e.Given = list
	}
}

func (r *reader) useThumbs(f field, prompts []data.Prompt) {
	wrong := func(item string) { r.complain("thumbs", f.key, item, "0u9d2") }
	if list, ok := readList(r, f, prompts, wrong, parseThumb, func(t *data.Thumb) int { return t.Prompt }, (*data.Thumb).Fits); ok {
		r.e.Thumbs = list
	}
}

// readList reads what is said about replies, joined by underscores; wrong
// complains of what is not written as such a thing is. At the first that cannot
// be used the data is broken.
func readList[T any](r *reader, f field, prompts []data.Prompt, wrong func(item string), parse func(string) (T, bool), prompt func(*T) int, fits func(*T, []data.Prompt) bool) ([]T, bool) {
	list := []T{}
	if f.value == "" {
		return list, true
	}
	for _, item := range strings.Split(f.value, "_") {
		x, ok := parse(item)
		switch n := prompt(&x); {
		case !ok:
			wrong(item)
		case n >= len(prompts):
			r.complain("shown", f.key, strconv.Itoa(n), strconv.Itoa(len(prompts)-1))
		case !fits(&x, prompts):
			r.complain("arm", f.key, item, strconv.Itoa(len(prompts[n].Replies)-1))
		default:
			list = append(list, x)
			continue
		}
		r.broken = true
		return nil, false
	}
	return list, true
}

// parseThumb reads prompt:reply, u and a count, d and a count.
func parseThumb(s string) (t data.Thumb, ok bool) {
	ok = true
	if prompt, rest, found := strings.Cut(s, ":"); found {
		t.Prompt, ok = parseIndex(prompt)
		s = rest
	}
	s, down, isDown := strings.Cut(s, "d")
	s, up, isUp := strings.Cut(s, "u")
	for _, count := range []struct {
		given bool
		text  string
		to    *float64
	}{{isUp, up, &t.Up}, {isDown, down, &t.Down}} {
		if count.given {
			n, isIndex := parseIndex(count.text)
			ok = ok && isIndex && n > 0
			*count.to = float64(n)
		}
	}
	reply, isIndex := parseIndex(s)
	t.Reply = reply
	return t, ok && isIndex && (isUp || isDown)
}

// parsePair reads prompt:chosen-rejectedxcount.
func parsePair(s string) (data.Pair, bool) {
	p := data.Pair{Count: 1}
	ok := true
	if prompt, rest, found := strings.Cut(s, ":"); found {
		p.Prompt, ok = parseIndex(prompt)
		s = rest
	}
	pair, count, counted := strings.Cut(s, "x")
	if counted {
		n, isIndex := parseIndex(count)
		ok = ok && isIndex && n > 0
		p.Count = float64(n)
	}
	w, l, found := strings.Cut(pair, "-")
	var ok1, ok2 bool
	p.Chosen, ok1 = parseIndex(w)
	p.Rejected, ok2 = parseIndex(l)
	return p, ok && found && ok1 && ok2 && p.Chosen != p.Rejected
}

func parseIndex(s string) (int, bool) {
	if s == "" || len(s) > 10 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && float64(n) <= data.MaxCount
}
