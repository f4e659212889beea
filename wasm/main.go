//go:build js

// Command wasm is the playground in the browser. It runs in a frame of the
// page, draws into it with Ebitengine, and reads and writes the page's native
// controls. The state is here; the page only asks for changes and shows them.
package main

import (
	"syscall/js"

	"dpoplayground/assets"
	"dpoplayground/core"
	"dpoplayground/scenes"
	"dpoplayground/wasm/page"
	"dpoplayground/wasm/view"
)

func main() {
	catalogue, _ := assets.Catalogue("en")
	words, err := scenes.ParseWords(catalogue)
	if err != nil {
		panic(err)
	}
	a := newApp(words)
	a.begin()
	a.screen.run()
}

// An app ties the lab to the page. What the page shows and does is in sections;
// each embeds the app, by which it reaches the lab and the other sections.
type app struct {
	view.Voice
	presets []core.Preset
	lab     *core.Lab
	on      handlers
	shown   moment // what the page shows

	screen   *screen
	panels   *panels
	controls *controls
	question *question
	editor   *editor
	clock    *clock
	readout  *readout
	charts   *charts
	ledger   *ledger
	versus   *versus
	slow     *slow
	card     *card
	files    *files
	link     *link
	share    *share
}

// A section is a part of the page.
type section interface {
	// register says what the section's controls do, and what of it depends on
	// which facts.
	register(on *handlers)
}

func newApp(words scenes.Words) *app {
	scenes.NameObjectives(words)
	a := &app{Voice: view.Voice{Page: page.New(), Words: words}, on: newHandlers()}
	a.presets = core.Presets(func(key string) string { return words.Say(key) })
	a.screen, a.panels, a.controls = newScreen(a), &panels{app: a}, &controls{app: a}
	a.question, a.editor, a.clock = &question{a}, &editor{a}, &clock{app: a}
	a.readout, a.charts, a.ledger = &readout{app: a}, &charts{app: a}, &ledger{app: a}
	a.versus, a.slow, a.card = &versus{app: a}, &slow{app: a}, &card{app: a, reply: -1}
	a.files, a.link, a.share = &files{app: a}, &link{app: a}, &share{a}
	for _, s := range []section{a.versus, a.screen, a.controls, &notes{a}, a.question, a.editor, a.clock,
		&derivation{app: a}, &rewards{app: a}, &cost{a}, a.charts, a.ledger, &plane{app: a}, a.slow, a.card, a.files, a.share, a.panels} {
		s.register(&a.on)
	}
	return a
}

// begin reads the link and takes over the page.
func (a *app) begin() {
	fragment := a.Page.Playground.Get("fragment").String()
	a.link.open(fragment)
	a.link.shown = fragment
	a.Page.Playground.Call("ready", js.FuncOf(func(_ js.Value, args []js.Value) any {
		a.handle(args[0].String(), args[1])
		return nil
	}))
}

// SetAndRecord changes the experiment, as a step of the history, or says why it
// cannot.
func (a *app) SetAndRecord(e core.Experiment) bool {
	done := a.Set(e)
	if done {
		a.link.commit()
	}
	return done
}

// changed brings everything that follows the experiment up to date.
func (a *app) changed() {
	a.Reread()
	a.readout.stale, a.charts.stale = true, true
	a.versus.follow()
	a.screen.sync()
	a.on.show(a.shown.take(a.lab))
	a.screen.wake()
}
