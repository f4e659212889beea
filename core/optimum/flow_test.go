package optimum_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/link"
	"dpoplayground/core/objective"
	"dpoplayground/core/optimum"
	"dpoplayground/core/scores"
	"dpoplayground/internal/full"
	"dpoplayground/internal/oracle"
)

// A plainFlow integrates dz/dt = −∂L/∂z by the explicit method of Dormand and Prince
// (1980), order 5, on the slope of plain descent. It shares nothing with a Heading.
type plainFlow struct {
	p     *plainDescender
	stage [7][]float64
	trial []float64
}

// dormandPrince holds the method's coefficients; its last row is also the step of
// order 5. dormandPrinceError weighs the stages to the error.
var dormandPrince = [7][6]float64{
	{},
	{1.0 / 5},
	{3.0 / 40, 9.0 / 40},
	{44.0 / 45, -56.0 / 15, 32.0 / 9},
	{19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
	{9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
	{35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
}

var dormandPrinceError = [7]float64{71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40}

func newPlainFlow(c optimum.Course) *plainFlow {
	f := &plainFlow{p: newPlainDescender(c), trial: make([]float64, len(c.LogRef))}
	for i := range f.stage {
		f.stage[i] = make([]float64, len(c.LogRef))
	}
	return f
}

// rest follows the flow until nothing moves and returns the probabilities there, or
// false if that takes too many steps. On the way to a limit the speed fades like 1/t,
// so that speed times t tells that from a place of rest.
func (f *plainFlow) rest(tolerance float64, steps int) (pi []float64, ok bool) {
	z, h := append([]float64(nil), f.p.z...), 1e-3
	f.slope(0, z)
	t := 0.0
	for range steps {
		if f.p.last < 1e-10 && f.p.last*t < 1e-6 {
			copy(f.p.z, z)
			f.p.look()
			return oracle.Exps(f.p.logPi), true
		}
		for i := 1; i < 7; i++ {
			for k := range z {
				f.trial[k] = z[k]
				for j, a := range dormandPrince[i][:i] {
					f.trial[k] += h * a * f.stage[j][k]
				}
			}
			f.slope(i, f.trial)
		}
		failing := 0.0
		for k := range z {
			e := 0.0
			for i, w := range dormandPrinceError {
				e += h * w * f.stage[i][k]
			}
			failing = max(failing, math.Abs(e)/tolerance)
		}
		if failing <= 1 {
			t += h
			copy(z, f.trial)
			copy(f.stage[0], f.stage[6])
		}
		h *= min(3, max(0.2, 0.9*math.Pow(failing+1e-10, -0.2)))
	}
	return nil, false
}

func (f *plainFlow) slope(stage int, z []float64) {
	copy(f.p.z, z)
	f.p.look()
	for k, g := range f.p.gradient {
		f.stage[stage][k] = -g
	}
}

// unseenCourse returns votes that go both ways and join all replies but the last
// unseen ones.
func unseenCourse(r *rand.Rand, key string, unseen int) optimum.Course {
	seen := 2 + r.IntN(3)
	ref := make([]float64, seen+unseen)
	for i := range ref {
		ref[i] = math.Exp(1.5 * r.NormFloat64())
	}
	c := course(key, objective.HyperParams{Beta: math.Exp(1.2*r.NormFloat64() - 1)}, ref)
	for i := range ref {
		c.Tokens = append(c.Tokens, float64(1+r.IntN(5)))
		for j := range min(i, seen) {
			if i < seen && (j == i-1 || r.IntN(2) == 0) {
				c.Votes = append(c.Votes, datatest.Vote(i, j, float64(1+r.IntN(9))), datatest.Vote(j, i, float64(1+r.IntN(9))))
			}
		}
	}
	return c
}

// TestDestinationsOfUnseenReplies holds destinations to the flow of the gradient where
// one or two replies were never compared, and so the place is one of many.
func TestDestinationsOfUnseenReplies(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(81, 82))
	tries := full.Or(8, 80)
	for _, key := range []string{"chi_po", "fdiv_js", "fdiv_forward_kl", "fdiv_alpha", "exo_pair", "discopop", "simpo", "sigmoid_norm", "aot", "rdpo", "nca_pair", "sppo_hard"} {
		compared := 0
		for i := range tries {
			c := unseenCourse(r, key, 1+i%2)
			want, ok := newPlainFlow(c).rest(1e-11, 15_000)
			if !ok {
				continue // it takes explicit steps too long
			}
			compared++
			d := coretest.FindDestination(c)
			if d.LogPi == nil {
				t.Errorf("%s: %s", key, d.Kind)
				continue
			}
			if !d.Finite {
				t.Errorf("%s, β = %v, %v: never reached (%s), where the flow rests", key, c.Loss.Params.Beta, c.Votes, d.Kind)
			}
			oracle.NearAll(t, fmt.Sprintf("%s, β = %v, %v", key, c.Loss.Params.Beta, c.Votes), oracle.Exps(d.LogPi), want, 1e-6)
		}
		if compared < tries/2 {
			t.Errorf("%s: only %d of %d states could be compared", key, compared, tries)
		}
	}
}

// A descent that is slow because the replies are long comes to rest all the same: its
// votes lead both ways.
func TestSlowDestinationsAreReached(t *testing.T) {
	c := course("sigmoid_norm", objective.HyperParams{Beta: 0.0742}, []float64{0.7514, 0.049, 0.0291, 0.1528, 0.0177})
	c.Tokens = []float64{1, 3, 5, 3, 5}
	c.Votes = []data.Pair{datatest.Vote(1, 0, 7), datatest.Vote(0, 1, 3), datatest.Vote(2, 1, 6), datatest.Vote(1, 2, 6),
		datatest.Vote(3, 0, 1), datatest.Vote(0, 3, 9), datatest.Vote(3, 2, 1), datatest.Vote(2, 3, 2)}
	want, ok := newPlainFlow(c).rest(1e-11, 15_000)
	if d := coretest.FindDestination(c); !ok || !d.Finite || d.Kind != optimum.KindFamily {
		t.Errorf("the flow rests: %v, and the destination is %s, finite %v", ok, d.Kind, d.Finite)
	} else {
		oracle.NearAll(t, "π", oracle.Exps(d.LogPi), want, 1e-6)
	}
}

// TestDestinationsOfManyUnseenReplies: so it is where there are too many replies for
// an eigendecomposition in one call.
func TestDestinationsOfManyUnseenReplies(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(93, 92))
	keys := []string{"chi_po", "simpo", "aot", "fdiv_js", "exo_pair"}
	if full.Asked() {
		keys = append(keys, "discopop", "rdpo", "nca_pair", "sppo_hard", "fdiv_forward_kl", "sigmoid_norm")
	}
	for _, key := range keys {
		c := unseenCourse(r, key, 66)
		want, ok := newPlainFlow(c).rest(1e-11, 15_000)
		d := coretest.FindDestination(c)
		if !ok || d.LogPi == nil {
			t.Errorf("%s: the flow rests: %v, and the destination is %s", key, ok, d.Kind)
			continue
		}
		oracle.NearAll(t, fmt.Sprintf("%s, β = %v, %v", key, c.Loss.Params.Beta, c.Votes), oracle.Exps(d.LogPi), want, 1e-6)
	}
}

// settled takes plain steps of one size until a while of them, moves
// no probability by more than still, and returns the mean of the last while's: steps
// jump to and fro across kinks.
func (p *plainDescender) settled(rate float64, while, most int, still float64) (pi []float64, ok bool) {
	p.fixed, p.rate, p.most = rate, rate, math.Inf(1)
	var before []float64
	for range most {
		mean := make([]float64, len(p.z))
		for range while {
			p.advance(1)
			for k, l := range p.logPi {
				mean[k] += math.Exp(l) / float64(while)
			}
		}
		change := math.Inf(1)
		if before != nil {
			change = 0
			for k := range mean {
				change = max(change, math.Abs(mean[k]-before[k]))
			}
		}
		if before = mean; change <= still {
			return mean, true
		}
	}
	return nil, false
}

// TestDestinationsOfDPOPWithUnseenReplies holds destinations to plain descent with
// small steps where comparisons do not join all replies and descent comes to rest: at
// the edge of a flat region, or in it, which is one place of many.
func TestDestinationsOfDPOPWithUnseenReplies(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(85, 86))
	want, rate, close := full.Or(10, 40), full.Or(1e-3, 1e-4), full.Or(5e-4, 5e-5)
	compared, edges := 0, 0
	for range 12 * want {
		c := unseenCourse(r, "dpop", 1)
		c.Loss = c.Loss.Objective.With(objective.HyperParams{Beta: 0.3 + 1.2*r.Float64(), Lambda: 0.5 + 6*r.Float64()})
		d := coretest.FindDestination(c)
		pi, ok := newPlainDescender(c).settled(rate, int(2/rate), 60, close/300)
		if !ok {
			continue // descent takes too long, or for ever
		}
		what := fmt.Sprintf("β = %v, λ = %v, π_ref = %v, %v", c.Loss.Params.Beta, c.Loss.Params.Lambda, oracle.Exps(c.LogRef), c.Votes)
		if !d.Finite || d.Kind != optimum.KindFamily {
			t.Errorf("%s: %s, finite %v, where descent rests at %v", what, d.Kind, d.Finite, pi)
			continue
		}
		oracle.NearAll(t, what, oracle.Exps(d.LogPi), pi, close)
		if compared++; d.Bent && d.KL > 1e-3 {
			edges++
		}
		if compared == want {
			break
		}
	}
	if compared < want || edges < want/3 {
		t.Errorf("only %d states could be compared, %d of them at an edge that descent came to", compared, edges)
	}
}

// conserved returns the largest change, from the start, of a mean log-ratio over
// the replies that comparisons join, seen from the first such set.
func conserved(c *optimum.Course, logPi []float64) (most float64) {
	k := len(c.LogRef)
	components := scores.Connect(k, scores.Aggregate(k, c.Votes, 0, new(scores.Pace)), new(scores.Pace))
	mean, n := make([]float64, components.Count), make([]float64, components.Count)
	for i, of := range components.Of {
		mean[of] += logPi[i] - c.LogRef[i]
		n[of]++
	}
	for g := range mean {
		most = max(most, math.Abs(mean[g]/n[g]-mean[0]/n[0]))
	}
	return most
}

// TestDestinationsKeepTheSumOfEachComponent: losses of margins push the replies that
// comparisons join by forces that add up to 0.
func TestDestinationsKeepTheSumOfEachComponent(t *testing.T) {
	r, finite := rand.New(rand.NewPCG(83, 84)), 0
	for _, key := range []string{"dpo", "cdpo", "rdpo", "ipo", "exo_pair", "discopop", "hinge"} {
		for i := range 8 {
			c := unseenCourse(r, key, 1+i%2)
			if d := coretest.FindDestination(c); d.Finite {
				finite++
				oracle.Near(t, fmt.Sprintf("%s, β = %v, %v: what a component gains", key, c.Loss.Params.Beta, c.Votes), conserved(&c, d.LogPi), 0, 1e-8)
			}
		}
	}
	if finite < 40 {
		t.Errorf("only %d destinations are finite", finite)
	}
}

// TestDestinationsOfUnseenRepliesOfLinks: what an independent program found.
func TestDestinationsOfUnseenRepliesOfLinks(t *testing.T) {
	for _, c := range []struct {
		link string
		kl   float64
		pi   []float64
	}{
		{"v=1&preset=tyre&obj=fdiv_js&cover=seen&lr=0.2", 0.444, []float64{0.5414, 0.1713, 0.1370, 0.0786, 0.0088, 0.0628}},
		{"v=1&preset=tyre&obj=fdiv_forward_kl&cover=seen&lr=0.2", 0.136, nil},
		{"v=1&preset=unseen&obj=chi_po&pairs=0-1x9_1-0x5", math.NaN(), []float64{0.1490, 0.5171, 0.3339}},
		{"v=1&preset=unseen&obj=dpop&pairs=0-1x9_1-0x5", 0.277, []float64{0.324, 0.6, 0.076}},
		{"v=1&preset=same&obj=chi_po&beta=1.315&lr=0.0231&q=Q0&a=-1.52_0.071_R0&a=0.6_0.049_R1&a=0.44_0.124_R2&n=5&pairs=0-1x9_1-0x11", 0.00035, nil},
	} {
		presets := coretest.TestPresets()
		e, complaints := link.Parse(c.link, presets)
		if len(complaints) > 0 {
			t.Fatal(complaints)
		}
		l, complaint := core.NewLab(presets, e)
		if complaint != nil {
			t.Fatal(complaint)
		}
		coretest.SettleLab(l, 97)
		d := l.Destination
		if d == nil || !d.Finite {
			t.Errorf("%s: %+v", c.link, d)
			continue
		}
		if c.kl == c.kl {
			oracle.Near(t, c.link+": KL", d.KL, c.kl, 5.1e-4*min(1, 20*c.kl))
		}
		if c.pi != nil {
			oracle.NearAll(t, c.link, oracle.Exps(d.LogPi), c.pi, 6e-5)
		}
	}
}
