//go:build js

// Command wasm is the playground in the browser. It runs in a frame of the
// page, draws into it with Ebitengine, and reads and writes the page's native
// controls. The state is here; the page only asks for changes and shows them. It
// may import all that runs in the browser; nothing imports it.
package main

import (
	"syscall/js"

	"dpoplayground/assets"
	"dpoplayground/core"
	"dpoplayground/core/link"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

// The program starts in several tasks: in one long one the page would hang.
func main() {
	catalogue, built := assets.Catalogue("en")
	words, err := words.Parse(catalogue)
	if err != nil || !built {
		panic("the program has no sentences: build it with go run . in the playground's folder")
	}
	page.Yield()
	const mostMessages = link.MostComplaints + 1 // of a link, and how many more there are
	p := page.New(mostMessages)
	a := newApp(p, pageWords(p, words))
	fragment := a.page.Playground.Get("fragment").String()
	a.link.open(fragment)
	a.link.shown = fragment
	if a.page.Playground.Get("first").Bool() && fragment == "" {
		a.asker.begin()
	}
	page.Yield()
	a.page.Playground.Call("ready", js.FuncOf(func(_ js.Value, args []js.Value) any {
		handle(a, args[0].String(), args[1])
		return nil
	}))
	a.screen.run()
}

// An app ties the lab to the page. What the page shows and does is in sections:
// each embeds the app, by which it reaches the lab and the other sections, and has
// a method register that says what its controls do and what of it depends on
// which facts.
type app struct {
	page    *page.Page
	words   words.Words
	presets []core.Preset
	lab     *core.Lab
	on      handlers
	shown   moment // what the page shows

	host     *host
	voice    *view.Voice
	screen   *screen
	panels   *panels
	finger   finger
	controls *controls
	question *question
	people   *people
	asker    *annotator
	editor   *editor
	clock    *clock
	readout  *readout
	charts   *charts
	ledger   *accounts
	versus   *versus
	slow     *slowMotion
	card     *card
	files    *files
	realRuns *realRuns
	link     *address
	share    *share
	glossary *glossary
	lessons  *lessons
	handout  *handout
	prepare  *prepare
}

func newApp(p *page.Page, w words.Words) *app {
	read.NameObjectives(w)
	words.UseNumbers(w)
	a := &app{page: p, words: w, on: newHandlers()}
	a.host, a.voice = &host{a}, &view.Voice{Page: a.page, Words: w}
	a.presets = core.Presets(func(key string) string { return w.Say(key) })
	a.screen, a.panels, a.controls = newScreen(a), &panels{app: a}, &controls{app: a}
	a.question, a.people, a.editor, a.clock = &question{a}, &people{a}, &editor{a}, &clock{app: a}
	a.readout, a.charts, a.ledger = &readout{app: a}, &charts{app: a}, &accounts{app: a}
	a.versus, a.slow, a.card = &versus{app: a}, &slowMotion{app: a}, &card{app: a, reply: -1}
	a.files, a.link, a.share, a.realRuns = &files{app: a}, &address{app: a}, &share{a}, &realRuns{app: a}
	a.glossary, a.lessons, a.handout, a.asker = &glossary{app: a}, &lessons{app: a}, &handout{app: a}, &annotator{app: a}
	a.prepare = &prepare{app: a}
	// In this order what has changed is shown, and a key is offered: the clock takes
	// any that nothing else does, and panels open as the others want.
	for _, register := range []func(on *handlers){a.screen.register, a.lessons.register, a.controls.register, (&notes{app: a}).register, a.question.register, a.people.register,
		a.asker.register, a.editor.register, (&derivation{app: a}).register, (&rewards{app: a}).register, (&cost{a}).register,
		a.charts.register, a.ledger.register, a.versus.register, (&plane{app: a}).register, a.slow.register, a.card.register,
		a.clock.register, a.files.register, a.realRuns.register, a.share.register, a.glossary.register, a.handout.register, a.prepare.register, a.panels.register} {
		register(&a.on)
	}
	return a
}
