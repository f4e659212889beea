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
	Lanes   [2]Lane // DPO above, RLHF below
	Nothing string  // why there is no race at all; then there is nothing else
	Step    int
	Steps   int // of the timeline

	// Goal says what distances are counted from: an optimum, a limit that is
	// never reached, or, where that is Unknown, the reference.
	Goal picture.Reached
	Near float64 // the distance that counts as arrived; 0 for none

	// End is what the axes end at, Unit what their first step is: up to there
	// they are about even, from there on logarithmic.
	End, Unit [2]float64
	Axis      int // the one that is shown where there is room for one: RaceUpdates or RaceReplies

	Seeds, Done int     // runs that the bands are made of, and those that are in
	Font        float32 // size of the page's text in pixels; 0 for 16
}

// The axes of a race.
const (
	Updates = iota
	Replies
)

// A RaceLane is one of the two runs.
type Lane struct {
	Name, Kind string   // DPO, RLHF; and in short what it is: full batch, PPO
	Missing    string   // why there is no such run; then there is nothing else
	Stages     []string // what is done in them
	Stage      int      // the one at hand, from 0
	Counts     [counts]int
	Bars       []Bar
	Reached    picture.Reached // of the bars' optimum

	Distance float64    // from the goal, now
	At       [2]float64 // on both axes, now
	// Path is the distance over the run's whole timeline, as far as it is known;
	// X holds where its points are on both axes.
	Path      []float64
	X         [2][]float64
	Low, High []float64  // the band of several seeds, at X; nil for none
	Arrived   [2]float64 // from where it stays within Near, on both axes; below 0 for nowhere
	Several   bool       // the run is one of several, by seed
	Apart     float64    // distance of where it is headed from the goal; 0 if that is the goal, or not known
}

// What a lane counts, in order.
const (
	Models = iota
	Generated
	Scored
	Updated
	counts
)

// A RaceBar is a reply's probabilities.
type Bar struct{ Policy, Reference, Optimum float64 }

// IDs of a race's targets. The plots can be dragged, the tabs pressed.
const (
	PlotID = 1 // and the next, by axis
	TabID  = 11
)

// A RaceView draws a Race. It keeps the words and the strings it has made, so
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

// A raceRing is what the text at a ring says: after how many updates or replies a run
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

// raceSaid is what the description was made of.
type said struct {
	step, steps, seeds, done, axis int
	counts                         [2][counts]int
	stage                          [2]int
	distance, arrived, apart, at   [2]float64
	missing, kind                  [2]string
	goal                           picture.Reached
}

// NewRaceView returns a view that speaks the words of a catalogue.
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
	if m.Nothing != "" {
		v.nothing(p, m)
		return
	}
	l := newLayout(v, m, w, h)
	for i := range m.Lanes {
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
	s := said{step: m.Step, steps: m.Steps, seeds: m.Seeds, done: m.Done, goal: m.Goal}
	for i := range m.Lanes {
		a := &m.Lanes[i]
		s.counts[i], s.stage[i], s.distance[i], s.missing[i], s.kind[i] = a.Counts, a.Stage, a.Distance, a.Missing, a.Kind
		s.apart[i], s.arrived[i] = a.Apart, -1
		if v.hasArrived(m, a) {
			s.arrived[i] = a.Arrived[Updates]
		}
	}
	if v.desc != "" && v.said == s {
		return
	}
	v.said = s
	for i := range m.Lanes {
		v.none[i] = v.words.Say("race.none", "name", m.Lanes[i].Name)
	}
	v.near, v.headed = v.words.Say("race.near", "near", chart.BetaText(m.Near)), v.words.Say("race.apart")
	step, steps := words.Count(float64(m.Step)), words.Count(float64(m.Steps))
	for i, key := range [...]string{"race.plot.updates", "race.plot.replies"} {
		v.aloud[i] = v.words.Say(key, "step", step, "steps", steps)
	}
	key := [...]string{"optimum", "limit", "reference"}[m.Goal]
	v.y = [2]string{v.words.Say("race.y." + key), v.words.Say("race.y." + key + ".updates")}
	v.seeds = ""
	if m.Seeds > 1 {
		key := "race.band"
		if m.Done < m.Seeds {
			key = "race.band.part"
		}
		v.seeds = v.words.Say(key, "done", strconv.Itoa(m.Done), "seeds", strconv.Itoa(m.Seeds))
	}
	v.desc = v.describe(m, step, steps)
}

// nothing says in the middle of the picture why there is no race.
func (v *View) nothing(p *picture.Picture, m *Race) {
	size := max(m.Font, 12)
	p.Text(picture.Label{X: picture.PageMargin, Y: p.H/2 - 1.5*picture.LineHeight*size, W: p.W - 2*picture.PageMargin, Text: m.Nothing, Size: size, Ink: picture.InkText, Align: picture.AlignCentre, Lines: picture.MaxLines})
	p.Title, p.Desc = v.title, m.Nothing
}

// hasArrived tells whether a run has come near the goal by now, to stay.
func (v *View) hasArrived(m *Race, a *Lane) bool {
	return m.Goal != picture.Unknown && m.Near > 0 && a.Arrived[Updates] >= 0 && a.Missing == "" && a.At[Updates] >= a.Arrived[Updates]
}

func (v *View) describe(m *Race, step, steps string) string {
	var b strings.Builder
	b.WriteString(v.words.Say("race.desc", "step", step, "steps", steps))
	key := [...]string{"optimum", "limit", "reference"}[m.Goal]
	for i := range m.Lanes {
		a := &m.Lanes[i]
		b.WriteByte(' ')
		if a.Missing != "" {
			b.WriteString(v.words.Say("race.desc.missing", "name", a.Name, "why", a.Missing))
			continue
		}
		stage := ""
		if a.Stage < len(a.Stages) {
			stage = a.Stages[a.Stage]
		}
		b.WriteString(v.words.Say("race.desc."+key, "name", a.Name, "kind", a.Kind, "stage", stage, "distance", distanceText(a.Distance),
			"updates", words.Count(float64(a.Counts[Updated])), "replies", words.Count(float64(a.Counts[Generated])),
			"models", strconv.Itoa(a.Counts[Models])))
	}
	if v.seeds != "" {
		b.WriteString(" " + v.words.Say(v.words.Form("race.desc.band", m.Done), "done", strconv.Itoa(m.Done)))
	}
	return b.String()
}

// inkOfLane is the ink of a run: the policy's for DPO, the rival's for RLHF.
func inkOfLane(i int) picture.Ink { return [...]picture.Ink{picture.InkPolicy, picture.InkRival}[i] }
