// Package race draws DPO and RLHF on their way to the same goal, over updates and over
// replies, and tells how the race went. It may import core/race and scenes/chart.
package race

import (
	"math"
	"strconv"
	"strings"

	"dpoplayground/scenes/chart"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/words"
)

// A Race is what the race view shows: DPO and RLHF on the same votes, in two
// lanes with what they have taken so far, and how far each is from the goal over
// its updates and over the replies it generated.
type Race struct {
	lanes   [2]lane // DPO above, RLHF below
	nothing string  // why there is no race at all; then there is nothing else
	step    int
	steps   int // of the timeline

	// goal says what distances are counted from: an optimum, a limit that is
	// never reached, or, where that is Unknown, the reference.
	goal picture.Reached
	near float64 // the distance that counts as arrived; 0 for none

	// end is what the axes end at, unit what their first step is: up to there
	// they are about even, from there on logarithmic.
	end, unit [2]float64
	Axis      int // the one that is shown where there is room for one: overUpdates or overReplies

	seeds, done int     // runs that the bands are made of, and those that are in
	Font        float32 // size of the page's text in pixels; 0 for 16
}

// The axes of a race.
const (
	overUpdates = iota
	overReplies
)

// A lane is one of the two runs.
type lane struct {
	name, kind string   // DPO, RLHF; and in short what it is: full batch, PPO
	missing    string   // why there is no such run; then there is nothing else
	stages     []string // what is done in them
	stage      int      // the one at hand, from 0
	counts     [counts]int
	bars       []bar
	reached    picture.Reached // of the bars' optimum

	distance float64    // from the goal, now
	at       [2]float64 // on both axes, now
	// path is the distance over the run's whole timeline, as far as it is known;
	// x holds where its points are on both axes.
	path      []float64
	x         [2][]float64
	low, high []float64  // the band of several seeds, at x; nil for none
	arrived   [2]float64 // from where it stays within near, on both axes; below 0 for nowhere
	several   bool       // the run is one of several, by seed
	apart     float64    // distance of where it is headed from the goal; 0 if that is the goal, or not known
}

// What a lane counts, in order.
const (
	models = iota
	generated
	scored
	updated
	counts
)

// A bar is a reply's probabilities.
type bar struct{ policy, reference, optimum float64 }

// IDs of a race's targets. The plots can be dragged, the tabs pressed.
const (
	PlotID = 1 // and the next, by axis
	TabID  = 11
)

// A View draws a Race. It keeps the words and the strings it has made, so
// that a frame in which nothing changes allocates nothing.
type View struct {
	words   words.Words
	counts  [2][counts]words.Kept[float64]
	arrival [2][2]words.Kept[ring] // by lane and axis
	ends    [2]words.Kept[float64]
	placed  [2]placed // by axis
	seeds   string
	said    said
	desc    string
	aloud   [2]string // of the plots, as targets
	titles  [2]string
	tabs    [2]string
	heads   [counts]string
	y       [2]string // what distances are, by plot: alone and over updates
	title   string
	near    string
	headed  string
	none    [2]string // names of runs that generate no replies
}

// countOf returns the text of a number of things.
func countOf(k *words.Kept[float64], n float64) string {
	return k.Say(n, func() string { return words.Count(math.Round(n)) })
}

// A ring is what the text at a ring says: after how many updates or replies a run
// stays near the goal, and that it is this one's number where there are others.
type ring struct {
	n       float64
	several bool
}

func (r ring) text(w words.Words) string {
	if r.several {
		return w.Say("race.here", "n", words.Count(math.Round(r.n)))
	}
	return words.Count(math.Round(r.n))
}

// said is what the description was made of.
type said struct {
	step, steps, seeds, done int
	counts                   [2][counts]int
	stage                    [2]int
	distance, arrived, apart [2]float64
	missing, kind            [2]string
	goal                     picture.Reached
}

// NewView returns a view that speaks the words of a catalogue.
func NewView(words words.Words) *View {
	v := &View{words: words, title: words.Say("race.title")}
	for i, key := range [...]string{"race.models", "race.replies", "race.scored", "race.updates"} {
		v.heads[i] = words.Say(key)
	}
	for i, key := range [...]string{"race.over.updates", "race.over.replies"} {
		v.titles[i] = words.Say(key)
	}
	for i, key := range [...]string{"race.tab.updates", "race.tab.replies"} {
		v.tabs[i] = words.Say(key)
	}
	return v
}

// Draw fills p with the race in w×h pixels.
func (v *View) Draw(p *picture.Picture, m *Race, w, h float32) {
	p.Reset(w, h)
	v.speak(m)
	if m.nothing != "" {
		v.nothing(p, m)
		return
	}
	l := newLayout(v, m, w, h)
	for i := range m.lanes {
		v.lane(p, m, i, &l)
	}
	for k := range l.plots {
		if l.plots[k].W > 0 {
			v.plot(p, m, k, &l)
		}
	}
	p.Title, p.Desc = v.title, v.desc
}

// speak makes the description, and other sentences that name numbers, where one
// of them has changed.
func (v *View) speak(m *Race) {
	s := said{step: m.step, steps: m.steps, seeds: m.seeds, done: m.done, goal: m.goal}
	for i := range m.lanes {
		a := &m.lanes[i]
		s.counts[i], s.stage[i], s.distance[i], s.missing[i], s.kind[i] = a.counts, a.stage, a.distance, a.missing, a.kind
		s.apart[i], s.arrived[i] = a.apart, -1
		if v.hasArrived(m, a) {
			s.arrived[i] = a.arrived[overUpdates]
		}
	}
	if v.desc != "" && v.said == s {
		return
	}
	v.said = s
	for i := range m.lanes {
		v.none[i] = v.words.Say("race.none", "name", m.lanes[i].name)
	}
	v.near, v.headed = v.words.Say("race.near", "near", chart.BetaText(m.near)), v.words.Say("race.apart")
	step, steps := words.Count(float64(m.step)), words.Count(float64(m.steps))
	for i, key := range [...]string{"race.plot.updates", "race.plot.replies"} {
		v.aloud[i] = v.words.Say(key, "step", step, "steps", steps)
	}
	key := [...]string{"optimum", "limit", "reference"}[m.goal]
	v.y = [2]string{v.words.Say("race.y." + key), v.words.Say("race.y." + key + ".updates")}
	v.seeds = ""
	if m.seeds > 1 {
		key := "race.band"
		if m.done < m.seeds {
			key = "race.band.part"
		}
		v.seeds = v.words.Say(key, "done", strconv.Itoa(m.done), "seeds", strconv.Itoa(m.seeds))
	}
	v.desc = v.describe(m, step, steps)
}

// nothing says in the middle of the picture why there is no race.
func (v *View) nothing(p *picture.Picture, m *Race) {
	size := max(m.Font, 12)
	p.Text(picture.Label{X: picture.PageMargin, Y: p.H/2 - 1.5*picture.LineHeight*size, W: p.W - 2*picture.PageMargin, Text: m.nothing, Size: size, Ink: picture.InkText, Align: picture.AlignCentre, Lines: picture.MaxLines})
	p.Title, p.Desc = v.title, m.nothing
}

// hasArrived tells whether a run has come near the goal by now, to stay.
func (v *View) hasArrived(m *Race, a *lane) bool {
	return m.goal != picture.Unknown && m.near > 0 && a.arrived[overUpdates] >= 0 && a.missing == "" && a.at[overUpdates] >= a.arrived[overUpdates]
}

func (v *View) describe(m *Race, step, steps string) string {
	var b strings.Builder
	b.WriteString(v.words.Say("race.desc", "step", step, "steps", steps))
	key := [...]string{"optimum", "limit", "reference"}[m.goal]
	for i := range m.lanes {
		a := &m.lanes[i]
		b.WriteByte(' ')
		if a.missing != "" {
			b.WriteString(v.words.Say("race.desc.missing", "name", a.name, "why", a.missing))
			continue
		}
		stage := ""
		if a.stage < len(a.stages) {
			stage = a.stages[a.stage]
		}
		b.WriteString(v.words.Say("race.desc."+key, "name", a.name, "kind", a.kind, "stage", stage, "distance", distanceText(a.distance),
			"updates", words.Count(float64(a.counts[updated])), "replies", words.Count(float64(a.counts[generated])),
			"models", strconv.Itoa(a.counts[models])))
	}
	if v.seeds != "" {
		b.WriteString(" " + v.words.Say(v.words.Form("race.desc.band", m.done), "done", strconv.Itoa(m.done)))
	}
	return b.String()
}

// inkOfLane is the ink of a run: the policy's for DPO, the rival's for RLHF.
func inkOfLane(i int) picture.Ink { return [...]picture.Ink{picture.InkPolicy, picture.InkRival}[i] }
