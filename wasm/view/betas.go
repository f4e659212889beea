//go:build js

package view

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/train"
	"dpoplayground/scenes/betas"
	"dpoplayground/scenes/frontier"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// Betas is the view of several β side by side: the present one is the lab's own
// run, the others run beside it in a panel.
type Betas struct {
	plain
	panel   *core.Panel
	paces   []Pace      // of the panel's others
	labs    []*core.Lab // by rising β
	asked   bool        // runs are on their way to their arrival, on demand
	most    int         // steps that they may take for that
	state   betas.Betas
	view    *betas.View
	problem *data.Problem
	prompt  int
	run     *train.Run
	version int // of the sweep that was read last

	toldAt float64 // when the sentences were last written, ms
	untold bool    // they are out of date
}

// tellInterval is the time between two writings of the sentences at play, ms.
const tellInterval = 150

// Enter has the βs of the experiment run, and the page show which they are.
func (b *Betas) Enter() {
	if b.panel == nil || b.panel.Lead != b.host.Lab() {
		b.drop()
		b.panel = &core.Panel{Lead: b.host.Lab(), Rest: true}
	}
	b.panel.Release()
	b.asked = false
	list, present := b.host.Lab().Experiment.SideBySide(), b.host.Lab().Beta()
	var variants []core.Variant
	for _, beta := range list {
		if beta != present {
			variants = append(variants, core.Variant{Param: core.Beta, Value: beta})
		}
	}
	for _, c := range b.panel.Compare(variants) {
		b.Complain(c)
	}
	b.order()
	b.untold = true
	b.Page.ByID("betas").SetValue(betasText(list))
}

// order lists the runs by rising β.
func (b *Betas) order() {
	lead, placed := b.panel.Lead, false
	b.labs = b.labs[:0]
	for _, l := range b.panel.Others {
		if !placed && l.Beta() > lead.Beta() {
			b.labs, placed = append(b.labs, lead), true
		}
		b.labs = append(b.labs, l)
	}
	if !placed {
		b.labs = append(b.labs, lead)
	}
	for len(b.paces) < len(b.panel.Others) {
		b.paces = append(b.paces, Pace{})
	}
}

// betasText writes a list of βs as it is typed.
func betasText(list []float64) string {
	texts := make([]string, len(list))
	for i, beta := range list {
		texts[i] = strconv.FormatFloat(beta, 'f', -1, 64)
	}
	return strings.Join(texts, ", ")
}

func (b *Betas) Leave() {
	if b.asked && b.host.Lab().Converging() {
		b.host.Lab().Seek(b.host.Lab().Run.StepCount())
	}
	b.drop()
}

// drop gives the other runs up.
func (b *Betas) drop() {
	if b.panel != nil {
		b.panel.Compare(nil)
	}
	b.panel, b.labs, b.asked = nil, nil, false
}

func (b *Betas) Work() (busy bool) {
	for i, l := range b.panel.Others {
		busy = b.paces[i].Work(l, func(n int) bool { return b.panel.WorkOn(i, n) }) || busy
	}
	if w := b.host.Lab().Sweep; busy || w != nil && w.Version != b.version {
		b.host.Reread()
	}
	if b.asked && !busy && b.host.Lab().Settled() {
		b.arrive()
		busy = true
	}
	return busy
}

func (b *Betas) Settled() bool { return b.panel.Settled() }

// Refresh reads the runs.
func (b *Betas) Refresh(float64) {
	l := b.host.Lab()
	other := l.Problem != b.problem || l.Prompt() != b.prompt
	anew := other || l.Run != b.run && !b.dragged(l)
	b.problem, b.prompt, b.run = l.Problem, l.Prompt(), l.Run
	if l.Sweep != nil {
		b.version = l.Sweep.Version
	}
	b.state.Read(b.labs, l, anew)
	b.untold = true
}

// dragged tells that the lab's run is another than before only because the
// present β was moved: the axes stay.
func (b *Betas) dragged(l *core.Lab) bool { return l.Sweep != nil && l.Sweep.Version > 1 }

func (b *Betas) Moving(float64) bool { return b.untold }

func (b *Betas) Draw(p *picture.Picture, f Frame) {
	b.state.Font = f.Font
	b.view.Draw(p, &b.state, f.W, f.H)
	if b.untold && (!b.host.Playing() || f.Now-b.toldAt >= tellInterval) {
		b.untold, b.toldAt = false, f.Now
		said := betas.Said(&b.state, b.host.Lab(), b.Words)
		b.Page.ByID("betas-said").SetText(strings.ReplaceAll(said, "β = ", "β\u00a0=\u00a0"))
		b.Page.ByID("betas-shared").SetText(betas.Shared(&b.state, b.host.Lab(), b.Words))
	}
}

// OnTarget follows what happens to columns and to handles on the axis.
func (b *Betas) OnTarget(event string, id int, x, y float32) {
	i, handle := betas.BetaHandle(id)
	switch {
	case i >= len(b.labs):
	case !handle && event == "click":
		b.choose(b.labs[i].Beta())
	case event == "press":
		b.host.Record(Moving)
	case event == "drag":
		b.move(i, frontier.NudgeBeta(b.view.BetaAt(x), 0))
	case event == "drop":
		b.host.Record(Made)
	case event == "arrow":
		b.move(i, frontier.NudgeBeta(b.labs[i].Beta(), int(x-y)))
		b.host.Record(Nudged)
	}
}

// choose makes a column's β the present one. The columns stay.
func (b *Betas) choose(beta float64) {
	e := b.host.Lab().Experiment
	list := e.SideBySide()
	e.Settings[core.Beta] = beta
	e.ChooseBetas(list)
	if b.host.Set(e) {
		b.host.Record(Made)
	}
}

// move moves a column's β, as far as the columns beside it leave room.
func (b *Betas) move(i int, beta float64) {
	const apart = 1.02
	e, info := b.host.Lab().Experiment, &core.Params()[core.Beta]
	list := e.SideBySide()
	low, high := info.Min, info.Max
	if i > 0 {
		low = list[i-1] * apart
	}
	if i+1 < len(list) {
		high = list[i+1] / apart
	}
	if i >= len(list) || beta < low || beta > high || beta == list[i] {
		return
	}
	if b.labs[i] == b.host.Lab() {
		e.Settings[core.Beta] = beta
	}
	list[i] = beta
	e.ChooseBetas(list)
	b.host.Set(e)
}

func (b *Betas) Runs() []*core.Lab { return b.labs }

// ChooseTyped takes the typed list of βs.
func (b *Betas) ChooseTyped(text string) {
	list, c := core.ParseBetas(core.SplitBetas(text))
	if c != nil {
		b.Complain(c)
		b.Page.ByID("betas").SetValue(betasText(b.host.Lab().Experiment.SideBySide()))
		return
	}
	e := b.host.Lab().Experiment
	e.ChooseBetas(list)
	if b.host.Set(e) {
		b.Page.Retract("betas")
		b.host.Record(Made)
	}
}

// Converge runs every β until it has arrived, or for at most so many steps. It
// tells whether any ever will.
func (b *Betas) Converge(most int) bool {
	b.asked, b.most = b.panel.Converge(most), most
	return b.asked
}

// Converging tells whether Converge's runs are on their way.
func (b *Betas) Converging() bool { return b.asked }

// Stop has the runs stand where they are.
func (b *Betas) Stop() {
	b.asked = false
	b.panel.Halt()
}

// Halt gives up what converge began, as the clock is sent elsewhere.
func (b *Betas) Halt() {
	b.asked = false
	b.panel.Release()
}

// arrive ends what Converge began: it says which runs have arrived and which
// never will, and lengthens the timeline to the slowest.
func (b *Betas) arrive() {
	b.asked = false
	b.panel.Arrive()
	var late, never []float64
	slowest, n := b.host.Lab(), 0
	for _, l := range b.labs {
		switch {
		case l.Arrival() >= 0:
			if n++; slowest.Arrival() < l.Arrival() {
				slowest = l
			}
		case l.ComesToRest():
			late = append(late, l.Beta())
		default:
			never = append(never, l.Beta())
		}
	}
	if n > 0 {
		b.Announce("betas.converge.done", "n", strconv.Itoa(n), "all", strconv.Itoa(len(b.labs)),
			"beta", betasText([]float64{slowest.Beta()}), "step", words.Count(float64(slowest.Arrival())))
	}
	if late != nil {
		b.Announce("betas.converge.late", "betas", betasText(late), "n", words.Count(float64(b.most)))
	}
	if never != nil {
		b.Announce("betas.converge.never", "betas", betasText(never))
	}
	e := b.host.Lab().Experiment
	e.Settings[core.Steps] = math.Max(e.Settings[core.Steps], e.Settings[core.Step])
	b.host.Set(e)
	b.host.Record(Made)
}
