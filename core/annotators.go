package core

import "math"

// Prepare makes the problem that a data set and settings ask for: the chosen
// reference for every prompt, and preferences from the chosen source. Where
// true rewards are not given, only the data set's own pairs can be a source;
// asking for others is a complaint. A problem of before, or nil, is used again
// as far as it goes.
func Prepare(data *Dataset, s *Settings, before *Problem) (*Problem, *Complaint) {
	if c := s.checkSource(data); c != nil {
		return nil, c
	}
	made := &Dataset{Prompts: references(data.Prompts, s), Rewarded: data.Rewarded}
	switch s[Source] {
	case FromVotes:
		made.Pairs = drawVotes(data.Prompts, s)
	case FromPopulation:
		made.Pairs = population(data.Prompts, s)
	default:
		made.Pairs, made.Thumbs = data.Pairs, data.Thumbs
		if before != nil && before.counts(data) {
			if samePrompts(before.whole, made.Prompts) {
				return before, nil
			}
			return before.withReference(made.Prompts), nil
		}
	}
	return NewProblem(made), nil
}

// checkSource says why preferences cannot come from where the settings say, or
// returns nil.
func (s *Settings) checkSource(data *Dataset) *Complaint {
	if s[Source] != FromGiven && !data.Rewarded {
		return &Complaint{Code: "unrewarded", Field: params[Source].Key,
			Value: params[Source].Choices[int(s[Source])], Allowed: params[Source].Choices[FromGiven]}
	}
	if n := s[Votes] * float64(len(data.Prompts)); s[Source] == FromVotes && n > mostDrawn {
		return &Complaint{Code: "range", Field: params[Votes].Key, Value: formatNumber(s[Votes]),
			Min: formatNumber(params[Votes].Min), Max: formatNumber(math.Floor(mostDrawn / float64(len(data.Prompts))))}
	}
	return nil
}

// counts tells whether the problem's tallies are those of a data set's own
// pairs and thumbs.
func (p *Problem) counts(data *Dataset) bool {
	if len(data.Pairs)+len(data.Thumbs) == 0 || !sameList(p.given, data.Pairs) || !sameList(p.thumbed, data.Thumbs) || len(p.Prompts) != len(data.Prompts) {
		return false
	}
	for i := range data.Prompts {
		if len(data.Prompts[i].Replies) != p.Offset[i+1]-p.Offset[i] {
			return false
		}
	}
	return true
}

// mostDrawn is how many votes are simulated at most, on all prompts together,
// so that drawing them takes no longer than an instant.
const mostDrawn = 500_000

// references returns the prompts with the reference that the settings choose:
// the data set's own, uniform, or drawn: logits from a standard normal,
// divided by the temperature.
func references(prompts []Prompt, s *Settings) []Prompt {
	if s[Reference] == ReferencePreset {
		return prompts
	}
	out := make([]Prompt, len(prompts))
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
	stream := NewStream(seed, purposeReference, prompt)
	for i := range ref {
		ref[i] = stream.Normal() / temperature
	}
	Softmax(ref, ref)
	return ref
}

// Annotators choose between two replies by their true rewards.
type Annotators struct {
	Sharpness float64 // κ, by which they feel a difference of rewards
	Flip      float64 // f, the share of answers that are turned round
}

// Agreement returns the probability that one vote sides with reply i against
// reply j, given their true rewards: Bradley–Terry on the difference times the
// sharpness, then flips.
//
//	P(i ≻ j) = (1−f)·σ(κ(r_i − r_j)) + f·σ(κ(r_j − r_i))
func (a Annotators) Agreement(ri, rj float64) float64 {
	u := a.Sharpness * (ri - rj)
	return float64((1-a.Flip)*Sigmoid(u)) + float64(a.Flip*Sigmoid(-u))
}

// annotators returns those that the settings describe.
func (s *Settings) annotators() Annotators { return Annotators{s[Sharpness], s[Flip]} }

// MeanAgreement returns the share of votes that side with the reply of the
// higher true reward, expected over all compared pairs. Replies of equal
// reward count as ½. It is NaN where nothing is compared.
func MeanAgreement(prompts []Prompt, s *Settings) float64 {
	sum, n := 0.0, 0
	for i := range prompts {
		r := prompts[i].Replies
		for _, c := range compared(len(r), uint64(i), s) {
			p := s.annotators().Agreement(r[c[0]].Reward, r[c[1]].Reward)
			if r[c[0]].Reward < r[c[1]].Reward {
				p = 1 - p
			}
			sum += p
			n++
		}
	}
	return sum / float64(n)
}

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
	order := NewPermutation(seed, purposeCoverage, prompt, uint64(len(pairs)))
	for i := 0; i < len(pairs)/2; i++ {
		half = append(half, pairs[order.At(uint64(i))])
	}
	return half
}

// drawVotes asks simulated annotators. A prompt's votes go round its compared
// pairs in turn, so that every pair is asked equally often up to one; each
// answer is drawn by Agreement.
func drawVotes(prompts []Prompt, s *Settings) []Pair {
	var pairs []Pair
	for i := range prompts {
		r := prompts[i].Replies
		shown := compared(len(r), uint64(i), s)
		tallies := make([]Pair, 2*len(shown))
		for j, c := range shown {
			tallies[2*j] = Pair{Prompt: i, Chosen: c[0], Rejected: c[1]}
			tallies[2*j+1] = Pair{Prompt: i, Chosen: c[1], Rejected: c[0]}
		}
		ask(tallies, chances(r, shown, s), s, uint64(i))
		pairs = appendCounted(pairs, tallies)
	}
	return pairs
}

// chances returns the probability of each compared pair's first order.
func chances(r []Reply, shown [][2]int, s *Settings) []float64 {
	p := make([]float64, len(shown))
	for j, c := range shown {
		p[j] = s.annotators().Agreement(r[c[0]].Reward, r[c[1]].Reward)
	}
	return p
}

// ask draws one prompt's votes into its tallies, two for each compared pair.
func ask(tallies []Pair, chance []float64, s *Settings, prompt uint64) {
	stream := NewStream(uint64(s[Seed]), purposeVotes, prompt)
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
func population(prompts []Prompt, s *Settings) []Pair {
	var pairs []Pair
	for i := range prompts {
		r := prompts[i].Replies
		for _, c := range compared(len(r), uint64(i), s) {
			p := s.annotators().Agreement(r[c[0]].Reward, r[c[1]].Reward)
			q := s.annotators().Agreement(r[c[1]].Reward, r[c[0]].Reward)
			pairs = append(pairs, Pair{Prompt: i, Chosen: c[0], Rejected: c[1], Count: p},
				Pair{Prompt: i, Chosen: c[1], Rejected: c[0], Count: q})
		}
	}
	return pairs
}

func appendCounted(pairs, more []Pair) []Pair {
	for _, p := range more {
		if p.Count > 0 {
			pairs = append(pairs, p)
		}
	}
	return pairs
}
