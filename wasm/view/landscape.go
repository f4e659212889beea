//go:build js

package view

import (
	"math"
	"slices"
	"time"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/landscape"
	"dpoplayground/core/num"
	"dpoplayground/core/train"
	landscapeview "dpoplayground/scenes/landscape"
	"dpoplayground/scenes/picture"
)

// A landscapeView shows what is being descended: the loss over the probabilities
// of three replies. A press into it starts the run there.
type landscapeView struct {
	plain
	scene  *landscapeview.View
	state  landscapeview.Landscape
	reader landscapeview.Reader
	field  *landscape.Field

	problem *data.Problem // that the corners are of
	prompt  int
	corners []int

	listed       []int // corners that the page's lists show, and of what
	listedOf     *data.Problem
	listedPrompt int

	posed    bool      // the field is of the present experiment
	moves    bool      // the loss itself changes as the run goes on
	anew     bool      // its scale of colours begins anew
	due      bool      // what it holds fast has moved
	placedAt float64   // when that was last taken, ms
	held     []float64 // log π of all replies then
	filling  bool      // the field is not whole
	taken    int       // how many of the field's grids the scene has taken
	arrows   int       // along a side, that the scene has
	frame    Frame     // of the last picture
}

const (
	placeInterval  = 120                  // between two fields while a run plays, ms
	fieldSlice     = time.Millisecond     // of work on a field
	fieldAtOnce    = 4 * time.Millisecond // of work on it before a frame is drawn
	fieldCells     = 200                  // filled in between two looks at the clock
	seenChange     = 0.002                // of a probability that is held, before there is a new one
	startNudge     = 0.02                 // how far an arrow key moves the start, of the triangle's side
	manyArrows     = 12                   // along a side
	fewArrows      = 8                    // on a small picture
	smallLandscape = 420                  // pixels
)

// Enter takes over an experiment.
func (v *landscapeView) Enter() {
	v.posed, v.due = false, true
	v.listedOf = nil
	v.host.Reread()
}

// choose settles which replies are the corners. What is chosen by itself becomes
// a choice of the experiment once it is known where the run is headed.
func (v *landscapeView) choose() {
	l := v.host.Lab()
	if c := l.Experiment.View.Corners; c != [3]int{} && slices.Max(c[:]) < l.Arms() {
		v.corners = append(v.corners[:0], c[:]...)
	} else if l.Problem != v.problem || l.Prompt() != v.prompt || l.WorkingOut() || len(v.corners) != min(3, l.Arms()) {
		v.corners = landscapeview.ChooseCorners(l)
		v.posed = false
	}
	if !l.WorkingOut() {
		v.problem, v.prompt = l.Problem, l.Prompt()
	}
	if l.Arms() > len(v.corners) && !l.WorkingOut() && l.Experiment.View.Corners == [3]int{} {
		v.setCorners([3]int(v.corners))
	}
	v.syncCorners()
}

// setCorners makes replies the corners of the landscape.
func (v *landscapeView) setCorners(corners [3]int) {
	e := v.host.Lab().Experiment
	e.View.Corners = corners
	v.host.Set(e)
	v.host.Record(Noted)
}

func (v *landscapeView) Refresh(now float64) {
	v.choose()
	v.reader.Read(&v.state, v.host.Lab(), v.corners)
	s := &v.host.Lab().Experiment.Settings
	v.moves = s[core.How] == core.LearnByRLHF || s[core.RefEvery] > 0
	if v.moves || v.host.Lab().Arms() > len(v.corners) && !slices.Equal(v.held, v.host.Lab().Policy()) {
		v.due = true
	}
	v.follow(now)
	v.state.Loss = v.lossNow()
	v.syncHints()
}

// syncHints shows those of the page's hints of which the picture has what they
// explain.
func (v *landscapeView) syncHints() {
	s, surface, triangle := &v.state, v.state.None == landscape.FieldShown, len(v.corners) == 3
	for _, hint := range [...]struct {
		id    string
		shown bool
	}{
		{"hint-triangle", surface && triangle}, {"hint-line", surface && len(v.corners) == 2}, {"hint-start", s.Movable},
		{"hint-arrows", surface && triangle && v.arrows > 0}, {"hint-curve", len(s.Curve) > 1},
		{"hint-loss", surface && !s.Reward}, {"hint-held", surface && s.Held > 0},
	} {
		v.Page.ByID(hint.id).SetHidden(!hint.shown)
	}
}

// follow takes over what the field is made of, where that has changed, and goes
// OnTarget with the field for as long as a frame can wait.
func (v *landscapeView) follow(now float64) {
	if !v.due || v.posed && v.host.Playing() && (v.filling || now-v.placedAt < placeInterval || !v.moves && !v.hasMoved()) {
		return
	}
	if !v.posed || v.moves {
		v.state.None = landscape.Pose(v.host.Lab(), v.field, v.corners)
		v.anew = v.anew || !v.posed
		v.state.Pending = v.state.Pending || !v.posed
	}
	v.due, v.posed, v.placedAt, v.taken = false, true, now, 0
	v.held = append(v.held[:0], v.host.Lab().Policy()...)
	if v.state.None != landscape.FieldShown {
		return
	}
	v.field.HoldPolicy(v.host.Lab().Policy())
	if len(v.corners) < 3 {
		v.scene.TakeLine(v.field)
		v.state.Pending = false
		return
	}
	v.filling = v.fill(fieldAtOnce)
	v.take()
}

// hasMoved tells that what the field holds fast has moved enough to be seen.
func (v *landscapeView) hasMoved() bool {
	for k, lp := range v.host.Lab().Policy() {
		if d := num.Exp(lp) - num.Exp(v.held[k]); math.Abs(d) > seenChange && !slices.Contains(v.corners, k) {
			return true
		}
	}
	return false
}

// fill goes on with the field, and tells whether anything is left.
func (v *landscapeView) fill(slice time.Duration) (busy bool) {
	for start := time.Now(); time.Since(start) < slice; {
		if v.field.Work(fieldCells) {
			return false
		}
	}
	return true
}

// take hands the scene what grids are new.
func (v *landscapeView) take() {
	arrows := manyArrows
	if min(v.frame.W, v.frame.H) < smallLandscape {
		arrows = fewArrows
	}
	if v.host.Lab().Experiment.Settings[core.PolicyChoice] != train.TabularPolicy {
		arrows = 0 // weights move otherwise
	}
	if grids := v.field.Grids(); grids > v.taken || grids > 0 && arrows != v.arrows {
		v.scene.Take(v.field, arrows, v.anew)
		v.taken, v.arrows, v.anew, v.state.Pending = grids, arrows, false, false
		v.host.Redraw()
		v.syncHints()
	}
}

func (v *landscapeView) isShown() bool {
	return v.posed && v.state.None == landscape.FieldShown && len(v.corners) == 3
}

func (v *landscapeView) Work() bool {
	if v.isShown() {
		v.filling = v.fill(fieldSlice)
		v.take()
	}
	return v.isShown() && v.filling
}

// lossNow is the loss where the policy is.
func (v *landscapeView) lossNow() float64 {
	if !v.posed || v.state.None != landscape.FieldShown || len(v.corners) < 2 {
		return math.NaN()
	}
	return v.field.LossAt(v.host.Lab().Policy())
}

func (v *landscapeView) Moving(float64) bool { return v.due }

func (v *landscapeView) Draw(p *picture.Picture, f Frame) {
	v.frame = f
	v.follow(f.Now)
	if v.isShown() {
		v.take() // for a picture of another size
	}
	v.state.Font = f.Font
	v.scene.Draw(p, &v.state, f.W, f.H)
}

func (v *landscapeView) OnTarget(event string, _ int, x, y float32) {
	switch event {
	case "press":
		v.host.Play(false)
		v.startAt(v.scene.At(&v.state, x, y, v.frame.W, v.frame.H))
	case "drag":
		v.startAt(v.scene.At(&v.state, x, y, v.frame.W, v.frame.H))
	case "drop":
		v.host.Record(Made)
		v.host.Play(true)
	case "arrow":
		v.host.Play(false)
		v.startAt(v.scene.Nudge(&v.state, x*startNudge, y*startNudge))
		v.host.Record(Nudged)
	}
}

// startAt starts the run where the corners have given shares of what they have
// together; the other replies start where they are now.
func (v *landscapeView) startAt(shares [3]float64) {
	l := v.host.Lab()
	if len(v.corners) < 2 || slices.Max(v.corners) >= l.Arms() {
		return // they are of another question, before a frame has shown this one
	}
	l.Meter.ReadPrompt(l.Run.Policy(), l.Prompt())
	start := make([]float64, l.Arms())
	sum := 0.0
	for k, lp := range l.Policy() {
		start[k] = lp - l.Reference()[k]
	}
	for _, k := range v.corners {
		sum += num.Exp(l.Policy()[k])
	}
	if !(sum > 0) {
		return
	}
	for i, k := range v.corners {
		start[k] = num.Log(sum*shares[i]) - l.Reference()[k]
	}
	e := l.Experiment
	e.Start = core.StartPlace(start)
	e.Settings[core.Step] = 0
	v.host.Record(Moving)
	v.host.Set(e)
}

// StartAtReference takes back where the run starts.
func (v *landscapeView) StartAtReference() {
	e := v.host.Lab().Experiment
	e.Start = nil
	if v.host.Set(e) {
		v.host.Record(Made)
	}
}

// syncCorners shows the corners in the page's lists.
func (v *landscapeView) syncCorners() {
	l := v.host.Lab()
	if slices.Equal(v.listed, v.corners) && v.listedOf == l.Problem && v.listedPrompt == l.Prompt() {
		return
	}
	v.listed, v.listedOf, v.listedPrompt = append(v.listed[:0], v.corners...), l.Problem, l.Prompt()
	v.Page.ByID("landscape-corners").SetHidden(l.Arms() <= 3)
	if l.Arms() <= 3 {
		return
	}
	for i, id := range cornerLists {
		v.Page.ByID(id).Offer(Quoted(l.Problem.Prompts[l.Prompt()].Replies), v.corners[i])
	}
}

// cornerLists are the page's lists of replies for the corners.
var cornerLists = [3]string{"corner-top", "corner-left", "corner-right"}

// ChooseCorner takes the corner that a list names. Where another corner has that
// reply, the two change places.
func (v *landscapeView) ChooseCorner(list string, chosen int) {
	corners := [3]int(v.corners)
	i := slices.Index(cornerLists[:], list)
	if j := slices.Index(corners[:], chosen); j >= 0 {
		corners[j] = corners[i]
	}
	corners[i] = chosen
	v.setCorners(corners)
	v.host.Record(Made)
}
