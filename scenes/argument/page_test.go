package argument

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/scenes/scenetest"
	"dpoplayground/scenes/words"
)

func opened(t testing.TB) (*core.Lab, words.Words, map[string]string) {
	t.Helper()
	w := scenetest.PageWords(t)
	l, err := Open(w)
	if err != nil {
		t.Fatal(err)
	}
	return l, w, Page(l, w)
}

// Before the first step the policy is the reference, so that every log-ratio is 0 and
// the loss is log 2. The reference is that of the example, in hundredths.
func TestOpeningShowsStepZero(t *testing.T) {
	l, _, page := opened(t)
	if l.Run.StepCount() != 0 || l.WorkingOut() || !l.HasOptimum() {
		t.Fatalf("the page opens at step %d, its optimum found: %v", l.Run.StepCount(), l.HasOptimum())
	}
	for id, want := range map[string]string{
		"kl-now": "0.000", "kl-optimum": strconv.FormatFloat(l.Optimum.KL, 'f', 3, 64), "prompt": l.Problem.Prompts[0].Text,
		"push-formula": `<mn class="strong">` + strconv.FormatFloat(math.Ln2, 'f', 3, 64) + "</mn>",
		"push-note":    strconv.FormatFloat(math.Ln2, 'f', 3, 64),
	} {
		if !strings.Contains(page[id], want) {
			t.Errorf("%s is %q, without %q", id, page[id], want)
		}
	}
	for _, s := range Sheets {
		for _, percent := range []int{17, 20, 16, 22, 15, 10} {
			if text := ">" + strconv.Itoa(percent) + "%</"; !strings.Contains(page["opening-"+s.ID], text) {
				t.Errorf("%s has no bar of %q", s.ID, text)
			}
		}
	}
}

// Every two replies are a pair, listed with how often people chose so; the counts are
// all votes there are. No markup is a style's, which the page's policy would refuse.
func TestOpeningListsAllPairs(t *testing.T) {
	l, _, page := opened(t)
	const replies = 6
	if got := strings.Count(page["pairs"], "<button"); got != replies*(replies-1)/2 {
		t.Errorf("%d pairs are listed", got)
	}
	if got := strings.Count(page["pairs"], `aria-pressed="true"`); got != 1 {
		t.Errorf("%d pairs are selected", got)
	}
	total := 0.0
	for i, t2 := range Pairs(l) {
		total += t2.ForA + t2.ForB
		if t2.ForA < t2.ForB || i > 0 && t2.ForA-t2.ForB > Pairs(l)[i-1].ForA-Pairs(l)[i-1].ForB {
			t.Errorf("pair %d, %v for and %v against, stands where it should not", i, t2.ForA, t2.ForB)
		}
	}
	if total != l.Experiment.Settings[core.Votes] {
		t.Errorf("the pairs have %v votes of %v", total, l.Experiment.Settings[core.Votes])
	}
	for id, markup := range page {
		if strings.Contains(markup, "style=") {
			t.Errorf("%s has a style", id)
		}
	}
}

// A pair that the user selects is found in either order, and its count is for that order.
func TestKeyIsOfTheSelectedOrder(t *testing.T) {
	l, w, _ := opened(t)
	pair := Pairs(l)[0]
	for _, order := range [][2]int{{pair.A, pair.B}, {pair.B, pair.A}} {
		e := l.Experiment
		e.View.Pair = order
		if c := l.Set(e); c != nil {
			t.Fatal(c)
		}
		votes := pair.ForA
		if order[0] != pair.A {
			votes = pair.ForB
		}
		if key := Key(l, w); !strings.Contains(key, words.Count(votes)+" of "+words.Count(pair.ForA+pair.ForB)) {
			t.Errorf("of %v it is said: %s", order, key)
		}
		if strings.Count(List(l, w), `aria-pressed="true"`) != 1 || !slices.ContainsFunc(Pairs(l), func(other data.Tally) bool { return Is(other, order) }) {
			t.Errorf("%v is not the selected pair", order)
		}
	}
}
