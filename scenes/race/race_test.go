package race

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/race"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// raceOf is a race of runs whose distances fall as given, DPO's by DPO's updates
// and RLHF's by steps of so many updates.
func raceOf(steps, passes, replies int, dpo, rlhf func(step float64) float64) *Race {
	m := &Race{step: steps / 3, steps: steps, goal: picture.Reachable, near: 0.01, seeds: 20, done: 20}
	m.end, m.unit = [2]float64{float64(steps * passes), float64(steps * replies)}, [2]float64{1, float64(replies)}
	for i, f := range [...]func(float64) float64{dpo, rlhf} {
		a := &m.lanes[i]
		each := [2]float64{1, 0}
		if i == 1 {
			each = [2]float64{float64(passes), float64(replies)}
		}
		a.arrived = [2]float64{-1, -1}
		for k := 0; k <= 160; k++ {
			s := math.Round(math.Expm1(float64(k) / 160 * math.Log1p(float64(steps))))
			for axis := range each {
				a.x[axis] = append(a.x[axis], s*each[axis])
			}
			a.path = append(a.path, f(s))
			if i == 1 {
				a.low, a.high = append(a.low, f(s)*(1-0.5*math.Min(1, s/20))), append(a.high, f(s)*(1+0.8*math.Min(1, s/20)))
			}
			if a.arrived[0] < 0 && f(s) < 0.01 {
				a.arrived = [2]float64{s * each[0], s * each[1]}
			}
		}
		now := float64(m.step)
		a.distance, a.at = f(now), [2]float64{now * each[0], now * each[1]}
		a.counts = [counts]int{2 + 2*i, int(a.at[1]), int(a.at[1]), int(a.at[0])}
		a.bars = []bar{{.46, .17, .52}, {.21, .2, .2}, {.09, .16, .07}, {.17, .22, .16}, {.05, .15, .035}, {.02, .1, .015}}
	}
	m.lanes[0].name, m.lanes[0].kind, m.lanes[0].stages = "DPO", "full batch", []string{"train on the preferences"}
	m.lanes[1].name, m.lanes[1].kind, m.lanes[1].stages, m.lanes[1].stage = "RLHF", "PPO", []string{"1 fit a reward model", "2 sample, score, update"}, 1
	return m
}

func sampleRaces() map[string]*Race {
	fast := func(s float64) float64 { return 0.5 * math.Exp(-s/80) }
	slow := func(s float64) float64 { return 0.5/(1+math.Pow(s/6, 2)) + 2e-6*(1+math.Sin(s)) }
	race := raceOf(1000, 4, 64, fast, slow)
	apart := raceOf(1000, 4, 64, fast, func(s float64) float64 { return 0.5*math.Exp(-s/30) + 0.03 })
	apart.lanes[1].apart, apart.goal = 0.03, picture.NeverReached
	exact := raceOf(1000, 1, 0, fast, slow)
	missing := raceOf(1000, 4, 64, fast, slow)
	missing.lanes[1].missing, missing.end[1] = "Its settings do not fit together: 10 replies cannot be shared out among groups of 3.", 0
	start := raceOf(3000, 4, 64, fast, slow)
	start.step, start.done = 0, 3
	for i := range start.lanes {
		start.lanes[i].at, start.lanes[i].distance, start.lanes[i].stage = [2]float64{}, 0.5, 0
	}
	return map[string]*Race{"race": race, "race-apart": apart, "race-exact": exact, "race-missing": missing, "race-start": start}
}

func TestRaceSamples(t *testing.T) {
	write := scenetest.Samples(t)
	v := NewView(scenetest.PageWords(t))
	for name, m := range sampleRaces() {
		for _, size := range [][3]float32{{360, 400, 16}, {650, 420, 16}, {1000, 700, 18}, {640, 300, 26}} {
			p := &picture.Picture{}
			m.Font = size[2]
			v.Draw(p, m, size[0], size[1])
			write(name, p)
		}
	}
}

// randomRace is any legal state.
func randomRace(r *rand.Rand) *Race {
	size := math.Pow(10, 6*r.Float64()-5)
	noisy := func(s float64) float64 { return size * math.Exp(-s/30) * math.Pow(10, -5*r.Float64()) }
	m := raceOf(1+r.IntN(1e6), 1+r.IntN(40), r.IntN(3)*r.IntN(10000), noisy, noisy)
	m.goal, m.Axis, m.done = picture.Reached(r.IntN(3)), r.IntN(2), r.IntN(21)
	for i := range m.lanes {
		a := &m.lanes[i]
		a.name, a.reached = []string{a.name, scenetest.RandomText(r)}[r.IntN(2)], picture.Reached(r.IntN(3))
		switch r.IntN(6) {
		case 0:
			a.missing = scenetest.RandomText(r)
		case 1:
			a.path, a.low, a.high = a.path[:r.IntN(len(a.path))], nil, nil
		case 2:
			a.path[r.IntN(len(a.path))], a.distance = 0, []float64{0, math.NaN(), math.Inf(1), 1e-300}[r.IntN(4)]
		case 3:
			a.kind, a.stages = scenetest.RandomText(r), []string{scenetest.RandomText(r), scenetest.RandomText(r)}
		case 4:
			a.apart, a.counts = size, [counts]int{r.IntN(5), r.IntN(1e12), r.IntN(1e12), r.IntN(1e9)}
		}
		k := 1 + r.IntN(13)
		policy, reference, optimum := scenetest.RandomSimplex(r, k), scenetest.RandomSimplex(r, k), scenetest.RandomSimplex(r, k)
		a.bars = a.bars[:0]
		for j := range k {
			a.bars = append(a.bars, bar{policy[j], reference[j], optimum[j]})
		}
	}
	return m
}

func TestRacesAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 62))
	p, v := &picture.Picture{}, NewView(scenetest.PageWords(t))
	for n := range 1500 {
		m := randomRace(r)
		m.Font = float32(n % 30)
		w, h := 320+r.Float32()*1080, 260+r.Float32()*540
		v.Draw(p, m, w, h)
		scenetest.Inspect(t, p, fmt.Sprintf("[race %d at %gx%g font %g]", n, w, h, m.Font))
	}
}

// A frame in which nothing changes makes no garbage.
func TestWarmRaceAllocatesNothing(t *testing.T) {
	for _, w := range []float32{360, 1000} {
		m, p, v := sampleRaces()["race"], &picture.Picture{}, NewView(scenetest.PageWords(t))
		v.Draw(p, m, w, 420)
		if n := testing.AllocsPerRun(50, func() { v.Draw(p, m, w, 420) }); n != 0 {
			t.Errorf("%v allocations at width %g", n, w)
		}
	}
}

// BenchmarkRaceFrame is a frame at play.
func BenchmarkRaceFrame(b *testing.B) {
	m, p, v := sampleRaces()["race"], &picture.Picture{}, NewView(scenetest.PageWords(b))
	b.ReportAllocs()
	for b.Loop() {
		m.step = (m.step + 1) % m.steps
		for i := range m.lanes {
			m.lanes[i].counts[updated]++
			m.lanes[i].at[overUpdates] = float64(m.step)
		}
		v.Draw(p, m, 1000, 640)
	}
}

// raceRun is a race of a preset that is run to its end.
func raceRun(t *testing.T, words words.Words, preset string, set map[core.Param]float64) *race.Race {
	t.Helper()
	presets := core.Presets(func(key string) string { return words.Say(key) })
	e := core.FindPreset(presets, preset).Start()
	for p, x := range set {
		e.Settings[p] = x
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	return raceOn(l)
}

// raceOn races on a lab's votes to the end.
func raceOn(l *core.Lab) *race.Race {
	r := race.New(l)
	for busy := true; busy; {
		busy = r.Lead.Work(1000)
		for i := range r.Lanes {
			busy = r.WorkOn(i, 1000) || busy
		}
		busy = r.Work(1e6) || busy
	}
	return r
}

// Whatever is raced, the picture is sound, its counters are the runs' own, and
// every sentence is whole.
func TestRacesAreToldAndRead(t *testing.T) {
	words, p := scenetest.PageWords(t), &picture.Picture{}
	v, n := NewView(words), 0
	try := func(preset string, set map[core.Param]float64) (*Race, Story) {
		t.Helper()
		what := fmt.Sprintf("[%s %v]", preset, set)
		if set == nil {
			set = map[core.Param]float64{}
		}
		if set[core.Steps] == 0 {
			set[core.Steps], set[core.Step] = 60, 23
		}
		r, m, shown := raceRun(t, words, preset, set), &Race{}, &read.Shown{}
		shown.Choose(r.Lead)
		m.Read(r, shown, words)
		for i, l := range r.Lanes {
			if l == nil {
				continue
			}
			c, a := l.Run.Cost(), &m.lanes[i]
			want := [counts]int{c.Models.Count(), c.Replies, c.RewardCalls, c.PolicyUpdates + c.RewardUpdates}
			if a.counts != want || a.at != [2]float64{float64(want[updated]), float64(c.Replies)} {
				t.Errorf("%s: lane %d counts %v, the run took %+v", what, i, a.counts, c)
			}
			sum := 0.0
			for _, b := range a.bars {
				sum += b.policy
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s: lane %d: bars sum to %v", what, i, sum)
			}
		}
		n++
		m.Font, m.Axis = float32(14+n%10), n%2
		for _, size := range [][2]float32{{360, 400}, {650, 420}, {1100, 700}} {
			v.Draw(p, m, size[0], size[1])
			scenetest.Inspect(t, p, what)
			if strings.Contains(p.Desc, "[race") || strings.Contains(p.Desc, "{") {
				t.Errorf("%s: %s", what, p.Desc)
			}
		}
		story := Tell(r, words)
		texts := []string{story.Said, story.Why, story.Conditions, story.Goal, story.Seeds, story.Raced}
		for _, row := range append(story.Rows[:], story.Ranges[:]...) {
			texts = append(texts, row[:]...)
		}
		for _, text := range texts {
			if strings.ContainsAny(text, "[{}") {
				t.Errorf("%s: %q", what, text)
			}
		}
		return m, story
	}
	for _, row := range core.Presets(func(key string) string { return words.Say(key) }) {
		try(row.ID, nil)
	}
	for p, most := range map[core.Param]int{core.EstimatorChoice: 4, core.RewardFit: 2, core.LeashChoice: 1, core.Optimizer: 3, core.How: 2, core.Source: 1} {
		for x := range most + 1 {
			try("tyre", map[core.Param]float64{p: float64(x), core.Replies: 16})
			try("agree", map[core.Param]float64{p: float64(x), core.Batch: 1, core.Replies: 16})
		}
	}
	for _, set := range []map[core.Param]float64{
		{core.ObjectiveChoice: 1}, {core.ObjectiveChoice: 2, core.RefEvery: 5}, {core.Smoothing: 0.1}, {core.RewardL2: 0.1}, {core.EqualSpeed: 1, core.Beta: 0.05},
		{core.Beta: 0.01}, {core.Beta: 5}, {core.Group: 7}, {core.How: core.LearnByRLHF, core.Fresh: 10}, {core.RewardFit: core.FitBySteps, core.RewardSteps: 30},
	} {
		try("tyre", set)
	}
}

// What is said has the numbers of the runs.
func TestRaceStoryHasTheNumbers(t *testing.T) {
	words := scenetest.PageWords(t)
	r := raceRun(t, words, "tyre", map[core.Param]float64{core.Steps: 400, core.Step: 100})
	s := Tell(r, words)
	took := [2]string{}
	for i, h := range r.Heats {
		steps := h.Arrivals()
		updates, replies := r.Laps(i, steps[len(steps)/2])
		took[i] = strconv.Itoa(updates)
		if !strings.HasPrefix(s.Rows[RowUpdates][i], took[i]) || !strings.HasPrefix(strings.ReplaceAll(s.Rows[RowReplies][i], "\u202f", ""), strconv.Itoa(replies)) {
			t.Errorf("lane %d: %q and %q, not %s and %d", i, s.Rows[RowUpdates][i], s.Rows[RowReplies][i], took[i], replies)
		}
	}
	if s.Rows[RowReplies][race.DPO] != "0" || !strings.Contains(s.Said, took[0]) || !strings.Contains(s.Said, took[1]) || !strings.Contains(s.Said, "DPO none") {
		t.Errorf("%q, rows %q", s.Said, s.Rows)
	}
	for _, want := range []string{"β = 0.5", "learning rate 0.4", "SGD", "PPO, 64 replies", "4 × 1 updates", "fitted exactly"} {
		if !strings.Contains(s.Conditions, want) {
			t.Errorf("no %q in %q", want, s.Conditions)
		}
	}
	if !strings.Contains(s.Seeds, "seeds 7 to 26") || s.Raced != "" {
		t.Errorf("%q, %q", s.Seeds, s.Raced)
	}
}

// One full-batch run that is slow, steps that are too large and votes drawn one
// at a time are not steady; the last two are left again by runs that were near.
func TestRaceCallsNothingSteadyThatDoesNotSettle(t *testing.T) {
	words := scenetest.PageWords(t)
	for _, c := range []struct {
		preset     string
		set        map[core.Param]float64
		have, lack []string
	}{
		{"tyre", map[core.Param]float64{core.Beta: 0.05}, []string{"but in these 1\u202f000 steps DPO ends 0.74 nats away", words.Say("race.runs.one", "name", "DPO")}, []string{"more stable"}},
		{"rate", nil, []string{"neither stays within 0.01 nats", words.Say("race.farther.both")}, []string{"more stable"}},
		{"batch", nil, []string{words.Say("race.steadier", "name", "RLHF"), "came as near and moved away again", "All 20 seeds of RLHF"}, []string{"DPO is", "DPO stays"}},
		{"jitter", nil, []string{words.Say("race.steadier", "name", "DPO"), "not all runs of RLHF do"}, []string{"RLHF stays"}},
	} {
		r := raceRun(t, words, c.preset, c.set)
		said, m, shown := Tell(r, words).Said, &Race{}, &read.Shown{}
		for _, text := range c.have {
			if !strings.Contains(said, text) {
				t.Errorf("%s: no %q in %q", c.preset, text, said)
			}
		}
		for _, text := range c.lack {
			if strings.Contains(said, text) {
				t.Errorf("%s: %q is in %q", c.preset, text, said)
			}
		}
		shown.Choose(r.Lead)
		m.Read(r, shown, words)
		for i, h := range r.Heats {
			if ring := m.lanes[i].arrived[overUpdates] >= 0; ring != h.Settles() {
				t.Errorf("%s, lane %d: a ring is %v, and it settles: %v", c.preset, i, ring, h.Settles())
			}
		}
	}
}

// On thumbs alone one plain sentence stands for the race.
func TestRaceOnThumbs(t *testing.T) {
	words, p, m, shown := scenetest.PageWords(t), &picture.Picture{}, &Race{}, &read.Shown{}
	r := raceRun(t, words, "thumbs", nil)
	shown.Choose(r.Lead)
	m.Read(r, shown, words)
	NewView(words).Draw(p, m, 650, 420)
	if said := Tell(r, words).Said; len(p.Labels) != 1 || p.Labels[0].Text != said || p.Desc != said || len(p.Targets) != 0 || strings.Contains(said, "kto") {
		t.Errorf("%q, labels %v", said, p.Labels)
	}
}

// A position on the axis of updates leads to the step that the run ahead has
// them at, whatever the axis' ends.
func TestRaceStepAt(t *testing.T) {
	words, p, shown := scenetest.PageWords(t), &picture.Picture{}, &read.Shown{}
	r := raceRun(t, words, "tyre", map[core.Param]float64{core.Steps: 300, core.RewardFit: core.FitBySteps, core.RewardSteps: 40})
	shown.Choose(r.Lead)
	m := &Race{}
	m.Read(r, shown, words)
	NewView(words).Draw(p, m, 900, 500)
	for _, step := range []int{0, 1, 39, 40, 41, 100, 299, 300} {
		updates, _ := r.Laps(race.RLHF, step)
		if got := m.StepAt(r, overUpdates, float64(updates)); got != step {
			t.Errorf("%d updates are at step %d, not %d", updates, step, got)
		}
	}
	for _, g := range p.Targets {
		axis := g.ID - PlotID
		if at := m.At(p, axis, g.X+g.W); math.Abs(at-m.end[axis]) > 1e-3*m.end[axis] {
			t.Errorf("axis %d ends at %v, not %v", axis, at, m.end[axis])
		}
		if at := m.At(p, axis, g.X); at != 0 {
			t.Errorf("axis %d begins at %v", axis, at)
		}
	}
}
