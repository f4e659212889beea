package argument

import (
	"slices"

	"dpoplayground/core"
	"dpoplayground/core/data"
	"dpoplayground/scenes/read"
	"dpoplayground/scenes/words"
)

// The annotator is a panel of the page: it is open where a link says so.
const Annotator = "annotate"

// EnoughVotes is how many choices the annotator asks for, and StepsPerVote how many
// steps each adds to the run, which begins anew at the reference.
const (
	EnoughVotes  = 6
	StepsPerVote = 10
)

// Votes are an annotator's choices between the replies to a prompt.
type Votes struct {
	Replies int
	Pairs   []data.Pair // of this prompt, each order once, in the order of the first choices
}

// VotesOf returns the choices of a lab's shown prompt.
func VotesOf(l *core.Lab) Votes {
	v := Votes{Replies: l.Arms()}
	if l.Experiment.Settings[core.Source] == core.FromGiven {
		for _, p := range l.Experiment.Given {
			if p.Prompt == l.Prompt() {
				v.Pairs = append(v.Pairs, p)
			}
		}
	}
	return v
}

// Count is how many choices there are.
func (v Votes) Count() int {
	n := 0.0
	for _, p := range v.Pairs {
		n += p.Count
	}
	return int(min(n, 1e9))
}

// Next returns the two replies to compare next, the first on the left: of those that
// were compared least, two that were seen least. Every sixth time it is a pair from
// before, so that an annotator can disagree with himself. Sides change, so that
// nothing is chosen for its side.
func (v Votes) Next() (left, right int) {
	n := v.Count()
	if n%EnoughVotes == EnoughVotes-1 {
		old := v.Pairs[n/EnoughVotes%len(v.Pairs)]
		return old.Rejected, old.Chosen
	}
	left, right = v.least()
	if n%2 == 1 {
		left, right = right, left
	}
	return left, right
}

// least returns the two replies that were compared least often, and of several such
// pairs the one whose replies were seen least.
func (v Votes) least() (a, b int) {
	seen := make([]float64, v.Replies)
	for _, p := range v.Pairs {
		seen[p.Chosen] += p.Count
		seen[p.Rejected] += p.Count
	}
	best, b := []float64(nil), 1
	for i := range v.Replies {
		for j := i + 1; j < v.Replies; j++ {
			if rank := []float64{v.Times(i, j) + v.Times(j, i), seen[i] + seen[j]}; best == nil || slices.Compare(rank, best) < 0 {
				best, a, b = rank, i, j
			}
		}
	}
	return a, b
}

// Times is how often one reply was chosen over another.
func (v Votes) Times(chosen, rejected int) (n float64) {
	for _, p := range v.Pairs {
		if p.Chosen == chosen && p.Rejected == rejected {
			n += p.Count
		}
	}
	return n
}

// Contradiction returns the first two replies each of which was chosen over the other.
func (v Votes) Contradiction() (a, b int, found bool) {
	for _, p := range v.Pairs {
		if v.Times(p.Rejected, p.Chosen) > 0 {
			return p.Chosen, p.Rejected, true
		}
	}
	return 0, 0, false
}

// Annotated returns an experiment with one more choice, and the run as long as the
// choices have it. The choice is the selected pair.
func Annotated(l *core.Lab, chosen, rejected int) core.Experiment {
	e, votes := l.Experiment, VotesOf(l)
	given := slices.Clone(votes.Pairs)
	for _, p := range e.Given {
		if p.Prompt != l.Prompt() {
			given = append(given, p)
		}
	}
	vote := data.Pair{Prompt: l.Prompt(), Chosen: chosen, Rejected: rejected, Count: 1}
	if at := slices.IndexFunc(votes.Pairs, func(p data.Pair) bool { return p.Chosen == chosen && p.Rejected == rejected }); at >= 0 {
		given[at].Count++
	} else {
		given = slices.Insert(given, len(votes.Pairs), vote)
	}
	e.Given, e.Settings[core.Source] = given, core.FromGiven
	e.Settings[core.Step] = min(e.Settings[core.Steps], float64(StepsPerVote*(votes.Count()+1)))
	e.View.Pair = [2]int{chosen, rejected}
	return e
}

// Choice writes a reply as the annotator's button shows it.
func Choice(l *core.Lab, k int) string {
	return words.Escaped(words.Brief(read.Told(l.Problem.Prompts[l.Prompt()].Replies, k)))
}

// LastChoice writes the choice that was made last as the preference pair that it is.
func LastChoice(l *core.Lab, w words.Words) string {
	replies := l.Problem.Prompts[l.Prompt()].Replies
	if VotesOf(l).Count() == 0 {
		return ""
	}
	return order(w, "annotate.pair", replies, read.WorkedPair(l), "n", words.Count(float64(VotesOf(l).Count())),
		"w", "<var>y<sub>w</sub></var>", "l", "<var>y<sub>l</sub></var>")
}

// Consistency says that one choice contradicts another or, of enough choices, that
// none does and what that means for the run.
func Consistency(l *core.Lab, w words.Words) string {
	votes, replies := VotesOf(l), l.Problem.Prompts[l.Prompt()].Replies
	if a, b, found := votes.Contradiction(); found {
		return order(w, "annotate.contradicts", replies, [2]int{a, b}, "for", words.Count(votes.Times(a, b)), "against", words.Count(votes.Times(b, a)))
	}
	if votes.Count() >= EnoughVotes && read.NeverArrives(l) {
		return w.Say("annotate.unanimous")
	}
	return ""
}
