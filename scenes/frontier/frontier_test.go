package frontier

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/frontier"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/rlhf"
	"dpoplayground/core/scores"
	"dpoplayground/scenes/picture"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

// frontierWords is the catalogue of these tests.
func frontierWords(t testing.TB) words.Words { return scenetest.WordsOf(t, "testdata/frontier.txt") }

// frontierLab is a lab of a preset, settled at its step.
func frontierLab(t testing.TB, id, objective string, set map[core.Param]float64) *core.Lab {
	presets := core.Presets(func(key string) string { return key })
	e := core.FindPreset(presets, id).Start()
	if objective != "" {
		e.Settings = e.Settings.Choose(objective)
	}
	for p, x := range set {
		e.Settings[p] = x
	}
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(1 << 14) {
	}
	return l
}

// readFrontier reads labs, the first of which is the experiment's own, as the
// page does.
func readFrontier(m *Frontier, words words.Words, labs ...*core.Lab) *Frontier {
	var f frontier.Frontier
	f.Follow(labs[0])
	for f.Work(scores.WorkBudget) {
		f.Follow(labs[0])
	}
	names := make([]string, len(labs))
	for i, l := range labs {
		names[i] = fmt.Sprintf("%s, β = %v", l.Experiment.Settings.Objective().Key, l.Beta())
	}
	m.Read(&f, labs, names, words)
	return m
}

// versusOf runs what an experiment is compared with.
func versusOf(t testing.TB, lead *core.Lab, variants ...core.Variant) []*core.Lab {
	lead.Experiment.Versus = variants
	p, complaints := core.NewPanel(lead)
	if len(complaints) > 0 {
		t.Fatal(complaints)
	}
	for scenetest.WorkOthers(p, 1<<14) {
	}
	return append([]*core.Lab{lead}, p.Others...)
}

func sampleFrontiers(t testing.TB) map[string]*Frontier {
	words := frontierWords(t)
	at := func(step, beta float64) map[core.Param]float64 {
		return map[core.Param]float64{core.Step: step, core.Beta: beta}
	}
	read := func(labs ...*core.Lab) *Frontier { return readFrontier(&Frontier{}, words, labs...) }
	ipo := core.Variant{Param: core.ObjectiveChoice, Value: float64(indexOf("ipo"))}
	rlhf := core.Variant{Param: core.How, Value: core.LearnByRLHF}
	small := core.Variant{Param: core.Beta, Value: 0.1}
	return map[string]*Frontier{
		"start":    read(frontierLab(t, "tyre", "", at(0, 0.5))),
		"tyre":     read(frontierLab(t, "tyre", "", at(200, 0.2))),
		"proxy":    read(frontierLab(t, "proxy", "", at(4000, 0.05))),
		"hump":     read(frontierLab(t, "proxy", "", at(300, 0.2))),
		"never":    read(frontierLab(t, "agree", "", at(300, 0.5))),
		"kto":      read(frontierLab(t, "tyre", "kto", at(300, 0.5))),
		"ipo":      read(frontierLab(t, "tyre", "ipo", at(300, 0.1))),
		"rare":     read(frontierLab(t, "rare", "", at(600, 0.1))),
		"linear":   read(frontierLab(t, "displacement", "", at(300, 0.5))),
		"compared": read(versusOf(t, frontierLab(t, "tyre", "", at(400, 0.5)), ipo, rlhf, small)...),
		"four":     read(versusOf(t, frontierLab(t, "tyre", "", at(0, 0.5)), ipo, rlhf, small)...),
		"cycle":    read(frontierLab(t, "cycle", "", at(300, 0.5))),
	}
}

func indexOf(key string) int {
	for i := range objective.All() {
		if objective.All()[i].Key == key {
			return i
		}
	}
	return -1
}

// TestFrontierSamples writes pictures to look at: SAMPLES=folder.
func TestFrontierSamples(t *testing.T) {
	write := scenetest.Samples(t)
	v := NewView(frontierWords(t))
	for name, m := range sampleFrontiers(t) {
		for _, size := range [][3]float32{{360, 420, 16}, {650, 420, 16}, {1000, 700, 16}, {1150, 620, 26}} {
			p := &picture.Picture{}
			m.Font = size[2]
			v.Draw(p, m, size[0], size[1])
			write(name, p)
			t.Log(name, size, "\n", p.Desc)
		}
	}
}

func TestFrontierPicturesAreSound(t *testing.T) {
	v := NewView(frontierWords(t))
	p := &picture.Picture{}
	for name, m := range sampleFrontiers(t) {
		for _, w := range []float32{320, 360, 480, 650, 1000, 1600} {
			for _, h := range []float32{260, 420, 900} {
				for _, font := range []float32{0, 16, 26} {
					m.Font = font
					v.Draw(p, m, w, h)
					scenetest.Inspect(t, p, fmt.Sprintf("%s %gx%g font %g", name, w, h, font))
				}
			}
		}
	}
}

// randomFrontier is any state: curves of random rewards and scores, runs
// anywhere, unknown numbers.
func randomFrontier(r *rand.Rand) *Frontier {
	k := 1 + r.IntN(30)
	size := math.Pow(10, float64(r.IntN(9)-3))
	logRef, reward, scores := make([]float64, k), make([]float64, k), make([]float64, k)
	for i, q := range scenetest.RandomSimplex(r, k) {
		logRef[i] = math.Log(max(q, 1e-30))
		reward[i] = size * r.NormFloat64()
		scores[i] = reward[i] + size*r.NormFloat64()*float64(r.IntN(3))
		if i > 0 && r.IntN(6) == 0 {
			scores[i] = math.Inf(-1)
		}
	}
	num.LogSoftmax(logRef, logRef)
	m := &Frontier{yardstick: frontier.Yardstick(1 + r.IntN(2)), version: r.IntN(1e9), beta: 0.01 * math.Pow(500, r.Float64()), Held: r.IntN(2) == 0}
	trace := func(s []float64) frontier.Tradeoff {
		var c frontier.Tradeoff
		c.Reset(logRef, s, reward, rlhf.LeashInReward)
		for !c.Work(1e6) {
		}
		return c
	}
	best := trace(reward)
	m.best = best.Points
	if r.IntN(4) > 0 {
		optima := trace(scores)
		m.optima = optima.Points
		for _, b := range roundBetas {
			m.rounds = append(m.rounds, optima.At(b.beta))
		}
		if r.IntN(2) == 0 {
			m.proxy, m.promised = frontier.Proxy(1+r.IntN(3)), size*r.NormFloat64()
			for range m.optima {
				m.promise = append(m.promise, size*r.NormFloat64())
			}
		}
	}
	if r.IntN(3) == 0 {
		m.note = scenetest.RandomText(r)
	}
	somewhere := func() frontier.TradeoffPoint {
		x := frontier.TradeoffPoint{KL: 4 * r.ExpFloat64(), Reward: size * r.NormFloat64()}
		if r.IntN(20) == 0 {
			x.Reward = []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(3)]
		}
		return x
	}
	for range 1 + r.IntN(4) {
		run := run{Name: scenetest.RandomText(r), step: r.IntN(1e6), now: somewhere(), goal: somewhere(), reached: picture.Reached(r.IntN(3))}
		if r.IntN(4) == 0 {
			run.now = m.best[0]
		}
		for range r.IntN(60) {
			run.path = append(run.path, somewhere())
		}
		run.most = best.Most(run.now.KL)
		m.Runs = append(m.Runs, run)
	}
	m.grow()
	return m
}

func TestFrontiersOfAnyStateAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 1))
	v, p := NewView(frontierWords(t)), &picture.Picture{}
	for n := range 600 {
		m := randomFrontier(r)
		m.Font = float32(n % 30)
		w, h := 320+r.Float32()*1080, 260+r.Float32()*640
		v.Draw(p, m, w, h)
		scenetest.Inspect(t, p, fmt.Sprintf("[frontier %d %gx%g]", n, w, h))
	}
}

// Labs of every objective and method, of one reply and of a thousand, with
// rewards and without, give a sound picture at every β.
func TestFrontiersOfLabsAreSound(t *testing.T) {
	v, p, n := NewView(frontierWords(t)), &picture.Picture{}, 0
	look := func(l *core.Lab, what string) {
		m := readFrontier(&Frontier{}, frontierWords(t), l)
		n++
		v.Draw(p, m, 360+float32(n%7)*130, 300+float32(n%5)*110)
		scenetest.Inspect(t, p, what)
		if len(m.best) == 0 && m.note == "" {
			t.Errorf("%s: nothing is drawn and nothing said", what)
		}
	}
	for i := range objective.All() {
		o := &objective.All()[i]
		for _, beta := range []float64{0.01, 5} {
			look(frontierLab(t, "noise", o.Key, map[core.Param]float64{core.Step: 40, core.Beta: beta}), o.Key)
		}
	}
	for how := rlhf.ExactGradient; how <= rlhf.PPO; how++ {
		for _, leash := range []rlhf.Leash{rlhf.LeashInReward, rlhf.LeashK3Loss} {
			look(frontierLab(t, "rare", "", map[core.Param]float64{core.How: core.LearnByRLHF, core.Step: 30, core.Beta: 0.02,
				core.EstimatorChoice: float64(how), core.LeashChoice: float64(leash)}), "RLHF")
		}
	}
	look(frontierLab(t, "jury", "", map[core.Param]float64{core.How: core.LearnOnline, core.Step: 30}), "online")
	for _, k := range []int{1, 2, 1000} {
		for _, rewarded := range []bool{true, false} {
			look(wideLab(t, k, rewarded), fmt.Sprintf("%d replies, rewards %v", k, rewarded))
		}
	}
}

// wideLab is a lab of k replies, of which each was preferred to the next twice
// and the other way once.
func wideLab(t *testing.T, k int, rewarded bool) *core.Lab {
	d := &data.Dataset{Prompts: []data.Prompt{{Text: "?"}}, Rewarded: rewarded}
	for i := range k {
		d.Prompts[0].Replies = append(d.Prompts[0].Replies, data.Reply{Text: fmt.Sprint(i), Reward: math.Sin(float64(i))})
		if i > 0 {
			d.Pairs = append(d.Pairs, data.Pair{Chosen: i - 1, Rejected: i, Count: 2}, data.Pair{Chosen: i, Rejected: i - 1, Count: 1})
		}
	}
	presets := core.Presets(func(key string) string { return key })
	e := presets[0].Start().Use(d, nil)
	e.Settings[core.Step] = 20
	l, c := core.NewLab(presets, e)
	if c != nil {
		t.Fatal(c)
	}
	for l.Work(1 << 14) {
	}
	return l
}

// The numbers on the picture are the run's: KL .301 and so on come from core,
// the rate and the gap from arithmetic here.
func TestFrontierSaysItsNumbers(t *testing.T) {
	l := frontierLab(t, "proxy", "", map[core.Param]float64{core.Step: 300, core.Beta: 0.5})
	m := readFrontier(&Frontier{}, frontierWords(t), l)
	v, p := NewView(frontierWords(t)), &picture.Picture{}
	v.Draw(p, m, 800, 500)
	truth, reward := []float64{0, 0.6, 1, -2}, 0.0
	for k, lp := range l.Policy() {
		reward += math.Exp(lp) * truth[k]
	}
	gain := reward - 0.287 // of the reference: .4·.6 + .049·1 − .001·2
	for _, want := range []string{words.Signed(gain, 2), words.Fixed(l.Now(), 3) + " nats", words.Fixed(gain/l.Now(), 2) + " per nat"} {
		if !strings.Contains(v.head, want) {
			t.Errorf("%q is not in %q", want, v.head)
		}
	}
	// math.md §4: .457 at β = .5, .31 at β = 5.
	for _, want := range []string{"β = 0.5 leads to KL", "and 0.46.", "counted by the reward it was given"} {
		if !strings.Contains(p.Desc, want) {
			t.Errorf("%q is not in %q", want, p.Desc)
		}
	}
	if len(p.Targets) != 1 || !p.Targets[0].Drag || p.Targets[0].ID != Mark {
		t.Errorf("targets %+v", p.Targets)
	}
}

// What is dragged to where the mark of a β stands has that β again, to the
// slider's places.
func TestFrontierDrag(t *testing.T) {
	l := frontierLab(t, "proxy", "", map[core.Param]float64{core.Step: 0})
	m := readFrontier(&Frontier{}, frontierWords(t), l)
	v, p := NewView(frontierWords(t)), &picture.Picture{}
	v.Draw(p, m, 1000, 700)
	for i, round := range m.rounds {
		at := v.layout.at(&round)
		if round.Beta > 1 || round.Beta < 0.1 {
			continue // the places are closer than a pixel
		}
		if got := v.BetaAt(m, at.X, at.Y); math.Abs(math.Log(got/roundBetas[i].beta)) > 0.06 {
			t.Errorf("at the mark of β = %v the β is %v", roundBetas[i].beta, got)
		}
	}
	if b := v.BetaAt(m, v.layout.right(), v.layout.foot()); b < 0.01 || b > 5 {
		t.Errorf("outside is β = %v", b)
	}
	if up, down := NudgeBeta(0.5, 1), NudgeBeta(0.5, -1); !(up > 0.5 && up < 0.53 && down < 0.5 && down > 0.47) || NudgeBeta(5, 1) != 5 || NudgeBeta(0.01, -1) != 0.01 {
		t.Error(up, down)
	}
}

// Neither axis moves while a run plays or β is dragged.
func TestFrontierAxesAreSteady(t *testing.T) {
	words := frontierWords(t)
	m := &Frontier{}
	var extent extent
	for i, step := range []float64{0, 10, 100, 1000, 5000} {
		for _, beta := range []float64{0.01, 0.1, 0.5, 5} {
			readFrontier(m, words, frontierLab(t, "proxy", "", map[core.Param]float64{core.Step: step, core.Beta: beta}))
			if i == 0 && beta == 0.01 {
				extent = m.extent
			}
			if m.extent != extent {
				t.Fatalf("step %v, β = %v: the axes went from %v to %v", step, beta, extent, m.extent)
			}
		}
	}
}

// A frame in which no visible number changes makes no garbage.
func TestWarmFrontierAllocatesNothing(t *testing.T) {
	v, p := NewView(frontierWords(t)), &picture.Picture{}
	for name, m := range sampleFrontiers(t) {
		v.Draw(p, m, 900, 560)
		v.Draw(p, m, 900, 560)
		if n := testing.AllocsPerRun(20, func() { v.Draw(p, m, 900, 560) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// BenchmarkFrontierFrame is a frame at play, BenchmarkFrontierStill one after
// a change of size.
func BenchmarkFrontierFrame(b *testing.B) {
	v, p := NewView(frontierWords(b)), &picture.Picture{}
	m := sampleFrontiers(b)["compared"]
	v.Draw(p, m, 900, 560)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		m.Runs[0].now.Reward += 1e-7 * float64(i%3)
		v.Draw(p, m, 900, 560)
	}
}

func BenchmarkFrontierStill(b *testing.B) {
	v, p := NewView(frontierWords(b)), &picture.Picture{}
	m := sampleFrontiers(b)["proxy"]
	for i := range b.N {
		m.version = i
		v.Draw(p, m, 900, 560)
	}
}

// The hump of an over-optimised reward stands well off the reference: across is
// √KL there, for as long as the curves stay. What the run itself goes by is
// drawn beside it, and left out where it makes no hump.
func TestFrontierGivesTheHumpRoom(t *testing.T) {
	v, p, samples := NewView(frontierWords(t)), &picture.Picture{}, sampleFrontiers(t)
	for name, root := range map[string]bool{"proxy": true, "hump": true, "tyre": false, "kto": false} {
		m := samples[name]
		v.Draw(p, m, 650, 420)
		l := &v.layout
		if m.rooted() != root || (m.promise != nil) != root {
			t.Errorf("%s: rooted %v, promise %v", name, m.rooted(), m.promise != nil)
		}
		for _, q := range m.best {
			share := q.KL / l.kl
			if root {
				share = math.Sqrt(share)
			}
			if at := (l.x(q.KL) - l.plot.X) / l.plot.W; math.Abs(float64(at)-share) > 1e-5 {
				t.Errorf("%s: KL %v lies at %v of the axis, want %v", name, q.KL, at, share)
			}
		}
		if root && l.x(m.peak.KL)-l.plot.X < 0.15*l.plot.W {
			t.Errorf("%s: the hump lies at %v of the axis", name, (l.x(m.peak.KL)-l.plot.X)/l.plot.W)
		}
	}
}
