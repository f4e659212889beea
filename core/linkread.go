package core

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseLink reads a fragment, with or without its #. Each field that cannot
// be used gives one complaint and leaves its setting as the preset has it; all
// other fields hold, and a lab can run what comes of them. Of more than
// MostComplaints complaints the last says how many more there are.
func ParseLink(fragment string, presets []Preset) (Experiment, []*Complaint) {
	r := linkReader{presets: presets, seen: map[string]bool{}}
	fragment = strings.TrimPrefix(fragment, "#")
	if len(fragment) > maxLinkRead {
		r.complain("long", "link", strconv.Itoa(len(fragment)), strconv.Itoa(maxLinkRead))
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
		if x, c := Params()[ObjectiveChoice].Parse(f.value); f.key == Params()[ObjectiveChoice].Key && c == nil {
			r.e.Settings[Smoothing] = r.e.Settings.epsilonWith(x)
		}
	}
	for _, f := range fields {
		r.read(f)
	}
	r.finish()
	r.mend()
	if r.more > 0 {
		r.complaints = append(r.complaints, &Complaint{Code: "more", Field: "link", Value: formatNumber(float64(r.more))})
	}
	return r.e, r.complaints
}

// MostComplaints is how many complaints of a link are told one by one.
const MostComplaints = 5

type linkField struct{ key, value string }

type linkReader struct {
	presets    []Preset
	e          Experiment
	prompts    []Prompt
	pairs      *linkField
	thumbs     *linkField
	broken     bool // the prompts cannot be used
	replies    int
	seen       map[string]bool
	complaints []*Complaint
	more       int // complaints beyond these
}

// add takes a complaint down, or counts it where there are many.
func (r *linkReader) add(c *Complaint) {
	if len(r.complaints) == MostComplaints {
		r.more++
		return
	}
	r.complaints = append(r.complaints, c)
}

func (r *linkReader) complain(code, field, value, allowed string) {
	if len(r.complaints) == MostComplaints {
		r.more++ // and nobody reads what it would say
		return
	}
	r.add(&Complaint{Code: code, Field: shorten(printable(field)), Value: shorten(printable(value)), Allowed: allowed})
}

// split cuts a fragment into decoded fields.
func (r *linkReader) split(fragment string) []linkField {
	var fields []linkField
	for _, part := range strings.Split(fragment, "&") {
		if part == "" {
			continue
		}
		rawKey, rawValue, found := strings.Cut(part, "=")
		key, ok := unescape(rawKey)
		value, ok2 := unescape(rawValue)
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
			fields = append(fields, linkField{key, value})
		}
	}
	return fields
}

// repeats tells of the keys that a link may hold again and again.
func repeats(key string) bool {
	return key == "q" || key == "a" || key == "n" || key == "f" || key == "c"
}

func (r *linkReader) preset(f linkField) {
	if p := FindPreset(r.presets, f.value); p != nil {
		r.e = p.Start()
		return
	}
	var ids []string
	for i := range r.presets {
		ids = append(ids, r.presets[i].ID)
	}
	r.complain("choice", f.key, f.value, strings.Join(ids, ", "))
}

func (r *linkReader) read(f linkField) {
	switch f.key {
	case "preset":
	case "v":
		if f.value != linkVersion {
			r.complain("version", f.key, f.value, linkVersion)
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

func (r *linkReader) setting(f linkField) {
	for p := Param(0); p < ParamCount; p++ {
		info := &Params()[p]
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

// Parse reads a value of a setting as links and typed controls write it: a
// decimal number, or the name of a choice.
func (info *ParamInfo) Parse(text string) (float64, *Complaint) {
	if info.Choices != nil {
		for i, name := range info.Choices {
			if name == text {
				return float64(i), nil
			}
		}
		return 0, &Complaint{Code: "choice", Field: info.Key, Value: shorten(printable(text)), Allowed: strings.Join(info.Choices, ", ")}
	}
	x, ok := parseNumber(text)
	if !ok {
		return 0, &Complaint{Code: "number", Field: info.Key, Value: shorten(printable(text)),
			Min: formatNumber(info.Min), Max: formatNumber(info.Max)}
	}
	if x == 0 {
		x = 0 // not −0
	}
	return x, info.check(x)
}

func (r *linkReader) question(text string) {
	if !r.text("q", text) {
		return
	}
	r.prompts = append(r.prompts, Prompt{Text: text})
}

func (r *linkReader) text(field, text string) bool {
	if utf8.RuneCountInString(text) > maxText {
		r.complain("text", field, text, strconv.Itoa(maxText))
		r.broken = true
		return false
	}
	if !paragraph(text) {
		r.complain("control", field, text, "")
		r.broken = true
		return false
	}
	return true
}

func (r *linkReader) answer(value string) {
	parts := strings.SplitN(value, "_", 3)
	r.replies++
	switch {
	case r.broken:
		return
	case len(parts) != 3:
		r.breakAt("answer", value, "REWARD_REFERENCE_TEXT")
	case len(r.prompts) == 0:
		r.breakAt("orphan", value, "q")
	case r.replies > maxLinkReplies:
		r.breakAt("replies", value, strconv.Itoa(maxLinkReplies))
	default:
		r.reply(parts, value)
	}
}

func (r *linkReader) breakAt(code, value, allowed string) {
	r.broken = true
	r.complain(code, "a", value, allowed)
}

func (r *linkReader) reply(parts []string, value string) {
	reward, weight := math.NaN(), 0.0
	ok := true
	if parts[0] != "" {
		reward, ok = parseNumber(parts[0])
		ok = ok && math.Abs(reward) <= maxReward
	}
	if ok && parts[1] != "" {
		weight, ok = parseNumber(parts[1])
		ok = ok && weight >= minWeight && weight <= maxWeight
	}
	if !ok {
		r.breakAt("answer", value, "REWARD_REFERENCE_TEXT")
		return
	}
	if !r.text("a", parts[2]) {
		return
	}
	p := &r.prompts[len(r.prompts)-1]
	p.Replies = append(p.Replies, Reply{Text: parts[2], Reward: reward})
	if weight > 0 {
		p.Reference = append(p.Reference, weight)
	}
}

// describe reads the length, features or custom reward of the reply before it. What
// cannot be used leaves the reply without.
func (r *linkReader) describe(f linkField) {
	if r.broken {
		return // and it has been said why
	}
	if len(r.prompts) == 0 || len(r.prompts[len(r.prompts)-1].Replies) == 0 {
		r.complain("before", f.key, f.value, "a")
		return
	}
	replies := r.prompts[len(r.prompts)-1].Replies
	reply := &replies[len(replies)-1]
	var c *Complaint
	switch {
	case f.key == "n" && reply.Tokens != 0 || f.key == "f" && reply.Features != nil || f.key == "c" && reply.Custom != 0:
		r.complain("twice", f.key, f.value, "")
	case f.key == "n":
		reply.Tokens, c = parseTokens(f.value)
	case f.key == "c":
		reply.Custom, c = ParseReward(f.value)
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
func parseFeatures(text string) ([]float64, *Complaint) {
	list := strings.Split(text, ",")
	if len(list) > maxFeatures {
		return nil, &Complaint{Code: "features", Field: "f", Value: shorten(printable(text)), Allowed: strconv.Itoa(maxFeatures)}
	}
	features := make([]float64, len(list))
	for j, number := range list {
		var c *Complaint
		if features[j], c = ParseFeature(number); c != nil {
			return nil, c
		}
	}
	return features, nil
}

func (r *linkReader) file(f linkField) {
	parts := strings.SplitN(f.value, "_", 3)
	if len(parts) == 3 && r.shortText(parts[2]) {
		hash, err := strconv.ParseUint(parts[0], 16, 64)
		rows, err2 := strconv.Atoi(parts[1])
		if err == nil && err2 == nil && rows > 0 {
			r.e.File = &FileTag{Name: parts[2], Rows: rows, Hash: hash}
			return
		}
	}
	r.complain("file", f.key, f.value, "HASH_ROWS_NAME")
}

func (r *linkReader) shortText(s string) bool {
	return len(s) <= 255 && printable(s) == s
}

// finish checks what only the whole link tells.
func (r *linkReader) finish() {
	base := FindPreset(r.presets, r.e.Preset)
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
	if len(r.e.Given)+len(r.e.Thumbs) > 0 && !r.seen[Params()[Source].Key] {
		r.e.Settings[Source] = FromGiven
	}
	if !r.e.awaitsFile() {
		r.finishSource(base)
		r.finishView(prompts)
	}
	if s := &r.e.Settings; s[Step] > s[Steps] {
		r.add(&Complaint{Code: "range", Field: Params()[Step].Key,
			Value: formatNumber(s[Step]), Min: "0", Max: formatNumber(s[Steps])})
		s[Step] = 0
	}
	r.finishObjective(prompts)
	r.finishStart(prompts)
}

// finishObjective sees to it that the objective is defined, the policy has
// features if it needs them, and RLHF can be run.
func (r *linkReader) finishObjective(prompts []Prompt) {
	s := &r.e.Settings
	if c := s.checkLearning(prompts, r.e.Dataset(r.presets).Rewarded); c != nil {
		r.add(c)
		s[How] = LearnDirectly
	}
	if c := s.checkHypers(); c != nil {
		r.add(c)
		*s = s.Choose(s.Objective().Key)
	}
	r.finishThumbs()
	if c := s.checkPolicy(prompts); c != nil && !r.e.awaitsFile() {
		r.add(c)
		s[PolicyChoice] = TabularPolicy
	}
	r.finishVersus()
}

// mend takes back what a lab would refuse, setting by setting, and names it: a
// link is not lost for one field.
func (r *linkReader) mend() {
	base, data := FindPreset(r.presets, r.e.Preset), r.e.Dataset(r.presets)
	for range ParamCount {
		c := r.e.check(data)
		if c == nil {
			return
		}
		r.add(c)
		if !r.takeBack(c.Field, base) {
			break
		}
	}
	if r.e.check(data) != nil {
		r.e = base.Start()
	}
}

// takeBack makes a field what the preset has, or where it is that, the default. It
// tells whether that changed anything.
func (r *linkReader) takeBack(field string, base *Preset) bool {
	if field == "at" {
		had := r.e.Start != nil
		r.e.Start = nil
		return had
	}
	for p := range Params() {
		if Params()[p].Key != field {
			continue
		}
		for _, x := range [...]float64{base.Settings[p], Params()[p].Default} {
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
func (r *linkReader) finishThumbs() {
	s := &r.e.Settings
	c := s.checkPaired(r.e.Dataset(r.presets))
	if c == nil || r.e.awaitsFile() {
		return
	}
	if r.seen[Params()[ObjectiveChoice].Key] || s[How] != LearnDirectly {
		r.add(c)
	}
	*s = s.readThumbs()
}

// finishSource sees to it that there are preferences to learn from: given ones
// only where none of what was given is broken, others only where there are
// rewards to draw them by.
func (r *linkReader) finishSource(base *Preset) {
	source := &r.e.Settings[Source]
	if r.broken && *source == FromGiven {
		*source = base.Settings[Source]
	}
	if *source == FromGiven || r.e.Dataset(r.presets).Rewarded {
		return
	}
	if !r.broken {
		r.complain("unrewarded", Params()[Source].Key, Params()[Source].Choices[int(*source)], Params()[Source].Choices[FromGiven])
	}
	*source = FromGiven
}

func (r *linkReader) usePrompts() {
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

func (r *linkReader) usePairs(f linkField, prompts []Prompt) {
	wrong := func(item string) { r.complain("pairs", f.key, item, "0-1x9") }
	if list, ok := readList(r, f, prompts, wrong, parsePair, func(p *Pair) int { return p.Prompt }, (*Pair).fits); ok {
		r.e.Given = list
	}
}

func (r *linkReader) useThumbs(f linkField, prompts []Prompt) {
	wrong := func(item string) { r.complain("thumbs", f.key, item, "0u9d2") }
	if list, ok := readList(r, f, prompts, wrong, parseThumb, func(t *Thumb) int { return t.Prompt }, (*Thumb).fits); ok {
		r.e.Thumbs = list
	}
}

// readList reads what is said about replies, joined by underscores; wrong
// complains of what is not written as such a thing is. At the first that cannot
// be used the data is broken.
func readList[T any](r *linkReader, f linkField, prompts []Prompt, wrong func(item string), parse func(string) (T, bool), prompt func(*T) int, fits func(*T, []Prompt) bool) ([]T, bool) {
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
func parseThumb(s string) (t Thumb, ok bool) {
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
func parsePair(s string) (Pair, bool) {
	p := Pair{Count: 1}
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
	return n, err == nil && float64(n) <= maxCount
}
