package argument

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/core/link"
	"dpoplayground/scenes/scenetest"
)

// asked returns the lab of an annotator who has made no choice.
func asked(t testing.TB) (*core.Lab, []core.Preset) {
	t.Helper()
	w := scenetest.PageWords(t)
	presets := core.Presets(func(key string) string { return w.Say(key) })
	l, err := settled(presets, OpenToAnnotate(presets))
	if err != nil {
		t.Fatal(err)
	}
	return l, presets
}

// choose makes a choice, and has the run trained on it.
func choose(t testing.TB, l *core.Lab, chosen, rejected int) {
	t.Helper()
	if c := l.Set(Annotated(l, chosen, rejected)); c != nil {
		t.Fatal(c)
	}
	for l.Work(1000) {
	}
}

// The same choices make the same policy whether they came one by one or by a link: a
// run is a function of its data and its step.
func TestChoicesAreAnOrdinaryExperiment(t *testing.T) {
	l, presets := asked(t)
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 14 {
		left, right := VotesOf(l).Next()
		if left == right || min(left, right) < 0 || max(left, right) >= l.Arms() {
			t.Fatalf("choice %d is between %d and %d", n, left, right)
		}
		if r.IntN(2) == 0 {
			left, right = right, left
		}
		choose(t, l, left, right)
		fragment, carried := link.Write(&l.Experiment, presets)
		e, complaints := link.Parse(fragment, presets)
		if !carried || len(complaints) > 0 {
			t.Fatalf("%s: %v", fragment, complaints)
		}
		other, err := settled(presets, e)
		if err != nil {
			t.Fatal(err)
		}
		if l.Run.StepCount() != StepsPerVote*(n+1) || other.Run.StepCount() != l.Run.StepCount() || VotesOf(other).Count() != n+1 {
			t.Errorf("after %d choices the run is at step %d, that of the link at %d", n+1, l.Run.StepCount(), other.Run.StepCount())
		}
		for k := range l.Arms() {
			if math.Float64bits(l.Policy()[k]) != math.Float64bits(other.Policy()[k]) {
				t.Errorf("after %d choices reply %d differs from the link's", n+1, k)
			}
		}
	}
}

// One choice: full-batch descent of −log σ(β·h) on two logits moves them by ±β·σ(−u)
// times the rate, and no other.
func TestOneChoiceIsDPOsGradient(t *testing.T) {
	l, _ := asked(t)
	choose(t, l, 4, 1)
	s := &l.Experiment.Settings
	beta, rate, gap := s[core.Beta], s[core.Rate], 0.0
	for range StepsPerVote {
		gap += 2 * rate * beta / (1 + math.Exp(beta*gap))
	}
	got := (l.Policy()[4] - l.Reference()[4]) - (l.Policy()[1] - l.Reference()[1])
	if math.Abs(got-gap) > 1e-9 {
		t.Errorf("the gap of log-ratios is %v, not %v", got, gap)
	}
}

// After three choices each of six replies was seen once; six in a row compare five
// different pairs, and one of them twice, with its sides exchanged.
func TestNextCoversTheReplies(t *testing.T) {
	for _, replies := range []int{2, 3, 4, 6, 9} {
		v := Votes{Replies: replies}
		met := map[int]bool{}
		var first [2]int
		for n := range 6 {
			left, right := v.Next()
			if n == 0 {
				first = [2]int{left, right}
			}
			if n == 5 && [2]int{right, left} != first {
				t.Errorf("of %d replies the sixth choice is %d or %d, the first was %v", replies, left, right, first)
			}
			met[left], met[right] = true, true
			if n+1 == (replies+1)/2 && len(met) < replies && replies%2 == 0 {
				t.Errorf("of %d replies %d choices show %d", replies, n+1, len(met))
			}
			v.Pairs = append(v.Pairs, data.Pair{Chosen: left, Rejected: right, Count: 1})
		}
	}
}

// Who takes a choice back is told so, with the counts; who never does is told that the
// run has no end, which the closed form of one pair shows: the loss falls for ever.
func TestContradictionsAndUnanimityAreSaid(t *testing.T) {
	w := scenetest.PageWords(t)
	l, _ := asked(t)
	for range EnoughVotes {
		left, right := VotesOf(l).Next()
		choose(t, l, min(left, right), max(left, right))
	}
	if said := Consistency(l, w); !strings.Contains(said, "never converges") {
		t.Errorf("of choices that agree it is said: %q", said)
	}
	pair := VotesOf(l).Pairs[0]
	choose(t, l, pair.Rejected, pair.Chosen)
	said := Consistency(l, w)
	if !strings.Contains(said, ">"+Choice(l, pair.Chosen)+"<") || !strings.Contains(said, "2×") || !strings.Contains(said, "1×") {
		t.Errorf("of %v, chosen twice and taken back once, it is said: %q", pair, said)
	}
}
