//go:build js

package main

import (
	"math"
	"strings"
	"syscall/js"

	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// A term is a word or a symbol that the glossary explains. Its two sentences are in
// the catalogue under its key, and its name under the key and ".name".
type term struct {
	key string
	// now returns what fills the sentence under the key and ".now", which gives this
	// run's own number; nothing where the run has no such number. It is nil for a
	// term that has no number.
	now func(l *core.Lab) []string
}

// terms lists what the glossary explains.
var terms = [...]term{
	{"gloss.dpo", nil},
	{"gloss.pi", func(l *core.Lab) []string { return topShare(l, l.Policy()) }},
	{"gloss.ref", func(l *core.Lab) []string { return topShare(l, l.Reference()) }},
	{"gloss.beta", func(l *core.Lab) []string { return []string{"beta", words.Decimal(l.Beta())} }},
	{"gloss.kl", func(l *core.Lab) []string { return []string{"kl", words.Fixed(num.KL(l.Policy(), l.Reference()), 3)} }},
	{"gloss.pair", func(l *core.Lab) []string { return ofPair(l, func(float64) string { return "" }) }},
	{"gloss.sigma", func(l *core.Lab) []string {
		return ofPair(l, func(margin float64) string { return words.Fixed(num.Sigmoid(margin), 3) })
	}},
	{"gloss.ratio", func(l *core.Lab) []string { return topRatio(l, 1) }},
	{"gloss.implicit", func(l *core.Lab) []string { return topRatio(l, l.Beta()) }},
	{"gloss.margin", func(l *core.Lab) []string {
		return ofPair(l, func(margin float64) string { return words.Signed(margin, 3) })
	}},
	{"gloss.logit", nil},
	{"gloss.nats", func(l *core.Lab) []string {
		kl := num.KL(l.Policy(), l.Reference())
		return []string{"kl", words.Fixed(kl, 3), "bits", words.Fixed(kl/math.Ln2, 3)}
	}},
	{"gloss.z", partition},
	{"gloss.bt", fittedShare},
	{"gloss.accuracy", nil},
	{"gloss.entropy", func(l *core.Lab) []string { return []string{"entropy", words.Fixed(num.Entropy(l.Policy()), 3)} }},
	{"gloss.rlhf", nil},
	{"gloss.rm", nil},
	{"gloss.ppo", nil},
	{"gloss.onpolicy", func(l *core.Lab) []string { return []string{"n", words.Count(float64(l.Run.Cost().Replies))} }},
}

// top returns the reply with the highest probability now, and its text.
func top(l *core.Lab) (reply int, text string) {
	policy := l.Policy()
	for k := range policy {
		if policy[k] > policy[reply] {
			reply = k
		}
	}
	return reply, replyText(l, reply)
}

func replyText(l *core.Lab, reply int) string {
	return read.Quoted(read.Told(l.Problem.Prompts[l.Prompt()].Replies, reply))
}

// topShare returns what a log-policy gives to the top reply, in percent.
func topShare(l *core.Lab, logPi []float64) []string {
	reply, text := top(l)
	return []string{"reply", text, "n", words.Percent(num.Exp(logPi[reply]))}
}

// topRatio returns the top reply's log-ratio, in nats, times a factor.
func topRatio(l *core.Lab, factor float64) []string {
	reply, text := top(l)
	return []string{"reply", text, "n", words.Signed(factor*(l.Policy()[reply]-l.Reference()[reply]), 3)}
}

// ofPair returns the worked pair, and a number of its margin, β times the
// difference of the log-ratios.
func ofPair(l *core.Lab, number func(margin float64) string) []string {
	pair := read.WorkedPair(l)
	if pair[0] == pair[1] {
		return nil
	}
	ratio := func(k int) float64 { return l.Policy()[k] - l.Reference()[k] }
	return []string{"chosen", replyText(l, pair[0]), "rejected", replyText(l, pair[1]), "n", number(l.Beta() * (ratio(pair[0]) - ratio(pair[1])))}
}

// partition returns β log Z where the derivation shows it.
func partition(l *core.Lab) []string {
	if l.Scores == nil || !l.Scores.Computed || l.Veiled() {
		return nil
	}
	return []string{"n", words.Fixed(l.Optimum.Objective(l.Beta()), 3)}
}

// fittedShare returns the share of preferences that the fitted scores predict for
// the worked pair.
func fittedShare(l *core.Lab) []string {
	args := ofPair(l, func(float64) string { return "" })
	if args == nil || l.Scores == nil || !l.Scores.Computed || l.Veiled() {
		return nil
	}
	pair := read.WorkedPair(l)
	share := num.Sigmoid(l.Scores.Score[pair[0]] - l.Scores.Score[pair[1]])
	if math.IsNaN(share) {
		return nil
	}
	args[len(args)-1] = words.Percent(share)
	return args
}

// glossary explains terms in popovers, which buttons open: those of index.html
// with popovertarget, and those that it puts wherever data-terms names terms.
type glossary struct {
	*app
	shown *term        // nil for none
	now   page.Element // where its number stands
}

func (g *glossary) register(on *handlers) {
	on.do["gloss"] = g.place
	on.tells = append(on.tells, panelWriter{"", g.write})
	box := g.page.ByID("glossary")
	box.Call("replaceChildren") // an earlier program's
	for i := range terms {
		g.makePopover(box.Value, terms[i].key)
	}
	for _, row := range g.page.All("[data-terms]") {
		row.Call("replaceChildren")
		for _, name := range strings.Fields(page.Data(row.Value, "terms")) {
			g.makeButton(row.Value, "gloss."+name)
		}
	}
}

// popoverID returns the id of a term's popover.
func popoverID(key string) string { return strings.Replace(key, ".", "-", 1) }

func (g *glossary) makePopover(parent js.Value, key string) {
	box := g.page.Make(parent, "div", "explained")
	name := g.page.Make(box, "b", "")
	name.Set("id", popoverID(key)+"-name")
	name.Set("textContent", g.words.Say(key+".name"))
	g.page.Make(box, "p", "").Set("textContent", g.words.Say(key))
	g.page.Make(box, "p", "now")
	for attr, value := range map[string]string{"id": popoverID(key), "popover": "", "role": "dialog", "aria-labelledby": popoverID(key) + "-name", "tabindex": "-1", "autofocus": ""} {
		box.Call("setAttribute", attr, value)
	}
}

func (g *glossary) makeButton(parent js.Value, key string) {
	button := g.page.Make(parent, "button", "gloss")
	button.Set("type", "button")
	button.Set("textContent", g.words.Say(key+".name"))
	button.Get("dataset").Set("do", "gloss")
	button.Call("setAttribute", "popovertarget", popoverID(key))
}

// place puts the popover that a button is about to open below the button, or above
// it in the lower half of the window.
func (g *glossary) place(button js.Value) {
	box := g.page.ByID(button.Call("getAttribute", "popovertarget").String())
	if box.IsNull() {
		return
	}
	at, window := button.Call("getBoundingClientRect"), g.page.Window
	w, h := float32(window.Get("innerWidth").Float()), float32(window.Get("innerHeight").Float())
	const margin = 6
	wide := min(explainedWidth*g.page.FontSize(), w-2*margin)
	style := box.Get("style")
	style.Set("left", px(max(margin, min(float32(at.Get("left").Float()), w-wide-margin))))
	above, below := "auto", "auto"
	if y := float32(at.Get("top").Float()); y > h/2 {
		above = px(h - y + margin)
	} else {
		below = px(float32(at.Get("bottom").Float()) + margin)
	}
	style.Set("bottom", above)
	style.Set("top", below)
}

// explainedWidth is the width of a popover in page.css, in rem.
const explainedWidth = 22

// toggle follows a popover that was opened or closed.
func (g *glossary) toggle(event js.Value) {
	box := event.Get("target")
	if !box.Call("matches", ".explained").Bool() {
		return
	}
	g.shown = nil
	if event.Get("newState").String() != "open" {
		return
	}
	for i := range terms {
		if popoverID(terms[i].key) == box.Get("id").String() {
			g.shown, g.now = &terms[i], page.Element{Value: box.Get("lastElementChild")}
		}
	}
	g.write()
}

// write writes this run's number into the popover that is open.
func (g *glossary) write() {
	if g.shown == nil || g.shown.now == nil {
		return
	}
	text := ""
	if args := g.shown.now(g.lab); args != nil {
		text = g.words.Say(g.shown.key+".now", args...)
	}
	g.now.SetText(text)
}

// holds tells whether an event is in a popover, which then closes on Escape.
func (g *glossary) holds(event js.Value) bool {
	_, in := page.Closest(event.Get("target"), ".explained")
	return in
}
