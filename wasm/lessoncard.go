//go:build js

package main

import (
	"strconv"
	"strings"

	"dpoplayground/core/lesson"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// write writes the card of the step that is shown, where it has changed.
func (ls *lessons) write() {
	if !ls.isOpen() {
		return
	}
	p := ls.page
	p.ByID("lesson-name").SetText(ls.words.Say(ls.words.Form("lesson.name", ls.lesson.Minutes), "title", ls.lesson.Title, "n", strconv.Itoa(ls.lesson.Minutes)))
	if len(ls.faults) > 0 {
		p.ByID("lesson-title").SetText(ls.lesson.File)
		p.ByID("lesson-give").SetHidden(true)
		p.ByID("lesson-count").SetText("")
		p.ByID("lesson-dots").SetMarkup("")
		p.ByID("lesson-body").SetMarkup(ls.faultList())
		return
	}
	ls.arrive()
	ls.veil()
	p.ByID("lesson-count").SetText(ls.words.Say("lesson.count", "i", strconv.Itoa(ls.at+1), "n", strconv.Itoa(len(ls.lesson.Steps))))
	p.ByID("lesson-title").SetMarkup(ls.filled(ls.step().Title))
	p.ByID("lesson-body").SetMarkup(ls.body())
	p.ByID("lesson-wandered").SetHidden(!ls.wandered())
	p.ByID("lesson-back").Set("disabled", ls.at == 0)
	next := "lesson.next"
	if _, placed := ls.bets[ls.at]; ls.at+1 == len(ls.lesson.Steps) {
		next = "lesson.end"
	} else if ls.step().Ask.Kind != lesson.NoQuestion && !placed {
		next = "lesson.skip"
	}
	p.ByID("lesson-next-name").SetText(ls.words.Say(next))
	p.ByID("lesson-dots").SetMarkup(ls.dots())
	last := ls.at+1 == len(ls.lesson.Steps)
	p.ByID("lesson-give").SetHidden(!last)
	if !last {
		p.ByID("lesson-receipt-box").SetHidden(true)
	}
}

// body writes the step as markup.
func (ls *lessons) body() string {
	var b strings.Builder
	s := ls.step()
	for _, text := range s.Text {
		b.WriteString("<p>" + ls.filled(text) + "</p>")
	}
	if s.Code != "" {
		b.WriteString("<pre><code>" + words.Escaped(s.Code) + "</code></pre>")
	}
	if s.Ask.Kind != lesson.NoQuestion {
		b.WriteString(`<p class="asked">` + ls.filled(s.Ask.Text) + "</p>")
		ls.addAnswers(&b, s)
	}
	_, placed := ls.bets[ls.at]
	do := s.Do != "" && (placed || s.Ask.Kind == lesson.NoQuestion)
	if do && !ls.revealed() {
		b.WriteString("<p>" + ls.filled(s.Do) + "</p>")
	}
	switch {
	case ls.revealed():
		ls.addReveal(&b, s)
		if do && s.Run == 0 {
			b.WriteString("<p>" + ls.filled(s.Do) + "</p>")
		}
	case placed && s.Run > 0:
		b.WriteString(`<p class="hint">` + ls.words.Say("lesson.waits", "n", words.Count(float64(s.Run))) +
			` <button type="button" class="exhibit" data-do="lesson-now">` + ls.words.Say("lesson.now") + "</button></p>")
	}
	return b.String()
}

// addAnswers writes what can be answered, or what was.
func (ls *lessons) addAnswers(b *strings.Builder, s *lesson.Step) {
	bet, placed := ls.bets[ls.at]
	if s.Ask.Kind == lesson.Choices {
		b.WriteString(`<div class="choose">`)
		for i, c := range s.Ask.Choices {
			n := strconv.Itoa(i)
			state := ""
			if placed {
				state = " disabled"
			}
			b.WriteString(`<button type="button" data-do="lesson-choose" data-value="` + n + `" aria-pressed="` + strconv.FormatBool(placed && bet == n) + `"` + state + `><span>` +
				ls.filled(c.Text) + `</span><kbd aria-hidden="true">` + strconv.Itoa(i+1) + `</kbd></button>`)
		}
		b.WriteString(`</div>`)
		return
	}
	if placed {
		return
	}
	low, high := s.Ask.Low, s.Ask.High
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	b.WriteString(`<div class="choose"><input type="range" data-do-input="lesson-guess" min="` + number(low) + `" max="` + number(high) + `" step="any" value="` + number((low+high)/2) +
		`" aria-label="` + words.Escaped(s.Ask.Text) + `"><output id="lesson-guess-now">` + ls.guessText((low+high)/2) + `</output>` +
		`<button type="button" data-do="lesson-bet">` + ls.words.Say("lesson.bet") + `</button></div>`)
	ls.guess = number((low + high) / 2)
}

// guessText writes a guess with the digits of the number guessed.
func (ls *lessons) guessText(x float64) string {
	return numberText(ls.prover.Number(ls.step().Ask.Number), x)
}

// addReveal writes what is said of the bet, what happened, and why.
func (ls *lessons) addReveal(b *strings.Builder, s *lesson.Step) {
	b.WriteString(`<div class="reveal" role="status">`)
	for _, text := range append([]string{ls.verdict(s)}, s.Reveal...) {
		if text != "" {
			b.WriteString("<p>" + ls.filled(text) + "</p>")
		}
	}
	if s.Why != "" {
		b.WriteString("<p><b>" + ls.words.Say("lesson.why") + ".</b> " + ls.filled(s.Why) + "</p>")
	}
	b.WriteString("</div>")
}

// verdict is what is said of the bet.
func (ls *lessons) verdict(s *lesson.Step) string {
	bet := ls.bets[ls.at]
	if s.Ask.Kind == lesson.Choices {
		i, _ := strconv.Atoi(bet)
		return s.Ask.Choices[i].Said
	}
	x, _ := strconv.ParseFloat(bet, 64)
	said := ls.words.Say("lesson.said", "bet", ls.guessText(x), "value", ls.value(s.Ask.Number))
	if truth, known := ls.prover.Value(s.Ask.Number); known {
		said += " " + s.Ask.Of(x, truth)
	}
	return strings.TrimSpace(said)
}

// filled writes a text as markup, with its numbers.
func (ls *lessons) filled(text string) string {
	var b strings.Builder
	for {
		before, name, after, found := lesson.Place(text)
		b.WriteString(words.Escaped(before))
		if !found {
			return b.String()
		}
		b.WriteString("<b>" + ls.value(name) + "</b>")
		text = after
	}
}

func (ls *lessons) dots() string {
	var b strings.Builder
	for i := range ls.lesson.Steps {
		class, current := "", ""
		if _, placed := ls.bets[i]; placed {
			class = "answered"
		}
		if i == ls.at {
			current = ` aria-current="step"`
		}
		name := ls.words.Say("lesson.count", "i", strconv.Itoa(i+1), "n", strconv.Itoa(len(ls.lesson.Steps)))
		b.WriteString(`<button type="button" data-do="lesson-step" data-row="` + strconv.Itoa(i) + `" class="` + class + `"` + current + ` aria-label="` + name + `"><i></i></button>`)
	}
	return b.String()
}

// faultList says what is wrong with the lesson's file.
func (ls *lessons) faultList() string {
	var b strings.Builder
	n := len(ls.faults)
	b.WriteString(`<div class="faults" role="alert"><p>` + ls.words.Say(ls.words.Form("lesson.faults", n), "n", strconv.Itoa(n)) + "</p><ul>")
	for _, f := range ls.faults {
		why := ""
		if f.Complaint != nil {
			why = words.Complain(f.Complaint, ls.words)
		}
		expected := ls.words.Say("lesson.expect."+f.Code, "allowed", f.Allowed, "why", why)
		b.WriteString("<li>" + words.Escaped(ls.words.Say("lesson.fault", "file", f.File, "line", strconv.Itoa(f.Line), "found", f.Found, "expected", expected)) + "</li>")
	}
	b.WriteString("</ul></div>")
	return b.String()
}

// bring opens a lesson that was dropped on the page, and tells whether a file is
// one.
func (ls *lessons) bring(name, text string) bool {
	if !lesson.Is(text) {
		return false
	}
	ls.awaited = ""
	ls.open(ownLesson, name, text, 0, true)
	page.Show(ls.page.ByID("lesson").Value)
	return true
}
