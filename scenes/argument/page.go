package argument

import (
	"dpoplayground/core"
	"dpoplayground/core/num"
	"dpoplayground/scenes/mass"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/slow"
	"dpoplayground/scenes/words"
)

// A Sheet is a size, in pixels, that the opening picture is drawn in.
type Sheet struct {
	ID         string // of its place in the page, the end
	W, H, Font float32
}

// Sheets are the sizes of the opening picture. The page shows the one that fits its
// window.
var Sheets = []Sheet{{"wide", 870, 376, 15.4}, {"narrow", 363, 286, 15}}

// curveWidth is that of the curve of the loss on a window 1280 pixels wide.
const curveWidth = 346

// Open returns the lab of the ready-made experiment that the page opens with, at
// step 0, with all that the page tells of it worked out.
func Open(w words.Words) (*core.Lab, error) {
	presets := core.Presets(func(key string) string { return w.Say(key) })
	return settled(presets, presets[0].Start())
}

func settled(presets []core.Preset, e core.Experiment) (*core.Lab, error) {
	l, c := core.NewLab(presets, e)
	if c != nil {
		return nil, c
	}
	for l.Work(1000) {
	}
	return l, nil
}

// FirstVisit returns what the page's elements hold where the annotator opens it.
func FirstVisit(w words.Words) (map[string]string, error) {
	presets := core.Presets(func(key string) string { return w.Say(key) })
	l, err := settled(presets, OpenToAnnotate(presets))
	if err != nil {
		return nil, err
	}
	left, right := VotesOf(l).Next()
	page := map[string]string{"choice-left": Choice(l, left), "choice-right": Choice(l, right)}
	for _, s := range Sheets {
		page["first-"+s.ID] = bars(l, w, s)
	}
	return page, nil
}

// OpenToAnnotate returns the same experiment without anybody's choices: it waits for
// those of whoever opens the page.
func OpenToAnnotate(presets []core.Preset) core.Experiment {
	e := presets[0].Start()
	e.Settings[core.Source] = core.FromGiven
	e.View.Open = []string{Annotator}
	return e
}

// Page returns what the page's elements hold of a lab, as markup, by their ids.
func Page(l *core.Lab, w words.Words) map[string]string {
	pair, at := read.WorkedPair(l), l.Run.StepCount()
	v := l.Worked(pair[0], pair[1])
	headed, kl := "honest.optimum", "–"
	if l.HasOptimum() {
		kl = words.Fixed(l.Optimum.KL, 3)
		if !l.CanArrive() {
			headed = "honest.limit"
		}
	}
	page := map[string]string{
		"prompt":        words.Escaped(w.Say("prompts.quote", "text", l.Problem.Prompts[l.Prompt()].Text)),
		"key":           Key(l, w),
		"key-learns":    words.Escaped(Learns(&l.Experiment.Settings, w)),
		"pairs":         List(l, w),
		"people-note":   words.Escaped(Note(l, w)),
		"push-formula":  slow.PairLoss(l, &v),
		"push-note":     words.Escaped(Measured(l, w)),
		"settings-line": words.Escaped(Settings(l, w)),
		"honest-now":    words.Escaped(w.Say(w.Form("honest.now", at), "step", words.Count(float64(at)))),
		"kl-now":        words.Fixed(num.KL(l.Policy(), l.Reference()), 3),
		"honest-headed": words.Escaped(w.Say(headed)),
		"kl-optimum":    kl,
		"arrives":       words.Escaped(read.Arrives(l, w)),
	}
	var p picture.Picture
	if Curve(&p, l, &v, w, curveWidth, Sheets[0].Font) {
		page["push-curve"] = string(picture.AppendSVG(nil, &p, nil))
	}
	for _, s := range Sheets {
		page["opening-"+s.ID] = bars(l, w, s)
	}
	return page
}

// bars draws the probabilities on a sheet, as SVG, in plain bars: dots would be half of
// the page's bytes.
func bars(l *core.Lab, w words.Words, s Sheet) string {
	var names read.Teller
	var shown read.Shown
	m := mass.Mass{Focus: -1, Font: s.Font}
	shown.Choose(l)
	m.Read(l, &names, &shown)
	var p picture.Picture
	mass.NewView(w).Draw(&p, &m, nil, 0, s.W, s.H)
	return string(picture.AppendSVG(nil, &p, nil))
}
