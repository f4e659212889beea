package link

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
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
//	lesson=beta.2      the lesson in assets/lessons/beta.txt, at its second step
//	hide=optimum.lr    what is not shown
//	lock=beta.preset   what cannot be changed
//	present=on play=on lang=de   shown large; playing at once; in this language
//
// Values are percent-encoded; + stands for a space.
const version = "1"

// Limits of a link as a whole.
const (
	MaxLength = 8000 // characters; longer links break in mail and chat
	maxRead   = 1 << 16
)

// Link writes the experiment as a fragment without its #. Data that makes the
// link longer than MaxLength, or that Parse would refuse, is left out; carried
// tells whether all of it is in.
func Write(e *core.Experiment, presets []core.Preset) (fragment string, carried bool) {
	base := core.FindPreset(presets, e.Preset)
	head := writeSettings(e, base)
	own := e.Prompts != nil || e.Given != nil || e.Thumbs != nil
	if !own && e.File == nil {
		return head, true
	}
	if own && !tooLong(e) && linkable(e, base) {
		if data := writeData(e, base); len(head)+len(data) <= MaxLength {
			return head + data, true
		}
	}
	if e.File != nil {
		var b strings.Builder
		data.WriteField(&b, "file", strconv.FormatUint(e.File.Hash, 16)+"_"+strconv.Itoa(e.File.Rows)+"_"+e.File.Name)
		head += b.String()
	}
	return head, false
}

func writeSettings(e *core.Experiment, base *core.Preset) string {
	var b strings.Builder
	b.WriteString("v=" + version)
	data.WriteField(&b, "preset", e.Preset)
	read := base.Settings // where nothing is written
	read[core.Smoothing] = read.EpsilonWith(e.Settings[core.ObjectiveChoice])
	for p, info := range core.Params() {
		if x := e.Settings[p]; x != read[p] {
			if info.Choices != nil {
				data.WriteField(&b, info.Key, info.Choices[int(x)])
			} else {
				data.WriteField(&b, info.Key, data.FormatNumber(x))
			}
		}
	}
	if !slices.Equal(e.Versus, base.Versus) {
		data.WriteField(&b, "vs", core.WriteVariants(e.Versus))
	}
	writeStart(e, &b)
	writeView(&e.View, &e.Settings, &b, base)
	return b.String()
}

// tooLong tells without writing it that the data cannot fit a link.
func tooLong(e *core.Experiment) bool {
	size, replies := 4*len(e.Given)+4*len(e.Thumbs), 0
	for i := range e.Prompts {
		size += len(e.Prompts[i].Text)
		replies += len(e.Prompts[i].Replies)
		for _, r := range e.Prompts[i].Replies {
			size += len(r.Text)
		}
		if size > MaxLength || replies > data.MaxLinkReplies {
			return true
		}
	}
	return size > MaxLength
}

// linkable tells whether Parse accepts the data: a file may bring texts and
// numbers that it does not.
func linkable(e *core.Experiment, base *core.Preset) bool {
	prompts := e.Prompts
	if prompts == nil {
		prompts = base.Prompts
	}
	for i := range e.Prompts {
		if !e.Prompts[i].Linkable() {
			return false
		}
	}
	for _, p := range e.Given {
		if p.Count < 1 || p.Count > data.MaxCount || p.Count != math.Trunc(p.Count) || !p.Fits(prompts) {
			return false
		}
	}
	for _, t := range e.Thumbs {
		if !t.Linkable() || !t.Fits(prompts) {
			return false
		}
	}
	return true
}

func writeData(e *core.Experiment, base *core.Preset) string {
	var b strings.Builder
	for i := range e.Prompts {
		p := &e.Prompts[i]
		data.WriteField(&b, "q", p.Text)
		for k, r := range p.Replies {
			head := "_"
			if r.Reward == r.Reward {
				head = data.FormatNumber(r.Reward) + "_"
			}
			if p.Reference != nil {
				head += data.FormatNumber(p.Reference[k])
			}
			data.WriteField(&b, "a", head+"_"+r.Text)
			r.Describe(&b)
		}
	}
	if e.Given != nil {
		writeList(&b, "pairs", e.Given, data.WritePair)
	}
	if e.Thumbs != nil {
		writeList(&b, "thumbs", e.Thumbs, data.WriteThumb)
	}
	// A link with pairs or thumbs that names no source of votes is read as meaning
	// these.
	if source := e.Settings[core.Source]; len(e.Given)+len(e.Thumbs) > 0 && source == base.Settings[core.Source] {
		data.WriteField(&b, core.Params()[core.Source].Key, core.Params()[core.Source].Choices[int(source)])
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
	data.WriteField(b, key, list.String())
}
