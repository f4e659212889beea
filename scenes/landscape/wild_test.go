package landscape

import (
	"math/rand/v2"
	"slices"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/landscape"
	"dpoplayground/core/num"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
)

// wildLandscape is the landscape as the page keeps it: a field that may lag behind
// the experiment, which is dragged, stepped and changed at random.
type wildLandscape struct {
	r       *rand.Rand
	lab     *core.Lab
	view    *View
	reader  Reader
	state   Landscape
	field   *landscape.Field
	corners []int
}

func (w *wildLandscape) change() {
	e := w.lab.Experiment
	p := core.Param(w.r.IntN(int(core.ParamCount)))
	info := core.Params()[p]
	x := [...]float64{info.Min, info.Max, info.Default}[w.r.IntN(3)]
	if info.Choices != nil {
		x = float64(w.r.IntN(len(info.Choices)))
	}
	if p != core.Steps && p != core.Votes && p != core.Step {
		e.Settings[p] = x
		w.lab.Set(e)
	}
}

// drag starts the run at a place of the picture, be it outside of it.
func (w *wildLandscape) drag() {
	l := w.lab
	if len(w.corners) < 2 || slices.Max(w.corners) >= l.Arms() {
		return
	}
	shares := w.view.At(&w.state, w.r.Float32()*1600-100, w.r.Float32()*900-100, 900, 560)
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	start, sum := make([]float64, l.Arms()), 0.0
	for k, lp := range l.Policy() {
		start[k] = lp - l.Reference()[k]
	}
	for _, k := range w.corners {
		sum += num.Exp(l.Policy()[k])
	}
	for i, k := range w.corners {
		start[k] = num.Log(sum*shares[i]) - l.Reference()[k]
	}
	e := l.Experiment
	e.Start, e.Settings[core.Step] = core.StartPlace(start), 0
	l.Set(e)
}

func (w *wildLandscape) refresh() {
	l := w.lab
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	w.corners = ChooseCorners(l)
	w.reader.Read(&w.state, l, w.corners)
	if w.state.None = landscape.Pose(l, w.field, w.corners); w.state.None != landscape.FieldShown {
		return
	}
	w.field.HoldPolicy(l.Policy())
	if len(w.corners) < 3 {
		w.view.TakeLine(w.field)
		w.state.Pending = false
	} else {
		for !w.field.Work(1 << 20) {
		}
		w.view.Take(w.field, 12, true)
	}
	w.state.Loss = w.field.LossAt(l.Policy())
}

// Whatever is done to an experiment that the landscape shows, it can be drawn.
func TestWildLandscapes(t *testing.T) {
	words := scenetest.TestWords(t)
	presets := core.Presets(func(key string) string { return key })
	for i := range presets {
		lab, c := core.NewLab(presets, presets[i].Start())
		if c != nil {
			t.Fatal(c)
		}
		w := &wildLandscape{r: rand.New(rand.NewPCG(uint64(i), 9)), lab: lab, view: NewView(words), field: landscape.NewField()}
		w.state.Pending = true
		var p picture.Picture
		for range 100 {
			switch w.r.IntN(6) {
			case 0:
				w.change()
			case 1, 2:
				w.drag()
			case 3:
				lab.Seek(w.r.IntN(200))
			default:
				lab.Work(1 + w.r.IntN(300))
			}
			if w.r.IntN(3) > 0 {
				w.refresh()
			}
			w.view.Draw(&p, &w.state, 200+w.r.Float32()*1200, 150+w.r.Float32()*700)
		}
	}
}
