package core

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"dpoplayground/core/data"
)

// Own returns the experiment with prompts, replies and pairs of its own, ready
// to be edited: copies of what it trains on, which share nothing with the
// presets or with e. Where votes are simulated, the pairs stay as they were.
func (e Experiment) Own(presets []Preset) Experiment {
	d := e.Dataset(presets)
	e.Prompts = make([]data.Prompt, len(d.Prompts))
	for i, p := range d.Prompts {
		p.Replies = append([]data.Reply(nil), p.Replies...)
		for k := range p.Replies {
			p.Replies[k].Features = slices.Clone(p.Replies[k].Features)
		}
		if p.Reference != nil {
			p.Reference = append([]float64(nil), p.Reference...)
		}
		e.Prompts[i] = p
	}
	e.Given, e.Thumbs = append([]data.Pair{}, d.Pairs...), append([]data.Thumb(nil), d.Thumbs...)
	return e
}

// TakeVotes returns the experiment with the problem's votes as its own pairs,
// as if they had been typed in, and its thumbs. Expected votes become whole
// numbers out of 100.
func (e Experiment) TakeVotes(p *data.Problem, presets []Preset) Experiment {
	e = e.Own(presets)
	scale := 1.0
	if p.Fractional {
		scale = 100
	}
	e.Given, e.Thumbs = []data.Pair{}, append([]data.Thumb(nil), p.Thumbed...)
	for i := range p.Prompts {
		for _, v := range p.VotesOf(i) {
			v.Prompt, v.Count = i, math.Round(scale*v.Count)
			if v.Count > 0 {
				e.Given = append(e.Given, v)
			}
		}
	}
	e.Settings[Source] = FromGiven
	return e
}

// TakeThumbs returns the experiment with thumbs in place of the problem's votes,
// for each vote one up and one down, so that an objective of single replies
// learns the same from them. The objective must read thumbs.
func (e Experiment) TakeThumbs(p *data.Problem, presets []Preset) Experiment {
	e = e.TakeVotes(p, presets)
	pairs := e.Given
	e.Given = []data.Pair{}
	for _, v := range pairs {
		e.addThumbs(data.Thumb{Prompt: v.Prompt, Reply: v.Chosen, Up: v.Count})
		e.addThumbs(data.Thumb{Prompt: v.Prompt, Reply: v.Rejected, Down: v.Count})
	}
	slices.SortStableFunc(e.Thumbs, func(a, b data.Thumb) int {
		return cmp.Or(a.Prompt-b.Prompt, a.Reply-b.Reply)
	})
	return e
}

// addThumbs adds thumbs to those of the same reply, if it has some.
func (e *Experiment) addThumbs(t data.Thumb) {
	for i := range e.Thumbs {
		if old := &e.Thumbs[i]; old.Prompt == t.Prompt && old.Reply == t.Reply {
			old.Up += t.Up
			old.Down += t.Down
			return
		}
	}
	e.Thumbs = append(e.Thumbs, t)
}

// SetThumbs gives a reply of an experiment that owns its data so many thumbs up
// and down in all; with none of either it has no entry.
func (e *Experiment) SetThumbs(prompt, reply int, up, down float64) {
	e.Thumbs = slices.DeleteFunc(e.Thumbs, func(t data.Thumb) bool { return t.Prompt == prompt && t.Reply == reply })
	if up > 0 || down > 0 {
		e.Thumbs = append(e.Thumbs, data.Thumb{prompt, reply, up, down})
	}
	e.forgetNoThumbs()
}

// forgetNoThumbs writes the want of thumbs in the one way that own data has.
func (e *Experiment) forgetNoThumbs() {
	if len(e.Thumbs) == 0 {
		e.Thumbs = nil
	}
}

// ParseThumbs reads how many thumbs of one kind a reply has; nothing typed is 0.
func ParseThumbs(text string) (float64, *data.Complaint) {
	if text == "" {
		return 0, nil
	}
	return parseWhole("thumbs", text, 0, data.MaxCount)
}

// Typed tells whether a text is one that could have been typed in: others are
// shown, and not edited on the page.
func Typed(text string) bool { return len(text) <= 4*data.MaxText && CheckText("", text) == nil }

// CheckText says what is wrong with a text that was typed in, or nil.
func CheckText(field, text string) *data.Complaint {
	switch {
	case len([]rune(text)) > data.MaxText:
		return &data.Complaint{Code: "text", Field: field, Value: data.Shorten(data.Printable(text)), Allowed: strconv.Itoa(data.MaxText)}
	case !data.Paragraph(text):
		return &data.Complaint{Code: "control", Field: field, Value: data.Shorten(data.Printable(text))}
	}
	return nil
}

// ParseReward reads a true reward as it is typed in.
func ParseReward(text string) (float64, *data.Complaint) {
	return parseWithin("reward", text, -data.MaxReward, data.MaxReward)
}

// ParseWeight reads the weight of a reply in the reference as it is typed in.
func ParseWeight(text string) (float64, *data.Complaint) {
	return parseWithin("weight", text, data.MinWeight, data.MaxWeight)
}

// ParseCount reads how often one reply was preferred to another.
func ParseCount(text string) (float64, *data.Complaint) {
	return parseWhole("count", text, 1, data.MaxCount)
}

// ParseTokens reads the length of a reply as it is typed in; nothing typed is 0,
// not known.
func ParseTokens(text string) (float64, *data.Complaint) {
	if text == "" {
		return 0, nil
	}
	return ParseTokenCount(text)
}

func ParseTokenCount(text string) (float64, *data.Complaint) {
	return parseWhole("tokens", text, 1, data.MaxTokens)
}

// ParseFeature reads one feature of a reply as it is typed in.
func ParseFeature(text string) (float64, *data.Complaint) {
	x, c := parseWithin("feature", text, -data.MostFeature, data.MostFeature)
	return x + 0, c // not −0
}

// PlaceReplies gives every reply of an experiment that owns its data two
// features: those of a prompt stand on the unit circle, evenly, so that none is
// the mean of others.
func (e *Experiment) PlaceReplies() {
	for i := range e.Prompts {
		replies := e.Prompts[i].Replies
		for k := range replies {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(len(replies)))
			replies[k].Features = []float64{hundredths(cos), hundredths(sin)}
		}
	}
}

func hundredths(x float64) float64 { return math.Round(100*x)/100 + 0 }

func parseWithin(field, text string, low, high float64) (float64, *data.Complaint) {
	x, ok := ParseNumber(text)
	c := &data.Complaint{Field: field, Value: data.Shorten(data.Printable(text)), Min: data.FormatNumber(low), Max: data.FormatNumber(high)}
	switch {
	case !ok:
		c.Code = "number"
	case x < low || x > high:
		c.Code = "range"
	default:
		return x, nil
	}
	return 0, c
}

func parseWhole(field, text string, low, high float64) (float64, *data.Complaint) {
	x, c := parseWithin(field, text, low, high)
	if c == nil && x != math.Trunc(x) {
		c = &data.Complaint{Code: "whole", Field: field, Value: data.Shorten(text), Min: data.FormatNumber(low), Max: data.FormatNumber(high)}
	}
	return x, c
}

// AddReply adds a reply to a prompt of an experiment that owns its data. Its
// reward is 0 and its weight in the reference the mean of the others'.
func (e *Experiment) AddReply(prompt int, text string) {
	p := &e.Prompts[prompt]
	if p.Reference != nil {
		sum := 0.0
		for _, q := range p.Reference {
			sum += q
		}
		p.Reference = append(p.Reference, readable(sum/float64(len(p.Replies))))
	}
	p.Replies = append(p.Replies, data.Reply{Text: text})
}

// readable returns a number of at most four significant digits.
func readable(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	return y
}

// RemoveReply takes a reply from a prompt of an experiment that owns its data,
// with the pairs it stood in and its thumbs. A prompt keeps at least two replies.
func (e *Experiment) RemoveReply(prompt, reply int) *data.Complaint {
	p := &e.Prompts[prompt]
	if len(p.Replies) <= 2 {
		return &data.Complaint{Code: "few", Field: "q", Value: data.Shorten(p.Text), Allowed: "2"}
	}
	p.Replies = append(p.Replies[:reply], p.Replies[reply+1:]...)
	if p.Reference != nil {
		p.Reference = append(p.Reference[:reply], p.Reference[reply+1:]...)
	}
	kept := e.Given[:0]
	for _, pair := range e.Given {
		if pair.Prompt == prompt && (pair.Chosen == reply || pair.Rejected == reply) {
			continue
		}
		if pair.Prompt == prompt {
			pair.Chosen, pair.Rejected = without(pair.Chosen, reply), without(pair.Rejected, reply)
		}
		kept = append(kept, pair)
	}
	e.Given = kept
	thumbs := e.Thumbs[:0]
	for _, t := range e.Thumbs {
		switch {
		case t.Prompt == prompt && t.Reply == reply:
			continue
		case t.Prompt == prompt:
			t.Reply = without(t.Reply, reply)
		}
		thumbs = append(thumbs, t)
	}
	e.Thumbs = thumbs
	e.forgetNoThumbs()
	return nil
}

// without returns an index after the one removed has gone.
func without(index, removed int) int {
	if index > removed {
		return index - 1
	}
	return index
}
