//go:build js

// Package view is the six ways of looking at an experiment: each asks the lab
// for what it shows, works on that a slice at a time, draws it and follows what
// happens to its targets. It asks the program for no more than a Host has. It
// imports core, scenes and wasm/page.
package view

import (
	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/landscape"
	"dpoplayground/scenes/betas"
	"dpoplayground/scenes/frontier"
	landscapeview "dpoplayground/scenes/landscape"
	"dpoplayground/scenes/loss"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/race"
	"dpoplayground/scenes/words"
	"dpoplayground/wasm/page"
)

// A View is one way of looking at the experiment. The frame shows one at a
// time, and a switch from one to another changes no run.
type View interface {
	// Enter is called when the view is chosen, and while it is shown when the
	// experiment changes: the view asks for what it needs.
	Enter()
	// Leave is called when another view is chosen: the view gives up what it made
	// the lab do.
	Leave()
	// Work does a slice, about a millisecond, of what only this view needs, and
	// tells whether anything is left.
	Work() (busy bool)
	// Settled tells whether the view's own runs stand where the lab's does. Play
	// waits for them.
	Settled() bool
	// Refresh reads the lab into the plain data that the view's scene draws.
	Refresh(now float64)
	// Moving tells whether an animation is under way.
	Moving(now float64) bool
	// Draw makes the picture.
	Draw(p *picture.Picture, f Frame)
	// Runs returns the labs that the view shows beside the experiment's own, which
	// may be among them.
	Runs() []*core.Lab
	// OnTarget follows what happens to a target, as paint.NewLayer tells it.
	OnTarget(event string, id int, x, y float32)
}

// A Frame is what a picture is drawn for.
type Frame struct {
	Now  float64 // ms
	W, H float32 // pixels
	Font float32 // size of the page's text, pixels
}

// A Host is what a view may ask of the program.
type Host interface {
	// Lab returns the lab of the experiment's own run.
	Lab() *core.Lab
	// Compared returns the labs of the runs that it is compared with.
	Compared() []*core.Lab
	// Playing tells whether the timeline plays, and Play starts or stops it.
	Playing() bool
	Play(on bool)
	// Seek sends every run to a step of the timeline.
	Seek(step int)
	// Set changes the experiment, or says why it cannot.
	Set(e core.Experiment) bool
	// Record writes a change of the experiment into the page's address.
	Record(c Change)
	// Reread asks for Refresh and Draw before the next frame, and Redraw for Draw.
	Reread()
	Redraw()
	// Focus gives the focus to a target of the picture.
	Focus(id int)
}

// A Change tells what the browser's history makes of a change.
type Change int

const (
	Moving Change = iota // one of many movements of a control that is still held
	Made                 // a step of the history; what moved has been let go
	Nudged               // a small change of the present step of the history
	Noted                // a change of the present step that can wait
)

// A Voice says sentences of the catalogue across the top of the page.
type Voice struct {
	Page  *page.Page
	Words words.Words
}

// Announce shows a sentence as news.
func (v *Voice) Announce(key string, args ...string) {
	v.Page.Message(v.Words.Say(key, args...), "news", v.Words.Say("message.close"), "")
}

// Complain shows what is wrong with a value, and that nothing was changed.
func (v *Voice) Complain(c *data.Complaint) {
	v.Page.Retract(c.Field)
	v.Page.Message(words.Complain(c, v.Words), "", v.Words.Say("message.close"), c.Field)
}

// Views are the views of an experiment.
type Views struct {
	All       []View // by the values of core.ViewChoice
	Mass      *massView
	Betas     *Betas
	Landscape *landscapeView
}

// New returns the views before any has been entered.
func New(host Host, voice *Voice) Views {
	p, words := plain{host, voice}, voice.Words
	v := Views{Mass: &massView{plain: p, bars: newBars(words)}, Betas: &Betas{plain: p, view: betas.NewView(words)},
		Landscape: &landscapeView{plain: p, scene: landscapeview.NewView(words), field: landscape.NewField()}}
	v.All = []View{core.ViewMass: v.Mass, core.ViewBetas: v.Betas, core.ViewLandscape: v.Landscape,
		core.ViewFrontier: &frontierView{plain: p, scene: frontier.NewView(words)},
		core.ViewLoss:     &lossView{plain: p, view: loss.NewView(words), focus: -1},
		core.ViewRace:     &raceView{plain: p, view: race.NewView(words), ops: 20_000}}
	return v
}

// A plain view needs nothing; others embed it.
type plain struct {
	host Host
	*Voice
}

func (plain) Enter() {}

func (plain) Leave() {}

func (plain) Work() bool { return false }

func (plain) Settled() bool { return true }

func (plain) Refresh(float64) {}

func (plain) Moving(float64) bool { return false }

func (plain) Runs() []*core.Lab { return nil }

func (plain) OnTarget(string, int, float32, float32) {}
