// Package argument writes the first screen's argument as markup, for the program and
// for the page as it is before the program has come: the pairs that people chose
// between, the loss of one of them, and the sentences around them. It may import
// scenes/loss, scenes/mass, scenes/slow and what they may.
package argument

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/scenes/loss"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// MostPairs is how many pairs are listed.
const MostPairs = 60

// Pairs returns the pairs of the shown question, each in the order that people
// chose more often, the clearest first.
func Pairs(l *core.Lab) []data.Tally {
	from, _ := l.Problem.Range(l.Prompt())
	list := slices.Clone(l.Problem.TalliesOf(l.Prompt()))
	for i := range list {
		t := &list[i]
		if t.A, t.B = t.A-from, t.B-from; t.ForB > t.ForA {
			t.A, t.B, t.ForA, t.ForB = t.B, t.A, t.ForB, t.ForA
		}
	}
	slices.SortStableFunc(list, func(a, b data.Tally) int {
		switch lead := (b.ForA - b.ForB) - (a.ForA - a.ForB); {
		case lead > 0:
			return 1
		case lead < 0:
			return -1
		}
		return 0
	})
	return list
}

// List writes a button for each pair, with how often people chose so. The selected
// one is pressed.
func List(l *core.Lab, w words.Words) string {
	var b strings.Builder
	pairs, selected := Pairs(l), read.WorkedPair(l)
	replies := l.Problem.Prompts[l.Prompt()].Replies
	for _, t := range pairs[:min(len(pairs), MostPairs)] {
		b.WriteString(`<button type="button" class="pair" data-do="pair" data-value="` + Name([2]int{t.A, t.B}) +
			`" aria-pressed="` + strconv.FormatBool(Is(t, selected)) + `"><span>` + order(w, "people.pair", replies, [2]int{t.A, t.B}) + `</span>` +
			share(t.ForA/(t.ForA+t.ForB)) + `<small>` + count(w, "people.count", "people.share", t.ForA, t.ForB) + `</small></button>`)
	}
	return b.String()
}

// Name is a pair's name in the page.
func Name(pair [2]int) string { return strconv.Itoa(pair[0]) + "-" + strconv.Itoa(pair[1]) }

// Is tells whether a tally is of a pair, in one order or the other.
func Is(t data.Tally, pair [2]int) bool {
	return t.A == pair[0] && t.B == pair[1] || t.A == pair[1] && t.B == pair[0]
}

// share draws the part of the choices that went to the first reply.
func share(part float64) string {
	w := strconv.FormatFloat(100*part, 'f', 2, 64)
	return `<svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="1"/><rect width="` + w + `" height="1"/></svg>`
}

// Note says how many pairs there are, and which of them are listed.
func Note(l *core.Lab, w words.Words) string {
	n := len(l.Problem.TalliesOf(l.Prompt()))
	key := "people.note"
	if n > MostPairs {
		key = "people.more"
	} else if n == 0 {
		key = "people.none"
	}
	return w.Say(key, "n", words.Count(float64(n)), "shown", strconv.Itoa(MostPairs))
}

// order writes a sentence of two replies as markup, in their colours.
func order(w words.Words, key string, replies []data.Reply, pair [2]int, more ...string) string {
	mark := func(class string, k int) string {
		return `<b class="` + class + `">` + words.Escaped(words.Brief(read.Told(replies, k))) + `</b>`
	}
	return w.Say(key, append(more, "chosen", mark("w", pair[0]), "rejected", mark("l", pair[1]))...)
}

// count writes how often people chose so, as a number or, of expected preferences,
// as a share.
func count(w words.Words, number, share string, votesFor, against float64) string {
	if n := votesFor + against; votesFor == math.Trunc(votesFor) && against == math.Trunc(against) {
		return w.Say(number, "for", words.Count(votesFor), "n", words.Count(n))
	}
	return w.Say(share, "share", words.Percent(votesFor/(votesFor+against)))
}

// Key writes the sentence about the selected pair, which is the key of the colours.
func Key(l *core.Lab, w words.Words) string {
	pair := read.WorkedPair(l)
	key, said := "key.none", ""
	for _, t := range Pairs(l) {
		if !Is(t, pair) {
			continue
		}
		key = "key.pair"
		if t.A != pair[0] {
			t.ForA, t.ForB = t.ForB, t.ForA
		}
		said = count(w, "key.count", "key.share", t.ForA, t.ForB)
	}
	return order(w, key, l.Problem.Prompts[l.Prompt()].Replies, pair, "count", said)
}

// Learns says what a run learns from, without what, and relative to what.
func Learns(s *core.Settings, w words.Words) string { return w.Say("learns." + learnsFrom(s)) }

func learnsFrom(s *core.Settings) string {
	switch o := s.Objective(); {
	case s[core.How] == core.LearnByRLHF && s[core.RewardFit] == core.FitNothing:
		return "reward"
	case s[core.How] == core.LearnByRLHF:
		return "rlhf"
	case s[core.How] == core.LearnOnline:
		return "online"
	case o.ReadsThumbs():
		return "thumbs"
	case !o.Reference:
		return "free"
	case o.Key != "dpo":
		return "kin"
	}
	return "reference"
}

// Settings writes the settings in a line.
func Settings(l *core.Lab, w words.Words) string {
	e := &l.Experiment
	name := w.Say("preset.own.name")
	if e.Prompts == nil {
		name = w.Say("preset." + e.Preset + ".name")
	}
	learns := w.Say("objective." + e.Settings.Objective().Key)
	if how := e.Settings[core.How]; how != core.LearnDirectly {
		learns = w.Say("param.how." + core.Params()[core.How].Choices[int(how)])
	}
	return w.Say(w.Form("settings.line", int(l.Problem.Total)), "example", name, "loss", learns,
		"n", words.Count(float64(l.Problem.Total)), "rate", strconv.FormatFloat(e.Settings[core.Rate], 'f', -1, 64))
}

// Measured says the mean loss and the accuracy, of data small enough to be measured
// while a run plays.
func Measured(l *core.Lab, w words.Words) string {
	if !(l.Problem.Total > 0) || l.Large() {
		return ""
	}
	m := l.Meter.Read(l.Run.Policy(), l.Prompt())
	return w.Say("push.note", "loss", words.Fixed(m.Loss, 3), "share", words.Percent(m.Accuracy))
}

// Curve draws the loss over the gap of log-ratios into p, with the pair's bead on it,
// width pixels wide, and tells whether the loss has such a curve.
func Curve(p *picture.Picture, l *core.Lab, v *core.PairView, w words.Words, width, font float32) bool {
	curve := l.LossCurve()
	if !curve.Known() {
		return false
	}
	var reach loss.Reach
	gap := v.RatioChosen - v.RatioRejected
	reach.Fit(&curve, gap)
	loss.DrawPair(p, w, &curve, reach, gap, width, font)
	return true
}
