package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/census"
	"dpoplayground/core/data"
	"dpoplayground/core/objective"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// lossLab returns a lab that stands at a step of a preset's run.
func lossLab(t testing.TB, words words.Words, preset string, set map[core.Param]float64) *core.Lab {
	t.Helper()
	presets := core.Presets(func(key string) string { return words.Say(key) })
	e := core.FindPreset(presets, preset).Start()
	for p, x := range set {
		e.Settings[p] = x
	}
	return labOf(t, presets, e)
}

func labOf(t testing.TB, presets []core.Preset, e core.Experiment) *core.Lab {
	t.Helper()
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(1 << 12) {
	}
	return l
}

// readLoss reads a lab as the program does.
func readLoss(l *core.Lab, words words.Words, pair [2]int) *Reader {
	r := &Reader{}
	r.Change(l, words)
	r.Read(l, pair)
	for r.Work(l) {
	}
	r.Read(l, pair)
	for r.Work(l) {
	}
	return r
}

func objectiveAt(key string) float64 {
	for i, o := range objective.All() {
		if o.Key == key {
			return float64(i)
		}
	}
	panic("no objective " + key)
}

// manyReplies is a prompt of n replies, all pairs of them compared.
func manyReplies(t testing.TB, words words.Words, n int, set map[core.Param]float64) *core.Lab {
	presets := core.Presets(func(key string) string { return words.Say(key) })
	e := presets[0].Start()
	replies := make([]data.Reply, n)
	for k := range replies {
		replies[k] = data.Reply{Text: fmt.Sprintf("Reply number %d, which says something", k), Reward: math.Sin(3 * float64(k))}
	}
	e.Prompts = []data.Prompt{{Text: "?", Replies: replies}}
	e.Settings[core.Source] = core.FromPopulation
	for p, x := range set {
		e.Settings[p] = x
	}
	return labOf(t, presets, e)
}

// TestLossSamples writes pictures to look at: SAMPLES=folder go test -run LossSamples.
func TestLossSamples(t *testing.T) {
	sample := scenetest.Samples(t)
	words := scenetest.PageWords(t)
	write := func(name string, l *core.Lab, pair [2]int) {
		v := NewView(words)
		r := readLoss(l, words, pair)
		for _, size := range [][3]float32{{1000, 640, 16}, {650, 420, 16}, {362, 460, 16}, {1150, 640, 26}} {
			p := &picture.Picture{}
			r.Font = size[2]
			v.Draw(p, &r.Loss, size[0], size[1])
			sample(name, p)
		}
	}
	at := func(step float64, more ...float64) map[core.Param]float64 {
		set := map[core.Param]float64{core.Step: step}
		for i := 0; i+1 < len(more); i += 2 {
			set[core.Param(more[i])] = more[i+1]
		}
		return set
	}
	obj, beta, beside := float64(core.ObjectiveChoice), float64(core.Beta), float64(core.Beside)
	write("start", lossLab(t, words, "tyre", at(0)), [2]int{0, 4})
	write("tyre", lossLab(t, words, "tyre", at(200)), [2]int{0, 4})
	write("tyre-betas", lossLab(t, words, "tyre", at(200, beside, core.BesideBetas)), [2]int{0, 4})
	write("tyre-all", lossLab(t, words, "tyre", at(200, beside, core.BesideAll)), [2]int{0, 4})
	write("small", lossLab(t, words, "tyre", at(200, beta, 0.05)), [2]int{0, 4})
	write("large", lossLab(t, words, "tyre", at(200, beta, 5)), [2]int{0, 4})
	write("ipo", lossLab(t, words, "tyre", at(200, obj, objectiveAt("ipo"))), [2]int{0, 4})
	write("ipo-betas", lossLab(t, words, "tyre", at(200, obj, objectiveAt("ipo"), beside, core.BesideBetas)), [2]int{0, 4})
	write("hinge", lossLab(t, words, "tyre", at(200, obj, objectiveAt("hinge"))), [2]int{0, 4})
	write("kto", lossLab(t, words, "tyre", at(200, obj, objectiveAt("kto"))), [2]int{0, 4})
	write("dpop", lossLab(t, words, "displacement", at(200, obj, objectiveAt("dpop"))), [2]int{0, 1})
	write("rlhf", lossLab(t, words, "tyre", at(20, float64(core.How), core.LearnByRLHF)), [2]int{0, 4})
	write("agree", lossLab(t, words, "agree", at(900)), [2]int{0, 4})
	write("greedy", lossLab(t, words, "greedy", at(300)), [2]int{0, 1})
	write("many", manyReplies(t, words, 40, at(400, float64(core.Rate), 50)), [2]int{0, 4})
}

// anyLoss is a lab at any legal state.
func anyLoss(t *testing.T, r *rand.Rand, words words.Words, n int) *core.Lab {
	presets := []string{"tyre", "jury", "agree", "rare", "three", "greedy", "displacement", "missing", "cycle"}
	keys := objective.All()
	o := &keys[n%len(keys)]
	set := map[core.Param]float64{core.ObjectiveChoice: float64(n % len(keys)), core.Smoothing: o.Defaults(1).Epsilon,
		core.Beta: []float64{0.01, 0.05, 0.5, 2, 5}[r.IntN(5)], core.Step: []float64{0, 1, 40, 400}[r.IntN(4)],
		core.Beside: float64(r.IntN(4)), core.Rate: []float64{0.05, 0.4, 5}[r.IntN(3)]}
	switch r.IntN(6) {
	case 0:
		set[core.How] = core.LearnByRLHF
	case 1:
		set[core.How] = core.LearnOnline
	case 2:
		set[core.RefEvery] = 7
	}
	preset := presets[r.IntN(len(presets))]
	if preset == "displacement" {
		set[core.How] = core.LearnDirectly
	}
	return lossLab(t, words, preset, set)
}

// wilder makes what a lab shows wilder than a lab would.
func wilder(r *rand.Rand, m *Loss) {
	if m.hasPicked && r.IntN(3) == 0 {
		m.headed, m.reached, m.balance = []float64{math.Inf(1), math.Inf(-1), 1e9, 0}[r.IntN(4)], picture.Reached(r.IntN(3)), []float64{math.NaN(), 1e300, -2}[r.IntN(3)]
	}
	for i := range m.Beads {
		if r.IntN(15) == 0 {
			b := &m.Beads[i]
			*[]*float64{&b.H, &b.Loss, &b.Slope}[r.IntN(3)] = []float64{math.NaN(), math.Inf(1), 1e40, 0}[r.IntN(4)]
		}
	}
}

// vaster makes gaps and losses as vast as a loss of a user's own may make them.
func vaster(r *rand.Rand, m *Loss) {
	h := []float64{1e12, 1e29, 1e107, 1e200}[r.IntN(4)]
	for i := range m.Beads {
		b := &m.Beads[i]
		b.H, b.Loss, b.Slope = h*b.H, h*h*b.Loss, -h*h*b.Slope
	}
	q := &m.Picked
	q.H, q.Loss, q.Slope, q.Push = h*q.H, -h*h*q.Loss, h*h*q.Slope, [2]float64{-h * h, h}
	s := &m.span
	s.h, s.full = 5*h, min(h*h, 1e300)
	s.low, s.high, s.step = -1e30, 1e30, 5e29
	s.pushLow, s.pushHigh, s.pushStep = -2e30, 1e30, 1e30
}

// Whatever the state, size and font, the picture is sound: see inspect.
func TestLossPicturesAreSound(t *testing.T) {
	words := scenetest.PageWords(t)
	r := rand.New(rand.NewPCG(61, 62))
	p := &picture.Picture{}
	for n := range 150 {
		l := anyLoss(t, r, words, n)
		k := l.Arms()
		reader, v := readLoss(l, words, [2]int{r.IntN(k), r.IntN(k)}), NewView(words)
		for i := range 8 {
			reader.Font = float32(r.IntN(30))
			w, h := 320+r.Float32()*1080, 260+r.Float32()*540
			if i > 5 {
				wilder(r, &reader.Loss)
			}
			if i == 7 && r.IntN(2) == 0 {
				vaster(r, &reader.Loss)
			}
			v.Draw(p, &reader.Loss, w, h)
			scenetest.Inspect(t, p, fmt.Sprintf("loss %d.%d, %s, font %g, %gx%g", n, i, reader.title, reader.Font, w, h))
		}
	}
}

// So it is with long texts, many replies, one reply, and no votes.
func TestLossPicturesOfUnusualData(t *testing.T) {
	words := scenetest.PageWords(t)
	r := rand.New(rand.NewPCG(63, 64))
	presets := core.Presets(func(key string) string { return words.Say(key) })
	for n := range 40 {
		e := presets[0].Start()
		e.Settings[core.Source], e.Settings[core.Step] = core.FromGiven, float64(r.IntN(50))
		replies := make([]data.Reply, []int{1, 2, 3, 12, 60, 1000}[n%6])
		for k := range replies {
			replies[k] = data.Reply{Text: strings.Map(func(c rune) rune {
				if c == '[' {
					return -1
				}
				return c
			}, scenetest.RandomText(r)), Reward: math.NaN()}
		}
		e.Prompts, e.Given = []data.Prompt{{Text: "?", Replies: replies}}, []data.Pair{}
		if votes := n % 4; votes > 0 && len(replies) > 1 {
			for range votes * len(replies) {
				a, b := r.IntN(len(replies)), r.IntN(len(replies)-1)
				if b >= a {
					b++
				}
				e.Given = append(e.Given, data.Pair{Prompt: 0, Chosen: a, Rejected: b, Count: float64(1 + r.IntN(9))})
			}
		}
		reader, v, p := readLoss(labOf(t, presets, e), words, [2]int{0, min(1, len(replies)-1)}), NewView(words), &picture.Picture{}
		for range 6 {
			v.Draw(p, &reader.Loss, 320+r.Float32()*1080, 260+r.Float32()*540)
			scenetest.Inspect(t, p, fmt.Sprintf("loss of unusual data %d, %d replies, %d votes", n, len(replies), len(e.Given)))
		}
	}
}

// discs are the outlines of beads in an ink, in the order drawn.
func discs(p *picture.Picture, ink picture.Ink) (out []picture.Mark) {
	for _, m := range p.Marks {
		if m.Kind == picture.KindDisc && m.Ink == ink && m.Stroke > 0 && m.Dash == 0 {
			out = append(out, m)
		}
	}
	return out
}

// A pair of two replies: beads at h and −h on DPO's curve, arrows along the
// tangent −βσ(−u), as long as votes times slope, areas as votes.
func TestBeadsAndArrowsInClosedForm(t *testing.T) {
	w := scenetest.PageWords(t)
	const beta = 0.5
	l := lossLab(t, w, "minority", map[core.Param]float64{core.Step: 2, core.Beta: beta})
	reader := readLoss(l, w, [2]int{0, 1})
	reader.others = nil
	p := &picture.Picture{}
	NewView(w).Draw(p, &reader.Loss, 900, 600)
	lay := newLayout(NewView(w), &reader.Loss, 900, 600)
	h := l.Policy()[0] - l.Policy()[1] - l.Reference()[0] + l.Reference()[1]
	type side struct {
		ink      picture.Ink
		h, votes float64
	}
	var long [2]float64
	for i, s := range []side{{picture.InkChosen, h, 60}, {picture.InkRejected, -h, 40}} {
		u := beta * s.h
		loss, slope := math.Log1p(math.Exp(-u)), -beta/(1+math.Exp(u))
		at := picture.Point{lay.x(s.h), lay.y(loss)}
		found := discs(p, s.ink)
		if len(found) == 0 || math.Abs(float64(found[0].X-at.X))+math.Abs(float64(found[0].Y-at.Y)) > 0.01 {
			t.Fatalf("no bead at %v: %+v", at, found)
		}
		var arrow *picture.Mark
		for k := range p.Marks {
			if m := &p.Marks[k]; m.Kind == picture.KindLine && m.Ink == s.ink && m.Alpha == 1 && m.Stroke == 2.2 {
				arrow = m
			}
		}
		from, to := p.Points[arrow.From], p.Points[arrow.To-1]
		dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
		perH, perLoss := 10*float64(lay.x(0.1)-lay.x(0)), float64(lay.y(0)-lay.y(1))
		if got := -dy / perLoss / (dx / perH); dx <= 0 || dy <= 0 || math.Abs(got-slope) > 1e-3*-slope {
			t.Errorf("the arrow falls by %v, the tangent by %v", got, slope)
		}
		long[i] = math.Hypot(dx, dy) / (s.votes * -slope)
	}
	if math.Abs(long[0]/long[1]-1) > 1e-3 {
		t.Errorf("arrows are as long as pulls times %v", long)
	}
	if a, b := discs(p, picture.InkChosen)[0].R, discs(p, picture.InkRejected)[0].R; math.Abs(float64(a*a/b/b)-1.5) > 1e-3 {
		t.Errorf("areas are as %v, votes as 1.5", a*a/b/b)
	}
	values := map[string]string{}
	for _, row := range [...]string{"h, their gap", "if it were alone", "weight σ(−u)"} {
		values[row] = valueBeside(p, row)
	}
	u := beta * h
	for row, want := range map[string]float64{"h, their gap": h, "if it were alone": math.Log(1.5) / beta} {
		if values[row] != plus(want) {
			t.Errorf("%s is %s, want %s", row, values[row], plus(want))
		}
	}
	if want := words.Digits(1/(1+math.Exp(u)), 3); values["weight σ(−u)"] != want {
		t.Errorf("the weight is %s, want %s", values["weight σ(−u)"], want)
	}
}

// valueBeside is the number written on a row.
func valueBeside(p *picture.Picture, row string) string {
	for i, label := range p.Labels {
		if label.Text == row {
			return p.Labels[i+1].Text
		}
	}
	return ""
}

// The curve is drawn where the loss is: ln 2 at h = 0 whatever β is, 1/(4β²) for
// IPO, 1 for the hinge. Other losses meet it there, and fall as much around it.
func TestCurvesAreDrawnWhereTheyAre(t *testing.T) {
	words := scenetest.PageWords(t)
	for _, beta := range []float64{0.05, 0.5, 5} {
		for key, want := range map[string]float64{"dpo": math.Ln2, "ipo": 1 / (4 * beta * beta), "hinge": 1} {
			l := lossLab(t, words, "tyre", map[core.Param]float64{core.ObjectiveChoice: objectiveAt(key), core.Beta: beta, core.Beside: core.BesideAll})
			reader, p, v := readLoss(l, words, [2]int{0, 1}), &picture.Picture{}, NewView(words)
			v.Draw(p, &reader.Loss, 900, 600)
			lay := newLayout(v, &reader.Loss, 900, 600)
			x, y := lay.x(0), lay.y(want)
			curves, close := 0, 0
			for _, m := range v.still.Marks {
				if m.Kind != picture.KindLine || m.To-m.From < 8 || v.still.Points[m.From].Y > lay.plot.Y+lay.plot.H {
					continue
				}
				curves++
				for _, q := range v.still.Points[m.From:m.To] {
					if q.X == x && math.Abs(float64(q.Y-y)) < 0.01 {
						close++
						break
					}
				}
			}
			if all := len(objective.CurvedKeys()); curves != all || close != all {
				t.Errorf("%s at β = %v: %d curves, %d of them through (0, %v)", key, beta, curves, close, want)
			}
			for _, o := range reader.others {
				left, right := o.at(&reader.curve, -1/beta), o.at(&reader.curve, 1/beta)
				if a, b := left-right, reader.curve.Fall(); math.Abs(a-b) > 1e-9*b {
					t.Errorf("%s beside %s falls by %v, want %v", o.name, key, a, b)
				}
			}
		}
	}
}

// Losses that are no function of h are named and their beads drawn, without a
// curve; every objective has its words.
func TestLossesWithoutACurveAreNamed(t *testing.T) {
	words := scenetest.PageWords(t)
	for _, o := range objective.All() {
		l := lossLab(t, words, "tyre", map[core.Param]float64{core.ObjectiveChoice: objectiveAt(o.Key), core.Step: 20, core.Smoothing: o.Defaults(1).Epsilon})
		reader, p := readLoss(l, words, [2]int{0, 1}), &picture.Picture{}
		NewView(words).Draw(p, &reader.Loss, 900, 600)
		scenetest.Inspect(t, p, o.Key)
		curved := o.Margin != nil && o.Reference && o.Sorted == objective.Unsorted
		if reader.curve.Known() != curved {
			t.Errorf("%s: a curve: %v", o.Key, reader.curve.Known())
		}
		note := strings.Join(reader.notes, " ")
		if !curved && !strings.Contains(note, name(o.Key, words)) || strings.Contains(note, "[") {
			t.Errorf("%s: %q", o.Key, note)
		}
		if n := len(discs(p, picture.InkPolicy)); n < 20 {
			t.Errorf("%s: %d beads", o.Key, n)
		}
	}
}

// While a run goes on the axes only grow, and seldom; dragging β changes them at
// a few places only.
func TestLossAxesAreSteady(t *testing.T) {
	words := scenetest.PageWords(t)
	l := lossLab(t, words, "tyre", nil)
	reader := &Reader{}
	reader.Change(l, words)
	last, changes := span{}, 0
	for step := 0; step <= 1000; step += 5 {
		l.Seek(step)
		for l.Work(64) {
		}
		reader.Read(l, [2]int{0, 1})
		s := reader.span
		if s.h < last.h || s.high < last.high || s.low > last.low || s.pushHigh < last.pushHigh || s.full < last.full {
			t.Fatalf("step %d: %+v after %+v", step, s, last)
		}
		s.seen = seen{}
		if s != last {
			changes++
		}
		last = s
	}
	if changes > 4 {
		t.Errorf("the axes changed %d times in a run, the first included", changes)
	}
	changes, last = 0, span{}
	e := l.Experiment
	e.Settings[core.Step] = 200
	for beta := 0.1; beta < 1; beta *= 1.02 {
		e.Settings[core.Beta] = beta
		if c := l.Set(e); c != nil {
			t.Fatal(c)
		}
		for l.Work(1 << 12) {
		}
		reader.Change(l, words)
		reader.Read(l, [2]int{0, 1})
		if reader.span.h != last.h || reader.span.high != last.high {
			changes++
		}
		last = reader.span
	}
	if changes > 8 {
		t.Errorf("the axes changed %d times between β = 0.1 and 1", changes)
	}
}

// By arrow keys every bead is reached once, from left to right and back.
func TestBesideReachesEveryBead(t *testing.T) {
	words := scenetest.PageWords(t)
	for _, step := range []float64{0, 100} {
		l := lossLab(t, words, "tyre", map[core.Param]float64{core.Step: step})
		reader := readLoss(l, words, [2]int{0, 1})
		for reader.Beside(-1) >= 0 {
			b := reader.Beads[reader.Beside(-1)]
			reader.Read(l, [2]int{b.Chosen, b.Rejected})
		}
		seen := map[int]bool{BeadID(reader.Picked.Chosen, reader.Picked.Rejected): true}
		for i := reader.Beside(1); i >= 0; i = reader.Beside(1) {
			b := reader.Beads[i]
			seen[BeadID(b.Chosen, b.Rejected)] = true
			if b.H < reader.Picked.H {
				t.Fatal("a key to the right goes to the left")
			}
			reader.Read(l, [2]int{b.Chosen, b.Rejected})
		}
		if len(seen) != reader.beadCount {
			t.Errorf("step %v: %d of %d beads were reached", step, len(seen), reader.beadCount)
		}
	}
}

// Where a bead is drawn is where it is found, and its target names its pair.
func TestNearFindsBeads(t *testing.T) {
	words := scenetest.PageWords(t)
	l := lossLab(t, words, "tyre", map[core.Param]float64{core.Step: 200})
	reader, v, p := readLoss(l, words, [2]int{0, 4}), NewView(words), &picture.Picture{}
	v.Draw(p, &reader.Loss, 900, 600)
	if len(p.Targets) < 8 {
		t.Fatalf("%d targets", len(p.Targets))
	}
	for _, g := range p.Targets {
		near := v.Near(nil, &reader.Loss, g.X+g.W/2, g.Y+g.H/2, 900, 600)
		w, r := PairOfBead(g.ID)
		if b := reader.Beads[near[0]]; b.Chosen != w || b.Rejected != r {
			t.Errorf("at the target of %d over %d is %d over %d", w, r, b.Chosen, b.Rejected)
		}
		if !strings.Contains(g.Name, reader.replies[w].Text) || !g.Drag {
			t.Errorf("the target of %d over %d: %+v", w, r, g)
		}
	}
}

// A frame in which nothing changes makes no garbage.
func TestWarmLossFrameAllocatesNothing(t *testing.T) {
	words := scenetest.PageWords(t)
	for _, w := range []float32{360, 700, 1100} {
		for _, l := range []*core.Lab{lossLab(t, words, "tyre", map[core.Param]float64{core.Step: 100}),
			lossLab(t, words, "tyre", map[core.Param]float64{core.Step: 10, core.How: core.LearnByRLHF}),
			lossLab(t, words, "tyre", map[core.Param]float64{core.Step: 10, core.How: core.LearnOnline}), manyReplies(t, words, 30, map[core.Param]float64{core.Step: 10})} {
			reader, v, p := readLoss(l, words, [2]int{0, 1}), NewView(words), &picture.Picture{}
			v.Draw(p, &reader.Loss, w, 480)
			if n := testing.AllocsPerRun(20, func() { reader.Read(l, [2]int{0, 1}); v.Draw(p, &reader.Loss, w, 480) }); n != 0 {
				t.Errorf("width %g: %v allocations", w, n)
			}
		}
	}
}

// Many votes are counted once for a step, in slices, and then again for the
// next.
func TestManyVotesAreCountedInSlices(t *testing.T) {
	words := scenetest.PageWords(t)
	l := manyReplies(t, words, 90, map[core.Param]float64{core.Step: 3})
	reader := readLoss(l, words, [2]int{0, 1})
	if reader.Counting() || reader.beadCount != 90*89 || len(reader.Beads) != census.MostBeads {
		t.Fatalf("still counting: %v; %d beads, %d of them drawn", reader.Counting(), reader.beadCount, len(reader.Beads))
	}
	if reader.Read(l, [2]int{0, 1}); reader.Counting() {
		t.Error("what is known is counted again")
	}
	l.Seek(9)
	for l.Work(1 << 12) {
	}
	slices := 0
	for reader.Read(l, [2]int{0, 1}); reader.Work(l); slices++ {
		for _, b := range reader.Beads {
			if want := l.Worked(b.Chosen, b.Rejected); math.Abs(b.Loss-want.Loss) > 1e-12 {
				t.Fatalf("while votes are counted a bead stands at a loss of %v, not %v", b.Loss, want.Loss)
			}
		}
	}
	if slices < 1 {
		t.Error("all was counted at once")
	}
}

// BenchmarkLossFrame is a frame at play: another step's numbers.
func BenchmarkLossFrame(b *testing.B) {
	words := scenetest.PageWords(b)
	var labs [2]*core.Lab
	for i := range labs {
		labs[i] = lossLab(b, words, "tyre", map[core.Param]float64{core.Step: float64(100 + 10*i)})
	}
	reader, v, p := readLoss(labs[0], words, [2]int{0, 1}), NewView(words), &picture.Picture{}
	step := 0
	b.ReportAllocs()
	for b.Loop() {
		step++
		reader.Read(labs[step%2], [2]int{0, 1})
		v.Draw(p, &reader.Loss, 1100, 640)
	}
}

// BenchmarkLossBeta is a frame while β is dragged: curves and all are new.
func BenchmarkLossBeta(b *testing.B) {
	words := scenetest.PageWords(b)
	l := lossLab(b, words, "tyre", map[core.Param]float64{core.Step: 100, core.Beside: core.BesideAll})
	reader, v, p := readLoss(l, words, [2]int{0, 1}), NewView(words), &picture.Picture{}
	b.ReportAllocs()
	for b.Loop() {
		reader.Change(l, words)
		reader.Read(l, [2]int{0, 1})
		v.Draw(p, &reader.Loss, 1100, 640)
	}
}
