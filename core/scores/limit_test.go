package scores_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dpoplayground/core/coretest"
	"dpoplayground/core/data"
	"dpoplayground/core/data/datatest"
	"dpoplayground/core/scores"
)

// oneSidedVotes draws votes on a few pairs of k replies, most of them with the
// lower number winning, with counts of a few.
func oneSidedVotes(rng *rand.Rand, k int) []data.Pair {
	var votes []data.Pair
	for len(votes) == 0 {
		for b := range k {
			for a := range b {
				switch r := rng.Float64(); {
				case r < 0.35:
					votes = append(votes, datatest.Vote(a, b, float64(1+rng.IntN(4))))
				case r < 0.4:
					votes = append(votes, datatest.Vote(b, a, float64(1+rng.IntN(4))))
				}
			}
		}
	}
	return votes
}

// logClock integrates dy/ds = e^s Σ n σ(−gap) (e_w − e_l) from y = 0 at s = −30
// with classical Runge–Kutta steps, and calls at(s, y) whenever s has grown by
// every.
func logClock(k int, votes []data.Pair, step, end, every float64, at func(s float64, y []float64)) {
	rate := func(dy, y []float64, s float64) {
		clear(dy)
		for _, v := range votes {
			gap := y[v.Chosen] - y[v.Rejected]
			f := v.Count * math.Exp(s-gap-math.Log1p(math.Exp(-gap)))
			dy[v.Chosen] += f
			dy[v.Rejected] -= f
		}
	}
	y, trial := make([]float64, k), make([]float64, k)
	var d [4][]float64
	for i := range d {
		d[i] = make([]float64, k)
	}
	next := every
	for n := 0; ; n++ {
		s := -30 + step*float64(n)
		if s >= next {
			at(s, y)
			next += every
			if s >= end {
				return
			}
		}
		for i, share := range []float64{0, 0.5, 0.5, 1} {
			copy(trial, y)
			if i > 0 {
				for j := range trial {
					trial[j] += share * step * d[i-1][j]
				}
			}
			rate(d[i], trial, s+share*step)
		}
		for j := range y {
			y[j] += step / 6 * (d[0][j] + 2*d[1][j] + 2*d[2][j] + d[3][j])
		}
	}
}

func acyclic(k int, votes []data.Pair) bool {
	return scores.StrongSets(k, scores.Aggregate(k, votes, 0, new(scores.Pace)), new(scores.Pace)).Count == k
}

// TestLimitsAgreeWithDescent follows gradient descent itself, by an explicit
// method on the clock s = log t that knows nothing of margins, up to t = e^400.
func TestLimitsAgreeWithDescent(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	seen := map[string]int{}
	worst := 0.0
	for trial := 0; trial < 150; trial++ {
		k := 3 + rng.IntN(5)
		votes := oneSidedVotes(rng, k)
		if !acyclic(k, votes) {
			continue // explicit steps cannot follow the stiff motion in a cycle
		}
		s := coretest.FitScores(k, votes, 0)
		var early, late []float64
		logClock(k, votes, 0.02, 400, 200, func(_ float64, y []float64) {
			early, late = late, append([]float64(nil), y...)
		})
		lead := s.Survivors[0]
		for _, i := range s.Survivors {
			if s.Score[i] == 0 {
				lead = i
			}
		}
		for i := range k {
			before, after := early[i]-early[lead], late[i]-late[lead]
			lost := before - after // a drift like log log t loses some log 2 from s = 200 to 400
			switch {
			case s.Score[i] == never:
				seen["runs away"]++
				if lost < 0.02 {
					t.Errorf("%v: reply %d runs away, but stands at %v, then %v, against %d", votes, i, before, after, lead)
				}
			case math.Abs(lost) < 1e-7:
				seen["survives"]++
				worst = math.Max(worst, math.Abs(after-s.Score[i]))
				if math.Abs(after-s.Score[i]) > 1e-6 {
					t.Errorf("%v: score %d = %v, descent arrives at %v", votes, i, s.Score[i], after)
				}
			default:
				seen["still on the way"]++
				if math.Abs(lost) > 0.02 || math.Abs(after-s.Score[i]) > 0.05 {
					t.Errorf("%v: score %d = %v, descent is at %v, then %v", votes, i, s.Score[i], before, after)
				}
			}
		}
	}
	if seen["runs away"] == 0 || seen["survives"] < 100 {
		t.Errorf("too few cases: %v", seen)
	}
	t.Logf("%v, largest difference %.1e", seen, worst)
}

// chains has two chains of three replies, which rise alike, and a vote between
// them whose push fades like 1/t².
func chains() []data.Pair {
	return []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(1, 2, 1), datatest.Vote(3, 4, 1), datatest.Vote(4, 5, 1), datatest.Vote(0, 5, 1)}
}

// TestALimitThatDependsOnTheWayThere compares against fine explicit steps.
func TestALimitThatDependsOnTheWayThere(t *testing.T) {
	for _, votes := range [][]data.Pair{
		chains(),
		{datatest.Vote(0, 1, 3), datatest.Vote(1, 2, 0.2), datatest.Vote(3, 4, 1), datatest.Vote(4, 5, 8), datatest.Vote(0, 5, 5)},
		{datatest.Vote(0, 1, 1), datatest.Vote(1, 2, 1), datatest.Vote(3, 4, 1), datatest.Vote(4, 5, 1), datatest.Vote(0, 5, 1), datatest.Vote(3, 2, 4)},
	} {
		s := coretest.FitScores(6, votes, 0)
		var y []float64
		logClock(6, votes, 0.002, 60, 60, func(_ float64, at []float64) { y = append(y, at...) })
		if want, got := y[0]-y[3], s.Score[0]-s.Score[3]; math.Abs(got-want) > 1e-7 {
			t.Errorf("%v: score 0 − score 3 = %v, want %v", votes, got, want)
		}
	}
}

// TestLimitsThatDependOnTheWayThere compares random ones, where the difference
// between survivors comes to rest soon enough for explicit steps.
func TestLimitsThatDependOnTheWayThere(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	compared, worst := 0, 0.0
	for compared < 12 {
		k := 6 + rng.IntN(8)
		votes := bigOneSided(rng, k, 2+rng.IntN(k))
		s := coretest.FitScores(k, votes, 0)
		if len(s.Survivors) < 2 || s.Component[s.Survivors[0]] != s.Component[s.Survivors[1]] {
			continue
		}
		a, b := s.Survivors[0], s.Survivors[1]
		var early, late float64
		logClock(k, votes, 0.02, 300, 150, func(_ float64, y []float64) { early, late = late, y[a]-y[b] })
		if math.Abs(early-late) > 1e-9 {
			continue // fades like 1/log t: TestLimitsAgreeWithDescent is content with less
		}
		compared++
		worst = math.Max(worst, math.Abs(s.Score[a]-s.Score[b]-late))
	}
	if worst > 1e-7 {
		t.Errorf("the worst of %d differs by %g", compared, worst)
	}
}

// TestALimitThroughAContestedPair adds to the chains a contested pair at the
// top of one, whose inner motion is stiff. The oracle is plain gradient descent
// in t with Runge–Kutta steps, whose distance to the limit falls like
// (a + b log t)/t: three readings are extrapolated.
func TestALimitThroughAContestedPair(t *testing.T) {
	votes := append(chains(), datatest.Vote(6, 0, 2), datatest.Vote(0, 6, 1), datatest.Vote(7, 3, 1), datatest.Vote(3, 7, 1))
	s := coretest.FitScores(8, votes, 0)
	if s.Score[3] == never || s.Score[0] == never || s.Score[6]-s.Score[0] < math.Log(2)-1e-12 {
		t.Fatalf("scores %v", s.Score)
	}
	reading := make([]float64, 0, 3)
	plainDescent(8, votes, 0.25, []int{40_000, 80_000, 160_000}, func(y []float64) { reading = append(reading, y[0]-y[3]) })
	want := 4*reading[2] - 4*reading[1] + reading[0]
	if got := s.Score[0] - s.Score[3]; math.Abs(got-want) > 1e-6 {
		t.Errorf("score 0 − score 3 = %v, want %v (read %v)", got, want, reading)
	}
}

// plainDescent integrates dy/dt with classical Runge–Kutta steps.
func plainDescent(k int, votes []data.Pair, step float64, stops []int, at func(y []float64)) {
	rate := func(dy, y []float64) {
		clear(dy)
		for _, v := range votes {
			f := v.Count / (1 + math.Exp(y[v.Chosen]-y[v.Rejected]))
			dy[v.Chosen] += f
			dy[v.Rejected] -= f
		}
	}
	y, trial := make([]float64, k), make([]float64, k)
	var d [4][]float64
	for i := range d {
		d[i] = make([]float64, k)
	}
	for n, last := 1, stops[len(stops)-1]; n <= last; n++ {
		for i, share := range []float64{0, 0.5, 0.5, 1} {
			copy(trial, y)
			if i > 0 {
				for j := range trial {
					trial[j] += share * step * d[i-1][j]
				}
			}
			rate(d[i], trial)
		}
		for j := range y {
			y[j] += step / 6 * (d[0][j] + 2*d[1][j] + 2*d[2][j] + d[3][j])
		}
		if n == stops[0] {
			at(y)
			stops = stops[1:]
		}
	}
}

// TestStepsOfDescentApproachTheLimit runs the loss's own gradient steps, with
// cycles, from the reference: replies that run away fall behind, survivors'
// shares approach.
func TestStepsOfDescentApproachTheLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 40 {
		k := 3 + rng.IntN(3)
		votes := oneSidedVotes(rng, k)
		s := coretest.FitScores(k, votes, 0)
		var early, late []float64
		plainDescent(k, votes, 0.1, []int{10_000, 100_000}, func(y []float64) {
			early, late = late, append([]float64(nil), y...)
		})
		lead := s.Survivors[0]
		for i := range k {
			lost := (early[i] - early[lead]) - (late[i] - late[lead])
			if s.Score[i] == never && lost < 0.01 {
				t.Errorf("%v: reply %d runs away, but lost %v to %d", votes, i, lost, lead)
			}
			if s.Score[i] != never && s.Finite && s.Unique && math.Abs(late[i]-s.Score[i]) > 1e-9 {
				t.Errorf("%v: score %d = %v, descent arrives at %v", votes, i, s.Score[i], late[i])
			}
			if gap := s.Score[i] - s.Score[lead] - late[i] + late[lead]; s.Score[i] != never && math.Abs(gap) > 0.1+2*math.Abs(lost) {
				t.Errorf("%v: score %d = %v, descent is at %v (lost %v)", votes, i, s.Score[i], late[i]-late[lead], lost)
			}
		}
	}
}

// reaches fills the table of which node can be reached from which.
func reaches(n int, votes []data.Pair) [][]bool {
	r := make([][]bool, n)
	for i := range r {
		r[i] = make([]bool, n)
		r[i][i] = true
	}
	for _, v := range votes {
		r[v.Chosen][v.Rejected] = true
	}
	for m := range n {
		for i := range n {
			for j := range n {
				r[i][j] = r[i][j] || r[i][m] && r[m][j]
			}
		}
	}
	return r
}

func TestStrongSetsAndComponents(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 300 {
		n := 3 + rng.IntN(12)
		var votes, both []data.Pair
		for range rng.IntN(2 * n) {
			a := rng.IntN(n)
			b := (a + 1 + rng.IntN(n-1)) % n
			votes = append(votes, datatest.Vote(a, b, 1))
			both = append(both, datatest.Vote(a, b, 1), datatest.Vote(b, a, 1))
		}
		pairs := scores.Aggregate(n, votes, 0, new(scores.Pace))
		strong, components := scores.StrongSets(n, pairs, new(scores.Pace)), scores.Connect(n, pairs, new(scores.Pace))
		forth, linked := reaches(n, votes), reaches(n, both)
		for i := range n {
			for j := range n {
				if (strong.Of[i] == strong.Of[j]) != (forth[i][j] && forth[j][i]) {
					t.Fatalf("%v: %d and %d in strong sets %v", votes, i, j, strong.Of)
				}
				if (components.Of[i] == components.Of[j]) != linked[i][j] {
					t.Fatalf("%v: %d and %d in components %v", votes, i, j, components.Of)
				}
			}
		}
	}
}

// bigOneSided draws a sparse one-sided vote set on k replies with many sources.
func bigOneSided(rng *rand.Rand, k, arcs int) []data.Pair {
	var votes []data.Pair
	for len(votes) < arcs {
		if a, b := rng.IntN(k), rng.IntN(k); a < b {
			votes = append(votes, datatest.Vote(a, b, float64(1+rng.IntN(3))))
		}
	}
	return votes
}

func TestManyRepliesWithOneSidedVotes(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	for _, arcs := range []int{1000, 3000} {
		s := coretest.FitScores(2000, bigOneSided(rng, 2000, arcs), 0)
		if s.Finite || !s.Computed {
			t.Errorf("finite %v, computed %v", s.Finite, s.Computed)
		}
	}
}

// TestExtremeCountsAreComputed draws one-sided and contested pairs with counts
// from 1e-9 to 1e9.
func TestExtremeCountsAreComputed(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	for range 3000 {
		k := 3 + rng.IntN(8)
		var votes []data.Pair
		for _, v := range randomVotes(rng, k, 0.3+0.7*rng.Float64(), 9) {
			if rng.Float64() < 0.3 || v.Chosen < v.Rejected && rng.Float64() < 0.6 {
				votes = append(votes, v)
			}
		}
		s := coretest.FitScores(k, votes, 0)
		top := math.Inf(-1)
		for _, score := range s.Score {
			top = math.Max(top, score)
		}
		if !s.Computed || !s.Finite && top != 0 {
			t.Errorf("%v: computed %v, scores %v", votes, s.Computed, s.Score)
		}
		if s.Finite && imbalance(s.Score, votes, 0) > 1e-12 {
			t.Errorf("%v: the forces do not balance at %v", votes, s.Score)
		}
	}
}

// TestTheLimitMayBeLeftOpen: two long chains whose split depends on the way
// there are too many replies to follow.
func TestTheLimitMayBeLeftOpen(t *testing.T) {
	const half = 70
	votes := []data.Pair{datatest.Vote(0, 2*half-1, 1)}
	for i := range half - 1 {
		votes = append(votes, datatest.Vote(i, i+1, 1), datatest.Vote(half+i, half+i+1, 1))
	}
	s := coretest.FitScores(2*half, votes, 0)
	if s.Computed || s.Finite {
		t.Errorf("computed %v, finite %v", s.Computed, s.Finite)
	}
	if want := []int{0, half}; !slices.Equal(s.Survivors, want) {
		t.Errorf("survivors %v, want %v", s.Survivors, want)
	}
	for _, k := range s.Survivors {
		if !math.IsNaN(s.Score[k]) {
			t.Errorf("score %d = %v, want NaN", k, s.Score[k])
		}
	}
}

var benchVotes = map[string]func() (int, []data.Pair){
	"K=2":    func() (int, []data.Pair) { return 2, []data.Pair{datatest.Vote(0, 1, 3), datatest.Vote(1, 0, 1)} },
	"K=6":    func() (int, []data.Pair) { return 6, randomVotes(rand.New(rand.NewPCG(1, 2)), 6, 1, 0.5) },
	"K=100":  func() (int, []data.Pair) { return 100, randomVotes(rand.New(rand.NewPCG(1, 2)), 100, 1, 0.5) },
	"K=5000": func() (int, []data.Pair) { return 5000, manyVotes(5000, 200_000) },
	"chains": func() (int, []data.Pair) { return 6, chains() },
	"drift": func() (int, []data.Pair) {
		return 4, []data.Pair{datatest.Vote(0, 1, 1), datatest.Vote(0, 3, 1), datatest.Vote(2, 3, 1)}
	},
	"K=2000,onesided": func() (int, []data.Pair) {
		return 2000, bigOneSided(rand.New(rand.NewPCG(1, 2)), 2000, 6000)
	},
}

// manyVotes draws single votes by Bradley–Terry on k replies.
func manyVotes(k, n int) []data.Pair {
	rng := rand.New(rand.NewPCG(1, 2))
	reward := make([]float64, k)
	for i := range reward {
		reward[i] = rng.NormFloat64()
	}
	votes := make([]data.Pair, n)
	for i := range votes {
		a := rng.IntN(k)
		b := (a + 1 + rng.IntN(k-1)) % k
		if rng.Float64() > 1/(1+math.Exp(reward[b]-reward[a])) {
			a, b = b, a
		}
		votes[i] = datatest.Vote(a, b, 1)
	}
	return votes
}

func BenchmarkFit(b *testing.B) {
	for _, name := range []string{"K=2", "K=6", "drift", "chains", "K=100", "K=5000", "K=2000,onesided"} {
		k, votes := benchVotes[name]()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			f := new(scores.Fit)
			for b.Loop() {
				f.Reset(k, votes, 0)
				for !f.Work(math.MaxInt) {
				}
			}
		})
	}
}

// BenchmarkSlice reports the longest single call of Work.
func BenchmarkSlice(b *testing.B) {
	for _, name := range []string{"K=100", "K=5000", "K=2000,onesided"} {
		k, votes := benchVotes[name]()
		b.Run(name, func(b *testing.B) {
			longest := 0.0
			for b.Loop() {
				f := scores.NewFit(k, votes, 0)
				longest = math.Max(longest, longestSlice(f))
			}
			b.ReportMetric(longest, "ms-longest")
		})
	}
}

func longestSlice(f *scores.Fit) float64 {
	longest := 0.0
	for done := false; !done; {
		start := time.Now()
		done = f.Work(scores.WorkBudget)
		longest = math.Max(longest, float64(time.Since(start).Microseconds())/1000)
	}
	return longest
}
