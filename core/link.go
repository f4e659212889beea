package core

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A link's fragment is a list of key=value joined by &, in any order but for
// the data set's keys:
//
//	v=1        the version of this format; a link without it is read as 1
//	preset=ID  what the experiment starts from
//	beta=0.2   and every other Param by its Key; left out where it is the preset's,
//	           and ε where it is what choosing the link's objective makes it
//	q=TEXT     begins a prompt; the a= after it are its replies
//	a=REWARD_REFERENCE_TEXT   either number may be left out
//	n=12       the tokens of the reply before it; left out where not known
//	f=1,-0.5   the features of the reply before it; left out where there are none
//	pairs=1-2x9_0-2_1:0-1     prompt:chosen-rejected x count; prompt 0 and count 1 may be left out
//	thumbs=0u9d2_1d4_1:0u1    prompt:reply, u and so many thumbs up, d and so many down; prompt 0 and
//	           a count of 0 may be left out
//	file=HASH_ROWS_NAME       data that a link cannot carry
//	vs=obj:ipo_beta:0.1       runs to compare with, each KEY:VALUE of an objective, a β or a method;
//	           left out where they are the preset's
//	at=0.5,-0.2  where the run starts: log-ratios to the reference, one a reply of the
//	           shown prompt; left out where it is the reference
//	open=a.b   open sections
//	pair=0-1   the pair being worked
//	tri=0-1-2  the corners of the landscape
//	betas=0.05_0.5_5  that stand side by side
//	stage=3    of the step in slow motion
//	since=120  where the ledger begins
//
// Values are percent-encoded; + stands for a space.
const linkVersion = "1"

// Limits of a link as a whole.
const (
	MaxLink     = 8000 // characters; longer links break in mail and chat
	maxLinkRead = 1 << 16
)

// Link writes the experiment as a fragment without its #. Data that makes the
// link longer than MaxLink, or that ParseLink would refuse, is left out; carried
// tells whether all of it is in.
func (e *Experiment) Link(presets []Preset) (fragment string, carried bool) {
	base := FindPreset(presets, e.Preset)
	head := e.writeSettings(base)
	own := e.Prompts != nil || e.Given != nil || e.Thumbs != nil
	if !own && e.File == nil {
		return head, true
	}
	if own && !e.tooLong() && e.linkable(base) {
		if data := e.writeData(base); len(head)+len(data) <= MaxLink {
			return head + data, true
		}
	}
	if e.File != nil {
		var b strings.Builder
		writeField(&b, "file", strconv.FormatUint(e.File.Hash, 16)+"_"+strconv.Itoa(e.File.Rows)+"_"+e.File.Name)
		head += b.String()
	}
	return head, false
}

func (e *Experiment) writeSettings(base *Preset) string {
	var b strings.Builder
	b.WriteString("v=" + linkVersion)
	writeField(&b, "preset", e.Preset)
	read := base.Settings // where nothing is written
	read[Smoothing] = read.epsilonWith(e.Settings[ObjectiveChoice])
	for p, info := range Params() {
		if x := e.Settings[p]; x != read[p] {
			if info.Choices != nil {
				writeField(&b, info.Key, info.Choices[int(x)])
			} else {
				writeField(&b, info.Key, formatNumber(x))
			}
		}
	}
	if !slices.Equal(e.Versus, base.Versus) {
		writeField(&b, "vs", writeVariants(e.Versus))
	}
	e.writeStart(&b)
	e.View.write(&b, base)
	return b.String()
}

// tooLong tells without writing it that the data cannot fit a link.
func (e *Experiment) tooLong() bool {
	size, replies := 4*len(e.Given)+4*len(e.Thumbs), 0
	for i := range e.Prompts {
		size += len(e.Prompts[i].Text)
		replies += len(e.Prompts[i].Replies)
		for _, r := range e.Prompts[i].Replies {
			size += len(r.Text)
		}
		if size > MaxLink || replies > maxLinkReplies {
			return true
		}
	}
	return size > MaxLink
}

// linkable tells whether ParseLink accepts the data: a file may bring texts and
// numbers that it does not.
func (e *Experiment) linkable(base *Preset) bool {
	prompts := e.Prompts
	if prompts == nil {
		prompts = base.Prompts
	}
	for i := range e.Prompts {
		if !e.Prompts[i].linkable() {
			return false
		}
	}
	for _, p := range e.Given {
		if p.Count < 1 || p.Count > maxCount || p.Count != math.Trunc(p.Count) || !p.fits(prompts) {
			return false
		}
	}
	for _, t := range e.Thumbs {
		if !t.linkable() || !t.fits(prompts) {
			return false
		}
	}
	return true
}

func (p *Prompt) linkable() bool {
	ok := len(p.Replies) >= 2 && shortParagraph(p.Text) && (p.Reference == nil || len(p.Reference) == len(p.Replies))
	for _, r := range p.Replies {
		ok = ok && shortParagraph(r.Text) && !(math.Abs(r.Reward) > maxReward) && r.describable()
	}
	for _, w := range p.Reference {
		ok = ok && w >= minWeight && w <= maxWeight
	}
	return ok
}

// describable tells whether n=, f= and c= can say the reply's length, features
// and custom reward.
func (r *Reply) describable() bool {
	ok := math.Abs(r.Custom) <= maxReward && len(r.Features) <= maxFeatures && (r.Tokens == 0 || r.Tokens >= 1 && r.Tokens <= maxTokens && r.Tokens == math.Trunc(r.Tokens))
	for _, x := range r.Features {
		ok = ok && math.Abs(x) <= MostFeature
	}
	return ok
}

func shortParagraph(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxText && paragraph(s)
}

// fits tells whether the pair names two replies of one of the prompts.
func (p *Pair) fits(prompts []Prompt) bool {
	return p.Prompt < len(prompts) && max(p.Chosen, p.Rejected) < len(prompts[p.Prompt].Replies)
}

func (e *Experiment) writeData(base *Preset) string {
	var b strings.Builder
	for i := range e.Prompts {
		p := &e.Prompts[i]
		writeField(&b, "q", p.Text)
		for k, r := range p.Replies {
			head := "_"
			if r.Reward == r.Reward {
				head = formatNumber(r.Reward) + "_"
			}
			if p.Reference != nil {
				head += formatNumber(p.Reference[k])
			}
			writeField(&b, "a", head+"_"+r.Text)
			r.describe(&b)
		}
	}
	if e.Given != nil {
		writeList(&b, "pairs", e.Given, writePair)
	}
	if e.Thumbs != nil {
		writeList(&b, "thumbs", e.Thumbs, writeThumb)
	}
	// A link with pairs or thumbs that names no source of votes is read as meaning
	// these.
	if source := e.Settings[Source]; len(e.Given)+len(e.Thumbs) > 0 && source == base.Settings[Source] {
		writeField(&b, Params()[Source].Key, Params()[Source].Choices[int(source)])
	}
	return b.String()
}

// writeList writes a field of several items, joined by underscores.
func writeList[T any](b *strings.Builder, key string, items []T, write func(*strings.Builder, T)) {
	var list strings.Builder
	for i, item := range items {
		if i > 0 {
			list.WriteByte('_')
		}
		write(&list, item)
	}
	writeField(b, key, list.String())
}

// describe writes what else is known of a reply.
func (r *Reply) describe(b *strings.Builder) {
	if r.Tokens != 0 {
		writeField(b, "n", formatNumber(r.Tokens))
	}
	if len(r.Features) > 0 {
		writeField(b, "f", r.featureList())
	}
	if r.Custom != 0 {
		writeField(b, "c", formatNumber(r.Custom))
	}
}

// featureList writes the features as a link does.
func (r *Reply) featureList() string {
	list := make([]string, len(r.Features))
	for j, x := range r.Features {
		list[j] = formatNumber(x)
	}
	return strings.Join(list, ",")
}

func writePair(b *strings.Builder, p Pair) {
	if p.Prompt != 0 {
		b.WriteString(strconv.Itoa(p.Prompt) + ":")
	}
	b.WriteString(strconv.Itoa(p.Chosen) + "-" + strconv.Itoa(p.Rejected))
	if p.Count != 1 {
		b.WriteString("x" + formatNumber(p.Count))
	}
}

func writeThumb(b *strings.Builder, t Thumb) {
	if t.Prompt != 0 {
		b.WriteString(strconv.Itoa(t.Prompt) + ":")
	}
	b.WriteString(strconv.Itoa(t.Reply))
	if t.Up != 0 {
		b.WriteString("u" + formatNumber(t.Up))
	}
	if t.Down != 0 {
		b.WriteString("d" + formatNumber(t.Down))
	}
}

// linkable tells whether a link can say the counts.
func (t *Thumb) linkable() bool {
	whole := t.Up == math.Trunc(t.Up) && t.Down == math.Trunc(t.Down)
	return whole && min(t.Up, t.Down) >= 0 && t.Up+t.Down > 0 && max(t.Up, t.Down) <= maxCount
}

// fits tells whether the thumbs are of a reply to one of the prompts.
func (t *Thumb) fits(prompts []Prompt) bool {
	return t.Prompt < len(prompts) && t.Reply < len(prompts[t.Prompt].Replies)
}

func writeField(b *strings.Builder, key, value string) {
	b.WriteString("&" + key + "=")
	escape(b, value)
}

// escape percent-encodes what would not survive in a fragment. Letters of any
// script stay as they are: browsers encode them as they need.
func escape(b *strings.Builder, s string) {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == ' ':
			b.WriteByte('+')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._:,!?", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
}

// unescape undoes escape. It fails on a broken % sequence and on bytes that
// are not UTF-8.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s, utf8.ValidString(s)
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			x, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b = append(b, byte(x))
			i += 2
		default:
			b = append(b, s[i])
		}
	}
	return string(b), utf8.Valid(b)
}
