//go:build js

package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/scenes/loss"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/slow"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

// people are the first two parts of the page's argument: the pairs that people
// chose between, one of which is selected, and how the loss makes a preference on
// that pair push.
type people struct {
	*app
	reach loss.Reach // of the curve's axis
}

// mostPairs is how many pairs the page lists.
const mostPairs = 60

func (pe *people) register(on *handlers) {
	on.do["pair"] = func(button js.Value) { pe.choose(page.Data(button, "value")) }
	on.shows(pe.list, theData, core.ShownPrompt)
	on.shows(pe.mark, theData, thePair, core.ShownPrompt, core.How, core.ObjectiveChoice, core.RewardFit)
	on.shows(pe.settle, theName, theData, core.How, core.ObjectiveChoice, core.Rate, core.Source, core.Votes)
	on.tells = append(on.tells, panelWriter{"", pe.write})
}

// choose selects the pair of a listed button, everywhere.
func (pe *people) choose(pair string) {
	chosen, rejected, _ := strings.Cut(pair, "-")
	w, _ := strconv.Atoi(chosen)
	r, _ := strconv.Atoi(rejected)
	e := pe.lab.Experiment
	e.View.Pair = [2]int{w, r}
	pe.host.SetAndRecord(e)
}

// pairs returns the pairs of the shown question, each in the order that people
// chose more often, the clearest first.
func (pe *people) pairs() []data.Tally {
	from, _ := pe.lab.Problem.Range(pe.lab.Prompt())
	list := slices.Clone(pe.lab.Problem.TalliesOf(pe.lab.Prompt()))
	for i := range list {
		t := &list[i]
		if t.A, t.B = t.A-from, t.B-from; t.ForB > t.ForA {
			t.A, t.B, t.ForA, t.ForB = t.B, t.A, t.ForB, t.ForA
		}
	}
	slices.SortStableFunc(list, func(a, b data.Tally) int {
		return int(math.Copysign(1, b.ForA-b.ForB-a.ForA+a.ForB)) * btoi(b.ForA-b.ForB != a.ForA-a.ForB)
	})
	return list
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// list writes a button for each pair.
func (pe *people) list() {
	pairs, box := pe.pairs(), pe.page.ByID("pairs")
	box.Call("replaceChildren")
	replies := pe.lab.Problem.Prompts[pe.lab.Prompt()].Replies
	for _, t := range pairs[:min(len(pairs), mostPairs)] {
		button := pe.page.Make(box.Value, "button", "pair")
		button.Set("type", "button")
		button.Get("dataset").Set("do", "pair")
		button.Get("dataset").Set("value", strconv.Itoa(t.A)+"-"+strconv.Itoa(t.B))
		pe.page.Make(button, "span", "").Set("innerHTML", pe.order("people.pair", replies, t.A, t.B))
		share := pe.page.Make(button, "span", "share")
		for _, n := range [2]float64{t.ForA, t.ForB} {
			pe.page.Make(share, "i", "").Get("style").Set("flex", strconv.FormatFloat(n/(t.ForA+t.ForB), 'f', 4, 64))
		}
		pe.page.Make(button, "small", "").Set("textContent", pe.count("people.count", "people.share", t.ForA, t.ForB))
	}
	key := "people.note"
	if len(pairs) > mostPairs {
		key = "people.more"
	} else if len(pairs) == 0 {
		key = "people.none"
	}
	pe.page.ByID("people-note").SetText(pe.words.Say(key, "n", words.Count(float64(len(pairs))), "shown", strconv.Itoa(mostPairs)))
}

// order writes a sentence of two replies as markup, in their colours.
func (pe *people) order(key string, replies []data.Reply, chosen, rejected int, more ...string) string {
	mark := func(class string, k int) string {
		return `<b class="` + class + `">` + words.Escaped(words.Brief(read.Told(replies, k))) + `</b>`
	}
	return pe.words.Say(key, append(more, "chosen", mark("w", chosen), "rejected", mark("l", rejected))...)
}

// count writes how often people chose so, as a number or, of expected preferences,
// as a share.
func (pe *people) count(number, share string, votesFor, against float64) string {
	if n := votesFor + against; votesFor == math.Trunc(votesFor) && against == math.Trunc(against) {
		return pe.words.Say(number, "for", words.Count(votesFor), "n", words.Count(n))
	}
	return pe.words.Say(share, "share", words.Percent(votesFor/(votesFor+against)))
}

// mark shows which pair is selected, here and in the sentence above.
func (pe *people) mark() {
	pair := view.WorkedPair(pe.lab)
	at := strconv.Itoa(pair[0]) + "-" + strconv.Itoa(pair[1])
	turned := strconv.Itoa(pair[1]) + "-" + strconv.Itoa(pair[0])
	buttons := pe.page.ByID("pairs").Get("children")
	for i := range buttons.Length() {
		value := page.Data(buttons.Index(i), "value")
		buttons.Index(i).Call("setAttribute", "aria-pressed", value == at || value == turned)
	}
	key, count := "key.none", ""
	for _, t := range pe.pairs() {
		if t.A == pair[0] && t.B == pair[1] {
			key, count = "key.pair", pe.count("key.count", "key.share", t.ForA, t.ForB)
		} else if t.B == pair[0] && t.A == pair[1] {
			key, count = "key.pair", pe.count("key.count", "key.share", t.ForB, t.ForA)
		}
	}
	replies := pe.lab.Problem.Prompts[pe.lab.Prompt()].Replies
	pe.page.ByID("key").SetMarkup(pe.order(key, replies, pair[0], pair[1], "count", count))
	pe.page.ByID("key-learns").SetText(pe.words.Say("learns." + learnsFrom(&pe.lab.Experiment.Settings)))
	pe.readout.stale = true
	pe.host.Reread()
}

// learnsFrom names what a run learns from, without what, and relative to what.
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

// settle writes the settings in a line.
func (pe *people) settle() {
	e := &pe.lab.Experiment
	name := pe.words.Say("preset.own.name")
	if e.Prompts == nil {
		name = pe.words.Say("preset." + e.Preset + ".name")
	}
	learns := pe.words.Say("objective." + e.Settings.Objective().Key)
	if how := e.Settings[core.How]; how != core.LearnDirectly {
		learns = pe.words.Say("param.how." + core.Params()[core.How].Choices[int(how)])
	}
	pe.page.ByID("settings-line").SetText(pe.words.Say("settings.line", "example", name, "loss", learns,
		"n", words.Count(float64(pe.lab.Problem.Total)), "rate", strconv.FormatFloat(e.Settings[core.Rate], 'f', -1, 64)))
}

// write writes the loss of a preference on the selected pair, with its numbers.
func (pe *people) write() {
	pair := view.WorkedPair(pe.lab)
	if pair[0] == pair[1] {
		return
	}
	v := pe.lab.Worked(pair[0], pair[1])
	pe.page.ByID("push-formula").SetMarkup(slow.PairLoss(pe.lab, &v))
	note := ""
	if pe.lab.Problem.Total > 0 && !pe.lab.Large() {
		m := pe.lab.Meter.Read(pe.lab.Run.Policy(), pe.lab.Prompt())
		note = pe.words.Say("push.note", "loss", words.Fixed(m.Loss, 3), "share", words.Percent(m.Accuracy))
	}
	pe.page.ByID("push-note").SetText(note)
	pe.draw(&v)
}

// draw draws the loss over the gap of log-ratios, with the pair's bead on it.
func (pe *people) draw(v *core.PairView) {
	curve := pe.lab.LossCurve()
	place := pe.page.ByID("push-curve")
	if place.SetHidden(!curve.Known()); !curve.Known() {
		return
	}
	var p picture.Picture
	pe.reach.Fit(&curve, v.RatioChosen-v.RatioRejected)
	loss.DrawPair(&p, pe.words, &curve, pe.reach, v.RatioChosen-v.RatioRejected, max(200, float32(place.Get("clientWidth").Float())), pe.screen.frame.Font)
	place.SetMarkup(string(picture.AppendSVG(nil, &p, nil)))
}
