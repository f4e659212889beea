package optimum_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/num"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/internal/full"
	"dpoplayground/internal/oracle"
)

// A plainDescender is gradient descent step by step through the objectives' own
// functions, in loops that share nothing with a Heading.
type plainDescender struct {
	c          optimum.Course
	z, logPi   []float64
	gradient   []float64           // with respect to z
	slope      []float64           // with respect to log π
	batch      objective.LossBatch // of sorted objectives only
	last       float64             // max |gradient|
	rate, most float64
	fixed      float64 // the rate, for losses with kinks; 0 adapts it
}

func newPlainDescender(c optimum.Course) *plainDescender {
	k := len(c.LogRef)
	p := &plainDescender{c: c, z: append([]float64(nil), c.LogRef...), rate: 1e-3, most: 0.02 * min(1, 1/c.Loss.Params.Beta)}
	p.logPi, p.gradient, p.slope = make([]float64, k), make([]float64, k), make([]float64, k)
	p.look()
	return p
}

func (p *plainDescender) score(k int) float64 {
	return p.c.Loss.Objective.Score(p.logPi[k], p.c.LogRef[k], num.At(p.c.Tokens, k, 1))
}

// look sets gradient.
func (p *plainDescender) look() {
	z := math.Inf(-1)
	for _, v := range p.z {
		z = max(z, v)
	}
	sum := 0.0
	for _, v := range p.z {
		sum += math.Exp(v - z)
	}
	for k, v := range p.z {
		p.logPi[k], p.slope[k] = v-z-math.Log(sum), 0
	}
	o, n := p.c.Loss.Objective, 0.0
	for _, v := range p.c.Votes {
		n += v.Count
	}
	switch {
	case o.Sorted != objective.Unsorted:
		p.sorted()
	case o.Reply != nil:
		p.thumbs(n)
	default:
		for _, v := range p.c.Votes {
			_, up, down := p.c.Loss.Pair(p.score(v.Chosen), p.score(v.Rejected))
			p.slope[v.Chosen] += v.Count / n * up * o.ScoreSlope(num.At(p.c.Tokens, v.Chosen, 1))
			p.slope[v.Rejected] += v.Count / n * down * o.ScoreSlope(num.At(p.c.Tokens, v.Rejected, 1))
		}
	}
	total := 0.0
	for _, s := range p.slope {
		total += s
	}
	p.last = 0
	for k := range p.gradient {
		p.gradient[k] = p.slope[k] - math.Exp(p.logPi[k])*total
		p.last = max(p.last, math.Abs(p.gradient[k]))
	}
}

func (p *plainDescender) thumbs(n float64) {
	z0 := 0.0
	if p.c.Loss.Objective.Baseline {
		for _, v := range p.c.Votes {
			z0 += v.Count / (2 * n) * (p.score(v.Chosen) + p.score(v.Rejected))
		}
		if p.c.Baseline == optimum.ExactBaseline {
			z0 = 0
			for k := range p.z {
				z0 += math.Exp(p.logPi[k]) * p.score(k)
			}
		}
	}
	z0 = max(0, z0)
	for _, v := range p.c.Votes {
		_, up := p.c.Loss.Reply.Good(p.score(v.Chosen), z0)
		_, down := p.c.Loss.Reply.Bad(p.score(v.Rejected), z0)
		p.slope[v.Chosen] += v.Count / (2 * n) * up
		p.slope[v.Rejected] += v.Count / (2 * n) * down
	}
}

func (p *plainDescender) sorted() {
	b := &p.batch
	for _, s := range []*objective.Side{&b.Chosen, &b.Rejected} {
		s.LogPi, s.LogRef, s.Weight = s.LogPi[:0], s.LogRef[:0], s.Weight[:0]
	}
	for _, v := range p.c.Votes {
		b.Chosen.LogPi, b.Rejected.LogPi = append(b.Chosen.LogPi, p.logPi[v.Chosen]), append(b.Rejected.LogPi, p.logPi[v.Rejected])
		b.Chosen.LogRef, b.Rejected.LogRef = append(b.Chosen.LogRef, p.c.LogRef[v.Chosen]), append(b.Rejected.LogRef, p.c.LogRef[v.Rejected])
		b.Chosen.Weight, b.Rejected.Weight = append(b.Chosen.Weight, v.Count), append(b.Rejected.Weight, v.Count)
	}
	b.Mean(p.c.Loss, 0)
	for i, v := range p.c.Votes {
		p.slope[v.Chosen] += b.Chosen.Grad[i]
		p.slope[v.Rejected] += b.Rejected.Grad[i]
	}
}

// advance takes n steps. The rate grows slowly as long as steps keep their
// direction, and is cut when they turn; no step moves a logit far.
func (p *plainDescender) advance(n int) {
	before := make([]float64, len(p.z))
	for range n {
		if p.last == 0 {
			return
		}
		copy(before, p.gradient)
		t := min(p.rate, p.most/p.last)
		for k, g := range p.gradient {
			p.z[k] -= t * g
		}
		p.look()
		along, old, now := 0.0, 0.0, 0.0
		for k, g := range p.gradient {
			along, old, now = along+g*before[k], old+before[k]*before[k], now+g*g
		}
		if p.fixed > 0 {
			p.rate = p.fixed
		} else if p.rate = min(1e200, t*1.05); along < 0.5*math.Sqrt(old*now) {
			p.rate = t * 0.5
		}
	}
}

func presetCourse(t *testing.T, preset *core.Preset, prompt int, o *objective.Objective, beta float64) optimum.Course {
	e := preset.Start()
	p, complaint := core.Prepare(e.Dataset([]core.Preset{*preset}), &e.Settings, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	from, to := p.Range(prompt)
	c := optimum.Course{Loss: o.With(strayed(o, beta)), LogRef: p.LogRef[from:to], Votes: p.VotesOf(prompt)}
	for k := from; k < to; k++ {
		c.Tokens = append(c.Tokens, float64(3+7*(k-from)%5))
	}
	return c
}

// TestDestinationsOfPresets holds every objective's destination on every
// preset against long plain descent: it gets there, and if it never arrives it is
// still on its way.
func TestDestinationsOfPresets(t *testing.T) {
	if testing.Short() {
		t.Skip("takes millions of steps")
	}
	t.Parallel()
	presets := core.Presets(func(key string) string { return key })
	seen := map[string]int{}
	for i := range presets {
		structure := structureOf(t, &presets[i])
		if seen[structure]++; seen[structure] > full.Or(2, len(presets)) {
			continue
		}
		for j := range objective.All() {
			beta := []float64{0.1, 0.5, 2}[(i+betaOf(&objective.All()[j]))%3]
			comparePlainly(t, &presets[i], &objective.All()[j], beta)
		}
	}
}

// structureOf names what of a preset's first prompt decides which kinds of
// destinations there are: whether it has pairs and thumbs, how many groups of
// replies its votes connect, and how many of them win and lose within their group.
func structureOf(t *testing.T, preset *core.Preset) string {
	e := preset.Start()
	p, complaint := core.Prepare(e.Dataset([]core.Preset{*preset}), &e.Settings, nil)
	if complaint != nil {
		t.Fatal(complaint)
	}
	from, to := p.Range(0)
	n := to - from
	beats, linked := reached(n), reached(n)
	for _, v := range p.VotesOf(0) {
		beats[v.Chosen][v.Rejected] = true
		linked[v.Chosen][v.Rejected], linked[v.Rejected][v.Chosen] = true, true
	}
	closeOver(beats)
	closeOver(linked)
	return fmt.Sprintf("pairs %v, thumbs %v, %d groups, %d circles", p.Total > 0, p.Ups+p.Downs > 0,
		classes(linked), classes(beats))
}

// reached is a relation of n replies in which each is related to itself alone.
func reached(n int) [][]bool {
	r := make([][]bool, n)
	for k := range r {
		r[k] = make([]bool, n)
		r[k][k] = true
	}
	return r
}

// closeOver makes a relation transitive.
func closeOver(r [][]bool) {
	for via := range r {
		for a := range r {
			for b := range r {
				r[a][b] = r[a][b] || r[a][via] && r[via][b]
			}
		}
	}
}

// classes counts the classes of replies that are related both ways.
func classes(r [][]bool) (n int) {
	for a := range r {
		first := true
		for b := range a {
			first = first && !(r[a][b] && r[b][a])
		}
		if first {
			n++
		}
	}
	return n
}

// betaOf returns a number that is the objective's own wherever its row stands. It
// begins at 2: from 0 ipo_norm on agree meets β = 2, where the member of the family
// that descent picks hangs on its steps, and plain descent's are too large.
func betaOf(o *objective.Objective) int {
	n := 2
	for _, c := range o.Key {
		n += int(c)
	}
	return n
}

func comparePlainly(t *testing.T, preset *core.Preset, o *objective.Objective, beta float64) {
	const steps = 60_000
	c := presetCourse(t, preset, 0, o, beta)
	d := coretest.FindDestination(c)
	where := fmt.Sprintf("%s on %s, β = %v: %s", o.Key, preset.ID, beta, d.Kind)
	if d.Kind == optimum.KindEndless {
		return // TestEveryPresetHasADestination lists them
	}
	if d.LogPi == nil {
		t.Errorf("%s: no answer", where)
		return
	}
	p := newPlainDescender(c)
	kinks := o.Key == "hinge" || o.Key == "dpop"
	if kinks {
		p.fixed = 0.01 / (beta * beta)
	}
	p.advance(steps / 2)
	half, off := slices.Clone(p.logPi), p.off(d)
	if p.fixed /= 10; (o.Key == "dpop" || o.Key == "chi_po") && preset.ID == "agree" {
		return // so small a rate takes it too long
	}
	p.advance(steps / 2)
	moved := 0.0
	for k := range half {
		moved = max(moved, math.Abs((p.logPi[k]-p.logPi[0])-(half[k]-half[0])))
	}
	switch {
	case d.Kind == optimum.KindStart && d.Within > 0.02:
		return // the slightest push at the start would lead elsewhere
	case d.Finite && !kinks && !(p.last < 1e-9 && moved < 1e-3*(1+p.spread())) && !(p.off(d) < 0.8*off):
		t.Errorf("%s: plain descent has not arrived, slope %v", where, p.last)
	case !d.Finite && p.last > 1e-12 && !(moved > 1e-4):
		t.Errorf("%s: plain descent stands still", where)
	}
	tolerance := 5e-3
	if !d.Finite {
		tolerance = 0.03
	}
	nearer := 0.8 * off
	if kinks {
		nearer = off
	}
	if !(p.off(d) <= tolerance) && !(p.last > 1e-9 && p.off(d) < nearer) { // or it gets there more slowly
		t.Errorf("%s: %.4f, plain descent %.4f", where, oracle.Exps(d.LogPi), oracle.Exps(p.logPi))
	}
	if d.Kind != optimum.KindUnbounded && !(d.Gradient <= 1e-6) {
		t.Errorf("%s: gradient %v", where, d.Gradient)
	}
}

// off is how far the policy is from a destination.
func (p *plainDescender) off(d *optimum.Destination) (most float64) {
	for k, l := range d.LogPi {
		most = max(most, math.Abs(math.Exp(p.logPi[k])-math.Exp(l)))
	}
	return most
}

// spread is the largest difference of two log-ratios.
func (p *plainDescender) spread() float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for k, l := range p.logPi {
		low, high = min(low, l-p.c.LogRef[k]), max(high, l-p.c.LogRef[k])
	}
	return high - low
}
