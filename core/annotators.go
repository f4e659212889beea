package core

import (
	"math"

	"dpoplayground/core/data"
	"dpoplayground/core/num"
	"dpoplayground/core/random"
)

// Prepare makes the problem that a data set and settings ask for: the chosen
// reference for every prompt, and preferences from the chosen source. Where
// true rewards are not given, only the data set's own pairs can be a source;
// asking for others is a complaint. A problem of before, or nil, is used again
// as far as it goes.
func Prepare(set *data.Dataset, s *Settings, before *data.Problem) (*data.Problem, *data.Complaint) {
	if c := s.checkSource(set); c != nil {
		return nil, c
	}
	made := &data.Dataset{Prompts: references(set.Prompts, s), Rewarded: set.Rewarded}
	switch s[Source] {
	case FromVotes:
		made.Pairs = drawVotes(set.Prompts, s)
	case FromPopulation:
		made.Pairs = population(set.Prompts, s)
	default:
		made.Pairs, made.Thumbs = set.Pairs, set.Thumbs
		if before != nil && before.Counts(set) {
			if samePrompts(before.AllPrompts, made.Prompts) {
				return before, nil
			}
			return before.WithReference(made.Prompts), nil
		}
	}
	return data.NewProblem(made), nil
}

// checkSource says why preferences cannot come from where the settings say, or
// returns nil.
func (s *Settings) checkSource(set *data.Dataset) *data.Complaint {
	if s[Source] != FromGiven && !set.Rewarded {
		return &data.Complaint{Code: "unrewarded", Field: params[Source].Key,
			Value: params[Source].Choices[int(s[Source])], Allowed: params[Source].Choices[FromGiven]}
	}
	if n := s[Votes] * float64(len(set.Prompts)); s[Source] == FromVotes && n > mostDrawn {
		return &data.Complaint{Code: "range", Field: params[Votes].Key, Value: data.FormatNumber(s[Votes]),
			Min: data.FormatNumber(params[Votes].Min), Max: data.FormatNumber(math.Floor(mostDrawn / float64(len(set.Prompts))))}
	}
	return nil
}

// mostDrawn is how many votes are simulated at most, on all prompts together,
// so that drawing them takes no longer than an instant.
const mostDrawn = 500_000

// references returns the prompts with the reference that the settings choose:
// the data set's own, uniform, or drawn: logits from a standard normal,
// divided by the temperature.
func references(prompts []data.Prompt, s *Settings) []data.Prompt {
	if s[Reference] == ReferencePreset {
		return prompts
	}
	out := make([]data.Prompt, len(prompts))
	for i, p := range prompts {
		p.Reference = nil
		if s[Reference] == ReferenceDrawn {
			p.Reference = drawReference(len(p.Replies), uint64(s[Seed]), uint64(i), s[Temperature])
		}
		out[i] = p
	}
	return out
}

func drawReference(k int, seed, prompt uint64, temperature float64) []float64 {
	ref := make([]float64, k)
	stream := random.NewStream(seed, random.PurposeReference, prompt)
	for i := range ref {
		ref[i] = stream.Normal() / temperature
	}
	num.Softmax(ref, ref)
	return ref
}

// Annotators returns those that the settings describe.
func (s *Settings) Annotators() data.Annotators { return data.Annotators{s[Sharpness], s[Flip]} }

// compared lists the pairs (i, j), i < j, of k replies that annotators are
// shown, as the coverage setting says:
//
//	all    every pair
//	chain  neighbours in the list only
//	first  everything against the first reply
//	half   a drawn half of all pairs (at least one)
//	seen   every pair among all but the last reply, which nobody ever sees
func compared(k int, prompt uint64, s *Settings) [][2]int {
	var out [][2]int
	for i := 0; i < k; i++ {
		for j := i + 1; j < k; j++ {
			if covers(int(s[Coverage]), i, j, k) {
				out = append(out, [2]int{i, j})
			}
		}
	}
	if s[Coverage] == CoverHalf && len(out) > 1 {
		return drawHalf(out, uint64(s[Seed]), prompt)
	}
	return out
}

func covers(coverage, i, j, k int) bool {
	switch coverage {
	case CoverChain:
		return j == i+1
	case CoverFirst:
		return i == 0
	case CoverSeen:
		return j != k-1 || k == 2
	}
	return true
}

func drawHalf(pairs [][2]int, seed, prompt uint64) [][2]int {
	half := make([][2]int, 0, len(pairs)/2)
	order := random.NewPermutation(seed, random.PurposeCoverage, prompt, uint64(len(pairs)))
	for i := 0; i < len(pairs)/2; i++ {
		half = append(half, pairs[order.At(uint64(i))])
	}
	return half
}

// drawVotes asks simulated annotators. A prompt's votes go round its compared
// pairs in turn, so that every pair is asked equally often up to one; each
// answer is drawn by Agreement.
func drawVotes(prompts []data.Prompt, s *Settings) []data.Pair {
	var pairs []data.Pair
	for i := range prompts {
		r := prompts[i].Replies
		shown := compared(len(r), uint64(i), s)
		tallies := make([]data.Pair, 2*len(shown))
		for j, c := range shown {
			tallies[2*j] = data.Pair{Prompt: i, Chosen: c[0], Rejected: c[1]}
			tallies[2*j+1] = data.Pair{Prompt: i, Chosen: c[1], Rejected: c[0]}
		}
		ask(tallies, chances(r, shown, s), s, uint64(i))
		pairs = appendCounted(pairs, tallies)
	}
	return pairs
}

// chances returns the probability of each compared pair's first order.
func chances(r []data.Reply, shown [][2]int, s *Settings) []float64 {
	p := make([]float64, len(shown))
	for j, c := range shown {
		p[j] = s.Annotators().Agreement(r[c[0]].Reward, r[c[1]].Reward)
	}
	return p
}

// ask draws one prompt's votes into its tallies, two for each compared pair.
func ask(tallies []data.Pair, chance []float64, s *Settings, prompt uint64) {
	stream := random.NewStream(uint64(s[Seed]), random.PurposeVotes, prompt)
	for v := 0; v < int(s[Votes]) && len(chance) > 0; v++ {
		j := v % len(chance)
		if stream.Float64() < chance[j] {
			tallies[2*j].Count++
		} else {
			tallies[2*j+1].Count++
		}
	}
}

// population returns the preferences of infinitely many annotators, without
// sampling noise: for every compared pair both orders, each with its probability.
func population(prompts []data.Prompt, s *Settings) []data.Pair {
	var pairs []data.Pair
	for i := range prompts {
		r := prompts[i].Replies
		for _, c := range compared(len(r), uint64(i), s) {
			p := s.Annotators().Agreement(r[c[0]].Reward, r[c[1]].Reward)
			q := s.Annotators().Agreement(r[c[1]].Reward, r[c[0]].Reward)
			pairs = append(pairs, data.Pair{Prompt: i, Chosen: c[0], Rejected: c[1], Count: p},
				data.Pair{Prompt: i, Chosen: c[1], Rejected: c[0], Count: q})
		}
	}
	return pairs
}

func appendCounted(pairs, more []data.Pair) []data.Pair {
	for _, p := range more {
		if p.Count > 0 {
			pairs = append(pairs, p)
		}
	}
	return pairs
}
