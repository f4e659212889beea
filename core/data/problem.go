package data

import (
	"slices"
	"sort"

	"dpoplayground/core/num"
)

// A Problem is a data set made ready for training: every prompt's replies in
// one row of arms, the frozen reference, and the votes, counted once for each
// pair of replies that was compared.
type Problem struct {
	// Prompts are the data set's, with what is shown of their texts: what is drawn
	// and spoken costs what is seen of it. See Whole.
	Prompts []Prompt
	// Offset[p] is the first arm of prompt p; Offset[len(Prompts)] is the number of arms.
	Offset []int
	// LogRef holds log π_ref for every arm.
	LogRef []float64
	// Tokens holds every arm's length; nil where each is 1.
	Tokens []float64
	// Features holds Dim numbers for every arm; nil where there are none.
	Features []float64
	Dim      int
	// Tallies are sorted by A, then B.
	Tallies []Tally
	// Total is N, the sum of all counts.
	Total float64
	// Thumbs are sorted by Arm. Ups and Downs are their sums.
	Thumbs     []ThumbTally
	Ups, Downs float64
	// Fractional tells that the counts are expectations and not votes.
	Fractional bool

	AllPrompts []Prompt    // the prompts with all their texts
	given      []Pair      // the pairs that were counted
	Thumbed    []Thumb     // the thumbs that were counted
	Touched    []int       // arms that stand in some tally, ascending
	Ends       [][2]uint32 // for each tally, where A and B stand among the touched
}

// A Tally counts what was said about one pair of arms, A < B.
type Tally struct {
	A, B       int
	ForA, ForB float64 // how often A was preferred to B, and B to A
}

// A ThumbTally counts the thumbs of one arm, those of its pairs left out.
type ThumbTally struct {
	Arm      int
	Up, Down float64
}

// NewProblem compiles a data set. Pairs of the same two replies are added up;
// prompts' references are made uniform where they are nil.
func NewProblem(data *Dataset) *Problem { return NewProblemPausing(data, func() {}) }

// pauseEvery is how many replies or pairs are compiled between two pauses.
const pauseEvery = 4096

// NewProblemPausing is NewProblem for large data sets: it calls pause again and
// again, a fraction of a millisecond apart, which may let others run.
func NewProblemPausing(data *Dataset, pause func()) *Problem {
	p := &Problem{Prompts: shownPrompts(data.Prompts, pause), AllPrompts: data.Prompts, Offset: make([]int, 1, len(data.Prompts)+1), given: data.Pairs, Thumbed: data.Thumbs}
	for i := range data.Prompts {
		p.Offset = append(p.Offset, p.Offset[i]+len(data.Prompts[i].Replies))
	}
	p.setReference(pause)
	p.describe(pause)
	p.tally(data.Pairs, pause)
	p.countThumbs(data.Thumbs, pause)
	p.numberArms(pause)
	return p
}

// WithReference returns the problem with other references, lengths and
// features; the votes are shared.
func (p *Problem) WithReference(prompts []Prompt) *Problem {
	q := *p
	q.Prompts, q.AllPrompts = shownPrompts(prompts, func() {}), prompts
	q.setReference(func() {})
	q.describe(func() {})
	return &q
}

// setReference sets LogRef.
func (p *Problem) setReference(pause func()) {
	p.LogRef = make([]float64, p.Arms())
	for i := range p.Prompts {
		logReference(p.LogRef[p.Offset[i]:p.Offset[i+1]], p.Prompts[i].Reference)
		if i%pauseEvery == 0 {
			pause()
		}
	}
}

// describe sets Tokens and Features.
func (p *Problem) describe(pause func()) {
	p.Tokens, p.Features, p.Dim = nil, nil, 0
	long := false
	for i := range p.Prompts {
		for k := range p.Prompts[i].Replies {
			r := &p.Prompts[i].Replies[k]
			long = long || r.tokens() != 1
			p.Dim = max(p.Dim, len(r.Features))
		}
		if i%pauseEvery == 0 {
			pause()
		}
	}
	if long {
		p.Tokens = make([]float64, p.Arms())
	}
	if p.Dim > 0 {
		p.Features = make([]float64, p.Arms()*p.Dim)
	}
	for i := 0; i < len(p.Prompts) && (long || p.Dim > 0); i++ {
		for k := range p.Prompts[i].Replies {
			arm, r := p.Offset[i]+k, &p.Prompts[i].Replies[k]
			copy(p.Features[arm*p.Dim:], r.Features)
			if long {
				p.Tokens[arm] = r.tokens()
			}
		}
	}
}

// tokens returns the reply's length, or 1 where it is not known.
func (r *Reply) tokens() float64 {
	if r.Tokens == 0 {
		return 1
	}
	return r.Tokens
}

// Arms returns the number of replies of all prompts together.
func (p *Problem) Arms() int { return p.Offset[len(p.Offset)-1] }

// Range returns the first arm of a prompt and the one after its last.
func (p *Problem) Range(prompt int) (from, to int) { return p.Offset[prompt], p.Offset[prompt+1] }

// TokensOf returns the lengths of the replies to a prompt; nil where all are 1.
func (p *Problem) TokensOf(prompt int) []float64 {
	if p.Tokens == nil {
		return nil
	}
	return p.Tokens[p.Offset[prompt]:p.Offset[prompt+1]]
}

// OneLength tells whether replies of the given lengths, where nil stands for 1
// each, have one length, and which.
func OneLength(tokens []float64) (length float64, one bool) {
	for _, n := range tokens {
		if n != tokens[0] {
			return 1, false
		}
	}
	return num.At(tokens, 0, 1), true
}

// ThumbsOf returns the thumbs of one prompt's arms.
func (p *Problem) ThumbsOf(prompt int) []ThumbTally {
	from, to := p.Range(prompt)
	i := sort.Search(len(p.Thumbs), func(i int) bool { return p.Thumbs[i].Arm >= from })
	j := sort.Search(len(p.Thumbs), func(i int) bool { return p.Thumbs[i].Arm >= to })
	return p.Thumbs[i:j]
}

// TalliesOf returns the tallies of one prompt.
func (p *Problem) TalliesOf(prompt int) []Tally {
	from, to := p.Range(prompt)
	i := sort.Search(len(p.Tallies), func(i int) bool { return p.Tallies[i].A >= from })
	j := sort.Search(len(p.Tallies), func(i int) bool { return p.Tallies[i].A >= to })
	return p.Tallies[i:j]
}

// VotesOf returns the pairs of one prompt that were preferred at least once,
// with their counts; indices are into the prompt's replies.
func (p *Problem) VotesOf(prompt int) []Pair {
	from, _ := p.Range(prompt)
	tallies := p.TalliesOf(prompt)
	votes := make([]Pair, 0, 2*len(tallies))
	for _, t := range tallies {
		if t.ForA > 0 {
			votes = append(votes, Pair{prompt, t.A - from, t.B - from, t.ForA})
		}
		if t.ForB > 0 {
			votes = append(votes, Pair{prompt, t.B - from, t.A - from, t.ForB})
		}
	}
	return votes
}

func logReference(dst, reference []float64) {
	if reference == nil {
		for k := range dst {
			dst[k] = 0
		}
	} else {
		for k, q := range reference {
			dst[k] = num.Log(q)
		}
	}
	num.LogSoftmax(dst, dst)
}

// tally counts the pairs by arms. They are put in order by A in one pass over
// the pairs, and by B within the few that share an A; equal ones stay in the
// order given, so that sums of fractions are always the same.
func (p *Problem) tally(pairs []Pair, pause func()) {
	from := make([]int, p.Arms()+1) // where the tallies of each A begin
	for i := range pairs {
		from[p.tallyOf(&pairs[i]).A+1]++
		if i%pauseEvery == 0 {
			pause()
		}
	}
	for k := 1; k < len(from); k++ {
		from[k] += from[k-1]
	}
	all, next := make([]Tally, len(pairs)), append([]int(nil), from...)
	for i := range pairs {
		t := p.tallyOf(&pairs[i])
		all[next[t.A]] = t
		next[t.A]++
		p.Total += pairs[i].Count
		p.Fractional = p.Fractional || pairs[i].Count != float64(int64(pairs[i].Count))
		if i%pauseEvery == 0 {
			pause()
		}
	}
	for k := 0; k+1 < len(from); k++ {
		if group := all[from[k]:from[k+1]]; len(group) > 1 {
			slices.SortStableFunc(group, func(s, t Tally) int { return s.B - t.B })
		}
		if k%pauseEvery == 0 {
			pause()
		}
	}
	p.Tallies = Merge(all)
}

func (p *Problem) tallyOf(pair *Pair) Tally {
	o := p.Offset[pair.Prompt]
	w, l := o+pair.Chosen, o+pair.Rejected
	if w < l {
		return Tally{A: w, B: l, ForA: pair.Count}
	}
	return Tally{A: l, B: w, ForB: pair.Count}
}

// Merge adds up neighbours of the same two arms, in place.
func Merge(sorted []Tally) []Tally {
	out := sorted[:0]
	for _, t := range sorted {
		if n := len(out); n > 0 && out[n-1].A == t.A && out[n-1].B == t.B {
			out[n-1].ForA += t.ForA
			out[n-1].ForB += t.ForB
			continue
		}
		out = append(out, t)
	}
	return out
}

// countThumbs adds up the thumbs by arms.
func (p *Problem) countThumbs(thumbs []Thumb, pause func()) {
	if len(thumbs) == 0 {
		return
	}
	counts := make([]ThumbTally, p.Arms())
	for i, t := range thumbs {
		c := &counts[p.Offset[t.Prompt]+t.Reply]
		c.Up += t.Up
		c.Down += t.Down
		p.Ups += t.Up
		p.Downs += t.Down
		if i%pauseEvery == 0 {
			pause()
		}
	}
	for k, c := range counts {
		if c.Up > 0 || c.Down > 0 {
			c.Arm = k
			p.Thumbs = append(p.Thumbs, c)
		}
		if k%pauseEvery == 0 {
			pause()
		}
	}
}

// numberArms numbers the arms that stand in some tally, so that training can keep
// to them.
func (p *Problem) numberArms(pause func()) {
	place := make([]uint32, p.Arms())
	for _, t := range p.Tallies {
		place[t.A], place[t.B] = 1, 1
	}
	for k, stands := range place {
		if stands == 1 {
			place[k] = uint32(len(p.Touched))
			p.Touched = append(p.Touched, k)
		}
	}
	p.Ends = make([][2]uint32, len(p.Tallies))
	for i, t := range p.Tallies {
		p.Ends[i] = [2]uint32{place[t.A], place[t.B]}
		if i%pauseEvery == 0 {
			pause()
		}
	}
}

// Counts tells whether the problem's tallies are those of a data set's own
// pairs and thumbs.
func (p *Problem) Counts(data *Dataset) bool {
	if len(data.Pairs)+len(data.Thumbs) == 0 || !SameList(p.given, data.Pairs) || !SameList(p.Thumbed, data.Thumbs) || len(p.Prompts) != len(data.Prompts) {
		return false
	}
	for i := range data.Prompts {
		if len(data.Prompts[i].Replies) != p.Offset[i+1]-p.Offset[i] {
			return false
		}
	}
	return true
}

// UniformAt tells whether the reference is uniform over the replies to a prompt.
func (p *Problem) UniformAt(prompt int) bool {
	from, to := p.Range(prompt)
	for _, logRef := range p.LogRef[from:to] {
		if logRef != p.LogRef[from] {
			return false
		}
	}
	return true
}

// TallyOn returns the tally of two arms and its index, or -1 if nobody was asked.
func (p *Problem) TallyOn(a, b int) (int, Tally) {
	a, b = min(a, b), max(a, b)
	i := sort.Search(len(p.Tallies), func(i int) bool {
		t := &p.Tallies[i]
		return t.A > a || t.A == a && t.B >= b
	})
	if i < len(p.Tallies) && p.Tallies[i].A == a && p.Tallies[i].B == b {
		return i, p.Tallies[i]
	}
	return -1, Tally{}
}
